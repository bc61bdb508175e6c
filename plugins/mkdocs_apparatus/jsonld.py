"""JSON-LD of a page becomes finds: the work that the page is, among all that it describes.

schema.org's types and properties, as publishers write them. Broken blocks are told, never raised;
nothing is fetched: a context is not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .finds import Find, clean, joined, people
from .identity import same_address
from .model import Name

Node = Mapping[str, Any]

_LARGEST = 2_000_000  # characters of a block
_MOST_NODES = 5_000
_DEEPEST = 20
_DRESS = re.compile(r"^\s*(?:<!--|<!\[CDATA\[|//<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>|;)\s*$")
_SPARE_COMMA = re.compile(r",(?=\s*[}\]])")
# What a page is, the likeliest first; types of one row are alike.
_WORKS = (
    {"NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle"}
    | {"BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "LiveBlogPosting"}
    | {"Article", "BlogPosting", "SocialMediaPosting", "TechArticle", "AdvertiserContentArticle"}
    | {"ScholarlyArticle", "MedicalScholarlyArticle", "Report", "Thesis", "Book", "Dataset"}
    | {"Legislation", "GovernmentService", "GovernmentPermit"},
    {"VideoObject", "AudioObject", "PodcastEpisode", "Movie", "TVEpisode"},
    {"WebPage", "AboutPage", "ItemPage", "FAQPage", "CreativeWork", "DigitalDocument"},
)
_ENTRY_TYPES = {
    "AudioObject": "audio",
    "Book": "book",
    "Dataset": "dataset",
    "Movie": "movie",
    "PodcastEpisode": "audio",
    "Report": "report",
    "Thesis": "thesis",
    "TVEpisode": "video",
    "VideoObject": "video",
}
_PUBLISHERS = ("publisher", "provider", "serviceOperator", "sourceOrganization", "creator")
_ORGANISATION = re.compile("Organization|Corporation|Agency|Office")


def find_in(blocks: Iterable[str], addresses: Iterable[str]) -> list[Find]:
    """Return what some blocks say of the page that has these addresses."""
    faults: list[Find] = []
    nodes: list[Node] = []
    for block in blocks:
        try:
            nodes += _nodes(_loaded(block))
        except (ValueError, RecursionError):
            faults.append(Find("", clean(block[:60]), "JSON-LD", "it cannot be read as JSON"))
    nodes = nodes[:_MOST_NODES]
    # An object that is only named by its id says nothing.
    told = (node for node in reversed(nodes) if len(node) > 1)
    by_id = {node["@id"]: node for node in told if isinstance(node.get("@id"), str)}
    known = {same_address(address) for address in addresses if address}
    for row in _WORKS:
        works = [node for node in nodes if _types(node) & row]
        own = [node for node in works if known & set(_addresses(node))]
        if own or len(works) == 1:
            return [*_Work((own or works)[0], by_id).finds(), *faults]
        if len({_text(node.get("headline") or node.get("name")) for node in works}) > 1:
            fault = f"{len(works)} works are described, and none by the address of this page"
            faults.append(Find("", "", "JSON-LD", fault))
    return faults


def _loaded(block: str) -> object:
    if len(block) > _LARGEST:
        raise ValueError("too large")
    text = _DRESS.sub("", _DRESS.sub("", block.strip())).strip()
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return json.loads(_SPARE_COMMA.sub("", text), strict=False)


def _nodes(value: object, depth: int = 0) -> Iterator[Node]:
    """Yield the objects of a block; of those inside others, what a page may be about."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _nodes(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "video", "author", "publisher"):
            yield from _nodes(value.get(name), depth + 1)


def _types(node: Node) -> set[str]:
    return {
        str(one).removeprefix("http://").removeprefix("https://").removeprefix("schema.org/")
        for one in _list(node.get("@type"))
    }


def _addresses(node: Node) -> Iterator[str]:
    for name in ("url", "@id", "mainEntityOfPage", "contentUrl", "embedUrl"):
        for value in _list(node.get(name)):
            text = value.get("@id") or value.get("url") if isinstance(value, dict) else value
            if isinstance(text, str) and text.startswith(("http://", "https://")):
                yield _same(text.partition("#")[0])


def _same(address: str) -> str:
    try:
        return same_address(address)
    except ValueError:
        return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _text(value: Any) -> str:
    """Return a text, which may be one of a list, or an object with its language."""
    for one in _list(value):
        said = one
        if isinstance(one, dict):
            said = one.get("@value") or one.get("name") or one.get("alternateName")
        if isinstance(said, str | int | float) and not isinstance(said, bool) and str(said).strip():
            return str(said)
    return ""


