"""The home page and the head of an explainer: what they offer is true, and leads there."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from mkdocs_apparatus.library import load
from sites import ROOT

DAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_one_question_is_shown_with_its_answer(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".site-question > div:visible")).to_have_count(1)
    link = page.locator(".site-question a:visible")
    title = link.inner_text()
    answer = page.locator(".site-question p:visible").nth(1).inner_text()
    assert title.endswith("?")
    link.click()
    expect(page.locator("h1")).to_contain_text(title)
    assert len(answer.split()) > 10


def test_each_day_has_its_question(browser: Browser, address: str) -> None:
    """By the reader's own day: in Tokyo it is tomorrow already when London has its evening."""
    seen = []
    for zone, hours in [("Europe/London", range(0, 20 * 24, 24)), ("Asia/Tokyo", [8])]:
        context = browser.new_context(timezone_id=zone)
        page = context.new_page()
        for ahead in hours:
            page.clock.set_fixed_time(DAY + timedelta(hours=ahead))
            page.goto(address)
            seen.append(page.locator(".site-question a:visible").inner_text())
        number = page.locator(".site-question > div").count()
        context.close()
    *days, tokyo = seen
    assert number > 15
    assert len(set(days[:number])) == number
    assert days[number] == days[0]
    assert tokyo == days[1]


def test_the_built_question_is_that_of_the_day_of_the_build(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    shown = page.locator(".site-question > div:not([hidden]) a").inner_text()
    number = page.locator(".site-question > div").count()
    today = int(datetime.now(UTC).timestamp() // 86400)
    near = [
        page.locator(".site-question > div").nth((today - ago) % number).locator("a").text_content()
        for ago in (0, 1)  # the site may have been built before midnight
    ]
    assert shown in near
    context.close()


def test_the_verdicts_lead_to_their_claims(page: Page, address: str) -> None:
    claims = load(ROOT / "sources", ROOT)[0].claims.values()
    counts = Counter(claim.verdict for claim in claims)
    page.goto(address)
    items = page.locator(".site-verdicts li")
    assert {text.split()[1]: int(text.split()[2]) for text in items.all_inner_texts()} == counts
    expect(page.get_by_text(f"{len(claims)} statements of the article")).to_be_visible()
    assert "%" not in "".join(page.locator(".site-verdicts").all_inner_texts())
    for index in range(items.count()):
        page.goto(address)
        name = items.nth(index).inner_text().split()[1]
        items.nth(index).locator("a").click()
        group = page.locator(f"#verdict-{name}")
        expect(group).to_be_in_viewport()  # its fold is open
        assert group.locator("li").count() == counts[name]


def test_three_ways_lead_in(page: Page, address: str) -> None:
    for name, title in (
        ("By topic", "Explainers by topic"),
        ("By paragraph", "The article, annotated"),
        ("By date", "Timeline"),
    ):
        page.goto(address)
        page.locator(".site-ways").get_by_role("link", name=name).click()
        expect(page.locator("h1")).to_contain_text(title)


@pytest.mark.parametrize("name", ["reset", "draft-process", "two-funds"])
def test_the_head_of_an_explainer_is_true(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/explainers/{name}/")
    about = page.locator(".site-about li")
    minutes, sources, paragraphs, topics = about.all_inner_texts()
    words = page.evaluate(
        """() => {
          const text = document.querySelector("article").cloneNode(true);
          const others = ".ap-claims, .ap-terms, .ap-references, .ap-citing, .site-about,"
            + ".site-related, .ap-citation, .headerlink";
          for (const one of text.querySelectorAll(others)) one.remove();
          return text.textContent.split(/\\s+/).filter(Boolean).length;
        }"""
    )
    said = int(minutes.split()[0])
    assert (said - 1) * 220 <= words <= (said + 0.2) * 220
    assert re.search(r"reviewed \d+ \w+ 20\d\d$", minutes)
    total, *kinds = (int(number) for number in re.findall(r"\d+", sources))
    assert total == sum(kinds) == page.locator(".ap-references li").count()
    number = about.nth(2).locator("a").last
    wanted = number.inner_text()
    related = page.locator(".site-related a")
    assert 1 <= related.count() <= 4
    topic = about.nth(3).locator("a").first
    word = topic.inner_text()
    topic.click()
    expect(page.locator("h2:target")).to_contain_text(re.compile(word, re.IGNORECASE))
    title = page.locator("h2:target + ul").get_by_role("link")
    assert title.count()
    page.go_back()
    number.click()
    expect(page.locator("h2:target")).to_contain_text(f"Paragraph {wanted}")
    assert paragraphs.startswith("On paragraph")
    assert topics.startswith("Topic")
