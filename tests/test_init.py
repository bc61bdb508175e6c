"""A new site: whatever is answered, it builds strictly and has no findings."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import yaml
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus import init as module
from mkdocs_apparatus.cli import check_site, main
from mkdocs_apparatus.init import InitError, answer, init
from mkdocs_apparatus.latex import decode
from mkdocs_apparatus.words import languages, load
from sites import ROOT, built

TEMPLATE = ROOT / "plugins/mkdocs_apparatus/template"
HOSTILE = (
    "a \"quoted\" 'title': {{ site }} {% x %} # no comment",
    "first line\nsecond: line\r\n- third\tend\x00\x1b[31m",
    "Дом @doe2020 [x](javascript:y) [[term]] *a* _b_ `c` \\n ${z}",
    "</title><script>alert(1)</script> & <!-- %%raw:today%% --> &amp;",
    "1999. A list? # | > + - ! ~ ^ } { \\ % $ & _ {: .c }",
    "]]> --- ... ' \" , and } @online{x, title = {y}}",
)


def made(folder: Path, *arguments: str) -> Path:
    assert main(["init", str(folder), *arguments]) == 0
    return folder


def page(folder: Path, path: str = "index.html") -> LexborHTMLParser:
    return LexborHTMLParser((folder / "site" / path).read_text("utf-8"))


def words(html: LexborHTMLParser, selector: str) -> str:
    found = html.css_first(selector)
    assert found is not None, selector
    return " ".join(found.text().split())


def test_what_is_usual_builds_strictly_and_has_no_findings(tmp_path: Path) -> None:
    folder = made(tmp_path / "new/site", "--yes")
    assert built(folder) == []
    assert check_site(folder / "mkdocs.yml") == []
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    wanted = {path.relative_to(TEMPLATE).as_posix() for path in TEMPLATE.rglob("*")}
    assert {name for name in files if not name.startswith(("site/", ".cache/"))} == {
        name for name in wanted if (TEMPLATE / name).is_file()
    } - {"sources/article.bib"}
    text = words(page(folder), ".md-content")
    assert "“Oops! You Mean It Wasn't Metric?” (Chicago Tribune, 4 October 1999) [1]" in text
    assert page(folder, "claims/index.html").css(".ap-claim, .ap-entry, [id^=claim-]")


def test_no_slot_is_left(tmp_path: Path) -> None:
    for name in ("a", "b"):
        own = [] if name == "a" else ["--article-title", "T", "--article-url", "https://a.example"]
        folder = made(tmp_path / name, "--yes", *own)
        left = [path for path in folder.rglob("*") if path.is_file() and "%%" in path.read_text()]
        assert left == []


def test_all_links_lead_somewhere(tmp_path: Path) -> None:
    folder = made(tmp_path / "site", "--yes")
    built(folder)
    index = page(folder)
    inside = [
        link.attributes["href"] or ""
        for link in index.css(".md-content a[href]")
        if "://" not in (link.attributes["href"] or "")
    ]
    assert {"explainers/units/", "claims/", "timeline/", "glossary/", "sources/"} <= set(inside)
    for href in inside:
        path, _, fragment = href.partition("#")
        target = page(folder, f"{path}index.html" if path.endswith("/") or not path else path)
        assert not fragment or target.css_first(f"[id='{unescape(fragment)}']"), href


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_text_and_nothing_else(tmp_path: Path, value: str) -> None:
    folder = made(
        tmp_path / "site",
        *("--title", value, "--article-title", value, "--article-author", value),
        *("--article-date", "2024-05", "--article-url", "https://example.org/a_b?c={d}&e=%20#f"),
    )
    assert built(folder) == []
    assert check_site(folder / "mkdocs.yml") == []
    seen = " ".join(value.translate({0: " ", 27: " "}).split())
    config = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
    angled = seen.replace("<", "‹").replace(">", "›")
    assert config["site_name"] == angled
    html = page(folder)
    assert words(html, "h1").removesuffix("¶") == angled
    assert f"“{seen}” ({seen}, May 2024) [1]" in words(html, ".md-content")
    assert words(html, "#ref-article").count(seen.rstrip(";")) == 2
    assert words(html, ".md-header .md-ellipsis") == angled.replace("&amp;", "&")
    assert not [one.html for one in html.css("script:not([type])") if "alert" in one.text()]
    assert html.css_first(".md-content [href^='javascript']") is None


def test_of_an_article_of_ones_own_only_the_title_is_needed(tmp_path: Path) -> None:
    folder = made(tmp_path / "site", "--yes", "--article-title", "My Article")
    assert built(folder) == []
    assert check_site(folder / "mkdocs.yml") == []
    article = (folder / "sources/article.md").read_text("utf-8")
    assert article.startswith('---\ntitle: "My Article"\n# Each')
    assert not (folder / "sources/article.bib").exists()
    assert "Chicago Tribune" not in (folder / "docs/index.md").read_text("utf-8")


def test_an_example_is_not_said_of_an_article_of_ones_own(tmp_path: Path) -> None:
    folder = made(tmp_path / "site", "--article-title", "My Article")
    for path in (folder / "sources/claims").iterdir():
        assert 'claim: "An example, not from the article: ' in path.read_text("utf-8")


@pytest.mark.parametrize("language", languages())
def test_each_language(tmp_path: Path, language: str) -> None:
    folder = made(tmp_path / "site", "--language", language, "--yes")
    assert built(folder) == []
    assert check_site(folder / "mkdocs.yml") == []
    html = page(folder, "claims/index.html")
    assert html.css_first(f"html[lang={language}]")
    assert words(html, "h1").removesuffix("¶") == load(language).claims_title


@pytest.mark.parametrize(
    ("licence", "text"),
    [("cc-by", "licensed under CC BY 4.0"), ("cc0", "CC0"), ("none", "All rights reserved.")],
)
def test_the_licence_is_in_its_file_and_in_the_foot(
    tmp_path: Path, licence: str, text: str
) -> None:
    folder = made(tmp_path / "site", "--licence", licence)
    assert built(folder) == []
    assert text in (folder / "LICENSE").read_text("utf-8")
    foot = words(page(folder), ".md-copyright")
    assert ("CC" in foot) == (licence != "none")


@pytest.mark.parametrize(
    ("flag", "value", "reason"),
    [
        ("--title", " \n ", "a site needs a title"),
        ("--article-title", "\x00", "the article needs a title"),
        ("--article-date", "soon", "'soon' is no date such as 2025-04-02, 2025-04 or 2025"),
        ("--article-date", "2999-01-01", "2999-01-01 is later than today"),
        ("--article-url", "javascript:x", "is no address such as https://example.org/article"),
        ("--article-url", 'https://a.example/">', "is no address"),
        ("--language", "tlh", "'tlh' is none of en"),
        ("--licence", "MIT", "'MIT' is none of cc-by, cc-by-sa, cc0, none"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str, value: str, reason: str
) -> None:
    assert main(["init", str(tmp_path / "site"), flag, value]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"apparatus: {flag}: ")
    assert reason in said
    assert not (tmp_path / "site").exists()


def test_a_folder_that_is_not_empty_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".hidden").write_text("mine")
    assert main(["init", str(tmp_path), "--yes"]) == 2
    assert f"apparatus: {tmp_path} is not empty: name a new folder\n" == capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [".hidden"]


def test_a_file_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert main(["init", str(file), "--yes"]) == 2
    assert "is a file: name a new folder" in capsys.readouterr().err
    assert main(["init", str(file / "below"), "--yes"]) == 2
    assert "below cannot be " in capsys.readouterr().err
    assert file.read_text() == "mine"


@pytest.fixture
def read_only() -> Iterator[Path]:
    """Give a folder that nobody may write to, not even whoever runs the tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(user)
        folder.chmod(0o755)


