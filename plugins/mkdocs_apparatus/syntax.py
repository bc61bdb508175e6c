"""The grammar: what in a text is a citation, a term link or an escaped ``@``.

In comes the text of one block, before any inline Markdown was read; out come the tokens in
order. One scan from left to right steps over what is no prose (see ``opaque``) and over link
targets. Knows no sources and no terms: whether a key exists is for others to say.

Citations follow Pandoc's manual, section "Citation syntax". Where this differs, it does so on
purpose: nothing in addresses and e-mail addresses, nor in ``<code>`` and its like; ``[[x]]`` is a
term link; a key in braces may hold one level of braces; brackets end at their closing bracket,
also where a key follows at once (``[x]@key``).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .model import Citation, CitationGroup, Literal, Mode, TermLink
from .opaque import ATTRIBUTES, KEY, may_be_opaque, opaque_spans

Token = CitationGroup | TermLink | Literal


@dataclass(frozen=True, slots=True)
class Found:
    """A token, where it stands, and what stands around it."""

    token: Token
    start: int
    end: int
    in_image: bool = False


# Whatever may begin or end a token: all other characters are passed over in one step.
_SPECIAL = re.compile(r"[\\\[\]@]")
# @{https://x.org/a}
_BRACED = re.compile(r"\{((?:[^\s{}]|\{[^\s{}]*\})+)\}")
# [text](target "title"): one level of parentheses in the target.
_TARGET = re.compile(r"\((?:[^()\\]|\\.|\([^()]*\)){0,4000}\)")
# *word*, __word__, at the end of what is searched.
_EMPHASIS = re.compile(r"((?<!\*)\*{1,3}|(?<!\w)_{1,3})(?=[^\s*_])[^*_]*(?<!\s)\1$")
# Where @1 or @some-label is no citation (behind a word), what follows it begins anew.
_LABEL = re.compile(r"@(?:[^\W_]|[-_](?=[^\W_]))*")
# "a; b" and 'a; b' hide what is in them.
_QUOTED = re.compile(r""""(?!\s)[^"]*"|'(?!\s)[^']*'(?!\w)""")
_EMAIL_BEFORE = re.compile(r"\w[.+_-]$")
_HOST_AFTER = re.compile(r"[\w-]+\.\w")
_TERM = re.compile(r"\[\[([^\[\]\n@]+(?:\n[^\[\]\n@]+)?)\]\]")
# [@a], [@a, p. 3; -@b]: what needs no second look, and no link follows.
_PLAIN_PART = re.compile(r"(-?)@(\w+(?:[:.-]\w+)*)((?:,[\w ,.–-]*)?)")
_PLAIN = re.compile(rf"\[{_PLAIN_PART.pattern}(?:; ?{_PLAIN_PART.pattern})*\](?![\[({{])")
# What comes next in a text of nothing but [[term]], [[term|words]], [@a, p. 3] and @key.
_NEXT = re.compile(
    r"[^\[\]@]*+(?:"
    r"\[\[(?P<target>[^\[\]\n@|!]+)(?:\|(?P<shown>[^\[\]\n@|]+))?\]\]"
    rf"|(?P<group>{_PLAIN.pattern})"
    r"|(?<![^\s(])@(?P<key>\w+(?:[:.-]\w+)*+)(?=[\s,;)]|\.(?!\S)|\Z)(?![ \t]*\n?[ \t]*\[)"
    r")"
)
_DIVIDERS = re.compile(r"[\[;@\"']")
_SPACE = re.compile(r"[ \t]*\n?[ \t]*")


def find_groups(text: str) -> list[CitationGroup]:
    """Return the citation groups of a text in reading order."""
    return [found.token for found in scan(text) if isinstance(found.token, CitationGroup)]


def scan(text: str) -> list[Found]:
    """Return what a text holds, in order and without overlaps."""
    if "@" not in text and "[[" not in text:
        return []
    if not may_be_opaque(text) and (found := _scan_plain(text)) is not None:
        return found
    return list(Scanner(text).tokens())


