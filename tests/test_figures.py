"""Figures: rows and specs are read, faults named at their place, pictures drawn and made safe."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus import drawing, words
from mkdocs_apparatus.figures import find_placements, read_figure, read_table, values
from mkdocs_apparatus.file import File
from mkdocs_apparatus.model import Diagnostic, Figure
from mkdocs_apparatus.site import Settings, Site
from mkdocs_apparatus.svg import SvgError, write_svg
from sites import Build, convert, write

SOURCES = ("smith2019", "who2020")
BIB = """@online{smith2019, title = {One}, url = {https://one.example/}}
@online{who2020, title = {Two}, url = {https://two.example/}}
"""
ROWS = (
    "Year,Births,source,note\n2000,1266800,smith2019,\n2001,,who2020,gap\n2002,1396967,who2020,\n"
)
SPEC: dict[str, Any] = {
    "title": "Births rose",
    "description": "Bars that grow.",
    "usermeta": {"caption": "Births a year.", "licence": "Facts."},
    "data": {"url": "../data/births.csv"},
    "width": "container",
    "height": 120,
    "mark": "bar",
    "encoding": {
        "x": {"field": "Year", "type": "ordinal"},
        "y": {"field": "Births", "type": "quantitative"},
    },
}
PAGE = "# Page\n\n``` figure\nbirths\n```\n"


def files(spec: object = SPEC, rows: str = ROWS, page: str = PAGE) -> dict[str, str]:
    return {
        "docs/index.md": page,
        "sources/a.bib": BIB,
        "sources/data/births.csv": rows,
        "sources/figures/births.json": spec
        if isinstance(spec, str)
        else json.dumps(spec, indent=1),
    }


def shown(problems: list[Diagnostic]) -> list[str]:
    return [f"{one.span.path}:{one.span.line}: {one.code} {one.message}" for one in problems]


def figure_of(spec: object, rows: str = ROWS) -> tuple[Figure, list[str]]:
    problems: list[Diagnostic] = []
    table = read_table(File("births.csv", rows, problems), SOURCES)
    text = spec if isinstance(spec, str) else json.dumps(spec, indent=1)
    figure = read_figure(File("births.json", text, problems), "births", {"births.csv": table})
    return figure, shown(problems)


@pytest.mark.parametrize(
    ("rows", "found", "kept"),
    [
        (ROWS, [], 3),
        ("Year,source\n2000,smith2019; who2020\n", [], 1),
        ("Year,source\n2000,@smith2019\n\n\n2001,who2020\n", [], 2),
        (
            "Year,source\n2000,smtih2019\n",
            ["2: F002 no source 'smtih2019'; did you mean 'smith2019'?"],
            1,
        ),
        ("A,source\n\u2028x,who2020\n1,x\n", ["3: F002 no source 'x'"], 2),
        ('A,source\n"two\nlines",who2020\n1,x\n', ["4: F002 no source 'x'"], 2),
        ("Year,source\n2000\n2001,who2020\n", ["2: F002 1 cells, but 2 columns"], 1),
        (
            "Year,source\n2000, \n",
            ["2: F002 the row has no citation key in its column 'source'"],
            1,
        ),
        ("Year,source\n", ["1: F002 there is no row"], 0),
        (
            "Year,sources\n2000,who2020\n",
            [
                "1: F002 no column 'source' with the citation key of each row; "
                "did you mean 'sources'?"
            ],
            0,
        ),
        ("", ["1: F002 no column 'source' with the citation key of each row"], 0),
        ("A,A,source\n1,2,who2020\n", ["1: F002 each column needs a name of its own"], 0),
        (",source\n1,who2020\n", ["1: F002 each column needs a name of its own"], 0),
        (
            "a.b,source\n1,who2020\n",
            ["1: F002 the column 'a.b' has one of the signs . [ ] \\ ' in its name"],
            0,
        ),
        (
            'A,source\n1,who2020\n"2,who2020\n',
            ["3: F002 no row can be read from here on: unexpected end of data"],
            1,
        ),
        (
            f"{','.join(f'c{number}' for number in range(50))},source\n",
            ["1: F002 51 columns; at most 40 are read"],
            0,
        ),
    ],
)
def test_what_is_wrong_with_rows_is_named_at_its_line(
    rows: str, found: list[str], kept: int
) -> None:
    problems: list[Diagnostic] = []
    table = read_table(File("r", rows, problems), SOURCES)
    assert shown(problems) == [f"r:{one}" for one in found]
    assert len(table.rows) == len(table.keys) == len(table.lines) == kept


def test_more_rows_than_anybody_reads_are_left_out() -> None:
    problems: list[Diagnostic] = []
    rows = "Year,source\n" + "1,who2020\n" * 1_000_000
    started = time.monotonic()
    table = read_table(File("r", rows, problems), SOURCES)
    assert len(table.rows) == 5_000
    assert [one.span.line for one in problems] == [5_002]
    assert time.monotonic() - started < 5


def test_thousands_of_unknown_keys_take_no_time() -> None:
    problems: list[Diagnostic] = []
    rows = "Year,source\n" + "".join(f"1,unknown{number}\n" for number in range(4_000))
    known = [f"smith{number}" for number in range(10_000)]
    started = time.monotonic()
    read_table(File("r", rows, problems), known)
    assert len(problems) == 4_000
    assert time.monotonic() - started < 10


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in SPEC.items() if key != name}


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (SPEC, []),
        (without("title"), ["1: F003 no text 'title'"]),
        (SPEC | {"title": {"text": "x"}}, ["2: F003 no text 'title'"]),
        (without("description"), ["1: F003 no text 'description'"]),
        (
            without("usermeta"),
            ["1: F003 no text 'usermeta.caption'", "1: F003 no text 'usermeta.licence'"],
        ),
        (SPEC | {"usermeta": {"caption": "c"}}, ["1: F003 no text 'usermeta.licence'"]),
        ('{\n "title": }', ["2: F003 no JSON: Expecting value, in column 11"]),
        ("[" * 100_000, ["1: F003 the spec is nested too deeply"]),
        ("[]", ["1: F003 a spec is an object: { … }"]),
        ("1" * 200_001, ["1: F003 a spec of more than 200,000 characters is not read"]),
        (
            SPEC | {"data": {"url": "../data/brths.csv"}},
            ["8: F002 no file 'brths.csv' in data/; did you mean 'births.csv'?"],
        ),
        *(
            (
                SPEC | {"data": data},
                ['8: F003 no file of numbers: "data": {"url": "../data/NAME.csv"}'],
            )
            for data in (
                {"url": "https://evil.example/x.csv"},
                {"url": "../data/../../secret.csv"},
                {"url": ["../data/births.csv"]},
                {"values": [{"Year": 1}]},
                [],
            )
        ),
        (
            SPEC | {"data": {"url": "../data/births.csv", "values": []}},
            ["8: F003 'data' may hold 'url' and 'format' alone"],
        ),
        (
            SPEC | {"layer": [{"data": {"sequence": {"start": 0, "stop": 1e12}}, "mark": "bar"}]},
            ["26: F003 'data' is not allowed: a figure shows its rows, and leads nowhere"],
        ),
        (
            SPEC | {"datasets": {}},
            ["24: F003 'datasets' is not allowed: a figure shows its rows, and leads nowhere"],
        ),
        (
            SPEC | {"encoding": {"href": {"field": "Year"}}},
            ["15: F003 'href' is not allowed: a figure shows its rows, and leads nowhere"],
        ),
        (
            SPEC | {"mark": {"type": "image", "url": "https://evil.example/x.png"}},
            ["15: F003 'url' is not allowed: a figure shows its rows, and leads nowhere"],
        ),
        (
            SPEC | {"encoding": {"x": {"field": "Brths", "type": "quantitative"}}},
            ["16: F003 no column 'Brths'; did you mean 'Births'?"],
        ),
        (
            SPEC | {"mark": {"type": "bra"}},
            ["13: F003 'bra' is no mark that can be drawn; did you mean 'bar'?"],
        ),
        (
            SPEC | {"transform": [{"filter": "datum.Yaer > 2000 && datum['Births'] > 0"}]},
            ["26: F003 no column 'Yaer'; did you mean 'Year'?"],
        ),
        (
            SPEC
            | {
                "transform": [{"calculate": "datum.Births / 2", "as": "Half"}],
                "encoding": {"x": {"field": "Half", "type": "quantitative"}},
            },
            [],
        ),
    ],
)
def test_what_is_wrong_with_a_spec_is_named(spec: object, found: list[str]) -> None:
    figure, problems = figure_of(spec)
    assert problems == [f"births.json:{one}" for one in found]
    missing_text = all("no text" in one for one in found)
    assert bool(figure.spec) == missing_text


@pytest.mark.parametrize(
    ("kind", "cell", "wanted"),
    [
        ("quantitative", "about 5", "a number"),
        ("quantitative", "12O00", "a number"),
        ("quantitative", "1e400", "a number"),
        ("temporal", "2 April", "a date such as 2025-04-02"),
    ],
)
def test_a_cell_of_another_type_is_named_at_its_row(kind: str, cell: str, wanted: str) -> None:
    spec = SPEC | {
        "encoding": {"x": {"field": "A", "type": kind}, "y": {"field": "A", "type": kind}}
    }
    figure, problems = figure_of(spec, f"A,source\n,who2020\n{cell},who2020\n")
    expected = f"'{cell}' in column 'A' is not {wanted}; leave what is not known empty"
    assert problems == [f"births.csv:3: F002 {expected}"]
    assert not figure.spec


def test_rows_go_to_the_picture_as_numbers_texts_and_gaps() -> None:
    figure, _ = figure_of(SPEC, "Year,A,source\n2000,-1.5,who2020; smith2019\n2001,,who2020\n")
    assert values(figure) == [
        {"Year": 2000, "A": -1.5, "source": "who2020; smith2019"},
        {"Year": 2001, "A": None, "source": "who2020"},
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("``` figure\na\n```", ["a"]),
        ("~~~figure\na\n~~~~\n\n    ``` figure\n    b\n    ```", ["a", "b"]),
        ("````\n``` figure\na\n```\n````", []),
        ("~~~\n``` figure\na\n```\n~~~", []),
        ("``` figure\na", []),
        ("``` figure\n```", [""]),
        ("``` figure\na\nb\n```", ["a b"]),
        ("``` python\nfigure\n```", []),
        ("```\nfigure\n```\n``` figure\na\n```", ["a"]),
        ("a figure of speech ``` figure", []),
    ],
)
def test_a_block_places_a_figure_unless_it_is_an_example(text: str, names: list[str]) -> None:
    assert [placed.name for placed in find_placements(text)] == names


def test_placements_are_found_in_linear_time() -> None:
    started = time.monotonic()
    assert sum(1 for _ in find_placements("``` figure\na\n```\n" * 50_000)) == 50_000
    assert list(find_placements("``` figure\n" * 100_000)) == []
    assert time.monotonic() - started < 5


HOSTILE = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="10" height="20" onload="alert(1)"><script>alert(2)</script>
<style>@import url(https://evil.example/)</style>
<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(3)"/></body>
</foreignObject>
<a xlink:href="javascript:alert(4)"><text x="1" onclick="alert(5)">a &lt;b&gt;</text></a>
<image href="https://evil.example/x.png"/><use href="#clip0"/>
<set attributeName="href" to="javascript:alert(6)"/>
<g style="fill:url(https://evil.example/)" fill="url(https://evil.example/#a)"
 clip-path="url(#clip0)">
<path d="M0,0h1" fill="var(--ap-figure-1)" aria-label="Year: &quot;2005&quot;; x: &lt;i&gt;"
 role="graphics-symbol" aria-roledescription="bar"/>
<path d="M0,0" fill="red&quot; onload=&quot;x" stroke="expression(alert(1))"/>
<text transform="translate(1.23456,2)" font-family="x">two</text></g>
<clipPath id="clip0"><rect x="0" y="0" width="1" height="1"/></clipPath></svg>"""


def test_a_drawing_keeps_what_is_listed_and_nothing_else() -> None:
    html, marks = write_svg(HOSTILE, "f-wide", 'a "label" <x>', "ap-wide")
    assert marks == 1
    tree = LexborHTMLParser(html)
    tags = {node.tag for node in tree.css("svg, svg *")}
    assert tags == {"svg", "g", "path", "text", "title", "clipPath", "rect"}
    names = {name for node in tree.css("svg, svg *") for name in node.attributes}
    assert names == {
        *("class", "role", "aria-label", "viewbox", "viewBox", "width", "height"),
        *("clip-path", "d", "fill", "stroke", "id", "x", "y", "transform"),
    } & (names | {"class"})
    for bad in (
        "evil",
        "alert(2",
        "alert(3",
        "alert(4",
        "alert(5",
        "javascript",
        "onload",
        "style",
    ):
        assert bad not in html
    assert 'clip-path="url(#f-wide-clip0)"' in html
    assert 'id="f-wide-clip0"' in html
    assert "translate(1.23,2)" in html
    assert "Year: &quot;2005&quot;; x: &lt;i&gt;" in html


@pytest.mark.parametrize(
    "svg",
    [
        "",
        "<svg",
        "<p>no</p>",
        '<svg xmlns="http://www.w3.org/2000/svg" width="1"></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1&quot; onload=&quot;x"></svg>',
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
    ],
)
def test_what_is_no_plain_svg_is_refused(svg: str) -> None:
    with pytest.raises(SvgError):
        write_svg(svg, "a", "b", "c")


def test_a_deep_drawing_ends() -> None:
    deep = "<g>" * 50_000 + "</g>" * 50_000
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">{deep}</svg>'
    html, marks = write_svg(svg, "a", "b", "c")
    assert marks == 0
    assert "<g>" not in html


def figures(*specs: dict[str, Any]) -> list[Figure]:
    made = []
    for number, spec in enumerate(specs):
        figure, problems = figure_of(spec)
        assert not problems
        made.append(Figure(**{**_fields(figure), "name": f"f{number}"}))
    return made


def _fields(figure: Figure) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in figure.__slots__}


def test_a_figure_is_drawn_wide_and_narrow_in_the_pages_colours() -> None:
    drawn = drawing.draw(figures(SPEC), words.load())
    assert not drawn.faults
    tree = LexborHTMLParser(drawn.drawings["f0"])
    wide, narrow = tree.css("svg")
    assert (wide.attributes["width"], narrow.attributes["width"]) == ("600", "320")
    assert wide.attributes["aria-label"] == narrow.attributes["aria-label"] == "Bars that grow."
    html = drawn.drawings["f0"]
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', html))
    assert colours == {
        "none",
        "currentColor",
        "var(--ap-figure-1)",
        "var(--ap-line)",
        "var(--ap-quiet)",
    }
    assert "style=" not in html
    assert "font-family" not in html
    titles = [node.text() for node in wide.css("title")]
    assert titles == ["Year: 2000; Births: 1266800", "Year: 2002; Births: 1396967"]


def test_a_width_of_its_own_is_kept() -> None:
    drawn = drawing.draw(figures(SPEC | {"width": 200}), words.load())
    assert drawn.drawings["f0"].count("<svg") == 1


def test_numbers_and_months_are_in_the_sites_language() -> None:
    spec = SPEC | {
        "encoding": {
            "x": {"field": "Day", "type": "temporal", "axis": {"format": "%B %Y"}},
            "y": {"field": "Births", "type": "quantitative"},
        }
    }
    figure, problems = figure_of(spec, "Day,Births,source\n2025-03-01,157700,who2020\n")
    assert not problems
    html = drawing.draw([figure], words.load("de")).drawings["births"]
    assert "März 2025" in html
    assert "100.000" in html


def test_days_do_not_depend_on_where_the_site_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SPEC | {"mark": "point", "encoding": {"x": {"field": "Day", "type": "temporal"}}}
    figure, _ = figure_of(spec, "Day,source\n2025-03-01,who2020\n2025-03-31,who2020\n")
    drawn = set()
    for zone in ("UTC", "Pacific/Kiritimati", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        drawn.add(drawing.draw([figure], words.load()).drawings["births"])
    assert len(drawn) == 1


def test_what_cannot_be_drawn_leaves_the_others() -> None:
    endless = SPEC | {
        "transform": [
            {
                "impute": "Births",
                "key": "Year",
                "keyvals": {"start": 0, "stop": 1e12},
                "value": 0,
            }
        ]
    }
    nothing = SPEC | {"transform": [{"filter": "datum.Year > 3000"}]}
    wrong = SPEC | {"encoding": {"x": {"field": "Year", "type": "ordnal"}}}
    drawn = drawing.draw(figures(SPEC, endless, nothing, wrong), words.load(), limit=8)
    assert set(drawn.drawings) == {"f0"}
    assert "none of the rows" in drawn.faults["f2"]
    assert drawn.faults["f3"].startswith("Vega-Lite says: ")
    assert drawn.faults["f1"]
    assert all("\n" not in fault for fault in drawn.faults.values())


def test_without_the_extra_the_table_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "_version", lambda: "")
    write(tmp_path, files())
    html, findings = convert(tmp_path, PAGE)
    assert findings == [
        "sources/figures/births.json:1:1: F004 figure 'births' is not drawn: "
        "figures need vl-convert: pip install mkdocs-apparatus[figures]"
    ]
    assert "<svg" not in html
    assert "1,396,967" in html


def test_a_drawing_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, files())
    settings = Settings(cache=tmp_path / "cache")

    def drawn() -> object:
        site = Site(tmp_path / "sources", tmp_path, "docs", settings)
        return dict(site.drawings), site.problems

    first, problems = drawn()
    assert first
    assert not problems
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("drawn again"))
    assert drawn() == (first, [])
    write(tmp_path, files(rows=ROWS.replace("1396967", "1396968")))
    with pytest.raises(pytest.fail.Exception):
        drawn()


def test_only_what_changed_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two figures the one whose rows changed; the other, and one that is gone, ask nobody."""
    other = {"sources/figures/other.json": json.dumps(SPEC | {"title": "Other"})}
    write(tmp_path, files() | other)
    settings = Settings(cache=tmp_path / "cache")
    asked: list[int] = []
    run = drawing._run

    def counted(specs: list[dict[str, Any]], *rest: Any) -> list[dict[str, str]]:
        asked.append(len(specs))
        return run(specs, *rest)

    monkeypatch.setattr(drawing, "_run", counted)

    def drawn() -> set[str]:
        return set(Site(tmp_path / "sources", tmp_path, "docs", settings).drawings)

    assert drawn() == {"births", "other"}
    write(tmp_path, {"sources/figures/other.json": json.dumps(SPEC | {"title": "Changed"})})
    assert drawn() == {"births", "other"}
    (tmp_path / "sources/figures/other.json").unlink()
    assert drawn() == {"births"}
    assert asked == [4, 2]  # each is drawn wide and narrow


def test_a_figure_that_was_not_drawn_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, files())
    settings = Settings(cache=tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(drawing, "_run", lambda *_: (_ for _ in ()).throw(SvgError("no")))
        site = Site(tmp_path / "sources", tmp_path, "docs", settings)
        assert not site.drawings
        assert [one.code for one in site.problems] == ["F004"]
    assert Site(tmp_path / "sources", tmp_path, "docs", settings).drawings


def test_a_figure_stands_on_its_page_with_its_file(build: Build) -> None:
    built = build(
        files(), config="theme: {name: material, font: false}\nplugins: [search, apparatus]\n"
    )
    tree = LexborHTMLParser(built.read("index.html"))
    figure = tree.css_first("figure.ap-figure")
    assert figure
    assert figure.css_first("figcaption").text() == "Births rose"
    address = figure.css_first(".ap-data a[download]").attributes["href"]
    assert built.read(address) == ROWS
    assert not [line for line in built.log if "F00" in line]
    index = json.loads(built.read("search/search_index.json"))
    words_ = " ".join(doc["text"] for doc in index["docs"])
    assert "Births a year." in words_
    assert "1396967" not in words_


def test_findings_are_the_same_without_a_build(tmp_path: Path) -> None:
    write(tmp_path, files(page=PAGE.replace("births", "brths")))
    _, findings = convert(tmp_path, PAGE.replace("births", "brths"))
    assert findings == [
        "docs/page.md:3:1: F001 no figure 'brths'; did you mean 'births'?",
        "sources/a.bib:1:9: S004 'smith2019' is never cited",
        "sources/a.bib:2:9: S004 'who2020' is never cited",
        "sources/figures/births.json:1:1: F005 no page places the figure 'births'",
    ]


def test_what_a_row_says_is_never_markup(tmp_path: Path) -> None:
    bad = '<script>alert(1)</script>"><img src=x onerror=alert(2)>&amp;'
    cell = '"' + bad.replace('"', '""') + '"'
    rows = f"Year,Births,source,note\n{cell},1,who2020,{cell}\n"
    spec = SPEC | {"title": bad, "description": bad, "usermeta": {"caption": bad, "licence": bad}}
    write(tmp_path, files(spec, rows))
    html, findings = convert(tmp_path, PAGE)
    assert [one for one in findings if "S004" not in one] == []
    tree = LexborHTMLParser(html)
    assert not tree.css("script, img, [onerror]")
    assert bad in tree.css_first("figcaption").text()
    assert bad in tree.css_first("tbody td").text()
    assert "alert(1)" in tree.css_first("svg title").text()
    assert tree.css_first("svg").attributes["aria-label"] == bad
