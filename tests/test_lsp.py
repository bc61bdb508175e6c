"""An author at an editor: what `apparatus lsp` answers, over stdio and with what is not saved."""

from __future__ import annotations

import builtins
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from editor import Editor, RefusedError, editing
from mkdocs_apparatus.cli import check_site, main
from sites import ROOT, write

sys.path.append(str(ROOT))  # bench/ is not installed

from bench import content
from bench import site as made

SITE = {
    "mkdocs.yml": "site_name: X\nplugins: [search, apparatus]\n",
    "docs/index.md": "# Home\n\nIt was so [@smith2019, p. 3], see [[reset]].\n",
    "docs/b.md": "🙂 Привет [@smith2019; @doe2020], @doe2020 and [[perezagruzka]].\n\n"
    "| a | b |\n| - | - |\n| [[cold-war]] | [@doe2020] |\n\n```\n[@smith2019] [[reset]]\n```\n",
    "sources/a.bib": "@online{smith2019,\n  author = {Smith, Anna},\n"
    "  title = {On *tides* and moons},\n"
    "  date = {2019-04-02},\n  url = {https://example.org/tides}\n}\n\n"
    "@book{doe2020,\n  author = {Doé, John},\n  title = {The Müller papers},\n  year = {2020},\n"
    "  publisher = {Example Press},\n  related = {smith2019}\n}\n",
    "sources/glossary/reset.md": "---\ntitle: the reset\naliases: [perezagruzka]\nkind: event\n"
    "date: 2009\nsummary: A new start.\nsee: [cold-war]\n---\nIt began [@smith2019].\n",
    "sources/glossary/cold-war.md": "---\ntitle: Cold War\nsummary: Before.\nsee:\n  - 'reset'\n"
    "---\nIt ended [@{smith2019}], see [[reset|a reset]].\n",
    "sources/claims/01-tides.md": "---\nclaim: Tides.\nparagraph: 1\nverdict: wrong\n---\n"
    "No [@doe2020] [[the reset]].\n",
    "sources/data/t.csv": 'year,"source",n\n2019,smith2019,1\n2020,"smith2019; doe2020",2\n',
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path, SITE)
    return tmp_path


def started(folder: Path, *encodings: str, path: str = "docs/index.md") -> Any:
    return _Started(folder, encodings, path)


class _Started:
    """An editor with one document open, whose findings are known."""

    def __init__(self, folder: Path, encodings: tuple[str, ...], path: str) -> None:
        self._editing = editing(folder)
        self._encodings = encodings
        self._path = path

    def __enter__(self) -> Editor:
        editor = self._editing.__enter__()
        editor.begin(*self._encodings)
        editor.open(self._path)
        return editor

    def __exit__(self, *error: Any) -> None:
        self._editing.__exit__(*error)


def settled(editor: Editor, path: str = "docs/index.md") -> None:
    """Wait until the library is known: an unknown key is found."""
    text = (editor.folder / path).read_text("utf-8")
    editor.change(path, f"{text}\nX [@nobody1999].\n")
    editor.wait(path, "C001")
    editor.change(path, text)
    editor.wait(path)


def complete(editor: Editor, path: str, text: str) -> list[Any]:
    """Return what is offered at the sign | of a text that was never saved."""
    before, _, after = text.partition("|")
    editor.change(path, before + after)
    line = before.count("\n")
    character = len(before) - before.rfind("\n") - 1
    found = editor.ask("textDocument/completion", editor.at(path, line, character))
    return found["items"] if found else []


def labels(items: list[Any]) -> list[str]:
    return [one["label"] for one in items]


def after_edit(files: dict[str, str], edit: Any, folder: Path) -> dict[str, str]:
    """Return the files as an editor leaves them that counts in UTF-16."""
    files = dict(files)
    for change in edit["documentChanges"]:
        if change.get("kind") == "rename":
            old, new = (
                Path(change[name].removeprefix("file://")).relative_to(folder).as_posix()
                for name in ("oldUri", "newUri")
            )
            files[new] = files.pop(old)
        elif change.get("kind") == "create":
            files[Path(change["uri"].removeprefix("file://")).relative_to(folder).as_posix()] = ""
        else:
            uri = change["textDocument"]["uri"]
            name = Path(uri.removeprefix("file://")).relative_to(folder).as_posix()
            lines = [line.encode("utf-16-le") for line in files[name].split("\n")]
            for one in sorted(
                change["edits"], key=lambda e: str(e["range"]["start"]), reverse=True
            ):
                start, end = one["range"]["start"], one["range"]["end"]
                assert start["line"] == end["line"]
                line = lines[start["line"]]
                new = one["newText"].encode("utf-16-le")
                head, tail = line[: start["character"] * 2], line[end["character"] * 2 :]
                lines[start["line"]] = head + new + tail
            files[name] = "\n".join(line.decode("utf-16-le") for line in lines)
    return files


