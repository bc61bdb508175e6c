"""The glossary, the timeline and the annotated article, as MkDocs builds them."""

from __future__ import annotations

import json
import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from sites import Build

BIB = """\
@online{one, title = {One}, organization = {A}, url = {https://a.example/1}, keywords = {primary}}
@online{art, title = {The article}, organization = {B}, url = {https://b.example/art}}
"""


def term(title: str, *lines: str, body: str = "Text [@one].") -> str:
    matter = "\n".join((f"title: {title}", "summary: S.", *lines))
    return f"---\n{matter}\n---\n{body}\n"


def claim(text: str, verdict: str, paragraph: int = 1, more: str = "") -> str:
    return (
        f"---\nclaim: {text}\nparagraph: {paragraph}\nverdict: {verdict}\nchecked: 2026-11-24\n"
        f"{more}---\nBecause [@one].\n"
    )


GLOSSARY = {
    "docs/index.md": "# Home\n\nalpha, alpha beta, Alphas, [[the first]] [@one]\n\n"
    "## Part\n\n[see alpha](other.md) `alpha` <!-- alpha -->\n\n## alpha\n\nA gamma.\n",
    "docs/other.md": "# Other\n\n| a |\n| - |\n| [[alpha\\|shown]] and the NGO |\n\n"
    "!!! note\n\n    An alpha here.\n",
    "sources/a.bib": BIB,
    "sources/glossary/alpha.md": term("alpha", "aliases: [the first]", "see: [beta]"),
    "sources/glossary/beta.md": term("alpha beta", body="An alpha, and alpha beta [@one]."),
    "sources/glossary/gamma.md": term(
        "gamma", "kind: person", "role: Chief of all & more", "as_of: 2025-04"
    ),
    "sources/glossary/ngo.md": term("NGO", "kind: organisation"),
}
CONFIG = "markdown_extensions: [admonition, tables]\n"


@pytest.fixture
def glossary(build: Build) -> tuple[Build, dict[str, LexborHTMLParser], list[str]]:
    built = build(GLOSSARY, strict=True, config=CONFIG)
    assert not built.aborted, built.log
    pages = {
        path: LexborHTMLParser(built.read(f"{path}index.html"))
        for path in ("", "other/", "glossary/")
    }
    docs = json.loads(built.read("search/search_index.json"))["docs"]
    return build, pages, [f"{doc['title']} {doc['text']}" for doc in docs]


def test_each_probe_of_the_comparison(
    glossary: tuple[Build, dict[str, LexborHTMLParser], list[str]],
) -> None:
    """The rows of a comparison with other glossary tools; what each of them got wrong is right."""
    _, pages, index = glossary
    home, other = pages[""], pages["other/"]
    shown = [node.text() for node in home.css("article .ap-term")]
    # Plain words, an alias, the longest term; the first mention only; the plural keeps its words.
    assert shown == ["alpha", "alpha beta", "the first", "gamma"]
    text = re.sub(r"\[\d+\]", "[]", home.css_first("article p").text())
    assert text == "alpha, alpha beta, Alphas, the first []"
    # Nothing in code, comments, headings or links; no link in a link.
    assert home.css_first("code").html == "<code>alpha</code>"
    assert "<!-- alpha -->" in (home.html or "")
    assert not home.css("h2 .ap-term")
    assert not home.css("article a a")
    assert "alpha" in [
        node.text().strip() for node in home.css(".md-nav--secondary a .md-ellipsis")
    ]
    # In a table, the bar escaped; in an admonition.
    assert [node.text() for node in other.css("td .ap-term")] == ["shown", "NGO"]
    assert other.css(".admonition .ap-term") == []  # its first mention is in the table
    # A term in another one's definition, none in its own.
    entry = pages["glossary/"].css_first("#term-beta")
    assert [node.text() for node in entry.css("p .ap-term")] == ["alpha"]
    # Uses by page and section; readable ids.
    uses = pages["glossary/"].css_first("#term-alpha .ap-uses").text()
    assert uses == "Used in: Home (2); Other"
    assert home.css_first("#use-alpha-1") is not None
    # The search index reads as the page does.
    assert any("alpha, alpha beta, Alphas, the first" in text for text in index)
    assert any("shown" in text and "NGO" in text for text in index)
    assert all(char.isprintable() or char in "\n\t" for text in index for char in text)


