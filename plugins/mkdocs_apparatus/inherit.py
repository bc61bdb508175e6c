"""Entries take over fields from others: ``crossref`` and ``xdata``, as in BibLaTeX's own setup.

In come all entries of all files, in any order; out come the same ones with their inherited fields.
What an entry says itself wins. A parent that is missing, or that leads back to its child, is
reported and passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from .entries import Entry

_MAX_STEPS = 20  # generations; a chain of them is followed by recursion

_PARTS = frozenset(
    {"inbook", "bookinbook", "suppbook", "incollection", "suppcollection", "inreference"}
    | {"inproceedings", "conference"}
)
_VOLUMES = frozenset({"book", "collection", "proceedings", "reference"})
_ARTICLES = frozenset({"article", "suppperiodical", "review"})
# Never inherited: biblatex.def, the rule from * to *, and the two that name the parents.
_OWN = frozenset(
    {"ids", "crossref", "xref", "xdata", "entryset", "entrysubtype", "execute", "label", "options"}
    | {"presort", "related", "relatedoptions", "relatedstring", "relatedtype", "shorthand"}
    | {"shorthandintro", "sortkey"}
)
# A parent's title has another name in its child; what stands for the title alone stays behind.
_TITLES = ("title", "subtitle", "titleaddon")
_SHORT = frozenset({"shorttitle", "sorttitle", "indextitle", "indexsorttitle"})
# Names for one thing: whoever has one of them inherits none of the others.
_SAME = {
    "address": "location",
    "archiveprefix": "eprinttype",
    "day": "date",
    "journal": "journaltitle",
    "month": "date",
    "school": "institution",
    "year": "date",
}


def keys_in(value: str) -> list[str]:
    """Return the keys in a field that names entries."""
    return [key for key in (part.strip() for part in value.split(",")) if key]


def inherit(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield every entry with what it inherits."""
    entries = tuple(entries)
    family = _Family(entries)
    for entry in entries:
        yield family.complete(entry, ())


class _Family:
    """All entries by key, and those that are complete already."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._known: dict[str, Entry] = {}
        for entry in entries:
            self._known.setdefault(entry.key, entry)
        self._folded = {key.casefold(): entry for key, entry in reversed(self._known.items())}
        for entry in entries:
            for old in keys_in(entry.fields.get("ids", "")):
                self._folded.setdefault(old.casefold(), entry)
        self._complete: dict[int, Entry] = {}

    def complete(self, entry: Entry, path: tuple[str, ...]) -> Entry:
        """Return an entry with what it inherits; ``path`` leads to it from its descendants."""
        if "crossref" not in entry.fields and "xdata" not in entry.fields:
            return entry
        if id(entry) not in self._complete:
            path = (*path, entry.key)
            fields = dict(entry.fields)
            for field in ("xdata", "crossref"):
                # Of several lenders the last one wins, as in Biber.
                for key in reversed(keys_in(entry.fields.get(field, ""))):
                    parent = self._parent(entry, field, key, path)
                    if parent is not None:
                        _take(fields, parent, "" if field == "xdata" else entry.type)
            self._complete[id(entry)] = replace(entry, fields=fields)
        return self._complete[id(entry)]

    def _parent(self, entry: Entry, field: str, key: str, path: tuple[str, ...]) -> Entry | None:
        parent = self._known.get(key) or self._folded.get(key.casefold())
        if parent is None:
            entry.report("S010", field, f"{field} names no entry '{key}'")
            return None
        if parent.key in path:
            entry.report("S011", field, f"{field} to '{key}' leads back to the entry itself")
            return None
        if len(path) > _MAX_STEPS:
            entry.report("S011", field, f"{field} to '{key}' is step {len(path)} of a chain")
            return None
        return self.complete(parent, path)


def _take(fields: dict[str, str], parent: Entry, child_type: str) -> None:
    """Add to an entry's fields what it has not; without a type, names stay as they are."""
    prefix = _prefix(parent.type, child_type)
    taken = {_SAME.get(name, name) for name in fields}
    for name, value in _renamed(parent.fields, prefix):
        if _SAME.get(name, name) not in taken:
            fields.setdefault(name, value)


def _renamed(fields: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if name in _OWN or (prefix and name in _SHORT):
            continue
        yield f"{prefix}{name}" if prefix and name in _TITLES else name, value


def _prefix(parent: str, child: str) -> str:
    """Return what makes a parent's title a field of its child: booktitle, journaltitle.

    Wider than BibLaTeX's setup in one thing: a part may be of another kind than its whole, such
    as an incollection in a book.
    """
    if parent.startswith("mv") and child in _PARTS | _VOLUMES:
        return "main"
    if parent in _VOLUMES and child in _PARTS:
        return "book"
    return "journal" if parent == "periodical" and child in _ARTICLES else ""
