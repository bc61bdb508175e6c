"""Golden cases of `apparatus add`: what is asked for and what answers in, entry and report out.

``REWRITE=1 pytest tests/test_add.py`` writes what comes out into the cases; the difference is
then read line by line before it is committed. No case uses the network: the tests that do stand
below, and ask a server on the loopback interface.
"""

from __future__ import annotations

import io
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pybtex.database
import pypdf
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from faulty_server import serve
from mkdocs_apparatus import cli, lookup
from mkdocs_apparatus.add import Plan, Wish, plan
from mkdocs_apparatus.answer import Answer, Fault, Limits
from mkdocs_apparatus.cli import main
from mkdocs_apparatus.client import Client
from mkdocs_apparatus.entries import read_entries
from mkdocs_apparatus.file import File
from mkdocs_apparatus.library import load
from mkdocs_apparatus.lookup import NothingError, Web, WishError
from mkdocs_apparatus.shelf import ShelfError
from sites import write
from test_cases import _Block, _Dumper
from test_links import LOOPBACK

CASES = sorted((Path(__file__).parent / "add").glob("*.yml"))
TODAY = date(2026, 11, 24)
PAGE = "https://news.example.org/2025/04/08/talks"


def web(answers: dict[str, Answer]) -> Web:
    """Return a web of a few answers, in which registers have addresses of their own."""

    def ask(address: str, _: str) -> Answer:
        return answers.get(address, Answer(404))

    return Web(ask, doi="https://doi.example/", isbn="https://books.example/?isbn=")


def answer(told: dict[str, Any]) -> Answer:
    body = told.get("body", "").encode()
    if "pdf" in told:
        writer = pypdf.PdfWriter()
        writer.add_blank_page(100, 100)
        writer.add_metadata({f"/{name}": value for name, value in told["pdf"].items()})
        stream = io.BytesIO()
        writer.write(stream)
        body = stream.getvalue()
    body = body.replace(b"MEGABYTE", b"x" * 1_000_000).replace(b"NESTED", b"[" * 200_000)
    kind = told.get("type", "text/html; charset=utf-8")
    return Answer(told.get("status", 200), moved=told.get("moved", ""), kind=kind, body=body)


def planned(folder: Path, case: dict[str, Any]) -> Plan:
    files = {f"sources/{name}": text for name, text in case.get("library", {}).items()}
    write(folder, files | case.get("files", {}))
    sources = folder / "sources"
    library, _ = load(sources, folder)
    answers = {address: answer(told) for address, told in case.get("answers", {}).items()}
    options = case.get("options", {})
    what = str(folder / case["ask"]) if case["ask"] in case.get("files", {}) else case["ask"]
    return plan(Wish(what, **options), web(answers), library, sources, TODAY)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text("utf-8"))
    try:
        found = planned(tmp_path, case)
    except (NothingError, WishError, ShelfError) as error:
        come = {"error": f"{type(error).__name__}: {error}".replace(f"{tmp_path}/", "")}
    else:
        # Nothing that a stranger wrote controls a terminal, or makes a line of its own.
        assert all(line.isprintable() for line in (*found.report, *found.advice, *found.changes))
        come = {
            "found": "\n".join(found.report),
            "file": found.name,
            "entry": found.entry,
            "left": list(found.advice),
        }
        come |= {"changes": list(found.changes)} if found.renews else {}
        reads_back(found)
    if os.environ.get("REWRITE"):
        given_ones = ("why", "ask", "options", "library", "files", "answers")
        kept = {name: case[name] for name in given_ones if name in case}
        text = yaml.dump(
            _blocks(kept | come), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
        )
        path.write_text(text, "utf-8")
        case = kept | come
    wanted = ("found", "file", "entry", "left", "changes", "error")
    expected = {name: case[name] for name in wanted if name in case}
    assert {name: _stripped(one) for name, one in come.items()} == {
        name: _stripped(one) for name, one in expected.items()
    }


def _stripped(value: object) -> object:
    return value.rstrip("\n") if isinstance(value, str) else value


def _blocks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _blocks(one) for name, one in value.items()}
    return _Block(value.rstrip("\n") + "\n") if isinstance(value, str) and "\n" in value else value


