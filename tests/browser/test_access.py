"""Whoever reads, and however: by keys, enlarged, without motion, in forced colours, from the right.

axe-core cannot see most of this; it is measured in the browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

PATHS = (
    "",
    "explainers/draft-process/",
    "topics/",
    "claims/",
    "timeline/",
    "glossary/",
    "sources/",
)
OPEN = "document.querySelectorAll('details').forEach((details) => (details.open = true))"
# What stands out of the viewport to either side, and is neither hidden nor scrolled in a box.
OUTSIDE = """(within) => {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll(within)]
    .filter((node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((node) => !node.closest(".md-typeset__scrollwrap, pre"))
    .filter((node) => [...node.getClientRects()].some(
      (box) => box.width > 1 && (box.left < -1 || box.right > width + 1)))
    .map((node) => `${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 40)}`);
}"""
# Texts side by side that cover each other: leaves of the parts that the plugin writes.
OVERLAPS = """(within) => {
  const found = [];
  for (const part of document.querySelectorAll(within)) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    const boxes = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.data.trim() || !node.parentElement.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 1) boxes.push([box, node.data]);
    }
    for (const [at, [one, text]] of boxes.entries())
      for (const [other, its] of boxes.slice(at + 1)) {
        const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (wide > 2 && high > Math.min(one.height, other.height) / 2) found.push([text, its]);
      }
  }
  return found;
}"""
RIGHT_TO_LEFT = "document.documentElement.dir = document.body.dir = 'rtl'"


def opened(browser: Browser, width: int, height: int, **options: object) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        **options,  # type: ignore[arg-type]
    )
    return context.new_page()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    page = opened(browser, 1280, 800, reduced_motion="reduce")
    yield page
    page.context.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 256)], ids=["200 %", "400 %"])
def test_enlarged_pages_scroll_down_only(
    browser: Browser, address: str, path: str, width: int, height: int
) -> None:
    page = opened(browser, width, height)
    page.goto(f"{address}/{path}")
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE, "article *") == []
    page.context.close()


@pytest.mark.parametrize("path", PATHS)
def test_the_first_key_leads_past_the_navigation(desk: Page, address: str, path: str) -> None:
    desk.goto(f"{address}/{path}")
    desk.keyboard.press("Tab")
    skip = desk.locator(".md-skip")
    expect(skip).to_be_focused()
    expect(skip).to_have_css("opacity", "1")
    expect(skip).to_be_in_viewport()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    assert desk.evaluate("!!document.activeElement.closest('article')")


@pytest.mark.parametrize("path", PATHS)
def test_headings_follow_each_other(desk: Page, address: str, path: str) -> None:
    """One title, no level left out, and what is read first stands first."""
    desk.goto(f"{address}/{path}")
    levels = desk.eval_on_selector_all(
        "article :is(h1, h2, h3, h4)", "(all) => all.map((one) => Number(one.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    tops = desk.eval_on_selector_all(
        "article :is(h1, h2)", "(all) => all.map((one) => one.getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("colours", ["none", "active"])
def test_the_focus_is_seen(browser: Browser, address: str, path: str, colours: str) -> None:
    """The first stops of Tab, and one of each kind in the article."""
    page = opened(browser, 1280, 800, forced_colors=colours)
    page.goto(f"{address}/{path}")
    page.keyboard.press("Tab")
    shown = """() => {
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement);
      const back = getComputedStyle(document.body).backgroundColor;
      return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && outlineColor !== back;
    }"""
    for selector in ("article a:not(.headerlink)", ".ap-cite", ".ap-term", "article button"):
        first = page.locator(f"{selector}:visible").first
        if first.count():
            first.focus()
            assert page.evaluate(shown), selector
    page.context.close()


MOVING = """() => [...document.querySelectorAll("*")].filter((node) => {
  const { transitionDuration, transitionProperty, animationName, scrollBehavior } =
    getComputedStyle(node);
  const shifts = transitionProperty !== "none" && parseFloat(transitionDuration) > 0;
  return shifts || animationName !== "none" || scrollBehavior === "smooth";
}).map((node) => `${node.tagName}.${node.className}`)"""


@pytest.mark.parametrize("path", PATHS)
def test_nothing_moves_for_whoever_wants_rest(desk: Page, address: str, path: str) -> None:
    desk.goto(f"{address}/{path}")
    assert desk.evaluate(MOVING) == []
    desk.emulate_media(reduced_motion="no-preference")
    assert desk.evaluate(MOVING) != []


def test_forced_colours_leave_links_and_verdicts(browser: Browser, address: str) -> None:
    page = opened(browser, 1280, 800, forced_colors="active", color_scheme="dark")
    page.goto(f"{address}/claims/")
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    colour = "(node) => getComputedStyle(node).color"
    for sign in page.locator(".ap-verdict [aria-hidden]").all()[:20]:
        assert sign.inner_text().strip() in "●◐◇✕?"
        assert sign.evaluate(colour) != back
    words = page.locator("article p").first.evaluate(colour)
    link = page.locator("article p a:not(.ap-cite)").first
    assert link.evaluate(colour) not in (back, words)
    expect(link).to_have_css("text-decoration-line", "underline")
    # A pressed button is told by its border: backgrounds and shadows are gone.
    buttons = page.locator(".ap-filter button[aria-pressed]")
    buttons.first.click()
    expect(buttons.first).to_have_css("border-top-width", "2px")
    expect(buttons.nth(1)).to_have_css("border-top-width", "1px")
    page.goto(f"{address}/explainers/reset/")
    page.locator(".ap-cite").first.click()
    card = page.locator(".ap-card:popover-open")
    assert card.evaluate("(node) => getComputedStyle(node).borderTopColor") != back
    page.context.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [1280, 360])
def test_from_the_right_nothing_leaves_or_overlaps(
    browser: Browser, address: str, path: str, width: int
) -> None:
    page = opened(browser, width, 800)
    page.goto(f"{address}/{path}")
    page.evaluate(OPEN)
    page.evaluate(RIGHT_TO_LEFT)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE, "article *") == []
    parts = ".ap-references li, .ap-claims li, .ap-verdict, .ap-entry-title, .site-about li"
    assert page.evaluate(OVERLAPS, parts) == []
    for kind in (".ap-cite", ".ap-term"):
        link = page.locator(f"{kind}:visible").first
        if link.count() and link.get_attribute("aria-haspopup"):
            link.click()
            expect(page.locator(".ap-card:popover-open")).to_be_visible()
            assert page.evaluate(OUTSIDE, ".ap-card, .ap-card *") == []
            assert page.evaluate(OVERLAPS, ".ap-card") == []
    page.context.close()


def test_what_stands_at_the_beginning_stands_at_the_right(desk: Page, address: str) -> None:
    """Numbers of references, lines beside a paragraph and the question of the day."""
    desk.goto(f"{address}/explainers/reset/")
    desk.evaluate(RIGHT_TO_LEFT)
    start = "(node) => [getComputedStyle(node).paddingLeft, getComputedStyle(node).paddingRight]"
    left, right = desk.locator(".ap-references ol").evaluate(start)
    assert float(left[:-2]) == 0 < float(right[:-2])
    desk.goto(f"{address}/claims/")
    desk.evaluate(RIGHT_TO_LEFT)
    for line in (desk.locator(".ap-paragraph").first,):
        expect(line).to_have_css("border-left-width", "0px")
        assert float(line.evaluate("(node) => getComputedStyle(node).borderRightWidth")[:-2]) > 2


@pytest.mark.parametrize(
    ("fault", "script", "within"),
    [
        ("leaves", "article.querySelector('p').style.position = 'relative';"
         "article.querySelector('p').style.left = '-999px'", "article *"),
        ("overlaps", "article.querySelector('.ap-references .ap-notes').style.marginTop = '-2em'",
         ".ap-references li"),
    ],
)  # fmt: skip
def test_a_fault_is_found(desk: Page, address: str, fault: str, script: str, within: str) -> None:
    desk.goto(f"{address}/explainers/reset/")
    desk.evaluate(f"const article = document.querySelector('article'); {script}")
    assert desk.evaluate(OUTSIDE if fault == "leaves" else OVERLAPS, within) != []