def test_entries_by_kind_with_index_and_roles(
    glossary: tuple[Build, dict[str, LexborHTMLParser], list[str]],
) -> None:
    page = glossary[1]["glossary/"]
    assert [node.text().strip("¶\n") for node in page.css("article h2")] == [
        "Concepts",
        "People",
        "Organisations",
        "References",
    ]
    rows = [(node.text(), node.next.text()) for node in page.css(".ap-index dt")]  # type: ignore[union-attr]
    assert rows == [
        ("A", "alpha · alpha beta"),
        ("G", "gamma"),
        ("N", "NGO"),
        ("T", "the first"),
    ]
    assert page.css_first("#term-gamma .ap-role").text() == "Chief of all & more as of April 2025"
    assert not any("the first" in text and "NGO · " in text for text in glossary[2])


EVENTS = {
    "docs/index.md": "# Home\n\n[@one] [@art]\n",
    "sources/a.bib": BIB,
    "sources/glossary/a.md": term("A", "kind: event", "date: 2025", "topics: [talks, a & b]"),
    "sources/glossary/b.md": term(
        "B", "kind: event", "date: 2024-12-31", "end: 2025-01-02", "topics: [talks]"
    ),
    "sources/glossary/c.md": term("C", "kind: event", "date: 2025-03"),
}


def test_the_timeline(build: Build) -> None:
    built = build(EVENTS, strict=True)
    page = LexborHTMLParser(built.read("timeline/index.html"))
    events = [
        (
            node.attributes["id"],
            node.attributes.get("data-ap-values"),
            node.css_first("time").text(),
        )
        for node in page.css(".ap-event")
    ]
    assert events == [
        ("event-b", "talks", "31 December 2024 – 2 January 2025"),
        ("event-a", "talks|a & b", "2025"),
        ("event-c", None, "March 2025"),
    ]
    assert [node.text().strip("¶\n") for node in page.css("h2")][:2] == ["2024", "2025"]
    groups = {
        node.attributes["id"]: [link.attributes["href"] for link in node.css("a")]
        for node in page.css(".ap-contents details > ul")
    }
    assert groups == {"topic-a-b": ["#event-a"], "topic-talks": ["#event-b", "#event-a"]}


CLAIMS = {
    "docs/index.md": "# Home\n\n[@one]\n",
    "docs/e.md": "---\ntitle: E\nsummary: S.\nreviewed: 2026-11-24\nparagraphs: [1]\n---\n"
    "# E\n\nX [@one].\n",
    "sources/a.bib": BIB,
    "sources/article.md": "---\ntitle: The <article>\nauthor: Ann Author\ndate: 2025-04\n"
    "source: art\nparagraphs:\n  - First.\n  - Second & third.\n---\n",
    "sources/claims/0102-b.md": claim("It was <so>.", "wrong", more="explainer: e.md\n"),
    "sources/claims/0101-a.md": claim("It is.", "supported", more="explainer: e.md\n"),
}


def test_the_annotated_article(build: Build) -> None:
    built = build(
        CLAIMS, strict=True, config="site_url: https://x.example/\nsite_author: The Site\n"
    )
    assert not built.aborted, built.log
    page = LexborHTMLParser(built.read("claims/index.html"))
    parts = [
        (
            node.css_first("h2").text().strip("¶\n"),
            node.css_first(".ap-paragraph").text(),
            [entry.attributes["id"] for entry in node.css(".ap-claim")],
            len(node.css(".ap-none")),
        )
        for node in page.css(".ap-part")
    ]
    assert parts == [
        ("Paragraph 1", "First.", ["claim-a", "claim-b"], 0),
        ("Paragraph 2", "Second & third.", [], 1),
    ]
    contents = [node.text().split() for node in page.css(".ap-contents summary")]
    assert contents == [["●", "supported", "1"], ["✕", "wrong", "1"]]
    assert "%" not in page.css_first(".ap-contents").text()
    explainer = LexborHTMLParser(built.read("e/index.html"))
    listed = [
        (node.text().strip(), node.css_first("a").attributes["href"])
        for node in explainer.css(".ap-claims li")
    ]
    assert listed == [
        ("● supported: It is.", "../claims/#claim-a"),
        ("✕ wrong: It was <so>.", "../claims/#claim-b"),
    ]
    assert explainer.css_first('.md-nav--secondary a[href="#ap-claims"]') is not None
    assert not LexborHTMLParser(built.read("index.html")).css(".ap-claims")


