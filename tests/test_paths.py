"""Names and links of a stranger's making: nothing of the builder's own is read or written.

Whatever is wrong is said with the file's name, by ``apparatus check`` and by a build alike, and
never by a traceback. What MkDocs makes of an odd name (the address of a page, what it copies of
docs/ that is no page) is MkDocs's: here is tested that it is not stopped by what is ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mkdocs_apparatus.audit import audit
from mkdocs_apparatus.cli import check_site, main
from mkdocs_apparatus.config import read_config
from mkdocs_apparatus.dates import today
from mkdocs_apparatus.folder import bounds, fault_of, read_bytes
from mkdocs_apparatus.record import references_path
from sites import write

PRIVATE = "---\ntitle: swordfish\nsummary: swordfish\n---\nswordfish [@swordfish]\n"
SPEC = {
    "title": "T",
    "description": "D",
    "usermeta": {"caption": "C", "licence": "L"},
    "data": {"url": "../data/f.csv"},
    "mark": "bar",
    "encoding": {"x": {"field": "A", "type": "quantitative"}},
}
SITE = {
    "docs/index.md": "# Home\n\nWords [@k].\n",
    "sources/a.bib": "@online{k, title = {T}, url = {https://a.example/1}}\n",
    "sources/glossary/own.md": "---\ntitle: Own\nsummary: S.\n---\nText [@k].\n",
    "sources/claims/01-own.md": "---\nclaim: C.\nparagraph: 1\nverdict: wrong\n---\nText [@k].\n",
    "sources/data/own.csv": "A,source\n1,k\n",
    "sources/figures/own.json": json.dumps(SPEC | {"data": {"url": "../data/own.csv"}}),
}
CONFIG = "site_name: X\nplugins: [apparatus]\n"
PLACES = (
    "docs/odd.md",
    "sources/odd.bib",
    "sources/article.md",
    "sources/glossary/odd.md",
    "sources/claims/02-odd.md",
    "sources/data/odd.csv",
    "sources/figures/odd.json",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project beside which lies what is nobody else's business."""
    write(
        tmp_path, {f"private/odd{ending}": PRIVATE for ending in (".md", ".bib", ".csv", ".json")}
    )
    write(tmp_path / "project", SITE | {"mkdocs.yml": CONFIG})
    return tmp_path / "project"


def findings(folder: Path) -> dict[str, str]:
    """Return what a check says of files that are not read, and see that it says nothing else."""
    found = check_site(folder / "mkdocs.yml")
    assert "swordfish" not in repr(found)
    return {one.span.path: one.message for one in found if one.code == "S018"}


