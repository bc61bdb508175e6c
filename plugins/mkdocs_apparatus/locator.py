"""What a citation's suffix says: where in the source, which words of it, and what else.

In comes the suffix as ``syntax`` found it, out come locator, passage and rest. The words that
name a locator are those of Pandoc's manual, section "Citation syntax", which has them from CSL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Suffix:
    """The parts of a suffix, each as it is shown; ``bare`` says that the locator has no label."""

    locator: str = ""
    bare: bool = False
    passage: str = ""
    rest: str = ""


_LABELS = (
    "act|acts|appendix|appendices|art|arts|article|articles|bk|bks|book|books|canon|canons"
    "|ch|chs|chap|chaps|chapter|chapters|cl|cls|clause|clauses|col|cols|column|columns|cmt|cmts"
    "|elocation|equation|equations|eq|eqs|fig|figs|figure|figures|fol|fols|folio|folios"
    "|issue|issues|l|ll|line|lines|loc|locs|location|locations|min|mins|n|nn|no|nos|note|notes"
    "|number|numbers|op|opp|opus|opera|p|pp|page|pages|para|paras|paragraph|paragraphs|par|pars"
    "|part|parts|pt|pts|r|rr|rule|rules|s\\.\\s?v|s\\.\\s?vv|sub verbo|sub verbis"
    "|sc|scs|scene|scenes"
    "|sec|secs|section|sections|supp|supps|supplement|supplements|table|tables|tbl|tbls"
    "|timestamp|timestamps|title|titles|tit|tits|v|vv|verse|verses|vol|vols|volume|volumes"
)
# 33, xv, 12a, 1:02:33, (xvii)
_NUMBER = r"\(?(?:\d[\w:.]*\w|\d|[ivxlcdm]+(?![^\W\d_]))\)?"
_LIST = rf"{_NUMBER}(?:\s*(?:--?|–|,|&|/)\s*{_NUMBER})*"
_LABEL = rf"(?:(?:{_LABELS})\b\.?|§§?|¶¶?)"
# pp. 33-35, chap. 1, § 4
_LABELLED = re.compile(rf"[,\s]*({_LABEL}\s*{_LIST})", re.IGNORECASE)
_BARE = re.compile(rf"[,\s]*({_LIST})(?=[\s,;.]|$)")
_BRACED = re.compile(r"[,\s]*\{([^{}]*)\}")
_HAS_LABEL = re.compile(_LABEL, re.IGNORECASE)
# "few words" or “few words”, wherever they stand in what is left
_PASSAGE = re.compile(r'"([^"]+)"|“([^”]+)”')
_DASH = re.compile(r"(?<=[\w)])\s?--?(?=[\w(])")
_EDGES = " ,;\n\t"


@lru_cache(maxsize=1024)
def read_suffix(suffix: str) -> Suffix:
    """Split a suffix into locator, passage and rest.

    >>> read_suffix(', pp. 33-35, "few words", my translation')
    Suffix(locator='pp. 33–35', bare=False, passage='few words', rest='my translation')
    """
    if not suffix:
        return Suffix()
    locator, bare, rest = _locator(suffix)
    found = _PASSAGE.search(rest)
    passage = " ".join((found[1] or found[2]).split()) if found else ""
    if found:
        parts = (rest[: found.start()].strip(_EDGES), rest[found.end() :].strip(_EDGES))
        rest = ", ".join(part for part in parts if part)
    return Suffix(_DASH.sub("–", " ".join(locator.split())), bare, passage, rest.strip(_EDGES))


def _locator(suffix: str) -> tuple[str, bool, str]:
    """Return the locator, whether it has no label, and what is left."""
    if (braced := _BRACED.match(suffix)) is not None:
        inside = braced[1].strip()
        return inside, bool(inside) and not _HAS_LABEL.match(inside), suffix[braced.end() :]
    if (labelled := _LABELLED.match(suffix)) is not None:
        return labelled[1], False, suffix[labelled.end() :]
    if (number := _BARE.match(suffix)) is not None and any(map(str.isdigit, number[1])):
        return number[1], ":" not in number[1], suffix[number.end() :]
    return "", False, suffix
