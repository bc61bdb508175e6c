"""Front matter: the fields at the head of a file, checked against a table.

python-frontmatter ends here. YAML keeps the last of two equal keys in silence, reads ``no`` as
false and expands aliases: none of that passes unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import yaml
from frontmatter.default_handlers import YAMLHandler

from .file import File

# libyaml's, where PyYAML has it: ten times as fast, and python-frontmatter takes it too.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Field:
    """What a front matter field holds, as a type and in words, and whether it must be there."""

    type: type
    words: str
    needed: bool = False
    choices: tuple[str, ...] = ()


TEXT = Field(str, "a text")
NEEDED_TEXT = Field(str, "a text", needed=True)
LIST = Field(list, "a list such as [one, two]")
DATE = Field(date, "a date such as 2026-11-24")
NUMBER = Field(int, "a whole number", needed=True)


@dataclass(frozen=True, slots=True)
class Post:
    """A file's front matter, checked, and its body with the line that it begins on."""

    values: Mapping[str, object]
    body: str
    body_line: int

    def text(self, name: str, default: str = "") -> str:
        """Return a text field."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list field."""
        value = self.values.get(name)
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

    def number(self, name: str) -> int:
        """Return a number field, or 0."""
        value = self.values.get(name)
        return value if isinstance(value, int) else 0


def read_post(file: File, fields: Mapping[str, Field], code: str) -> Post:
    """Split a file and check its front matter; a bad field is left out, the rest stays."""
    handler = YAMLHandler()
    if not handler.detect(file.text):
        file.report(code, "front matter is missing: the file must begin with a line '---'", 1)
        return Post({}, file.text, 1)
    try:
        block, body = handler.split(file.text)
    except ValueError:
        file.report(code, "front matter is not closed: a second line '---' is missing", 1)
        return Post({}, file.text, 1)
    body_start = len(file.text) - len(body)
    body_line = file.text.count("\n", 0, body_start) + 1
    body_line += len(body) - len(body.lstrip("\n"))
    values, lines = _read_yaml(file, block, code)
    if not lines:
        return Post({}, body.strip("\n"), body_line)
    checked = {}
    for name, value in values.items():
        line = lines.get(name, 1)
        if name not in fields:
            file.report(code, f"'{name}' is no field here; known are {', '.join(fields)}", line)
        elif (fault := _fault(value, fields[name])) is not None:
            file.report(code, f"'{name}' must be {fault}", line)
        elif value is not None:
            checked[name] = _as_text(value) if fields[name].type is str else value
    for name, field_ in fields.items():
        if field_.needed and name not in values:
            file.report(code, f"the field '{name}' is missing", 1)
    return Post(checked, body.strip("\n"), body_line)


def _read_yaml(file: File, block: str, code: str) -> tuple[dict[str, object], dict[str, int]]:
    """Return the block's values and the line of each; YAML's aliases and twins are refused."""
    lines: dict[str, int] = {}
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, _LOADER)):
            file.report(code, "front matter must not use YAML aliases (*name)", 1)
            return {}, {}
        node = yaml.compose(block, _LOADER)
        if not isinstance(node, yaml.MappingNode):
            file.report(code, "front matter must be lines of the form 'name: value'", 2)
            return {}, {}
        for key, _ in node.value:
            name = str(key.value)
            line = key.start_mark.line + 1
            if name in lines:
                file.report(code, f"'{name}' stands twice, first in line {lines[name]}", line)
            lines.setdefault(name, line)
        values = YAMLHandler().load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it is no valid YAML"
        hint = "; a value that holds a colon needs quotes" if "mapping values" in problem else ""
        line = mark.line + 1 if mark else 2
        file.report(code, f"front matter cannot be read: {problem}{hint}", line)
        return {}, {}
    return {str(name): value for name, value in values.items()}, lines


def _fault(value: object, expected: Field) -> str | None:
    """Say what a field must be, or return None if it is."""
    if value is None:
        return None if not expected.needed else f"{expected.words}, and it is empty"
    if expected.type is str:
        if isinstance(value, bool):
            return f"{expected.words}; put it in quotes, since YAML reads it as true or false"
        if not isinstance(value, str | int | float | date):
            return expected.words
        if expected.choices and value not in expected.choices:
            return f"one of {', '.join(expected.choices)}, not '{value}'"
        return None
    if isinstance(value, bool) or not isinstance(value, expected.type):
        return f"{expected.words}, not '{value}'"
    return None


def _as_text(value: object) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else str(value).strip()


def split_page(file: File) -> tuple[Mapping[str, object], str, int]:
    """Return a page's front matter (empty if there is none), body and the body's first line.

    Front matter that cannot be read stays in the body, as MkDocs has it.
    """
    handler = YAMLHandler()
    if not handler.detect(file.text):
        return {}, file.text, 1
    try:
        block, body = handler.split(file.text)
        values = handler.load(block)
    except (ValueError, yaml.YAMLError):
        return {}, file.text, 1
    if not isinstance(values, dict):
        return {}, file.text, 1
    first_line = file.text.count("\n", 0, len(file.text) - len(body)) + 1
    return values, body, first_line
