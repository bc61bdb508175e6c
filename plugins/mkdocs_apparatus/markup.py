"""The one place where values meet markup: templates of HTML, whose values are escaped.

Finished HTML has a type of its own; whatever is not of it is escaped. Mixed up with plain text
it becomes plain text again, and is escaped too: a mistake shows, but does not open a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from typing import overload
from urllib.parse import quote

_unsafe = re.compile("[&<>\"']").search
_FIELD = re.compile(r"\{(\w+)\}")
_PLAIN = re.compile(r"[\w.:/-]+", re.ASCII)


class Html(str):
    """Finished HTML; joined to plain text it is plain text."""

    __slots__ = ()

    @overload
    def __add__(self, other: Html) -> Html: ...

    @overload
    def __add__(self, other: str) -> str: ...

    def __add__(self, other: str) -> str:
        joined = str.__add__(self, other)
        return Html(joined) if type(other) is Html else joined


def fill(template: str, **values: str) -> Html:
    """Write values into a template of HTML: all of them are escaped, but for finished HTML.

    >>> fill('<a href="{href}">{text}</a>', href='/"x', text=Html("<b>y</b>"))
    '<a href="/&quot;x"><b>y</b></a>'
    """
    out = list(_pieces(template))
    for index in range(1, len(out), 2):
        value = values[out[index]]
        if type(value) is not Html and _unsafe(value) is not None:
            value = escape(value)
        out[index] = value
    return Html("".join(out))


def escaped(value: str) -> Html:
    """Return a value as HTML."""
    if type(value) is Html or _unsafe(value) is None:
        return Html(value)
    return Html(escape(value))


@cache
def _pieces(template: str) -> tuple[str, ...]:
    """Split a template into text and names by turns; there are few templates, used often."""
    return tuple(_FIELD.split(template))


def join(parts: Iterable[Html], between: str = "") -> Html:
    """Join finished pieces of HTML by a text."""
    return Html(_separator(between).join(parts))


@cache
def _separator(between: str) -> str:
    """Return the text between two pieces as HTML; there are few, used often."""
    return escape(between)


def old_places(prefix: str, names: Iterable[str]) -> Html:
    """Return empty elements, to which links lead that know an entry by one of its old names."""
    return join(fill('<span id="{id}"></span>', id=f"{prefix}-{name}") for name in names)


def fragment(name: str) -> str:
    """Return the link to the element of the same page with this id."""
    return f"#{name}" if _PLAIN.fullmatch(name) else f"#{quote(name, safe='-._~:/')}"
