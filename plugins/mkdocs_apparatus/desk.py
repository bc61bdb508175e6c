"""A site as it stands in an editor: what its files name, and what is wrong with them.

Each file is read once, and again when it has changed; a page is recognised when somebody asks
for it. Knows no protocol. All but ``load`` belongs to one thread.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .audit import converter, read_page, settings_of
from .config import Config
from .extension import convert_and_locate, locate
from .file import File
from .judge import Convert, judge_library, judge_page
from .matter import split_page
from .mentions import Named, in_bib, in_matter, in_prose, in_table
from .model import Diagnostic, Library, Span, Use
from .pages import PATHS
from .papers import Papers
from .site import Page, Site
from .terms import find_term

_NOTHING = Library({}, {}, {}, {})
_MOST_CHANGES = 40  # in a library, past which all pages are read again


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Mentions:
    """Where a text names what: all places in their order, and those of each name."""

    text: str
    places: tuple[Named, ...]
    sources: Mapping[str, list[Named]]
    terms: Mapping[str, list[Named]]


def _steady(convert: Convert) -> Convert:
    """Return a conversion that gives nothing for a text on which an extension of the site fails."""

    def converted(text: str) -> str:
        try:
            return convert(text)
        except Exception:
            _log.exception("a Markdown extension cannot read this text")
            return ""

    return converted


class Desk:
    """A site, its library and its pages, as far as they were read.

    ``today`` returns the day. Raises ConfigError if a Markdown extension cannot be used.
    """

    def __init__(self, config: Config, today: Callable[[], date]) -> None:
        self.config = config
        self.papers = Papers(config.root)
        self.site = Site(
            config.sources, config.root, config.name, settings_of(config), (_NOTHING, [])
        )
        self._convert = _steady(converter(config, self.site))
        self._today = today
        self._uses: dict[Path, list[Use]] = {}  # in pages
        self._recognised: dict[Path, str] = {}  # pages by path, with the text that was read
        self._mentions: dict[Path, _Mentions] = {}
        self._looked = False

    @property
    def library(self) -> Library:
        """The library, as it was last read."""
        return self.site.library

    def load(self) -> tuple[Library, list[Diagnostic]]:
        """Return the library as it is now, for ``renew``; may run in another thread, alone."""
        return self.papers.load(self.config.sources)

    def renew(self, read: tuple[Library, list[Diagnostic]]) -> None:
        """Go on with a library that was read; pages on which it changes anything are read anew."""
        old, new = self.site.library, read[0]
        self.site.renew(*read)
        names = {name for name, slug in old.names.items() ^ new.names.items()}
        changed = {*(old.sources.keys() ^ new.sources.keys()), *names}
        if len(changed) > _MOST_CHANGES:
            self._recognised.clear()
            self._mentions.clear()
        elif changed:
            folded = [one.casefold() for one in changed]
            for path, text in list(self._recognised.items()):
                low = text.casefold()
                if any(one in low for one in folded):
                    del self._recognised[path]
                    self._mentions.pop(path, None)

    def relative(self, path: Path) -> str:
        """Return a path as findings name it."""
        root = self.config.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

    def is_page(self, path: Path) -> bool:
        """Say whether a file is a page of the site."""
        return path.suffix == ".md" and path.is_relative_to(self.config.docs)

    def is_source(self, path: Path) -> bool:
        """Say whether a file belongs to the library."""
        return path.is_relative_to(self.config.sources)

    def is_term(self, path: Path) -> bool:
        """Say whether a file is a term's."""
        return path.suffix == ".md" and path.parent == self.config.sources / "glossary"

    def term_file(self, slug: str) -> Path:
        """Return the file of a term."""
        return self.config.sources / "glossary" / f"{slug}.md"

    def pages(self) -> list[Path]:
        """Return the files of all pages."""
        found = [path for path in self.papers.open if self.is_page(path)]
        for folder, _, names in os.walk(self.config.docs):
            found += [Path(folder, name) for name in names if name.endswith(".md")]
        return list(dict.fromkeys(found))

    def files(self) -> Iterator[Path]:
        """Yield all files that can name a source or a term."""
        sources = self.config.sources
        yield from self.pages()
        for folder, pattern in (
            (sources, "*.bib"),
            (sources, "article.md"),
            (sources / "glossary", "*.md"),
            (sources / "claims", "*.md"),
            (sources / "data", "*.csv"),
        ):
            yield from self.papers.files(folder, pattern, [])

    def look(self) -> Iterator[Path]:
        """Read the files that have changed, yielding each; what is gone is forgotten."""
        files = list(self.files())
        for path in self._mentions.keys() - files:
            del self._mentions[path]
        for path in self._recognised.keys() - files:
            del self._recognised[path], self._uses[path]
            self.site.pages.pop(self._page_path(path), None)
        for path in files:
            known = self._mentions.get(path)
            if known is None or known.text != self.papers.text(path):
                self.mentions(path)
                yield path
        self._looked = True

    def recognise(self, path: Path) -> Page:
        """Return a page, recognised as it is now; one that is gone is empty."""
        file = File(self.relative(path), self.papers.text(path), [])
        name = self._page_path(path)
        if self._recognised.get(path) != file.text:
            page = read_page(file, name)
            self.site.begin(page)
            html, self._uses[path] = convert_and_locate(
                self.site.extension, self._convert, page.source, file.name, page.first_line
            )
            self.site.recognise(name, name, html)
            self._recognised[path] = file.text
        return self.site.pages[name]

    def _page_path(self, path: Path) -> str:
        return path.relative_to(self.config.docs).as_posix()

    def mentions(self, path: Path) -> tuple[Named, ...]:
        """Return the places where a file names sources and terms."""
        return self._mentions_of(path).places

    def _mentions_of(self, path: Path) -> _Mentions:
        text = self.papers.text(path)
        known = self._mentions.get(path)
        if known is None or known.text != text:
            places = tuple(self._find(path, text))
            sources, terms = dict[str, list[Named]](), dict[str, list[Named]]()
            for one in places:
                (terms if one.is_term else sources).setdefault(one.name, []).append(one)
            known = self._mentions[path] = _Mentions(text, places, sources, terms)
        return known

    def _find(self, path: Path, text: str) -> Iterator[Named]:
        name = self.relative(path)
        if path.suffix == ".bib":
            yield from in_bib(text, name)
        elif path.suffix == ".csv":
            yield from in_table(text, name)
        else:
            if self.is_term(path):
                yield from in_matter(text, name, "see", is_term=True)
            elif path == self.config.sources / "article.md":
                yield from in_matter(text, name, "source", is_term=False)
            if self.is_page(path):
                self.recognise(path)
                yield from in_prose(self._uses[path], text)
            elif "@" in text or "[[" in text:
                meta, body, first_line = split_page(File(name, text, []))
                extension = self.site.extension
                extension.given = ()
                extension.citations = meta.get("citations", True) is not False
                uses = locate(extension, self._convert, body, name, first_line)
                yield from in_prose(uses, text)

    def named(self, path: Path, line: int, column: int) -> Named | None:
        """Return what is named at a place of a file; the head of a term's file names the term."""
        for one in self.mentions(path):
            span = one.span
            if (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column):
                return one
        if self.is_term(path):
            _, _, first = split_page(File("", self.papers.text(path), []))
            if line < max(first, 2):
                return Named(path.stem, Span(self.relative(path), line), is_term=True, entry=True)
        return None

    def slug(self, named: Named) -> str:
        """Return the slug of the term that is named, or nothing."""
        known = self.library.terms
        return named.name if named.name in known else find_term(named.name, self.library.names)

    def all_naming(self, named: Named) -> list[Named]:
        """Return every place that names the same source or term.

        What is open is read as it is now, other files as they were when ``look`` went through
        them; the first time, it does so now.
        """
        if not self._looked:
            deque(self.look(), maxlen=0)
        for path in self.papers.open:
            if path in self._mentions:
                self._mentions_of(path)
        if not named.is_term:
            return [one for file in self._files() for one in file.sources.get(named.name, ())]
        slug = self.slug(named)
        names = {name for file in self._files() for name in file.terms}
        known = self.library.names
        same = [name for name in names if find_term(name, known) == slug] if slug else [named.name]
        return [one for file in self._files() for name in same for one in file.terms.get(name, ())]

    def _files(self) -> list[_Mentions]:
        return [self._mentions[path] for path in sorted(self._mentions, key=str)]

    def judge_page(self, path: Path) -> list[Diagnostic]:
        """Return the findings on a page as it is now."""
        page = self.recognise(path)
        return judge_page(self.site, self._convert, page.path, self._paths(), self._today())

    def judge_library(self, *, all_read: bool) -> list[Diagnostic]:
        """Return the findings on the library, as it was last read."""
        return judge_library(
            self.site, self._convert, self._paths(), self._today(), all_read=all_read
        )

    def _paths(self) -> Iterable[str]:
        names = self.site.pages if self._looked else map(self._page_path, self.pages())
        return {*names, *PATHS}
