from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mkdocs_apparatus import report
from mkdocs_apparatus.cli import main
from mkdocs_apparatus.config import ConfigError, read_config
from mkdocs_apparatus.model import Diagnostic, Span
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
    assert run(tmp_path, "--format", "concise") == 1
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
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 info; for why and what to do: apparatus explain S004"


def test_this_site_is_clean() -> None:
    assert main(["check", "--config", str(ROOT / "mkdocs.yml")]) == 0


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "cannot be read"),
        ("a: [", "cannot be read"),
        ("- a", "holds no settings"),
        ("a: \t- b", "cannot be read"),
        ("markdown_extensions: [nowhere.to.be.found]", "a Markdown extension cannot be used"),
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
    monkeypatch.setenv("NUMBER", "3")
    extensions = (
        "markdown_extensions:\n"
        "  - toc:\n      permalink: !ENV [UNSET, SET, default]\n      depth: !ENV NUMBER\n"
        "  - tables:\n      a: !ENV [UNSET, default]\n      b: !relative $config_dir\n"
        "      c: !!python/name:markdown.util.AtomicString\n      d: !!python/name:os.system\n"
        "      e: !!python/object/apply:os.system [x]\n      f: !other x\n"
    )
    plugins = "plugins:\n  search: {}\n  apparatus:\n    sources: refs\n"
    write(tmp_path, {"mkdocs.yml": f"{extensions}{plugins}theme: {{language: de}}\ndocs_dir: d\n"})
    config = read_config(tmp_path / "mkdocs.yml")
    assert config.settings["toc"] == {"permalink": "here", "depth": 3}
    tables = config.settings["tables"]
    assert (tables["a"], tables["b"]) == ("default", str(tmp_path))
    assert tables["c"].__name__ == "AtomicString"
    assert (tables["d"], tables["e"], tables["f"]) == (None, None, None)
    assert len(config.notes) == 3
    assert config.extensions == ("toc", "tables", "fenced_code")
    assert (config.options["sources"], config.language, config.docs.name) == ("refs", "de", "d")
    with pytest.raises(ConfigError):
        read_config(tmp_path / "none.yml")


def test_a_second_run_reads_what_the_first_one_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, FILES)
    run(tmp_path)
    first = capsys.readouterr().out
    monkeypatch.setattr("mkdocs_apparatus.audit._find", lambda *_: pytest.fail("looked again"))
    run(tmp_path)
    assert capsys.readouterr().out == first
    monkeypatch.undo()
    write(tmp_path, {"docs/index.md": "Now [@one].\n"})
    assert run(tmp_path) == 0


def test_a_function_among_the_settings_is_the_same_in_each_run(tmp_path: Path) -> None:
    slugify = "slugify: !!python/name:markdown.extensions.toc.slugify"
    config = f"plugins: [apparatus]\nmarkdown_extensions:\n  - toc:\n      {slugify}\n"
    write(tmp_path, FILES | {"mkdocs.yml": f"site_name: X\n{config}"})
    command = (sys.executable, "-c", "from mkdocs_apparatus.cli import main; main(['check'])")
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert len(list((tmp_path / ".cache/plugin/apparatus").glob("findings-*.json"))) == 1


def test_some_rules_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, FILES)
    assert run(tmp_path, "--format", "concise", "--select", "T,S004") == 1
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[:-1]] == [
        "T001",
        "S004",
    ]
    assert run(tmp_path, "--ignore", "c001, t") == 0
    assert run(tmp_path, "--select", "X") == 2
    assert "no rule begins with 'X'" in capsys.readouterr().err


def test_a_finding_is_shown_in_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, FILES)
    run(tmp_path, "--select", "C001")
    assert capsys.readouterr().out == (
        "C001 unknown-key: no source 'onee'; did you mean 'one'?\n"
        " --> docs/index.md:5:7\n"
        "  |\n"
        "5 | Kept [@onee].[^1]\n"
        "  |       ^^^^^\n"
        "\n1 error; for why and what to do: apparatus explain C001\n"
    )


def test_findings_annotate_a_pull_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, FILES)
    run(tmp_path, "--format", "github", "--select", "C001")
    assert capsys.readouterr().out == (
        "::error file=docs/index.md,line=5,col=7,endLine=5,endColumn=12,title=C001 unknown-key"
        "::no source 'onee'; did you mean 'one'?\n"
    )
    odd = Diagnostic("C001", "50 %, a: b\nc\r", Span("a,b:c.md", 1, 2, 3, 4))
    assert report.github([odd], lambda _: []) == (
        "::error file=a%2Cb%3Ac.md,line=1,col=2,endLine=3,endColumn=4,title=C001 unknown-key"
        "::50 %25, a: b\\nc\\r\n"  # a message is one line, wherever it is shown
    )


def test_long_lines_and_odd_signs_are_shown_in_part() -> None:
    line = "x\t\x1b[31m" + "a" * 500 + " [@gone] " + "b" * 500
    column = line.index("@") + 1
    finding = Diagnostic("C001", "m", Span("a.md", 1, column, 1, column + 5))
    _, _, _, shown, signs, *_ = report.text([finding], lambda _: [line]).splitlines()
    assert "\x1b" not in shown
    assert len(shown) < 180
    assert shown[signs.index("^") :].startswith("@gone")
    assert signs.count("^") == 5
    assert report.coloured([finding], lambda _: [line]).count("\x1b[") == 6
    assert "a.md:1" in report.text([finding], lambda _: [])


@pytest.mark.parametrize("code", RULES)
def test_each_rule_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code.lower()]) == 0
    out = capsys.readouterr().out
    assert out.startswith(code)
    assert RULES[code].remedy in out
    assert RULES[code].example.splitlines()[0] in out


def test_the_page_of_rules_is_what_the_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    """``apparatus explain --all > docs/apparatus/reference/rules.md`` makes it."""
    assert main(["explain", "--all"]) == 0
    assert (ROOT / "docs/apparatus/reference/rules.md").read_text(
        "utf-8"
    ) == capsys.readouterr().out


def test_an_unknown_rule_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "X999"]) == 2
    assert "no rule 'X999'" in capsys.readouterr().err
    assert main(["explain"]) == 2


def test_findings_are_sarif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, FILES | {"docs/ä b.md": "[@gone]\n"})
    assert run(tmp_path, "--format", "sarif") == 1
    log = json.loads(capsys.readouterr().out)
    (one,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert one["columnKind"] == "unicodeCodePoints"
    rules = one["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    assert all(
        rule["defaultConfiguration"]["level"] in ("error", "warning", "note") for rule in rules
    )
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert all(number >= 1 for number in region.values())
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in one["results"]
    ]
    assert "docs/%C3%A4%20b.md" in uris
