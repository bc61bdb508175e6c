"""A .bib file becomes entries: type, key and fields as they were written, @strings filled in.

Each entry is cut out and read alone, so a broken one is one diagnostic with its line, and costs
no other. Knows nothing of what a field means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from pybtex.database.input import bibtex
from pybtex.scanner import PybtexSyntaxError
from pybtex.textutils import normalize_whitespace
from pybtex.utils import CaseInsensitiveDict

from .file import File
from .model import Span

MOST_ENTRIES = 100_000  # of a file, and of all files
_MAX_ENTRY = 100_000  # characters, @strings filled in
_MAX_STRING = 2_000  # what one @string may grow to: chained ones double each time
# "@online{" at a line's start, where reading resumes after a broken entry.
_ENTRY = re.compile(r"^[ \t]*(@[ \t]*(\w+)\s*[{(])", re.MULTILINE)
# The same right behind an entry, on its last line.
_NEXT = re.compile(r"[ \t]*(@[ \t]*(\w+)\s*[{(])")
_BRACES = re.compile(r'[{}")]')
# "@online{key," but not "@online{title = {T}}", where the key was forgotten.
_KEY = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,}=]++)(?!\s*=)")
_NAME = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,}=]+)")
_SPACED_KEY = re.compile(r"@\s*\w+\s*[{(]\s*[^\s,}=]+[ \t]+[^\s,}={]+\s*,")
_TYPE = re.compile(r"[a-z]\w*", re.ASCII)
_FIELD = re.compile(r"\s*(?:@\w+\s*[{(][^,]*,)?\s*(\w+)\s*=")
_SYNTAX_ERROR = re.compile(r"(?:syntax error in line \d+: )?(.*)", re.DOTALL)
_UNDEFINED = re.compile(r"undefined string.*?:\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``fields`` are by lower-case name, ``text`` is what was written, from a place.

    ``lines`` are the first and the last line of each field, once a problem wants them.
    """

    file: File
    type: str
    key: str
    fields: Mapping[str, str]
    text: str
    line: int
    column: int
    lines: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)

    def report(self, code: str, name: str, message: str, *, last: bool = False) -> None:
        """Add a problem, at the first or last line of a field if the entry itself has it."""
        if not self.lines:  # looked for once, in an entry of which anything is wrong
            for number, written in enumerate(self.text.split("\n"), self.line):
                match = _FIELD.match(written)
                if match is not None:
                    first, _ = self.lines.get(match[1].lower(), (number, number))
                    self.lines[match[1].lower()] = (first, number)
            self.lines.setdefault("", (self.line, self.line))
        line = self.lines.get(name, (self.line, self.line))[last]
        self.file.report(code, f"'{self.key}': {message}", line)

    @property
    def span(self) -> Span:
        """The place of the key."""
        match = _KEY.match(self.text)
        at = match.start(1) if match else 0
        line = self.text.count("\n", 0, at)
        column = at - self.text.rfind("\n", 0, at) if line else at + self.column
        return self.file.span(self.line + line, column, len(self.key))


def read_entries(file: File) -> Iterator[Entry]:
    """Yield a file's readable entries in order; faults go to the file's problems."""
    macros = CaseInsensitiveDict(bibtex.month_names)
    longest = 10
    for number, chunk in enumerate(chunks(file.text)):
        if number == MOST_ENTRIES:
            file.report("S018", f"more than {MOST_ENTRIES:,} entries in a file", chunk.line)
            return
        if chunk.type in ("comment", "preamble"):
            continue
        read = _read(file, chunk, macros, longest)
        if read is None:
            continue
        name, found = read
        if chunk.type != "string":
            yield _entry(file, chunk, found)
            continue
        size = sum(map(len, found))
        if size > _MAX_STRING:
            del macros[name]
            file.report("S001", f"@string '{name}' grows to {size:,} characters", chunk.line)
        longest = max(longest, min(size, _MAX_STRING))


def _entry(file: File, chunk: Chunk, found: Iterable[tuple[str, list[str]]]) -> Entry:
    fields: dict[str, str] = {}
    entry = Entry(file, chunk.type, chunk.key, fields, chunk.text, chunk.line, chunk.column)
    for name, parts in found:
        if name.lower() in fields:
            message = f"field '{name.lower()}' is given twice; the first one counts"
            entry.report("S012", name.lower(), message, last=True)
        fields.setdefault(name.lower(), normalize_whitespace("".join(parts)))
    return entry