def reads_back(found: Plan) -> None:
    """Hold pybtex, our reader and the whole file to what was written."""
    [ours] = read_entries(File("a.bib", found.entry, problems := []))
    theirs = pybtex.database.parse_string(found.entry, "bibtex").entries[found.key]
    people = {role: len(persons) for role, persons in theirs.persons.items()}
    fields = {name: value for name, value in ours.fields.items() if name not in people}
    assert dict(theirs.fields) == fields
    assert not problems
    assert found.entry in found.text.replace("\r\n", "\n")
    found.path.parent.mkdir(exist_ok=True)
    found.path.write_text(found.text, "utf-8", newline="")
    library, wrong = load(found.path.parent, found.path.parent)
    source = library.sources[found.key]
    assert [one.message for one in wrong if found.key in one.message] == []
    lines = {line[2:15].strip(): line[16:] for line in found.report if line.startswith("  ")}
    # A subtitle joins the title.
    assert source.title[:80].startswith(lines["title"].rpartition("  (")[0][:80])
    for field, value in (("date", source.date), ("url", source.url)):
        assert value == "" or found.renews or lines[field].startswith(f"{value}  (")
    assert all(sign.isprintable() for sign in source.title)


def test_there_are_cases() -> None:
    assert len(CASES) >= 40


@settings(max_examples=150, deadline=None)
@given(title=st.text(min_size=1, max_size=120), name=st.text(max_size=60))
def test_whatever_a_page_says_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, title: str, name: str
) -> None:
    folder = tmp_path_factory.mktemp("site")
    escaped = [
        "".join(f"&#{ord(sign)};" if not sign.isalnum() else sign for sign in text)
        for text in (title.replace("\x00", " "), name.replace("\x00", " "))
    ]
    page = (
        f'<title>Fallback</title><meta name="citation_title" content="{escaped[0]}">'
        f'<meta property="og:site_name" content="{escaped[1]}">'
    )
    case = {"ask": PAGE, "answers": {PAGE: {"body": page}}}
    found = planned(folder, case)
    reads_back(found)
    library, _ = load(folder / "sources", folder)
    source = library.sources[found.key]
    used = [line for line in found.report if line.startswith("  ")]
    said = {line[2:15].strip(): line[16:].rpartition("  (")[0] for line in used}
    assert said["title"] == short(source.title)
    assert said.get("organization", "") == short(source.publisher)


def short(value: str) -> str:
    return value if len(value) <= 88 else f"{value[:87]}…"


# The network, as the command uses it: a server on the loopback interface.

BODY = """<!doctype html><html lang="en"><title>Envoys meet again</title>
<meta property="og:site_name" content="Example News">"""
RECORD = '{"type": "article-journal", "title": "Examples", "issued": {"date-parts": [[2024]]}}'
BOOK = '{"ISBN:9780000000002": {"title": "The Book of Examples", "publish_date": "2001"}}'
SITE = {"mkdocs.yml": "site_name: X\nplugins: [apparatus]\n", "docs/index.md": "# T\n"}


def local(folder: Path, what: str, address: str) -> Plan:
    client = Client(limits=Limits(seconds=5, body=100_000), allowed=LOOPBACK)
    asking = Web(
        lambda one, accept: cli.replace(client, accept=accept).ask(one, body=True),
        doi=f"{address}/doi/",
        isbn=f"{address}/isbn/",
    )
    library, _ = load(folder / "sources", folder)
    return plan(Wish(what), asking, library, folder / "sources", TODAY)


