"""Plain words that name a term: found in a page's finished HTML, and marked like ``[[links]]``.

In comes HTML with marks, out comes the same text with more of them; no visible character changes.
All names stand in one tree, word by word, and a page's words are looked up in it once: how many
terms there are hardly matters. Words in links, code, headings and the like are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from .marks import find_marks, without_marks, write_mark
from .model import Block, Mark, Term, TermLink
from .places import HEADING
from .terms import find_owners, find_term

_WORD = re.compile(r"\w+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_MOST_SIGNS = 40  # that are not of ASCII, in a text whose words are found in the quick way
# What a name may cost the pages: its words, and the signs that several may end with.
_LONGEST_NAME, _MOST_ENDS = 20, 20
_SPACED = bytes(
    byte if byte > 127 or chr(byte).isalnum() or chr(byte) == "_" else ord(" ")
    for byte in range(256)
)
_WORDS = re.compile(r"(\W*)(\w+)")
# What may stand between two words of a name: a few signs, and no tag.
_NEXT = re.compile(r"((?:[^\w<>&]|&(?:\w{2,6}|#\d{2,5});){1,6})(\w+)")
_GAP = re.compile(r"[\s\u00a0\u2010\u2011-]+")
# A word that is joined to another one is part of something else: re-set, reset.org, @reset.
_JOINED_BEFORE = re.compile(r"(?:[-\u2010\u2011./@#&_]|&amp;|\w['’])$")
_ELISION = re.compile(r"(?:^|\W)(?:[cdjlmnst]|qu)['’]$", re.IGNORECASE)
_JOINED_AFTER = re.compile(r"[-\u2010\u2011./@]\w|/|&amp;|['’](?!s\b)\w")
_BEFORE, _AFTER = frozenset(" \n(>"), frozenset(" \n,;:)<")  # most often it is free
_SKIPPED = (
    "a|abbr|button|code|h[1-6]|kbd|math|pre|samp|script|select|style|summary|svg|textarea|var"
)
# A comment, maths, the title of an admonition; an element in which no link may be.
_BORDER = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?:span|div) class=\"arithmatex\">[^<]*"
    r"|<p class=\"admonition-title\">[^<]*"
    rf"|<(/?)(?:{_SKIPPED})(?=[\s/>])[^<>]*>",
    re.DOTALL,
)
_INLINE = re.compile(r"</?(?:a|b|cite|em|i|mark|q|small|span|strong|sub|sup|u)\b[^<>]*>")
_OPENING = " \t\n\u00a0\"'“‘«„([—–-"
_BEGINS = ("", ">", ".", "!", "?", ":", "…")  # what stands before the first word of a sentence


@dataclass(slots=True)
class _Node:
    """A place in the tree of names: what may follow, and the terms that end here.

    ``ends`` maps what a name has behind its last word, often nothing, to its slug.
    """

    following: dict[str, _Node] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)


Tree = Mapping[str, _Node]
_Found = tuple[int, int, str]  # where the words begin and end, and the slug


def plant(terms: Collection[Term]) -> Tree:
    """Return the tree of all names of terms.

    A name that could mean either of two terms, or that begins with a sign, is left out.
    """
    root = _Node()
    for names, owners in find_owners(terms):
        if len(owners) == 1 and owners[0].autolink:
            for name in names:
                _add(root, name, owners[0].slug)
    for word in list(root.following):
        root.following.setdefault(word[0].upper() + word[1:], _Node())
    return root.following


def _add(root: _Node, name: str, slug: str) -> None:
    node, end = root, 0
    words = _WORDS.findall(name)
    if len(words) > _LONGEST_NAME:
        return
    for gap, word in words:
        if not end and gap:
            return
        end += len(gap) + len(word)
        step = _step(gap) + word
        if step not in node.following:
            node.following[step] = _Node()
        node = node.following[step]
    if end and len(node.ends) < _MOST_ENDS:
        node.ends.setdefault(name[end:], slug)


def _step(gap: str) -> str:
    """Return what stands between two words, spaces and hyphens being alike."""
    if gap in ("", " "):
        return gap
    return _GAP.sub(" ", unescape(gap))


def link_terms(
    html: str, marks: Sequence[Mark], tree: Tree, mode: str, names: Mapping[str, str]
) -> tuple[str, tuple[Mark, ...]]:
    """Return a page with its plain mentions of terms marked, and all its marks.

    ``mode`` is ``first`` (the first mention of a term on the page, or in an entry of a generated
    page), ``section`` or ``all``. ``names`` leads from what ``[[links]]`` name to slugs,
    so that these count as mentions too.
    """
    every = find_words(html)
    if tree.keys().isdisjoint(every):
        return html, tuple(marks)
    words = [word for word in every if word in tree]
    out, more, at = [], list(marks), 0
    found = _find(html, words, tree)
    for start, end, slug in _choose(found, _limits(html, marks, mode, names), mode):
        shown = unescape(html[start:end])
        out += [html[at:start], write_mark(len(more))]
        more.append(TermLink(slug, shown, start, end, shown, found=True))
        at = end
    return "".join((*out, html[at:])), tuple(more)


def find_words(html: str) -> list[str]:
    r"""Return the words of a text, those in tags among them: ``\w+``, but in half the time.

    Every sign becomes a space, those of ASCII all at once.
    """
    text = without_marks(html, " ")
    if not text.isascii():
        signs = {sign for sign in set("".join(_NOT_ASCII.findall(text))) if not sign.isalnum()}
        if len(signs) > _MOST_SIGNS:
            return _WORD.findall(text)
        for sign in signs:
            text = text.replace(sign, " ")
    coded = text.encode(errors="surrogatepass").translate(_SPACED)
    return coded.decode(errors="surrogatepass").split()


def _choose(
    found: Iterable[_Found], limits: Iterator[tuple[int, str]], mode: str
) -> Iterator[_Found]:
    """Yield what is first where only the first counts, and in no entry of its own."""
    limit, what = next(limits)
    seen: set[str] = set()
    owner = ""
    for start, end, slug in found:
        while limit < start:
            if what.startswith("#"):
                seen, owner = set(), what[1:]
            else:
                seen.add(what)
            limit, what = next(limits)
        if slug != owner and (mode == "all" or slug not in seen):
            seen.add(slug)
            yield start, end, slug


def _limits(
    html: str, marks: Sequence[Mark], mode: str, names: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield where a term is linked by hand, as its slug, and where counting begins anew.

    That is ``#`` with the slug of the term whose entry begins, if it is one's.
    """
    found = [(at, _limit(mark, names)) for at, mark in find_marks(html, marks)]
    if mode == "section":
        found += [(match.start(), "#") for match in HEADING.finditer(html)]
    yield from sorted(one for one in found if one[1])
    yield len(html), ""


