from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus import report
from mkdocs_apparatus.bib import TYPES
from mkdocs_apparatus.check import check_library
from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Library, Name, Source, Span
from mkdocs_apparatus.references import Bibliography
from mkdocs_apparatus.style import (
    Part,
    address,
    author_date,
    notes,
    reference,
    short_names,
    year_letters,
)
from mkdocs_apparatus.words import load as load_words

HARD = Path(__file__).parent / "hard.bib"


def plain(parts: Iterable[Part]) -> str:
    return "".join(part.text for part in parts)


def make(key: str = "k", **values: object) -> Source:
    return Source(**{"key": key, "type": "misc", "title": "T", "span": Span("a.bib")} | values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, list[str]]:
    folder = tmp_path_factory.mktemp("hard")
    (folder / "hard.bib").write_bytes(HARD.read_bytes())
    library, problems = load(folder, folder)
    found = sorted(
        [*problems, *check_library(library, (), date(2026, 11, 24))],
        key=lambda one: (one.span, one.code),
    )
    return library, [report.line(one) for one in found]


def written(library: Library) -> list[str]:
    words, lines = load_words("en"), []
    for key, source in library.sources.items():
        names, year = author_date(source, words)
        lines += [f"{key} ({source.type}): {names} {year}", f"  {plain(reference(source, words))}"]
        for note in notes(source, words):
            if note.role:
                lines.append(f"  - {note.role}: {note.text} {note.href}".rstrip())
        if href := address(source):
            lines.append(f"  -> {href}")
    return lines


def test_hard_entries_come_out_as_they_should(hard: tuple[Library, list[str]]) -> None:
    """REWRITE=1 writes what comes out; the difference is then read line by line."""
    library, findings = hard
    text = "\n".join((*written(library), "", *findings, ""))
    golden = HARD.with_suffix(".txt")
    if os.environ.get("REWRITE"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_every_type_is_among_the_hard_entries(hard: tuple[Library, list[str]]) -> None:
    text = HARD.read_text("utf-8")
    missing = {name for name in TYPES if f"@{name}{{" not in text}
    assert missing == {"customb", "customc", "customd", "custome"}
    assert len(hard[0].sources) >= 60


ROLES = {
    *("authors", "title", "translation", "container", "editors", "series", "place", "publisher"),
    *("date", "kind", "genre", "state", "language", "note", "seen", "archive", "doi", "eprint"),
    "isbn",
}
CLASSES = {f"ap-{role}" for role in ROLES} | {"ap-reference", "ap-notes"}


def test_nothing_of_a_source_becomes_markup(hard: tuple[Library, list[str]]) -> None:
    library, _ = hard
    bibliography = Bibliography(library, load_words("en"))
    seen = set()
    for key, source in library.sources.items():
        html = bibliography.reference(key)
        body = LexborHTMLParser(html).body
        assert body is not None
        nodes = [node for node in body.traverse() if node.tag != "body"]
        assert {node.tag for node in nodes} <= {"span", "a"}
        for node in nodes:
            seen.add(node.attributes["class"])
            allowed = {"class", "lang", "dir"} | ({"href", "rel"} if node.tag == "a" else set())
            assert node.attributes.keys() <= allowed
            if node.tag == "a":
                assert str(node.attributes["href"]).startswith(("https://", "http://"))
            assert str(node.attributes.get("lang", "en")).isalpha()
        shown = [plain(parts) for parts in (reference(source), notes(source)) if parts]
        assert body.text().split() == " ".join(shown).split()
    assert seen == CLASSES


WORDS = st.lists(
    st.sampled_from(["a", "Bb", "12", "Ж", "x)", "(y", "“q”", "St. X", "R&D"]), max_size=3
)
BEFORE = st.sampled_from(["", " ", ",", ", ", ". ", "; ", ": ", "“"])
AFTER = st.sampled_from(["", ".", ",", ";", ":", "?", "!", "…", " ", ".”", ", ", ". ", " . ", ".'"])
VALUES = st.builds("".join, st.tuples(BEFORE, WORDS.map(" ".join), AFTER))
NAMES = st.lists(st.builds(Name, VALUES, VALUES, VALUES, VALUES), max_size=8).map(tuple)
DATES = st.sampled_from(["", "2020", "2020-05", "2020-05-06"])
TEXTS = ("translation", "short_title", "container", "publisher", "place", "edition", "series")
MORE_TEXTS = ("volume", "number", "pages", "isbn", "eprint", "eprint_type", "note")
SOURCES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(sorted(TYPES)),
        "title": VALUES,
        "authors": NAMES,
        "editors": NAMES,
        "more_authors": st.booleans(),
        "more_editors": st.booleans(),
        "date": DATES,
        "date_end": DATES | st.just(".."),
        "circa": st.booleans(),
        "urldate": DATES,
        "url": st.sampled_from(["", "https://a.example/"]),
        "doi": st.sampled_from(["", "10.1000/x"]),
        "language": st.sampled_from(["", "german", "english", "x y"]),
        "kind": st.sampled_from(["", "primary", "news"]),
        "copy": st.booleans(),
        "fields": st.dictionaries(
            st.sampled_from(["translator", "version", "chapter", "pubstate", "type"]), VALUES
        ).map(lambda fields: tuple(fields.items())),
        **dict.fromkeys((*TEXTS, *MORE_TEXTS), VALUES),
    }
).map(lambda values: make(**values))
# What no reference may hold: punctuation that meets, or that surrounds nothing.
CLASHES = re.compile(
    r"\.\.|[,;:][.,;]|[,.;:] [,.;:]|\s[,;]|\s\.(?!\w)|\(\s*\)|\[\s*\]|\s\s|^[\s,.;]"
)


