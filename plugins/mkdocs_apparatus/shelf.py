"""New entries are put into a .bib file, in the order of keys and in the file's own form.

Nobody else's byte is touched: a file is what it was, with whole entries between. That is proved
by reading the result before it is written. Knows nothing of the web.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import store
from .bib import read_sources
from .entries import Chunk, chunks, read_entries
from .file import File
from .model import Source

# Fields of an entry in the order in which they are written; any other stands before the last ones.
_ORDER = (
    *("title", "subtitle", "titleaddon", "titletranslation", "shorttitle", "author", "editor"),
    *("bookauthor", "translator", "booktitle", "journaltitle", "journal", "entrysubtype"),
    *("maintitle", "eventtitle", "venue", "series", "edition", "volume", "volumes", "number"),
    *("issue", "type", "chapter", "pages", "eid", "publisher", "institution", "school"),
    *("organization", "location", "address", "date", "year", "month", "day", "origdate"),
    *("version", "isbn", "issn", "doi", "eprint", "eprinttype", "archiveprefix", "url", "urldate"),
    *("archiveurl", "howpublished", "crossref"),
)
_LAST = ("langid", "language", "keywords", "note")
_FIELD = re.compile(r"^([ \t]+)(\w+)([ \t]*)=[ \t]", re.MULTILINE)
_LAST_LINE = re.compile(r"(,?)[ \t]*\r?\n[ \t]*\}\Z")
_NO_ENTRIES = ("comment", "preamble", "string")


class ShelfError(Exception):
    """An entry cannot be put into a file; the message says why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written: its fields as BibTeX has them."""

    type: str
    key: str
    fields: Mapping[str, str]

    @property
    def ordered(self) -> dict[str, str]:
        """The fields that say anything, in the order of a file."""
        first = {name: at for at, name in enumerate(_ORDER)}
        last = {name: 1000 + at for at, name in enumerate(_LAST)}
        place = first | last
        names = sorted(filter(self.fields.get, self.fields), key=lambda one: place.get(one, 500))
        return {name: self.fields[name] for name in names}


@dataclass(frozen=True, slots=True)
class Form:
    """How a file writes its entries: what stands before a field, and where the values begin.

    ``width`` is that of the names, 0 if each entry has its own; ``comma`` follows a last field.
    """

    indent: str = "  "
    width: int = 0
    comma: bool = False
    end: str = "\n"

    @classmethod
    def of(cls, text: str) -> Form:
        """Return how most entries of a file are written."""
        fields = [
            (len(found[1]), len(found[2]) + len(found[3]) - 1, found[1])
            for found in _FIELD.finditer(text[:500_000])
        ]
        ends = Counter(
            found[1]
            for chunk in chunks(text[:500_000])
            if (found := _LAST_LINE.search(chunk.text)) is not None
        )
        if not fields:
            return cls(end="\r\n" if "\r\n" in text else "\n")
        (_, width, indent), often = Counter(fields).most_common(1)[0]
        return cls(
            indent,
            width if often * 2 > len(fields) else 0,
            ends[","] > ends[""],
            "\r\n" if "\r\n" in text else "\n",
        )

    def write(self, draft: Draft) -> str:
        """Return an entry without a line's end behind it."""
        fields = draft.ordered
        if not fields:
            return f"@{draft.type}{{{draft.key},{self.end}}}"
        width = max(self.width, *map(len, fields))
        lines = [f"{self.indent}{name:<{width}} = {{{value}}}" for name, value in fields.items()]
        inside = f",{self.end}".join(lines) + ("," if self.comma else "")
        return f"@{draft.type}{{{draft.key},{self.end}{inside}{self.end}}}"


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file in a folder. Raises ShelfError for a link that leads out of it."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ShelfError(f"{folder.name}/{name} is a link that leads out of {folder.name}/")
    return path


