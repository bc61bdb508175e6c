"""JSON files that are kept from build to build.

A file that cannot be read is no file, and one that is only kept for speed need not be written:
neither fails a build. What is read is trusted as this code is, so the folder must be the builder's
own.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

_KEPT = 3  # files of a kind: the preview's, the build's and one more


def read(path: Path) -> Any:
    """Return what a file holds, None if there is none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def write(path: Path, content: object, indent: int | None = None) -> None:
    """Write a file as a whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=indent)
        os.replace(part, path)
    except OSError:
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
