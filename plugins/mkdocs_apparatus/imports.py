"""The export of a reference manager becomes entries of a .bib file: BibTeX, CSL-JSON or RIS.

Nothing is lost in silence: BibTeX keeps all its fields; what has no place is named. An entry that
is there already is left as it is, so that importing a file twice is importing it once.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import ris, shelf
from .add import index_works, marks, taken_keys
from .entries import Chunk, chunks, read_entries
from .file import File
from .finds import as_fields, chosen, clean
from .keys import make_key, plain
from .lookup import WishError
from .model import Diagnostic, Library, Source
from .records import from_csl
from .shelf import Draft, Form, ShelfError

_NAME = re.compile(r"[\w-][\w.-]*\.bib")
_KEY = re.compile(r"(?!https?:)[^\W_](?:[\w.:/+-]*\w)?")
_MANAGER = re.compile(r"(jabref|bibdesk)[\s-]*([\w ]*)", re.IGNORECASE)
# What this library reads of an entry, besides the names of people and titles: see ``bib``.
_READ = re.compile(
    r"(?:short|sub|main|book|journal)?(?:sub)?title(?:addon|translation)?|author|editor|journal"
    r"|publisher|organization|institution|school|holder|howpublished|location|address|edition"
    r"|series|volume|part|number|issue|pages|eid|date|year|month|day|url|urldate|doi|isbn|issn"
    r"|eprint|eprinttype|archiveprefix|langid|language|hyphenation|keywords|archiveurl|note|type"
    r"|addendum|related|entryset|crossref|xdata|ids|pubstate|entrysubtype"
)
# Fields in which managers keep where a file lies on its owner's disk.
_PRIVATE = re.compile(r"file|local-url|bdsk-file-\d+|owner|username")
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Record:
    """An entry to be imported, such as ``line 4``; ``lost`` are what of it has no place here."""

    draft: Draft
    place: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """What importing a file comes to: the new text of the file at ``path``, named ``name``.

    ``added`` are keys, ``same`` those that are there already. ``clashes`` say what is left out
    and why, ``notes`` what else to know.
    """

    path: Path
    name: str
    text: str
    entries: tuple[str, ...]
    added: tuple[str, ...]
    same: tuple[str, ...]
    clashes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What was done and left, a line each."""
        lines = [*self.notes, *self.clashes]
        if self.same:
            lines.append(f"there already, the same: {len(self.same)}")
        if self.added:
            lines.append(f"added to {self.name}: {len(self.added)} ({_listed(self.added)})")
        else:
            lines.append("nothing was added")
        return "".join(f"{line}\n" for line in lines)


def plan_import(path: Path, target: str, library: Library, folder: Path, day: str) -> Import:
    """Return what importing a file comes to; ``target`` names the .bib file, or is empty.

    ``day`` gives a year to keys of what has none. Raises WishError, ShelfError.
    """
    if target and _NAME.fullmatch(target) is None:
        raise WishError(f"--file names a .bib file in {folder.name}/, without a folder: web.bib")
    problems: list[Diagnostic] = []
    try:
        file = File.read(path, path.parent, problems)
    except OSError as error:
        raise WishError(f"{path} cannot be read: {error.strerror}") from None
    if any("UTF-8" in one.message for one in problems):
        raise WishError(f"{path} is not UTF-8: export it with that encoding")
    notes: list[str] = []
    records = _records(file, notes, library, day)
    clashes = [f"line {one.span.line}: {one.message}" for one in problems if one.code == "S001"]
    twice = [f"line {one.span.line}: {one.message}" for one in problems if one.code == "S012"]
    notes += dict.fromkeys(twice)
    name = target or f"{re.sub('[^a-z0-9]+', '-', plain(path.stem)).strip('-') or 'imported'}.bib"
    place = shelf.inside(folder, name)
    text = shelf.read_text(place)
    sorting = _Sorting(library, folder)
    chosen_ones = [record for record in records if sorting.takes(record)]
    notes += _notes(chosen_ones)
    form = Form.of(text)
    return Import(
        path=place,
        name=f"{folder.name}/{name}",
        text=shelf.put(text, [one.draft for one in chosen_ones], name),
        entries=tuple(form.write(one.draft) for one in chosen_ones),
        added=tuple(one.draft.key for one in chosen_ones),
        same=tuple(sorting.same),
        clashes=(*clashes, *sorting.clashes),
        notes=tuple(notes),
    )


