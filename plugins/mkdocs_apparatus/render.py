"""A recognised page becomes HTML: numbers, links, references, terms.

In comes the finished string of a page in which a private character stands for each citation and
term link (``extension`` put it there), and the marks that they stand for; one pass in reading
order gives numbers and writes the lists. ``fill`` is the one place where values meet markup.
Knows neither MkDocs nor addresses: ``link`` says where a page of the site lies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from markupsafe import Markup

from .library import fold
from .model import Citation, CitationGroup, Library, Literal, Mark, Mention, Mode, Source, TermLink
from .style import Part, address, notes, reference, short_names
from .syntax import split_suffix

FIRST_MARK = 0x100000  # plane 16 is private; fonts of icons use plane 15
LAST_MARK = 0x107FFF  # the rest of the plane stamps positions, see extension.py
MARKS = f"[{chr(FIRST_MARK)}-{chr(LAST_MARK)}]"

_TOKEN = re.compile(rf"<(/?)(\w+)?[^>]*>|{MARKS}")
_MARK = re.compile(rf"(\s?)({MARKS})")
_DASH = re.compile(r"(?<=\d)-{1,2}(?=\d)")
_USES = re.compile(r'<span class="ap-uses" data-(source|term)="([^"]*)"></span>')

Link = Callable[[str], str]
Places = Mapping[str, Iterable[tuple[str, str, int]]]


def fill(template: str, **values: str | Markup) -> Markup:
    """Write values into a template of HTML: all of them are escaped, but for finished markup."""
    return Markup(template).format(**values)  # noqa: S704 # the templates are this package's own


def fragment(prefix: str, name: str) -> str:
    """Return the link to an element whose id is a prefix and a key or slug."""
    return f"#{quote(f'{prefix}-{name}', safe='-._~:/')}"


def shown_term(link: TermLink, library: Library) -> str:
    """Return the words that a term link shows: a bare slug shows the term's title."""
    term = library.terms.get(link.target)
    if link.shown != link.target or term is None or link.target in term.aliases:
        return link.shown
    return term.title


def plain(html: str, marks: tuple[Mark, ...], library: Library) -> str:
    """Return the page without marks, as a search index should read it."""

    def words(match: re.Match[str]) -> str:
        mark = marks[ord(match[2]) - FIRST_MARK]
        if isinstance(mark, CitationGroup):
            known = any(citation.key in library.sources for citation in mark.citations)
            return "" if known else f"{match[1]}{fill('{typed}', typed=mark.typed)}"
        typed = mark.typed if isinstance(mark, Literal) else shown_term(mark, library)
        return f"{match[1]}{fill('{typed}', typed=typed)}"

    return _MARK.sub(words, html)


class Bibliography:
    """The references of a library, each written once, when it is first cited."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._written: dict[str, Markup] = {}

    def reference(self, key: str) -> Markup:
        """Return a source's reference, with what helps to weigh it, as HTML."""
        if key not in self._written:
            source = self.library.sources[key]
            self._written[key] = _block("ap-reference", reference(source)) + _block(
                "ap-notes", notes(source)
            )
        return self._written[key]


def _block(name: str, parts: tuple[Part, ...]) -> Markup:
    if not parts:
        return Markup()
    written = Markup().join(map(_part, parts))
    return fill('<span class="{name}">{written}</span> ', name=name, written=written)


def _part(part: Part) -> Markup:
    if not part.role:
        return fill("{text}", text=part.text)
    lang = fill(' lang="{lang}"', lang=part.lang) if part.lang else Markup()
    if not part.href:
        template = '<span class="ap-{role}"{lang}>{text}</span>'
        return fill(template, role=part.role, lang=lang, text=part.text)
    template = '<a class="ap-{role}" href="{href}"{lang} rel="noreferrer">{text}</a>'
    return fill(template, role=part.role, href=part.href, lang=lang, text=part.text)


def passage_link(source: Source, passage: str) -> str:
    """Return the address of a few words in a source: a text fragment (WICG, scroll to text).

    ``first words … last words`` becomes a range.
    """
    page = address(source)
    if not page:
        return ""
    ends = [part.strip() for part in re.split(r"…|\.\.\.", passage) if part.strip()]
    words = ",".join(quote(part, safe="").replace("-", "%2D") for part in ends[:1] + ends[1:][-1:])
    return f"{page}{'' if '#' in page else '#'}:~:text={words}"


