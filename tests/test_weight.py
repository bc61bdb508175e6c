"""What a page weighs once it is packed for the way, as servers pack it.

An explainer as the editorial standard wants them at least: some 1,400 words, 40 citations of 18
sources, with the words, sources and terms of this site.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import frontmatter
import pytest
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.model import CitationGroup
from mkdocs_apparatus.syntax import find_groups
from sites import ROOT, Build

WORDS, SOURCES, CITATIONS = 1_400, 18, 40


@dataclass(frozen=True)
class Weights:
    """The bytes of a page: made by the plugin, left as typed, and with references by hand."""

    plugin: int
    typed: int
    by_hand: int


def beginning(text: str) -> str:
    """Return the paragraphs at the beginning of a text, no figures; its links lead home."""
    text = re.sub(r"``` figure\n.*?```\n", "", text, flags=re.DOTALL)
    blocks: list[str] = []
    for block in text.split("\n\n"):
        if sum(len(one.split()) for one in blocks) < WORDS:
            blocks.append(block)
    return re.sub(r"\]\(\.\.[^)]*\)", "](index.md)", "\n\n".join(blocks))


def thinned(text: str) -> str:
    """Return a text with so many citations, of the sources that it cites most."""
    groups = find_groups(text)
    keys = Counter(one.key for group in groups for one in group.citations)
    kept = {key for key, _ in keys.most_common(SOURCES)}
    out, at, left = "", 0, CITATIONS
    for group in groups:
        out += text[at : group.start] + typed(group, kept, left)
        left -= sum(one.key in kept for one in group.citations)
        at = group.end
    return out + text[at:]


def typed(group: CitationGroup, kept: set[str], left: int) -> str:
    found = [one for one in group.citations if one.key in kept][: max(left, 0)]
    inside = "; ".join(f"@{one.key}{', ' + one.suffix if one.suffix else ''}" for one in found)
    return f"[{inside}]" if inside else ""


def by_hand(text: str, references: list[str]) -> str:
    """Return a text with numbers as an author without a plugin types them, and a list."""
    numbers: dict[str, int] = {}
    out, at = "", 0
    for group in find_groups(text):
        shown = [str(numbers.setdefault(one.key, len(numbers) + 1)) for one in group.citations]
        out += f"{text[at : group.start]}[{', '.join(shown)}]"
        at = group.end
    items = "\n".join(f"1. {reference}" for reference in references)
    return f"{out}{text[at:]}\n\n## References\n\n{items}\n"


def weight(html: str) -> int:
    return len(gzip.compress(html.encode(), 9))


@pytest.fixture(params=["reset", "europe", "tariffs", "draft-process"])
def weights(request: pytest.FixtureRequest, build: Build, tmp_path: Path) -> Weights:
    path = ROOT / f"docs/explainers/{request.param}.md"
    text = thinned(beginning(frontmatter.load(str(path)).content))
    shutil.copytree(ROOT / "sources", tmp_path / "sources")

    def built(body: str, plugins: str) -> str:
        page = f"---\ntitle: An explainer\nsummary: What it says.\n---\n\n{body}\n"
        return build({"docs/index.md": page}, config=f"plugins: [{plugins}]\n").read("index.html")

    made = built(text, "search, apparatus")
    read = LexborHTMLParser(made)
    assert 36 <= len(read.css(".ap-cite")) <= CITATIONS
    assert 12 <= len(read.css(".ap-references li")) <= SOURCES
    parts = ".ap-reference, .ap-notes, .ap-passage"
    references = [
        re.sub("</?span[^>]*>", "", " ".join(part.html or "" for part in item.css(parts)))
        for item in read.css(".ap-references li")
    ]
    assert "[@" in built(text, "search")
    return Weights(
        weight(made),
        weight(built(text, "search")),
        weight(built(by_hand(text, references), "search")),
    )


def test_a_page_weighs_little_more_than_the_same_by_hand(weights: Weights) -> None:
    """Links to and fro, cards, terms and data for programs, beside the same list of references."""
    assert weights.plugin <= 1.5 * weights.by_hand


def test_a_page_weighs_twice_its_bare_text_at_most(weights: Weights) -> None:
    """Without any references, only their keys as typed: a page that shows no source."""
    assert weights.plugin <= 2 * weights.typed
