"""A file of the author's: its text, its name in messages, and where its problems go."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass, field
from pathlib import Path

from .folder import read_bytes
from .model import Diagnostic, Span

_MOST_PROBLEMS = 10_000  # of all files together; they are read from the first to the last


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
        """Read a file as UTF-8; its name is relative to ``root``, with slashes.

        One that cannot be read is a problem, and empty.
        """
        try:
            data = read_bytes(path)
        except OSError as error:
            name = cls.named(path, root)
            cls(name, "", problems).report("S018", f"{error.strerror}", 1)
            return cls(name, "", problems)
        return cls.of(data, path, root, problems)

    @classmethod
    def of(cls, data: bytes, path: Path, root: Path, problems: list[Diagnostic]) -> File:
        """Return a file that holds some bytes, whatever is on disk."""
        name = cls.named(path, root)
        text = data.decode("utf-8-sig", errors="replace")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        file = cls(name, text, problems, marked=data.startswith(BOM_UTF8))
        if "\ufffd" in text and b"\xef\xbf\xbd" not in data:
            line = text.count("\n", 0, text.index("\ufffd")) + 1
            file.report("S001", "the file is not UTF-8: save it with that encoding", line)
        return file

    @staticmethod
    def named(path: Path, root: Path) -> str:
        """Return the name that messages have for a file."""
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

    def report(self, code: str, message: str, line: int, suggestion: str = "") -> None:
        """Add a problem that concerns a whole line."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Diagnostic(code, message, self.span(line), suggestion))
        elif len(self.problems) == _MOST_PROBLEMS:
            message = f"more than {_MOST_PROBLEMS:,} problems; from here on none is listed"
            self.problems.append(Diagnostic("S018", message, self.span(line)))

    def span(self, line: int, column: int = 1, length: int = 0) -> Span:
        """Return a place in this file."""
        return Span(self.name, line, column, line, column + length)