@dataclass(frozen=True, slots=True)
class Chunk:
    """One entry's text, where it begins in its file, and on which line and column."""

    type: str
    key: str
    text: str
    start: int
    line: int
    column: int

    @property
    def name(self) -> str:
        """What a message calls it."""
        kind = "@string" if self.type == "string" else "entry"
        return f"{kind} '{self.key}'" if self.key else f"@{self.type}"


def chunks(text: str) -> Iterator[Chunk]:
    """Cut a file into entries, so that a broken one cannot swallow the next.

    An entry ends at the brace that closes it; if none does before the next line that looks like
    the start of an entry, it ends there, broken.
    """
    at = line = counted = limit = 0
    begun = -1  # where the line before an entry ends
    while (match := _NEXT.match(text, at) or _ENTRY.search(text, at)) is not None:
        start, opening = match.start(1), match[0][-1]
        if limit < match.end():
            following = _ENTRY.search(text, match.end())
            limit = following.start() if following else len(text)
        at = _end(text, start, limit, {"{": "}", "(": ")"}[opening]) or limit
        line += text.count("\n", counted, start)
        begun = max(begun, text.rfind("\n", counted, start))
        counted = start
        chunk = text[start : min(at, start + _MAX_ENTRY + 1)].rstrip()
        key = (_NAME if match[2].lower() == "string" else _KEY).match(chunk)
        column = start - begun
        yield Chunk(match[2].lower(), key[1] if key else "", chunk, start, line + 1, column)


def _end(text: str, start: int, limit: int, closing: str) -> int:
    """Return the end of the entry that starts at a place, or 0 if nothing closes it.

    One that is too large to be read has no end either.
    """
    depth, quoted = 0, False
    for match in _BRACES.finditer(text, start, min(limit, start + _MAX_ENTRY + 1)):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        # Only in an entry in parentheses may quotes hold what closes it.
        quoted ^= match[0] == '"' and depth == 0 and closing == ")"
        if depth == 0 and match[0] == closing and not quoted:
            return match.end()
    return 0


def _read(
    file: File, chunk: Chunk, macros: MutableMapping[str, str], longest: int
) -> tuple[str, list[Any]] | None:
    """Return key and fields, or name and parts of a @string, which joins the macros too."""

    def refuse(reason: str, line: int = chunk.line) -> None:
        file.report("S001", f"{chunk.name} cannot be read: {reason}", line)

    fault = _fault(chunk)
    if len(chunk.text) + chunk.text.count("#") * longest > _MAX_ENTRY:
        fault = f"it is larger than {_MAX_ENTRY:,} characters"
    if fault:
        refuse(fault)
        return None
    try:
        read = list(bibtex.LowLevelParser(chunk.text, macros=macros))
    except PybtexSyntaxError as error:
        at_end = not isinstance(error.lineno, int) or "premature end" in str(error)
        refuse(_reason(error), chunk.line + (0 if at_end else error.lineno - 1))
        return None
    return read[0][1] if read else ("", [])


def _fault(chunk: Chunk) -> str:
    """Say what is wrong with an entry's type or key, or nothing."""
    if _TYPE.fullmatch(chunk.type) is None:
        return f"'{chunk.type}' is no entry type"
    if chunk.type == "string":
        return ""
    if not chunk.key:
        return "it has no key"
    if "{" in chunk.key or _SPACED_KEY.match(chunk.text):
        return "its key holds a brace or a space"
    return "" if chunk.key.isprintable() else "its key holds a character that cannot be seen"


def _reason(error: PybtexSyntaxError) -> str:
    """Say in plain words what pybtex found."""
    message = str(error)
    if "premature end of file" in message:
        return "a closing brace '}' is missing"
    if (undefined := _UNDEFINED.search(message)) is not None:
        return f"'{undefined[1]}' is neither in braces nor the name of a @string"
    if "'}' expected" in message or "')' expected" in message:
        return "a comma between two fields, or the closing brace, is missing"
    match = _SYNTAX_ERROR.match(message)
    return match[1] if match else message
