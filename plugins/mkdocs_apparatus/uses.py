"""Who uses what: each source and each term, with the pages and sections that mention it.

In come the places of all pages, out comes an index, and the generated pages with the places
written into the empty ``ap-uses`` element of each entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from operator import attrgetter

from .markup import Html, escaped, fill, fragment, join
from .places import Places
from .references import Link
from .words import Words

_USES = re.compile(r'<span class="ap-uses" data-(source|term)="([^"]*)"></span>')
_END, _CLOSE, _COLON, _NOTHING = fill('">'), fill("</a>"), fill(": "), Html()
_path_of = attrgetter("path")
_ENTRY = re.compile(
    r'<li id="source-[^\n]*<span class="ap-uses" data-source="([^"]*)">[^\n]*</li>\n'
)


@dataclass(frozen=True, slots=True)
class Use:
    """One mention: its page, the heading that it stands under, and which one it is there."""

    path: str
    section: str
    number: int


@dataclass(frozen=True, slots=True)
class Uses:
    """The uses of each source, by key, and of each term, by slug, page by page.

    ``titles`` names the pages by their paths.
    """

    sources: Mapping[str, list[Use]]
    terms: Mapping[str, list[Use]]
    titles: Mapping[str, str]


def index_uses(pages: Iterable[tuple[str, str, Places]]) -> Uses:
    """Return who uses what; of each page its path, its title and its places."""
    sources: dict[str, list[Use]] = {}
    terms: dict[str, list[Use]] = {}
    titles: dict[str, str] = {}
    for path, title, places in pages:
        titles[path] = title
        for index, found in ((sources, places.sources), (terms, places.terms)):
            counts: dict[str, int] = {}
            for name, section in found:
                number = counts[name] = counts.get(name, 0) + 1
                index.setdefault(name, []).append(Use(path, section, number))
    return Uses(sources, terms, titles)


def fill_uses(html: str, uses: Uses, link: Link, own: str, words: Words) -> Iterator[str]:
    """Write the places that use each entry into a generated page, and yield it part by part.

    ``own`` is its path. Sources that nothing cites are moved to a list of their own, at the end.
    """
    names = {path: escaped(title) for path, title in uses.titles.items()}
    pages = {path: fill('<a href="{href}', href=link(path)) for path in names}
    html = _idle_apart(html, uses, words)
    at = 0
    for match in _USES.finditer(html):
        yield html[at : match.start()]
        at = match.end()
        kind, name = match[1], unescape(match[2])
        index = uses.sources if kind == "source" else uses.terms
        found = [use for use in index.get(name, ()) if use.path != own]
        if not found:
            continue
        start = escaped(fragment(f"{'cite' if kind == 'source' else 'use'}-{name}-"))
        written = [
            _page(pages[path] + start, names[path], list(used))
            for path, used in groupby(found, key=_path_of)
        ]
        form = words.cited_in if kind == "source" else words.used_in
        yield fill(f'<span class="ap-uses">{form}</span>', pages=join(written, "; "))
    yield html[at:]


def _idle_apart(html: str, uses: Uses, words: Words) -> str:
    idle = [match[0] for match in _ENTRY.finditer(html) if unescape(match[1]) not in uses.sources]
    if not idle:
        return html
    kept = _ENTRY.sub(lambda match: match[0] if unescape(match[1]) in uses.sources else "", html)
    title = fill('<h2 id="never-cited">{title}</h2>', title=words.never_cited)
    return f'{kept}\n{title}\n<ul class="ap-bibliography">\n{"".join(idle)}</ul>\n'


def _page(start: Html, name: Html, used: list[Use]) -> Html:
    """Name a page and, under it, each section that uses the entry, the first place linked.

    ``start`` is the tag of a link to one of the places, up to its number.
    """
    if not used[1:]:  # mostly
        link = join((start, Html(used[0].number), _END, escaped(used[0].section) or name, _CLOSE))
        return join((name, _COLON, link)) if used[0].section else link
    sections: dict[str, list[Use]] = {}
    for use in used:
        sections.setdefault(use.section, []).append(use)
    links = [
        join((start, Html(found[0].number), _END, escaped(section) or name, _CLOSE))
        + (Html(f" ({len(found)})") if found[1:] else _NOTHING)
        for section, found in sections.items()
    ]
    return links[0] if list(sections) == [""] else join((name, _COLON, join(links, ", ")))