def test_keys_are_completed_by_author_title_and_year(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        for typed in ("@smi|", "[see @tides|", "[@2019|", "[@smith2019; @MOONS|]", "[-@anna|"):
            items = complete(editor, "docs/index.md", f"Text {typed} on.\n")
            assert labels(items) == ["smith2019"], typed
            assert items[0]["detail"] == "Smith, 2019: On *tides* and moons"
        assert labels(complete(editor, "docs/index.md", "A @muller|")) == ["doe2020"]
        assert labels(complete(editor, "docs/index.md", "A @smyth2019|")) == ["smith2019"]
        assert labels(complete(editor, "docs/index.md", "A @|")) == ["doe2020", "smith2019"]
        for none in ("me@smi|", "`@smi|", "```\n@smi|\n```\n", "\\@smi|", "smi|"):
            assert complete(editor, "docs/index.md", none) == [], none
        resolved = editor.ask("completionItem/resolve", items[0])
        assert "On \\*tides\\* and moons" in resolved["documentation"]["value"]


@pytest.mark.parametrize(
    ("encoding", "codec", "size"),
    [("utf-16", "utf-16-le", 2), ("utf-8", "utf-8", 1), ("utf-32", "utf-32-le", 4)],
)
def test_a_completion_replaces_what_was_typed(
    encoding: str, codec: str, size: int, site: Path
) -> None:
    with started(site, encoding) as editor:
        settled(editor)
        assert editor.capabilities["positionEncoding"] == encoding
        editor.change("docs/index.md", "🙂 Привет [@ann]\n")
        end = len("🙂 Привет [@ann".encode(codec)) // size
        found = editor.ask("textDocument/completion", editor.at("docs/index.md", 0, end))
        place = found["items"][0]["textEdit"]["range"]
        assert place["start"]["character"] == end - 3
        assert place["end"]["character"] == end


def test_terms_and_their_aliases_are_completed(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        items = complete(editor, "docs/index.md", "The [[rese|")
        assert [one["textEdit"]["newText"] for one in items] == ["the reset]]"]
        items = complete(editor, "docs/index.md", "The [[perez|]] x")
        assert [one["textEdit"]["newText"] for one in items] == ["perezagruzka"]
        assert items[0]["detail"] == "A new start."


def test_front_matter_is_completed(site: Path) -> None:
    with started(site, path="sources/claims/01-tides.md") as editor:
        editor.open("docs/index.md")
        settled(editor)
        claim = "sources/claims/01-tides.md"
        assert labels(complete(editor, claim, "---\nverdict: un|\n---\n")) == ["unverifiable"]
        assert labels(complete(editor, claim, "---\nver|\n---\n")) == ["verdict"]
        editor.open("sources/glossary/reset.md")
        term = "sources/glossary/reset.md"
        assert "person" in labels(complete(editor, term, "---\nkind: |\n---\n"))
        assert labels(complete(editor, term, "---\nsee: [reset, co|]\n---\n")) == ["cold-war"]


def test_hover_shows_the_reference_and_the_term(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        source = editor.ask("textDocument/hover", editor.at("docs/index.md", 2, 14))
        text = source["contents"]["value"]
        assert text.startswith(
            "Anna Smith. [On \\*tides\\* and moons](<https://example.org/tides>)"
        )
        assert "2 April 2019" in text
        assert source["range"]["start"]["character"] == 12
        term = editor.ask("textDocument/hover", editor.at("docs/index.md", 2, 40))
        assert (
            term["contents"]["value"]
            == "**the reset** · event\n\nA new start\\.".replace("\\.", ".")
            + "\n\nAlso: perezagruzka"
        )
        assert editor.ask("textDocument/hover", editor.at("docs/index.md", 0, 3)) is None
        assert editor.ask("textDocument/hover", editor.at("docs/b.md", 6, 5)) is None  # code


@pytest.mark.parametrize(
    ("encoding", "codec", "size"),
    [("utf-16", "utf-16-le", 2), ("utf-8", "utf-8", 1), ("utf-32", "utf-32-le", 4)],
)
def test_places_are_right_behind_an_emoji_and_cyrillic(
    encoding: str, codec: str, size: int, site: Path
) -> None:
    line = SITE["docs/b.md"].split("\n")[0]

    def units(text: str) -> int:
        return len(text.encode(codec)) // size

    with started(site, encoding) as editor:
        settled(editor)
        start = units(line[: line.index("doe2020")])
        for character in (start, start + 7):
            found = editor.ask("textDocument/hover", editor.at("docs/b.md", 0, character))
            assert "Müller" in found["contents"]["value"]
            assert found["range"] == {
                "start": {"line": 0, "character": start},
                "end": {"line": 0, "character": start + 7},
            }


def test_definition_leads_to_the_entry_and_to_the_file(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        found = editor.ask("textDocument/definition", editor.at("docs/b.md", 4, 21))
        assert found["uri"].endswith("sources/a.bib")
        assert found["range"]["start"] == {"line": 7, "character": 6}
        found = editor.ask("textDocument/definition", editor.at("docs/b.md", 4, 6))
        assert found["uri"].endswith("sources/glossary/cold-war.md")
        found = editor.ask("textDocument/definition", editor.at("sources/a.bib", 12, 14))
        assert found["range"]["start"] == {"line": 0, "character": 8}


def names(folder: Path, locations: list[Any]) -> list[tuple[str, int]]:
    root = f"{folder.as_uri()}/"
    return sorted(
        (one["uri"].removeprefix(root), one["range"]["start"]["line"]) for one in locations
    )


def test_references_are_found_everywhere_and_not_in_code(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        asked = editor.at("docs/index.md", 2, 14, context={"includeDeclaration": True})
        assert names(site, editor.ask("textDocument/references", asked)) == [
            ("docs/b.md", 0),
            ("docs/index.md", 2),
            ("sources/a.bib", 0),
            ("sources/a.bib", 12),
            ("sources/data/t.csv", 1),
            ("sources/data/t.csv", 2),
            ("sources/glossary/cold-war.md", 6),
            ("sources/glossary/reset.md", 8),
        ]
        asked = editor.at("docs/index.md", 2, 40, context={"includeDeclaration": False})
        assert names(site, editor.ask("textDocument/references", asked)) == [
            ("docs/b.md", 0),
            ("docs/index.md", 2),
            ("sources/claims/01-tides.md", 5),
            ("sources/glossary/cold-war.md", 4),
            ("sources/glossary/cold-war.md", 6),
        ]
        # from the head of the term's own file
        asked = editor.at("sources/glossary/reset.md", 1, 2, context={"includeDeclaration": False})
        assert len(editor.ask("textDocument/references", asked)) == 5


def test_a_key_is_renamed_everywhere(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        asked = editor.at("docs/index.md", 2, 14)
        assert editor.ask("textDocument/prepareRename", asked)["placeholder"] == "smith2019"
        edit = editor.ask("textDocument/rename", {**asked, "newName": "smith:tides"})
        files = after_edit(SITE, edit, site)
        code = "```\n[@smith2019] [[reset]]\n```\n"
        for name, text in SITE.items():
            there, own = (code, code) if name == "docs/b.md" else ("", "")
            wanted = text.replace(there, "").replace("smith2019", "smith:tides")
            assert files[name] == wanted + own


def test_a_slug_is_renamed_and_readers_see_no_difference(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        asked = editor.at("docs/index.md", 2, 40)
        assert editor.ask("textDocument/prepareRename", asked)["placeholder"] == "reset"
        edit = editor.ask("textDocument/rename", {**asked, "newName": "reset-2009"})
        files = after_edit(SITE, edit, site)
        assert files["docs/index.md"] == SITE["docs/index.md"].replace(
            "[[reset]]", "[[reset-2009|reset]]"
        )
        assert "  - 'reset-2009'\n" in files["sources/glossary/cold-war.md"]
        assert "[[reset-2009|a reset]]" in files["sources/glossary/cold-war.md"]
        assert files["docs/b.md"] == SITE["docs/b.md"]  # by an alias
        assert files["sources/claims/01-tides.md"] == SITE["sources/claims/01-tides.md"]
        assert files["sources/glossary/reset-2009.md"] == SITE["sources/glossary/reset.md"]
        asked = editor.at("docs/b.md", 4, 6, newName="old-war")
        files = after_edit(SITE, editor.ask("textDocument/rename", asked), site)
        assert files["docs/b.md"] == SITE["docs/b.md"]  # Cold War is its title


def test_in_a_table_the_words_of_a_link_stand_behind_an_escaped_bar(site: Path) -> None:
    write(site, {"docs/b.md": "| a |\n| - |\n| [[reset]] |\n"})
    with started(site) as editor:
        settled(editor)
        asked = editor.at("docs/b.md", 2, 6, newName="new")
        edit = editor.ask("textDocument/rename", asked)
        texts = [e["newText"] for one in edit["documentChanges"] for e in one.get("edits", ())]
        assert "new\\|reset" in texts


@pytest.mark.parametrize(
    ("place", "new", "message"),
    [
        ((2, 14), "DOE2020", "the key 'doe2020' exists already"),
        ((2, 14), "a b", "'a b' is no citation key"),
        ((2, 14), "", "'' is no citation key"),
        ((2, 14), "a}", "is no citation key"),
        ((2, 40), "Cold-War", "the term 'Cold-War' exists already"),
        ((2, 40), "../x", "is no name of a term's file"),
        ((2, 40), "no", "is no name of a term's file"),
        ((0, 3), "x", "neither a citation key nor a term"),
    ],
)
def test_a_bad_name_is_refused(place: tuple[int, int], new: str, message: str, site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        with pytest.raises(RefusedError, match=message):
            editor.ask("textDocument/rename", editor.at("docs/index.md", *place, newName=new))


def test_an_editor_that_cannot_rename_files_is_told_so(site: Path) -> None:
    with editing(site) as editor:
        editor.begin(workspace={})
        editor.open("docs/index.md")
        settled(editor)
        with pytest.raises(RefusedError, match="cannot rename or create files"):
            editor.ask("textDocument/rename", editor.at("docs/index.md", 2, 40, newName="x"))
        edit = editor.ask("textDocument/rename", editor.at("docs/index.md", 2, 14, newName="x"))
        assert len(edit["changes"]) == 6


def test_findings_are_those_of_check_before_anything_is_saved(site: Path) -> None:
    text = "# A [@smith2019]\n\nX [@smth2019] [[rest]] 🙂 [@doe2020] [[nothing at all]]\n"
    with started(site, "utf-32") as editor:
        editor.change("docs/index.md", text)
        codes = ["C001", "C003", "T001", "T001"]
        found = editor.wait("docs/index.md", *codes)
        write(site, {"docs/index.md": text})
        wanted = [
            (one.code, one.message, one.span.line - 1, one.span.column - 1, one.span.end_column - 1)
            for one in check_site(site / "mkdocs.yml")
            if one.span.path == "docs/index.md"
        ]
        assert [
            (
                one["code"],
                one["message"],
                one["range"]["start"]["line"],
                one["range"]["start"]["character"],
                one["range"]["end"]["character"],
            )
            for one in found
        ] == wanted
        assert {one["severity"] for one in found} == {1, 2}


def test_findings_on_the_library_are_those_of_check(site: Path) -> None:
    write(site, {"sources/b.bib": "@online{idle, url = {x}}\n\n@online{broken,\n"})
    write(
        site, {"sources/glossary/idle.md": "---\ntitle: idle\nsummary: S.\nsee: [rest]\n---\nB.\n"}
    )
    wanted: dict[str, list[str]] = {}
    for one in check_site(site / "mkdocs.yml"):
        wanted.setdefault(one.span.path, []).append(one.code)
    with started(site) as editor:
        for path, codes in wanted.items():
            editor.wait(path, *codes)
    assert {"sources/b.bib", "sources/glossary/idle.md"} <= wanted.keys()
    assert "S004" in wanted["sources/b.bib"]
    assert "T005" in wanted["sources/glossary/idle.md"]


def test_an_entry_that_is_not_saved_counts(site: Path) -> None:
    with started(site) as editor:
        text = SITE["docs/index.md"] + "\nNew [@new2026].\n"
        editor.change("docs/index.md", text)
        editor.wait("docs/index.md", "C001")
        editor.open("sources/a.bib")
        entry = "@online{new2026, title = {N}, url = {https://new.example/}}\n"
        editor.change("sources/a.bib", SITE["sources/a.bib"] + entry)
        editor.wait("docs/index.md")
        assert labels(complete(editor, "docs/index.md", "A @new|")) == ["new2026"]
        editor.change("sources/a.bib", SITE["sources/a.bib"] + entry[:-3])
        editor.wait("sources/a.bib", "S001")
        editor.change("docs/index.md", text)
        editor.wait("docs/index.md", "C001")
        closing = {"uri": editor.uri("sources/a.bib")}
        editor.tell("textDocument/didClose", textDocument=closing)
        editor.wait("sources/a.bib")


def actions(editor: Editor, path: str, line: int) -> dict[str, Any]:
    place = {"line": line, "character": 0}
    asked = {
        "textDocument": {"uri": editor.uri(path)},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": []},
    }
    return {one["title"]: one for one in editor.ask("textDocument/codeAction", asked)}


def test_quick_fixes_write_what_was_meant_and_begin_a_term(site: Path) -> None:
    text = '🙂 X [@smth2019] [[prezagruzka]] [[new: "thing"]]\n'
    with started(site) as editor:
        settled(editor)
        editor.change("docs/index.md", text)
        editor.wait("docs/index.md", "C001", "T001", "T001")
        found = actions(editor, "docs/index.md", 0)
        files = {**SITE, "docs/index.md": text}
        for title in ("Write 'smith2019'", "Write 'perezagruzka'", "Begin the term 'new-thing'"):
            files = after_edit(files, found[title]["edit"], site) if "Begin" in title else files
        assert files["sources/glossary/new-thing.md"].startswith(
            '---\ntitle: "new: \\"thing\\""\nkind: concept\nsummary:'
        )
        fixed = after_edit(files, found["Write 'smith2019'"]["edit"], site)["docs/index.md"]
        assert fixed == text.replace("smth", "smith")
        fixed = after_edit(files, found["Write 'perezagruzka'"]["edit"], site)["docs/index.md"]
        assert fixed == text.replace("prez", "perez")
        assert found["Write 'smith2019'"]["isPreferred"]


def test_quick_fixes_of_front_matter(site: Path) -> None:
    text = (
        SITE["sources/glossary/reset.md"]
        .replace("summary", "sumary")
        .replace("cold-war", "cold-wr")
    )
    with started(site) as editor:
        editor.open("sources/glossary/reset.md", text)
        editor.wait("sources/glossary/reset.md", "T003", "T004", "T004")
        edit = actions(editor, "sources/glossary/reset.md", 5)["Write 'summary'"]["edit"]
        files = {**SITE, "sources/glossary/reset.md": text}
        files = after_edit(files, edit, site)
        edit = actions(editor, "sources/glossary/reset.md", 0)["Write 'cold-war'"]["edit"]
        assert after_edit(files, edit, site) == SITE


def test_broken_files_end_nothing(site: Path) -> None:
    write(site, {"sources/glossary/reset.md": "---\ntitle: [\n", "sources/data/t.csv": '"'})
    write(site, {"mkdocs.yml": "plugins: [\nx"})
    with started(site) as editor:
        editor.wait("mkdocs.yml", "")
        settled(editor)
        for text in ("---\n---", "---\na: [\n---\n", "[[" * 300, "[@" * 300, "\ud83d", "```", ""):
            editor.change("docs/index.md", text)
            assert editor.ask("textDocument/hover", editor.at("docs/index.md", 900, 900)) is None
            complete(editor, "docs/index.md", f"{text}|")
        for text in ("@", "@online{", "@online{a,\n" * 300, "@string{a = b}", '@online{a, t = "'):
            editor.open("sources/a.bib", text)
            assert editor.ask("textDocument/hover", editor.at("sources/a.bib", 0, 3)) is None
        editor.send(id=9999, method="textDocument/hover", params={"nonsense": 1})
        with pytest.raises(RefusedError):
            editor.ask("textDocument/nonsense")
        write(site, {"mkdocs.yml": SITE["mkdocs.yml"]})
        changed = [{"uri": editor.uri("mkdocs.yml"), "type": 2}]
        editor.tell("workspace/didChangeWatchedFiles", changes=changed)
        editor.wait("mkdocs.yml")
        editor.change("docs/index.md", SITE["docs/index.md"] + "[@no]")
        editor.open("sources/a.bib")
        editor.wait("docs/index.md", "C001")
        assert editor.end() == 0


def test_an_extension_that_fails_is_a_line_in_the_log(site: Path) -> None:
    write(site, {"mkdocs.yml": "markdown_extensions: [no_such_thing]\nplugins: [apparatus]\n"})
    with started(site) as editor:
        settled(editor)
        assert any("no_such_thing" in one for one in editor.logged)
        assert "no_such_thing" in editor.wait("mkdocs.yml", "")[0]["message"]


def test_documents_outside_of_the_site_have_no_answers(site: Path) -> None:
    with started(site) as editor:
        settled(editor)
        editor.open("README.md", "# X [@smith2019]\n")
        assert editor.ask("textDocument/hover", editor.at("README.md", 0, 8)) is None
        assert complete(editor, "README.md", "A @smi|") == []
        assert (
            editor.ask(
                "textDocument/references",
                editor.at("README.md", 0, 8, context={"includeDeclaration": True}),
            )
            == []
        )


def test_a_session_that_is_cut_off_is_no_success(site: Path) -> None:
    with editing(site) as editor:
        editor.begin()
        assert editor.process.stdin
        editor.process.stdin.close()
        assert editor.process.wait(20) == 1


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "lsp":
            raise ModuleNotFoundError("No module named 'pygls'", name="pygls")
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["lsp"]) == 2
    assert "pip install 'mkdocs-apparatus[lsp]'" in capsys.readouterr().err


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    made.write(content.Model(content.SIZES["M"]), made.FLAVOURS["apparatus"], folder)
    return folder


MOST = 0.050  # seconds, for the median of several answers


def test_answers_on_a_large_site_take_less_than_a_moment(
    large: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next(one for one in sorted(large.glob("docs/**/*.md")) if "[@" in one.read_text("utf-8"))
    text = path.read_text("utf-8")
    name = path.relative_to(large).as_posix()
    lines = text.split("\n")
    line = next(at for at, one in enumerate(lines) if "[@" in one)
    key = lines[line].index("[@") + 4
    term_line = next(at for at, one in enumerate(lines) if "[[" in one)
    term = lines[term_line].index("[[") + 4
    with editing(large) as editor:
        editor.begin()
        editor.open(name)
        settled(editor, name)
        refer = {"context": {"includeDeclaration": True}}
        editor.ask("textDocument/references", editor.at(name, line, key, **refer))  # warm
        questions: dict[str, tuple[str, Any]] = {
            "hover": ("textDocument/hover", editor.at(name, line, key)),
            "definition": ("textDocument/definition", editor.at(name, line, key)),
            "references of a source": (
                "textDocument/references",
                editor.at(name, line, key, **refer),
            ),
            "references of a term": (
                "textDocument/references",
                editor.at(name, term_line, term, **refer),
            ),
            "rename a source": (
                "textDocument/rename",
                editor.at(name, line, key, newName="entirely-new"),
            ),
            "rename a term": (
                "textDocument/rename",
                editor.at(name, term_line, term, newName="entirely-new"),
            ),
        }
        medians = {
            what: _median(lambda question=question: editor.ask(*question))
            for what, question in questions.items()
        }
        for typed in ("@", "@ab", "@grafloxyz", "[[", "[[pla"):
            editor.change(name, f"{text}\nNow {typed}")
            asked = editor.at(name, text.count("\n") + 1, 4 + len(typed))
            medians[f"completion of {typed}"] = _median(
                lambda asked=asked: editor.ask("textDocument/completion", asked)
            )
        turn = iter(range(1_000))

        def typing() -> None:
            number = next(turn)
            editor.change(name, f"{text}\nNow [@nobody{number}]")
            editor.ask("textDocument/hover", editor.at(name, line, key))

        medians["hover behind a change"] = _median(typing)

        def finding() -> None:
            number = next(turn)
            editor.change(name, f"{text}\nNow [@nobody{number}]")
            while f"nobody{number}" not in json.dumps(editor.diagnostics.get(editor.uri(name))):
                editor._next()

        found = _median(finding)
    with capsys.disabled():
        for what, seconds in {**medians, "findings, with the pause": found}.items():
            print(f"\n{what:28} {seconds * 1000:6.1f} ms", end="")
    assert max(medians.values()) < MOST * _waiting()
    assert found < (0.15 + MOST) * _waiting()


def _median(ask: Any) -> float:
    times = []
    for _ in range(9):
        begun = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _waiting() -> float:
    """Return how often an answer must wait for its turn on a machine that has more to do."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
