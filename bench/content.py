"""What a made-up site holds, before it has a syntax.

In comes a size, out come sources, terms and pages. All words and names are made of syllables,
and the same size gives the same site everywhere. Knows no Markdown but headings, code, a table
and a list.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CITATION_SITES = 20  # a page; every fifth cites two sources, every fifth stands in the sentence
MENTIONS = 20  # a page; every fourth by the term's alias
PARAGRAPHS = 15
WORDS = 57  # of running text in a paragraph, so that a page has about 1,000
CHAPTER, PART = 25, 5  # pages in a chapter, chapters in a part

_SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi wo xu za bre cla dri flo gra pla ste tru"
_COMMON = (
    "the of and to in a is that for it as was with be by on not but at are this have from or had "
    "an they which one were all there would their we been has when who will no more if out so up "
    "said what its about than into them can only other time new some could these two may first "
    "then do any like now over such our even most made after also did many before must through"
)
_ACCENTS = {"a": r"{\"a}", "e": r"{\'e}", "o": r"{\"o}", "u": r"{\H u}"}
_LEXICON = 4_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything a site has."""

    pages: int
    sources: int
    terms: int


SIZES = {
    "XS": Size(4, 30, 12),  # shows within seconds whether everything runs
    "S": Size(50, 200, 100),
    "M": Size(500, 2_000, 500),
    "L": Size(2_000, 10_000, 1_000),
    "XL": Size(10_000, 20_000, 1_000),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A cited work: what a plain text calls it, and its BibTeX entry."""

    key: str
    name: str
    year: int
    entry: str


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary entry."""

    title: str
    alias: str
    definition: str


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation site: a source, or two of which the first has a page, or one in a sentence."""

    sources: tuple[Source, ...]
    page: int
    narrative: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """A term in the text, by its title or by its alias."""

    term: Term
    by_alias: bool

    @property
    def shown(self) -> str:
        """Return the words that a reader sees."""
        return self.term.alias if self.by_alias else self.term.title


Piece = str | Citation | Mention
Block = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as blocks; the pieces of a block stand a space apart."""

    path: str
    blocks: tuple[Block, ...]


class Model:
    """The site before it has a syntax; pages are made one at a time, as they are asked for."""

    def __init__(self, size: Size) -> None:
        self.size = size
        words = _lexicon(_LEXICON + 3 * size.terms)
        # Terms are made of words that stand nowhere else, so that nothing is one by chance.
        self.words, self.term_words = words[:_LEXICON], words[_LEXICON:]
        self.common = _COMMON.split()
        self.sources = tuple(self._source(number) for number in range(size.sources))
        self.terms = tuple(self._term(number) for number in range(size.terms))

    def pages(self) -> Iterator[Page]:
        """Yield all pages in the order of their paths."""
        return map(self._page, range(self.size.pages))

    def _source(self, number: int) -> Source:
        rng = _rng("source", number)

        def some(least: int, most: int) -> str:
            return " ".join(rng.choices(self.words, k=rng.randint(least, most)))

        names = [some(1, 1).title() for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))]
        author = " and ".join(f"{_accented(name)}, {some(1, 1).title()}" for name in names)
        if number % 10 == 5:
            names = [some(2, 3).title()]
            author = f"{{{names[0]}}}"
        title = some(4, 10).capitalize()
        if number % 10 == 0:
            title += rng.choice((r" \& Co", " of {Titles}", r" \'{e}t"))
        year = rng.randint(1950, 2025)
        kind, more = _kind(rng, some)
        fields = {"author": author, "title": title, "year": str(year), **more}
        if kind == "online" or rng.random() < 0.5:
            fields["url"] = f"https://example.org/{some(1, 1)}/{number}?a=1"
        if rng.random() < 0.6:
            fields["doi"] = f"10.5555/{some(1, 1)}.{number}"
        key = f"{some(1, 1)}{rng.choice('-_')}{year}-{number}"
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return Source(key, names[0], year, f"@{kind}{{{key},\n{body}\n}}\n")

    def _term(self, number: int) -> Term:
        rng = _rng("term", number)
        title = " ".join(self.term_words[3 * number :][: rng.randint(1, 3)])
        definition = " ".join(rng.choices(self.common, k=15) + rng.choices(self.words, k=10))
        return Term(title, f"{title} proper", f"{definition.capitalize()}.")

    def _page(self, number: int) -> Page:
        rng = _rng("page", number)
        slots: list[list[Piece]] = [[] for _ in range(PARAGRAPHS)]
        for index, piece in enumerate(self._pieces(rng)):
            slots[index % PARAGRAPHS].append(piece)
        blocks: list[Block] = [(f"# Page {number}, {rng.choice(self.words)}",)]
        for section, extra in enumerate((None, _code, _table, _list, None)):
            blocks.append((f"## Section {section + 1}, {rng.choice(self.words)}",))
            blocks += [self._paragraph(rng, slot) for slot in slots[3 * section :][:3]]
            if extra is not None:
                blocks.append((extra(rng, self.words),))
        chapter = number // CHAPTER
        path = f"part-{chapter // PART}/chapter-{chapter:02}/page-{number:04}.md"
        return Page(path, tuple(blocks))

    def _pieces(self, rng: random.Random) -> list[Piece]:
        pieces: list[Piece] = []
        for index in range(CITATION_SITES):
            cited = rng.sample(self.sources, 2 if index % 5 == 3 else 1)
            pieces.append(Citation(tuple(cited), rng.randint(1, 300), narrative=index % 5 == 4))
        for index in range(MENTIONS):
            pieces.append(Mention(rng.choice(self.terms), by_alias=index % 4 == 0))
        rng.shuffle(pieces)
        return pieces

    def _paragraph(self, rng: random.Random, pieces: list[Piece]) -> Block:
        """Return running text in which at least a word stands between two of the pieces."""
        places = dict(zip(rng.sample(range(3, WORDS), len(pieces)), pieces, strict=True))
        text: list[Piece] = []
        for place in range(WORDS):
            text += [places[place]] if place in places else []
            text.append(rng.choice(self.common if rng.random() < 0.7 else self.words))
        return (*text[:-1], f"{text[-1]}.")


