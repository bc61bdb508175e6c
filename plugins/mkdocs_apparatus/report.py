"""Diagnostics as people and machines read them: one function a format.

In come findings in their order, and a function that returns the lines of a file; out comes text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from . import __version__
from .model import Diagnostic, Severity
from .rules import RULES

Lines = Callable[[str], Sequence[str]]

_WIDEST = 160  # characters of a line that are shown
_COLOURS = {Severity.ERROR: 31, Severity.WARNING: 33, Severity.INFO: 34}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def line(diagnostic: Diagnostic) -> str:
    """Return a finding on one line: ``docs/a.md:4:1: C001 no source 'x'``."""
    span = diagnostic.span
    return f"{span.path}:{span.line}:{span.column}: {diagnostic.code} {diagnostic.message}"


def concise(diagnostics: Sequence[Diagnostic], _: Lines) -> str:
    """Return one line a finding, errors and all, and a last line that counts them."""
    return "\n".join((*map(line, diagnostics), count(diagnostics))) + "\n"


def text(diagnostics: Sequence[Diagnostic], lines: Lines) -> str:
    """Return each finding with its line and what is meant in it, counts, and where to read on."""
    return _full(diagnostics, lines, colour=False)


def coloured(diagnostics: Sequence[Diagnostic], lines: Lines) -> str:
    """Return what ``text`` returns, with colours for a terminal."""
    return _full(diagnostics, lines, colour=True)


def _full(diagnostics: Sequence[Diagnostic], lines: Lines, *, colour: bool) -> str:
    blocks = [_block(one, lines, colour=colour) for one in diagnostics]
    last = count(diagnostics)
    if diagnostics:
        last += f"; for why and what to do: apparatus explain {diagnostics[0].code}"
    return "\n\n".join((*blocks, last)) + "\n"


def count(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many findings there are of each severity, in words."""
    found = [RULES[one.code].severity for one in diagnostics]
    counts = [
        f"{number} {severity.value}{'s' if number != 1 else ''}"
        for severity in Severity
        if (number := found.count(severity))
    ]
    return ", ".join(counts) or "no problems"


def _block(diagnostic: Diagnostic, lines: Lines, *, colour: bool) -> str:
    """Return a finding as ruff's ``full`` does: its line, and signs under what is meant."""
    span, rule = diagnostic.span, RULES[diagnostic.code]

    def paint(words: str, number: int) -> str:
        return f"\x1b[{number}m{words}\x1b[0m" if colour else words

    code = paint(diagnostic.code, _COLOURS[rule.severity])
    head = f"{code} {paint(rule.name, 1)}: {diagnostic.message}"
    margin = " " * len(str(span.line))
    place = f"{margin}--> {span.path}:{span.line}:{span.column}"
    written = lines(span.path)
    if not 1 <= span.line <= len(written):
        return f"{head}\n{place}"
    shown, column = _window(written[span.line - 1], span.column)
    width = span.end_column - span.column if span.end_line == span.line else 1
    width = max(1, min(width, len(shown) - column + 1))
    under = paint("^" * width, _COLOURS[rule.severity])
    return "\n".join(
        (
            head,
            place,
            f"{margin} |",
            f"{span.line} | {shown}",
            f"{margin} | {' ' * (column - 1)}{under}",
        )
    )


