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
from mkdocs_apparatus.check import (
    check_exemptions,
    check_explainer,
    check_facts,
    check_library,
    check_related,
    check_review,
    check_uses,
    is_sound,
    never_cited,
    never_placed,
    never_used,
    unknown_figure,
)
from mkdocs_apparatus.cli import check_site
from mkdocs_apparatus.config import read_config
from mkdocs_apparatus.extension import ApparatusExtension, locate
from mkdocs_apparatus.library import load
from mkdocs_apparatus.model import Citation, Span, TermLink, Use
from mkdocs_apparatus.rules import RULES
from mkdocs_apparatus.syntax import scan
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
    elsewhere = {
        "C006",
        "C007",
        "P008",
        "F004",
        "S005",
        "S006",
        "S007",
        "S010",
        "S011",
        "S012",
        "S013",
        "S018",
    }
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


DAY = date(2026, 11, 24)
AT = Span("a.md", 3)


def bib(fields: str, key: str = "k", type_: str = "online") -> str:
    return f"@{type_}{{{key}, {fields}}}\n"


def sources_findings(folder: Path, text: str) -> list[str]:
    write(folder, {"a.bib": text})
    library, problems = load(folder, folder)
    assert problems == []
    return [f"{one.code} {one.message}" for one in check_library(library, (), DAY)]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        # What every source needs.
        (bib("url = {https://a.example/}"), ["S003 'k' has no title"]),
        (bib("title = {T}", type_="misc"), ["S003 'k' has no url, no doi and no publisher"]),
        (bib("title = {T}", type_="unpublished"), []),
        (bib("title = {T}", type_="periodical"), []),
        (bib("title = {T}", type_="set"), []),
        (bib("title = {T}", type_="bibnote"), []),
        (bib("title = {T}, doi = {10.1000/x}", type_="misc"), []),
        (bib("title = {T}, eprint = {1}", type_="misc"), []),
        (bib("title = {T}, publisher = {P}", type_="misc"), []),
        (bib("title = {T}, journaltitle = {J}", type_="misc"), []),
        # Numbers of books and journals.
        (bib("title = {T}, publisher = {P}, isbn = {978-0-306-40615-7}"), []),
        (bib("title = {T}, publisher = {P}, isbn = {978-3-16-148410-0}"), []),
        (bib("title = {T}, publisher = {P}, isbn = {0-306-40615-2}"), []),
        (bib("title = {T}, publisher = {P}, isbn = {0-8044-2957-X}"), []),
        (bib("title = {T}, publisher = {P}, isbn = {0-8044-2957-x}"), []),
        (bib("title = {T}, publisher = {P}, issn = {2434-561X}"), []),
        (bib("title = {T}, publisher = {P}, issn = {0317-8471}"), []),
        *(
            (
                bib(f"title = {{T}}, publisher = {{P}}, isbn = {{{number}}}"),
                [f"S015 'k': '{number}' is no ISBN or ISSN"],
            )
            for number in (
                *("978-0-306-40615-8", "979-0-306-40615-7", "0-306-40615-3", "0-306-40651-2"),
                *("0317-8472", "0-306-4061", "000000000000", "x"),
            )
        ),
        # Languages.
        (bib("title = {T}, publisher = {P}, langid = {ukrainian}"), []),
        (
            bib("title = {T}, publisher = {P}, langid = {elvish}"),
            ["S014 'k': the language 'elvish' is unknown"],
        ),
        # Dates: what is known of two may be equal.
        (bib("title = {T}, publisher = {P}, date = {2026}"), []),
        (bib("title = {T}, publisher = {P}, date = {2026-11-24}"), []),
        (
            bib("title = {T}, publisher = {P}, date = {2026-11-25}"),
            ["S016 'k': date 2026-11-25 is in the future"],
        ),
        (
            bib("title = {T}, publisher = {P}, date = {2026-12}"),
            ["S016 'k': date 2026-12 is in the future"],
        ),
        (bib("title = {T}, publisher = {P}, date = {2027}, pubstate = {forthcoming}"), []),
        (
            bib("title = {T}, publisher = {P}, urldate = {2026-11-25}"),
            ["S016 'k': urldate 2026-11-25 is in the future"],
        ),
        (bib("title = {T}, publisher = {P}, date = {2025-04-02}, urldate = {2025-04}"), []),
        (bib("title = {T}, publisher = {P}, date = {2025}, urldate = {2025-04-02}"), []),
        (bib("title = {T}, publisher = {P}, date = {2025-04-02}"), []),
        (
            bib("title = {T}, publisher = {P}, date = {2025-04-02}, urldate = {2025-04-01}"),
            ["S017 'k' was seen on 2025-04-01, before its date 2025-04-02"],
        ),
        # Two sources for one page.
        *(
            (
                bib("title = {T}, url = {https://a.example/b?x=1&y=2}", "one")
                + bib(f"title = {{T}}, url = {{{url}}}", "two"),
                ["S008 'two' has the same address as 'one'"],
            )
            for url in (
                *("https://a.example/b?x=1&y=2", "http://a.example/b?x=1&y=2"),
                *("https://www.A.example/b/?x=1&y=2#part", "https://a.example/b?utm_id=z&x=1&y=2"),
                *(
                    f"https://a.example/b?x=1&{name}=z&y=2"
                    for name in ("fbclid", "gclid", "yclid", "mc_cid", "mc_eid", "igshid", "ysclid")
                ),
            )
        ),
        *(
            (
                bib("title = {T}, url = {https://a.example/b?x=1&y=2}", "one")
                + bib(f"title = {{T}}, url = {{{url}}}", "two"),
                [],
            )
            for url in (
                *("https://a.example/B?x=1&y=2", "https://b.example/b?x=1&y=2"),
                *("https://a.example/b?x=1", "https://a.example/b?x=1&y=2&z="),
                *("https://a.example/b?x=1&y=2&gclids=1", "https://a.example/b?x=1&y=2&utm_=1"),
                *("https://a.example/bX?x=1&y=2", "https://a.example/b?x=1&y=2&myfbclid=1"),
            )
        ),
        (
            bib("title = {T}, doi = {10.1000/X}", "one") + bib("title = {T}, doi = {10.1000/x}"),
            ["S008 'k' has the same DOI as 'one'"],
        ),
        (
            bib("title = {T}, publisher = {P}", "one") + bib("title = {T}, publisher = {P}"),
            [],
        ),
        # A part takes over the address of its whole, in any case of its key.
        (
            bib("title = {T}, crossref = { WHOLE }", "part", "inbook")
            + bib("title = {T}, url = {https://a.example/}", "whole", "book"),
            [],
        ),
    ],
)
def test_what_is_said_of_sources(tmp_path: Path, text: str, findings: list[str]) -> None:
    assert sources_findings(tmp_path, text) == findings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It was in 2009.", "It was in 2009."),
        ("There were 12 of them.", "There were 12 of them."),
        ("There were 7 of them.", ""),
        ("It was in 2009 [@a].", ""),
        ("A “few words more” here.", "A “few words more” here."),
        ('A "few words more" here.', 'A "few words more" here.'),
        ("A «few words more» here.", "A «few words more» here."),
        ("A „few words more“ here.", "A „few words more“ here."),
        ("A “few words” here.", ""),
        ('A "b c" and "d e" f.', ""),
        ('A "b c", and then "d e".', ""),
        ('A (*"b c d"*).', 'A (*"b c d"*).'),
        ("« Trois mots ici »", "« Trois mots ici »"),
        ("A few words more here.", ""),
        ("A “few words more here.", ""),
        # What links lead to is no figure of the text.
        ("See [this](a-2009.md).", ""),
        ("See [2009](a.md).", "See 2009."),
        ("See [[year 2009]].", ""),
        ("See `x = 2009`.", ""),
        ("See https://a.example/2009 for it.", ""),
        ("See http://a.example/2009 for it.", ""),
        ("[](x) in 2009", "in 2009"),
        # Long ones are cut, and lines joined.
        ("one\ntwo 2009", "one two 2009"),
        ("2009 " + "abcd " * 20, "2009 abcd abcd abcd abcd abcd abcd abcd "),
        # What is no prose.
        ("# In 2009", ""),
        ("| 2009 | a |", ""),
        ("<p>2009</p>", ""),
        ("![2009](a.png)", ""),
        ("```\n2009\n```", ""),
        ("~~~\n2009\n~~~", ""),
        ("```\n~~~\n2009\n```", ""),
        ("````\n```\n2009\n````", ""),
        ("```\na\n```\nIn 2009", "In 2009"),
        ("```\n```python\n2009\n```", ""),
        ("  ```\n2009\n  ```", ""),
        ("  # In 2009", ""),
        ("A ```code``` of 2009", "A of 2009"),
        ("Three\nof a - b in 2009", "Three of a - b in 2009"),
        ("X was in 2009", "X was in 2009"),
        ("", ""),
    ],
)
def test_a_paragraph_with_facts_cites_something(text: str, found: str) -> None:
    messages = [one.message for one in check_facts(text, "a.md", 1)]
    assert messages == ([f"no citation in the paragraph '{found}…'"] if found else [])


