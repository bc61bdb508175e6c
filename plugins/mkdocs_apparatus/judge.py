"""What is wrong with a whole site: every rule, once all pages were recognised.

A page is converted a second time only if something is wrong with it: then its places are read off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice

from .check import (
    check_exemptions,
    check_explainer,
    check_facts,
    check_library,
    check_paragraphs,
    check_related,
    check_review,
    check_uses,
    is_sound,
    never_cited,
    never_placed,
    never_used,
    unknown_figure,
)
from .extension import locate
from .fields import PAGE
from .figures import find_placements
from .file import File
from .matter import check_page
from .model import CitationGroup, Diagnostic, Mark, Span, TermLink
from .pages import PATHS
from .site import Page, Site
from .syntax import scan
from .terms import find_term

Convert = Callable[[str], str]

_MOST_PROBLEMS = 1_000  # of a text: nobody reads more of them
_MOST_EXEMPT = 100  # exemptions of a page, which is split at its headings for each
_SECTION = re.compile(r"#{1,6} ")
_HEADING = re.compile(r"^#.*@", re.MULTILINE)


def judge(site: Site, convert: Convert, paths: Iterable[str], today: date) -> list[Diagnostic]:
    """Return all findings in the order of files and lines, those aside that a page is exempt from.

    ``convert`` renders Markdown with the site's extensions, the site's own among them; ``paths``
    are those of all pages, generated ones included.
    """
    return _Judge(site, convert, today, set(paths)).findings()


def judge_page(
    site: Site, convert: Convert, path: str, paths: Iterable[str], today: date
) -> list[Diagnostic]:
    """Return the findings on a recognised page of the site, as ``judge`` has them."""
    judging = _Judge(site, convert, today, set(paths))
    return judging.kept(judging.page(site.pages[path]))


def judge_library(
    site: Site, convert: Convert, paths: Iterable[str], today: date, *, all_read: bool
) -> list[Diagnostic]:
    """Return the findings on sources, terms, claims and figures, as ``judge`` has them.

    What nothing uses is known only when ``all_read``: when every page was recognised.
    """
    judging = _Judge(site, convert, today, set(paths))
    for page in site.pages.values():
        judging.placed.update(one.name for one in find_placements(page.source))
    return judging.kept(judging.library(unused=all_read))


def _exemption(what: str, page: Page) -> tuple[str, range]:
    """Return a code and the lines that are exempt from it: a section's, if one is named, or all."""
    code, _, section = what.partition(" ")
    lines = page.source.split("\n")
    first, last = 0, page.first_line + len(lines)
    if section:
        heads = [at for at, line in enumerate(lines) if _SECTION.match(line)] + [len(lines)]
        named = (at for at in heads[:-1] if lines[at].lstrip("# ").rstrip() == section)
        begun = next(named, len(lines))
        first, last = begun, next((at for at in heads if at > begun), len(lines))
        first, last = page.first_line + first, page.first_line + last
    return code, range(first, last)


