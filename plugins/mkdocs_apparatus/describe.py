"""A page becomes finds: what its meta tags, its JSON-LD, its title and its links say of it.

In comes what a server sent, or a saved file, and the address that was asked; out come finds, the
best place first. The network and the files of the site are not known here.

What the tags mean: Google Scholar's ``citation_*``, Dublin Core, OpenGraph, PRISM, and the names
that publishers' systems write; the order is that of Zotero's translator Embedded Metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from . import jsonld
from .bib import safe_url
from .charset import decoded
from .finds import Find, chosen, clean, in_script, names_of, read
from .identity import read_arxiv, read_doi, without_braces, without_tracking
from .passages import UnreadableError, parse, pdf_details

ASKED = "the address asked for"
_MOST_TAGS = 2_000
_LD = "JSON-LD"
# Where each field is looked up, the best place first.
_PLACES: dict[str, tuple[str, ...]] = {
    "title": (
        *("citation_title", _LD, "dc.title", "dcterms.title", "og:title", "parsely-title"),
        *("sailthru.title", "twitter:title", "<title>", "<h1>"),
    ),
    "author": (
        *("citation_author", "citation_authors", _LD, "dc.creator", "dcterms.creator", "author"),
        *("article:author", "parsely-author", "sailthru.author", "byl", "rel=author"),
    ),
    "editor": ("citation_editor", _LD),
    "date": (
        *("citation_publication_date", "citation_date", "citation_online_date", _LD),
        *("article:published_time", "og:article:published_time", "dc.date.issued"),
        *("dcterms.issued", "dcterms.date", "dc.date", "dcterms.created", "parsely-pub-date"),
        *(
            "sailthru.date",
            "pubdate",
            "publish-date",
            "date",
            "datepublished",
            "video:release_date",
        ),
        "<time>",
    ),
    "organization": (
        *("citation_publisher", _LD, "dc.publisher", "dcterms.publisher", "og:site_name"),
        "application-name",
    ),
    "langid": (
        *("citation_language", _LD, "dc.language", "dcterms.language", "<html lang>"),
        *("content-language", "og:locale"),
    ),
    "journaltitle": ("citation_journal_title", "prism.publicationname", _LD),
    "booktitle": ("citation_conference_title", "citation_conference", "citation_inbook_title"),
    "institution": ("citation_dissertation_institution", "citation_technical_report_institution"),
    "volume": ("citation_volume", "prism.volume", _LD),
    "number": ("citation_issue", "prism.number", "citation_technical_report_number", _LD),
    "pages": ("citation_firstpage", _LD),
    "edition": (_LD,),
    "issn": ("citation_issn", "prism.issn", _LD),
    "isbn": ("citation_isbn", "books:isbn", "book:isbn", _LD),
    "doi": ("citation_doi", "prism.doi", "dc.identifier", "dc.identifier.doi", _LD),
    "eprint": ("citation_arxiv_id",),
}
# What a tag, if it is there, says of the type of entry.
_TYPES = (
    ("citation_arxiv_id", "online"),
    ("citation_dissertation_institution", "thesis"),
    ("citation_technical_report_institution", "report"),
    ("citation_conference_title", "inproceedings"),
    ("citation_conference", "inproceedings"),
    ("citation_inbook_title", "incollection"),
    ("citation_journal_title", "article"),
    ("citation_isbn", "book"),
)
_OG_TYPES = {"video": "video", "book": "book", "books": "book"}
# "Headline | Example News", "Headline - Example News"
_SUFFIX = re.compile(r"\s+[|·•»/—–-]\s+")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S{1,2000})\s*-->")
_PDF_PLACES = (("title", "Title"), ("author", "Author"), ("doi", "doi"), ("doi", "Subject"))


def describe(body: bytes, kind: str, asked: str, today: date) -> list[Find]:
    """Return what a page says of itself. Raises UnreadableError.

    ``kind`` is its Content-Type, ``asked`` the address, which a saved file need not have. The
    find of field ``url`` that is taken is the address that an entry should have.
    """
    if body.lstrip()[:5] == b"%PDF-":
        return [*_address_of(asked), *_pdf(body, today)]
    mime = kind.partition(";")[0].strip().lower()
    if mime not in ("", "text/html", "application/xhtml+xml", "application/xml", "text/xml"):
        raise UnreadableError(f"a file of type {clean(mime)[:80]} says nothing of itself")
    text = decoded(body, kind)
    saved = _SAVED_FROM.search(text[:4096])
    return list(_Page(parse(text), asked, saved[1] if saved else "").finds(today))


def _address_of(asked: str) -> Iterator[Find]:
    if asked:
        yield Find("url", without_tracking(asked), ASKED)


def _pdf(body: bytes, today: date) -> Iterator[Find]:
    details = pdf_details(body)
    finds = [Find(field, details.get(name, ""), f"PDF {name}") for field, name in _PDF_PLACES]
    for find in finds:
        if find.field == "author":
            yield from names_of(find.origin, [find.value])
        elif find.origin == "PDF Subject":
            for word in find.value[:2000].split():
                if read_doi(word):
                    yield from read(replace(find, value=word), today)
        elif find.field == "title" and re.search(
            r"\.(?:docx?|indd|pdf|tex|qxd)$|^untitled", find.value, re.I
        ):
            yield replace(find, value=clean(find.value), fault="the name of a file, not a title")
        else:
            yield from read(find, today)
    made = details.get("CreationDate", "")
    if re.match(r"D:\d{8}", made):
        iso = f"{made[2:6]}-{made[6:8]}-{made[8:10]}"
        fault = "the day on which the file was made; it need not be that of the text"
        yield Find("date", iso, "PDF CreationDate", fault)


class _Page:
    """What of a page speaks of it, by place."""

    def __init__(self, tree: LexborHTMLParser, asked: str, saved: str) -> None:
        self._asked = asked or (saved if safe_url(saved) else "")
        self._asked_in = ASKED if asked else "the browser that saved the page"
        self._tree = tree
        self._tags: dict[str, list[str]] = {}
        for node in tree.css("meta")[:_MOST_TAGS]:
            attributes = node.attributes
            name = next(
                filter(None, map(attributes.get, ("name", "property", "itemprop", "http-equiv"))),
                "",
            )
            self._tags.setdefault(name.strip().lower(), []).append(attributes.get("content") or "")
        self._links = [
            (name, address)
            for name, address in (
                ("link rel=canonical", self._attribute('link[rel~="canonical" i]', "href")),
                ("og:url", self._first("og:url")),
            )
            if address.strip()
        ]

    def finds(self, today: date) -> Iterator[Find]:
        """Yield what is found, cleaned and judged."""
        blocks = [
            node.text(deep=True) for node in self._tree.css('script[type="application/ld+json" i]')
        ]
        address = list(self._address())
        known = [find.value for find in address if not find.fault]
        described = jsonld.find_in(blocks, [self._asked, *known])
        raw = [*self._type(described), *self._ordered(described)]
        yield from address
        finds = [
            one
            for find in raw
            for one in (
                [find] if find.fault or find.field in ("author", "editor") else read(find, today)
            )
        ]
        finds += [find for find in described if find.field not in _PLACES and find.fault]
        yield from _agreed(finds)

    def _ordered(self, described: Sequence[Find]) -> Iterator[Find]:
        for field, places in _PLACES.items():
            for place in places:
                if place == _LD:
                    yield from (find for find in described if find.field == field)
                elif field in ("author", "editor"):
                    yield from names_of(place, self._texts(place), field=field)
                else:
                    yield from (Find(field, text, place) for text in self._values(field, place))

    def _values(self, field: str, place: str) -> list[str]:
        texts = self._texts(place)
        if field == "pages" and texts:
            return ["-".join(filter(None, (texts[0], self._first("citation_lastpage"))))]
        if field == "doi" and not place.startswith(("citation", "prism")):
            return [text for text in texts if read_doi(clean(text))]
        if field == "eprint":
            return [read_arxiv(f"arXiv:{text.strip()}") for text in texts]
        return texts

    def _texts(self, place: str) -> list[str]:
        """Return what stands in a place of the page."""
        if place == "<title>":
            return [node.text() for node in self._tree.css("head > title")[:1]]
        if place == "<h1>":
            found = self._tree.css("h1")
            return [found[0].text()] if len(found) == 1 else []
        if place == "<html lang>":
            return [self._attribute("html", "lang")]
        if place == "<time>":
            return [self._attribute("time[itemprop~=datePublished], time[pubdate]", "datetime")]
        if place == "rel=author":
            return [node.text() for node in self._tree.css('a[rel~="author"]')[:10]]
        return self._tags.get(place, [])

    def _first(self, name: str) -> str:
        return next(iter(self._tags.get(name, [])), "")

    def _attribute(self, selector: str, name: str) -> str:
        node = self._tree.css_first(selector)
        return (node.attributes.get(name) or "") if node is not None else ""

    def _type(self, described: Iterable[Find]) -> Iterator[Find]:
        for name, kind in _TYPES:
            if any(map(str.strip, self._tags.get(name, []))):
                yield Find("type", kind, name)
        yield from (find for find in described if find.field == "type")
        kind = self._first("og:type").partition(".")[0].strip().lower()
        if kind in _OG_TYPES:
            yield Find("type", _OG_TYPES[kind], "og:type")

    def _address(self) -> Iterator[Find]:
        """Yield the page's own address if it can be trusted, then the one that was asked."""
        for origin, written in self._links:
            try:
                address = urljoin(self._asked, "".join(written.split())).partition("#")[0]
            except ValueError:
                address = ""
            fault = self._no_address(address)
            shown = clean((address or written)[:2000]) if fault else without_braces(address)
            yield Find("url", shown, origin, fault)
        if self._asked:
            yield Find("url", without_tracking(self._asked), self._asked_in)

    def _no_address(self, address: str) -> str:
        """Say why an address cannot be that of the page, or nothing."""
        if not safe_url(address):
            return "no http or https address"
        if not self._asked:
            return ""
        own, asked = urlsplit(address), urlsplit(self._asked)
        # With a port, and with a name and a password, if there are any.
        hosts = [one.netloc.lower().removeprefix("www.") for one in (own, asked)]
        if hosts[0] != hosts[1]:
            return "another host; the address asked for is kept"
        if own.path.strip("/") == "" and asked.path.strip("/"):
            return "the front page; the address asked for is kept"
        if own.scheme == "http" and asked.scheme == "https":
            return "not secure; the address asked for is kept"
        return ""


def _agreed(finds: list[Find]) -> Iterator[Find]:
    """Yield finds judged by each other: names of sites in titles, authors and publishers."""
    publisher = chosen(finds).get("organization")
    site = publisher.value if publisher else ""
    finds = [_without_site(find, site) if find.field == "title" else find for find in finds]
    title = chosen(finds).get("title")
    for find in finds:
        if find.field == "langid" and not find.fault and title:
            yield in_script(find, title.value)
        elif (
            find.field == "author" and site and find.value.strip("{}").casefold() == site.casefold()
        ):
            yield replace(find, value=find.value.strip("{}"), fault="the publisher's own name")
        else:
            yield find


def _without_site(find: Find, site: str) -> Find:
    """Return a title without the name of its site, which templates put behind or before it."""
    parts = _SUFFIX.split(find.value)
    if len(parts) > 1 and site:
        if parts[-1].casefold() == site.casefold():
            end = list(_SUFFIX.finditer(find.value))[-1].start()
            return replace(find, value=find.value[:end])
        if parts[0].casefold() == site.casefold():
            start = next(_SUFFIX.finditer(find.value)).end()
            return replace(find, value=find.value[start:])
    return find
