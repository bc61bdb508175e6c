"""MkDocs and ProperDocs: the options, and hooks that each hand over to the core."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import markdown
from mkdocs.config import base, config_options
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.toc import AnchorLink
from mkdocs.utils import get_relative_url
from mkdocs.utils.meta import get_data

from . import report
from .csp import secure
from .dates import today
from .fields import AUTOLINK
from .folder import bounds, list_files
from .judge import judge
from .marks import Pieces
from .metadata import PageFacts, SiteFacts, facts_of
from .model import Block, Severity
from .overview import Leaf, Overview, survey
from .pages import PATHS
from .record import CSS, LIBRARY, SCRIPTS, assets, data_path, references_path
from .render import Rendering
from .rules import RULES
from .site import Page as Recognised
from .site import Settings, Site, autolink_of
from .syntax import first_heading

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

log = get_plugin_logger(__name__)

_CACHE = ".cache/plugin/apparatus"
_RARELY = 10_000  # new objects, after which Python looks for garbage; 700 as it comes
_ID = re.compile(r' id="([^"]+)"')


class ApparatusConfig(base.Config):  # type: ignore[no-untyped-call] # MkDocs's own
    """The plugin's options in ``mkdocs.yml``."""

    sources = config_options.Type(str, default="sources")
    """The folder of .bib files, glossary/ and claims/, relative to mkdocs.yml."""

    style = config_options.Type(str, default="numeric")
    """How citations look: ``numeric``, ``author-date``, or a .csl file (needs the extra csl)."""

    autolink = config_options.Choice((*AUTOLINK, False), default="first")  # off is YAML's false
    """Which plain words become links to terms: the first of a page, of a section, all, none."""

    review_after = config_options.Type(int, default=12)
    """After how many months a page about the article should be reviewed again; 0 for never."""

    language = config_options.Type(str, default="")
    """The language of fixed words and dates, such as ``de``; the theme's, if not set."""

    csp = config_options.Type(bool, default=False)
    """Whether pages forbid themselves, by a Content-Security-Policy, whatever is not of the site.

    Images and scripts from other hosts are then not shown. ``mkdocs serve`` goes without.
    """


@dataclass(frozen=True, slots=True)
class Data:
    """What belongs to a page besides its text: for its head, for its end, and its BibTeX."""

    head: str
    data: str
    references: str


