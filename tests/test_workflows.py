"""What stands around the code: workflows, what editors are told, and the schemas they are given.

``REWRITE=1 pytest tests/test_workflows.py`` writes the schemas anew.
"""

from __future__ import annotations

import json
import os
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mkdocs_apparatus.cli import main
from mkdocs_apparatus.fields import SCHEMAS
from sites import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
# What `apparatus init` gives to others must be as safe.
GIVEN = sorted((ROOT / "plugins/mkdocs_apparatus/template/.github/workflows").glob("*.yml"))
ADDED = runpy.run_path(str(ROOT / ".github/added_urls.py"))["added"]


def read(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text("utf-8"))


def steps(job: dict[str, Any]) -> Iterator[str]:
    for step in job.get("steps", []):
        yield step.get("uses", "") + step.get("run", "")


def may_write(permissions: object) -> bool:
    if isinstance(permissions, dict):
        return "write" in permissions.values()
    return permissions not in ("read-all", {})


def test_the_workflows_are_found() -> None:
    assert [path.stem for path in WORKFLOWS] == [
        *("audit", "check", "links", "publish", "release"),
    ]
    assert [path.stem for path in GIVEN] == ["check", "publish"]


@pytest.mark.parametrize("path", [*WORKFLOWS, *GIVEN], ids=lambda path: path.stem)
def test_actions_are_pinned_by_their_whole_hash(path: Path) -> None:
    uses = re.findall(r"uses:(.*)", path.read_text("utf-8"))
    assert uses
    for one in uses:
        assert re.fullmatch(r" [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one


def test_an_action_has_one_version() -> None:
    texts = [path.read_text("utf-8") for path in (*WORKFLOWS, *GIVEN)]
    pins = {pin for text in texts for pin in re.findall(r"uses: ([\w-]+/[\w-]+)\S*?@(.*)", text)}
    assert len(pins) == len({name for name, _ in pins}), sorted(pins)


@pytest.mark.parametrize("path", [*WORKFLOWS, *GIVEN], ids=lambda path: path.stem)
def test_no_stranger_s_code_meets_a_token_that_may_write(path: Path) -> None:
    workflow = read(path)
    events = workflow[True]  # YAML 1.1 reads the word "on" so
    assert "pull_request_target" not in path.read_text("utf-8")
    assert "workflow_run" not in events
    assert "permissions" in workflow  # without it, the token has what the settings give
    assert not may_write(workflow["permissions"])
    for name, job in workflow["jobs"].items():
        if may_write(job.get("permissions", {})):
            code = [one for one in steps(job) if re.search(r"checkout|\bgit\b|clone|make\b", one)]
            assert not code, f"{name} may write, and has {code}"


@pytest.mark.parametrize("path", [*WORKFLOWS, *GIVEN], ids=lambda path: path.stem)
def test_a_job_ends_and_leaves_no_credentials(path: Path) -> None:
    for name, job in read(path)["jobs"].items():
        assert job["timeout-minutes"] <= 120, name
        for step in job["steps"]:
            if "actions/checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False, name


@pytest.mark.parametrize("path", [*WORKFLOWS, *GIVEN], ids=lambda path: path.stem)
def test_only_the_main_branch_is_published(path: Path) -> None:
    published = "deploy-pages" in path.read_text("utf-8")
    assert published == (path.stem == "publish")
    assert not published or read(path)[True] == {"push": {"branches": ["main"]}}


def test_only_a_tag_is_released_and_by_a_job_that_builds_nothing() -> None:
    workflow = read(ROOT / ".github/workflows/release.yml")
    assert set(workflow[True]["push"]) == {"tags"}
    assert workflow["jobs"]["build"]["permissions"] == {"contents": "read"}
    publish = workflow["jobs"]["publish"]
    assert publish["environment"] == {"name": "pypi"}
    assert "password" not in str(publish)


def test_a_pull_request_holds_no_secrets() -> None:
    path = ROOT / ".github/workflows/check.yml"
    assert not re.search(r"\{\{[^}]*(secrets|token)", path.read_text("utf-8"))
    assert read(path)["permissions"] == {"contents": "read"}


def test_what_comes_from_outside_stands_in_no_command() -> None:
    for path in (*WORKFLOWS, *GIVEN):
        for job in read(path)["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", ""), path.stem


@pytest.mark.parametrize(
    ("diff", "urls"),
    [
        ("+See [it](https://a.example/one), or <https://a.example/two>.", ["one", "two"]),
        ("+  url = {https://a.example/x_(y)},", ["x_(y)"]),
        ("+(https://a.example/x_(y))", ["x_(y)"]),
        (r"+  url = {https://a.example/a\_b\%20c},", ["a_b%20c"]),
        ("+https://a.example/one\n+https://a.example/one", ["one"]),
        ("-https://a.example/one stays\n+https://a.example/one stayed", []),
        ("-https://a.example/one\n https://a.example/two", []),
        ("--- a/a.md\n+++ b/a.md\n@@ -1 +1 @@\n+https://a.example/one", ["one"]),
        ("+| https://a.example/ü?q=1&r=2#s | https://a.example/b |", ["ü?q=1&r=2#s", "b"]),
        ("+nothing here", []),
        ("", []),
    ],
)
def test_added_addresses(diff: str, urls: list[str]) -> None:
    assert ADDED(diff) == sorted(f"https://a.example/{url}" for url in urls)


@pytest.mark.parametrize(
    "doi", ["10.1000/a_b", r"10.1000/a\_b", "https://doi.org/10.1000/a_b"], ids=repr
)
def test_an_added_doi_is_an_address(doi: str) -> None:
    assert ADDED(f"+  doi = {{{doi}}},") == ["https://doi.org/10.1000/a_b"]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_editors_have_the_schemas_that_the_command_prints(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", kind]) == 0
    printed, path = capsys.readouterr().out, ROOT / f".vscode/schemas/{kind}.json"
    if os.environ.get("REWRITE"):
        path.write_text(printed, encoding="utf-8", newline="")
    assert path.read_text("utf-8") == printed, (
        f"apparatus schema {kind} >.vscode/schemas/{kind}.json"
    )


def test_schemas_are_given_for_files_that_are_there() -> None:
    settings = json.loads((ROOT / ".vscode/settings.json").read_text("utf-8"))
    given = settings["yaml.schemas"]
    assert {Path(path).stem for path in given} == set(SCHEMAS)
    for path, files in given.items():
        assert (ROOT / path).is_file()
        assert next(ROOT.glob(files), None), files


def test_editor_files_are_valid_json() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    wanted = json.loads((ROOT / ".vscode/extensions.json").read_text("utf-8"))["recommendations"]
    assert re.fullmatch(r"python:3\.11(-\w+)?", container["image"])
    assert container["postCreateCommand"] == "make site"
    assert container["forwardPorts"] == [8000]
    assert container["customizations"]["vscode"]["extensions"] == wanted


def test_findings_reach_the_problems_of_an_editor() -> None:
    tasks = json.loads((ROOT / ".vscode/tasks.json").read_text("utf-8"))["tasks"]
    pattern = next(task for task in tasks if task["label"] == "check")["problemMatcher"]["pattern"]
    line = "docs/explainers/reset.md:11:87: C001 no source 'x'; did you mean 'y'?"
    found = re.fullmatch(pattern["regexp"], line)
    assert found
    names = ("file", "line", "column", "code", "message")
    assert [found[pattern[name]] for name in names] == [
        "docs/explainers/reset.md",
        "11",
        "87",
        "C001",
        "no source 'x'; did you mean 'y'?",
    ]


def test_hooks_for_others_and_ourselves() -> None:
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    assert (hook["id"], hook["entry"], hook["language"], hook["pass_filenames"]) == (
        "apparatus-check",
        "apparatus check",
        "python",
        False,
    )
    for path in ("docs/a.md", "docs/a/b.md", "sources/a.bib", "sources/glossary/a.md"):
        assert re.search(hook["files"], path)
    assert not re.search(hook["files"], "plugins/docs/a.md")
    config = read(ROOT / ".pre-commit-config.yaml")
    assert [one["repo"] for one in config["repos"]] == ["local"]
