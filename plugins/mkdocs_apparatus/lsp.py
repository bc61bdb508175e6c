"""The language server: what editors ask over stdin is answered on stdout.

Here stands which question has which answer; ``session`` has the answers, ``wire`` their form.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from . import __version__
from .complete import Offer
from .model import Diagnostic, Span
from .remedy import Remedy
from .rename import RenameError
from .session import Session
from .wire import Wire

_WATCHED = ("**/*.md", "**/*.bib", "**/*.csv", "**/*.json", "**/mkdocs.yml")


def serve(config_file: Path | None) -> int:
    """Answer until the editor ends the session; return the exit status.

    ``config_file`` is the site's; without, it is looked for where the editor works.
    """
    out, sys.stdout = sys.stdout, sys.stderr  # what an extension prints is no message
    server = _Server(config_file)
    try:
        server.start_io(sys.stdin.buffer, out.buffer)
    finally:
        sys.stdout = out
    return 0 if server.finished else 1


class _Server(LanguageServer):
    """The protocol's side of a session."""

    def __init__(self, config_file: Path | None) -> None:
        # In whole: pygls counts lines otherwise than the protocol, where a text has a form feed.
        super().__init__(
            "apparatus", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self._config_file = config_file
        self.finished = False
        self.session = Session(self._publish, self._log)
        self.wire = Wire(self.session, self._version)
        _answer(self)
        _follow(self)

    def begin(self) -> None:
        """Begin where the editor works: with the site of that folder, or of one above it."""
        self.wire.client = self.client_capabilities
        agreed = self.server_capabilities.position_encoding or types.PositionEncodingKind.Utf16
        self.wire.encoding = types.PositionEncodingKind(agreed).value
        folders = list(self.workspace.folders.values())
        root = folders[0].uri if folders else self.workspace.root_uri
        folder = self.wire.path(root) if root else Path.cwd()
        places = [one / "mkdocs.yml" for one in (folder, *folder.parents)]
        found = next((one for one in places if one.is_file()), places[0])
        self.session.begin(self._config_file or found)

    def _version(self, address: str) -> int | None:
        known = self.workspace.text_documents.get(address)
        return known.version if known else None

    def _publish(self, path: Path, found: Sequence[Diagnostic]) -> None:
        shown = [self.wire.diagnostic(path, one) for one in found]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(self.wire.address(path), shown)
        )

    def _log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Warning, message))

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002
        """Say in the log, and in no window, that something failed."""
        self._log(f"{type(error).__name__}: {error}")


def _answer(server: _Server) -> None:
    """Say what the server answers, and how."""
    session, wire = server.session, server.wire
    on: Callable[..., Callable[..., object]] = server.feature

    @on(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=["@", "["], resolve_provider=True),
    )
    def complete(asked: types.CompletionParams) -> types.CompletionList | None:
        path, line, column = wire.place(asked)
        offers = session.offers(path, line, column)
        if offers is None:
            return None
        name = session.name(path)
        before = column - len(offers.typed)
        there = wire.range(path, Span(name, line, before, line, column + offers.after))
        items = [_item(at, one, offers.typed, there) for at, one in enumerate(offers.found)]
        return types.CompletionList(is_incomplete=True, items=items)

    @on(types.COMPLETION_ITEM_RESOLVE)
    def resolve(item: types.CompletionItem) -> types.CompletionItem:
        if isinstance(item.data, str) and (text := session.source_text(item.data)):
            item.documentation = types.MarkupContent(types.MarkupKind.Markdown, text)
        return item

    @on(types.TEXT_DOCUMENT_HOVER)
    def hover(asked: types.HoverParams) -> types.Hover | None:
        found = session.hover(*wire.place(asked))
        if found is None:
            return None
        text, span = found
        contents = types.MarkupContent(types.MarkupKind.Markdown, text)
        return types.Hover(contents, wire.range(session.path(span), span))

    @on(types.TEXT_DOCUMENT_DEFINITION)
    def define(asked: types.DefinitionParams) -> types.Location | None:
        span = session.definition(*wire.place(asked))
        return wire.location(span) if span else None

    @on(types.TEXT_DOCUMENT_REFERENCES)
    def refer(asked: types.ReferenceParams) -> list[types.Location]:
        spans = session.references(*wire.place(asked), entry=asked.context.include_declaration)
        return [wire.location(span) for span in spans]

    @on(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare(asked: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
        try:
            name, span = session.name_at(*wire.place(asked))
        except RenameError as error:
            raise JsonRpcInvalidParams(str(error)) from None
        return types.PrepareRenamePlaceholder(wire.range(session.path(span), span), name)

    @on(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(asked: types.RenameParams) -> types.WorkspaceEdit:
        try:
            return wire.edit(session.rename(*wire.place(asked), asked.new_name))
        except RenameError as error:
            raise JsonRpcInvalidParams(str(error)) from None

    @on(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def mend(asked: types.CodeActionParams) -> list[types.CodeAction]:
        path = wire.path(asked.text_document.uri)
        first, last = asked.range.start.line + 1, asked.range.end.line + 1
        actions = []
        for found, remedy in session.remedies(path, first, last):
            if action := _action(wire, path, found, remedy):
                actions.append(action)
        return actions


def _follow(server: _Server) -> None:
    """Say what happens when documents and files change."""
    session, wire = server.session, server.wire
    on: Callable[..., Callable[..., object]] = server.feature

    @on(types.INITIALIZED)
    def begin(_: types.InitializedParams) -> None:
        server.begin()
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
            wanted = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration(
                "files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, wanted
            )
            server.client_register_capability(types.RegistrationParams([registration]))

    @on(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(said: types.DidOpenTextDocumentParams) -> None:
        session.put(wire.keep(said.text_document.uri), said.text_document.text)

    @on(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(said: types.DidChangeTextDocumentParams) -> None:
        document = server.workspace.get_text_document(said.text_document.uri)
        session.put(wire.path(said.text_document.uri), document.source)

    @on(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(said: types.DidCloseTextDocumentParams) -> None:
        session.remove(wire.path(said.text_document.uri))

    @on(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(said: types.DidSaveTextDocumentParams) -> None:
        session.look_again([wire.path(said.text_document.uri)])

    @on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(said: types.DidChangeWatchedFilesParams) -> None:
        session.look_again([wire.path(one.uri) for one in said.changes])

    @on(types.SHUTDOWN)
    def end(*_: object) -> None:
        session.end()
        server.finished = True


def _item(at: int, offer: Offer, typed: str, there: types.Range) -> types.CompletionItem:
    """Return an offer; the editor is to keep the order, and all that was found."""
    return types.CompletionItem(
        offer.label,
        kind=types.CompletionItemKind.Reference
        if offer.is_source
        else types.CompletionItemKind.Text,
        detail=offer.detail or None,
        filter_text=typed or None,
        sort_text=f"{at:03}",
        text_edit=types.TextEdit(there, offer.text),
        data=offer.label if offer.is_source else None,
    )


def _action(wire: Wire, path: Path, found: Diagnostic, remedy: Remedy) -> types.CodeAction | None:
    try:
        change = wire.edit(remedy.change)
    except RenameError:  # the editor cannot create files
        return None
    return types.CodeAction(
        remedy.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[wire.diagnostic(path, found)],
        is_preferred=remedy.safe,
        edit=change,
    )
