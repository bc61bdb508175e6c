"""The fixed words of the output, in the language of the site, with its dates and language names.

In comes a language code; out come ``Words``, read from ``assets/words.toml``. Knows nothing of
sources or of HTML: what is filled in for {name} is the caller's.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, get_day_names, get_month_names
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

_FILE = Path(__file__).parent / "assets" / "words.toml"
_FALLBACK = "en"
_EDITION = re.compile(r"\b(ed|edn|edition|éd|édition|aufl|auflage|изд|вид)\b")
_NO_CODES = frozenset({"mul", "root", "und", "zxx"})
# Names of languages in BibLaTeX that are no English names, after babel's manual, section 1.
_BABEL_NAMES = {
    "acadian": "fr-CA",
    "american": "en-US",
    "australian": "en-AU",
    "austrian": "de-AT",
    "bahasa": "id",
    "brazil": "pt-BR",
    "brazilian": "pt-BR",
    "british": "en-GB",
    "canadian": "en-CA",
    "canadien": "fr-CA",
    "farsi": "fa",
    "francais": "fr",
    "frenchb": "fr",
    "germanb": "de",
    "magyar": "hu",
    "mexican": "es-MX",
    "naustrian": "de-AT",
    "newzealand": "en-NZ",
    "ngerman": "de",
    "norsk": "nb",
    "norwegian": "nb",
    "nswissgerman": "de-CH",
    "nynorsk": "nn",
    "polutonikogreek": "el",
    "portuges": "pt",
    "serbianc": "sr-Cyrl",
    "swissgerman": "de-CH",
    "ukenglish": "en-GB",
    "usenglish": "en-US",
}


@dataclass(frozen=True, slots=True, eq=False)  # each is loaded once
class Words:
    """What the output says in its own words; the table in ``assets/words.toml`` has its fields.

    ``language`` is the code of the words' own language, ``locale`` that of dates and names: for
    ``de-AT``, ``de`` and ``de_AT``.
    """

    language: str
    locale: str
    references: str
    terms: str
    back_to_citation: str
    back_to_mention: str
    to_list: str
    copy_reference: str
    copied: str
    close: str
    cited_in: str
    used_in: str
    never_cited: str
    times: str
    passage: str
    locator_page: str
    locator_pages: str
    cite_this_page: str
    download_references: str
    download_library: str
    see_also: str
    also: str
    more: str
    checked_on: str
    as_of: str
    a_to_z: str
    by_verdict: str
    by_topic: str
    show_only: str
    show_all: str
    shown: str
    no_claims: str
    claims_here: str
    verdict: str
    supported: str
    nuanced: str
    imprecise: str
    wrong: str
    unverifiable: str
    no_verdict: str
    paragraph: str
    sources_title: str
    sources_intro: str
    glossary_title: str
    glossary_intro: str
    timeline_title: str
    timeline_intro: str
    claims_title: str
    claims_intro: str
    primary_sources: str
    news_sources: str
    analysis_sources: str
    reference_sources: str
    other_sources: str
    concepts: str
    people: str
    organisations: str
    laws: str
    places: str
    events: str
    primary: str
    primary_copy: str
    news: str
    analysis: str
    reference: str
    copy: str
    in_language: str
    seen_on: str
    seen_in: str
    archived_copy: str
    and_: str
    et_al: str
    no_date: str
    figure_sources: str
    figure_rights: str
    figure_rows: str
    figure_source: str
    figure_note: str
    figure_download: str
    circa: str
    day_pattern: str
    editor: str
    editors: str
    edited_by: str
    translated_by: str
    in_container: str
    volume: str
    number: str
    page: str
    pages: str
    chapter: str
    version: str
    edition_one: str
    edition_two: str
    edition_few: str
    edition_other: str
    edition_named: str
    phdthesis: str
    mastersthesis: str
    thesis: str
    techreport: str
    patent: str
    dataset: str
    software: str
    standard: str
    letter: str
    audio: str
    video: str
    image: str
    performance: str
    unpublished: str
    forthcoming: str
    inpreparation: str
    inpress: str
    prepublished: str
    submitted: str


@cache
def load(language: str = _FALLBACK) -> Words:
    """Return the words of a language given as ``de``, ``de-AT`` or ``de_AT``; English if unknown.

    >>> load("de-AT").references, load("tlh").references
    ('Quellenangaben', 'References')
    """
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    locale = _locale(language)
    if locale is None or locale.language not in tables:
        locale = Locale("en")
    code = locale.language
    # Without a country, English dates are written as the rest of the world writes them.
    name = "en_GB" if str(locale) == "en" else str(locale)
    return Words(language=code, locale=name, **tables[code])


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that there are words in, English first."""
    return tuple(tomllib.loads(_FILE.read_text("utf-8")))


