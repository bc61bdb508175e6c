"""The folder ``sources/`` becomes one frozen Library, and a list of what is wrong in it.

A fault costs the entry or the field it stands in, never its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from .bib import read_sources
from .entries import read_entries
from .fields import ARTICLE, CLAIM, TERM
from .figures import read_figure, read_table
from .file import File
from .former import CLAIMS, SOURCES, TERMS, current_names, settle
from .matter import read_post
from .model import Article, Claim, Diagnostic, Library, Source, Term
from .terms import find_owners, find_term, index_names, plural, tidy

_CLAIM_NUMBER = re.compile(r"^\d+-")


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
    sources = settle(_index_sources(read_sources(entries), problems), SOURCES, problems)
    renamed = dict(current_names(sources.items()))
    read = {
        path.stem: _read_term(File.read(path, root, problems), path.stem)
        for path in _files(folder / "glossary", "*.md")
    }
    terms = settle(read, TERMS, problems)
    slugs = dict(current_names(terms.items()))
    for slug, term in terms.items() if slugs else ():
        terms[slug] = replace(term, see=tuple(slugs.get(one, one) for one in term.see))
    claims: dict[str, Claim] = {}
    for path in _files(folder / "claims", "*.md"):
        claim = _read_claim(File.read(path, root, problems), path.stem)
        if claims.setdefault(claim.slug, claim) is not claim:
            problems.append(Diagnostic("Q004", f"claim '{claim.slug}' exists already", claim.span))
    claims = settle(claims, CLAIMS, problems)
    names = _index_names(terms, problems)
    tables = {
        path.name: read_table(File.read(path, root, problems), sources, renamed)
        for path in _files(folder / "data", "*.csv")
    }
    figures = {
        path.stem: read_figure(File.read(path, root, problems), path.stem, tables)
        for path in _files(folder / "figures", "*.json")
    }
    article = next(
        (
            _read_article(File.read(path, root, problems), renamed)
            for path in _files(folder, "article.md")
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
