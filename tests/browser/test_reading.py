"""What a reader does: open every page, follow a number to its source and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

EXPLAINERS = ("reset", "sanctions-waivers", "draft-process")


def follow(link: Locator) -> None:
    """Go where a link leads, through its card if it has one."""
    link.click()
    if link.get_attribute("aria-haspopup"):
        link.page.get_by_role("dialog").get_by_role("link", name="Go to the list").click()


def test_every_page_opens_in_peace(page: Page, address: str, site_folder: Path) -> None:
    paths = sorted(path.relative_to(site_folder) for path in site_folder.rglob("*.html"))
    assert len(paths) >= 10
    for path in paths:
        page.goto(f"{address}/{path.as_posix()}")
        expect(page.locator("h1").first).to_be_visible()


@pytest.mark.parametrize("name", EXPLAINERS)
def test_a_number_leads_to_its_reference_and_its_letter_back(
    page: Page, address: str, name: str
) -> None:
    page.goto(f"{address}/explainers/{name}/")
    numbers = page.locator(".ap-cite[id]")
    for index in (0, numbers.count() // 2, numbers.count() - 1):
        number = numbers.nth(index)
        anchor = number.get_attribute("id")
        follow(number)
        reference = page.locator(".ap-references li:target")
        expect(reference).to_be_in_viewport()
        assert page.url.endswith(number.get_attribute("href") or "?")
        letter = reference.locator(f'.ap-backlink[href="#{anchor}"]')
        letter.click()
        expect(number).to_be_in_viewport()
        assert page.url.endswith(f"#{anchor}")


def test_a_term_leads_to_its_line_and_on_to_the_glossary(page: Page, address: str) -> None:
    page.goto(f"{address}/explainers/reset/")
    follow(page.locator(".ap-term").first)
    line = page.locator(".ap-terms li:target")
    expect(line).to_be_visible()
    line.locator(".ap-headword").click()
    entry = page.locator(".ap-entry:target")
    expect(entry).to_be_in_viewport()
    assert "/glossary/#term-" in page.url


def test_a_claim_is_reached_from_its_explainer(page: Page, address: str) -> None:
    page.goto(f"{address}/explainers/draft-process/")
    page.locator('article a[href*="claims/#claim-"]').first.click()
    expect(page.locator(".ap-claim:target")).to_be_in_viewport()


def test_the_timeline_leads_to_the_glossary(page: Page, address: str) -> None:
    page.goto(f"{address}/timeline/")
    page.locator(".ap-event .ap-entry-title a").first.click()
    expect(page.locator(".ap-entry:target")).to_be_in_viewport()


def test_a_phone_scrolls_down_only(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("", "explainers/reset/", "claims/", "sources/", "glossary/", "timeline/"):
        page.goto(f"{address}/{path}")
        box = page.locator("article").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize(("path", "entries"), [("claims", ".ap-claim"), ("timeline", ".ap-event")])
def test_a_filter_leaves_what_was_chosen(
    page: Page, address: str, path: str, entries: str, request: pytest.FixtureRequest
) -> None:
    page.goto(f"{address}/{path}/")
    everything = page.locator(f"{entries}:visible").count()
    assert everything == page.locator(entries).count() > 10
    group = page.locator(".ap-contents details").last
    group.locator("summary").click()
    links = group.locator("a")
    if request.node.callspec.params["page"] is False:
        assert page.locator(".ap-filter").count() == 0
        links.last.click()
        expect(page.locator(f"{entries}:target")).to_be_in_viewport()
        return
    buttons = page.locator(".ap-filter button")
    buttons.nth(-2).click()
    expect(buttons.nth(-2)).to_have_attribute("aria-pressed", "true")
    assert page.locator(f"{entries}:visible").count() == links.count() < everything
    expect(page.locator(".ap-contents output")).to_have_text(
        f"{links.count()} of {everything} shown"
    )
    for part in page.locator(".ap-part:visible").all():
        assert part.locator(f"{entries}:visible").count()
    # A link into what is hidden shows it again.
    hidden = page.locator(f"{entries}:not(:visible)").first.get_attribute("id")
    page.evaluate(f"location.hash = '{hidden}'")
    expect(page.locator(f"#{hidden}")).to_be_in_viewport()
    assert page.locator(f"{entries}:visible").count() == everything


def test_a_filter_is_worked_by_keys_and_forgotten_in_print(page: Page, address: str) -> None:
    page.goto(f"{address}/claims/")
    if page.locator(".ap-filter").count():
        page.locator(".ap-filter button").first.focus()
        page.keyboard.press("Space")
        assert page.locator(".ap-claim:visible").count() < page.locator(".ap-claim").count()
    page.emulate_media(media="print")
    assert page.locator(".ap-claim:visible").count() == page.locator(".ap-claim").count()
    expect(page.locator(".ap-contents")).not_to_be_visible()
