"""The files of a site, with an editor's open documents over them.

What was read of a file is kept until its text changes. ``load`` may run in a thread of its own
while documents change: what it missed, the next one reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from operator import is_not
from pathlib import Path
from typing import Any, TypeVar

from .entries import Entry
from .file import File
from .library import Disk, load
from .model import Diagnostic, Library, Source

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a reader made of a text, with the problems that it found and those that came later."""

    text: str
    value: Any
    problems: list[Diagnostic]
    found: int


class Papers(Disk):
    """Files with the open documents over them; what was read of one is kept until it changes."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.open: dict[Path, File] = {}
        self._files: dict[Path, tuple[tuple[int, int], File]] = {}
        self._kept: dict[Path, _Kept] = {}
        self._asked: set[Path] = set()
        self._sources: tuple[list[Entry], list[Source]] = [], []

    def put(self, path: Path, text: str) -> None:
        """Lay an open document over a file."""
        file = File.of(text.encode("utf-8", "replace"), path, self.root, [])
        self.open = {**self.open, path: file}  # another thread may be reading the old one

    def remove(self, path: Path) -> None:
        """Go back to what is on disk."""
        self.open = {one: file for one, file in self.open.items() if one != path}

    def texts(self) -> dict[Path, str]:
        """Return the texts of all open documents."""
        return {path: file.text for path, file in self.open.items()}

    def files(self, folder: Path, pattern: str, problems: list[Diagnostic]) -> list[Path]:
        """Return a folder's files and open documents."""
        mine = [one for one in self.open if one.parent == folder and fnmatch(one.name, pattern)]
        return list(dict.fromkeys((*super().files(folder, pattern, problems), *mine)))

    def file(self, path: Path, problems: list[Diagnostic]) -> File:
        """Return a file as it is now. Raises OSError if there is none."""
        file = self.open.get(path) or self._on_disk(path)
        problems += file.problems
        return File(file.name, file.text, problems, marked=file.marked)

    def _on_disk(self, path: Path) -> File:
        stat = path.stat()
        stamp = stat.st_mtime_ns, stat.st_size
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            known = self._files[path] = stamp, File.read(path, self.root, [])
        return known[1]

    def text(self, path: Path) -> str:
        """Return a file's text, empty if there is none."""
        try:
            return (self.open.get(path) or self._on_disk(path)).text
        except OSError:
            return ""

    def read(
        self,
        path: Path,
        problems: list[Diagnostic],  # noqa: ARG002 # they come with those of ``load``
        reader: Callable[[File], _Read],
    ) -> _Read:
        """Return what a reader makes of a file; each file has one reader."""
        found: list[Diagnostic] = []
        file = self.file(path, found)
        kept = self._kept.get(path)
        if kept is None or kept.text != file.text:
            value = reader(file)
            kept = self._kept[path] = _Kept(file.text, value, found, len(found))
        self._asked.add(path)
        return kept.value  # type: ignore[no-any-return] # of this reader

    def sources(self, entries: Iterable[Entry]) -> list[Source]:
        """Return what entries are, as the last time if none of them was read anew."""
        entries = list(entries)
        before, sources = self._sources
        if len(entries) != len(before) or any(map(is_not, entries, before)):
            for kept in self._kept.values():
                del kept.problems[kept.found :]
            sources = super().sources(entries)
            self._sources = entries, sources
        return sources

    def load(self, folder: Path) -> tuple[Library, list[Diagnostic]]:
        """Return what ``library.load`` does."""
        self._asked.clear()
        library, problems = load(folder, self.root, self)
        for path in sorted(self._asked):
            problems += self._kept[path].problems
        return library, problems
