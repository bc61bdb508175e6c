"""The plugin's pages of reference, made from the code: options, commands, front matter, records.

mkdocstrings would bring four more packages and a second set of cross-references into the build of
this site, for some twenty names; docstrings here are plain sentences, so ``inspect`` is enough.
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

from examples import FOLDER, MADE
from mkdocs_apparatus import plugin, report
from mkdocs_apparatus.bib import TYPES
from mkdocs_apparatus.cli import _parser
from mkdocs_apparatus.fields import ARTICLE, CLAIM, PAGE, TERM, VERDICTS
from mkdocs_apparatus.matter import Field
from sites import ROOT

sys.path.append(str(ROOT))  # bench/ is not installed
run = importlib.import_module("bench.run")
SIZES = importlib.import_module("bench.content").SIZES

__all__ = ["COMMANDS", "PAGES", "VERDICTS"]


def page(title: str, *parts: str) -> str:
    head = f"---\ntitle: {title}\ncitations: off\nautolink: off\n---\n\n{MADE}\n\n# {title}"
    return "\n\n".join((head, *parts)) + "\n"


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
    "review_after": "[How to keep pages in date](../how-to/claims.md#pages-that-must-be-read-again).",
    "language": "[How to write in another language](../how-to/language.md).",
    "csp": "[How to forbid what is from elsewhere](../how-to/csp.md).",
}
OPTIONS_HEAD = """\
They stand in `mkdocs.yml`, under the plugin's name. All may be left out. MkDocs stops at a name \
that is none, and at a value of the wrong kind; `apparatus check` reads the same file."""
OPTIONS_FOOT = """\
## Other settings that count

| setting of MkDocs | what the plugin takes from it |
| --- | --- |
| `docs_dir` | where pages are |
| `site_name`, `site_author`, `site_url` | what “Cite this page” and reference managers are told |
| `theme.language` or `theme.locale` | the language of fixed words, if the plugin's own is not set |
| `markdown_extensions` | how `apparatus check` reads pages |
| `extra.licence` | an address: the licence that search engines are told |
| `watch: [sources]` | not read by the plugin; makes `mkdocs serve` see edits of sources |"""


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
        f"## {name}\n\nWithout it: `{json.dumps(defaults[name])}`. {code(text)}\n\n{OPTIONS[name]}"
        for name, text in told.items()
    ]
    return page(
        "Options",
        OPTIONS_HEAD,
        f"All of them, as they are if nothing is set:\n\n```yaml\nplugins:\n  - apparatus:\n{shown}\n```",
        *parts,
        OPTIONS_FOOT,
    )


COMMANDS_HEAD = """\
The command `apparatus` comes with the plugin. It reads `mkdocs.yml` by itself and needs no build \
before it; `mkdocs.yml` is looked for in the folder in which it is run.

It ends with 0 if all is well, with 1 if there is an error or a warning, and with 2 if it was \
called wrongly or could not begin. Findings go to the output, all else to the error output."""


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
    return page(
        "Commands",
        COMMANDS_HEAD,
        *parts,
        f"## Formats of findings\n\n{formats}",
        "## The version\n\n`apparatus --version` prints it.",
    )


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


FRONT_HEAD = """\
The lines between two lines `---` at the head of a file. Each kind of file has its fields; what is \
misspelt, missing or of the wrong kind is reported with its line. `apparatus schema page` prints the \
same as a JSON Schema, for [editors](../editor.md); so do `apparatus schema term`, \
`apparatus schema claim` and `apparatus schema article`."""
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
    return page("Front matter", FRONT_HEAD, *parts)


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
API_HEAD = """\
The parts of the plugin that serve without a site: reading `sources/`, reading citations in a text, \
writing exports, checking. All records are frozen; nothing is kept between two calls. \
[What of it is promised](../promises.md).

In `sources/library.bib`:

```bibtex
@online{examplenews2025bridge,
  title = {The bridge is open},
  organization = {Example News},
  date = {2025-04-08},
  url = {https://news.example.org/bridge}
}
```

The folder is read, a citation is found, and the source is written as BibTeX:

```python
from pathlib import Path

from mkdocs_apparatus.export import to_bibtex
from mkdocs_apparatus.library import load
from mkdocs_apparatus.syntax import find_groups

library, problems = load(Path("sources"), Path("."))
assert not problems

[group] = find_groups("It is open [@examplenews2025bridge, p. 3].")
[citation] = group.citations
source = library.sources[citation.key]
assert source.title == "The bridge is open"
assert to_bibtex([source]).startswith("@online{examplenews2025bridge,")
```"""


