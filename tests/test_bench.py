"""The benchmark: its sites hold what its tables say, and its figures are computed rightly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sites import ROOT

sys.path.append(str(ROOT))  # bench/ is not installed

from bench import content, run

TINY = content.SIZES["XS"]
PLAIN = [run.Run(2.0, 2.0, 40.0), run.Run(3.0, 2.5, 41.0)]
WARM = [run.Run(4.0, 3.0, 60.0), run.Run(3.5, 3.2, 64.0)]
RESULT = run.Result("Made today.", {"plain": PLAIN, "warm": WARM})


def start(*arguments: str, folder: Path = ROOT) -> str:
    """Return all that a module of Python's prints, once it has run without an error."""
    command = [sys.executable, "-m", *arguments]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        timeout=120,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def pages(folder: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(folder.rglob("page-*.md"))]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    start("bench.site", str(folder), "--size", "XS")
    return folder


def test_two_runs_write_equal_files(sites: Path, tmp_path: Path) -> None:
    start("bench.site", str(tmp_path), "--size", "XS")
    assert files(tmp_path) == files(sites)


@pytest.mark.parametrize("flavour", ["plain", "apparatus", "peers"])
def test_a_flavour_has_the_pages_that_were_asked_for(sites: Path, flavour: str) -> None:
    found = pages(sites / flavour)
    assert len(found) == TINY.pages
    assert all(900 <= len(text.split()) <= 1100 for text in found)
    assert all("```python" in text and "\n| " in text and "\n- " in text for text in found)


@pytest.mark.parametrize("size", ["S", "M", "L"])
def test_a_size_is_as_large_as_it_says(size: str) -> None:
    model = content.Model(content.SIZES[size])
    assert len({source.key for source in model.sources}) == model.size.sources
    assert len({term.title for term in model.terms}) == model.size.terms


def test_a_page_holds_twenty_citations_and_twenty_mentions() -> None:
    model = content.Model(TINY)
    for page in model.pages():
        pieces = [piece for block in page.blocks for piece in block]
        citations = [piece for piece in pieces if isinstance(piece, content.Citation)]
        assert len(citations) == 20
        assert sum(len(citation.sources) for citation in citations) == 24
        assert sum(isinstance(piece, content.Mention) for piece in pieces) == 20


def test_citations_and_mentions_reach_each_syntax(sites: Path) -> None:
    """The peers get no narrative citations, since one of theirs writes a whole reference."""
    for plain, ours, theirs in zip(
        *(pages(sites / name) for name in ("plain", "apparatus", "peers")), strict=True
    ):
        assert not re.search(r"@|\[\[|<g:", plain)
        assert (len(re.findall(r"@\w", ours)), ours.count("[[")) == (24, 20)
        assert (len(re.findall(r"@\w", theirs)), theirs.count("<g:")) == (24, 20)
        assert (ours.count(" @"), ours.count("; @"), theirs.count("; @")) == (8, 4, 4)


def test_no_term_stands_in_the_text_by_chance() -> None:
    model = content.Model(content.SIZES["L"])
    assert not set(model.term_words) & {*model.words, *model.common}


@pytest.mark.parametrize("flavour", ["plain", "apparatus"])
def test_a_flavour_builds_without_a_warning(sites: Path, flavour: str) -> None:
    said = start("mkdocs", "build", "--strict", folder=sites / flavour)
    assert "WARNING" not in said
    assert "ERROR" not in said


def test_every_citation_and_mention_becomes_a_link(sites: Path) -> None:
    start("mkdocs", "build", "--quiet", folder=sites / "apparatus")
    built = sorted((sites / "apparatus/site").rglob("page-*/index.html"))
    assert len(built) == TINY.pages
    for path in built:
        html = path.read_text("utf-8")
        assert html.count('role="doc-biblioref"') == 24
        assert html.count('role="doc-glossref"') == 20
        assert "ap-missing" not in html


def test_the_peers_have_a_glossary_and_a_bibliography(sites: Path) -> None:
    config = yaml.safe_load((sites / "peers/mkdocs.yml").read_text("utf-8"))
    assert [name for one in config["plugins"][1:] for name in one] == ["bibtex", "ezglossary"]
    assert (sites / "peers/docs/glossary.md").read_text("utf-8").count("\ng:") == TINY.terms
    entries = (sites / "peers/sources.bib").read_text("utf-8")
    assert entries == (sites / "apparatus/sources/sources.bib").read_text("utf-8")
    assert len(re.findall("^@", entries, re.MULTILINE)) == TINY.sources


