"""A whole site checked without a generator; what was found is kept until a file changes.

In comes a site's ``mkdocs.yml``, out come the findings of a build: every page is converted with
the site's own Markdown extensions, but without theme and plugins.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import markdown

from .cache import digest_of
from .config import Config, ConfigError
from .file import File
from .folder import Listed, bounds, fault_of, list_files, read_bytes
from .judge import Convert, judge
from .matter import split_page
from .model import Diagnostic, Span
from .pages import PATHS
from .shard import WHOLE, Share
from .site import Page, Settings, Site, autolink_of
from .store import keep, read

Progress = Callable[[int, int], None]

_CACHE = ".cache/plugin/apparatus"
_CODE = Path(__file__).parent
_COLOURING = ("codehilite", "pymdownx.highlight")  # for which nothing is found, and much time spent
_INCLUDES = "snippets"  # an extension of this name reads files that nobody can know beforehand


def audit(
    config: Config, today: date, progress: Progress, share: Share = WHOLE
) -> list[Diagnostic]:
    """Return the findings on a site; ``progress`` is told how many of how many pages are done.

    Of a ``share`` only its own pages are read.

    Raises ConfigError if an extension cannot be used.
    """
    if any(_INCLUDES in name for name in config.extensions):
        return _find(config, today, progress, share)
    name = f"{_digest(config, today)}-{share.number}-{share.count}"
    path = config.root / _CACHE / f"findings-{name}.json"
    try:
        return [Diagnostic(row[0], row[1], Span(*row[2]), row[3]) for row in read(path)]
    except (TypeError, LookupError):
        found = _find(config, today, progress, share)
        rows = [(one.code, one.message, _place(one.span), one.suggestion) for one in found]
        keep(path, rows)
        return found


def _place(span: Span) -> tuple[str, int, int, int, int]:
    return span.path, span.line, span.column, span.end_line, span.end_column


def _digest(config: Config, today: date) -> str:
    """Return a name for all that decides what is found: files, settings, code and day."""
    whole = hashlib.sha256(str(today).encode())
    settings = (config.options, config.extensions, config.settings, config.language, config.missing)
    whole.update(json.dumps(settings, default=_name, sort_keys=True).encode())
    style = config.root / str(config.options.get("style", ""))
    if style.suffix == ".csl":
        whole.update(fault_of(style, bounds(style, config.root)).encode() or _bytes(style))
    for path in (*sorted(_CODE.rglob("*.py")), *sorted(_CODE.rglob("*.toml"))):
        whole.update(b"\0%b\0" % os.fsencode(path))
        whole.update(read_bytes(path))
    whole.update(digest_of(config.sources, config.root).encode())
    for one in list_pages(config):
        whole.update(b"\0%b\0" % os.fsencode(one.path))
        whole.update(one.fault.encode() or read_bytes(one.path))
    return whole.hexdigest()[:32]


def _bytes(path: Path) -> bytes:
    """Return what a file holds, nothing if it cannot be read."""
    with suppress(OSError):
        return read_bytes(path)
    return b""


def _name(setting: object) -> str:
    """Return a name for what JSON cannot hold: a function has another address in each run."""
    module, name = (getattr(setting, one, "") for one in ("__module__", "__qualname__"))
    return f"{module}.{name}" if name else str(setting)


def list_pages(config: Config) -> Iterator[Listed]:
    """Yield a site's pages in a fixed order, also those that are not read."""
    return list_files(config.docs, "*.md", bounds(config.docs, config.root), deep=True)


def _find(config: Config, today: date, progress: Progress, share: Share) -> list[Diagnostic]:
    site, convert = open_site(config)
    site.refuse(list_pages(config))
    paths = pages_of(config)
    own = share.of(paths)
    for done, path in enumerate(own):
        progress(done, len(own))
        recognise(site, convert, config, path)
    progress(len(own), len(own))
    if config.missing:
        site.problems.append(Diagnostic("P008", config.missing, Span(config.file)))
    return judge(site, convert, {*paths, *PATHS}, today)


def pages_of(config: Config) -> list[str]:
    """Return the paths of a site's pages, relative to their folder, in MkDocs's order."""
    listed = [one.path for one in list_pages(config) if not one.fault]
    return sorted((path.relative_to(config.docs).as_posix() for path in listed), key=_order)


def _order(path: str) -> list[tuple[int, str]]:
    """Return what orders a folder's index before its pages, and these before inner folders."""
    *folders, name = path.split("/")
    return [*((2, folder) for folder in folders), (name not in ("index.md", "README.md"), name)]


def open_site(config: Config) -> tuple[Site, Convert]:
    """Return a site without pages, and what converts their Markdown; errors as ``converter``."""
    site = Site(config.sources, config.root, config.name, settings_of(config))
    return site, converter(config, site)


def settings_of(config: Config) -> Settings:
    """Return what a site's file chooses."""
    options = config.options
    return Settings(
        config.language,
        str(options.get("style", "numeric")),
        autolink_of(options) or "first",
        int(options.get("review_after", 12)),
        config.root / _CACHE,
    )


def converter(config: Config, site: Site) -> Convert:
    """Return what renders Markdown with a site's extensions, its own among them.

    Raises ConfigError if an extension cannot be used.
    """
    settings = {
        name: {**found, "use_pygments": False} if name in _COLOURING else found
        for name, found in ({name: {} for name in _COLOURING} | dict(config.settings)).items()
    }
    try:
        reader = markdown.Markdown(
            extensions=[*config.extensions, site.extension], extension_configs=settings
        )
    except (ImportError, AttributeError, TypeError, ValueError, KeyError) as error:
        raise ConfigError(f"a Markdown extension cannot be used: {error}") from None

    def convert(text: str) -> str:
        reader.reset()
        return reader.convert(text)

    return convert


def read_page(file: File, path: str) -> Page:
    """Return a page as its author wrote it, not yet recognised."""
    meta, body, first_line = split_page(file)
    return Page(
        path,
        body,
        first_line,
        matter=file.text.removesuffix(body),
        citations=meta.get("citations", True) is not False,
        listed=meta.get("references", True) is not False,
        autolink=autolink_of(meta),
    )


def recognise(site: Site, convert: Convert, config: Config, path: str) -> str:
    """Read a page and note what it uses; return its HTML with marks."""
    page = read_page(File.read(config.docs / path, config.root, site.problems), path)
    site.begin(page)
    return site.recognise(path, path, convert(page.source))