def test_a_parent_that_may_not_be_written_to(
    read_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "render", lambda _: {"a": "b"})  # nobody may not read our files
    with pytest.raises(InitError, match="site cannot be written: Permission denied"):
        init(read_only / "site", {})


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    assert (made(tmp_path, "--yes") / "mkdocs.yml").is_file()


def test_questions_have_defaults_and_are_asked_again_until_answered() -> None:
    asked: list[str] = []
    replies = iter(["My Site", "My Article", "", "yesterday", "2024", "nowhere", "", "DE ", ""])

    def ask(question: str) -> str:
        asked.append(question)
        return next(replies)

    answers = answer({}, ask)
    assert answers == {
        "title": "My Site",
        "article_title": "My Article",
        "article_author": "",
        "article_date": "2024",
        "article_url": "",
        "language": "de",
        "licence": "cc-by",
    }
    assert asked[0] == "title of the site [One Article, Annotated]: "
    assert asked[2] == "its author, or its publisher []: "
    assert asked[4].startswith("  'yesterday' is no date such as ")


def test_what_is_given_is_not_asked_for() -> None:
    asked: list[str] = []
    answer({"title": "T", "language": "fr"}, lambda question: asked.append(question) or "")
    assert len(asked) == 5
    assert not any("site" in question or "language" in question for question in asked)


def test_answers_that_end_too_early() -> None:
    def ask(_: str) -> str:
        raise EOFError

    with pytest.raises(InitError, match="--yes takes what is usual"):
        answer({}, ask)


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs_apparatus.cli", "init", "a site"]
    code = "import sys; from mkdocs_apparatus.cli import main; sys.exit(main(sys.argv[1:]))"
    command[1:3] = ["-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("  cd 'a site'\n  mkdocs serve\n")


@pytest.mark.parametrize("value", HOSTILE)
def test_bibtex_gives_back_what_was_written(value: str) -> None:
    value = " ".join(value.translate({0: " ", 27: " "}).split())
    assert decode(module._bibtex(value)) == value


def test_the_template_is_in_what_is_released(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    wanted = {path.relative_to(TEMPLATE.parents[1]).as_posix() for path in TEMPLATE.rglob("*")}
    wanted = {name for name in wanted if (TEMPLATE.parents[1] / name).is_file()}
    assert len(wanted) >= 17
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert wanted <= set(wheel.namelist())
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as source:
        names = {name.partition("/plugins/")[2] for name in source.getnames()}
    assert wanted <= names


def test_what_is_installed_brings_the_theme(tmp_path: Path) -> None:
    """The plugin asks for no theme, so the new site's own commands must."""
    assert main(["init", str(tmp_path / "new"), "--yes"]) == 0
    lines = [
        line
        for path in (tmp_path / "new").rglob("*")
        if path.suffix in (".md", ".yml")
        for line in path.read_text("utf-8").splitlines()
        if "pip install" in line
    ]
    assert len(lines) == 3
    assert all("mkdocs-apparatus mkdocs-material" in line for line in lines)
