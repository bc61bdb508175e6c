"""A recognised page becomes HTML: numbers, links, and the two lists at its foot.

In comes the finished string of a page in which a private character stands for each citation and
term link (``extension`` put it there), and the marks that they stand for. One pass in reading
order turns them into links. Knows neither MkDocs nor addresses: ``link`` says where a page lies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .csl import CslPage, place
from .locator import read_suffix
from .markup import Html, fill, fragment, join
from .model import (
    Block,
    Citation,
    CitationGroup,
    Library,
    Listing,
    Literal,
    Mark,
    Mention,
    Mode,
    TermLink,
)
from .places import MARKS, mark_of, mention_source, mention_term, slug_of
from .references import (
    AUTHOR_DATE,
    Bibliography,
    Link,
    write_all,
    write_references,
    write_terms,
    written_locator,
)
from .style import short_names

_TOKEN = re.compile(rf"<a[\s>]|</a>|{MARKS}")
_IN_TAG = re.compile(rf"<[^<>]*{MARKS}[^<>]*>")
_MARK = re.compile(rf"(\s?)({MARKS})")
# What a search index parses for nothing.
_INLINE = re.compile(r"</?(?:a|span)\b[^>]*>")
_ALONE = re.compile(rf"<p>({MARKS})</p>")


def shown_term(link: TermLink, library: Library) -> str:
    """Return the words that a term link shows: a bare slug shows the term's title."""
    term = library.terms.get(link.target)
    if link.shown != link.target or term is None or link.target in term.aliases:
        return link.shown
    return term.title


def plain(html: str, marks: tuple[Mark, ...], library: Library) -> str:
    """Return the page without marks, as a search index should read it."""

    def words(match: re.Match[str]) -> str:
        mark = mark_of(match[2], marks)
        if isinstance(mark, Block):
            return f"{match[1]}{_INLINE.sub('', mark.html)}"
        if isinstance(mark, Listing):
            return ""
        if isinstance(mark, CitationGroup):
            known = any(citation.key in library.sources for citation in mark.citations)
            return "" if known else f"{match[1]}{fill('{typed}', typed=mark.typed)}"
        typed = mark.typed if isinstance(mark, Literal) else shown_term(mark, library)
        return f"{match[1]}{fill('{typed}', typed=typed)}"

    return _MARK.sub(words, _unwrapped(html, marks)) if marks else html


def _unwrapped(html: str, marks: tuple[Mark, ...]) -> str:
    """Take the paragraph off a mark that stands for whole elements."""

    def alone(match: re.Match[str]) -> str:
        return match[1] if isinstance(mark_of(match[1], marks), Block | Listing) else match[0]

    return _ALONE.sub(alone, html)


