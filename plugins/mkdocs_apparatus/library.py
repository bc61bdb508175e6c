"""The folder ``sources/`` becomes one frozen Library, and a list of what is wrong in it.

A fault costs the entry or the field it stands in, never its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TypeVar

from .bib import read_sources
from .entries import MOST_ENTRIES, Entry, read_entries
from .fields import ARTICLE, CLAIM, TERM
from .figures import read_figure, read_table
from .file import File
from .folder import bounds, list_files
from .former import CLAIMS, SOURCES, TERMS, current_names, settle
from .matter import read_post
from .model import Article, Claim, Diagnostic, Library, Source, Span, Term
from .terms import find_owners, find_term, index_names, plural, tidy

_CLAIM_NUMBER = re.compile(r"^\d+-")
_Read = TypeVar("_Read")


class Disk:
    """Where the files of a folder of sources are found, and how each is read: from the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def files(self, folder: Path, pattern: str, problems: list[Diagnostic]) -> list[Path]:
        """Return a folder's files in a fixed order; what is not read is a problem."""
        found = list(list_files(folder, pattern, bounds(folder, self.root)))
        problems += [
            Diagnostic("S018", one.fault, Span(File.named(one.path, self.root)))
            for one in found
            if one.fault
        ]
        return [one.path for one in found if not one.fault]

    def file(self, path: Path, problems: list[Diagnostic]) -> File:
        """Return a file, whose problems go where the caller wants them."""
        return File.read(path, self.root, problems)

    def read(
        self, path: Path, problems: list[Diagnostic], reader: Callable[[File], _Read]
    ) -> _Read:
        """Return what a reader makes of a file, which no other file decides."""
        return reader(self.file(path, problems))

    def sources(self, entries: Iterable[Entry]) -> list[Source]:
        """Return what all entries together are; faults go to the problems of their files."""
        return list(read_sources(entries))


def load(folder: Path, root: Path, disk: Disk | None = None) -> tuple[Library, list[Diagnostic]]:
    """Read a folder of sources, terms and claims; one that does not exist is empty.

    Paths in spans are relative to ``root``, with slashes. Raises nothing but OSError.
    """
    disk = disk or Disk(root)
    problems: list[Diagnostic] = []
    entries: list[Entry] = []
    for path in disk.files(folder, "*.bib", problems):
        entries += disk.read(path, problems, _read_bib)
        if len(entries) > MOST_ENTRIES:
            message = f"more than {MOST_ENTRIES:,} entries in all"
            problems.append(Diagnostic("S018", message, Span(File.named(path, root))))
            del entries[MOST_ENTRIES:]
            break
    sources = settle(_index_sources(disk.sources(entries), problems), SOURCES, problems)
    renamed = dict(current_names(sources.items()))
    read = {
        path.stem: disk.read(path, problems, _read_term)
        for path in disk.files(folder / "glossary", "*.md", problems)
    }
    terms = settle(read, TERMS, problems)
    slugs = dict(current_names(terms.items()))
    for slug, term in terms.items() if slugs else ():
        terms[slug] = replace(term, see=tuple(slugs.get(one, one) for one in term.see))
    claims: dict[str, Claim] = {}
    for path in disk.files(folder / "claims", "*.md", problems):
        claim = disk.read(path, problems, _read_claim)
        if claims.setdefault(claim.slug, claim) is not claim:
            problems.append(Diagnostic("Q004", f"claim '{claim.slug}' exists already", claim.span))
    claims = settle(claims, CLAIMS, problems)
    names = _index_names(terms, problems)
    tables = {
        path.name: read_table(disk.file(path, problems), sources, renamed)
        for path in disk.files(folder / "data", "*.csv", problems)
    }
    figures = {
        path.stem: read_figure(disk.file(path, problems), path.stem, tables)
        for path in disk.files(folder / "figures", "*.json", problems)
    }
    article = next(
        (
            _read_article(disk.file(path, problems), renamed)
            for path in disk.files(folder, "article.md", problems)
        ),
        None,
    )
    return Library(
        MappingProxyType(sources),
        MappingProxyType(terms),
        MappingProxyType(claims),
        MappingProxyType(names),
        article,
        MappingProxyType(figures),
        MappingProxyType(renamed),
    ), problems


def _read_bib(file: File) -> tuple[Entry, ...]:
    return tuple(read_entries(file))


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


def _read_term(file: File) -> Term:
    slug = PurePosixPath(file.name).stem
    post = read_post(file, TERM, "T004")
    kind = post.text("kind", "concept")
    if kind == "event" and "date" not in post.values:
        file.report("T004", "an event needs a field 'date'", 1)
    if post.text("role") and "as_of" not in post.values:
        file.report("T004", "a 'role' needs a field 'as_of': the date for which it is true", 1)
    return Term(
        slug=slug,
        title=post.text("title", slug),
        span=file.span(1),
        aliases=post.texts("aliases"),
        forms=post.texts("forms"),
        autolink=post.values.get("autolink") is not False,
        kind=kind,
        summary=post.text("summary"),
        see=post.texts("see"),
        body=post.body,
        body_line=post.body_line,
        role=post.text("role"),
        as_of=post.text("as_of"),
        date=post.text("date"),
        end=post.text("end"),
        topics=post.texts("topics"),
        explainer=post.text("explainer"),
        formerly=post.texts("formerly"),
    )


def _read_claim(file: File) -> Claim:
    stem = PurePosixPath(file.name).stem
    post = read_post(file, CLAIM, "Q001")
    return Claim(
        slug=_CLAIM_NUMBER.sub("", stem),
        claim=post.text("claim", stem),
        span=file.span(1),
        paragraph=post.number("paragraph"),
        verdict=post.text("verdict"),
        checked=post.day("checked"),
        explainer=post.text("explainer"),
        body=post.body,
        body_line=post.body_line,
        formerly=tuple(_CLAIM_NUMBER.sub("", old) for old in post.texts("formerly")),
    )


def _read_article(file: File, renamed: Mapping[str, str]) -> Article:
    post = read_post(file, ARTICLE, "Q005")
    return Article(
        title=post.text("title"),
        span=file.span(1),
        author=post.text("author"),
        date=post.text("date"),
        source=renamed.get(post.text("source"), post.text("source")),
        paragraphs=post.texts("paragraphs"),
    )


def _index_names(terms: Mapping[str, Term], problems: list[Diagnostic]) -> dict[str, str]:
    """Map names to slugs, and report the names that two terms have."""
    names = index_names(terms.values())
    clashes = [(found[0], owners) for found, owners in find_owners(terms.values()) if owners[1:]]
    several = {plural(name) for name, _ in clashes}
    for name, owners in clashes:
        if name not in several:
            both = " or ".join(f"'{term.slug}'" for term in owners)
            message = f"'{name}' could mean {both}: plain words are not linked"
            if meant := find_term(name, names):
                message += f", and [[{name}]] means '{meant}'"
            problems.append(Diagnostic("T002", message, owners[-1].span))
    for term in terms.values():
        for old in term.formerly:
            if (meant := names[tidy(old)]) != term.slug:
                message = f"'{term.slug}': its old name '{old}' is a name of '{meant}': "
                message += f"[[{old}]] means that one, and #term-{old} still leads here"
                problems.append(Diagnostic("T002", message, term.span))
    return names
