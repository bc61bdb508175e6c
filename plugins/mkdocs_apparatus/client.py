"""The guarded HTTP client: an address in, what answers there out. The only code on the network.

Addresses come from anybody's pull request, and redirects from anybody's server. So no private
network can be reached through it, and nobody can make it wait or read without end. It keeps no
cookies, takes no proxy from the environment, and knows nothing of sources and citations.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urljoin

from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from . import __version__
from .answer import CHUNK, Answer, Fault, FaultError, Limits, seconds_of, unpack
from .target import Network, Target, is_public

_PERMANENT, _TEMPORARY = (301, 308), (302, 303, 307)
_PASSING = (429, 500, 502, 503, 504)  # may be over in a moment
_HEADERS = {
    "User-Agent": f"mkdocs-apparatus/{__version__} (link check)",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}
T = TypeVar("T")


def _look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises OSError, or UnicodeError for a name that is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Deadline:
    """Cuts a connection off when its time is over, though it may send a byte now and then."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self.connection: HTTPConnection | None = None
        self.socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.over = True
        # While it connects, the socket is the connection's; later http.client may take it away.
        cut = self.socket or (self.connection.sock if self.connection else None)
        if cut is not None:
            with suppress(OSError):
                socket.socket.shutdown(cut, socket.SHUT_RDWR)