@dataclass(slots=True)
class Rendering:
    """The state of one page's pass: what was cited, in reading order.

    ``listed`` says that the page ends with its references; ``has_terms`` that it holds the
    entries of the glossary itself.
    """

    bibliography: Bibliography
    marks: tuple[Mark, ...]
    link: Link
    listed: bool = True
    has_terms: bool = False
    formatted: CslPage | None = None
    cited: dict[str, list[Mention]] = field(default_factory=dict)
    terms: dict[str, list[Mention]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _groups: int = 0

    @property
    def ends_with_references(self) -> bool:
        """Say whether the page has a list of references at its foot."""
        placed = any(isinstance(mark, Listing) and not mark.whole for mark in self.marks)
        return self.listed and not placed and bool(self.cited)

    @property
    def library(self) -> Library:
        """The library behind the bibliography."""
        return self.bibliography.library

    def render(self, html: str) -> str:
        """Return the page with links in place of marks, and its lists at the foot."""
        if self.marks:
            html = self._links(_IN_TAG.sub(self._in_tag, _unwrapped(html, self.marks)))
        lists = Html()
        if not self.has_terms:
            lists += write_terms(self.terms, self.bibliography, self.link)
        entries = dict(self.formatted.entries) if self.formatted else {}
        references = write_references(self.cited, self.bibliography, entries)
        kinds = {mark.whole for mark in self.marks if isinstance(mark, Listing)}
        if kinds:
            html = self._listings(html, references)
        if self.ends_with_references:
            lists += references
        return f"{html}\n{lists}" if lists else html

    def _listings(self, html: str, references: Html) -> str:
        """Put the lists where the author wants them."""

        def listing(match: re.Match[str]) -> str:
            mark = mark_of(match[0], self.marks)
            if not (isinstance(mark, Listing) and mark.whole):
                return references
            prefix = "source" if self.listed else "ref"
            keys = self.bibliography.ordered(sorted(self.library.sources))
            return write_all(self.bibliography, keys, prefix)

        return re.sub(MARKS, listing, html)

    def _in_tag(self, match: re.Match[str]) -> str:
        """Put an author's text back where no markup can stand."""

        def typed(char: re.Match[str]) -> str:
            return fill("{typed}", typed=mark_of(char[0], self.marks).typed)

        return re.sub(MARKS, typed, match[0])

    def _links(self, html: str) -> str:
        out, at, open_links = [], 0, 0
        for match in _TOKEN.finditer(html):
            found = match[0]
            if found.startswith("<"):
                open_links = max(0, open_links + (1 if found.startswith("<a") else -1))
                continue
            out += [html[at : match.start()], self._mark(found, linked=open_links > 0)]
            at = match.end()
        return "".join((*out, html[at:]))

    def _mark(self, char: str, linked: bool) -> str:
        mark = mark_of(char, self.marks)
        if isinstance(mark, CitationGroup):
            return self._group(mark, linked)
        if isinstance(mark, TermLink):
            return self._term(mark, linked)
        if isinstance(mark, Block):
            return mark.html
        return char if isinstance(mark, Listing) else fill("{typed}", typed=mark.typed)

    def _group(self, group: CitationGroup, linked: bool) -> Html:
        known = [one for one in group.citations if one.key in self.library.sources]
        if not known:
            return fill('<span class="ap-missing">{typed}</span>', typed=group.typed)
        if self.formatted is not None:
            return self._styled(self.formatted.groups, group, linked)
        before = Html()
        first = group.citations[0]
        if first.mode is Mode.AUTHOR_IN_TEXT and first.key in self.library.sources:
            name = short_names(self.library.sources[first.key], self.bibliography.words)
            before = fill('<span class="ap-author">{name}</span> ', name=name)
        written = [self._citation(citation, linked) for citation in group.citations]
        by_author = self.bibliography.style == AUTHOR_DATE
        words = by_author or any(one.prefix or one.suffix for one in group.citations)
        return fill(
            '{before}<span class="ap-citation">{opening}{inside}{closing}</span>',
            before=before,
            opening="(" if by_author else "[",
            inside=join(written, "; " if words else ", "),
            closing=")" if by_author else "]",
        )

    def _styled(self, groups: tuple[Html, ...], group: CitationGroup, linked: bool) -> Html:
        """Return the next group as a CSL style has it, with the addresses of its mentions."""
        known = [one for one in group.citations if one.key in self.library.sources]
        waiting = list(known)

        def anchor(key: str) -> str:
            citation = next((one for one in waiting if one.key == key), Citation(key))
            waiting[:] = [one for one in waiting if one is not citation]
            return self._cite(citation).anchor

        placed = place(groups[self._groups], anchor, linked=linked)
        self._groups += 1
        unknown = [
            fill(' <span class="ap-missing">@{key}</span>', key=citation.key)
            for citation in group.citations
            if citation not in known
        ]
        template = '<span class="ap-citation">{placed}</span>{unknown}'
        return fill(template, placed=placed, unknown=join(unknown))

    def _citation(self, citation: Citation, linked: bool) -> Html:
        """Write a key with what stands around it."""
        if citation.key not in self.library.sources:
            core = fill('<span class="ap-missing">@{key}</span>', key=citation.key)
        else:
            mention = self._cite(citation)
            core = self._link(mention, "cite", self._label(citation), linked)
        read = read_suffix(citation.suffix)
        words = self.bibliography.words
        after = [written_locator(read.locator, read.bare, words), read.rest]
        return fill(
            "{prefix}{core}{after}",
            prefix=f"{citation.prefix} " if citation.prefix else "",
            core=core,
            after="".join(f", {text}" for text in after if text),
        )

    def _cite(self, citation: Citation) -> Mention:
        mention = mention_source(citation.key, citation.suffix, self._counts)
        self.cited.setdefault(citation.key, []).append(mention)
        return mention

    def _label(self, citation: Citation) -> str:
        """Return what stands for a source in the text: its number, or author and year."""
        if self.bibliography.style != AUTHOR_DATE:
            return str(self._numbers.setdefault(citation.key, len(self._numbers) + 1))
        names, year = self.bibliography.author_date(citation.key)
        return f"{names} {year}" if citation.mode is Mode.NORMAL else year

    def _link(self, mention: Mention, kind: str, label: str, linked: bool) -> Html:
        """Write a link to an entry at the foot; within another link there is only its address."""
        if linked:
            return fill('<span id="{id}">{label}</span>', id=mention.anchor, label=label)
        cited = kind == "cite"
        return fill(
            '<a class="ap-{kind}" role="{role}" id="{id}" href="{href}">{label}</a>',
            kind=kind,
            role="doc-biblioref" if cited else "doc-glossref",
            id=mention.anchor,
            href=self._address(mention.name) if cited else fragment(f"term-{mention.name}"),
            label=label,
        )

    def _address(self, key: str) -> str:
        """Return where a source's reference stands: on this page, else on that of the sources."""
        here = self.listed or any(isinstance(mark, Listing) for mark in self.marks)
        return (
            fragment(f"ref-{key}") if here else self.link("sources.md") + fragment(f"source-{key}")
        )

    def _term(self, link: TermLink, linked: bool) -> Html:
        if link.plain:
            return fill("{shown}", shown=link.shown)
        slug = slug_of(link, self.library)
        if not slug:
            return fill('<span class="ap-missing">{shown}</span>', shown=link.shown)
        mention = mention_term(slug, self._counts)
        self.terms.setdefault(slug, []).append(mention)
        return self._link(mention, "term", shown_term(link, self.library), linked)
