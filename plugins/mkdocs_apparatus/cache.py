"""A library as it was read last time, if not a byte of it has changed.

Parsing thousands of entries costs about as much as a whole build. What was made of them is kept
as JSON, under the digest of all files and of the code that reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .library import load
from .model import Claim, Diagnostic, Library, Name, Source, Span, Term
from .store import keep, read


def load_cached(
    folder: Path, root: Path, cache: Path, digest: str
) -> tuple[Library, list[Diagnostic]]:
    """Return what ``library.load`` returns, from the cache folder if it is there.

    ``digest`` is that of the folder, see ``digest_of``.
    """
    path = cache / f"library-{digest}.json"
    try:
        return _unpack(read(path))
    except (ValueError, TypeError, KeyError):
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
    for pattern in ("*.bib", "glossary/*.md", "claims/*.md"):
        for path in sorted(folder.glob(pattern)):
            digest.update(
                f"\0{path.relative_to(root) if root in path.parents else path}\0".encode()
            )
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _pack(library: Library, problems: Iterable[Diagnostic]) -> dict[str, Any]:
    return {
        "sources": [_row(source) for source in library.sources.values()],
        "terms": [_row(term) for term in library.terms.values()],
        "claims": [_row(claim) for claim in library.claims.values()],
        "names": dict(library.names),
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
    sources = [Source(**_named(Source, row)) for row in rows["sources"]]
    terms = [Term(**_named(Term, row)) for row in rows["terms"]]
    claims = [Claim(**_named(Claim, row)) for row in rows["claims"]]
    library = Library(
        MappingProxyType({source.key: source for source in sources}),
        MappingProxyType({term.slug: term for term in terms}),
        MappingProxyType({claim.slug: claim for claim in claims}),
        MappingProxyType(rows["names"]),
    )
    return library, [Diagnostic(**_named(Diagnostic, row)) for row in rows["problems"]]


def _named(record: type, row: list[Any]) -> dict[str, Any]:
    """Return a row as arguments, inner rows as the records and tuples that they were."""
    values = dict(zip((field.name for field in fields(record)), row, strict=True))
    for name, value in values.items():
        if name == "span":
            values[name] = Span(*value)
        elif name in ("authors", "editors"):
            values[name] = tuple(Name(*one) for one in value)
        elif name == "fields":
            values[name] = tuple((key, text) for key, text in value)
        elif name == "checked" and value:
            values[name] = date.fromisoformat(value)
        elif isinstance(value, list):
            values[name] = tuple(value)
    return values
