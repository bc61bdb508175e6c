"""The folder ``sources/`` becomes one frozen Library, and a list of what is wrong in it.

A fault costs the entry or the field it stands in, never its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from .bib import read_sources
from .entries import MOST_ENTRIES, Entry, read_entries
from .fields import ARTICLE, CLAIM, TERM
from .figures import read_figure, read_table
from .file import File
from .folder import bounds, list_files
from .matter import read_post
from .model import Article, Claim, Diagnostic, Library, Source, Span, Term
from .terms import find_owners, find_term, index_names, plural

_CLAIM_NUMBER = re.compile(r"^\d+-")


def load(folder: Path, root: Path) -> tuple[Library, list[Diagnostic]]:
    """Read a folder of sources, terms and claims; one that does not exist is empty.

    Paths in spans are relative to ``root``, with slashes. Raises nothing but OSError.
    """
    problems: list[Diagnostic] = []
    within = bounds(folder, root)

    def files(pattern: str) -> Iterator[tuple[str, File]]:
        where, _, ending = pattern.rpartition("/")
        for one in list_files(folder / where, ending, within):
            if one.fault:
                name = File.named(one.path, root)
                problems.append(Diagnostic("S018", one.fault, Span(name)))
            else:
                yield one.path.stem, File.read(one.path, root, problems)

    entries: list[Entry] = []
    for _, file in files("*.bib"):
        for entry in read_entries(file):
            if len(entries) == MOST_ENTRIES:
                file.report("S018", f"more than {MOST_ENTRIES:,} entries in all", entry.line)
                break
            entries.append(entry)
    sources = _index_sources(read_sources(entries), problems)
    terms = {stem: _read_term(file, stem) for stem, file in files("glossary/*.md")}
    claims: dict[str, Claim] = {}
    for stem, file in files("claims/*.md"):
        claim = _read_claim(file, stem)
        if claims.setdefault(claim.slug, claim) is not claim:
            problems.append(Diagnostic("Q004", f"claim '{claim.slug}' exists already", claim.span))
    names = _index_names(terms, problems)
    tables = {f"{stem}.csv": read_table(file, sources) for stem, file in files("data/*.csv")}
    figures = {stem: read_figure(file, stem, tables) for stem, file in files("figures/*.json")}
    article = next((_read_article(file) for _, file in files("article.md")), None)
    return Library(
        MappingProxyType(sources),
        MappingProxyType(terms),
        MappingProxyType(claims),
        MappingProxyType(names),
        article,
        MappingProxyType(figures),
    ), problems


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
    )


def _read_claim(file: File, stem: str) -> Claim:
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
    )


def _read_article(file: File) -> Article:
    post = read_post(file, ARTICLE, "Q005")
    return Article(
        title=post.text("title"),
        span=file.span(1),
        author=post.text("author"),
        date=post.text("date"),
        source=post.text("source"),
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
    return names
