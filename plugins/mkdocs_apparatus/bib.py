"""Entries become sources: what each field means, decoded once. Entries end here.

The types and fields are those of BibTeX and of BibLaTeX's manual, chapter 2. What a field says
and a source cannot hold is reported, never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from .dates import When, read_date, read_parts
from .entries import Entry
from .inherit import inherit, keys_in
from .latex import decode
from .model import Name, Source
from .names import read_list, read_names

KINDS = ("primary", "news", "analysis", "reference")

# BibLaTeX's manual, sections 2.1.1 to 2.1.3; what each alias stands for is style's matter.
TYPES = frozenset(
    {"article", "book", "mvbook", "inbook", "bookinbook", "suppbook", "booklet", "collection"}
    | {"mvcollection", "incollection", "suppcollection", "dataset", "manual", "misc", "online"}
    | {"patent", "periodical", "suppperiodical", "proceedings", "mvproceedings", "inproceedings"}
    | {"reference", "mvreference", "inreference", "report", "set", "software", "thesis"}
    | {"unpublished", "xdata", "conference", "electronic", "mastersthesis", "phdthesis"}
    | {"techreport", "www", "artwork", "audio", "bibnote", "commentary", "image", "jurisdiction"}
    | {"legislation", "legal", "letter", "movie", "music", "performance", "review", "standard"}
    | {"video", "customa", "customb", "customc", "customd", "custome", "customf"}
)
# Where the field "type" holds one of BibLaTeX's keys, it says which alias is meant.
_KINDS_OF_WORK = {
    "phdthesis": "phdthesis",
    "mathesis": "mastersthesis",
    "techreport": "techreport",
    "software": "software",
}
# What the field "type" holds where it is no text of the author's.
KEY_OF_TYPE = re.compile(
    r"(?:ba|cand|ma|phd)?thesis|(?:tech|res)report|software|datacd|audiocd"
    r"|patent(?:req)?\w{0,2}|patreq\w{2}"
)
_PUBLISHERS = ("organization", "institution", "school", "publisher", "holder", "howpublished")
_URL_ESCAPE = re.compile(
    r"\\([%&#_$])|\\url\{([^{}]*)\}|\\textasciitilde(?:\{\}|\s)?|\\~(?:\{\})?|\{([%&#_~])\}"
)
_URL_IN_TEXT = re.compile(r"(?:\\url\{([^{}]*)\}|(https?://[^\s{}\\]+))")
_VOLUMES = frozenset(
    {"book", "mvbook", "collection", "mvcollection", "proceedings", "mvproceedings", "periodical"}
    | {"reference", "mvreference"}
)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
# arXiv's identifiers since 2007 and before: 2501.01234v2, hep-th/9901001
_ARXIV = re.compile(r"(?:arxiv:\s*)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z.-]+/\d{7})", re.IGNORECASE)
_COUNTRY = re.compile(r"\bcountry([a-z]{2})\b")
_RANGE = re.compile(r"(?<=[\divxlc])\s*[-–—]+\s*(?=[A-Z]?[\divxlc])")


def read_sources(entries: Iterable[Entry]) -> Iterator[Source]:
    """Yield a source for each entry, with what it inherits; faults go to the files' problems.

    An xdata entry only lends its fields. A set becomes a source whose title is made of the titles
    of its parts, if it has none, and whose ``related`` are their keys.
    """
    whole = [entry for entry in inherit(entries) if entry.type != "xdata"]
    keys = {old: entry.key for entry in whole for old in keys_in(entry.fields.get("ids", ""))}
    keys |= {entry.key: entry.key for entry in whole}
    sources = [_Reader(entry, keys).source() for entry in whole]
    titles = {source.key: source.title for source in reversed(sources)}
    for source in sources:
        if source.type == "set" and not source.title:
            parts = [titles[key] for key in source.related if titles.get(key)]
            yield replace(source, title="; ".join(parts))
        else:
            yield source


def safe_url(url: str) -> str:
    """Return an address if it is an absolute http or https one, else an empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return ""
    return url if url.isprintable() and not set(url) & set(' <>"`\\') else ""


