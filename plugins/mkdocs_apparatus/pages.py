"""The generated pages: sources, glossary, timeline and the annotated article, as Markdown.

What is made of values is finished HTML, written by ``markup.fill``: in the Markdown a mark stands
for it, as for a citation, so nothing reads it again. The bodies of terms and claims are Markdown
and cite like any page. The places that use an entry are not known yet: each entry holds an empty
``ap-uses`` element, which ``uses`` fills when every page was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from .marks import OWN, write_mark
from .markup import Html, fill, fragment, join
from .model import Block, Claim, Library, Literal, Mark, Source, Term
from .references import Bibliography
from .syntax import find_groups
from .words import Words, written_date

PATHS = ("sources.md", "glossary.md", "timeline.md", "claims.md")
# Each kind, and the name of its heading among the words.
SOURCE_KINDS = {
    "primary": "primary_sources",
    "news": "news_sources",
    "analysis": "analysis_sources",
    "reference": "reference_sources",
    "": "other_sources",
}
TERM_KINDS = {
    "concept": "concepts",
    "person": "people",
    "organisation": "organisations",
    "law": "laws",
    "place": "places",
    "event": "events",
}
_OWN = re.compile(f"[{OWN}]")
# The shape tells the verdicts apart where colour does not.
VERDICTS = {
    "supported": "●",
    "nuanced": "◐",
    "imprecise": "◇",
    "wrong": "✕",
    "unverifiable": "?",
}


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated page: its Markdown, and what its marks stand for."""

    markdown: str
    marks: tuple[Mark, ...]


def generate(
    bibliography: Bibliography, titles: Mapping[str, str], heads: Mapping[str, str]
) -> dict[str, Generated]:
    """Return each generated page by its path.

    ``titles`` maps the paths of the site's pages to their titles; ``heads`` holds what authors
    wrote for the beginning of a generated page, front matter and all.
    """
    words = bibliography.words
    bodies: dict[str, tuple[str, Callable[[_Page], Iterator[str]]]] = {
        "sources.md": (f"# {words.sources_title}\n\n{words.sources_intro}", _Page.sources),
        "glossary.md": (f"# {words.glossary_title}\n\n{words.glossary_intro}", _Page.glossary),
        "timeline.md": (f"# {words.timeline_title}\n\n{words.timeline_intro}", _Page.timeline),
        "claims.md": (f"# {words.claims_title}\n\n{words.claims_intro}", _Page.claims),
    }
    made = {}
    for path, (usual, body) in bodies.items():
        page = _Page(bibliography, titles, [])
        head = page.own(heads.get(path, usual).rstrip())
        markdown = "\n\n".join((head, *body(page)))
        made[path] = Generated(f"{markdown}\n", tuple(page.marks))
    return made


