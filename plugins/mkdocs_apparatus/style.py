"""A source becomes a reference: parts in reading order, each with its text and, maybe, a link.

The house style is made for online sources and serves every type of entry: who, title with its
translation, where it stands, who published it, full date; then what helps to weigh it. Sentences
and clauses are joined here, so punctuation meets only once. Knows no HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from .bib import KEY_OF_TYPE
from .labels import author_date, clean, full_name, joined, short_names, year_letters
from .latex import decode
from .model import Source
from .names import read_names
from .words import (
    Words,
    language_code,
    language_name,
    load,
    written_date,
    written_edition,
    written_range,
)

__all__ = (
    "Part",
    "address",
    "author_date",
    "notes",
    "reference",
    "short_names",
    "year_letters",
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a reference; ``role`` names it, ``lang`` is set where it is not the site's."""

    role: str
    text: str
    href: str = ""
    lang: str = ""


Clause = tuple[Part, ...]
Sentence = list[Clause]

# Parts of a larger work; what holds them is introduced by "In".
_PARTS = frozenset(
    {"inbook", "bookinbook", "suppbook", "incollection", "suppcollection", "inreference"}
    | {"inproceedings", "conference"}
)
_ARTICLES = frozenset({"article", "periodical", "review", "suppperiodical"})
# The word for what a work is, where its type says more than that it was published.
_GENRES = {
    "audio": "audio",
    "music": "audio",
    "dataset": "dataset",
    "image": "image",
    "artwork": "image",
    "letter": "letter",
    "mastersthesis": "mastersthesis",
    "movie": "video",
    "video": "video",
    "patent": "patent",
    "performance": "performance",
    "phdthesis": "phdthesis",
    "software": "software",
    "standard": "standard",
    "techreport": "techreport",
    "thesis": "thesis",
    "unpublished": "unpublished",
}
_STATES = frozenset({"forthcoming", "inpreparation", "inpress", "prepublished", "submitted"})
_ARCHIVES = {"arxiv": "arXiv", "googlebooks": "Google Books", "hdl": "HDL", "jstor": "JSTOR"} | {
    "pubmed": "PubMed"
}
_ROMAN = "[IVXLCDM]+|[ivxlcdm]+"
_NUMERAL = re.compile(rf"(?:\d[\d.]*[a-z]?|{_ROMAN})(?![^\W\d_])")
_PAGES = re.compile(rf"(?:[A-Z]?\d|{_ROMAN}).*[–,&]")
_QUOTES = "”»\"'’“"


def reference(source: Source, words: Words | None = None, letter: str = "") -> Clause:
    """Return what a source is: authors, title, publisher and date, punctuation included.

    ``letter`` follows the year, where a style tells one year's works apart by it.
    """
    out: list[Part] = []
    for sentence in _Reference(source, words or load()).sentences(letter):
        for index, clause in enumerate(sentence):
            if out:
                ended = index == 0 and _is_ended(out[-1].text)
                out.append(Part("", " " if ended else ", " if index else ". "))
            out += clause if index or clause[0].role else _capital(clause)
    return tuple(out) if _is_ended(out[-1].text) else (*out, Part("", "."))


def notes(source: Source, words: Words | None = None) -> Clause:
    """Return what helps a reader to weigh a source, a middle dot between the notes."""
    found = [part for part in _notes(source, words or load()) if part.text]
    dotted = [part for note in found for part in (Part("", " · "), note)]
    return tuple(dotted[1:])


def address(source: Source) -> str:
    """Return where a source is read: its page, else its DOI, else its place in arXiv."""
    return source.url or doi_address(source) or _arxiv(source)


def doi_address(source: Source) -> str:
    """Return the address of a source's DOI, or an empty string."""
    return f"https://doi.org/{quote(source.doi)}" if source.doi else ""


def _arxiv(source: Source) -> str:
    if source.eprint_type != "arxiv" or not source.eprint:
        return ""
    return f"https://arxiv.org/abs/{quote(source.eprint)}"