class ApparatusPlugin(BasePlugin[ApparatusConfig]):  # type: ignore[no-untyped-call]
    """Holds one Site a build, and what MkDocs shows only in passing."""

    site: Site
    serving: bool = False
    started: float
    collecting: tuple[int, int, int]
    pieces: Pieces
    words: str
    data: Data
    wanted: Mapping[str, set[str]]
    heads: dict[str, str]
    addresses: dict[str, str]
    overview: Overview

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Learn whether this is a preview, into whose pages MkDocs puts a script of its own."""
        self.serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Load the sources, and hand the one extension object to MkDocs."""
        self.started = time.monotonic()
        root = Path(config.config_file_path or ".").resolve().parent
        docs = Path(config.docs_dir).resolve()
        name = docs.relative_to(root).as_posix() if docs.is_relative_to(root) else docs.name
        settings = Settings(
            _language(self, config),
            self.config.style,
            autolink_of(self.config) or "first",
            self.config.review_after,
            root / _CACHE,
        )
        self.site = Site(root / self.config.sources, root, name, settings)
        extensions: list[Any] = config.markdown_extensions
        extensions.append(self.site.extension)
        if CSS not in config.extra_css:
            config.extra_css.insert(0, CSS)
        known = list(map(str, config.extra_javascript))
        config.extra_javascript.extend(path for path in SCRIPTS if path not in known)
        gc.freeze()  # what lives to the end of the build need not be looked through for garbage,
        self.collecting = gc.get_threshold()
        gc.set_threshold(_RARELY, *self.collecting[1:])  # of which pages leave little
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the generated pages, the style sheet and the scripts; let go of what is not read."""
        docs = Path(config.docs_dir)
        listed = list_files(docs, "*.md", bounds(docs, self.site.root), deep=True)
        refused = [one for one in listed if one.fault]
        self.site.refuse(refused)
        for file in _within(files, docs, {one.path for one in refused}):
            files.remove(file)  # before MkDocs reads it
        known = {file.src_uri: file for file in files.documentation_pages()}
        titles = {path: _title(known[path]) for path in self.site.explainers() & known.keys()}
        self.heads = {path: known[path].content_string for path in PATHS if path in known}
        for path, text in self.site.generate(titles, self.heads).items():
            if path in known:
                files.remove(known[path])
            files.append(File.generated(config, path, content=text))
        for path, text in assets().items():
            found = files.get_file_from_path(path)  # if 'apparatus pages' has written it
            if found is not None:
                files.remove(found)
            files.append(File.generated(config, path, content=text))
        return files

    @event_priority(100)
    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Keep the text as its author wrote it, before other plugins rewrite it."""
        path = page.file.src_uri
        whole = page.file.content_string.replace("\r\n", "\n")
        first_line = whole.count("\n") - markdown.count("\n") + 1
        own = get_data(self.heads.get(path, ""))[0] if path in PATHS else markdown
        on = {name: page.meta.get(name, True) is not False for name in ("citations", "references")}
        self.site.begin(
            Recognised(
                path,
                own,
                first_line,
                matter=whole.removesuffix(markdown),
                citations=on["citations"],
                listed=on["references"],
                autolink=autolink_of(page.meta),
            )
        )
        return markdown

    @event_priority(100)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Note what was recognised on the page, and mark plain mentions of terms."""
        return self.site.recognise(page.file.src_uri, _page_title(page), html)

    def on_env(self, env: object, *, config: MkDocsConfig, files: Files) -> None:
        """Report, now that every page is known."""
        paths = [file.src_uri for file in files.documentation_pages()]
        pages = [file.page for file in files.documentation_pages()]
        for diagnostic in judge(self.site, lambda text: _convert(config, text), paths, today()):
            severity = RULES[diagnostic.code].severity
            say = log.info if severity is Severity.INFO else log.warning
            say(report.line(diagnostic))
        self.overview = self._survey([page for page in pages if page])
        self.wanted = _wanted(page for page in pages if page)
        gc.freeze()  # likewise all that was recognised

    def _survey(self, pages: Iterable[Page]) -> Overview:
        """Return what templates may show of the site."""
        known = {page.file.src_uri: page for page in pages}
        claims = known.get("claims.md")
        headings = {item.title: item.url for item in _flat(claims.toc)} if claims else {}
        leaves = map(_leaf, known.values())
        address = self.addresses.get("claims.md", "")
        return survey(self.site.library, self.site.words, leaves, address, headings)

    @event_priority(100)
    def _on_context_early(self, context: Any, *, page: Page, **_: Any) -> None:
        """Let search and whoever else reads pages see plain words."""
        self.pieces = self.site.split(page.file.src_uri, page.content or "")
        page.content = self.words = self.site.plain(self.pieces)

    @event_priority(-100)
    def _on_context_late(self, context: Any, *, page: Page, nav: Any, config: Any) -> None:
        """Write the page."""
        path = page.file.src_uri
        if page.content != self.words:
            log.warning(
                f"{path}: another plugin or hook changed the text in 'on_page_context', and its "
                "change is lost: let it use 'on_page_content', or 'on_post_page'"
            )
        addresses = self.addresses

        @cache
        def link(target: str) -> str:
            return get_relative_url(addresses[target], page.url) if target in addresses else ""

        facts = _facts(page, config, self.site.settings.language)
        written = self.site.write(path, self.pieces, link, facts)
        page.content = written.html
        self.data = Data(written.head, written.data, written.references)
        self.site.let_go(path)
        del self.pieces  # which are much, of the page of all sources
        _announce(page, written.rendering, self.wanted, claims=bool(self.site.treated(path)))
        cited = (key for key, _ in self.site.pages[path].places.sources)
        context["apparatus"] = self.overview.of(path, self.words, cited)

    on_page_context = CombinedEvent(_on_context_early, _on_context_late)

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Put data where they belong, and let go of the page: it is never read again."""
        page.content = self.words
        if self.data.references:
            path = references_path(page.file.src_uri)
            _write(Path(config.site_dir) / path, self.data.references)
        head, end = output.find("</head>"), output.rfind("</body>")
        start, end = max(head, 0), end if end >= 0 else len(output)
        meta = self.data.head if head >= 0 else ""
        parts = (output[:start], meta, output[start:end], self.data.data, output[end:])
        return self._secured("".join(parts))

    @event_priority(-100)
    def on_post_template(self, output: str, *, template_name: str, config: MkDocsConfig) -> str:
        """Finish a page that is no page of the author's, such as 404.html."""
        return self._secured(output) if template_name.endswith(".html") else output

    def _secured(self, html: str) -> str:
        return secure(html) if self.config.csp and not self.serving else html

    def on_nav(self, nav: object, *, config: MkDocsConfig, files: Files) -> None:
        """Learn the address of every page, and of what can be downloaded."""
        pages = {file.src_uri: file.url for file in files.documentation_pages()}
        tables = (data_path(figure.file) for figure in self.site.library.figures.values())
        downloads = [*LIBRARY.values(), *map(references_path, pages), *tables]
        self.addresses = pages | {path: path for path in downloads}

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the downloads, and say what was built."""
        for path, text in self.site.files().items():
            _write(Path(config.site_dir) / path, text)
        gc.set_threshold(*self.collecting)
        gc.unfreeze()
        counts = ", ".join(f"{number} {name}" for name, number in self.site.counts().items())
        log.info(f"{counts}, {time.monotonic() - self.started:.1f} seconds")


def _within(files: Files, docs: Path, refused: Set[Path]) -> list[File]:
    """Return the pages that are among refused files and folders."""
    if not refused:
        return []
    own = (file for file in files.documentation_pages() if file.src_dir == str(docs))
    paths = ((file, docs / file.src_uri) for file in own)
    return [file for file, path in paths if not refused.isdisjoint((path, *path.parents))]


def _title(file: File) -> str:
    """Return a page's title before MkDocs reads it: front matter, else its first heading."""
    body, meta = get_data(file.content_string)
    return str(meta.get("title") or first_heading(body) or file.name)


