"""The plugin's pages say what is so: their examples are built, their commands run.

How a page marks its examples is said in ``examples.py``. What stands between the
marks of ``reference.py`` is made from the code; renew it with

    REWRITE=1 .venv/bin/pytest tests/test_docs.py
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from selectolax.lexbor import LexborHTMLParser

import reference
from examples import FOLDER, PAGES, Block, blocks, commands, matches
from mkdocs_apparatus.cli import _parser, main
from mkdocs_apparatus.config import read_config
from sites import ROOT, convert, write

BIN = ROOT / ".venv" / "bin"
TUTORIAL = FOLDER / "tutorial.md"
WITH_EXAMPLES = [path for path in PAGES if blocks(path) and path.name != "rules.md"]
UNRUN = ("pip install ", "python3 -m venv ", ". .venv/", "mkdir ", "mkdocs serve", "cd ")


def name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", reference.PAGES, ids=name)
def test_what_is_made_from_the_code_is_as_the_code_says(path: Path) -> None:
    page = reference.renewed(path)
    if os.environ.get("REWRITE"):
        path.write_text(page, "utf-8")
    assert path.read_text("utf-8") == page, "renew it: see the head of test_docs.py"


def test_what_says_that_it_is_made_is_made() -> None:
    marked = {path for path in PAGES if reference.BEGIN in path.read_text("utf-8")}
    assert marked == reference.PAGES.keys()


class Reader:
    """Somebody who follows a page from top to bottom in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last = ""

    def write(self, block: Block) -> None:
        write(self.folder, {block.file: block.text})
        if block.file.startswith("docs/") and block.file.endswith(".md"):
            self.last = block.file

    def html(self) -> str:
        """Return the page written last, as the core makes it, front matter taken away."""
        options = read_config(self.folder / "mkdocs.yml").options
        settings = {key: str(options[key]) for key in ("style", "language") if options.get(key)}
        text = (self.folder / self.last).read_text("utf-8")
        body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
        settings |= {"autolink": str(options["autolink"])} if options.get("autolink") else {}
        return convert(self.folder, body, **settings)[0]

    def follow(self, block: Block, capsys: pytest.CaptureFixture[str]) -> None:
        if block.file:
            self.write(block)
        if block.lead.endswith("Readers see:"):
            text = LexborHTMLParser(self.html()).body
            assert text is not None
            seen = " ".join(text.text().split())
            assert " ".join(block.text.split()) in seen, f"{block}: readers see {seen}"
        elif block.lead.lower().endswith("the html is:"):
            assert " ".join(block.text.split()) in " ".join(self.html().split()), str(block)
        elif block.language == "console":
            for command, expected in re.findall(
                r"^\$ ([^\n]*)\n((?:[^$][^\n]*\n|\n)*)", block.text, re.MULTILINE
            ):
                self.run(command, expected, block, capsys)
        elif block.language == "yaml" and re.search(r"^(plugins|theme):", block.text, re.MULTILINE):
            self.load(block.text)
        elif block.language == "python":
            with contextlib.chdir(self.folder):
                exec(compile(block.text, str(block), "exec"), {"__name__": "__example__"})  # noqa: S102
        elif block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "lua":  # an editor's own
            assert "'apparatus', 'lsp'" in block.text
        elif not block.file:
            assert block.language == "sh" or block.lead.lower().endswith("in short:"), (
                f"{block}: nothing checks this block"
            )

    def run(
        self, command: str, expected: str, block: Block, capsys: pytest.CaptureFixture[str]
    ) -> None:
        if command.startswith(UNRUN):
            assert not expected.strip("…\n"), f"{block}: nobody ran '{command}'"
            return
        command, _, target = command.partition(" > ")
        program, *arguments = shlex.split(command)
        if program == "apparatus":
            capsys.readouterr()
            with contextlib.chdir(self.folder):
                main(arguments)
            shown = capsys.readouterr()
            printed = shown.err + shown.out
        else:
            done = subprocess.run(
                [str(BIN / program) if (BIN / program).exists() else program, *arguments],
                cwd=self.folder,
                env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            printed = done.stderr + done.stdout
        if target:
            write(self.folder, {target: printed})
            printed = ""
        assert matches(expected, printed), f"{block}: '{command}' printed\n{printed}"

    def load(self, text: str) -> None:
        """Have MkDocs take settings, whole or a part of them."""
        path = self.folder / "tried.yml"
        whole = "" if "site_name:" in text else "site_name: Tried\n"
        whole += "" if "theme:" in text else "theme: material\n"
        path.write_text(whole + text, "utf-8")
        for folder in ("docs", "sources", "overrides"):
            (self.folder / folder).mkdir(exist_ok=True)
        loaded = load_config(str(path), strict=True)
        assert loaded.site_name
        read_config(path)
        path.unlink()


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name)
def test_the_examples_of_a_page_are_so(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = Reader(tmp_path)
    if path != TUTORIAL:
        for block in blocks(TUTORIAL):
            if block.file:
                reader.write(block)
    for block in blocks(path):
        reader.follow(block, capsys)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_each_command_on_a_page_exists(path: Path) -> None:
    for command in commands(path):
        arguments = re.split(r"\s(?:[|]{1,2}|>|2>|&&|;)", command, maxsplit=1)[0]
        words = shlex.split(arguments.replace("…", ""))[1:]
        if words in ([], ["--version"], *([one] for one in reference.COMMANDS)):
            continue
        try:
            _parser().parse_args(words)
        except SystemExit:
            pytest.fail(f"{name(path)}: no such command: {command}")


def test_extras_that_pages_name_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    known = set(extras["project"]["optional-dependencies"])
    named = {
        one
        for path in PAGES
        for found in re.findall(r"mkdocs-apparatus\\?\[(\w+)\\?\]", path.read_text("utf-8"))
        for one in found.split(",")
    }
    assert named == known


ROW = re.compile(r"^\| (`+) ?(.+?) ?\1 \| (.+?) \| .*\|$", re.MULTILINE)


def test_each_form_becomes_what_the_page_of_syntax_says(tmp_path: Path) -> None:
    page = (FOLDER / "reference" / "syntax.md").read_text("utf-8")
    rows = ROW.findall(page)
    assert len(rows) >= 30
    for block in blocks(FOLDER / "reference" / "syntax.md"):
        if block.file:
            write(tmp_path, {block.file: block.text})
    for _, typed, seen in rows:
        html, _ = convert(tmp_path, typed.replace("\\|", "|"))
        first = LexborHTMLParser(html).css_first("p, h2, table")
        text = " ".join(first.text().split()) if first else ""
        assert text == seen.strip("`").replace("\\|", "|"), typed


def test_classes_and_roles_are_all_told() -> None:
    page = (FOLDER / "reference" / "html.md").read_text("utf-8")
    package = ROOT / "plugins" / "mkdocs_apparatus"
    code = "\n".join(
        path.read_text("utf-8")
        for path in (
            *package.glob("*.py"),
            *(package / "assets").glob("*.[cj]s*"),
            *(ROOT / "tests" / "cases").glob("*.yml"),
        )
    )
    named = r"(?<![\w-])ap-[a-z]+(?:-[a-z]+)*(?![\w-])|--ap-[a-z]+(?:-[a-z]+)*"
    told = set(re.findall(named, page))
    there = {one for one in re.findall(named, code) if f"data-{one}" not in code}
    assert there - told == set(), "in the code, not on the page"
    roles = set(re.findall(r'role="([a-z-]+)"', code))
    assert {one for one in roles if f"`{one}`" not in page} == set()
    attributes = set(re.findall(r"data-ap-[a-z-]+", code))
    assert attributes <= set(re.findall(r"data-ap-[a-z-]+", page))
    verdicts = {f"ap-verdict-{one}" for one in (*reference.VERDICTS, "none")}
    assert {one for one in told if one not in code} <= verdicts, "on the page, not in the code"


def test_front_matter_turns_off_what_examples_would_be_read_as() -> None:
    for path in PAGES:
        if path.name == "index.md":
            continue
        head = yaml.safe_load(path.read_text("utf-8").split("---\n")[1])
        assert head["citations"] is False, name(path)
        assert head["autolink"] is False, name(path)


def test_a_mismatch_is_seen() -> None:
    assert matches("a … c\n…\nz\n", "a b c\n1\n2\nz\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("a … c\nz\n", "a b d\nz\n")


@pytest.mark.parametrize(
    ("language", "lead", "text"),
    [
        ("text", "Readers see:", "It opened in May [1]."),
        ("html", "The HTML is:", "<p>It opened"),
        ("console", "", "$ apparatus explain C001\nC001\n"),
        ("console", "", "$ apparatus check --no-such\n"),
        ("yaml", "", "plugins: [{apparatus: {stile: numeric}}]\ntheme: material\n"),
        ("python", "", "assert False\n"),
        ("text", "And so on:", "Anything."),
    ],
)
def test_an_example_that_is_not_so_is_seen(
    language: str, lead: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = Reader(tmp_path)
    for block in blocks(TUTORIAL):
        if block.file:
            reader.write(block)
    with pytest.raises((AssertionError, SystemExit, Abort)):
        reader.follow(Block("page.md", 1, language, text, lead), capsys)
