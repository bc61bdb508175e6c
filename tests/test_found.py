"""Inputs that once broke a reader, or took it too long: none of them ever does again.

``found/TARGET/`` holds them, each as it was found; targets are those of ``fuzz.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz import TARGETS, alarm

FOUND = sorted((Path(__file__).parent / "found").glob("*/*"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_stays_mended(path: Path) -> None:
    _, use = TARGETS[path.parent.name]
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    with alarm(5):
        use(text)


def test_every_target_has_its_cases() -> None:
    assert {path.parent.name for path in FOUND} == TARGETS.keys()
