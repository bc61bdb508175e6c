from __future__ import annotations

import json
from pathlib import Path

import pytest

from mkdocs_apparatus.cli import UsageError, main, read_config
from mkdocs_apparatus.rules import RULES
from sites import ROOT, write

FILES = {
    "mkdocs.yml": "site_name: X\nplugins: [search, apparatus]\nmarkdown_extensions: [footnotes]\n",
    "docs/index.md": "---\ntitle: T\n---\n\nKept [@onee].[^1]\n\n[^1]: Note [[gone]].\n",
    "sources/a.bib": "@online{one, title = {One}, url = {https://a.example/}}\n",
}
LINES = [
    "docs/index.md:5:7: C001 no source 'onee'; did you mean 'one'?",
    "docs/index.md:7:12: T001 no term 'gone'",
    "sources/a.bib:1:9: S004 'one' is never cited",
]


def run(folder: Path, *arguments: str) -> int:
    return main(["check", "--config", str(folder / "mkdocs.yml"), *arguments])


def test_findings_are_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, FILES)
    assert run(tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [*LINES, "2 errors, 1 info"]


def test_findings_are_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, FILES)
    assert run(tmp_path, "--format", "json") == 1
    first, *_ = json.loads(capsys.readouterr().out)
    assert first == {
        "code": "C001",
        "name": "unknown-key",
        "severity": "error",
        "path": "docs/index.md",
        "line": 5,
        "column": 7,
        "end_line": 5,
        "end_column": 12,
        "message": "no source 'onee'; did you mean 'one'?",
        "suggestion": "one",
    }


def test_infos_alone_are_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, FILES | {"docs/index.md": "Nothing.\n"})
    assert run(tmp_path) == 0
    assert capsys.readouterr().out.endswith("1 info\n")


def test_this_site_is_clean() -> None:
    assert main(["check", "--config", str(ROOT / "mkdocs.yml")]) == 0


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "cannot be read"),
        ("a: [", "cannot be read"),
        ("- a", "holds no settings"),
        ("a: !!python/name:os.system", "is not loaded"),
        ("a: !!python/object/apply:os.system [x]", "cannot be read"),
    ],
)
def test_a_bad_configuration_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], config: str | None, words: str
) -> None:
    if config is not None:
        write(tmp_path, {"mkdocs.yml": config})
    assert run(tmp_path) == 2
    assert words in capsys.readouterr().err


def test_configuration_is_read_as_mkdocs_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SET", "here")
    write(
        tmp_path,
        {
            "mkdocs.yml": "a: !ENV [UNSET, SET, default]\nb: !ENV [UNSET, default]\nc: !ENV SET\n"
            "d: !!python/name:markdown.util.AtomicString\n"
        },
    )
    config = read_config(tmp_path / "mkdocs.yml")
    assert (config["a"], config["b"], config["c"]) == ("here", "default", "here")
    assert config["d"].__name__ == "AtomicString"
    with pytest.raises(UsageError):
        read_config(tmp_path / "none.yml")


@pytest.mark.parametrize("code", RULES)
def test_each_rule_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code.lower()]) == 0
    out = capsys.readouterr().out
    assert out.startswith(code)
    assert RULES[code].remedy in out


def test_an_unknown_rule_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "X999"]) == 2
    assert "no rule 'X999'" in capsys.readouterr().err