def written_date(iso: str, words: Words | None = None) -> str:
    """Write an ISO date out as far as it is known.

    >>> written_date("2025-04-02"), written_date("2025-04", load("fr")), written_date("2025")
    ('2 April 2025', 'avril 2025', '2025')
    """
    words = words or load()
    numbers = [int(number) for number in iso.split("-")]
    if len(numbers) == 1:
        return str(numbers[0])
    year, month, day = (*numbers, 1)[:3]
    # A month that stands alone has a form of its own in Slavic languages: LLLL, not MMMM.
    pattern = "LLLL y" if len(numbers) == 2 else words.day_pattern
    return format_date(date(year, month, day), pattern, locale=words.locale)


def written_range(first: str, last: str, words: Words | None = None) -> str:
    """Write two ISO dates as a range; ``..`` as the last one leaves it open.

    >>> written_range("2025-04-02", "2025-04-04"), written_range("2024-12", "2025-01")
    ('2–4 April 2025', 'December 2024 – January 2025')
    >>> written_range("2020", "2021"), written_range("2020", ".."), written_range("2020", "")
    ('2020–2021', '2020–', '2020')
    """
    start = written_date(first, words).split(" ")
    end = [] if last in ("", "..") else written_date(last, words).split(" ")
    if not last or start == end:
        return " ".join(start)
    shared = 0
    while shared < min(len(start), len(end)) - 1 and start[-1 - shared] == end[-1 - shared]:
        shared += 1
    start = start[: len(start) - shared]
    gap = " " if len(start) > 1 or len(end) - shared > 1 else ""
    return f"{' '.join(start)}{gap}–{gap}{' '.join(end)}".rstrip()


def written_number(number: str, words: Words | None = None) -> str:
    """Write a number of five digits or more with its groups; years, and what is short, stay.

    >>> written_number("157700"), written_number("2025"), written_number("157700", load("de"))
    ('157,700', '2025', '157.700')
    """
    words = words or load()
    whole = number.lstrip("-").partition(".")[0]
    if len(whole) < 5:
        return number
    form = "#,##0." + "0" * len(number.partition(".")[2]) if "." in number else "#,##0"
    return str(format_decimal(Decimal(number), format=form, locale=words.locale))


def vega_locale(words: Words) -> dict[str, dict[str, object]]:
    """Return the locale's numbers and dates as d3 wants them (d3-format, d3-time-format)."""
    locale = words.locale
    days = {width: get_day_names(width, locale=locale) for width in ("wide", "abbreviated")}
    months = {width: get_month_names(width, locale=locale) for width in ("wide", "abbreviated")}
    sunday_first = (6, 0, 1, 2, 3, 4, 5)
    return {
        "number": {
            "decimal": get_decimal_symbol(locale),
            "thousands": get_group_symbol(locale),
            "grouping": [3],
            "currency": ["", ""],
        },
        "time": {
            "dateTime": "%x, %X",
            "date": "%-d %B %Y",
            "time": "%H:%M:%S",
            "periods": ["am", "pm"],
            "days": [days["wide"][day] for day in sunday_first],
            "shortDays": [days["abbreviated"][day] for day in sunday_first],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
        },
    }


def written_edition(number: str, words: Words | None = None) -> str:
    """Write an edition, given as a number or named.

    >>> written_edition("2"), written_edition("Revised"), written_edition("3rd ed.")
    ('2nd edition', 'Revised edition', '3rd ed.')
    """
    words = words or load()
    if number.isascii() and number.isdigit() and len(number) < 10:
        forms = {"one": words.edition_one, "two": words.edition_two, "few": words.edition_few}
        form = Locale.parse(words.locale).ordinal_form(int(number))
        return forms.get(form, words.edition_other).format(number=int(number))
    if _EDITION.search(number.casefold()):
        return number
    return words.edition_named.format(name=number)


@cache
def language_code(language: str) -> str:
    """Return the code of a language given by code, by English name or as in BibLaTeX, or "".

    >>> language_code("russian"), language_code("uk"), language_code("ngerman")
    ('ru', 'uk', 'de')
    """
    folded = language.strip().casefold()
    if folded in _BABEL_NAMES:
        return _BABEL_NAMES[folded]
    for code, name in Locale("en").languages.items():
        if folded == str(name).casefold():
            return str(code).replace("_", "-")
    locale = _locale(folded)
    return "" if locale is None else str(locale).replace("_", "-")


@cache
def language_name(code: str, words: Words | None = None) -> str:
    """Return the name of a language in the language of the site.

    >>> language_name("ru"), language_name("ru", load("fr"))
    ('Russian', 'russe')
    """
    words = words or load()
    locale, own = _locale(code), _locale(words.locale)
    name = own.languages.get(locale.language) if own and locale else None
    return str(name or code)


@cache
def _locale(language: str) -> Locale | None:
    """Return what Babel knows by a code; it writes codes with underscores."""
    code = language.strip().replace("-", "_")
    if not code.isascii() or code.casefold() in _NO_CODES:
        return None
    try:
        return Locale.parse(code)
    except (UnknownLocaleError, ValueError, TypeError):
        return None
