from __future__ import annotations

import json
from pathlib import Path

import pytest

from mkdocs_apparatus.cache import cached_texts, digest_of, load_cached
from mkdocs_apparatus.library import load
from sites import ROOT, Build, write

FILES = {
    "sources/a.bib": "@online{one, title = {Öne}, url = {https://a.example/}}\n@misc{bad, x}\n",
    "sources/glossary/t.md": "---\ntitle: t\nsummary: S.\nkind: event\ndate: 2025-04\n---\nBody.\n",
    "sources/claims/01-c.md": "---\nclaim: C.\nparagraph: 1\nverdict: wrong\nchecked: 2026-11-24\n"
    "---\nNo [@one].\n",
}


def read(folder: Path, cache: Path) -> object:
    sources = folder / "sources"
    return load_cached(sources, folder, cache, digest_of(sources, folder))


def test_what_comes_from_the_cache_is_what_was_read(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    fresh = load(tmp_path / "sources", tmp_path)
    assert read(tmp_path, tmp_path / "cache") == fresh
    assert len(list((tmp_path / "cache").glob("library-*.json"))) == 1
    assert read(tmp_path, tmp_path / "cache") == fresh


def test_this_library_comes_back_whole(tmp_path: Path) -> None:
    sources = ROOT / "sources"
    digest = digest_of(sources, ROOT)
    first = load_cached(sources, ROOT, tmp_path, digest)
    assert load_cached(sources, ROOT, tmp_path, digest) == first == load(sources, ROOT)


def test_a_changed_byte_is_seen(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    before = read(tmp_path, tmp_path / "cache")
    write(tmp_path, {"sources/a.bib": FILES["sources/a.bib"].replace("Öne", "Two")})
    assert read(tmp_path, tmp_path / "cache") != before


@pytest.mark.parametrize("rubbish", ["", "{", "[]", '{"sources": [[1]]}', "null", "\0"])
def test_a_broken_cache_is_no_cache(tmp_path: Path, rubbish: str) -> None:
    write(tmp_path, FILES)
    fresh = read(tmp_path, tmp_path / "cache")
    for path in (tmp_path / "cache").iterdir():
        path.write_text(rubbish)
    assert read(tmp_path, tmp_path / "cache") == fresh


def test_a_cache_that_cannot_be_written_fails_nothing(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"cache": "a file, not a folder"})
    assert read(tmp_path, tmp_path / "cache") == load(tmp_path / "sources", tmp_path)
    assert cached_texts(lambda: {"a": "b"}, tmp_path / "cache", "x") == {"a": "b"}
    assert (tmp_path / "cache").is_file()


def test_a_warm_build_is_a_cold_one(build: Build) -> None:
    files = FILES | {"docs/index.md": "# A\n\n[@one] [[t]]\n"}
    cold = build(files)
    pages = {path: path.read_bytes() for path in (cold.folder / "site").rglob("*.html")}
    (texts,) = (cold.folder / ".cache/plugin/apparatus").glob("references-*.json")
    assert set(json.loads(texts.read_text("utf-8"))) == {"one"}
    build(files)
    assert {path: path.read_bytes() for path in pages} == pages
