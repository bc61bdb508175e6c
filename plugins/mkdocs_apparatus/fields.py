"""What front matter may hold, a table for each kind of file.

Files are checked against these tables, and the JSON Schemas for editors are made from them.
"""

from __future__ import annotations

from types import MappingProxyType

from .matter import Field, Kind, schema

TERM_KINDS = ("concept", "person", "organisation", "place", "law", "event")
VERDICTS = ("supported", "nuanced", "imprecise", "wrong", "unverifiable")
AUTOLINK = ("first", "section", "all", "off")
LONGEST_SUMMARY = 240

_EXPLAINER = Field(Kind.TEXT, "The page about it: its path in docs/.")
_FORMERLY = Field(
    Kind.TEXTS, "Names that the file had, without .md: links to them still lead here."
)

TERM = {
    "title": Field(Kind.TEXT, "The term as it stands in running text.", needed=True),
    "aliases": Field(Kind.TEXTS, "Other names, in other languages too, shown in the glossary."),
    "forms": Field(Kind.TEXTS, "Other forms to be found in texts, such as irregular plurals."),
    "autolink": Field(Kind.SWITCH, "false: plain words are never taken for this term."),
    "kind": Field(Kind.TEXT, "What it is.", choices=TERM_KINDS),
    "summary": Field(
        Kind.TEXT, "One sentence of plain text.", needed=True, longest=LONGEST_SUMMARY
    ),
    "see": Field(Kind.TEXTS, "Related terms: the names of their files, without .md."),
    "role": Field(Kind.TEXT, "Of a person or an organisation: what they are or were."),
    "as_of": Field(Kind.DATE, "The date for which the role is true."),
    "date": Field(Kind.DATE, "Of an event: its day, month or year."),
    "end": Field(Kind.DATE, "Of an event that takes several days: the last one."),
    "topics": Field(Kind.TEXTS, "Of an event: what it is about; the timeline can be cut by it."),
    "explainer": _EXPLAINER,
    "formerly": _FORMERLY,
}
CLAIM = {
    "claim": Field(Kind.TEXT, "One checkable statement of the article, in our words.", needed=True),
    "paragraph": Field(Kind.NUMBER, "The paragraph of the article, from 1.", needed=True),
    "verdict": Field(Kind.TEXT, "What the evidence says.", needed=True, choices=VERDICTS),
    "checked": Field(Kind.DAY, "The day of the verdict."),
    "explainer": _EXPLAINER,
    "formerly": _FORMERLY,
}
ARTICLE = {
    "title": Field(Kind.TEXT, "The article's title.", needed=True),
    "author": Field(Kind.TEXT, "Who wrote it."),
    "date": Field(Kind.DATE, "When it appeared."),
    "source": Field(Kind.TEXT, "Its citation key."),
    "paragraphs": Field(
        Kind.TEXTS, "Each paragraph in one sentence of plain text, in order.", needed=True
    ),
}
# Fields of a page that are ours; a theme and other plugins have more.
PAGE = {
    "title": Field(Kind.TEXT, "The page's title."),
    "summary": Field(Kind.TEXT, "What the page says, in a sentence or two of plain text."),
    "reviewed": Field(Kind.DAY, "The day on which somebody last checked the whole page."),
    "topics": Field(Kind.TEXTS, "What the page is about."),
    "paragraphs": Field(Kind.NUMBERS, "The paragraphs of the article that it treats."),
    "related": Field(
        Kind.TEXTS, "Pages to go on to: their paths in docs/. Without: those with the same topics."
    ),
    "citations": Field(Kind.SWITCH, "false: an @ on this page is no citation."),
    "references": Field(Kind.SWITCH, "false: no list of references at the foot."),
    "exempt": Field(
        Kind.REASONS, "Rules that this page, or a section of it, is exempt from, with the reason."
    ),
    "autolink": Field(Kind.TEXT, "Which plain words are linked to terms.", choices=AUTOLINK),
}

SCHEMAS = MappingProxyType(
    {
        "term": schema("A term: sources/glossary/*.md", TERM),
        "claim": schema("A claim: sources/claims/*.md", CLAIM),
        "article": schema("The article: sources/article.md", ARTICLE),
        "page": schema("A page: docs/**/*.md", PAGE, open_ended=True),
    }
)
