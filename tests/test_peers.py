"""What other tools get wrong: each row of a comparison made by running them, right here.

A row is a probe of a site that cites: entries, page, the text that a reader must see (or pieces
of the HTML), and the findings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from sites import convert, write

BIB = r"""
@article{smith2020, title = {Plain title}, author = {Smith, Anna and Jones, Bob}, journal = {J},
  year = 2020}
@book{doe1999, title = {A book}, author = {Doe, Jane}, publisher = {P}, year = 1999}
@misc{key:colon, title = {C}, author = {Colon, C}, year = 2001, howpublished = {H}}
@misc{key.dot, title = {D}, author = {Dot, D}, year = 2002, howpublished = {H}}
@misc{müller2003, title = {U}, author = {M{\"u}ller, E}, year = 2003, howpublished = {H}}
"""


@dataclass(frozen=True)
class Probe:
    """A row: what is written, and what must be seen."""

    row: str
    page: str
    text: str = ""
    html: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    bib: str = ""


PROBES = (
    Probe("inline code", "`[@smith2020]` `@smith2020`", "[@smith2020] @smith2020"),
    Probe("fence", "```\n[@smith2020]\n```", "[@smith2020]"),
    Probe("indented code", "    [@smith2020]", "[@smith2020]"),
    Probe("comment", "a <!-- [@smith2020] --> b", html=("<!-- [@smith2020] -->",)),
    Probe("link text", "[see [@smith2020]](https://example.com)", "see [1]",
          html=('<a href="https://example.com">see <span class="ap-citation">[<span',)),
    Probe("narrative in link text", "[text @smith2020 here](https://example.com)",
          "text Smith and Jones [1] here"),
    Probe("heading", "## Heading @smith2020 and [@doe1999]\n\nText",
          html=('<h2 id="heading-and">',),
          findings=("C003", "C003")),
    Probe("table cell", "| a |\n| - |\n| [@smith2020] |", html=("<td><span class",)),
    Probe("footnote", "x[^1]\n\n[^1]: see [@smith2020]", html=("<p>see <span class",)),
    Probe("admonition", '!!! note "T [@smith2020]"\n    B [@doe1999]',
          html=('title">T <span class', "<p>B <span class")),
    Probe("unknown key", "P12 unknown [@smth2020] and @smth2020",
          "P12 unknown [@smth2020] and @smth2020",
          findings=("docs/page.md:1:14: C001 no source 'smth2020'; did you mean 'smith2020'?",
                    "docs/page.md:1:29: C001 no source 'smth2020'; did you mean 'smith2020'?")),
    Probe("same key twice", "[@doe1999] [@smith2020] [@doe1999]", "[1] [2] [1]",
          html=('href="#cite-doe1999-1"', 'href="#cite-doe1999-2"')),
    Probe("suppressed author", "[-@smith2020]", "[1]"),
    Probe("prefix, locator, suffix", "[see @smith2020, pp. 33-35; also @doe1999]",
          "[see 1, pp. 33–35; also 2]"),
    Probe("narrative", "P15 @smith2020 says so", "P15 Smith and Jones [1] says so"),
    Probe("key with colon", "[@key:colon] and @key:colon.", "[1] and Colon [1]."),
    Probe("key with dot", "[@key.dot] and @key.dot.", "[1] and Dot [1]."),
    Probe("unicode key", "[@müller2003] and @müller2003.", "[1] and Müller [1]."),
    Probe("e-mail", "foo@bar.com <foo@bar.com>", "foo@bar.com foo@bar.com"),
    Probe("bare handles", "@someone and @property", "@someone and @property", findings=()),
    Probe("escaped", "\\@smith2020 and \\[@doe1999\\]", "@smith2020 and [Doe [1]]"),
    Probe("missing comma", "[@ok] [@also]", "[1] [2]",
          bib="@misc{ok, title = {A}}\n@misc{bad, title = {B}\n year = 2020}\n"
          "@misc{also, title = {C}}",
          findings=("sources/a.bib:3:1: S001 entry 'bad' cannot be read: a comma between two "
                    "fields, or the closing brace, is missing",)),
    Probe("unclosed brace", "[@ok] [@also]", "[1] [2]",
          bib="@misc{ok, title = {A}}\n@misc{bad, title = {B\n@misc{also, title={C}}",
          findings=("sources/a.bib:2:1: S001 entry 'bad' cannot be read: a closing brace '}' is "
                    "missing",)),
    Probe("duplicate key", "[@ok]", "[1]", html=("First",), absent=("Second",),
          bib="@misc{ok, title = {First}}\n@misc{ok, title = {Second}}",
          findings=("sources/a.bib:2:7: S002 key 'ok' is taken already, in sources/a.bib:1; "
                    "the first entry counts",)),
    Probe("name with too many commas", "[@ok]", "[1]", html=("A, B, C, D, E",),
          bib="@misc{ok, title = {T}, author = {A, B, C, D, E}, url = {https://x.org}}",
          findings=("S007",)),
    Probe("undefined macro", "[@ok]", "[1]",
          bib="@misc{ok, title = {T}}\n@article{bad, journal = jcs, title = {B}}",
          findings=("sources/a.bib:2:1: S001 entry 'bad' cannot be read: 'jcs' is neither in "
                    "braces nor the name of a @string",)),
    Probe("biblatex types", "[@t] [@d]", "[1] [2]", html=("A thesis", "A data set"),
          bib="@thesis{t, title = {A thesis}, institution = {U}}\n"
          "@dataset{d, title = {A data set}, publisher = {P}}"),
    Probe("article without journal", "[@nj]", "[1]", html=("No journal",),
          bib="@article{nj, title = {No journal}, author = {A, B}, url = {https://x.org}}"),
    Probe("script and ampersand in a title", "[@s]", "[1]",
          html=("&lt;script&gt;alert(1)&lt;/script&gt; R&amp;D",), absent=("<script>", "r&amp;d"),
          bib=r"@misc{s, title = {<script>alert(1)</script> R\&D}, url = {https://x.org}}"),
    Probe("maths in a title", "[@m]", "[1]", html=("O(n", "α"), absent=("o(n", "\\alpha"),
          bib=r"@misc{m, title = {On $O(n^2)$ and $\alpha_1$}, url = {https://x.org}}"),
    Probe("accents", "[@a]", "[1]",
          html=("Müller", "Erdős", "Wałęsa", "Krę", "García", "Strauß"),
          bib=r"@misc{a, title = {T}, author = {M{\"u}ller, A and Erd{\H{o}}s, B"
          r" and Wa{\l}{\k e}sa, C and Kr{\k e}, D and Garc{\'\i}a, E and Strau{\ss}, F}, url = {https://x.org}}"),
    Probe("corporate author", "@w said", "World Health Organization [1] said",
          bib="@misc{w, title = {T}, author = {{World Health Organization}}, url={https://x.org}}"),
    Probe("back-links have names of their own", "[@doe1999] [@doe1999, p. 3]",
          html=('aria-label="Back to citation a"', 'aria-label="Back to citation b"', ">p. 3<")),
    Probe("roles", "[@doe1999]", html=('role="doc-biblioref"', 'role="doc-bibliography"',
          'role="doc-backlink"'), absent=("doc-biblioentry", "doc-endnote")),
    Probe("never cited", "Nothing.", bib="@misc{a, title = {T}, url = {https://x.org}}",
          findings=("sources/a.bib:1:7: S004 'a' is never cited",)),
)  # fmt: skip


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.row)
def test_row(probe: Probe, tmp_path: Path) -> None:
    write(tmp_path, {"sources/a.bib": probe.bib or BIB})
    html, findings = convert(tmp_path, probe.page + "\n")
    body = html.partition('<section class="ap-')[0]
    text = " ".join((LexborHTMLParser(body).text() or "").split())
    assert probe.text in text
    assert [piece for piece in probe.html if piece not in html] == []
    assert [piece for piece in probe.absent if piece in html] == []
    wanted = "S004" in "".join(probe.findings)
    found = [line for line in findings if wanted or not re.search("S00[34]", line)]
    assert len(found) == len(probe.findings), found
    for line, expected in zip(found, probe.findings, strict=True):
        assert expected in line
