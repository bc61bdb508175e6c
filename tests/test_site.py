"""The project's own site as it is built: what every page must hold."""

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
from mkdocs.config import load_config
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Library
from sites import ROOT

EXPLAINERS = sorted((ROOT / "docs" / "explainers").glob("*.md"))


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
        if address.startswith("/apparatus/"):  # which shows how things are typed, see test_docs
            continue
        for code in page.css("pre, code"):
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


def test_explainers_and_the_timeline_have_the_same_topics() -> None:
    """One table of topics; each has a page, and an event has none that leads to no page."""
    plugins = load_config(str(ROOT / "mkdocs.yml")).plugins
    allowed = {tag.name for tag in plugins["material/tags"].config.tags_allowed}
    explained = {topic for path in EXPLAINERS for topic in frontmatter.load(str(path))["topics"]}
    dated = {topic for term in library().terms.values() for topic in term.topics}
    assert explained == allowed
    assert dated <= allowed
    assert len({topic.casefold() for topic in allowed}) == len(allowed)


def test_days_in_a_row_share_their_month(site_folder: Path) -> None:
    dates = [node.text() for node in pages(site_folder)["/timeline/"].css(".ap-event time")]
    assert "18–19 November 1999" in dates


def test_explainers_are_listed_by_topic(site_folder: Path) -> None:
    page = pages(site_folder)["/topics/"]
    listed = {
        heading.text().strip("¶").casefold(): [
            urljoin("/topics/", link.attributes["href"] or "")
            for link in page.css(f'h2[id="{heading.attributes["id"]}"] + ul a')
        ]
        for heading in page.css("article h2")
    }
    assert list(listed) == sorted(listed)
    for path in EXPLAINERS:
        topics = {topic.casefold() for topic in frontmatter.load(str(path))["topics"]}
        address = f"/explainers/{path.stem}/"
        assert {topic for topic, found in listed.items() if address in found} == topics
        here = pages(site_folder)[address].css('.site-about a[href*="/topics/#"]')
        assert {link.text().casefold() for link in here} == topics


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