class _Reference:
    """One source's sentences, each a list of clauses."""

    def __init__(self, source: Source, words: Words) -> None:
        self._source = source
        self._words = words

    def sentences(self, letter: str) -> Iterator[Sentence]:
        """Yield the sentences that have anything to say."""
        who, publisher = self._who(), self._publisher()
        where, which = self._where(), self._which()
        date = self._date(letter)
        dated = publisher or which or where
        if date:
            dated.append(date)
        yield from filter(None, (who, [self._title()], where, which, publisher))

    def _who(self) -> Sentence:
        authors, editors = self._authors(), self._editors()
        if authors:
            return [(Part("authors", authors),)]
        if not editors:
            return []
        several = len(self._source.editors) > 1 or self._source.more_editors
        form = self._words.editors if several else self._words.editor
        return [_around(form, "{names}", Part("editors", editors))]

    def _authors(self) -> str:
        source = self._source
        return joined(map(full_name, source.authors), 6, source.more_authors, self._words)

    def _editors(self) -> str:
        source = self._source
        return joined(map(full_name, source.editors), 6, source.more_editors, self._words)

    def _title(self) -> Clause:
        source = self._source
        title = clean(source.title) or source.key
        lang = _foreign(source, self._words)
        parts = [Part("title", title, address(source), lang)]
        translation = clean(source.translation.removeprefix("[").removesuffix("]"))
        if translation:
            parts += [Part("", " ["), Part("translation", translation), Part("", "]")]
        return tuple(parts)

    def _where(self) -> Sentence:
        """Say in which journal, volume and pages a work stands."""
        source, words = self._source, self._words
        container, editors = clean(source.container), self._editors()
        clauses: Sentence = []
        if container:
            form = words.in_container if source.type in _PARTS else "{container}"
            clauses.append(_around(form, "{container}", Part("container", container)))
        if editors and self._authors():
            clauses.append(_around(words.edited_by, "{names}", Part("editors", editors)))
        counted = [_numbered(words.volume, source.volume)]
        if not self._in_series():
            counted.append(_numbered(words.number, source.number))
        counted.append(_numbered(words.chapter, _field(source, "chapter")))
        counted.append(_paged(source.pages, words))
        return clauses + [(Part("", text),) for text in counted if text]

    def _in_series(self) -> bool:
        """Say whether a number counts the series, and not the issues of a journal."""
        return bool(clean(self._source.series)) and self._source.type not in _ARTICLES

    def _which(self) -> Sentence:
        """Say which edition of a work it is, and of which series."""
        source, words = self._source, self._words
        clauses: Sentence = []
        edition, series = clean(source.edition), clean(source.series)
        version = _field(source, "version")
        translators, more = read_names(dict(source.fields).get("translator", ""))
        names = joined(map(full_name, translators), 6, more, words)
        if edition:
            clauses.append((Part("", written_edition(edition, words)),))
        if version:
            clauses.append((Part("", _numbered(words.version, version)),))
        if names:
            clauses.append(_around(words.translated_by, "{names}", Part("", names)))
        if series:
            clauses.append((Part("series", series),))
            number = _numbered(words.number, source.number) if self._in_series() else ""
            clauses += [(Part("", number),)] if number else []
        return clauses

    def _publisher(self) -> Sentence:
        source = self._source
        place, publisher = clean(source.place), clean(source.publisher)
        if publisher in (self._authors(), clean(source.container)):
            publisher = ""
        parts = [Part("place", place), Part("publisher", publisher)]
        if place and publisher:
            parts.insert(1, Part("", ": "))
        clause = tuple(part for part in parts if part.text)
        return [clause] if clause else []

    def _date(self, letter: str) -> Clause:
        source, words = self._source, self._words
        if not source.date:
            return (Part("date", words.no_date + letter),) if letter else ()
        written = written_range(source.date, source.date_end, words) + letter
        return (Part("date", words.circa.format(date=written) if source.circa else written),)


