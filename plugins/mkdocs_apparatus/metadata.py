"""What reference managers and search engines read of a page: tags, JSON-LD, "Cite this page".

In come a page's facts and the sources that it cites, out come names and values, JSON and parts.
Nothing is invented: what is not known is left out. Knows no HTML and no generator.

Where it is from: the inclusion guidelines of Google Scholar ("Indexing guidelines"), Zotero's
translators Embedded Metadata and RDF, and schema.org's Article, CreativeWork and WebSite.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .dates import iso_date
from .latex import escape
from .markup import fragment
from .model import Article, Claim, Name, Source, Span
from .names import write_name
from .style import Part, address
from .words import Words, language_name, load, written_date

_FULL_DATE = 10  # characters of 2025-04-02
_WEB = re.compile(r"https?://", re.IGNORECASE)
_HOST = re.compile(r"^https?://[^/]*", re.IGNORECASE)
_NO_WORD = re.compile(r"[\W_]+")
# What would end a script, begin a comment, or be no JavaScript: the same in JSON, but harmless.
_UNSAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What is known of a page; empty is unknown.

    An author written "Family, Given" is a person, any other an organisation. Dates are ISO 8601,
    ``language`` is a code, ``licence`` an address or a name.
    """

    title: str
    site: str = ""
    url: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    language: str = ""
    licence: str = ""

    @property
    def version(self) -> str:
        """The date of the text as it stands."""
        return self.modified or self.published

    @property
    def names(self) -> tuple[Name, ...]:
        """The authors as names, particles with the family."""
        parts = [author.partition(",") for author in self.authors]
        written = [(family.strip(), given.strip()) for family, _, given in parts]
        return tuple(
            Name(family or given, given if family else "")
            for family, given in written
            if family or given
        )


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What is known of a whole site; empty is unknown."""

    name: str = ""
    author: str = ""
    language: str = ""
    licence: str = ""


def facts_of(meta: Mapping[str, object], title: str, url: str, site: SiteFacts) -> PageFacts:
    """Return what is known of a page: from its front matter, else from the site's settings."""
    written = meta.get("authors") or meta.get("author") or site.author
    authors = written if isinstance(written, list) else [written] if written else []
    return PageFacts(
        title=title,
        site=site.name,
        url=url,
        description=str(meta.get("summary") or meta.get("description") or ""),
        authors=tuple(map(str, authors)),
        published=iso_date(str(meta.get("date", ""))),
        modified=iso_date(str(meta.get("reviewed", ""))),
        language=site.language,
        licence=site.licence,
    )


def meta_tags(page: PageFacts) -> tuple[tuple[str, str], ...]:
    """Return the names and contents of a page's meta elements.

    There is no ``citation_journal_title``: Zotero and Google Scholar would take the site for a
    journal. As ``citation_title`` alone makes Zotero guess a journal article, ``z:itemType`` says
    that it is a web page, and ``og:site_name`` of which site; a name with ``og:`` belongs into
    the attribute ``property``.
    """
    tags = [
        ("citation_title", page.title),
        *(("citation_author", _reversed(name)) for name in page.names),
        ("citation_publication_date", _scholar_date(page.published)),
        ("citation_online_date", _scholar_date(page.version)),
        ("citation_public_url", _web(page.url)),
        ("citation_language", page.language),
        ("og:site_name", page.site),
        ("z:itemType", "webpage"),
    ]
    return tuple((name, content) for name, content in tags if content)


def _reversed(name: Name) -> str:
    return f"{name.family}, {name.given}" if name.given else name.family


def _scholar_date(iso: str) -> str:
    """Return a full date as Google Scholar wants it, or else the year alone."""
    return iso.replace("-", "/") if len(iso) == _FULL_DATE else iso[:4]


def _web(url: str) -> str:
    return url if _WEB.match(url) else ""


def json_ld(page: PageFacts, works: Iterable[str]) -> str:
    """Return a page and the works it cites as JSON-LD that may stand inside a script element.

    Each of the works is what ``work`` returns for a source.
    """
    licence = {"@type": "CreativeWork", "name": page.licence} if page.licence else {}
    article = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": page.title,
        "description": page.description,
        "author": [_agent(name) for name in page.names],
        "datePublished": page.published,
        "dateModified": page.modified,
        "inLanguage": page.language,
        "url": _web(page.url),
        "license": _web(page.licence) or licence,
        "isPartOf": {"@type": "WebSite", "name": page.site} if page.site else {},
    }
    written = _written(article)
    cited = ", ".join(works)
    return f'{written[:-1]}, "citation": [{cited}]}}' if cited else written