@given(SOURCES, st.sampled_from(["en", "fr", "de", "ru", "uk"]), st.sampled_from(["", "a"]))
@settings(max_examples=400, deadline=None)
def test_punctuation_meets_only_once(source: Source, language: str, letter: str) -> None:
    words = load_words(language)
    text = plain(reference(source, words, letter))
    # French sets a space before a colon, and a value may begin with a full stop of its own.
    assert CLASHES.search(text.replace("\u00a0:", ":")) is None
    assert text.rstrip("”'")[-1] in ".?!…"
    noted = [part.text for part in notes(source, words)]
    assert all(part.strip(" ·") for part in noted[::2])
    assert all(part == " · " for part in noted[1::2])
    assert all(author_date(source, words))


@pytest.mark.parametrize(
    ("values", "names", "year"),
    [
        (
            {"authors": (Name("Smith", "A"), Name("Doe")), "date": "2019-02"},
            "Smith and Doe",
            "2019",
        ),
        ({"authors": (Name("A"), Name("B"), Name("C"))}, "A et al.", "no date"),
        (
            {"authors": (Name("Berg", "J", "van der"),), "more_authors": True},
            "van der Berg et al.",
            "",
        ),
        ({"editors": (Name("Roe"),), "publisher": "P"}, "Roe", ""),
        ({"publisher": "P", "short_title": "S"}, "P", ""),
        ({"short_title": "S", "title": "A long title"}, "S", ""),
        ({"title": ""}, "k", ""),
        ({"date": "2019", "date_end": "2021-05", "publisher": "P"}, "P", "2019–2021"),
        ({"date": "2019", "date_end": "..", "publisher": "P"}, "P", "2019–"),
        ({"date": "2019-04", "date_end": "2019-05", "publisher": "P"}, "P", "2019"),
        ({"date": "2004", "circa": True, "publisher": "P"}, "P", "c. 2004"),
    ],
)
def test_author_and_date(values: dict[str, object], names: str, year: str) -> None:
    assert author_date(make(**values)) == (names, year or "no date")


