"""The command ``apparatus``: check a site without building it, ask its links, explain a rule.

Reads ``mkdocs.yml`` itself, since MkDocs may not be what builds the site.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

from . import __version__, linkreport, links, report
from .addresses import Writing, collect, only
from .audit import audit, list_pages
from .client import Client
from .config import Config, ConfigError, read_config
from .dates import today
from .fields import SCHEMAS
from .file import File
from .fix import fix
from .folder import bounds, fault_of
from .library import load
from .matter import split_page
from .model import Diagnostic, Severity
from .rules import RULES
from .shard import WHOLE, Share, merge, read_findings, read_share
from .target import EVERYWHERE

EXIT_CLEAN, EXIT_PROBLEMS, EXIT_USAGE = 0, 1, 2
_STATE = Path(".cache/apparatus-links.json")
_WATCHED = 0.5  # seconds between two looks at the files


class UsageError(Exception):
    """The command cannot do what was asked; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 clean, 1 problems, 2 wrong use."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (UsageError, ConfigError) as error:
        print(f"apparatus: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_CLEAN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="apparatus", description="Sources, terms and claims.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="find what is wrong in pages and sources")
    check.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    check.add_argument(
        "--format", choices=report.FORMATS, default="text", help="how to print findings"
    )
    codes = "codes, or beginnings of codes, such as C001,T"
    check.add_argument("--select", default="", metavar="CODES", help=f"only these: {codes}")
    check.add_argument("--ignore", default="", metavar="CODES", help=f"not these: {codes}")
    check.add_argument(
        "--shard", metavar="K/N", help="only the K-th of N shares of the pages; see merge"
    )
    check.add_argument("--fix", action="store_true", help="mend what has one safe answer")
    check.add_argument("--watch", action="store_true", help="check again when a file changes")
    check.set_defaults(run=_check)
    together = commands.add_parser("merge", help="put together what the shares of a check found")
    together.add_argument("files", nargs="+", type=Path, metavar="FILE", help="their JSON, of all")
    together.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    together.add_argument(
        "--format", choices=report.FORMATS, default="text", help="how to print findings"
    )
    together.set_defaults(run=_merge)
    ask = commands.add_parser("links", help="ask whether addresses and quoted words still stand")
    ask.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    ask.add_argument("--format", choices=linkreport.FORMATS, default="text", help="how to print it")
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
    explain.add_argument("code", nargs="?", default="", help="a code such as C001")
    explain.add_argument("--all", action="store_true", help="all rules, as a page of Markdown")
    explain.set_defaults(run=_explain)
    return parser


def _explain(options: argparse.Namespace) -> int:
    code = options.code.upper()
    if options.all:
        print(report.explain_all(), end="")
        return EXIT_CLEAN
    if code not in RULES:
        raise UsageError(f"no rule '{code}'; there are {', '.join(RULES)}")
    print(report.explain(code), end="")
    return EXIT_CLEAN


def _schema(options: argparse.Namespace) -> int:
    print(json.dumps(SCHEMAS[options.kind], indent=2, ensure_ascii=False))
    return EXIT_CLEAN


def _links(options: argparse.Namespace) -> int:
    if options.max_age < 0:
        raise UsageError("--max-age must not be negative")
    config = read_config(options.config)
    state = options.state or config.root / _STATE
    everything = collect(load(config.sources, config.root)[0], _writings(config))
    wanted = everything
    if options.only_changed is not None:
        wanted = only(everything, _read_lines(options.only_changed))
    client = Client(allowed=EVERYWHERE if options.allow_local else ())
    memories = links.recall(state)
    day = today()
    results = links.check(wanted, client, memories, day, timedelta(days=options.max_age))
    if links.is_offline(results):
        raise UsageError("no host could be found: is there a network?")
    try:
        links.remember(state, memories, results, set(everything), day)
    except OSError as error:
        raise UsageError(f"{state} cannot be written: {error.strerror}") from None
    found = linkreport.make_report(wanted, results)
    print(linkreport.FORMATS[options.format](found), end="")
    return EXIT_CLEAN if found.is_clean else EXIT_PROBLEMS


