"""Where a file names sources and terms: the places that an editor finds, opens and renames.

In comes the text of one file, out come its mentions in order. One for each kind of file: prose
(from what ``extension.locate`` found in it), front matter, .bib files, tables of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .figures import SOURCE
from .matter import find_values
from .model import Citation, Span, TermLink, Use

# Fields of an entry that hold keys; BibLaTeX's manual, sections 2.2.3 and 2.4.1.
_FIELDS = r"crossref|xref|xdata|related|entryset"
# "@online{key," at a line's start, or a field of keys: related = {one, two}
_NAMED = re.compile(
    r"^[ \t]*@[ \t]*(?P<type>\w+)\s*[{(]\s*(?P<key>[^\s,{}=]+)\s*,"
    rf"|\b(?:{_FIELDS})\s*=\s*[{{\"](?P<keys>[^{{}}\"]*)[}}\"]",
    re.MULTILINE | re.IGNORECASE,
)
_NO_ENTRIES = frozenset({"comment", "preamble", "string"})
_KEY = re.compile(r"[^\s,;\"@]+")
_CELL = re.compile(r"(\"(?:[^\"]|\"\")*\"|[^,\"\n]*)(,|\n|\Z)")
_TARGET = re.compile(r"\[\[(!?\s*)(.*?)\s*(?:\\?\||\]\]\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Named:
    """A place that names a source by its key, or a term by any of its names.

    ``span`` is that of the name alone. ``entry`` says that the source or term is defined there;
    ``linked`` that it is a term in brackets, ``bare`` that these have no words of their own.
    """

    name: str
    span: Span
    is_term: bool = False
    entry: bool = False
    linked: bool = False
    bare: bool = False


def in_prose(uses: Iterable[Use], text: str) -> Iterator[Named]:
    """Yield the names in citations and term links; ``text`` is that of the whole file.

    What a page has from another file (a snippet) is left out: it does not stand there.
    """
    lines = text.split("\n")
    for use in uses:
        line, column = use.span.line, use.span.column
        rest = "\n".join(lines[line - 1 : line + 1])[column - 1 :]
        if isinstance(use.token, Citation):
            start = 1 + rest.startswith("@{")
            if rest.startswith("@") and rest.startswith(use.token.key, start):
                place = column + start
                yield Named(use.token.key, _span(use.span.path, line, place, use.token.key))
        elif not use.token.plain and rest.startswith("[["):
            yield from _link(use.token, use.span, rest)


def _link(link: TermLink, span: Span, rest: str) -> Iterator[Named]:
    end = rest.find("]]") + 2
    match = _TARGET.match(rest[:end])
    if match is None or " ".join(match[2].split()) != link.target:
        return
    before, typed = rest[: match.start(2)], match[2]
    line = span.line + before.count("\n")
    column = len(before) - before.rfind("\n") if "\n" in before else span.column + len(before)
    place = _span(span.path, line, column, typed)
    yield Named(link.target, place, is_term=True, linked=True, bare=match[0].endswith("]]"))


def _span(path: str, line: int, column: int, typed: str) -> Span:
    """Return the place of what was typed, which may go on in the next line."""
    first, wraps, last = typed.partition("\n")
    end = len(last) + 1 if wraps else column + len(first)
    return Span(path, line, column, line + len(wraps), end)


def in_matter(text: str, path: str, field: str, *, is_term: bool) -> Iterator[Named]:
    """Yield the names in a field of front matter."""
    lines = text.split("\n")
    for name, line, column in find_values(text, field):
        if lines[line - 1].startswith(name, column - 1):
            yield Named(name, _span(path, line, column, name), is_term)


def in_bib(text: str, path: str) -> Iterator[Named]:
    """Yield the keys of entries, and those that entries name."""
    places = _Places(text, path)
    for match in _NAMED.finditer(text):
        if match["key"]:
            if match["type"].lower() not in _NO_ENTRIES:
                yield Named(match["key"], places.span(match.start("key"), match["key"]), entry=True)
        elif match["keys"]:
            for key in _KEY.finditer(match["keys"]):
                yield Named(key[0], places.span(match.start("keys") + key.start(), key[0]))


def in_table(text: str, path: str) -> Iterator[Named]:
    """Yield the keys in a table's column of sources."""
    places = _Places(text, path)
    heads: list[str] = []
    at = column = 0
    in_head = True
    while at < len(text) and (match := _CELL.match(text, at)) is not None:
        cell = match[1]
        if in_head:
            heads.append(cell.strip(' "'))
        elif column < len(heads) and heads[column] == SOURCE:
            for key in _KEY.finditer(cell):
                yield Named(key[0], places.span(match.start(1) + key.start(), key[0]))
        ends = match[2] != ","
        column = 0 if ends else column + 1
        in_head = in_head and not ends
        at = match.end()


class _Places:
    """Turns offsets, which only grow, into places."""

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self._at = self._line = 0

    def span(self, at: int, typed: str) -> Span:
        """Return the place of what was typed at an offset."""
        self._line += self._text.count("\n", self._at, at)
        self._at = at
        column = at - self._text.rfind("\n", 0, at)
        return _span(self._path, self._line + 1, column, typed)
