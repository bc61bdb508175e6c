"""Every reader of files takes time in proportion to what it reads, whatever that is.

The grammar itself and the decoding of LaTeX have tests of their own, see test_syntax and test_bib.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest

from fuzz import sources_of
from mkdocs_apparatus.addresses import Writing, find_links, find_passages
from mkdocs_apparatus.autolink import link_terms, plant
from mkdocs_apparatus.charset import decoded
from mkdocs_apparatus.check import check_facts
from mkdocs_apparatus.csp import secure
from mkdocs_apparatus.dates import read_date
from mkdocs_apparatus.entries import read_entries
from mkdocs_apparatus.export import to_bibtex, to_csl, to_ris
from mkdocs_apparatus.fields import CLAIM, PAGE, TERM
from mkdocs_apparatus.figures import find_placements, read_figure, read_table
from mkdocs_apparatus.file import File
from mkdocs_apparatus.fix import _sorted
from mkdocs_apparatus.latex import decode
from mkdocs_apparatus.locator import read_suffix
from mkdocs_apparatus.matter import check_page, read_post, split_page
from mkdocs_apparatus.model import Article, Library, Span, Term
from mkdocs_apparatus.names import read_list, read_names
from mkdocs_apparatus.near import nearest
from mkdocs_apparatus.opaque import opaque_spans
from mkdocs_apparatus.passages import UnreadableError, read_text
from mkdocs_apparatus.svg import SvgError, write_svg

SMALL, TIMES = 500, 8
# So many times as long may a text take that is so many times as large; the square of TIMES is 64.
SLOWER, FLOOR = 24, 0.03
TERMS = (Term("a-b", "a b c", Span("a.md")), Term("x", "x", Span("x.md"), aliases=("x!", "a")))
TREE, NAMES = plant(TERMS), {"a b c": "a-b", "x": "x"}
TABLES = {"t.csv": read_table(File("t.csv", "A,source\n1,k\n", []), {"k": 1})}
EMPTY = Library({}, {}, {}, {}, Article("", Span("a.md"), paragraphs=()))
NUMBERS = count()


def bib(text: str) -> None:
    list(read_entries(File("a.bib", text, [])))


def field(text: str) -> None:
    """Read what one entry may hold, in a field that says something."""
    for name in ("title", "author", "date", "pages", "related", "url", "note", "keywords"):
        sources_of(f"@misc{{k, {name} = {{{text[:90_000]}}}}}")


def export(text: str) -> None:
    sources = sources_of(f"@misc{{k, title = {{{text[:90_000]}}}, note = {{{text[:9_000]}}}}}")
    to_bibtex(sources)
    to_csl(sources)
    to_ris(sources)


def names(text: str) -> None:
    read_names(text)
    read_list(text)


def matter(text: str) -> None:
    whole = f"---\n{text}\n---\nBody.\n"
    read_post(File("t.md", whole, []), TERM, "T004")
    split_page(File("t.md", whole, []))
    check_page(File("t.md", whole, []), PAGE, "P001")


def claims(text: str) -> None:
    read_post(File("c.md", f"---\nclaim: {text}\nparagraph: 1\n---\n{text}", []), CLAIM, "Q001")


def rows(text: str) -> None:
    read_table(File("t.csv", f"A,source\n{text}", []), {"k": 1})


def spec(text: str) -> None:
    read_figure(File("f.json", f'{{"data": {{"url": "../data/t.csv"}}, {text}', []), "f", TABLES)
    read_figure(File("f.json", f'{{"mark": "bar", "a": [{text.rstrip(",")}]}}', []), "f", TABLES)


def svg(text: str) -> None:
    size = 'xmlns="http://www.w3.org/2000/svg" width="1" height="1"'
    for inside in (f"<svg {size}>{text}</svg>", f'<svg {size}><path d="{text}"/></svg>'):
        with suppress(SvgError):
            write_svg(inside, "n", "label", "kind")


def passages(text: str) -> None:
    for kind in ("text/html", "text/plain"):
        with suppress(UnreadableError):
            page = read_text(text.encode(), kind)
            page.holds("some words … and others")
            page.nearest("some words of it")


def words(text: str) -> None:
    for mode in ("first", "all", "section"):
        link_terms(f"<p>{text}</p>", (), TREE, mode, NAMES)


def links(text: str) -> None:
    list(find_links(Writing("a.md", f"https://a.example @k {text}")))
    list(find_passages(Writing("a.md", f"@k {text}"), EMPTY))


def suffix(text: str) -> None:
    read_suffix(f", p. {next(NUMBERS)} {text}")  # another one each time: they are remembered


MARKUP = (
    "<",
    "<a ",
    "<!--",
    "<p>",
    "</p>",
    "<b>",
    "<script>",
    "<style>",
    " style='",
    "&amp;",
    "a ",
)
TEXT = ("a", " ", "\n", "[", "](", "![", "`", "```\n", "\\", "$", "{", "(", '"', "“a", "@k", "://")
READERS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "bib": (
        bib,
        ("@", "@a{", "@a{k,}", "@a{k,}\n", "@a{\n", "@a\n", "@a(k,", " ", "\n@ ", "{", "}", '"',
         "@string{a=a#", "@misc{k, a = {b}}\n", "@comment{", "@a{a b,\n", "@a{k{,\n"),
    ),
    "field": (field, ("a", "a and ", "a,", "{", "\\'", "$", "~", "--", "-", "2021-", "a=b,",
        "\\url{")),
    "names": (names, ("a ", "a, ", " and ", "{", "{}", "\\c ", "family=a, ", "Jr. ", "von ", '"')),
    "decode": (decode, ("a ", "\\(", "$x ", "\\frac{", "\\sqrt", "\\href{a}", "~ ", "\\\\",
        "\\v ")),
    "dates": (read_date, ("2021", "-", "/", "2021-01/", "~", " ", ".", "?", "jan ", "9")),
    "matter": (
        matter,
        ("a: b\n", "a", "- ", "[", "{", "? ", "'", '"', "*a ", "&a ", "!a ", "|\n", "#", "\t",
         "\n", "---\n", "titl: a\n", "a:\n - b\n", "0x1 ", "1:", "see: [a]\n", "<<: {a: b}\n"),
    ),
    "claims": (claims, ("a ", "a: ", "\n", "[@k] ", "\n  a", "1:", "---\n")),
    "rows": (rows, ("1,k\n", ",", '"', '""', "\n", "k;", "1,k;q\n", "1\n", "1,zz\n", "\x00")),
    "spec": (
        spec,
        ("[", "{", '"a": {', '"field": "q", ', '{"field": "q"},', '{"as": "q"},', '"', "\\u0000",
         "9", '{"filter": "datum.q"},', '{"url": 1},', '{"mark": "barr"},', " ", "1,"),
    ),
    "svg": (svg, ("<g>", "<path d='M0,0'/>", "<text>a</text>", "1.2345 ", "url(", "#", "&lt;",
        "</g>")),
    "passages": (passages, (*MARKUP, "<sup>1</sup>", "1\n\n", "some words ", "…", "\x02", "[1]")),
    "csp": (secure, (*MARKUP, "<head>", "<script src=a>", "</script>", "<script>a</script>")),
    "autolink": (words, (*MARKUP, "a b ", "a-", "x!", "a' ", "<h2>", "&#1;", "а ", "x")),
    "facts": (lambda text: list(check_facts(text, "a.md", 1)), TEXT),
    "links": (links, (*TEXT, "https://a.b ", "<https://", "[a](https://b", "[a]: https://b\n",
        "href=")),
    "suffix": (suffix, ("1", "1, ", "1-", "p. ", "i", "(", '"', '"a" ', "“", "{", "§ ", "1:",
        "chap ")),
    "opaque": (opaque_spans, (*TEXT, *MARKUP, "{:", "{#", "``` ` ", "http:", "<code>", "$$",
        "<a '")),
    "placements": (
        lambda text: list(find_placements(f"figure {text}")),
        ("```\n", "``` figure\n", "~~~\n", " ", "`", "````\n", "figure\n"),
    ),
    "near": (lambda text: nearest("smith2019", text.split()), ("smith ", "a ", "smith2018 ", "s")),
    "near a long name": (lambda text: nearest(text, ["smith2019", text[1:]]), ("smith ", "a")),
    "charset": (lambda text: decoded(text.encode(), "a"), ("<meta ", "charset=", "<meta charset",
        "é")),
    "order": (_sorted, ("@a{k,\n", "@a{k,}\n", "{", "\n", "@a")),
}  # fmt: skip


def seconds(read: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    read(text)
    return time.process_time() - began


@pytest.mark.parametrize(
    ("name", "piece"), [(name, piece) for name, (_, pieces) in READERS.items() for piece in pieces]
)
def test_time_is_in_proportion(name: str, piece: str) -> None:
    """What looks slow is measured again: a machine has other things to do."""
    read, _ = READERS[name]
    for _ in range(3):
        small = seconds(read, piece * SMALL)
        large = seconds(read, piece * SMALL * TIMES)
        if large < SLOWER * small + FLOOR:
            return
    pytest.fail(f"{large:.3f} s, and {small:.3f} s for {TIMES} times less")
