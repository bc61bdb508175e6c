"""Citations and bibliographies in any CSL style, formatted by pandoc: the extra ``[csl]``.

In come BibTeX and each page's citation groups, out come HTML for each group and each entry of the
list. One pandoc process serves a whole build, and reads names, dates and titles as it would alone.
It answers with trees, which ``tree`` writes: no HTML of anybody's is read or trusted.

A style of notes (CSL class ``note``) gives its note's text in brackets, in the citation's place.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .folder import read_bytes
from .markup import Html, fill
from .model import Citation, CitationGroup, Mode
from .store import keep, read
from .tree import write_entry, write_group

Pages = Mapping[str, tuple[CitationGroup, ...]]

_LIMIT = 300.0  # seconds: several times what 2,000 pages take
_OLDEST = (3, 1, 1)  # the first pandoc whose Lua reads JSON
_NEEDS = "the style needs pandoc: pip install mkdocs-apparatus[csl]"
_LARGEST = 2_000_000  # bytes of a style: eight times the largest there is
_CSL = "{http://purl.org/net/xbiblio/csl}"
_MODES = {
    Mode.NORMAL: "NormalCitation",
    Mode.AUTHOR_IN_TEXT: "AuthorInText",
    Mode.SUPPRESS_AUTHOR: "SuppressAuthor",
}
# Pandoc's Markdown takes exponential time over nested brackets: with more, a text is plain words.
_MOST_BRACKETS = 2
_LONGEST = 500  # characters of a prefix or suffix that are read as Markdown
_ANCHOR = re.compile(r'data-ap-key="([^"]*)"')
_LINK = re.compile(r'<(/?)a\b(?: (data-ap-key="[^"]*"))?[^>]*>')


class CslError(Exception):
    """Why nothing could be formatted, in words for the author of the site."""


@dataclass(frozen=True, slots=True)
class CslPage:
    """A page's citation groups in order; key and text of each entry in the style's order.

    In a group ``data-ap-key`` stands for each citation, for ``place`` to put an id there. Classes:
    ``ap-cite``, ``smallcaps``, ``math`` and those of pandoc that begin with ``csl-``.
    """

    groups: tuple[Html, ...]
    entries: tuple[tuple[str, Html], ...]


def place(group: Html, anchor: Callable[[str], str], *, linked: bool = False) -> Html:
    """Give each citation of a group its id, which ``anchor`` returns for a key, in reading order.

    It may return nothing.

    ``linked`` says that the group stands within a link: then it gets none of its own.
    """
    text = str(group)
    if linked:
        text = _LINK.sub(lambda found: f"<{found[1]}span {found[2] or ''}".rstrip() + ">", text)

    def address(found: re.Match[str]) -> Html:
        name = anchor(unescape(found[1]))
        return fill('id="{name}"', name=name) if name else Html()

    return Html(_ANCHOR.sub(address, text))


def format_pages(
    bibtex: str, pages: Pages, style: Path, language: str, *, limit: float = _LIMIT
) -> dict[str, CslPage]:
    """Return each page's citations and list, as if the page were a document of its own.

    A key that ``bibtex`` does not have has no entry and is shown as pandoc shows it, in bold with
    a question mark. Raises CslError, also when pandoc takes longer than ``limit`` seconds.
    """
    small = _small(style)
    found = {path: CslPage((), ()) for path in pages}
    citing = {path: groups for path, groups in pages.items() if groups}
    if not citing:
        return found
    request = {
        "bibtex": bibtex,
        "style": "style.csl",
        "language": language,
        "pages": [[_request(group) for group in groups] for groups in citing.values()],
    }
    answers = _ask(json.dumps(request).encode(), small, language, limit)
    for (path, groups), answer in zip(citing.items(), answers, strict=True):
        try:
            found[path] = _page(json.loads(answer)["blocks"], groups)
        except RecursionError:
            raise CslError(f"{path}: a citation or a source is nested too deeply") from None
    return found


def digest(bibtex: str, pages: Pages, style: bytes, language: str, version: str) -> str:
    """Return a name for what ``format_pages`` makes of all this with a version of pandoc."""
    parts = (bibtex.encode(), _names(pages), style, language.encode(), version.encode())
    whole = hashlib.sha256()
    for part in (*parts, *_own_code()):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:32]


def cached_format_pages(
    bibtex: str, pages: Pages, style: Path, language: str, cache: Path | None
) -> dict[str, CslPage]:
    """Return what ``format_pages`` returns; pandoc is asked for pages that are new or changed.

    The file in the folder ``cache`` holds finished HTML, which is trusted as this code is: the
    folder must be the builder's own.
    """
    if cache is None:
        return format_pages(bibtex, pages, style, language)
    _, version = _pandoc()
    path = cache / f"csl-{digest(bibtex, {}, _small(style), language, version)}.json"
    kept = _load(path)
    names = {page: hashlib.sha256(_names({"": pages[page]})).hexdigest()[:32] for page in pages}
    missing = {page: pages[page] for page, name in names.items() if name not in kept}
    if missing:
        made = format_pages(bibtex, missing, style, language)
        kept |= {names[page]: made[page] for page in missing}
        rows = {name: kept[name] for name in names.values()}
        keep(path, {name: (page.groups, page.entries) for name, page in rows.items()})
    return {page: kept[name] for page, name in names.items()}


def _names(pages: Pages) -> bytes:
    """Write down all that decides what becomes of the groups of some pages."""
    return json.dumps(
        {path: [_request(group) for group in groups] for path, groups in pages.items()}
    ).encode()


def _own_code() -> list[bytes]:
    package = files(__package__)
    return [(package / name).read_bytes() for name in ("csl.py", "tree.py", "assets/csl.lua")]


def _load(path: Path) -> dict[str, CslPage]:
    try:
        return {
            name: CslPage(
                tuple(Html(group) for group in groups),
                tuple((key, Html(entry)) for key, entry in entries),
            )
            for name, (groups, entries) in read(path).items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _page(blocks: list[Any], groups: tuple[CitationGroup, ...]) -> CslPage:
    """Read a page's tree: a paragraph for each group, then the list, if the style makes one."""
    written = [
        write_group([block], [citation.key for citation in group.citations])
        for block, group in zip(blocks, groups, strict=False)
    ]
    entries = [
        (identity.removeprefix("ref-"), write_entry(content))
        for listing in blocks[len(groups) :]
        for (identity, *_), content in (entry["c"] for entry in listing["c"][1])
    ]
    return CslPage(tuple(written), tuple(entries))


