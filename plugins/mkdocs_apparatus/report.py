"""Diagnostics as people and machines read them: one function a format."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .model import Diagnostic, Severity
from .rules import RULES


def line(diagnostic: Diagnostic) -> str:
    """Return a finding on one line: ``docs/a.md:4:1: C001 no source 'x'``."""
    span = diagnostic.span
    return f"{span.path}:{span.line}:{span.column}: {diagnostic.code} {diagnostic.message}"


def text(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one line a finding, errors and all, and a last line that counts them."""
    found = list(diagnostics)
    lines = [line(diagnostic) for diagnostic in found]
    counts = [
        f"{number} {severity.value}{'s' if number != 1 else ''}"
        for severity in Severity
        if (number := sum(RULES[one.code].severity is severity for one in found))
    ]
    return "\n".join((*lines, ", ".join(counts) or "no problems")) + "\n"


def to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a JSON list of objects; columns count characters from 1."""
    return json.dumps([record(one) for one in diagnostics], ensure_ascii=False, indent=2) + "\n"


def record(diagnostic: Diagnostic) -> dict[str, str | int]:
    """Return a finding as JSON has it."""
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


def explain(code: str) -> str:
    """Return what a rule is about. Raises KeyError for a code that is none."""
    rule = RULES[code]
    return (
        f"{rule.code} {rule.name} ({rule.severity.value})\n\n{rule.summary}\n\n"
        f"Why: {rule.why}\n\nWhat to do: {rule.remedy}\n"
    )
