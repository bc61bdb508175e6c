"""The rules, in one table, and what finds their breaches: library and uses in, diagnostics out.

Every message says what is there, what is expected and, where it can, the likely fix. Knows no
Markdown: positions come with the uses.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Set
from pathlib import PurePosixPath

from .library import fold
from .locator import read_suffix
from .model import Citation, Diagnostic, Library, Rule, Severity, Source, Span, TermLink, Use
from .syntax import find_groups
from .words import language_code

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
MOST_QUOTED = 12  # words of a source in a row
# Works that nobody needs to have published.
_UNPUBLISHED = frozenset({"bibnote", "periodical", "set", "unpublished"})

RULES = {
    rule.code: rule
    for rule in (
        Rule(
            "C001",
            "unknown-key",
            _ERROR,
            "A citation names a source that is in no .bib file.",
            "The reader would find no reference behind it.",
            "Correct the key, or add the source to a file in sources/. "
            "Write \\@ for an at-sign that is no citation.",
        ),
        Rule(
            "C003",
            "citation-in-heading",
            _WARNING,
            "A citation stands in a heading.",
            "Headings become addresses and tables of contents, where a number means nothing.",
            "Move the citation into the text under the heading.",
        ),
        Rule(
            "C004",
            "citation-in-attribute",
            _WARNING,
            "A citation stands in the text of an image or of an abbreviation.",
            "That text is plain: a link in it is lost.",
            "Move the citation into the caption or the text.",
        ),
        Rule(
            "C005",
            "passage-too-long",
            _WARNING,
            "A passage quotes more than twelve words.",
            "A passage is there to find the place, not to copy the source.",
            'Shorten it: "first words … last words".',
        ),
        Rule(
            "C006",
            "style-unavailable",
            _ERROR,
            "The CSL style of the site cannot be used.",
            "Citations come in the house style instead.",
            "Correct the option 'style', or install the extra: pip install mkdocs-apparatus[csl].",
        ),
        Rule(
            "T001",
            "unknown-term",
            _ERROR,
            "A term link names no term, alias or slug.",
            "The reader would find no definition behind it.",
            "Correct the name, or add a file to sources/glossary/.",
        ),
        Rule(
            "T002",
            "ambiguous-name",
            _WARNING,
            "Two terms claim the same title, slug or alias.",
            "A link by that name could mean either; the first one has it.",
            "Take the alias away from one of them.",
        ),
        Rule(
            "T003",
            "see-also-to-nowhere",
            _WARNING,
            "A term's 'see' names no term.",
            "The link would lead nowhere.",
            "Correct the slug, or remove it.",
        ),
        Rule(
            "T004",
            "term-front-matter",
            _WARNING,
            "The front matter of a term is missing, incomplete or unreadable.",
            "The glossary and the timeline are made from it.",
            "Follow the example in CONTRIBUTING.md, 'A term'.",
        ),
        Rule(
            "S001",
            "unreadable-entry",
            _ERROR,
            "An entry of a .bib file cannot be read.",
            "The source is missing from the site; the file's other entries are not touched.",
            "Mend the entry at the line named.",
        ),
        Rule(
            "S002",
            "duplicate-key",
            _ERROR,
            "Two entries have the same key, case aside.",
            "Only the first one is used, so a citation may lead to the wrong source.",
            "Rename one of them, or merge the two.",
        ),
        Rule(
            "S003",
            "missing-field",
            _WARNING,
            "A source lacks its title, or both address and DOI and any publisher.",
            "The reader could neither recognise nor find it.",
            "Add the field, from the page itself.",
        ),
        Rule(
            "S004",
            "never-cited",
            _INFO,
            "No page, term or claim cites the source.",
            "It may be a leftover.",
            "Cite it or remove it.",
        ),
        Rule(
            "S005",
            "unsafe-address",
            _WARNING,
            "An address is no http or https address, or a DOI is none.",
            "It would be a dead or a dangerous link, and is left out.",
            "Copy the address from the browser.",
        ),
        Rule(
            "S006",
            "unreadable-date",
            _WARNING,
            "A date is none that the calendar knows.",
            "It is left out of the reference.",
            "Write 2025-04-02, 2025-04 or 2025.",
        ),
        Rule(
            "S007",
            "unreadable-name",
            _WARNING,
            "A name has too many commas, or looks like several names.",
            "It is shown as written.",
            "Separate names by 'and', and put an organisation's name in braces.",
        ),
        Rule(
            "S008",
            "duplicate-address",
            _WARNING,
            "Two sources have the same address or DOI.",
            "The same page would stand twice in a list, under two numbers.",
            "Keep one of the keys.",
        ),
        Rule(
            "S009",
            "unknown-type",
            _INFO,
            "An entry has a type that neither BibTeX nor BibLaTeX knows.",
            "It is read as misc, which serves for anything.",
            "Correct a misspelt type, or write @misc.",
        ),
        Rule(
            "S010",
            "unknown-entry",
            _WARNING,
            "A field such as crossref, xdata or related names an entry that does not exist.",
            "What should come from there is missing.",
            "Correct the key; the entry may stand in any .bib file.",
        ),
        Rule(
            "S011",
            "endless-inheritance",
            _WARNING,
            "Entries take over fields from each other in a circle, or in too long a chain.",
            "Nothing can be taken over from there.",
            "Let crossref and xdata lead from the part to the whole only.",
        ),
        Rule(
            "S012",
            "duplicate-field",
            _WARNING,
            "An entry has a field twice.",
            "Only the first one is used.",
            "Keep one of them.",
        ),
        Rule(
            "S013",
            "simplified-date",
            _INFO,
            "A date says more than a reference can show, such as a season.",
            "The rest of it is shown.",
            "Write the date as 2025-04-02, or put the season into the field issue.",
        ),
        Rule(
            "S014",
            "unknown-language",
            _INFO,
            "The language of a source is none that is known.",
            "It is shown as written; screen readers cannot tell how to speak the title.",
            "Write its English name or its code: russian or ru.",
        ),
        Rule(
            "Q001",
            "claim-front-matter",
            _WARNING,
            "The front matter of a claim is missing, incomplete or unreadable.",
            "The annotated article is made from it.",
            "Follow the example in CONTRIBUTING.md, 'A claim'.",
        ),
        Rule(
            "Q002",
            "claim-without-citation",
            _WARNING,
            "The annotation of a claim cites nothing.",
            "A verdict without a source is an opinion.",
            "Cite what the verdict rests on.",
        ),
        Rule(
            "Q003",
            "unknown-explainer",
            _WARNING,
            "A claim or an event names an explainer that is no page.",
            "The link would lead nowhere.",
            "Give the page's path in docs/, such as explainers/reset.md.",
        ),
        Rule(
            "Q004",
            "duplicate-claim",
            _WARNING,
            "Two claim files have the same name, number aside.",
            "The name is the claim's address; only the first file is used.",
            "Rename one of them.",
        ),
    )
}


def check_uses(uses: Iterable[Use], library: Library) -> Iterator[Diagnostic]:
    """Judge the citations and term links of a page, a term or a claim."""
    for use in uses:
        if isinstance(use.token, Citation):
            yield from _citation(use, use.token, library)
        elif not use.token.plain and fold(use.token.target) not in library.names:
            yield _unknown_term(use, use.token, library)


def _citation(use: Use, citation: Citation, library: Library) -> Iterator[Diagnostic]:
    key = citation.key
    if key not in library.sources:
        near = suggest(key, library.sources)
        yield _diagnostic("C001", f"no source '{key}'", use.span, near)
    if use.in_heading:
        yield Diagnostic("C003", f"citation of '{key}' in a heading", use.span)
    if use.in_attribute:
        yield Diagnostic(
            "C004", f"citation of '{key}' in the text of an image or abbreviation", use.span
        )
    words = len(read_suffix(citation.suffix).passage.split())
    if words > MOST_QUOTED:
        message = f"passage of {words} words; at most {MOST_QUOTED} may be quoted"
        yield Diagnostic("C005", message, use.span)


def _unknown_term(use: Use, link: TermLink, library: Library) -> Diagnostic:
    near = suggest(fold(link.target), library.names)
    term = library.terms[library.names[near]] if near else None
    name = term.slug if term else ""
    return _diagnostic("T001", f"no term '{link.target}'", use.span, name)


def _diagnostic(code: str, message: str, span: Span, near: str) -> Diagnostic:
    return Diagnostic(code, f"{message}; did you mean '{near}'?" if near else message, span, near)


def suggest(name: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """Return the known name that an unknown one most resembles, or an empty string."""
    folded = {one.casefold(): one for one in known}
    matches = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    return folded[matches[0]] if matches else ""


def check_library(library: Library, pages: Collection[str]) -> Iterator[Diagnostic]:
    """Judge sources, terms and claims by themselves; ``pages`` are the site's paths."""
    yield from _sources(library)
    for term in library.terms.values():
        for slug in term.see:
            if slug not in library.terms:
                near = suggest(slug, library.terms)
                yield _diagnostic("T003", f"'see' names no term '{slug}'", term.span, near)
        if term.explainer:
            yield from _explainer(term.explainer, term.span, pages)
    for claim in library.claims.values():
        if not find_groups(claim.body):
            yield Diagnostic("Q002", f"claim '{claim.slug}' cites nothing", claim.span)
        if claim.explainer:
            yield from _explainer(claim.explainer, claim.span, pages)