def python() -> str:
    parts = []
    for module_name, names in API.items():
        module = importlib.import_module(f"mkdocs_apparatus.{module_name}")
        told = [f"## mkdocs_apparatus.{module_name}"]
        told += [_name(module, name) for name in names]
        parts.append("\n\n".join(told))
    return page("Python", API_HEAD, *parts)


def _name(module: object, name: str) -> str:
    thing = getattr(module, name)
    if inspect.isfunction(thing):
        names = ", ".join(_parameter(one) for one in inspect.signature(thing).parameters.values())
        back = _type(inspect.signature(thing).return_annotation)
        return f"### {name}\n\n`{name}({names}) -> {back}`\n\n{_told(thing)}"
    if not isinstance(thing, type):
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


SOURCES_HEAD = """\
The folder `sources`, or the one that the option [`sources`](options.md#sources) names. Every part \
of it may be missing.

| where | what | more |
| --- | --- | --- |
| `*.bib` | sources: BibTeX or BibLaTeX, in as many files as you like | below |
| `glossary/*.md` | terms, one a file; its name is the term's address | [front matter](front-matter.md#a-term) |
| `claims/*.md` | claims, one a file; `0302-name.md` is the second of paragraph 3 | [front matter](front-matter.md#a-claim) |
| `article.md` | what the article says, paragraph by paragraph | [front matter](front-matter.md#the-article) |
| `data/*.csv` | the numbers of figures, each row with its source | [figures](../how-to/figures.md) |
| `figures/*.json` | how to draw them | [figures](../how-to/figures.md) |

Files are UTF-8. A symbolic link that leads out of the folder is left aside.

## Keys

A key is what stands behind `@`: letters and digits of any script, and within it `_`, `:`, `.`, `-`, \
`/` and other signs of Pandoc's. A key with odder signs is cited in braces: `@{https://a.example/b}`. \
Two keys that differ in case alone are an error, [S002](rules.md#S002).

## Fields of a source

All fields of BibTeX and BibLaTeX are kept for exports. These are shown, or do something. Where \
several stand, the first that is there counts.

| field | what it is |
| --- | --- |
| `title`, `subtitle`, `titleaddon` | the title, in its own language |
| `titletranslation` | the title in the language of your site, shown in brackets |
| `author`, `editor` | `Family, Given and Family, Given`; an organisation in braces: `{{Example Office}}` |
| `journaltitle`, `journal`, `booktitle`, `maintitle` | what it is a part of |
| `organization`, `institution`, `school`, `publisher`, `holder`, `howpublished` | who published it |
| `location`, `address` | where |
| `date`, or `year`, `month`, `day` | `2025-04-08`, `2025-04`, `2025`; ranges and `2025~` too |
| `volume`, `number`, `issue`, `series`, `edition`, `pages` | as in a list of references |
| `url`, `doi`, `eprint`, `isbn`, `issn` | how to find it; only `http` and `https` become links |
| `urldate` | the day on which you saw it |
| `archiveurl` | an archived copy; without it, the Internet Archive's nearest to `urldate` |
| `langid`, `language` | its language: `german` or `de` |
| `keywords` | `primary`, `news`, `analysis` or `reference` first; `copy` for an official text seen elsewhere |
| `crossref`, `xdata` | take over fields of another entry |
| `related` | keys of other sources |
| `pubstate` | `forthcoming`, `inpress` and so on |
| `note` | any other words |

A missing author or date is no error. A missing title is, and so is a source that nobody could find: \
[S003](rules.md#S003). LaTeX's accents and commands become plain letters."""


def sources() -> str:
    known = ", ".join(f"`{one}`" for one in sorted(TYPES))
    types = (
        f"## Types\n\n{known}. Another type is read as `misc`, with a note: [S009](rules.md#S009)."
    )
    return page("The folder of sources", SOURCES_HEAD, types)


BEGIN, END = "<!-- table: written by tests/reference.py -->", "<!-- end of table -->"


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


def with_times(path: Path) -> Callable[[], str]:
    """Return what makes a page with the table of times in its place anew."""

    def renewed() -> str:
        before, _, rest = path.read_text("utf-8").partition(f"{BEGIN}\n")
        after = rest.partition(END)[2]
        return f"{before}{BEGIN}\n\n{times()}\n\n{END}{after}"

    return renewed


MEASURED = (FOLDER / "explanation" / "measured.md", FOLDER / "compared.md")
PAGES: Mapping[Path, Callable[[], str]] = {
    FOLDER / "reference" / "options.md": options,
    FOLDER / "reference" / "commands.md": commands,
    FOLDER / "reference" / "front-matter.md": front_matter,
    FOLDER / "reference" / "python.md": python,
    FOLDER / "reference" / "sources.md": sources,
} | {path: with_times(path) for path in MEASURED}
