from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_apparatus.bib import TYPES, read_sources, safe_url
from mkdocs_apparatus.dates import OPEN, read_date, read_parts
from mkdocs_apparatus.entries import read_entries
from mkdocs_apparatus.file import File
from mkdocs_apparatus.latex import decode
from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Diagnostic, Name, Source
from mkdocs_apparatus.names import read_names


def read(*texts: str) -> tuple[list[Source], list[Diagnostic]]:
    problems: list[Diagnostic] = []
    files = [File(f"{name}.bib", text, problems) for name, text in zip("abc", texts, strict=False)]
    entries = [entry for file in files for entry in read_entries(file)]
    return list(read_sources(entries)), problems


def one(fields: str, kind: str = "misc") -> Source:
    """Return the source that an entry with these fields becomes, without a problem."""
    sources, problems = read(f"@{kind}{{k, {fields}}}")
    assert problems == []
    return sources[0]


@pytest.mark.parametrize(
    ("broken", "line", "words"),
    [
        ("@misc{bad, title = {x} year = 2020}", 2, "a comma between two fields"),
        ("@misc{bad,\n  title = {x},\n  year = 2020 url = {y}}", 4, "a comma between two fields"),
        ("@misc{bad, title = {never closed", 2, "a closing brace"),
        ("@misc{bad, title = {x}, year = soon}", 2, "'soon' is neither in braces"),
        ("@misc{, title = {x}}", 2, "it has no key"),
        ("@misc{title = {x}}", 2, "it has no key"),
        ("@misc{a key, title = {x}}", 2, "its key holds a brace or a space"),
        ("@misc{{bad}, title = {x}}", 2, "its key holds a brace or a space"),
        ("@misc{b\x00d, title = {x}}", 2, "cannot be seen"),
        ("@misc{bad, title = }", 2, "bad"),
        ("@статья{bad, title = {x}}", 2, "'статья' is no entry type"),
        ("@string{x}", 2, "@string 'x' cannot be read"),
    ],
)
def test_a_broken_entry_costs_itself_alone(broken: str, line: int, words: str) -> None:
    good = "@misc{one, title = {One}, year = 2001}\n%s\n@misc{two, title = {Two}}\n"
    sources, problems = read(good % broken)
    assert [source.key for source in sources] == ["one", "two"]
    assert [(problem.code, problem.span.line) for problem in problems] == [("S001", line)]
    assert words in problems[0].message


def test_of_a_doubled_field_the_first_counts() -> None:
    sources, problems = read("@misc{k,\n title = {One},\n Title = {Two}}")
    assert sources[0].title == "One"
    assert [(problem.code, problem.span.line) for problem in problems] == [("S012", 3)]


@pytest.mark.parametrize("kind", sorted(TYPES - {"xdata"}))
def test_every_known_type_becomes_a_source(kind: str) -> None:
    assert one("title = {T}", kind).type == kind
    assert one("title = {T}", kind.upper()).type == kind


def test_an_unknown_type_is_misc() -> None:
    sources, problems = read("@webpage{k, title = {T}}")
    assert (sources[0].type, problems[0].code) == ("misc", "S009")


def test_a_bomb_of_strings_is_refused() -> None:
    lines = ['@string{a0 = "aaaaaaaa"}']
    lines += [f"@string{{a{n} = a{n - 1} # a{n - 1}}}" for n in range(1, 30)]
    sources, problems = read("\n".join([*lines, "@misc{x, title = a29}", "@misc{y, title = {Y}}"]))
    assert [source.key for source in sources] == ["y"]
    assert all(problem.code == "S001" for problem in problems)
    assert len(problems) < 40


def test_strings_are_filled_in() -> None:
    sources, problems = read('@string{p = "A Paper"}\n@misc{x, title = P # " of " # may}')
    assert (sources[0].title, problems) == ("A Paper of May", [])


