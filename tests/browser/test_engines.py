"""What a reader does with cards, the same in three browsers: Chromium, Firefox and WebKitGTK.

What asks for more than all three can do, or for one only, stands in test_cards.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from engines import FAULTS, Chromium, Engine, Firefox, Start, WebKit
from sites import Build, serving

EXPLAINER = "explainers/reset/"
CARD = "document.querySelector('.ap-card:popover-open')"
NOTES = f"{CARD}.querySelector('.ap-notes')"
CITE = "[...document.querySelectorAll('.ap-cite')].find((link) => link.textContent === '3')"
TERM = "document.querySelectorAll('.ap-term')[2]"
HEADING = "document.querySelector('h1')"
# A citation whose letter has a passage beside it.
BACK = "document.querySelector('.ap-backlink:has(+ .ap-passage)')"
QUOTING = f"document.getElementById({BACK}.hash.slice(1))"
FOCUS = "document.activeElement"
PATIENCE = 10  # seconds for what must come
# Times of cards.js, less what clocks that are coarse on purpose may take away.
ENTER, LEAVE = 300 - 20, 200 - 20
# The moments at which the pointer or the focus is on a link or off it, and a card opens or closes.
WATCH = """(() => {
  window.seen = [];
  const note = (name, act) => document.addEventListener(name, (event) => {
    const what = act(event);
    if (what) seen.push([what, performance.now()]);
  }, true);
  for (const name of ["pointerover", "pointerout", "focusin", "focusout"]) {
    note(name, ({ target }) => target.closest?.("[aria-controls='ap-card'], .ap-card") && name);
  }
  note("beforetoggle", ({ newState, target }) => target.matches(".ap-card") && newState);
})()"""
# A point of an element that the pointer can meet; the page scrolls if it must.
MEET = """((element) => {
  if (!element) return null;
  const seen = () => {
    const { x, y, width, height } = element.getClientRects()[0];
    const [left, top] = [x + Math.min(width / 2, 8), y + Math.min(height / 2, 8)].map(Math.round);
    return element.contains(document.elementFromPoint(left, top)) ? [left, top] : null;
  };
  if (!seen()) element.scrollIntoView({ block: "center", behavior: "instant" });
  return seen();
})"""


class Reader:
    """What every test does, in whatever browser."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.value = engine.value
        self.press = engine.press

    def open(self, address: str, width: int = 1280, height: int = 800) -> None:
        self.engine.size(width, height)
        self.away()
        self.engine.open(address)
        self.value(WATCH)

    def until(self, expression: str) -> Any:
        """Wait for what must come to be true; between two pages nothing can be asked."""
        end, fault = time.monotonic() + PATIENCE, None
        while time.monotonic() < end:
            try:
                if value := self.value(expression):
                    return value
            except FAULTS as raised:
                fault = raised
            time.sleep(0.02)
        pytest.fail(f"never came: {expression} {fault or ''}")

    def settle(self) -> None:
        """Let pass what opens or closes a card later: their timers are due before this one."""
        self.value("void setTimeout(() => { window.settled = true; }, 400, window.settled = false)")
        self.until("window.settled")

    def meet(self, element: str) -> tuple[int, int]:
        x, y = self.until(f"{MEET}({element})")
        return x, y

    def move(self, element: str) -> None:
        self.engine.move(self.meet(element))

    def away(self) -> None:
        self.engine.move((3, 3))

    def click(self, element: str) -> None:
        self.engine.click(self.meet(element))

    def tap(self, element: str) -> None:
        self.engine.tap(self.meet(element))

    def focus(self, element: str) -> None:
        self.value(f"void {element}.focus()")

    def shown(self, link: str) -> None:
        """Wait for the card of a link."""
        self.until(f"{CARD} && {link}.getAttribute('aria-expanded') === 'true'")

    def gone(self) -> None:
        self.until(f"!{CARD} && !document.querySelector('[aria-expanded=true][aria-controls]')")

    def place(self) -> tuple[str, float]:
        return self.value("location.href"), self.value("scrollY")

    def seen(self, name: str) -> list[float]:
        return [when for what, when in self.value("seen") if what == name]

    def in_window(self, element: str) -> None:
        self.until(f"""((element) => {{
          const box = element?.getBoundingClientRect();
          return box && box.bottom > 0 && box.top < innerHeight;
        }})({element})""")


