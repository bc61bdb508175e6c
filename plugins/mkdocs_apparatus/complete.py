"""What may be written at a place: keys by author, title and year, terms, values of front matter.

In come the lines of a document up to the place, out come offers, the best first. Knows no files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import combining, normalize

from rapidfuzz import fuzz, process

from .labels import author_date, clean, full_name
from .matter import Fields, Kind
from .model import Library, Source
from .opaque import KEY
from .words import Words

MOST = 50
_LIKE = 80  # of 100, for what is matched letter by letter
_SHORTEST = 4  # letters, below which everything would be like everything
_CITING = re.compile(r"(?:^|[^\w\\@])@(\{?)([^\s@{}\[\];,]*)$")
_LINKING = re.compile(r"\[\[!?([^\[\]|\n@]*)$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_VALUE = re.compile(r"(\w+):\s+(\S*)$")
_SEE = re.compile(r"see:\s*\[(?:.*,)?\s*([\w-]*)$")
_NAME = re.compile(r"(\w*)$")
_PART = re.compile(r"[^\W\d_]+|\d+")
_REST = re.compile(r"\w*")


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be written: ``label`` is shown, ``text`` is written, ``detail`` says what it is."""

    label: str
    text: str
    detail: str = ""
    is_source: bool = False


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers for what was ``typed``: that many characters before the place and ``after`` it."""

    typed: str
    after: int
    found: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """An offer with the words that lead to it, each with a space before it."""

    name: str
    words: str
    offer: Offer


class Completer:
    """Completes from one library; what is searched is made ready once."""

    def __init__(self, library: Library, words: Words) -> None:
        self._library = library
        self._words = words

    def offers(self, lines: Sequence[str], after: str, fields: Fields) -> Offers | None:
        """Return what may follow the last line, or nothing where nothing is asked for.

        ``after`` is the rest of that line; ``fields`` are those of the file's front matter.
        """
        before = lines[-1]
        if _in_matter(lines):
            return self._matter(lines, after, fields)
        if _in_code(lines):
            return None
        rest = _REST.match(after)
        word = len(rest[0]) if rest else 0
        if citing := _CITING.search(before):
            found = self._search(self._sources, citing[2])
            if not citing[1]:
                found = (_braced(one) for one in found)
            return Offers(citing[2], word, tuple(found))
        if linking := _LINKING.search(before):
            ends = "" if after[word:].startswith(("]]", "|", "\\|")) else "]]"
            found = self._search(self._terms, linking[1])
            named = (Offer(one.label, one.text + ends, one.detail) for one in found)
            return Offers(linking[1], word, tuple(named))
        return None

    @cached_property
    def _sources(self) -> list[_Row]:
        return [self._row(source) for source in self._library.sources.values()]

    def _row(self, source: Source) -> _Row:
        names, year = author_date(source, self._words)
        people = [full_name(name) for name in (*source.authors, *source.editors)]
        title = clean(source.title) or source.key
        text = " ".join(
            (source.key, names, *people, title, source.translation, source.publisher, source.date)
        )
        label = f"{names}, {year}" if title.startswith(names) else f"{names}, {year}: {title}"
        offer = Offer(source.key, source.key, label, is_source=True)
        return _Row(_fold(source.key), _worded(text), offer)

    @cached_property
    def _terms(self) -> list[_Row]:
        return [
            _Row(_fold(name), _worded(name), Offer(name, name, term.summary or term.kind))
            for term in self._library.terms.values()
            for name in dict.fromkeys((term.title, *term.aliases))
        ]

    def _search(self, rows: Sequence[_Row], typed: str) -> Iterator[Offer]:
        """Yield the best offers: whose name begins so, whose words do, what is spelt nearly so."""
        query = _fold(typed)
        parts = [f" {part}" for part in _PART.findall(query)]
        ranked = [
            (0 if row.name.startswith(query) else 1 if query in row.name else 2, row.name, row)
            for row in rows
            if query in row.name or (parts and all(part in row.words for part in parts))
        ]
        ranked.sort(key=lambda one: one[:2])
        best = [row for *_, row in ranked[:MOST]]
        if len(best) < MOST and len(query) >= _SHORTEST:
            best += self._alike(rows, query, {row.offer.label for row in best})[: MOST - len(best)]
        return (row.offer for row in best)

    def _alike(self, rows: Sequence[_Row], query: str, taken: Iterable[str]) -> list[_Row]:
        taken = set(taken)
        left = [row for row in rows if row.offer.label not in taken]
        scores: dict[int, float] = {}
        for choices, scorer in (
            ([row.name for row in left], fuzz.ratio),
            ([row.words for row in left], fuzz.partial_ratio),
        ):
            for _, score, at in process.extract(
                query, choices, scorer=scorer, limit=MOST, score_cutoff=_LIKE
            ):
                scores[at] = max(score, scores.get(at, 0))
        return [left[at] for at in sorted(scores, key=lambda one: (-scores[one], left[one].name))]

    def _matter(self, lines: Sequence[str], after: str, fields: Fields) -> Offers | None:
        line = lines[-1]
        if after.strip(" ]"):
            return None
        if (see := _SEE.match(line)) and "see" in fields:
            terms = self._library.terms.values()
            found = [Offer(one.slug, one.slug, one.summary) for one in terms]
            return Offers(see[1], 0, tuple(one for one in found if one.label.startswith(see[1])))
        if (value := _VALUE.match(line)) and value[1] in fields:
            field = fields[value[1]]
            choices = ("true", "false") if field.kind is Kind.SWITCH else field.choices
            return Offers(
                value[2], 0, tuple(Offer(one, one) for one in choices if one.startswith(value[2]))
            )
        if name := _NAME.fullmatch(line):
            given = {one.partition(":")[0] for one in lines}
            found = [
                Offer(field, f"{field}: ", fields[field].about)
                for field in fields
                if field.startswith(name[1]) and field not in given
            ]
            return Offers(name[1], 0, tuple(found))
        return None


def _braced(offer: Offer) -> Offer:
    """Put a key into braces that would end too early without."""
    if KEY.fullmatch(offer.text):
        return offer
    return Offer(offer.label, f"{{{offer.text}}}", offer.detail, offer.is_source)


def _in_matter(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and lines[0].rstrip() == "---" and "---" not in map(str.rstrip, lines[1:])


def _in_code(lines: Sequence[str]) -> bool:
    """Say whether the last line ends in code: in a fenced block, or behind an open backtick."""
    fences = sum(_FENCE.match(line) is not None for line in lines)
    return fences % 2 == 1 or lines[-1].count("`") % 2 == 1


def _fold(text: str) -> str:
    """Return a text without case and accents."""
    if text.isascii():
        return text.casefold()
    return "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))


def _worded(text: str) -> str:
    return "".join(f" {word}" for word in _PART.findall(_fold(text)))