def test_a_sentence_names_a_paper_rather_than_a_title() -> None:
    assert short_names(make(container="The Paper")) == "The Paper"
    assert short_names(make(authors=(Name("A"), Name("B"))), load_words("de")) == "A und B"


def test_letters_tell_the_works_of_a_year_apart() -> None:
    smith = {"authors": (Name("Smith"),)}
    sources = [
        make("late", date="2019-05", title="A", **smith),
        make("b", date="2019", title="Same", **smith),
        make("a", date="2019", title="Same", **smith),
        make("upper", date="2019", title="earlier", **smith),
        make("alone", date="2020", **smith),
        make("undated2", title="Z", **smith),
        make("undated1", title="Y", **smith),
    ]
    letters = {"upper": "a", "a": "b", "b": "c", "late": "d", "undated1": "-a", "undated2": "-b"}
    assert year_letters(sources) == year_letters(reversed(sources)) == letters
    many = year_letters(make(f"k{n:03}", date="2000", **smith) for n in range(60))
    assert [many[f"k{n:03}"] for n in (0, 25, 26, 52)] == ["a", "z", "aa", "ba"]


def test_a_letter_follows_its_year() -> None:
    assert plain(reference(make(date="2019", publisher="P"), None, "b")) == "T. P, 2019b."
    assert plain(reference(make(publisher="P"), None, "-a")) == "T. P, no date-a."
    assert Part("date", "no date-a") in reference(make(publisher="P"), None, "-a")
    assert Part("date", "2019") in reference(make(date="2019", publisher="P"))


@pytest.mark.parametrize(
    ("values", "href"),
    [
        ({"urldate": "2025-04-02"}, "https://web.archive.org/web/20250402/https://a.example/?x#y"),
        ({"urldate": "2025-04"}, ""),
        ({"archive": "https://kept.example/"}, "https://kept.example/"),
        ({"archive": "https://kept.example/", "urldate": "2025-04-02"}, "https://kept.example/"),
        ({"url": "https://web.archive.org/web/2020/x", "urldate": "2025-04-02"}, ""),
        ({"url": "", "urldate": "2025-04-02"}, ""),
    ],
)
def test_an_archived_copy_is_of_the_day_it_was_seen(values: dict[str, str], href: str) -> None:
    found = notes(make(**{"url": "https://a.example/?x#y"} | values))
    assert [one.href for one in found if one.role == "archive"] == ([href] if href else [])


def test_the_words_are_those_of_the_site() -> None:
    source = make(
        type="incollection",
        authors=(Name("Roe", "Jane"), Name("Doe", "John")),
        editors=(Name("Poe", "Ann"),),
        container="Buch",
        edition="2",
        pages="3–5",
        volume="1",
        date="2020-04",
        circa=True,
        publisher="Haus",
        urldate="2025-04-02",
        url="https://a.example/",
        language="german",
        kind="primary",
    )
    assert plain(reference(source, load_words("de"))) == (
        "Jane Roe und John Doe. T. In: Buch, herausgegeben von Ann Poe, Band 1, Seiten 3–5. "
        "2. Auflage. Haus, ca. April 2020."
    )
    assert plain(reference(source, load_words("uk"))) == (
        "Jane Roe і John Doe. T. У виданні: Buch, ред.: Ann Poe, том 1, сторінки 3–5. "
        "Видання 2. Haus, прибл. квітень 2020."
    )
    assert plain(notes(source, load_words("de"))) == (
        "Primärquelle · abgerufen am 2. April 2025 · archivierte Kopie"
    )
    assert plain(notes(source, load_words("ru"))) == (
        "первоисточник · язык: немецкий · дата обращения: 2 апреля 2025 · архивная копия"
    )
    assert [one.lang for one in reference(source, load_words("fr")) if one.lang] == ["de"]


def name(*families: str) -> tuple[Name, ...]:
    return tuple(map(Name, families))


