"""Pictures of the site as it is: `make screenshots` writes them into .cache/screenshots/.

For people to look at after a change of the looks; nothing is compared.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.conftest import FLAGS, NAMES  # noqa: E402 # the tests are no package
from sites import serving  # noqa: E402

TARGET = ROOT / ".cache/screenshots"
PAGES = {
    "home": "",
    "explainer": "explainers/draft-process/",
    "topics": "topics/",
    "claims": "claims/",
    "timeline": "timeline/",
    "glossary": "glossary/",
    "sources": "sources/",
}
LOOKS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}
A4 = {"format": "A4", "margin": dict.fromkeys(("top", "right", "bottom", "left"), "18mm")}


def open_card(page: Page) -> None:
    page.locator(".ap-cite").nth(1).click()
    page.locator(".ap-card:popover-open").wait_for()


def take(browser: Browser, address: str) -> None:
    """Write each page in each look: its beginning, and its end."""
    for look, options in LOOKS.items():
        page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        for name, path in PAGES.items():
            page.goto(f"{address}/{path}")
            page.screenshot(path=TARGET / f"{name}-{look}.png")
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            page.screenshot(path=TARGET / f"{name}-{look}-foot.png")
            if name == "explainer":
                page.evaluate("scrollTo(0, 0)")
                open_card(page)
                page.screenshot(path=TARGET / f"{name}-{look}-card.png")
        page.context.close()
    page = browser.new_context().new_page()
    for name, path in PAGES.items():
        page.goto(f"{address}/{path}")
        page.pdf(path=TARGET / f"{name}-print.pdf", **A4)  # type: ignore[arg-type]
    page.context.close()


def main() -> None:
    """Build the site into a folder of its own, serve it, and take the pictures."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_config(str(ROOT / "mkdocs.yml"), site_dir=folder)
        loaded.plugins.on_startup(command="build", dirty=False)
        build(loaded)
        installed = next(filter(None, map(shutil.which, NAMES)), None)
        with serving(Path(folder)) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=installed, args=FLAGS)
            take(browser, address)
            browser.close()
    print(f"{len(list(TARGET.iterdir()))} files in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
