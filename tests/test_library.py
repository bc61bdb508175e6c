"""The folder sources/ as authors write it, and the library that comes of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Article, Claim, Library, Span, Term
from sites import write

BIB = "@online{one, title = {One}, url = {https://a.example/1}}\n"


def read(folder: Path, files: dict[str, str]) -> tuple[Library, list[str]]:
    """Return the library of a folder, and what is wrong in it, as a line each."""
    write(folder, {f"sources/{name}": text for name, text in files.items()})
    library, problems = load(folder / "sources", folder)
    return library, [
        f"{one.span.path}:{one.span.line}: {one.code} {one.message}" for one in problems
    ]


def term(*lines: str) -> str:
    return "\n".join(("---", *lines, "summary: S.", "---", "Text [@one].", ""))


def test_a_folder_that_is_not_there_is_an_empty_library(tmp_path: Path) -> None:
    library, problems = load(tmp_path / "none", tmp_path)
    assert not problems
    assert (library.sources, library.terms, library.claims, library.figures) == ({}, {}, {}, {})
    assert library.article is None


def test_a_term_holds_what_its_file_says(tmp_path: Path) -> None:
    text = (
        "---\ntitle: the talks\naliases: [the meeting]\nforms: [talking]\nautolink: false\n"
        "kind: event\nsummary: They met.\nsee: [other]\nrole: host\nas_of: 2025-04\n"
        "date: 2025-02-18\nend: 2025-02-19\ntopics: [reset]\nexplainer: a.md\n---\nText [@one].\n"
    )
    library, problems = read(tmp_path, {"a.bib": BIB, "glossary/talks.md": text})
    assert problems == []
    assert library.terms["talks"] == Term(
        slug="talks",
        title="the talks",
        span=Span("sources/glossary/talks.md", 1, 1, 1, 1),
        aliases=("the meeting",),
        forms=("talking",),
        autolink=False,
        kind="event",
        summary="They met.",
        see=("other",),
        body="Text [@one].",
        body_line=16,
        role="host",
        as_of="2025-04",
        date="2025-02-18",
        end="2025-02-19",
        topics=("reset",),
        explainer="a.md",
    )


def test_a_term_that_says_little_is_a_concept_and_plain_words_lead_to_it(tmp_path: Path) -> None:
    library, problems = read(tmp_path, {"glossary/alpha.md": term("title: alpha")})
    assert problems == []
    alpha = library.terms["alpha"]
    assert (alpha.kind, alpha.autolink, alpha.date, alpha.role) == ("concept", True, "", "")


def test_a_claim_holds_what_its_file_says(tmp_path: Path) -> None:
    text = (
        "---\nclaim: It was so.\nparagraph: 3\nverdict: wrong\nchecked: 2026-11-24\n"
        "explainer: a.md\n---\nBecause [@one].\n"
    )
    library, problems = read(tmp_path, {"claims/03-it-was.md": text, "claims/2025.md": text})
    assert problems == []
    assert library.claims["it-was"] == Claim(
        slug="it-was",
        claim="It was so.",
        span=Span("sources/claims/03-it-was.md", 1, 1, 1, 1),
        paragraph=3,
        verdict="wrong",
        checked=date(2026, 11, 24),
        explainer="a.md",
        body="Because [@one].",
        body_line=8,
    )
    assert list(library.claims) == ["it-was", "2025"]


def test_the_article_holds_what_its_file_says(tmp_path: Path) -> None:
    text = (
        "---\ntitle: The gambles\nauthor: A. Writer\ndate: 2025-04-03\nsource: one\n"
        "paragraphs: [First., Second.]\n---\n"
    )
    library, problems = read(tmp_path, {"article.md": text})
    assert problems == []
    assert library.article == Article(
        title="The gambles",
        span=Span("sources/article.md", 1, 1, 1, 1),
        author="A. Writer",
        date="2025-04-03",
        source="one",
        paragraphs=("First.", "Second."),
    )


@pytest.mark.parametrize(
    ("files", "problems"),
    [
        (
            {"glossary/a.md": term("title: a", "kind: event")},
            ["sources/glossary/a.md:1: T004 an event needs a field 'date'"],
        ),
        ({"glossary/a.md": term("title: a", "kind: event", "date: 2025")}, []),
        (
            {"glossary/a.md": term("title: a", "role: chief")},
            [
                "sources/glossary/a.md:1: T004 a 'role' needs a field 'as_of': "
                "the date for which it is true"
            ],
        ),
        ({"glossary/a.md": term("title: a", "role: chief", "as_of: 2025-04")}, []),
        (
            {
                f"claims/{number}-a.md": "---\nclaim: C.\nparagraph: 1\nverdict: wrong\n---\nx\n"
                for number in ("01", "02")
            },
            ["sources/claims/02-a.md:1: Q004 claim 'a' exists already"],
        ),
        (
            {"a.bib": BIB, "b.bib": BIB.replace("one", "ONE")},
            ["sources/b.bib:1: S002 key 'ONE' is taken already, in sources/a.bib:1; "
             "the first entry counts"],
        ),
        (
            {"a.bib": BIB.replace("one", "strasse"), "b.bib": BIB.replace("one", "straße")},
            [],
        ),
        (
            {
                "glossary/a.md": term("title: word", "aliases: [bank]"),
                "glossary/b.md": term("title: bank"),
            },
            ["sources/glossary/b.md:1: T002 'bank' could mean 'a' or 'b': plain words are not "
             "linked, and [[bank]] means 'a'"],
        ),
        (
            {
                "glossary/a.md": term("title: word", "aliases: [bank]"),
                "glossary/c.md": term("title: other", "aliases: [bank]"),
                "glossary/d.md": term("title: third", "aliases: [bank]"),
            },
            ["sources/glossary/d.md:1: T002 'bank' could mean 'a' or 'c' or 'd': plain words are "
                "not linked, and [[bank]] means 'a'"],
        ),
        (
            {
                "glossary/a.md": term("title: lens"),
                "glossary/b.md": term("title: lense"),
            },
            [
                "sources/glossary/b.md:1: T002 'lenses' could mean 'a' or 'b': "
                "plain words are not linked"
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, files: dict[str, str], problems: list[str]
) -> None:
    assert read(tmp_path, files)[1] == problems


def test_of_two_keys_that_differ_in_case_the_first_is_kept(tmp_path: Path) -> None:
    library, _ = read(tmp_path, {"a.bib": BIB, "b.bib": BIB.replace("one", "ONE")})
    assert list(library.sources) == ["one"]


def test_a_folder_by_the_name_of_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "sources" / "old.bib").mkdir(parents=True)
    library, problems = read(tmp_path, {"a.bib": BIB})
    assert (list(library.sources), problems) == (["one"], [])


def test_a_file_elsewhere_is_not_read_through_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"elsewhere.bib": BIB.replace("one", "secret")})
    sources = tmp_path / "site/sources"
    sources.mkdir(parents=True)
    (sources / "b.bib").symlink_to(tmp_path / "elsewhere.bib")
    library, (problem,) = read(tmp_path / "site", {"a.bib": BIB})
    assert list(library.sources) == ["one"]
    assert problem.startswith("sources/b.bib:1: S018 it is a link that leads out of the project")


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    files = {f"{name}.bib": BIB.replace("one", name) for name in "cabed"}
    assert list(read(tmp_path, files)[0].sources) == list("abcde")