def test_comments_and_loose_text_are_passed_over() -> None:
    text = 'Words.\n@comment{x}\n@preamble{y}\n% @misc{no, title={No}}\n@misc(k, title="T (U)")\n'
    sources, problems = read(text)
    assert ([source.title for source in sources], problems) == (["T (U)"], [])


def test_entries_may_share_a_line() -> None:
    sources, _ = read("@misc{a, title = {A}} @misc{b, title = {B}}\n  @misc{c,\n title = {C}}")
    assert [source.key for source in sources] == ["a", "b", "c"]
    assert [(source.span.line, source.span.column) for source in sources] == [
        (1, 7),
        (1, 29),
        (2, 9),
    ]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1&z=%20#f", True),
        ("https://a.example/O'Neil", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("https://", False),
        ("https://:80/", False),
        ('https://a.example/"onclick=', False),
        ("https://a.example/<b>", False),
        ("https://a.example/a b", False),
        ("https://[x", False),
        ("", False),
    ],
)
def test_safe_url(url: str, safe: bool) -> None:
    assert safe_url(url) == (url if safe else "")


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ("title = {T}, subtitle = {S}, titleaddon = {A}", "title", "T: S. A"),
        ("title = {T?}, subtitle = {S}", "title", "T? S"),
        ("titletranslation = {[T]}", "translation", "[T]"),
        ("shorttitle = {S}", "short_title", "S"),
        ("journal = {J}", "container", "J"),
        ("journaltitle = {J}, journalsubtitle = {S}", "container", "J: S"),
        ("booktitle = {B}, booksubtitle = {S}, maintitle = {M}", "container", "M: B: S"),
        ("publisher = {One and Two}", "publisher", "One / Two"),
        ("publisher = {{One and Two}}", "publisher", "One and Two"),
        ("organization = {O}, publisher = {P}, institution = {O}", "publisher", "O / P"),
        ("howpublished = {Blog, \\url{https://b.example/}}", "publisher", "Blog"),
        ("howpublished = {Blog, \\url{https://b.example/}}", "url", "https://b.example/"),
        ("note = {See https://b.example/x.}", "url", "https://b.example/x"),
        ("url = {https://b.example/\\~{}x\\_y\\%20\\&\\#a}", "url", "https://b.example/~x_y%20&#a"),
        ("url = {\\url{https://b.example/a--b~c}}", "url", "https://b.example/a--b~c"),
        ("address = {A and B}", "place", "A / B"),
        ("location = {countryde and countryfr}", "place", "DE / FR"),
        ("volume = 3, part = 2", "volume", "3.2"),
        ("number = 4, issue = {Spring}", "number", "4, Spring"),
        ("pages = {33--35, 40 - 41}", "pages", "33–35, 40–41"),
        ("pages = {ix-xv}", "pages", "ix–xv"),
        ("pages = {S-12}", "pages", "S-12"),
        ("eid = {e12}", "pages", "e12"),
        ("issn = {1234-5678}", "isbn", "1234-5678"),
        ("doi = {https://doi.org/10.1000/a\\_b}", "doi", "10.1000/a_b"),
        ("eprint = {arXiv:2501.01234}", "eprint", "2501.01234"),
        ("eprint = {2501.01234}, archiveprefix = {arXiv}", "eprint_type", "arxiv"),
        ("eprint = {437}, eprinttype = {JSTOR}", "eprint_type", "jstor"),
        ("langid = {ngerman}", "language", "ngerman"),
        ("language = {Greek and Latin}", "language", "greek"),
        ("note = {N.}, addendum = {A}, type = {Film}", "note", "Film. N. A"),
        ("keywords = {x, News; copy}", "kind", "news"),
        ("keywords = {x, News; copy}", "copy", True),
        ("type = {phdthesis}", "type", "phdthesis"),
        ("date = {2020/2021~}", "circa", True),
        ("date = {2020/}", "date_end", OPEN),
        ("year = 2020, month = apr # {~2}", "date", "2020-04-02"),
        ("date = {2021}, year = 2020", "date", "2021"),
        ("urldate = {2020-05}", "urldate", "2020-05"),
    ],
)
def test_a_field_means(fields: str, name: str, value: object) -> None:
    assert getattr(one(fields), name) == value


