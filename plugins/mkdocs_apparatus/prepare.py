"""What a build needs to know of all pages, written before it, for a generator that shows one.

Zensical renders page by page, only those that changed, and has no step when all are known. So
``apparatus pages`` goes through the whole site first and writes

- into the folder of pages: those of the four generated pages that are missing, with their
  beginning alone, and ``assets/apparatus/``, which is this command's own;
- into ``.apparatus/``: who mentions what, and the citations in a CSL style if the site has one
  (not into ``.cache/``, which ``zensical build --clean`` takes away).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from .audit import open_site, pages_of, read_page, recognise
from .config import Config
from .csl import CslPage
from .file import File
from .judge import Convert
from .markup import Html
from .matter import split_page
from .model import CitationGroup
from .pages import PATHS, usual_heads
from .places import Places, title_in
from .record import FOLDER, assets, references_path
from .site import Page, Site
from .store import read, write
from .syntax import first_heading
from .uses import Uses, index_uses

PLACES = ".apparatus/places.json"
_OWN = (".bib", ".csv")  # endings of what is taken away when nothing wants it any more


class OutsideError(Exception):
    """A file would be written outside the folder of pages; the message names it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known of all pages: who uses what, and titles by path.

    ``written`` are the titles that pages have themselves, where navigation gives them others.
    ``formatted`` holds the citations of pages in a CSL style, each group as it was typed and as
    it is written.
    """

    uses: Uses
    titles: Mapping[str, str]
    written: Mapping[str, str]
    formatted: Mapping[str, tuple[tuple[str, ...], CslPage]]

    def styled(self, path: str, groups: Iterable[CitationGroup]) -> CslPage | None:
        """Return a page's citations in the site's CSL style, None if they are others by now."""
        typed, page = self.formatted.get(path, ((), None))
        return page if typed == tuple(group.typed for group in groups) else None


def prepare(config: Config) -> list[str]:
    """Write what a build will need; return the paths that were written, seen from the root.

    Raises OutsideError if a link would lead out of the folder of pages, ConfigError if an
    extension cannot be used, OSError.
    """
    site, convert = open_site(config)
    paths = pages_of(config)
    heads = heads_of(config)
    own = _own_titles(config, paths)
    site.generate(own, heads)
    titles = {}
    for path in paths:
        if path not in PATHS:
            titles[path] = _title(config, path, recognise(site, convert, config, path))
    for path in PATHS:
        titles[path] = _title(config, path, _recognise_generated(site, convert, config, path))
    usual = usual_heads(site.words)
    texts = {path: f"{usual[path]}\n" for path in PATHS if path not in heads}
    texts |= {**assets(), **site.files(), **_references(site)}
    for path in _own(config.docs):
        if path not in texts:
            _inside(config.docs, path).unlink()
    for path, text in texts.items():
        target = _inside(config.docs, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_bytes() != text.encode():
            target.write_bytes(text.encode())  # else a preview would build all anew
    write(config.root / PLACES, _rows(site, titles, own))
    return [f"{config.name}/{path}" for path in texts]


def recall(root: Path) -> Prepared | None:
    """Return what was written last time, None if nothing was."""
    try:
        rows = read(root / PLACES)
        pages = {
            path: (str(title), Places(tuple(map(tuple, sources)), tuple(map(tuple, terms))))
            for path, (title, sources, terms) in rows["pages"].items()
        }
        written = {str(path): str(title) for path, title in rows["written"].items()}
        formatted = {
            path: (
                tuple(typed),
                CslPage(
                    tuple(map(Html, groups)),
                    tuple((str(key), Html(entry)) for key, entry in entries),
                ),
            )
            for path, (typed, groups, entries) in rows["formatted"].items()
        }
    except (TypeError, ValueError, LookupError, AttributeError):
        return None
    uses = index_uses((path, title, places) for path, (title, places) in pages.items())
    titles = {path: title for path, (title, _) in pages.items()}
    return Prepared(uses, titles, written, formatted)


def _own_titles(config: Config, paths: Iterable[str]) -> dict[str, str]:
    """Return the titles of pages as their files have them: in front matter, else as heading."""
    found = {}
    for path in paths:
        meta, body, _ = split_page(File.read(config.docs / path, config.root, []))
        found[path] = str(meta.get("title") or first_heading(body) or PurePosixPath(path).stem)
    return found


def _title(config: Config, path: str, html: str) -> str:
    """Return a page's title as MkDocs has it: of the navigation, of the page, of its file."""
    file = config.docs / path
    meta = split_page(File.read(file, config.root, []))[0] if file.is_file() else {}
    name = PurePosixPath(path).stem.replace("-", " ").replace("_", " ")
    usual = name.capitalize() if name.lower() == name else name
    return config.titles.get(path) or str(meta.get("title") or "") or title_in(html) or usual


def heads_of(config: Config) -> dict[str, str]:
    """Return the beginnings that an author wrote for generated pages, front matter and all."""
    written = (path for path in PATHS if (config.docs / path).is_file())
    return {path: File.read(config.docs / path, config.root, []).text for path in written}


def _recognise_generated(site: Site, convert: Convert, config: Config, path: str) -> str:
    written = (config.docs / path).is_file()
    site.begin(
        read_page(File.read(config.docs / path, config.root, []), path)
        if written
        else Page(path, "", 1)
    )
    body = split_page(File(path, site.generated[path].markdown, []))[1]
    return site.recognise(path, path, convert(body))


def _references(site: Site) -> dict[str, str]:
    """Return the references of each page as BibTeX, by the path of their file."""
    return {
        references_path(page.path): "\n".join(
            site.entries[key] for key in dict.fromkeys(key for key, _ in page.places.sources)
        )
        for page in site.pages.values()
        if page.places.sources
    }


def _own(docs: Path) -> Iterator[str]:
    """Yield the paths of downloads that an earlier run wrote."""
    for kind in ("references", "data"):
        for path in sorted((docs / FOLDER / kind).rglob("*")):
            if path.suffix in _OWN and path.is_file() and not path.is_symlink():
                yield path.relative_to(docs).as_posix()


def _inside(docs: Path, path: str) -> Path:
    target = docs / path
    if not target.resolve().is_relative_to(docs.resolve()) or target.is_symlink():
        raise OutsideError(f"{target} is a link, or lies behind one, that leads elsewhere")
    return target


def _rows(site: Site, titles: Mapping[str, str], own: Mapping[str, str]) -> dict[str, Any]:
    pages = {
        page.path: (titles[page.path], page.places.sources, page.places.terms)
        for page in site.pages.values()
    }
    formatted = {
        path: ([group.typed for group in site.known_groups(path)], page.groups, page.entries)
        for path, page in site.formatted.items()
    }
    return {"pages": pages, "written": own, "formatted": formatted}
