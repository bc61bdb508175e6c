"""What a page, a claim, a term and the library must at least hold: the measures of floors.toml.

The length and the grade of sentences are test_prose.py's.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import frontmatter
import pytest

import prose
from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Citation, Claim, Library
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
FLOORS = prose.settings("floors.toml")


@cache
def library() -> Library:
    return load(ROOT / "sources", ROOT)[0]


@cache
def body(path: Path) -> str:
    return frontmatter.load(str(path)).content


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def words(text: str) -> int:
    """Count words as a reader sees them: without citations, links' targets and marks."""
    for group in find_groups(text):
        text = text.replace(group.typed, "")
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"\[\[[^]|]*\|", "", text)
    return len(re.findall(r"[\w’'–.,%$€-]*\w[\w’'–.,%$€-]*", text))


def citations(text: str) -> list[Citation]:
    return [citation for group in find_groups(text) for citation in group.citations]


@pytest.mark.parametrize("path", EXPLAINERS, ids=lambda path: path.stem)
class TestExplainer:
    floor = FLOORS["explainer"]

    def test_its_front_matter_is_complete(self, path: Path) -> None:
        meta = frontmatter.load(str(path)).metadata
        assert {"title", "summary", "reviewed", "topics", "paragraphs"} <= meta.keys()
        assert set(meta["paragraphs"]) <= set(range(1, 12))

    def test_its_sections_are_there(self, path: Path) -> None:
        found = sections(body(path))
        assert [name for name in SECTIONS if name not in found] == []
        assert len(re.findall(r"^[-*] ", found["In brief"], re.MULTILINE)) == 3
        assert len(found) - 1 >= len(SECTIONS) + 2

    def test_its_length(self, path: Path) -> None:
        least, most = self.floor["words"]
        assert least <= words(body(path)) <= most

    def test_its_first_paragraph_answers_briefly(self, path: Path) -> None:
        first = next(block for block in body(path).split("\n\n") if not block.startswith("#"))
        assert words(first) <= self.floor["answer_words"], first
        assert find_groups(first), first

    def test_it_says_what_is_not_known(self, path: Path) -> None:
        open_questions = re.findall(r"^- ", sections(body(path))["What we do not know"], re.M)
        assert len(open_questions) >= self.floor["open_questions"]

    def test_its_sources(self, path: Path) -> None:
        keys = Counter(citation.key for citation in citations(body(path)))
        sources = [library().sources[key] for key in keys]
        primary = [source for source in sources if source.kind == "primary"]
        assert len(sources) >= self.floor["sources"]
        originals = [source for source in primary if not source.copy]
        assert len(originals) >= self.floor["primary_sources"]
        assert len(primary) >= self.floor["primary_share"] * len(sources)
        assert max(keys.values()) <= self.floor["largest_source_share"] * keys.total()
        assert set(self.floor["languages"]) <= {source.language for source in sources}

    def test_its_citations_are_dense(self, path: Path) -> None:
        text = body(path)
        assert density(text) >= self.floor["citations_per_100_words"]
        for name, part in sections(text).items():
            if name != "How we know":
                assert density(part) >= self.floor["citations_per_100_words_of_a_section"], name

    def test_every_paragraph_with_a_figure_cites(self, path: Path) -> None:
        text = body(path).split("## How we know")[0]
        for block in re.split(r"\n\s*\n|\n(?=[-*] )", text):
            bare = block.strip()
            if bare and not bare.startswith(("#", "|")) and re.search(r"\d{2}", bare):
                assert find_groups(bare), bare


def density(text: str) -> float:
    """Return the citation groups per 100 words."""
    return 100 * len(find_groups(text)) / max(words(text), 1)


CLAIMS = [pytest.param(claim, id=claim.slug) for claim in library().claims.values()]


@pytest.mark.parametrize("claim", CLAIMS)
class TestClaim:
    floor = FLOORS["claim"]

    def test_it_is_complete(self, claim: Claim) -> None:
        assert claim.verdict
        assert claim.checked
        assert 1 <= claim.paragraph <= 11
        assert (ROOT / "docs" / claim.explainer).is_file()

    def test_its_note_is_short_and_says_enough(self, claim: Claim) -> None:
        least, most = self.floor["words"]
        assert least <= words(claim.body) <= most

    def test_its_evidence_is_enough(self, claim: Claim) -> None:
        sources = {library().sources[one.key] for one in citations(claim.body)}
        primary = [source for source in sources if source.kind == "primary"]
        enough = len(primary) >= self.floor["primary_sources"]
        others = len({source.publisher for source in sources}) >= self.floor["or_publishers"]
        # That nothing was found settles nothing, and has no number.
        assert claim.verdict == "unverifiable" or enough or others


def test_terms_are_short_and_cite() -> None:
    floor = FLOORS["term"]
    for term in library().terms.values():
        summary = list(prose.sentences(prose.plain(term.summary, front_matter=False)))
        assert len(summary) == 1, term.slug
        assert summary[0].words <= floor["summary_words"], term.slug
        assert term.summary.endswith("."), term.slug
        assert words(term.body) <= floor["words"], f"{term.slug}: {words(term.body)}"
        assert find_groups(term.body), term.slug


def test_sources_are_complete() -> None:
    for source in library().sources.values():
        assert source.title, source.key
        assert source.publisher, source.key
        assert source.url, source.key
        assert source.urldate, source.key
        assert source.language, source.key
        assert source.kind, source.key
        assert source.language == "english" or source.translation, source.key


def test_the_library_is_large_enough() -> None:
    floor, found = FLOORS["site"], library()
    events = [term for term in found.terms.values() if term.kind == "event"]
    assert len(EXPLAINERS) >= floor["explainers"]
    assert len(found.sources) >= floor["sources"]
    assert len(found.terms) >= floor["terms"]
    assert len(found.claims) >= floor["claims"]
    assert len(events) >= floor["events"]


def test_no_host_outweighs_the_others() -> None:
    sources = library().sources.values()
    hosts = Counter(urlsplit(source.url).netloc.removeprefix("www.") for source in sources)
    assert hosts.most_common(1)[0][1] <= FLOORS["site"]["largest_host_share"] * len(sources)
