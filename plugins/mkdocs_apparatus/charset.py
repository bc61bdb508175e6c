"""What a server sent becomes text: by byte order mark, header, meta tag, or as UTF-8."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
# What a page may name as its charset: all others that Python knows decode no text of the web.
_CHARSET = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|(?:iso|cp|windows|ibm|latin|koi8|mac|gb|big5|euc|shift|sjis|tis)"
    r"[\w-]*|us-ascii|ascii",
    re.IGNORECASE,
)
# As the web reads them: https://encoding.spec.whatwg.org/#names-and-labels.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gbk", "iso8859-9": "cp1254"}
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,40})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w-]{2,40})""", re.IGNORECASE)


def decoded(body: bytes, kind: str) -> str:
    """Return a body as text; ``kind`` is its Content-Type as sent."""
    header = _HEADER_CHARSET.search(kind)
    meta = _META.search(body[:4096])
    named = [header[1]] if header else []
    named += [meta[1].decode("ascii", "replace")] if meta else []
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if not body.isascii():
        # No other charset makes a whole page valid UTF-8 by chance, so that is what it is,
        # whatever a badly kept server says.
        with suppress(UnicodeDecodeError):
            return body.decode()
    charsets = [charset for name in named if (charset := _charset(name))]
    for charset in charsets:
        with suppress(UnicodeError):
            return body.decode(charset)
    return body.decode((*charsets, "utf-8")[0], "replace")


def _charset(name: str) -> str:
    """Return the name under which Python knows a page's charset, or an empty string."""
    if not _CHARSET.fullmatch(name):
        return ""
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return ""
    return _WIDER.get(known, known)
