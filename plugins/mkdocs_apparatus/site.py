"""One build of a site, whatever the generator: what each page uses, and what is wrong with it.

The generator tells it of each page twice: when its Markdown was converted (``recognise``), and
when all pages are known and this one is to be written (``write``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from . import pages
from .autolink import Tree, link_terms, plant
from .cache import cached_texts, digest_of, load_cached
from .csl import CslError, CslPage, cached_format_pages
from .drawing import cached_draw
from .export import bibtex_entries
from .extension import ABBREVIATION, ApparatusExtension
from .fields import AUTOLINK
from .file import File
from .folder import Listed, bounds, fault_of
from .library import load
from .marks import Pieces, split
from .markup import Html
from .metadata import PageFacts, claim_review, work
from .model import (
    CitationGroup,
    Claim,
    Diagnostic,
    Library,
    Mark,
    Source,
    Span,
    Term,
)
from .places import NOWHERE, Places, find_places
from .record import (
    data_path,
    library_files,
    references_path,
    write_citing,
    write_data,
    write_downloads,
    write_head,
)
from .references import NUMERIC, Bibliography, Link
from .render import Rendering, plain
from .uses import Uses, fill_uses, index_uses
from .verdicts import write_claims
from .words import load as load_words

Convert = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Page:
    """A recognised page; ``source`` is what its author wrote of it, from ``first_line`` on.

    ``citations``, ``listed`` and ``autolink`` are the switches of its front matter: whether
    citations are read, whether its references stand at its foot, and which plain words are linked.
    ``matter`` is the front matter itself, with its lines of dashes.
    """

    path: str
    source: str
    first_line: int
    matter: str = ""
    title: str = ""
    marks: tuple[Mark, ...] = ()
    places: Places = NOWHERE
    misplaced: bool = False
    citations: bool = True
    listed: bool = True
    autolink: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site may choose.

    ``review_after`` is the age in months at which a review is overdue, 0 for none; ``cache`` is
    where to keep for the next time what was read.
    """

    language: str = "en"
    style: str = NUMERIC
    autolink: str = "first"
    review_after: int = 12
    cache: Path | None = None


_DEFAULT = Settings()


@dataclass(frozen=True, slots=True)
class Written:
    """A finished page: its HTML, what belongs into its head and to its end, and its BibTeX."""

    html: str
    head: str
    data: str
    references: str
    rendering: Rendering


