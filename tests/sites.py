"""Small sites in folders: written, converted by the core alone, or built by MkDocs."""

from __future__ import annotations

import functools
import http.server
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import markdown
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from mkdocs_apparatus import report
from mkdocs_apparatus.judge import judge
from mkdocs_apparatus.metadata import PageFacts
from mkdocs_apparatus.site import Page, Settings, Site

ROOT = Path(__file__).parent.parent
EXTENSIONS = (
    "abbr",
    "admonition",
    "attr_list",
    "def_list",
    "fenced_code",
    "footnotes",
    "md_in_html",
    "tables",
    "toc",
)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def convert(
    folder: Path, page: str, *, listed: bool = True, **options: str
) -> tuple[str, list[str]]:
    """Return a page's HTML and the findings on it and on sources/, as the core makes them.

    ``options`` are those of Settings; ``listed`` is the page's switch for references at its foot.
    """
    site = Site(folder / "sources", folder, "docs", Settings(**options))

    def render(text: str) -> str:
        return markdown.Markdown(extensions=[*EXTENSIONS, site.extension]).convert(text)

    site.begin(Page("page.md", page, 1, listed=listed))
    html = render(page)
    html = site.recognise("page.md", "Page", html)
    written = site.write(
        "page.md", site.split("page.md", html), lambda path: path, PageFacts("Page")
    )
    html = written.html.partition('\n<section class="ap-citing"')[0]
    findings = judge(site, render, ["page.md"], date(2026, 11, 24))
    return html, [report.line(finding) for finding in findings]


@dataclass(frozen=True)
class Built:
    """A site that MkDocs has built: where, what it logged, whether strict mode stopped it."""

    folder: Path
    log: list[str]
    aborted: bool

    def read(self, path: str) -> str:
        return (self.folder / "site" / path).read_text(encoding="utf-8")


Build = Callable[..., Built]


def built(folder: Path) -> list[str]:
    """Build a site as its own file says, strictly; return the warnings that did not stop it."""
    records: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("mkdocs").addHandler(handler)
    try:
        loaded = load_config(str(folder / "mkdocs.yml"), strict=True)
        loaded.plugins.on_startup(command="build", dirty=False)
        mkdocs_build(loaded)
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)
    return records


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on a loopback port, and give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
