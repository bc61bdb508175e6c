"""What finds breaches of the rules: library and uses in, diagnostics out.

Every message says what is there, what is expected and, where it can, the likely fix. Knows no
Markdown: positions come with the uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Set
from datetime import date
from pathlib import PurePosixPath

from .identity import is_isbn, same_address
from .locator import read_suffix
from .model import Citation, CitationGroup, Diagnostic, Library, Source, Span, TermLink, Use
from .near import did_you_mean, nearest
from .rules import RULES
from .syntax import find_groups
from .terms import find_term, tidy
from .words import language_code

MOST_QUOTED = 12  # words of a source in a row
_MOST_GUESSES = 100  # at what was meant, in one text: each takes a while
_FENCE = re.compile(r"`{3,}|~{3,}")
_ITEM = re.compile(r"(?:[-*+]|\d+[.)])\s")
# A figure of two digits or more, or three quoted words; what links lead to does not count. A
# straight mark begins a quotation only where none could end: "a b", and then "c d" has two words.
_FACT = re.compile(r"\d{2}|(?:[“«„]|(?<![^\s(\[*_–—])\")[^”\"»“]*\s[^”\"»“]*\s[^”\"»“]*[”\"»“]")
_LINKS = re.compile(r"\[([^\[\]]*)\]\([^()]*\)|\[\[[^\[\]]*\]\]|`[^`]*`|https?://\S+")
# Works that nobody needs to have published.
_UNPUBLISHED = frozenset({"bibnote", "periodical", "set", "unpublished"})


def check_uses(uses: Iterable[Use], library: Library) -> Iterator[Diagnostic]:
    """Judge the citations and term links of a page, a term or a claim."""
    guess = _guessing()
    for use in uses:
        if isinstance(use.token, Citation):
            yield from _citation(use, use.token, library, guess)
        elif not use.token.plain and not find_term(use.token.target, library.names):
            near = guess(tidy(use.token.target), library.names)
            yield _diagnostic("T001", f"no term '{use.token.target}'", use.span, near)


def _guessing() -> Callable[[str, Iterable[str]], str]:
    """Return ``nearest`` for one text: who has mistaken a hundred names meant something else."""
    guessed: dict[str, str] = {}

    def guess(name: str, known: Iterable[str]) -> str:
        if name not in guessed and len(guessed) < _MOST_GUESSES:
            guessed[name] = nearest(name, known)
        return guessed.get(name, "")

    return guess


def is_sound(token: CitationGroup | TermLink, library: Library) -> bool:
    """Say whether a token is right in itself, wherever it stands."""
    if isinstance(token, TermLink):
        return token.plain or token.found or bool(find_term(token.target, library.names))
    for one in token.citations:
        if library.current(one.key) not in library.sources or (
            one.suffix and _quoted(one) > MOST_QUOTED
        ):
            return False
    return True


def _quoted(citation: Citation) -> int:
    """Return how many words of its source a citation quotes."""
    return len(read_suffix(citation.suffix).passage.split())


def _citation(
    use: Use, citation: Citation, library: Library, guess: Callable[[str, Iterable[str]], str]
) -> Iterator[Diagnostic]:
    key = library.current(citation.key)
    if key not in library.sources:
        near = guess(key, library.sources)
        yield _diagnostic("C001", f"no source '{key}'", use.span, near)
    if use.in_heading:
        yield Diagnostic("C003", f"citation of '{key}' in a heading", use.span)
    if use.in_attribute:
        yield Diagnostic(
            "C004", f"citation of '{key}' in the text of an image or abbreviation", use.span
        )
    words = _quoted(citation)
    if words > MOST_QUOTED:
        message = f"passage of {words} words; at most {MOST_QUOTED} may be quoted"
        yield Diagnostic("C005", message, use.span)


def _diagnostic(code: str, message: str, span: Span, near: str) -> Diagnostic:
    return Diagnostic(code, message + did_you_mean(near), span, near)


def check_library(library: Library, pages: Collection[str], today: date) -> Iterator[Diagnostic]:
    """Judge sources, terms and claims by themselves; ``pages`` are the site's paths."""
    yield from _sources(library, today)
    for term in library.terms.values():
        guess = _guessing()
        for slug in term.see:
            if slug not in library.terms:
                near = guess(slug, library.terms)
                yield _diagnostic("T003", f"'see' names no term '{slug}'", term.span, near)
        if term.explainer:
            yield from _page("Q003", term.explainer, term.span, pages)
        if not find_groups(term.body):
            yield Diagnostic("T006", f"the definition of '{term.slug}' cites nothing", term.span)
    for claim in library.claims.values():
        if not find_groups(claim.body):
            yield Diagnostic("Q002", f"claim '{claim.slug}' cites nothing", claim.span)
        if claim.explainer:
            yield from _page("Q003", claim.explainer, claim.span, pages)
        if claim.paragraph:
            yield from check_paragraphs((claim.paragraph,), claim.span, library)
    article = library.article
    if article and article.source and article.source not in library.sources:
        near = nearest(article.source, library.sources)
        yield _diagnostic("C001", f"no source '{article.source}'", article.span, near)