def test_fields_are_kept_as_they_were_written() -> None:
    source = one("Title = {{R}\\&D}, year = 2020")
    assert source.fields == (("title", "{R}\\&D"), ("year", "2020"))


@pytest.mark.parametrize(
    ("written", "start", "end", "circa", "lost"),
    [
        ("2025-04-02", "2025-04-02", "", False, ""),
        ("2025-04", "2025-04", "", False, ""),
        ("2025", "2025", "", False, ""),
        ("2025-04-02T10:00:00Z", "2025-04-02", "", False, ""),
        ("2025-04-02/2025-04-04", "2025-04-02", "2025-04-04", False, ""),
        ("2025/2025", "2025", "", False, ""),
        ("1998--1999", "1998", "1999", False, ""),
        ("1998--99", "1998", "1999", False, ""),
        ("1998-09", "1998-09", "", False, ""),
        ("2020/", "2020", OPEN, False, ""),
        ("2020/..", "2020", OPEN, False, ""),
        ("2004~", "2004", "", True, ""),
        ("2004?", "2004", "", True, ""),
        ("2004-06%", "2004-06", "", True, ""),
        ("199X", "1990", "1999", False, ""),
        ("19XX/20XX", "1900", "2099", False, ""),
        ("2004-XX-XX", "2004", "", False, ""),
        ("2004-06-XX", "2004-06", "", False, ""),
        ("/2020", "2020", "", False, "the open beginning"),
        ("2003-21", "2003", "", False, "the season"),
        ("2004-XX-05", "2004", "", False, "the day"),
        ("2025/2020", "2025", "", False, "an end before the beginning"),
    ],
)
def test_a_date_is_read(written: str, start: str, end: str, circa: bool, lost: str) -> None:
    when = read_date(written)
    assert when is not None
    assert (when.start, when.end, when.circa, when.lost) == (start, end, circa, lost)


@pytest.mark.parametrize(
    "written",
    ["2025-02-30", "2025-13", "soon", "", "-0044", "2025/soon", "0000", "٢٠٢٥", "/", ".."],
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_date(written) is None


@pytest.mark.parametrize(
    ("parts", "start", "end", "lost"),
    [
        (("2025", "4", "2"), "2025-04-02", "", ""),
        (("2025", "April"), "2025-04", "", ""),
        (("2025", "Sept."), "2025-09", "", ""),
        (("2025", "", "2"), "2025", "", ""),
        (("2025", "May/June"), "2025-05", "2025-06", ""),
        (("2025", "May", "2--4"), "2025-05-02", "2025-05-04", ""),
        (("2025", "Spring"), "2025", "", "the season"),
        (("2025", "Brumaire"), "2025", "", "the month 'Brumaire'"),
        (("2025", "13"), "2025", "", "the month '13'"),
        (("2025", "Feb", "30"), "2025-02", "", "the day '30'"),
        (("1998-1999", "May"), "1998", "1999", ""),
        (("[1998]",), "1998", "", ""),
        (("ca. 1998",), "1998", "", ""),
    ],
)
def test_year_month_and_day_are_read(
    parts: tuple[str, ...], start: str, end: str, lost: str
) -> None:
    when = read_parts(*parts)
    assert when is not None
    assert (when.start, when.end, when.lost) == (start, end, lost)


@given(st.text("0123456789X-/~?%.T:Z ", max_size=25) | st.text(max_size=12), st.text(max_size=8))
def test_a_date_that_is_read_exists(written: str, month: str) -> None:
    for when in (read_date(written), read_parts(written, month, month)):
        for iso in (when.start, when.end) if when else ():
            assert iso in ("", OPEN) or read_date(iso) is not None


def test_what_a_date_loses_is_reported() -> None:
    _, problems = read("@misc{k, date = {2003-21}}\n@misc{l, year = {in press}}")
    assert [(problem.code, problem.span.line) for problem in problems] == [("S013", 1), ("S006", 2)]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Roe, Jane", [Name("Roe", "Jane")]),
        ("Jane Q. Roe", [Name("Roe", "Jane Q.")]),
        ("van der Berg, Jan", [Name("Berg", "Jan", "van der")]),
        ("Jean de la Fontaine", [Name("Fontaine", "Jean", "de la")]),
        ("von Neumann, Jr, John", [Name("Neumann", "John", "von", "Jr")]),
        ("Sammy Davis Jr.", [Name("Davis", "Sammy", "", "Jr.")]),
        ("Davis, Sammy, Jr.", [Name("Davis", "Sammy", "", "Jr.")]),
        ("{Barnes and Noble} and Plato", [Name("Barnes and Noble"), Name("Plato")]),
        ("{Jean} {Dupont}", [Name("Dupont", "Jean")]),
        ("{\\'E}va Nagy", [Name("Nagy", "Éva")]),
        ("{\\'E}va {Nagy}", [Name("Nagy", "Éva")]),
        ("Fran\\c cois Dupont", [Name("Dupont", "François")]),
        ("family={Müller, Inc.}, given=Hans", [Name("Müller, Inc.", "Hans")]),
        ("given=Jean, given-i=J, prefix=de la, family=Tour", [Name("Tour", "Jean", "de la")]),
        ("Иванов, Иван and Леся Українка", [Name("Иванов", "Иван"), Name("Українка", "Леся")]),
        ("王小明 and محمد علي", [Name("王小明"), Name("علي", "محمد")]),
        (",Given and Lone, and  and {}", [Name("Given"), Name("Lone")]),
        ("", []),
    ],
)
def test_names_are_read(written: str, names: list[Name]) -> None:
    found: list[str] = []
    assert read_names(written, found.append) == (tuple(names), False)
    assert found == []


