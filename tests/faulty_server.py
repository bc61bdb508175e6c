"""A web server on the loopback interface with every fault that the link check must survive.

Each path is a fault. Nothing here lives longer than its ``with`` block: whatever would go on
for ever looks at ``ended``.
"""

from __future__ import annotations

import gzip
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

PARAGRAPH = "He said that the sanctions were “temporarily lifted” for seven days."
PAGE = f"<!doctype html><meta charset=utf-8><title>T</title><p>{PARAGRAPH}</p>"
HTML = "text/html; charset=utf-8"
TICK = 0.02  # seconds between the bytes of what is slow


class FaultyServer(ThreadingHTTPServer):
    """Answers by path; ``asked`` counts requests by path, ``most`` those of /busy at a time."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, pages: dict[str, tuple[str, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = pages
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self.now = self.most = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what is tested."""


@contextmanager
def serve(
    pages: dict[str, tuple[str, bytes]] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[FaultyServer]:
    """Run a server; ``pages`` are Content-Type and body by path."""
    server = FaultyServer(pages or {})
    if tls is not None:
        # The handshake is made by the thread that answers, so that one client blocks no other.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: FaultyServer
    redirects: ClassVar = {
        "/301-chain": (301, "/301-second"),
        "/301-second": (308, "/ok"),
        "/301-loop": (301, "/301-back"),
        "/301-back": (301, "/301-loop"),
        "/308": (308, "/ok"),
        "/302": (302, "/ok"),
        "/302-301": (302, "/308"),
        "/301-302": (301, "/302"),
        "/301-404": (301, "/404"),
        "/301-ftp": (301, "ftp://127.0.0.1/"),
        "/301-file": (301, "file:///etc/hostname"),
        "/301-utf8": (301, "/ok?q=é"),
        "/hop-6": (302, "/hop-5"),
        "/hop-5": (302, "/hop-4"),
        "/hop-4": (302, "/hop-3"),
        "/hop-3": (302, "/hop-2"),
        "/hop-2": (302, "/hop-1"),
        "/hop-1": (302, "/ok"),
    }

    def do_GET(self) -> None:
        server, path = self.server, self.path.partition("?")[0]
        with server.lock:
            server.asked[path] += 1
            self.times = server.asked[path]
            server.headers = dict(self.headers)
        try:
            with suppress(OSError):
                self.answer(path)
        finally:
            self.close_connection = True

    def answer(self, path: str) -> None:
        name = path.removeprefix("/").replace("-", "_")
        if path in self.server.pages:
            kind, body = self.server.pages[path]
            self.reply(200, body, kind)
        elif path in self.redirects:
            status, location = self.redirects[path]
            location = location.encode().decode("latin-1")
            self.reply(status, b"", Location=location)
        elif path == "/elsewhere":
            # 127.0.0.2 stands for a network that must not be reached.
            self.reply(301, b"", Location=f"http://127.0.0.2:{self.server.server_port}/ok")
        elif name.isdecimal():
            self.reply(int(name))
        else:
            getattr(self, f"do_{name}")()

    def reply(self, status: int, body: bytes = b"", kind: str = HTML, **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        if kind:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_ok(self) -> None:
        self.reply(200, PAGE.encode())

    def do_busy(self) -> None:
        server = self.server
        with server.lock:
            server.now += 1
            server.most = max(server.most, server.now)
        server.ended.wait(0.05)
        with server.lock:
            server.now -= 1  # before the answer, after which the next one may be asked at once
        self.reply(200, PAGE.encode())

    def do_429_once(self) -> None:
        if self.times == 1:
            self.reply(429, Retry_After="3")
        else:
            self.reply(200, PAGE.encode())

    def do_429_long(self) -> None:
        self.reply(429, Retry_After="86400")

    def do_503_once(self) -> None:
        self.reply(503 if self.times == 1 else 200, PAGE.encode())

    def do_silent(self) -> None:
        self.server.ended.wait(10)

    def do_slow_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.ended.wait(TICK):
            self.wfile.write(b"x")

    def do_slow(self) -> None:
        """Send a good page, a few bytes at a time."""
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.send_header("Connection", "close")
        self.end_headers()
        body = PAGE.encode()
        for start in range(0, len(body), 20):
            self.server.ended.wait(TICK / 2)
            self.wfile.write(body[start : start + 20])

    def do_never_ending(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not self.server.ended.wait(TICK):
            self.wfile.write(b"1\r\nx\r\n")

    def do_huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.end_headers()
        while not self.server.ended.is_set():
            self.wfile.write(b"x" * 65_536)

    def do_gzip(self) -> None:
        self.reply(200, gzip.compress(PAGE.encode()), Content_Encoding="gzip")

    def do_gzip_bomb(self) -> None:
        self.reply(200, gzip.compress(b"\0" * 10_000_000, 9), Content_Encoding="gzip")

    def do_gzip_broken(self) -> None:
        self.reply(200, b"no gzip at all", Content_Encoding="gzip")

    def do_brotli(self) -> None:
        self.reply(200, b"not asked for", Content_Encoding="br")

    def do_no_type(self) -> None:
        self.reply(200, PAGE.encode(), kind="")

    def do_cut_off(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def do_nonsense(self) -> None:
        self.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")

    def do_cookie(self) -> None:
        if "Cookie" in self.headers:
            self.reply(500)
        else:
            self.reply(302, Location="/cookie-2", Set_Cookie="a=b")

    def do_cookie_2(self) -> None:
        self.reply(500 if "Cookie" in self.headers else 200, PAGE.encode())

    def log_message(self, *_: object) -> None:
        pass
