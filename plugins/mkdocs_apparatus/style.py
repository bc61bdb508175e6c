"""A source becomes a reference: parts in reading order, each with its text and, maybe, a link.

The house style is made for online sources: author or organisation, title with its translation,
publisher, full date, then what helps to weigh it: kind, language, the day it was seen. Knows no
HTML: parts are written by ``render``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from .model import Name, Source
from .words import Words, language_code, language_name, written_date


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a reference; ``role`` names it, ``lang`` is a language code if not English."""

    role: str
    text: str
    href: str = ""
    lang: str = ""


def reference(source: Source, words: Words, letter: str = "") -> tuple[Part, ...]:
    """Return what a source is: authors, title, publisher and date, punctuation included.

    ``letter`` follows the year, where a style tells one year's works apart by it.
    """
    return tuple(_parts(source, words, letter))


def notes(source: Source, words: Words) -> tuple[Part, ...]:
    """Return what helps a reader to weigh a source, a middle dot between the notes."""
    return tuple(_notes(source, words))


def author_date(source: Source, words: Words) -> tuple[str, str]:
    """Return names and year as a style by author and date has them."""
    return short_names(source), source.date[:4] or words.no_date


def year_letters(sources: Iterable[Source], words: Words) -> dict[str, str]:
    """Return, by key, the letters of sources that share names and year, in a fixed order."""
    twins: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        twins.setdefault(author_date(source, words), []).append(source)
    return {
        source.key: "abcdefghijklmnopqrstuvwxyz"[index % 26] * (1 + index // 26)
        for same in twins.values()
        if len(same) > 1
        for index, source in enumerate(sorted(same, key=lambda one: (one.date, one.title, one.key)))
    }


def _parts(source: Source, words: Words, letter: str) -> Iterator[Part]:
    code = language_code(source.language)
    lang = "" if code == "en" else code
    authors = full_names(source)
    if authors:
        yield Part("authors", authors)
        yield Part("", " " if authors.endswith(".") else ". ")
    yield Part("title", source.title or source.key, address(source), lang)
    if source.translation:
        yield Part("", " [")
        yield Part("translation", _unbracketed(source.translation))
        yield Part("", "]")
    ended = not source.translation and source.title.endswith((".", "…", "?", "!"))
    between = " " if ended else ". "
    for place in (source.container, source.publisher):
        if place and place != authors:
            yield Part("", between)
            yield Part("publisher", place)
            between = ". "
    if source.date:
        yield Part("", ", " if source.container or source.publisher else between)
        yield Part("date", written_date(source.date, words) + letter)
    yield Part("", ".")


def _unbracketed(translation: str) -> str:
    """Take the brackets off a supplied title's translation, which gets a pair anyway."""
    if translation.startswith("[") and translation.endswith("]"):
        return translation[1:-1]
    return translation


def _notes(source: Source, words: Words) -> Iterator[Part]:
    code = language_code(source.language)
    kind = "primary_copy" if source.copy and source.kind == "primary" else source.kind
    language = language_name(code, words) if code not in ("", words.language) else ""
    seen = written_date(source.urldate, words) if source.urldate else ""
    found = [
        Part("kind", getattr(words, kind) if kind else ""),
        Part("language", words.in_language.format(language=language) if language else ""),
        Part("note", source.note.rstrip(".")),
        Part("seen", words.seen_on.format(date=seen) if seen else ""),
        Part("archive", words.archived_copy if source.archive else "", source.archive),
    ]
    between = ""
    for note in found:
        if note.text:
            yield Part("", between)
            yield note
            between = " · "


def address(source: Source) -> str:
    """Return where a source is read: its page, else its DOI."""
    return source.url or (f"https://doi.org/{quote(source.doi, safe='/')}" if source.doi else "")


def full_names(source: Source) -> str:
    """Return all authors in reading order, at most six of them."""
    names = [_full(name) for name in source.authors]
    return _joined(names, most=6, more=source.more_authors)


def short_names(source: Source) -> str:
    """Return the name by which a sentence calls a source: families, publisher or title."""
    names = [" ".join(filter(None, (name.particle, name.family))) for name in source.authors]
    fallback = source.publisher or source.container or source.title or source.key
    return _joined(names, most=2, more=source.more_authors) or fallback


def _full(name: Name) -> str:
    parts = (name.given, name.particle, name.family)
    whole = " ".join(part for part in parts if part)
    return f"{whole}, {name.suffix}" if name.suffix else whole


def _joined(names: list[str], most: int, more: bool) -> str:
    if not names:
        return ""
    if more or len(names) > most:
        return f"{', '.join(names[: 1 if len(names) > most else most])} et al."
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
