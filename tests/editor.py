"""An editor for tests: speaks the Language Server Protocol to ``apparatus lsp`` in a child process.

Every wait is bounded; the child ends with the test.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_COMMAND = "import sys; from mkdocs_apparatus.cli import main; sys.exit(main(sys.argv[1:]))"
_LONGEST = 30.0  # seconds that an answer may take on a busy machine

Json = Any


class RefusedError(Exception):
    """The server answered with an error, whose message this is."""


class Editor:
    """One session; ``folder`` is what the editor works in."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.capabilities: Json = None
        self.logged: list[str] = []
        self.diagnostics: dict[str, list[Json]] = {}
        self._number = 0
        self._versions: dict[str, int] = {}
        self._inbox: queue.Queue[Json] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "lsp", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        out = self.process.stdout
        assert out
        while True:
            length = 0
            while (line := out.readline().strip()) != b"":
                if line.startswith(b"Content-Length:"):
                    length = int(line.split(b":")[1])
            if not length:
                self._inbox.put(None)
                return
            self._inbox.put(json.loads(out.read(length)))

    def send(self, **message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _next(self) -> Json:
        try:
            message = self._inbox.get(timeout=_LONGEST)
        except queue.Empty:
            raise AssertionError(f"no answer; {self.logged}, {self.diagnostics}") from None
        assert message is not None, "the server has ended"
        if message.get("method") == "textDocument/publishDiagnostics":
            said = message["params"]
            self.diagnostics[said["uri"]] = said["diagnostics"]
        elif message.get("method") == "window/logMessage":
            self.logged.append(message["params"]["message"])
        elif "id" in message and "method" in message:  # a question of the server's
            self.send(id=message["id"], result=None)
        return message

    def tell(self, method: str, **params: Json) -> None:
        self.send(method=method, params=params)

    def ask(self, method: str, params: Json = None) -> Json:
        self._number += 1
        number = self._number
        self.send(id=number, method=method, params=params)
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise RefusedError(message["error"]["message"])
                return message["result"]

    def begin(self, *encodings: str, workspace: Json = None) -> None:
        able = {
            "workspaceEdit": {
                "documentChanges": True,
                "resourceOperations": ["create", "rename"],
            }
        }
        capabilities: Json = {"workspace": able if workspace is None else workspace}
        if encodings:
            capabilities["general"] = {"positionEncodings": list(encodings)}
        root = self.folder.as_uri()
        params = {"processId": None, "rootUri": root, "capabilities": capabilities}
        self.capabilities = self.ask("initialize", params)["capabilities"]
        self.tell("initialized")

    def uri(self, path: str) -> str:
        return (self.folder / path).as_uri()

    def open(self, path: str, text: str | None = None) -> None:
        text = (self.folder / path).read_text("utf-8") if text is None else text
        self._versions[path] = 1
        document = {"uri": self.uri(path), "languageId": "markdown", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)

    def change(self, path: str, text: str) -> None:
        self._versions[path] += 1
        document = {"uri": self.uri(path), "version": self._versions[path]}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])

    def at(self, path: str, line: int, character: int, **more: Json) -> Json:
        place = {"line": line, "character": character}
        return {"textDocument": {"uri": self.uri(path)}, "position": place, **more}

    def wait(self, path: str, *codes: str) -> list[Json]:
        """Return the findings on a file, once they have these codes and no others."""
        while sorted(self.codes(path)) != sorted(codes):
            self._next()
        return self.diagnostics.get(self.uri(path), [])

    def codes(self, path: str) -> list[str]:
        return [one.get("code", "") for one in self.diagnostics.get(self.uri(path), [])]

    def end(self) -> int:
        self.ask("shutdown")
        self.tell("exit")
        return self.process.wait(_LONGEST)


@contextmanager
def editing(folder: Path, *arguments: str) -> Iterator[Editor]:
    editor = Editor(folder, *arguments)
    try:
        yield editor
    finally:
        editor.process.kill()
        editor.process.wait()
        for pipe in (editor.process.stdin, editor.process.stdout):
            assert pipe
            pipe.close()
