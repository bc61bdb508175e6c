"""axe-core finds no fault: light and dark, on a phone and a desk, a card open or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from playwright.sync_api import Browser, Page, expect

from sites import ROOT, Build, serving, write

AXE = ROOT / ".venv/node/node_modules/axe-core/axe.min.js"  # `make test` gets it
RUN = """async (include) => {
  const { violations } = await axe.run({ include }, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}"""
OPEN = "() => document.querySelectorAll('details').forEach((details) => (details.open = true))"
PAGE = """# Everything

A [link](other.md), `code` and a footnote[^1], in a paragraph.

```python title="a.py"
# A comment
def f(x: int) -> str:  # another
    return str(x) + "1" @ None
```

!!! note "A note"

    With a [link](other.md).

| one | two | three | four |
| --- | --- | --- | --- |
| longer words | and more | than there are | in the others |

[^1]: Its text.
"""


@pytest.fixture(params=[("light", 360), ("dark", 360), ("light", 1280), ("dark", 1280)], ids=str)
def look(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    scheme, width = request.param
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a page of whatever this site's pages do not have yet, in this site's look."""
    docs, target = tmp_path_factory.mktemp("docs"), tmp_path_factory.mktemp("site")
    write(docs, {"index.md": PAGE, "other.md": "# Other\n"})
    (docs / "assets").mkdir()
    shutil.copy(ROOT / "docs/assets/site.css", docs / "assets")
    loaded = load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(docs), site_dir=str(target))
    loaded.nav = None
    loaded.theme["features"] += ["navigation.tabs", "content.code.copy"]
    loaded.markdown_extensions += ["pymdownx.highlight", "pymdownx.superfences"]
    mkdocs_build(loaded)
    return target


def faults(page: Page, *within: str) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN, within or ["html"])
    return [f"{page.url} {fault}" for fault in found]


def visit(page: Page, address: str) -> list[str]:
    """Return the faults of a page, with all its folds open, and of its first card."""
    page.goto(address)
    page.evaluate(OPEN)
    found = faults(page)
    link = page.locator("a[aria-haspopup]:visible").first
    if link.count():
        link.click()
        expect(page.locator(".ap-card:popover-open")).to_be_visible()
        found += faults(page, ".ap-card", 'a[aria-expanded="true"]')
    return found


def test_no_page_has_a_fault(look: Page, address: str, site_folder: Path) -> None:
    paths = sorted(path.relative_to(site_folder) for path in site_folder.rglob("*.html"))
    assert [fault for path in paths for fault in visit(look, f"{address}/{path.as_posix()}")] == []


def test_a_whole_page_with_an_open_card_has_no_fault(look: Page, address: str) -> None:
    look.goto(f"{address}/explainers/reset/")
    for link in (look.locator(".ap-cite").first, look.locator(".ap-term").first):
        link.click()
        expect(look.locator(".ap-card:popover-open")).to_be_visible()
        assert faults(look) == []


def test_the_search_has_no_fault(look: Page, address: str) -> None:
    look.goto(address)
    look.keyboard.press("/")
    look.keyboard.type("reset")
    expect(look.locator(".md-search-result__item").first).to_be_visible()
    assert faults(look) == []


def test_what_pages_may_have_has_no_fault(look: Page, sink: Path) -> None:
    with serving(sink) as address:
        assert visit(look, address) == []
        look.close()


@pytest.mark.parametrize(
    "fault",
    [
        "() => document.querySelector('.md-search').removeAttribute('aria-label')",
        "() => document.querySelector('article p').style.setProperty('color', '#8888')",
    ],
    ids=["name", "contrast"],
)
def test_a_fault_is_found(look: Page, address: str, fault: str) -> None:
    """A test that never fails would prove nothing."""
    look.goto(address)
    look.evaluate(fault)
    assert faults(look) != []


PLAIN = """theme:
  name: material
  font: false
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default}
    - {media: "(prefers-color-scheme: dark)", scheme: slate}
"""
SMALL = {
    "docs/index.md": '# One\n\nA word [@a, p. 3; @b, "of the source"] and [[reset]] [@unknown].\n',
    "sources/a.bib": """@online{a, title = {First}, url = {https://a.example/}, keywords = {news},
  date = {2025-04-02}, urldate = {2026-11-24}, langid = {french}}
@online{b, title = {Second}, url = {https://b.example/}, archiveurl = {https://c.example/}}
""",
    "sources/glossary/reset.md": """---
title: reset
kind: event
aliases: [the other]
date: 2009-03-06
summary: A start.
topics: [beginnings]
explainer: index.md
---
Text [@a].
""",
    "sources/claims/01-x.md": """---
claim: It is so.
paragraph: 1
verdict: wrong
explainer: index.md
checked: 2026-11-24
---
No [@a].
""",
    "sources/claims/02-y.md": "---\nclaim: It is.\nparagraph: 1\nverdict: nuanced\n---\n[@b].\n",
}


def test_what_the_plugin_writes_has_no_fault_in_the_theme_as_it_comes(
    look: Page, build: Build
) -> None:
    built = build(SMALL, config=PLAIN)
    with serving(built.folder / "site") as address:
        for path in ("", "claims/", "glossary/", "timeline/", "sources/"):
            found = visit(look, f"{address}/{path}")
            assert [fault for fault in found if "ap-" in fault or "article" in fault] == []
        look.close()
