"""A new source: what its page or a register says of it becomes an entry of a .bib file.

In comes what somebody typed, an address, a DOI, an ISBN, a number of arXiv or a file; out comes a
plan: the entry, where it goes, what each field rests on and what is missing. Nothing is written
here, and the network is a function that the caller passes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from . import shelf
from .bib import KINDS
from .finds import Find, as_fields, chosen, clean
from .identity import read_isbn, same_address
from .inherit import keys_in
from .keys import make_key
from .lookup import NothingError, Web, WishError, look_up
from .model import Library, Source
from .shelf import Draft, Form
from .words import language_code, language_name

_NAME = re.compile(r"[\w-][\w.-]*\.bib")
_KEY = re.compile(r"[A-Za-z0-9][\w.:-]*", re.ASCII)
_OUTLET = re.compile(r"([a-z]+)(?:1[89]|20)\d\d")
_PUBLISHED = frozenset({"article", "book", "collection", "incollection", "inproceedings", "review"})
_BY_INSTITUTION = frozenset({"report", "thesis", "techreport", "phdthesis", "mastersthesis"})
_SHOWN = 88  # characters of a value in the report
# Older names of a field, which a found one takes the place of.
_ALIASES = {
    "date": ("year", "month", "day"),
    "institution": ("school",),
    "journaltitle": ("journal",),
    "langid": ("language", "hyphenation"),
    "location": ("address",),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for; ``url`` is the address of a saved page, ``title`` their own.

    ``language`` is that of the site.
    """

    what: str
    key: str = ""
    file: str = ""
    kind: str = ""
    url: str = ""
    title: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written: ``entry`` as the text of a file, at ``path``, named ``name``.

    ``report`` says what was found where, ``advice`` what is left to do, ``changes`` what an entry
    that it ``renews`` would lose and get: that is to be asked for.
    """

    key: str
    entry: str
    path: Path
    name: str
    text: str
    report: tuple[str, ...]
    advice: tuple[str, ...]
    changes: tuple[str, ...] = ()
    renews: bool = False


def plan(wish: Wish, web: Web, library: Library, folder: Path, today: date) -> Plan:
    """Return what a wish comes to; ``folder`` is that of the sources.

    Raises WishError, NothingError, ShelfError.
    """
    _judge(wish, folder)
    finds = [*_own(wish), *look_up(wish.what, wish.url, web, today)]
    near = _neighbours(finds, library)
    finds = [*_publisher_of(near), *finds]
    kind, fields, taken = _entry(finds, wish, today)
    report = tuple(_report(finds, kind, taken))
    if "title" not in fields:
        told = "no title was found; give it: --title 'The headline as it stands'"
        raise NothingError("\n".join([told, "what was found:", *report]))
    works = index_works(library.sources.values())
    found = marks(shelf.as_source(Draft(kind, "new", fields)))
    there = next((works[mark] for mark in found if mark in works), None)
    key = _key(wish, there, library) or make_key(
        kind, fields, today.isoformat(), taken_keys(library), _outlet(near)
    )
    path = _path(wish, folder, library.sources.get(key), near)
    text = shelf.read_text(path)
    before = shelf.own_entries(text).get(key)
    draft = Draft(kind, key, _over(before.fields if before else {}, fields))
    return Plan(
        key=key,
        entry=Form.of(text).write(draft),
        path=path,
        name=f"{folder.name}/{path.name}",
        text=shelf.put(text, [draft], path.name),
        report=report,
        advice=tuple(_advice(draft, wish.language)),
        changes=tuple(_changes(before, draft)) if before else (),
        renews=before is not None,
    )


def _judge(wish: Wish, folder: Path) -> None:
    if wish.kind not in ("", *KINDS):
        raise WishError(f"no kind '{wish.kind}'; there are {', '.join(KINDS)}")
    if wish.key and _KEY.fullmatch(wish.key) is None:
        raise WishError(f"'{wish.key}' is no key: take letters and digits, such as outlet2025word")
    if wish.file and _NAME.fullmatch(wish.file) is None:
        raise WishError(f"--file names a .bib file in {folder.name}/, without a folder: web.bib")


def _own(wish: Wish) -> Iterator[Find]:
    """Yield what was typed itself."""
    if wish.title:
        yield Find("title", clean(wish.title), "--title")


def _neighbours(finds: Iterable[Find], library: Library) -> list[Source]:
    """Return the sources of the same host."""
    address = chosen(finds).get("url")
    host = _host(address.value) if address else ""
    if address is None or not host:
        return []
    own = same_address(address.value)
    of_host = (one for one in library.sources.values() if _host(one.url) == host)
    return [one for one in of_host if same_address(one.url) != own]


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _publisher_of(near: Iterable[Source]) -> Iterator[Find]:
    """Yield the publisher that all sources of the host have, so that one has one name."""
    # "Reuters, on Example News" is another's text on the same pages.
    names = Counter(one.publisher for one in near if one.publisher and ", on " not in one.publisher)
    if len(names) == 1:
        [(name, often)] = names.items()
        others = "another source" if often == 1 else f"{often} other sources"
        yield Find("organization", name, f"{others} of this host")


def _entry(
    finds: list[Find], wish: Wish, today: date
) -> tuple[str, dict[str, str], dict[str, Find]]:
    """Return an entry's type and fields, and the finds that they rest on."""
    taken = chosen(finds)
    found = taken.get("type")
    kind = found.value if found else "online"
    name = _publisher_field(kind)
    if name != "organization" and "organization" in taken:
        taken.setdefault(name, taken.pop("organization"))
        taken.pop("organization", None)
    fields = as_fields(
        Find(field, find.value, find.origin) for field, find in taken.items() if field != "type"
    )
    if "eprint" in fields:
        fields.setdefault("eprinttype", "arxiv")
    if "url" in fields:
        fields["urldate"] = today.isoformat()
    if wish.kind:
        fields["keywords"] = wish.kind
    return kind, fields, taken