@dataclass(slots=True)
class Rendering:
    """The state of one page's pass: what was cited, in reading order."""

    library: Library
    bibliography: Bibliography
    marks: tuple[Mark, ...]
    link: Link
    has_entries: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    cited: dict[str, list[Mention]] = field(default_factory=dict)
    terms: dict[str, list[Mention]] = field(default_factory=dict)

    def render(self, html: str) -> str:
        """Return the page with links in place of marks, and its two lists at the foot."""
        out, at, open_links = [], 0, 0
        for match in _TOKEN.finditer(html):
            out.append(html[at : match.start()])
            at = match.end()
            token = match[0]
            if not token.startswith("<"):
                out.append(self._mark(token, linked=open_links > 0))
                continue
            if match[2] == "a":
                open_links = max(0, open_links + (-1 if match[1] else 1))
            out.append(re.sub(MARKS, self._typed, token))
        out.append(html[at:])
        lists = self._terms() + self._references()
        return "".join((*out, "\n" if lists else "", lists))

    def _typed(self, match: re.Match[str]) -> str:
        """Put an author's text back where no markup can stand."""
        return fill("{typed}", typed=self.marks[ord(match[0]) - FIRST_MARK].typed)

    def _mark(self, char: str, linked: bool) -> Markup:
        mark = self.marks[ord(char) - FIRST_MARK]
        if isinstance(mark, CitationGroup):
            return self._group(mark, linked)
        if isinstance(mark, TermLink):
            return self._term(mark, linked)
        return fill("{typed}", typed=mark.typed)

    def _group(self, group: CitationGroup, linked: bool) -> Markup:
        if not any(citation.key in self.library.sources for citation in group.citations):
            return fill('<span class="ap-missing">{typed}</span>', typed=group.typed)
        first, *more = group.citations
        before = Markup()
        if first.mode is Mode.AUTHOR_IN_TEXT and first.key in self.library.sources:
            name = short_names(self.library.sources[first.key])
            before = fill('<span class="ap-author">{name}</span> ', name=name)
        written = [self._citation(citation, linked) for citation in (first, *more)]
        words = any(citation.prefix or citation.suffix for citation in group.citations)
        inside = (Markup("; ") if words else Markup(", ")).join(written)
        return fill(
            '{before}<span class="ap-citation">[{inside}]</span>', before=before, inside=inside
        )

    def _citation(self, citation: Citation, linked: bool) -> Markup:
        key = citation.key
        locator, passage = split_suffix(citation.suffix)
        prefix = fill("{prefix} ", prefix=citation.prefix) if citation.prefix else Markup()
        after = fill(", {locator}", locator=_DASH.sub("–", locator)) if locator else Markup()
        if key not in self.library.sources:
            core = fill('<span class="ap-missing">@{key}</span>', key=key)
            return prefix + core + after
        mentions = self.cited.setdefault(key, [])
        mention = Mention(key, f"cite-{key}-{len(mentions) + 1}", locator, passage)
        mentions.append(mention)
        number = str(self.numbers.setdefault(key, len(self.numbers) + 1))
        if linked:
            core = fill('<span id="{id}">{number}</span>', id=mention.anchor, number=number)
        else:
            core = fill(
                '<a class="ap-cite" role="doc-biblioref" id="{id}" href="{href}">{number}</a>',
                id=mention.anchor,
                href=fragment("ref", key),
                number=number,
            )
        return prefix + core + after

    def _term(self, link: TermLink, linked: bool) -> Markup:
        slug = self.library.names.get(fold(link.target))
        if link.plain:
            return fill("{shown}", shown=link.shown)
        if slug is None:
            return fill('<span class="ap-missing">{shown}</span>', shown=link.shown)
        mentions = self.terms.setdefault(slug, [])
        mention = Mention(slug, f"use-{slug}-{len(mentions) + 1}")
        mentions.append(mention)
        shown = shown_term(link, self.library)
        if linked:
            return fill('<span id="{id}">{shown}</span>', id=mention.anchor, shown=shown)
        return fill(
            '<a class="ap-term" role="doc-glossref" id="{id}" href="{href}">{shown}</a>',
            id=mention.anchor,
            href=fragment("term", slug),
            shown=shown,
        )

    def _references(self) -> Markup:
        if not self.cited:
            return Markup()
        return fill(
            '<section class="ap-references" role="doc-bibliography" '
            'aria-labelledby="ap-references">\n<h2 id="ap-references">References</h2>\n'
            "<ol>\n{entries}</ol>\n</section>\n",
            entries=Markup().join(self._reference(key) for key in self.cited),
        )

    def _reference(self, key: str) -> Markup:
        return fill(
            '<li id="{id}">{reference}<span class="ap-backlinks">{backlinks}</span></li>\n',
            id=f"ref-{key}",
            reference=self.bibliography.reference(key),
            backlinks=Markup(" ").join(
                self._backlink(index, mention) for index, mention in enumerate(self.cited[key])
            ),
        )

    def _backlink(self, index: int, mention: Mention) -> Markup:
        letter = letters(index)
        link = fill(
            '<a class="ap-backlink" role="doc-backlink" href="{href}" '
            'aria-label="Back to {place} {letter}">{letter}</a>',
            place="citation" if mention.anchor.startswith("cite-") else "mention",
            href=f"#{quote(mention.anchor, safe='-._~:/')}",
            letter=letter,
        )
        source = self.library.sources.get(mention.name)
        href = passage_link(source, mention.passage) if source and mention.passage else ""
        if not mention.passage:
            return link
        words = fill("“{passage}”", passage=mention.passage)
        if not href:
            return link + fill(' <q class="ap-passage">{words}</q>', words=mention.passage)
        template = ' <a class="ap-passage" href="{href}" rel="noreferrer">{words}</a>'
        return link + fill(template, href=href, words=words)

    def _terms(self) -> Markup:
        """Return the list of terms, unless the page itself holds their entries."""
        if not self.terms or self.has_entries:
            return Markup()
        return fill(
            '<section class="ap-terms" aria-labelledby="ap-terms">\n<details>\n'
            '<summary id="ap-terms">Terms on this page</summary>\n'
            "<ul>\n{entries}</ul>\n</details>\n</section>\n",
            entries=Markup().join(map(self._term_entry, sorted(self.terms))),
        )

    def _term_entry(self, slug: str) -> Markup:
        term = self.library.terms[slug]
        return fill(
            '<li id="{id}"><a class="ap-headword" href="{href}">{title}</a> '
            '<span class="ap-summary">{summary}</span> '
            '<span class="ap-backlinks">{backlinks}</span></li>\n',
            id=f"term-{slug}",
            href=self.link("glossary.md") + fragment("term", slug),
            title=term.title,
            summary=term.summary,
            backlinks=Markup(" ").join(
                self._backlink(index, mention) for index, mention in enumerate(self.terms[slug])
            ),
        )


