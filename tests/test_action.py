"""``action.yml``: its shell steps run here as a runner runs them, on small sites.

What GitHub does is done by hand: inputs and outputs get into the environment of each step, and a
condition is looked up. ``python`` is a stub that notes what pip is asked to install; in its place
stands the local wheel, in an environment of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from environments import Environment, build, environment
from sites import ROOT, write

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = [step for step in ACTION["runs"]["steps"] if "run" in step]
STUB = """#!{bash}
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; ln -s "{bin}/apparatus" "$3/bin/" ;;
  "-m pip") (IFS='|'; echo "$*" >>"{log}") ;;
  *) exec "{bin}/python" "$@" ;;
esac
"""
SOUND = {
    "mkdocs.yml": "site_name: Twin\nplugins: [apparatus]\n",
    "docs/index.md": "It was so [@one].\n",
    "sources/a.bib": "@online{one, title = {One}, url = {https://a.example/}}\n",
}
FAULTY = SOUND | {"docs/index.md": "It was so [@one], and [@oen].\n"}


@dataclass
class Run:
    """What came of a run: its outputs by step, what was printed, and the step that failed."""

    folder: Path
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    printed: str = ""
    failed: str = ""

    @property
    def installed(self) -> list[list[str]]:
        log = self.folder / "pip.log"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return [line.split("|")[5:] for line in lines]  # after -m pip install and two options

    def output(self, name: str) -> str:
        return filled(ACTION["outputs"][name]["value"], {}, self.outputs)


def filled(text: str, inputs: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]]) -> str:
    """Return a text with its expressions in place: inputs and outputs are all that there is."""

    def value(match: re.Match[str]) -> str:
        kind, name, *rest = match[1].split(".")
        if kind == "inputs":
            return inputs[name]
        assert kind == "steps"
        return outputs.get(name, {}).get(rest[-1], "")

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    version = "{}.{}".format(*sys.version_info)
    _, wheel = build(tmp_path_factory.mktemp("dist"))
    return environment(version, Path(sys.executable), wheel)


@pytest.fixture
def act(installed: Environment, tmp_path: Path) -> Callable[..., Run]:
    bash = shutil.which("bash")
    assert bash
    bin_folder, temp, site = tmp_path / "bin", tmp_path / "temp", tmp_path / "site"
    for folder in (bin_folder, temp):
        folder.mkdir()
    stub = STUB.format(bash=bash, bin=installed.bin(), log=tmp_path / "pip.log")
    (bin_folder / "python").write_text(stub, "utf-8")
    (bin_folder / "python").chmod(0o755)

    def run(files: Mapping[str, str], **given: str) -> Run:
        write(site, files)
        inputs = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        done = Run(tmp_path)
        for number, step in enumerate(STEPS):
            condition = re.fullmatch(r"\$\{\{ inputs\.(\w+) == '(\w+)' \}\}", step.get("if", ""))
            assert condition or "if" not in step
            if condition and inputs[condition[1]] != condition[2]:
                continue
            script, out = temp / f"{number}.sh", temp / f"{number}.out"
            script.write_text(step["run"], "utf-8")
            out.touch()
            result = subprocess.run(
                [bash, "--noprofile", "--norc", "-eo", "pipefail", script],
                cwd=site,
                env={
                    "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
                    "HOME": str(tmp_path),
                    "RUNNER_TEMP": str(temp),
                    "GITHUB_ACTION_PATH": str(ROOT),
                    "GITHUB_OUTPUT": str(out),
                    "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
                    **{k: filled(v, inputs, done.outputs) for k, v in step["env"].items()},
                },
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            done.printed += result.stdout + result.stderr
            lines = out.read_text("utf-8").splitlines()
            done.outputs[step.get("id", str(number))] = dict(one.split("=", 1) for one in lines)
            if result.returncode:
                done.failed = step["name"]
                break
        return done

    return run


def test_a_sound_site_passes(act: Callable[..., Run]) -> None:
    run = act(SOUND)
    assert not run.failed, run.printed
    assert run.output("findings") == "0"
    sarif = json.loads(Path(run.output("sarif")).read_text("utf-8"))
    assert sarif["runs"][0]["results"] == []
    assert "::" not in run.printed
    assert run.installed == [
        ["--require-hashes", "-r", f"{ROOT}/requirements.lock"],
        ["--no-deps", "--no-build-isolation", "--no-index", str(ROOT)],
    ]


def test_findings_stand_at_their_lines(act: Callable[..., Run]) -> None:
    run = act(FAULTY)
    assert run.failed == "Say whether all is well"
    assert run.output("findings") == "1"
    assert "::error file=docs/index.md,line=1,col=24," in run.printed
    sarif = json.loads(Path(run.output("sarif")).read_text("utf-8"))
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == ["C001"]


def test_an_info_fails_nothing(act: Callable[..., Run]) -> None:
    run = act(SOUND | {"docs/index.md": "It was so.\n"})
    assert not run.failed, run.printed
    assert run.output("findings") == "0"
    assert "::notice file=sources/a.bib" in run.printed


def test_sarif_leaves_the_lines_alone(act: Callable[..., Run]) -> None:
    run = act(FAULTY, format="sarif")
    assert run.failed == "Say whether all is well"
    begin, *between, end = re.findall(r"^::.*", run.printed, re.MULTILINE)
    assert begin == f"::stop-commands::{end.strip(':')}"
    assert not between
    assert "C001 unknown-key: no source 'oen'" in run.printed


def test_a_site_may_lie_in_a_folder(act: Callable[..., Run]) -> None:
    run = act({f"a b/{name}": text for name, text in FAULTY.items()}, config="a b/mkdocs.yml")
    assert run.output("findings") == "1"


def test_links_are_asked_for_on_request(act: Callable[..., Run]) -> None:
    """The address is one of this machine's own, which is refused: nothing goes out."""
    local = {"sources/a.bib": SOUND["sources/a.bib"].replace("a.example", "127.0.0.1:9")}
    run = act(SOUND | local, links="true")
    assert run.failed == "Say whether all is well"
    assert run.output("findings") == "0"
    assert run.outputs["links"] == {"status": "1"}
    summary = (run.folder / "temp" / "summary.md").read_text("utf-8")
    assert "127.0.0.1" in summary
    assert summary in run.printed


