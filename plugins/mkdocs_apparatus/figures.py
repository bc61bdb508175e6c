"""A figure: numbers, each row with its source, and a picture of them in Vega-Lite.

``figures/NAME.json`` says how to draw ``data/NAME.csv``, which it names as ``"data": {"url":
"../data/NAME.csv"}``, so that any Vega editor opens it as well. It has the texts too: ``title``,
``description`` (what the picture shows, for who does not see it), and in ``usermeta`` the
``caption`` and the ``licence`` of the data. A page places it with a fenced block.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .file import File
from .model import Citation, CitationGroup, Figure
from .near import did_you_mean, nearest

SOURCE, NOTE = "source", "note"
_MOST_ROWS, _MOST_COLUMNS = 5_000, 40
_MOST_KEYS = 50  # in a row
_MOST_GUESSES = 100  # at what was meant: each takes a while
_MOST_UNKNOWN = 1_000  # names that are no columns, and are listed
_LARGEST = 200_000  # characters of a spec
_URL = re.compile(r"\.\./data/([^/\\]+\.csv)")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_ACCESS = re.compile(r"[.\[\]\\']")  # what leads to a part of a value, in the name of a field
_DATUM = re.compile(r"\bdatum(?:\.(\w+)|\[(?:'([^']*)'|\"([^\"]*)\")\])")
_FENCE = re.compile(r"( *)(`{3,}|~{3,}) *([^`]*)")
# What would bring other data than the rows, or lead out of the page.
_REFUSED = frozenset({"datasets", "href", "url"})
# Vega-Lite's marks, but for images and maps.
_SHAPES = ("arc", "area", "bar", "circle", "line", "point", "rect", "rule", "square", "tick")
_MARKS = (*_SHAPES, "boxplot", "errorband", "errorbar", "text", "trail")
_CONDITIONS = frozenset({"calculate", "filter", "test"})  # elsewhere ``datum`` may be a label
_RENAMING = frozenset({"fold", "pivot", "flatten", "repeat", "lookup"})


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows: ``lines`` are their places in it; columns and rows as in a Figure."""

    file: File
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """A fenced block that places a figure: its lines, from 0, and what it holds."""

    first: int
    last: int
    indent: str
    name: str


def read_table(
    file: File, sources: Collection[str], renamed: Mapping[str, str] = MappingProxyType({})
) -> Table:
    """Read a file of rows; what is wrong is reported at its line, and costs its row alone.

    ``renamed`` leads from old keys of sources to their keys.
    """
    reader = csv.reader(io.StringIO(file.text, newline=""), strict=True)
    found: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for cells in reader:
            found.append((begin, [cell.strip() for cell in cells]))
            begin = reader.line_num + 1
            if len(found) > _MOST_ROWS:
                file.report("F002", f"more than {_MOST_ROWS:,} rows; the rest is left out", begin)
                break
    except csv.Error as error:
        file.report("F002", f"no row can be read from here on: {error}", begin)
    heads = found[0][1] if found else []
    if not _is_head(file, heads):
        return Table(file)
    at = heads.index(SOURCE)
    table = [
        (line, cells)
        for line, cells in found[1:]
        if any(cells) and _is_row(file, line, cells, heads)
    ]
    if not table:
        file.report("F002", "there is no row", 1)
    keys = [tuple(renamed.get(key, key) for key in _keys(cells[at])) for _, cells in table]
    if any(len(row) > _MOST_KEYS for row in keys):
        file.report("F002", f"a row with more than {_MOST_KEYS} keys; the rest is left out", 1)
        keys = [row[:_MOST_KEYS] for row in keys]
    for (line, _), row in zip(table, keys, strict=True):
        _check_keys(file, line, row, sources)
    return Table(
        file,
        tuple(heads[:at] + heads[at + 1 :]),
        tuple(tuple(cells[:at] + cells[at + 1 :]) for _, cells in table),
        tuple(keys),
        tuple(line for line, _ in table),
    )


def _is_head(file: File, heads: list[str]) -> bool:
    wrong = ""
    if len(heads) > _MOST_COLUMNS:
        wrong = f"{len(heads)} columns; at most {_MOST_COLUMNS} are read"
    elif SOURCE not in heads:
        near = did_you_mean(nearest(SOURCE, heads))
        wrong = f"no column '{SOURCE}' with the citation key of each row{near}"
    elif not all(heads) or len(set(heads)) < len(heads):
        wrong = "each column needs a name of its own"
    elif named := next((head for head in heads if _ACCESS.search(head)), ""):
        wrong = f"the column '{named}' has one of the signs . [ ] \\ ' in its name"
    if wrong:
        file.report("F002", wrong, 1)
    return not wrong