def _publisher_field(kind: str) -> str:
    """Return the field that says who published an entry of a type."""
    if kind in _BY_INSTITUTION:
        return "institution"
    return "publisher" if kind in _PUBLISHED else "organization"


def index_works(sources: Iterable[Source]) -> dict[tuple[str, str], Source]:
    """Return sources by what tells a work from others."""
    return {mark: source for source in reversed(list(sources)) for mark in marks(source)}


def marks(source: Source | None) -> Iterator[tuple[str, str]]:
    """Yield what two entries may not share: address and DOI as in rule S008, a book's ISBN."""
    if source is None:
        return
    # A part takes over the address of its whole.
    if source.url and "crossref" not in dict(source.fields):
        yield "address", same_address(source.url)
    if source.doi:
        yield "DOI", source.doi.lower()
    if source.type == "book" and (isbn := read_isbn(source.isbn)):
        yield "ISBN", isbn


def taken_keys(library: Library) -> set[str]:
    """Return the keys that are or were in use, in small letters."""
    taken = {key.lower() for key in library.sources}
    for source in library.sources.values():
        taken |= {one.lower() for one in keys_in(dict(source.fields).get("ids", ""))}
    return taken


def _key(wish: Wish, there: Source | None, library: Library) -> str:
    """Return the key of the entry that is there already, or the one that was asked for."""
    if there is not None and wish.key not in ("", there.key):
        raise NothingError(
            f"it is there already as '{there.key}', in {there.span.path}:{there.span.line}; "
            f"cite it as [@{there.key}]"
        )
    if (
        there is None
        and wish.key not in library.sources
        and wish.key.lower() in taken_keys(library)
    ):
        raise NothingError(f"the key '{wish.key}' is taken, in other letters or as a former key")
    return there.key if there is not None else wish.key


def _outlet(near: Iterable[Source]) -> str:
    """Return how most keys of the host begin, if most begin in one way."""
    stems = Counter(found[1] for one in near if (found := _OUTLET.match(one.key)))
    often = stems.most_common(1)
    return often[0][0] if often and often[0][1] * 2 > stems.total() else ""


def _path(wish: Wish, folder: Path, there: Source | None, near: Iterable[Source]) -> Path:
    """Return the file to write: where the entry is, the one asked for, or that of its host."""
    if there is not None:
        name = Path(there.span.path).name
        if wish.file not in ("", name):
            raise NothingError(
                f"'{there.key}' is in {there.span.path}:{there.span.line}, not elsewhere"
            )
    else:
        files = Counter(Path(one.span.path).name for one in near)
        name = wish.file or (files.most_common(1)[0][0] if files else "web.bib")
    return shelf.inside(folder, name)


def _over(before: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Return an entry's fields with new ones over them: what only the old one says is kept.

    So is an address that is the same, written in another way.
    """
    fields = dict(fields)
    if same_address(before.get("url", "")) == same_address(fields.get("url", "")):
        fields.pop("url", None)
    replaced = {alias for name in fields for alias in _ALIASES.get(name, ())}
    return {name: value for name, value in before.items() if name not in replaced} | dict(fields)


def _changes(before: Draft, after: Draft) -> Iterator[str]:
    was, now = ({"@": one.type} | one.ordered for one in (before, after))
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            yield from (
                f"{sign} {name} = {{{one[name]}}}"
                for sign, one in (("-", was), ("+", now))
                if name in one
            )


def _report(finds: Iterable[Find], kind: str, taken: Mapping[str, Find]) -> Iterator[str]:
    """Yield what was found and where; then what was not used, and why; then what is missing."""
    publisher = _publisher_field(kind)
    rows = [("type", taken.get("type", Find("type", kind, "nothing says otherwise")))]
    values = {field: find.value for field, find in taken.items() if field != "type"}
    rows += [(field, taken[field]) for field in Draft(kind, "", values).ordered]
    for field, find in rows:
        yield f"  {field:<13} {_short(find.value)}  ({find.origin})"
    seen = {(find.field, find.value.casefold()) for find in taken.values()}
    for find in finds:
        used = taken.get(publisher if find.field == "organization" else find.field)
        if (find.field, find.value.casefold()) in seen or (used and used.value == find.value):
            continue
        seen.add((find.field, find.value.casefold()))
        why = find.fault or f"taken from {used.origin if used else 'another place'} instead"
        if find.field:
            yield f"- {find.field:<13} {_short(find.value)}  ({find.origin}): {why}"
        else:
            yield f"- {find.origin:<13} {why}" + (f": {find.value}" if find.value else "")
    whose = "journaltitle" if kind == "article" else publisher
    wanted = ("title", "author", whose, "date", "langid")
    if missing := [name for name in wanted if name not in taken]:
        yield f"not found: {', '.join(missing)}"


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"


def _advice(draft: Draft, own: str) -> Iterator[str]:
    """Yield what is left to somebody who has seen the work."""
    fields = draft.fields
    if not any(map(fields.get, ("url", "doi", "isbn"))):
        yield "url: add the address, or say it with --url"
    if not fields.get("date") and not fields.get("year"):
        yield "date: if the page shows one, add it; if not, leave the field out"
    language = language_code(fields.get("langid", ""))
    if language not in ("", language_code(own)) and not fields.get("titletranslation"):
        yield f"titletranslation: add the title in {language_name(own)}"
    if not fields.get("langid"):
        yield "langid: add the language, such as english or ukrainian"
    if not fields.get("keywords"):
        yield f"keywords: say what it is, {', '.join(KINDS[:-1])} or {KINDS[-1]} (or --kind news)"