def first_heading(markdown: str) -> str:
    r"""Return the words of a text's first heading of the first level, without its citations.

    >>> first_heading("Before.\n# The [[reset]] [@a, p. 3]\n")
    'The reset'
    """
    line = next((line for line in markdown.splitlines() if line.startswith("# ")), "")
    parts, at = [], 0
    for found in scan(line):
        shown = found.token.shown if isinstance(found.token, TermLink) else ""
        parts += [line[at : found.start], "@" if isinstance(found.token, Literal) else shown]
        at = found.end
    return " ".join("".join((*parts, line[at:])).removeprefix("# ").split())


def _scan_plain(text: str) -> list[Found] | None:
    """Return what a text holds that has only what ``_NEXT`` reads, as most of them; else None."""
    tokens: list[Found] = []
    at = 0
    while (match := _NEXT.match(text, at)) is not None:
        at = match.end()
        target, shown, key = match["target"], match["shown"], match["key"]
        if target:
            start = match.start("target") - 2
            target = " ".join(target.split())
            if not target:
                return None
            shown = " ".join(shown.split()) if shown else ""
            link = TermLink(target, shown or target, start, at, text[start:at])
            tokens.append(Found(link, start, at))
        elif key:
            start = match.start("key") - 1
            citation = Citation(key, mode=Mode.AUTHOR_IN_TEXT, at=start)
            group = CitationGroup((citation,), start, at, text[start:at])
            tokens.append(Found(group, start, at))
        else:
            tokens.append(_plain_group(text, match.start("group"), at))
    return None if _SPECIAL.search(text, at) else tokens


