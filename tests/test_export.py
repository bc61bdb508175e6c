from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable

import jsonschema
import pypandoc
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import Entry
from pybtex.database.input.bibtex import Parser
from rispy.config import TYPE_OF_REFERENCE_MAPPING

from mkdocs_apparatus.bib import read_sources
from mkdocs_apparatus.entries import read_entries
from mkdocs_apparatus.export import to_bibtex, to_csl, to_ris
from mkdocs_apparatus.file import File
from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Diagnostic, Name, Source, Span
from sites import ROOT

# The rules of csl-data.json, https://github.com/citation-style-language/schema, version 1.0.2, in
# words of our own: the types and variables that it knows, nothing else, and how dates are built.
CSL_TYPES = """article article-journal article-magazine article-newspaper bill book broadcast
chapter classic collection dataset document entry entry-dictionary entry-encyclopedia event figure
graphic hearing interview legal_case legislation manuscript map motion_picture musical_score
pamphlet paper-conference patent performance periodical personal_communication post post-weblog
regulation report review review-book software song speech standard thesis treaty webpage"""
CSL_TEXTS = """language journalAbbreviation abstract annote archive archive_collection
archive_location authority container-title container-title-short DOI genre ISBN ISSN keyword
medium note original-title publisher publisher-place section source status title title-short URL
version collection-title"""
CSL_NUMBERS = "collection-number edition issue number number-of-pages page part volume"
PERSON_PARTS = """family given dropping-particle non-dropping-particle suffix comma-suffix
static-ordering literal parse-names"""
TEXT = {"type": "string"}
NUMBER = {"type": ["string", "number"]}
PERSON = {"properties": dict.fromkeys(PERSON_PARTS.split(), TEXT), "additionalProperties": False}
PEOPLE = {"type": "array", "items": PERSON}
DAY = {"type": "array", "items": NUMBER, "minItems": 1, "maxItems": 3}
DATE = {
    "properties": {
        "date-parts": {"type": "array", "items": DAY, "minItems": 1, "maxItems": 2},
        "circa": {"type": ["string", "number", "boolean"]},
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}
ITEM = {
    "type": "object",
    "properties": {
        "id": NUMBER,
        "type": {"enum": CSL_TYPES.split()},
        **dict.fromkeys(CSL_TEXTS.split(), TEXT),
        **dict.fromkeys(CSL_NUMBERS.split(), NUMBER),
        **dict.fromkeys(("author", "editor"), PEOPLE),
        **dict.fromkeys(("issued", "accessed"), DATE),
        "custom": {"type": "object"},
    },
    "required": ["type", "id"],
    "additionalProperties": False,
}

TYPES = """article artwork audio bibnote book bookinbook booklet collection commentary conference
dataset electronic image inbook incollection inproceedings inreference jurisdiction legal
legislation letter manual mastersthesis misc movie music mvbook mvcollection mvproceedings
mvreference newsarticle online patent performance periodical phdthesis proceedings reference report
review set software standard suppbook suppcollection suppperiodical techreport thesis unpublished
video www invented"""
# What export.py lists as different from pandoc on purpose.
OTHER_TYPES = {
    "conference": "paper-conference",
    "performance": "performance",
    "periodical": "periodical",
    "standard": "standard",
}
RIS_LINE = re.compile(r"[A-Z][A-Z0-9]  - [^\r\n]*")

WHOLE = Source(
    "whole",
    "inbook",
    "Rivers and “names” of things",
    Span("a.bib"),
    fields=(
        ("author", "van der Berg, Jan and {World Bank} and Smith, Jr., John and Иванов, Иван"),
        ("editor", "Ed, Ann and others"),
        ("title", "Rivers and “names” of things"),
        ("shorttitle", "Rivers"),
        ("booktitle", "A Book"),
        ("publisher", "Press"),
        ("location", "Paris"),
        ("series", "Series"),
        ("number", "4"),
        ("volume", "3"),
        ("edition", "2"),
        ("pages", "12--15"),
        ("date", "2025-04-02/2025-05~"),
        ("url", "https://a.example/x?a=1&b=2"),
        ("urldate", "2026-11-24"),
        ("doi", "10.1000/xyz"),
        ("isbn", "978-3-16-148410-0"),
        ("langid", "russian"),
        ("keywords", "analysis, rivers"),
        ("note", "A note."),
        ("titletranslation", "Другие реки"),
        ("archiveurl", "https://archive.example/1"),
    ),
    translation="Другие реки",
    short_title="Rivers",
    authors=(
        Name("Berg", "Jan", "van der"),
        Name("World Bank"),
        Name("Smith", "John", suffix="Jr."),
        Name("Иванов", "Иван"),
    ),
    editors=(Name("Ed", "Ann"),),
    more_editors=True,
    container="A Book",
    publisher="Press",
    place="Paris",
    edition="2",
    series="Series",
    volume="3",
    number="4",
    pages="12–15",
    date="2025-04-02",
    date_end="2025-05",
    circa=True,
    url="https://a.example/x?a=1&b=2",
    doi="10.1000/xyz",
    isbn="978-3-16-148410-0",
    urldate="2026-11-24",
    language="russian",
    kind="analysis",
    archive="https://archive.example/1",
    note="A note.",
)


def entry(key: str, kind: str = "misc", /, **fields: str) -> Source:
    return Source(key, kind, fields.get("title", ""), Span("a.bib"), tuple(fields.items()))


def read_here(text: str, problems: list[Diagnostic]) -> list[Source]:
    return list(read_sources(read_entries(File("a.bib", text, problems))))


def read_back(text: str) -> dict[str, Entry]:
    """Return what pybtex reads, names left as they were written; it raises at its first error."""
    return dict(Parser(person_fields=()).parse_string(text).entries)


def pandoc(text: str, *options: str) -> str:
    run = subprocess.run(
        [pypandoc.get_pandoc_path(), *options],
        input=text.encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert run.stderr == b""
    return run.stdout.decode()


def pandoc_items(sources: Iterable[Source]) -> dict[str, dict[str, object]]:
    items = json.loads(pandoc(to_bibtex(sources), "-f", "biblatex", "-t", "csljson"))
    return {item["id"]: item for item in items}


def csl_items(sources: Iterable[Source]) -> dict[str, dict[str, object]]:
    items = json.loads(to_csl(sources))
    jsonschema.validate(items, {"type": "array", "items": ITEM})
    return {item["id"]: item for item in items}


def ris_lines(sources: Iterable[Source]) -> list[str]:
    *lines, last = to_ris(sources).split("\r\n")
    assert last == ""
    return lines


@pytest.fixture(scope="module")
def library() -> list[Source]:
    """Return this project's own sources."""
    found = load(ROOT / "sources", ROOT)[0].sources
    assert len(found) > 200
    return list(found.values())


def test_bibtex_is_aligned_and_keeps_the_order() -> None:
    first = entry("b", "online", title="B {NATO}", organization="O")
    assert to_bibtex([first, entry("a")]) == (
        "@online{b,\n  title        = {B {NATO}},\n  organization = {O}\n}\n\n@misc{a,\n}\n"
    )


def test_the_own_library_reads_back_as_it_was(library: list[Source]) -> None:
    entries = read_back(to_bibtex(library))
    assert list(entries) == [source.key for source in library]
    for source in library:
        read = entries[source.key]
        assert (read.type, tuple(read.fields.items())) == (source.type, source.fields)


def test_what_was_inherited_is_not_inherited_twice() -> None:
    written = "@book{b, title = {B}}\n@inbook{c, crossref = {b}, title = {C}}\n"
    _, part = read_here(written, [])
    text = to_bibtex([part])
    assert dict(read_back(text)["c"].fields) == {"title": "C", "booktitle": "B"}
    assert [one.container for one in read_here(text, [])] == ["B"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("{N}ATO {in {it}}", "{N}ATO {in {it}}"),
        (r"\{ and \}", r"\{ and \}"),
        ("open {", r"open \textbraceleft{}"),
        ("shut } {", r"shut \textbraceright{} \textbraceleft{}"),
        (r"\{ {", r"\textbraceleft{} \textbraceleft{}"),
        (r"\{ }", r"\textbraceleft{} \textbraceright{}"),  # balanced for BibTeX, not for LaTeX
        (r"\\}", r"\\\textbraceright{}"),
        ("end\\", r"end\textbackslash{}"),
        ("end\\\\", "end\\\\"),
        ("{" * 99 + "}" * 99, r"\textbraceleft{}" * 99 + r"\textbraceright{}" * 99),
        ("two\n@misc{lines,\r\n\u2028 x}", "two @misc{lines, x}"),
    ],
)
def test_no_value_ends_its_braces(value: str, written: str) -> None:
    text = to_bibtex([entry("a", title=value), entry("next", title="N")])
    assert text.startswith(f"@misc{{a,\n  title = {{{written}}}\n}}\n")
    assert [one.fields["title"] for one in read_back(text).values()] == [written, "N"]
    ours: list[Diagnostic] = []
    assert [one.key for one in read_here(text, ours)] == ["a", "next"]
    assert list(pandoc_items([entry("a", title=value), entry("next", title="N")])) == ["a", "next"]


HOSTILE = st.lists(
    st.sampled_from(
        ["{", "}", "\\", "\\{", "\\}", '"', "\n", "@misc{x,", "a = {", "%", "#", ",", "a", "Ж", "$"]
    )
    | st.text(max_size=3)
).map("".join)
NAMES = st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True)