def _is_row(file: File, line: int, cells: list[str], heads: list[str]) -> bool:
    if len(cells) != len(heads):
        file.report("F002", f"{len(cells)} cells, but {len(heads)} columns", line)
        return False
    return True


def _keys(cell: str) -> tuple[str, ...]:
    return tuple(key for one in cell.split(";") if (key := one.strip().removeprefix("@")))


def _check_keys(file: File, line: int, keys: tuple[str, ...], sources: Collection[str]) -> None:
    if not keys:
        file.report("F002", f"the row has no citation key in its column '{SOURCE}'", line)
    for key in keys:
        if key not in sources:
            near = nearest(key, sources) if len(file.problems) < _MOST_GUESSES else ""
            file.report("F002", f"no source '{key}'{did_you_mean(near)}", line, near)


def read_figure(file: File, name: str, tables: Mapping[str, Table]) -> Figure:
    """Read a spec with its rows; one with a fault that matters is shown as a table alone."""
    bare = Figure(name, name, file.span(1))
    if len(file.text) > _LARGEST:
        file.report("F003", f"a spec of more than {_LARGEST:,} characters is not read", 1)
        return bare
    try:
        spec = json.loads(file.text)
    except json.JSONDecodeError as error:
        file.report("F003", f"no JSON: {error.msg}, in column {error.colno}", error.lineno)
        return bare
    except ValueError:
        file.report("F003", "no JSON that can be read: a number has too many digits", 1)
        return bare
    except RecursionError:
        file.report("F003", "the spec is nested too deeply", 1)
        return bare
    if not isinstance(spec, dict):
        file.report("F003", "a spec is an object: { … }", 1)
        return bare
    texts = _texts(file, spec)
    table = _table(file, spec, tables)
    rest = {key: spec[key] for key in spec if key not in ("title", "description", "usermeta")}
    rest.pop("data", None)
    sound = table is not None and _is_safe(file, rest) and _names_columns(file, rest, table)
    table = table or Table(file)
    return Figure(
        name,
        texts["title"] or name,
        file.span(1),
        texts["description"],
        texts["caption"],
        texts["licence"],
        json.dumps(rest, ensure_ascii=False) if sound else "",
        table.file.name.rpartition("/")[2] if table.file is not file else "",
        table.file.text if table.file is not file else "",
        table.columns,
        table.rows,
        table.keys,
    )


def _texts(file: File, spec: Mapping[str, Any]) -> dict[str, str]:
    more = spec.get("usermeta")
    more = more if isinstance(more, dict) else {}
    texts = {}
    places = {"title": spec, "description": spec, "caption": more, "licence": more}
    for name, where in places.items():
        text = where.get(name)
        texts[name] = text.strip() if isinstance(text, str) else ""
        if not texts[name]:
            place = "usermeta." if where is more else ""
            file.report("F003", f"no text '{place}{name}'", _line(file, name))
    return texts


def _table(file: File, spec: Mapping[str, Any], tables: Mapping[str, Table]) -> Table | None:
    """Return the rows that a spec names."""
    data = spec.get("data")
    url = data.get("url") if isinstance(data, dict) else None
    match = _URL.fullmatch(url) if isinstance(url, str) else None
    line = _line(file, "data")
    if match is None:
        file.report("F003", 'no file of numbers: "data": {"url": "../data/NAME.csv"}', line)
    elif match[1] not in tables:
        near = nearest(match[1], tables)
        file.report("F002", f"no file '{match[1]}' in data/{did_you_mean(near)}", line, near)
    elif isinstance(data, dict) and data.keys() - {"url", "format", "name"}:
        file.report("F003", "'data' may hold 'url' and 'format' alone", line)
    else:
        return tables[match[1]]
    return None


def _is_safe(file: File, spec: object) -> bool:
    """Say whether a spec draws its rows and nothing else."""
    for key, _ in _walk(spec):
        if key in _REFUSED or key == "data":
            message = f"'{key}' is not allowed: a figure shows its rows, and leads nowhere"
            file.report("F003", message, _line(file, key, last=True))
            return False
    return True


