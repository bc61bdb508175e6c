"""Where sources and terms are mentioned: on which page, under which heading, at which address.

In comes the converted HTML of a page, in which marks stand for citations and term links; out come
its places in reading order. ``Anchors`` gives them their addresses, whoever goes through them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from .figures import groups as groups_of
from .marks import find_marks, without_marks
from .model import Citation, CitationGroup, Library, Mark, Picture, TermLink
from .terms import find_term

HEADING = re.compile(r"<h([1-6])\b[^<>]*>")
_HEADERLINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_TAG = re.compile("<[^>]*>")


Place = tuple[str, str]  # what is mentioned, and the heading it stands under; none at the beginning


@dataclass(frozen=True, slots=True)
class Places:
    """What a page mentions, in reading order: sources by key, terms by slug."""

    sources: tuple[Place, ...] = ()
    terms: tuple[Place, ...] = ()
    groups: tuple[CitationGroup, ...] = ()


NOWHERE = Places()


class Anchors:
    """Gives the mentions of a page their ids: ``cite-KEY-1``, ``use-SLUG-1`` and so on."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def next(self, kind: str, name: str) -> str:
        """Return the id of the next mention; ``kind`` is ``cite`` or ``use``."""
        start = f"{kind}-{name}"
        number = self._counts[start] = self._counts.get(start, 0) + 1
        return f"{start}-{number}"


def find_places(html: str, marks: Sequence[Mark], library: Library) -> Places:
    """Return what a page mentions, in the order in which it is read."""
    if not marks:
        return NOWHERE
    sources: list[Place] = []
    terms: list[Place] = []
    groups: list[CitationGroup] = []
    sections = _sections(html)
    section, (ahead, following) = "", next(sections)
    for at, mark in find_marks(html, marks):
        while at > ahead:
            section, (ahead, following) = following, next(sections)
        cited: tuple[Citation, ...] = ()
        if isinstance(mark, TermLink):
            if slug := slug_of(mark, library):
                terms.append((slug, section))
        elif isinstance(mark, CitationGroup):
            groups.append(mark)
            cited = mark.citations
        elif isinstance(mark, Picture):
            found = groups_of(library.figures[mark.name])
            groups += found
            cited = found[0].citations  # with which the figure cites, see plate
        for citation in cited:
            if citation.key in library.sources:
                sources.append((citation.key, section))
    return Places(tuple(sources), tuple(terms), tuple(groups))


def _sections(html: str) -> Iterator[tuple[int, str]]:
    """Yield where each heading begins, and its words; the page's own title is no section."""
    for match in HEADING.finditer(html):
        end = html.find("</h", match.end())
        if end < 0:
            break
        title = "" if match[1] == "1" else html[match.end() : end]
        yield match.start(), _text(without_marks(_HEADERLINK.sub("", title)))
    yield len(html), ""


def title_in(html: str) -> str:
    """Return the words of a page's own title, its first heading of the first level; or none."""
    for match in HEADING.finditer(html):
        if match[1] == "1":
            title = html[match.end() : html.find("</h", match.end())]
            return _text(without_marks(_HEADERLINK.sub("", title)))
    return ""


def _text(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())


def slug_of(link: TermLink, library: Library) -> str:
    """Return the slug that a term link leads to, or nothing."""
    return "" if link.plain else find_term(link.target, library.names)
