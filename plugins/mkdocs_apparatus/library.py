"""The folder ``sources/`` becomes one frozen Library, and a list of what is wrong in it.

A fault costs the entry or the field it stands in, never its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from .bib import read_sources
from .dates import iso_date
from .entries import read_entries
from .file import File
from .matter import DATE, LIST, NEEDED_TEXT, NUMBER, TEXT, Field, read_post
from .model import Claim, Diagnostic, Library, Source, Term

TERM_KINDS = ("concept", "person", "organisation", "place", "law", "event")
VERDICTS = ("supported", "nuanced", "imprecise", "wrong", "unverifiable")

_TERM_FIELDS = {
    "title": NEEDED_TEXT,
    "aliases": LIST,
    "kind": Field(str, "a text", choices=TERM_KINDS),
    "summary": NEEDED_TEXT,
    "see": LIST,
    "date": TEXT,
    "end": TEXT,
    "explainer": TEXT,
}
_CLAIM_FIELDS = {
    "claim": NEEDED_TEXT,
    "paragraph": NUMBER,
    "verdict": Field(str, "a text", needed=True, choices=VERDICTS),
    "checked": DATE,
    "explainer": TEXT,
}
_CLAIM_NUMBER = re.compile(r"^\d+-")


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """Return the form by which a term is looked up: case, hyphens and spaces do not count."""
    return " ".join(name.casefold().replace("-", " ").replace("\u00a0", " ").split())


def load(folder: Path, root: Path) -> tuple[Library, list[Diagnostic]]:
    """Read a folder of sources, terms and claims; one that does not exist is empty.

    Paths in spans are relative to ``root``, with slashes. Raises nothing but OSError.
    """
    problems: list[Diagnostic] = []
    entries = [
        entry
        for path in _files(folder, "*.bib")
        for entry in read_entries(File.read(path, root, problems))
    ]
    sources = _index_sources(read_sources(entries), problems)
    terms = {
        path.stem: _read_term(File.read(path, root, problems), path.stem)
        for path in _files(folder / "glossary", "*.md")
    }
    claims: dict[str, Claim] = {}
    for path in _files(folder / "claims", "*.md"):
        claim = _read_claim(File.read(path, root, problems), path.stem)
        if claims.setdefault(claim.slug, claim) is not claim:
            problems.append(Diagnostic("Q004", f"claim '{claim.slug}' exists already", claim.span))
    names = _index_names(terms, problems)
    return Library(
        MappingProxyType(sources),
        MappingProxyType(terms),
        MappingProxyType(claims),
        MappingProxyType(names),
    ), problems


def _files(folder: Path, pattern: str) -> list[Path]:
    """Return a folder's files in a fixed order, links that lead out of it left aside."""
    inside = folder.resolve()
    return sorted(
        path
        for path in folder.glob(pattern)
        if path.is_file() and path.resolve().is_relative_to(inside)
    )


def _index_sources(found: Iterable[Source], problems: list[Diagnostic]) -> dict[str, Source]:
    """Index sources by key; of two keys that differ in case alone the first counts."""
    taken: dict[str, Source] = {}
    for source in found:
        first = taken.setdefault(source.key.lower(), source)
        if first is not source:
            message = (
                f"key '{source.key}' is taken already, in {first.span.path}:{first.span.line}; "
                "the first entry counts"
            )
            problems.append(Diagnostic("S002", message, source.span))
    return {source.key: source for source in taken.values()}


def _read_term(file: File, slug: str) -> Term:
    post = read_post(file, _TERM_FIELDS, "T004")
    when = {name: iso_date(post.text(name)) for name in ("date", "end")}
    for name, iso in when.items():
        if post.text(name) and not iso:
            file.report("T004", f"'{name}' must be a date: 2009-03-06, 2009-03 or 2009", 1)
    if post.text("kind") == "event" and not post.text("date"):
        file.report("T004", "an event needs a field 'date'", 1)
    return Term(
        slug=slug,
        title=post.text("title", slug),
        span=file.span(1),
        aliases=post.texts("aliases"),
        kind=post.text("kind", "concept"),
        summary=post.text("summary"),
        see=post.texts("see"),
        body=post.body,
        body_line=post.body_line,
        date=when["date"],
        end=when["end"],
        explainer=post.text("explainer"),
    )


def _read_claim(file: File, stem: str) -> Claim:
    post = read_post(file, _CLAIM_FIELDS, "Q001")
    checked = post.values.get("checked")
    return Claim(
        slug=_CLAIM_NUMBER.sub("", stem),
        claim=post.text("claim", stem),
        span=file.span(1),
        paragraph=post.number("paragraph"),
        verdict=post.text("verdict"),
        checked=checked if isinstance(checked, date) else None,
        explainer=post.text("explainer"),
        body=post.body,
        body_line=post.body_line,
    )


def _index_names(terms: Mapping[str, Term], problems: list[Diagnostic]) -> dict[str, str]:
    """Map every folded slug, title and alias to its term; the first one to claim a name has it."""
    names = {fold(slug): slug for slug in terms}
    for term in terms.values():
        for name in (term.title, *term.aliases):
            owner = names.setdefault(fold(name), term.slug)
            if owner != term.slug:
                message = f"'{name}' means the term '{owner}' already; each name leads to one term"
                problems.append(Diagnostic("T002", message, term.span))
    return names
