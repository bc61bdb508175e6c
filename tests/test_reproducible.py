"""The same input gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sites import ROOT


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_builds_are_equal_to_the_byte(tmp_path: Path) -> None:
    """Each in a process of its own, with another hash seed, and as if in another country."""
    found = []
    places = (
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "LC_ALL": "ru_RU.UTF-8"},
    )
    for number, place in enumerate(places):
        target = tmp_path / str(number)
        shutil.rmtree(ROOT / ".cache" / "plugin" / "apparatus", ignore_errors=True)
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1764000000", "NO_MKDOCS_2_WARNING": "1"}
        environment |= place
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(target)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
        found.append(digest(target))
    assert len(found[0]) > 20
    assert found[0] == found[1]