@pytest.mark.parametrize(
    ("values", "written"),
    [
        # Who: up to six names; editors where nobody wrote it.
        ({"authors": name(*"ABCDEF")}, "A, B, C, D, E and F. T."),
        ({"authors": name(*"ABCDEFG")}, "A et al. T."),
        ({"editors": name("A")}, "A (ed.). T."),
        ({"editors": name("A", "B")}, "A and B (eds). T."),
        ({"editors": name("A"), "more_editors": True}, "A et al. (eds). T."),
        ({"editors": name(*"ABCDEF")}, "A, B, C, D, E and F (eds). T."),
        ({"editors": name(*"ABCDEFG")}, "A et al. (eds). T."),
        ({"authors": name("A"), "editors": name("E"), "container": "J"}, "A. T. J, edited by E."),
        ({"editors": name("E"), "container": "J"}, "E (ed.). T. J."),
        # What ends a title ends the sentence.
        ({"title": 'Say "Why?"'}, 'Say "Why?"'),
        ({"title": "Wow!", "publisher": "P"}, "Wow! P."),
        ({"title": "On and on…", "date": "2020"}, "On and on… 2020."),
        ({"title": "‘A.’", "date": "2020"}, "‘A.’ 2020."),
        ({"title": "«A»"}, "«A»."),
        ({"title": "", "place": "Oslo"}, "k. Oslo."),
        ({"translation": "[Why?]"}, "T [Why?]."),
        # What is not our own word is written as it is.
        ({"container": "the paper"}, "T. the paper."),
        ({"edition": "revised"}, "T. Revised edition."),
        # Where: a number counts the issues of a journal, or the books of a series.
        ({"type": "article", "container": "J", "series": "S", "number": "3"}, "T. J, number 3. S."),
        ({"type": "review", "container": "J", "series": "S", "number": "3"}, "T. J, number 3. S."),
        ({"type": "periodical", "series": "S", "number": "3"}, "T. Number 3. S."),
        ({"type": "suppperiodical", "series": "S", "number": "3"}, "T. Number 3. S."),
        ({"type": "book", "container": "J", "series": "S", "number": "3"}, "T. J. S, number 3."),
        ({"container": "J", "number": "3"}, "T. J, number 3."),
        ({"series": "S"}, "T. S."),
        (
            {"container": "J", "volume": "1", "number": "2", "fields": (("chapter", "7"),)},
            "T. J, volume 1, number 2, chapter 7.",
        ),
        # Which.
        (
            {
                "edition": "2",
                "series": "S",
                "number": "4",
                "fields": (("version", "1.2"), ("translator", "Roe, Jane and Poe, Ann")),
            },
            "T. 2nd edition, version 1.2, translated by Jane Roe and Ann Poe, S, number 4.",
        ),
        (
            {"fields": (("translator", " and ".join("ABCDEF")),)},
            "T. Translated by A, B, C, D, E and F.",
        ),
        ({"fields": (("translator", " and ".join("ABCDEFG")),)}, "T. Translated by A et al."),
        # Who published it, and when; the date stands with what is known.
        ({"place": "Oslo", "publisher": "P"}, "T. Oslo: P."),
        ({"authors": name("A"), "publisher": "A"}, "A. T."),
        ({"container": "J", "publisher": "J"}, "T. J."),
        ({"date": "2020"}, "T. 2020."),
        ({"date": "2020", "circa": True}, "T. c. 2020."),
        ({"date": "2020", "container": "J"}, "T. J, 2020."),
        ({"date": "2020", "container": "J", "series": "S"}, "T. J. S, 2020."),
        ({"date": "2020", "container": "J", "series": "S", "place": "O"}, "T. J. S. O, 2020."),
    ],
)
def test_a_reference_says_who_what_where_and_when(values: dict[str, object], written: str) -> None:
    assert plain(reference(make(**values))) == written


