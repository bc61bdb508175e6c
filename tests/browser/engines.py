"""Three browsers, led alike: Chromium, Firefox and WebKitGTK.

Each starts in its constructor, shows one page at a time, and ends all that it started in close().
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser
from playwright.sync_api import Error as ChromiumError
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import WebKitGTKOptions
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.service import Service

from sites import ROOT

PATIENCE = 30  # seconds, after which a browser that does not answer is ended
NODE_MODULES = ROOT / ".venv/node"  # `make test-browsers` gets it
Point = tuple[int, int]


class Engine(Protocol):
    """A browser. Points are in pixels, from the upper left corner of the page that is shown."""

    def size(self, width: int, height: int) -> None: ...
    def open(self, address: str) -> None: ...
    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression is in the page, also where its scripts are off."""

    def move(self, *points: Point) -> None: ...
    def click(self, point: Point) -> None: ...
    def tap(self, point: Point) -> None: ...
    def press(self, *keys: str) -> None:
        """Press keys together, named as in DOM events."""

    def faults(self) -> list[str]:
        """Return what the browser found wrong since it was asked last."""

    def close(self) -> None: ...


Start = Callable[[bool], Engine]


def found(*names: str) -> str:
    """Return where a program is; without it the tests fail."""
    paths = filter(None, (shutil.which(name) or next(_libraries(name), None) for name in names))
    path = next(paths, None)
    assert path, f"no {' or '.join(names)} found: `make test-browsers` gets it"
    return str(path)


def _libraries(name: str) -> Iterator[Path]:
    """Find programs that lie in a library's folder, the latest of them first."""
    return iter(sorted(Path("/usr/lib").glob(f"*/webkit*/{name}"), reverse=True))


