"""Zensical: a Markdown extension that does for a page what the plugin does under MkDocs.

Zensical runs no plugins, makes a new Markdown object a page, and says which page it renders only
through a preprocessor of its own. What needs all pages is read from what ``apparatus pages`` has
written. Under any other generator, and in a check, this extension does nothing: the plugin is at
work there, or the command.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from .audit import read_page, settings_of
from .config import Config, read_config
from .csl import CslError, format_pages
from .extension import ApparatusExtension
from .file import File
from .markup import escaped
from .matter import split_page
from .metadata import SiteFacts, facts_of
from .pages import PATHS
from .prepare import PLACES, Prepared, heads_of, recall
from .record import FOLDER
from .render import Rendering
from .site import Page, Site
from .syntax import first_heading

_CONTEXT = "rendering_context"
_FILES = ("zensical.toml", "mkdocs.yml", "mkdocs.yaml")  # in the order in which Zensical looks
_MADE_FOR = "0.0.73"
# What a search index should not read: numbers in brackets, and lists that repeat other pages.
_UNSEARCHED = {
    beginning: beginning.replace(" ", " data-search-exclude ", 1)
    for beginning in ('<section class="ap-', '<h2 id="ap-', '<span class="ap-citation">')
}


class SetUpError(RuntimeError):
    """The site is not set up for this extension; the message says what to do. Stops a build."""


def makeExtension(**options: Any) -> Extension:  # noqa: N802 # Python-Markdown's name
    """Return the extension. Its options are those of the plugin, where that has none."""
    return ZensicalExtension(**options)


@dataclass(frozen=True, slots=True)
class _Context:
    """The page that is rendered, as Zensical tells of it."""

    path: str
    url: str
    title: str
    meta: Mapping[str, object]
    config: Mapping[str, Any]


class ZensicalExtension(Extension):
    """Recognises citations and terms on a page of Zensical's, and writes it when it is done."""

    def __init__(self, **_: Any) -> None:
        super().__init__()

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 # Python-Markdown's name
        """Register what works on this page, if Zensical is at work. Raises SetUpError."""
        context = _context(md)
        if context is None:
            return
        root = Path(str(context.config["root_dir"]))
        opened = _open(root, _stamp(root))
        work = _Work(md, context, opened)
        work.core.extendMarkdown(md)
        md.preprocessors.register(_Generate(work, md), "apparatus-generate", 1_000)
        md.treeprocessors.register(_Ready(work, md), "apparatus-ready", -1_000)
        md.postprocessors.register(_Write(work, md), "apparatus-write", -1_000)


def _context(md: Markdown) -> _Context | None:
    """Return the page that Zensical renders, None under another generator. Raises SetUpError."""
    if _CONTEXT not in md.preprocessors:
        return None
    found: Any = md.preprocessors[_CONTEXT]
    page: Any = getattr(found, "page", None)
    config = getattr(found, "config", None)
    path, url, meta = (getattr(page, name, None) for name in ("path", "url", "meta"))
    if not (isinstance(path, str) and isinstance(url, str) and isinstance(config, dict)):
        raise SetUpError(
            "apparatus: this Zensical does not say which page it renders, as "
            f"{_MADE_FOR} does: install that one, or a newer mkdocs-apparatus"
        )
    typed = str(getattr(page, "title", None) or "")
    title = first_heading(f"# {typed}")
    if title != " ".join(typed.split()):
        page.title = title  # else the navigation would show a citation as it was typed
    return _Context(path, url, title, meta if isinstance(meta, dict) else {}, config)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A site for all its pages: read once, and anew when a file of it has changed."""

    config: Config
    site: Site
    prepared: Prepared


def _stamp(root: Path) -> tuple[tuple[str, int], ...]:
    """Return what changes when a source, a term, a claim or the site's file does."""
    config = _config_file(root)
    folder = _read(config, config.stat().st_mtime_ns).sources if config else root
    paths = [config, root / PLACES, *sorted(folder.rglob("*"))]
    return tuple((str(path), path.stat().st_mtime_ns) for path in paths if path and path.exists())


@lru_cache(maxsize=1)
def _read(file: Path, _: int) -> Config:
    """Read a site's file; the number is the time of its last change."""
    return read_config(file)


def _config_file(root: Path) -> Path | None:
    return next((root / name for name in _FILES if (root / name).is_file()), None)