@pytest.mark.parametrize(
    "written", ["A, B, C, D", "Roe, J.; Doe, K.", "Jane Roe, John Doe, Ann Poe"]
)
def test_a_name_that_cannot_be_read_stays_as_written(written: str) -> None:
    sources, problems = read(f"@misc{{k, author = {{{written}}}}}")
    assert sources[0].authors == (Name(written),)
    assert [problem.code for problem in problems] == ["S007"]


def test_others_are_no_name() -> None:
    assert read_names("Roe, Jane and others") == ((Name("Roe", "Jane"),), True)
    assert read_names("{others}") == ((Name("others"),), False)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"R\&D {NATO} 50\% \$5 a\_b \#1 \{x\}", "R&D NATO 50% $5 a_b #1 {x}"),
        (r"M{\"u}ller \'{\i} \'\i{} \H{o} \c{c} \v S {\k e} \u{и}", "Müller í í ő ç Š ę й"),
        (r"\ss\ \o\ \AE\ \L\ \i", "ß ø Æ Ł ı"),
        (r"one--two---three~four ``five''", "one–two—three\u00a0four “five”"),
        (r"$O(n^2)$ $\alpha_1$ \alpha_1 $x_{i}^{10}$ \(n \to \infty\)", "O(n²) α₁ α₁ xᵢ¹⁰ n → ∞"),
        (r"$O(n \log n)$ 30$^\circ$ $\frac{1}{2}$ $\sqrt{x+1}$", "O(n log n) 30° 1/2 √(x+1)"),
        (r"$\mathbb{R}^n$ and $x_{i,j}$", r"$\mathbb{R}^n$ and $x_{i,j}$"),
        ("from $5 to $6, or $5-$7", "from $5 to $6, or $5-$7"),
        ("A$AP Rocky and Ke$ha", "A$AP Rocky and Ke$ha"),
        (r"\textit{a \textbf{b}} {\em c} \unknown{d} \foo e", "a b c d \\foo e"),
        (
            r"\url{http://a/b_c--d~e} \href{http://x}{y} \texorpdfstring{$x$}{z}",
            "http://a/b_c--d~e y z",
        ),
        (r"\LaTeX{} \LaTeX is \TeX.", "LaTeX LaTeX is TeX."),
        (r"{\noopsort{1973b}}1973 \enquote{x} H\textsubscript{2}O", "1973 “x” H₂O"),
        (r"C:\path\to", r"C:\path\to"),
        ("100% sure_of it^", "100% sure_of it^"),
        ("{{{{a} b} c} d}", "a b c d"),
        ("a\u202eb\U00100000c\x07", "abc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("eBay and iPhone", "eBay and iPhone"),
    ],
)
def test_latex_becomes_text(latex: str, text: str) -> None:
    assert decode(latex) == text


