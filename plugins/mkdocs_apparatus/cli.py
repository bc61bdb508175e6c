"""The command ``apparatus``: check a site without building it, ask its links, explain a rule.

Reads ``mkdocs.yml`` itself, since MkDocs may not be what builds the site.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import markdown
import yaml

from . import __version__, linkreport, links, report
from .addresses import Writing, collect, only
from .client import Client
from .fields import SCHEMAS
from .file import File
from .library import load
from .matter import split_page
from .model import Diagnostic, Severity
from .pages import PATHS
from .rules import RULES
from .site import Page, Settings, Site, autolink_of
from .target import EVERYWHERE

EXIT_CLEAN, EXIT_PROBLEMS, EXIT_USAGE = 0, 1, 2
_FORMATS = {"text": report.text, "json": report.to_json}
_LINK_FORMATS = {
    "text": linkreport.to_text,
    "json": linkreport.to_json,
    "markdown": linkreport.to_markdown,
}
_STATE = Path(".cache/apparatus-links.json")


class UsageError(Exception):
    """The command cannot do what was asked; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 clean, 1 problems, 2 wrong use."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        print(f"apparatus: {error}", file=sys.stderr)
        return EXIT_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="apparatus", description="Sources, terms and claims.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="find what is wrong in pages and sources")
    check.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    check.add_argument("--format", choices=_FORMATS, default="text", help="how to print findings")
    check.set_defaults(run=_check)
    ask = commands.add_parser("links", help="ask whether addresses and quoted words still stand")
    ask.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    ask.add_argument("--format", choices=_LINK_FORMATS, default="text", help="how to print it")
    ask.add_argument(
        "--allow-local", action="store_true", help="ask addresses that are not public, too"
    )
    ask.add_argument(
        "--state", type=Path, help=f"where to remember; {_STATE} beside the site's file"
    )
    ask.add_argument(
        "--max-age", type=int, default=7, metavar="DAYS", help="how long what was well is trusted"
    )
    ask.add_argument(
        "--only-changed", type=Path, metavar="FILE", help="ask the addresses in a file, one a line"
    )
    ask.set_defaults(run=_links)
    schema = commands.add_parser("schema", help="print the JSON Schema of front matter")
    schema.add_argument("kind", choices=SCHEMAS, help="of which kind of file")
    schema.set_defaults(run=_schema)
    explain = commands.add_parser("explain", help="say what a rule is about")
    explain.add_argument("code", help="a code such as C001")
    explain.set_defaults(run=_explain)
    return parser


def _explain(options: argparse.Namespace) -> int:
    code = options.code.upper()
    if code not in RULES:
        raise UsageError(f"no rule '{code}'; there are {', '.join(RULES)}")
    print(report.explain(code), end="")
    return EXIT_CLEAN


def _schema(options: argparse.Namespace) -> int:
    print(json.dumps(SCHEMAS[options.kind], indent=2, ensure_ascii=False))
    return EXIT_CLEAN


def _check(options: argparse.Namespace) -> int:
    found = check_site(options.config)
    print(_FORMATS[options.format](found), end="")
    quiet = all(RULES[one.code].severity is Severity.INFO for one in found)
    return EXIT_CLEAN if quiet else EXIT_PROBLEMS


def _links(options: argparse.Namespace) -> int:
    if options.max_age < 0:
        raise UsageError("--max-age must not be negative")
    folders = read_folders(options.config)
    state = options.state or folders.root / _STATE
    everything = collect(load(folders.sources, folders.root)[0], _writings(folders))
    wanted = everything
    if options.only_changed is not None:
        wanted = only(everything, _read_lines(options.only_changed))
    client = Client(allowed=EVERYWHERE if options.allow_local else ())
    memories = links.recall(state)
    today = datetime.now(UTC).date()
    results = links.check(wanted, client, memories, today, timedelta(days=options.max_age))
    if links.is_offline(results):
        raise UsageError("no host could be found: is there a network?")
    try:
        links.remember(state, memories, results, set(everything), today)
    except OSError as error:
        raise UsageError(f"{state} cannot be written: {error.strerror}") from None
    found = linkreport.make_report(wanted, results)
    print(_LINK_FORMATS[options.format](found), end="")
    return EXIT_CLEAN if found.is_clean else EXIT_PROBLEMS


