"""A whole site checked without a generator; what was found is kept until a file changes.

In comes a site's ``mkdocs.yml``, out come the findings of a build: every page is converted with
the site's own Markdown extensions, but without theme and plugins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import markdown

from .config import Config, ConfigError
from .file import File
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
    settings = (config.options, config.extensions, config.settings, config.language)
    whole.update(json.dumps(settings, default=_name, sort_keys=True).encode())
    style = config.root / str(config.options.get("style", ""))
    styles = [style] if style.is_file() else []
    for path in (*_files(_CODE), *_files(config.docs), *_files(config.sources), *styles):
        whole.update(f"\0{path}\0".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:32]


def _name(setting: object) -> str:
    """Return a name for what JSON cannot hold: a function has another address in each run."""
    module, name = (getattr(setting, one, "") for one in ("__module__", "__qualname__"))
    return f"{module}.{name}" if name else str(setting)


def _files(folder: Path) -> Iterator[Path]:
    """Yield what is read of a folder: texts, in a fixed order."""
    endings = (".md", ".bib", ".csv", ".json", ".py", ".toml")
    return (path for path in sorted(folder.rglob("*")) if path.suffix in endings)


def _find(config: Config, today: date, progress: Progress, share: Share) -> list[Diagnostic]:
    site = Site(config.sources, config.root, config.name, settings_of(config))
    convert = converter(config, site)
    docs = config.docs
    paths = [path.relative_to(docs).as_posix() for path in sorted(docs.rglob("*.md"))]
    own = share.of(paths)
    for done, path in enumerate(own):
        progress(done, len(own))
        page = read_page(File.read(docs / path, config.root, site.problems), path)
        site.begin(page)
        site.recognise(path, path, convert(page.source))
    progress(len(own), len(own))
    return judge(site, convert, {*paths, *PATHS}, today)


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
        autolink=autolink_of(meta),
    )