def _window(text: str, column: int) -> tuple[str, int]:
    """Return the part of a line around a column, and the column in it; tabs take one place."""
    text = "".join(char if char.isprintable() else " " for char in text)
    start = max(0, min(column - 1 - _WIDEST // 2, len(text) - _WIDEST))
    before, after = "…" if start else "", "…" if start + _WIDEST < len(text) else ""
    return f"{before}{text[start : start + _WIDEST]}{after}", column - start + len(before)


def to_json(diagnostics: Sequence[Diagnostic], _: Lines) -> str:
    """Return a JSON list of objects; columns count characters from 1."""
    return json.dumps([record(one) for one in diagnostics], ensure_ascii=False, indent=2) + "\n"


def record(diagnostic: Diagnostic) -> dict[str, str | int]:
    """Return a finding as the object that JSON has of it."""
    rule, span = RULES[diagnostic.code], diagnostic.span
    return {
        "code": diagnostic.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "message": diagnostic.message,
        "suggestion": diagnostic.suggestion,
    }


def github(diagnostics: Sequence[Diagnostic], _: Lines) -> str:
    """Return workflow commands, which GitHub shows beside the lines of a pull request.

    Escaped as its toolkit does (actions/toolkit, packages/core, command.ts).
    """
    return "".join(map(_command, diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    rule, span = RULES[diagnostic.code], diagnostic.span
    values = {
        "file": span.path,
        "line": span.line,
        "col": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "title": f"{rule.code} {rule.name}",
    }
    escaped = (f"{name}={_property(str(value))}" for name, value in values.items())
    return f"::{_COMMANDS[rule.severity]} {','.join(escaped)}::{_data(diagnostic.message)}\n"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(diagnostics: Sequence[Diagnostic], _: Lines) -> str:
    """Return a log in SARIF 2.1.0 (OASIS); columns count characters, as ``columnKind`` says."""
    codes = list(RULES)
    driver = {
        "name": "apparatus",
        "version": __version__,
        "rules": [
            {
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": rule.summary},
                "fullDescription": {"text": f"{rule.summary} {rule.why}"},
                "help": {"text": rule.remedy},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            }
            for rule in RULES.values()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code)) for one in diagnostics],
    }
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/"
        "sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _result(diagnostic: Diagnostic, index: int) -> dict[str, object]:
    span = diagnostic.span
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": max(span.end_column, 1),
    }
    place = {"artifactLocation": {"uri": quote(span.path)}, "region": region}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _LEVELS[RULES[diagnostic.code].severity],
        "message": {"text": diagnostic.message},
        "locations": [{"physicalLocation": place}],
    }


FORMATS: dict[str, Callable[[Sequence[Diagnostic], Lines], str]] = {
    "text": text,
    "concise": concise,
    "json": to_json,
    "github": github,
    "sarif": sarif,
}


def explain(code: str) -> str:
    """Return what a rule is about. Raises KeyError for a code that is none."""
    rule = RULES[code]
    return (
        f"{rule.code} {rule.name} ({rule.severity.value})\n\n{rule.summary}\n\n"
        f"Why: {rule.why}\n\nFor example:\n\n{_indented(rule.example)}\n\n"
        f"What to do: {rule.remedy}\n"
    )


_GROUPS = {"C": "Citations", "T": "Terms", "S": "Sources", "P": "Pages", "Q": "Claims"} | {
    "F": "Figures",
    "L": "Links",
}


def explain_all() -> str:
    """Return a page of Markdown about all rules, each under an address of its own."""
    parts = [
        "---\ntitle: Rules\ncitations: false\nautolink: off\n---\n\n# Rules\n\n"
        "What `apparatus check` and the build look for. `apparatus explain C001` prints a rule in "
        "the terminal. Errors and warnings stop a strict build; an info never does."
    ]
    group = ""
    for rule in sorted(
        RULES.values(), key=lambda one: (list(_GROUPS).index(one.code[0]), one.code)
    ):
        if rule.code[0] != group:
            group = rule.code[0]
            parts.append(f"## {_GROUPS[group]}")
        fence = f"```text\n{rule.example}\n```"
        parts.append(
            f'### <span id="{rule.code}">{rule.code}</span> {rule.name} ({rule.severity.value})\n\n'
            f"{_plain(rule.summary)} {_plain(rule.why)}\n\n{fence}\n\n"
            f"What to do: {_plain(rule.remedy)}"
        )
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """Return words as Markdown that shows them as they are."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|@~" else char for char in text)


def _indented(text: str) -> str:
    return "\n".join(f"    {one}" if one else "" for one in text.splitlines())
