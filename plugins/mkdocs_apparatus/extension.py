"""Python-Markdown: recognise citations and term links, and leave a mark in their place.

Everything after (inline Markdown, other extensions, the table of contents) passes a mark by;
``render`` turns it into HTML when the page is finished. The text of each block is read in a tree
processor:

| what | registry | priority | why there |
| --- | --- | --- | --- |
| Protect | preprocessors | 100 | first: before anything can move or hide a character |
| Definitions | block processors | 15 | in place of Python-Markdown's own |
| Recognise | tree processors | 25 | after footnotes (50) are in the tree, before inline (20) |
| Headings | tree processors | -100 | after slugs, contents (5) and the page's title were taken |

One object serves all pages: MkDocs makes a new Markdown for each, and one made by name would be
built anew each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import ReferenceProcessor
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from .figures import find_placements
from .marks import OWN, write_mark
from .model import (
    Citation,
    CitationGroup,
    Library,
    Listing,
    Literal,
    Mark,
    Mode,
    Picture,
    Span,
    TermLink,
    Use,
)
from .near import nearest
from .render import shown_term
from .style import short_names
from .syntax import Found, scan

_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_CODE = frozenset(("code", "pre", "script", "style"))
# What may be a citation or a term link, and gets a stamp when positions are wanted.
_CANDIDATE = re.compile(r"@|\[\[")
_MOST_GUESSES = 300  # on a page: each takes a while, and a list of handles has no keys
_FIRST_STAMP = 0x100000  # the last plane is private
_MOST_STAMPS = 0x10FFFD - _FIRST_STAMP
_STAMPS = f"{chr(_FIRST_STAMP)}-\U0010fffd"
_STAMP = re.compile(f"[{_STAMPS}]")
_OURS = re.compile(f"[{OWN}{_STAMPS}]")
ABBREVIATION = re.compile(r'<abbr title="([^"]*@[^"]*)"')
# As users of mkdocs-bibtex know them: each alone in its paragraph.
_LISTINGS = {"\\bibliography": False, "\\full_bibliography": True}
# [@key]: or [see @key]: at a line's start is no link definition.
_CITES = r"(?![^\[\]\n]*(?<![^\s;\[-])@[\w{])"


@dataclass(frozen=True, slots=True)
class _Stamped:
    """A token with the number of its candidate in the source, -1 if it came from elsewhere."""

    token: Citation | TermLink
    number: int
    in_heading: bool
    in_image: bool


class ApparatusExtension(Extension):
    """Recognises what ``syntax`` finds; ``take`` returns the marks of the page just converted.

    ``misplaced`` says that this page has a citation in a heading or in an image's text;
    ``given`` are the marks that a generated page comes with. Where nobody will write the page,
    as in the excerpt that a blog makes of it, ``expected`` is false, and plain words stand there.
    """

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.library = library
        self.citations = True
        self.expected = True
        self.marks: list[Mark] = []
        self.misplaced = False
        self.given: tuple[Mark, ...] = ()
        self.found: list[_Stamped] | None = None
        self.guessed: dict[str, bool] = {}  # of this page: whether a word is nearly a key

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 # Python-Markdown's name
        """Register the processors of the table above."""
        md.preprocessors.register(Protect(self, md), "apparatus-protect", 100)
        md.parser.blockprocessors.register(Definitions(md.parser), "reference", 15)
        headings = Headings(md)
        md.treeprocessors.register(Recognise(self, headings, md), "apparatus", 25)
        md.treeprocessors.register(headings, "apparatus-headings", -100)

    def take(self) -> tuple[tuple[Mark, ...], bool]:
        """Return the marks of the last conversion, and whether one of them is misplaced."""
        marks, self.marks = tuple(self.marks), []
        return marks, self.misplaced

    def mark(self, mark: Mark) -> str:
        """Keep a mark of this page, and return what stands for it."""
        self.marks.append(mark)
        return write_mark(len(self.marks) - 1)

    def is_ours(self, group: CitationGroup) -> bool:
        """Say whether a group is a citation: a narrative ``@word`` must be, or nearly be, a key."""
        first = group.citations[0]
        if first.mode is Mode.NORMAL or group.typed.startswith("["):
            return True
        library = self.library
        if any(library.current(one.key) in library.sources for one in group.citations):
            return True
        if first.key not in self.guessed:
            if len(self.guessed) == _MOST_GUESSES:
                return False
            near = nearest(first.key, library.sources, cutoff=0.8)
            self.guessed[first.key] = bool(near)
        return self.guessed[first.key]


class Protect(Preprocessor):
    """Keeps signs of ours that an author wrote safe, and stamps candidates when asked to."""

    def __init__(self, extension: ApparatusExtension, md: Markdown) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        """Begin a page."""
        extension = self.extension
        extension.marks, extension.misplaced = list(extension.given), False
        extension.guessed = {}
        text = "\n".join(lines)
        if not extension.given and not text.isascii():
            text = _OURS.sub(lambda match: extension.mark(Literal(match[0])), text)
        if extension.found is not None:
            text = stamp(text)
        return self._figures(text)

    def _figures(self, text: str) -> list[str]:
        """Return the lines, in which a mark stands for each block that places a figure."""
        lines = text.split("\n")
        for placed in reversed(list(find_placements(text))):
            if self.extension.expected and placed.name in self.extension.library.figures:
                block = slice(placed.first, placed.last + 1)
                mark = self.extension.mark(Picture(placed.name, "\n".join(lines[block])))
                lines[block] = ["", placed.indent + mark, ""]
        return lines


def stamp(text: str) -> str:
    """Put the number of each candidate, as one private character, before it."""
    number = -1

    def stamped(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return chr(_FIRST_STAMP + number) + match[0] if number < _MOST_STAMPS else match[0]

    return _CANDIDATE.sub(stamped, text)


class Definitions(ReferenceProcessor):
    """Reads link definitions, but leaves ``[@key]: word`` alone, which would vanish whole."""

    RE = re.compile(ReferenceProcessor.RE.pattern.replace(r"\[", rf"\[{_CITES}", 1), re.MULTILINE)


class Recognise(Treeprocessor):
    """Replaces citations and term links in the text of all blocks by marks."""

    def __init__(self, extension: ApparatusExtension, headings: Headings, md: Markdown) -> None:
        super().__init__(md)
        self.extension = extension
        self.headings = headings

    def run(self, root: Element) -> None:
        """Visit every text that inline Markdown will read."""
        for element in root.iter():
            text = element.text
            if element.tag == "p" and text and text.strip() in _LISTINGS and not len(element):
                typed = text.strip()
                element.text = self.extension.mark(Listing(typed, _LISTINGS[typed]))
            elif element.tag not in _CODE and text:
                element.text = self._read(text, element)
            for child in element:
                if child.tail:
                    child.tail = self._read(child.tail, element)

    def _read(self, text: str, parent: Element) -> str:
        if isinstance(text, AtomicString) or not ("@" in text or "[[" in text):
            return text
        stamps: dict[int, int] = {}
        if self.extension.found is not None:
            text, stamps = _unstamped(text)
        heading = parent if parent.tag in _HEADINGS else None
        out, at = [], 0
        for found in scan(text):
            mark = self._mark(found, stamps, heading)
            if mark is not None:
                out += [text[at : found.start], mark]
                at = found.end
        return "".join((*out, text[at:]))

    def _mark(self, found: Found, stamps: dict[int, int], heading: Element | None) -> str | None:
        """Return what stands in a token's place, or None to leave the author's text alone."""
        extension, token = self.extension, found.token
        if isinstance(token, Literal):
            return token.typed
        if isinstance(token, CitationGroup) and not (
            extension.citations and extension.is_ours(token)
        ):
            return None
        if extension.found is not None:
            extension.found += _stamped(found, stamps, heading is not None)
        elif not extension.expected:
            return self._plain(token)
        if found.in_image:
            extension.misplaced = True
            return None
        if isinstance(token, CitationGroup):
            token = _renamed(token, extension.library)
        if heading is None:
            return extension.mark(token)
        if isinstance(token, TermLink):
            return shown_term(token, extension.library)
        extension.misplaced = True
        self.headings.waiting.append((heading, extension.mark(token)))
        return ""

    def _plain(self, token: CitationGroup | TermLink) -> str:
        """Return the words of a token that nobody will write."""
        library = self.extension.library
        if isinstance(token, TermLink):
            return shown_term(token, library)
        first = token.citations[0]
        if first.key not in library.sources:
            return token.typed
        source = library.sources[first.key]
        return short_names(source) if first.mode is Mode.AUTHOR_IN_TEXT else ""


def _renamed(group: CitationGroup, library: Library) -> CitationGroup:
    """Return a group with the keys that its sources have now."""
    if not any(one.key in library.renamed for one in group.citations):
        return group
    citations = (replace(one, key=library.current(one.key)) for one in group.citations)
    return replace(group, citations=tuple(citations))


def _stamped(found: Found, stamps: dict[int, int], in_heading: bool) -> Iterator[_Stamped]:
    token = found.token
    if isinstance(token, CitationGroup):
        for citation in token.citations:
            yield _Stamped(citation, stamps.get(citation.at, -1), in_heading, found.in_image)
    elif isinstance(token, TermLink):
        yield _Stamped(token, stamps.get(token.start, -1), in_heading, found.in_image)


class Headings(Treeprocessor):
    """Puts a heading's citations at its end, too late to get into slugs or contents."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.waiting: list[tuple[Element, str]] = []

    def run(self, root: Element) -> None:  # noqa: ARG002 # Python-Markdown's signature
        """Place what waits."""
        for heading, mark in self.waiting:
            if len(heading):
                heading[-1].tail = f"{(heading[-1].tail or '').rstrip()} {mark}"
            else:
                heading.text = f"{(heading.text or '').rstrip()} {mark}"
        self.waiting.clear()


