"""A page's Content-Security-Policy: it fetches nothing elsewhere, and runs only what it came with.

In comes a finished page, out comes the same with its policy as a tag in its head. What stands in
the page itself, scripts and styles, is allowed by the hash of its text, so this comes last. Knows
nothing of citations.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import unescape

from .markup import fill

_OPENS = re.compile(r"<(script|style)\b", re.IGNORECASE)
_CLOSES = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")}
# Scripts with an address of their own, and data, which no browser runs: type="application/json".
_NOT_RUN = re.compile(r"""(?:^|\s)(?:src\s*=|type\s*=\s*["']?[\w./+-]*json\b)""", re.IGNORECASE)
_STYLE = re.compile(r"""\sstyle=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
# A browser looks for the encoding in the first 1,024 bytes: it stays the first.
_BEFORE = re.compile(r"<head\b[^>]*>(?:\s*<meta\s+charset\b[^>]*>)?", re.IGNORECASE)


def policy(html: str) -> str:
    """Return the policy of a page."""
    inline = list(_inline(html))
    scripts = [text for kind, tag, text in inline if kind == "script" and not _NOT_RUN.search(tag)]
    styles = [text for kind, _, text in inline if kind == "style"]
    attributes = [unescape(double or single) for double, single in _STYLE.findall(html)]
    allowed = ["'unsafe-hashes'"] if attributes else []
    rules = {
        # Also what no other rule names: Firefox fetches the next page ahead under this one.
        "default-src": ["'self'"],
        "script-src": ["'self'", *_hashes(scripts)],
        "style-src": ["'self'", *allowed, *_hashes([*styles, *attributes])],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    return "; ".join(" ".join([name, *values]) for name, values in rules.items())


def _inline(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield scripts and styles: which of both, what stands in the tag, and the text.

    What is never closed is not looked for twice, so that time stays in proportion to the page.
    """
    at, never_closed = 0, set[str]()
    while (opening := _OPENS.search(html, at)) is not None:
        at, name = opening.end(), opening[1].lower()
        end = -1 if name in never_closed else html.find(">", at)
        close = _CLOSES[name].search(html, end + 1) if end >= 0 else None
        if close is None:
            never_closed.add(name)
        else:
            yield name, html[at:end], html[end + 1 : close.start()]
            at = close.end()


def secure(html: str) -> str:
    """Return a page with its policy in its head, before all that the policy is about."""
    tag = '\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    written = fill(tag, policy=policy(html))
    return _BEFORE.sub(lambda head: f"{head[0]}{written}", html, count=1)


def _hashes(texts: Iterable[str]) -> list[str]:
    """Return the hash of each text, as a browser reads it: with plain ends of lines."""
    plain = dict.fromkeys(re.sub("\r\n?", "\n", text) for text in texts)
    digests = (sha256(text.encode("utf-8")).digest() for text in plain)
    return [f"'sha256-{b64encode(digest).decode()}'" for digest in digests]
