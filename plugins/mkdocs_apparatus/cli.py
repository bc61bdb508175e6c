"""The command ``apparatus``: check a site without building it, explain a rule.

Reads ``mkdocs.yml`` itself, since MkDocs may not be what builds the site.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import markdown
import yaml

from . import __version__, report
from .fields import SCHEMAS
from .file import File
from .matter import split_page
from .model import Diagnostic, Severity
from .pages import PATHS
from .rules import RULES
from .site import Page, Settings, Site, autolink_of

EXIT_CLEAN, EXIT_PROBLEMS, EXIT_USAGE = 0, 1, 2
_FORMATS = {"text": report.text, "json": report.to_json}


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


def check_site(config_file: Path) -> list[Diagnostic]:
    """Return the findings on a whole site. Raises UsageError if its file cannot be read."""
    config = read_config(config_file)
    root = config_file.resolve().parent
    docs = root / config.get("docs_dir", "docs")
    plugins = config.get("plugins") or []
    options = (
        next(
            (one["apparatus"] for one in plugins if isinstance(one, dict) and "apparatus" in one),
            None,
        )
        or {}
    )
    name = docs.relative_to(root).as_posix() if docs.is_relative_to(root) else docs.name
    settings = Settings(autolink=options.get("autolink", "first"))
    site = Site(root / options.get("sources", "sources"), root, name, settings)
    names, configs = _extensions(config)

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


def _extensions(config: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
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
