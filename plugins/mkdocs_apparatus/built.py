"""Built pages that still show a citation as it was typed: nothing has read it.

That is what a reader gets where a generator passes by the plugin in silence. In comes the folder
of a built site and its library, out come findings in the built files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from .file import File
from .model import Diagnostic, Library
from .opaque import KEY
from .terms import find_term

_CITATION = re.compile(rf"(?<![\w@])@\{{?({KEY.pattern})")
_TERM = re.compile(r"\[\[([^\[\]|]+)(?:\|[^\[\]]*)?\]\]")
# What shows text as it is, and what of ours is shown as it was typed on purpose.
_APART = "code, kbd, math, pre, samp, script, style, textarea, .ap-missing, .arithmatex"


def check_built(folder: Path, root: Path, library: Library) -> Iterator[Diagnostic]:
    """Yield what is left of citations and term links that the library knows, page by page."""
    problems: list[Diagnostic] = []
    for path in sorted(folder.rglob("*.html")):
        file = File.read(path, root, problems)
        if "@" not in file.text and "[[" not in file.text:
            continue
        tree = LexborHTMLParser(file.text)
        for node in tree.css(_APART):
            node.decompose()
        text = tree.body.text() if tree.body is not None else ""
        for left in dict.fromkeys(_left(text, library)):
            at = file.text.find(left)
            line = file.text.count("\n", 0, at) + 1 if at >= 0 else 1
            message = f"'{left}' is shown as it was typed: the build has read no citations here"
            yield Diagnostic("C007", message, file.span(line))
    yield from problems


def _left(text: str, library: Library) -> Iterator[str]:
    for match in _CITATION.finditer(text):
        if library.current(match[1]) in library.sources:
            yield match[0]
    for match in _TERM.finditer(text):
        if find_term(match[1].strip(), library.names):
            yield match[0]
