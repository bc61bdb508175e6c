"""A passage leads to the very words in the source, scrolled to and marked by the browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from sites import Build, serving

FILLER = "<p>Nothing of interest stands in this paragraph, and there are many like it.</p>\n" * 200
SOURCE = f"""<!doctype html><meta charset="utf-8"><title>A long source</title>
{FILLER}<p id="first">He said — on 2 April — that “it's temporarily lifted, 100%”, and left.</p>
{FILLER}<p id="second">Первые слова стоят здесь, а последние слова в конце.</p>
{FILLER}"""
PAGE = """# Passages

One [@long, "that “it's temporarily lifted, 100%”"].
Two [@long, "Первые слова … последние слова"].
"""


def test_a_passage_opens_the_source_at_its_words(
    browser: Browser, build: Build, tmp_path: Path
) -> None:
    with serving(tmp_path) as address:
        bib = f"@online{{long, title = {{A long source}}, url = {{{address}/long.html}}}}\n"
        files = {"docs/index.md": PAGE, "sources/a.bib": bib, "long.html": SOURCE}
        built = build(files, strict=True)
        assert not built.aborted, built.log
        for index, name in enumerate(("first", "second")):
            page = browser.new_page(viewport={"width": 800, "height": 600})
            page.goto(f"{address}/site/")
            page.locator(".ap-passage").nth(index).click()
            expect(page).to_have_title("A long source")
            expect(page.locator(f"#{name}")).to_be_in_viewport()
            assert page.evaluate("window.scrollY") > 600
            page.close()
