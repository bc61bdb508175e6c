"""What came back from an address, what it may cost, and how a body is unpacked.

Nothing here uses the network.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

CHUNK = 16_384  # bytes


class Fault(Enum):
    """Why there was no usable answer, in words."""

    MALFORMED = "this is no address that can be asked"
    REFUSED = "it leads to an address that is not public"
    NO_HOST = "there is no such host"
    UNREACHABLE = "the host cannot be reached"
    TIMEOUT = "no whole answer in time"
    TLS = "no secure connection"
    CIRCLE = "redirects in a circle"
    HOPS = "too many redirects"
    LARGE = "an answer that is too large"
    PACKED = "an answer that cannot be unpacked"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost. Seconds and bytes; ``ratio`` is unpacked size by packed size.

    ``seconds`` are for an attempt with all its redirects; looking up names comes on top, within
    the limits of the system's resolver. ``wait`` is the longest pause before another attempt.
    """

    seconds: float = 20
    body: int = 5_000_000
    unpacked: int = 20_000_000
    ratio: int = 100
    hops: int = 5
    attempts: int = 3
    wait: float = 30
    per_host: int = 2
    overall: int = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or a fault with its detail.

    ``moved`` is where permanent redirects led; ``kind`` is the Content-Type as sent; ``after``
    is Retry-After in seconds.
    """

    status: int = 0
    fault: Fault | None = None
    detail: str = ""
    moved: str = ""
    kind: str = ""
    body: bytes = b""
    after: float | None = None


class FaultError(Exception):
    """There is no usable answer; for use between the client's parts only."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(detail)
        self.fault, self.detail = fault, detail


def unpack(chunks: Iterable[bytes], coding: str, limits: Limits) -> bytes:
    """Return a body, unpacked if its Content-Encoding says so.

    Raises FaultError as soon as it is too much.
    """
    coding = coding.strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise FaultError(Fault.PACKED, coding)
    unpacker = zlib.decompressobj(31) if "gzip" in coding else None
    body = bytearray()
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > limits.body:
            raise FaultError(Fault.LARGE)
        rest = chunk
        while rest:
            try:
                body += unpacker.decompress(rest, CHUNK * 64) if unpacker else rest
            except zlib.error as error:
                raise FaultError(Fault.PACKED) from error
            rest = unpacker.unconsumed_tail if unpacker else b""
            # A small page may well be mostly spaces.
            if len(body) > min(limits.unpacked, max(1_000_000, received * limits.ratio)):
                raise FaultError(Fault.LARGE, "unpacked")
    return bytes(body)


def seconds_of(after: str) -> float | None:
    """Return a Retry-After in seconds: it is a number of them, or a date."""
    if after.strip().isdecimal():
        return float(after)
    try:
        date = parsedate_to_datetime(after)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
