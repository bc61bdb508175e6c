"""Who uses what: each source and each term, with the pages and sections that mention it.

In come the places of all pages, out comes an index, and the generated pages with the places
written into the empty ``ap-uses`` element of each entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from operator import attrgetter

from .markup import Html, escaped, fill, fragment, join
from .places import Anchors, Places
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
    """One mention: its page, the heading that it stands under, and its address there."""

    path: str
    section: str
    anchor: str


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
        anchors = Anchors()
        for kind, index, found in (("cite", sources, places.sources), ("use", terms, places.terms)):
            for name, section in found:
                use = Use(path, section, anchors.next(kind, name))
                index.setdefault(name, []).append(use)
    return Uses(sources, terms, titles)


def fill_uses(html: str, uses: Uses, link: Link, own: str, words: Words) -> str:
    """Write the places that use each entry into a generated page; ``own`` is its path.

    Sources that nothing cites are moved to a list of their own, at the end.
    """
    names = {path: escaped(title) for path, title in uses.titles.items()}
    pages = {path: fill('<a href="{href}#', href=link(path)) for path in names}

    def places(match: re.Match[str]) -> str:
        index = uses.sources if match[1] == "source" else uses.terms
        found = [use for use in index.get(unescape(match[2]), ()) if use.path != own]
        if not found:
            return ""
        form = words.cited_in if match[1] == "source" else words.used_in
        written = [
            _page(pages[path], names[path], list(used))
            for path, used in groupby(found, key=_path_of)
        ]
        return fill(f'<span class="ap-uses">{form}</span>', pages=join(written, "; "))

    return _USES.sub(places, _idle_apart(html, uses, words))


def _idle_apart(html: str, uses: Uses, words: Words) -> str:
    idle = [match[0] for match in _ENTRY.finditer(html) if unescape(match[1]) not in uses.sources]
    if not idle:
        return html
    kept = _ENTRY.sub(lambda match: match[0] if unescape(match[1]) in uses.sources else "", html)
    title = fill('<h2 id="never-cited">{title}</h2>', title=words.never_cited)
    return f'{kept}\n{title}\n<ul class="ap-bibliography">\n{"".join(idle)}</ul>\n'


def _page(opened: Html, name: Html, used: list[Use]) -> Html:
    """Name a page and, under it, each section that uses the entry, the first place linked.

    ``opened`` is the tag of a link to the page, as far as its fragment.
    """
    sections: dict[str, list[Use]] = {}
    for use in used:
        sections.setdefault(use.section, []).append(use)
    links = [
        join((opened, escaped(fragment(found[0].anchor)[1:]), _END, escaped(section) or name, _CLOSE))
        + (Html(f" ({len(found)})") if found[1:] else _NOTHING)
        for section, found in sections.items()
    ]
    return links[0] if list(sections) == [""] else join((name, _COLON, join(links, ", ")))
