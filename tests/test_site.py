"""The project's own site as it is built: what every page must hold, and what explainers must."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import frontmatter
import pytest
from mkdocs.config import load_config
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
            for node in page.css(".ap-cite")
        )
        anchors = {node.attributes["id"]: node for node in page.css(".ap-cite")}
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