@dataclass(slots=True)
class Client:
    """Asks addresses within its limits.

    ``allowed`` are networks that may be reached although they are not public; ``tls`` decides
    whose certificates are trusted; ``accept`` is which types of answers are preferred.
    ``look_up`` and ``sleep`` stand for the system's.
    """

    limits: Limits = field(default_factory=Limits)
    allowed: tuple[Network, ...] = ()
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    accept: str = "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8"
    look_up: Callable[[str, int], list[str]] = _look_up
    sleep: Callable[[float], None] = time.sleep
    _turns: dict[str, threading.Semaphore] = field(default_factory=dict, init=False)

    def ask_all(self, wanted: Mapping[str, bool], judge: Callable[[str, Answer], T]) -> list[T]:
        """Ask addresses, few at a time per host; return what ``judge`` makes of each answer.

        The values say whether the body is wanted. ``judge`` runs in several threads.
        """
        stopped = threading.Event()

        def ask_lane(lane: list[str]) -> list[T]:
            asked = (one for one in lane if not stopped.is_set())
            return [judge(one, self.ask(one, body=wanted[one])) for one in asked]

        with ThreadPoolExecutor(self.limits.overall) as pool:
            try:
                lanes = pool.map(ask_lane, _lanes(wanted, self.limits.per_host))
                return [judged for lane in lanes for judged in lane]
            except BaseException:
                stopped.set()
                raise

    def ask(self, address: str, *, body: bool) -> Answer:
        """Ask an address, again if its host asks for patience; ``body`` says to read what comes."""
        for attempt in range(1, self.limits.attempts + 1):
            answer = self._attempt(address, body)
            passing = answer.status in _PASSING or answer.fault is Fault.UNREACHABLE
            pause = float(attempt) if answer.after is None else answer.after
            if not passing or attempt == self.limits.attempts or pause > self.limits.wait:
                break
            self.sleep(pause)
        return answer

    def _attempt(self, address: str, body: bool) -> Answer:
        """Follow an address to its end."""
        seen: list[str] = []
        moved, permanent = "", True
        try:
            with _Deadline(self.limits.seconds) as deadline:
                while True:
                    if address in seen:
                        raise FaultError(Fault.CIRCLE)
                    if len(seen) > self.limits.hops:
                        raise FaultError(Fault.HOPS)
                    seen.append(address)
                    target = Target.read(address)
                    if target is None:
                        raise FaultError(Fault.MALFORMED)
                    answer, location = self._hop(target, deadline, body)
                    if not location:
                        return replace(answer, moved=moved)
                    permanent = permanent and answer.status in _PERMANENT
                    address = urljoin(address, location).partition("#")[0]
                    moved = address if permanent else moved
        except ValueError:
            return Answer(fault=Fault.MALFORMED, moved=moved)
        except FaultError as error:
            return Answer(fault=error.fault, detail=error.detail, moved=moved)

    def _hop(self, target: Target, deadline: _Deadline, body: bool) -> tuple[Answer, str]:
        """Ask one host; return its answer, and where it sends on, if it does."""
        addresses = self._addresses(target)
        turn = self._turns.setdefault(target.host, threading.Semaphore(self.limits.per_host))
        with turn:
            connection = self._connect(target, addresses, deadline)
            try:
                connection.request(
                    "GET",
                    target.path,
                    headers=_HEADERS | {"Accept": self.accept, "Host": target.authority},
                    preload_content=False,
                    decode_content=False,
                )
                with closing(connection.getresponse()) as response:
                    return self._receive(response, deadline, body)
            except ssl.SSLError as error:
                raise FaultError(*_cut_or(deadline, Fault.TLS, error)) from error
            except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
                raise FaultError(*_cut_or(deadline, Fault.UNREACHABLE, error)) from error
            finally:
                connection.close()

    def _receive(
        self, response: HTTPResponse, deadline: _Deadline, body: bool
    ) -> tuple[Answer, str]:
        """Return what an answer says, with its body if that is wanted."""
        answer = Answer(
            response.status,
            kind=response.headers.get("Content-Type", ""),
            after=seconds_of(response.headers.get("Retry-After", "")),
        )
        if response.status in _PERMANENT + _TEMPORARY:
            location = response.headers.get("Location", "").strip()
            # Header fields come as Latin-1; many servers send UTF-8.
            with suppress(UnicodeError):
                location = location.encode("latin-1").decode()
            return answer, location
        if body and response.status == 200:
            coding = response.headers.get("Content-Encoding", "")
            chunks = response.stream(CHUNK, decode_content=False)
            answer = replace(answer, body=unpack(chunks, coding, self.limits))
            # A connection that was cut off looks like one that ended.
            if deadline.over:
                raise FaultError(Fault.TIMEOUT)
        return answer, ""

    def _addresses(self, target: Target) -> list[str]:
        """Return where a host is. Raises FaultError if it is nowhere or not to be reached."""
        try:
            found = self.look_up(target.host, target.port)
        except socket.gaierror as error:
            known = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
            fault = Fault.NO_HOST if known else Fault.UNREACHABLE
            raise FaultError(fault, target.host) from error
        except UnicodeError as error:
            raise FaultError(Fault.MALFORMED) from error
        except OSError as error:
            raise FaultError(Fault.UNREACHABLE, target.host) from error
        # One that must not be reached spoils them all: a name that means both is a trap.
        for one in found:
            address = ip_address(one)
            if not is_public(address) and not any(address in network for network in self.allowed):
                raise FaultError(Fault.REFUSED, target.host)
        return found

    def _connect(
        self, target: Target, addresses: Iterable[str], deadline: _Deadline
    ) -> HTTPConnection:
        """Connect to the first address that can be reached, of those that were checked."""
        last: Exception | None = None
        for address in addresses:
            if deadline.over:
                break
            connection = self._connection(target, address)
            deadline.connection, deadline.socket = connection, None
            try:
                connection.connect()
            except ssl.SSLError as error:
                connection.close()
                raise FaultError(*_cut_or(deadline, Fault.TLS, error)) from error
            except (HTTPError, OSError) as error:
                connection.close()
                last = error
            else:
                deadline.socket = connection.sock
                if not deadline.over:
                    return connection
                connection.close()
        raise FaultError(*_cut_or(deadline, Fault.UNREACHABLE, last))

    def _connection(self, target: Target, address: str) -> HTTPConnection:
        """Prepare a connection to an address in which the host's name alone counts for TLS."""
        seconds = self.limits.seconds
        if target.scheme == "http":
            return HTTPConnection(address, target.port, timeout=seconds)
        return HTTPSConnection(
            address,
            target.port,
            timeout=seconds,
            ssl_context=self.tls,
            server_hostname=target.host,
        )


def _cut_or(deadline: _Deadline, fault: Fault, error: Exception | None) -> tuple[Fault, str]:
    """Return a fault with its detail; what fails after its time was cut off for it."""
    late = isinstance(error, TimeoutError | ReadTimeoutError | ConnectTimeoutError)
    if deadline.over or (late and not isinstance(error, NewConnectionError)):
        return Fault.TIMEOUT, ""
    return fault, getattr(error, "verify_message", "")


def _lanes(addresses: Iterable[str], per_host: int) -> Iterator[list[str]]:
    """Yield the addresses as lists that can be asked side by side, so many per host."""
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for address in addresses:
        hosts[address.partition("://")[2].partition("/")[0].lower()].append(address)
    for queue in hosts.values():
        yield from (queue[start::per_host] for start in range(min(per_host, len(queue))))