class _Judge:
    def __init__(self, site: Site, convert: Convert, today: date, paths: set[str]) -> None:
        self.site = site
        self.convert = convert
        self.today = today
        self.paths = paths
        self.placed: set[str] = set()  # names of figures
        self.exempt: dict[str, list[tuple[str, range]]] = {}  # codes, and the lines without them

    def findings(self) -> list[Diagnostic]:
        _ = self.site.formatted, self.site.drawings  # whose problems are those of the site
        found = [one for page in self.site.pages.values() for one in self.page(page)]
        return self.kept([*found, *self.library()])

    def page(self, page: Page) -> Iterator[Diagnostic]:
        """Judge a page by itself."""
        extension = self.site.extension
        path = f"{self.site.docs}/{page.path}"
        extension.given, extension.citations = (), page.citations
        yield from self._matter(page, path)
        yield from self._placed_figures(page.source, path, page.first_line)
        if page.path in PATHS:  # only the head is its author's
            yield from self._text(page.source, path, page.first_line)
        elif page.misplaced or not self._sound(page.marks):
            yield from self._placed(page.source, path, page.first_line)

    def library(self, *, unused: bool = True) -> Iterator[Diagnostic]:
        """Judge the library, once the pages were judged that may use it."""
        site, library = self.site, self.site.library
        site.extension.given, site.extension.citations = (), True
        yield from site.problems
        yield from check_library(library, self.paths, self.today)
        for entry in site.written():
            yield from self._text(entry.body, entry.span.path, entry.body_line)
            yield from self._placed_figures(entry.body, entry.span.path, entry.body_line)
        if unused:
            yield from never_cited(library, self._cited())
            yield from never_used(library, self._used())
            yield from never_placed(library, self.placed)

    def kept(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return findings in their order, without those that a page is exempt from."""
        kept = [one for one in found if not self._is_exempt(one)]
        return sorted(kept, key=lambda one: (one.span, one.code))

    def _is_exempt(self, found: Diagnostic) -> bool:
        return any(
            found.code == code and found.span.line in lines
            for code, lines in self.exempt.get(found.span.path, ())
        )

    def _matter(self, page: Page, path: str) -> Iterator[Diagnostic]:
        """Judge a page's front matter, and as an explainer the page that says what it treats."""
        file = File(path, page.matter, [])
        fields = check_page(file, PAGE, "P001")
        yield from file.problems
        head = file.span(1)
        exempt = fields.get("exempt")
        if isinstance(exempt, dict):
            reasons = {str(what): str(why or "") for what, why in exempt.items()}
            self.exempt[path] = [_exemption(what, page) for what in islice(reasons, _MOST_EXEMPT)]
            yield from check_exemptions(reasons, head)
        related = fields.get("related")
        if isinstance(related, list):
            yield from check_related(map(str, related), head, self.paths)
        paragraphs = fields.get("paragraphs")
        if isinstance(paragraphs, list):
            yield from check_paragraphs(paragraphs, head, self.site.library)
            yield from check_explainer(fields, head)
            months = self.site.settings.review_after
            yield from check_review(fields.get("reviewed"), months, self.today, head)
            yield from self._explainer(page, path, head)

    def _explainer(self, page: Page, path: str, head: Span) -> Iterator[Diagnostic]:
        sources = self.site.library.sources
        kinds = {sources[key].kind for key, _ in page.places.sources}
        if "primary" not in kinds:
            yield Diagnostic("P004", "no primary source is cited", head)
        if page.citations:
            yield from check_facts(page.source, path, page.first_line)

    def _text(self, text: str, path: str, first_line: int) -> list[Diagnostic]:
        """Judge a text that was no page: only one with a problem is converted for it."""
        tokens = scan(text)
        misplaced = any(one.in_image for one in tokens) or _HEADING.search(text) is not None
        if misplaced or not self._sound([one.token for one in tokens]):
            return self._placed(text, path, first_line)
        return []

    def _placed_figures(self, text: str, path: str, first_line: int) -> Iterator[Diagnostic]:
        """Note the figures that a text places, and name those that do not exist."""
        for placed in find_placements(text):
            self.placed.add(placed.name)
            if placed.name not in self.site.library.figures:
                span = Span(path, first_line + placed.first, 1, first_line + placed.first, 1)
                yield unknown_figure(placed.name, span, self.site.library)

    def _sound(self, marks: Iterable[Mark]) -> bool:
        """Say whether every citation and term link is right in itself."""
        library = self.site.library
        found = [mark for mark in marks if isinstance(mark, (CitationGroup, TermLink))]
        return all(is_sound(mark, library) for mark in found)

    def _placed(self, text: str, path: str, first_line: int) -> list[Diagnostic]:
        uses = locate(self.site.extension, self.convert, text, path, first_line)
        return list(islice(check_uses(uses, self.site.library), _MOST_PROBLEMS))

    def _cited(self) -> set[str]:
        marks = [mark for page in self.site.pages.values() for mark in page.marks]
        for entry in self.site.written():
            marks += [found.token for found in scan(entry.body)]
        groups = [mark for mark in marks if isinstance(mark, CitationGroup)]
        current, figures = self.site.library.current, self.site.library.figures
        cited = {current(citation.key) for group in groups for citation in group.citations}
        rows = (keys for name in self.placed & figures.keys() for keys in figures[name].keys)
        return cited.union(*rows)

    def _used(self) -> set[str]:
        """Return the terms that pages, terms and claims mention, the lists of all aside."""
        used = {
            slug
            for page in self.site.pages.values()
            if page.path not in PATHS
            for slug, _ in page.places.terms
        }
        for entry in self.site.written():
            for one in scan(entry.body):
                if isinstance(one.token, TermLink):
                    used.add(find_term(one.token.target, self.site.library.names))
        return used