def _language(plugin: ApparatusPlugin, config: MkDocsConfig) -> str:
    """Return the language that the plugin or else the theme is set to."""
    theme = config.theme.get("language") or config.theme.get("locale") or "en"
    return plugin.config.language or str(theme)


def _page_title(page: Page) -> str:
    """Return a page's title as text; MkDocs has HTML of one that it took from a heading."""
    title = str(page.title or "")
    return title if "title" in page.meta else unescape(title)


def _flat(items: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    """Yield the headings of a page, whatever their level."""
    for item in items:
        yield item
        yield from _flat(item.children)


def _leaf(page: Page) -> Leaf:
    """Return what a page's front matter says of it; a field of another kind is as none."""
    lists = {
        name: tuple(value) if isinstance(value := page.meta.get(name), list) else None
        for name in ("topics", "paragraphs", "related")
    }
    named = lists["related"]
    return Leaf(
        page.file.src_uri,
        str(page.meta.get("title") or _page_title(page)),  # the page's own, not the navigation's
        page.file.url,
        str(page.meta.get("summary") or ""),
        tuple(map(str, lists["topics"] or ())),
        tuple(one for one in lists["paragraphs"] or () if isinstance(one, int)),
        None if named is None else tuple(map(str, named)),
    )


def _facts(page: Page, config: MkDocsConfig, language: str) -> PageFacts:
    """Return what is known of a page: from its front matter, else from the site's settings."""
    site = SiteFacts(
        config.site_name,
        config.site_author or "",
        language,
        str(config.extra.get("licence", "")),
    )
    return facts_of(page.meta, _page_title(page), page.canonical_url or "", site)


def _write(path: Path, text: str) -> None:
    """Write a download; folders are rarely missing, and looking for them is slow."""
    try:
        path.write_bytes(text.encode())
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def _convert(config: MkDocsConfig, text: str) -> str:
    return markdown.Markdown(
        extensions=config.markdown_extensions, extension_configs=config.mdx_configs
    ).convert(text)


def _wanted(pages: Iterable[Page]) -> dict[str, set[str]]:
    """Return the anchors that links in the text lead to, by the path of their page."""
    wanted: dict[str, set[str]] = {}
    for page in pages:
        for file, anchors in (page.links_to_anchors or {}).items():
            wanted.setdefault(file.src_uri, set()).update(anchors)
    return wanted


def _announce(
    page: Page, rendering: Rendering, wanted: Mapping[str, set[str]], *, claims: bool
) -> None:
    """Tell MkDocs which of the wanted addresses a page got late, and add to its contents.

    ``claims`` says that there is a list of the claims that the page treats.
    """
    if page.file.src_uri in wanted:
        ids = wanted[page.file.src_uri].intersection(_ids(rendering))
        page.present_anchor_ids = (page.present_anchor_ids or set()) | ids
    top = page.toc.items
    entries = top[0].children if len(top) == 1 else top
    words = rendering.bibliography.words
    if claims:
        entries.append(AnchorLink(words.claims_here, "ap-claims", 2))
    if rendering.ends_with_references:
        entries.append(AnchorLink(words.references, "ap-references", 2))


def _ids(rendering: Rendering) -> Iterator[str]:
    """Yield the addresses that a page got late."""
    yield from ("ap-references", "ap-claims", *rendering.anchors)
    library = rendering.library
    for start, uses, records in (
        ("ref", rendering.cited, library.sources),
        ("term", rendering.terms, library.terms),
    ):
        for name, mentions in uses.items():
            yield from (f"{start}-{one}" for one in (name, *records[name].formerly))
            yield from (mention.anchor for mention in mentions)
    for mark in rendering.pieces.marks:
        if isinstance(mark, Block):
            yield from map(unescape, _ID.findall(mark.html))
