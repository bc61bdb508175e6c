"""Whoever links to an old key or name finds what it means now, under every address it had."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from mkdocs_apparatus.addresses import Writing, find_passages
from mkdocs_apparatus.cache import digest_of, load_cached
from mkdocs_apparatus.check import check_library
from mkdocs_apparatus.library import load
from sites import Build, write

SOURCES = {
    "sources/a.bib": "@online{new, title = {One}, ids = {old, oldest}, keywords = {primary},\n"
    "  date = {2020}, url = {https://a.example/}}\n",
    "sources/glossary/fresh.md": "---\ntitle: fresh\nsummary: One.\nkind: event\ndate: 2020\n"
    "formerly: [stale]\n---\nSo [@oldest].\n",
    "sources/claims/01-now.md": "---\nclaim: Yes.\nparagraph: 1\nverdict: supported\n"
    "formerly: [07-then]\n---\nSo [@old].\n",
    "sources/article.md": "---\ntitle: An article\nsource: old\nparagraphs: [One.]\n---\n",
    "sources/data/t.csv": "Year,Men,source\n2020,1,old\n",
    "sources/figures/t.json": '{"title": "T", "description": "D", "data": {"url": "../data/t.csv"},'
    ' "usermeta": {"caption": "C", "licence": "CC0"},'
    ' "mark": "bar", "encoding": {"x": {"field": "Year"}, "y": {"field": "Men"}}}',
}
PAGE = """# Home

It was so [@old, "the words"] [[stale]].

[a](sources.md#source-old) [b](sources.md#source-oldest) [c](glossary.md#term-stale)
[d](timeline.md#event-stale) [e](claims.md#claim-then) [f](index.md#ref-old) [g](#term-stale)
"""


def test_links_to_old_names_hold_in_a_strict_build(build: Build) -> None:
    built = build(
        {**SOURCES, "docs/index.md": PAGE},
        strict=True,
        config="use_directory_urls: false\nvalidation: {anchors: warn}\n",
    )
    assert not built.log
    assert not built.aborted
    for path, names in {
        "index.html": ["ref-old", "ref-oldest", "ref-new", "term-stale"],
        "sources.html": ["source-old", "source-oldest", "source-new"],
        "glossary.html": ["term-stale", "term-fresh"],
        "timeline.html": ["event-stale", "event-fresh"],
        "claims.html": ["claim-then", "claim-now"],
    }.items():
        ids = Counter(re.findall(r'\bid="([^"]*)"', built.read(path)))
        assert all(ids[name] == 1 for name in names), (path, ids)
        assert not [name for name, count in ids.items() if count > 1]
    assert re.search(r"ids += \{old, oldest\}", built.read("assets/apparatus/library.bib"))


def test_old_keys_are_known_wherever_keys_stand(tmp_path: Path) -> None:
    write(tmp_path, SOURCES)
    library, problems = load(tmp_path / "sources", tmp_path)
    assert not problems
    assert library.article is not None
    assert library.article.source == "new"
    assert library.figures["t"].keys == (("new",),)
    found = find_passages(Writing("docs/a.md", '[@old, "the words"]', 1), library)
    assert [(words, source.key) for words, source, _ in found] == [("the words", "new")]
    assert not list(check_library(library, ["index.md"], date(2026, 11, 24)))


def test_a_kept_library_keeps_old_names(tmp_path: Path) -> None:
    write(tmp_path, SOURCES)
    folder, cache = tmp_path / "sources", tmp_path / "cache"
    digest = digest_of(folder, tmp_path)
    first, _ = load_cached(folder, tmp_path, cache, digest)
    again, _ = load_cached(folder, tmp_path, cache, digest)
    assert first.renamed == again.renamed == {"old": "new", "oldest": "new"}
    assert (again.sources, again.terms, again.claims) == (
        first.sources,
        first.terms,
        first.claims,
    )


@pytest.mark.parametrize("style", ["numeric", "author-date"])
def test_old_keys_are_cited_in_every_style(build: Build, style: str) -> None:
    plugins = f"plugins: [{{apparatus: {{style: {style}}}}}]\n"
    built = build({**SOURCES, "docs/index.md": PAGE}, config=plugins)
    assert not built.log
    assert 'href="#ref-new"' in built.read("index.html")


def test_a_crowd_of_old_keys_is_read_in_time(tmp_path: Path) -> None:
    many = ", ".join(f"k{number}" for number in range(9_000))
    write(tmp_path, {"a.bib": f"@online{{one, title = {{T}}, ids = {{{many}}}}}\n"})
    library, problems = load(tmp_path, tmp_path)
    assert not problems
    assert len(library.renamed) == 9_000
