"""A .bib file becomes sources. pybtex ends here: nobody above sees one of its entries.

Each entry is cut out and read alone, so a broken one is one diagnostic with its line, and costs
no other. What is written in LaTeX is decoded once, here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from pybtex.bibtex.utils import split_name_list
from pybtex.database import InvalidNameString, Person
from pybtex.database.input import bibtex
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text
from pybtex.scanner import PybtexSyntaxError

from .file import File
from .model import Name, Source

KINDS = ("primary", "news", "analysis", "reference")

_MAX_ENTRY = 100_000  # characters, @strings filled in
_MAX_STRING = 2_000  # what one @string may grow to: chained ones double each time
# "@online{" at a line's start, where reading resumes after a broken entry.
_ENTRY = re.compile(r"^[ \t]*@[ \t]*(\w+)[ \t]*[{(]", re.MULTILINE)
_BRACES = re.compile(r"[{})]")
_KEY = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,{}()]+)")
_FIELD = re.compile(r"\s*(?:@\w+\s*[{(][^,]*,)?\s*(\w+)\s*=")
_SYNTAX_ERROR = re.compile(r"(?:syntax error in line \d+: )?(.*)", re.DOTALL)
_UNDEFINED = re.compile(r"undefined string.*?:\s*(\w+)")
_URL_ESCAPE = re.compile(r"\\([%&#_~$])|\\url\{([^}]*)\}")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_bib(file: File) -> Iterator[Source]:
    """Yield a file's readable entries in order; faults go to the file's problems."""
    macros = dict(bibtex.month_names)
    for chunk in _chunks(file.text):
        if chunk.type not in ("comment", "preamble"):
            fields = _fields(file, chunk, macros)
            if fields is not None:
                yield _source(file, chunk, fields)


def safe_url(url: str) -> str:
    """Return an address if it is an absolute http or https one, else an empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    return url if url.isprintable() and not set(url) & set(" <>\"'`\\") else ""


def iso_date(value: str, year: str = "", month: str = "", day: str = "") -> str:
    """Return a date as far as it is known, from the first argument or else from the parts.

    >>> iso_date("2025-04-02/2025-04-04"), iso_date("", "2025", "apr")
    ('2025-04-02', '2025-04')
    """
    if not value and year:
        number = month[:3].lower()
        month = str(_MONTHS.index(number) + 1) if number in _MONTHS else month
        value = "-".join(part.zfill(2) for part in (year, month, day if month else "") if part)
    match = _ISO_DATE.fullmatch(value.split("/")[0].strip("~?% "))
    if match is None:
        return ""
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return ""
    return match[0]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """One entry's text, and the line it begins on."""

    type: str
    text: str
    line: int
    key: str

    @property
    def name(self) -> str:
        return f"entry '{self.key}'" if self.key else f"@{self.type}"


def _chunks(text: str) -> Iterator[_Chunk]:
    """Cut a file into entries, so that a broken one cannot swallow the next.

    An entry ends at the brace that closes it; if none does before the next line that looks like
    the start of an entry, it ends there, broken.
    """
    starts = [(match.start(), match[1].lower(), match[0][-1]) for match in _ENTRY.finditer(text)]
    end = line = counted = 0
    for index, (start, kind, opening) in enumerate(starts):
        if start < end:
            continue
        limit = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        end = _end(text, start, limit, {"{": "}", "(": ")"}[opening]) or limit
        line += text.count("\n", counted, start)
        counted = start
        chunk = text[start:end].rstrip()
        key = _KEY.match(chunk.lstrip())
        yield _Chunk(kind, chunk, line + 1, key[1] if key else "")


def _end(text: str, start: int, limit: int, closing: str) -> int:
    """Return the end of the entry that starts at a place, or 0 if nothing closes it."""
    depth = 0
    for match in _BRACES.finditer(text, start, limit):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0 and match[0] == closing:
            return match.end()
    return 0


def _fields(file: File, chunk: _Chunk, macros: dict[str, str]) -> Mapping[str, str] | None:
    """Return an entry's fields by lower-case name; a @string is added to the macros instead."""

    def refuse(reason: str, line: int = chunk.line) -> None:
        file.report("S001", f"{chunk.name} cannot be read: {reason}", line)

    longest = max(map(len, macros.values()))
    if len(chunk.text) + chunk.text.count("#") * longest > _MAX_ENTRY:
        refuse(f"it is larger than {_MAX_ENTRY:,} characters")
        return None
    parser = _Parser(macros)
    try:
        parser.parse_string(chunk.text)
    except PybtexSyntaxError as error:
        at_end = not isinstance(error.lineno, int) or "premature end" in str(error)
        refuse(_reason(error), chunk.line + (0 if at_end else error.lineno - 1))
        return None
    except PybtexError as error:
        refuse(_reason(error))
        return None
    for name, value in parser.macros.items():
        if len(value) <= _MAX_STRING:
            macros[name] = value
        elif name not in macros:
            refuse(f"'{name}' grows to {len(value):,} characters")
    if chunk.type == "string":
        return None
    if not parser.data.entries or not chunk.key:
        refuse("it has no key and no fields")
        return None
    (entry,) = parser.data.entries.values()
    return {name.lower(): value for name, value in entry.fields.items()}


