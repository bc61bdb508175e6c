"""A library as it was read last time, if not a byte of it has changed.

Parsing thousands of entries costs about as much as a whole build. What was made of them is kept
as JSON, under the digest of all files and of the code that reads them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from sys import intern
from types import MappingProxyType
from typing import Any, TypeVar

from .folder import bounds, list_files, read_bytes
from .library import load
from .model import Article, Claim, Diagnostic, Figure, Library, Name, Source, Span, Term
from .store import keep, read

_READ = ("*.bib", "article.md", "glossary/*.md", "claims/*.md", "data/*.csv", "figures/*.json")


def load_cached(
    folder: Path, root: Path, cache: Path, digest: str
) -> tuple[Library, list[Diagnostic]]:
    """Return what ``library.load`` returns, from the cache folder if it is there.

    ``digest`` is that of the folder, see ``digest_of``.
    """
    path = cache / f"library-{digest}.json"
    try:
        return _unpack(read(path))
    except (ValueError, TypeError, LookupError):
        library, problems = load(folder, root)
        keep(path, _pack(library, problems))
        return library, problems


def cached_texts(
    make: Callable[[], Mapping[str, str]], cache: Path | None, name: str
) -> Mapping[str, str]:
    """Return texts by key, from the cache if they are there, else made and kept.

    ``name`` holds all that decided them. Finished HTML may be among them.
    """
    path = cache / f"{name}.json" if cache else None
    texts = read(path) if path else None
    if isinstance(texts, dict):
        return texts
    texts = make()
    if path:
        keep(path, dict(texts))
    return texts


def digest_of(folder: Path, root: Path) -> str:
    """Return a name for all files of a folder of sources and for the code that reads them."""
    digest = hashlib.sha256()
    for code in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(code.read_bytes())
    within = bounds(folder, root)
    for pattern in _READ:
        where, _, ending = pattern.rpartition("/")
        for one in list_files(folder / where, ending, within):
            path = one.path.relative_to(root) if root in one.path.parents else one.path
            digest.update(b"\0%b\0" % os.fsencode(path))
            digest.update(one.fault.encode() or read_bytes(one.path))
    return digest.hexdigest()[:32]


def _pack(library: Library, problems: Iterable[Diagnostic]) -> dict[str, Any]:
    return {
        "sources": [_row(source) for source in library.sources.values()],
        "terms": [_row(term) for term in library.terms.values()],
        "claims": [_row(claim) for claim in library.claims.values()],
        "names": dict(library.names),
        "article": [_row(library.article)] if library.article else [],
        "figures": [_row(figure) for figure in library.figures.values()],
        "renamed": dict(library.renamed),
        "problems": [_row(problem) for problem in problems],
    }


def _row(record: Any) -> list[Any]:
    """Return a record's values in the order of its fields, inner records likewise."""
    return [_value(getattr(record, field.name)) for field in fields(record)]


def _value(value: Any) -> Any:
    if isinstance(value, Span | Name):
        return _row(value)
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _unpack(rows: dict[str, Any]) -> tuple[Library, list[Diagnostic]]:
    sources = _records(Source, rows["sources"])
    terms = _records(Term, rows["terms"])
    claims = _records(Claim, rows["claims"])
    library = Library(
        MappingProxyType({source.key: source for source in sources}),
        MappingProxyType({term.slug: term for term in terms}),
        MappingProxyType({claim.slug: claim for claim in claims}),
        MappingProxyType(rows["names"]),
        next(iter(_records(Article, rows["article"])), None),
        MappingProxyType({figure.name: figure for figure in _records(Figure, rows["figures"])}),
        MappingProxyType(rows["renamed"]),
    )
    return library, _records(Diagnostic, rows["problems"])


def _records(record: type[_Record], rows: Iterable[list[Any]]) -> list[_Record]:
    """Return rows as the records that they were."""
    names = [field.name for field in fields(record)]
    inner = [(at, _INNER[name]) for at, name in enumerate(names) if name in _INNER]
    found = []
    for row in rows:
        for at, read_value in inner:
            row[at] = read_value(row[at])
        found.append(record(*row))
    return found


def _names(rows: list[Any]) -> tuple[Name, ...]:
    return tuple([Name(*row) for row in rows])


def _pairs(rows: list[Any]) -> tuple[tuple[str, str], ...]:
    return tuple([(intern(name), value) for name, value in rows])


def _lines(rows: list[Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, rows))


_Record = TypeVar("_Record", Source, Term, Claim, Article, Figure, Diagnostic)
# What is no text, number or truth value in JSON either, by the name of its field.
_INNER: Mapping[str, Callable[[Any], Any]] = {
    "span": lambda row: Span(*row),
    "authors": _names,
    "editors": _names,
    "fields": _pairs,
    "related": tuple,
    "formerly": tuple,
    "aliases": tuple,
    "forms": tuple,
    "topics": tuple,
    "paragraphs": tuple,
    "see": tuple,
    "columns": tuple,
    "rows": _lines,
    "keys": _lines,
    "checked": lambda day: date.fromisoformat(day) if day else None,
}