def reviews(html: str) -> list[dict[str, object]]:
    found = LexborHTMLParser(html).css('script[type="application/ld+json"]')
    data = [json.loads(node.text()) for node in found]
    return [one for one in data if one["@type"] == "ClaimReview"]


def test_verdicts_for_search_engines(build: Build) -> None:
    config = "site_url: https://x.example/\nsite_author: The Site\n"
    html = build(CLAIMS, config=config).read("claims/index.html")
    assert "<so>" not in html
    first, second = reviews(html)
    assert second["url"] == "https://x.example/claims/#claim-b"
    assert second["claimReviewed"] == "It was <so>."
    assert second["reviewRating"] == {"@type": "Rating", "alternateName": "wrong"}
    assert second["datePublished"] == "2026-11-24"
    assert second["itemReviewed"] == {
        "@type": "Claim",
        "author": {"@type": "Person", "name": "Ann Author"},
        "datePublished": "2025-04",
        "appearance": {
            "@type": "CreativeWork",
            "headline": "The <article>",
            "url": "https://b.example/art",
        },
    }
    assert first["author"] == [{"@type": "Organization", "name": "The Site"}]


@pytest.mark.parametrize("missing", ["site_url", "site_author", "author"])
def test_no_review_without_what_it_needs(build: Build, missing: str) -> None:
    settings = {"site_url": "https://x.example/", "site_author": "The Site"}
    config = "".join(f"{name}: {value}\n" for name, value in settings.items() if name != missing)
    article = CLAIMS["sources/article.md"]
    if missing == "author":
        article = article.replace("author: Ann Author\n", "")
    html = build(CLAIMS | {"sources/article.md": article}, config=config).read("claims/index.html")
    assert reviews(html) == []


FAULTS = {
    "docs/index.md": "# Home\n\n[[alpah]], [[the frist]], [@one]\n",
    "docs/e.md": "---\ntitle: E\nsumary: S.\nparagraphs: [1, 3]\nreviewed: soon\n---\n"
    "# E\n\nX 12.\n",
    "sources/a.bib": BIB,
    "sources/article.md": "---\ntitle: T\nsource: arts\nparagraphs: [A., B.]\nurl: x\n---\n",
    "sources/glossary/alpha.md": term("alpha", "aliases: [the first]", "see: [bta]", body="None."),
    "sources/glossary/beta.md": "---\ntitle: beta\nkind: no\naliases: [x, no]\ntitle: again\n---\n"
    "Text [@one].\n",
    "sources/glossary/gamma.md": term("gamma", "aliases: [strike]").replace("S.", "S" * 241),
    "sources/glossary/delta.md": term("delta", "aliases: [strike]", "role: R"),
    "sources/glossary/event.md": "---\ntitle: e: f\n---\nText [@one].\n",
    "sources/glossary/tab.md": "---\n\ttitle: x\n---\nText [@one].\n",
    "sources/glossary/bom.md": "\ufeff" + term("bom", "date: 2025-13"),
    "sources/claims/01-c.md": "---\nclaim: C.\nparagraph: 7\nverdict: wong\n"
    "checked: 2026-02-30\n---\nX.\n",
    "sources/claims/02-d.md": claim("D.", "wrong")
    .replace("checked", "chekced")
    .replace(": 1", ": one"),
}


