"""Which addresses a site leads to, from where, and which words it quotes of what stands there.

In come the library and the texts of pages, terms and claims; out comes each address once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .locator import read_suffix
from .model import Claim, Library, Source, Span, Term
from .opaque import opaque_spans
from .style import address, doi_address
from .syntax import find_groups

_FENCED = re.compile(
    r"^ *(`{3,}|~{3,})[^\n]*\n.*?(?:^ *\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_BLOCK = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
_NO_PROSE = re.compile(r"`|<!--|<(?:code|pre|script|style|textarea|kbd|samp)\b", re.IGNORECASE)
_ADDRESS = r"(https?://(?:[^\s<>()\"'\\]|\\.|'|\([^\s<>()]*\))+)"
_LINKS = re.compile(
    rf"\]\(\s*<?{_ADDRESS}"  # [text](address "title")
    rf"|^ {{0,3}}\[[^\]\n^]+\]:\s*<?{_ADDRESS}"  # [name]: address
    rf"|<{_ADDRESS}>"
    rf"|\bhref\s*=\s*[\"']?{_ADDRESS}",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Writing:
    """A stretch of Markdown in a file, from its line ``first_line`` on.

    ``citations`` says whether an @ in it may be one.
    """

    path: str
    text: str
    first_line: int = 1
    citations: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an address or a passage stands; ``key`` is the source's that it belongs to, if any."""

    span: Span
    key: str = ""


@dataclass(slots=True)
class Wanted:
    """What is to be known of an address: from where it is linked, and which words must be there.

    ``archive`` is the address of an archived copy; ``copied`` are the addresses whose archived
    copy this one is: the words of theirs are looked up here too.
    """

    address: str
    archive: str = ""
    places: list[Origin] = field(default_factory=list)
    passages: dict[str, list[Origin]] = field(default_factory=dict)
    copied: list[str] = field(default_factory=list)


def collect(library: Library, pages: Iterable[Writing]) -> dict[str, Wanted]:
    """Return all that the sources, pages, terms and claims of a site want to know, by address."""
    wanted: dict[str, Wanted] = {}

    def want(where: str, place: Origin) -> Wanted:
        where = where.partition("#")[0]
        one = wanted.setdefault(where, Wanted(where))
        if place not in one.places:
            one.places.append(place)
        return one

    for source in library.sources.values():
        place = Origin(source.span, source.key)
        for where in filter(None, (source.url, doi_address(source), address(source))):
            one = want(where, place)
            one.archive = one.archive or source.archive.partition("#")[0]
        if source.archive:
            copy = want(source.archive, place)
            copy.copied.append(address(source).partition("#")[0])
    entries: list[Term | Claim] = [*library.terms.values(), *library.claims.values()]
    bodies = [Writing(one.span.path, one.body, one.body_line) for one in entries]
    for writing in (*pages, *bodies):
        for link, span in find_links(writing):
            want(link, Origin(span))
        for passage, source, span in find_passages(writing, library):
            if where := address(source).partition("#")[0]:
                places = wanted[where].passages.setdefault(passage, [])
                places.append(Origin(span, source.key))
    return wanted


def only(wanted: Mapping[str, Wanted], addresses: Iterable[str]) -> dict[str, Wanted]:
    """Return what is wanted of some addresses and of their archived copies."""
    chosen = {address.partition("#")[0] for address in addresses}
    chosen |= {one.archive for one in wanted.values() if one.address in chosen}
    return {address: one for address, one in wanted.items() if address in chosen}


def find_links(writing: Writing) -> Iterator[tuple[str, Span]]:
    """Yield the addresses outside of this site that a text links to."""
    text = _prose(writing.text)
    for match in _LINKS.finditer(text) if "://" in text else ():
        group = match.lastindex or 1
        link = match[group].replace("&amp;", "&")
        yield re.sub(r"\\([^\w\s])", r"\1", link), _span(writing, *match.span(group))


def find_passages(writing: Writing, library: Library) -> Iterator[tuple[str, Source, Span]]:
    """Yield the words that the citations of a text quote of known sources."""
    if not writing.citations or "@" not in writing.text:
        return
    text = _FENCED.sub(_blank, writing.text)
    for block in _BLOCK.finditer(text):
        for group in find_groups(block[0]):
            for citation in group.citations:
                passage = read_suffix(citation.suffix).passage
                source = library.sources.get(library.current(citation.key))
                if passage and source is not None:
                    at = block.start() + citation.at
                    yield passage, source, _span(writing, at, at + 1 + len(citation.key))


def _prose(text: str) -> str:
    """Return a text with what is no prose blanked out; tags and addresses stay."""
    text = _FENCED.sub(_blank, text)
    pieces, done = [], 0
    for block in _BLOCK.finditer(text):
        for first, last in opaque_spans(block[0]):
            if _NO_PROSE.match(block[0], first):
                start, end = block.start() + first, block.start() + last
                pieces += [text[done:start], re.sub(r"\S", " ", text[start:end])]
                done = end
    return "".join(pieces) + text[done:]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"\S", " ", match[0])


def _span(writing: Writing, start: int, end: int) -> Span:
    line = writing.first_line + writing.text.count("\n", 0, start)
    column = start - writing.text.rfind("\n", 0, start)
    return Span(writing.path, line, column, line, column + end - start)
