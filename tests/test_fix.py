"""What ``apparatus check --fix`` mends, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mkdocs_apparatus.cli import main
from sites import write

FILES = {
    "mkdocs.yml": "site_name: X\nplugins: [apparatus]\n",
    "docs/index.md": "---\ntitle: T  \n---\n\nA [@smtih2019; see @smtih2019, p. 3] and "
    "[[resset|the one]], [[resset]], [@alpha1]. `[@smtih2019]`\n",
    "docs/crlf.md": "One [@smtih2019].\r\nTwo\r\n",
    "sources/a.bib": "@online{smith2019, title = {One}, url = {https://a.example/}}\n\n"
    "@online{alpha2, title = {Two}, url = {https://a.example/2}}\n\n"
    "@online{alpha3, title = {Three}, url = {https://a.example/3}}\n",
    "sources/b.bib": "% a comment\n@misc{z, title = {Z}, publisher = {P}}\n"
    "@misc{a, title = {A}, publisher = {P}}\n",
    "sources/glossary/reset.md": "---\ntitle: reset\t\nsummary: S.\n---\nText [@smtih2019].\n",
    "README.md": "[@smtih2019]\n",
}


def run(folder: Path) -> int:
    return main(["check", "--config", str(folder / "mkdocs.yml"), "--format", "concise", "--fix"])


def texts(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_what_has_one_safe_answer_is_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, FILES)
    assert run(tmp_path) == 1
    done = capsys.readouterr().err.splitlines()
    assert done == [
        "docs/crlf.md:1: 'smtih2019' is now 'smith2019'",
        "docs/index.md:5: 'smtih2019' is now 'smith2019'",
        "docs/index.md:5: 'resset' is now 'reset'",
        "docs/index.md: spaces at the ends of lines of front matter are gone",
        "sources/a.bib: entries are in the order of their keys",
        "sources/glossary/reset.md:5: 'smtih2019' is now 'smith2019'",
        "sources/glossary/reset.md: spaces at the ends of lines of front matter are gone",
    ]
    after = texts(tmp_path)
    assert after["docs/index.md"].decode() == (
        "---\ntitle: T\n---\n\nA [@smith2019; see @smith2019, p. 3] and [[reset|the one]], "
        "[[reset]], [@alpha1]. `[@smtih2019]`\n"
    )
    assert after["docs/crlf.md"] == b"One [@smith2019].\r\nTwo\r\n"
    keys = [line[8:].split(",")[0] for line in after["sources/a.bib"].decode().splitlines()[::2]]
    assert keys == ["alpha2", "alpha3", "smith2019"]
    # Two keys are as near to alpha1; a comment belongs to its entry; others' files are theirs.
    assert after["sources/b.bib"].decode() == FILES["sources/b.bib"]
    assert after["README.md"].decode() == FILES["README.md"]


def test_a_second_run_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, FILES)
    run(tmp_path)
    capsys.readouterr()
    before = texts(tmp_path)
    run(tmp_path)
    assert texts(tmp_path) == before
    assert capsys.readouterr().err == ""


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    outside = tmp_path / "outside.md"
    outside.write_text("---\ntitle: T  \n---\n[@smtih2019]\n", "utf-8")
    (tmp_path / "docs/linked.md").symlink_to(outside)
    run(tmp_path)
    assert outside.read_text("utf-8") == "---\ntitle: T  \n---\n[@smtih2019]\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no entry at all",
        "@misc{b, title = {B}}\n@misc{a, title = {A}\n",
        "@string{x = {y}}\n@misc{b, title = x}\n@misc{a, title = {A}}\n",
        "@misc{b, title = {B}}\nloose words\n@misc{a, title = {A}}\n",
        "@misc{b, title = {B}}\n@misc{b, title = {C}}\n@misc{a, title = {A}}\n",
    ],
)
def test_a_file_that_is_not_all_entries_stays_as_it_is(tmp_path: Path, text: str) -> None:
    write(tmp_path, FILES | {"sources/a.bib": text})
    run(tmp_path)
    assert (tmp_path / "sources/a.bib").read_text("utf-8") == text