def read_text(path: Path) -> str:
    """Return a file as it is, line ends and all; one that is not there is empty.

    Raises ShelfError.
    """
    try:
        return path.read_bytes().decode("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise ShelfError(f"{path.name} is not UTF-8: save it with that encoding first") from None
    except OSError as error:
        raise ShelfError(f"{path.name} cannot be read: {error.strerror}") from None


def put(text: str, drafts: Iterable[Draft], name: str) -> str:
    """Return a .bib file's text with entries added; one whose key is there takes its place.

    ``name`` is the file's, for messages. Raises ShelfError if anything else would change.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    old = text.removeprefix(mark)
    drafts = sorted(drafts, key=lambda one: one.key)
    new = _with(old, drafts, Form.of(old))
    _prove(old, new, drafts, name)
    return mark + new


def write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all. Raises ShelfError."""
    try:
        store.replace(path, text)
    except OSError as error:
        raise ShelfError(f"{path.name} cannot be written: {error.strerror}") from None


def _with(text: str, drafts: Sequence[Draft], form: Form) -> str:
    """Return a text with entries in their places, which are those of the text as it was."""
    found = [chunk for chunk in chunks(text) if chunk.type not in _NO_ENTRIES]
    if not found:
        gap = {"": "", "\n": form.end}.get(text[-1:], form.end * 2)
        entries = (form.end * 2).join(map(form.write, drafts))
        return f"{text}{gap}{entries}{form.end}" if entries else text
    keys = [chunk.key for chunk in found]
    ordered = keys == sorted(keys)
    places = {chunk.key: chunk for chunk in reversed(found)}
    # Pieces of the old text, and what stands between them.
    new: list[str] = []
    at = 0
    for draft in sorted(drafts, key=lambda one: _place(one.key, keys, ordered)):
        entry = form.write(draft)
        place = _place(draft.key, keys, ordered)
        if draft.key in places:
            start = places[draft.key].start
            new += [text[at:start], entry]
            at = start + len(places[draft.key].text)
        elif place:
            end = found[place - 1].start + len(found[place - 1].text)
            # The one before may be an entry that was renewed.
            new += [text[at:end], form.end * 2, entry]
            at = max(at, end)
        else:
            start = _above(text, found[0])
            new += [text[at:start], entry, form.end * 2]
            at = start
    rest = text[at:]
    return "".join(new) + (rest if rest or not new else form.end)


def _place(key: str, keys: Sequence[str], ordered: bool) -> int:
    """Return behind how many entries a key belongs; behind all, if they are in no order."""
    if key in keys:
        return keys.index(key) + 1
    return bisect_left(keys, key) if ordered else len(keys)


def _above(text: str, chunk: Chunk) -> int:
    """Return where an entry begins, with the lines of comment right above it."""
    at = text.rfind("\n", 0, chunk.start) + 1
    if text[at : chunk.start].strip():
        return chunk.start
    while at:
        above = text.rfind("\n", 0, at - 1) + 1
        line = text[above:at].strip()
        if not line or line.endswith(("}", ")")):
            break
        at = above
    return at


def _prove(old: str, new: str, drafts: Sequence[Draft], name: str) -> None:
    """See that what is written reads back, and that all else is what it was."""
    written = {draft.key: draft for draft in drafts}
    before, after = _entries(old, name), _entries(new, name)
    others = [one for one in after if one[0] not in written]
    kept = [one for one in before if one[0] not in written]
    found = {key: (kind, fields) for key, kind, fields in after if key in written}
    meant = {key: (draft.type, draft.ordered) for key, draft in written.items()}
    if others != kept or found != meant:
        raise ShelfError(
            f"{name}: the entry would not come back as it was written; see what "
            "'apparatus check' says of this file"
        )


def _entries(text: str, name: str) -> list[tuple[str, str, dict[str, str]]]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    found = read_entries(File(name, plain, []))
    return [(entry.key, entry.type, dict(entry.fields)) for entry in found]


def own_entries(text: str) -> dict[str, Draft]:
    """Return the entries of a file by key, with the fields that they have themselves."""
    plain = text.removeprefix("\ufeff")
    return {key: Draft(kind, key, fields) for key, kind, fields in reversed(_entries(plain, ""))}


def as_source(draft: Draft) -> Source | None:
    """Return the source that an entry is by itself, if it can be read."""
    return next(read_sources(read_entries(File("entry", Form().write(draft), []))), None)