@given(
    st.dictionaries(
        st.text(max_size=6).map(str.lower),
        st.tuples(st.sampled_from(TYPES.split()), st.dictionaries(NAMES, HOSTILE, max_size=3)),
        max_size=4,
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_values_hold_every_entry_reads_back(
    entries: dict[str, tuple[str, dict[str, str]]],
) -> None:
    sources = [entry(key, kind, **fields) for key, (kind, fields) in entries.items()]
    text = to_bibtex([*sources, entry("last-one", title="L")])
    *read, last = read_back(text).items()
    assert (last[0], dict(last[1].fields)) == ("last-one", {"title": "L"})
    assert len(read) == len(sources)
    for source, (key, one) in zip(sources, read, strict=True):
        assert one.type == source.type
        assert key == source.key or "_" in key
        for name, value in source.fields:
            plain = " ".join(value.split())
            changed = r"\text" in one.fields[name]
            assert one.fields[name] == plain or changed or (name == "ids" and key != source.key)
    problems: list[Diagnostic] = []
    assert len(read_here(text, problems)) == len(sources) + 1
    assert not [one for one in problems if one.code == "S001"]


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("smith2019", "smith2019"),
        ("müller:99/a.b+c", "müller:99/a.b+c"),
        ("Иванов2020", "Иванов2020"),
        ("a#b", "a_b"),
        ("a b,c", "a_b_c"),
        ("a}{b\\", "a__b_"),
        ("", "_"),
    ],
)
def test_every_reader_takes_every_key(key: str, written: str) -> None:
    sources = [entry(key, title="T"), entry("next", title="N")]
    read = read_back(to_bibtex(sources))
    assert list(read) == list(pandoc_items(sources)) == [written, "next"]
    assert ("ids" in read[written].fields) == (key not in ("", written))