def test_best_takes_the_smallest_of_each_figure() -> None:
    assert RESULT.best("warm") == run.Run(3.5, 3.0, 60.0)


def test_spread_shows_best_median_and_range() -> None:
    assert run.spread([3.0, 1.0, 2.0, 8.0]) == "1.00 | 2.50 [1.00-8.00]"


def test_the_table_compares_best_with_best() -> None:
    rows = [line for line in run.table("S", RESULT).splitlines() if line.startswith("| ")]
    assert rows[2:] == [
        "| plain | 2 | 2.00 | 2.25 [2.00-2.50] | 1.00 | 0.0 "
        "| 2.00 | 2.50 [2.00-3.00] | 1.00 | 41 |",
        "| apparatus | 2 | 3.00 | 3.10 [3.00-3.20] | 1.50 | 20.0 "
        "| 3.50 | 3.75 [3.50-4.00] | 1.75 | 64 |",
    ]
    assert {line.count("|") for line in rows} == {11}


def test_growth_needs_two_sizes() -> None:
    large = run.Result("", {"plain": [run.Run(9.0, 10.0, 1.0)]})
    assert run.growth({"M": RESULT}) == ""
    rows = run.growth({"M": RESULT, "L": large}).splitlines()
    assert rows[2] == "| build | M: 500 pages | L: 2,000 pages |"
    assert rows[4] == "| plain | 4.00 | 5.00 |"
    assert rows[5].endswith("|  |")


def test_variants_are_built_in_turns() -> None:
    assert list(run.order(rounds=2, peer_rounds=1)) == [
        "plain", "warm", "cold", "peers", "plain", "warm", "cold",
    ]  # fmt: skip


def test_tables_are_renewed_between_the_markers() -> None:
    text = f"Before.\n{run.BEGIN}\nold\n{run.END}\nAfter.\n"
    renewed = run.renew(text, "new\n")
    assert renewed == f"Before.\n{run.BEGIN}\n\nnew\n\n{run.END}\nAfter.\n"
    assert run.renew(renewed, "new\n") == renewed
    with pytest.raises(ValueError, match="are missing"):
        run.renew("no markers", "new")


def test_the_readme_shows_the_results_beside_it() -> None:
    text = (ROOT / "bench/README.md").read_text("utf-8")
    results = run.read_results(ROOT / "bench/results.json")
    assert results
    assert run.renew(text, run.tables(results)) == text


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert run.read_results(path) == {}
    run.write_results(path, {"S": RESULT, "M": RESULT})
    assert run.read_results(path) == {"S": RESULT, "M": RESULT}


def test_a_cold_build_takes_the_cache_away_and_nothing_else(sites: Path) -> None:
    folder = sites / "plain"
    for name in ("apparatus/old", "other/kept"):
        path = folder / ".cache/plugin" / name
        path.parent.mkdir(parents=True)
        path.touch()
    assert run.build(folder).cpu > 0
    assert (folder / ".cache/plugin/apparatus/old").exists()
    run.build(folder, cold=True)
    assert not (folder / ".cache/plugin/apparatus/old").exists()
    assert (folder / ".cache/plugin/other/kept").exists()


def test_the_plugin_keeps_its_cache_where_a_cold_build_removes_it(sites: Path) -> None:
    run.build(sites / "apparatus")
    assert list((sites / "apparatus" / run.CACHE).iterdir())


def test_a_failing_build_is_no_figure(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: None\nplugins: [no-such-plugin]\n")
    with pytest.raises(SystemExit, match="no-such-plugin"):
        run.build(tmp_path)


def test_a_run_renews_its_readme(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{run.BEGIN}\n{run.END}\n")
    arguments = ("--size", "XS", "--rounds", "1", "--peer-rounds", "0", "--readme", str(readme))
    said = start("bench.run", *arguments)
    assert "| apparatus, first build | 1 |" in said
    assert "| apparatus, first build | 1 |" in readme.read_text("utf-8")
    assert set(run.read_results(tmp_path / "results.json")) == {"XS"}