class _Parser(bibtex.Parser):  # type: ignore[misc] # pybtex has no types
    """pybtex's parser, which raises its first error instead of printing it."""

    def __init__(self, macros: Mapping[str, str]) -> None:
        super().__init__(person_fields=(), macros=dict(macros))

    def handle_error(self, error: PybtexError) -> None:
        raise error


def _reason(error: PybtexError) -> str:
    """Say in plain words what pybtex found."""
    message = str(error)
    if "premature end of file" in message:
        return "a closing brace '}' is missing"
    if (undefined := _UNDEFINED.search(message)) is not None:
        return f"'{undefined[1]}' is neither in braces nor the name of a @string"
    if "'}' expected" in message:
        return "a comma between two fields, or the closing brace, is missing"
    match = _SYNTAX_ERROR.match(message)
    return match[1] if match else message


def _source(file: File, chunk: _Chunk, fields: Mapping[str, str]) -> Source:
    lines: dict[str, int] = {}
    for number, line in enumerate(chunk.text.split("\n"), chunk.line):
        if (match := _FIELD.match(line)) is not None:
            lines.setdefault(match[1].lower(), number)

    def report(code: str, field: str, message: str) -> None:
        file.report(code, f"'{chunk.key}': {message}", lines.get(field, chunk.line))

    def text(*names: str) -> str:
        return next((_decode(fields[name]) for name in names if fields.get(name)), "")

    def link(name: str) -> str:
        url = _URL_ESCAPE.sub(lambda m: m[1] or m[2] or "", fields.get(name, "")).strip()
        if url and not safe_url(url):
            report("S005", name, f"{name} is no http or https address")
        return safe_url(url)

    def when(name: str, *parts: str) -> str:
        written = [fields.get(part, "") for part in (name, *parts)]
        iso = iso_date(*written)
        if any(written) and not iso:
            shown = "-".join(filter(None, written))
            report("S006", name, f"{name} '{shown}' is no date; write it as 2025-04-02")
        return iso

    doi = _DOI.search(fields.get("doi", ""))
    if fields.get("doi") and not doi:
        report("S005", "doi", "doi is no DOI; write it as 10.1000/xyz")
    authors = tuple(_names(fields.get("author", ""), report))
    words = [word.strip().lower() for word in re.split("[,;]", fields.get("keywords", ""))]
    return Source(
        key=chunk.key,
        type=chunk.type,
        title=text("title"),
        span=file.span(chunk.line, chunk.text.find(chunk.key) + 1, len(chunk.key)),
        fields=tuple(fields.items()),
        translation=text("titletranslation"),
        authors=tuple(name for name in authors if name.family != "others"),
        more_authors=any(name.family == "others" for name in authors),
        container=text("journaltitle", "journal", "booktitle", "maintitle"),
        publisher=text("organization", "institution", "publisher", "school", "howpublished"),
        date=when("date", "year", "month", "day"),
        url=link("url"),
        doi=doi[0].rstrip(".,;") if doi else "",
        urldate=when("urldate"),
        language=text("langid", "language").lower(),
        kind=next((word for word in words if word in KINDS), ""),
        copy="copy" in words,
        archive=link("archiveurl"),
        note=text("note", "addendum"),
    )


def _decode(value: str) -> str:
    r"""Return text without LaTeX: ``{\"u}`` is ü, braces go; most values have none of it."""
    if not set(value) & set("\\{}$~"):
        return value.replace("--", "–")
    try:
        return str(Text.from_latex(value)).strip()
    except (PybtexError, ValueError, RecursionError):
        return value.replace("{", "").replace("}", "")


def _names(value: str, report: Callable[[str, str, str], None]) -> Iterator[Name]:
    """Split an author field; a name in braces is an organisation and stays whole."""
    for written in filter(None, map(str.strip, split_name_list(value) if value else ())):
        if written.startswith("{") and written.endswith("}"):
            yield Name(_decode(written))
            continue
        try:
            person = Person(written)
        except InvalidNameString:
            report(
                "S007",
                "author",
                f"too many commas in the name '{written}'; write 'Family, Given and Family, Given'",
            )
            yield Name(_decode(written))
            continue
        parts = (
            person.last_names,
            person.first_names + person.middle_names,
            person.prelast_names,
            person.lineage_names,
        )
        yield Name(*(_decode(" ".join(part)) for part in parts))