def test_a_key_that_is_mended_takes_nobodys_place() -> None:
    keys = ["a#b", "A%b", "a_b", "a~b"]
    sources = [entry(key, ids="old") for key in keys]
    read = read_back(to_bibtex(sources))
    assert list(read) == ["a_b_", "A_b__", "a_b", "a_b___"]
    assert [one.fields["ids"] for one in read.values()] == [
        "old, a#b",
        "old, A%b",
        "old",
        "old, a~b",
    ]


@pytest.mark.parametrize("kind", ["string", "Comment", "preamble", "книга", "9"])
def test_a_type_that_is_none_becomes_misc(kind: str) -> None:
    assert read_back(to_bibtex([entry("a", kind, title="T")]))["a"].type == "misc"


def test_csl_types_are_those_of_pandoc() -> None:
    sources = [entry(kind, kind, title="T") for kind in TYPES.split()]
    sources += [
        entry(subtype, "article", title="T", entrysubtype=subtype)
        for subtype in ("magazine", "newspaper", "other")
    ]
    theirs = {key: item["type"] or "document" for key, item in pandoc_items(sources).items()}
    ours = {key: item["type"] for key, item in csl_items(sources).items()}
    assert ours == theirs | OTHER_TYPES


def comparable(item: dict[str, object]) -> dict[str, object]:
    """Return a CSL item without what export.py lists as different from pandoc on purpose."""
    written = json.dumps(item).replace('"dropping-particle"', '"non-dropping-particle"')
    language = str(item.get("language", "")).partition("-")[0]
    own = ("title", "title-short", "publisher", "custom", "archive", "archive_location")
    rest = {name: value for name, value in json.loads(written).items() if name not in own}
    return rest | {"type": item["type"] or "document", "language": language}


