"""A recognised page becomes HTML: numbers, links, and the two lists at its foot.

In comes the page taken apart at its marks (see ``marks``), which ``extension`` put there. One pass
in reading order turns them into links. Knows neither MkDocs nor addresses: ``link`` says where a
page lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from .csl import CslPage, place
from .locator import read_suffix
from .marks import Pieces
from .markup import Html, escaped, fill, fragment, join
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
    Picture,
    TermLink,
)
from .places import Anchors, slug_of
from .plate import Plate, write_plate
from .record import data_path
from .references import (
    AUTHOR_DATE,
    Bibliography,
    Link,
    write_all,
    write_references,
    write_terms,
    written_locator,
)
from .terms import find_term

_NOTHING = Html()
_ANGLE = re.compile("[<>]")
_LINK_TAG = re.compile(r"<(/?)a(?=[\s>])")
# What a search index parses for nothing: tags in finished HTML, but for headings.
_TAGS = re.compile(r"(</?(?:a|dfn|span|time)\b[^>]*>)|<(?!/?(?:nav|details)\b)[^>]*>")
_SPAN = re.compile(r"</?span\b[^<>]*>")
_OPEN, _CLOSE = fill('<span class="ap-citation">['), fill("]</span>")
_OPEN_WORDS, _CLOSE_WORDS = fill('<span class="ap-citation">('), fill(")</span>")
_END, _END_PLACE = fill("</a>"), fill("</span>")


@lru_cache(maxsize=8192)
def _open_citation(anchor: str, href: str, linked: bool) -> Html:
    """Return the tag of a citation: the first one of a source is alike on many pages."""
    if not anchor:
        template = "<span>" if linked else '<a class="ap-cite" role="doc-biblioref" href="{href}">'
    elif linked:
        template = '<span id="{id}">'
    else:
        template = '<a class="ap-cite" role="doc-biblioref" id="{id}" href="{href}">'
    return fill(template, id=anchor, href=href)


@lru_cache(maxsize=8192)
def _term(anchor: str, href: str, label: str, linked: bool) -> Html:
    """Return a link to a term, which is alike on many pages."""
    template = '<a class="ap-term" role="doc-glossref" id="{id}" href="{href}">{label}</a>'
    template = '<span id="{id}">{label}</span>' if linked else template
    return fill(template, id=anchor, href=href, label=label)


def shown_term(link: TermLink, library: Library) -> str:
    """Return the words that a term link shows: a bare slug shows the term's title."""
    if link.found or link.shown != link.target:
        return link.shown
    term = library.terms.get(find_term(link.target, library.names))
    if term is None or link.target in term.aliases:
        return link.shown
    return term.title if link.target in (term.slug, *term.formerly) else link.shown


def plain(pieces: Pieces, library: Library) -> str:
    """Return the page without marks, as a search index should read it."""
    texts = list(pieces.texts)
    written = [_plain(mark, library) for mark in pieces.marks]
    for at, words in enumerate(written):
        if not words and texts[at][-1:].isspace():
            texts[at] = texts[at][:-1]
    html = Pieces(texts, pieces.marks).join(written)
    # To parse a tag takes an index longer than all that is done here for a citation, and code is
    # full of spans that mean nothing to it.
    return html if "data-search" in html else _SPAN.sub("", html)


def _plain(mark: Mark, library: Library) -> str:
    """Return a mark as plain words: none for a citation, of which a reader sees a number."""
    if isinstance(mark, CitationGroup):
        known = any(citation.key in library.sources for citation in mark.citations)
        return "" if known else escaped(mark.typed)
    if isinstance(mark, Block):
        return _TAGS.sub(lambda tag: "" if tag[1] else " ", mark.html)
    if isinstance(mark, Picture):
        figure = library.figures[mark.name]
        template = "<p>{title}</p>\n<p>{caption}</p>"
        return fill(template, title=figure.title, caption=figure.caption)
    if isinstance(mark, Listing):
        return ""
    words = shown_term(mark, library) if isinstance(mark, TermLink) else mark.typed
    return escaped(words)