def check_paragraphs(numbers: Iterable[int], span: Span, library: Library) -> Iterator[Diagnostic]:
    """Name the paragraphs that the article does not have."""
    last = len(library.article.paragraphs) if library.article else 0
    for number in numbers:
        if last and not 1 <= number <= last:
            message = f"no paragraph {number}; the article has {last}"
            yield Diagnostic("Q006", message, span)


def check_review(reviewed: object, months: int, today: date, span: Span) -> Iterator[Diagnostic]:
    """Name a review that is older than a number of months; 0 is any age."""
    if months and isinstance(reviewed, date):
        age = (today.year - reviewed.year) * 12 + today.month - reviewed.month
        age -= today.day < reviewed.day
        if age >= months:
            message = f"last reviewed on {reviewed}, {age} months ago; allowed are {months}"
            yield Diagnostic("P006", message, span)


def check_facts(text: str, path: str, first_line: int) -> Iterator[Diagnostic]:
    """Name the paragraphs and list items that have a figure or a quotation, and cite nothing."""
    for number, block in _blocks(text):
        words = _LINKS.sub(r"\1", block)
        if _FACT.search(words) and not find_groups(block):
            shown = " ".join(words.split())[:40]
            span = Span(path, first_line + number, 1, first_line + number, 1)
            yield Diagnostic("P005", f"no citation in the paragraph '{shown}…'", span)


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the prose of a text, paragraph by paragraph and item by item, with its first line.

    Headings, tables, code and HTML are no prose.
    """
    begun, lines, fence = 0, list[str](), ""
    for number, line in enumerate((*text.split("\n"), "")):
        bare = line.strip()
        ticks = _FENCE.match(bare)
        if ticks and not fence:
            fence = ticks[0]
        elif ticks and bare == ticks[0] and bare.startswith(fence):
            fence = ""
        ends = not bare or bool(fence) or ticks is not None or bare[0] in "#|<!"
        if (ends or _ITEM.match(bare)) and lines:
            yield begun, "\n".join(lines)
            lines = []
        if not ends:
            begun = begun if lines else number
            lines.append(line)


def check_exemptions(exempt: Mapping[str, str], span: Span) -> Iterator[Diagnostic]:
    """Name the exemptions from no rule, and those without a reason."""
    guess = _guessing()
    for what, reason in exempt.items():
        code = what.partition(" ")[0]  # a section may follow
        if code not in RULES:
            near = guess(code, RULES)
            yield _diagnostic("P003", f"exempt from '{code}', which is no rule", span, near)
        elif not reason.strip():
            yield Diagnostic("P003", f"exempt from {code} without a reason", span)


EXPLAINER_FIELDS = ("title", "summary", "reviewed")


def check_explainer(fields: Container[str], span: Span) -> Iterator[Diagnostic]:
    """Name the fields that a page about the article lacks."""
    missing = [f"'{name}'" for name in EXPLAINER_FIELDS if name not in fields]
    if missing:
        message = f"a page about the article needs the field {', '.join(missing)}"
        yield Diagnostic("P002", message, span)


def check_related(paths: Iterable[str], span: Span, pages: Collection[str]) -> Iterator[Diagnostic]:
    """Name the related pages that do not exist; ``pages`` are the site's paths."""
    missing = [path for path in paths if path not in pages]
    for number, path in enumerate(missing):
        yield from _page("P007", path, span, pages if number < _MOST_GUESSES else ())


