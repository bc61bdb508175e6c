"""The words of a page, and whether a passage stands among them.

In comes what a server sent, out comes its text block by block. Words are compared exactly, once
quotes, dashes, spaces and case are written in one way; likeness may suggest, never verify.
"""

from __future__ import annotations

import difflib
import importlib
import io
import logging
import re
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .charset import decoded

# What browsers set apart from the words around it; words inside go on.
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|br|button|caption|center|dd|details|dialog|dir|div|dl|dt"
    "|fieldset|figcaption|figure|footer|form|h[1-6r]|header|hgroup|legend|li|main|menu|nav|ol"
    "|optgroup|option|p|pre|search|section|select|summary|table|t(?:body|d|foot|h|head|r)|ul"
)
_UNSEEN = re.compile("head|iframe|math|noscript|object|script|style|svg|template|textarea")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
# Elements that end by themselves, so that many of them nest nothing.
_FLAT = re.compile("area|base|br|col|d[dt]|embed|hr|img|input|li|link|meta|option|p|t[dhr]|wbr")
# Elements that the parser opens again in each block that follows, if they are left open.
_STYLED = re.compile("a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u")
# What a page may cost the parser, which has no limits of its own: elements in each other, that
# many again for each tag (its time), and elements opened again (its memory).
_DEEPEST, _MOST_STEPS, _MOST_COPIES = 1000, 50_000_000, 1_000_000
_NOTE_OPENS, _NOTE_CLOSES, _BREAK = "\x02", "\x03", "\x1e"
# 1, 12, a, *, †, also in brackets: what a raised text holds that points to a note.
_NOTE = re.compile(
    rf"{_NOTE_OPENS}\s*([\[(]?(?:\d{{1,3}}|[a-z]|\*{{1,3}}|[†‡])[\])]?,?)\s*{_NOTE_CLOSES}"
)
_SIGNS = re.compile(f"[{_NOTE_OPENS}{_NOTE_CLOSES}]")
_BRACKETED_MARK = re.compile(r"\[(?:\d{1,3}|(?:note|nb) \d{1,3}|citation needed)\]")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_WRITTEN = str.maketrans(
    dict.fromkeys('"“”„‟«»″‘’‚‛`´′ʼ', "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}
)
# Scripts that put no spaces between words: Thai, Lao, Khmer, Japanese, Chinese.
_UNSPACED = r"\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_EDGES = ' .,;:"“”„«»‘’'  # around suggested words
_LEAST_LIKE = 0.75  # of 1: less would suggest other words
_MOST_WORDS = 50_000  # among which a likeness is looked for
_MOST_PAGES = 500  # of a PDF
_PDF_FAULTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
T = TypeVar("T")


class UnreadableError(Exception):
    """The text of a page cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Text:
    """A page's words: block by block as they stand there, and as a whole to be compared with.

    There is more than one ``reading`` where a sign may belong to the words or not: a raised
    figure, a hyphen at a line's end.
    """

    blocks: tuple[str, ...]
    readings: tuple[str, ...]

    def holds(self, passage: str) -> bool:
        """Say whether a passage stands here; of ``first … last`` both do, in this order."""
        patterns = [_bounded(written) for part in _parts(passage) if (written := _written(part))]
        return bool(patterns) and any(_in_order(patterns, reading) for reading in self.readings)

    def nearest(self, passage: str) -> str:
        """Return the words here that are most like a passage that is not, or an empty string."""
        missing = [part for part in _parts(passage) if not self.holds(part)]
        return self._most_like(missing[0]) if missing else ""

    def _most_like(self, part: str) -> str:
        wanted = _written(part)
        likeness = _likeness(wanted)
        best, found = _LEAST_LIKE, ""
        for shown, written in self._windows(wanted.split()):
            score = likeness(written, best)
            if score > best:
                best, found = score, shown
        return found.strip(_EDGES)

    def _windows(self, wanted: list[str]) -> Iterator[tuple[str, str]]:
        """Yield runs of so many words, as shown and as compared, that share some of them."""
        size, left = len(wanted), _MOST_WORDS
        known = set(wanted)
        for block in self.blocks:
            shown = block.split()[:left]
            left -= len(shown)
            written = [_written(word) for word in shown]
            for start in range(max(1, len(shown) - size + 1)):
                window = written[start : start + size]
                if size < 3 or len(known.intersection(window)) * 3 >= len(known):
                    yield " ".join(shown[start : start + size]), " ".join(window)


def read_text(body: bytes, kind: str) -> Text:
    """Return the text of what a server sent as ``kind``. Raises UnreadableError."""
    mime = kind.partition(";")[0].strip().lower()
    if body.lstrip()[:5] == b"%PDF-":
        return _pdf(body)
    if mime in ("", "text/plain", "text/markdown"):
        text = decoded(body, kind)
        markup = not mime and re.match(r"\s*<(?:!doctype|html|head|body|[a-z]+[ >])", text, re.I)
        return _html(text) if markup else _text(_BREAK.join(map(_spaced, text.split("\n\n"))))
    if mime in ("text/html", "application/xhtml+xml", "application/xml", "text/xml"):
        return _html(decoded(body, kind))
    raise UnreadableError(f"files of type {mime[:80]} cannot be read")


def parse(html: str) -> LexborHTMLParser:
    """Return a page's tree. Raises UnreadableError for a page that would choke the parser."""
    if not _is_modest(html):
        raise UnreadableError("its elements are nested too deeply")
    return LexborHTMLParser(html)


def _html(html: str) -> Text:
    return _text("".join(_pieces(parse(html).root)))


def _is_modest(html: str) -> bool:
    """Say whether a page can be parsed in reasonable time and memory."""
    opened: Counter[str] = Counter()
    depth = styled = steps = copies = 0
    for closes, name in _TAG.findall(html.lower()):
        if not _FLAT.fullmatch(name) and (not closes or opened[name]):
            change = -1 if closes else 1
            opened[name] += change
            depth += change
            styled += change if _STYLED.fullmatch(name) else 0
        steps += depth
        copies += styled
        if depth > _DEEPEST or steps > _MOST_STEPS or copies > _MOST_COPIES:
            return False
    return True


def _pieces(root: LexborNode | None) -> Iterator[str]:
    """Yield the seen text under a node, with signs for breaks between blocks and for notes."""
    node, leaving = root, False
    while node is not None:
        block = _BLOCKS.fullmatch(node.tag or "") is not None
        if not leaving:
            if node.is_text_node:
                yield _spaced(node.text_content or "")
            yield _NOTE_OPENS if node.tag == "sup" else ""
            yield _BREAK if block else ""
            if node.child is not None and not _UNSEEN.fullmatch(node.tag or ""):
                node = node.child
                continue
        yield _NOTE_CLOSES if node.tag == "sup" else ""
        yield _BREAK if block else ""
        if root is not None and node.mem_id == root.mem_id:
            return
        leaving = node.next is None
        node = node.parent if leaving else node.next


def _spaced(text: str) -> str:
    """Return a text without signs that mean something here."""
    return re.sub(r"[\x00-\x1f]+", " ", text)


def _text(marked: str, *variants: str) -> Text:
    """Return a text in which breaks and notes are marked."""
    without = _SIGNS.sub("", _NOTE.sub("", marked))
    blocks = (" ".join(block.translate(_INVISIBLE).split()) for block in without.split(_BREAK))
    readings = (without, _SIGNS.sub("", marked), *variants)
    return Text(
        tuple(block for block in blocks if block),
        tuple(dict.fromkeys(_written(reading.replace(_BREAK, " ")) for reading in readings)),
    )


def _written(text: str) -> str:
    r"""Return a text as it is compared: one kind of quotes, dashes and spaces, and no case.

    >>> _written("The\u00a0“re\u00adset” – now[1]")
    "the 'reset' - now"
    """
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE).translate(_WRITTEN)
    text = _BRACKETED_MARK.sub("", text.casefold().replace("...", "…"))
    return " ".join(text.split())


