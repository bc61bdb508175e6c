"""Which term a text names: by slug, title, alias or other form, in the singular or the plural.

Case is the author's: ``WHO`` is not ``who``. Where only one term could be meant, a link may write
it as it likes; plain words never do (see ``autolink``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from .model import Term

_SPACES = re.compile(r"[\s\u00a0-]+|[\u2010\u2011]+")
_POSSESSIVE = re.compile(r"['’]s?$")
_HISS = ("s", "x", "z", "ch", "sh")
_VOWELS = "aeiou"


def tidy(name: str) -> str:
    """Return a name with one space for each run of spaces and hyphens."""
    return _SPACES.sub(" ", name).strip()


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """Return the form in which names are compared whose case does not matter."""
    return tidy(name).casefold()


def plural(name: str) -> str:
    """Return the regular English plural of a name; nothing of one that has none.

    >>> plural("waiver"), plural("policy"), plural("address"), plural("NGO"), plural("дом")
    ('waivers', 'policies', 'addresses', 'NGOs', '')
    """
    if not (name.isascii() and name[-1:].isalpha()):
        return ""
    low = name.lower()
    if low.endswith(_HISS):
        return "" if name.isupper() else f"{name}es"
    if low[-1] == "y" and low[-2:-1] not in _VOWELS and not name.isupper():
        return f"{name[:-1]}ies"
    return f"{name}s"


def forms(term: Term) -> Iterator[str]:
    """Yield the names of a term that may stand in running text, the title first."""
    yield from (term.title, *term.aliases, *term.forms)
    yield from filter(None, map(plural, (term.title, *term.aliases)))


def find_owners(terms: Iterable[Term]) -> list[tuple[tuple[str, ...], tuple[Term, ...]]]:
    """Return the names that may stand in running text, each with the terms it could mean.

    Ways to write a name stand together that differ in the case of their first letter only, or in
    what joins their words.
    """
    found: dict[str, list[tuple[str, Term]]] = {}
    for term in terms:
        for name in forms(term):
            found.setdefault(tidy(name[:1].lower() + name[1:]), []).append((name, term))
    return [
        (tuple(dict.fromkeys(names)), tuple({term.slug: term for term in owners}.values()))
        for names, owners in (zip(*pairs, strict=True) for pairs in found.values())
    ]


def index_names(terms: Collection[Term]) -> dict[str, str]:
    """Return the slug that each name in a link leads to.

    What an author wrote goes before what differs from it in case or number, and the first term
    before a later one; what could then mean either of two terms leads to none. A name that is in
    use goes before an old one.
    """
    names = {tidy(term.slug): term.slug for term in terms}
    for term in terms:
        for name in (term.title, *term.aliases, *term.forms):
            names.setdefault(tidy(name), term.slug)
    for term in terms:
        for old in term.formerly:
            names.setdefault(tidy(old), term.slug)
    ways: tuple[Callable[[str], str], ...] = (fold, lambda name: fold(plural(name)))
    for way in ways:
        derived: dict[str, set[str]] = {}
        for name, slug in names.items():
            derived.setdefault(way(name), set()).add(slug)
        for name, slugs in derived.items():
            if name and len(slugs) == 1:
                names.setdefault(name, *slugs)
    return names


def find_term(text: str, names: Mapping[str, str]) -> str:
    """Return the slug of the term that a link names, or nothing."""
    if text in names:  # nearly always: as it is written in the term
        return names[text]
    name = tidy(text)
    return (
        names.get(name) or names.get(fold(name)) or names.get(fold(_POSSESSIVE.sub("", name)), "")
    )
