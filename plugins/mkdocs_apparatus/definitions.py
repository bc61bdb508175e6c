"""Terms as other plugins have them: definition lists, links in angle brackets, abbreviations.

In comes the Markdown of a page; out come what it defines, with places, and the page with our
links. Code and comments are left as they are. Knows no files and no settings.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .opaque import opaque_spans

_LONGEST = 300  # characters of a line that names a term; a longer one is a text
_MOST_HEADS = 20  # lines that name terms above one text
_ENOUGH = 4_000  # characters, of which the first sentence is taken
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NAME = r"[^:<>\"|/\\@&#\n`*\[\]][^:<>\"|/\\@\n`*\[\]]*"
# *section:term*, `term`
_HEAD = re.compile(rf"([ \t]*)([*_`]*)(?:({_NAME}):)?({_NAME}?)[*_`]*[ \t]*")
_DEFINED = re.compile(r"([ \t]*):[ \t]+(\S.*)?")
# <section:term>, <section:term|text>, <:term>, <term:>; in a table the bar is \|
_LINK = re.compile(rf"<({_NAME})?:({_NAME})?(?:(\\?\|)([^<>\n]+))?>")
_SUMMARY = re.compile(r"<glossary::([^<>|\\\s]+)[^<>\n]*>")
# *[WHO]: World Health Organization
_ABBREVIATION = re.compile(r" {0,3}\*\[([^\]\\]+)\][ ]?:[ \t]*(\S.*)")
# What indented lines may belong to, so that they are no code.
_OPENS = re.compile(r"[ \t]*(?:[-*+:] |\d+[.)] |!!!|\?\?\?|===|\[\^)")

_MARKUP: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[\[!?(?:[^\[\]|]*\\?\|)?([^\[\]|]+)\]\]"), r"\1"),
    (re.compile(r"\s*\[[^\[\]]*@[^\[\]]*\](?!\()|\[\^[^\]]+\]"), ""),
    (re.compile(r"\[([^\[\]]*)\](?:\([^)]*\)|\[[^\]]*\])"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]*>|\{:?[^{}]*\}"), ""),
    (re.compile(r"(\*{1,3}|(?<!\w)_{1,3}|`+)(\S(?:.*?\S)?)\1"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!<>@|-])"), r"\1"),
)
_SENTENCE = re.compile(r".+?(?<!\b\w)(?<!\b\w\w)[.!?](?=\s+[^\W\d_a-zа-яё]|\s+[\"“(\[]|\s*$)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A term with its section, ``_`` if it has none, and the lines, from 1, that define it."""

    section: str
    term: str
    text: str
    first: int
    last: int
    indent: str = ""


def prose(text: str) -> str:
    """Return a text of the same length whose code and comments are spaces."""
    paragraphs = groupby(_blocks(text).split("\n"), key=lambda line: bool(line.strip()))
    return "\n".join(_uncoded("\n".join(lines)) for _, lines in paragraphs)


def _uncoded(text: str) -> str:
    if "`" not in text:
        return text
    pieces, at = [], 0
    for start, end in opaque_spans(text):
        if text[start] == "`":
            pieces += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
            at = end
    return "".join((*pieces, text[at:]))


def _spaces(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _blocks(text: str) -> str:
    """Return a text of the same length whose blocks of code, and comments, are spaces."""
    lines = text.split("\n")
    fence, code, blank = "", False, True
    around: list[tuple[int, bool]] = []  # less and less indented lines: may others belong to them?
    for number, line in enumerate(lines):
        opening = _FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence) and not line[opening.end() :].strip():
                fence = ""
            lines[number] = " " * len(line)
            continue
        indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
        if opening:
            fence, lines[number] = opening[1], " " * len(line)
            around = [one for one in around if one[0] < indent]
            continue
        if line.strip():
            while around and around[-1][0] >= indent:
                around.pop()
            inside = bool(around) and around[-1][1]
            code = indent >= 4 and not inside and (blank or code)
            around.append((indent, inside or bool(_OPENS.match(line))))
            lines[number] = " " * len(line) if code else line
        blank = not line.strip()
    return _COMMENT.sub(_spaces, "\n".join(lines))


def find_definitions(text: str, *, bare: bool) -> list[Definition]:
    """Return what a page's definition lists define; ``bare``: also terms without a section."""
    lines, seen = text.split("\n"), _blocks(text).split("\n")
    found: list[Definition] = []
    texts = [number for number, line in enumerate(lines) if _DEFINED.fullmatch(line)]
    at = 0
    while texts and at < len(lines):
        following = bisect_left(texts, at)
        if following == len(texts) or texts[following] - at > _MOST_HEADS + 1:
            at += 1
            continue
        heads, at_text = _heads(lines, seen, at, bare=bare)
        if not heads:
            at += 1
            continue
        indent = heads[0][0]
        body, end = _body(lines, at_text, indent)
        found += [
            Definition(section or "_", term.strip(), body, at + 1, end, indent)
            for _, section, term in heads
        ]
        at = end
    return found


def _heads(
    lines: Sequence[str], seen: Sequence[str], at: int, *, bare: bool
) -> tuple[list[tuple[str, str, str]], int]:
    """Return the terms that a definition list begins with here, and the line of its text."""
    heads: list[tuple[str, str, str]] = []
    line = at
    while line < len(lines) and lines[line].strip() and not _DEFINED.fullmatch(lines[line]):
        match = _HEAD.fullmatch(lines[line]) if len(lines[line]) <= _LONGEST else None
        if not match or not seen[line].strip() or not (match[3] or bare):
            return [], at
        heads.append((match[1], match[3] or "", match[4]))
        line += 1
    if heads and line < len(lines) and not lines[line].strip():
        line += 1
    if not heads or line >= len(lines) or not _is_text(lines[line], heads[0][0]):
        return [], at
    return heads, line