def test_each_fault_is_named_once_with_its_place(build: Build) -> None:
    built = build(FAULTS)
    log = [line.removeprefix("mkdocs_apparatus: ") for line in built.log]
    places = [re.match(r"(\S+?):(\d+):\d+: (\w+) (.*)", line) for line in log]
    found = sorted((m[1], int(m[2]), m[3], m[4]) for m in places if m)
    assert found == EXPECTED
    assert len(log) == len(set(log))


EXPECTED = [
    ("docs/e.md", 1, "P002", "a page about the article needs the field 'summary', 'reviewed'"),
    ("docs/e.md", 1, "P004", "no primary source is cited"),
    ("docs/e.md", 1, "Q006", "no paragraph 3; the article has 2"),
    ("docs/e.md", 3, "P001", "'sumary' is no field here; did you mean 'summary'?"),
    ("docs/e.md", 5, "P001", "'reviewed' must be a date such as 2026-11-24, not 'soon'"),
    ("docs/e.md", 9, "P005", "no citation in the paragraph 'X 12.…'"),
    ("docs/index.md", 3, "T001", "no term 'alpah'; did you mean 'alpha'?"),
    ("docs/index.md", 3, "T001", "no term 'the frist'; did you mean 'the first'?"),
    ("sources/article.md", 1, "C001", "no source 'arts'; did you mean 'art'?"),
    (
        "sources/article.md",
        5,
        "Q005",
        "'url' is no field here; known are title, author, date, source, paragraphs",
    ),
    ("sources/claims/01-c.md", 1, "Q002", "claim 'c' cites nothing"),
    ("sources/claims/01-c.md", 1, "Q006", "no paragraph 7; the article has 2"),
    (
        "sources/claims/01-c.md",
        4,
        "Q001",
        "'verdict' must be one of supported, nuanced, imprecise, wrong, unverifiable, "
        "not 'wong'; did you mean 'wrong'?",
    ),
    (
        "sources/claims/01-c.md",
        5,
        "Q001",
        "'checked' must be a date such as 2026-11-24, not '2026-02-30'",
    ),
    ("sources/claims/02-d.md", 3, "Q001", "'paragraph' must be a whole number from 1, not 'one'"),
    (
        "sources/claims/02-d.md",
        5,
        "Q001",
        "'chekced' is no field here; did you mean 'checked'?",
    ),
    ("sources/glossary/alpha.md", 1, "T003", "'see' names no term 'bta'; did you mean 'beta'?"),
    ("sources/glossary/beta.md", 1, "T004", "the field 'summary' is missing"),
    (
        "sources/glossary/beta.md",
        3,
        "T004",
        "'kind' must be one of concept, person, organisation, place, law, event, not 'no'",
    ),
    (
        "sources/glossary/beta.md",
        4,
        "T004",
        "'aliases' must be a list such as [one, two], each a text: "
        "put it in quotes, since YAML takes no for a yes or no",
    ),
    ("sources/glossary/beta.md", 5, "T004", "'title' stands twice, first in line 2"),
    (
        "sources/glossary/bom.md",
        1,
        "T004",
        "the file begins with a byte order mark: save it as UTF-8 without",
    ),
    (
        "sources/glossary/bom.md",
        4,
        "T004",
        "'date' must be a date: 2009-03-06, 2009-03 or 2009, not '2025-13'",
    ),
    (
        "sources/glossary/delta.md",
        1,
        "T004",
        "a 'role' needs a field 'as_of': the date for which it is true",
    ),
    (
        "sources/glossary/event.md",
        2,
        "T004",
        "front matter cannot be read: a value that holds a colon needs quotes",
    ),
    (
        "sources/glossary/gamma.md",
        1,
        "T002",
        "'strike' could mean 'delta' or 'gamma': plain words are not linked, "
        "and [[strike]] means 'delta'",
    ),
    (
        "sources/glossary/gamma.md",
        3,
        "T004",
        "'summary' must be at most 240 characters long, and it has 241",
    ),
    (
        "sources/glossary/tab.md",
        2,
        "T004",
        "front matter cannot be read: there is a tab; YAML wants spaces",
    ),
]
