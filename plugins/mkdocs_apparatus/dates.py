"""A date as authors write it becomes ISO 8601 as far as it is known, and a note of what is lost.

Reads BibLaTeX's ``date`` (manual, section 2.3.8: ISO 8601-2, level 1) and BibTeX's year, month
and day. Knows nothing of entries.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

OPEN = ".."

# 2025-04-02, 2025-04, 2025, 202X, 20XX-XX; ~ is about, ? unsure, % both.
_POINT = re.compile(
    r"(\d{4}|\d{3}X|\d{2}XX)(?:-(\d{2}|XX))?(?:-(\d{2}|XX))?"
    r"(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?([~?%]?)",
    re.ASCII,
)
_SEASONS = {"spring": "21", "summer": "22", "autumn": "23", "fall": "23", "winter": "24"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DASH = re.compile(r"\s*(?:/|--?-?|–|—)\s*")
_YEARS = re.compile(r"(\d{4})\s*(?:/|--?|–)\s*(\d{4})", re.ASCII)
# 1998--99, but not 1998-09
_SHORT_YEARS = re.compile(r"(\d{2})(\d{2})\s*(?:/|--|–)\s*(\d{2})", re.ASCII)
_ABOUT = re.compile(r"(?:c|ca|circa)\.?\s*(\d{4})|\[(\d{4})\??\]", re.IGNORECASE | re.ASCII)
# April, apr., 4, 04; "April 2" has the day in it, as BibTeX's manual advised.
_MONTH = re.compile(r"([a-z]+)\.?(?:[\s~]+(\d{1,2}))?|(\d{1,2})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A date, or a range that ``end`` ends; ``OPEN`` is a range without end."""

    start: str
    end: str = ""
    circa: bool = False
    lost: str = ""


def read_date(written: str) -> When | None:
    """Return what a date says, or nothing if it is none.

    >>> read_date("2025-04-02/2025-04-04")
    When(start='2025-04-02', end='2025-04-04', circa=False, lost='')
    >>> read_date("199X~"), read_date("2003-21").lost, read_date("soon")
    (When(start='1990', end='1999', circa=True, lost=''), 'the season', None)
    """
    written = written.strip()
    if (years := _YEARS.fullmatch(written)) is not None:
        written = f"{years[1]}/{years[2]}"
    elif (years := _SHORT_YEARS.fullmatch(written)) is not None:
        written = f"{years[1]}{years[2]}/{years[1]}{years[3]}"
    first, slash, last = (part.strip() for part in written.partition("/"))
    begin, finish = _point(first), _point(last)
    if slash and first in ("", OPEN) and finish is not None:
        return When(finish.start, "", finish.circa, "the open beginning")
    if begin is None or (slash and finish is None and last not in ("", OPEN)):
        return None
    if not slash:
        return begin
    if finish is None:
        return When(begin.start, OPEN, begin.circa, begin.lost)
    end = finish.end or finish.start
    circa, lost = begin.circa or finish.circa, begin.lost or finish.lost
    if end[: len(begin.start)] < begin.start[: len(end)]:
        return When(begin.start, "", circa, "an end before the beginning")
    return When(begin.start, "" if end == begin.start else end, circa, lost)


def _point(written: str) -> When | None:
    match = _POINT.fullmatch(written)
    if match is None:
        return None
    year, month, day = match[1], match[2] or "", match[3] or ""
    circa, lost = bool(match[4]), ""
    if "X" in year:
        known = (month + day).strip("X")
        lost = "the month" if known else ""
        year, end = year.replace("X", "0"), year.replace("X", "9")
        return When(year, end, circa, lost) if _exists(year) else None
    if month.isdigit() and 21 <= int(month) <= 41:
        month, lost = "", "the season"
    if not month.isdigit():
        lost = lost or ("the day" if day.isdigit() else "")
        month = day = ""
    iso = "-".join(part for part in (year, month, day) if part.isdigit())
    return When(iso, "", circa, lost) if _exists(iso) else None


def _exists(iso: str) -> bool:
    year, month, day = (*map(int, iso.split("-")), 1, 1)[:3]
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def read_parts(year: str, month: str = "", day: str = "") -> When | None:
    """Return what year, month and day say; what is no month is named as lost.

    >>> read_parts("2025", "April", "2").start, read_parts("c. 1998").circa
    ('2025-04-02', True)
    >>> read_parts("1998--1999").end, read_parts("2001", "May/June").end
    ('1999', '2001-06')
    """
    year = year.strip()
    if (about := _ABOUT.fullmatch(year)) is not None:
        year = f"{about[1] or about[2]}~"
    known = read_date(year)
    if known is None or known.end or len(known.start) > 4 or not month:
        return known
    months = [_MONTH.fullmatch(part) for part in _DASH.split(month.strip())]
    numbers = [_number(match[1] or match[3]) if match else "" for match in months]
    if len(months) > 2 or not all(numbers):
        return When(known.start, "", known.circa, f"the month '{month}'")
    if len(months) == 1 and months[0]:
        days = _DASH.split((day or months[0][2] or "").strip())
        points = [f"-{one.zfill(2)}" if one else "" for one in days]
        written = [f"{known.start}-{numbers[0]}{point}" for point in points]
    else:
        written = [f"{known.start}-{number}" for number in numbers]
    when = read_date("/".join(written)) if len(written) < 3 else None
    if when is None:
        return When(f"{known.start}-{numbers[0]}", "", known.circa, f"the day '{day}'")
    return When(when.start, when.end, known.circa, when.lost)


def _number(month: str) -> str:
    """Return a month or a season as two digits."""
    name = month.lower()
    if name.isdigit():
        return name.zfill(2) if 1 <= int(name) <= 12 else ""
    if name[:3] in _MONTHS:
        return f"{_MONTHS.index(name[:3]) + 1:02}"
    return _SEASONS.get(name, "")


def iso_date(written: str) -> str:
    """Return the beginning of a date or range, or an empty string if it is none.

    >>> iso_date("2025-04-02/2025-04-04"), iso_date("2025-02-30")
    ('2025-04-02', '')
    """
    when = read_date(written)
    return when.start if when else ""


def today() -> date:
    """Return the day: that of SOURCE_DATE_EPOCH, if it is set (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch) if epoch.isdigit() else time.time(), UTC).date()
