"""Old names that are kept: of a source ``ids``, of a term or a claim ``formerly``.

A link to an old name, on a page or from anywhere in the web, still finds what it meant. In come
records as they were read, out come the same ones with only those old names that are theirs alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from .model import Claim, Diagnostic, Source, Term

_Record = TypeVar("_Record", Source, Term, Claim)


@dataclass(frozen=True, slots=True)
class Naming:
    """How the records of one kind are named: code of the rule, words for messages, comparison.

    ``fold`` returns the form in which names are compared.
    """

    code: str
    name: str
    what: str
    fold: Callable[[str], str] = str


SOURCES = Naming("S002", "key", "source", str.lower)
TERMS = Naming("T002", "name", "term")
CLAIMS = Naming("Q004", "name", "claim")


def settle(
    records: Mapping[str, _Record], naming: Naming, problems: list[Diagnostic]
) -> dict[str, _Record]:
    """Return records by name, their old names without those that are taken or can be none.

    A name that is in use goes before an old one, and the first record before a later one.
    """
    owners = {naming.fold(name): (name, record.span) for name, record in records.items()}
    settled = {}
    for name, record in records.items():
        kept = []
        for old in dict.fromkeys(record.formerly):
            fault = _fault(old, naming)
            owner, span = owners.setdefault(naming.fold(old), (name, record.span))
            if not fault and old == name:
                fault = "it is the name that it has now"
            elif not fault and owner != name:
                fault = f"'{owner}' has it, in {span.path}:{span.line}"
            if fault:
                message = f"'{name}': the old {naming.name} '{old}' is passed over: {fault}"
                problems.append(Diagnostic(naming.code, message, record.span))
            else:
                kept.append(old)
        same = tuple(kept) == record.formerly
        settled[name] = record if same else replace(record, formerly=tuple(kept))
    return settled


def _fault(old: str, naming: Naming) -> str:
    """Return why no record can have had a name."""
    if not old:
        return "it is empty"
    if any(sign.isspace() or not sign.isprintable() for sign in old):
        return f"no {naming.what} can have had it: it has a space in it"
    if naming is not SOURCES and ("/" in old or old.endswith(".md")):
        return "write the name of the file alone, without folder and .md"
    return ""


def current_names(records: Iterable[tuple[str, Source | Term]]) -> Iterator[tuple[str, str]]:
    """Yield each old name, with the name that stands for it now."""
    for name, record in records:
        for old in record.formerly:
            yield old, name