def _limit(mark: Mark, names: Mapping[str, str]) -> str:
    if isinstance(mark, TermLink) and not mark.plain:
        return find_term(mark.target, names)
    if isinstance(mark, Block) and mark.begins:
        kind, _, slug = mark.begins.partition("-")
        return f"#{slug if kind in ('term', 'event') else ''}"
    return ""


def _find(html: str, words: Iterable[str], tree: Tree) -> Iterator[_Found]:
    """Yield the longest name that begins at each of the words where a link may be, in order."""
    borders = _borders(html)
    passed = at = end = 0
    in_tag = False
    for word in words:
        start = _next(html, word, at)
        opened, closed = html.rfind("<", at, start), html.rfind(">", at, start)
        if opened != closed:  # else there is neither, and all is as before
            in_tag = opened > closed
        at = start + len(word)
        while borders[passed] <= start:
            passed += 1
        if start >= end and not in_tag and passed % 2 == 0:
            last, slug = _longest(html, at, tree[word])
            low = word[0].lower() + word[1:]
            if low != word and low in tree and _begins_sentence(html, start):
                last, slug = max((last, slug), _longest(html, at, tree[low]))
            if slug and not _is_joined(html, start, last):
                end = last
                yield start, last, slug


def _next(html: str, word: str, at: int) -> int:
    """Return where a word stands next, as a whole one."""
    while True:
        at = html.index(word, at)
        before, after = html[at - 1 : at], html[at + len(word) : at + len(word) + 1]
        if not (before.isalnum() or after.isalnum() or before == "_" or after == "_"):
            return at
        at += 1


def _borders(html: str) -> list[int]:
    """Return where that begins and ends, by turns, in which no link may be; the end at last."""
    borders: list[int] = []
    depth = 0
    for match in _BORDER.finditer(html):
        if match[1] is None:
            borders += () if depth else match.span()
        elif match[1]:
            depth -= depth > 0
            if not depth and len(borders) % 2:
                borders.append(match.end())
        elif not match[0].endswith("/>"):
            if not depth:
                borders.append(match.start())
            depth += 1
    return [*borders, len(html) + 1]


def _longest(html: str, at: int, node: _Node) -> tuple[int, str]:
    """Return the end and the slug of the longest name whose first word ends here, if any."""
    end, slug = 0, ""
    while True:
        for tail, own in node.ends.items():
            if html.startswith(tail, at):
                end, slug = at + len(tail), own
        if not node.following:
            return end, slug
        word = _WORD.match(html, at + 1) if html.startswith(" ", at) else None
        if word is not None:  # nearly always
            step, at = f" {word[0]}", word.end()
        elif (following := _NEXT.match(html, at)) is not None:
            step, at = _step(following[1]) + following[2], following.end()
        else:
            return end, slug
        if step not in node.following:
            return end, slug
        node = node.following[step]


def _is_joined(html: str, start: int, end: int) -> bool:
    """Say whether words are a part of something else."""
    if html[start - 1 : start] in _BEFORE and html[end : end + 1] in _AFTER:
        return False
    before = html[max(0, start - 5) : start]
    if _JOINED_BEFORE.search(before) and not _ELISION.search(before):
        return True
    return _JOINED_AFTER.match(html, end) is not None


def _begins_sentence(html: str, start: int) -> bool:
    before = _INLINE.sub("", without_marks(html[max(0, start - 200) : start])).rstrip(_OPENING)
    return before[-1:] in _BEGINS
