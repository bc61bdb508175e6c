"""Front matter: the fields at the head of a file, checked against a table.

python-frontmatter ends here. YAML keeps the last of two equal keys in silence, reads ``no`` as
false and expands aliases: none of that passes unseen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from .dates import iso_date
from .file import File
from .near import did_you_mean, nearest

_DATE_PATTERN = r"\d{4}(-\d\d(-\d\d)?)?"
_DATE = re.compile(_DATE_PATTERN)
# libyaml's, where PyYAML has it: ten times as fast, and python-frontmatter takes it too.
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST = 100_000  # characters of front matter
_DEEPEST = 20
_LONGEST_NUMBER = 50  # digits: Python takes long over many
# What may begin a list or a mapping; with few of them there is no depth to look for.
_NESTING = re.compile(r"[\[{]|[-?:](?=\s)")
_SHALLOW = 100


class _Loader(_FAST):  # type: ignore[misc] # one of two classes
    """Reads YAML as python-frontmatter does; a number that nobody could mean stays a text."""

    def number(self, node: yaml.ScalarNode) -> Any:
        """Return the number that a scalar holds."""
        if len(node.value) > _LONGEST_NUMBER:
            return node.value
        whole = node.tag.endswith(":int")
        return self.construct_yaml_int(node) if whole else self.construct_yaml_float(node)


for _tag in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.number)


class Kind(Enum):
    """What a field may hold, in words."""

    TEXT = "a text"
    TEXTS = "a list such as [one, two]"
    NUMBER = "a whole number from 1"
    NUMBERS = "a list of whole numbers such as [1, 2]"
    DAY = "a date such as 2026-11-24"
    DATE = "a date: 2009-03-06, 2009-03 or 2009"
    SWITCH = "true or false"
    REASONS = "lines such as C005: why this page is exempt from the rule"


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a table of front matter: what a field holds, and what it is for.

    ``choices`` are all that a text may be; ``longest`` is the most characters it may have.
    """

    kind: Kind
    about: str
    needed: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 0