class _Reader:
    """One entry on its way to a source."""

    def __init__(self, entry: Entry, keys: Mapping[str, str]) -> None:
        self._entry = entry
        self._fields = entry.fields
        self._keys = keys

    def source(self) -> Source:
        """Return the entry as a source."""
        entry, fields, text = self._entry, self._fields, self._text
        authors, more_authors = self._names("author")
        editors, more_editors = self._names("editor")
        when = self._date()
        eprint, eprint_type = self._eprint()
        title, container = self._title(), self._container()
        if not title and entry.type in _VOLUMES:
            title, container = container, ""
        words = [word.strip().lower() for word in re.split("[,;]", fields.get("keywords", ""))]
        return Source(
            key=entry.key,
            type=self._type(),
            title=title,
            span=entry.span,
            fields=tuple(fields.items()),
            translation=text("titletranslation"),
            short_title=text("shorttitle"),
            authors=authors,
            more_authors=more_authors,
            editors=editors,
            more_editors=more_editors,
            container=container,
            publisher=self._publisher(),
            place=_COUNTRY.sub(lambda match: match[1].upper(), self._list("location", "address")),
            edition=text("edition"),
            series=text("series"),
            volume=self._joined(".", "volume", "part"),
            number=self._joined(", ", "number", "issue"),
            pages=_RANGE.sub("–", text("pages", "eid")),
            date=when.start,
            date_end=when.end,
            circa=when.circa,
            url=self._url(),
            doi=self._doi(),
            isbn=text("isbn", "issn"),
            eprint=eprint,
            eprint_type=eprint_type,
            urldate=self._when("urldate").start,
            language=self._list("langid", "language", "hyphenation").split(" / ")[0].lower(),
            kind=next((word for word in words if word in KINDS), ""),
            copy="copy" in words,
            archive=self._link("archiveurl"),
            note=self._note(),
            related=self._related(),
            formerly=tuple(keys_in(fields.get("ids", ""))),
        )

    def _report(self, code: str, field: str, message: str) -> None:
        self._entry.report(code, field, message)

    def _text(self, *names: str) -> str:
        """Return the first of some fields that says anything."""
        for name in names:
            if self._fields.get(name) and (text := decode(self._fields[name])):
                return text
        return ""

    def _joined(self, between: str, *names: str) -> str:
        return between.join(filter(None, map(self._text, names)))

    def _list(self, *names: str) -> str:
        return next((read_list(self._fields[name]) for name in names if self._fields.get(name)), "")

    def _type(self) -> str:
        written = self._entry.type
        if written not in TYPES:
            self._report("S009", "", f"the entry type '{written}' is unknown; it is read as misc")
            return "misc"
        return _KINDS_OF_WORK.get(self._fields.get("type", "").lower(), written)

    def _title(self, prefix: str = "") -> str:
        """Return a title with its subtitle and what is added to it."""
        title = self._text(f"{prefix}title")
        for name, between in (("subtitle", ": "), ("titleaddon", ". ")):
            more = self._text(prefix + name)
            if title and more:
                ended = title.endswith((".", "?", "!", "…", ":"))
                title = f"{title}{' ' if ended else between}{more}"
            else:
                title = title or more
        return title

    def _container(self) -> str:
        journal = self._title("journal") or self._text("journal")
        titles = [self._title("main"), self._title("book")]
        return journal or ": ".join(dict.fromkeys(filter(None, titles)))

    def _names(self, field: str) -> tuple[tuple[Name, ...], bool]:
        advice = "write 'Family, Given and Family, Given', and organisations in braces"
        return read_names(
            self._fields.get(field, ""),
            lambda message: self._report("S007", field, f"{message}; {advice}"),
        )

    def _publisher(self) -> str:
        """Return all who published a work, once each; an address is no publisher."""
        found = []
        for name in _PUBLISHERS:
            written = self._fields.get(name, "")
            if name == "howpublished":
                written = _URL_IN_TEXT.sub("", written).strip(" ,;:")
            found.append(read_list(written))
        return " / ".join(dict.fromkeys(filter(None, found)))

    def _note(self) -> str:
        kind = self._fields.get("type", "")
        genre = "" if KEY_OF_TYPE.fullmatch(kind) else decode(kind)
        parts = [genre, self._text("note"), self._text("addendum")]
        note = ""
        for part in filter(None, parts):
            ended = not note or note.endswith((".", "?", "!", "…"))
            note = f"{note}{' ' if ended else '. '}{part}".strip()
        return note

    def _when(self, field: str) -> When:
        written = self._fields.get(field, "").strip(" {}")
        if not written:
            return When("")
        return self._known(field, written, read_date(written))

    def _date(self) -> When:
        when = self._when("date")
        parts = [self._fields.get(name, "").strip(" {}") for name in ("year", "month", "day")]
        if when.start or not parts[0]:
            return when
        return self._known("year", "-".join(filter(None, parts)), read_parts(*parts))

    def _known(self, field: str, written: str, when: When | None) -> When:
        if when is None:
            message = f"{field} '{written}' is no date; write it as 2025-04-02"
            self._report("S006", field, message)
            return When("")
        if when.lost:
            self._report("S013", field, f"{field} '{written}': {when.lost} is not shown")
        return when

    def _link(self, field: str, written: str = "") -> str:
        """Return an address without LaTeX, if it is a safe one."""
        written = written or self._fields.get(field, "")
        url = _URL_ESCAPE.sub(lambda m: m[1] or m[2] or m[3] or "~", written).strip(" {}")
        if url and not safe_url(url):
            self._report("S005", field, f"{field} is no http or https address")
        return safe_url(url)

    def _url(self) -> str:
        """Return the address, which old entries have in another field."""
        if self._fields.get("url"):
            return self._link("url")
        for field in ("howpublished", "note"):
            found = _URL_IN_TEXT.search(self._fields.get(field, ""))
            if found:
                return self._link(field, found[1] or found[2].rstrip(".,;)"))
        return ""

    def _doi(self) -> str:
        written = self._fields.get("doi", "")
        found = _DOI.search(_URL_ESCAPE.sub(lambda m: m[1] or m[2] or m[3] or "~", written))
        if written and not found:
            self._report("S005", "doi", "doi is no DOI; write it as 10.1000/xyz")
        return found[0].rstrip(".,;") if found else ""

    def _eprint(self) -> tuple[str, str]:
        """Return an identifier and its archive's name, in lower case."""
        eprint = self._text("eprint")
        kind = self._text("eprinttype", "archiveprefix").lower()
        arxiv = _ARXIV.fullmatch(eprint)
        if arxiv is not None and kind in ("", "arxiv"):
            return arxiv[1], "arxiv"
        return eprint, kind if eprint else ""

    def _related(self) -> tuple[str, ...]:
        found = []
        for field in ("related", "entryset"):
            for key in keys_in(self._fields.get(field, "")):
                if key in self._keys:
                    found.append(self._keys[key])
                else:
                    self._report("S010", field, f"{field} names no source '{key}'")
        return tuple(dict.fromkeys(found))