def _explainer(path: str, span: Span, pages: Collection[str]) -> Iterator[Diagnostic]:
    if path not in pages:
        stems = {PurePosixPath(page).stem: page for page in pages}
        near = stems.get(suggest(PurePosixPath(path).stem, stems), "")
        yield _diagnostic("Q003", f"no page '{path}'", span, near)


def _sources(library: Library) -> Iterator[Diagnostic]:
    first: dict[str, tuple[str, str]] = {}
    for source in library.sources.values():
        if not source.title:
            yield Diagnostic("S003", f"'{source.key}' has no title", source.span)
        found = (source.url, source.doi, source.eprint, source.publisher, source.container)
        if not any(found) and source.type not in _UNPUBLISHED:
            message = f"'{source.key}' has no url, no doi and no publisher"
            yield Diagnostic("S003", message, source.span)
        if source.language and not language_code(source.language):
            message = f"'{source.key}': the language '{source.language}' is unknown"
            yield Diagnostic("S014", message, source.span)
        whole = _whole(source)
        for name, place in (("address", source.url.rstrip("/")), ("DOI", source.doi.lower())):
            other, its_whole = first.setdefault(place, (source.key, whole))
            # A part takes over the address of its whole.
            if place and whole != its_whole:
                message = f"'{source.key}' has the same {name} as '{other}'"
                yield Diagnostic("S008", message, source.span)


def _whole(source: Source) -> str:
    """Return the key of the work that a source is a part of, or its own."""
    return (dict(source.fields).get("crossref", "").strip() or source.key).casefold()


def never_cited(library: Library, cited: Set[str]) -> Iterator[Diagnostic]:
    """Name the sources that nothing cites, and that are not the whole of another one."""
    sources = library.sources.values()
    wholes = {_whole(source) for source in sources if "crossref" in dict(source.fields)}
    for source in sources:
        if source.key not in cited and source.key.casefold() not in wholes:
            yield Diagnostic("S004", f"'{source.key}' is never cited", source.span)