def test_a_released_version_and_more_packages(act: Callable[..., Run]) -> None:
    run = act(SOUND, version="0.1.0", requirements="-e docs.txt")
    assert run.installed == [["mkdocs-apparatus==0.1.0"], ["-r", "-e docs.txt"]]


@pytest.mark.parametrize(
    "hostile",
    [
        "$(touch pwned)",
        "`touch pwned`",
        '"; touch pwned; "',
        "'; touch pwned; '",
        "x\ntouch pwned",
        "--help",
        "0.1.0 --index-url=https://evil.example/",
        "1]]; touch pwned; [[ a",
        "::error::x",
    ],
)
@pytest.mark.parametrize("name", ["config", "format", "links", "version", "requirements"])
def test_no_input_becomes_a_command(act: Callable[..., Run], name: str, hostile: str) -> None:
    run = act(SOUND, **{name: hostile})
    assert not list(run.folder.rglob("pwned"))
    asked = [one for command in run.installed for one in command]
    if name == "version":
        assert run.failed == "Install mkdocs-apparatus"
        assert "is no version such as 0.1.0" in run.printed
        assert not asked
    elif name == "requirements":
        assert asked[-2] == "-r"
    elif name == "links":
        assert not run.failed
    else:
        assert run.failed == "Check sources, terms and claims"
        assert "findings" not in run.outputs["check"]


def test_what_comes_in_stands_in_no_command() -> None:
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_actions_are_pinned_as_in_the_workflows() -> None:
    pins = re.findall(r"uses: (\S+@.*)", (ROOT / "action.yml").read_text("utf-8"))
    assert pins
    workflows = (ROOT / ".github/workflows/check.yml").read_text("utf-8")
    for pin in pins:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", pin)
        assert pin in workflows


def test_the_readme_names_every_input_and_output() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.partition("\n### In a workflow\n")[2].partition("\n## ")[0]
    for name in (*ACTION["inputs"], *ACTION["outputs"]):
        assert f"`{name}`" in section, name
