"""A source gets another key, or a term another slug, wherever it is named.

In comes a place and the new name, out come edits. What readers see stays as it is: a link that
shows the old slug goes on showing it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .desk import Desk
from .mentions import Named
from .model import Span
from .opaque import KEY
from .terms import find_term, index_names

_NO_KEY = re.compile(r"[\"#%'(),={}~\\]")  # BibTeX's own signs
_SLUG = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
# What YAML would not read as a text.
_YAML_WORDS = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})


class RenameError(Exception):
    """The name cannot be given; the message says why."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that takes the place of another one."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """Edits in files, then a file that moves; a file that ``begins`` exists before its edit."""

    edits: tuple[Edit, ...] = ()
    moves: tuple[Path, Path] | None = None
    begins: Path | None = None


def name_of(desk: Desk, named: Named) -> str:
    """Return the name that a rename at a place changes. Raises RenameError if there is none."""
    if not named.is_term:
        if named.name not in desk.library.sources:
            raise RenameError(f"no source '{named.name}' that could be renamed")
        return named.name
    slug = desk.slug(named)
    if not slug:
        raise RenameError(f"no term '{named.name}' that could be renamed")
    return slug


def rename(desk: Desk, named: Named, new: str) -> Change:
    """Return what gives the source or term at a place a new name. Raises RenameError."""
    old, new = name_of(desk, named), new.strip()
    if new == old:
        return Change()
    deque(desk.look(), maxlen=0)  # what has changed unseen would be left out, or written over
    if named.is_term:
        return _rename_term(desk, named, old, new)
    if not KEY.fullmatch(new) or _NO_KEY.search(new):
        raise RenameError(
            f"'{new}' is no citation key: letters and digits, and between them - _ . : / +"
        )
    twins = {key.lower(): key for key in desk.library.sources if key != old}
    if twin := twins.get(new.lower()):
        raise RenameError(f"the key '{twin}' exists already")
    return Change(tuple(Edit(one.span, new) for one in desk.all_naming(named)))


def _rename_term(desk: Desk, named: Named, old: str, new: str) -> Change:
    terms = desk.library.terms
    if not _SLUG.fullmatch(new) or new.isdecimal() or new.casefold() in _YAML_WORDS:
        raise RenameError(f"'{new}' is no name of a term's file: letters, digits and hyphens")
    if any(slug.casefold() == new.casefold() for slug in terms if slug != old):
        raise RenameError(f"the term '{new}' exists already")
    if (other := find_term(new, desk.library.names)) and other != old:
        raise RenameError(f"'{new}' is a name of the term '{other}' already")
    after = index_names(
        [replace(one, slug=new) if one.slug == old else one for one in terms.values()]
    )
    edits = _edits(desk, desk.all_naming(named), new, {k for k in after if after[k] == new})
    return Change(tuple(edits), (desk.term_file(old), desk.term_file(new)))


def _edits(desk: Desk, places: Iterable[Named], new: str, names: set[str]) -> Iterator[Edit]:
    """Yield the edits of links and lists that would lead nowhere with the new slug."""
    known = dict.fromkeys(names, new)
    for one in places:
        if not one.linked:
            yield Edit(one.span, new)
        elif not find_term(one.name, known):
            yield Edit(one.span, f"{new}{_bar(desk, one)}{one.name}" if one.bare else new)


def _bar(desk: Desk, named: Named) -> str:
    """Return what stands before the words of a link; in a table a bar would end the cell."""
    lines = desk.papers.text(desk.config.root / named.span.path).split("\n")
    return "\\|" if "|" in lines[named.span.line - 1] else "|"
