"""On paper: the text, references with their addresses, and nothing that only a screen can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PageObject, PdfReader

A4 = {"format": "A4", "margin": dict.fromkeys(("top", "right", "bottom", "left"), "18mm")}
EXPLAINER = "explainers/draft-process/"
SCREEN = (
    ".md-header",
    ".md-footer",
    ".md-sidebar",
    ".md-top",
    ".md-skip",
    ".ap-card",
    ".ap-citing",
    ".ap-contents",
    ".ap-index",
    ".ap-backlink",
    ".headerlink",
    ".site-related",
    "article button",
)


@pytest.fixture(params=["light", "dark"])
def screen(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Open a page, a card on it, and put it on paper."""
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{address}/{EXPLAINER}")
    page.locator(".ap-cite").first.click()
    expect(page.locator(".ap-card:popover-open")).to_be_visible()
    page.emulate_media(media="print", color_scheme=request.param)
    yield page
    context.close()


def printed(page: Page) -> PdfReader:
    return PdfReader(BytesIO(page.pdf(**A4)))  # type: ignore[arg-type]


def joined(text: str) -> str:
    """Return a text without what lines of paper do to it."""
    return re.sub(r"\s+", "", text)


def test_what_serves_a_screen_is_gone(screen: Page, address: str) -> None:
    for path in (EXPLAINER, "", "claims/", "timeline/", "glossary/", "sources/"):
        if path != EXPLAINER:
            screen.goto(f"{address}/{path}")
        shown = [one for one in SCREEN if screen.locator(f"{one}:visible").count()]
        assert shown == [], path


def test_each_reference_has_its_address(screen: Page) -> None:
    hrefs = screen.eval_on_selector_all(
        ".ap-references a.ap-title", "(all) => all.map((one) => one.getAttribute('href'))"
    )
    text = joined("".join(page.extract_text() for page in printed(screen).pages))
    assert len(hrefs) > 40
    assert [href for href in hrefs if joined(f"<{href}>") not in text] == []
    for gone in ("Search", "Tableofcontents", "Gotothelist", "Citethispage", "Backtotop", "Skipto"):
        assert gone not in text, gone
    for kept in ("Termsonthispage", "References", "minutestoread", "Thearticle’sclaims"):
        assert kept in text, kept


def test_dark_pages_are_printed_light(screen: Page) -> None:
    light = """(selector) => {
      const node = document.querySelector(selector);
      const grey = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        return a === 0 ? 255 : (r + g + b) / 3;
      };
      const { color, backgroundColor } = getComputedStyle(node);
      return [grey(color), grey(backgroundColor)];
    }"""
    for selector in ("body", "article p", "article h2", "article td", ".ap-verdict-imprecise"):
        ink, paper = screen.evaluate(light, selector)
        assert ink < 128, selector
        assert paper > 240, selector


def lines(page: PageObject) -> list[str]:
    """Return the lines from top to bottom, as they are seen, and not as they were painted."""
    text = page.extract_text(extraction_mode="layout")
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("path", [EXPLAINER, "explainers/reset/", "claims/", "timeline/"])
def test_no_heading_stands_alone_at_a_foot(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/{path}")
    headings = set(page.locator("article :is(h2, h3, summary)").all_inner_texts())
    headings = {" ".join(one.replace("¶", "").split()) for one in headings}
    pages = printed(page).pages
    assert len(pages) > 3
    assert [last for last in (lines(one)[-1] for one in pages) if last in headings] == []
    context.close()


@pytest.mark.parametrize("media", ["screen", "print"])
def test_what_belongs_together_is_kept(browser: Browser, address: str, media: str) -> None:
    """Rows, entries and headings say so themselves, wherever a page happens to end."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/{EXPLAINER}")
    page.emulate_media(media=media)  # type: ignore[arg-type]
    value = "avoid" if media == "print" else "auto"
    expect(page.locator("article tr").first).to_have_css("break-inside", value)
    expect(page.locator(".ap-references li").first).to_have_css("break-inside", value)
    expect(page.locator("article h2").first).to_have_css("break-after", value)
    context.close()


def test_a_figure_is_printed_with_its_whole_table(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/explainers/cohort/")
    page.emulate_media(media="print")
    rows = page.locator("#figure-conscription tbody tr")
    box, last = page.locator("#figure-conscription .ap-scroll").bounding_box(), rows.last
    foot = last.bounding_box()
    assert box
    assert foot
    assert last.is_visible()
    assert foot["y"] + foot["height"] <= box["y"] + box["height"] + 1
    assert not page.locator("#figure-conscription a[download]").is_visible()
    context.close()
