"""The key of a new entry: outlet or author, year, and a word of the title, in plain letters.

Knows the keys that are taken, and nothing of files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from itertools import count
from urllib.parse import urlsplit

from .latex import decode
from .names import read_names

_LONGEST = 24  # letters of an outlet: "ministryofforeignaffairs" and the like
_MOST_WORDS = 8
_WORD = re.compile(r"[a-z][a-z0-9]+")
# What says nothing of a title, in the languages with the most sources on the web.
_EMPTY = re.compile(
    "an?|and|are|as|at|by|das|de[rs]?|di|die|dos?|el|en|et|for|from|how|in|is|it|la|las|les?|los|my"
    "|of|on|or|our|que|the|their|this|to|una?|und|une|was|what|when|where|who|why|will|with"
    "|chto|eto|kak|na|no|ob|po|pro|shcho|ta|za|html?|php|aspx?"
)
_NO_OUTLET = re.compile("www|amp|news|blog|web|com?|org|net|gov|edu|ac|info|[a-z]{1,2}")
# Cyrillic as passports and maps have it (Ukrainian: resolution 55 of 2010; Russian: BGN/PCGN,
# made plain); one table does for both, since a key need not be read back.
_CYRILLIC: dict[str, str] = dict(
    re.findall(
        r"(\w)=(\w*)",
        "а=a б=b в=v г=g ґ=g д=d е=e ё=e є=ie ж=zh з=z и=i і=i ї=i й=i к=k л=l м=m н=n о=o п=p р=r"
        " с=s т=t у=u ў=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=iu я=ia ђ=dj ј=j љ=lj"
        " њ=nj ћ=c џ=dz ѓ=g ќ=k ѕ=dz",
    )
)
_OTHER = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "þ": "th", "ı": "i"}
_TABLE = str.maketrans(_CYRILLIC | _OTHER)


def plain(text: str) -> str:
    """Return a text in small letters without accents; Cyrillic is written in Latin letters.

    >>> plain("Київ, Łódź & Genève")
    'kiiv, lodz & geneve'
    """
    text = unicodedata.normalize("NFC", text).lower().translate(_TABLE)
    bare = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in bare if sign.isascii())


def make_key(
    kind: str, fields: Mapping[str, str], day: str, taken: Container[str], outlet: str = ""
) -> str:
    """Return a key for an entry of a type; ``taken`` are keys in small letters.

    ``outlet`` is how it shall begin, if that is known. What has no date has the year of ``day``, on
    which it was seen. If a key is taken, another word of the title makes it unique, else a letter.
    """
    year = fields.get("date", "")[:4] or day[:4]
    words = list(_words(fields)) or [""]
    stems = [f"{outlet or _outlet(kind, fields)}{year}{word}" for word in words]
    for stem in stems:
        if stem not in taken:
            return stem
    return next(key for key in (f"{stems[0]}{_letters(n)}" for n in count(1)) if key not in taken)


def _letters(number: int) -> str:
    """Return b for 1, c for 2, and so on, with a second letter behind z."""
    text = ""
    while number:
        number, rest = divmod(number, 26)
        text = chr(97 + rest) + text
    return text


def _outlet(kind: str, fields: Mapping[str, str]) -> str:
    """Return who made a work as one word: of a web page its publisher, of others their author."""
    names, _ = read_names(fields.get("author", "") or fields.get("editor", ""))
    author = names[0].family if names else ""
    publisher = next(
        (fields[name] for name in ("organization", "institution", "publisher") if fields.get(name)),
        "",
    )
    # A preprint is called by its authors.
    page = (
        kind in ("online", "video", "audio") and not fields.get("doi") and not fields.get("eprint")
    )
    for written in (publisher, author) if page else (author, publisher):
        words = re.findall(r"[a-z0-9]+", plain(decode(written).partition(",")[0]))
        word = "".join(words[1:] if words[:1] == ["the"] and words[1:] else words)
        if word and not word.isdigit():
            return word[:_LONGEST]
    return _host(fields.get("url", "")) or "source"


def _host(url: str) -> str:
    parts = (urlsplit(url).hostname or "").split(".")[:-1]
    named = [part for part in parts if not _NO_OUTLET.fullmatch(part)]
    return re.sub("[^a-z0-9]", "", plain((named or parts or [""])[-1]))


def _words(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield the words of a title that tell it from others; else those of its address."""
    title = decode(fields.get("titletranslation") or fields.get("title", ""))
    path = urlsplit(fields.get("url", "")).path
    for text in (title, path):
        found = _WORD.findall(plain(re.sub(r"['’ʼ]\w?\b", "", text)))
        words = [
            word
            for word in found
            if not _EMPTY.fullmatch(word) and word not in ("html", "htm", "php")
        ]
        if words:
            yield from list(dict.fromkeys(words))[:_MOST_WORDS]
            return
