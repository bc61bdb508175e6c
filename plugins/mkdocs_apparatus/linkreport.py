"""What is wrong with the links of a site, as findings at places, and as it is read.

Whatever comes from the network is shown without control characters: it goes to terminals, logs
and Markdown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from . import report
from .addresses import Origin, Wanted
from .links import Result, Verdict
from .model import Diagnostic, Severity
from .rules import RULES

_LONGEST = 300  # characters of a text from the network
_HEADINGS = {
    "L001": "Dead: replace the address, or use the archived copy",
    "L002": "Moved: write the new address in place of the old one",
    "L004": "Words not found: compare the quotation with the page",
    "L005": "Refused: correct the address",
    "L003": "Unsure: no error; open it in a browser if you like",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic with the address that it is about, and the source's key if it is of one."""

    diagnostic: Diagnostic
    address: str
    key: str = ""
    archive: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings in the order of files and lines, and what was counted besides."""

    findings: tuple[Finding, ...]
    addresses: int
    verdicts: Mapping[Verdict, int]
    cached: int
    passages: int
    proven: int
    unread: int

    @property
    def is_clean(self) -> bool:
        """Say whether there is nothing that anybody must do."""
        codes = {one.diagnostic.code for one in self.findings}
        return all(RULES[code].severity is Severity.INFO for code in codes)


def make_report(wanted: Mapping[str, Wanted], results: Mapping[str, Result]) -> Report:
    """Return what the results mean for each place that leads to their addresses."""
    findings: list[Finding] = []
    passages = proven = unread = 0
    for address, result in results.items():
        one = wanted[address]
        findings += _address_findings(one, result)
        copy = results.get(one.archive)
        for passage, places in one.passages.items():
            stands = [known.passages.get(passage) for known in (result, copy) if known is not None]
            passages += 1
            proven += True in stands
            unread += stands.count(None) == len(stands)
            if stands[0] is False or (False in stands and True not in stands):
                findings += _passage_findings(one, result, copy, passage, places)
    findings.sort(key=lambda finding: (finding.diagnostic.span, finding.diagnostic.code))
    verdicts = {
        verdict: sum(result.verdict is verdict for result in results.values())
        for verdict in Verdict
    }
    cached = sum(result.cached for result in results.values())
    return Report(tuple(findings), len(results), verdicts, cached, passages, proven, unread)


def _address_findings(one: Wanted, result: Result) -> Iterator[Finding]:
    address, archive, suggestion = _shown(one.address), "", ""
    if result.verdict is Verdict.DEAD:
        code, archive = "L001", one.archive
        message = f"{address} is dead: {result.reason}"
        if archive:
            message, suggestion = f"{message}; there is an archived copy: {archive}", archive
    elif result.verdict is Verdict.MOVED:
        code, suggestion = "L002", _shown(result.moved)
        message = f"{address} has moved to {suggestion}"
    elif result.verdict is Verdict.REFUSED:
        code, message = "L005", f"{address} is not asked: {result.reason}"
    elif result.verdict is Verdict.UNSURE:
        code, message = "L003", f"{address} could not be checked: {result.reason}"
    elif result.unread and one.passages:
        code, message = "L003", f"the words of {address} could not be read: {result.unread}"
    else:
        return
    for place in one.places:
        diagnostic = Diagnostic(code, message, place.span, suggestion)
        yield Finding(diagnostic, one.address, place.key, archive)


def _passage_findings(
    one: Wanted, result: Result, copy: Result | None, passage: str, places: Iterable[Origin]
) -> Iterator[Finding]:
    message = f"the words “{passage}” do not stand at {_shown(one.address)}"
    if not result.passages:
        message = f"the words “{passage}” do not stand at the archived copy {one.archive}"
    near = result.nearest.get(passage) or (copy.nearest.get(passage) if copy else "") or ""
    near = _shown(near)
    kept = copy is not None and copy.passages.get(passage) is True
    if kept:
        message += "; its archived copy has them"
    elif near:
        message += f"; the nearest are “{near}”"
    for place in places:
        diagnostic = Diagnostic("L004", message, place.span, near)
        yield Finding(diagnostic, one.address, place.key, one.archive if kept else "")


def _shown(text: str) -> str:
    """Return a text from elsewhere as it can be printed anywhere."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    printable = " ".join(printable.split())
    return printable if len(printable) <= _LONGEST else f"{printable[: _LONGEST - 1]}…"


def _groups(found: Report) -> Iterator[tuple[str, dict[str, list[Finding]]]]:
    """Yield each rule that has findings, with these by their message: places differ only."""
    for code in _HEADINGS:
        groups: dict[str, list[Finding]] = {}
        for finding in found.findings:
            if finding.diagnostic.code == code:
                groups.setdefault(finding.diagnostic.message, []).append(finding)
        if groups:
            yield code, groups


def to_text(found: Report) -> str:
    """Return the findings by rule, each with its places, and a count of everything."""
    lines: list[str] = []
    for code, groups in _groups(found):
        lines += [f"{_HEADINGS[code]} ({code}, {len(groups)})", ""]
        for message, findings in groups.items():
            lines.append(f"  {message}")
            lines += [f"    {_place(finding)}" for finding in findings]
        lines.append("")
    return "\n".join([*lines, *_counts(found)]) + "\n"


def _place(finding: Finding) -> str:
    span = finding.diagnostic.span
    key = f" ({finding.key})" if finding.key else ""
    return f"{span.path}:{span.line}:{span.column}{key}"


def _counts(found: Report) -> Iterator[str]:
    verdicts = [f"{number} {verdict.value}" for verdict, number in found.verdicts.items()]
    cached = f" ({found.cached} of them asked some days ago)" if found.cached else ""
    yield f"{found.addresses} addresses: {', '.join(verdicts)}{cached}"
    missing = found.passages - found.proven - found.unread
    yield (
        f"{found.passages} passages: {found.proven} found, {missing} not found, "
        f"{found.unread} could not be looked up"
    )


def to_markdown(found: Report) -> str:
    """Return the findings for a page or a thread that is kept up to date."""
    lines = ["# Links", ""]
    if found.is_clean:
        lines += ["Nothing to do.", ""]
    for code, groups in _groups(found):
        lines += [f"## {_HEADINGS[code]}", ""]
        for message, findings in groups.items():
            places = ", ".join(_code(_place(finding)) for finding in findings)
            lines.append(f"- {_code(message)}: {places}")
        lines.append("")
    return "\n".join([*lines, *(f"{line}." for line in _counts(found))]) + "\n"


def _code(text: str) -> str:
    """Return a text as a code span, in which no mention, link or markup of anybody's works."""
    inside = text.replace("`", "'")
    return f"`{inside}`"


def to_json(found: Report) -> str:
    """Return a JSON list of objects: those of a check, and address, key and archive besides."""
    records = [
        report.record(finding.diagnostic)
        | {"address": finding.address, "key": finding.key, "archive": finding.archive}
        for finding in found.findings
    ]
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


def to_sarif(found: Report) -> str:
    """Return a log in SARIF 2.1.0, as a check does."""
    return report.sarif([finding.diagnostic for finding in found.findings], lambda _: ())


FORMATS = MappingProxyType(
    {"text": to_text, "json": to_json, "markdown": to_markdown, "sarif": to_sarif}
)
