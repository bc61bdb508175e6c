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
from .terms import begun_low, find_owners, find_term, forms

_WORD = re.compile(r"\w+")
_WORDS = re.compile(r"(\W*)(\w+)")
# What may stand between two words of a name: a few signs, and no tag.
_NEXT = re.compile(r"((?:[^\w<>&]|&(?:\w{2,6}|#\d{2,5});){1,6})(\w+)")
_GAP = re.compile(r"[\s\u00a0\u2010\u2011-]+")
# A word that is joined to another one is part of something else: re-set, reset.org, @reset.
_JOINED_BEFORE = re.compile(r"(?:[-\u2010\u2011./@#&_]|&amp;|\w['’])$")
_ELISION = re.compile(r"(?:^|\W)(?:[cdjlmnst]|qu)['’]$", re.IGNORECASE)
_JOINED_AFTER = re.compile(r"[-\u2010\u2011./@]\w|/|&amp;|['’](?!s\b)\w")
_SKIPPED = (
    "a|abbr|button|code|h[1-6]|kbd|math|pre|samp|script|select|style|summary|svg|textarea|var"
)
# A comment, maths and the title of an admonition as a whole; a tag, and what it says of links.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?:span|div) class=\"arithmatex\">[^<]*"
    r"|<p class=\"admonition-title\">[^<]*"
    rf"|<(?:(/?)({_SKIPPED})(?=[\s/>]))?[^<>]*>",
    re.DOTALL,
)
_INLINE = re.compile(r"</?(?:a|b|cite|em|i|mark|q|small|span|strong|sub|sup|u)\b[^<>]*>")
_OPENING = " \t\n\u00a0\"'“‘«„([—–-"
_BEGINS = ("", ">", ".", "!", "?", ":", "…")  # what stands before the first word of a sentence


@dataclass(slots=True)
class _Node:
    """A place in the tree of names: what may follow, and the terms that end here.

    ``ends`` maps what a name has behind its last word, often nothing, to its slug and whether it
    stands at a sentence's start alone.
    """

    following: dict[str, _Node] = field(default_factory=dict)
    ends: dict[str, tuple[str, bool]] = field(default_factory=dict)


Tree = Mapping[str, _Node]


def plant(terms: Collection[Term]) -> Tree:
    """Return the tree of all names of terms.

    A name that could mean either of two terms, or that begins with a sign, is left out.
    """
    root = _Node()
    owners = find_owners(terms)
    written = [
        (name, term.slug)
        for term in terms
        if term.autolink
        for name in forms(term)
        if len(owners[begun_low(name)]) == 1
    ]
    for name, slug in written:
        _add(root, name, slug, begins=False)
    for name, slug in written:
        if name[0].islower():
            _add(root, name[0].upper() + name[1:], slug, begins=True)
    return root.following


def _add(root: _Node, name: str, slug: str, *, begins: bool) -> None:
    node, end = root, 0
    for match in _WORDS.finditer(name):
        if not end and match[1]:
            return
        node = node.following.setdefault(_step(match[1]) + match[2], _Node())
        end = match.end()
    if end:
        node.ends.setdefault(name[end:], (slug, begins))


def _step(gap: str) -> str:
    """Return what stands between two words, spaces and hyphens being alike."""
    return _GAP.sub(" ", unescape(gap))


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    slug: str


def link_terms(
    html: str, marks: Sequence[Mark], tree: Tree, mode: str, names: Mapping[str, str]
) -> tuple[str, tuple[Mark, ...]]:
    """Return a page with its plain mentions of terms marked, and all its marks.

    ``mode`` is ``first`` (the first mention of a term on the page, or in an entry of a generated
    page), ``section``, ``all`` or ``off``. ``names`` leads from what ``[[links]]`` name to slugs,
    so that these count as mentions too.
    """
    if mode == "off" or not tree:
        return html, tuple(marks)
    out, more, at = [], list(marks), 0
    for found in _choose(_find(html, tree), _limits(html, marks, mode, names), mode):
        words = unescape(html[found.start : found.end])
        more.append(TermLink(found.slug, words, found.start, found.end, words, found=True))
        out += [html[at : found.start], write_mark(len(more) - 1)]
        at = found.end
    return "".join((*out, html[at:])), tuple(more)


def _choose(
    found: Iterable[_Found], limits: Iterator[tuple[int, str]], mode: str
) -> Iterator[_Found]:
    """Yield what is first where only the first counts, and in no entry of its own."""
    limit, slug = next(limits)
    seen: set[str] = set()
    owner = ""
    for one in found:
        while limit < one.start:
            if slug.startswith("#"):
                seen, owner = set(), slug[1:]
            else:
                seen.add(slug)
            limit, slug = next(limits)
        if one.slug != owner and (mode == "all" or one.slug not in seen):
            seen.add(one.slug)
            yield one


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


def _find(html: str, tree: Tree) -> Iterator[_Found]:
    """Yield the longest name that begins at each word where a link may be, in order."""
    at = depth = 0
    for tag in _TAG.finditer(html):
        if not depth:
            yield from _find_between(html, at, tag.start(), tree)
        at = tag.end()
        if tag[2]:
            if tag[1]:
                depth -= depth > 0
            elif not tag[0].endswith("/>"):
                depth += 1
    if not depth:
        yield from _find_between(html, at, len(html), tree)


def _find_between(html: str, start: int, end: int, tree: Tree) -> Iterator[_Found]:
    if tree.keys().isdisjoint(_WORD.findall(html, start, end)):
        return
    at = start
    for word in _WORD.finditer(html, start, end):
        if word.start() >= at and word[0] in tree:
            found = _longest(html, word.start(), word.end(), tree[word[0]])
            if found is not None and not _is_joined(html, found):
                at = found.end
                yield found


def _longest(html: str, start: int, at: int, node: _Node) -> _Found | None:
    best: _Found | None = None
    while True:
        for tail, (slug, begins) in node.ends.items():
            if html.startswith(tail, at) and not (begins and not _begins_sentence(html, start)):
                best = _Found(start, at + len(tail), slug)
        following = _NEXT.match(html, at) if node.following else None
        step = _step(following[1]) + following[2] if following else ""
        if following is None or step not in node.following:
            return best
        node, at = node.following[step], following.end()


def _is_joined(html: str, found: _Found) -> bool:
    before = html[max(0, found.start - 5) : found.start]
    if _JOINED_BEFORE.search(before) and not _ELISION.search(before):
        return True
    return _JOINED_AFTER.match(html, found.end) is not None


def _begins_sentence(html: str, start: int) -> bool:
    before = _INLINE.sub("", without_marks(html[max(0, start - 200) : start])).rstrip(_OPENING)
    return before[-1:] in _BEGINS
