"""The examples on the plugin's pages, read as their readers would follow them.

A page is one small site. It goes on from the site that the tutorial ends with, and each block of
code on it is one of these, by the line before it and by its language:

- ``In `docs/index.md`:`` and a block: the file is written; a later block of that name replaces it.
- ``Readers see:`` and a block ``text``: these words stand so on the page written last.
- ``The HTML is:`` and a block ``html``: it stands so in the HTML of that page.
- a block ``console``: each line with ``$`` is run, and what is printed must be what follows. A
  line ``…`` stands for any lines, ``…`` in a line for any characters.
- a block ``yaml`` with ``plugins:`` or ``theme:``: MkDocs takes it, whether named or not.
- a block ``python``: it runs, in the folder of the site.
- a block ``sh``, and code in the text that begins with ``apparatus``: each command has its flags.

Whatever else stands in a block must be named in a line before it, or be of the language ``text``
below ``in short:``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sites import ROOT

FOLDER = ROOT / "docs" / "apparatus"
PAGES = sorted(FOLDER.rglob("*.md"))

_FENCE = re.compile(r"^(`{3,})[ ]*([\w-]*)[^\n]*\n(.*?)^\1[ ]*$", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"`([^`\s]+\.\w+)`[^`\n]*:$")
_INLINE = re.compile(r"(?<!`)`(apparatus [^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, the line before it, and where it begins."""

    page: str
    line: int
    language: str
    text: str
    lead: str

    @property
    def file(self) -> str:
        """The file that the line before it names, or nothing."""
        match = _NAMED.search(self.lead)
        return match[1] if match else ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def blocks(path: Path) -> tuple[Block, ...]:
    """Return the blocks of code of a page, in order."""
    text = path.read_text("utf-8")
    found = []
    for match in _FENCE.finditer(text):
        before = text[: match.start()].rstrip("\n")
        lead = before.rpartition("\n")[2]
        line = text.count("\n", 0, match.start()) + 1
        name = path.relative_to(ROOT).as_posix()
        found.append(Block(name, line, match[2], match[3], lead))
    return tuple(found)


def commands(path: Path) -> list[str]:
    """Return each command ``apparatus`` that stands in a page's text or in its blocks."""
    text = _FENCE.sub("", path.read_text("utf-8"))
    found = _INLINE.findall(text)
    for block in blocks(path):
        if block.language in ("console", "sh", "yaml", "text"):
            for line in block.text.splitlines():
                if match := re.search(r"(?:^|[\s/|;])(apparatus (?!:)[a-z].*)", line):
                    found.append(match[1])
    return found


def matches(expected: str, printed: str) -> bool:
    """Return whether something was printed as a page shows it, ``…`` standing for anything."""
    lines = [re.escape(one).replace("…", "[^\n]*") for one in expected.rstrip("\n").split("\n")]
    pattern = "\n".join(r"(?:[^\n]*\n?)*" if one == "[^\n]*" else one for one in lines)
    return re.fullmatch(pattern, printed.rstrip("\n")) is not None
