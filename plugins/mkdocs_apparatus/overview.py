"""What a theme's templates may show: the site's verdicts, topics and pages, and facts of a page.

In come the library and what pages say of themselves, out comes the variable ``apparatus``. It
holds values and addresses, seen from the site's root; words and looks are the template's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .draft import address
from .markup import fragment
from .model import Library
from .verdicts import VERDICTS
from .words import Words

_TAG = re.compile("<[^>]*>")
_KINDS = ("primary", "news", "analysis", "reference", "")
_A_MINUTE = 220  # words that are read in one
_MOST_RELATED = 4


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page and what its front matter says; one with ``paragraphs`` is about the article."""

    path: str
    title: str
    url: str
    summary: str = ""
    topics: tuple[str, ...] = ()
    paragraphs: tuple[int, ...] = ()
    related: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict: its sign, its word, how many claims have it, and where they are listed."""

    name: str
    sign: str
    word: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the pages about the article that have it, in the order of the site."""

    name: str
    pages: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be said of the page that is being written.

    ``kinds`` are pairs of a kind of source, empty for none, and how many sources are of it;
    ``paragraphs`` pairs of a number and the address of that paragraph among the claims.
    """

    html: str
    kinds: tuple[tuple[str, int], ...] = ()
    paragraphs: tuple[tuple[int, str], ...] = ()
    related: tuple[Leaf, ...] = ()

    @property
    def minutes(self) -> int:
        """How many minutes the page takes to read, rounded up."""
        return -(-len(_TAG.sub(" ", self.html).split()) // _A_MINUTE)

    @property
    def sources(self) -> int:
        """How many sources the page cites."""
        return sum(count for _, count in self.kinds)


@dataclass(frozen=True, slots=True)
class Overview:
    """The site as templates see it, and the page that is being written.

    ``explainers`` are the pages about the article, ``leaves`` all pages by their paths; ``places``
    leads from a paragraph's number to its address among the claims, ``sharing`` from a topic or a
    paragraph to the explainers that have it.
    """

    library: Library
    leaves: Mapping[str, Leaf]
    places: Mapping[int, str]
    sharing: Mapping[str | int, list[Leaf]]
    verdicts: tuple[Verdict, ...]
    topics: tuple[Topic, ...]
    explainers: tuple[Leaf, ...]
    page: Facts

    def of(self, path: str, html: str, cited: Iterable[str]) -> Overview:
        """Return the same for a page: its text as HTML, and the keys of what it cites."""
        leaf = self.leaves[path]
        counts = Counter(self.library.sources[key].kind for key in set(cited))
        kinds = tuple((kind, counts[kind]) for kind in _KINDS if counts[kind])
        paragraphs = tuple((number, self.places.get(number, "")) for number in leaf.paragraphs)
        return replace(self, page=Facts(html, kinds, paragraphs, self._related(leaf)))

    def _related(self, leaf: Leaf) -> tuple[Leaf, ...]:
        """Return the pages to go on to: those that the page names, else those nearest to it.

        The nearest share topics and paragraphs with it; what few pages share weighs more.
        """
        if leaf.related is not None:
            found = [self.leaves[path] for path in leaf.related if path in self.leaves]
            return tuple(found[:_MOST_RELATED])
        weights: dict[str, float] = {}
        for mark in _marks(leaf):
            others = [other for other in self.sharing.get(mark, ()) if other.path != leaf.path]
            for other in others:
                weights[other.path] = weights.get(other.path, 0) + 1 / len(others)
        nearest = sorted(weights, key=lambda path: (-weights[path], path))
        return tuple(self.leaves[path] for path in nearest[:_MOST_RELATED])


def survey(
    library: Library,
    words: Words,
    leaves: Iterable[Leaf],
    claims: str,
    headings: Mapping[str, str],
) -> Overview:
    """Return the overview of a site.

    ``claims`` is the address of the page of claims; ``headings`` leads from each of its headings
    to the heading's fragment.
    """
    known = {leaf.path: leaf for leaf in leaves}
    counts = Counter(claim.verdict for claim in library.claims.values())
    explainers = tuple(leaf for leaf in known.values() if leaf.paragraphs)
    sharing: dict[str | int, list[Leaf]] = {}
    for leaf in explainers:
        for mark in _marks(leaf):
            sharing.setdefault(mark, []).append(leaf)
    topics = sorted((mark for mark in sharing if isinstance(mark, str)), key=str.casefold)
    named = {mark: words.paragraph.format(number=mark) for mark in sharing if isinstance(mark, int)}
    return Overview(
        library,
        known,
        {number: claims + headings[name] for number, name in named.items() if name in headings},
        sharing,
        tuple(
            Verdict(name, sign, getattr(words, name), counts[name], claims + _list_of(name))
            for name, sign in VERDICTS.items()
            if counts[name]
        ),
        tuple(Topic(topic, tuple(sharing[topic])) for topic in topics),
        explainers,
        Facts(""),
    )


def _list_of(verdict: str) -> str:
    return fragment(f"verdict-{address(verdict)}")


def _marks(leaf: Leaf) -> list[str | int]:
    return list(dict.fromkeys((*leaf.topics, *leaf.paragraphs)))