def _unstamped(text: str) -> tuple[str, dict[int, int]]:
    """Return the text as written, and the number of the candidate at each offset in it."""
    out: list[str] = []
    numbers: dict[int, int] = {}
    length = at = 0
    for match in _STAMP.finditer(text):
        out.append(text[at : match.start()])
        length += match.start() - at
        numbers[length] = ord(match[0]) - _FIRST_STAMP
        at = match.end()
    out.append(text[at:])
    return "".join(out), numbers


def _abbreviations(html: str, extension: ApparatusExtension) -> Iterator[_Stamped]:
    """Yield what stands in the text of abbreviations, which no processor of ours can see."""
    for title in dict.fromkeys(ABBREVIATION.findall(html)):
        text, stamps = _unstamped(unescape(title))
        for found in scan(text):
            if not isinstance(found.token, CitationGroup) or extension.is_ours(found.token):
                yield from _stamped(replace(found, in_image=True), stamps, in_heading=False)


def locate(
    extension: ApparatusExtension,
    convert: Callable[[str], str],
    text: str,
    path: str,
    first_line: int = 1,
) -> list[Use]:
    """Return every citation and term link of a text with its exact place, in reading order.

    ``convert`` renders Markdown with this extension among its own; ``first_line`` is the line of
    the file on which the text begins. What came from elsewhere (a snippet) gets the first line.
    """
    try:
        return convert_and_locate(extension, convert, text, path, first_line)[1]
    finally:
        extension.take()


def convert_and_locate(
    extension: ApparatusExtension,
    convert: Callable[[str], str],
    text: str,
    path: str,
    first_line: int = 1,
) -> tuple[str, list[Use]]:
    """Return the HTML of a text with what ``locate`` finds in it; its marks wait to be taken."""
    expected = extension.expected
    extension.found, extension.expected = [], True
    try:
        html = convert(text)
        found = [*extension.found, *_abbreviations(html, extension)]
    finally:
        extension.found, extension.expected = None, expected
    places = [match.start() for match in _CANDIDATE.finditer(text)]
    uses = []
    for one in found:
        at = places[one.number] if 0 <= one.number < len(places) else 0
        line = text.count("\n", 0, at)
        column = at - (text.rfind("\n", 0, at) + 1) + 1
        token = one.token
        length = len(token.typed) if isinstance(token, TermLink) else len(token.key) + 1
        line += first_line
        span = Span(path, line, column, line, column + length)
        uses.append(Use(token, span, one.in_heading, one.in_image))
    return _STAMP.sub("", html), sorted(uses, key=lambda use: use.span)