BITS = [
    "\\",
    "{",
    "}",
    "$",
    "^",
    "_",
    "\\frac",
    "\\'",
    "\\url",
    "\\(",
    "\\)",
    "x",
    " ",
    "~",
    "--",
    "`",
]


@given(st.lists(st.sampled_from(BITS), max_size=40).map("".join) | st.text(max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_text_is_decoded(value: str) -> None:
    assert decode(value).strip() == decode(value)


@pytest.mark.parametrize(
    "bit", ["{", "$", "\\'", "\\frac", "\\(", "$^{", "\\url{", "$\\frac", "$x "]
)
def test_decoding_is_linear_and_shallow(bit: str) -> None:
    assert len(decode(bit * 20_000)) <= 20_000 * len(bit)


PARENT = (
    "@proceedings{p, title = {Whole}, subtitle = {S}, shorttitle = {W}, year = 2001, note = {N}}\n"
)


def test_a_part_inherits_from_its_whole() -> None:
    sources, problems = read("@inproceedings{c, title = {Part}, crossref = {p}}\n" + PARENT)
    part = sources[0]
    assert (part.title, part.container, part.short_title) == ("Part", "Whole: S", "")
    assert (part.date, part.note, problems) == ("2001", "N", [])
    assert dict(part.fields)["booktitle"] == "Whole"


def test_the_whole_may_stand_in_a_later_file_and_in_another_case() -> None:
    sources, problems = read("@inproceedings{c, title = {Part}, crossref = {P}}", PARENT)
    assert (sources[0].container, problems) == ("Whole: S", [])


def test_what_an_entry_says_itself_wins() -> None:
    own = "title = {Part}, booktitle = {Own}, date = {1999-05}, note = {Mine}"
    sources, _ = read(f"@inproceedings{{c, {own}, crossref = {{p}}}}\n{PARENT}")
    part = sources[0]
    assert (part.container, part.date, part.note) == ("Own: S", "1999-05", "Mine")


@pytest.mark.parametrize(
    ("child", "parent", "container"),
    [
        ("inbook", "book", "Whole"),
        ("incollection", "collection", "Whole"),
        ("incollection", "book", "Whole"),
        ("inreference", "reference", "Whole"),
        ("conference", "proceedings", "Whole"),
        ("inbook", "mvbook", "Whole"),
        ("book", "mvbook", "Whole"),
        ("article", "periodical", "Whole"),
        ("misc", "misc", ""),
    ],
)
def test_the_title_of_the_whole_becomes(child: str, parent: str, container: str) -> None:
    entries = (
        f"@{child}{{c, title = {{Part}}, crossref = {{p}}}}\n@{parent}{{p, title = {{Whole}}}}"
    )
    sources, _ = read(entries)
    assert (sources[0].title, sources[0].container) == ("Part", container)


def test_inheritance_goes_on_over_generations() -> None:
    text = (
        "@inbook{c, title = {Part}, crossref = {b}}\n@book{b, title = {Volume}, crossref = {m}}\n"
        "@mvbook{m, title = {Works}, author = {Author}}"
    )
    sources, _ = read(text)
    assert sources[0].container == "Works: Volume"
    assert sources[0].authors == (Name("Author"),)


def test_xdata_lends_its_fields_and_is_no_source() -> None:
    text = (
        "@misc{k, title = {T}, note = {Own}, xdata = {x, y}}\n"
        "@xdata{x, publisher = {P}, note = {X}}\n@xdata{y, location = {L}, publisher = {Q}}"
    )
    sources, problems = read(text)
    assert ([source.key for source in sources], problems) == (["k"], [])
    assert (sources[0].publisher, sources[0].place, sources[0].note) == ("Q", "L", "Own")


def test_circles_and_missing_wholes_are_reported() -> None:
    text = (
        "@misc{a, title = {A}, crossref = {b}}\n@misc{b, title = {B}, xdata = {a}}\n"
        "@misc{c, title = {C}, crossref = {c}}\n@misc{d, title = {D}, crossref = {none}}"
    )
    sources, problems = read(text)
    assert [source.title for source in sources] == ["A", "B", "C", "D"]
    assert [(problem.code, problem.span.line) for problem in problems] == [
        ("S011", 2),
        ("S011", 3),
        ("S010", 4),
    ]


def test_a_long_chain_ends() -> None:
    chain = [f"@misc{{k{n}, title = {{T}}, crossref = {{k{n + 1}}}}}" for n in range(3000)]
    sources, problems = read("\n".join([*chain, "@misc{k3000, note = {N}}"]))
    assert len(sources) == 3001
    assert {problem.code for problem in problems} == {"S011"}


def test_a_set_names_its_parts() -> None:
    sources, problems = read(
        "@set{s, entryset = {a, b, none}}\n@misc{a, title = {A}}\n@misc{b, title = {B}}"
    )
    assert (sources[0].title, sources[0].related) == ("A; B", ("a", "b"))
    assert [problem.code for problem in problems] == ["S010"]


BIB_BITS = [
    "@misc{k,",
    "@string{s=",
    "}",
    "{",
    '"',
    "=",
    ",",
    "#",
    "title",
    "{x}",
    "\n",
    "\\",
    "@",
    "%",
]
MORE_BITS = ["crossref", "xdata", "k", "(", ")", "date", "author", " and ", "2020"]


@given(st.lists(st.sampled_from(BIB_BITS + MORE_BITS)).map("".join) | st.text())
@settings(max_examples=500, deadline=None)
def test_whatever_is_in_a_file_is_read_or_reported(text: str) -> None:
    read(text + '\n@misc{last, title = "L"}\n')


FIELDS = sorted(
    {
        "author",
        "editor",
        "title",
        "date",
        "year",
        "month",
        "urldate",
        "url",
        "doi",
        "eprint",
        "pages",
    }
    | {"publisher", "location", "howpublished", "note", "keywords", "language", "related", "type"}
)


@given(
    st.dictionaries(
        st.sampled_from(FIELDS), st.text().filter(lambda text: "{" not in text and "}" not in text)
    )
)
@settings(max_examples=300, deadline=None)
def test_whatever_a_field_holds_becomes_a_source(fields: dict[str, str]) -> None:
    body = ", ".join(f"{name} = {{{value}}}" for name, value in fields.items())
    sources, _ = read(f"@misc{{k, {body}}}")
    assert [source.key for source in sources] == ["k"]
    assert not any(char in source.title for source in sources for char in "\u202e\x00\U00100000")


def test_a_file_in_another_encoding_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_bytes("@misc{a, title = {Über}}".encode("latin-1"))
    problems: list[Diagnostic] = []
    File.read(tmp_path / "a.bib", tmp_path, problems)
    assert [problem.message for problem in problems] == [
        "the file is not UTF-8: save it with that encoding"
    ]


def test_of_keys_that_differ_in_case_alone_the_first_counts(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text("@misc{Key, title = {One}}")
    (tmp_path / "b.bib").write_text("@misc{key, title = {Two}}")
    library, problems = load(tmp_path, tmp_path)
    assert {key: source.title for key, source in library.sources.items()} == {"Key": "One"}
    assert [(problem.code, problem.span.path) for problem in problems] == [("S002", "b.bib")]
