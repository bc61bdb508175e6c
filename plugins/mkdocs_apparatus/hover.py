"""What an editor shows of a source or a term when the pointer rests on it: Markdown."""

from __future__ import annotations

import re

from .model import Source, Term
from .style import Part, notes, reference
from .words import Words

_SIGN = re.compile(r"([\\`*_{}\[\]<>()#|~!&])")
_SPACE = re.compile(r"\s+")


def source_text(source: Source, words: Words) -> str:
    """Return a source's reference, what helps to weigh it, and its key."""
    parts = [_written(reference(source, words)), _written(notes(source, words))]
    return "\n\n".join([*filter(None, parts), f"`{source.key}`"])


def term_text(term: Term) -> str:
    """Return a term's title, kind, summary and other names."""
    parts = [f"**{_safe(term.title)}** · {_safe(term.kind)}", _safe(term.summary)]
    if term.role:
        parts.append(f"{_safe(term.role)} ({_safe(term.as_of)})")
    if term.aliases:
        parts.append(f"Also: {', '.join(map(_safe, term.aliases))}")
    return "\n\n".join(filter(None, parts))


def _written(parts: tuple[Part, ...]) -> str:
    return "".join(map(_part, parts)).strip()


def _part(part: Part) -> str:
    text = _safe(part.text)
    if part.role == "container" and text.strip():
        text = f"*{text}*"
    return f"[{text}](<{part.href}>)" if part.href else text


def _safe(text: str) -> str:
    """Return a text that Markdown reads as it stands, in one line."""
    return _SIGN.sub(r"\\\1", _SPACE.sub(" ", text))
