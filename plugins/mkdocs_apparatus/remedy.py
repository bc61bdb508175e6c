"""What an editor may do about a finding: what was meant is written, a missing term begins.

In comes a finding, out come changes, each with a title.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .desk import Desk
from .model import Diagnostic, Span
from .rename import Change, Edit

# "no source 'onne'; did you mean 'one'?": the last name before the question is the wrong one.
_MEANT = re.compile(r"'([^']+)'[^']*; did you mean '([^']+)'\?$")
_NO_TERM = re.compile(r"^no term '(.+?)'(?:; did you mean .*)?$")
_PLAIN = re.compile(r"[^\W\d](?:[\w ,.’()-]*[\w.’)])?")


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change with its title; the ``safe`` one is what the finding itself proposes."""

    title: str
    change: Change
    safe: bool = False


def remedies(desk: Desk, found: Diagnostic) -> Iterator[Remedy]:
    """Yield what can be done about a finding."""
    meant = _MEANT.search(found.message)
    if meant is not None and (span := _find(desk, found.span, meant[1])) is not None:
        change = Change((Edit(span, meant[2]),))
        yield Remedy(f"Write '{meant[2]}'", change, safe=True)
    missing = _NO_TERM.match(found.message)
    if found.code == "T001" and missing is not None:
        yield from _new_term(desk, missing[1])


def _find(desk: Desk, span: Span, name: str) -> Span | None:
    """Return where a name stands: within a place, else once on its line, else once in the head."""
    text = desk.papers.text(desk.config.root / span.path)
    lines = text.split("\n")
    if span.line > len(lines):
        return None
    line = lines[span.line - 1]
    at = line.find(name, span.column - 1, span.end_column - 1)
    if at < 0:
        word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        places = [(span.line, match.start()) for match in word.finditer(line)]
        if not places and span.line == 1 and line.startswith("---"):
            end = next((at for at, one in enumerate(lines[1:], 1) if one.startswith("---")), 1)
            head = enumerate(lines[:end], 1)
            places = [(at, match.start()) for at, one in head for match in word.finditer(one)]
        if len(places) != 1:
            return None
        (number, at), *_ = places
        return Span(span.path, number, at + 1, number, at + 1 + len(name))
    return Span(span.path, span.line, at + 1, span.line, at + 1 + len(name))


def _new_term(desk: Desk, name: str) -> Iterator[Remedy]:
    slug = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")
    path = desk.term_file(slug)
    if not slug or slug in desk.library.terms or path.exists():
        return
    title = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    text = f"---\ntitle: {title}\nkind: concept\nsummary:\n---\n\n"
    change = Change((Edit(Span(desk.relative(path)), text),), begins=path)
    yield Remedy(f"Begin the term '{slug}'", change)
