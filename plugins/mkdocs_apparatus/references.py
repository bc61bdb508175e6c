"""The lists at a page's foot: its references, with letters that lead back, and its terms.

A source's reference is written once for the whole site. Knows no Markdown and no addresses of
other pages: ``link`` says where a page of the site lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType
from urllib.parse import quote

from .markup import Html, escaped, fill, fragment, join, old_places
from .model import Library, Mention, Source
from .style import Part, address, author_date, notes, reference, short_names, year_letters
from .words import Words

Link = Callable[[str], str]
Mentions = Mapping[str, list[Mention]]

_MOST_ENTRIES = 4_000  # that are kept: about three megabytes
NUMERIC, AUTHOR_DATE = "numeric", "author-date"


class Bibliography:
    """A library's references in one style and language, each written when it is first needed.

    So are the summaries of its terms.
    """

    def __init__(self, library: Library, words: Words, style: str = NUMERIC) -> None:
        self.library = library
        self.words = words
        self.style = style
        self.written: dict[str, Html] = {}
        self._names: dict[str, Html] = {}
        self._entries: dict[tuple[str, int], Html] = {}
        self._terms: dict[tuple[str, str, int], Html] = {}

    def write(self) -> Mapping[str, Html]:
        """Return all references by key."""
        return {key: self.reference(key) for key in self.library.sources}

    def reference(self, key: str) -> Html:
        """Return a source's reference, with what helps to weigh it, as HTML."""
        if key not in self.written:
            source = self.library.sources[key]
            letter = self.letters.get(key, "") if self.style == AUTHOR_DATE else ""
            parts = reference(source, self.words, letter)
            self.written[key] = _block("ap-reference", parts) + _block(
                "ap-notes", notes(source, self.words)
            )
        return self.written[key]

    def entry(self, key: str, mentions: Sequence[Mention]) -> Html:
        """Return a source as an item of a page's references.

        Pages that cite it equally often, and no place in it, have the same item.
        """
        for mention in mentions:
            if mention.locator or mention.passage:
                return _entry(key, self.reference(key), mentions, self)
        known = (key, len(mentions))
        found = self._entries.get(known)
        if found is None:
            found = _entry(key, self.reference(key), mentions, self)
            if len(self._entries) < _MOST_ENTRIES:
                self._entries[known] = found
        return found

    def term(self, slug: str, mentions: Sequence[Mention], glossary: str) -> Html:
        """Return a term as an item of a page's list, leading on to the glossary at an address."""
        known = (glossary, slug, len(mentions))
        if known not in self._terms:
            term = self.library.terms[slug]
            self._terms[known] = fill(
                '<li id="{id}">{old}<a class="ap-headword" href="{href}">{title}</a> '
                '<span class="ap-summary">{summary}</span> '
                '<span class="ap-backlinks">{backlinks}</span></li>\n',
                id=f"term-{slug}",
                old=old_places("term", term.formerly),
                href=glossary + fragment(f"term-{slug}"),
                title=term.title,
                summary=term.summary,
                backlinks=_backlinks(mentions, self),
            )
        return self._terms[known]

    def names(self, key: str) -> Html:
        """Return the names of a source's authors as they stand in a sentence."""
        if key not in self._names:
            names = short_names(self.library.sources[key], self.words)
            self._names[key] = fill('<span class="ap-author">{names}</span> ', names=names)
        return self._names[key]

    @cached_property
    def letters(self) -> Mapping[str, str]:
        """The letters that tell the years of one author's works apart, by key."""
        return year_letters(self.library.sources.values(), self.words)

    def author_date(self, key: str) -> tuple[str, str]:
        """Return names and year of a source, the year with its letter."""
        names, year = author_date(self.library.sources[key], self.words)
        return names, year + self.letters.get(key, "")

    def ordered(self, keys: Iterable[str]) -> list[str]:
        """Return keys in the order of the style's list: as cited, or by author and year."""
        if self.style != AUTHOR_DATE:
            return list(keys)
        return sorted(keys, key=lambda key: (*map(str.casefold, self.author_date(key)), key))


def _block(name: str, parts: tuple[Part, ...]) -> Html:
    if not parts:
        return Html()
    written = write_parts(parts)
    return fill('<span class="{name}">{written}</span> ', name=name, written=written)


def write_parts(parts: Iterable[Part]) -> Html:
    """Return parts as HTML, each an element that its role names."""
    return join(map(_part, parts))


def _part(part: Part) -> Html:
    if not part.role:
        return escaped(part.text)
    lang = fill(' lang="{lang}" dir="auto"', lang=part.lang) if part.lang else Html()
    if not part.href:
        template = '<span class="ap-{role}"{lang}>{text}</span>'
        return fill(template, role=part.role, lang=lang, text=part.text)
    template = '<a class="ap-{role}" href="{href}"{lang} rel="noreferrer">{text}</a>'
    return fill(template, role=part.role, href=part.href, lang=lang, text=part.text)


