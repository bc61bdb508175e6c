"""RIS becomes CSL items: the tags of Research Information Systems, line by line.

What goes out in ``export.to_ris`` comes back here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

# Types and tags, after the specification and what Zotero, EndNote and Mendeley write.
_TYPES = {
    "ABST": "article-journal",
    "ART": "graphic",
    "BILL": "bill",
    "BLOG": "post-weblog",
    "BOOK": "book",
    "CASE": "legal_case",
    "CHAP": "chapter",
    "COMP": "software",
    "CONF": "paper-conference",
    "CPAPER": "paper-conference",
    "DATA": "dataset",
    "EBOOK": "book",
    "ECHAP": "chapter",
    "EDBOOK": "book",
    "EJOUR": "article-journal",
    "ELEC": "webpage",
    "ENCYC": "entry-encyclopedia",
    "GEN": "document",
    "GOVDOC": "report",
    "HEAR": "hearing",
    "ICOMM": "personal_communication",
    "INPR": "article-journal",
    "JFULL": "periodical",
    "JOUR": "article-journal",
    "LEGAL": "treaty",
    "MAP": "map",
    "MGZN": "article-magazine",
    "MPCT": "motion_picture",
    "MUSIC": "song",
    "NEWS": "article-newspaper",
    "PAMP": "pamphlet",
    "PAT": "patent",
    "PCOMM": "personal_communication",
    "RPRT": "report",
    "SER": "book",
    "SLIDE": "speech",
    "SOUND": "song",
    "STAND": "standard",
    "STAT": "legislation",
    "THES": "thesis",
    "UNPB": "manuscript",
    "VIDEO": "motion_picture",
}
_TAGS = {
    "AB": "abstract",
    "BT": "container-title",
    "CT": "title",
    "CY": "publisher-place",
    "DO": "DOI",
    "ET": "edition",
    "ID": "id",
    "IS": "issue",
    "J2": "container-title",
    "JA": "container-title",
    "JF": "container-title",
    "JO": "container-title",
    "LA": "language",
    "M3": "genre",
    "N2": "abstract",
    "PB": "publisher",
    "PP": "publisher-place",
    "ST": "title-short",
    "T1": "title",
    "T2": "container-title",
    "T3": "collection-title",
    "TI": "title",
    "UR": "URL",
    "VL": "volume",
}
_PEOPLE = {"AU": "author", "A1": "author", "ED": "editor", "A2": "editor", "A4": "translator"}
_DATES = {"PY": "issued", "Y1": "issued", "DA": "issued", "Y2": "accessed"}
# What `export` writes of an archived copy, in any language.
_ARCHIVED = re.compile(r"[^:]{3,40}: (https?://\S+)")
_LINE = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*))?")


def read_ris(text: str) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Yield the records of a RIS file: the line on which each begins, and its tags in order."""
    tags: list[tuple[str, str]] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            if tags and line.strip():
                tags[-1] = (tags[-1][0], f"{tags[-1][1]} {line.strip()}".strip())
        elif found[1] == "ER":
            if tags:
                yield start, tags
            tags = []
        else:
            if found[1] == "TY" and tags:
                yield start, tags
                tags = []
            start = start if tags else number
            tags.append((found[1], (found[2] or "").strip()))
    if tags:
        yield start, tags


def as_csl(tags: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], list[str]]:
    """Return a record as a CSL item, and the tags that it has no place for."""
    record: dict[str, Any] = {}
    lost: list[str] = []
    several: dict[str, list[str]] = {"KW": [], "N1": [], "SP": [], "EP": []}
    for tag, value in tags:
        if tag in several:
            archived = _ARCHIVED.fullmatch(value)
            if tag == "N1" and archived is not None:
                host = urlsplit(archived[1]).hostname or ""
                record |= {"archive": host, "archive_location": archived[1]}
            else:
                several[tag].append(value)
        elif value and not _put(record, tag, value):
            lost.append(f"TY {value[:20]}" if tag == "TY" else tag)
    record |= {"keyword": ", ".join(several["KW"]), "note": ". ".join(several["N1"])}
    record["page"] = "-".join(filter(None, (*several["SP"][:1], *several["EP"][:1])))
    return {name: value for name, value in record.items() if value}, lost


def _put(record: dict[str, Any], tag: str, value: str) -> bool:
    """Put a tag's value where CSL has it; say whether there is such a place, and it was free."""
    if tag == "TY":
        record["type"] = _TYPES.get(value.upper(), "document")
        return value.upper() in _TYPES
    if tag in _PEOPLE:
        record.setdefault(_PEOPLE[tag], []).append(_person(value))
    elif tag in _DATES:
        date = _date(value)
        if len(str(date)) > len(str(record.get(_DATES[tag], ""))):
            record[_DATES[tag]] = date
    elif tag == "SN":
        record["ISSN" if len(re.sub(r"\W", "", value)) == 8 else "ISBN"] = value
    elif tag == "TT":
        record["custom"] = {"translated-title": value}
    else:
        name = _TAGS.get(tag, "")
        return bool(name) and record.setdefault(name, value) == value
    return True


def _person(value: str) -> dict[str, str]:
    family, *rest = (part.strip() for part in value.split(","))
    if not rest:
        return {"literal": family}
    return {"family": family, "given": rest[0], "suffix": ", ".join(rest[1:])}


def _date(value: str) -> dict[str, Any]:
    """Return a date of RIS, YYYY/MM/DD/other, as CSL has it."""
    year, month, day, other = (*value.split("/", 3), "", "", "", "")[:4]
    first = [part for part in (year, month, day) if part.strip().isdigit()]
    if not first or not re.fullmatch(r"[\d/]*|[\d/]+/.*", value):
        return {"raw": value}
    last = re.search(r"\bto (\d{4}(?:-\d\d){0,2})", other)
    dates = [first, *([last[1].split("-")] if last else [])]
    return {"date-parts": dates} | ({"circa": True} if "circa" in other else {})
