"""A site with faults of every rule, planted at known places: all are found there, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_apparatus.audit import audit
from mkdocs_apparatus.cli import check_site
from mkdocs_apparatus.config import read_config
from mkdocs_apparatus.extension import ApparatusExtension, locate
from mkdocs_apparatus.library import load
from mkdocs_apparatus.rules import RULES
from sites import EXTENSIONS, Build, write

LIST = "[abbr, admonition, attr_list, def_list, footnotes, md_in_html, tables, pymdownx.snippets]"
CONFIG = f"markdown_extensions: {LIST}\n"
PLACES = {
    "paragraph": "Words {} here.",
    "list": "- a\n    - b {}\n\n        c",
    "numbers": "1. one\n2. {}",
    "quote": "> a\n>\n> {}",
    "deep": "> - a\n>     - {}",
    "admonition": "!!! note\n\n    a {}",
    "table": "| a | b |\n| - | - |\n| c | d {} |",
    "footnote": "w[^{n}]\n\n[^{n}]: Note {}",
    "definition": "term\n:   what {}",
    "bold": "**a {}**",
    "html": '<div markdown="1">\n\na {}\n\n</div>',
    "after": "`[@code]` <!-- [@comment] --> \\@no https://x.org/@no {}",
}
# What is wrong is marked by the code of its rule and a bracket of its own.
FAULTS = (
    "[⟦C001:@gone{n}⟧]",
    "[see @one, p. 3; ⟦C001:@{{odd:gone{n}}}⟧]",
    "⟦C001:@onne⟧ said",
    "⟦T001:[[nothing {n}]]⟧",
    '[⟦C005:@one⟧, "a b c d e f g h i j k l m"]',
    "[⟦C001:@ünd{n}⟧; @one]",
)
OTHERS = {
    "docs/heads.md": "## A head [⟦C003:@one⟧]\n\n![An image ⟦C004:@one⟧](x.png)\n\n"
    "The HTML.\n\n*[HTML]: after ⟦C004:@one⟧\n",
    "docs/matter.md": "---\n⟦P001:sumary⟧: x\n⟦P001:reviewed⟧: soon\n---\n\nText.\n",
    "docs/explainer.md": "⟦P002:⟧⟦P004:⟧⟦Q006:⟧---\ntitle: T\nparagraphs: [9]\n---\n\n"
    "⟦P005:⟧In 2009 it was.\n\n- a\n⟦P005:⟧- “one two three”\n",
    "docs/old.md": "⟦P003:⟧⟦P006:⟧⟦P007:⟧---\ntitle: T\nsummary: S.\nreviewed: 2024-01-01\n"
    "paragraphs: [1]\nrelated: [explainer.md, nowhere.md]\n"
    'exempt: {C001 Part: "asks for help", P005: ""}\n---\n\n'
    "[⟦C001:@gone⟧]\n\n## Part\n\nText [@two] [@gone].\n\n## Rest\n\n[⟦C001:@gone⟧]\n",
    "sources/article.md": "⟦C001:⟧---\ntitle: T\nparagraphs: [A.]\n⟦Q005:⟧url: x\n"
    "source: nowhere\n---\n",
    "docs/figures.md": "# F\n\n⟦F001:⟧``` figure\nbrths\n```\n\n⟦F001:⟧``` figure\n```\n\n"
    "````\n``` figure\nother\n```\n````\n",
    "sources/data/births.csv": "Year,source\n⟦F002:⟧2000,gone\n⟦F002:⟧2001\n⟦F002:⟧x,one\n",
    "sources/figures/births.json": '⟦F005:⟧{"title": "T", "usermeta": {"caption": "C"},\n'
    '⟦F003:⟧"description": "", \n⟦F003:⟧"licence": "",\n"data": {"url": "../data/births.csv"},\n'
    '"mark": "bar", "encoding": {"x": {"field": "Year", "type": "quantitative"}}}\n',
    "sources/figures/other.json": "⟦F005:⟧{\n⟦F003:⟧",
    "sources/glossary/a.md": "⟦T003:⟧⟦Q003:⟧---\ntitle: alpha\nsummary: S.\nsee: [nothere]\n"
    "explainer: none.md\n---\nText [@one].\n",
    "sources/glossary/b.md": "⟦T002:⟧⟦T005:⟧⟦T006:⟧---\ntitle: beta\naliases: [alpha]\n"
    "summary: S.\n---\nText.\n",
    "sources/glossary/c.md": "⟦T004:⟧⟦T004:⟧---\nsummary: S.\nkind: event\n---\n"
    "Text [@one] [[alpha]].\n",
    "sources/claims/01-a.md": "⟦Q002:⟧---\nclaim: C.\nparagraph: 1\n⟦Q001:⟧verdict: maybe\n"
    "---\nText.\n",
    "sources/claims/02-a.md": "⟦Q004:⟧---\nclaim: C.\nparagraph: 1\nverdict: wrong\n---\n"
    "Text [@one].\n",
    "sources/a.bib": "@online{one, title = {One}, url = {https://a.example/1}}\n"
    "@online{two, title = {Two}, url = {https://a.example/2}, keywords = {primary}}\n"
    "@misc{⟦S004:⟧⟦S003:⟧three, title = {Three}}\n"
    "@online{⟦S002:⟧ONE, title = {x}, url = {https://a.example/3}}\n"
    "@online{⟦S004:⟧⟦S008:⟧four, title = {x}, url = {http://www.a.example/2/?utm_source=y#z}}\n"
    "⟦S001:⟧@misc{bad, title = {x\n"
    "@misc{⟦S004:⟧⟦S015:⟧⟦S016:⟧⟦S017:⟧six, title = {x}, publisher = {y},\n"
    "  isbn = {978-0-306-40615-8}, date = {2027-01}, urldate = {2026-11-01}}\n"
    "@misc{⟦S004:⟧⟦S014:⟧seven, title = {x}, publisher = {y}, langid = {elvish}}\n"
    "⟦S009:⟧@webpage{⟦S004:⟧eight, title = {x}, publisher = {y}}\n",
}
MARK = re.compile(r"⟦(\w\d{3}):|⟧")


def plant(text: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Return a text without its marks, and code, line and column of each."""
    out, found, at = "", [], 0
    for match in MARK.finditer(text):
        out += text[at : match.start()]
        at = match.end()
        if match[1]:
            found.append((match[1], out.count("\n") + 1, len(out) - (out.rfind("\n") + 1) + 1))
    return out + text[at:], found


