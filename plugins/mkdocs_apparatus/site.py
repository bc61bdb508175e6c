"""One build of a site, whatever the generator: what each page uses, and what is wrong with it.

The generator tells it of each page twice: when its Markdown was converted (``recognise``), and
when all pages are known and this one is to be written (``write``).
"""

from __future__ import annotations

import re
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

_HEADING = re.compile(r"^#.*@", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """A recognised page; ``source`` is what its author wrote of it, from ``first_line`` on."""

    path: str
    title: str
    source: str
    first_line: int
    marks: tuple[Mark, ...]
    misplaced: bool
    citations: bool


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
        self.uses: Places = {}

    def explainers(self) -> set[str]:
        """Return the paths of the pages that terms and claims point to."""
        return {entry.explainer for entry in self._entries() if entry.explainer}

    def _entries(self) -> list[Term | Claim]:
        return [*self.library.terms.values(), *self.library.claims.values()]

    def generate(self, titles: Mapping[str, str], heads: Mapping[str, str]) -> dict[str, str]:
        """Return the Markdown of the generated pages; ``heads`` as in ``pages.generate``."""
        return pages.generate(self.library, self.bibliography, titles, heads)

    def recognise(self, path: str, title: str, source: str, first_line: int) -> Page:
        """Note what the conversion that just ended found on a page."""
        extension = self.extension
        misplaced, citations = extension.misplaced, extension.citations
        page = Page(path, title, source, first_line, extension.take(), misplaced, citations)
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
        if path in pages.PATHS:
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

    def check(self, convert: Convert, paths: Iterable[str]) -> list[Diagnostic]:
        """Return all findings in the order of files and lines.

        ``convert`` renders Markdown with the site's extensions, this one among them; ``paths``
        are those of all pages, generated ones included.
        """
        library = self.library
        found = [*self.problems, *check_library(library, set(paths))]
        for page in self.pages.values():
            path = f"{self.docs}/{page.path}"
            self.extension.citations = page.citations
            if page.path in pages.PATHS:  # only the head is its author's
                found += self._check_text(convert, page.source, path, page.first_line)
            elif page.misplaced or self._rough(page.marks):
                found += self._placed(convert, page.source, path, page.first_line)
        self.extension.citations = True
        for entry in self._entries():
            found += self._check_text(convert, entry.body, entry.span.path, entry.body_line)
        found += never_cited(library, self._cited())
        return sorted(found, key=lambda one: (one.span, one.code))

    def _check_text(
        self, convert: Convert, text: str, path: str, first_line: int
    ) -> list[Diagnostic]:
        """Judge a text that was no page: only one with a problem is converted for it."""
        tokens = scan(text)
        misplaced = any(one.in_image for one in tokens) or _HEADING.search(text) is not None
        if misplaced or self._rough([one.token for one in tokens]):
            return self._placed(convert, text, path, first_line)
        return []

    def _rough(self, marks: Iterable[Mark]) -> bool:
        """Say whether anything is wrong, wherever it stands."""
        return any(check_uses(_uses(marks), self.library))

    def _placed(self, convert: Convert, text: str, path: str, first_line: int) -> list[Diagnostic]:
        uses = locate(self.extension, convert, text, path, first_line)
        return list(check_uses(uses, self.library))

    def _cited(self) -> set[str]:
        marks = [mark for page in self.pages.values() for mark in page.marks]
        for entry in self._entries():
            marks += [found.token for found in scan(entry.body)]
        groups = [mark for mark in marks if isinstance(mark, CitationGroup)]
        return {citation.key for group in groups for citation in group.citations}


def _uses(marks: Iterable[Mark]) -> Iterator[Use]:
    for mark in marks:
        tokens: Iterable[Citation | TermLink] = ()
        if isinstance(mark, CitationGroup):
            tokens = mark.citations
        elif isinstance(mark, TermLink):
            tokens = (mark,)
        for token in tokens:
            yield Use(token, Span(""))
