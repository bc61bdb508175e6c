"""A session with an author: what changes is read again in the background, and questions answered.

Works beside the answers in one event loop, in steps as short as a page is; only the library is
read in a thread. Nothing that is broken ends it. Knows no protocol: ``publish`` takes the
findings on a file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from .complete import Completer, Offers
from .config import Config, ConfigError, read_config
from .dates import today
from .desk import Desk
from .fields import ARTICLE, CLAIM, PAGE, TERM
from .hover import source_text, term_text
from .matter import Fields
from .mentions import Named
from .model import Diagnostic, Span
from .remedy import Remedy, remedies
from .rename import Change, RenameError, name_of, rename

Publish = Callable[[Path, Sequence[Diagnostic]], None]

_PAUSE = 0.15  # seconds without a change, before it is looked at
_ALWAYS = ("toc", "tables", "fenced_code")


class Session:
    """A site, the documents that are open in it, and what was last said about each."""

    def __init__(self, publish: Publish, log: Callable[[str], None]) -> None:
        self._publish = publish
        self._log = log
        self._desk: Desk | None = None
        self._completer: Completer | None = None
        self._config_file = Path()
        self._waiting: dict[Path, str] = {}  # documents that were open before there was a site
        self._pages: set[Path] = set()  # to be judged
        self._stale = {"library", "files", "findings"}
        self._said: dict[Path, list[Diagnostic]] = {}
        self._lines: dict[Path, tuple[str, list[str]]] = {}
        self._changed = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    def begin(self, config_file: Path) -> None:
        """Begin with a site; one whose file is broken or missing has all settings as they come."""
        self._config_file = config_file.resolve()
        self._open()
        self._work = asyncio.get_running_loop().create_task(self._keep_up())

    def end(self) -> None:
        """Stop what goes on."""
        if self._work:
            self._work.cancel()

    def _open(self) -> None:
        """Open the site, or go on with the one that is open if its file is broken."""
        path = self._config_file
        root = path.parent
        config = Config(path.name, root, root / "docs", {}, _ALWAYS, {}, "en", (), {}, "")
        fault, desk = "", None
        try:
            config = read_config(path)
            desk = Desk(config, today)
        except (ConfigError, ValueError, TypeError) as error:
            fault = str(error)
            self._log(fault)
        self._say(path, [Diagnostic("", fault, Span(path.name))] if fault else [])
        if desk is None:
            if self._desk is not None:
                return
            desk = Desk(replace(config, options={}, extensions=_ALWAYS, settings={}), today)
        texts = self._desk.papers.texts() if self._desk else self._waiting
        for one, text in texts.items():
            desk.papers.put(one, text)
        self._desk, self._completer = desk, None
        self._pages = {one for one in texts if desk.is_page(one)}
        self._stale = {"library", "files", "findings"}
        self._changed.set()

    def put(self, path: Path, text: str) -> None:
        """Take the text of an open document."""
        if self._desk is None:
            self._waiting[path] = text
            return
        self._desk.papers.put(path, text)
        self._look_at(path)

    def remove(self, path: Path) -> None:
        """Let go of a document: its file counts again."""
        self._waiting.pop(path, None)
        if self._desk is not None:
            self._desk.papers.remove(path)
            self._pages.discard(path)
            self._stale |= {"files", "findings"}
            self._changed.set()
            if self._desk.is_page(path):
                self._say(path, [])
            else:
                self._look_at(path)

    def look_again(self, paths: Iterable[Path]) -> None:
        """Look at files that have changed on disk."""
        if self._desk is None:
            return
        for path in paths:
            if path == self._config_file:
                self._open()
            self._stale |= {"files", "findings"}
            self._look_at(path)

    def _look_at(self, path: Path) -> None:
        desk = self._desk
        if desk and desk.is_page(path) and path in desk.papers.open:
            self._pages.add(path)
        elif desk and desk.is_source(path):
            self._stale |= {"library", "findings"}
        self._changed.set()

    async def _keep_up(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await asyncio.sleep(_PAUSE)
            try:
                await self._catch_up()
            except Exception as error:
                self._log(f"{type(error).__name__}: {error}")

    async def _catch_up(self) -> None:
        """Read what has changed, what is open first, and say what is found."""
        desk = self._desk
        if desk is None:
            return
        if "library" in self._stale:
            self._stale.discard("library")
            self._stale.add("files")  # pages on which it changes anything
            desk.renew(await asyncio.to_thread(desk.load))
            self._completer = None
            self._pages |= {path for path in desk.papers.open if desk.is_page(path)}
        while self._pages:
            path = self._pages.pop()
            try:
                self._say(path, desk.judge_page(path))
            except Exception as error:
                self._log(f"{desk.relative(path)}: {type(error).__name__}: {error}")
            await asyncio.sleep(0)
        if "files" in self._stale:
            for _ in desk.look():
                await asyncio.sleep(0)
                if self._changed.is_set():
                    return
            self._stale.discard("files")
        if "findings" in self._stale:
            self._stale.discard("findings")
            self._say_all(desk)

    def _say_all(self, desk: Desk) -> None:
        """Say what is wrong with the library, file by file."""
        by_file: dict[Path, list[Diagnostic]] = {}
        for one in desk.judge_library(all_read=True):
            by_file.setdefault(desk.config.root / one.span.path, []).append(one)
        before = {path for path, found in self._said.items() if found and desk.is_source(path)}
        for path in before | by_file.keys():
            self._say(path, by_file.get(path, []))

    def _say(self, path: Path, found: list[Diagnostic]) -> None:
        if self._said.get(path) != found:
            self._said[path] = found
            self._publish(path, found)

    def name(self, path: Path) -> str:
        """Return a path as findings name it."""
        return self._desk.relative(path) if self._desk else path.name

    def path(self, span: Span) -> Path:
        """Return the file of a place."""
        root = self._desk.config.root if self._desk else self._config_file.parent
        return root / span.path

    def lines(self, path: Path) -> list[str]:
        """Return the lines of a file as they are now."""
        text = self._desk.papers.text(path) if self._desk else ""
        known = self._lines.get(path)
        if known is None or known[0] != text:
            known = self._lines[path] = text, text.split("\n")
        return known[1]

    def offers(self, path: Path, line: int, column: int) -> Offers | None:
        """Return what may be written at a place."""
        desk = self._desk
        if desk is None or path.suffix != ".md":
            return None
        if self._completer is None:
            self._completer = Completer(desk.library, desk.site.words)
        lines = self.lines(path)[: max(line, 0)]
        if not lines or not (desk.is_page(path) or desk.is_source(path)):
            return None
        after = lines[-1][column - 1 :]
        lines[-1] = lines[-1][: column - 1]
        return self._completer.offers(lines, after, _fields(desk, path))

    def source_text(self, key: str) -> str:
        """Return what is shown of a source, or nothing."""
        source = self._desk.library.sources.get(key) if self._desk else None
        return source_text(source, self._desk.site.words) if self._desk and source else ""

    def _at(self, path: Path, line: int, column: int) -> tuple[Desk, Named] | None:
        desk = self._desk
        if desk is None or not (desk.is_page(path) or desk.is_source(path)):
            return None
        named = desk.named(path, line, column)
        return (desk, named) if named else None

    def hover(self, path: Path, line: int, column: int) -> tuple[str, Span] | None:
        """Return what is shown of a source or a term, and the place that names it."""
        found = self._at(path, line, column)
        if found is None:
            return None
        desk, named = found
        if named.is_term:
            term = desk.library.terms.get(desk.slug(named))
            return (term_text(term), named.span) if term else None
        text = self.source_text(named.name)
        return (text, named.span) if text else None

    def definition(self, path: Path, line: int, column: int) -> Span | None:
        """Return where a source's entry or a term's file begins."""
        found = self._at(path, line, column)
        if found is None:
            return None
        desk, named = found
        if named.is_term:
            term = desk.library.terms.get(desk.slug(named))
            return term.span if term else None
        source = desk.library.sources.get(named.name)
        return source.span if source else None

    def references(self, path: Path, line: int, column: int, *, entry: bool) -> list[Span]:
        """Return all places that name a source or a term, and if asked for where it is defined."""
        found = self._at(path, line, column)
        if found is None:
            return []
        desk, named = found
        spans = [one.span for one in desk.all_naming(named) if entry or not one.entry]
        term = desk.library.terms.get(desk.slug(named)) if named.is_term else None
        return [term.span, *spans] if term and entry else spans

    def name_at(self, path: Path, line: int, column: int) -> tuple[str, Span]:
        """Return the name that a rename changes, and its place. Raises RenameError."""
        desk, named = self._to_rename(path, line, column)
        return name_of(desk, named), named.span

    def rename(self, path: Path, line: int, column: int, new: str) -> Change:
        """Return what gives a source or a term a new name. Raises RenameError."""
        return rename(*self._to_rename(path, line, column), new)

    def _to_rename(self, path: Path, line: int, column: int) -> tuple[Desk, Named]:
        found = self._at(path, line, column)
        if found is None:
            raise RenameError("here is neither a citation key nor a term")
        return found

    def remedies(self, path: Path, first: int, last: int) -> Iterator[tuple[Diagnostic, Remedy]]:
        """Yield what can be done about the findings on some lines of a file."""
        desk = self._desk
        if desk is None:
            return
        found = desk.judge_page(path) if desk.is_page(path) else self._said.get(path, [])
        for one in found:
            if first <= one.span.line <= last or (one.span.line == 1 and first == 1):
                for remedy in remedies(desk, one):
                    yield one, remedy


def _fields(desk: Desk, path: Path) -> Fields:
    if desk.is_page(path):
        return PAGE
    if desk.is_term(path):
        return TERM
    return CLAIM if path.parent.name == "claims" else ARTICLE
