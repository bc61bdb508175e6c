"""Who uses what: each source and each term, with the pages and sections that mention it.

In come the places of all pages, out comes an index, and the generated pages with the places
written into the empty ``ap-uses`` element of each entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape

from .markup import Html, fill, fragment, join
from .places import Place, Places
from .references import Link
from .words import Words

_USES = re.compile(r'<span class="ap-uses" data-(source|term)="([^"]*)"></span>')
_ENTRY = re.compile(
    r'<li id="source-[^\n]*<span class="ap-uses" data-source="([^"]*)">[^\n]*</li>\n'
)


@dataclass(frozen=True, slots=True)
class Use:
    """The places of one page that use a source or a term."""

    path: str
    title: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """Who uses each source, by key, and each term, by slug."""

    sources: Mapping[str, list[Use]]
    terms: Mapping[str, list[Use]]


def index_uses(pages: Iterable[tuple[str, str, Places]]) -> Uses:
    """Return who uses what; of each page its path, its title and its places."""
    sources: dict[str, list[Use]] = {}
    terms: dict[str, list[Use]] = {}
    for path, title, places in pages:
        for index, found in ((sources, places.sources), (terms, places.terms)):
            grouped: dict[str, list[Place]] = {}
            for place in found:
                grouped.setdefault(place.mention.name, []).append(place)
            for name, own in grouped.items():
                index.setdefault(name, []).append(Use(path, title, tuple(own)))
    return Uses(sources, terms)


def fill_uses(html: str, uses: Uses, link: Link, own: str, words: Words) -> str:
    """Write the places that use each entry into a generated page; ``own`` is its path.

    Sources that nothing cites are moved to a list of their own, at the end.
    """

    def places(match: re.Match[str]) -> str:
        index = uses.sources if match[1] == "source" else uses.terms
        found = [use for use in index.get(unescape(match[2]), ()) if use.path != own]
        if not found:
            return ""
        text = words.cited_in if match[1] == "source" else words.used_in
        pages = join((_use(use, link) for use in found), "; ")
        return fill(f'<span class="ap-uses">{text}</span>', pages=pages)

    return _USES.sub(places, _idle_apart(html, uses, words))


def _idle_apart(html: str, uses: Uses, words: Words) -> str:
    idle = [match[0] for match in _ENTRY.finditer(html) if unescape(match[1]) not in uses.sources]
    if not idle:
        return html
    kept = _ENTRY.sub(lambda match: match[0] if unescape(match[1]) in uses.sources else "", html)
    title = fill('<h2 id="never-cited">{title}</h2>', title=words.never_cited)
    return f'{kept}\n{title}\n<ul class="ap-bibliography">\n{"".join(idle)}</ul>\n'


def _use(use: Use, link: Link) -> Html:
    """Name a page and, under it, each section that uses the entry, the first place linked."""
    sections: dict[str, list[Place]] = {}
    for place in use.places:
        sections.setdefault(place.section, []).append(place)
    links = [
        fill(
            '<a href="{href}">{title}</a>{times}',
            href=link(use.path) + fragment(found[0].mention.anchor),
            title=section or use.title,
            times=f" ({len(found)})" if len(found) > 1 else "",
        )
        for section, found in sections.items()
    ]
    if list(sections) == [""]:
        return links[0]
    return fill("{title}: {links}", title=use.title, links=join(links, ", "))
