"""A site checked in shares, by as many machines, and what they found put together again.

A share takes every n-th page and all of the library. That nothing cites a source is true of the
site only if each of the shares says so; whatever else one of them says is true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .model import Diagnostic, Span
from .rules import RULES

_MOST = 1_000
_SHARE = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")
_NEVER = frozenset(("S004", "T005", "F005"))  # cited, used, placed: by no page at all


@dataclass(frozen=True, slots=True)
class Share:
    """The ``number``-th of so many shares, from 1."""

    number: int
    count: int

    def of(self, paths: Sequence[str]) -> list[str]:
        """Return the pages of this share; those of all shares together are all pages.

        >>> Share(2, 3).of(["a", "b", "c", "d", "e"])
        ['b', 'e']
        """
        return list(paths[self.number - 1 :: self.count])


WHOLE = Share(1, 1)


def read_share(text: str) -> Share:
    """Read ``2/8``. Raises ValueError, with what is expected, for what is none."""
    match = _SHARE.fullmatch(text)
    number, count = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 0 < number <= count <= _MOST:
        raise ValueError(f"'{text}' is no share; the second of eight is 2/8")
    return Share(number, count)


def merge(shares: Iterable[Iterable[Diagnostic]]) -> list[Diagnostic]:
    """Return what all shares of a site found together, in the order of files and lines."""
    each = [set(share) for share in shares]
    if not each:
        return []
    never = {one for one in set.intersection(*each) if one.code in _NEVER}
    rest = {one for one in set.union(*each) if one.code not in _NEVER}
    return sorted(never | rest, key=lambda one: (one.span, one.code, one.message))


def read_findings(text: str) -> list[Diagnostic]:
    """Read what ``check --format json`` prints. Raises ValueError for anything else."""
    try:
        rows = json.loads(text)
        if not isinstance(rows, list):
            raise TypeError
        return [_diagnostic(row) for row in rows]
    except (TypeError, LookupError, RecursionError):
        raise ValueError("it is not what 'apparatus check --format json' prints") from None


def _diagnostic(row: dict[str, object]) -> Diagnostic:
    code, path, message, suggestion = (
        str(row[name]) for name in ("code", "path", "message", "suggestion")
    )
    places = [row[name] for name in ("line", "column", "end_line", "end_column")]
    numbers = [place for place in places if isinstance(place, int)]
    if code not in RULES or len(numbers) != len(places):
        raise LookupError
    return Diagnostic(code, message, Span(path, *numbers), suggestion)