def _rng(*name: object) -> random.Random:
    """Return a generator seeded by a name: parts of the site do not depend on each other."""
    return random.Random(repr(name))  # noqa: S311 # made-up words, no secrets


def _lexicon(count: int) -> list[str]:
    rng, syllables = _rng("words"), _SYLLABLES.split()
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(rng.choices(syllables, k=rng.randint(2, 4)))] = None
    return list(words)


def _accented(name: str) -> str:
    r"""Return a third of all names with their last letter in LaTeX: ``Bac{\'e}``."""
    return name[:-1] + _ACCENTS.get(name[-1], name[-1]) if len(name) % 3 == 0 else name


def _kind(rng: random.Random, some: Callable[[int, int], str]) -> tuple[str, dict[str, str]]:
    """Return an entry's type, and the fields that entries of that type have."""
    pages = f"{rng.randint(1, 400)}--{rng.randint(401, 900)}"
    number, name = str(rng.randint(1, 90)), some(2, 3).title()
    kinds = {
        "article": {"journal": f"Journal of {name}", "volume": number, "pages": pages},
        "inproceedings": {"booktitle": f"Proceedings of {name}", "pages": pages},
        "book": {"publisher": f"{name} Press", "address": some(1, 1).title()},
        "techreport": {"institution": f"{name} Institute", "number": number},
        "phdthesis": {"school": f"School of {name}"},
        "online": {"organization": name, "urldate": f"2025-06-{rng.randint(10, 30)}"},
    }
    kind = rng.choice([*kinds, "article", "article", "article", "inproceedings", "inproceedings"])
    return kind, kinds[kind]


def _code(rng: random.Random, words: list[str]) -> str:
    name = rng.choice(words)
    return f"```python\ndef {name}(number: int) -> int:\n    return 2 * number\n```"


def _table(rng: random.Random, words: list[str]) -> str:
    rows = [f"| {rng.choice(words)} | {rng.randint(1, 999)} |" for _ in range(5)]
    return "\n".join(("| name | value |", "| --- | ---: |", *rows))


def _list(rng: random.Random, words: list[str]) -> str:
    return "\n".join(f"- {' '.join(rng.choices(words, k=4))}" for _ in range(6))
