from __future__ import annotations

import string
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import mkdocs_apparatus
from mkdocs_apparatus.words import (
    Words,
    language_code,
    language_name,
    load,
    written_date,
    written_edition,
    written_range,
)

FILE = Path(mkdocs_apparatus.__file__).parent / "assets" / "words.toml"
TABLES = tomllib.loads(FILE.read_text("utf-8"))
LANGUAGES = ("en", "fr", "de", "ru", "uk")


def names(form: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(form) if name is not None]


def test_there_are_five_languages() -> None:
    assert tuple(TABLES) == LANGUAGES


def test_the_table_is_what_words_hold() -> None:
    keys = [field.name for field in fields(Words)]
    assert ["language", "locale", *TABLES["en"]] == keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    own, english = TABLES[language], TABLES["en"]
    assert list(own) == list(english)
    assert {key: names(form) for key, form in own.items()} == {
        key: names(form) for key, form in english.items()
    }
    assert all(form == form.strip() and form for form in own.values())


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_no_word_was_left_in_another_script(language: str) -> None:
    for key, form in TABLES[language].items():
        words = "".join(text for text, *_ in string.Formatter().parse(form))
        assert key == "day_pattern" or not any(char.isascii() and char.isalpha() for char in words)


@pytest.mark.parametrize(
    ("asked", "language", "locale"),
    [
        ("de", "de", "de"),
        ("de-AT", "de", "de_AT"),
        ("de_AT", "de", "de_AT"),
        ("DE", "de", "de"),
        ("en", "en", "en_GB"),
        ("en-US", "en", "en_US"),
        ("uk", "uk", "uk"),
        ("zh-Hans", "en", "en_GB"),
        ("tlh", "en", "en_GB"),
        ("", "en", "en_GB"),
        ("../../etc", "en", "en_GB"),
    ],
)
def test_a_language_is_found_or_english(asked: str, language: str, locale: str) -> None:
    words = load(asked)
    assert (words.language, words.locale) == (language, locale)


@pytest.mark.parametrize(
    ("language", "day", "month", "span"),
    [
        ("en", "2 April 2025", "April 2025", "30 April – 2 May 2025"),
        ("fr", "2 avril 2025", "avril 2025", "30 avril – 2 mai 2025"),
        ("de", "2. April 2025", "April 2025", "30. April – 2. Mai 2025"),
        ("ru", "2 апреля 2025", "апрель 2025", "30 апреля – 2 мая 2025"),
        ("uk", "2 квітня 2025", "квітень 2025", "30 квітня – 2 травня 2025"),
    ],
)
def test_dates_have_the_forms_of_the_language(
    language: str, day: str, month: str, span: str
) -> None:
    words = load(language)
    assert written_date("2025-04-02", words) == day
    assert written_date("2025-04", words) == month
    assert written_date("2025", words) == "2025"
    assert written_range("2025-04-30", "2025-05-02", words) == span


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        ("2025-04-02", "2025-04-04", "2–4 April 2025"),
        ("2025-04-02", "2025-04-02", "2 April 2025"),
        ("2025-04-02", "2026-04-02", "2 April 2025 – 2 April 2026"),
        ("2025-04", "2025-05", "April–May 2025"),
        ("2025", "2026-05", "2025 – May 2026"),
        ("2025-04", "..", "April 2025 –"),
        ("0999", "1001", "999–1001"),
    ],
)
def test_a_range_says_nothing_twice(first: str, last: str, written: str) -> None:
    assert written_range(first, last) == written


@pytest.mark.parametrize(
    ("language", "second", "named"),
    [
        ("en", "2nd edition", "Revised edition"),
        ("fr", "2e édition", "édition\u00a0: Revised"),
        ("de", "2. Auflage", "Ausgabe: Revised"),
        ("ru", "издание 2", "издание: Revised"),
        ("uk", "видання 2", "видання: Revised"),
    ],
)
def test_editions(language: str, second: str, named: str) -> None:
    words = load(language)
    assert written_edition("2", words) == second
    assert written_edition("Revised", words) == named
    assert written_edition("2nd ed.", words) == "2nd ed."


def test_english_ordinals() -> None:
    found = [written_edition(number).split()[0] for number in ("1", "3", "11", "22", "103")]
    assert found == ["1st", "3rd", "11th", "22nd", "103rd"]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("russian", "ru"),
        ("Ukrainian", "uk"),
        ("de-AT", "de-AT"),
        ("pt_BR", "pt-BR"),
        ("ngerman", "de"),
        ("british", "en-GB"),
        ("zh-Hans", "zh-Hans"),
        ("ruritanian", ""),
        ('"><b>', ""),
        ("mul", ""),
        ("", ""),
    ],
)
def test_a_language_has_a_code(language: str, code: str) -> None:
    assert language_code(language) == code


def test_languages_are_named_in_the_language_of_the_site() -> None:
    found = [language_name("uk", load(language)) for language in LANGUAGES]
    assert found == ["Ukrainian", "ukrainien", "Ukrainisch", "украинский", "українська"]
    assert language_name("de-AT") == "German"
    assert language_name("xx-yy") == "xx-yy"
