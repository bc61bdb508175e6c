"""The project's own site as it is built: what every page must hold, and what explainers must."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import frontmatter
import pytest
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Library
from mkdocs_apparatus.syntax import find_groups
from sites import ROOT

EXPLAINERS = sorted((ROOT / "docs" / "explainers").glob("*.md"))
SECTIONS = (
    "In brief",
    "What the article says",
    "What is disputed",
    "What came next",
    "What we do not know",
    "How we know",
)


@cache
def library() -> Library:
    return load(ROOT / "sources", ROOT)[0]


def pages(folder: Path) -> dict[str, LexborHTMLParser]:
    """Return the parsed pages by address."""
    found = {}
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).as_posix().removesuffix("index.html")
        found[f"/{name}"] = LexborHTMLParser(path.read_text("utf-8"))
    return found


def test_the_pages_are_there(site_folder: Path) -> None:
    for name in ("reset", "sanctions-waivers", "draft-process"):
        assert (site_folder / "explainers" / name / "index.html").is_file()
    for name in ("sources", "glossary", "timeline", "claims", "about"):
        assert (site_folder / name / "index.html").is_file()
    assert (site_folder / "404.html").is_file()


def test_nothing_is_left_as_typed(site_folder: Path) -> None:
    for address, page in pages(site_folder).items():
        for code in page.css("pre"):
            code.decompose()
        text = page.body.text()
        assert "[@" not in text, address
        assert "[[" not in text, address
        assert not page.css(".ap-missing"), address
        assert not re.search("[\x80-\x9f\U00100000-\U0010fffd]", page.html or ""), address


def test_every_internal_link_leads_somewhere(site_folder: Path) -> None:
    found = pages(site_folder)
    ids = {
        address: {node.attributes["id"] for node in page.css("[id]")}
        for address, page in found.items()
    }
    checked = 0
    for address, page in found.items():
        for node in page.css("[href], [src]"):
            link = node.attributes.get("href") or node.attributes.get("src") or ""
            parts = urlsplit(urljoin(address, link))
            if parts.scheme or parts.netloc or not link:
                continue
            checked += 1
            target = parts.path
            if target in ids:
                fragment = unquote(parts.fragment)
                known = not fragment or fragment in ids[target] or fragment.startswith("__")
                assert known, f"{address}: {link}"
            else:
                assert (site_folder / target.lstrip("/")).is_file(), f"{address}: {link}"
    assert checked > 2_000


def test_ids_are_unique(site_folder: Path) -> None:
    for address, page in pages(site_folder).items():
        counts = Counter(node.attributes["id"] for node in page.css("article [id]"))
        assert [name for name, times in counts.items() if times > 1] == [], address


def test_every_reference_leads_back_to_each_citation(site_folder: Path) -> None:
    total = 0
    for address, page in pages(site_folder).items():
        cited = Counter(
            unquote(node.attributes["href"] or "").removeprefix("#")
            for node in page.css(".ap-cite[id]")  # those in a figure's table have none
        )
        anchors = {node.attributes["id"]: node for node in page.css(".ap-cite[id]")}
        for reference in page.css(".ap-references li"):
            name = reference.attributes["id"]
            back = [
                unquote(node.attributes["href"] or "").removeprefix("#")
                for node in reference.css(".ap-backlink")
            ]
            assert len(back) == cited.pop(name or ""), f"{address}: {name}"
            for anchor in back:
                assert unquote(anchors[anchor].attributes["href"] or "") == f"#{name}", address
            total += len(back)
        assert not cited, address
    assert total > 500


def test_numbers_follow_reading_order(site_folder: Path) -> None:
    for address, page in pages(site_folder).items():
        numbers = [int(node.text()) for node in page.css("article .ap-cite")]
        first = list(dict.fromkeys(numbers))
        assert first == list(range(1, len(first) + 1)), address


def test_no_page_asks_another_host(site_folder: Path) -> None:
    for address, page in pages(site_folder).items():
        loaded = [
            node.attributes.get("src") or node.attributes.get("href") or ""
            for node in page.css("script[src], img[src], link[rel=stylesheet], link[rel=preload]")
        ]
        assert not [link for link in loaded if urlsplit(link).netloc], address
        assert not page.css("link[rel=preconnect], link[rel=dns-prefetch]"), address


def sections(body: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def words(text: str) -> int:
    """Count words as a reader sees them: without citations, links' targets and marks."""
    for group in find_groups(text):
        text = text.replace(group.typed, "")
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"\[\[[^]|]*\|", "", text)
    return len(re.findall(r"[\w’'–.,%$€-]*\w[\w’'–.,%$€-]*", text))