def _records(file: File, notes: list[str], library: Library, day: str) -> list[Record]:
    """Return the records of a file, by what it holds rather than by its name."""
    text = file.text.lstrip()
    if text[:1] in ("[", "{"):
        return list(_named(_from_json(file), notes, library, day))
    if re.match(r"[A-Z][A-Z0-9]  ?-", text):
        found = ((f"line {line}", *ris.as_csl(tags)) for line, tags in ris.read_ris(file.text))
        return list(_named(found, notes, library, day))
    if "@" not in text:
        raise WishError(f"{file.name} holds no BibTeX, no CSL-JSON and no RIS")
    notes += _left_of(file.text)
    return [
        Record(Draft(entry.type, entry.key, entry.fields), f"line {entry.line}")
        for entry in read_entries(file)
    ]


def _from_json(file: File) -> Iterator[tuple[str, Mapping[str, Any], list[str]]]:
    try:
        found = json.loads(file.text)
    except json.JSONDecodeError as error:
        raise WishError(
            f"{file.name}:{error.lineno}: this is no JSON: {error.msg}; export it once more"
        ) from None
    except RecursionError:
        raise WishError(f"{file.name} is nested too deeply to be CSL-JSON") from None
    items = found.get("items", [found]) if isinstance(found, dict) else found
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise WishError(f"{file.name} is no CSL-JSON: a list of items is expected")
    for number, item in enumerate(items, 1):
        yield f"record {number}", item, []


def _named(
    records: Iterable[tuple[str, Mapping[str, Any], list[str]]],
    notes: list[str],
    library: Library,
    day: str,
) -> Iterator[Record]:
    """Yield records of CSL as entries; one whose id can be no key gets one."""
    taken: set[str] = set()
    for place, item, lost in records:
        finds, more = from_csl(item, "")
        kind = next((find.value for find in finds if find.field == "type"), "misc")
        fields = as_fields(chosen(finds).values())
        if not fields:
            notes.append(f"{place}: it says nothing that has a place here")
            continue
        written = clean(str(item.get("citation-key") or item.get("id") or ""))
        key = written if _KEY.fullmatch(written) else ""
        if not key:
            key = _known(Draft(kind, "new", fields), library) or make_key(kind, fields, day, taken)
            told = f"'{written[:60]}' is no key" if written else "it has no key"
            notes.append(f"{place}: {told}; it is '{key}' here")
        taken.add(key.lower())
        yield Record(Draft(kind, key, fields), place, tuple(dict.fromkeys([*lost, *more])))


def _known(draft: Draft, library: Library) -> str:
    """Return the key under which the same work is there already, or an empty string."""
    works = index_works(library.sources.values())
    found = marks(shelf.as_source(draft))
    return next((works[mark].key for mark in found if mark in works), "")


def _left_of(text: str) -> Iterator[str]:
    """Yield what stands in a .bib file besides entries."""
    at, loose = 0, list[tuple[int, str]]()
    strings: list[Chunk] = []
    for chunk in chunks(text):
        loose += _loose(text, at, chunk.start)
        at = chunk.start + len(chunk.text)
        if chunk.type == "string":
            strings.append(chunk)
        elif chunk.type in ("comment", "preamble"):
            yield f"line {chunk.line}: {_called(chunk)}; not taken over"
    if strings:
        named = _listed([f"'{chunk.key}'" for chunk in strings])
        yield f"line {strings[0].line}: @string {named}: filled in where it is used"
    loose += _loose(text, at, len(text))
    if loose:
        line, first = loose[0]
        many = f"{len(loose)} lines" if len(loose) > 1 else "a line"
        yield f"line {line}: {many} outside of entries ('{clean(first)[:40]}'); not taken over"


