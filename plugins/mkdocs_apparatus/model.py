"""The records that the rest of the package passes around.

Frozen, with tuples inside: whoever holds a record can trust it. Knows nothing of files, of
Markdown or of HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

_LONGEST_MESSAGE = 1_000  # characters


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: lines and columns from 1, columns in characters, the end exclusive."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def __post_init__(self) -> None:
        if not self.path.isprintable():
            object.__setattr__(self, "path", printable(self.path))


def printable(text: str) -> str:
    r"""Return a text on one line that nobody can misread: what cannot be shown is written out.

    >>> printable("a\n\u202eb\udcff.md")
    'a\\n\\u202eb\\udcff.md'
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


class Severity(Enum):
    """How much a finding weighs: errors and warnings fail a strict build, infos never do."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a diagnostic, in the words that ``apparatus explain`` prints."""

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    remedy: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem at a place. ``suggestion`` is the likely right text, or empty.

    The message is one line that can be shown anywhere, whatever of an author's it quotes.
    """

    code: str
    message: str
    span: Span
    suggestion: str = ""

    def __post_init__(self) -> None:
        message = self.message
        if len(message) > _LONGEST_MESSAGE:
            half = _LONGEST_MESSAGE // 2
            message = f"{message[:half]} … {message[-half:]}"
        if not message.isprintable():
            message = printable(message)
        if message is not self.message:
            object.__setattr__(self, "message", message)


@dataclass(frozen=True, slots=True)
class Name:
    """A person (``family`` and the rest) or an organisation (``family`` alone)."""

    family: str
    given: str = ""
    particle: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A cited work: one BibTeX entry, LaTeX decoded, only http and https links kept.

    ``fields`` are the entry's own and inherited fields as they were written, @strings filled in,
    for exports; all other attributes are decoded text. ``date`` and ``urldate`` are ISO 8601 as
    far as known: ``2025``, ``2025-04``, ``2025-04-02``; ``date_end`` ends a range, ``circa`` says
    that the date is about. ``kind`` is the first keyword that is primary, news, analysis or
    reference; ``copy`` says that an official text was seen where somebody else reproduces it.
    ``related`` are keys, ``formerly`` keys that it had.
    """

    key: str
    type: str
    title: str
    span: Span
    fields: tuple[tuple[str, str], ...] = ()
    translation: str = ""
    short_title: str = ""
    authors: tuple[Name, ...] = ()
    more_authors: bool = False
    editors: tuple[Name, ...] = ()
    more_editors: bool = False
    container: str = ""
    publisher: str = ""
    place: str = ""
    edition: str = ""
    series: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    date: str = ""
    date_end: str = ""
    circa: bool = False
    url: str = ""
    doi: str = ""
    isbn: str = ""
    eprint: str = ""
    eprint_type: str = ""
    urldate: str = ""
    language: str = ""
    kind: str = ""
    copy: bool = False
    archive: str = ""
    note: str = ""
    related: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary entry; ``body`` is Markdown, and ``body_line`` is its first line in the file.

    ``forms`` are names that are found but not shown; ``autolink`` says whether plain words may
    be taken for this term. A person or an organisation has a ``role``, true ``as_of`` a date. A
    term of kind *event* has ``date``, for a span also ``end``, its topics, and the explainer
    about it. ``formerly`` are slugs that it had.
    """

    slug: str
    title: str
    span: Span
    aliases: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    autolink: bool = True
    kind: str = "concept"
    summary: str = ""
    see: tuple[str, ...] = ()
    body: str = ""
    body_line: int = 1
    role: str = ""
    as_of: str = ""
    date: str = ""
    end: str = ""
    topics: tuple[str, ...] = ()
    explainer: str = ""
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkable statement of the article with its verdict; the rest as in a Term."""

    slug: str
    claim: str
    span: Span
    paragraph: int = 0
    verdict: str = ""
    checked: date | None = None
    explainer: str = ""
    body: str = ""
    body_line: int = 1
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """Numbers and how to draw them; ``description`` says in words what the picture shows.

    ``spec`` is Vega-Lite as JSON without data and texts, empty if it cannot be used. ``columns``
    and ``rows`` are the table without its column of citation keys, which are ``keys``, row by
    row; ``data`` is the table's file as it is, for downloads, ``file`` its name.
    """

    name: str
    title: str
    span: Span
    description: str = ""
    caption: str = ""
    licence: str = ""
    spec: str = ""
    file: str = ""
    data: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """The text that the claims are about: each of its paragraphs in one sentence of our own.

    ``source`` is its citation key.
    """

    title: str
    span: Span
    author: str = ""
    date: str = ""
    source: str = ""
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """All sources by key, terms and claims by slug, figures by name, each in a fixed order.

    ``names`` leads from a term's names to its slug, see ``terms.find_term``; ``article`` is what
    the claims are about, if there is such a text. ``renamed`` leads from a source's old keys to
    its key.
    """

    sources: Mapping[str, Source]
    terms: Mapping[str, Term]
    claims: Mapping[str, Claim]
    names: Mapping[str, str]
    article: Article | None = None
    figures: Mapping[str, Figure] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def current(self, key: str) -> str:
        """Return the key that a source has now; one that is unknown stays as it is."""
        return self.renamed.get(key, key)


class Mode(Enum):
    """How a citation stands in its sentence, in Pandoc's words."""

    NORMAL = "normal"
    AUTHOR_IN_TEXT = "author-in-text"
    SUPPRESS_AUTHOR = "suppress-author"


@dataclass(frozen=True, slots=True)
class Citation:
    """One key in one place; ``at`` is the offset of its ``@`` in the text that was read."""

    key: str
    prefix: str = ""
    suffix: str = ""
    mode: Mode = Mode.NORMAL
    at: int = 0


@dataclass(frozen=True, slots=True)
class CitationGroup:
    """What one pair of brackets holds, or one narrative citation; ``typed`` as it was written."""

    citations: tuple[Citation, ...]
    start: int
    end: int
    typed: str


@dataclass(frozen=True, slots=True)
class TermLink:
    """``[[target]]`` or ``[[target|shown]]``; ``plain`` for ``[[!word]]``, which never links.

    ``found`` says that plain words were taken for a link; ``target`` is a slug then.
    """

    target: str
    shown: str
    start: int
    end: int
    typed: str
    plain: bool = False
    found: bool = False


@dataclass(frozen=True, slots=True)
class Literal:
    """Text of the author's that must come out as it went in, whatever stands around it."""

    typed: str


@dataclass(frozen=True, slots=True)
class Listing:
    r"""``\bibliography``, or ``\full_bibliography`` for the whole library, alone on a line."""

    typed: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of the library in its place, by name; ``typed`` as it was written."""

    name: str
    typed: str


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a generated page, finished HTML; ``typed`` is what stands where HTML cannot.

    ``begins`` is the id of the entry that it opens, if it opens one.
    """

    html: str
    typed: str = ""
    begins: str = ""


Mark = CitationGroup | TermLink | Literal | Listing | Picture | Block


@dataclass(frozen=True, slots=True)
class Mention:
    """One use of a source (by key) or of a term (by slug) on a page.

    ``anchor`` is the id of the use on its page; ``bare`` says that the locator has no label.
    """

    name: str
    anchor: str
    locator: str = ""
    bare: bool = False
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A citation or a term link as it stands in an author's file, for the rules to judge.

    ``in_attribute``: in the text of an image or of an abbreviation, where no link can be.
    """

    token: Citation | TermLink
    span: Span
    in_heading: bool = False
    in_attribute: bool = False