def mkdocs(folder: Path) -> str:
    """Build a site in a process of its own; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=folder,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr[-2_000:]
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stderr


def publishes(folder: Path, word: str) -> bool:
    pages = (path for path in (folder / "site").rglob("*") if path.is_file())
    return any(word.encode() in path.read_bytes() for path in pages)


def links(project: Path, kind: str) -> None:
    """Put a link, or something worse, into each place."""
    for name in PLACES:
        path = project / name
        outside = project.parent / f"private/odd{path.suffix}"
        path.unlink(missing_ok=True)
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "circle":
            path.symlink_to(path.name)
        elif kind == "relative":
            path.symlink_to(os.path.relpath(outside, path.parent))
        else:
            targets = {"outside": outside, "system": "/etc/passwd", "device": "/dev/zero"}
            path.symlink_to(targets.get(kind, project / "nowhere"))


WORDS = {
    "outside": "leads out of the project",
    "relative": "leads out of the project",
    "system": "leads out of the project",
    "device": "leads out of the project",
    "circle": "leads nowhere",
    "nowhere": "leads nowhere",
    "pipe": "no plain file",
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_link_is_named_and_not_followed(project: Path, kind: str) -> None:
    links(project, kind)
    said = findings(project)
    assert said.keys() == set(PLACES)
    assert all(WORDS[kind] in message for message in said.values())


@pytest.mark.parametrize("kind", ["outside", "pipe"])
def test_a_build_says_the_same_and_publishes_nothing_of_it(project: Path, kind: str) -> None:
    links(project, kind)
    log = mkdocs(project)
    assert all(f"{name}:1:1: S018" in log for name in PLACES)
    assert not publishes(project, "swordfish")
    assert publishes(project, "Home")


@pytest.mark.parametrize("folder", ["docs/sub", "sources", "sources/glossary", "sources/data"])
def test_a_folder_that_leads_out_is_named_and_not_followed(project: Path, folder: str) -> None:
    (project / folder).rename(project / "away") if (project / folder).exists() else None
    (project / folder).symlink_to(project.parent / "private")
    said = findings(project)
    assert "leads out of the project" in said[folder]
    assert f"{folder}:1:1: S018" in mkdocs(project)
    # MkDocs copies whatever is no page, wherever it lies; pages are not read.
    assert not publishes(project, "<p>swordfish")


def test_folders_in_a_circle_end(project: Path) -> None:
    (project / "docs/again").symlink_to(project / "docs")
    (project / "sources/glossary/again").symlink_to(project / "sources")
    assert findings(project) == {}


def test_a_link_within_the_project_is_followed_but_not_to_what_is_hidden(project: Path) -> None:
    write(project, {"more.bib": "@misc{m, title = {M}}\n", ".git/config": PRIVATE})
    (project / "sources/more.bib").symlink_to(project / "more.bib")
    (project / "docs/config.md").symlink_to(project / ".git/config")
    said = findings(project)
    assert list(said) == ["docs/config.md"]
    assert "to what is hidden" in said["docs/config.md"]
    assert "S004 'm' is never cited" in mkdocs(project)
    assert not publishes(project, "swordfish")


def test_the_project_is_the_repository(project: Path) -> None:
    """A site may lie in a folder of a repository, and use what lies beside it."""
    write(project.parent, {".git/config": ""})
    within = bounds(project / "sources", project)
    assert within == project.parent.resolve()
    assert fault_of(project.parent / "private/odd.md", within) == ""
    assert fault_of(Path("/etc/passwd"), within) != ""


def test_nothing_of_a_link_is_shown_or_mended(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    links(project, "outside")
    outside = project.parent / "private/odd.md"
    outside.write_text(PRIVATE.replace("summary: swordfish", "summary: swordfish   "), "utf-8")
    before = outside.read_bytes()
    assert main(["check", "--fix", "--config", str(project / "mkdocs.yml")]) == 1
    shown = capsys.readouterr()
    assert "docs/odd.md" in shown.out
    assert "swordfish" not in shown.out + shown.err
    assert outside.read_bytes() == before


def test_settings_may_lead_elsewhere_and_nothing_is_mended_there(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """mkdocs.yml is its owner's, so its folders may be anywhere; only the project is written."""
    outside = project.parent / "private"
    write(outside, {"glossary/t.md": "---\ntitle: T   \nsummary: S.\n---\n"})
    for named in (
        "../private",
        str(outside),
        "/",
        "sources/../../private",
        "nowhere",
        "docs/index.md",
    ):
        config = f"site_name: X\nplugins:\n- apparatus:\n    sources: {named}\n"
        (project / "mkdocs.yml").write_text(config, "utf-8")
        assert main(["check", "--fix", "--config", str(project / "mkdocs.yml")]) == 1
    mkdocs(project)
    assert "Traceback" not in capsys.readouterr().err
    assert (outside / "glossary/t.md").read_text("utf-8").startswith("---\ntitle: T   \n")


@pytest.mark.parametrize(
    "kind", ["missing", "circle", "pipe", "device", "outside", "folder", "sparse"]
)
def test_a_style_that_is_no_style_is_named(project: Path, kind: str) -> None:
    path = project / "own.csl"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(10_000_000_000)
    elif kind != "missing":
        outside = project.parent / "private/odd.md"
        path.symlink_to({"circle": path, "device": "/dev/zero", "outside": outside}[kind])
    config = "site_name: X\nplugins:\n- apparatus:\n    style: own.csl\n"
    (project / "mkdocs.yml").write_text(config, "utf-8")
    found = [one for one in check_site(project / "mkdocs.yml") if one.code == "C006"]
    assert [one.span.path for one in found] == ["mkdocs.yml"]
    assert "own.csl" in found[0].message
    assert "swordfish" not in found[0].message


CLIMBING = (
    "../../private/odd.md",
    "/etc/passwd",
    "../index.md",
    "./index.md",
    "C:\\index.md",
    "a\\..\\..\\b.md",
    "https://a.example/x.md",
    "\u202eindex.md",
    "index.md\u0000",
    "x" * 500,
)


@pytest.mark.parametrize("path", CLIMBING)
def test_a_value_that_names_a_file_names_one_of_the_site(project: Path, path: str) -> None:
    """Pages are found by name among the site's own: no value is ever opened as a path."""
    quoted = json.dumps(path)
    write(
        project,
        {
            "docs/index.md": f"---\nrelated: [{quoted}]\nexempt:\n  {quoted}: why\n---\n[@k].\n",
            "sources/glossary/own.md": f"---\ntitle: Own\nsummary: S.\nexplainer: {quoted}\n"
            "---\n[@k]\n",
            "sources/claims/01-own.md": f"---\nclaim: C.\nparagraph: 1\nverdict: wrong\n"
            f"explainer: {quoted}\n---\n[@k]\n",
            "sources/figures/own.json": json.dumps(SPEC | {"data": {"url": path}}),
        },
    )
    if "\u0000" in path:  # JSON's way to write it is YAML's too
        assert "\\u0000" in quoted
    found = {(one.code, one.span.path) for one in check_site(project / "mkdocs.yml")}
    assert found >= {
        ("P003", "docs/index.md"),
        ("P007", "docs/index.md"),
        ("Q003", "sources/glossary/own.md"),
        ("Q003", "sources/claims/01-own.md"),
        ("F003", "sources/figures/own.json"),
    }
    mkdocs(project)
    assert not publishes(project, "swordfish")


