"""No page breaks its own Content-Security-Policy, and what it forbids does not happen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sites import Build, serving

WATCH = """window.breaches = [];
document.addEventListener("securitypolicyviolation", ({effectiveDirective, blockedURI, sample}) =>
  window.breaches.push([effectiveDirective, blockedURI, sample].join(" ")));"""


@pytest.fixture
def watched(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()


def breaches(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.breaches")
    return [f"{page.url} {breach}" for breach in found]


def test_no_page_breaks_its_policy(watched: Page, address: str, site_folder: Path) -> None:
    for path in sorted(site_folder.rglob("*.html")):
        watched.goto(f"{address}/{path.relative_to(site_folder).as_posix()}")
        expect(watched.locator('meta[http-equiv="Content-Security-Policy"]')).to_have_count(1)
        assert watched.evaluate("typeof document$") == "object"
        assert breaches(watched) == []


def test_search_palette_and_cards_work(watched: Page, address: str) -> None:
    watched.goto(f"{address}/explainers/reset/")
    watched.locator(".ap-cite").first.click()
    card = watched.get_by_role("dialog").and_(watched.locator(".ap-card"))
    card.get_by_role("button", name="Copy reference").click()
    expect(card.get_by_role("status")).to_have_text("Copied")
    watched.keyboard.press("Escape")
    body = watched.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    watched.get_by_title("Switch to dark colours").click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    watched.reload()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    watched.keyboard.press("/")
    watched.keyboard.type("reset")
    expect(watched.locator(".md-search-result__item").first).to_be_visible()
    assert breaches(watched) == []


def test_what_was_not_in_the_page_does_not_run(watched: Page, address: str) -> None:
    watched.goto(address)
    watched.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script, Object.assign(new Image(), {src: "https://a.example/b.png"}));
    }""")
    watched.wait_for_function("window.breaches.length > 1")
    assert watched.evaluate("window.ran") is None
    assert {breach.split()[1] for breach in breaches(watched)} == {"script-src-elem", "img-src"}


def test_styles_that_markdown_writes_are_kept(watched: Page, build: Build) -> None:
    page = "# One\n\n| a | b |\n| --- | --: |\n| c | d |\n"
    config = "theme: {name: material, font: false}\nplugins: [search, apparatus: {csp: true}]\n"
    built = build({"docs/index.md": page}, config=config)
    with serving(built.folder / "site") as address:
        watched.goto(address)
        cell = watched.locator("td").last
        assert cell.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
        assert breaches(watched) == []
        watched.close()
