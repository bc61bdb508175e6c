"""One build of a site, whatever the generator: what each page uses, and what is wrong with it.

The generator tells it of each page twice: when its Markdown was converted (``recognise``), and
when all pages are known and this one is to be written (``write``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import pages
from .check import check_library, check_uses, never_cited
from .extension import ApparatusExtension, locate
from .library import load
from .model import Citation, CitationGroup, Claim, Diagnostic, Mark, Span, Term, TermLink, Use
from .render import Bibliography, Link, Places, Rendering, count_uses, fill_uses, plain
from .syntax import scan

Convert = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Page:
    """A recognised page; ``source`` is the Markdown that its author wrote, from ``first_line``."""

    path: str
    title: str
    source: str
    first_line: int
    marks: tuple[Mark, ...]


class Site:
    """The library, the extension that recognises, and all pages seen so far.

    ``folder`` is the folder of sources; paths in messages are relative to ``root``; ``docs`` is
    the path, in messages, of the folder that holds the pages.
    """

    def __init__(self, folder: Path, root: Path, docs: str) -> None:
        self.library, self.problems = load(folder, root)
        self.bibliography = Bibliography(self.library)
        self.extension = ApparatusExtension(self.library)
        self.docs = docs
        self.pages: dict[str, Page] = {}
        self.generated: frozenset[str] = frozenset()
        self.uses: Places = {}

    def explainers(self) -> set[str]:
        """Return the paths of the pages that terms and claims point to."""
        return {entry.explainer for entry in self._entries() if entry.explainer}

    def _entries(self) -> list[Term | Claim]:
        return [*self.library.terms.values(), *self.library.claims.values()]

    def generate(self, titles: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
        """Return the Markdown of the generated pages, but for the paths that are taken."""
        made = pages.generate(self.library, self.bibliography, titles)
        kept = {path: text for path, text in made.items() if path not in set(taken)}
        self.generated = frozenset(kept)
        return kept

    def recognise(self, path: str, title: str, source: str, first_line: int) -> Page:
        """Note what the conversion that just ended found on a page."""
        page = Page(path, title, source, first_line, self.extension.take())
        self.pages[path] = page
        return page

    def plain(self, path: str, html: str) -> str:
        """Return a page as a search index should read it."""
        return plain(html, self.pages[path].marks, self.library)

    def write(self, path: str, html: str, link: Link) -> tuple[str, Rendering]:
        """Return a page's final HTML; ``link`` returns the address of a path, seen from here."""
        if not self.uses:
            marks = {page.path: (page.title, page.marks) for page in self.pages.values()}
            self.uses = count_uses(marks, self.library)
        rendering = Rendering(
            self.library, self.bibliography, self.pages[path].marks, link, path == "glossary.md"
        )
        html = rendering.render(html)
        if path in self.generated:
            html = fill_uses(html, self.uses, link, own=path)
        return html, rendering

    def counts(self) -> dict[str, int]:
        """Return how much there is of everything."""
        groups = (mark for page in self.pages.values() for mark in page.marks)
        return {
            "pages": len(self.pages),
            "citations": sum(len(g.citations) for g in groups if isinstance(g, CitationGroup)),
            "sources": len(self.library.sources),
            "terms": len(self.library.terms),
            "claims": len(self.library.claims),
        }

    def check(self, convert: Convert, pages: Iterable[str]) -> list[Diagnostic]:
        """Return all findings in the order of files and lines.

        ``convert`` renders Markdown with the site's extensions, this one among them; ``pages``
        are the paths of all pages, generated ones included.
        """
        library = self.library
        found = [*self.problems, *check_library(library, set(pages))]
        for page in self.pages.values():
            if page.path not in self.generated:
                path = f"{self.docs}/{page.path}"
                found += self._placed(convert, page.source, path, page.first_line, page.marks)
        for entry in self._entries():
            marks = [one.token for one in scan(entry.body)]
            found += self._placed(convert, entry.body, entry.span.path, entry.body_line, marks)
        found += never_cited(library, self._cited())
        return sorted(found, key=lambda one: (one.span, one.code))

    def _cited(self) -> set[str]:
        marks = [mark for page in self.pages.values() for mark in page.marks]
        for entry in self._entries():
            marks += [found.token for found in scan(entry.body)]
        groups = [mark for mark in marks if isinstance(mark, CitationGroup)]
        return {citation.key for group in groups for citation in group.citations}

    def _placed(
        self, convert: Convert, text: str, path: str, first_line: int, marks: Iterable[Mark]
    ) -> list[Diagnostic]:
        """Judge a text; only one with a problem is converted again, to find the places."""
        span = Span(path, first_line)
        rough = list(check_uses(_uses(marks, span), self.library))
        if not rough:
            return []
        uses = locate(self.extension, convert, text, path, first_line)
        return list(check_uses(uses, self.library)) or rough


def _uses(marks: Iterable[Mark], span: Span) -> Iterator[Use]:
    for mark in marks:
        tokens: Iterable[Citation | TermLink] = ()
        if isinstance(mark, CitationGroup):
            tokens = mark.citations
        elif isinstance(mark, TermLink):
            tokens = (mark,)
        for token in tokens:
            yield Use(token, span)
