"""Cards: a click, the pointer or the focus shows what a link leads to, and moves nothing."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import mkdocs_apparatus
from sites import ROOT, Build, serving

ASSETS = Path(mkdocs_apparatus.__file__).parent / "assets"
EXPLAINER = "explainers/reset/"
CARD = ".ap-card:popover-open"
SOON = 150  # milliseconds, in which no card may have come or gone


@pytest.fixture
def reader(page_of: Callable[..., Page], address: str) -> Page:
    """Open an explainer with a mouse at hand."""
    page = page_of()
    page.goto(f"{address}/{EXPLAINER}")
    return page


@pytest.fixture
def page_of(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; no error may come up."""
    faults: list[str] = []
    contexts = []

    def opened(**options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: (
                faults.append(f"{said.text} {said.location}") if said.type == "error" else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def cite(page: Page, number: int = 3) -> Locator:
    """Return the first citation of a source by its number."""
    return page.locator(".ap-cite").filter(has_text=re.compile(rf"^{number}$")).first


def with_passage(page: Page) -> Locator:
    """Return the first citation whose letter has a passage beside it."""
    anchor = page.locator(".ap-backlink:has(+ .ap-passage)").first.get_attribute("href")
    assert anchor
    return page.locator(f'[id="{anchor[1:]}"]')


def shown(page: Page) -> Locator:
    card = page.locator(CARD)
    expect(card).to_have_count(1)
    return card


def gone(page: Page) -> None:
    expect(page.locator(CARD)).to_have_count(0)
    assert page.locator('[aria-expanded="true"][aria-controls]').count() == 0


def place(page: Page) -> tuple[str, float]:
    return page.url, page.evaluate("window.scrollY")


def away(page: Page) -> None:
    page.mouse.move(5, 795)


def test_a_click_opens_and_moves_nothing(reader: Page) -> None:
    link = with_passage(reader)
    link.scroll_into_view_if_needed()
    before = place(reader)
    link.click()
    card = shown(reader)
    assert place(reader) == before
    expect(link).to_have_attribute("aria-expanded", "true")
    assert link.get_attribute("aria-controls") == card.get_attribute("id")
    # All that the entry says, and of its places that of this citation alone.
    entry = reader.locator(f'[id="{(link.get_attribute("href") or "")[1:]}"]')
    for part in (".ap-reference", ".ap-kind", ".ap-language", ".ap-seen", ".ap-archive"):
        assert card.locator(part).inner_text() == entry.locator(part).inner_text()
    assert entry.locator(".ap-passage").count() == 2
    letter = entry.locator(f'.ap-backlink[href="#{link.get_attribute("id")}"] + .ap-passage')
    assert card.locator(".ap-passage").all_inner_texts() == [letter.inner_text()]
    assert ":~:text=" in (card.locator(".ap-passage").get_attribute("href") or "")
    assert card.get_attribute("aria-label") == card.locator(".ap-title").inner_text()
    assert card.locator("[id], .ap-backlink, [title]").count() == 0
    # It is pinned: the pointer may go.
    away(reader)
    reader.wait_for_timeout(200 + SOON)
    shown(reader)
    card.get_by_role("button", name="Close").click()
    gone(reader)
    expect(link).to_be_focused()
    assert place(reader) == before


def test_the_card_stands_beside_its_link_and_within_the_window(reader: Page) -> None:
    for size in ((1280, 800), (360, 740), (740, 360)):
        reader.set_viewport_size({"width": size[0], "height": size[1]})
        for link in (cite(reader), with_passage(reader), reader.locator(".ap-term").nth(2)):
            link.scroll_into_view_if_needed()
            link.click()
            assert_beside(reader, link)
            reader.keyboard.press("Escape")


def assert_beside(page: Page, link: Locator) -> None:
    box, at, size = shown(page).bounding_box(), link.bounding_box(), page.viewport_size
    assert box
    assert at
    assert size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    gap = max(box["y"] - at["y"] - at["height"], at["y"] - box["y"] - box["height"])
    assert -1 <= gap < 16
    assert box["x"] - 1 <= at["x"] + at["width"]
    assert at["x"] <= box["x"] + box["width"] + 1


def test_the_card_stands_there_without_anchors_in_css_too(
    page_of: Callable[..., Page], address: str
) -> None:
    page = page_of(viewport={"width": 700, "height": 600})
    page.add_init_script("CSS.supports = () => false")
    sheet = (ASSETS / "apparatus.css").read_text("utf-8")
    sheet = sheet.replace("@supports (anchor-name: --a)", "@supports (no-such: thing)")
    page.route("**/apparatus.css", lambda route: route.fulfill(body=sheet, content_type="text/css"))
    page.goto(f"{address}/{EXPLAINER}")
    for link in (cite(page), with_passage(page), page.locator(".ap-term").nth(2)):
        link.scroll_into_view_if_needed()
        link.click()
        assert_beside(page, link)
        page.mouse.wheel(0, 60)
        page.wait_for_timeout(SOON)
        assert_beside(page, link)
        page.keyboard.press("Escape")


def test_the_pointer_opens_after_a_while_and_may_enter(reader: Page) -> None:
    link = cite(reader)
    link.hover()
    reader.wait_for_timeout(SOON)
    gone(reader)
    card = shown(reader)
    card.locator(".ap-notes").hover()
    reader.wait_for_timeout(200 + SOON)
    shown(reader)
    link.hover()
    reader.wait_for_timeout(200 + SOON)
    shown(reader)
    away(reader)
    reader.wait_for_timeout(50)
    shown(reader)
    gone(reader)


def test_a_pointer_that_passes_by_opens_nothing(reader: Page) -> None:
    cite(reader).hover()
    away(reader)
    reader.wait_for_timeout(300 + SOON)
    gone(reader)


def test_a_hovered_card_is_dismissed_by_escape_and_pinned_by_a_click(reader: Page) -> None:
    link = cite(reader)
    link.hover()
    shown(reader)
    reader.keyboard.press("Escape")
    gone(reader)
    reader.wait_for_timeout(300 + SOON)
    gone(reader)
    away(reader)
    link.hover()
    shown(reader)
    link.click()
    away(reader)
    reader.wait_for_timeout(200 + SOON)
    shown(reader)
    link.click()
    gone(reader)


def test_focus_opens_after_a_while_and_stays_where_it_is(reader: Page) -> None:
    link = cite(reader)
    link.focus()
    reader.keyboard.press("Shift+Tab")
    reader.keyboard.press("Tab")
    expect(link).to_be_focused()
    gone(reader)
    shown(reader)
    expect(link).to_be_focused()
    reader.wait_for_timeout(200 + SOON)
    shown(reader)
    reader.keyboard.press("Tab")
    gone(reader)
    assert reader.evaluate("document.activeElement.matches('.ap-cite')")


def test_enter_pins_and_escape_gives_the_focus_back(reader: Page) -> None:
    link = cite(reader)
    link.focus()
    before = place(reader)
    reader.keyboard.press("Enter")
    card = shown(reader)
    expect(card).to_be_focused()
    reader.keyboard.press("Tab")
    expect(card.locator(".ap-title")).to_be_focused()
    reader.keyboard.press("Shift+Tab")
    expect(link).to_be_focused()
    shown(reader)
    reader.keyboard.press("Tab")
    expect(card.locator(".ap-title")).to_be_focused()
    reader.keyboard.press("Escape")
    gone(reader)
    expect(link).to_be_focused()
    reader.wait_for_timeout(300 + SOON)
    gone(reader)
    assert place(reader) == before


def test_tab_leaves_the_card_behind_its_link(reader: Page) -> None:
    link = reader.locator(".ap-cite").first
    following = reader.locator(".ap-cite").nth(1)
    link.focus()
    reader.keyboard.press("Enter")
    card = shown(reader)
    for _ in range(card.locator("a, button").count()):
        reader.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Close")).to_be_focused()
    reader.keyboard.press("Tab")
    expect(following).to_be_focused()
    expect(link).to_have_attribute("aria-expanded", "false")


def test_a_click_outside_closes(reader: Page) -> None:
    link = cite(reader)
    link.click()
    card = shown(reader)
    card.locator(".ap-notes").click(position={"x": 2, "y": 2})
    shown(reader)
    before = place(reader)
    reader.locator("h1").click()
    gone(reader)
    expect(link).to_be_focused()
    assert place(reader) == before


def test_each_source_in_a_bracket_has_its_card(reader: Page) -> None:
    pair = reader.locator(".ap-citation", has=reader.locator(".ap-cite:nth-of-type(2)")).first
    first, second = pair.locator(".ap-cite").nth(0), pair.locator(".ap-cite").nth(1)
    titles = []
    for link in (first, second):
        link.click()
        card = shown(reader)
        titles.append(card.get_attribute("aria-label"))
        expect(link).to_have_attribute("aria-expanded", "true")
        href = link.get_attribute("href") or ""
        title = reader.locator(f'[id="{href[1:]}"] .ap-title').inner_text()
        assert card.locator(".ap-title").inner_text() == title
    assert titles[0] != titles[1]
    expect(first).to_have_attribute("aria-expanded", "false")


def test_the_list_is_reached_on_purpose_and_leads_back(reader: Page) -> None:
    link = cite(reader)
    link.click()
    shown(reader).get_by_role("link", name="Go to the list").click()
    gone(reader)
    entry = reader.locator(".ap-references li:target")
    expect(entry).to_be_in_viewport()
    entry.locator(f'.ap-backlink[href="#{link.get_attribute("id")}"]').click()
    expect(link).to_be_in_viewport()


def test_a_reference_is_copied(page_of: Callable[..., Page], address: str) -> None:
    page = page_of(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/{EXPLAINER}")
    cite(page).click()
    card = shown(page)
    card.get_by_role("button", name="Copy reference").click()
    expect(card.get_by_role("status")).to_have_text("Copied")
    title = card.locator(".ap-title")
    expected = f"{card.locator('.ap-reference').inner_text()} {title.get_attribute('href')}"
    assert page.evaluate("navigator.clipboard.readText()") == expected


def test_a_reference_that_may_not_be_copied_is_selected(reader: Page) -> None:
    cite(reader).click()
    card = shown(reader)
    reader.evaluate("() => void (navigator.clipboard.writeText = () => Promise.reject())")
    card.get_by_role("button", name="Copy reference").click()
    selected = reader.evaluate("getSelection().toString().trim()")
    assert selected == card.locator(".ap-reference").inner_text()


def test_a_term_has_its_summary_and_leads_to_the_glossary(reader: Page) -> None:
    term = reader.locator(".ap-term").first
    term.click()
    card = shown(reader)
    line = reader.locator(f'[id="{(term.get_attribute("href") or "")[1:]}"]')
    assert card.locator(".ap-summary").inner_text() == line.locator(".ap-summary").text_content()
    assert card.get_attribute("aria-label") == line.locator(".ap-headword").text_content()
    assert card.get_by_role("button").all_inner_texts() == ["Close"]
    card.locator(".ap-headword").click()
    expect(reader.locator(".ap-entry:target")).to_be_in_viewport()


def test_in_the_glossary_a_term_shows_its_entry_in_short(
    page_of: Callable[..., Page], address: str
) -> None:
    page = page_of()
    page.goto(f"{address}/glossary/")
    term = page.locator(".ap-entry .ap-term").first
    term.click()
    card = shown(page)
    entry = page.locator(f'[id="{(term.get_attribute("href") or "")[1:]}"]')
    assert card.get_attribute("aria-label") == entry.locator("dfn").text_content()
    assert card.locator(".ap-summary").inner_text() == entry.locator(".ap-summary").inner_text()
    assert card.locator(".ap-uses, .ap-cite, .ap-more").count() == 0
    card.get_by_role("link", name="Go to the list").click()
    expect(entry).to_be_in_viewport()


def test_a_tap_opens_and_another_closes(page_of: Callable[..., Page], address: str) -> None:
    page = page_of(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    page.goto(f"{address}/{EXPLAINER}")
    link = cite(page)
    link.scroll_into_view_if_needed()
    before = place(page)
    link.tap()
    shown(page)
    assert place(page) == before
    link.tap()
    gone(page)
    link.tap()
    card = shown(page)
    card.locator(".ap-notes").tap(position={"x": 2, "y": 2})
    shown(page)
    page.locator("h1").tap(position={"x": 2, "y": 2})
    gone(page)
    assert place(page) == before


def test_a_key_with_the_click_is_the_browsers(reader: Page) -> None:
    with reader.context.expect_page() as other:
        cite(reader).click(modifiers=["ControlOrMeta"])
    assert "#ref-" in other.value.url
    gone(reader)


def test_keys_alone_lead_to_a_passage_in_a_source_and_back(reader: Page) -> None:
    reader.context.route(
        re.compile(r"^https?://(?!127\.0\.0\.1)"),
        lambda route: route.fulfill(body="<title>The source</title>", content_type="text/html"),
    )
    anchor = with_passage(reader).get_attribute("id")
    for _ in range(400):
        reader.keyboard.press("Tab")
        if reader.evaluate("document.activeElement.id") == anchor:
            break
    link = reader.locator(f'[id="{anchor}"]')
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    reader.keyboard.press("Enter")
    card = shown(reader)
    while not reader.evaluate("document.activeElement.matches('.ap-passage')"):
        reader.keyboard.press("Tab")
        assert card.evaluate("card => card.contains(document.activeElement)")
    reader.wait_for_timeout(1_500)  # Chromium notes a page's place a second after it has moved
    reader.keyboard.press("Enter")
    expect(reader).to_have_title("The source")
    reader.go_back()
    expect(link).to_be_in_viewport()
    link.focus()
    reader.keyboard.press("Enter")
    shown(reader)
    reader.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_print_has_no_card(reader: Page) -> None:
    cite(reader).click()
    shown(reader)
    reader.emulate_media(media="print")
    expect(reader.locator(".ap-card")).not_to_be_visible()


def test_colours_that_are_forced_leave_an_edge(page_of: Callable[..., Page], address: str) -> None:
    page = page_of(forced_colors="active")
    page.goto(f"{address}/{EXPLAINER}")
    cite(page).click()
    edge = shown(page).evaluate("card => getComputedStyle(card).borderTopWidth")
    assert edge == "1px"


def test_without_scripts_a_link_leads_to_its_entry_and_back(
    page_of: Callable[..., Page], address: str
) -> None:
    page = page_of(java_script_enabled=False)
    page.goto(f"{address}/{EXPLAINER}")
    assert page.locator(".ap-card, [aria-haspopup]").count() == 0
    link = cite(page)
    link.click()
    entry = page.locator(".ap-references li:target")
    expect(entry).to_be_in_viewport()
    entry.locator(f'.ap-backlink[href="#{link.get_attribute("id")}"]').click()
    expect(link).to_be_in_viewport()


INSTANT = {
    "docs/index.md": """# One

A word [@a, p. 3; @b] and [[reset]]; [a claim](claims.md#claim-x) is elsewhere. [Two](two.md)
""",
    "docs/two.md": "# Two\n\nAnother word [@b, p. 4].\n",
    "docs/three.md": "---\nreferences: off\n---\n# Three\n\nElsewhere [@a].\n",
    "sources/a.bib": """@online{a, title = {First}, url = {https://a.example/}}
@online{b, title = {Second & last}, url = {https://b.example/?x=1&y=2}}
""",
    "sources/glossary/reset.md": "---\ntitle: reset\nkind: concept\nsummary: Anew.\n---\nText.\n",
    "sources/claims/01-x.md": "---\nclaim: It is so.\nparagraph: 1\nverdict: wrong\n---\n[@a].\n",
    "sources/claims/02-y.md": """---
claim: It is not so.
paragraph: 1
verdict: nuanced
---
See [the other one](claims.md#claim-x) [@a].
""",
}


def test_cards_come_along_with_instant_navigation(
    build: Build, page_of: Callable[..., Page], tmp_path: Path
) -> None:
    instant = "theme: {name: material, font: false, features: [navigation.instant]}\n"
    page = page_of()
    with serving(tmp_path) as address:
        build(INSTANT, config=f"{instant}site_url: {address}/site/\n")
        page.goto(f"{address}/site/")
        page.evaluate("window.still = true")
        page.locator(".ap-cite").first.click()
        expect(shown(page).locator(".ap-locator")).to_have_text("p. 3")
        assert page.url == f"{address}/site/"
        page.get_by_role("link", name="Two").first.evaluate("link => link.click()")
        expect(page.locator("h1")).to_contain_text("Two")
        gone(page)
        assert page.locator(".ap-card").count() == 1
        page.locator(".ap-cite").first.click()
        card = shown(page)
        expect(card.locator(".ap-locator")).to_have_text("p. 4")
        expect(card.locator(".ap-title")).to_have_text("Second & last")
        card.get_by_role("link", name="Go to the list").click()
        expect(page.locator("#ref-b")).to_be_in_viewport()
        gone(page)
        assert page.evaluate("window.still")
        assert page.url == f"{address}/site/two/#ref-b"
        page.close()


def test_only_what_is_on_the_page_has_a_card(build: Build, page_of: Callable[..., Page]) -> None:
    built = build(INSTANT, config="theme: {name: material, font: false}\n")
    page = page_of()
    with serving(built.folder / "site") as address:
        page.goto(f"{address}/")
        assert page.locator("article [aria-haspopup]").count() == 3
        page.goto(f"{address}/three/")
        assert page.locator("article [aria-haspopup]").count() == 0
        page.locator(".ap-cite").click()
        expect(page).to_have_url(f"{address}/sources/#source-a")
        page.goto(f"{address}/claims/")
        page.get_by_role("link", name="the other one").click()
        card = shown(page)
        assert card.get_attribute("aria-label") == "It is so."
        expect(card.locator(".ap-verdict")).to_contain_text("wrong")
        assert card.locator(".ap-cite").count() == 0
        page.keyboard.press("Escape")
        page.locator(".ap-contents summary").last.click()
        page.locator(".ap-contents a:visible").click()
        gone(page)
        expect(page).to_have_url(f"{address}/claims/#claim-x")
        page.close()


def test_what_is_sent_is_small() -> None:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9))
        for folder in (ASSETS, ROOT / "docs/assets")
        for path in (*folder.glob("*.css"), *folder.glob("*.js"))
    }
    assert sizes["cards.js"] <= 3_000
    assert sum(sizes.values()) <= 9_000, sizes