Fields = Mapping[str, Field]


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

    def day(self, name: str) -> date | None:
        """Return a date field."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None


def quoted(text: str) -> str:
    """Return a line of text in quotes: without control characters, JSON's texts are YAML's."""
    return json.dumps("".join(char for char in text if char.isprintable()), ensure_ascii=False)


def read_post(file: File, fields: Fields, code: str) -> Post:
    """Split a file and check its front matter; a bad field is left out, the rest stays."""
    if file.marked:
        file.report(code, "the file begins with a byte order mark: save it as UTF-8 without", 1)
    if not YAMLHandler().detect(file.text):
        file.report(code, "front matter is missing: the file must begin with a line '---'", 1)
        return Post({}, file.text, 1)
    parts = _split(file, code)
    if parts is None:
        return Post({}, file.text, 1)
    block, body = parts
    body_start = len(file.text) - len(body)
    body_line = file.text.count("\n", 0, body_start) + 1
    body_line += len(body) - len(body.lstrip("\n"))
    values = _check_block(file, block, fields, code, known_only=True)
    return Post(values, body.strip("\n"), body_line)


def check_page(file: File, fields: Fields, code: str) -> dict[str, object]:
    """Return those good fields of a page's front matter that are ours, and report the others.

    What is neither ours nor nearly the name of one of ours belongs to the theme.
    """
    parts = _split(file, code) if YAMLHandler().detect(file.text) else None
    return _check_block(file, parts[0], fields, code, known_only=False) if parts else {}


def find_values(text: str, name: str) -> list[tuple[str, int, int]]:
    """Return the texts of a field of front matter, or of the list that it is, each with its place.

    Places are line and column, from 1, in the file that ``text`` is; none if it cannot be read.
    """
    try:
        block, _ = YAMLHandler().split(text)
        whole = None if _refusal(block) else yaml.compose(block, _Loader)
    except (ValueError, yaml.YAMLError, RecursionError):
        return []
    fields = whole.value if isinstance(whole, yaml.MappingNode) else []
    found = []
    for key, value in fields:
        if key.value == name:
            for node in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if isinstance(node, yaml.ScalarNode):
                    quoted = node.style in ("'", '"')
                    mark = node.start_mark
                    found.append((node.value, mark.line + 1, mark.column + 1 + quoted))
    return found


def _split(file: File, code: str) -> tuple[str, str] | None:
    """Return front matter and body, or report that the first one does not end."""
    try:
        block, body = YAMLHandler().split(file.text)
    except ValueError:
        file.report(code, "front matter is not closed: a second line '---' is missing", 1)
        return None
    return block, body


def _check_block(
    file: File, block: str, fields: Fields, code: str, *, known_only: bool
) -> dict[str, object]:
    """Return the good values of a block of front matter, texts as written; report the others."""
    entries = _read_yaml(file, block, code)
    if entries is None:
        return {}
    checked: dict[str, object] = {}
    for name, (value, node, line) in entries.items():
        if name not in fields:
            near = nearest(name, fields, cutoff=0.75)
            if near:
                file.report(code, f"'{name}' is no field here{did_you_mean(near)}", line, near)
            elif known_only:
                known = ", ".join(fields)
                file.report(code, f"'{name}' is no field here; known are {known}", line)
            continue
        fault = _fault(value, node, fields[name])
        if fault is not None:
            file.report(code, f"'{name}' must be {fault}", line)
        if value is None or (fault is not None and fields[name].choices):
            continue
        if fields[name].kind is Kind.TEXT and isinstance(node, yaml.ScalarNode):
            checked[name] = node.value.strip()  # the words that stand there, whatever YAML reads
        elif fault is None:
            checked[name] = _plain(value, fields[name].kind)
    if known_only:
        for name in fields:
            if fields[name].needed and name not in entries:
                file.report(code, f"the field '{name}' is missing", 1)
    return checked


def _read_yaml(
    file: File, block: str, code: str
) -> dict[str, tuple[object, yaml.Node, int]] | None:
    """Return the value, node and line of each field; YAML's aliases and twins are refused."""
    entries: dict[str, tuple[object, yaml.Node, int]] = {}
    try:
        if refused := _refusal(block):
            file.report(code, f"front matter {refused}", 1)
            return None
        loader = _Loader(block)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            file.report(code, "front matter must be lines of the form 'name: value'", 2)
            return None
        for key, value in node.value:
            name = str(key.value)
            line = key.start_mark.line + 1
            if name in entries:
                first = entries[name][2]
                file.report(code, f"'{name}' stands twice, first in line {first}", line)
            else:
                entries[name] = (_construct(loader, value), value, line)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 2
        lines = file.text.split("\n")
        tab = line <= len(lines) and "\t" in lines[line - 1]
        reason = "there is a tab; YAML wants spaces" if tab else _plainly(error)
        file.report(code, f"front matter cannot be read: {reason}", line)
        return None
    return entries


def _refusal(block: str) -> str:
    """Say why a block of YAML is not read: what is small may grow, and what is deep may crash.

    Raises yaml.YAMLError.
    """
    if len(block) > _LONGEST:
        return f"has {len(block):,} characters; at most {_LONGEST:,} are read"
    if "*" not in block and len(_NESTING.findall(block)) < _SHALLOW:
        return ""
    depth = 0
    for event in yaml.parse(block, _FAST):
        if isinstance(event, yaml.AliasEvent):
            return "must not use YAML aliases (*name)"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                return f"is nested more than {_DEEPEST} deep"
        depth -= isinstance(event, yaml.CollectionEndEvent)
    return ""


def _construct(loader: Any, node: yaml.Node) -> object:
    """Return the value of a node; a date that the calendar does not know is a text."""
    try:
        return loader.construct_object(node, deep=True)
    except ValueError:
        return node.value


def _plainly(error: Exception) -> str:
    """Say in plain words what YAML stumbled over."""
    problem = getattr(error, "problem", None) or "it is no valid YAML"
    if "mapping values" in problem:
        return "a value that holds a colon needs quotes"
    return str(problem)


def _fault(value: object, node: yaml.Node, field: Field) -> str | None:
    """Say what a field must be, or return None if it is."""
    if value is None:
        return f"{field.kind.value}, and it is empty" if field.needed else None
    text = node.value if isinstance(node, yaml.ScalarNode) else str(value)
    if field.choices:  # as written: YAML reads off as false
        hint = did_you_mean(nearest(text, field.choices, cutoff=0.6))
        known = text in field.choices
        return None if known else f"one of {', '.join(field.choices)}, not '{text}'{hint}"
    fault = _FAULTS[field.kind](value, node)
    if fault is not None:
        return f"{field.kind.value}{fault}"
    if field.needed and value == "":
        return f"{field.kind.value}, and it is empty"
    if field.longest and len(text) > field.longest:
        return f"at most {field.longest} characters long, and it has {len(text)}"
    return None


