"""Whether the addresses of a site still lead somewhere, and whether the quoted words stand there.

In come what is wanted of each address (see ``addresses``) and a client, out come results. What was
found well is remembered and not asked again for some days; what failed is remembered only to tell
a bad day from a dead address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from . import store
from .addresses import Wanted
from .answer import Answer, Fault
from .client import Client
from .passages import Text, UnreadableError, read_text

FAILURES = 3  # days of failure that make an address dead
_GONE = (404, 410)
# Faults of the host that a living page does not have for long; what turns a program away, or is
# too much for it, may serve people well for years.
_FAILING = frozenset({Fault.UNREACHABLE, Fault.TIMEOUT, Fault.TLS})
_STATUSES = {
    401: "asks for a password",
    403: "turns programs away",
    404: "there is no such page",
    410: "the page was removed",
    418: "turns programs away",
    429: "asks for fewer requests",
}


class Verdict(Enum):
    """What can be said of an address."""

    OK = "ok"
    MOVED = "moved"
    DEAD = "dead"
    UNSURE = "unsure"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of an address, and why.

    ``passages`` says of each passage whether it stands there; it is empty if no text could be
    read, and ``unread`` says why not. ``nearest`` are the likest words for those that do not.
    ``cached`` says that the address was not asked today.
    """

    address: str
    verdict: Verdict
    reason: str = ""
    moved: str = ""
    passages: Mapping[str, bool] = field(default_factory=dict)
    nearest: Mapping[str, str] = field(default_factory=dict)
    unread: str = ""
    failing: bool = False
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of an address: the day on which all was well, with the passages found.

    ``failed`` are the days since on which its host did not serve.
    """

    ok: date | None = None
    passages: frozenset[str] = frozenset()
    failed: tuple[date, ...] = ()


Memories = Mapping[str, Memory]


def check(
    wanted: Mapping[str, Wanted],
    client: Client,
    memories: Memories,
    today: date,
    max_age: timedelta = timedelta(days=7),
) -> dict[str, Result]:
    """Return a result for each address, in their order; those found well lately are not asked."""
    passages = {address: _passages(one, wanted) for address, one in wanted.items()}
    fresh = {
        address: Result(address, Verdict.OK, passages=dict.fromkeys(quoted, True), cached=True)
        for address, quoted in passages.items()
        if _is_fresh(memories.get(address), quoted, today, max_age)
    }
    to_ask = {address: bool(quoted) for address, quoted in passages.items() if address not in fresh}

    def judge_one(address: str, answer: Answer) -> Result:
        failed = memories.get(address, Memory()).failed
        return judge(address, answer, passages[address], failed, today)

    asked = {result.address: result for result in client.ask_all(to_ask, judge_one)}
    return {address: fresh.get(address) or asked[address] for address in wanted}


def _passages(one: Wanted, wanted: Mapping[str, Wanted]) -> frozenset[str]:
    """Return the passages that are looked up at an address, those of its originals among them."""
    originals = (wanted[original] for original in one.copied if original in wanted)
    return frozenset(one.passages).union(*(original.passages for original in originals))


def _is_fresh(
    memory: Memory | None, passages: frozenset[str], today: date, max_age: timedelta
) -> bool:
    if memory is None or memory.ok is None:
        return False
    return timedelta(0) <= today - memory.ok < max_age and passages <= memory.passages


def judge(
    address: str,
    answer: Answer,
    passages: frozenset[str],
    failed: tuple[date, ...],
    today: date,
) -> Result:
    """Say what an answer means; ``failed`` are the earlier days on which the host did not serve."""
    status, fault = answer.status, answer.fault
    if fault in (Fault.REFUSED, Fault.MALFORMED):
        return Result(address, Verdict.REFUSED, fault.value)
    if fault is Fault.NO_HOST or status in _GONE:
        return Result(address, Verdict.DEAD, reason(answer))
    if fault is None and 200 <= status < 300:
        verdict = Verdict.MOVED if answer.moved else Verdict.OK
        result = Result(address, verdict, moved=answer.moved)
        return _with_passages(result, answer, passages) if passages else result
    failing = fault in _FAILING or status >= 500
    days = sorted({*failed, today}) if failing else []
    if len(days) >= FAILURES:
        since = f"every time since {days[0]}, lately {reason(answer)}"
        return Result(address, Verdict.DEAD, since, failing=True)
    return Result(address, Verdict.UNSURE, reason(answer), failing=failing)


def _with_passages(result: Result, answer: Answer, passages: frozenset[str]) -> Result:
    try:
        text = read_text(answer.body, answer.kind)
    except UnreadableError as error:
        return Result(result.address, result.verdict, moved=result.moved, unread=str(error))
    found, nearest = look_up(text, passages)
    return Result(result.address, result.verdict, "", result.moved, found, nearest)


def look_up(text: Text, passages: frozenset[str]) -> tuple[dict[str, bool], dict[str, str]]:
    """Return which passages a text holds, and the likest words for the others."""
    found = {passage: text.holds(passage) for passage in sorted(passages)}
    return found, {one: text.nearest(one) for one, stands in found.items() if not stands}


def reason(answer: Answer) -> str:
    """Say in words what an answer was."""
    if answer.fault is not None:
        detail = f" ({answer.detail})" if answer.detail else ""
        return answer.fault.value + detail
    fault = "a fault of its server" if answer.status >= 500 else "an answer out of the ordinary"
    return f"{answer.status}: {_STATUSES.get(answer.status, fault)}"


def is_offline(results: Mapping[str, Result]) -> bool:
    """Say whether no host at all was found, so that it is the network that is missing."""
    asked = [one for one in results.values() if not one.cached]
    hosts = {urlsplit(one.address).hostname for one in asked}
    return len(hosts) > 1 and all(one.reason.startswith(Fault.NO_HOST.value) for one in asked)


def recall(path: Path) -> dict[str, Memory]:
    """Return what a state file remembers by address; an unreadable one remembers nothing."""
    content = store.read(path)
    entries = content.get("addresses") if isinstance(content, dict) else None
    memories: dict[str, Memory] = {}
    for address, entry in entries.items() if isinstance(entries, dict) else ():
        try:
            ok = date.fromisoformat(entry["ok"]) if entry.get("ok") else None
            failed = tuple(map(date.fromisoformat, entry.get("failed", ())))
            memories[address] = Memory(ok, frozenset(entry.get("passages", ())), failed)
        except (AttributeError, TypeError, ValueError):
            continue
    return memories


def remember(
    path: Path, memories: Memories, results: Mapping[str, Result], known: set[str], today: date
) -> None:
    """Write the state file anew: what is remembered of known addresses, and today's results.

    Raises OSError.
    """
    kept = {address: one for address, one in memories.items() if address in known}
    for address, result in results.items():
        if not result.cached:
            kept[address] = _memory(result, kept.get(address, Memory()), today)
    entries = {address: _entry(one) for address, one in sorted(kept.items()) if one != Memory()}
    store.write(path, {"version": 1, "addresses": entries}, indent=1)


def _memory(result: Result, old: Memory, today: date) -> Memory:
    if result.failing:
        days = sorted({*old.failed, today})
        return Memory(failed=(days[0], *days[1:][1 - FAILURES :]))
    well = result.verdict is Verdict.OK and not result.unread and all(result.passages.values())
    if well:
        return Memory(today, frozenset(result.passages))
    # An answer, whatever it is, ends a row of failures.
    return Memory()


def _entry(memory: Memory) -> dict[str, object]:
    entry: dict[str, object] = {}
    if memory.ok:
        entry |= {"ok": memory.ok.isoformat(), "passages": sorted(memory.passages)}
    if memory.failed:
        entry["failed"] = [day.isoformat() for day in memory.failed]
    return entry
