"""Figures become SVG, drawn by Vega-Lite through vl-convert: the extra ``[figures]``.

One process draws all figures of a build that changed. A figure as wide as its page ("width":
"container") is drawn for wide screens and again for phones.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from .figures import values
from .markup import Html
from .model import Figure
from .store import keep, read
from .svg import SvgError, write_svg
from .words import Words, vega_locale

WIDE, NARROW = 600, 320  # pixels
_LIMIT = 60.0  # seconds
_PACKAGE = "vl-convert-python"
_NEEDS = "figures need vl-convert: pip install mkdocs-apparatus[figures]"
_LARGEST = 1_000_000  # characters of a drawing
_KEPT = ("PATH", "SYSTEMROOT", "HOME", "LD_LIBRARY_PATH")
# Colours are the page's: its style sheet has them, for light and for dark.
_CONFIG = {
    "background": None,
    "font": "Liberation Sans",  # by which words are measured: vl-convert brings it along
    "padding": 2,
    "view": {"stroke": None},
    "range": {"category": [f"var(--ap-figure-{number})" for number in range(1, 7)]},
    "mark": {"color": "var(--ap-figure-1)"},
    "text": {"color": "currentColor", "fontSize": 12},
    "rule": {"color": "currentColor"},
    "axis": {
        "domainColor": "var(--ap-quiet)",
        "gridColor": "var(--ap-line)",
        "labelColor": "currentColor",
        "labelFontSize": 12,
        "tickColor": "var(--ap-quiet)",
        "titleColor": "currentColor",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {
        "labelColor": "currentColor",
        "labelFontSize": 12,
        "orient": "top",
        "titleColor": "currentColor",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "header": {
        "labelColor": "currentColor",
        "labelFontSize": 12,
        "titleColor": "currentColor",
        "titleFontSize": 12,
    },
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """The drawings by the names of their figures, and why a figure has none."""

    drawings: Mapping[str, Html]
    faults: Mapping[str, str]


def cached_draw(figures: Iterable[Figure], words: Words, cache: Path | None) -> Drawn:
    """Return what ``draw`` returns; drawn are figures that are new, changed or had failed.

    The file in the folder ``cache`` holds finished HTML, which is trusted as this code is: the
    folder must be the builder's own.
    """
    named = {_digest(figure, words): figure for figure in figures}
    if cache is None or not named:
        return draw(named.values(), words)
    path = cache / "figures-drawn.json"
    found = read(path)
    kept = {name: Html(text) for name, text in found.items()} if isinstance(found, dict) else {}
    drawn = draw((figure for name, figure in named.items() if name not in kept), words)
    if drawn.drawings:
        made = {name: drawn.drawings.get(figure.name) for name, figure in named.items()}
        kept = {name: html for name in named if (html := kept.get(name) or made[name])}
        keep(path, kept)
    drawings = {named[name].name: html for name, html in kept.items() if name in named}
    return Drawn(drawings, drawn.faults)


def _digest(figure: Figure, words: Words) -> str:
    """Return a name for all that decides how a figure is drawn."""
    whole = hashlib.sha256(f"{_version()} {words.locale}".encode())
    for code in ("drawing.py", "svg.py", "vega.py", "figures.py"):
        whole.update((Path(__file__).parent / code).read_bytes())
    whole.update(repr((figure.name, figure.spec, figure.title, figure.description)).encode())
    whole.update(repr((figure.columns, figure.rows, figure.keys)).encode())
    return whole.hexdigest()[:32]


def draw(figures: Iterable[Figure], words: Words, *, limit: float = _LIMIT) -> Drawn:
    """Draw figures, those whose spec can be used; ``limit`` is in seconds."""
    wanted = [figure for figure in figures if figure.spec]
    if not wanted:
        return Drawn({}, {})
    if not _version():
        return Drawn({}, {figure.name: _NEEDS for figure in wanted})
    asked = [(figure, kind, spec) for figure in wanted for kind, spec in _specs(figure)]
    answers = _ask([spec for *_, spec in asked], words, limit)
    drawings: dict[str, Html] = {}
    faults: dict[str, str] = {}
    for (figure, kind, _), answer in zip(asked, answers, strict=True):
        try:
            drawn = _write(figure, kind, answer)
        except SvgError as error:
            faults.setdefault(figure.name, str(error))
        else:
            drawings[figure.name] = drawings.get(figure.name, Html()) + drawn
    kept = {name: drawing for name, drawing in drawings.items() if name not in faults}
    return Drawn(kept, faults)


def _version() -> str:
    try:
        return metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return ""


def _specs(figure: Figure) -> list[tuple[str, dict[str, Any]]]:
    """Return the specs of a figure's drawings, each with its class."""
    spec = json.loads(figure.spec)
    spec["data"] = {"values": values(figure)}
    own = spec.get("config")
    spec["config"] = _merged(_CONFIG, own if isinstance(own, dict) else {})
    if spec.get("width") != "container":
        return [("ap-wide", spec)]
    fit = {"type": "fit-x", "contains": "padding"}
    return [
        (kind, {"autosize": fit, **spec, "width": width})
        for kind, width in (("ap-wide", WIDE), ("ap-narrow", NARROW))
    ]


def _merged(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    both = {**usual, **own}
    for key in usual.keys() & own.keys():
        if isinstance(usual[key], dict) and isinstance(own[key], dict):
            both[key] = _merged(usual[key], own[key])
    return both


def _ask(specs: Sequence[dict[str, Any]], words: Words, limit: float) -> list[dict[str, str]]:
    """Return an answer to each spec; where the process fails, each is asked for alone."""
    try:
        return _run(specs, words, limit)
    except SvgError as error:
        if len(specs) == 1:
            return [{"error": str(error)}]
        return [answer for spec in specs for answer in _ask([spec], words, limit)]


def _run(specs: Sequence[dict[str, Any]], words: Words, limit: float) -> list[dict[str, str]]:
    request = json.dumps({"specs": specs, "locale": vega_locale(words)})
    settings = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 # the file to run is ours
            [sys.executable, "-P", str(Path(__file__).parent / "vega.py")],
            input=request.encode(),
            capture_output=True,
            env=settings | {"TZ": "UTC", "PYTHONUTF8": "1"},
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SvgError(f"it takes longer than {limit:g} seconds") from None
    except OSError as error:
        raise SvgError(f"the drawing process cannot be started: {error}") from None
    answers = [json.loads(line) for line in done.stdout.splitlines()] if not done.returncode else []
    if len(answers) != len(specs):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SvgError(f"the drawing process ended: {said[-1][:300] if said else 'without a word'}")
    return answers


def _reason(error: str) -> str:
    """Return what Vega-Lite says, on one line and without where in its code it stood."""
    said = " ".join(error.partition(" at ")[0].split()).rpartition("failed: ")[2]
    return f"Vega-Lite says: {said[:300]}"


def _write(figure: Figure, kind: str, answer: Mapping[str, str]) -> Html:
    if "error" in answer:
        raise SvgError(_reason(answer["error"]))
    if len(answer["svg"]) > _LARGEST:
        raise SvgError(f"the drawing has more than {_LARGEST:,} characters")
    name = f"{figure.name}-{kind.removeprefix('ap-')}"
    drawn, marks = write_svg(answer["svg"], name, figure.description or figure.title, kind)
    if not marks:
        raise SvgError("the picture shows none of the rows: is there a mark for each of them?")
    return drawn
