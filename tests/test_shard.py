"""A site that is checked in shares has the findings that it has as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_apparatus.cli import main
from mkdocs_apparatus.shard import Share, merge, read_findings, read_share
from sites import write

SITE = {
    "mkdocs.yml": "site_name: X\nplugins: [search, apparatus]\n",
    "docs/a.md": "One [@one], [[reset]] and [@gone].\n",
    "docs/b.md": "Two [@two] and [[gone]].\n",
    "docs/c/d.md": "Nothing.\n",
    "sources/a.bib": "".join(
        f"@online{{{key}, title = {{T}}, url = {{https://{key}.example/}}}}\n"
        for key in ("one", "two", "three")
    )
    + "@online{four, url = {https://four.example/}}\n",
    "sources/glossary/reset.md": "---\ntitle: reset\nsummary: S.\n---\nBody.\n",
    "sources/glossary/idle.md": "---\ntitle: idle\nsummary: S.\n---\nBody.\n",
}


def check(folder: Path, *arguments: str) -> int:
    return main(["check", "--config", str(folder / "mkdocs.yml"), "--format", "json", *arguments])


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_shares_together_find_what_the_whole_has(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, SITE)
    check(tmp_path)
    whole = capsys.readouterr().out
    names = []
    for number in range(1, count + 1):
        check(tmp_path, "--shard", f"{number}/{count}")
        names.append(tmp_path / f"{number}.json")
        names[-1].write_text(capsys.readouterr().out, "utf-8")
    config = ("--config", str(tmp_path / "mkdocs.yml"))
    assert main(["merge", *map(str, names), *config, "--format", "json"]) == 1
    together = json.loads(capsys.readouterr().out)
    assert together == json.loads(whole)
    codes = [one["code"] for one in together]
    assert sorted(codes) == ["C001", "S003", "S004", "S004", "T001", "T005", "T006", "T006"]
    assert main(["merge", *map(str, names), *config, "--format", "sarif"]) == 1
    (log,) = json.loads(capsys.readouterr().out)["runs"]
    assert [one["ruleId"] for one in log["results"]] == codes


@given(st.lists(st.text(max_size=3), max_size=30), st.integers(1, 9))
def test_each_page_is_in_one_share(paths: list[str], count: int) -> None:
    found = [path for number in range(count) for path in Share(number + 1, count).of(paths)]
    assert sorted(found) == sorted(paths)


@pytest.mark.parametrize("text", ["", "2", "0/3", "4/3", "1/0", "1/1001", "a/b", "1/2/3", "-1/2"])
def test_what_is_no_share(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="2/8"):
        read_share(text)
    write(tmp_path, SITE)
    assert check(tmp_path, f"--shard={text or ' '}") == 2
    assert "the second of eight is 2/8" in capsys.readouterr().err


def test_a_share_is_read_by_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, SITE)
    assert check(tmp_path, "--shard", "1/2", "--format", "text") == 2
    assert "--format json" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"code": "X1"}]', "[" * 100_000, "\udcff"])
def test_what_no_check_has_printed(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "found.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert main(["merge", str(path)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_nothing_merged_is_nothing() -> None:
    assert merge([]) == []
    assert read_findings("[]") == []
