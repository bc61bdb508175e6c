"""The command ``apparatus``: check a site without building it, ask its links, explain a rule.

Reads ``mkdocs.yml`` itself, since MkDocs may not be what builds the site.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from . import __version__, linkreport, links, report
from .add import Wish
from .add import plan as make_plan
from .addresses import Writing, collect, only
from .audit import audit, list_pages
from .bib import KINDS
from .built import check_built
from .changes import MigrateError
from .changes import report as migration
from .client import Client
from .config import Config, ConfigError, read_config
from .dates import today
from .fields import SCHEMAS
from .file import File
from .fix import fix
from .folder import bounds, fault_of
from .imports import plan_import
from .init import InitError, answer, init, questions, require_empty
from .library import load
from .lookup import NothingError, Web, WishError
from .matter import split_page
from .migrate import plan as plan_migration
from .model import Diagnostic, Severity
from .prepare import OutsideError, prepare
from .rules import RULES
from .shard import WHOLE, Share, merge, read_findings, read_share
from .shelf import ShelfError
from .shelf import write as write_file
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
    check.add_argument(
        "--built",
        type=Path,
        metavar="DIR",
        help="a built site, too: is a citation left as it was typed?",
    )
    check.add_argument("--fix", action="store_true", help="mend what has one safe answer")
    check.add_argument("--watch", action="store_true", help="check again when a file changes")
    check.set_defaults(run=_check)
    write = commands.add_parser("pages", help="write what Zensical needs before it builds")
    write.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    write.set_defaults(run=_pages)
    new = commands.add_parser("init", help="make a site that works, with an example to replace")
    new.add_argument("folder", type=Path, metavar="DIR", help="a new or an empty folder")
    for one in questions():
        new.add_argument(f"--{one.name.replace('_', '-')}", metavar="TEXT", help=one.text)
    new.add_argument("--yes", action="store_true", help="ask nothing; take what is usual")
    new.set_defaults(run=_init)
    move = commands.add_parser(
        "migrate", help="come from mkdocs-bibtex, ezglossary or abbreviations"
    )
    move.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    move.add_argument("--write", action="store_true", help="do it; without, it is only shown")
    move.set_defaults(run=_migrate)
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
    _add_writers(commands)
    schema = commands.add_parser("schema", help="print the JSON Schema of front matter")
    schema.add_argument("kind", choices=SCHEMAS, help="of which kind of file")
    schema.set_defaults(run=_schema)
    server = commands.add_parser("lsp", help="serve an editor: complete, explain, rename, check")
    server.add_argument("--config", type=Path, help="the site's file; else the editor's folder's")
    server.set_defaults(run=_lsp)
    explain = commands.add_parser("explain", help="say what a rule is about")
    explain.add_argument("code", nargs="?", default="", help="a code such as C001")
    explain.add_argument("--all", action="store_true", help="all rules, as a page of Markdown")
    explain.set_defaults(run=_explain)
    return parser


def _add_writers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that write into sources/."""
    new = commands.add_parser("add", help="write an entry for a page, a DOI, an ISBN or a file")
    new.add_argument("what", metavar="WHAT", help="https://…, 10.1000/…, 978…, arXiv:…, page.html")
    new.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    new.add_argument("--file", default="", metavar="NAME.bib", help="the file in sources/")
    new.add_argument("--key", default="", help="the key, if not outlet, year and a word")
    new.add_argument("--kind", default="", metavar="KIND", help=f"what it is: {', '.join(KINDS)}")
    new.add_argument("--title", default="", help="the title, if none or a wrong one is found")
    new.add_argument("--url", default="", metavar="ADDRESS", help="that of a page saved in a file")
    new.add_argument("--print", action="store_true", help="print the entry, and write nothing")
    new.add_argument("--yes", action="store_true", help="renew an entry that is there already")
    new.add_argument("--allow-local", action="store_true", help="ask what is not public, too")
    new.set_defaults(run=_add)
    take = commands.add_parser("import", help="take over what a reference manager exported")
    take.add_argument("export", type=Path, metavar="FILE", help="BibTeX, BibLaTeX, CSL-JSON, RIS")
    take.add_argument("--config", type=Path, default=Path("mkdocs.yml"), help="the site's file")
    take.add_argument("--file", default="", metavar="NAME.bib", help="the file in sources/")
    take.add_argument("--print", action="store_true", help="print the entries, and write nothing")
    take.set_defaults(run=_import)


