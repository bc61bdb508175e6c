"""A source becomes a reference: parts in reading order, each with its text and, maybe, a link.

The house style is made for online sources: author or organisation, title with its translation,
publisher, full date, then what helps to weigh it: kind, language, the day it was seen. Knows no
HTML: parts are written by ``render``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from urllib.parse import quote

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date

from .model import Name, Source

_KINDS = {
    "primary": "primary source",
    "news": "news",
    "analysis": "analysis",
    "reference": "reference work",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a reference; ``role`` names it, ``lang`` is a language code if not English."""

    role: str
    text: str
    href: str = ""
    lang: str = ""


def reference(source: Source) -> tuple[Part, ...]:
    """Return what a source is: authors, title, publisher and date, punctuation included."""
    return tuple(_parts(source))


def notes(source: Source) -> tuple[Part, ...]:
    """Return what helps a reader to weigh a source, a middle dot between the notes."""
    return tuple(_notes(source))


def _parts(source: Source) -> Iterator[Part]:
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
        yield Part("date", written_date(source.date))
    yield Part("", ".")


def _unbracketed(translation: str) -> str:
    """Take the brackets off a supplied title's translation, which gets a pair anyway."""
    if translation.startswith("[") and translation.endswith("]"):
        return translation[1:-1]
    return translation


def _notes(source: Source) -> Iterator[Part]:
    code = language_code(source.language)
    kind = _KINDS.get(source.kind, "")
    found = [
        Part("kind", f"copy of a {kind}" if source.copy else kind),
        Part("language", f"in {language_name(code)}" if code not in ("", "en") else ""),
        Part("note", source.note.rstrip(".")),
        Part("seen", f"seen on {written_date(source.urldate)}" if source.urldate else ""),
        Part("archive", "archived copy" if source.archive else "", source.archive),
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


def written_date(iso: str) -> str:
    """Write an ISO date out as far as it is known.

    >>> written_date("2025-04-02"), written_date("2025-04"), written_date("2025")
    ('2 April 2025', 'April 2025', '2025')
    """
    numbers = [int(number) for number in iso.split("-")]
    pattern = {1: "y", 2: "MMMM y", 3: "d MMMM y"}[len(numbers)]
    year, month, day = (*numbers, 1, 1)[:3]
    return format_date(date(year, month, day), pattern, locale="en_GB")


@cache
def language_code(language: str) -> str:
    """Return the code of a language given by code or by English name, or an empty string.

    >>> language_code("russian"), language_code("uk"), language_code("british")
    ('ru', 'uk', 'en')
    """
    if language in ("british", "american", "ukenglish", "usenglish"):
        return "en"
    names = {str(code): str(name).lower() for code, name in Locale("en").languages.items()}
    return next((code for code in names if language in (code, names[code])), "")


def language_name(code: str) -> str:
    """Return the English name of a language.

    >>> language_name("ru")
    'Russian'
    """
    try:
        return Locale.parse(code).get_language_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code
