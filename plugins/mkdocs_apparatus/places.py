"""Where sources and terms are used: which page, under which heading, at which address.

In comes the converted HTML of a page, in which a private character stands for each citation and
term link, and the marks that they stand for; out come the mentions in reading order. The
addresses are those that ``render`` will give.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from .library import fold
from .locator import read_suffix
from .model import CitationGroup, Library, Mark, Mention, TermLink

FIRST_MARK = 0x100000  # plane 16 is private; fonts of icons use plane 15
LAST_MARK = 0x107FFF  # the rest of the plane stamps positions, see extension.py
PRIVATE = re.compile(f"[{chr(FIRST_MARK)}-\U0010fffd]")
MARKS = f"[{chr(FIRST_MARK)}-{chr(LAST_MARK)}]"

_HEADING_OR_MARK = re.compile(rf"<h([1-6])\b([^>]*)>(.*?)</h\1>|{MARKS}", re.DOTALL)
_HEADERLINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_MARK = re.compile(MARKS)


_TAG = re.compile("<[^>]*>")


@dataclass(frozen=True, slots=True)
class Place:
    """A mention, and the heading that it stands under; no heading is the page's beginning."""

    mention: Mention
    section: str


@dataclass(frozen=True, slots=True)
class Places:
    """What a page mentions, in reading order: sources by key, terms by slug, groups as typed."""

    sources: tuple[Place, ...] = ()
    terms: tuple[Place, ...] = ()
    groups: tuple[CitationGroup, ...] = ()


NOWHERE = Places()


def mark_of(char: str, marks: tuple[Mark, ...]) -> Mark:
    """Return the mark that a private character stands for."""
    return marks[ord(char) - FIRST_MARK]


def find_places(html: str, marks: tuple[Mark, ...], library: Library) -> Places:
    """Return what a page mentions, in the order in which it is read."""
    if not marks:
        return NOWHERE
    counts: dict[str, int] = {}
    sources: list[Place] = []
    terms: list[Place] = []
    groups: list[CitationGroup] = []
    section = ""
    for match in _HEADING_OR_MARK.finditer(html):
        chars = match[0]
        if match[1] is not None:
            chars = "".join(_MARK.findall(match[3]))
            title = _MARK.sub("", _HEADERLINK.sub("", match[3]))
            section = "" if match[1] == "1" else _text(title)
        for char in chars:
            mark = mark_of(char, marks)
            if isinstance(mark, CitationGroup):
                groups.append(mark)
                found = [
                    mention_source(citation.key, citation.suffix, counts)
                    for citation in mark.citations
                    if citation.key in library.sources
                ]
                sources += [Place(mention, section) for mention in found]
            elif isinstance(mark, TermLink) and (slug := slug_of(mark, library)):
                terms.append(Place(mention_term(slug, counts), section))
    return Places(tuple(sources), tuple(terms), tuple(groups))


def _text(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())


def slug_of(link: TermLink, library: Library) -> str:
    """Return the slug that a term link leads to, or nothing."""
    return "" if link.plain else library.names.get(fold(link.target), "")


def mention_source(key: str, suffix: str, counts: dict[str, int]) -> Mention:
    """Return the next mention of a source on a page; ``counts`` is that page's."""
    read = read_suffix(suffix)
    return Mention(key, _next(f"cite-{key}", counts), read.locator, read.bare, read.passage)


def mention_term(slug: str, counts: dict[str, int]) -> Mention:
    """Return the next mention of a term on a page."""
    return Mention(slug, _next(f"use-{slug}", counts))


def _next(name: str, counts: dict[str, int]) -> str:
    counts[name] = counts.get(name, 0) + 1
    return f"{name}-{counts[name]}"