def _walk(spec: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all keys of a spec with the object that they stand in."""
    waiting = [spec]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            for key, value in one.items():
                yield key, one
                waiting.append(value)
        elif isinstance(one, list):
            waiting += one


def _names_columns(file: File, spec: object, table: Table) -> bool:
    """Report the fields that are no column, and the cells that are not of a field's type."""
    keys = list(_walk(spec))
    made = {name for key, one in keys if key == "as" for name in _names(one[key])}
    known = {*table.columns, SOURCE, *made}
    used = dict.fromkeys(name for key, one in keys for name in _fields(key, one[key]))
    free = any(key in _RENAMING for key, _ in keys)
    unknown = [] if free else [name for name in used if name not in known]
    for number, name in enumerate(unknown[:_MOST_UNKNOWN]):
        near = nearest(name, known) if number < _MOST_GUESSES else ""
        message = f"no column '{name}'{did_you_mean(near)}"
        file.report("F003", message, _line(file, name), near)
    sound = [_is_mark(file, one[key]) for key, one in keys if key == "mark"]
    typed = {
        (one[key], str(one.get("type")))
        for key, one in keys
        if key == "field" and one[key] in table.columns and "aggregate" not in one
    }
    sound += [_fits(table, column, kind) for column, kind in sorted(typed)]
    return not unknown and all(sound)


def _fields(key: str, value: object) -> Iterator[str]:
    """Yield the columns that an entry of a spec names."""
    if isinstance(value, str) and key == "field":
        yield value
    elif isinstance(value, str) and key in _CONDITIONS:
        for match in _DATUM.finditer(value):
            yield next(filter(None, match.groups()), "")


def _is_mark(file: File, mark: object) -> bool:
    name = mark.get("type") if isinstance(mark, dict) else mark
    if not isinstance(name, str) or name in _MARKS:
        return True
    near = nearest(name, _MARKS, cutoff=0.6)
    message = f"'{name}' is no mark that can be drawn{did_you_mean(near)}"
    file.report("F003", message, _line(file, "mark"), near)
    return False


def _names(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, str)]


def _fits(table: Table, column: str, kind: str) -> bool:
    pattern = {"quantitative": _NUMBER, "temporal": _DATE}.get(kind)
    if pattern is None:
        return True
    at = table.columns.index(column)
    wanted = "a number" if pattern is _NUMBER else "a date such as 2025-04-02"
    wrong = [
        (line, row[at])
        for line, row in zip(table.lines, table.rows, strict=True)
        if row[at] and not pattern.fullmatch(row[at])
    ]
    said = {(one.message, one.span.line) for one in table.file.problems}  # of another figure
    for line, cell in wrong:
        message = f"'{cell}' in column '{column}' is not {wanted}; leave what is not known empty"
        if (message, line) not in said:
            table.file.report("F002", message, line)
    return not wrong


def _line(file: File, word: str, *, last: bool = False) -> int:
    """Return the line on which a spec names something; the first one if it does not."""
    quoted = f'"{word}"'
    at = file.text.rfind(quoted) if last else file.text.find(quoted)
    if at < 0 and word:
        at = file.text.find(word)
    return file.text.count("\n", 0, max(at, 0)) + 1


def values(figure: Figure) -> list[dict[str, object]]:
    """Return the rows for Vega: numbers as numbers, and nothing where there is nothing."""
    columns = (*figure.columns, SOURCE)
    rows = ((*row, "; ".join(keys)) for row, keys in zip(figure.rows, figure.keys, strict=True))
    return [dict(zip(columns, map(_value, row), strict=True)) for row in rows]


def _value(cell: str) -> object:
    if _NUMBER.fullmatch(cell):
        return float(cell) if "." in cell else int(cell)
    return cell or None


def is_number(cell: str) -> bool:
    """Say whether a cell is a number."""
    return _NUMBER.fullmatch(cell) is not None


def groups(figure: Figure) -> tuple[CitationGroup, ...]:
    """Return what a figure cites: all its sources, then those of each row."""
    every = tuple(dict.fromkeys(key for keys in figure.keys for key in keys))
    return tuple(
        CitationGroup(tuple(map(Citation, keys)), 0, 0, "; ".join(f"@{key}" for key in keys))
        for keys in (every, *figure.keys)
    )


def find_placements(text: str) -> Iterator[Placement]:
    """Yield the fenced blocks of a text that place a figure; one within another is an example."""
    if "figure" not in text:
        return
    lines = text.split("\n")
    opened: tuple[int, str, str, str] | None = None
    for number, line in enumerate(lines):
        match = _FENCE.fullmatch(line)
        if match is None:
            continue
        if opened is None:
            opened = (number, match[1], match[2], match[3].strip())
            continue
        first, indent, fence, info = opened
        if match[2].startswith(fence) and not match[3].strip():
            opened = None
            if info == "figure":
                name = " ".join(" ".join(lines[first + 1 : number]).split())
                yield Placement(first, number, indent, name)
