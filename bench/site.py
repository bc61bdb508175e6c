"""A made-up site as a folder that MkDocs can build, the same one in three flavours.

``plain`` has citations and terms as plain words, ``apparatus`` has them in this project's syntax,
``peers`` in that of mkdocs-bibtex and mkdocs-ezglossary-plugin.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.content import SIZES, Citation, Mention, Model, Piece, Term


@dataclass(frozen=True, slots=True)
class Flavour:
    """A syntax: how citations, mentions and the glossary are written, and the plugins for it."""

    cite: Callable[[Citation], str]
    mention: Callable[[Mention], str]
    glossary: Callable[[tuple[Term, ...]], dict[str, str]]
    plugins: str = ""
    bibliography: str = ""


def _cite_plainly(citation: Citation) -> str:
    first, *more = citation.sources
    if citation.narrative:
        return first.name
    page = f", p. {citation.page}" if more else ""
    inside = [f"{first.name} {first.year}{page}", *(f"{one.name} {one.year}" for one in more)]
    return f"({'; '.join(inside)})"


def _cite(citation: Citation) -> str:
    first, *more = citation.sources
    if citation.narrative:
        return f"@{first.key}"
    page = f", p. {citation.page}" if more else ""
    return f"[{'; '.join((f'@{first.key}{page}', *(f'@{one.key}' for one in more)))}]"


def _cite_for_peers(citation: Citation) -> str:
    """Write keys alone: mkdocs-bibtex has no pages, and puts a whole reference in a sentence."""
    return f"[{'; '.join(f'@{one.key}' for one in citation.sources)}]"


def _mention_for_peers(mention: Mention) -> str:
    title = mention.term.title
    return f"<g:{title}|{mention.shown}>" if mention.by_alias else f"<g:{title}>"


def _glossary_page(prefix: str) -> Callable[[tuple[Term, ...]], dict[str, str]]:
    def write(terms: tuple[Term, ...]) -> dict[str, str]:
        entries = (f"{prefix}{term.title}\n:   {term.definition}\n" for term in terms)
        return {"docs/glossary.md": "\n".join(("# Glossary\n", *entries))}

    return write


def _glossary_files(terms: tuple[Term, ...]) -> dict[str, str]:
    return {
        f"sources/glossary/{term.title.replace(' ', '-')}.md": (
            f"---\ntitle: {term.title}\naliases: [{term.alias}]\nkind: concept\n"
            f"summary: {term.definition}\n---\n{term.definition}\n"
        )
        for term in terms
    }


FLAVOURS = {
    "plain": Flavour(_cite_plainly, lambda mention: mention.shown, _glossary_page("")),
    "apparatus": Flavour(
        _cite,
        lambda mention: f"[[{mention.shown}]]",
        _glossary_files,
        "  - apparatus\n",
        "sources/sources.bib",
    ),
    "peers": Flavour(
        _cite_for_peers,
        _mention_for_peers,
        _glossary_page("g:"),
        "  - bibtex:\n      bib_file: sources.bib\n  - ezglossary:\n      tooltip: short\n",
        "sources.bib",
    ),
}

_CONFIG = """\
site_name: Benchmark
site_url: https://example.org/
theme:
  name: material
  font: false
  features:
    - navigation.prune
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - footnotes
  - tables
  - toc:
      permalink: true
  - pymdownx.highlight
  - pymdownx.superfences
plugins:
  - search
"""


def write(model: Model, flavour: Flavour, folder: Path) -> None:
    """Write a site that MkDocs can build."""
    _write(folder / "mkdocs.yml", _CONFIG + flavour.plugins)
    _write(folder / "docs/index.md", "# Home\n\nA made-up site.\n")
    for path, text in flavour.glossary(model.terms).items():
        _write(folder / path, text)
    if flavour.bibliography:
        entries = "\n".join(source.entry for source in model.sources)
        _write(folder / flavour.bibliography, entries)
    for page in model.pages():
        blocks = (" ".join(_piece(piece, flavour) for piece in block) for block in page.blocks)
        _write(folder / "docs" / page.path, "\n\n".join(blocks) + "\n")


def _piece(piece: Piece, flavour: Flavour) -> str:
    if isinstance(piece, Citation):
        return flavour.cite(piece)
    return flavour.mention(piece) if isinstance(piece, Mention) else piece


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Write the flavours asked for, each into a folder of its own."""
    parser = argparse.ArgumentParser(description="Write a made-up site in several flavours.")
    parser.add_argument("folder", type=Path, help="gets a folder for each flavour")
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--flavours", nargs="+", choices=FLAVOURS, default=list(FLAVOURS))
    options = parser.parse_args()
    model = Model(SIZES[options.size])
    for name in options.flavours:
        write(model, FLAVOURS[name], options.folder / name)


if __name__ == "__main__":
    main()
