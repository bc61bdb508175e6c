"""Records of other programs become finds: CSL-JSON, and what Open Library says of a book.

The other way is ``export``; what goes out there comes back here. What a record says and an entry
of ours has no field for is returned by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .bib import safe_url
from .finds import Find, clean, iso_day, joined, people
from .identity import read_arxiv, read_doi, read_isbn, without_braces
from .model import Name
from .words import language_code, language_name

Record = Mapping[str, Any]

# Types of CSL, and those that Crossref writes in their place.
_TYPES = {
    "article": "online",
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "bill": "legislation",
    "book": "book",
    "book-chapter": "incollection",
    "broadcast": "video",
    "chapter": "incollection",
    "dataset": "dataset",
    "dissertation": "phdthesis",
    "document": "misc",
    "entry": "inreference",
    "entry-dictionary": "inreference",
    "entry-encyclopedia": "inreference",
    "figure": "image",
    "graphic": "artwork",
    "hearing": "legal",
    "interview": "misc",
    "journal-article": "article",
    "legal_case": "jurisdiction",
    "legislation": "legislation",
    "manuscript": "unpublished",
    "map": "misc",
    "monograph": "book",
    "motion_picture": "movie",
    "pamphlet": "booklet",
    "paper-conference": "inproceedings",
    "patent": "patent",
    "performance": "performance",
    "periodical": "periodical",
    "personal_communication": "letter",
    "post": "online",
    "post-weblog": "online",
    "posted-content": "online",
    "proceedings-article": "inproceedings",
    "regulation": "legislation",
    "report": "report",
    "review": "review",
    "review-book": "review",
    "software": "software",
    "song": "audio",
    "speech": "unpublished",
    "standard": "standard",
    "thesis": "thesis",
    "treaty": "legal",
    "webpage": "online",
}
_JOURNALS = ("article", "review", "suppperiodical")
_PARTS = ("incollection", "inproceedings", "inreference")
_BY_INSTITUTION = ("report", "thesis", "phdthesis", "mastersthesis", "techreport")
_BY_ORGANIZATION = ("online", "misc", "dataset", "software", "video", "movie", "audio")
# What needs nothing but another name.
_SAME = {
    "abstract": "abstract",
    "annote": "annotation",
    "collection-title": "series",
    "edition": "edition",
    "event": "eventtitle",
    "event-place": "venue",
    "event-title": "eventtitle",
    "issue": "number",
    "keyword": "keywords",
    "note": "note",
    "number": "number",
    "number-of-pages": "pagetotal",
    "number-of-volumes": "volumes",
    "PMCID": "pmcid",
    "PMID": "pmid",
    "publisher-place": "location",
    "status": "pubstate",
    "title": "title",
    "title-short": "shorttitle",
    "version": "version",
    "volume": "volume",
}
_PEOPLE = {
    "author": "author",
    "container-author": "bookauthor",
    "editor": "editor",
    "translator": "translator",
}
_DATES = {"issued": "date", "accessed": "urldate", "original-date": "origdate"}
_TREATED = frozenset(
    {"archive", "archive_location", "collection-number", "container-title", "custom", "DOI"}
    | {
        "genre",
        "id",
        "citation-key",
        "ISBN",
        "ISSN",
        "language",
        "page",
        "publisher",
        "type",
        "URL",
    }
)


def from_csl(record: Record, origin: str) -> tuple[list[Find], list[str]]:
    """Return the finds of a CSL item, and the names of what it says that has no field."""
    kind = str(record.get("type", ""))
    entry = _entry_type(kind, _one(record.get("genre")))
    lost = [name for name in record if name not in {*_SAME, *_PEOPLE, *_DATES, *_TREATED}]
    finds = [Find(field, value, origin) for field, value in _fields(record, kind, entry)]
    for name, field in _PEOPLE.items():
        finds += joined(origin, _people(record.get(name)), field=field, most=None)
    taken = {find.field for find in finds if find.value}
    said = {name for name, value in record.items() if value}
    read = {**_DATES, **_PEOPLE, "DOI": "doi", "URL": "url", "collection-number": "number"}
    lost += [
        name for name, field in read.items() if field not in taken and not _is_doi(record, name)
    ]
    if "custom" in said and "titletranslation" not in taken:
        lost.append("custom")
    if kind and kind not in _TYPES:
        lost.append(f"type {clean(kind)[:40]}")
    named = [clean(name)[:40] for name in lost if name.split(" ")[0] in said]
    return [find for find in finds if find.value], named


def _is_doi(record: Record, name: str) -> bool:
    """Say whether it is the address of the record's own DOI, which stands in its own field."""
    return name == "URL" and read_doi(_one(record.get("URL"))) != ""


def _entry_type(kind: str, genre: str) -> str:
    entry = _TYPES.get(kind, "misc")
    if entry == "thesis" and re.search(r"ph\.? ?d|doctor", genre, re.IGNORECASE):
        return "phdthesis"
    if entry == "thesis" and re.search("master", genre, re.IGNORECASE):
        return "mastersthesis"
    return "techreport" if entry == "report" and genre.lower() == "technical report" else entry


