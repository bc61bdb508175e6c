"""Print the addresses that a change adds: a ``git diff`` comes in, an address a line goes out."""

from __future__ import annotations

import re
import sys

# An address ends at white space and at whatever Markdown, BibTeX and HTML put around one. BibTeX
# may escape a few characters in it.
_URL = re.compile(r"https?://(?:\\[_%&#~$]|[^\s<>\"{}|\\^`\[\]])+")
_DOI = re.compile(r"\bdoi\s*=\s*[{\"](?:https?://(?:dx\.)?doi\.org/)?(10\.[^}\"\s]+)[}\"]", re.I)
_ESCAPE = re.compile(r"\\(?=[_%&#~$])")


def added(diff: str) -> list[str]:
    """Return the addresses in the lines that a diff adds and not in those that it takes away."""
    lines = diff.splitlines()
    new = {url for line in lines if line.startswith("+") for url in _urls(line[1:])}
    old = {url for line in lines if line.startswith("-") for url in _urls(line[1:])}
    return sorted(new - old)


def _urls(line: str) -> list[str]:
    found = [_trimmed(_ESCAPE.sub("", url)) for url in _URL.findall(line)]
    return found + [f"https://doi.org/{_ESCAPE.sub('', doi)}" for doi in _DOI.findall(line)]


def _trimmed(url: str) -> str:
    """Return an address without the punctuation of the sentence or the brackets around it."""
    while url[-1] in ".,;:!?'*" or (url[-1] == ")" and url.count(")") > url.count("(")):
        url = url[:-1]
    return url


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    print(*added(sys.stdin.read()), sep="\n")