class Chromium:
    """Chromium, led by Playwright over its own protocol."""

    def __init__(self, browser: Browser, scripts: bool) -> None:
        self._context = browser.new_context(java_script_enabled=scripts, has_touch=True)
        self._context.set_default_timeout(PATIENCE * 1_000)
        self._page = self._context.new_page()
        self._faults: list[str] = []
        self._page.on("pageerror", lambda error: self._faults.append(str(error)))
        self._page.on(
            "console",
            lambda said: self._faults.append(said.text) if said.type == "error" else None,
        )

    def size(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def open(self, address: str) -> None:
        self._page.goto(address)

    def value(self, expression: str) -> Any:
        return self._page.evaluate(expression)

    def move(self, *points: Point) -> None:
        for x, y in points:
            self._page.mouse.move(x, y)

    def click(self, point: Point) -> None:
        self._page.mouse.click(*point)

    def tap(self, point: Point) -> None:
        self._page.touchscreen.tap(*point)

    def press(self, *keys: str) -> None:
        self._page.keyboard.press("+".join(keys))

    def faults(self) -> list[str]:
        faults, self._faults = self._faults, []
        return faults

    def close(self) -> None:
        self._context.close()


class FirefoxError(Exception):
    pass


FAULTS = (ChromiumError, FirefoxError, WebDriverException)


class Firefox:
    """Firefox, led by Puppeteer over WebDriver BiDi; firefox.mjs is between."""

    def __init__(self, home: Path, scripts: bool) -> None:
        bridge = str(Path(__file__).parent / "firefox.mjs")
        given = [str(NODE_MODULES), found("firefox-esr", "firefox"), str(home)]
        self._node = subprocess.Popen(
            ["node", bridge, *given, json.dumps(scripts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {"HOME": str(home)},
        )
        self._firefox = self._answer()

    def _answer(self) -> Any:
        assert self._node.stdout
        # Interrupted, Puppeteer ends Firefox before it ends itself.
        watch = threading.Timer(PATIENCE, self._node.send_signal, [signal.SIGINT])
        watch.start()
        line = self._node.stdout.readline()
        watch.cancel()
        assert line, "Firefox gave no answer"
        answer = json.loads(line)
        if "fault" in answer:
            raise FirefoxError(answer["fault"])
        return answer["value"]

    def _ask(self, name: str, *given: object) -> Any:
        assert self._node.stdin
        self._node.stdin.write(json.dumps([name, *given]) + "\n")
        self._node.stdin.flush()
        return self._answer()

    def size(self, width: int, height: int) -> None:
        self._ask("size", width, height)

    def open(self, address: str) -> None:
        self._ask("open", address)

    def value(self, expression: str) -> Any:
        return self._ask("value", expression)

    def move(self, *points: Point) -> None:
        self._ask("move", *points)

    def click(self, point: Point) -> None:
        self._ask("click", *point)

    def tap(self, point: Point) -> None:
        self._ask("tap", *point)

    def press(self, *keys: str) -> None:
        self._ask("press", *keys)

    def faults(self) -> list[str]:
        faults: list[str] = self._ask("faults")
        return faults

    def close(self) -> None:
        """Let the bridge end Firefox; if it cannot any more, end both."""
        assert self._node.stdin
        assert self._node.stdout
        with suppress(BrokenPipeError):
            self._node.stdin.close()
        try:
            self._node.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.kill(self._firefox, signal.SIGKILL)
            self._node.kill()
            self._node.wait()
        self._node.stdout.close()


KEYS = {"Tab": Keys.TAB, "Shift": Keys.SHIFT, "Enter": Keys.ENTER, "Escape": Keys.ESCAPE}
# The driver makes a mouse of every pointer. So the page is told of a finger by script, with the
# events that a tap is made of, in their order; what then follows is WebKit's own.
TAP = """((x, y) => {
  const target = document.elementFromPoint(x, y);
  const about = { bubbles: true, cancelable: true, composed: true, clientX: x, clientY: y };
  const finger = { ...about, pointerType: "touch", pointerId: 2, isPrimary: true };
  const events = ["pointerover", "pointerdown", "pointerup", "pointerout"];
  for (const name of events) target.dispatchEvent(new PointerEvent(name, finger));
  target.dispatchEvent(new MouseEvent("mousedown", about));
  const focused = target.closest("a[href], button, [tabindex]");
  if (focused) focused.focus({ preventScroll: true });
  else document.activeElement.blur();
  target.dispatchEvent(new MouseEvent("mouseup", about));
  target.dispatchEvent(new PointerEvent("click", finger));
})"""


@contextmanager
def display() -> Iterator[str]:
    """Give the name of an X display that nobody sees."""
    reading, writing = os.pipe()
    xvfb = subprocess.Popen(
        # With -terminate it ends with its last window, whatever becomes of these tests.
        ["Xvfb", "-displayfd", str(writing), "-terminate", "-screen", "0", "1400x1000x24"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        xvfb.terminate()
        xvfb.wait(PATIENCE)


# As it comes, the bar above the page is wider than a phone, and the window no narrower than it.
BAR = "* { border: 0; font-size: 1px; margin: 0; min-width: 0; padding: 0; }"


class WebKit:
    """WebKitGTK, led over WebDriver, on a display of its own."""

    def __init__(self, home: Path, scripts: bool) -> None:
        (home / "gtk-3.0").mkdir()
        (home / "gtk-3.0/gtk.css").write_text(BAR, encoding="utf-8")
        self._ends = ExitStack()
        shown = self._ends.enter_context(display())
        options = WebKitGTKOptions()
        options.binary_location = found("MiniBrowser")
        options.add_argument("--automation")
        options.add_argument(f"--enable-javascript={json.dumps(scripts)}")
        own = {"DISPLAY": shown, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        service = Service(found("WebKitWebDriver"), env=os.environ | own)
        self._ends.callback(service.stop)
        with ExitStack() as failing:
            failing.callback(self._ends.close)
            service.start()
            config = ClientConfig(remote_server_addr=service.service_url, timeout=PATIENCE)
            self._driver = WebDriver(RemoteConnection(client_config=config), options=options)
            failing.pop_all()
        self._ends.callback(self._driver.quit)

    def size(self, width: int, height: int) -> None:
        """Size the page; the window is larger by what is around the page, and follows late."""
        around, end = 0, time.monotonic() + PATIENCE
        while self.value("[innerWidth, innerHeight]") != [width, height]:
            assert time.monotonic() < end, f"the page did not become {width} by {height}"
            self._driver.set_window_rect(0, 0, width, height + around)
            around = max(0, self.value("outerHeight - innerHeight"))  # it may lag behind

    def open(self, address: str) -> None:
        self._driver.get(address)
        # What the console says no driver tells; errors of scripts are heard from here on.
        self.value("""(window.faults = []) && ["error", "unhandledrejection"].forEach((name) =>
          addEventListener(name, (event) => faults.push(String(event.message ?? event.reason))))""")

    def value(self, expression: str) -> Any:
        return self._driver.execute_script(f"return ({expression})")

    def _mouse(self) -> ActionBuilder:
        return ActionBuilder(self._driver, mouse=PointerInput("mouse", "mouse"), duration=0)

    def move(self, *points: Point) -> None:
        builder = self._mouse()
        for point in points:
            builder.pointer_action.move_to_location(*point)
        builder.perform()

    def click(self, point: Point) -> None:
        builder = self._mouse()
        builder.pointer_action.move_to_location(*point).pointer_down().pointer_up()
        builder.perform()

    def tap(self, point: Point) -> None:
        self.value(f"{TAP}{point}")

    def press(self, *keys: str) -> None:
        builder = ActionBuilder(self._driver)
        for key in keys:
            builder.key_action.key_down(KEYS[key])
        for key in reversed(keys):
            builder.key_action.key_up(KEYS[key])
        builder.perform()

    def faults(self) -> list[str]:
        faults: list[str] = self.value("(window.faults ?? []).splice(0)")
        return faults

    def close(self) -> None:
        self._ends.close()