def test_csl_items_are_those_of_pandoc() -> None:
    (theirs,), (ours,) = pandoc_items([WHOLE]).values(), csl_items([WHOLE]).values()
    assert comparable(ours) == comparable(theirs)
    for name in ("title", "title-short", "publisher"):
        assert ours[name] == theirs[name]
    assert ours["author"] == [
        {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
        {"literal": "World Bank"},
        {"family": "Smith", "given": "John", "suffix": "Jr."},
        {"family": "Иванов", "given": "Иван"},
    ]
    assert (ours["archive"], ours["archive_location"]) == ("archive.example", WHOLE.archive)
    assert ours["custom"] == {"translated-title": "Другие реки"}
    assert (ours["language"], theirs["language"]) == ("ru", "ru-RU")


def test_csl_of_the_own_library_is_pandocs(library: list[Source]) -> None:
    theirs, ours = pandoc_items(library), csl_items(library)
    assert list(ours) == [source.key for source in library]
    for key, item in ours.items():
        assert comparable(item) == comparable(theirs[key])


def test_csl_goes_through_citeproc_without_a_warning(library: list[Source]) -> None:
    text = pandoc(to_csl([*library, WHOLE]), "-f", "csljson", "-t", "plain", "--citeproc")
    assert "Rivers and" in text
    assert len(re.findall(r"^\S", text, re.MULTILINE)) > len(library)


@pytest.mark.parametrize(
    ("source", "issued"),
    [
        (Source("a", "misc", "T", Span(""), date="2025"), {"date-parts": [[2025]]}),
        (
            Source("a", "misc", "T", Span(""), date="2025-04", circa=True),
            {"date-parts": [[2025, 4]], "circa": True},
        ),
        (
            Source("a", "misc", "T", Span(""), date="2020", date_end=".."),
            {"date-parts": [[2020], [0]]},
        ),
        (
            Source("a", "misc", "T", Span(""), date="2020-01-31", date_end="2021"),
            {"date-parts": [[2020, 1, 31], [2021]]},
        ),
        (Source("a", "misc", "T", Span("")), None),
    ],
)
def test_csl_dates(source: Source, issued: object) -> None:
    assert csl_items([source])["a"].get("issued") == issued


@pytest.mark.parametrize(
    ("kind", "genre"),
    [
        ("phdthesis", "PhD thesis"),
        ("mastersthesis", "master’s thesis"),
        ("techreport", "technical report"),
        ("report", None),
    ],
)
def test_csl_genre(kind: str, genre: str | None) -> None:
    assert csl_items([entry("a", kind)])["a"].get("genre") == genre


def test_an_issn_is_no_isbn() -> None:
    source = Source("a", "article", "T", Span(""), (("issn", "1234-5678"),), isbn="1234-5678")
    item = csl_items([source])["a"]
    assert (item["ISSN"], item.get("ISBN")) == ("1234-5678", None)


def test_an_eprint_is_where_a_source_is_kept() -> None:
    source = Source("a", "online", "T", Span(""), eprint="2101.00001", eprint_type="arxiv")
    item = csl_items([source])["a"]
    assert (item["archive"], item["archive_location"]) == ("arxiv", "2101.00001")


DATES = st.sampled_from(["", "2025", "2025-04", "2025-04-02"])
PERSONS = st.lists(
    st.builds(Name, HOSTILE, HOSTILE, st.sampled_from(["", "van"]), st.sampled_from(["", "Jr."])),
    max_size=2,
).map(tuple)
SOURCES = st.builds(
    Source,
    key=HOSTILE,
    type=st.sampled_from(TYPES.split()),
    title=HOSTILE,
    span=st.just(Span("")),
    fields=st.dictionaries(NAMES | st.just("keywords"), HOSTILE, max_size=3).map(
        lambda found: tuple(found.items())
    ),
    translation=HOSTILE,
    authors=PERSONS,
    more_authors=st.booleans(),
    editors=PERSONS,
    container=HOSTILE,
    publisher=HOSTILE,
    number=HOSTILE,
    pages=HOSTILE,
    date=DATES,
    date_end=DATES | st.just(".."),
    circa=st.booleans(),
    urldate=DATES,
    language=st.sampled_from(["", "russian", "de", "tlh"]) | HOSTILE,
    kind=st.sampled_from(["", "news", "primary"]),
    archive=st.sampled_from(["", "https://archive.example/1"]),
    note=HOSTILE,
)


@given(st.lists(SOURCES, max_size=3))
@settings(max_examples=200, deadline=None)
def test_whatever_sources_hold_csl_is_valid(sources: list[Source]) -> None:
    items = json.loads(to_csl(sources))
    jsonschema.validate(items, {"type": "array", "items": ITEM})
    assert [item["id"] for item in items] == [source.key for source in sources]


@given(st.lists(SOURCES, max_size=3))
@settings(max_examples=200, deadline=None)
def test_whatever_sources_hold_ris_keeps_its_lines(sources: list[Source]) -> None:
    lines = ris_lines(sources)
    assert all(RIS_LINE.fullmatch(line) for line in lines)
    assert len(rispy.loads("\n".join(lines))) == len(sources)
    assert sum(line.startswith("TY  - ") for line in lines) == len(sources)
    assert [line for line in lines if line.startswith("ER")] == ["ER  - "] * len(sources)


def test_ris_holds_everything() -> None:
    assert ris_lines([WHOLE]) == [
        "TY  - CHAP",
        "ID  - whole",
        "AU  - van der Berg, Jan",
        "AU  - World Bank",
        "AU  - Smith, John, Jr.",
        "AU  - Иванов, Иван",
        "ED  - Ed, Ann",
        "ED  - others",
        "TI  - Rivers and “names” of things",
        "TT  - Другие реки",
        "ST  - Rivers",
        "T2  - A Book",
        "T3  - Series",
        "PB  - Press",
        "CY  - Paris",
        "PY  - 2025",
        "DA  - 2025/04/02/circa, to 2025-05",
        "Y2  - 2026/11/24/",
        "ET  - 2",
        "VL  - 3",
        "IS  - 4",
        "SP  - 12",
        "EP  - 15",
        "SN  - 978-3-16-148410-0",
        "DO  - 10.1000/xyz",
        "UR  - https://a.example/x?a=1&b=2",
        "LA  - ru",
        "KW  - analysis",
        "KW  - rivers",
        "N1  - A note.",
        "N1  - archived copy: https://archive.example/1",
        "ER  - ",
    ]


def test_rispy_reads_the_own_library(library: list[Source]) -> None:
    records = rispy.loads(to_ris(library))
    assert len(records) == len(library)
    for source, record in zip(library, records, strict=True):
        assert record["id"] == source.key
        assert record["title"] == source.title
        assert ";".join(record["urls"]) == source.url
        assert record.get("translated_title", "") == source.translation
        assert record.get("date", "").rstrip("/").replace("/", "-") == source.date
        assert source.publisher in (record.get("publisher"), record.get("secondary_title"))
        assert (record["type_of_reference"] == "NEWS") == (source.kind == "news")


@pytest.mark.parametrize(
    ("kind", "written"),
    [("online", "ELEC"), ("legislation", "STAT"), ("dataset", "DATA"), ("invented", "GEN")],
)
def test_ris_types(kind: str, written: str) -> None:
    assert ris_lines([entry("a", kind)])[0] == f"TY  - {written}"


def test_every_ris_type_is_one() -> None:
    lines = ris_lines(entry(kind, kind) for kind in TYPES.split())
    written = {line.removeprefix("TY  - ") for line in lines if line.startswith("TY")}
    assert written <= TYPE_OF_REFERENCE_MAPPING.keys()


def test_news_has_the_name_of_a_paper_and_a_report_stays_a_report() -> None:
    paper = Source("a", "online", "T", Span(""), publisher="The Paper", kind="news")
    assert ris_lines([paper])[2:4] == ["TI  - T", "T2  - The Paper"]
    report = Source("a", "report", "T", Span(""), publisher="The Paper", kind="news")
    lines = ris_lines([report])
    assert lines[0] == "TY  - RPRT"
    assert "PB  - The Paper" in lines


def test_pages_that_are_no_range_stay_whole() -> None:
    source = Source("a", "article", "T", Span(""), pages="1–2, 5")
    assert "SP  - 1–2, 5" in ris_lines([source])
