"""SECURITY.md names a test for each guard: they are there; and what guards the supply chain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fuzz import TARGETS
from sites import ROOT

NAMED = re.findall(r"`(tests/\S+\.py)::(\w+)`", (ROOT / "SECURITY.md").read_text("utf-8"))


def test_attacks_are_listed() -> None:
    assert len(NAMED) >= 20


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_each_guard_has_its_test(path: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda one: one.name)
def test_every_dependency_has_its_hashes(lock: Path) -> None:
    text = lock.read_text("utf-8")
    named = re.findall(r"^([\w.\[\]-]+)==\S+(.*(?:\n    --hash=.*)*)", text, re.MULTILINE)
    assert len(named) > 10
    assert [name for name, rest in named if "--hash=sha256:" not in rest] == []
    assert "://" not in re.sub(r"^\s*#.*", "", text, flags=re.MULTILINE)


def test_known_faults_are_looked_up_every_week() -> None:
    workflow = (ROOT / ".github/workflows/audit.yml").read_text("utf-8")
    assert "schedule:" in workflow
    assert "make faults" in workflow


def test_every_reader_is_fuzzed() -> None:
    assert TARGETS.keys() >= {"grammar", "bib", "matter", "passages", "export", "figures", "svg"}
    assert TARGETS.keys() >= {"describe", "records", "shelf"}
    assert "make fuzz" in (ROOT / ".ci/run").read_text("utf-8")