class _Work:
    """The work that a page is, with the objects that its properties name by their ids."""

    def __init__(self, node: Node, by_id: Mapping[str, Node]) -> None:
        self._node, self._by_id = node, by_id
        known = _types(node) & set().union(*_WORKS)
        self._type = sorted(known)[0]

    def finds(self) -> Iterator[Find]:
        """Yield what is said of the work."""
        node, kind = self._node, self._type
        if kind in _ENTRY_TYPES:
            yield self._find("type", "@type", _ENTRY_TYPES[kind])
        for name in ("headline", "name", "alternativeHeadline"):
            yield self._find("title", name, _text(node.get(name)))
        yield from self._authors()
        for name in ("datePublished", "uploadDate", "dateCreated"):
            yield self._find("date", name, _text(node.get(name)))
        for name in _PUBLISHERS:
            for one in self._objects(name):
                # Whoever made it need not have published it.
                if name != "creator" or _is_organisation(one):
                    yield self._find("organization", f"{name}.name", _text(one.get("name")))
        yield self._find("langid", "inLanguage", self._language())
        yield self._find("isbn", "isbn", _text(node.get("isbn")))
        yield self._find("edition", "bookEdition", _text(node.get("bookEdition")))
        for name in ("sameAs", "identifier", "@id"):
            for value in _list(node.get(name)):
                text = _text(value.get("value") if isinstance(value, dict) else value)
                if "10." in text and ("doi" in text.lower() or text.startswith("10.")):
                    yield self._find("doi", name, text)
        if kind in ("ScholarlyArticle", "MedicalScholarlyArticle"):
            journal = list(self._journal())
            yield from journal
            if any(find.field == "journaltitle" for find in journal):
                yield self._find("type", "isPartOf", "article")
        yield self._find("url", "url", _text(node.get("url")))

    def _find(self, field: str, name: str, value: str) -> Find:
        return Find(field, value, f"JSON-LD {self._type}.{name}")

    def _objects(self, name: str) -> Iterator[Node]:
        for value in _list(self._node.get(name)):
            yield from self._object(value)

    def _object(self, value: Any) -> Iterator[Node]:
        if isinstance(value, str):
            yield {"name": value}
        elif isinstance(value, dict):
            meant = self._by_id.get(str(value.get("@id")), value)
            yield value if value.get("name") else meant

    def _authors(self) -> Iterator[Find]:
        for field, name in (("author", "author"), ("author", "creator"), ("editor", "editor")):
            origin = f"JSON-LD {self._type}.{name}"
            found: list[Name] = []
            for one in self._objects(name):
                texts = [_text(text) for text in _list(one.get("name"))]
                family, given = _text(one.get("familyName")), _text(one.get("givenName"))
                if family:
                    texts = [f"{family}, {given}" if given else family]
                names, faulty = people(origin, texts, field=field, whole=_is_organisation(one))
                found += names
                yield from faulty
            yield from joined(origin, found, field=field)

    def _language(self) -> str:
        value = self._node.get("inLanguage")
        first = next(iter(_list(value)), "")
        if isinstance(first, dict):
            return _text(first.get("alternateName") or first.get("name"))
        return _text(first)

    def _journal(self) -> Iterator[Find]:
        node = self._node
        for name, field in (("pagination", "pages"), ("volumeNumber", "volume")):
            yield self._find(field, name, _text(node.get(name)))
        first, last = _text(node.get("pageStart")), _text(node.get("pageEnd"))
        pages = "-".join(part for part in (first, last) if part)
        yield self._find("pages", "pageStart", pages)
        for _ in range(5):
            part = next(iter(_list(node.get("isPartOf"))), None)
            node = next(self._object(part), {}) if isinstance(part, dict) else {}
            types = _types(node)
            yield self._find("number", "isPartOf.issueNumber", _text(node.get("issueNumber")))
            yield self._find("volume", "isPartOf.volumeNumber", _text(node.get("volumeNumber")))
            yield self._find("issn", "isPartOf.issn", _text(node.get("issn")))
            if "Periodical" in types or "Journal" in types:
                yield self._find("journaltitle", "isPartOf.name", _text(node.get("name")))


def _is_organisation(node: Node) -> bool:
    return any(_ORGANISATION.search(one) for one in _types(node))