def _request(group: CitationGroup) -> dict[str, Any]:
    """Return a group as the Lua script wants it."""
    request: dict[str, Any] = {
        "citations": [
            {"key": one.key, "mode": _MODES[one.mode], "prefix": one.prefix, "suffix": one.suffix}
            for one in group.citations
        ]
    }
    own_words = [text for one in group.citations for text in (one.prefix, one.suffix) if text]
    if own_words and all(map(_is_tame, own_words)):
        request["markdown"] = _markdown(group)
    return request


def _is_tame(text: str) -> bool:
    return len(text) <= _LONGEST and text.count("[") <= _MOST_BRACKETS


def _markdown(group: CitationGroup) -> str:
    """Write a group as it was typed, with all keys the same: pandoc reads words, not keys."""
    first, *more = group.citations
    if first.mode is Mode.NORMAL or group.typed.startswith("["):
        return f"[{'; '.join(map(_typed, group.citations))}]"
    inside = [" ".join(first.suffix.split())] if first.suffix else []
    return f"@{{key}} [{'; '.join([*inside, *map(_typed, more)])}]"


def _typed(citation: Citation) -> str:
    minus = "-" if citation.mode is Mode.SUPPRESS_AUTHOR else ""
    between = " " if citation.suffix and citation.suffix[0] not in ",.;:!?){" else ""
    typed = f"{citation.prefix} {minus}@{{key}}{between}{citation.suffix}"
    return " ".join(typed.split())


def _small(style: Path) -> bytes:
    """Read a style and write it without what only people need: pandoc reads it for each page."""
    try:
        data = read_bytes(style, _LARGEST)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise CslError(f"there is no style file {style}") from None
        message = f"{style.name} is no CSL style: it is larger than {_LARGEST:,} bytes"
        raise CslError(message) from None
    try:
        # Expat itself stops entities that grow, and reads none from elsewhere.
        root = ElementTree.fromstring(data)  # noqa: S314
        for element in root.iter():
            element.tail = None
            if len(element) and element.tag != f"{_CSL}term":  # pandoc shows a term's spaces
                element.text = None
        small: bytes = ElementTree.tostring(root, "utf-8")
    except (ElementTree.ParseError, LookupError, ValueError, RecursionError) as error:
        raise CslError(f"{style.name} is no CSL style: {error}") from None
    for link in root.iter(f"{_CSL}link"):
        if link.get("rel") == "independent-parent":  # which pandoc would fetch
            parent = link.get("href", "").rpartition("/")[2]
            raise CslError(f"{style.name} only points to another style: use {parent}.csl instead")
    if root.tag != f"{_CSL}style" or root.find(f"{_CSL}citation") is None:
        raise CslError(f"{style.name} is no CSL style: it says nothing about citations")
    return small


def _pandoc() -> tuple[str, str]:
    """Return where pandoc is, and its version."""
    try:
        import pypandoc  # type: ignore[import-untyped] # noqa: PLC0415 # an extra, and has no types

        path, version = str(pypandoc.get_pandoc_path()), str(pypandoc.get_pandoc_version())
    except (ImportError, OSError):
        raise CslError(_NEEDS) from None
    if tuple(map(int, re.findall(r"\d+", version))) < _OLDEST:
        raise CslError(f"{_NEEDS} (the one found is {version}, which is too old)")
    return path, version


def _ask(request: bytes, style: bytes, language: str, limit: float) -> list[bytes]:
    """Return the script's answers, a line a page; pandoc works in a folder of its own."""
    path, _ = _pandoc()
    with (
        tempfile.TemporaryDirectory() as folder,
        as_file(files(__package__) / "assets" / "csl.lua") as script,
    ):
        (Path(folder) / "style.csl").write_bytes(style)
        # The language decides which titles are put into sentence case; pandoc reads it from LANG.
        settings = {"LANG": language, "LC_ALL": "C.UTF-8"}
        try:
            result = subprocess.run(  # noqa: S603 # the file to run is pypandoc's
                [path, "lua", str(script)],
                input=request,
                capture_output=True,
                cwd=folder,
                env=os.environ | settings,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CslError(f"pandoc took longer than {limit:g} seconds") from None
        except OSError as error:
            raise CslError(f"pandoc cannot be started: {error}") from None
    if result.returncode:
        raise CslError(f"pandoc cannot format the citations: {_reason(result.stderr)}")
    return result.stdout.splitlines()


def _reason(stderr: bytes) -> str:
    """Return what pandoc says, on one line and without where in its script it stood."""
    said = stderr.decode(errors="replace").partition("stack traceback:")[0]
    return " ".join(said.replace("Error running Lua:", "").split())[:500]
