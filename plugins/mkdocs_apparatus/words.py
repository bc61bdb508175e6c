"""The fixed words of the output in the site's language, and dates and language names with them.

The words stand in ``assets/words.toml``, a table a language; Babel knows the rest.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; each is an attribute by its name in the table."""

    locale: str
    table: Mapping[str, str]

    def __getattr__(self, name: str) -> str:
        try:
            return self.table[name]
        except KeyError:
            raise AttributeError(name) from None

    def source_kind_heading(self, kind: str) -> str:
        """Return the heading over sources of a kind."""
        return self.table[f"{kind}_sources" if kind else "other_sources"]

    def term_kind_heading(self, kind: str) -> str:
        """Return the heading over terms of a kind."""
        return self.table[kind]

    def verdict_word(self, verdict: str) -> str:
        """Return a verdict in this language."""
        return self.table[verdict or "none"]

    def language(self, code: str) -> str:
        """Return the name of a language."""
        try:
            return Locale.parse(code).get_language_name(self.locale) or code
        except (UnknownLocaleError, ValueError):
            return code

    def date(self, iso: str) -> str:
        """Write an ISO date out as far as it is known."""
        numbers = [int(number) for number in iso.split("-")]
        pattern = {1: "y", 2: "LLLL y", 3: "d MMMM y"}[len(numbers)]
        year, month, day = (*numbers, 1, 1)[:3]
        return format_date(date(year, month, day), pattern, locale=self.locale)


def load(language: str) -> Words:
    """Return the words of a language such as ``de`` or ``de-AT``; of English if it has none."""
    table = tomllib.loads((files(__package__) / "assets" / "words.toml").read_text("utf-8"))
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    if locale.language not in table:
        locale = Locale("en")
    return Words(str(locale) if locale.language != "en" else "en_GB", table[locale.language])
