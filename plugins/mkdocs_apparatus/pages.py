"""The generated pages: sources, glossary, timeline and the annotated article, as Markdown.

Values stand in HTML elements, written by ``render.fill``; the bodies of terms and claims are
Markdown and cite like any page. The places that use an entry are not known yet: each entry holds
an empty ``ap-uses`` element, which is filled when every page was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from markupsafe import Markup

from .model import Claim, Library, Source, Term
from .render import Bibliography, fill, fragment
from .style import written_date
from .syntax import find_groups

SOURCE_KINDS = {
    "primary": "Primary sources",
    "news": "News",
    "analysis": "Analysis",
    "reference": "Reference works",
    "": "Other sources",
}
TERM_KINDS = {
    "concept": "Concepts",
    "person": "People",
    "organisation": "Organisations",
    "law": "Laws and documents",
    "place": "Places",
    "event": "Events",
}
# The shape tells the verdicts apart where colour does not.
VERDICTS = {
    "supported": "●",
    "nuanced": "◐",
    "imprecise": "◇",
    "wrong": "✕",
    "unverifiable": "?",
}

Titles = Mapping[str, str]


PATHS = ("sources.md", "glossary.md", "timeline.md", "claims.md")
_HEADS = {
    "sources.md": "# Sources\n\nEvery source of this site, by kind and date.",
    "glossary.md": "# Glossary\n\nWhat each term means here, and where it is used.",
    "timeline.md": "# Timeline\n\nThe events, in order.",
    "claims.md": "# The article, annotated\n\nIts claims, paragraph by paragraph.",
}


def generate(
    library: Library, bibliography: Bibliography, titles: Titles, heads: Mapping[str, str]
) -> dict[str, str]:
    """Return the Markdown of each generated page by its path.

    ``titles`` maps the paths of the site's pages to their titles; ``heads`` holds what authors
    wrote for the beginning of a generated page, front matter and all.
    """
    bodies = (
        _sources(library, bibliography),
        _glossary(library, titles),
        _timeline(library, titles),
        _claims(library, titles),
    )
    return {
        path: "\n".join((f"{heads.get(path, _HEADS[path]).rstrip()}\n", *body))
        for path, body in zip(PATHS, bodies, strict=True)
    }


def _sources(library: Library, bibliography: Bibliography) -> Iterator[str]:
    for kind, heading in SOURCE_KINDS.items():
        found = [source for source in library.sources.values() if source.kind == kind]
        if found:
            yield f"## {heading}\n"
            entries = Markup().join(
                _source(source, bibliography)
                for source in sorted(found, key=lambda one: (one.date or "9999", one.key))
            )
            yield fill('<ul class="ap-bibliography">\n{entries}</ul>\n', entries=entries)


def _source(source: Source, bibliography: Bibliography) -> Markup:
    return fill(
        '<li id="{id}">{reference}<span class="ap-uses" data-source="{key}"></span></li>\n',
        id=f"source-{source.key}",
        reference=bibliography.reference(source.key),
        key=source.key,
    )


def _glossary(library: Library, titles: Titles) -> Iterator[str]:
    for kind, heading in TERM_KINDS.items():
        found = [term for term in library.terms.values() if term.kind == kind]
        if found:
            yield f"## {heading}\n"
        for term in sorted(found, key=lambda one: (one.date, one.title.casefold())):
            yield _block(
                "ap-entry",
                f"term-{term.slug}",
                _headword(term),
                term.body,
                _term_foot(term, library, titles),
            )


def _headword(term: Term) -> Markup:
    aliases = (
        fill(' <span class="ap-aliases">also {aliases}</span>', aliases=", ".join(term.aliases))
        if term.aliases
        else Markup()
    )
    return fill(
        '<p class="ap-entry-title"><dfn>{title}</dfn>{date}{aliases}</p>\n'
        '<p class="ap-summary">{summary}</p>',
        title=term.title,
        date=fill(' <span class="ap-when">{date}</span>', date=_when(term)) if term.date else "",
        aliases=aliases,
        summary=term.summary,
    )


def _term_foot(term: Term, library: Library, titles: Titles) -> str:
    see = Markup(", ").join(
        fill(
            '<a href="{href}">{title}</a>',
            href=fragment("term", slug),
            title=library.terms[slug].title,
        )
        for slug in term.see
        if slug in library.terms
    )
    uses = fill('<span class="ap-uses" data-term="{slug}"></span>', slug=term.slug)
    more = _explainer(term.explainer, titles)
    parts = [fill("See also: {see}", see=see) if see else "", more]
    return f"{' · '.join(filter(None, parts))}{uses}"


def _timeline(library: Library, titles: Titles) -> Iterator[str]:
    events = sorted(
        (term for term in library.terms.values() if term.kind == "event" and term.date),
        key=lambda one: (one.date, one.slug),
    )
    for year, found in groupby(events, key=lambda one: one.date[:4]):
        yield f"## {year}\n"
        for term in found:
            link = f"[{escape(term.title)}](glossary.md{fragment('term', term.slug)})"
            head = fill(
                '<p class="ap-entry-title" markdown="span">'
                '<time datetime="{iso}">{date}</time> {link}</p>',
                iso=term.date,
                date=_when(term),
                link=Markup(link),  # noqa: S704 # Markdown, its one value escaped for it
            )
            summary = f"{escape(term.summary)} {_citations(term.body)}".strip()
            yield _block(
                "ap-event", f"event-{term.slug}", head, summary, _explainer(term.explainer, titles)
            )


def _when(term: Term) -> str:
    return " to ".join(written_date(day) for day in (term.date, term.end) if day)


def _citations(body: str) -> str:
    """Return the citations of a body as one group."""
    keys: Iterable[str] = dict.fromkeys(
        citation.key for group in find_groups(body) for citation in group.citations
    )
    inside = "; ".join(f"@{{{key}}}" for key in keys)
    return f"[{inside}]" if inside else ""


def _claims(library: Library, titles: Titles) -> Iterator[str]:
    claims = sorted(library.claims.values(), key=lambda one: (one.paragraph, one.span.path))
    for paragraph, found in groupby(claims, key=lambda one: one.paragraph):
        yield f"## Paragraph {paragraph}\n"
        for claim in found:
            yield _block(
                "ap-claim",
                f"claim-{claim.slug}",
                _claim_head(claim),
                claim.body,
                _claim_foot(claim, titles),
            )


def _claim_head(claim: Claim) -> Markup:
    return fill(
        '<p class="ap-claim-text">{claim}</p>\n'
        '<p class="ap-verdict ap-verdict-{verdict}"><span aria-hidden="true">{shape}</span> '
        '<span class="ap-verdict-label">Verdict:</span> {verdict}</p>',
        claim=claim.claim,
        shape=VERDICTS.get(claim.verdict, "–"),
        verdict=claim.verdict or "none",
    )


def _claim_foot(claim: Claim, titles: Titles) -> str:
    checked = f"Checked on {written_date(claim.checked.isoformat())}" if claim.checked else ""
    return " · ".join(filter(None, (_explainer(claim.explainer, titles), checked)))


def _explainer(path: str, titles: Titles) -> str:
    """Return a Markdown link to an explainer, which the generator resolves and checks."""
    return f"More: [{escape(titles[path])}]({path})" if path in titles else ""


def _block(kind: str, name: str, head: Markup, body: str, foot: str) -> str:
    """Return an element with an address around a head, a body in Markdown and a foot."""
    opening = fill('<div class="{kind}" id="{id}" markdown="1">', kind=kind, id=name)
    closing = f'\n\n<p class="ap-more" markdown="span">{foot}</p>' if foot else ""
    return f"{opening}\n{head}\n\n{body}{closing}\n\n</div>\n"


def escape(text: str) -> str:
    """Return text as Markdown that shows it as it is: punctuation becomes entities."""
    return "".join(
        c if c.isalnum() or c in " ,;" or not c.isascii() else f"&#{ord(c)};" for c in text
    )