@pytest.mark.parametrize(
    "type_",
    [
        *("inbook", "bookinbook", "suppbook", "incollection", "suppcollection", "inreference"),
        *("inproceedings", "conference"),
    ],
)
def test_a_part_stands_in_its_whole(type_: str) -> None:
    assert plain(reference(make(type=type_, container="J"))) == "T. In J."


@pytest.mark.parametrize(
    ("volume", "written"),
    [
        ("3", "Volume 3"),
        ("3a", "Volume 3a"),
        ("1.2b", "Volume 1.2b"),
        ("2nd part", "Volume 2nd part"),
        ("XII", "Volume XII"),
        ("xii", "Volume xii"),
        ("XII b", "Volume XII b"),
        ("Mixed", "Mixed"),
        ("Spring", "Spring"),
        ("Spring 2003", "Volume Spring 2003"),
        ("Vol. 3", "Vol. 3"),
    ],
)
def test_what_counts_gets_the_word_for_it(volume: str, written: str) -> None:
    assert plain(reference(make(volume=volume))) == f"T. {written}."


@pytest.mark.parametrize(
    ("pages", "written"),
    [
        ("3", "Page 3"),
        ("12a", "Page 12a"),
        ("1.2", "Page 1.2"),
        ("ix", "Page ix"),
        ("3–5", "Pages 3–5"),
        ("3, 5", "Pages 3, 5"),
        ("3 & 5", "Pages 3 & 5"),
        ("A3–5", "Pages A3–5"),
        ("ix–xv", "Pages ix–xv"),
        ("IX–XV", "Pages IX–XV"),
        ("12 pp.", "12 pp."),
        ("All", "All"),
        ("See A3–5", "See A3–5"),
    ],
)
def test_one_page_or_several(pages: str, written: str) -> None:
    assert plain(reference(make(pages=pages))) == f"T. {written.removesuffix('.')}."


@pytest.mark.parametrize(
    ("type_", "genre"),
    [
        ("audio", "Tonaufnahme"),
        ("music", "Tonaufnahme"),
        ("dataset", "Datensatz"),
        ("image", "Bild"),
        ("artwork", "Bild"),
        ("letter", "Brief"),
        ("mastersthesis", "Masterarbeit"),
        ("movie", "Video"),
        ("video", "Video"),
        ("patent", "Patent"),
        ("performance", "Aufführung"),
        ("phdthesis", "Dissertation"),
        ("software", "Software"),
        ("standard", "Norm"),
        ("techreport", "technischer Bericht"),
        ("thesis", "Abschlussarbeit"),
        ("unpublished", "unveröffentlicht"),
        ("book", ""),
    ],
)
def test_a_note_says_what_a_work_is(type_: str, genre: str) -> None:
    words = load_words("de")
    assert plain(notes(make(type=type_), words)) == genre
    assert plain(notes(make(type=type_, fields=(("type", "phdthesis"),)), words)) == genre
    for own in ("Habilitation", "thesis by sounds"):
        assert plain(notes(make(type=type_, fields=(("type", own),)), words)) == ""