def _init(options: argparse.Namespace) -> int:
    asks = sys.stdin.isatty() and not options.yes
    try:
        require_empty(options.folder)
        answers = answer(vars(options), input if asks else None)
        files = init(options.folder, answers)
    except InitError as error:
        raise UsageError(str(error)) from None
    print(f"{len(files)} files are in {options.folder}. Go on with:\n")
    print(f"  cd {shlex.quote(str(options.folder))}\n  mkdocs serve")
    return EXIT_CLEAN


def _migrate(options: argparse.Namespace) -> int:
    try:
        plan = plan_migration(options.config)
        print(migration(plan), end="")
        if options.write:
            plan.write()
        elif not plan.is_empty:
            print("\nNothing is written yet: add --write")
    except MigrateError as error:
        raise UsageError(str(error)) from None
    return EXIT_CLEAN


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


def _add(options: argparse.Namespace) -> int:
    config = read_config(options.config)
    client = Client(allowed=EVERYWHERE if options.allow_local else ())
    web = Web(lambda address, accept: replace(client, accept=accept).ask(address, body=True))
    names = ("what", "key", "file", "kind", "url", "title")
    wish = Wish(**{name: getattr(options, name) for name in names}, language=config.language)
    library, _ = load(config.sources, config.root)
    try:
        plan = make_plan(wish, web, library, config.sources, today())
        print("\n".join(plan.report), file=sys.stderr)
        if options.print:
            print(plan.entry)
        elif plan.renews and not plan.changes:
            print(f"'{plan.key}' is there already, as it would be now: [@{plan.key}]")
        else:
            if plan.renews:
                told = f"'{plan.key}' is in {plan.name} already; this would change it:"
                _ask("\n".join((told, *plan.changes)), options.yes)
            write_file(plan.path, plan.text)
            done = "renewed in" if plan.renews else "added to"
            print(f"{plan.entry}\n{done} {plan.name}; cite it as [@{plan.key}]")
    except WishError as error:
        raise UsageError(str(error)) from None
    except (NothingError, ShelfError) as error:
        print(f"apparatus: {error}", file=sys.stderr)
        return EXIT_PROBLEMS
    print("".join(f"left to you: {one}\n" for one in plan.advice), end="", file=sys.stderr)
    return EXIT_CLEAN


def _import(options: argparse.Namespace) -> int:
    config = read_config(options.config)
    library, _ = load(config.sources, config.root)
    try:
        found = plan_import(
            options.export, options.file, library, config.sources, today().isoformat()
        )
        if options.print:
            print("\n\n".join(found.entries))
        elif found.added:
            write_file(found.path, found.text)
    except (WishError, ShelfError) as error:
        raise UsageError(str(error)) from None
    print(found.summary, end="", file=sys.stderr if options.print else sys.stdout)
    return EXIT_PROBLEMS if found.clashes else EXIT_CLEAN


def _ask(question: str, yes: bool) -> None:
    """Ask on a terminal, unless the answer is given. Raises UsageError for any but yes."""
    print(question, file=sys.stderr, flush=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nothing was written; --yes says that it may be")
    print("Do it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was written")


def _lsp(options: argparse.Namespace) -> int:
    try:
        from .lsp import serve  # noqa: PLC0415 # the extra may be missing
    except ModuleNotFoundError as error:
        message = f"no {error.name}: pip install 'mkdocs-apparatus[lsp]' brings what lsp needs"
        raise UsageError(message) from None
    return serve(options.config)


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
    if options.built is not None:
        if not options.built.is_dir():
            raise UsageError(f"--built: there is no folder '{options.built}'")
        library, _ = load(config.sources, config.root)
        left = check_built(options.built.resolve(), config.root, library)
        found += [one for one in left if wanted(one.code)]
    for note in config.notes:
        print(f"apparatus: {options.config}: {note}", file=sys.stderr)
    return _print(found, options.format, config.root)


def _pages(options: argparse.Namespace) -> int:
    config = read_config(options.config)
    try:
        written = prepare(config)
    except OutsideError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}") from None
    for note in config.notes:
        print(f"apparatus: {options.config}: {note}", file=sys.stderr)
    pages = [path for path in written if path.endswith(".md")]
    print(f"{len(written)} files, new pages: {', '.join(pages) or 'none'}")
    return EXIT_CLEAN


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