def _parts(passage: str) -> list[str]:
    """Return what stands around the ellipses of a passage."""
    parts = passage.replace("...", "…").split("…")
    return [part for part in map(str.strip, parts) if part]


def _bounded(written: str) -> re.Pattern[str]:
    """Return what finds words as whole words."""
    left = rf"(?<![^\W{_UNSPACED}])" if re.match(rf"[^\W{_UNSPACED}]", written) else ""
    right = rf"(?![^\W{_UNSPACED}])" if re.search(rf"[^\W{_UNSPACED}]$", written) else ""
    return re.compile(left + re.escape(written) + right)


def _in_order(patterns: Iterable[re.Pattern[str]], reading: str) -> bool:
    at = 0
    for pattern in patterns:
        found = pattern.search(reading, at)
        if found is None:
            return False
        at = found.end()
    return True


def _likeness(wanted: str) -> Callable[[str, float], float]:
    """Return what measures from 0 to 1 how like a text is; below ``least`` it may say 0."""
    matcher = difflib.SequenceMatcher(None, b=wanted, autojunk=False)

    def measure(text: str, least: float) -> float:
        matcher.set_seq1(text)
        quick = min(matcher.real_quick_ratio(), matcher.quick_ratio())
        return matcher.ratio() if quick > least else 0

    return measure


def _optional(module: str) -> Any:
    """Return a module that need not be installed, or None."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def pdf_details(body: bytes) -> dict[str, str]:
    """Return what a PDF says of itself, such as ``Title``. Raises UnreadableError."""

    def read(reader: Any) -> dict[str, str]:
        return {str(name).strip("/"): str(value) for name, value in (reader.metadata or {}).items()}

    return _read_pdf(body, read)


def _read_pdf(body: bytes, read: Callable[[Any], T]) -> T:
    """Return what is read in a PDF. Raises UnreadableError."""
    pypdf = _optional("pypdf")
    if pypdf is None:
        raise UnreadableError("a PDF is read by the extra: pip install mkdocs-apparatus[pdf]")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it comments on every odd file
    try:
        return read(pypdf.PdfReader(io.BytesIO(body)))
    except (*_PDF_FAULTS, pypdf.errors.PyPdfError) as error:
        raise UnreadableError("the PDF cannot be read") from error


def _pdf(body: bytes) -> Text:
    def read(reader: Any) -> str:
        pages = reader.pages[:_MOST_PAGES]
        return "\n".join(_spaced_lines(page.extract_text()) for page in pages)

    lines = _read_pdf(body, read)
    if not lines.strip():
        raise UnreadableError("the PDF holds no text, perhaps only pictures of pages")
    # A hyphen at a line's end belongs to the word or not.
    return _text(lines, lines.replace("-\n", "-"), lines.replace("-\n", ""))


def _spaced_lines(text: str) -> str:
    return "\n".join(map(_spaced, text.splitlines()))