@pytest.mark.parametrize(
    ("state", "written"),
    [
        ("forthcoming", "erscheint demnächst"),
        ("inpreparation", "in Vorbereitung"),
        ("inpress", "im Druck"),
        ("prepublished", "vorab online veröffentlicht"),
        ("submitted", "eingereicht"),
        ("refused", "refused"),
    ],
)
def test_a_note_says_how_far_a_work_is(state: str, written: str) -> None:
    found = notes(make(fields=(("pubstate", state),)), load_words("de"))
    assert found == (Part("state", written),)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"language": "german"}, [("language", "in German", "")]),
        ({"language": "x y"}, [("language", "in X Y", "")]),
        ({"language": "en-GB"}, []),
        ({"kind": "primary"}, [("kind", "primary source", "")]),
        ({"kind": "primary", "copy": True}, [("kind", "copy of a primary source", "")]),
        ({"kind": "news", "copy": True}, [("kind", "news, copy", "")]),
        ({"copy": True}, [("kind", "copy", "")]),
        ({"note": "As said."}, [("note", "As said", "")]),
        ({"urldate": "2025-04-02"}, [("seen", "seen on 2 April 2025", "")]),
        ({"urldate": "2025-04"}, [("seen", "seen in April 2025", "")]),
        ({"isbn": "ISBN: 978-0-306-40615-7"}, [("isbn", "ISBN 978-0-306-40615-7", "")]),
        ({"isbn": "isbn 0306406152"}, [("isbn", "ISBN 0306406152", "")]),
        ({"isbn": "issn1234-5679"}, [("isbn", "ISSN 1234-5679", "")]),
        ({"archive": "https://z.example/"}, [("archive", "archived copy", "https://z.example/")]),
        ({"doi": "10.1/x"}, []),
        (
            {"url": "https://a.example/", "doi": "10.1/x y"},
            [("doi", "doi:10.1/x y", "https://doi.org/10.1/x%20y")],
        ),
        (
            {"eprint": "a b/1", "eprint_type": "arxiv"},
            [("eprint", "arXiv:a b/1", "https://arxiv.org/abs/a%20b/1")],
        ),
        ({"eprint": "1", "eprint_type": "googlebooks"}, [("eprint", "Google Books:1", "")]),
        ({"eprint": "1", "eprint_type": "hdl"}, [("eprint", "HDL:1", "")]),
        ({"eprint": "1", "eprint_type": "jstor"}, [("eprint", "JSTOR:1", "")]),
        ({"eprint": "1", "eprint_type": "pubmed"}, [("eprint", "PubMed:1", "")]),
        ({"eprint": "1", "eprint_type": "zenodo"}, [("eprint", "zenodo:1", "")]),
        ({"eprint": "1"}, [("eprint", "1", "")]),
        ({"eprint_type": "arxiv"}, []),
    ],
)
def test_notes_help_to_weigh_a_source(
    values: dict[str, object], found: list[tuple[str, str, str]]
) -> None:
    parts = [part for part in notes(make(**values)) if part.role]
    assert [(part.role, part.text, part.href) for part in parts] == found


@pytest.mark.parametrize(
    ("values", "href"),
    [
        ({"url": "https://a.example/", "doi": "10.1/x"}, "https://a.example/"),
        ({"doi": "10.1/a b?c/d", "eprint": "1", "eprint_type": "arxiv"}, "10.1/a%20b%3Fc/d"),
        ({"eprint": "1", "eprint_type": "arxiv"}, "https://arxiv.org/abs/1"),
        ({"eprint": "1", "eprint_type": "hdl"}, ""),
        ({"eprint_type": "arxiv"}, ""),
    ],
)
def test_a_title_leads_to_where_the_work_is_read(values: dict[str, str], href: str) -> None:
    whole = f"https://doi.org/{href}" if href.startswith("10.") else href
    assert address(make(**values)) == whole
    assert [part.href for part in reference(make(**values)) if part.role == "title"] == [whole]


def test_each_part_of_a_reference_says_what_it_is() -> None:
    source = make(
        type="incollection",
        authors=name("A"),
        editors=name("E"),
        translation="Tr",
        container="C",
        series="S",
        place="O",
        publisher="P",
        date="2020",
        language="de-AT",
    )
    parts = [(part.role, part.text) for part in reference(source) if part.role]
    assert parts == [
        *(("authors", "A"), ("title", "T"), ("translation", "Tr"), ("container", "C")),
        *(("editors", "E"), ("series", "S"), ("place", "O"), ("publisher", "P")),
        ("date", "2020"),
    ]
    assert [part.lang for part in reference(source) if part.role == "title"] == ["de-AT"]
    assert not any(part.lang for part in reference(source, load_words("de")))