def nested() -> Iterator[tuple[str, str]]:
    numbers = count(1)
    for name, place in PLACES.items():
        blocks = []
        for fault in FAULTS:
            n = next(numbers)
            blocks.append(place.replace("{n}", str(n)).replace("{}", fault.format(n=n)))
        yield f"docs/{name}.md", "# T\n\n" + "\n\n".join(blocks) + "\n"


def site() -> tuple[dict[str, str], set[tuple[str, int, int, str]]]:
    files, expected = {"docs/index.md": "# Home\n\n[@one] [@two]\n"}, set()
    for path, marked in (*nested(), *OTHERS.items()):
        text, found = plant(marked)
        if path in ("docs/list.md", "docs/table.md"):
            text = text.replace("\n", "\r\n")
        if path in ("docs/quote.md", "docs/html.md"):
            text = "\ufeff" + text
        files[path] = text
        expected |= {(path, line, column, code) for code, line, column in found}
    files["docs/snippet.md"] = '# S\n\n--8<-- "part.txt"\n\nOwn [@own].\n'
    files["part.txt"] = "From elsewhere.\n"
    expected.add(("docs/snippet.md", 5, 6, "C001"))
    return files, expected


def test_every_planted_fault_is_found_where_it_is(tmp_path: Path) -> None:
    files, expected = site()
    assert len(expected) > 100
    write(tmp_path, files | {"mkdocs.yml": f"site_name: X\nplugins: [apparatus]\n{CONFIG}"})
    config = read_config(tmp_path / "mkdocs.yml")
    findings = audit(config, date(2026, 11, 24), lambda *_: None)
    found = [(one.span.path, one.span.line, one.span.column, one.code) for one in findings]
    assert sorted(set(found) - expected) == []
    assert sorted(expected - set(found)) == []
    planted = {code for *_, code in expected}
    elsewhere = {"C006", "F004", "S005", "S006", "S007", "S010", "S011", "S012", "S013", "S018"}
    assert planted | elsewhere == {code for code in RULES if code[0] != "L"}


def test_the_build_says_the_same(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    files, _ = site()
    built = build(files, config=f"plugins: [apparatus]\n{CONFIG}")
    logged = [one.removeprefix("mkdocs_apparatus: ") for one in built.log]
    logged = [one for one in logged if re.match(r"\S+:\d+:\d+: \w\d{3} ", one)]
    checked = [
        f"{one.span.path}:{one.span.line}:{one.span.column}: {one.code} {one.message}"
        for one in check_site(built.folder / "mkdocs.yml")
        if RULES[one.code].severity.value != "info"
    ]
    assert logged == checked


WORDS = st.sampled_from(
    [
        *("word", "[@gone]", "@one", "[[none]]", "[@one; @gone]", "**b [@gone]**", "`[@gone]`"),
        *("<!-- [@gone] -->", "[a [@gone] b](x.md)", "\\@gone", "ö", "e@x.org"),
    ]
)
WRAPS = st.sampled_from(
    ["- {}", "> {}", "1. {}", "!!! note\n\n    {}", "a\n:   {}", "| a |\n| - |\n| {} |"]
)
LINES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
BLOCKS = st.recursive(
    LINES,
    lambda inner: st.tuples(WRAPS, st.lists(inner, min_size=1, max_size=2).map("\n\n".join)).map(
        lambda pair: pair[0].replace("{}", pair[1].replace("\n", "\n    "))
    ),
    max_leaves=4,
)
DOCUMENTS = st.lists(BLOCKS, min_size=1, max_size=4).map("\n\n".join)
LIBRARY = load(Path("nowhere"), Path())[0]


@settings(max_examples=1_000, deadline=None)
@given(DOCUMENTS)
def test_places_are_exact_and_looking_for_them_changes_nothing(document: str) -> None:
    extension = ApparatusExtension(LIBRARY)

    def convert(text: str) -> str:
        return markdown.Markdown(extensions=[*EXTENSIONS, extension]).convert(text)

    before = convert(document)
    marks, _ = extension.take()
    lines = document.split("\n")
    uses = locate(extension, convert, document, "a.md")
    for use in uses:
        written = lines[use.span.line - 1][use.span.column - 1 : use.span.end_column - 1]
        token = use.token
        assert written == (f"@{token.key}" if hasattr(token, "key") else token.typed)
    assert len({use.span for use in uses}) == len(uses)
    assert convert(document) == before
    assert extension.take()[0] == marks
