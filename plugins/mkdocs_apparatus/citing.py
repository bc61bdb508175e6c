"""What a site does with mkdocs-bibtex, done with ours.

In come its options and the pages; out come the options nearest to them, the pages, and a plan of
where the sources go. Citations themselves stay as they are: both plugins read Pandoc's syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .changes import MigrateError, Plan
from .config import Config
from .definitions import prose
from .matter import quoted
from .model import CitationGroup, Mode
from .syntax import scan

_KEY = re.compile(r"^[ \t]*@\w+\s*[{(]\s*([^\s,{}()]+)\s*,", re.MULTILINE)
_LISTINGS = {"bib_command": "\\bibliography", "full_bib_command": "\\full_bibliography"}
_PLAIN = re.compile(r"[\w./-]+")
_MATTER = re.compile(r"---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_WEB = ("http://", "https://")


def convert(
    options: Mapping[str, Any], config: Config, texts: dict[str, str], made: Plan
) -> dict[str, str]:
    """Plan what mkdocs-bibtex did; return the options of ours that are nearest to its."""
    keys = _move_sources(options, config, texts, made)
    ours: dict[str, str] = {}
    style = str(options.get("csl_file") or "")
    if style.startswith(_WEB):
        made.left.append(
            f"csl_file: {style} is not fetched; save it, and name it in the option 'style'"
        )
    elif style:
        ours["style"] = style if _PLAIN.fullmatch(style) else quoted(style)
        made.changed.append(
            f"{style} formats citations in the text, too, and needs pandoc: "
            "pip install 'mkdocs-apparatus[csl]'"
        )
    if options.get("cite_inline"):
        made.changed.append("cite_inline: the style says whether citations are numbers or names")
    if "footnote_format" in options:
        made.changed.append("footnote_format: numbers are given in the order of reading")
    if "csl_file_encoding" in options:
        made.left.append("csl_file_encoding: a style is read as UTF-8")
    if options.get("bib_by_default", True) is False:
        made.changed.append(
            "bib_by_default: a page that cites ends with its references; "
            "'references: off' in its front matter leaves them out"
        )
    for name, ours_is in _LISTINGS.items():
        theirs = str(options.get(name) or ours_is)
        for path, text in texts.items():
            texts[path] = _listed(text, theirs, ours_is, f"{config.name}/{path}", made)
    narrative = options.get("enable_inline_citations", True) is not False
    for path, text in texts.items():
        groups = list(_narrative(text, keys))
        if not narrative:
            for start in reversed(groups):
                texts[path] = f"{texts[path][:start]}\\{texts[path][start:]}"
        elif groups:
            line = text.count("\n", 0, groups[0]) + 1
            made.changed.append(
                f"{config.name}/{path}:{line}: @{_word(text, groups[0])} in a sentence is the "
                "author and a number; it was the whole reference"
            )
    return ours


def _word(text: str, at: int) -> str:
    found = re.match(r"@([\w:.-]*\w)", text[at:])
    return found[1] if found else ""


def _narrative(text: str, keys: set[str]) -> Iterator[int]:
    """Yield where known keys are cited without brackets."""
    matter = _MATTER.match(text)
    body = matter.end() if matter else 0
    for found in scan(prose(text)):
        if isinstance(found.token, CitationGroup) and found.start >= body:
            first = found.token.citations[0]
            if first.mode is Mode.AUTHOR_IN_TEXT and first.key in keys:
                yield found.start


def inside(path: Path, root: Path) -> str:
    """Return a path as it is seen from the site's folder. Raises MigrateError."""
    try:
        return path.resolve().relative_to(root).as_posix()
    except ValueError:
        raise MigrateError(f"{path} is not in the folder of the site") from None


def _move_sources(
    options: Mapping[str, Any], config: Config, texts: Mapping[str, str], made: Plan
) -> set[str]:
    """Plan where .bib files go; return the keys in them."""
    file, folder = options.get("bib_file"), options.get("bib_dir")
    if str(file or "").startswith(_WEB):
        raise MigrateError(
            f"bib_file is {file}, which is not fetched: save it beside mkdocs.yml, name that file "
            "in bib_file, and try again"
        )
    base = config.root / str(folder)
    if not file and folder and not base.is_dir():
        raise MigrateError(f"bib_dir: there is no folder {folder}")
    listed = sorted(base.rglob("*.bib")) if folder and not file else []
    sources = inside(config.sources, config.root)
    keys: set[str] = set()
    for path in [config.root / str(file)] if file else listed:
        if not path.is_file():
            raise MigrateError(f"bib_file: there is no file {file}")
        data = path.read_bytes()
        keys |= set(_KEY.findall(data.decode("utf-8", "replace")))
        if path.resolve().parent == config.sources.resolve() and path.suffix == ".bib":
            continue
        parts = (f"{path.stem}.bib",) if file else path.relative_to(base).parts
        made.create(f"{sources}/{'-'.join(parts)}", data)
        users = [page for page, text in texts.items() if path.name in text]
        if not path.resolve().is_relative_to(config.root):
            made.changed.append(f"{path.name} is copied: changes of the old file change nothing")
        elif users:
            made.left.append(
                f"{inside(path, config.root)} stays, beside its copy: "
                f"{config.name}/{users[0]} names it"
            )
        else:
            made.put(inside(path, config.root), None)
    return keys


def _listed(text: str, theirs: str, ours: str, path: str, made: Plan) -> str:
    """Return a page with our command for a list of references."""
    lines, seen = text.split("\n"), prose(text).split("\n")
    above = ""
    for at, line in enumerate(seen, 1):
        if line.strip() == theirs:
            lines[at - 1] = lines[at - 1].replace(theirs, ours)
            if above.startswith("##"):  # a single one is the title of the page
                made.left.append(
                    f"{path}:{at}: the list brings a heading of its own; take away "
                    f"'{above.strip()}' if it says the same"
                )
        elif theirs in line:
            made.left.append(f"{path}:{at}: {theirs} must stand alone in a paragraph")
        above = line if line.strip() else above
    return "\n".join(lines)