def work(source: Source) -> str:
    """Return a source as JSON-LD: its address, else its title.

    What else is known of it stands in the page's references, and once in a page is enough.
    """
    return _quoted(address(source) or source.title or source.key)


def claim_review(
    page: PageFacts, claim: Claim, article: Article | None, address: str, verdict: str
) -> str:
    """Return a verdict as schema.org's ClaimReview; nothing if too little is known for one.

    ``address`` is that of the article, ``verdict`` its word. There is no number: a verdict is no
    mark. Empty without the page's address, its authors, the article's author and a verdict.
    """
    author = article.author if article else ""
    if not (_web(page.url) and page.names and article and author and claim.verdict):
        return ""
    appearance = {"@type": "CreativeWork", "headline": article.title, "url": _web(address)}
    item = {
        "@type": "Claim",
        "author": {"@type": "Person", "name": author},
        "datePublished": article.date,
        "appearance": _known(appearance),
    }
    return _written(
        {
            "@context": "https://schema.org",
            "@type": "ClaimReview",
            "url": f"{page.url}{fragment(f'claim-{claim.slug}')}",
            "claimReviewed": claim.claim,
            "author": [_agent(name) for name in page.names],
            "datePublished": claim.checked.isoformat() if claim.checked else "",
            "itemReviewed": _known(item),
            "reviewRating": {"@type": "Rating", "alternateName": verdict},
        }
    )


def _written(facts: Mapping[str, object]) -> str:
    return _quoted(_known(facts))


def _quoted(value: object) -> str:
    """Return JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True).translate(_UNSAFE)


def _known(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: fact for name, fact in facts.items() if fact}


def _agent(name: Name) -> dict[str, object]:
    """Return a person or an organisation."""
    person = name.given or name.particle or name.suffix
    whole = " ".join(filter(None, (name.given, name.particle, name.family)))
    written = ", ".join(filter(None, (whole, name.suffix)))
    return {"@type": "Person" if person else "Organization", "name": written}


def cite_this(page: PageFacts, words: Words | None = None) -> tuple[Part, ...]:
    """Return how to cite a page: names. “Title”. Site, date, address."""
    return tuple(_citation(page, words or load()))


def _citation(page: PageFacts, words: Words) -> Iterator[Part]:
    names = [" ".join(filter(None, (name.given, name.family))) for name in page.names]
    authors = f" {words.and_} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    if authors:
        yield Part("authors", authors)
        yield Part("", " " if authors.endswith(".") else ". ")
    yield Part("title", f"“{page.title}”")
    between = ". "
    url = _web(page.url)
    date = written_date(page.version, words) if page.version else ""
    for part in (Part("publisher", page.site), Part("date", date), Part("address", url, url)):
        if part.text:
            yield Part("", between)
            yield part
            between = ", "
    yield Part("", ".")


def as_source(page: PageFacts) -> Source:
    """Return a page as a source, so that it can be exported like one; the key is its address."""
    people = page.names
    language = language_name(page.language, load()).lower() if page.language else ""
    fields = {
        "author": " and ".join(map(write_name, people)),
        "title": escape(page.title),
        "organization": escape(page.site),
        "date": page.version,
        "url": _web(page.url),
        "langid": language,
    }
    return Source(
        key=_key(page),
        type="online",
        title=page.title,
        span=Span(""),
        fields=tuple((name, value) for name, value in fields.items() if value),
        authors=people,
        publisher=page.site,
        date=page.version,
        url=_web(page.url),
        language=language,
    )


def _key(page: PageFacts) -> str:
    """Return a page's key: the words of its site's name and of its path."""
    path = _HOST.sub("", _web(page.url)).removesuffix("index.html").removesuffix(".html")
    words = _NO_WORD.sub("-", f"{page.site} {path or page.title}".lower())
    return words.strip("-") or "page"