class Site:
    """The library, the extension that recognises, and all pages seen so far.

    ``folder`` is the folder of sources; paths in messages are relative to ``root``; ``docs`` is
    the path, in messages, of the folder that holds the pages. ``read`` is what ``library.load``
    returned, if somebody has called it.
    """

    def __init__(
        self,
        folder: Path,
        root: Path,
        docs: str,
        settings: Settings = _DEFAULT,
        read: tuple[Library, list[Diagnostic]] | None = None,
    ) -> None:
        self.settings = settings
        cache = settings.cache if read is None else None
        digest = digest_of(folder, root) if cache else ""
        if read is None:
            read = load_cached(folder, root, cache, digest) if cache else load(folder, root)
        self.library, self.problems = read
        self.words = load_words(settings.language)
        shown = re.sub(r"\W", "-", f"{self.words.locale}-{settings.style}")
        self.digest = f"{digest}-{shown}"
        self.extension = ApparatusExtension(self.library)
        self.docs = docs
        self.root = root
        self.pages: dict[str, Page] = {}
        self.generated: Mapping[str, pages.Generated] = {}

    def renew(self, library: Library, problems: list[Diagnostic]) -> None:
        """Go on with another library; pages stay as they were recognised with the old one."""
        self.library, self.problems = library, problems
        self.extension.library = library
        for made in ("tree", "bibliography", "entries", "works", "formatted", "drawings", "uses"):
            self.__dict__.pop(made, None)

    @cached_property
    def bibliography(self) -> Bibliography:
        """Return the references of all sources, for whoever writes pages."""
        bibliography = Bibliography(self.library, self.words, self.settings.style)
        references = self._texts("references", bibliography.write)
        bibliography.written.update((key, Html(text)) for key, text in references.items())
        return bibliography

    def _texts(self, kind: str, make: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
        """Return what is written of the library once for all builds."""
        return cached_texts(make, self.settings.cache, f"{kind}-{self.digest}")

    def explainers(self) -> set[str]:
        """Return the paths of the pages that terms and claims point to."""
        return {entry.explainer for entry in self.written() if entry.explainer}

    def written(self) -> list[Term | Claim]:
        """Return the terms and the claims, whose bodies are Markdown."""
        return [*self.library.terms.values(), *self.library.claims.values()]

    def generate(self, titles: Mapping[str, str], heads: Mapping[str, str]) -> dict[str, str]:
        """Return the Markdown of the generated pages; ``heads`` as in ``pages.generate``."""
        self.generated = pages.generate(self.bibliography, titles, heads)
        return {path: page.markdown for path, page in self.generated.items()}

    def refuse(self, pages: Iterable[Listed]) -> None:
        """Report the pages that are not read."""
        for one in pages:
            if one.fault:
                span = Span(File.named(one.path, self.root))
                self.problems.append(Diagnostic("S018", one.fault, span))

    def begin(self, page: Page, extension: ApparatusExtension | None = None) -> None:
        """Tell of a page whose Markdown is converted next, by the site's extension or another."""
        extension = extension or self.extension
        generated = self.generated.get(page.path)
        extension.given = generated.marks if generated else ()
        extension.citations, extension.expected = page.citations, True
        self.pages[page.path] = page

    def recognise(
        self, path: str, title: str, html: str, extension: ApparatusExtension | None = None
    ) -> str:
        """Note what the conversion that just ended found on a page; return it, terms linked."""
        extension = extension or self.extension
        marks, misplaced = extension.take()
        extension.expected = False  # until the next page begins
        mode = self.pages[path].autolink or self.settings.autolink
        if mode != "off":
            html, marks = link_terms(html, marks, self.tree, mode, self.library.names)
        misplaced = misplaced or ABBREVIATION.search(html) is not None
        self.pages[path] = replace(
            self.pages[path],
            title=title,
            marks=marks,
            places=find_places(html, marks, self.library),
            misplaced=misplaced,
        )
        return html

    @cached_property
    def tree(self) -> Tree:
        """Return the names of all terms, by which plain words are found."""
        return plant(self.library.terms.values())

    def split(self, path: str, html: str) -> Pieces:
        """Take a page apart at its marks, for ``plain`` and ``write``."""
        return split(html, self.pages[path].marks)

    def plain(self, pieces: Pieces) -> str:
        """Return a page as a search index should read it."""
        return plain(pieces, self.library)

    def write(
        self,
        path: str,
        pieces: Pieces,
        link: Link,
        facts: PageFacts,
        formatted: CslPage | None = None,
    ) -> Written:
        """Return a page finished; ``link`` returns the address of a path, seen from there.

        ``formatted`` are its citations in a CSL style, if they are known before all pages are.
        """
        page = self.pages[path]
        rendering = Rendering(
            self.bibliography,
            pieces,
            link,
            listed=page.listed,
            has_terms=path == "glossary.md",
            formatted=formatted or self.formatted.get(path),
            drawings=self.drawings,
        )
        html = rendering.render(write_claims(self.treated(path), self.words, link))
        parts = [html]
        if path in pages.PATHS:
            parts = list(fill_uses(html, self.uses, link, path, self.words))
        if path == "sources.md":
            parts += ["\n", write_downloads(self.words, link)]
        if rendering.cited:
            parts += ["\n", write_citing(facts, self.words, link(references_path(path)))]
        html = "".join(parts)
        reviews = self._reviews(facts) if path == "claims.md" else ()
        data = write_data(facts, [self.works[key] for key in rendering.cited], reviews)
        references = "\n".join([self.entries[key] for key in rendering.cited])
        return Written(html, write_head(facts), data, references, rendering)

    def let_go(self, path: str) -> None:
        """Forget of a page what nobody needs once all are judged and this one is written."""
        page = self.pages[path]
        places = Places(page.places.sources, page.places.terms)
        self.pages[path] = replace(page, marks=(), places=places)

    def treated(self, path: str) -> list[Claim]:
        """Return the claims that a page treats, in the order of the article."""
        claims = [claim for claim in self.library.claims.values() if claim.explainer == path]
        return sorted(claims, key=lambda one: (one.paragraph, one.span.path))

    def _reviews(self, facts: PageFacts) -> Iterator[str]:
        """Yield each claim with its verdict for search engines."""
        article = self.library.article
        source = self.library.sources.get(article.source) if article else None
        for claim in self.library.claims.values():
            verdict = getattr(self.words, claim.verdict or "no_verdict")
            yield claim_review(facts, claim, article, source.url if source else "", verdict)

    @cached_property
    def formatted(self) -> Mapping[str, CslPage]:
        """Return the citations of all pages in a CSL style, if the site has one.

        What cannot be formatted is a problem of the site's, and comes in the house style.
        """
        if not self.settings.style.endswith(".csl"):
            return {}
        groups = {path: self.known_groups(path) for path in self.pages}
        style = self.root / self.settings.style
        if fault := fault_of(style, bounds(style, self.root)):
            message = f"{self.settings.style}: {fault}"
            self.problems.append(Diagnostic("C006", message, Span("mkdocs.yml")))
            return {}
        bibtex = "\n".join(self.entries.values())
        try:
            return cached_format_pages(
                bibtex, groups, style, self.settings.language, self.settings.cache
            )
        except CslError as error:
            self.problems.append(Diagnostic("C006", str(error), Span("mkdocs.yml")))
            return {}

    def known_groups(self, path: str) -> tuple[CitationGroup, ...]:
        """Return the groups of a page as a CSL style gets them: without keys that are unknown."""
        return _known_groups(self.pages[path].places.groups, self.library.sources)

    @cached_property
    def drawings(self) -> Mapping[str, Html]:
        """Return the drawings of all figures, by name; what cannot be drawn is a problem."""
        figures = self.library.figures
        drawn = cached_draw(figures.values(), self.words, self.settings.cache)
        for name, fault in drawn.faults.items():
            message = f"figure '{name}' is not drawn: {fault}"
            self.problems.append(Diagnostic("F004", message, figures[name].span))
        return drawn.drawings

    @cached_property
    def entries(self) -> Mapping[str, str]:
        """Return every source as BibTeX, by key."""
        return self._texts("entries", lambda: bibtex_entries(self.sources))

    @cached_property
    def works(self) -> Mapping[str, str]:
        """Return every source as JSON-LD, by key."""
        return self._texts("works", lambda: {source.key: work(source) for source in self.sources})

    def files(self) -> Mapping[str, str]:
        """Return what can be downloaded, by path: the library in each format, and all tables."""
        figures = self.library.figures.values()
        tables = {data_path(figure.file): figure.data for figure in figures if figure.file}
        return {**self._texts("files", lambda: library_files(self.sources)), **tables}

    @cached_property
    def uses(self) -> Uses:
        """Return who uses each source and each term, once every page is known."""
        return index_uses((page.path, page.title, page.places) for page in self.pages.values())

    @property
    def sources(self) -> Iterable[Source]:
        """All sources, in their order."""
        return self.library.sources.values()

    def counts(self) -> dict[str, int]:
        """Return how much there is of everything."""
        return {
            "pages": len(self.pages),
            "citations": sum(len(page.places.sources) for page in self.pages.values()),
            "sources": len(self.library.sources),
            "terms": len(self.library.terms),
            "claims": len(self.library.claims),
        }


def autolink_of(meta: Mapping[str, object]) -> str:
    """Return a page's own choice of links to terms, empty if it has none; ``off`` is YAML's no."""
    chosen = meta.get("autolink", "")
    mode = "off" if chosen is False else str(chosen)
    return mode if mode in AUTOLINK else ""


def _known_groups(
    groups: Iterable[CitationGroup], known: Container[str]
) -> tuple[CitationGroup, ...]:
    """Return the groups without keys that are unknown, and without those that are then empty."""
    kept = [
        replace(group, citations=tuple(one for one in group.citations if one.key in known))
        for group in groups
    ]
    return tuple(group for group in kept if group.citations)