def _is_text(line: str, indent: str) -> bool:
    match = _DEFINED.fullmatch(line)
    return bool(match) and 0 <= len(match[1]) - len(indent) <= 3  # type: ignore[index]


def _body(lines: Sequence[str], at: int, indent: str) -> tuple[str, int]:
    """Return the text of a definition, and the line, from 0, behind it."""
    parts: list[str] = []
    line, end = at, at
    while line < len(lines):
        match = _DEFINED.fullmatch(lines[line])
        if match and _is_text(lines[line], indent):
            parts += ["", match[2] or ""] if parts else [match[2] or ""]
        elif not lines[line].strip():
            parts.append("")
            line += 1
            continue
        elif lines[line].startswith((f"{indent}    ", f"{indent}\t")):
            parts.append(lines[line].removeprefix(indent).expandtabs(4)[4:])
        else:
            break
        line += 1
        end = line
    return "\n".join(parts).strip("\n"), end


def find_abbreviations(text: str) -> list[Definition]:
    """Return the abbreviations that a text defines, without a section."""
    seen = prose(text).split("\n")
    found = enumerate((_ABBREVIATION.fullmatch(line) for line in seen), 1)
    lines = text.split("\n")
    return [
        Definition("", match[1].strip(), lines[at - 1][match.start(2) :].strip(), at, at)
        for at, match in found
        if match and match[2].strip() not in ("''", '""')
    ]


def find_referred(path: str, meta: Mapping[str, Any], body: str) -> list[Definition]:
    """Return the terms that a page explains, by the field ``terms`` of its front matter."""
    listed, anchors = meta.get("terms"), meta.get("anchors")
    heading = re.search(r"^#\s+(.+?)\s*#*$", body, re.MULTILINE)
    title = str(meta.get("subtitle") or meta.get("title") or (heading[1] if heading else path))
    told = {
        str(key): str(value)
        for one in (anchors if isinstance(anchors, list) else [])
        if isinstance(one, dict)
        for key, value in one.items()
    }
    found = []
    for section, term, anchor in _listed(listed if isinstance(listed, list) else []):
        name, _, behind = term.partition("#")
        behind = anchor or behind
        text = told.get(behind, title)
        link = f"[{text}]({path.rpartition('/')[2]}{'#' if behind else ''}{behind})"
        found.append(Definition(section, name, f"{text}\n\n{link}", 1, 1))
    return found


def _listed(listed: Sequence[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield section, term and anchor, of the forms that ezglossary has."""
    for one in listed:
        if isinstance(one, str):
            yield "_", one, ""
        for section, data in one.items() if isinstance(one, dict) else ():
            for term in data if isinstance(data, list) else [data]:
                if isinstance(term, dict):
                    yield from ((str(section), str(a), str(b)) for a, b in term.items())
                elif term is not None:
                    yield str(section), str(term), ""


def without(text: str, found: Sequence[Definition], instead: Callable[[Definition], str]) -> str:
    """Return a page in which items of a list stand instead of definitions; or nothing, no line."""
    lines = text.split("\n")
    behind = 0
    for first in sorted({one.first for one in found}, reverse=True):
        here = [one for one in found if one.first == first]
        last = here[0].last
        items = [line for one in here if (line := instead(one))]
        if items and last < len(lines) and lines[last].strip() and behind != last + 1:
            items.append("")  # else what follows would belong to the item
        lines[first - 1 : last] = items
        if items and first > 1 and lines[first - 2].strip() and not _ends(found, first - 1):
            lines.insert(first - 1, "")  # else the item would belong to what goes before
        behind = first
    return "\n".join(lines)


def _ends(found: Sequence[Definition], line: int) -> bool:
    return any(one.last == line for one in found)


def links(text: str) -> Iterator[tuple[int, int, str, str, str, str]]:
    r"""Yield links to terms: start, end, section (``_`` for none), term, bar and text.

    >>> list(links("See <demo:a term> and `<demo:x>`."))
    [(4, 17, 'demo', 'a term', '', '')]
    """
    for match in _LINK.finditer(prose(text)):
        section, term = match[1] or "", match[2] or ""
        if not section and not term:
            continue
        if not term:  # <term:>
            section, term = "", section
        known = "_" if section in ("", "default") else section
        yield match.start(), match.end(), known, term.strip(), match[3] or "", match[4] or ""


def summaries(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what prints a whole section: start, end and section."""
    for match in _SUMMARY.finditer(prose(text)):
        yield match.start(), match.end(), match[1]


def plain(markdown: str) -> str:
    """Return a line of Markdown as plain text, citations left out."""
    markdown = " ".join(markdown[:_ENOUGH].split())
    for pattern, instead in _MARKUP:
        markdown = pattern.sub(instead, markdown)
    return " ".join(markdown.split())


def summary(markdown: str, longest: int) -> str:
    """Return the first sentence of a definition as plain text, cut where it is too long.

    >>> summary("A *list* of words, e.g. [these](x.md). More.", 240)
    'A list of words, e.g. these.'
    """
    first = plain(re.split(r"\n[ \t]*\n", markdown.strip())[0])
    match = _SENTENCE.match(first)
    sentence = match[0] if match else first
    if len(sentence) <= longest:
        return sentence
    return sentence[: longest - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"
