"""What in a text is no prose: code, HTML, comments, maths, addresses, attribute lists, escapes.

In comes the text of one block, before any inline Markdown was read; out come the spans that no
citation or term link can begin in or reach into. Linear in the size of the text, whatever is in
it: every pattern is bounded, and what was never closed is not looked for twice.
"""

from __future__ import annotations

import re
from bisect import bisect_left

# smith2019, doe:99, a.b/c, müller_2003: inner punctuation needs a letter or digit after it.
KEY = re.compile(r"[\w*](?:\w|[:.#$%&\-+?<>~/](?=\w)|[:/](?=/))*")
# {: .class }, {#id}: attribute lists.
ATTRIBUTES = re.compile(r"\{:?[ ]*[#.][^{}\n]*\}|\{:[^{}\n]*\}|\{\}")

_OPENS = re.compile(r"[\\`<$:{@]")
_TICKS = re.compile(r"`+")
# <a href="x">, </b>, <br/>: bounded, so that a run of "<a <a <a" stays linear.
_TAG = re.compile(r"""</?[A-Za-z](?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'){0,2000}>""")
# <https://x.org/@a>, <me@x.org>
_AUTOLINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|<[^\s<>@]+@[^\s<>@]+>")
# $x_i$: no space inside the dollars, no digit after (Pandoc, tex_math_dollars).
_MATHS = re.compile(r"\$\$[^$]+\$\$|\$(?![\s$])(?:[^$\\]|\\.){0,1000}?(?<!\s)\$(?!\d)")
# What follows http: and its like.
_ADDRESS = re.compile(r"://[^\s<>\"\]]*")
# \* hides a sign, \alpha is TeX.
_ESCAPE = re.compile(r"\\(?:[^\w\s]|_|[^\W\d_]+)")
_RAW = ("code", "pre", "script", "style", "textarea", "kbd", "samp")
_RAW_OPEN = re.compile(rf"<({'|'.join(_RAW)})\b", re.IGNORECASE)
_RAW_CLOSE = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in _RAW}
_PATTERNS = {"\\": _ESCAPE, "$": _MATHS, ":": _ADDRESS, "{": ATTRIBUTES}


def may_be_opaque(text: str) -> bool:
    """Say whether a text has a sign that may begin an opaque span; most have none."""
    return "\\" in text or "`" in text or "<" in text or "$" in text or "{" in text or "://" in text


def opaque_spans(text: str) -> list[tuple[int, int]]:
    """Return the opaque spans of a text, in order and without overlaps."""
    if not may_be_opaque(text):
        return []
    spans: list[tuple[int, int]] = []
    runs: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        runs.setdefault(len(run[0]), []).append(run.start())
    never_closed: set[str] = set()
    at = 0
    while match := _OPENS.search(text, at):
        at = match.start()
        char = text[at]
        if char == "@":  # a key may hold what opens something elsewhere: @a$b, @{c}
            key = KEY.match(text, at + 1)
            at = key.end() if key else at + 1 + text.startswith("{", at + 1)
            continue
        if char == "`":
            end = _code_end(text, at, runs)
        elif char == "<":
            end = _html_end(text, at, never_closed)
        else:
            found = _PATTERNS[char].match(text, at)
            end = found.end() if found else at
        if end > at:
            spans.append((at, end))
        at = max(end, at + 1)
    return spans


def _code_end(text: str, at: int, runs: dict[int, list[int]]) -> int:
    """Return the end of a code span, as Python-Markdown reads it, or of its backticks.

    As many backticks must come again; where they do not, the first ones of a run may stand alone.
    """
    ticks = _TICKS.match(text, at)
    behind = ticks.end() if ticks else at + 1
    for length in range(behind - at, 0, -1):
        same = runs.get(length, [])
        after = bisect_left(same, behind)
        if after < len(same):
            return same[after] + length
    return behind


def _html_end(text: str, at: int, never_closed: set[str]) -> int:
    """Return the end of a tag, of a comment, or of the element if what it holds is no prose."""
    if text.startswith("<!--", at):
        end = -1 if "--" in never_closed else text.find("-->", at + 4)
        if end < 0:
            never_closed.add("--")
        return end + 3 if end >= 0 else at
    match = _AUTOLINK.match(text, at) or _TAG.match(text, at)
    if match is None:
        return at
    raw = _RAW_OPEN.match(text, at)
    name = raw[1].lower() if raw else ""
    if not name or name in never_closed:
        return match.end()
    close = _RAW_CLOSE[name].search(text, match.end())
    if close is None:
        never_closed.add(name)
    return close.start() if close else match.end()
