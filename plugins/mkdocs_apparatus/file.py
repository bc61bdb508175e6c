"""A file of the author's: its text, its name in messages, and where its problems go."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass, field
from pathlib import Path

from .model import Diagnostic, Span

_MAX_SIZE = 10_000_000  # characters: a hundred times the largest file seen


@dataclass(frozen=True, slots=True)
class File:
    r"""``text`` has ``\n`` line ends and no byte order mark; ``problems`` is shared and grows.

    ``marked`` says that there was a byte order mark.
    """

    name: str
    text: str
    problems: list[Diagnostic] = field(repr=False)
    marked: bool = False

    @classmethod
    def read(cls, path: Path, root: Path, problems: list[Diagnostic]) -> File:
        """Read a file as UTF-8; its name is relative to ``root``, with slashes."""
        return cls.of(path.read_bytes(), path, root, problems)

    @classmethod
    def of(cls, data: bytes, path: Path, root: Path, problems: list[Diagnostic]) -> File:
        """Return a file that holds some bytes, whatever is on disk."""
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        text = data.decode("utf-8-sig", errors="replace")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        file = cls(name, text, problems, marked=data.startswith(BOM_UTF8))
        if len(text) > _MAX_SIZE:
            file.report("S001", f"a file of {len(text):,} characters is too large to be read", 1)
            return cls(name, "", problems)
        if "\ufffd" in text and b"\xef\xbf\xbd" not in data:
            line = text.count("\n", 0, text.index("\ufffd")) + 1
            file.report("S001", "the file is not UTF-8: save it with that encoding", line)
        return file

    def report(self, code: str, message: str, line: int, suggestion: str = "") -> None:
        """Add a problem that concerns a whole line."""
        self.problems.append(Diagnostic(code, message, self.span(line), suggestion))

    def span(self, line: int, column: int = 1, length: int = 0) -> Span:
        """Return a place in this file."""
        return Span(self.name, line, column, line, column + length)
