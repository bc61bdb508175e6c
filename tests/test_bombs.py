"""What is small and grows, or is large and says nothing: it costs little time and memory.

Each site is checked in a process of its own, so that what it cost can be measured.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from faulty_server import HTML, FaultyServer, serve
from mkdocs_apparatus.answer import CHUNK, Fault, FaultError, Limits, unpack
from mkdocs_apparatus.client import Client
from mkdocs_apparatus.entries import MOST_ENTRIES, read_entries
from mkdocs_apparatus.file import File
from mkdocs_apparatus.folder import MOST_FILES, Listed, bounds, list_files
from mkdocs_apparatus.library import load
from mkdocs_apparatus.links import judge
from mkdocs_apparatus.target import EVERYWHERE
from sites import write

SITE = {
    "mkdocs.yml": "site_name: X\nplugins: [apparatus]\n",
    "docs/index.md": "Words [@k].\n",
    "sources/a.bib": "@online{k, title = {T}, url = {https://a.example/1}}\n",
}
SPEC = {
    "title": "T",
    "description": "D",
    "usermeta": {"caption": "C", "licence": "L"},
    "data": {"url": "../data/f.csv"},
    "mark": "bar",
    "encoding": {"x": {"field": "A", "type": "quantitative"}},
}
# Checks each of the folders in a process of its own, with limits that end what goes astray. Time is
# what the processor took, so that a busy machine makes no difference; memory is what was had at
# most, beyond what the code takes.
CHILD = """
import json, os, resource, sys, time
from pathlib import Path
from mkdocs_apparatus import report
from mkdocs_apparatus.cli import check_site

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

def check(folder):
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    before, began = peak(), time.process_time()
    found = check_site(Path(folder) / "mkdocs.yml")
    cost = time.process_time() - began, peak() - before
    print(json.dumps([folder, *cost, [report.line(one) for one in found[:2_000]]]), flush=True)

check_site(Path(sys.argv[1]) / "mkdocs.yml")  # what is loaded once
for folder in sys.argv[1:]:
    if os.fork() == 0:
        try:
            check(folder)
        finally:
            os._exit(0)
    os.wait()
