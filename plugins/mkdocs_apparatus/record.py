"""What a page says of itself: data for programs, "Cite this page", and downloads.

In come a page's facts and the sources that it cites, out comes HTML. The facts are chosen by
``metadata``; here they are only written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from .export import to_bibtex, to_csl, to_ris
from .markup import Html, fill, join
from .metadata import PageFacts, as_source, cite_this, json_ld, meta_tags
from .model import Source
from .references import Link, write_parts
from .words import Words

_LONGEST_NAME = 240  # bytes of a file's name, its ending aside: file systems take 255
FOLDER = "assets/apparatus"
CSS = f"{FOLDER}/apparatus.css"
SCRIPTS = (f"{FOLDER}/apparatus.js", f"{FOLDER}/cards.js")
LIBRARY = {
    "BibTeX": f"{FOLDER}/library.bib",
    "RIS": f"{FOLDER}/library.ris",
    "CSL-JSON": f"{FOLDER}/library.json",
}
_ASSETS = Path(__file__).parent / "assets"
# Lines of comment, and what lines are indented by: for who reads the files, not for who gets them.
_ASIDES = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)\n|^[ \t]+", re.DOTALL | re.MULTILINE)


def assets() -> dict[str, str]:
    """Return the style sheet and the scripts by path, without what is there for their readers."""
    return {
        path: _ASIDES.sub("", (_ASSETS / Path(path).name).read_text("utf-8"))
        for path in (CSS, *SCRIPTS)
    }


def references_path(page: str) -> str:
    """Return where the BibTeX of a page's references is downloaded."""
    stem, dot, kind = page.rpartition(".")
    path = stem if dot and "/" not in kind else page
    if len(os.fsencode(path.rpartition("/")[2])) > _LONGEST_NAME:
        path = f"{path[: _LONGEST_NAME // 5]}-{sha256(os.fsencode(page)).hexdigest()[:16]}"
    return f"{FOLDER}/references/{path}.bib"


def data_path(file: str) -> str:
    """Return where the table of a figure is downloaded."""
    return f"{FOLDER}/data/{file}"


def library_files(sources: Iterable[Source]) -> dict[str, str]:
    """Return the whole library in each format, by path."""
    found = list(sources)
    texts = (to_bibtex(found), to_ris(found), to_csl(found))
    return dict(zip(LIBRARY.values(), texts, strict=True))


def write_head(facts: PageFacts) -> Html:
    """Return what reference managers read in a page's head."""
    return join(
        fill(
            '<meta {attribute}="{name}" content="{content}">\n',
            attribute="property" if name.startswith("og:") else "name",
            name=name,
            content=content,
        )
        for name, content in meta_tags(facts)
    )


def write_data(facts: PageFacts, works: Iterable[str], reviews: Iterable[str] = ()) -> Html:
    """Return what search engines read, for the end of a page.

    There it is near the references, whose words it repeats, and a zip makes little of it. Each of
    the works is what ``metadata.work`` returns for a source; each of the reviews is what
    ``metadata.claim_review`` returns for a claim.
    """
    return join(
        fill(
            '<script type="application/ld+json">{data}</script>\n',
            data=Html(data),  # which is safe within a script, see metadata
        )
        for data in (json_ld(facts, works), *filter(None, reviews))
    )


def write_citing(facts: PageFacts, words: Words, download: str) -> Html:
    """Return "Cite this page": in words and as BibTeX, with its references to download."""
    return fill(
        '<section class="ap-citing" aria-labelledby="ap-citing">\n<details>\n'
        '<summary id="ap-citing">{title}</summary>\n<p>{parts}</p>\n'
        '<pre tabindex="0"><code>{entry}</code></pre>\n'
        '<p><a href="{download}" download>{text} (BibTeX)</a></p>\n</details>\n</section>\n',
        title=words.cite_this_page,
        parts=write_parts(cite_this(facts, words)),
        entry=to_bibtex([as_source(facts)]).strip(),
        download=download,
        text=words.download_references,
    )


def write_downloads(words: Words, link: Link) -> Html:
    """Return the links to the whole library in each format."""
    links = [
        fill('<a href="{href}" download>{name}</a>', href=link(path), name=name)
        for name, path in LIBRARY.items()
    ]
    template = '<p class="ap-downloads">{text}: {links}</p>\n'
    return fill(template, text=words.download_library, links=join(links, ", "))