def test_facts_are_looked_for_by_paragraph_and_by_item() -> None:
    text = "No.\n\nIn 2001\nand\n\n- 2002\n  more\n* 2003 [@a]\n+ 2004\n1. 2005\n2) 2006\n\n2007"
    text += "\n# Head\n2008\n-no 2009\n"
    found = [(one.code, one.span) for one in check_facts(text, "a.md", 5)]
    lines = (7, 10, 13, 14, 15, 17, 19)
    assert found == [("P005", Span("a.md", line, 1, line, 1)) for line in lines]


@pytest.mark.parametrize(
    ("reviewed", "months", "age"),
    [
        (date(2026, 5, 24), 6, 6),
        (date(2026, 5, 25), 6, 0),
        (date(2026, 5, 23), 6, 6),
        (date(2025, 11, 24), 12, 12),
        (date(2025, 12, 24), 12, 0),
        (date(2024, 12, 1), 12, 23),
        (date(2020, 1, 1), 0, 0),
        (None, 6, 0),
        ("2020-01-01", 6, 0),
    ],
)
def test_a_review_grows_old(reviewed: object, months: int, age: int) -> None:
    found = [(one.code, one.message, one.span) for one in check_review(reviewed, months, DAY, AT)]
    message = f"last reviewed on {reviewed}, {age} months ago; allowed are {months}"
    assert found == ([("P006", message, AT)] if age else [])