@pytest.mark.parametrize("path", EXPLAINERS, ids=lambda path: path.stem)
class TestExplainer:
    def test_its_front_matter_is_complete(self, path: Path) -> None:
        meta = frontmatter.load(str(path)).metadata
        assert {"title", "summary", "reviewed", "topics", "paragraphs"} <= meta.keys()
        assert set(meta["paragraphs"]) <= set(range(1, 12))

    def test_its_sections_are_there(self, path: Path) -> None:
        found = sections(frontmatter.load(str(path)).content)
        assert [name for name in SECTIONS if name not in found] == []
        assert len(re.findall(r"^[-*] ", found["In brief"], re.MULTILINE)) == 3
        assert len(found) - 1 >= len(SECTIONS) + 2

    def test_its_length(self, path: Path) -> None:
        assert 900 <= words(frontmatter.load(str(path)).content) <= 2_000

    def test_its_sources(self, path: Path) -> None:
        groups = find_groups(frontmatter.load(str(path)).content)
        keys = Counter(citation.key for group in groups for citation in group.citations)
        sources = [library().sources[key] for key in keys]
        primary = [source for source in sources if source.kind == "primary"]
        assert len(sources) >= 15
        assert len([source for source in primary if not source.copy]) >= 4
        assert len(primary) * 3 >= len(sources)
        assert max(keys.values()) <= 0.25 * keys.total()
        languages = {source.language for source in sources}
        assert {"english", "russian", "ukrainian"} <= languages

    def test_its_citations_are_dense(self, path: Path) -> None:
        body = frontmatter.load(str(path)).content
        assert len(find_groups(body)) >= 3.0 * words(body) / 100
        for name, text in sections(body).items():
            if name != "How we know":
                assert len(find_groups(text)) >= 2.0 * words(text) / 100, name

    def test_every_paragraph_with_a_figure_cites(self, path: Path) -> None:
        body = frontmatter.load(str(path)).content.split("## How we know")[0]
        for block in re.split(r"\n\s*\n|\n(?=[-*] )", body):
            text = block.strip()
            if text and not text.startswith(("#", "|")) and re.search(r"\d{2}", text):
                assert find_groups(text), text


def test_the_library_is_large_enough() -> None:
    sources = library().sources.values()
    assert len(sources) >= 60
    assert len(library().terms) >= 30
    assert len(library().claims) >= 25
    for source in sources:
        assert source.title, source.key
        assert source.publisher, source.key
        assert source.url, source.key
        assert source.urldate, source.key
        assert source.language, source.key
        assert source.kind, source.key
        assert source.language == "english" or source.translation, source.key


def test_no_host_outweighs_the_others() -> None:
    sources = library().sources.values()
    hosts = Counter(urlsplit(source.url).netloc.removeprefix("www.") for source in sources)
    assert hosts.most_common(1)[0][1] <= 0.15 * len(sources)


def test_every_claim_and_event_is_complete() -> None:
    for claim in library().claims.values():
        assert claim.verdict, claim.slug
        assert claim.checked, claim.slug
        assert 1 <= claim.paragraph <= 11, claim.slug
        assert (ROOT / "docs" / claim.explainer).is_file(), claim.slug
        assert 40 <= words(claim.body) <= 170, f"{claim.slug}: {words(claim.body)}"
    for term in library().terms.values():
        assert len(term.summary.split()) <= 30, term.slug
        assert find_groups(term.body), term.slug