def write_references(
    cited: Mentions, bibliography: Bibliography, entries: Mapping[str, Html] = MappingProxyType({})
) -> Html:
    """Return the list of what a page cites; ``entries`` are references in another style, if any.

    Entries come in the order of the style, or as they are given.
    """
    if not cited:
        return Html()
    keys = list(entries) or bibliography.ordered(cited)
    numbered = not entries and bibliography.style == NUMERIC
    items = [
        _entry(key, entries[key], cited.get(key, ()), bibliography)
        if entries.get(key)
        else bibliography.entry(key, cited.get(key, ()))
        for key in keys
    ]
    return fill(
        '<section class="ap-references" role="doc-bibliography" '
        'aria-labelledby="ap-references"{words}>\n<h2 id="ap-references">{title}</h2>\n'
        "<{tag}>\n{items}</{tag}>\n</section>\n",
        words=card_words(bibliography.words),
        title=bibliography.words.references,
        tag="ol" if numbered else "ul",
        items=join(items),
    )


def _entry(
    key: str, reference: Html, mentions: Sequence[Mention], bibliography: Bibliography
) -> Html:
    return fill(
        '<li id="{id}">{old}{reference}<span class="ap-backlinks">{backlinks}</span></li>\n',
        id=f"ref-{key}",
        old=old_places("ref", bibliography.library.sources[key].formerly),
        reference=reference,
        backlinks=_backlinks(mentions, bibliography),
    )


def write_all(bibliography: Bibliography, keys: Iterable[str], prefix: str) -> Html:
    """Return a list of sources without letters; each entry's id is the prefix and the key."""
    items = [
        fill(
            '<li id="{id}">{old}{reference}</li>\n',
            id=f"{prefix}-{key}",
            old=old_places(prefix, bibliography.library.sources[key].formerly),
            reference=bibliography.reference(key),
        )
        for key in keys
    ]
    template = '<ul class="ap-bibliography"{words}>\n{items}</ul>\n'
    return fill(template, words=card_words(bibliography.words), items=join(items))


def write_terms(mentions: Mentions, bibliography: Bibliography, link: Link) -> Html:
    """Return the list of a page's terms, each leading on to the glossary."""
    if not mentions:
        return Html()
    terms, glossary = bibliography.library.terms, link("glossary.md")
    items = [
        bibliography.term(slug, mentions[slug], glossary)
        for slug in sorted(mentions, key=lambda slug: (terms[slug].title.casefold(), slug))
    ]
    return fill(
        '<section class="ap-terms" aria-labelledby="ap-terms"{words}>\n<details>\n'
        '<summary id="ap-terms">{title}</summary>\n<ul>\n{items}</ul>\n</details>\n</section>\n',
        words=card_words(bibliography.words),
        title=bibliography.words.terms,
        items=join(items),
    )


@cache
def card_words(words: Words) -> Html:
    """Return what a list tells the script that shows its entries in cards: the words of a card."""
    return fill(
        ' data-ap-list="{to_list}" data-ap-copy="{copy}" data-ap-copied="{copied}" '
        'data-ap-close="{close}"',
        to_list=words.to_list,
        copy=words.copy_reference,
        copied=words.copied,
        close=words.close,
    )


def _backlinks(mentions: Sequence[Mention], bibliography: Bibliography) -> Html:
    return join(
        (_backlink(index, mention, bibliography) for index, mention in enumerate(mentions)), " "
    )


def _backlink(index: int, mention: Mention, bibliography: Bibliography) -> Html:
    letter, words = letters(index), bibliography.words
    to_citation = mention.anchor.startswith("cite-")
    label = (words.back_to_citation if to_citation else words.back_to_mention).format(letter=letter)
    where = written_locator(mention.locator, mention.bare, words)
    back = fill(
        '<a class="ap-backlink" role="doc-backlink" href="{href}" aria-label="{label}">'
        "{letter}</a>",
        href=fragment(mention.anchor),
        label=label,
        letter=letter,
    )
    if where:
        back += fill(' <span class="ap-locator">{where}</span>', where=where)
    if not mention.passage:
        return back
    source = bibliography.library.sources[mention.name]
    href = passage_link(source, mention.passage)
    if not href:
        return back + fill(' <q class="ap-passage">{words}</q>', words=mention.passage)
    template = ' <a class="ap-passage" href="{href}" rel="noreferrer">“{words}”</a>'
    return back + fill(template, href=href, words=mention.passage)


def written_locator(locator: str, bare: bool, words: Words) -> str:
    """Return a locator as it is shown: bare numbers are pages."""
    if not bare:
        return locator
    several = any(sign in locator for sign in "–,&")
    return (words.locator_pages if several else words.locator_page).format(number=locator)


def passage_link(source: Source, passage: str) -> str:
    """Return the address of a few words in a source: a text fragment (WICG, scroll to text).

    ``first words … last words`` becomes a range.
    """
    page = address(source)
    if not page:
        return ""
    ends = [part.strip() for part in passage.replace("...", "…").split("…") if part.strip()]
    words = ",".join(quote(part, safe="").replace("-", "%2D") for part in ends[:1] + ends[1:][-1:])
    return f"{page}{'' if '#' in page else '#'}:~:text={words}"


def letters(index: int) -> str:
    """Return the name of a back-link: a to z, then aa, ab and so on.

    >>> letters(0), letters(25), letters(26)
    ('a', 'z', 'aa')
    """
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("a") + rest) + name
    return name