@pytest.mark.parametrize(
    ("exempt", "messages"),
    [
        ({"P005": "a table of sums"}, []),
        ({"P005 Sums": "as it is"}, []),
        ({"P005": " "}, ["exempt from P005 without a reason"]),
        ({"P0005": "why"}, ["exempt from 'P0005', which is no rule; did you mean 'P005'?"]),
        ({"nothing": ""}, ["exempt from 'nothing', which is no rule"]),
    ],
)
def test_an_exemption_names_a_rule_and_a_reason(
    exempt: dict[str, str], messages: list[str]
) -> None:
    found = list(check_exemptions(exempt, AT))
    assert [one.message for one in found] == messages
    assert {(one.code, one.span) for one in found} <= {("P003", AT)}


def test_a_page_about_the_article_has_its_fields() -> None:
    assert not list(check_explainer({"title": "", "summary": "", "reviewed": ""}, AT))
    (found,) = check_explainer({"title": ""}, AT)
    assert (found.code, found.span) == ("P002", AT)
    assert found.message == "a page about the article needs the field 'summary', 'reviewed'"


def test_a_page_that_is_not_there_has_a_likely_one() -> None:
    pages = ("explainers/reset.md", "index.md")
    assert not list(check_related(["index.md"], AT, pages))
    (found,) = check_related(["reset.md"], AT, pages)
    assert (found.code, found.span, found.suggestion) == ("P007", AT, "explainers/reset.md")
    assert found.message == "no page 'reset.md'; did you mean 'explainers/reset.md'?"


ARTICLE = "---\ntitle: T\nsource: k\nparagraphs: [A., B.]\n---\n"
GOOD = bib("title = {T}, url = {https://a.example/}")


def entry(*fields: str, body: str = "Text [@k].") -> str:
    return "\n".join(("---", "title: word", "summary: S.", *fields, "---", body, ""))


def claim(*fields: str, body: str = "Text [@k].") -> str:
    return "\n".join(("---", "claim: C.", "verdict: wrong", *fields, "---", body, ""))


@pytest.mark.parametrize(
    ("files", "findings"),
    [
        ({"glossary/t.md": entry()}, []),
        (
            {"glossary/t.md": entry("see: [t, tt]")},
            ["T003 'see' names no term 'tt'"],
        ),
        (
            {"glossary/terms.md": entry("see: [term]")},
            ["T003 'see' names no term 'term'; did you mean 'terms'?"],
        ),
        ({"glossary/t.md": entry("explainer: a.md")}, []),
        (
            {"glossary/t.md": entry("explainer: pages/a.md")},
            ["Q003 no page 'pages/a.md'; did you mean 'a.md'?"],
        ),
        ({"glossary/t.md": entry(body="Text.")}, ["T006 the definition of 't' cites nothing"]),
        ({"claims/1-c.md": claim("paragraph: 2")}, []),
        ({"claims/1-c.md": claim("paragraph: 1")}, []),
        (
            {"claims/1-c.md": claim("paragraph: 3")},
            ["Q006 no paragraph 3; the article has 2"],
        ),
        ({"claims/1-c.md": claim("paragraph: 3"), "article.md": ""}, []),
        (
            {"claims/1-c.md": claim("paragraph: 1", "explainer: b.txt")},
            ["Q003 no page 'b.txt'"],
        ),
        (
            {"claims/1-c.md": claim("paragraph: 1", body="Text.")},
            ["Q002 claim 'c' cites nothing"],
        ),
        (
            {"article.md": ARTICLE.replace("source: k", "source: key")},
            ["C001 no source 'key'"],
        ),
        (
            {
                "a.bib": GOOD.replace("{k,", "{smith2019,"),
                "article.md": ARTICLE.replace("source: k", "source: smith2018"),
            },
            ["C001 no source 'smith2018'; did you mean 'smith2019'?"],
        ),
        ({"article.md": ARTICLE.replace("source: k\n", "")}, []),
    ],
)
def test_what_is_said_of_terms_claims_and_the_article(
    tmp_path: Path, files: dict[str, str], findings: list[str]
) -> None:
    whole = {"a.bib": GOOD, "article.md": ARTICLE} | files
    write(tmp_path, {name: text for name, text in whole.items() if text})
    library, _ = load(tmp_path, tmp_path)
    found = list(check_library(library, ("a.md",), DAY))
    assert [f"{one.code} {one.message}" for one in found] == findings
    assert {one.span.path for one in found} <= whole.keys()