FIGURES = sorted(path.stem for path in (ROOT / "sources" / "figures").glob("*.json"))
DAY = "%d %B %Y"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def test_there_are_figures() -> None:
    assert len(FIGURES) >= 5
    assert sorted(library().figures) == FIGURES


def plain_value(text: str) -> str | float:
    """Return a value as rows, tables and pictures have it alike."""
    bare = text.strip()
    for form in (DAY, "%Y-%m-%d"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(bare, form).date().isoformat()  # noqa: DTZ007 # a day
    try:
        return float(bare.replace(",", ""))
    except ValueError:
        return bare


def row_of(title: str, rows: list[dict[str, str]]) -> list[int]:
    """Return the numbers of the rows that have all values that a mark names."""
    named = {plain_value(part.rpartition(": ")[2]) for part in title.split("; ")}
    return [
        number
        for number, row in enumerate(rows)
        if named <= {plain_value(cell) for cell in row.values()}
    ]


@pytest.mark.parametrize("name", FIGURES)
def test_picture_table_and_file_have_the_same_numbers(site_folder: Path, name: str) -> None:
    figure = library().figures[name]
    places = [
        (address, found)
        for address, page in pages(site_folder).items()
        if (found := page.css_first(f"#figure-{name}"))
    ]
    assert places, "no page shows it"
    for address, element in places:
        link = element.css_first("a[download]").attributes["href"]
        path = site_folder / urlsplit(urljoin(address, link)).path.lstrip("/")
        text = path.read_text("utf-8")
        assert text == (ROOT / "sources" / "data" / figure.file).read_text("utf-8")
        rows = list(csv.DictReader(text.splitlines()))

        drawn = {number for number, row in enumerate(rows) if row.get("Drawn", "yes") == "yes"}
        for svg in element.css("svg"):
            titles = [title.text() for title in svg.css("title")]
            seen = [row_of(title, rows) for title in titles]
            assert all(seen), [
                title for title, found in zip(titles, seen, strict=True) if not found
            ]
            shown = {number for found in seen for number in found if number in drawn}
            assert {number for found in seen for number in found[:1]} <= drawn
            unseen = [rows[number] for number in drawn - shown]
            assert all("not listed" in row.values() for row in unseen), unseen
            assert svg.attributes["aria-label"] == figure.description

        heads = [head.text() for head in element.css("thead th")]
        table = [[cell.text() for cell in line.css("td")] for line in element.css("tbody tr")]
        assert len(table) == len(rows)
        for cells, row in zip(table, rows, strict=True):
            for head, cell in zip(heads, cells, strict=True):
                if head not in ("Source", "Note"):
                    assert plain_value(cell.replace("–", "") or "") == plain_value(row[head])

        for line, row in zip(element.css("tbody tr"), rows, strict=True):
            keys = [key.strip() for key in row["source"].split(";")]
            links = [str(one.attributes["href"]) for one in line.css("a.ap-cite")]
            assert [unquote(link) for link in links] == [f"#ref-{key}" for key in keys]
            page = pages(site_folder)[address]
            assert all(page.css_first(f'[id="ref-{key}"]') for key in keys)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_what_it_shows(name: str) -> None:
    figure = library().figures[name]
    assert len(figure.title.split()) <= 14
    assert 10 <= len(figure.description.split()) <= 120
    assert figure.description != figure.title
    assert "as of" in figure.caption.lower()
    # Every number in the alternative text is one of the table's, or a year, or a count of rows.
    cells = [cell for row in figure.rows for cell in row]
    known = {number for cell in cells for number in NUMBER.findall(cell.replace(",", ""))}
    known |= {str(count) for count in range(len(figure.rows) + 1)}
    rounded = {
        f"{float(one) / 10**power:.{digits}f}"
        for one in known
        for power in (0, 3, 6)
        for digits in (0, 1, 2)
    }
    said = NUMBER.findall(figure.description.replace(",", ""))
    assert [one for one in said if one not in known | rounded] == []
