"""What somebody typed is looked up: a page, a register of DOIs or of books, or a saved file.

In comes an address, a DOI, an ISBN, a number of arXiv or the path of a file, with a function that
asks the web; out come finds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

from .answer import Answer
from .bib import safe_url
from .describe import ASKED, describe
from .finds import Find, clean, read
from .identity import read_arxiv, read_doi, read_isbn
from .links import reason
from .passages import UnreadableError
from .records import from_csl, from_open_library

_LARGEST = 20_000_000  # bytes of a file
_CSL = "application/vnd.citationstyles.csl+json"
_JSON = "application/json"
_HTML = "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8"
_RECORDS = (".bib", ".json", ".ris")


class WishError(Exception):
    """What was typed cannot be meant; the message says why, and what would do."""


class NothingError(Exception):
    """There is nothing to add; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Web:
    """``ask`` takes an address and the preferred types of its answer.

    Numbers are looked up at the addresses of their registers, behind which they are put.
    """

    ask: Callable[[str, str], Answer]
    doi: str = "https://doi.org/"
    isbn: str = "https://openlibrary.org/api/books?format=json&jscmd=data&bibkeys=ISBN:"


def look_up(what: str, url: str, web: Web, today: date) -> list[Find]:
    """Return what is found of what was typed; ``url`` is the address of a saved page.

    Raises WishError, NothingError.
    """
    what = what.strip()
    arxiv = read_arxiv(what)
    doi = f"10.48550/arXiv.{arxiv}" if arxiv else read_doi(what)
    if doi:
        return _of_doi(doi, web, today)
    if isbn := read_isbn(what):
        return _of_isbn(isbn, web)
    if re.match(r"https?://", what, re.IGNORECASE):
        if not safe_url(what):
            raise WishError(f"'{clean(what)}' is no address that can be asked")
        answer = _asked(what, web, _HTML)
        moved = safe_url(answer.moved)
        finds = _described(answer.body, answer.kind, moved or what, today, what)
        told = "where the address asked for has moved"
        return [
            replace(find, origin=told) if moved and find.origin == ASKED else find for find in finds
        ]
    path = Path(what)
    if _is_file(path):
        return _of_file(path, url, today)
    raise WishError(_no_wish(what))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long for one
        return False


def _no_wish(what: str) -> str:
    told = f"'{clean(what)[:80]}' is no address, no DOI, no ISBN and no file"
    if re.fullmatch(r"(?:isbn:?\s*)?[\dxX -]{10,17}", what, re.IGNORECASE):
        return f"{told}; as an ISBN its last digit is wrong: is one of them mistyped?"
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?", what):
        return f"{told}; for an address type https://{what}"
    return f"{told}; type https://…, 10.1000/…, 978…, arXiv:… or the path of a saved page"


def _asked(address: str, web: Web, accept: str, what: str = "") -> Answer:
    answer = web.ask(address, accept)
    if answer.fault is None and answer.status == 200:
        return answer
    told = f"{what or clean(address)}: {reason(answer)}"
    if what or answer.status in (404, 410):
        raise NothingError(told)
    raise NothingError(
        f"{told}; if your browser shows the page, save it there as HTML and type\n"
        f"  apparatus add saved-page.html --url '{clean(address)}'"
    )


def _described(body: bytes, kind: str, address: str, today: date, what: str) -> list[Find]:
    try:
        return describe(body, kind, address, today)
    except UnreadableError as error:
        raise NothingError(f"{clean(what)}: {error}") from None


def _of_file(path: Path, url: str, today: date) -> list[Find]:
    if url and not safe_url(url):
        raise WishError("--url is no http or https address")
    try:
        with path.open("rb") as file:
            body = file.read(_LARGEST + 1)
    except OSError as error:
        raise NothingError(f"{path} cannot be read: {error.strerror}") from None
    if len(body) > _LARGEST:
        raise NothingError(f"{path} is larger than {_LARGEST:,} bytes")
    if path.suffix.lower() in _RECORDS:
        raise WishError(f"{path} holds records, not a page: apparatus import {path}")
    return _described(body, "", url, today, str(path))


def _of_doi(doi: str, web: Web, today: date) -> list[Find]:
    answer = _asked(web.doi + quote(doi, safe="/():;.-_"), web, _CSL, f"the DOI {doi}")
    record = _object(answer.body)
    if not record.get("title"):
        raise NothingError(
            f"the DOI {doi}: its register sent no record of a work; add its page instead"
        )
    finds, _ = from_csl({**record, "DOI": doi}, "record of the DOI")
    # What was asked for is what is cited, whatever its register writes.
    finds = [find for find in finds if find.field != "doi"]
    named = [find for find in finds if find.field not in ("abstract", "keywords", "note")]
    # Names, dates and the like are read already.
    judged = [
        one
        for find in named
        for one in (read(find, today) if find.field in ("title", "subtitle") else [find])
    ]
    return [Find("doi", doi, "the DOI asked for"), *judged]


def _of_isbn(isbn: str, web: Web) -> list[Find]:
    answer = _asked(web.isbn + isbn, web, _JSON, f"the ISBN {isbn}")
    record = _object(answer.body).get(f"ISBN:{isbn}")
    if not isinstance(record, dict):
        raise NothingError(
            f"Open Library knows no book with the ISBN {isbn}; add its publisher's page"
        )
    finds = from_open_library(record, "Open Library")
    return [*finds, Find("isbn", isbn, "the ISBN asked for")]


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
