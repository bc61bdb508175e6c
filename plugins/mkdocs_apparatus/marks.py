"""Marks: what stands in a page for a citation, a term link or finished HTML until it is written.

A mark is a number between two control characters, "private use one" and "two" of ISO 6429, its
digits control characters too. So inline Markdown, other extensions and slugs pass it by like a
sign that is neither letter nor space; and a page of Latin letters keeps its byte a character,
where one sign of the private planes would make it take four.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .model import Block, Listing, Literal, Mark, Picture

_OPEN, _CLOSE = "\x91", "\x92"
_ZERO, _NINE = "\x86", "\x8f"
_DIGITS = {ord("0") + digit: ord(_ZERO) + digit for digit in range(10)}
_NUMBER = {sign: digit for digit, sign in _DIGITS.items()}
_MARK = re.compile(f"{_OPEN}([{_ZERO}-{_NINE}]+){_CLOSE}")
OWN = f"{_ZERO}-{_NINE}{_OPEN}{_CLOSE}"  # the signs that marks are made of, for a class
_WRAPPED = (Block, Listing, Picture)


@lru_cache(maxsize=4096)  # hardly a page has more
def write_mark(number: int) -> str:
    """Return what stands for a page's mark of this number, from 0."""
    return f"{_OPEN}{str(number).translate(_DIGITS)}{_CLOSE}"


def find_marks(html: str, marks: Sequence[Mark]) -> list[tuple[int, Mark]]:
    """Return the marks in a text with their offsets, in order."""
    return [(match.start(), _mark(match[1], marks)) for match in _MARK.finditer(html)]


def without_marks(html: str, instead: str = "") -> str:
    """Return a text without its marks, or with the same text in place of each."""
    return _MARK.sub(instead, html)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A page taken apart: its marks, and the texts before, between and behind them.

    A mark that stands for whole elements has lost the paragraph that it stood in alone.
    """

    texts: Sequence[str]
    marks: Sequence[Mark]

    def join(self, written: Sequence[str]) -> str:
        """Return the page with what is written in place of each mark."""
        parts = [""] * (2 * len(self.marks) + 1)
        parts[::2], parts[1::2] = self.texts, written
        return "".join(parts)


def split(html: str, marks: Sequence[Mark]) -> Pieces:
    """Take a page apart at its marks."""
    parts = _MARK.split(html)
    texts, found = parts[::2], [_mark(number, marks) for number in parts[1::2]]
    for at, mark in enumerate(found):
        before, after = texts[at], texts[at + 1]
        if isinstance(mark, _WRAPPED) and before.endswith("<p>") and after.startswith("</p>"):
            texts[at], texts[at + 1] = before.removesuffix("<p>"), after.removeprefix("</p>")
    return Pieces(texts, found)


def _mark(digits: str, marks: Sequence[Mark]) -> Mark:
    """Return the mark of a number; one that the page does not have is nobody's, and stays."""
    number = _number(digits)
    return marks[number] if number < len(marks) else Literal(write_mark(number))


@lru_cache(maxsize=4096)
def _number(digits: str) -> int:
    return int(digits.translate(_NUMBER))