"""
Cost = tuple[float, int, list[str]]  # seconds, MiB, findings


def check(*folders: Path) -> dict[str, Cost]:
    """Return what it costs to check each site, by the name of its folder."""
    command = [sys.executable, "-c", CHILD, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = map(json.loads, done.stdout.splitlines())
    return {Path(folder).name: (seconds, size, found) for folder, seconds, size, found in rows}


def doubling(first: str, line: str, times: int) -> str:
    """Return lines each of which names the one before it twice."""
    return first + "".join(line.format(now=one + 1, past=one) for one in range(times))


def figure(**more: object) -> dict[str, str]:
    return {
        "sources/data/f.csv": "A,source\n1,k\n",
        "sources/figures/f.json": json.dumps(SPEC | more),
    }


def term(matter: str, body: str = "") -> dict[str, str]:
    return {"sources/glossary/t.md": f"---\n{matter}\n---\n{body}"}


def page(text: str) -> dict[str, str]:
    return {"docs/index.md": text}


def bib(text: str) -> dict[str, str]:
    return {"sources/a.bib": text}


ALIASES = doubling("a0: &a0 [x, x]\n", "a{now}: &a{now} [*a{past}, *a{past}]\n", 40)
MERGES = doubling("a0: &a0 {x: 1}\n", "a{now}: &a{now} {{<<: [*a{past}, *a{past}]}}\n", 40)
DEEP = "[" * 45_000 + "]" * 45_000
NOTHING: tuple[dict[str, str]] = ({},)
# A site, what is said of it, and the seconds and MiB that it may take.
BOMBS: dict[str, tuple[dict[str, str], str, float, int]] = {
    "strings": (
        bib(
            doubling('@string{a0 = "aaaaaaaa"}\n', "@string{{a{now} = a{past} # a{past}}}\n", 40)
            + "@misc{k, title = a40}"
        ),
        "a.bib:9:1: S001 @string 'a8' grows to 2,048 characters",
        1,
        20,
    ),
    "aliases in a term": (term(ALIASES), "t.md:1:1: T004 front matter must not use YAML", 1, 20),
    "aliases on a page": (page(f"---\n{ALIASES}---\n"), "index.md:1:1: P001 front matter", 1, 20),
    "merges in a term": (term(MERGES), "t.md:1:1: T004 front matter must not use YAML", 1, 20),
    "merges on a page": (page(f"---\n{MERGES}---\n"), "index.md:1:1: P001 front matter", 1, 20),
    "merges without aliases": (
        page("---\na: {" + "<<: {a: 1}, " * 8_000 + "}\n---\n"),
        "S004 'k' is never cited",
        2,
        40,
    ),
    "deep lists in a term": (term(f"see: {DEEP}"), "T004 front matter is nested more than", 1, 40),
    "deep lists on a page": (page(f"---\na: {DEEP}\n---\n"), "P001 front matter is nested", 1, 40),
    "deep mappings": (term("a: " + "{a: " * 20_000), "T004 front matter is nested more", 1, 40),
    "deep blocks": (term("- " * 45_000 + "a"), "T004 front matter is nested more than", 1, 40),
    "deep indents": (
        term("".join(f"{' ' * depth}a:\n" for depth in range(400))),
        "T004 front matter is nested more than 20 deep",
        1,
        40,
    ),
    "numbers of many digits": (
        term("title: T\nsummary: S\nsee: [1" + ":59" * 30_000 + f", 0x{'f' * 9_000}]"),
        "T003 'see' names no term",
        1,
        20,
    ),
    "a field of its own for everything": (
        term("\n".join(f"titl{number}: a" for number in range(6_000))),
        "T004 'titl0' is no field here; did you mean 'title'?",
        3,
        40,
    ),
    "thousands of related pages": (
        page("---\nrelated: [" + ", ".join(f"p{n}.md" for n in range(10_000)) + "]\n---\n"),
        "P007 no page 'p0.md'",
        3,
        40,
    ),
    "thousands of exemptions": (
        page("---\nexempt:\n" + "".join(f"  C0{n}: a\n" for n in range(7_000)) + "---\n"),
        "P003 exempt from 'C00', which is no rule",
        3,
        40,
    ),
    "a name of many words": (
        term("title: " + "a " * 40_000 + "\nsummary: S", "Words.")
        | page("---\ncitations: false\n---\n" + "a " * 30_000),
        "T005 the term 't' is never used",
        4,
        100,
    ),
    "names of many signs": (
        term(f"title: T\nsummary: S\naliases: [{', '.join('a' + '!' * n for n in range(1, 400))}]")
        | page("a " * 30_000),
        "T006 the definition of 't' cites nothing",
        4,
        100,
    ),
    "a deep spec": (
        figure() | {"sources/figures/f.json": '{"a":' * 30_000},
        "f.json:1:1: F003 the spec is nested too deeply",
        1,
        20,
    ),
    "a number of many digits in a spec": (
        figure() | {"sources/figures/f.json": '{"a": ' + "9" * 100_000 + "}"},
        "f.json:1:1: F003 no JSON that can be read: a number has too many digits",
        1,
        20,
    ),
    "a spec of unknown columns": (
        figure(layer=[{"field": f"a{n}", "as": f"b{n}"} for n in range(2_000)]),
        "f.json:1:1: F003 no column 'a1999'; did you mean 'b1999'?",
        4,
        40,
    ),
    "a row of unknown keys": (
        figure() | {"sources/data/f.csv": "A,source\n" + f"1,{'q;' * 60_000}\n" * 30},
        "f.csv:1:1: F002 a row with more than 50 keys; the rest is left out",
        2,
        100,
    ),
    "braces in an entry": (bib("@misc{k, title = " + "{" * 9_000_000), "S001 entry 'k'", 2, 60),
    "groups of LaTeX": (
        bib("@misc{k, title = {" + "{\\'" * 15_000 + "}" * 15_001 + "}"),
        "S001 entry 'k' cannot be read: too many nested braces",
        1,
        20,
    ),
    "one line of small entries": (
        bib("".join(f"@a{{{number},}}" for number in range(10_000))),
        "S009 '0': the entry type 'a' is unknown",
        4,
        200,
    ),
    "no entry is closed": (bib("@a{\n" * 100_000), "a.bib:1:1: S001 @a cannot be read", 4, 60),
    "one field, again and again": (
        bib("@misc{k,\n" + "a=1,\n" * 19_000 + "}"),
        "a.bib:19001:1: S012 'k': field 'a' is given twice",
        3,
        40,
    ),
    "names of unknown entries": (
        bib(
            "@misc{k,\n"
            + "".join(f"a{number}=1,\n" for number in range(3_000))
            + f"related={{{'q,' * 30_000}}}}}"
        ),
        "S010 'k': related names no source 'q'",
        3,
        40,
    ),
    "names that are none": (
        bib("@misc{k, title={T}, author={" + "a,b,c,d and " * 8_000 + "}}"),
        "S007 'k': too many commas in the name 'a,b,c,d'",
        4,
        40,
    ),
    "a group of keys": (
        page("[" + "; ".join(f"@q{number}" for number in range(20_000)) + "]"),
        "index.md:1:2: C001 no source 'q0'",
        8,
        250,
    ),
    "a long term": (page("[[" + "x" * 1_000_000 + "]]"), "index.md:1:1: T001 no term 'xxx", 2, 100),
    "at-signs": (page("@" * 1_000_000), "S004 'k' is never cited", 4, 150),
    "at-signs apart": (page("@ " * 500_000), "S004 'k' is never cited", 4, 150),
    "handles": (
        page(" ".join(f"@person{number}" for number in range(30_000)))
        | bib("".join(f"@misc{{key{n}, title={{T}}, doi={{10.1000/{n}}}}}" for n in range(500))),
        "S004 'key0' is never cited",
        8,
        150,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Cost]]:
    """Check all the sites above, after a plain one."""
    root = tmp_path_factory.mktemp("bombs")
    folders = [root / name for name in ("plain", *BOMBS)]
    for folder in folders:
        write(folder, SITE | BOMBS.get(folder.name, NOTHING)[0])
    yield check(*folders)
    shutil.rmtree(root)


@pytest.mark.parametrize("name", BOMBS)
def test_what_grows_is_refused_or_read_soon(name: str, costs: dict[str, Cost]) -> None:
    _, message, seconds, size = BOMBS[name]
    took, grew, found = costs[name]
    assert any(message in line for line in found), found[:3]
    assert took < seconds
    assert grew < size


def fill(path: Path, piece: str, size: int) -> None:
    """Write a file of such pieces, up to a size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    block = piece.encode() * max(1, 1_000_000 // len(piece))
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(block)


LARGE = {
    "sources/one.bib": "@misc{k, title = {",
    "sources/many.bib": "@misc{k, title = {T}}\n",
    "sources/none.bib": "no entry at all\n",
    "sources/field.bib": "a",
    "sources/glossary/t.md": "---\ntitle: a\n",
    "sources/claims/c.md": "a",
    "sources/data/f.csv": "1,k\n",
    "sources/figures/f.json": "[",
    "sources/article.md": "---\n",
    "docs/large.md": "---\na: [\n",
}


def test_a_file_of_a_hundred_megabytes_is_named_and_not_read(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    for name, piece in LARGE.items():
        fill(tmp_path / name, piece, 1_000_000)
        with (tmp_path / name).open("r+b") as file:
            file.truncate(100_000_000)  # the rest takes no room
    seconds, size, found = check(tmp_path)[tmp_path.name]
    for name in LARGE:
        most = {".bib": "50,000,000", ".md": "2,000,000"}.get(Path(name).suffix, "5,000,000")
        message = f"it has 100,000,000 bytes; at most {most} are read"
        assert f"{name}:1:1: S018 {message}" in found
    assert seconds < 1
    assert size < 20


def test_what_an_honest_user_has_is_read(tmp_path: Path) -> None:
    """50,000 entries of 600 bytes; the last of them is found as the first one is."""
    words = "Words of an abstract, as they come. " * 14
    entry = "@article{{key{0},\n  title = {{Title {0}}},\n  abstract = {{{1}}}\n}}\n"
    text = "".join(entry.format(number, words) for number in range(50_000))
    path = tmp_path / "a.bib"
    path.write_text(text, "utf-8")
    assert path.stat().st_size > 50_000 * 540
    assert list(list_files(tmp_path, "*.bib", bounds(tmp_path, tmp_path))) == [Listed(path)]
    file = File.read(path, tmp_path, [])
    path.unlink()
    keys = [entry.key for entry in read_entries(file)]
    assert (len(keys), keys[0], keys[-1]) == (50_000, "key0", "key49999")
    assert file.problems == []


def test_entries_without_end_are_left_out() -> None:
    file = File("a.bib", "@a{" * 3 + "@comment{}\n" * (MOST_ENTRIES + 10), [])
    assert list(read_entries(file)) == []
    assert file.problems[-1].message == f"more than {MOST_ENTRIES:,} entries in a file"


def test_files_without_end_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "sources/data"
    folder.mkdir(parents=True)
    for number in range(100_000):
        os.close(os.open(folder / f"{number:06}.csv", os.O_CREAT))
    began = time.process_time()
    _, problems = load(tmp_path / "sources", tmp_path)
    assert time.process_time() - began < 10
    left = [(one.message, one.span.path) for one in problems if one.code == "S018"]
    assert left == [
        (
            f"more than {MOST_FILES:,} files; none is read from here on",
            f"sources/data/{MOST_FILES:06}.csv",
        ),
        ("more than 10,000 problems; from here on none is listed", "sources/data/009999.csv"),
    ]
    shutil.rmtree(folder)


def packed(body: bytes, times: int) -> bytes:
    """Return a body so many times over, as gzip, without ever having it."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(body) for _ in range(times)), packer.flush()])


def archive(size: int) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.html", b"\0" * size)
    return whole.getvalue()


def objects(count: int) -> bytes:
    """Return a PDF of many objects, with a table of them that is wrong."""
    body = b"".join(b"%d 0 obj<</Kids[%d 0 R]>>endobj\n" % (one, one + 1) for one in range(count))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 0 0 R/Size 9>>\nstartxref\n9\n%%EOF"


# Content-Type and body; what a page that is looked up comes to, or why it is none.
PAGES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "/zip": (HTML, lambda: archive(50_000_000), ""),
    "/zip-as-it-is": ("application/zip", lambda: archive(50_000_000), "application/zip"),
    "/pdf": ("application/pdf", lambda: objects(50_000), "the PDF cannot be read"),
    "/tags": (HTML, lambda: b"<b><p>" * 500_000, "nested too deeply"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    with serve({path: (kind, make()) for path, (kind, make, _) in PAGES.items()}) as running:
        yield running


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_no_page_is_read_soon(server: FaultyServer, path: str) -> None:
    began = time.process_time()
    answer = Client(allowed=EVERYWHERE).ask(f"{server.address}{path}", body=True)
    assert (answer.status, answer.fault) == (200, None)
    result = judge(path, answer, frozenset({"quoted words"}), (), date(2026, 11, 24))
    assert not any(result.passages.values())
    assert PAGES[path][2] in result.unread
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("coding", "body", "fault"),
    [
        ("gzip", packed(b"\0" * 1_000_000, 3_000), Fault.LARGE),  # 3 GB in 3 MB
        ("gzip", gzip.compress(packed(b"\0" * 1_000_000, 1_000)), None),  # unpacked once
        ("gzip, gzip", b"", Fault.PACKED),
        ("br", b"\xcf\xff\xff", Fault.PACKED),
        ("zstd", b"", Fault.PACKED),
        ("deflate", zlib.compress(b"\0" * 1_000_000), Fault.PACKED),
    ],
    ids=str,
)
def test_what_unpacks_to_gigabytes_is_cut_off(
    coding: str, body: bytes, fault: Fault | None
) -> None:
    """Nothing but gzip is asked for or unpacked, and it never has more than its limit."""
    chunks = (body[at : at + CHUNK] for at in range(0, len(body), CHUNK))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        unpack(chunks, coding, Limits())
        found = None
    except FaultError as error:
        found = error.fault
    assert found is fault
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024 < 60
