"""Which work an address, a DOI, an ISBN or an arXiv number names, and when two are the same."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

_DIGIT = re.compile(r"\d|[xX](?=\W*$)")
_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|yclid|mc_[ce]id|igshid|ysclid)$")
_DOI = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/[^\s\"{}\\]+)", re.IGNORECASE
)
# arXiv's numbers since 2007 and before: 2501.01234v2, hep-th/9901001
_ARXIV = re.compile(
    r"(?:https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf)/|arxiv:\s*)"
    r"(\d{4}\.\d{4,5}|[a-z.-]+/\d{7})(?:v\d+)?(?:\.pdf)?",
    re.IGNORECASE,
)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_ISBN = re.compile(r"(?:urn:)?(?:isbn(?:-1[03])?:?)?\s*([\dxX][\dxX -]{8,20})", re.IGNORECASE)


def is_isbn(text: str) -> bool:
    """Say whether a text is an ISBN of 10 or 13 digits (ISO 2108), or an ISSN (ISO 3297)."""
    digits = [10 if sign in "xX" else int(sign) for sign in _DIGIT.findall(text)]
    if len(digits) == 13:
        return sum(digit * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10 == 0
    return len(digits) in (8, 10) and (
        sum(digit * (len(digits) - at) for at, digit in enumerate(digits)) % 11 == 0
    )


def same_address(url: str) -> str:
    """Return an address without what does not change the page: scheme, www, tracking, slash."""
    parts = urlsplit(url)
    query = [
        f"{name}={value}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.match(name)
    ]
    host = parts.netloc.lower().removeprefix("www.")
    return "?".join(filter(None, (f"{host}{parts.path.rstrip('/')}", "&".join(query))))


def without_braces(url: str) -> str:
    """Return an address that may stand in BibTeX, whose braces must match."""
    return url.replace("{", "%7B").replace("}", "%7D")


def without_tracking(url: str) -> str:
    """Return an address without its fragment and what follows its reader about.

    >>> without_tracking("https://a.example/x?id=1&utm_source=mail#top")
    'https://a.example/x?id=1'
    """
    parts = urlsplit(url)
    kept = [one for one in parts.query.split("&") if not _TRACKING.match(one.partition("=")[0])]
    return without_braces(urlunsplit(parts._replace(query="&".join(kept), fragment="")))


def read_doi(text: str) -> str:
    """Return a DOI that is the whole of a text, in any of its spellings, or an empty string.

    >>> read_doi("https://doi.org/10.1000/XYZ"), read_doi("doi:10.1000/xyz"), read_doi("10 of 12")
    ('10.1000/XYZ', '10.1000/xyz', '')
    """
    written = unquote(text.strip()) if "doi.org/" in text.lower() else text.strip()
    found = _DOI.fullmatch(written)
    return found[1].rstrip(".,;") if found else ""


def read_arxiv(text: str) -> str:
    """Return an arXiv number that is the whole of a text or of an address, without its version.

    >>> read_arxiv("arXiv:2501.01234v2"), read_arxiv("10.48550/arXiv.2501.01234")
    ('2501.01234', '2501.01234')
    """
    found = _ARXIV.fullmatch(text.strip()) or _ARXIV_DOI.fullmatch(text.strip())
    return found[1] if found else ""


def read_isbn(text: str) -> str:
    """Return the digits of an ISBN that is the whole of a text, or an empty string.

    >>> read_isbn("ISBN 978-0-00-000000-2"), read_isbn("978-0-00-000000-3")
    ('9780000000002', '')
    """
    found = _ISBN.fullmatch(text.strip())
    digits = re.sub(r"[ -]", "", found[1]).upper() if found else ""
    return digits if len(digits) in (10, 13) and is_isbn(digits) else ""
