"""A field of names becomes names: particles, suffixes, organisations in braces, "and others".

pybtex knows BibTeX's three ways to write a name; BibLaTeX's fourth, ``given=A, family=B`` (manual,
section 3.4), is read here. Knows nothing of entries: a name that cannot be read is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pybtex.bibtex.utils import split_name_list, split_tex_string
from pybtex.database import InvalidNameString, Person
from pybtex.exceptions import PybtexError

from .latex import decode, escape
from .model import Name

Report = Callable[[str], None]

# "\c cois" splits a name at its space, "\c{c}ois" does not.
_ACCENT = re.compile(r"\\([bcdHkrtuv])\s+(\w)")
# "Martin King Jr." and "King, Martin, Jr.", which BibTeX would take for a family and a given name.
_JUNIOR = re.compile(r"([^,]*(?:,[^,]*)?[^\s,]),?\s+((?:Jr|Sr)\.?)")
_PART = re.compile(r"\s*(family|given|prefix|suffix)(?:-i)?\s*=\s*(.*)", re.DOTALL)
# What would make two names, or other parts of one, of a name.
_BREAK = re.compile(r",|\band\b", re.IGNORECASE)


def read_names(value: str, report: Report = lambda _: None) -> tuple[tuple[Name, ...], bool]:
    """Return the names of a field, and whether there are others.

    >>> read_names("van der Berg, Jan and others")
    ((Name(family='Berg', given='Jan', particle='van der', suffix=''),), True)
    """
    if "\\" in value:
        value = _ACCENT.sub(r"\\\1{\2}", value)
    try:
        written = [part.strip(" ,") for part in split_name_list(value)] if value else []
        names = [_name(one, report) for one in written if one and one != "others"]
    except PybtexError:
        report("too many braces in each other")
        return (Name(decode(value)),), False
    return tuple(name for name in names if name.family), "others" in written


def read_list(value: str) -> str:
    """Return a list of places or publishers, which BibTeX joins by "and".

    >>> read_list("Berlin and New York"), read_list("{Barnes and Noble}")
    ('Berlin / New York', 'Barnes and Noble')
    """
    if " and " not in value.lower():
        return decode(value)
    try:
        parts = [decode(part) for part in split_name_list(value)]
    except PybtexError:  # too many braces in each other
        return decode(value)
    return " / ".join("et al." if part == "others" else part for part in parts if part)


def write_name(name: Name) -> str:
    """Return a name as BibTeX has it: an organisation in braces.

    >>> write_name(Name("Berg", "Jan", "van der", "Jr.")), write_name(Name("Ministry, Press"))
    ('van der Berg, Jr., Jan', '{Ministry, Press}')
    """
    if not (name.given or name.particle or name.suffix):
        return f"{{{escape(name.family)}}}"
    family = " ".join(filter(None, (name.particle, _part(name.family))))
    return ", ".join(filter(None, (family, _part(name.suffix), _part(name.given))))


def _part(text: str) -> str:
    return f"{{{escape(text)}}}" if _BREAK.search(text) else escape(text)


def _name(written: str, report: Report) -> Name:
    if _is_whole(written):
        return Name(decode(written))
    if "=" in written and (name := _by_parts(written)) is not None:
        return name
    junior = _JUNIOR.fullmatch(written)
    whole, suffix = (junior[1], junior[2]) if junior else (written, "")
    try:
        person = Person(whole)
    except InvalidNameString:
        report(f"too many commas in the name '{written}'")
        return Name(decode(written))
    if len(person.lineage_names) > 1 or ";" in written:
        report(f"'{written}' looks like several names")
        return Name(decode(written))
    given = person.first_names + person.middle_names
    parts = (person.last_names, given, person.prelast_names, person.lineage_names)
    family, first, particle, lineage = (decode(" ".join(part)) for part in parts)
    if not family:
        return Name(first)
    return Name(family, first, particle, suffix or lineage)


def _is_whole(written: str) -> bool:
    """Say whether one pair of braces holds the whole name: an organisation."""
    if not (written.startswith("{") and written.endswith("}")) or written.startswith("{\\"):
        return False
    depth = 0
    for index, char in enumerate(written):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth == 0:
            return index == len(written) - 1
    return False


def _by_parts(written: str) -> Name | None:
    parts = {}
    for part in split_tex_string(written, ","):
        match = _PART.fullmatch(part.strip().strip('"'))
        if match is None:
            return None
        if "-i" not in part[: match.start(2)]:
            parts[match[1]] = decode(match[2])
    family = parts.get("family") or parts.get("given", "")
    given = parts.get("given", "") if parts.get("family") else ""
    return Name(family, given, parts.get("prefix", ""), parts.get("suffix", ""))