def test_registers_are_asked_for_records(tmp_path: Path) -> None:
    pages = {
        "/doi/10.1000/ex": ("application/json", RECORD.encode()),
        "/isbn/9780000000002": ("application/json", BOOK.encode()),
    }
    with serve(pages) as server:
        article = local(tmp_path, "doi:10.1000/ex", server.address)
        assert server.headers["Accept"] == "application/vnd.citationstyles.csl+json"
        book = local(tmp_path, "978-0-00-000000-2", server.address)
        assert server.headers["Accept"] == "application/json"
    assert article.key == "source2024examples"
    assert book.key == "source2001book"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/huge", "too large"),
        ("/gzip-bomb", "too large"),
        ("/301-loop", "redirects in a circle"),
        ("/elsewhere", "leads to an address that is not public"),
        ("/301-file", "no address that can be asked"),
        ("/cut-off", "cannot be reached"),
        ("/404", "there is no such page"),
        ("/503", "a fault of its server"),
    ],
)
def test_what_links_refuses_is_refused(tmp_path: Path, path: str, words: str) -> None:
    with serve() as server, pytest.raises(NothingError, match=words):
        local(tmp_path, f"{server.address}{path}", server.address)
    with serve() as server, pytest.raises(NothingError, match=words):
        local(tmp_path, "10.1000/ex", f"{server.address}{path}?")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, SITE)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795521600")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_private_is_asked(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve({"/a": ("text/html", BODY.encode())}) as server:
        assert main(["add", f"{server.address}/a"]) == 1
        assert not server.asked
    assert "not public" in capsys.readouterr().err
    assert not (site / "sources").exists()


def test_an_entry_is_added_once_and_renewed_when_asked(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve({"/a": ("text/html", BODY.encode())}) as server:
        command = ["add", f"{server.address}/a", "--allow-local"]
        assert main([*command, "--print"]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith("@online{examplenews2026envoys,\n")
        assert not (site / "sources").exists()
        assert main(command) == 0
        file = site / "sources/web.bib"
        assert file.read_text("utf-8") == printed
        assert f"urldate      = {{{TODAY}}}" in printed
        assert "cite it as [@examplenews2026envoys]" in capsys.readouterr().out
        assert main(command) == 0
        assert "is there already, as it would be now" in capsys.readouterr().out
        # Without a terminal nothing is overwritten.
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        assert main([*command, "--kind", "news"]) == 2
        told = capsys.readouterr().err
        assert "+ keywords = {news}" in told
        assert "--yes" in told
        assert file.read_text("utf-8") == printed
        for typed, status in (("n\n", 2), ("", 2), ("y\n", 0)):
            terminal = io.StringIO(typed)
            monkeypatch.setattr(terminal, "isatty", lambda: True)
            monkeypatch.setattr(sys, "stdin", terminal)
            assert main([*command, "--kind", "news"]) == status
            assert ("{news}" in file.read_text("utf-8")) is (status == 0)
        assert main([*command, "--kind", "primary", "--yes"]) == 0
        assert "{primary}" in file.read_text("utf-8")


def test_wrong_use_is_told_apart(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", "nothing"]) == 2
    assert main(["add", "page.html", "--url", "x"]) == 2
    write(site, {"page.html": "<title>T</title>"})
    assert main(["add", "page.html", "--url", "ftp://a.example/"]) == 2
    assert main(["add", "page.html", "--key", "a b"]) == 2
    assert main(["add", "page.html", "--file", "a/b.bib"]) == 2
    assert not (site / "sources").exists()
    assert all(one.startswith("apparatus: ") for one in capsys.readouterr().err.splitlines())


def test_a_link_that_leads_out_is_not_written(site: Path) -> None:
    write(site, {"page.html": "<title>T</title>", "outside.bib": "", "sources/a.bib": ""})
    (site / "sources/web.bib").symlink_to(site / "outside.bib")
    assert main(["add", "page.html"]) == 1
    assert (site / "outside.bib").read_text() == ""
    (site / "sources/more.bib").symlink_to(site / "sources/a.bib")
    assert main(["add", "page.html", "--file", "more.bib"]) == 0
    assert (site / "sources/more.bib").is_symlink()
    assert "{T}" in (site / "sources/a.bib").read_text()


def test_a_pdf_without_the_extra_says_so(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    write(site, {"a.pdf": "%PDF-1.4\n"})
    with pytest.raises(NothingError, match=r"mkdocs-apparatus\[pdf\]"):
        lookup.look_up("a.pdf", "", web({}), TODAY)


def test_a_host_that_is_nowhere(tmp_path: Path) -> None:
    gone = Web(lambda *_: Answer(fault=Fault.NO_HOST, detail="a.example"))
    with pytest.raises(NothingError, match="no such host"):
        plan(Wish("https://a.example/"), gone, load(tmp_path, tmp_path)[0], tmp_path, TODAY)