def _page(code: str, path: str, span: Span, pages: Collection[str]) -> Iterator[Diagnostic]:
    if path not in pages:
        stems = {PurePosixPath(page).stem: page for page in pages}
        near = stems.get(nearest(PurePosixPath(path).stem, stems), "")
        yield _diagnostic(code, f"no page '{path}'", span, near)


def _sources(library: Library, today: date) -> Iterator[Diagnostic]:
    first: dict[str, tuple[str, str]] = {}
    for source in library.sources.values():
        yield from _dates(source, today.isoformat())
        if source.isbn and not is_isbn(source.isbn):
            message = f"'{source.key}': '{source.isbn}' is no ISBN or ISSN"
            yield Diagnostic("S015", message, source.span)
        if not source.title:
            yield Diagnostic("S003", f"'{source.key}' has no title", source.span)
        found = (source.url, source.doi, source.eprint, source.publisher, source.container)
        if not any(found) and source.type not in _UNPUBLISHED:
            message = f"'{source.key}' has no url, no doi and no publisher"
            yield Diagnostic("S003", message, source.span)
        if source.language and not language_code(source.language):
            message = f"'{source.key}': the language '{source.language}' is unknown"
            yield Diagnostic("S014", message, source.span)
        whole = _whole(source, library)
        for name, place in (("address", same_address(source.url)), ("DOI", source.doi.lower())):
            other, its_whole = first.setdefault(place, (source.key, whole))
            # A part takes over the address of its whole.
            if place and whole != its_whole:
                message = f"'{source.key}' has the same {name} as '{other}'"
                yield Diagnostic("S008", message, source.span)


def _dates(source: Source, today: str) -> Iterator[Diagnostic]:
    """Compare what is known of the dates: 2025 is not later than 2025-04."""
    for name, day in (("date", source.date), ("urldate", source.urldate)):
        if day[: len(today)] > today[: len(day)] and not _is_forthcoming(source):
            yield Diagnostic("S016", f"'{source.key}': {name} {day} is in the future", source.span)
    shortest = min(len(source.date), len(source.urldate))
    if source.urldate[:shortest] < source.date[:shortest]:
        message = f"'{source.key}' was seen on {source.urldate}, before its date {source.date}"
        yield Diagnostic("S017", message, source.span)


def _is_forthcoming(source: Source) -> bool:
    return "pubstate" in dict(source.fields)


def _whole(source: Source, library: Library) -> str:
    """Return the key of the work that a source is a part of, or its own."""
    crossref = dict(source.fields).get("crossref", "").strip()
    return (library.current(crossref) or source.key).casefold()


def never_used(library: Library, used: Container[str]) -> Iterator[Diagnostic]:
    """Name the terms that nothing mentions; events stand in the timeline anyway."""
    for term in library.terms.values():
        if term.kind != "event" and term.slug not in used:
            yield Diagnostic("T005", f"the term '{term.slug}' is never used", term.span)


def unknown_figure(name: str, span: Span, library: Library) -> Diagnostic:
    """Name a figure that is placed and does not exist."""
    if not name:
        return Diagnostic("F001", "the block names no figure", span)
    return _diagnostic("F001", f"no figure '{name}'", span, nearest(name, library.figures))


def never_placed(library: Library, placed: Container[str]) -> Iterator[Diagnostic]:
    """Name the figures that no page shows."""
    for figure in library.figures.values():
        if figure.name not in placed:
            message = f"no page places the figure '{figure.name}'"
            yield Diagnostic("F005", message, figure.span)


def never_cited(library: Library, cited: Set[str]) -> Iterator[Diagnostic]:
    """Name the sources that nothing cites, and that are not the whole of another one."""
    sources = library.sources.values()
    wholes = {_whole(source, library) for source in sources if "crossref" in dict(source.fields)}
    for source in sources:
        if source.key not in cited and source.key.casefold() not in wholes:
            yield Diagnostic("S004", f"'{source.key}' is never cited", source.span)