def _loose(text: str, start: int, end: int) -> list[tuple[int, str]]:
    first = text.count("\n", 0, start) + 1
    lines = enumerate(text[start:end].split("\n"), first)
    return [(number, line) for number, line in lines if line.strip(" \t,")]


def _called(chunk: Chunk) -> str:
    if chunk.type == "preamble":
        return "a @preamble"
    inside = clean(re.sub(r"^@\s*\w+\s*[{(]", "", chunk.text)[:400])
    manager = _MANAGER.match(inside)
    if manager is None:
        return f"a comment ('{inside[:40]}')"
    name = "JabRef" if manager[1].lower() == "jabref" else "BibDesk"
    if "group" in inside[:60].lower():
        return f"groups of {name}"
    return f"settings of {name} ('{inside[:40]}')"


class _Sorting:
    """Tells what is new from what is there already, and from what clashes with it."""

    def __init__(self, library: Library, folder: Path) -> None:
        self._library = library
        self._works: dict[tuple[str, str], Source | Record] = dict(
            index_works(library.sources.values())
        )
        self._keys: dict[str, Source | Record] = {
            key.lower(): source for key, source in library.sources.items()
        }
        self._former = taken_keys(library) - self._keys.keys()
        self._own: dict[str, Draft] = {}
        for name in sorted({Path(one.span.path).name for one in library.sources.values()}):
            self._own |= shelf.own_entries(shelf.read_text(shelf.inside(folder, name)))
        self.same: list[str] = []
        self.clashes: list[str] = []

    def takes(self, record: Record) -> bool:
        """Say whether a record is new; if not, note why."""
        draft = record.draft
        told = f"{record.place}: '{draft.key}' is left out"
        own = self._own.get(draft.key)
        if own is not None and (own.type, own.ordered) == (draft.type, draft.ordered):
            self.same.append(draft.key)
            return False
        known = self._keys.get(draft.key.lower())
        if known is not None:
            self.clashes.append(f"{told}: {_where(known)} has this key{_differences(own, draft)}")
            return False
        if draft.key.lower() in self._former:
            self.clashes.append(f"{told}: it is the former key of another entry")
            return False
        found = list(marks(shelf.as_source(draft)))
        for mark in found:
            if mark in self._works:
                other = self._works[mark]
                self.clashes.append(f"{told}: {_where(other)} has the same {mark[0]}")
                return False
        if fault := _fault(draft):
            self.clashes.append(f"{told}: {fault}")
            return False
        self._keys[draft.key.lower()] = record
        self._works |= dict.fromkeys(found, record)
        return True


def _where(other: Source | Record) -> str:
    if isinstance(other, Record):
        return f"'{other.draft.key}' in {other.place}"
    return f"'{other.key}' in {other.span.path}:{other.span.line}"


def _differences(own: Draft | None, draft: Draft) -> str:
    if own is None:
        return ""
    was, now = own.ordered, draft.ordered
    names = [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]
    names = ["type", *names] if own.type != draft.type else names
    return f", with another {', '.join(names[:_MOST_NAMED])}"


def _fault(draft: Draft) -> str:
    try:
        shelf.put("", [draft], "it")
    except ShelfError:
        return "a value in it cannot be written as BibTeX"
    return ""


def _notes(records: Iterable[Record]) -> Iterator[str]:
    """Yield which fields are kept unread, which of them are private, and what had no place."""
    unread, private, lost = Counter[str](), Counter[str](), Counter[str]()
    for record in records:
        for name in record.draft.fields:
            (private if _PRIVATE.fullmatch(name) else unread)[name] += not _READ.fullmatch(name)
        lost.update(record.lost)
    if kept := _counted(unread):
        yield f"kept in the entries, though nothing here reads them: {kept}"
    if kept := _counted(private):
        yield (
            f"kept too, but they tell of you and your disk: {kept}; "
            "take them out before you publish"
        )
    if names := _counted(lost):
        yield f"no field for: {names}; not taken over"


def _counted(counter: Counter[str]) -> str:
    return _listed([f"{name} ({often})" for name, often in counter.most_common() if often])


def _listed(named: Sequence[str]) -> str:
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