def _surroundings(texts: Sequence[str]) -> Iterator[tuple[bool, bool]]:
    """Say of the mark behind each text whether it stands within a tag, and within a link."""
    in_tag = in_link = False
    for at, text in enumerate(texts[:-1]):
        opened, closed = text.rfind("<"), text.rfind(">")
        if opened != closed:  # else there is neither, and all is as before
            in_tag = opened > closed and _closes(texts, at + 1)
            for tag in _LINK_TAG.finditer(text):
                in_link = not tag[1]
        yield in_tag, in_link


def _closes(texts: Sequence[str], start: int) -> bool:
    """Say whether a tag that was opened before these texts ends in them."""
    found = (_ANGLE.search(text) for text in islice(texts, start, None))
    return next((match[0] == ">" for match in found if match), False)


@dataclass(slots=True)
class Rendering:
    """The state of one page's pass: what was cited, in reading order.

    ``listed`` says that the page ends with its references; ``has_terms`` that it holds the
    entries of the glossary itself. ``anchors`` are the ids of the figures.
    """

    bibliography: Bibliography
    pieces: Pieces
    link: Link
    listed: bool = True
    has_terms: bool = False
    formatted: CslPage | None = None
    drawings: Mapping[str, Html] = field(default_factory=dict)
    cited: dict[str, list[Mention]] = field(default_factory=dict)
    terms: dict[str, list[Mention]] = field(default_factory=dict)
    anchors: list[str] = field(default_factory=list)
    _anchors: Anchors = field(default_factory=Anchors)
    _numbers: dict[str, int] = field(default_factory=dict)
    _groups: int = 0

    @property
    def ends_with_references(self) -> bool:
        """Say whether the page has a list of references at its foot."""
        placed = any(isinstance(mark, Listing) and not mark.whole for mark in self.pieces.marks)
        return self.listed and not placed and bool(self.cited)

    @property
    def library(self) -> Library:
        """The library behind the bibliography."""
        return self.bibliography.library

    def render(self, before: Html = _NOTHING) -> str:
        """Return the page with links in place of marks, and its lists at the foot.

        ``before`` is what stands between the text and the lists.
        """
        marks = self.pieces.marks
        surroundings = _surroundings(self.pieces.texts)
        written = [
            self._mark(mark, *where) for mark, where in zip(marks, surroundings, strict=True)
        ]
        lists = before
        if not self.has_terms:
            lists += write_terms(self.terms, self.bibliography, self.link)
        entries = dict(self.formatted.entries) if self.formatted else {}
        references = write_references(self.cited, self.bibliography, entries)
        for at, mark in enumerate(marks):
            if isinstance(mark, Listing):
                written[at] = self._whole() if mark.whole else references
        if self.ends_with_references:
            lists += references
        html = self.pieces.join(written)
        return f"{html}\n{lists}" if lists else html

    def _whole(self) -> Html:
        """Return the list of all sources there are."""
        prefix = "source" if self.listed else "ref"
        keys = self.bibliography.ordered(sorted(self.library.sources))
        return write_all(self.bibliography, keys, prefix)

    def _mark(self, mark: Mark, in_tag: bool, in_link: bool) -> str:
        """Return a mark as HTML; the author's text where no markup can stand."""
        if isinstance(mark, Literal | Listing) or in_tag:
            return escaped(mark.typed)
        if isinstance(mark, CitationGroup):
            return self._group(mark, in_link)
        if isinstance(mark, Picture):
            return self._figure(mark)
        return self._term(mark, in_link) if isinstance(mark, TermLink) else mark.html

    def _figure(self, mark: Picture) -> Html:
        """Write a figure of the library."""
        figure = self.library.figures[mark.name]
        anchor = f"figure-{mark.name}"
        anchor += f"-{self.anchors.count(anchor) + 1}" * (anchor in self.anchors)
        self.anchors.append(anchor)
        drawing = self.drawings.get(mark.name, Html())
        plate = Plate(figure, anchor, drawing, self.link(data_path(figure.file)))
        return write_plate(
            plate,
            lambda group, counted: self._group(group, False, counted=counted),
            self.bibliography.words,
        )

    def _group(self, group: CitationGroup, linked: bool, *, counted: bool = True) -> Html:
        """Write a group; one that is not counted has no address, and nothing leads back to it."""
        sources = self.bibliography.library.sources
        if not any(one.key in sources for one in group.citations):
            return fill('<span class="ap-missing">{typed}</span>', typed=group.typed)
        if self.formatted is not None:
            return self._styled(self.formatted.groups, group, linked, counted)
        first = group.citations[0]
        before = _NOTHING
        if first.mode is Mode.AUTHOR_IN_TEXT and first.key in sources:
            before = self.bibliography.names(first.key)
        written = [self._citation(one, linked, counted) for one in group.citations]
        by_author = self.bibliography.style == AUTHOR_DATE
        inside = written[0]
        if written[1:]:
            words = by_author or any(one.prefix or one.suffix for one in group.citations)
            inside = join(written, "; " if words else ", ")
        if by_author:
            return join((before, _OPEN_WORDS, inside, _CLOSE_WORDS))
        return join((before, _OPEN, inside, _CLOSE))

    def _styled(
        self, groups: tuple[Html, ...], group: CitationGroup, linked: bool, counted: bool
    ) -> Html:
        """Return the next group as a CSL style has it, with the addresses of its mentions."""
        known = [one for one in group.citations if one.key in self.library.sources]
        waiting = list(known)

        def anchor(key: str) -> str:
            citation = next((one for one in waiting if one.key == key), Citation(key))
            waiting[:] = [one for one in waiting if one is not citation]
            return self._cite(citation).anchor if counted else ""

        placed = place(groups[self._groups], anchor, linked=linked)
        self._groups += 1
        unknown = [
            fill(' <span class="ap-missing">@{key}</span>', key=citation.key)
            for citation in group.citations
            if citation not in known
        ]
        template = '<span class="ap-citation">{placed}</span>{unknown}'
        return fill(template, placed=placed, unknown=join(unknown))

    def _citation(self, citation: Citation, linked: bool, counted: bool) -> Html:
        """Write a key with what stands around it."""
        if citation.key not in self.bibliography.library.sources:
            core = fill('<span class="ap-missing">@{key}</span>', key=citation.key)
        else:
            anchor = self._cite(citation).anchor if counted else ""
            opened = _open_citation(anchor, self._address(citation.key), linked)
            core = join((opened, escaped(self._label(citation)), _END_PLACE if linked else _END))
        if not citation.prefix and not citation.suffix:
            return core
        read = read_suffix(citation.suffix)
        where = written_locator(read.locator, read.bare, self.bibliography.words)
        before = f"{citation.prefix} " if citation.prefix else ""
        after = "".join([f", {text}" for text in (where, read.rest) if text])
        return join((escaped(before), core, escaped(after)))

    def _cite(self, citation: Citation) -> Mention:
        read = read_suffix(citation.suffix)
        anchor = self._anchors.next("cite", citation.key)
        mention = Mention(citation.key, anchor, read.locator, read.bare, read.passage)
        self.cited.setdefault(citation.key, []).append(mention)
        return mention

    def _label(self, citation: Citation) -> str:
        """Return what stands for a source in the text: its number, or author and year."""
        if self.bibliography.style != AUTHOR_DATE:
            return str(self._numbers.setdefault(citation.key, len(self._numbers) + 1))
        names, year = self.bibliography.author_date(citation.key)
        return f"{names} {year}" if citation.mode is Mode.NORMAL else year

    def _address(self, key: str) -> str:
        """Return where a source's reference stands: on this page, else on that of the sources."""
        if self.listed or any(isinstance(mark, Listing) for mark in self.pieces.marks):
            return fragment(f"ref-{key}")
        return self.link("sources.md") + fragment(f"source-{key}")

    def _term(self, link: TermLink, linked: bool) -> Html:
        if link.plain:
            return escaped(link.shown)
        library = self.bibliography.library
        slug = slug_of(link, library)
        if not slug:
            return fill('<span class="ap-missing">{shown}</span>', shown=link.shown)
        name = self._anchors.next("use", slug)
        self.terms.setdefault(slug, []).append(Mention(slug, name))
        return _term(name, fragment(f"term-{slug}"), shown_term(link, library), linked)
