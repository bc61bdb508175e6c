"""The same pages under MkDocs, ProperDocs and Zensical: the same references, links and terms.

What differs under Zensical is the table in docs/apparatus/generators.md; each of its rows has a
test here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

import pytest
import yaml
from selectolax.lexbor import LexborHTMLParser, LexborNode

from sites import write

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
