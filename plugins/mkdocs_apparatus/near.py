"""The known name that an unknown one most resembles, for whoever says "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 100  # characters: what is longer is no slip of the pen


def nearest(name: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """Return the known name, whatever its case, or an empty string if none is like enough.

    >>> nearest("Smtih2019", ["smith2019", "smart2001"]), nearest("x", ["smith2019"])
    ('smith2019', '')
    """
    if len(name) > _LONGEST:
        return ""
    folded = {one.casefold(): one for one in known}
    matches = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    return folded[matches[0]] if matches else ""


def did_you_mean(near: str) -> str:
    """Return the question after a message, if there is anything to ask.

    >>> did_you_mean("smith2019"), did_you_mean("")
    ("; did you mean 'smith2019'?", '')
    """
    return f"; did you mean '{near}'?" if near else ""
