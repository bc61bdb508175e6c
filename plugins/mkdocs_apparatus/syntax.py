"""The grammar: what in a text is a citation, a term link or an escaped ``@``.

In comes the text of one block, before any inline Markdown was read; out come the tokens in
order. One scan from left to right: what cannot hold a citation (code, HTML, maths, addresses,
link targets) is stepped over, so that no second reader has to know about it. Knows no sources
and no terms: whether a key exists is for others to say.

Citations follow Pandoc's manual, section "Citation syntax". Differences, all on purpose: never in
addresses and e-mail addresses; ``@*`` is no key; a key in braces may hold one level of braces.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .model import Citation, CitationGroup, Literal, Mode, TermLink

Token = CitationGroup | TermLink | Literal


@dataclass(frozen=True, slots=True)
class Found:
    """A token, where it stands, and what stands around it."""

    token: Token
    start: int
    end: int
    in_image: bool = False


# Whatever may open something: all other characters are passed over in one step.
_SPECIAL = re.compile(r"[\\`<$:{\[\]@]")
# smith2019, doe:99, a.b/c, müller_2003: inner punctuation needs a letter or digit after it.
_KEY = re.compile(r"[\w*](?:\w|[:.#$%&\-+?<>~/](?=\w)|[:/](?=/))*")
# @{https://x.org/a}
_BRACED = re.compile(r"\{((?:[^\s{}]|\{[^\s{}]*\})+)\}")
_TICKS = re.compile(r"`+")
# <a href="x">, </b>, <br/>: bounded, so that a run of "<a <a <a" stays linear.
_TAG = re.compile(r"""</?[A-Za-z](?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'){0,2000}>""")
# <https://x.org/@a>, <me@x.org>
_AUTOLINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|<[^\s<>@]+@[^\s<>@]+>")
# $x_i$: no space inside the dollars, no digit after (Pandoc, tex_math_dollars).
_MATHS = re.compile(r"\$\$[^$]+\$\$|\$(?![\s$])[^$\n]{0,1000}?(?<![\s\\])\$(?!\d)")
_ADDRESS = re.compile(r"://[^\s<>\"\]]*")
# {: .class }, {#id}: attribute lists.
_ATTRIBUTES = re.compile(r"\{:?[ ]*[#.][^{}\n]*\}|\{:[^{}\n]*\}")
# [text](target "title"): one level of parentheses in the target.
_TARGET = re.compile(r"\((?:[^()]|\([^()]*\)){0,4000}\)")
# *word*, __word__, at the end of what is searched.
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3})(?=[^\s*_])[^*_]*(?<!\s)\1$")
_LABEL = re.compile(r"@[\w-]*")
_EMAIL_BEFORE = re.compile(r"\w[.+_-]$")
_HOST_AFTER = re.compile(r"[\w-]+\.\w")
_TERM = re.compile(r"\[\[([^\[\]\n@]+(?:\n[^\[\]\n@]+)?)\]\]")
_SPACE = re.compile(r"[ \t]*\n?[ \t]*")
# , p. 12, "few words": what stands before the words, the words, what stands after.
_PASSAGE = re.compile(r"""^(.*?)[,;\s]*(?:"([^"]+)"|“([^”]+)”)\s*(.*)$""", re.DOTALL)
_RAW = ("code", "pre", "script", "style", "textarea", "kbd", "samp")
_RAW_OPEN = re.compile(rf"<({'|'.join(_RAW)})\b", re.IGNORECASE)
_RAW_CLOSE = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in _RAW}


def find_groups(text: str) -> list[CitationGroup]:
    """Return the citation groups of a text in reading order."""
    return [found.token for found in scan(text) if isinstance(found.token, CitationGroup)]


def split_suffix(suffix: str) -> tuple[str, str]:
    """Split a citation's suffix into locator (with whatever else was written) and passage.

    >>> split_suffix(', p. 3, "few words"')
    ('p. 3', 'few words')
    """
    match = _PASSAGE.match(suffix)
    if match is None:
        return suffix.strip(" ,\n\t"), ""
    before, straight, curly, after = match.groups()
    locator = " ".join(part for part in (before.strip(" ,\n\t"), after.strip(" ,\n\t")) if part)
    return locator, " ".join((straight or curly).split())