@dataclass(frozen=True, slots=True)
class _Page:
    """What a generated page is made from, and the marks in it so far."""

    bibliography: Bibliography
    titles: Mapping[str, str]
    marks: list[Mark]

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

    def entry(self, kind: str, name: str, head: Html, body: str, foot: str) -> Iterator[str]:
        """Yield an element with an address around a head, a body in Markdown and a foot."""
        opening = '<div class="{kind}" id="{id}">\n{head}'
        yield self.block(fill(opening, kind=kind, id=name, head=head), name)
        yield self.own(body)
        if foot:
            yield self.inline("ap-more", foot)
        yield self.block(fill("</div>"))

    def inline(self, kind: str, markdown: str) -> str:
        """Return Markdown within an inline element."""
        opening = self.block(fill('<span class="{kind}">', kind=kind))
        return f"{opening}{markdown}{self.block(fill('</span>'))}"

    @property
    def library(self) -> Library:
        return self.bibliography.library

    @property
    def words(self) -> Words:
        return self.bibliography.words

    def sources(self) -> Iterator[str]:
        for kind, heading in SOURCE_KINDS.items():
            found = [source for source in self.library.sources.values() if source.kind == kind]
            if found:
                yield f"## {getattr(self.words, heading)}"
                found.sort(key=lambda one: (one.date or "9999", one.key))
                entries = join(map(self._source, found))
                html = fill('<ul class="ap-bibliography">\n{entries}</ul>', entries=entries)
                yield self.block(html)

    def _source(self, source: Source) -> Html:
        """Write an entry on one line, so that ``uses`` can tell it from the next."""
        return fill(
            '<li id="{id}">{reference}<span class="ap-uses" data-source="{key}"></span></li>\n',
            id=f"source-{source.key}",
            reference=self.bibliography.reference(source.key),
            key=source.key,
        )

    def glossary(self) -> Iterator[str]:
        for kind, heading in TERM_KINDS.items():
            found = [term for term in self.library.terms.values() if term.kind == kind]
            if found:
                yield f"## {getattr(self.words, heading)}"
            for term in sorted(found, key=lambda one: (one.date, one.title.casefold())):
                name = f"term-{term.slug}"
                foot = self._foot(term)
                yield from self.entry("ap-entry", name, self._headword(term), term.body, foot)

    def _headword(self, term: Term) -> Html:
        aliases = ", ".join(term.aliases)
        also = self.words.also.format(aliases=aliases) if aliases else ""
        return fill(
            '<p class="ap-entry-title"><dfn>{title}</dfn>{date}{also}</p>\n'
            '<p class="ap-summary">{summary}</p>',
            title=term.title,
            date=_note("ap-when", self._when(term)),
            also=_note("ap-aliases", also),
            summary=term.summary,
        )

    def _foot(self, term: Term) -> str:
        terms = self.library.terms
        see = [
            fill(
                '<a href="{href}">{title}</a>',
                href=fragment(f"term-{slug}"),
                title=terms[slug].title,
            )
            for slug in term.see
            if slug in terms
        ]
        parts = [
            self.block(fill(self.words.see_also, terms=join(see, ", "))) if see else "",
            self._explainer(term.explainer),
        ]
        uses = fill('<span class="ap-uses" data-term="{slug}"></span>', slug=term.slug)
        return f"{' · '.join(filter(None, parts))}{self.block(uses)}"

    def timeline(self) -> Iterator[str]:
        events = sorted(
            (term for term in self.library.terms.values() if term.kind == "event" and term.date),
            key=lambda one: (one.date, one.slug),
        )
        for year, found in groupby(events, key=lambda one: one.date[:4]):
            yield f"## {year}"
            for term in found:
                summary = f"{escape(term.summary)} {_citations(term.body)}".strip()
                foot = self._explainer(term.explainer)
                name = f"event-{term.slug}"
                yield self.block(fill('<div class="ap-event" id="{id}">', id=name), name)
                yield self.inline("ap-entry-title", self._event(term))
                yield summary
                if foot:
                    yield self.inline("ap-more", foot)
                yield self.block(fill("</div>"))

    def _event(self, term: Term) -> str:
        date = self._when(term)
        when = fill('<time datetime="{iso}">{date}</time> ', iso=term.date, date=date)
        address = f"glossary.md{fragment(f'term-{term.slug}')}"
        return f"{self.block(when)}[{escape(term.title)}]({address})"

    def _when(self, term: Term) -> str:
        days = [written_date(day, self.words) for day in (term.date, term.end) if day]
        return " – ".join(days)

    def claims(self) -> Iterator[str]:
        claims = sorted(
            self.library.claims.values(), key=lambda one: (one.paragraph, one.span.path)
        )
        for paragraph, found in groupby(claims, key=lambda one: one.paragraph):
            yield f"## {self.words.paragraph.format(number=paragraph)}"
            for claim in found:
                name = f"claim-{claim.slug}"
                foot = self._claim_foot(claim)
                yield from self.entry("ap-claim", name, self._claim_head(claim), claim.body, foot)

    def _claim_head(self, claim: Claim) -> Html:
        return fill(
            '<p class="ap-claim-text">{claim}</p>\n'
            '<p class="ap-verdict ap-verdict-{verdict}"><span aria-hidden="true">{shape}</span> '
            '<span class="ap-verdict-label">{label}</span> {word}</p>',
            claim=claim.claim,
            verdict=claim.verdict or "none",
            shape=VERDICTS.get(claim.verdict, "–"),
            label=self.words.verdict,
            word=getattr(self.words, claim.verdict or "no_verdict"),
        )

    def _claim_foot(self, claim: Claim) -> str:
        checked = claim.checked.isoformat() if claim.checked else ""
        written = written_date(checked, self.words) if checked else ""
        when = self.words.checked_on.format(date=written) if checked else ""
        return " · ".join(filter(None, (self._explainer(claim.explainer), when)))

    def _explainer(self, path: str) -> str:
        """Return a Markdown link to an explainer, which the generator resolves and checks."""
        title = self.titles.get(path)
        return self.words.more.format(page=f"[{escape(title)}]({path})") if title else ""


def _note(name: str, text: str) -> Html:
    note = fill(' <span class="{name}">{text}</span>', name=name, text=text)
    return note if text else Html()


def _citations(body: str) -> str:
    """Return the citations of a body as one group."""
    keys: Iterable[str] = dict.fromkeys(
        citation.key for group in find_groups(body) for citation in group.citations
    )
    inside = "; ".join(f"@{{{key}}}" for key in keys)
    return f"[{inside}]" if inside else ""


def escape(text: str) -> str:
    """Return text as Markdown that shows it as it is: punctuation becomes entities."""
    return "".join(
        c if c.isalnum() or c in " ,;" or not c.isascii() else f"&#{ord(c)};" for c in text
    )
