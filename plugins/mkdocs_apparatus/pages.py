"""The generated pages: sources, glossary, timeline and the annotated article, as Markdown.

What is made of values is finished HTML, written by ``markup.fill``: in the Markdown a mark stands
for it, as for a citation, so nothing reads it again. The bodies of terms and claims are Markdown
and cite like any page. The places that use an entry are not known yet: each entry holds an empty
``ap-uses`` element, which ``uses`` fills when every page was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from .draft import Draft, Entry, Group, link_to
from .markup import Html, escaped, fill, fragment, join, old_places
from .model import Claim, Library, Mark, Source, Term
from .references import Bibliography, card_words
from .syntax import find_groups
from .verdicts import VERDICTS, write_verdict
from .words import Words, written_date, written_range

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
    bodies: dict[str, Callable[[_Page], Iterator[str]]] = {
        "sources.md": _Page.sources,
        "glossary.md": _Page.glossary,
        "timeline.md": _Page.timeline,
        "claims.md": _Page.claims,
    }
    made = {}
    usual = usual_heads(words)
    for path, body in bodies.items():
        draft = Draft(words)
        head = draft.own(heads.get(path, usual[path]).rstrip())
        markdown = "\n\n".join((head, *body(_Page(bibliography, titles, draft))))
        made[path] = Generated(f"{markdown}\n", tuple(draft.marks))
    return made


def usual_heads(words: Words) -> dict[str, str]:
    """Return how each generated page begins if its author wrote no beginning, as Markdown."""
    return {
        "sources.md": f"# {words.sources_title}\n\n{words.sources_intro}",
        "glossary.md": f"# {words.glossary_title}\n\n{words.glossary_intro}",
        "timeline.md": f"# {words.timeline_title}\n\n{words.timeline_intro}",
        "claims.md": f"# {words.claims_title}\n\n{words.claims_intro}",
    }


@dataclass(frozen=True, slots=True)
class _Page:
    """What a generated page is made from, and its draft."""

    bibliography: Bibliography
    titles: Mapping[str, str]
    draft: Draft

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
                yield self.draft.block(html)

    def _source(self, source: Source) -> Html:
        """Write an entry on one line, so that ``uses`` can tell it from the next."""
        return fill(
            '<li id="{id}">{old}{reference}'
            '<span class="ap-uses" data-source="{key}"></span></li>\n',
            id=f"source-{source.key}",
            old=old_places("source", source.formerly),
            reference=self.bibliography.reference(source.key),
            key=source.key,
        )

    def glossary(self) -> Iterator[str]:
        terms = self.library.terms.values()
        if terms:
            yield self._index()
        for kind, heading in TERM_KINDS.items():
            found = [term for term in terms if term.kind == kind]
            if found:
                yield f"## {getattr(self.words, heading)}"
            for term in sorted(found, key=lambda one: (one.date, one.title.casefold())):
                name = f"term-{term.slug}"
                foot = self._foot(term)
                body = self.draft.own(term.body)
                head = old_places("term", term.formerly) + self._headword(term)
                yield from self.draft.entry(Entry("ap-entry", name, head, body, foot))

    def _index(self) -> str:
        """Return all titles and aliases in the order of the alphabet."""
        names = sorted(
            {
                (name, term.slug)
                for term in self.library.terms.values()
                for name in (term.title, *term.aliases)
            },
            key=lambda one: (_letters(one[0]), one),
        )
        rows = [
            fill(
                "<dt>{letter}</dt><dd>{links}</dd>\n",
                letter=letter,
                links=join((link_to(f"term-{slug}", name) for name, slug in found), " · "),
            )
            for letter, found in groupby(names, key=lambda one: _initial(one[0]))
        ]
        return self.draft.block(
            fill(
                '<details class="ap-index" data-search-exclude{words}><summary>{title}</summary>\n'
                "<dl>\n{rows}</dl></details>",
                words=card_words(self.words),
                title=self.words.a_to_z,
                rows=join(rows),
            )
        )

    def _headword(self, term: Term) -> Html:
        aliases = ", ".join(term.aliases)
        also = self.words.also.format(aliases=aliases) if aliases else ""
        return fill(
            '<p class="ap-entry-title"><dfn>{title}</dfn>{date}{also}</p>\n'
            '{role}<p class="ap-summary">{summary}</p>',
            title=term.title,
            date=_note("ap-when", self._when(term)),
            role=self._role(term),
            also=_note("ap-aliases", also),
            summary=term.summary,
        )

    def _role(self, term: Term) -> Html:
        """Return what a person or an organisation is, and when this was so."""
        if not term.role:
            return Html()
        date = written_date(term.as_of, self.words) if term.as_of else ""
        when = _note("ap-when", self.words.as_of.format(date=date) if date else "")
        return fill('<p class="ap-role">{role}{when}</p>\n', role=term.role, when=when)

    def _foot(self, term: Term) -> str:
        terms = self.library.terms
        see = [link_to(f"term-{slug}", terms[slug].title) for slug in term.see if slug in terms]
        parts = [
            self.draft.block(fill(self.words.see_also, terms=join(see, ", "))) if see else "",
            self._explainer(term.explainer),
        ]
        uses = fill('<span class="ap-uses" data-term="{slug}"></span>', slug=term.slug)
        return f"{' · '.join(filter(None, parts))}{self.draft.block(uses)}"

    def timeline(self) -> Iterator[str]:
        events = sorted(
            (term for term in self.library.terms.values() if term.kind == "event" and term.date),
            key=lambda one: (one.date, one.slug),
        )
        topics = sorted({topic for term in events for topic in term.topics}, key=str.casefold)
        groups = [
            Group(topic, escaped(topic), tuple(map(self._to_event, found)))
            for topic in topics
            if (found := [term for term in events if topic in term.topics])
        ]
        if groups:
            yield self.draft.contents("topic", self.words.by_topic, "ap-event", groups)
        for year, several in groupby(events, key=lambda one: one.date[:4]):
            entries = (text for term in several for text in self._entry_of(term))
            yield from self.draft.part((f"## {year}", *entries))

    def _entry_of(self, term: Term) -> Iterator[str]:
        title = self.draft.inline("ap-entry-title", self._event(term))
        summary = self.draft.own(f"{escape(term.summary)} {_citations(term.body)}".strip())
        yield from self.draft.entry(
            Entry(
                "ap-event",
                f"event-{term.slug}",
                old_places("event", term.formerly) + self._date(term),
                f"{title}\n\n{summary}",
                self._explainer(term.explainer),
                term.topics,
            )
        )

    def _to_event(self, term: Term) -> Html:
        link = link_to(f"event-{term.slug}", term.title)
        return fill("{date} {link}", date=self._date(term), link=link)

    def _date(self, term: Term) -> Html:
        date = self._when(term)
        return fill('<time datetime="{iso}">{date}</time>', iso=term.date, date=date)

    def _event(self, term: Term) -> str:
        return f"[{escape(term.title)}](glossary.md{fragment(f'term-{term.slug}')})"

    def _when(self, term: Term) -> str:
        return written_range(term.date, term.end, self.words) if term.date else ""

    def claims(self) -> Iterator[str]:
        claims = sorted(
            self.library.claims.values(), key=lambda one: (one.paragraph, one.span.path)
        )
        groups = [
            Group(verdict, write_verdict(verdict, self.words), tuple(map(_to_claim, found)))
            for verdict in VERDICTS
            if (found := [claim for claim in claims if claim.verdict == verdict])
        ]
        if groups:
            yield self.draft.contents("verdict", self.words.by_verdict, "ap-claim", groups)
        article = self.library.article
        summaries = dict(enumerate(article.paragraphs, 1)) if article else {}
        numbers = sorted({*summaries, *(claim.paragraph for claim in claims)})
        for number in numbers:
            own = [claim for claim in claims if claim.paragraph == number]
            yield from self.draft.part(self._paragraph(number, summaries.get(number, ""), own))

    def _paragraph(self, number: int, summary: str, claims: list[Claim]) -> Iterator[str]:
        yield f"## {self.words.paragraph.format(number=number)}"
        if summary:
            yield self.draft.block(fill('<p class="ap-paragraph">{text}</p>', text=summary))
        if not claims:
            yield self.draft.block(fill('<p class="ap-none">{text}</p>', text=self.words.no_claims))
        for claim in claims:
            head = fill(
                '{old}<p class="ap-claim-text">{claim}</p>\n'
                '<p class="ap-verdict"><span class="ap-verdict-label">{label}</span> {verdict}</p>',
                old=old_places("claim", claim.formerly),
                claim=claim.claim,
                label=self.words.verdict,
                verdict=write_verdict(claim.verdict, self.words),
            )
            yield from self.draft.entry(
                Entry(
                    "ap-claim",
                    f"claim-{claim.slug}",
                    head,
                    self.draft.own(claim.body),
                    self._claim_foot(claim),
                    (claim.verdict,) if claim.verdict else (),
                )
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


def _to_claim(claim: Claim) -> Html:
    return link_to(f"claim-{claim.slug}", claim.claim)


def _letters(name: str) -> str:
    """Return a name as it is sorted: by its letters, from the first one on."""
    return name[next((at for at, sign in enumerate(name) if sign.isalnum()), 0) :].casefold()


def _initial(name: str) -> str:
    """Return the letter under which a name stands in the index."""
    first = _letters(name)[:1]
    return "0–9" if first.isdigit() else first.upper()


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