ODD = (
    b"con.md",
    b"aux.md",
    b"dot..md",
    b"space .md",
    b" .md",
    b"..md",
    b"new\nline.md",
    b"\n::error::x.md",
    b"quote\"'.md",
    b"<b>angle.md",
    b"&amp;.md",
    b"%2e%2e.md",
    b"back\\slash.md",
    b"-rf.md",
    b"$(id).md",
    b"{brace}.md",
    b"[[own]].md",
    b"@k.md",
    "rtl\u202egpj.md".encode(),
    "combining e\u0301.md".encode(),
    b"tab\t.md",
    b"bell\x07.md",
    b"not\xff\xfeutf8.md",
    b"y" * 252 + b".md",
)


def odd_files(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ODD:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"---\ntitle: T\n---\nWords [@nobody].\n")


@pytest.mark.parametrize("folder", ["sources/glossary", "sources/claims"])
def test_odd_names_in_sources_are_read_or_named(project: Path, folder: str) -> None:
    odd_files(project / folder)
    found = [one for one in check_site(project / "mkdocs.yml") if one.span.path.startswith(folder)]
    named = {one.span.path for one in found}
    assert len(named) >= len(ODD)
    assert all(name.isprintable() and name.encode() for name in named)
    said = {one.span.path: one.message for one in found if one.code == "S018"}
    assert f"{folder}/new\\nline.md" in said
    assert f"{folder}/not\\udcff\\udcfeutf8.md" in said
    assert f"{folder}/rtl\\u202egpj.md" in said
    assert set(said.values()) == {"its name has signs that cannot be shown; rename it"}
    log = mkdocs(project)
    assert f"{folder}/new\\nline.md:1:1: S018" in log
    assert "\n::error::" not in log


@pytest.mark.parametrize("form", ["text", "concise", "json", "github", "sarif"])
def test_odd_names_of_pages_are_read_or_named(
    project: Path, form: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    odd_files(project / "docs")
    assert main(["check", "--format", form, "--config", str(project / "mkdocs.yml")]) == 1
    shown = capsysbinary.readouterr().out
    assert b"\n::error::x" not in shown
    assert shown.isascii() or shown.decode()


def test_a_build_of_odd_names_does_not_stop(project: Path) -> None:
    """What MkDocs calls such a page is its own matter; those that cannot be shown are left out."""
    odd_files(project / "docs")
    log = mkdocs(project)
    assert "docs/new\\nline.md:1:1: S018" in log
    assert (project / "site/con/index.html").is_file()
    assert (project / "site" / ("y" * 252) / "index.html").is_file()


def test_a_long_name_has_a_download_of_its_own() -> None:
    names = [f"{'a/' * times}{'é' * 124}{number}.md" for times in (0, 3) for number in range(2)]
    paths = [references_path(name) for name in names]
    assert len(set(paths)) == len(names)
    assert all(len(os.fsencode(part)) <= 255 for path in paths for part in path.split("/"))
    assert references_path("a/b.md") == "assets/apparatus/references/a/b.bib"


def test_names_that_differ_in_case_are_two_or_named(project: Path) -> None:
    write(
        project,
        {
            "docs/Index.md": "Words [@k].\n",
            "sources/A.bib": "@misc{K, title = {Other}, url = {https://a.example/2}}\n",
            "sources/glossary/OWN.md": "---\ntitle: Own\nsummary: S.\n---\nText [@k].\n",
            "sources/claims/02-OWN.md": SITE["sources/claims/01-own.md"],
            "sources/claims/02-own.md": SITE["sources/claims/01-own.md"],
        },
    )
    found = {(one.code, one.span.path) for one in check_site(project / "mkdocs.yml")}
    assert found >= {
        ("S002", "sources/a.bib"),
        ("T002", "sources/glossary/own.md"),
        ("Q004", "sources/claims/02-own.md"),
    }
    mkdocs(project)


def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    done = threading.Event()

    def read() -> None:
        with pytest.raises(OSError, match="no plain file"):
            read_bytes(tmp_path / "a.md")
        done.set()

    threading.Thread(target=read, daemon=True).start()
    assert done.wait(10)


def test_what_cannot_be_read_is_remembered_with_its_reason(project: Path) -> None:
    """The second check comes from the cache: it says the same, and what is mended is seen."""
    links(project, "outside")
    config = read_config(project / "mkdocs.yml")
    first = audit(config, today(), lambda *_: None)
    assert audit(config, today(), lambda *_: None) == first
    for name in PLACES:
        (project / name).unlink()
    assert findings(project) == {}