def _no_text(value: object, node: yaml.Node) -> str | None:
    """Say why a value is not the text that its author wrote."""
    if isinstance(value, list | dict):
        return ""
    if isinstance(node, yaml.ScalarNode) and not node.style and str(value) != node.value:
        read = "a yes or no" if isinstance(value, bool) else value
        return f": put it in quotes, since YAML takes {node.value} for {read}"
    return None


def _no_texts(value: object, node: yaml.Node) -> str | None:
    if not isinstance(value, list):
        return f", not '{value}'"
    faults = (_no_text(one, inner) for one, inner in zip(value, node.value, strict=True))
    return next((f", each a text{fault}" for fault in faults if fault is not None), None)


def _no_number(value: object, _: yaml.Node) -> str | None:
    return None if type(value) is int and value > 0 else f", not '{value}'"


def _no_numbers(value: object, _: yaml.Node) -> str | None:
    numbers = isinstance(value, list) and all(type(one) is int for one in value)
    return None if numbers else f", not '{value}'"


def _no_day(value: object, _: yaml.Node) -> str | None:
    return None if isinstance(value, date) else f", not '{value}'"


def _no_date(value: object, _: yaml.Node) -> str | None:
    known = isinstance(value, date) or (_DATE.fullmatch(str(value)) and iso_date(str(value)))
    return None if known else f", not '{value}'"


def _no_switch(value: object, _: yaml.Node) -> str | None:
    return None if isinstance(value, bool) else f", not '{value}'"


def _no_reasons(value: object, _: yaml.Node) -> str | None:
    texts = isinstance(value, dict) and all(
        isinstance(one, str | None) for pair in value.items() for one in pair
    )
    return None if texts else f", not '{value}'"


_FAULTS: Mapping[Kind, Callable[[object, yaml.Node], str | None]] = {
    Kind.TEXT: _no_text,
    Kind.TEXTS: _no_texts,
    Kind.NUMBER: _no_number,
    Kind.NUMBERS: _no_numbers,
    Kind.DAY: _no_day,
    Kind.DATE: _no_date,
    Kind.SWITCH: _no_switch,
    Kind.REASONS: _no_reasons,
}


def _plain(value: object, kind: Kind) -> object:
    """Return a value as the records want it."""
    if isinstance(value, datetime):
        value = value.date()
    return iso_date(str(value)) if kind is Kind.DATE else value


def schema(title: str, fields: Fields, *, open_ended: bool = False) -> dict[str, object]:
    """Return a JSON Schema (2020-12) of front matter, for editors to complete and check by.

    ``open_ended`` admits fields that are not in the table.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": {name: _property(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.needed],
        "additionalProperties": open_ended,
    }


def _property(field: Field) -> dict[str, object]:
    limits: dict[str, object] = {"enum": list(field.choices)} if field.choices else {}
    if field.longest:
        limits["maxLength"] = field.longest
    return {"description": field.about, **_TYPES[field.kind], **limits}


_TYPES: Mapping[Kind, dict[str, object]] = {
    Kind.TEXT: {"type": "string"},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    Kind.NUMBER: {"type": "integer", "minimum": 1},
    Kind.NUMBERS: {"type": "array", "items": {"type": "integer"}},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.DATE: {"type": ["string", "integer"], "pattern": f"^{_DATE_PATTERN}$"},
    Kind.SWITCH: {"type": "boolean"},
    Kind.REASONS: {"type": "object", "additionalProperties": {"type": "string"}},
}


def split_page(file: File) -> tuple[Mapping[str, object], str, int]:
    """Return a page's front matter (empty if there is none), body and the body's first line.

    Front matter that cannot be read stays in the body, as MkDocs has it.
    """
    handler = YAMLHandler()
    if not handler.detect(file.text):
        return {}, file.text, 1
    try:
        block, body = handler.split(file.text)
        values = {} if _refusal(block) else yaml.load(block, _Loader)  # noqa: S506 # a safe one
    except (ValueError, yaml.YAMLError):
        return {}, file.text, 1
    if not isinstance(values, dict):
        return {}, file.text, 1
    first_line = file.text.count("\n", 0, len(file.text) - len(body)) + 1
    return values, body, first_line