def _writings(folders: Folders) -> Iterator[Writing]:
    """Yield the texts of a site's pages."""
    for path in sorted(folders.docs.rglob("*.md")):
        file = File.read(path, folders.root, [])
        meta, body, first_line = split_page(file)
        citations = meta.get("citations", True) is not False
        yield Writing(
            f"{folders.name}/{path.relative_to(folders.docs).as_posix()}",
            body,
            first_line,
            citations,
        )


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split()
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a site has what: its folder, pages, sources, and the pages' folder in messages."""

    root: Path
    docs: Path
    sources: Path
    name: str
    config: Mapping[str, Any]
    options: Mapping[str, Any]


def read_folders(config_file: Path) -> Folders:
    """Return where a site has what. Raises UsageError if its file cannot be read."""
    config = read_config(config_file)
    root = config_file.resolve().parent
    docs = root / config.get("docs_dir", "docs")
    plugins = config.get("plugins") or []
    found = (one["apparatus"] for one in plugins if isinstance(one, dict) and "apparatus" in one)
    options = next(found, None) or {}
    name = docs.relative_to(root).as_posix() if docs.is_relative_to(root) else docs.name
    return Folders(root, docs, root / options.get("sources", "sources"), name, config, options)


def check_site(config_file: Path) -> list[Diagnostic]:
    """Return the findings on a whole site. Raises UsageError if its file cannot be read."""
    folders = read_folders(config_file)
    root, docs = folders.root, folders.docs
    settings = Settings(autolink=folders.options.get("autolink", "first"))
    site = Site(folders.sources, root, folders.name, settings)
    names, configs = _extensions(folders.config)

    def convert(text: str) -> str:
        return markdown.Markdown(
            extensions=[*names, site.extension], extension_configs=configs
        ).convert(text)

    paths = [path.relative_to(docs).as_posix() for path in sorted(docs.rglob("*.md"))]
    for path in paths:
        file = File.read(docs / path, root, site.problems)
        meta, body, first_line = split_page(file)
        citations = meta.get("citations", True) is not False
        site.begin(
            Page(
                path,
                body,
                first_line,
                matter=file.text.removesuffix(body),
                citations=citations,
                autolink=autolink_of(meta),
            )
        )
        site.recognise(path, path, convert(body))
    return site.check(convert, [*paths, *PATHS])


def _extensions(config: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Return the Markdown extensions that a site lists, as names and options."""
    names = ["toc", "tables", "fenced_code"]  # what MkDocs always has
    configs: dict[str, Any] = {}
    for entry in config.get("markdown_extensions") or []:
        for name, options in entry.items() if isinstance(entry, dict) else [(entry, None)]:
            names.append(name)
            configs[name] = options or {}
    return list(dict.fromkeys(names)), configs


def read_config(path: Path) -> dict[str, Any]:
    """Return a site's mkdocs.yml.

    ``!ENV`` is resolved as MkDocs does; ``!!python/name`` only inside the packages of the
    Markdown extensions that the file lists, since anybody's pull request may name another.
    Raises UsageError.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    allowed = {"material", "pymdownx", "markdown"}
    loader = type("Loader", (yaml.SafeLoader,), {})

    def python_name(_: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
        module, dot, attribute = (suffix or str(node.value)).rpartition(".")
        if not dot or module.partition(".")[0] not in allowed:
            raise UsageError(
                f"{path}: '{module}.{attribute}' is not loaded: only names from "
                f"{', '.join(sorted(allowed))} are"
            )
        return getattr(importlib.import_module(module), attribute)

    def environment(loader_: yaml.SafeLoader, node: yaml.Node) -> object:
        names = (
            loader_.construct_sequence(node)
            if isinstance(node, yaml.SequenceNode)
            else [loader_.construct_scalar(node)]  # type: ignore[arg-type]
        )
        *variables, default = names if len(names) > 1 else [*names, None]
        return next((os.environ[one] for one in variables if one in os.environ), default)

    loader.add_multi_constructor("tag:yaml.org,2002:python/name:", python_name)  # type: ignore[attr-defined]
    loader.add_constructor("!ENV", environment)  # type: ignore[attr-defined]
    loader.add_constructor("!relative", lambda *_: None)  # type: ignore[attr-defined]
    try:
        config = yaml.load(text, loader)  # noqa: S506 # a SafeLoader with the three tags above
    except yaml.YAMLError as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not isinstance(config, dict):
        raise UsageError(f"{path} holds no settings")
    return config
