"""What a citation calls a source: its names, its year, and the letters that tell years apart.

Knows nothing of references or of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .model import Name, Source
from .words import Words, load, written_range

_EDGES = re.compile(r"^(?:[\s,;:]|\.(?=[\s,;:]|$))+|(?:[\s,;:]|(?<=[\s,;:])\.)+$")

# What says nothing by itself, unlike the "!!!" and "?" that are titles.
_SIGNS = " \t\n\u00a0.,;:'\"“”‘’«»()[]{}–—-…"


def author_date(source: Source, words: Words | None = None) -> tuple[str, str]:
    """Return names and year as a style by author and date has them."""
    words = words or load()
    names = _short(source, words)
    return (
        names or clean(source.publisher) or source.short_title or source.title or source.key,
        _year(source, words),
    )


def year_letters(sources: Iterable[Source], words: Words | None = None) -> Mapping[str, str]:
    """Return, by key, the letters of sources that share names and year, in a fixed order.

    A letter stands right behind its year, and behind a hyphen where there is no date.
    """
    twins: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        twins.setdefault(author_date(source, words), []).append(source)
    return {
        source.key: ("" if source.date else "-") + _letter(index)
        for same in twins.values()
        if len(same) > 1
        for index, source in enumerate(
            sorted(same, key=lambda one: (one.date, one.title.casefold(), one.key))
        )
    }


def short_names(source: Source, words: Words | None = None) -> str:
    """Return the name by which a sentence calls a source: families, publisher or title."""
    names = _short(source, words or load())
    publisher = clean(source.publisher) or clean(source.container)
    return names or publisher or source.title or source.key


def _short(source: Source, words: Words) -> str:
    """Return the family names of the authors, else of the editors."""
    if source.authors:
        return joined(map(_family, source.authors), 2, source.more_authors, words)
    return joined(map(_family, source.editors), 2, source.more_editors, words)


def _year(source: Source, words: Words) -> str:
    if not source.date:
        return words.no_date
    year = written_range(source.date[:4], source.date_end[:4], words)
    return words.circa.format(date=year) if source.circa else year


def _family(name: Name) -> str:
    return " ".join(filter(None, (clean(name.particle), clean(name.family))))


def full_name(name: Name) -> str:
    """Return a name in reading order.

    >>> full_name(Name("Berg", "Jan", "van der", "Jr"))
    'Jan van der Berg, Jr'
    """
    parts = map(clean, (name.given, name.particle, name.family))
    return ", ".join(filter(None, (" ".join(filter(None, parts)), clean(name.suffix))))


def joined(names: Iterable[str], most: int, more: bool, words: Words) -> str:
    """Join names; past the most that are shown, the first one stands for all."""
    names = [name for name in names if name]
    if not names:
        return ""
    if more or len(names) > most:
        shown = names[: 1 if len(names) > most else most]
        return f"{', '.join(shown)} {words.et_al}"
    before = ", ".join(names[:-1])
    return f"{before} {words.and_} {names[-1]}" if before else names[-1]


def clean(text: str) -> str:
    """Take off the punctuation that would meet that of the reference; a full stop may stay."""
    if not any(map(str.isalnum, text)) and not text.strip(_SIGNS):
        return ""
    return _EDGES.sub("", text)


def _letter(index: int) -> str:
    """Return a to z, then aa, ab and so on."""
    before, rest = divmod(index, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + rest)
