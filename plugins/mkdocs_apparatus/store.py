"""Files written as a whole or not at all; JSON files that are kept from build to build.

A file that cannot be read is no file, and one that is only kept for speed need not be written:
neither fails a build. What is read is trusted as this code is, so the folder must be the builder's
own.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

_KEPT = 3  # files of a kind: the preview's, the build's and one more


def read(path: Path) -> Any:
    """Return what a file holds, None if there is none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def write(path: Path, content: object, indent: int | None = None) -> None:
    """Write a file as a whole or not at all. Raises OSError."""
    _place(path, lambda file: json.dump(content, file, ensure_ascii=False, indent=indent))


def replace(path: Path, text: str) -> None:
    """Write a text as a whole or not at all, its line ends as they are. Raises OSError.

    A file keeps its rights; a new one has those that the system gives to new files.
    """
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_mask()
    _place(path, lambda file: file.write(text), mode)


def _mask() -> int:
    """Return what the system takes from the rights of new files; it can only be read by setting."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _place(path: Path, fill: Callable[[TextIO], object], mode: int | None = None) -> None:
    """Put a file in the place of another one once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            fill(file)
        if mode is not None:
            os.chmod(part, mode)
        os.replace(part, path)
    except (OSError, ValueError):
        with suppress(OSError):
            os.unlink(part)
        raise


def keep(path: Path, content: object) -> None:
    """Write a file if that is possible, and let the oldest ones of its kind go.

    The kind is what stands before the name's first hyphen.
    """
    with suppress(OSError):
        write(path, content)
        kind = path.name.partition("-")[0]
        kept = sorted(path.parent.glob(f"{kind}-*.json"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-_KEPT]:
            old.unlink(missing_ok=True)
