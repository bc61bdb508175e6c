"""What the apparatus adds to the weight of a page, as it is sent: compressed.

A reference costs about 140 bytes, most of them its address and its title, which no page can be
without; so a page of 40 citations grows by the number of different sources among them.
"""

from __future__ import annotations

import gzip
import re
import shutil

from mkdocs_apparatus.syntax import find_groups
from sites import ROOT, Build

MATERIAL = "theme: {name: material, font: false}\nmarkdown_extensions: [admonition, tables]\n"
CITATIONS = 40


def trimmed(text: str) -> str:
    """Return an explainer with its first citations, and without the others and its figures."""
    body = re.sub(r"^---\n.*?\n---\n", "", text, flags=re.DOTALL)
    body = re.sub(r"``` figure\n.*?```\n", "", body, flags=re.DOTALL)
    out, at, cited = [], 0, 0
    for group in find_groups(body):
        cited += len(group.citations)
        if cited > CITATIONS:
            out.append(body[at : group.start])
            at = group.end
    assert cited > CITATIONS
    return "".join((*out, body[at:]))


def size(html: str) -> int:
    return len(gzip.compress(html.encode(), 9))


def test_a_page_of_forty_citations_stays_light(build: Build) -> None:
    ratios = {}
    for name in ("draft-process", "reset", "tariffs", "channels"):
        text = trimmed((ROOT / "docs" / "explainers" / f"{name}.md").read_text("utf-8"))
        weights = []
        for plugins in ("[search, apparatus]", "[search]"):
            built = build({"docs/index.md": text}, config=f"{MATERIAL}plugins: {plugins}\n")
            if not (built.folder / "sources").exists():
                shutil.copytree(ROOT / "sources", built.folder / "sources")
                built = build({"docs/index.md": text}, config=f"{MATERIAL}plugins: {plugins}\n")
            weights.append(size(built.read("index.html")))
        ratios[name] = weights[0] / weights[1]
    assert max(ratios.values()) <= 2.1, ratios
    assert min(ratios.values()) > 1.1, ratios  # the references are there
