"""A figure on its page: title, picture, caption, sources, and the table in a fold beneath.

A plate is what printers call a picture with its legend. Numbers stand here as in the file, but for
the commas in long ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .figures import NOTE, groups, is_number
from .markup import Html, escaped, fill, join
from .model import CitationGroup, Figure
from .words import Words, written_number

Cite = Callable[[CitationGroup, bool], Html]


@dataclass(frozen=True, slots=True)
class Plate:
    """A figure in its place: ``anchor`` is its id there, ``address`` that of its table's file.

    ``drawing`` is empty if it could not be drawn.
    """

    figure: Figure
    anchor: str
    drawing: Html
    address: str


def write_plate(plate: Plate, cite: Cite, words: Words) -> Html:
    """Return a plate as HTML.

    ``cite`` writes a group of citations, which counts as one on the page or not, in the order of
    ``figures.groups``: all sources of the figure count, those of its rows are among them.
    """
    figure = plate.figure
    every, *rows = groups(figure)
    notes = [
        fill(words.figure_sources, citations=cite(every, True)) if every.citations else Html(),
        fill(words.figure_rights, licence=figure.licence) if figure.licence else Html(),
    ]
    parts = [
        fill("<figcaption>{title}</figcaption>\n", title=figure.title),
        _block("div", "ap-drawing", plate.drawing),
        _block("p", "ap-caption", escaped(figure.caption)),
        _block("p", "ap-figure-notes", join(filter(None, notes), " ")),
        _table(plate, [cite(row, False) if row.citations else Html() for row in rows], words),
    ]
    return fill(
        '<figure class="ap-figure" id="{anchor}">\n{parts}</figure>',
        anchor=plate.anchor,
        parts=join(parts),
    )


def _block(tag: str, kind: str, content: Html) -> Html:
    template = f'<{tag} class="{{kind}}">{{content}}</{tag}>\n'
    return fill(template, kind=kind, content=content) if content else Html()


def _table(plate: Plate, sources: list[Html], words: Words) -> Html:
    figure = plate.figure
    if not figure.rows:
        return Html()
    shown = [at for at, name in enumerate(figure.columns) if name != NOTE]
    notes = _notes(figure)
    heads = [*(figure.columns[at] for at in shown), words.figure_source]
    heads += [words.figure_note] if any(notes) else []
    lines = []
    for row, cited, note in zip(figure.rows, sources, notes, strict=True):
        cells = [_cell(row[at], words) for at in shown]
        cells.append(fill("<td>{cited}</td>", cited=cited))
        cells += [fill("<td>{note}</td>", note=note)] if any(notes) else []
        lines.append(fill("<tr>{cells}</tr>\n", cells=join(cells)))
    return fill(
        '<details class="ap-data"><summary>{summary}</summary>\n'
        '<div class="ap-scroll" role="group" aria-label="{title}" tabindex="0">\n'
        '<table class="ap-table"><thead><tr>{heads}</tr></thead>\n<tbody>\n{lines}</tbody></table>'
        '</div>\n<p><a href="{address}" download>{download}</a></p></details>\n',
        summary=words.figure_rows.format(number=len(lines)),
        title=figure.title,
        heads=join(fill('<th scope="col">{head}</th>', head=head) for head in heads),
        lines=join(lines),
        address=plate.address,
        download=words.figure_download,
    )


def _notes(figure: Figure) -> list[str]:
    """Return what is noted of each row."""
    at = figure.columns.index(NOTE) if NOTE in figure.columns else None
    return ["" if at is None else row[at] for row in figure.rows]


def _cell(text: str, words: Words) -> Html:
    if is_number(text):
        return fill('<td class="ap-number">{text}</td>', text=written_number(text, words))
    return fill("<td>{text}</td>", text=text or "–")
