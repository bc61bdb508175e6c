"""What on the plugin's pages is made from the code: options, commands, front matter, records.

Measured with mkdocstrings instead: four more packages in the build of this site, a page of Python
three times as heavy (252 kB to 75), and a build two fifths longer. Docstrings here are plain
sentences, so ``inspect`` is enough.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from examples import FOLDER
from mkdocs_apparatus import plugin, report
from mkdocs_apparatus.bib import TYPES
from mkdocs_apparatus.cli import _parser
from mkdocs_apparatus.fields import ARTICLE, CLAIM, PAGE, TERM, VERDICTS
from mkdocs_apparatus.matter import Field
from mkdocs_apparatus.rules import RULES
from sites import ROOT

sys.path.append(str(ROOT))  # bench/ is not installed
run = importlib.import_module("bench.run")
SIZES = importlib.import_module("bench.content").SIZES

__all__ = ["COMMANDS", "PAGES", "VERDICTS"]


def cell(text: str) -> str:
    """Return words for a cell of a table, shown as they are."""
    return re.sub(r"([|*_\[\]<>@\\])", r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Return a docstring's code in one pair of backticks, all else as it is."""
    return text.replace("``", "`")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(one)} |" for one in lines)


OPTIONS = {
    "sources": "[What lies in that folder](sources.md).",
    "style": "[How to choose a style](../how-to/styles.md).",
    "autolink": "[How to link terms](../how-to/glossary.md#plain-words-that-become-links).",
    "review_after": "[How to keep pages in date](../how-to/claims.md"
    "#pages-that-must-be-read-again).",
    "language": "[How to write in another language](../how-to/language.md).",
    "csp": "[How to forbid what is from elsewhere](../how-to/csp.md).",
}


def options() -> str:
    tree = ast.parse(inspect.getsource(plugin))
    [config] = [
        one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == "ApparatusConfig"
    ]
    told: dict[str, str] = {}
    for at, one in enumerate(config.body):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            after = config.body[at + 1]
            assert isinstance(after, ast.Expr)
            assert isinstance(after.value, ast.Constant)
            told[one.targets[0].id] = inspect.cleandoc(str(after.value.value))
    defaults = {name: option.default for name, option in plugin.ApparatusConfig._schema}
    assert told.keys() == defaults.keys() == OPTIONS.keys()
    shown = "\n".join(f"      {name}: {json.dumps(value)}" for name, value in defaults.items())
    parts = [
        f"All of them, as they are if nothing is set:\n\n```yaml\n"
        f"plugins:\n  - apparatus:\n{shown}\n```"
    ]
    for name, text in told.items():
        without = json.dumps(defaults[name])
        parts.append(f"## {name}\n\nWithout it: `{without}`. {code(text)}\n\n{OPTIONS[name]}")
    return "\n\n".join(parts)


[_SUBPARSERS] = [one for one in _parser()._actions if isinstance(one, argparse._SubParsersAction)]
COMMANDS = tuple(_SUBPARSERS.choices)


def commands() -> str:
    subparsers = _SUBPARSERS
    helps = {one.dest: one.help or "" for one in subparsers._choices_actions}
    parts = []
    for name, command in subparsers.choices.items():
        rows = [
            (argument(one), cell(meaning(one)), default(one))
            for one in command._actions
            if not isinstance(one, argparse._HelpAction)
        ]
        told = helps[name][0].upper() + helps[name][1:]
        parts.append(f"## {name}\n\n{told}.\n\n" + table(("write", "meaning", "without it"), rows))
    formats = table(
        ("format", "what"),
        ((f"`{name}`", code(_gives(one))) for name, one in report.FORMATS.items()),
    )
    return "\n\n".join([*parts, f"## Formats of findings\n\n{formats}"])


def _gives(write: Callable[..., str]) -> str:
    text = (inspect.getdoc(write) or "").split("\n")[0].removeprefix("Return ")
    return text[0].upper() + text[1:]


def argument(one: argparse.Action) -> str:
    shown = one.metavar or (one.dest.upper() if one.nargs != 0 else "")
    if one.choices:
        shown = "CHOICE" if one.option_strings else str(one.metavar or one.dest).upper()
    words = " ".join(
        filter(None, [one.option_strings[0] if one.option_strings else "", str(shown)])
    )
    return f"`{words}`"


def meaning(one: argparse.Action) -> str:
    text = one.help or ""
    return f"{text}: {', '.join(map(str, one.choices))}" if one.choices else text


def default(one: argparse.Action) -> str:
    if one.required or (not one.option_strings and one.nargs in (None, "+")):
        return "must be given"
    return "–" if one.default in (None, False, "") else f"`{one.default}`"


KINDS: Mapping[str, tuple[str, Mapping[str, Field]]] = {
    "A page": ("`docs/**/*.md`. A theme and other plugins have more fields; these are ours.", PAGE),
    "A term": ("`sources/glossary/*.md`. No other fields are taken.", TERM),
    "A claim": ("`sources/claims/*.md`. No other fields are taken.", CLAIM),
    "The article": ("`sources/article.md`. No other fields are taken.", ARTICLE),
}