@pytest.fixture(scope="session", params=[Chromium, Firefox, WebKit], ids=lambda kind: kind.__name__)
def start(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Start:
    """Give what starts a browser, with scripts or without."""
    if request.param is Chromium:
        return lambda scripts: Chromium(browser, scripts)
    kind: type[Firefox] | type[WebKit] = request.param
    return lambda scripts: kind(tmp_path_factory.mktemp("home"), scripts)


@pytest.fixture(scope="session")
def engine(start: Start) -> Iterator[Engine]:
    started = start(True)
    yield started
    started.close()


@pytest.fixture
def blank(engine: Engine) -> Iterator[Reader]:
    """Read in peace: no error may come up."""
    yield Reader(engine)
    assert engine.faults() == []


@pytest.fixture
def reader(blank: Reader, address: str) -> Reader:
    blank.open(f"{address}/{EXPLAINER}")
    return blank


def test_a_click_opens_and_moves_nothing(reader: Reader) -> None:
    reader.meet(QUOTING)
    before = reader.place()
    reader.click(QUOTING)
    reader.shown(QUOTING)
    assert reader.place() == before
    assert reader.value(f"{QUOTING}.getAttribute('aria-controls') === {CARD}.id")
    # All that the entry says, and of its places that of this citation alone.
    for part in (".ap-reference", ".ap-kind", ".ap-language", ".ap-seen", ".ap-archive"):
        copied, entry = reader.value(f"""[{CARD}, document.getElementById({QUOTING}.hash.slice(1))]
          .map((from) => from.querySelector({json.dumps(part)}).innerText.trim())""")
        assert copied == entry
    assert reader.value(f"{BACK}.closest('li').querySelectorAll('.ap-passage').length") == 2
    assert reader.value(f"""[...{CARD}.querySelectorAll('.ap-passage')].map((own) => own.innerText)
      .join() === {BACK}.nextElementSibling.innerText""")
    assert ":~:text=" in reader.value(f"{CARD}.querySelector('.ap-passage').href")
    title = reader.value(f"{CARD}.querySelector('.ap-title').textContent")
    assert reader.value(f"{CARD}.getAttribute('aria-label')") == title
    assert reader.value(f"{CARD}.querySelector('[id], .ap-backlink, [title]')") is None
    # It is pinned: the pointer may go.
    reader.away()
    reader.settle()
    reader.shown(QUOTING)
    reader.click(f"[...{CARD}.querySelectorAll('button')].at(-1)")
    reader.gone()
    assert reader.value(f"{FOCUS} === {QUOTING}")
    assert reader.place() == before


@pytest.mark.parametrize("size", [(1280, 800), (360, 740), (740, 360)], ids=str)
def test_the_card_stands_beside_its_link_and_within_the_window(
    blank: Reader, address: str, size: tuple[int, int]
) -> None:
    blank.open(f"{address}/{EXPLAINER}", *size)
    for link in (CITE, QUOTING, TERM):
        blank.click(link)
        blank.shown(link)
        box, at, width, height = blank.value(f"""[...[{CARD}, {link}].map((element) =>
          element.getBoundingClientRect().toJSON()), innerWidth, innerHeight]""")
        assert (width, height) == size
        assert box["left"] >= 0
        assert box["right"] <= width
        assert box["top"] >= 0
        assert box["bottom"] <= height
        assert -1 <= max(box["top"] - at["bottom"], at["top"] - box["bottom"]) < 16
        assert box["left"] - 1 <= at["right"]
        assert at["left"] <= box["right"] + 1
        blank.press("Escape")
        blank.gone()


def test_the_pointer_opens_after_a_while_and_may_enter(reader: Reader) -> None:
    reader.move(CITE)
    reader.shown(CITE)
    assert reader.seen("open")[0] - reader.seen("pointerover")[0] >= ENTER
    reader.move(NOTES)
    reader.settle()
    reader.shown(CITE)
    reader.move(CITE)
    reader.settle()
    reader.shown(CITE)
    reader.away()
    reader.gone()
    assert reader.seen("closed")[0] - reader.seen("pointerout")[-1] >= LEAVE
    assert len(reader.seen("open")) == 1


def test_a_pointer_that_passes_by_opens_nothing(reader: Reader) -> None:
    for _ in range(10):
        reader.engine.move(reader.meet(CITE), (3, 3))
        reader.settle()
        if reader.seen("pointerout")[-1] - reader.seen("pointerover")[-1] < ENTER:
            break
        reader.value(WATCH)
    else:
        pytest.fail("the pointer was never quick enough")
    assert reader.seen("open") == []


def test_a_hovered_card_is_dismissed_by_escape_and_pinned_by_a_click(reader: Reader) -> None:
    reader.move(CITE)
    reader.shown(CITE)
    reader.press("Escape")
    reader.gone()
    reader.settle()
    reader.gone()
    reader.away()
    reader.move(CITE)
    reader.shown(CITE)
    reader.click(CITE)
    reader.away()
    reader.settle()
    reader.shown(CITE)
    reader.click(CITE)
    reader.gone()


def test_focus_opens_after_a_while_and_stays_where_it_is(reader: Reader) -> None:
    reader.focus(CITE)
    reader.press("Shift", "Tab")
    reader.press("Tab")
    assert reader.value(f"{FOCUS} === {CITE}")
    reader.shown(CITE)
    assert reader.seen("open")[-1] - reader.seen("focusin")[-1] >= ENTER
    assert reader.value(f"{FOCUS} === {CITE}")
    reader.settle()
    reader.shown(CITE)
    reader.press("Tab")
    reader.gone()
    assert reader.value(f"{FOCUS} !== {CITE} && {FOCUS}.matches('.ap-cite')")


def test_enter_pins_and_escape_gives_the_focus_back(reader: Reader) -> None:
    title = f"{CARD}.querySelector('.ap-title')"
    reader.meet(CITE)
    reader.focus(CITE)
    before = reader.place()
    reader.press("Enter")
    reader.shown(CITE)
    assert reader.value(f"{FOCUS} === {CARD}")
    reader.press("Tab")
    assert reader.value(f"{FOCUS} === {title}")
    reader.press("Shift", "Tab")
    assert reader.value(f"{FOCUS} === {CITE}")
    reader.shown(CITE)
    reader.press("Tab")
    assert reader.value(f"{FOCUS} === {title}")
    reader.press("Escape")
    reader.gone()
    assert reader.value(f"{FOCUS} === {CITE}")
    reader.settle()
    reader.gone()
    assert reader.place() == before


def test_tab_leaves_the_card_behind_its_link(reader: Reader) -> None:
    link, following = (f"document.querySelectorAll('.ap-cite')[{index}]" for index in (0, 1))
    reader.meet(link)
    reader.focus(link)
    reader.press("Enter")
    reader.shown(link)
    for _ in range(reader.value(f"{CARD}.querySelectorAll('a, button').length")):
        reader.press("Tab")
    assert reader.value(f"{FOCUS} === [...{CARD}.querySelectorAll('button')].at(-1)")
    reader.press("Tab")
    assert reader.value(f"{FOCUS} === {following}")
    assert reader.value(f"{link}.getAttribute('aria-expanded')") == "false"


def test_a_click_outside_closes(reader: Reader) -> None:
    reader.click(CITE)
    reader.shown(CITE)
    reader.click(NOTES)
    reader.settle()
    reader.shown(CITE)
    before = reader.place()
    reader.click(HEADING)
    reader.gone()
    assert reader.value(f"{FOCUS} === {CITE}")
    assert reader.place() == before


def test_each_source_in_a_bracket_has_its_card(reader: Reader) -> None:
    pair = "document.querySelector('.ap-citation:has(.ap-cite:nth-of-type(2))')"
    links = [f"{pair}.querySelectorAll('.ap-cite')[{index}]" for index in (0, 1)]
    titles = []
    for link in links:
        reader.click(link)
        reader.shown(link)
        title = f"document.getElementById({link}.hash.slice(1)).querySelector('.ap-title')"
        titles.append(reader.value(f"{CARD}.querySelector('.ap-title').textContent"))
        assert titles[-1] == reader.value(f"{title}.textContent")
        assert titles[-1] == reader.value(f"{CARD}.getAttribute('aria-label')")
    assert titles[0] != titles[1]
    assert reader.value(f"{links[0]}.getAttribute('aria-expanded')") == "false"


def test_the_list_is_reached_on_purpose_and_leads_back(reader: Reader) -> None:
    reader.click(CITE)
    reader.shown(CITE)
    reader.click(f"{CARD}.querySelector('.ap-card-actions a')")
    reader.gone()
    there_and_back(reader)


def there_and_back(reader: Reader) -> None:
    """Follow the letter of the entry that a citation has led to."""
    entry = "document.querySelector('.ap-references li:target')"
    reader.in_window(entry)
    reader.click(
        f"[...{entry}.querySelectorAll('.ap-backlink')]"
        f".find((letter) => letter.hash.slice(1) === {CITE}.id)"
    )
    reader.until(f"{CITE}.matches(':target')")
    reader.in_window(CITE)


def test_a_term_has_its_summary_and_leads_to_the_glossary(reader: Reader) -> None:
    term = "document.querySelector('.ap-term')"
    reader.click(term)
    reader.shown(term)
    line = f"document.getElementById({term}.hash.slice(1))"
    for part in (".ap-summary", ".ap-headword"):
        copied, said = reader.value(
            f"[{CARD}, {line}].map((from) => from.querySelector('{part}').textContent)"
        )
        assert copied == said
    assert reader.value(f"{CARD}.getAttribute('aria-label')") == said
    assert reader.value(f"[...{CARD}.querySelectorAll('button')].map((one) => one.innerText)") == [
        "Close"
    ]
    reader.click(f"{CARD}.querySelector('.ap-headword')")
    reader.in_window("document.querySelector('.ap-entry:target')")


def test_a_tap_opens_and_another_closes(blank: Reader, address: str) -> None:
    blank.open(f"{address}/{EXPLAINER}", 360, 740)
    blank.meet(CITE)
    before = blank.place()
    blank.tap(CITE)
    blank.shown(CITE)
    assert blank.place() == before
    blank.tap(CITE)
    blank.gone()
    blank.tap(CITE)
    blank.shown(CITE)
    blank.tap(NOTES)
    blank.settle()
    blank.shown(CITE)
    blank.tap(HEADING)
    blank.gone()
    assert blank.place() == before


def test_without_scripts_a_link_leads_to_its_entry_and_back(start: Start, address: str) -> None:
    still = start(False)
    try:
        reader = Reader(still)
        still.size(1280, 800)
        still.open(f"{address}/{EXPLAINER}")
        assert reader.value("document.querySelectorAll('.ap-card, [aria-haspopup]').length") == 0
        reader.click(CITE)
        there_and_back(reader)
    finally:
        still.close()


INSTANT = {
    "docs/index.md": "# One\n\nA word [@a, p. 3; @b]. [Two](two.md)\n",
    "docs/two.md": "# Two\n\nAnother word [@b, p. 4].\n",
    "sources/a.bib": """@online{a, title = {First}, url = {https://a.example/}}
@online{b, title = {Second & last}, url = {https://b.example/?x=1&y=2}}
""",
}
LOOK = "theme: {name: material, font: false, features: [navigation.instant]}\n"


def test_cards_come_along_with_instant_navigation(
    build: Build, blank: Reader, tmp_path: Path
) -> None:
    link = "document.querySelector('.ap-cite')"
    locator = f"{CARD}.querySelector('.ap-locator').textContent"
    with serving(tmp_path) as address:
        build(INSTANT, config=f"{LOOK}site_url: {address}/site/\n")
        blank.open(f"{address}/site/")
        blank.value("void (window.still = true)")
        blank.click(link)
        blank.shown(link)
        assert blank.value(locator) == "p. 3"
        assert blank.value("location.href") == f"{address}/site/"
        blank.value("void document.querySelector('article a[href*=two]').click()")
        blank.until("document.querySelector('h1').textContent.includes('Two')")
        blank.gone()
        assert blank.value("document.querySelectorAll('.ap-card').length") == 1
        blank.click(link)
        blank.shown(link)
        assert blank.value(locator) == "p. 4"
        assert blank.value(f"{CARD}.querySelector('.ap-title').textContent") == "Second & last"
        blank.click(f"{CARD}.querySelector('.ap-card-actions a')")
        blank.in_window("document.getElementById('ref-b')")
        blank.gone()
        assert blank.value("window.still")
        assert blank.value("location.href") == f"{address}/site/two/#ref-b"
        blank.engine.open("about:blank")  # it holds a connection to the server