def test_what_nothing_uses_is_named(tmp_path: Path) -> None:
    files = {
        "a.bib": bib("title = {T}, publisher = {P}", "Whole", "book")
        + bib("title = {T}, crossref = {whole}", "part", "inbook")
        + bib("title = {T}, publisher = {P}", "other"),
        "glossary/a.md": entry(),
        "glossary/b.md": entry("kind: event", "date: 2025"),
        "glossary/c.md": entry(),
    }
    write(tmp_path, files)
    library, _ = load(tmp_path, tmp_path)
    unused = [*never_cited(library, {"part"}), *never_used(library, {"c"})]
    assert [(one.code, one.message, one.span.path) for one in unused] == [
        ("S004", "'other' is never cited", "a.bib"),
        ("T005", "the term 'a' is never used", "glossary/a.md"),
    ]


def test_a_figure_that_is_not_there_has_a_likely_one(tmp_path: Path) -> None:
    write(tmp_path, {"figures/births.json": "{}", "figures/talks.json": "{}"})
    library, _ = load(tmp_path, tmp_path)
    likely = unknown_figure("birth", AT, library)
    assert (likely.code, likely.span, likely.suggestion) == ("F001", AT, "births")
    assert likely.message == "no figure 'birth'; did you mean 'births'?"
    nameless = unknown_figure("", AT, library)
    assert (nameless.code, nameless.message) == ("F001", "the block names no figure")
    (unplaced,) = never_placed(library, {"births"})
    assert (unplaced.code, unplaced.message) == ("F005", "no page places the figure 'talks'")
    assert unplaced.span.path == "figures/talks.json"


def test_only_what_is_right_in_itself_is_shown_as_such(tmp_path: Path) -> None:
    write(tmp_path, {"a.bib": GOOD, "glossary/t.md": entry()})
    library, _ = load(tmp_path, tmp_path)
    twelve = " ".join("abcdefghijkl")

    def sound(text: str) -> bool:
        return is_sound(scan(text)[0].token, library)  # type: ignore[arg-type]

    assert sound("[@k]")
    assert sound("[@k, p. 3]")
    assert sound(f'[@k, "{twelve}"]')
    assert not sound(f'[@k, "{twelve} m"]')
    assert not sound("[@k; @gone]")
    assert sound("[[word]]")
    assert sound("[[!gone]]")
    assert not sound("[[gone]]")
    assert is_sound(TermLink("gone", "gone", 0, 8, "[[gone]]", found=True), library)


def test_each_fault_of_a_citation_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.bib": GOOD, "glossary/t.md": entry()})
    library, _ = load(tmp_path, tmp_path)
    words = " ".join("abcdefghijklm")
    uses = [
        Use(Citation("k", suffix=f', "{words}"', at=1), AT),
        Use(Citation("k", suffix=f', "{words[:-2]}"', at=1), AT),
        Use(Citation("k", at=1), AT, in_heading=True),
        Use(Citation("k", at=1), AT, in_attribute=True),
        Use(Citation("gone", at=1), AT),
        Use(TermLink("Wrd", "Wrd", 0, 7, "[[Wrd]]"), AT),
        Use(TermLink("nothing at all", "x", 0, 7, "[[x]]"), AT),
        Use(TermLink("gone", "gone", 0, 9, "[[!gone]]", plain=True), AT),
        Use(TermLink("Words", "Words", 0, 9, "[[Words]]"), AT),
    ]
    found = list(check_uses(uses, library))
    assert [f"{one.code} {one.message}" for one in found] == [
        "C005 passage of 13 words; at most 12 may be quoted",
        "C003 citation of 'k' in a heading",
        "C004 citation of 'k' in the text of an image or abbreviation",
        "C001 no source 'gone'",
        "T001 no term 'Wrd'; did you mean 'word'?",
        "T001 no term 'nothing at all'",
    ]
    assert {one.span for one in found} == {AT}
