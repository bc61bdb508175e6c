"""What a migration will do to files: planned, shown as a difference, then written.

Knows nothing of what the files hold. A file that is there is never lost to another one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


class MigrateError(Exception):
    """The site cannot be migrated as it is; the message says why, and what to do."""


@dataclass(slots=True)
class Plan:
    """Files by path, relative to ``root``, as they are and as they will be; None is no file.

    ``changed`` says what means something else afterwards, ``left`` what the author must look at.
    ``last`` is the file that is written when all others are.
    """

    root: Path
    last: str
    before: dict[str, bytes | None] = field(default_factory=dict)
    after: dict[str, bytes | None] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return all(self.before[name] == data for name, data in self.after.items())

    def put(self, name: str, data: bytes | None) -> None:
        """Plan what a file will hold."""
        path = self.root / name
        self.before.setdefault(name, path.read_bytes() if path.is_file() else None)
        self.after[name] = data

    def create(self, name: str, data: bytes) -> None:
        """Plan a new file. Raises MigrateError if another one is there, or will be."""
        path = self.root / name
        if path.exists() and (not path.is_file() or path.read_bytes() != data):
            raise MigrateError(
                f"{name} is there already, and is another file: move it away, and try again"
            )
        if self.after.get(name, data) != data:
            raise MigrateError(f"two files would become {name}: rename one, and try again")
        self.put(name, data)

    def write(self) -> None:
        """Do what is planned, new files first. Raises MigrateError if a file cannot be written."""
        name = ""
        try:
            for name in sorted(self.after, key=self._turn):
                path, data = self.root / name, self.after[name]
                if data is None:
                    path.unlink(missing_ok=True)
                elif data != self.before[name]:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
        except OSError as error:
            raise MigrateError(f"{name} cannot be written: {error.strerror}") from None

    def _turn(self, name: str) -> tuple[bool, bool, str]:
        return name == self.last, self.before[name] is not None, name

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff; a file that only moves is named, and not shown."""
        gone = {self.before[name]: name for name, data in self.after.items() if data is None}
        moved = set[str]()
        for name, data in sorted(self.after.items()):
            if self.before[name] is None and data is not None and data in gone:
                moved |= {name, gone[data]}
                yield f"rename from {gone[data]}\nrename to {name}\n"
        for name in sorted(self.after.keys() - moved):
            yield from _difference(name, self.before[name], self.after[name])


def report(plan: Plan) -> str:
    """Return what a migration does as text: the difference, then what to know."""
    parts = ["".join(plan.diff()) or "nothing to do\n"]
    changed = () if plan.is_empty else plan.changed
    for title, lines in (("Changed in meaning", changed), ("Left alone", plan.left)):
        if lines:
            parts.append(f"{title}:\n" + "".join(f"  {line}\n" for line in dict.fromkeys(lines)))
    return "\n".join(parts)


def _difference(name: str, before: bytes | None, after: bytes | None) -> Iterator[str]:
    old, new = (
        (data or b"").decode("utf-8", "replace").replace("\r\n", "\n").splitlines(keepends=True)
        for data in (before, after)
    )
    first = "/dev/null" if before is None else f"a/{name}"
    second = "/dev/null" if after is None else f"b/{name}"
    for line in difflib.unified_diff(old, new, first, second):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
