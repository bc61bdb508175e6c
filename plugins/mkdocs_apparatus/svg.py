"""SVG as a page may have it: few elements and attributes, each listed, each value a plain one.

In comes what a drawing program wrote, out comes the picture to be put into a page: without
scripts, links, styles and whatever else a stranger's drawing may hold. The words that Vega gives
each mark ("Year: 2005; Men: 157700") become its ``title``, which browsers show under the pointer.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from .markup import Html, escaped, fill, join

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(
    ("circle", "clipPath", "defs", "g", "line", "path", "rect", "svg", "text", "tspan")
)
_ATTRIBUTES = frozenset(
    (
        "clip-path",
        "cx",
        "cy",
        "d",
        "dx",
        "dy",
        "fill",
        "fill-opacity",
        "font-size",
        "font-style",
        "font-weight",
        "height",
        "id",
        "opacity",
        "r",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-opacity",
        "stroke-width",
        "text-anchor",
        "transform",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
    )
)
_PLAIN = re.compile(r"[\w\s.,()#%+-]*")
_LOCAL = re.compile(r"url\((#?)([\w-]+)\)")
_LONG = re.compile(r"-?\d+\.\d{3,}")
_SIZE = re.compile(r"\d+(?:\.\d+)?")
_DEEPEST = 60
_WHOLE = frozenset(("line mark", "area mark", "trail mark"))  # one mark for many rows
_INK = frozenset(("fill", "stroke"))
_DEFAULTS = frozenset((("opacity", "1"), ("stroke-width", "1"), ("stroke-miterlimit", "10")))


class SvgError(ValueError):
    """Why a drawing cannot be used."""


def write_svg(svg: str, name: str, label: str, kind: str) -> tuple[Html, int]:
    """Return a drawing as HTML, and how many marks with words it has.

    ``name`` is put before the ids in it, ``label`` says what it shows, ``kind`` is its class.
    Raises SvgError.
    """
    if "<!" in svg:
        raise SvgError("the drawing is no plain SVG")
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314 # no entities: see above
    except (ElementTree.ParseError, RecursionError) as error:
        raise SvgError(f"the drawing is no SVG: {error}") from None
    width, height = (root.get(side, "") for side in ("width", "height"))
    if root.tag != f"{_SVG}svg" or not (_SIZE.fullmatch(width) and _SIZE.fullmatch(height)):
        raise SvgError("the drawing has no size")
    writer = _Writer(name)
    content = join(writer.write(child, 0) for child in root)
    template = (
        '<svg class="{kind}" role="img" aria-label="{label}" viewBox="0 0 {width} {height}" '
        'width="{width}" height="{height}">{content}</svg>'
    )
    drawn = fill(template, kind=kind, label=label, width=width, height=height, content=content)
    return drawn, writer.titles


class _Writer:
    def __init__(self, name: str) -> None:
        self.name = name
        self.titles = 0

    def write(self, element: ElementTree.Element, depth: int) -> Html:
        """Return an element with what is in it; nothing of one that shows nothing."""
        tag = element.tag.removeprefix(_SVG) if isinstance(element.tag, str) else ""
        if tag not in _ELEMENTS or depth > _DEEPEST or element.get("display") == "none":
            return Html()
        attributes = self._attributes(element)
        inside = join(self.write(child, depth + 1) for child in element)
        if tag in ("text", "tspan"):
            inside = escaped((element.text or "").strip()) + inside
        elif tag != "g":
            inside = self._title(element) + inside
        if tag in ("g", "text") and not inside:
            return Html()
        if tag == "g" and not attributes:
            return inside
        if tag == "path" and not (element.get("d") and _INK & element.attrib.keys()):
            return Html()
        template = f"<{tag}{{attributes}}>{{inside}}</{tag}>"
        return fill(template, attributes=attributes, inside=inside)

    def _title(self, element: ElementTree.Element) -> Html:
        words = element.get("aria-label", "")
        if not words or element.get("aria-roledescription", "") in _WHOLE:
            return Html()
        self.titles += 1
        return fill("<title>{words}</title>", words=words)

    def _attributes(self, element: ElementTree.Element) -> Html:
        written = Html()
        for name, value in element.attrib.items():
            if name not in _ATTRIBUTES or (name, value) in _DEFAULTS:
                continue
            plain = self._value(name, value)
            if plain:
                written += fill(f' {name}="{{value}}"', value=plain)
        return written

    def _value(self, name: str, value: str) -> str:
        if name == "id":
            return f"{self.name}-{value}" if re.fullmatch(r"[\w-]+", value) else ""
        local = _LOCAL.fullmatch(value)
        if local:
            return f"url(#{self.name}-{local[2]})" if local[1] else ""
        if "url(" in value.lower() or not _PLAIN.fullmatch(value):
            return ""
        return _LONG.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), value)
