"""Golden cases of `apparatus import`: an export as its program writes it in, entries out.

``REWRITE=1 pytest tests/test_import.py`` writes what comes out into the cases.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import rispy
import yaml

from mkdocs_apparatus.cli import main
from mkdocs_apparatus.export import to_bibtex, to_csl, to_ris
from mkdocs_apparatus.imports import Import, plan_import
from mkdocs_apparatus.library import load
from mkdocs_apparatus.lookup import WishError
from mkdocs_apparatus.model import Library
from mkdocs_apparatus.ris import as_csl, read_ris
from mkdocs_apparatus.words import language_code
from sites import ROOT, write
from test_add import _blocks
from test_cases import _Dumper

CASES = sorted((Path(__file__).parent / "imports").glob("*.yml"))


def planned(folder: Path, case: dict[str, Any]) -> Import:
    files = {f"sources/{name}": text for name, text in case.get("library", {}).items()}
    write(folder, files | {case["name"]: case["export"]})
    library, _ = load(folder / "sources", folder)
    return plan_import(
        folder / case["name"], case.get("file", ""), library, folder / "sources", "2026"
    )


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text("utf-8"))
    try:
        found = planned(tmp_path, case)
    except WishError as error:
        come = {"error": str(error).replace(f"{tmp_path}/", "")}
    else:
        assert all(line.isprintable() for line in found.summary.splitlines())
        come = {"says": found.summary, "text": found.text}
        twice(tmp_path, case, found)
    if os.environ.get("REWRITE"):
        kept = {
            name: case[name]
            for name in ("why", "name", "file", "library", "export")
            if name in case
        }
        case = kept | come
        text = yaml.dump(
            _blocks(case), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
        )
        path.write_text(text, "utf-8")
    assert come == {name: case[name] for name in ("says", "text", "error") if name in case}


def twice(folder: Path, case: dict[str, Any], found: Import) -> None:
    """Import the file once more: nothing changes, and what clashed clashes again."""
    write(folder, {found.name: found.text})
    library, problems = load(folder / "sources", folder)
    assert set(found.added) <= library.sources.keys()
    assert [one for one in problems if one.code == "S001"] == []
    again = plan_import(
        folder / case["name"], case.get("file", ""), library, folder / "sources", "2026"
    )
    assert again.text == found.text
    assert again.added == ()
    assert sorted(again.same) == sorted([*found.added, *found.same])
    assert len(again.clashes) == len(found.clashes)


def test_there_are_cases() -> None:
    assert len(CASES) >= 15


@pytest.fixture(scope="module")
def own() -> Library:
    return load(ROOT / "sources", ROOT)[0]


@pytest.mark.parametrize(
    ("name", "write_out"), [("a.json", to_csl), ("a.ris", to_ris), ("a.bib", to_bibtex)]
)
def test_the_own_library_comes_back(
    tmp_path: Path, own: Library, name: str, write_out: Any
) -> None:
    """What `export` writes of this site is read back: the same keys, titles, people, dates."""
    case = {"name": name, "export": write_out(own.sources.values())}
    found = planned(tmp_path, case)
    assert found.clashes == ()
    twice(tmp_path, case, found)
    library, _ = load(tmp_path / "sources", tmp_path)
    same = ("title", "translation", "authors", "date", "date_end", "circa", "url", "urldate")
    more = ("kind", "copy", "archive", "note", "doi")
    for key, source in own.sources.items():
        for field in (*same, *more):
            assert getattr(library.sources[key], field) == getattr(source, field), (key, field)
        back = library.sources[key]
        assert language_code(back.language) == language_code(source.language)
        assert source.publisher in (back.publisher, back.container)


def test_bibtex_keeps_every_field(tmp_path: Path) -> None:
    text = (ROOT / "tests/hard.bib").read_text("utf-8")
    write(tmp_path, {"sources/a.bib": text})
    hard, _ = load(tmp_path / "sources", tmp_path)
    (tmp_path / "sources/a.bib").unlink()
    found = planned(tmp_path, {"name": "hard.bib", "export": text})
    write(tmp_path, {"sources/hard.bib": found.text})
    again, _ = load(tmp_path / "sources", tmp_path)
    for key in hard.sources.keys() & again.sources.keys():
        was = {name: value for name, value in hard.sources[key].fields if value}
        assert dict(again.sources[key].fields) == was
    told = "\n".join(found.clashes)
    assert all(key in again.sources or f"'{key}'" in told for key in hard.sources)


def test_rispy_reads_the_same_tags() -> None:
    """Another reader finds the same records in a file with every tag that is known here."""
    text = next(path for path in CASES if path.stem == "ris-of-zotero").read_text("utf-8")
    export = yaml.safe_load(text)["export"]
    ours = [as_csl(tags)[0] for _, tags in read_ris(export)]
    theirs = rispy.loads(export)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert one["title"] == other.get("title", other.get("primary_title"))
        people = [f"{name['family']}, {name['given']}" for name in one.get("author", [])]
        assert people == (other.get("authors") or other.get("first_authors") or [])
        assert one.get("DOI", "") == other.get("doi", "")
        assert one.get("URL", "") == next(iter(other.get("urls", [])), "")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", b"[{", "a.json:1: this is no JSON"),
        ("a.json", b"[1, 2]", "is no CSL-JSON"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.bib", b"nothing", "holds no BibTeX, no CSL-JSON and no RIS"),
        ("a.bib", b"@misc{a, title = {\xe9t\xe9}}", "is not UTF-8"),
        ("a.ris", b"", "holds no BibTeX"),
    ],
)
def test_what_is_no_export_is_told(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WishError, match=words):
        plan_import(tmp_path / name, "", load(tmp_path, tmp_path)[0], tmp_path, "2026")


def test_the_command_writes_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    export = "@misc{b, title = {B}}\n@misc{a, title = {A}, abstract = {Long}}\n"
    write(tmp_path, {"mkdocs.yml": "site_name: X\nplugins: [apparatus]\n", "My Refs.bib": export})
    monkeypatch.chdir(tmp_path)
    assert main(["import", "My Refs.bib", "--print"]) == 0
    printed = capsys.readouterr().out
    assert not (tmp_path / "sources").exists()
    assert main(["import", "My Refs.bib"]) == 0
    assert "added to sources/my-refs.bib: 2 (b, a)" in capsys.readouterr().out
    written = (tmp_path / "sources/my-refs.bib").read_bytes()
    entries = [text.strip().split("\n\n") for text in (printed, written.decode())]
    assert sorted(entries[0]) == entries[1]
    assert main(["import", "My Refs.bib"]) == 0
    assert capsys.readouterr().out.endswith("there already, the same: 2\nnothing was added\n")
    assert (tmp_path / "sources/my-refs.bib").read_bytes() == written
    assert main(["import", "gone.bib"]) == 2
    assert main(["import", "My Refs.bib", "--file", "../x.bib"]) == 2
    write(tmp_path, {"more.bib": "@misc{A, title = {Other}}\n"})
    assert main(["import", "more.bib"]) == 1
    assert "'a' in sources/my-refs.bib:1 has this key" in capsys.readouterr().out


def test_two_thousand_entries_are_taken_at_once(tmp_path: Path) -> None:
    entries = [
        f"@online{{k{number:05}, title = {{T {number}}}, url = {{https://a.example/{number}}}}}"
        for number in range(2_000)
    ]
    found = planned(tmp_path, {"name": "a.bib", "export": "\n".join(entries)})
    assert len(found.added) == 2_000