def _fields(record: Record, kind: str, entry: str) -> Iterator[tuple[str, str]]:
    yield "type", entry
    for name, field in _SAME.items():
        yield field, _one(record.get(name))
    for name, field in _DATES.items():
        yield field, _date(record.get(name))
    if kind in ("article-magazine", "article-newspaper"):
        yield "entrysubtype", kind.removeprefix("article-")
    genre = _one(record.get("genre"))
    if genre and entry not in ("phdthesis", "mastersthesis", "techreport"):
        yield (
            "howpublished" if entry == "misc" else "titleaddon" if entry == "online" else "type",
            genre,
        )
    publisher, container = _one(record.get("publisher")), _one(record.get("container-title"))
    if entry in _JOURNALS:
        yield "journaltitle", container
        yield "publisher", publisher
    elif entry in _PARTS:
        yield "booktitle", container
        yield "publisher", publisher
    else:
        field = "institution" if entry in _BY_INSTITUTION else "publisher"
        field = "organization" if entry in _BY_ORGANIZATION else field
        yield field, publisher or container
        yield "maintitle", container if publisher and container != publisher else ""
    number = _one(record.get("collection-number"))
    yield "number", "" if _one(record.get("number")) or _one(record.get("issue")) else number
    yield "pages", _one(record.get("page")).replace("–", "-")
    yield from _identifiers(record)


def _identifiers(record: Record) -> Iterator[tuple[str, str]]:
    doi = read_doi(_one(record.get("DOI")))
    url = _one(record.get("URL"))
    yield "doi", doi
    # What leads to a DOI says it once more.
    yield (
        "url",
        without_braces(safe_url(url)) if not doi or read_doi(url).lower() != doi.lower() else "",
    )
    if arxiv := read_arxiv(doi):
        yield "eprint", arxiv
        yield "eprinttype", "arxiv"
    isbn, issn = _one(record.get("ISBN")), _one(record.get("ISSN"))
    yield "isbn", read_isbn(isbn) or isbn
    yield "issn", issn
    code = language_code(_one(record.get("language")).replace("_", "-"))
    yield "langid", language_name(code).lower() if code else _one(record.get("language"))
    archive, place = _one(record.get("archive")), _one(record.get("archive_location"))
    if safe_url(place):
        yield "archiveurl", without_braces(place)
    elif place:
        yield "eprint", place
        yield "eprinttype", archive
    elif archive:
        yield "library", archive
    custom = record.get("custom")
    if isinstance(custom, dict):
        yield "titletranslation", _one(custom.get("translated-title"))


def _one(value: Any) -> str:
    """Return a value as text; Crossref has lists of one where CSL has texts."""
    first = next(iter(value), "") if isinstance(value, list) else value
    if isinstance(first, bool) or not isinstance(first, str | int | float):
        return ""
    return clean(str(first))


def _date(value: Any) -> str:
    """Return a CSL date as BibLaTeX has it."""
    if not isinstance(value, dict):
        return ""
    parts = value.get("date-parts")
    points = (
        [_point(one) for one in parts if isinstance(one, list)] if isinstance(parts, list) else []
    )
    if not points or not points[0]:
        return iso_day(_one(value.get("raw") or value.get("literal")))
    season = _one(value.get("season"))
    if season in ("1", "2", "3", "4") and len(points[0]) == 4:
        points[0] += f"-2{season}"
    about = "~" if value.get("circa") else ""
    if len(points) > 1:
        return f"{points[0]}{about}/{points[1] or '..'}"
    return points[0] + about


def _point(parts: list[Any]) -> str:
    digits = [str(part) for part in parts[:3] if str(part).isdigit() and str(part) != "0"]
    return "-".join(part.zfill(4 if at == 0 else 2) for at, part in enumerate(digits))


def _people(value: Any) -> Iterator[Name]:
    for one in value if isinstance(value, list) else []:
        if not isinstance(one, dict):
            continue
        literal = _one(one.get("literal") or one.get("name"))
        family, given = _one(one.get("family")), _one(one.get("given"))
        particles = (_one(one.get(f"{which}dropping-particle")) for which in ("non-", ""))
        if literal or not family:
            yield Name(literal or given)
        else:
            yield Name(family, given, " ".join(filter(None, particles)), _one(one.get("suffix")))


def from_open_library(record: Record, origin: str) -> list[Find]:
    """Return the finds of a book as Open Library's ``/api/books`` with ``jscmd=data`` has it."""
    title, subtitle = _one(record.get("title")), _one(record.get("subtitle"))

    def named(name: str) -> list[str]:
        found = record.get(name)
        ones = found if isinstance(found, list) else []
        return [text for one in ones if isinstance(one, dict) and (text := _one(one.get("name")))]

    names, _ = people(origin, named("authors"))
    fields = {
        "type": "book",
        "title": title,
        "subtitle": subtitle,
        "edition": _one(record.get("edition_name")),
        "publisher": next(iter(named("publishers")), ""),
        "location": next(iter(named("publish_places")), ""),
        "date": iso_day(_one(record.get("publish_date"))),
    }
    found = [Find(field, value, origin) for field, value in fields.items() if value]
    return [*found, *joined(origin, names)]
