"""Facts that stand on several pages agree: with each other, the glossary and the tables."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from datetime import datetime
from functools import cache

import pytest

import prose
from sites import ROOT
from test_floors import EXPLAINERS, citations, library

FACTS = prose.settings("facts.toml")["fact"]
MONTHS = "|".join(calendar.month_name[1:])
DAY = re.compile(r"(\d+) (?:(?:and|to) (\d+) )?(\w+)(?: (\d{4}))?")


@cache
def sentences() -> list[tuple[str, int, str]]:
    """Return all that readers see, with its place: sentences, and each table's rows as one."""
    found = []
    for page in map(prose.read, prose.files()):
        if page.path.startswith("docs/about/"):
            continue  # they list the article's own errors
        rows = defaultdict(list)
        for sentence in page.sentences:
            if sentence.whole:
                found.append((page.path, sentence.line, sentence.text))
            else:
                rows[sentence.line].append(sentence.text)
        found += [(page.path, line, " | ".join(cells)) for line, cells in rows.items()]
    return found


def mentions(fact: dict) -> list[tuple[str, int, str]]:
    found = []
    for path, line, text in sentences():
        for match in re.finditer(fact["pattern"], text):
            value = next(group for group in match.groups() if group)
            found.append((path, line, value))
    return found


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["name"])
class TestFact:
    def test_all_mentions_agree(self, fact: dict) -> None:
        found = mentions(fact)
        wrong = [
            f"{path}:{line}: {value}" for path, line, value in found if value not in fact["is"]
        ]
        assert wrong == [], f"{fact['name']} is {fact['is'][0]}"

    def test_it_is_mentioned_where_its_source_is_cited(self, fact: dict) -> None:
        paths = {path for path, _, _ in mentions(fact)}
        assert paths, "the pattern finds nothing: mend it, or leave the fact out"
        assert fact["source"] in library().sources
        assert any(fact["source"] in keys_of(path) for path in paths), sorted(paths)

    def test_the_glossary_has_the_same_day(self, fact: dict) -> None:
        if "event" not in fact:
            return
        term = library().terms[fact["event"]]
        days = [day for value in fact["is"] if (day := DAY.fullmatch(value))]
        assert days, "the event's day is not among the values"
        for first, last, month, year in (day.groups() for day in days):
            for day, date in ((first, term.date), (last or first, term.end or term.date)):
                told = f"{day} {month} {year or date[:4]}"
                assert datetime.strptime(told, "%d %B %Y").date().isoformat() == date  # noqa: DTZ007

    def test_the_table_has_the_same_number(self, fact: dict) -> None:
        if "row" not in fact:
            return
        name, start = fact["row"]
        lines = (ROOT / "sources" / "data" / name).read_text("utf-8").splitlines()
        cells = [line.split(",") for line in lines if line.startswith(start)]
        number = re.sub(r"[^\d.]", "", fact["is"][0])
        assert number in cells[0], cells[0]


@cache
def keys_of(path: str) -> frozenset[str]:
    """Return the sources that a file cites; a figure's are those of its table."""
    text = (ROOT / path).read_text("utf-8")
    if path.endswith(".json"):
        figure = library().figures[path.rpartition("/")[2].removesuffix(".json")]
        return frozenset(key for row in figure.keys for key in row)
    return frozenset(citation.key for citation in citations(text))


def dated_links() -> list[tuple[str, int, str, str]]:
    """Return place, day and event of each line of a list or a table that opens with a day."""
    found = []
    for path in EXPLAINERS:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            opening = re.match(
                rf"(?:- \*\*|- |\| )([^:,|*]*(?:{MONTHS})(?: \d{{4}})?)[:,*| ]", line
            )
            if not opening:
                continue
            for target, shown in re.findall(r"\[\[([^]|\\]+)(?:\\?\|([^]]*))?\]\]", line):
                # A link that names a month of its own is to something of that month.
                own = re.search(rf"(?:\d+ )?(?:{MONTHS})", shown)
                slug = target if target in library().terms else library().names.get(target, "")
                if slug and library().terms[slug].kind == "event":
                    found.append((path.name, number, own[0] if own else opening[1].strip(), slug))
    return found


def test_dated_lines_agree_with_the_events_that_they_name() -> None:
    found = dated_links()
    assert len(found) >= 40
    for name, line, told, slug in found:
        event = library().terms[slug]
        [month] = re.findall(MONTHS, told)
        when = datetime.strptime(month, "%B").strftime("%m")  # noqa: DTZ007
        day, year = re.search(r"\b\d{1,2}\b", told), re.search(r"\d{4}", told)
        place = f"{name}:{line}: {told}, but {slug} is of {event.date}"
        assert event.date[5:7] == when, place
        assert not year or event.date[:4] == year[0], place
        assert not day or not event.date[8:] or int(event.date[8:]) == int(day[0]), place


def test_there_are_enough_facts_and_most_recur() -> None:
    assert len(FACTS) >= 40
    pages = {fact["name"]: {path for path, _, _ in mentions(fact)} for fact in FACTS}
    assert len(pages) == len(FACTS), "two facts have one name"
    assert sum(len(paths) > 1 for paths in pages.values()) >= 40


def test_a_mention_that_differs_is_found() -> None:
    planted = "The call of 17 March was long."
    fact = next(one for one in FACTS if one["name"] == "Second call of Trump and Putin")
    [match] = re.finditer(fact["pattern"], planted)
    assert next(group for group in match.groups() if group) not in fact["is"]


def test_no_fact_stands_twice() -> None:
    names = defaultdict(list)
    for fact in FACTS:
        names[fact["pattern"]].append(fact["name"])
    assert [twice for twice in names.values() if len(twice) > 1] == []
