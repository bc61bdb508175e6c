"""Between the protocol and the package: places, addresses, findings and changes of files.

The protocol counts lines and columns from 0, columns in the units that were agreed on (16 bits,
if nothing was).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from .model import Diagnostic, Severity, Span
from .rename import Change, Edit, RenameError
from .rules import RULES
from .session import Session

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_UNITS = {
    "utf-8": ("utf-8", 1),
    "utf-16": ("utf-16-le", 2),
    "utf-32": ("utf-32-le", 4),
}


class Asked(Protocol):
    """What every question about a place has."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


class Wire:
    """Turns what an editor says into records, and records into what it reads.

    ``version`` returns that of an open document, by its address.
    """

    def __init__(self, session: Session, version: Callable[[str], int | None]) -> None:
        self._session = session
        self._version = version
        self._addresses: dict[Path, str] = {}  # as the editor writes those of open documents
        self.client = types.ClientCapabilities()
        self.encoding: str = "utf-16"

    def path(self, address: str) -> Path:
        """Return the path of a document."""
        found = to_fs_path(address)
        return Path(os.path.realpath(found)) if found else Path(address)

    def keep(self, address: str) -> Path:
        """Return the path of a document that opens, whose address is used from now on."""
        path = self.path(address)
        self._addresses[path] = address
        return path

    def address(self, path: Path) -> str:
        """Return the address of a file."""
        return self._addresses.get(path) or str(from_fs_path(str(path)))

    def place(self, asked: Asked) -> tuple[Path, int, int]:
        """Return path, line and column of a request."""
        path = self.path(asked.text_document.uri)
        number = asked.position.line
        line = self._line(path, number + 1)
        name, size = self._unit()
        units = line.encode(name, "surrogatepass")[: asked.position.character * size]
        return path, number + 1, len(units.decode(name, "ignore")) + 1

    def _unit(self) -> tuple[str, int]:
        return _UNITS[self.encoding]

    def _line(self, path: Path, number: int) -> str:
        lines = self._session.lines(path)
        return lines[number - 1] if number <= len(lines) else ""

    def range(self, path: Path, span: Span) -> types.Range:
        """Return a span in the protocol's terms."""
        name, size = self._unit()

        def position(number: int, column: int) -> types.Position:
            before = self._line(path, number)[: column - 1]
            return types.Position(number - 1, len(before.encode(name, "surrogatepass")) // size)

        return types.Range(
            position(span.line, span.column), position(span.end_line, span.end_column)
        )

    def location(self, span: Span) -> types.Location:
        """Return the address of a place."""
        path = self._session.path(span)
        return types.Location(self.address(path), self.range(path, span))

    def diagnostic(self, path: Path, found: Diagnostic) -> types.Diagnostic:
        """Return a finding; one at a whole line covers what is written there."""
        span = found.span
        if (span.line, span.column) == (span.end_line, span.end_column):
            end = len(self._line(path, span.line).rstrip()) + 1
            span = Span(span.path, span.line, span.column, span.line, max(end, span.column))
        rule = RULES.get(found.code)
        return types.Diagnostic(
            self.range(path, span),
            found.message,
            severity=_SEVERITIES[rule.severity if rule else Severity.ERROR],
            code=found.code or None,
            source="apparatus",
        )

    def edit(self, change: Change) -> types.WorkspaceEdit:
        """Return a change of files. Raises RenameError if the editor cannot do it."""
        by_file: dict[Path, list[Edit]] = {}
        for one in change.edits:
            by_file.setdefault(self._session.path(one.span), []).append(one)
        workspace = self.client.workspace
        able = workspace.workspace_edit if workspace else None
        if not (able and able.document_changes):
            if change.moves or change.begins:
                raise RenameError("this editor cannot rename or create files for a server")
            return types.WorkspaceEdit(
                {
                    self.address(path): [self._edit(path, one) for one in edits]
                    for path, edits in by_file.items()
                }
            )
        operations = able.resource_operations or []
        needed = types.ResourceOperationKind.Rename if change.moves else None
        needed = types.ResourceOperationKind.Create if change.begins else needed
        if needed is not None and needed not in operations:
            raise RenameError("this editor cannot rename or create files for a server")
        changes: list[
            types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile
        ] = []
        if change.begins:
            changes.append(types.CreateFile(self.address(change.begins)))
        for path, edits in by_file.items():
            document = types.OptionalVersionedTextDocumentIdentifier(
                self.address(path), self._version(self._addresses.get(path, ""))
            )
            changes.append(
                types.TextDocumentEdit(document, [self._edit(path, one) for one in edits])
            )
        if change.moves:
            changes.append(
                types.RenameFile(self.address(change.moves[0]), self.address(change.moves[1]))
            )
        return types.WorkspaceEdit(document_changes=changes)

    def _edit(self, path: Path, edit: Edit) -> types.TextEdit:
        return types.TextEdit(self.range(path, edit.span), edit.text)