def letters(index: int) -> str:
    """Return the name of a back-link: a to z, then aa, ab and so on.

    >>> letters(0), letters(25), letters(26)
    ('a', 'z', 'aa')
    """
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("a") + rest) + name
    return name


def count_uses(pages: Mapping[str, tuple[str, tuple[Mark, ...]]], library: Library) -> Places:
    """Return, for ``source:KEY`` and ``term:SLUG``, the pages that use it: path, title, times.

    ``pages`` maps a path to the page's title and marks.
    """
    uses: dict[str, list[tuple[str, str, int]]] = {}
    for path, (title, marks) in pages.items():
        counts: Counter[str] = Counter()
        for mark in marks:
            if isinstance(mark, CitationGroup):
                counts.update(f"source:{citation.key}" for citation in mark.citations)
            elif isinstance(mark, TermLink) and not mark.plain:
                counts[f"term:{library.names.get(fold(mark.target))}"] += 1
        for name, times in counts.items():
            uses.setdefault(name, []).append((path, title, times))
    return uses


def fill_uses(html: str, uses: Places, link: Link, own: str) -> str:
    """Write the places that use each entry into a generated page; ``own`` is its path."""

    def places(match: re.Match[str]) -> str:
        name = f"{match[1]}:{Markup(match[2]).unescape()}"  # noqa: S704 # only read, not written
        found = [place for place in uses.get(name, ()) if place[0] != own]
        if not found:
            return ""
        written = Markup(", ").join(
            fill(
                '<a href="{href}">{title}</a>{times}',
                href=link(path),
                title=title,
                times=f" ({times})" if times > 1 else "",
            )
            for path, title, times in found
        )
        verb = "Cited in" if match[1] == "source" else "Used in"
        return fill('<span class="ap-uses">{verb}: {places}</span>', verb=verb, places=written)

    return _USES.sub(places, html)