@lru_cache(maxsize=1)
def _open(root: Path, _: tuple[tuple[str, int], ...]) -> _Opened:
    """Read a site. Raises SetUpError, and ConfigError if its file cannot be used."""
    file = _config_file(root)
    if file is None:
        raise SetUpError(f"apparatus: {root} has none of {', '.join(_FILES)}")
    config = _read(file, file.stat().st_mtime_ns)
    settings = settings_of(config)
    prepared = recall(root)
    if prepared is None:
        raise SetUpError(
            "apparatus: what is known of all pages is missing: run "
            f"'apparatus pages --config {file.name}' before Zensical builds or serves"
        )
    site = Site(config.sources, config.root, config.name, settings)
    site.generate(prepared.written, heads_of(config))
    # Of all pages, in place of those that were seen so far.
    site.__dict__.update(uses=prepared.uses, formatted={})
    return _Opened(config, site, prepared)


class _Work:
    """One page on its way through Python-Markdown."""

    def __init__(self, md: Markdown, context: _Context, opened: _Opened) -> None:
        self.md = md
        self.context = context
        self.opened = opened
        self.core = ApparatusExtension(opened.site.library)
        self.ready = False

    def begin(self, text: str) -> str:
        """Tell the site of this page; return its Markdown, or what is generated in its place."""
        path, site, config = self.context.path, self.opened.site, self.opened.config
        written = (config.docs / path).is_file()
        page = (
            read_page(File.read(config.docs / path, config.root, []), path)
            if written
            else Page(path, text, 1)
        )
        site.begin(replace(page, source=text), self.core)
        if path not in PATHS:
            return text
        return split_page(File(path, site.generated[path].markdown, []))[1]

    def write(self, html: str) -> str:
        """Return the page finished."""
        context, site = self.context, self.opened.site
        html = site.recognise(context.path, context.title, html, self.core)
        pieces = site.split(context.path, html)
        extra = context.config.get("extra")
        about = SiteFacts(
            str(context.config.get("site_name") or ""),
            str(context.config.get("site_author") or ""),
            site.settings.language,
            str(extra.get("licence", "")) if isinstance(extra, dict) else "",
        )
        base = str(context.config.get("site_url") or "")
        url = f"{base.rstrip('/')}/{context.url}" if base else ""
        facts = facts_of(context.meta, context.title, url, about)
        written = site.write(context.path, pieces, self.link, facts, self._styled())
        self._announce(written.rendering, claims=bool(site.treated(context.path)))
        site.let_go(context.path)
        html = f"{written.html}\n{written.data}"
        for tag, unsearched in _UNSEARCHED.items():
            html = html.replace(tag, unsearched)
        return html

    def _styled(self) -> Any:
        """Return the page's citations in the site's CSL style, if it has one."""
        site, path = self.opened.site, self.context.path
        if not site.settings.style.endswith(".csl"):
            return None
        groups = site.known_groups(path)
        found = self.opened.prepared.styled(path, groups)
        if found is not None or not groups:
            return found
        bibtex = "\n".join(site.entries.values())
        style = site.root / site.settings.style
        try:
            pages = format_pages(bibtex, {path: groups}, style, site.settings.language)
        except CslError as error:
            raise SetUpError(f"apparatus: {error}") from None
        return pages.get(path)

    def _announce(self, rendering: Rendering, *, claims: bool) -> None:
        """Put the lists at the page's foot into the contents, on the second level."""
        tokens: list[dict[str, Any]] = getattr(self.md, "toc_tokens", [])
        entries = tokens[0]["children"] if len(tokens) == 1 else tokens
        words = self.opened.site.words
        if claims:
            entries.append(_token("ap-claims", words.claims_here))
        if rendering.ends_with_references:
            entries.append(_token("ap-references", words.references))

    def link(self, target: str) -> str:
        """Return the way from this page's file to that of a page or a download, none if unknown.

        Zensical makes an address of it, as of every link in HTML.
        """
        if target not in self.opened.prepared.titles and not target.startswith(f"{FOLDER}/"):
            return ""
        return posixpath.relpath(target, posixpath.dirname(self.context.path) or ".")


def _token(name: str, title: str) -> dict[str, Any]:
    """Return an entry of the contents, as Python-Markdown's extension toc has them."""
    title = escaped(title)
    return {
        "level": 2,
        "id": name,
        "name": title,
        "html": title,
        "data-toc-label": "",
        "children": [],
    }


class _Generate(Preprocessor):
    def __init__(self, work: _Work, md: Markdown) -> None:
        super().__init__(md)
        self.work = work

    def run(self, lines: list[str]) -> list[str]:
        return self.work.begin("\n".join(lines)).split("\n")


class _Ready(Treeprocessor):
    """Says that the page's tree is done: contents run postprocessors on each heading before."""

    def __init__(self, work: _Work, md: Markdown) -> None:
        super().__init__(md)
        self.work = work

    def run(self, root: object) -> None:  # noqa: ARG002 # Python-Markdown's signature
        self.work.ready = True


class _Write(Postprocessor):
    def __init__(self, work: _Work, md: Markdown) -> None:
        super().__init__(md)
        self.work = work

    def run(self, text: str) -> str:
        return self.work.write(text) if self.work.ready else text
