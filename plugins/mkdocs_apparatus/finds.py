"""What is found out about a work, field by field, and where; text of strangers is made plain here.

A find is a value for a field of an entry with the place that says it. Several places may speak
of one field: the first usable one is taken, and the others are there to be shown.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from .dates import read_date, read_parts
from .identity import read_doi, read_isbn
from .latex import encode
from .model import Name
from .names import read_names, write_name
from .words import language_code, language_name

_LONGEST = 500  # characters of a title
_LONGEST_NAME = 100
_MOST_NAMES = 50  # of a work: some have thousands
_LONGEST_RAW = 20_000  # characters that are looked at
_TAG = re.compile(r"</?[a-z][a-z0-9:-]{0,20}(?:\s[^<>]{0,500})?/?>|<!--.*?-->", re.IGNORECASE)
_NO_TEXT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,30});", re.IGNORECASE)
_BY = re.compile(r"^(?:by|von|par|por|автор[иы]?:?)\s+", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r"\s*(?:;|\||\s&\s|\s(?:and|und|et|і|и|та)\s)\s*", re.IGNORECASE)
_NO_NAMES = re.compile(
    r"(?:web)?admin(?:istrator)?|author|editor|guest|root|unknown|user|webmaster", re.IGNORECASE
)
# What stands in the name of an organisation and in no person's.
_ORGANISATION = re.compile(
    r"\b(?:agency|association|bureau|commission|committee|council|department|desk|editorial|embassy"
    r"|foundation|group|inc|institute|ltd|ministry|network|news|newsroom|office|press|reporters"
    r"|service|staff|team|university|агентство|міністерство|министерство|редакція|редакция|служба"
    r"|університет|университет)\b",
    re.IGNORECASE,
)
# 2025-04-08T10:00:00+03:00, 2025/04/08, 20250408
_ISO = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?|(\d\d)(\d\d))?(?:[T ].{0,40})?", re.A
)
# Tue, 8 Apr 2025 10:00:00 GMT; April 8, 2025; April 2025
_DAY_FIRST = re.compile(
    r"(?:\w{3,9},? )?(\d{1,2}) ([A-Z][a-z]{2,8})\.?,? (\d{4})(?: .{0,40})?", re.A
)
_MONTH_FIRST = re.compile(
    r"(?:\w{3,9},? )?([A-Z][a-z]{2,8})\.? (?:(\d{1,2}),? )?(\d{4})(?: .{0,40})?"
)
# Fields that hold no text: names as BibTeX has them, addresses, dates with their ~.
_AS_THEY_ARE = frozenset(
    {"archiveurl", "author", "bookauthor", "date", "doi", "editor", "origdate", "translator"}
    | {"url", "urldate"}
)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Find:
    """A value for a field, and where it was found.

    ``value`` is plain text, names as in BibTeX; ``fault`` says why it cannot be used. The field
    ``type`` is the entry's type.
    """

    field: str
    value: str
    origin: str
    fault: str = ""


def chosen(finds: Iterable[Find]) -> dict[str, Find]:
    """Return the first usable find of each field."""
    taken: dict[str, Find] = {}
    for find in finds:
        if find.value and not find.fault:
            taken.setdefault(find.field, find)
    return taken


def as_fields(taken: Iterable[Find]) -> dict[str, str]:
    """Return finds as an entry's fields, in LaTeX where that is needed."""
    return {
        find.field: find.value if find.field in _AS_THEY_ARE else encode(find.value)
        for find in taken
        if find.field != "type"
    }


def clean(text: str) -> str:
    r"""Return text without tags, entities, control signs and runs of white space.

    >>> clean("A <i>new</i>\x07 start &amp;amp; a &lt;b&gt;second&lt;/b&gt; one, if 1 < 2 > 0")
    'A new start & a second one, if 1 < 2 > 0'
    """
    for _ in range(3):
        text = _TAG.sub("", _NO_TEXT.sub("", text))
        if _ENTITY.search(text) is None:
            break
        text = html.unescape(text)
    else:
        text = _TAG.sub("", _NO_TEXT.sub("", text))
    # Category C: control, format (bidi overrides among them), surrogates, private, unassigned.
    signs = (" " if sign in "\t\n\r\f\v" else sign for sign in text)
    kept = (
        sign for sign in signs if unicodedata.category(sign)[0] != "C" or sign in "\u200c\u200d"
    )
    return " ".join("".join(kept).split())


def read(find: Find, today: date) -> Iterator[Find]:
    """Yield a find with its value as the field has it, or with its fault; nothing if it is empty.

    What does not depend on other fields is judged here.
    """
    long = len(find.value) > _LONGEST_RAW
    find = replace(find, value=clean(find.value[:_LONGEST_RAW]))
    if not find.value:
        return
    if find.field == "date":
        yield _date(find, today)
    elif find.field == "langid":
        yield _language(find)
    elif find.field == "doi":
        doi = read_doi(find.value)
        yield replace(find, value=doi or find.value, fault="" if doi else "this is no DOI")
    elif find.field == "isbn":
        isbn = read_isbn(find.value)
        yield replace(find, value=isbn or find.value, fault="" if isbn else "this is no ISBN")
    elif long or len(find.value) > _LONGEST:
        fault = f"longer than {_LONGEST} characters"
        yield replace(find, value=find.value[:_LONGEST], fault=fault)
    else:
        yield find