def front_matter() -> str:
    parts = []
    for title, (where, fields) in KINDS.items():
        rows = []
        for name, field in fields.items():
            holds = ", ".join(field.choices) if field.choices else field.kind.value
            if field.longest:
                holds += f", at most {field.longest} characters"
            rows.append(
                (f"`{name}`", "yes" if field.needed else "no", cell(holds), cell(field.about))
            )
        parts.append(
            f"## {title}\n\n{where}\n\n" + table(("field", "needed", "holds", "meaning"), rows)
        )
    return "\n\n".join(parts)


API = {
    "library": ("load",),
    "model": (
        "Library", "Source", "Name", "Term", "Claim", "Article", "CitationGroup", "Citation",
        "Mode", "TermLink", "Diagnostic", "Span", "Severity", "Rule",
    ),
    "syntax": ("scan", "find_groups", "Found"),
    "locator": ("read_suffix", "Suffix"),
    "export": ("to_bibtex", "to_ris", "to_csl"),
    "rules": ("RULES",),
    "cli": ("check_site",),
    "report": ("line", "record", "to_json", "sarif"),
}  # fmt: skip


def python() -> str:
    parts = []
    for module_name, names in API.items():
        module = importlib.import_module(f"mkdocs_apparatus.{module_name}")
        told = [f"## mkdocs_apparatus.{module_name}"]
        told += [_name(module, name) for name in names]
        parts.append("\n\n".join(told))
    return "\n\n".join(parts)


def _name(module: object, name: str) -> str:
    thing = inspect.unwrap(getattr(module, name))
    if inspect.isfunction(thing):
        names = ", ".join(_parameter(one) for one in inspect.signature(thing).parameters.values())
        back = _type(inspect.signature(thing).return_annotation)
        return f"### {name}\n\n`{name}({names}) -> {back}`\n\n{_told(thing)}"
    if thing is RULES:
        return f"### {name}\n\nThe table of [rules](rules.md): a `Rule` for each code."
    if dataclasses.is_dataclass(thing):
        fields = "\n".join(
            f"- `{one.name}: {_type(one.type)}`"
            for one in dataclasses.fields(thing)
            if not one.name.startswith("_")
        )
        return f"### {name}\n\n{_told(thing)}\n\n{fields}"
    members = "\n".join(f"- `{one.name} = {one.value!r}`" for one in thing)  # type: ignore[attr-defined]
    return f"### {name}\n\n{_told(thing)}\n\n{members}"


def _parameter(one: inspect.Parameter) -> str:
    return f"{one.name}: {_type(one.annotation)}"


def _type(annotation: object) -> str:
    return (
        str(annotation)
        if isinstance(annotation, str)
        else getattr(annotation, "__name__", str(annotation))
    )


def _told(thing: object) -> str:
    """Return a docstring as Markdown: an example at its end becomes a block."""
    doc = inspect.getdoc(thing) or ""
    text, prompt, example = doc.partition(">>> ")
    text = re.sub(r"(?<!`)([\[\]@*_<>])(?![^`]*`)", r"\\\1", code(text.strip()))
    if not prompt:
        return text
    lines = textwrap.dedent(example).rstrip()
    return f"{text} In short:\n\n```text\n>>> {lines}\n```"


def types() -> str:
    return ", ".join(f"`{one}`" for one in sorted(TYPES)) + "."


def times() -> str:
    """Return how long builds take, from the raw figures of the benchmark."""
    results = run.read_results(ROOT / "bench" / "results.json")
    rows = []
    for size, result in results.items():
        plain = result.best("plain").cpu
        numbers = SIZES[size]
        for name in result.runs:
            cpu = result.best(name).cpu
            rows.append(
                (
                    f"{numbers.pages:,}",
                    f"{numbers.sources:,}",
                    run.VARIANTS[name].label,
                    f"{cpu:.2f}",
                    run.ratio(cpu, plain),
                )
            )
    return table(("pages", "sources", "build", "CPU seconds", "times plain"), rows)


BEGIN = "<!-- made: from the code, by tests/reference.py -->"
END = "<!-- end of what is made -->"
PAGES: Mapping[Path, Callable[[], str]] = {
    FOLDER / "reference" / "options.md": options,
    FOLDER / "reference" / "commands.md": commands,
    FOLDER / "reference" / "front-matter.md": front_matter,
    FOLDER / "reference" / "python.md": python,
    FOLDER / "reference" / "sources.md": types,
    FOLDER / "explanation" / "measured.md": times,
    FOLDER / "compared.md": times,
}


def renewed(path: Path) -> str:
    """Return a page with what is made of the code put anew between its two marks."""
    before, begin, rest = path.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{path.name}: no place for what is made"
    assert end, f"{path.name}: no place for what is made"
    return f"{before}{BEGIN}\n\n{PAGES[path]()}\n\n{END}{after}"