def _plain_group(text: str, start: int, end: int) -> Found:
    """Read a group that is nothing but keys and simple suffixes, as most of them are."""
    citations = [
        Citation(
            part[2],
            suffix=part[3].rstrip(),
            mode=Mode.SUPPRESS_AUTHOR if part[1] else Mode.NORMAL,
            at=part.end(1),
        )
        for part in _PLAIN_PART.finditer(text, start + 1, end - 1)
    ]
    return Found(CitationGroup(tuple(citations), start, end, text[start:end]), start, end)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch between two semicolons, and the at-signs in it that may begin a key."""

    start: int
    end: int
    signs: list[int]


class Scanner:
    """One pass over one text; each opening bracket's partner is known beforehand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.cited_to = 0  # where the last citation ended
        self.image_to = 0  # where the text of the image ends that is being read
        self.targets: dict[int, int] = {}  # "]" of a link: the end of its target
        self.opaque = opaque_spans(text)
        self.starts = [start for start, _ in self.opaque]
        self.ends = {end for _, end in self.opaque}
        self.special = [(match.start(), match[0]) for match in _SPECIAL.finditer(text)]
        self.partner = self._partners()

    def _partners(self) -> dict[int, int]:
        """Map each opening bracket to its closing one, brackets in opaque spans left out."""
        stack: list[int] = []
        partner: dict[int, int] = {}
        for at, char in self.special:
            if char not in "[]" or self._opaque_from(at) > at:
                continue
            if char == "[":
                stack.append(at)
            elif stack:
                partner[stack.pop()] = at
        return partner

    def _visible(self, wanted: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, str]]:
        """Return the wanted characters of a stretch that stand outside opaque spans."""
        found = ((match.start(), match[0]) for match in wanted.finditer(self.text, start, end))
        if not self.opaque:
            return found
        return (one for one in found if self._opaque_from(one[0]) == one[0])

    def _opaque_from(self, at: int) -> int:
        """Return the end of the opaque span that covers a place, or the place itself."""
        if not self.opaque:
            return at
        index = bisect_left(self.starts, at + 1) - 1
        if index >= 0 and self.opaque[index][1] > at:
            return self.opaque[index][1]
        return at

    def tokens(self) -> Iterator[Found]:
        """Yield what the text holds, from left to right."""
        text, read_to = self.text, 0
        for at, char in self.special:
            if at < read_to:
                continue
            covered = self._opaque_from(at)
            if covered > at:
                if text.startswith("\\@", at):
                    yield Found(Literal("@"), at, at + 2, at < self.image_to)
                read_to = covered
                continue
            found = self._token(at, char)
            if found is None:
                read_to = self._step(at)
                continue
            read_to = found.end
            if isinstance(found.token, CitationGroup):
                self.cited_to = read_to
            inside = found.start < self.image_to
            yield replace(found, in_image=True) if inside else found

    def _token(self, at: int, char: str) -> Found | None:
        if char == "@":
            return self._narrative(at)
        return self._term(at) or self._bracketed(at) if char == "[" else None

    def _step(self, at: int) -> int:
        """Return where reading goes on behind a character that begins no token."""
        text = self.text
        if at in self.partner:
            close = self.partner[at]
            target = _TARGET.match(text, close + 1)
            if target:
                self.targets[close] = target.end()
                if at and text[at - 1] == "!":
                    self.image_to = max(self.image_to, close)
        elif at in self.targets:
            return self.targets[at]
        elif text[at] == "@":
            return self._pass_label(at)
        return at + 1

    def _pass_label(self, at: int) -> int:
        label = _LABEL.match(self.text, at)
        self.cited_to = label.end() if label else at + 1
        return self.cited_to

    def _term(self, at: int) -> Found | None:
        match = _TERM.match(self.text, at)
        if match is None or "`" in match[1]:
            return None
        target, bar, shown = match[1].replace("\\|", "|").partition("|")
        plain = target.startswith("!")
        target = " ".join(target.removeprefix("!").split())
        shown = " ".join(shown.split()) if bar else ""
        if not target:
            return None
        link = TermLink(target, shown or target, at, match.end(), match[0], plain)
        return Found(link, at, match.end())

    def _bracketed(self, at: int) -> Found | None:
        """Read ``[see @a, p. 3; @b]``: each part holds a key, and no link follows."""
        if not self.opaque and (plain := _PLAIN.match(self.text, at)) is not None:
            return _plain_group(self.text, at, plain.end())
        close = self.partner.get(at)
        if close is None or self._is_link(close + 1):
            return None
        citations = self._citations(at + 1, close)
        if not citations:
            return None
        group = CitationGroup(tuple(citations), at, close + 1, self.text[at : close + 1])
        return Found(group, at, close + 1)

    def _is_link(self, after: int) -> bool:
        text = self.text
        if text.startswith("(", after):
            return _TARGET.match(text, after) is not None
        if text.startswith("{", after):
            return ATTRIBUTES.match(text, after) is not None
        return (
            after in self.partner
            and not text.startswith(("[@", "[^"), after)
            and not _TERM.match(text, after)
        )

    def _citations(self, start: int, end: int) -> list[Citation]:
        """Read the parts between two places, or return nothing if one of them has no key."""
        cited_to = self.cited_to
        found = [self._citation(part) for part in self._parts(start, end)]
        self.cited_to = cited_to
        return [citation for citation in found if citation] if all(found) else []

    def _parts(self, start: int, end: int) -> list[_Part]:
        """Split at the semicolons in no inner brackets, braced keys or quotes.

        Return nothing if a bracket is open.
        """
        parts, inner, key_end = [_Part(start, end, [])], start, start
        for at, char in self._visible(_DIVIDERS, start, end):
            if at < inner:
                continue
            if char == ";":
                parts[-1] = replace(parts[-1], end=at)
                parts.append(_Part(at + 1, end, []))
            elif char == "@":
                parts[-1].signs.append(at)
                braced = _BRACED.match(self.text, at + 1)
                inner = braced.end() if braced else inner
                key = KEY.match(self.text, at + 1)
                key_end = key.end() if key else at
            elif char == "[":
                if self.partner.get(at, end) >= end:
                    return []
                inner = self.partner[at] + 1
                target = _TARGET.match(self.text, inner)
                inner = target.end() if target else inner
            elif at == key_end or not self._is_word_end(at):
                quoted = _QUOTED.match(self.text, at, end)
                inner = quoted.end() if quoted else inner
        return parts

    def _citation(self, part: _Part) -> Citation | None:
        """Read a part's first key, with what stands before and after it."""
        text = self.text
        for at in part.signs:
            read = self._key(at)
            if read is None:
                self._pass_label(at)
                continue
            key, after, suppressed = read
            before = at - 1 if suppressed else at
            if after > part.end or (text[before - 1] == "]" and before not in self.ends):
                return None
            return Citation(
                key,
                text[part.start : before].strip(),
                text[after : part.end].rstrip().removeprefix(" "),
                Mode.SUPPRESS_AUTHOR if suppressed else Mode.NORMAL,
                at,
            )
        return None

    def _key(self, at: int) -> tuple[str, int, bool] | None:
        """Read the key behind an ``@``: key, its end, and whether a minus stands before."""
        text = self.text
        hyphens = self._run("-", at)
        if not hyphens and self._is_word_end(at):
            return None
        # Two hyphens make a dash, and so do three: a minus is what is left over.
        suppressed = hyphens % 3 == 1 and not (hyphens == 1 and self._is_word_end(at - 1))
        braced = _BRACED.match(text, at + 1)
        if braced:
            return braced[1], braced.end(), suppressed
        key = KEY.match(text, at + 1)
        if key is None:
            return None
        if _EMAIL_BEFORE.search(text, max(0, at - 2), at) and _HOST_AFTER.match(text, at + 1):
            return None
        return key[0], key.end(), suppressed

    def _is_word_end(self, at: int) -> bool:
        """Say whether a word, a full stop or an emphasis ends at a place, but no citation."""
        if at in (0, self.cited_to) or at in self.ends:
            return False
        text, before = self.text, self.text[at - 1]
        if before in "*_":
            opened = _EMPHASIS.search(text, max(self.cited_to, at - 300), at)
            return opened is not None and self._opaque_from(opened.start()) == opened.start()
        if before == ".":  # three are an ellipsis, which is no word
            return self._run(".", at) % 3 != 0
        return before.isalnum()

    def _run(self, char: str, at: int) -> int:
        """Return how many of a character stand before a place, behind whatever was read."""
        index = bisect_left(self.starts, at) - 1
        first = max(self.opaque[index][1] if index >= 0 else 0, self.cited_to)
        count = 0
        while at - count > first and self.text[at - count - 1] == char:
            count += 1
        return count

    def _narrative(self, at: int) -> Found | None:
        """Read ``@key``, ``-@key`` and ``@key [p. 3; @more]``."""
        read = self._key(at)
        if read is None:
            return None
        key, end, suppressed = read
        start = at - 1 if suppressed else at
        mode = Mode.SUPPRESS_AUTHOR if suppressed else Mode.AUTHOR_IN_TEXT
        citations = [Citation(key, mode=mode, at=at)]
        space = _SPACE.match(self.text, end)
        bracket = space.end() if space else end
        close = self.partner.get(bracket)
        if close is not None and not (
            self.text.startswith("[^", bracket) or _TERM.match(self.text, bracket)
        ):
            more = self._bracketed(bracket)
            if more is not None and isinstance(more.token, CitationGroup):
                citations += more.token.citations
                end = more.end
            elif not self.text.startswith(("(", "[", "{"), close + 1):
                parts = self._parts(bracket + 1, close)
                rest = [self._citation(part) for part in parts[1:]]
                if parts and all(rest):
                    suffix = self.text[parts[0].start : parts[0].end].strip()
                    citations = [Citation(key, suffix=suffix, mode=mode, at=at)]
                    citations += [citation for citation in rest if citation]
                    end = close + 1
        group = CitationGroup(tuple(citations), start, end, self.text[start:end])
        return Found(group, start, end)