def _writings(config: Config) -> Iterator[Writing]:
    """Yield the texts of a site's pages."""
    for path in (one.path for one in list_pages(config) if not one.fault):
        file = File.read(path, config.root, [])
        meta, body, first_line = split_page(file)
        citations = meta.get("citations", True) is not False
        yield Writing(
            f"{config.name}/{path.relative_to(config.docs).as_posix()}",
            body,
            first_line,
            citations,
        )


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split()
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None


def _check(options: argparse.Namespace) -> int:
    status = _check_once(options)
    while options.watch:
        before = _stamps(read_config(options.config))
        while _stamps(read_config(options.config)) == before:
            time.sleep(_WATCHED)
        print(flush=True)
        status = _check_once(options)
    return status


def _check_once(options: argparse.Namespace) -> int:
    wanted = _chosen(options.select, options.ignore)
    share = _share(options) if options.shard else WHOLE
    config = read_config(options.config)
    found = _findings(config, wanted, share)
    if options.fix:
        done = _fix(config, found)
        print("".join(f"{one}\n" for one in done), end="", file=sys.stderr)
        found = _findings(config, wanted) if done else found
    for note in config.notes:
        print(f"apparatus: {options.config}: {note}", file=sys.stderr)
    return _print(found, options.format, config.root)


def _share(options: argparse.Namespace) -> Share:
    """Return the share of the pages that is asked for. Raises UsageError."""
    if options.format != "json" or options.fix or options.watch:
        raise UsageError("--shard goes with --format json alone: 'apparatus merge' reads it")
    try:
        return read_share(options.shard)
    except ValueError as error:
        raise UsageError(f"--shard: {error}") from None


def _merge(options: argparse.Namespace) -> int:
    found = []
    for path in options.files:
        try:
            found.append(read_findings(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from None
    return _print(merge(found), options.format, options.config.resolve().parent)


def _print(found: Sequence[Diagnostic], form: str, root: Path) -> int:
    """Print findings, and return the exit status that they mean."""
    on_terminal = form == "text" and sys.stdout.isatty()
    write = report.coloured if on_terminal else report.FORMATS[form]

    @cache
    def lines(path: str) -> list[str]:
        shown = root / path
        refused = not shown.exists() or fault_of(shown, bounds(shown, root))
        return [] if refused else File.read(shown, root, []).text.split("\n")

    print(write(found, lines), end="", flush=True)
    quiet = all(RULES[one.code].severity is Severity.INFO for one in found)
    return EXIT_CLEAN if quiet else EXIT_PROBLEMS


def check_site(config_file: Path) -> list[Diagnostic]:
    """Return the findings on a whole site. Raises ConfigError if its file cannot be used."""
    return _findings(read_config(config_file), lambda _: True)


def _findings(
    config: Config, wanted: Callable[[str], bool], share: Share = WHOLE
) -> list[Diagnostic]:
    return [one for one in audit(config, today(), _progress, share) if wanted(one.code)]


def _progress(done: int, total: int) -> None:
    """Say on a terminal how far a long run has come."""
    if sys.stderr.isatty() and total > 100 and (done % 20 == 0 or done == total):
        end = "\r" if done < total else "\r\x1b[K"
        print(f"{done} of {total} pages", end=end, file=sys.stderr, flush=True)


def _chosen(select: str, ignore: str) -> Callable[[str], bool]:
    """Return whether a code is asked for. Raises UsageError for the beginning of none."""
    chosen, left = (
        tuple(one.strip().upper() for one in text.split(",") if one.strip())
        for text in (select, ignore)
    )
    for beginning in (*chosen, *left):
        if not any(code.startswith(beginning) for code in RULES):
            raise UsageError(f"no rule begins with '{beginning}'")
    return lambda code: code.startswith(chosen or "") and not (left and code.startswith(left))


def _fix(config: Config, found: Sequence[Diagnostic]) -> list[str]:
    library, _ = load(config.sources, config.root)
    known = {"C001": {key: key for key in library.sources}, "T001": library.names}
    return fix(found, known, config.root, (config.docs, config.sources))


def _stamps(config: Config) -> list[tuple[str, int]]:
    """Return what changes when a file of the site does."""
    return [
        (str(path), path.lstat().st_mtime_ns)
        for folder in (config.docs, config.sources)
        for path in sorted(folder.rglob("*"))
    ]
