"""Nothing on the site is out of reach or without a use: pages, paragraphs, terms, sources, claims.

Read from the site as it is built. Links in the navigation do not count: it lists everything.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

import prose
from sites import ROOT
from test_floors import EXPLAINERS, body, citations, library

PARAGRAPHS = range(1, 12)


@cache
def links(folder: Path, address: str) -> frozenset[tuple[str, str]]:
    """Return where the text of a page leads: address and fragment, inside the site."""
    path = folder / address.strip("/") / "index.html"
    page = LexborHTMLParser(path.read_text("utf-8"))
    for aside in page.css("nav, .md-sidebar, .md-header, .md-footer"):
        aside.decompose()
    found = set()
    for node in page.css(".md-container a[href], .md-content a[href]"):
        parts = urlsplit(urljoin(address, node.attributes["href"] or ""))
        if not parts.netloc and (folder / parts.path.strip("/") / "index.html").is_file():
            found.add((parts.path, unquote(parts.fragment)))
    return frozenset(found)


def addresses(folder: Path) -> list[str]:
    found = (path.parent.relative_to(folder).as_posix() for path in folder.rglob("index.html"))
    return ["/" if name == "." else f"/{name}/" for name in sorted(found)]


def test_each_explainer_is_two_clicks_from_home(site_folder: Path) -> None:
    near = {"/"}
    for _ in range(prose.settings("floors.toml")["site"]["clicks_from_home"]):
        near |= {address for page in near for address, _ in links(site_folder, page)}
    assert {f"/explainers/{path.stem}/" for path in EXPLAINERS} - near == set()


def test_each_page_is_reachable_by_its_text(site_folder: Path) -> None:
    near, new = {"/"}, {"/"}
    while new:
        new = {address for page in new for address, _ in links(site_folder, page)} - near
        near |= new
    assert set(addresses(site_folder)) - near == set()


@pytest.mark.parametrize("number", PARAGRAPHS)
def test_each_paragraph_is_treated(number: int) -> None:
    claims = [claim for claim in library().claims.values() if claim.paragraph == number]
    pages = [path for path in EXPLAINERS if number in paragraphs(path)]
    assert claims
    assert pages
    about = {claim.explainer for claim in claims}
    assert about <= {f"explainers/{path.stem}.md" for path in EXPLAINERS}


def paragraphs(path: Path) -> list[int]:
    head = path.read_text("utf-8").split("---")[1]
    [line] = [line for line in head.splitlines() if line.startswith("paragraphs:")]
    return [int(part) for part in line.removeprefix("paragraphs:").strip(" []").split(",")]


def test_the_article_has_as_many_paragraphs() -> None:
    article = library().article
    assert article is not None
    assert len(article.paragraphs) == len(PARAGRAPHS)


def test_each_claim_is_told_on_a_page_and_its_page_treats_its_paragraph() -> None:
    for claim in library().claims.values():
        path = ROOT / "docs" / claim.explainer
        assert path in EXPLAINERS, claim.slug
        assert claim.paragraph in paragraphs(path), f"{claim.slug}: {claim.explainer}"
        linked = f"claims.md#claim-{claim.slug})"
        telling = [page.stem for page in EXPLAINERS if linked in body(page)]
        assert telling, f"{claim.slug}: no explainer tells it"


def test_no_source_is_an_orphan() -> None:
    found = library()
    bodies = [
        *(body(path) for path in EXPLAINERS),
        *(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")),
        *(term.body for term in found.terms.values()),
        *(claim.body for claim in found.claims.values()),
    ]
    used = {citation.key for text in bodies for citation in citations(text)}
    used |= {key for figure in found.figures.values() for row in figure.keys for key in row}
    assert sorted(found.sources.keys() - used) == []


def test_no_term_is_an_orphan(site_folder: Path) -> None:
    linked = {
        fragment
        for address in addresses(site_folder)
        if address != "/glossary/"
        for target, fragment in links(site_folder, address)
        if target == "/glossary/"
    }
    assert sorted(slug for slug in library().terms if f"term-{slug}" not in linked) == []


def test_each_event_is_in_the_timeline(site_folder: Path) -> None:
    page = (site_folder / "timeline" / "index.html").read_text("utf-8")
    for term in library().terms.values():
        if term.kind == "event":
            assert f"#term-{term.slug}" in page or f'id="{term.slug}"' in page, term.slug
            assert term.date, term.slug
            assert term.topics, term.slug
