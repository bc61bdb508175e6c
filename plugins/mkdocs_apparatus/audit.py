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
from .judge import judge
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
    root, docs = config.root, config.docs
    options = config.options
    settings = Settings(
        config.language,
        str(options.get("style", "numeric")),
        autolink_of(options) or "first",
        int(options.get("review_after", 12)),
        root / _CACHE,
    )
    site = Site(config.sources, root, config.name, settings)
    settings_of = {
        name: {**found, "use_pygments": False} if name in _COLOURING else found
        for name, found in ({name: {} for name in _COLOURING} | dict(config.settings)).items()
    }
    try:
        reader = markdown.Markdown(
            extensions=[*config.extensions, site.extension], extension_configs=settings_of
        )
    except (ImportError, AttributeError, TypeError, ValueError, KeyError) as error:
        raise ConfigError(f"a Markdown extension cannot be used: {error}") from None

    def convert(text: str) -> str:
        reader.reset()
        return reader.convert(text)

    listed = list(list_pages(config))
    site.refuse(listed)
    paths = [one.path.relative_to(docs).as_posix() for one in listed if not one.fault]
    own = share.of(paths)
    for done, path in enumerate(own):
        progress(done, len(own))
        file = File.read(docs / path, root, site.problems)
        meta, body, first_line = split_page(file)
        page = Page(
            path,
            body,
            first_line,
            matter=file.text.removesuffix(body),
            citations=meta.get("citations", True) is not False,
            autolink=autolink_of(meta),
        )
        site.begin(page)
        site.recognise(path, path, convert(body))
    progress(len(own), len(own))
    return judge(site, convert, {*paths, *PATHS}, today)