def _notes(source: Source, words: Words) -> Iterator[Part]:
    yield Part("kind", _kind(source, words))
    yield Part("genre", _genre(source, words))
    yield Part("state", _state(source, words))
    yield Part("language", _language(source, words))
    yield Part("note", clean(source.note).removesuffix("."))
    if source.urldate:
        form = words.seen_on if len(source.urldate) == 10 else words.seen_in
        yield Part("seen", form.format(date=written_date(source.urldate, words)))
    archive = _archive(source)
    yield Part("archive", words.archived_copy if archive else "", archive)
    if source.url and source.doi:
        yield Part("doi", f"doi:{source.doi}", doi_address(source))
    eprint, archive = clean(source.eprint), clean(source.eprint_type)
    if eprint:
        name = _ARCHIVES.get(archive, archive)
        yield Part("eprint", f"{name}:{eprint}" if name else eprint, _arxiv(source))
    if isbn := re.sub(r"^ISS?[BS]N:?\s*", "", clean(source.isbn), flags=re.IGNORECASE):
        label = "ISSN" if sum(char.isalnum() for char in isbn) == 8 else "ISBN"
        yield Part("isbn", f"{label} {isbn}")


def _kind(source: Source, words: Words) -> str:
    if source.copy and source.kind in ("", "primary"):
        return words.primary_copy if source.kind else words.copy
    kind = str(getattr(words, source.kind)) if source.kind else ""
    return f"{kind}, {words.copy}" if source.copy else kind


def _genre(source: Source, words: Words) -> str:
    """Say what a work is, unless its own field "type" says it, which stands in the note."""
    own = dict(source.fields).get("type", "")
    named = source.type in _GENRES and (not own or KEY_OF_TYPE.fullmatch(own))
    return str(getattr(words, _GENRES[source.type])) if named else ""


def _state(source: Source, words: Words) -> str:
    """Say how far a work is from being published."""
    state = _field(source, "pubstate")
    return str(getattr(words, state)) if state in _STATES else state


def _language(source: Source, words: Words) -> str:
    code = language_code(source.language)
    if not source.language or code.partition("-")[0] == words.language:
        return ""
    name = language_name(code, words) if code else source.language.title()
    return words.in_language.format(language=name)


def _foreign(source: Source, words: Words) -> str:
    """Return the code of a source's language where it is not the site's."""
    code = language_code(source.language)
    return "" if code.partition("-")[0] == words.language else code


def _archive(source: Source) -> str:
    """Return the archived copy: the named one, else the Internet Archive's of the day it was seen.

    The Archive leads from a day to the nearest copy that it has.
    """
    if source.archive or not source.url or len(source.urldate) != 10:
        return source.archive
    if "://web.archive.org/" in source.url:
        return ""
    return f"https://web.archive.org/web/{source.urldate.replace('-', '')}/{source.url}"


def _numbered(form: str, value: str) -> str:
    """Put "volume" before a number; "Vol. 3" and "Spring" say themselves what they are."""
    value = clean(value)
    counts = _NUMERAL.match(value) or (any(map(str.isdigit, value)) and ". " not in value)
    return form.format(number=value) if counts else value


def _paged(pages: str, words: Words) -> str:
    pages = clean(pages)
    if _PAGES.match(pages):
        return words.pages.format(pages=pages)
    return words.page.format(pages=pages) if _NUMERAL.fullmatch(pages) else pages


def _around(form: str, name: str, part: Part) -> Clause:
    """Put a part into a phrase."""
    before, _, after = form.partition(name)
    return tuple(one for one in (Part("", before), part, Part("", after)) if one.text)


def _capital(clause: Clause) -> Clause:
    """Begin a sentence with a capital, where its first words are our own."""
    first, *rest = clause
    return (Part("", first.text[:1].upper() + first.text[1:]), *rest)


def _field(source: Source, name: str) -> str:
    """Return a field that has no place of its own in a source."""
    return clean(decode(dict(source.fields).get(name, "")))


def _is_ended(text: str) -> bool:
    return text.rstrip(_QUOTES).endswith((".", "…", "?", "!"))
