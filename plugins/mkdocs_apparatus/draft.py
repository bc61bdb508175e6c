"""A generated page in the making: Markdown, and marks for what is finished HTML in it.

Knows the forms that all generated pages share: an entry with an address, a list to find entries
by. Not what they are about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .marks import OWN, write_mark
from .markup import Html, fill, fragment, join
from .model import Block, Literal, Mark
from .words import Words

_OWN = re.compile(f"[{OWN}]")


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that have something in common: a value, its label, and the links to them."""

    value: str
    label: Html
    links: tuple[Html, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An element with an address: a head, a body in Markdown (see ``Draft.own``) and a foot.

    By ``values`` the page can be cut to the entries that have one of them.
    """

    kind: str
    name: str
    head: Html
    body: str
    foot: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The marks of a page so far."""

    words: Words
    marks: list[Mark] = field(default_factory=list)

    def block(self, html: Html, begins: str = "") -> str:
        """Return what stands for a piece of HTML; ``begins`` is the id of an entry in it."""
        return self._mark(Block(html, begins=begins))

    def _mark(self, mark: Mark) -> str:
        self.marks.append(mark)
        return write_mark(len(self.marks) - 1)

    def own(self, text: str) -> str:
        """Return an author's Markdown, in which what looks like a mark is kept apart from ours."""
        if text.isascii():
            return text
        return _OWN.sub(lambda match: self._mark(Literal(match[0])), text)

    def entry(self, entry: Entry) -> Iterator[str]:
        """Yield an entry."""
        data = fill(' data-ap-values="{values}"', values="|".join(entry.values))
        opening = fill(
            '<div class="{kind}" id="{id}"{data}>\n{head}',
            kind=entry.kind,
            id=entry.name,
            data=data if entry.values else Html(),
            head=entry.head,
        )
        yield self.block(opening, entry.name)
        yield entry.body
        if entry.foot:
            yield self.inline("ap-more", entry.foot)
        yield self.block(fill("</div>"))

    def inline(self, kind: str, markdown: str) -> str:
        """Return Markdown within an inline element."""
        opening = self.block(fill('<span class="{kind}">', kind=kind))
        return f"{opening}{markdown}{self.block(fill('</span>'))}"

    def part(self, content: Iterable[str]) -> Iterator[str]:
        """Yield a heading with its entries as one, so that it can go when all of them are gone."""
        yield self.block(fill('<div class="ap-part">'))
        yield from content
        yield self.block(fill("</div>"))

    def contents(self, name: str, title: str, entries: str, groups: Iterable[Group]) -> str:
        """Return a list of entries by what they have in common; a script makes a filter of it.

        ``entries`` is the class of what is filtered; search engines of the site pass it by.
        """
        lists = [
            fill(
                '<details data-ap-value="{value}"><summary>{label} '
                '<span class="ap-count">{count}</span></summary>\n'
                '<ul id="{id}">\n{links}</ul></details>\n',  # within: a link to it opens the list
                id=f"{name}-{address(group.value)}",
                value=group.value,
                label=group.label,
                count=str(len(group.links)),
                links=join(fill("<li>{link}</li>\n", link=link) for link in group.links),
            )
            for group in groups
        ]
        return self.block(
            fill(
                '<nav class="ap-contents" aria-labelledby="{id}" data-search-exclude '
                'data-ap-filter="{entries}" data-ap-only="{only}" data-ap-all="{all}" '
                'data-ap-shown="{shown}">\n<p class="ap-contents-title" id="{id}">{title}</p>\n'
                "{lists}</nav>",
                id=f"by-{name}",
                entries=entries,
                only=self.words.show_only,
                all=self.words.show_all,
                shown=self.words.shown,
                title=title,
                lists=join(lists),
            )
        )


def address(value: str) -> str:
    """Return a value as a part of an address."""
    return re.sub(r"\W+", "-", value.casefold()).strip("-")


def link_to(name: str, text: str) -> Html:
    """Return a link to an element of the same page."""
    return fill('<a href="{href}">{text}</a>', href=fragment(name), text=text)
