r"""Sources become files for other programs: BibLaTeX, CSL-JSON and RIS.

In come sources in the order wanted, with keys that are unique as in a Library; out comes text.
Whatever stands in a value, it cannot end its field, its line or its entry. Knows no files.

The formats' sources: the BibLaTeX manual, sections 2 and 3; csl-data.json of the CSL schema 1.0.2,
with pandoc's BibLaTeX reader as the oracle of what goes where; the RIS specification of Research
Information Systems (2001), with Zotero's reader as the oracle of where managers look for a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from .model import Name, Source
from .words import language_code, load

# What all readers take in a key or a field's name: pandoc gives a whole file up at a "#" in one.
_ODD = re.compile(r"[^\w.:/+*!?;&$-]")
_TYPE = re.compile(r"[A-Za-z]\w*", re.ASCII)
_NO_ENTRIES = ("comment", "preamble", "string")
_LENDERS = ("crossref", "xdata")  # what they lend stands in the entry; they may not be exported
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_BRACE = re.compile(r"(\\\\)|\\?([{}])")
_BRACES = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
_MOST_NESTED = 50  # pybtex stops at a hundred

# By type of entry: CSL's, RIS's. Where CSL's differ from pandoc's, the reason stands beside it.
_UNKNOWN = ("document", "GEN")  # pandoc writes an empty type, which the schema does not allow
_TYPES = {
    "article": ("article-journal", "JOUR"),
    "artwork": ("graphic", "ART"),
    "audio": ("song", "SOUND"),
    "book": ("book", "BOOK"),
    "bookinbook": ("chapter", "CHAP"),
    "booklet": ("pamphlet", "PAMP"),
    "collection": ("book", "BOOK"),
    "commentary": ("book", "BOOK"),
    "conference": ("paper-conference", "CONF"),  # BibLaTeX's other name of inproceedings
    "dataset": ("dataset", "DATA"),
    "electronic": ("webpage", "ELEC"),
    "image": ("graphic", "ART"),
    "inbook": ("chapter", "CHAP"),
    "incollection": ("chapter", "CHAP"),
    "inproceedings": ("paper-conference", "CONF"),
    "inreference": ("entry-encyclopedia", "ENCYC"),
    "jurisdiction": ("legal_case", "CASE"),
    "legal": ("treaty", "LEGAL"),
    "legislation": ("legislation", "STAT"),
    "letter": ("personal_communication", "PCOMM"),
    "manual": ("book", "BOOK"),
    "mastersthesis": ("thesis", "THES"),
    "movie": ("motion_picture", "MPCT"),
    "music": ("song", "MUSIC"),
    "mvbook": ("book", "BOOK"),
    "mvcollection": ("book", "BOOK"),
    "mvproceedings": ("book", "CONF"),
    "mvreference": ("book", "BOOK"),
    "newsarticle": ("article-newspaper", "NEWS"),
    "online": ("webpage", "ELEC"),
    "patent": ("patent", "PAT"),
    "performance": ("performance", "GEN"),  # speech with pandoc, from before CSL had this type
    "periodical": ("periodical", "JFULL"),  # article-journal with pandoc, likewise
    "phdthesis": ("thesis", "THES"),
    "proceedings": ("book", "CONF"),
    "reference": ("book", "BOOK"),
    "report": ("report", "RPRT"),
    "review": ("review", "JOUR"),
    "software": ("software", "COMP"),
    "standard": ("standard", "STAND"),  # legislation with pandoc, likewise
    "suppbook": ("chapter", "CHAP"),
    "suppcollection": ("chapter", "CHAP"),
    "suppperiodical": ("article-journal", "JOUR"),
    "techreport": ("report", "RPRT"),
    "thesis": ("thesis", "THES"),
    "unpublished": ("manuscript", "UNPB"),
    "video": ("motion_picture", "VIDEO"),
    "www": ("webpage", "ELEC"),
}
_SUBTYPES = {"magazine": ("article-magazine", "MGZN"), "newspaper": ("article-newspaper", "NEWS")}
_ISSUES = ("article-journal", "article-magazine", "article-newspaper", "periodical", "review")
_MAY_BE_NEWS = ("ELEC", "GEN", "JOUR", "MGZN")


def to_bibtex(sources: Iterable[Source]) -> str:
    """Return BibLaTeX that reads back to the same types, keys and fields, ``crossref`` apart.

    A key with characters at which some reader stops gets an underscore for each, and the key as
    it was goes into ``ids``, by which BibLaTeX still finds it. A value whose braces do not match
    gets their names in place of braces; runs of white space become one space, as for any reader.
    """
    return "\n".join(bibtex_entries(sources).values())


def bibtex_entries(sources: Iterable[Source]) -> dict[str, str]:
    """Return the entries of ``to_bibtex`` by key, for whoever writes many selections of them."""
    found = list(sources)
    taken = {source.key.lower() for source in found}
    return {source.key: _entry(source, _key(source.key, taken)) for source in found}


def _key(key: str, taken: set[str]) -> str:
    plain = _ODD.sub("_", key) or "_"
    if plain != key:
        while plain.lower() in taken:
            plain += "_"
        taken.add(plain.lower())
    return plain


def _entry(source: Source, key: str) -> str:
    fields = {_ODD.sub("_", name): value for name, value in source.fields if name not in _LENDERS}
    if source.key not in ("", key):
        fields["ids"] = ", ".join(filter(None, (fields.get("ids"), source.key)))
    named = _TYPE.fullmatch(source.type) and source.type.lower() not in _NO_ENTRIES
    kind = source.type if named else "misc"
    width = max(map(len, fields), default=0)
    lines = [f"  {name:<{width}} = {{{_value(value)}}}" for name, value in fields.items()]
    return "\n".join((f"@{kind}{{{key},", *([",\n".join(lines)] if lines else []), "}\n"))


def _value(value: str) -> str:
    r"""Return a value that stays in its braces: ``\{`` is a brace for BibTeX, none for LaTeX."""
    value = " ".join(value.split())
    if not (_balanced(value) and _balanced(_ESCAPED.sub("", value))):
        value = _BRACE.sub(lambda found: found[1] or _BRACES[found[2]], value)
    if (len(value) - len(value.rstrip("\\"))) % 2:
        value = value[:-1] + r"\textbackslash{}"
    return value


def _balanced(value: str) -> bool:
    depth = 0
    if "{" not in value and "}" not in value:
        return True
    for brace in filter("{}".__contains__, value):
        depth += 1 if brace == "{" else -1
        if not 0 <= depth <= _MOST_NESTED:
            return False
    return depth == 0


def to_csl(sources: Iterable[Source]) -> str:
    """Return CSL-JSON. CSL has no field for a translated title: it stands in ``custom``."""
    return json.dumps([_item(source) for source in sources], ensure_ascii=False, indent=2) + "\n"


def _item(source: Source) -> dict[str, object]:
    """Return a CSL item; where it differs from pandoc's on purpose, the reason stands beside it.

    Pandoc lower-cases English titles, since BibLaTeX's have capitals, takes what stands before a
    colon for a short title, and cuts a publisher at "and": here a headline stays as it was.
    """
    fields = dict(source.fields)
    kind, _ = _types(source)
    # Always collection-number for books with pandoc, even if they are in no series.
    number = "collection-number" if source.series else "number"
    archive = urlsplit(source.archive).hostname or ""
    item: dict[str, object] = {
        "genre": _genre(source),
        "author": _people(source.authors, source.more_authors),
        "editor": _people(source.editors, source.more_editors),
        "issued": _csl_date(source.date, source.date_end, source.circa),
        "title": source.title,
        "title-short": source.short_title,
        "container-title": source.container,
        "collection-title": source.series,
        "publisher": source.publisher,
        "publisher-place": source.place,
        "volume": source.volume,
        "issue" if kind in _ISSUES else number: source.number,
        "page": source.pages.replace("–", "-"),
        "edition": source.edition,
        "URL": source.url,
        "accessed": _csl_date(source.urldate),
        "DOI": source.doi,
        "ISSN" if "issn" in fields and "isbn" not in fields else "ISBN": source.isbn,
        # ru-RU with pandoc: a source in Russian need not be from Russia.
        "language": language_code(source.language),
        "keyword": fields.get("keywords", ""),
        "note": source.note,
        # Pandoc passes over archived copies, and knows the addresses of some eprints.
        "archive": archive or source.eprint_type,
        "archive_location": source.archive if archive else source.eprint,
        "custom": {"translated-title": source.translation} if source.translation else {},
    }
    return {"id": source.key, "type": kind} | {name: item[name] for name in item if item[name]}


def _types(source: Source) -> tuple[str, str]:
    subtype = dict(source.fields).get("entrysubtype", "")
    if source.type == "article" and subtype in _SUBTYPES:
        return _SUBTYPES[subtype]
    return _TYPES.get(source.type, _UNKNOWN)


def _genre(source: Source) -> str:
    """Return what kind of thesis or report it is; other kinds stand in the note already."""
    named = source.type in ("mastersthesis", "phdthesis", "techreport")
    return str(getattr(load(), source.type)) if named else ""


def _people(names: tuple[Name, ...], more: bool) -> list[dict[str, str]]:
    people = [_person(name) for name in names]
    return [*people, {"literal": "others"}] if more else people


def _person(name: Name) -> dict[str, str]:
    if _is_organisation(name):
        return {"literal": name.family}
    parts = {
        "family": name.family,
        "given": name.given,
        # dropping-particle with pandoc: here "van der Berg" is never called "Berg".
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: text for part, text in parts.items() if text}


def _is_organisation(name: Name) -> bool:
    return not (name.given or name.particle or name.suffix)


def _csl_date(first: str, last: str = "", circa: bool = False) -> dict[str, object]:
    if not first:
        return {}
    # A zero leaves the range open, as with pandoc and citeproc-js.
    end = [[0] if last == ".." else _numbers(last)] if last else []
    return {"date-parts": [_numbers(first), *end]} | ({"circa": True} if circa else {})


def _numbers(iso: str) -> list[int]:
    return [int(number) for number in iso.split("-")]


def to_ris(sources: Iterable[Source]) -> str:
    """Return RIS, its lines ended as the specification wants them."""
    return "".join(
        f"{tag}  - {' '.join(value.split())}\r\n"
        for source in sources
        for tag, value in (*_tags(source), ("ER", ""))
        if value.strip() or tag == "ER"
    )


def _tags(source: Source) -> Iterator[tuple[str, str]]:
    _, kind = _types(source)
    if source.kind == "news" and kind in _MAY_BE_NEWS:
        kind = "NEWS"
    yield "TY", kind
    yield "ID", source.key
    for tag, names, more in (
        ("AU", source.authors, source.more_authors),
        ("ED", source.editors, source.more_editors),
    ):
        yield from ((tag, _ris_name(name)) for name in names)
        yield tag, "others" if more else ""
    yield "TI", source.title
    yield "TT", source.translation
    yield "ST", source.short_title
    # A newspaper's name stands where a journal's does: managers know no publisher of news.
    title = source.container or (source.publisher if kind == "NEWS" else "")
    yield "T2", title or source.series
    yield "T3", source.series if title else ""
    yield "PB", source.publisher if source.publisher != title else ""
    yield "CY", source.place
    yield "PY", source.date[:4]
    about = ["circa"] if source.circa else []
    about += [f"to {source.date_end}"] if source.date_end not in ("", "..") else []
    yield "DA", _ris_date(source.date, ", ".join(about))
    yield "Y2", _ris_date(source.urldate)
    yield "ET", source.edition
    yield "VL", source.volume
    yield "IS", source.number
    first, _, last = source.pages.replace("–", "-").partition("-")
    yield from (("SP", first), ("EP", last)) if "," not in last else (("SP", source.pages),)
    yield "SN", source.isbn
    yield "DO", source.doi
    yield "UR", source.url
    yield "LA", language_code(source.language)
    keywords = dict(source.fields).get("keywords", source.kind)
    yield from (("KW", word) for word in re.split("[,;]", keywords))
    yield "N1", source.note
    yield "N1", f"{load().archived_copy}: {source.archive}" if source.archive else ""


def _ris_name(name: Name) -> str:
    family = f"{name.particle} {name.family}".strip()
    return ", ".join((family, name.given, name.suffix)).rstrip(", ")


def _ris_date(iso: str, about: str = "") -> str:
    """Return YYYY/MM/DD/other, as far as known."""
    year, month, day = (*iso.split("-"), "", "")[:3]
    return f"{year}/{month}/{day}/{about}" if iso else ""