def scan(text: str) -> list[Found]:
    """Return what a text holds, in order and without overlaps."""
    return list(_Scanner(text).tokens()) if "@" in text or "[[" in text else []


class _Scanner:
    """One pass over one text; each opening bracket's partner is known beforehand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.never_closed: set[str] = set()
        self.cited_to = 0  # where the last citation ended
        self.image_to = 0  # where the text of the image ends that is being read
        self.targets: dict[int, int] = {}  # "]" of a link: the end of its target
        self.opaque = list(self._opaque_spans())
        self.starts = [start for start, _ in self.opaque]
        self.partner = self._partners()

    def _opaque_spans(self) -> Iterator[tuple[int, int]]:
        """Yield the spans that no citation can begin in or reach into, in order."""
        text, at = self.text, 0
        runs: dict[int, list[int]] = {}
        for run in _TICKS.finditer(text):
            runs.setdefault(len(run[0]), []).append(run.start())
        while match := _SPECIAL.search(text, at):
            at = match.start()
            end = self._opaque_end(at, runs)
            if end > at:
                yield at, end
                at = end
            else:
                at += 1

    def _opaque_end(self, at: int, runs: dict[int, list[int]]) -> int:
        """Return where the opaque span at a place ends, or the place itself if none begins."""
        text, char = self.text, self.text[at]
        pattern = {"$": _MATHS, ":": _ADDRESS, "{": _ATTRIBUTES}.get(char)
        if pattern is not None:
            if char == "{" and at and text[at - 1] == "@":
                return at
            match = pattern.match(text, at)
            return match.end() if match else at
        if char == "\\":
            return min(at + 2, len(text))
        if char == "`":
            ticks = _TICKS.match(text, at)
            length = len(ticks[0]) if ticks else 1
            same = runs.get(length, [])
            after = bisect_left(same, at + length)
            return same[after] + length if after < len(same) else at + length
        if char == "<":
            return self._html_end(at)
        return at

    def _html_end(self, at: int) -> int:
        text = self.text
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
            return end + 3 if end >= 0 else at
        match = _AUTOLINK.match(text, at) or _TAG.match(text, at)
        if match is None:
            return at
        raw = _RAW_OPEN.match(text, at)
        if raw is None:
            return match.end()
        name = raw[1].lower()
        if name in self.never_closed:
            return match.end()
        close = _RAW_CLOSE[name].search(text, match.end())
        if close is None:
            self.never_closed.add(name)
        return close.start() if close else match.end()

    def _partners(self) -> dict[int, int]:
        """Map each opening bracket to its closing one, brackets in opaque spans left out."""
        stack: list[int] = []
        partner: dict[int, int] = {}
        for at, char in self._visible("[]"):
            if char == "[":
                stack.append(at)
                continue
            if stack and stack[-1] == at - 1:  # [] is no pair
                stack.pop()
            if stack:
                partner[stack.pop()] = at
        return partner

    def _visible(
        self, wanted: str, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, str]]:
        """Yield the wanted characters of a stretch that stand outside opaque spans."""
        text = self.text
        stop = len(text) if end is None else end
        pattern = re.compile(f"[{re.escape(wanted)}]")
        at = start
        while (match := pattern.search(text, at, stop)) is not None:
            at = match.start()
            covered = self._opaque_from(at)
            if covered > at:
                at = covered
            else:
                yield at, text[at]
                at += 1

    def _opaque_from(self, at: int) -> int:
        """Return the end of the opaque span that covers a place, or the place itself."""
        index = bisect_left(self.starts, at + 1) - 1
        if index >= 0 and self.opaque[index][1] > at:
            return self.opaque[index][1]
        return at

    def tokens(self) -> Iterator[Found]:
        """Yield what the text holds, from left to right."""
        text, at = self.text, 0
        while (match := _SPECIAL.search(text, at)) is not None:
            at = match.start()
            covered = self._opaque_from(at)
            if covered > at:
                if text.startswith("\\@", at):
                    yield Found(Literal("@"), at, at + 2, at < self.image_to)
                at = covered
                continue
            found = self._token(at)
            if found is None:
                at = self._step(at)
                continue
            at = found.end
            if isinstance(found.token, CitationGroup):
                self.cited_to = at
            yield replace(found, in_image=found.start < self.image_to)

    def _token(self, at: int) -> Found | None:
        char = self.text[at]
        if char == "@":
            return self._narrative(at)
        return self._term(at) or self._bracketed(at) if char == "[" else None

    def _step(self, at: int) -> int:
        """Return where reading goes on behind a character that begins no token."""
        text, char = self.text, self.text[at]
        if char == "[" and at in self.partner:
            close = self.partner[at]
            target = _TARGET.match(text, close + 1)
            if target:
                self.targets[close] = target.end()
                if at and text[at - 1] == "!":
                    self.image_to = max(self.image_to, close)
        elif char == "]" and at in self.targets:
            return self.targets[at]
        elif char == "@" and self._is_word_end(at):
            label = _LABEL.match(text, at)
            self.cited_to = label.end() if label else at + 1
            return self.cited_to
        return at + 1

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
            return _ATTRIBUTES.match(text, after) is not None
        return (
            text.startswith("[", after)
            and not text.startswith(("[@", "[^", "[-@", "[["), after)
            and after in self.partner
        )

    def _citations(self, start: int, end: int) -> list[Citation]:
        """Read the parts between two places, or return nothing if one of them has no key."""
        citations = []
        for part_start, part_end in self._parts(start, end):
            citation = self._citation(part_start, part_end)
            if citation is None:
                return []
            citations.append(citation)
        return citations

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Split at the semicolons that stand in no inner brackets."""
        inner = start
        part = start
        for at, char in self._visible("[;", start, end):
            if at < inner:
                continue
            if char == "[":
                inner = self.partner.get(at, at) + 1
            else:
                yield part, at
                part = at + 1
        yield part, end

    def _citation(self, start: int, end: int) -> Citation | None:
        text, inner = self.text, start
        for at, char in self._visible("[@", start, end):
            if at < inner:
                continue
            if char == "[":
                inner = self.partner.get(at, at) + 1
                continue
            read = self._key(at)
            if read is None:
                continue
            key, after, suppressed = read
            if after > end:
                return None
            prefix_end = at - 1 if suppressed else at
            return Citation(
                key,
                text[start:prefix_end].strip(),
                text[after:end].rstrip().removeprefix(" "),
                Mode.SUPPRESS_AUTHOR if suppressed else Mode.NORMAL,
                at,
            )
        return None

    def _key(self, at: int) -> tuple[str, int, bool] | None:
        """Read the key behind an ``@``: key, its end, and whether a minus stands before."""
        text = self.text
        index = bisect_left(self.starts, at) - 1
        first = max(self.opaque[index][1] if index >= 0 else 0, self.cited_to)
        hyphens = 0
        while at - hyphens > first and text[at - hyphens - 1] == "-":
            hyphens += 1
        if not hyphens and self._is_word_end(at):
            return None
        # Two hyphens make a dash, and so do three: a minus is what is left over.
        suppressed = hyphens % 3 == 1 and not (hyphens == 1 and self._is_word_end(at - 1))
        braced = _BRACED.match(text, at + 1)
        if braced:
            return braced[1], braced.end(), suppressed
        key = _KEY.match(text, at + 1)
        if key is None:
            return None
        if _EMAIL_BEFORE.search(text, max(0, at - 2), at) and _HOST_AFTER.match(text, at + 1):
            return None
        return key[0], key.end(), suppressed

    def _is_word_end(self, at: int) -> bool:
        """Say whether a word, a full stop or an emphasis ends at a place, but no citation."""
        if at in (0, self.cited_to):
            return False
        before = self.text[at - 1]
        if before in "*_":
            return _EMPHASIS.search(self.text, max(0, at - 300), at) is not None
        return before.isalnum() or before == "."

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
            elif not self.text.startswith(("(", "["), close + 1):
                parts = list(self._parts(bracket + 1, close))
                rest = [self._citation(*part) for part in parts[1:]]
                if all(rest):
                    suffix = self.text[slice(*parts[0])].strip()
                    citations = [Citation(key, suffix=suffix, mode=mode, at=at)]
                    citations += [citation for citation in rest if citation]
                    end = close + 1
        group = CitationGroup(tuple(citations), start, end, self.text[start:end])
        return Found(group, start, end)