def _date(find: Find, today: date) -> Find:
    iso = iso_day(find.value)
    if not iso:
        return replace(find, fault="this is no date")
    if iso == "1970-01-01":
        return replace(find, value=iso, fault="the day on which clocks of computers begin")
    if iso > today.isoformat()[: len(iso)]:
        return replace(find, value=iso, fault="it is in the future")
    return replace(find, value=iso)


def iso_day(written: str) -> str:
    """Return a date of the web as ISO 8601 as far as known, or an empty string.

    Of an hour, the day counts as its page writes it. What may be two dates is none.

    >>> iso_day("2025-04-08T23:30:00-05:00"), iso_day("April 8, 2025"), iso_day("04/08/2025")
    ('2025-04-08', '2025-04-08', '')
    """
    if (found := _ISO.fullmatch(written)) is not None:
        parts = (found[1], found[2] or found[4] or "", found[3] or found[5] or "")
    elif (found := _DAY_FIRST.fullmatch(written)) is not None:
        parts = (found[3], found[2], found[1])
    elif (found := _MONTH_FIRST.fullmatch(written)) is not None:
        parts = (found[3], found[1], found[2] or "")
    else:
        when = read_date(written)
        return when.start if when else ""
    when = read_parts(*parts)
    return when.start if when and not when.lost and int(when.start[:4]) > 0 else ""


def _language(find: Find) -> Find:
    code = language_code(find.value.replace("_", "-"))
    name = language_name(code).lower() if code else ""
    if not language_code(name):
        return replace(find, fault="this is no language")
    return replace(find, value=name)


def in_script(language: Find, title: str) -> Find:
    """Return a language, with a fault if the title's letters are not those of that language.

    Templates often say "en" of pages in another language.
    """
    cyrillic, latin = len(_CYRILLIC.findall(title)), len(_LATIN.findall(title))
    name = language_name(language_code(language.value) or "en")
    known = language_code(language.value)
    if known in ("en", "de", "fr", "es", "it", "pl") and cyrillic > latin:
        return replace(language, fault=f"the title is in Cyrillic letters, not in {name}")
    if known in ("ru", "uk", "be", "bg") and latin > 3 and not cyrillic:
        return replace(language, fault=f"the title is in Latin letters, not in {name}")
    return language


def names_of(origin: str, texts: Iterable[str], *, field: str = "author") -> list[Find]:
    """Return one find for all names that some texts hold, and one for each that is none."""
    names, faulty = people(origin, texts, field=field)
    return [*joined(origin, names, field=field), *faulty]


def people(
    origin: str, texts: Iterable[str], *, field: str = "author", whole: bool = False
) -> tuple[list[Name], list[Find]]:
    """Return the names that some texts hold, and a find for each that is none.

    A text is "Given Family", "Family, Given", several of them, or the name of an organisation,
    which it is if it is ``whole``.
    """
    found: list[Name] = []
    faulty: list[Find] = []
    for text in (clean(text[:_LONGEST_RAW]) for text in texts):
        for written in [text] if whole else _split(text):
            if fault := _no_name(written):
                faulty.append(Find(field, written[:_LONGEST_NAME], origin, fault))
            else:
                found.append(Name(written) if whole else as_name(written))
    return found, faulty


def joined(
    origin: str, names: Iterable[Name], *, field: str = "author", most: int | None = _MOST_NAMES
) -> list[Find]:
    """Return one find for some names, each once; past so many there are "others"."""
    each = [
        "others" if name == Name("others") else write_name(name)
        for name in dict.fromkeys(names)
        if name.family
    ]
    if most is not None and len(each) > most:
        each = [*each[:most], "others"]
    return [Find(field, " and ".join(each), origin)] if each else []


def _split(text: str) -> list[str]:
    parts = [part.strip(" ,:·—–-") for part in _BETWEEN_NAMES.split(_BY.sub("", text, count=1))]
    found: list[str] = []
    for part in parts:
        commas = [one.strip() for one in part.split(",")]
        # "Doe, Jane" is one person, "Jane Doe, John Roe" are two.
        several = len(commas) > 1 and all(" " in one for one in commas)
        found += commas if several else [part]
    return [part for part in found if part]


def _no_name(written: str) -> str:
    """Say why a text is no name, or nothing."""
    if "://" in written or written.startswith(("www.", "@")):
        return "an address, not a name"
    if "@" in written:
        return "an address of mail, not a name"
    if _NO_NAMES.fullmatch(written):
        return "nobody's name"
    if len(written) > _LONGEST_NAME:
        return f"longer than {_LONGEST_NAME} characters"
    return "" if any(sign.isalpha() for sign in written) else "this is no name"


def as_name(written: str) -> Name:
    """Return a name; one word, or a word that no person's name has, is an organisation.

    >>> as_name("Jane van der Berg"), as_name("Example News Desk").family
    (Name(family='Berg', given='Jane', particle='van der', suffix=''), 'Example News Desk')
    """
    whole = " " not in written and "," not in written
    if whole or _ORGANISATION.search(written) or len(written.split()) > 6:
        return Name(written)
    if set(written) & set('{}\\~"='):
        return Name(written)
    if written.isupper() and written.upper() != written.lower():
        written = written.title()
    names, _ = read_names(written)
    return names[0] if len(names) == 1 else Name(written)
