"""The variable ``apparatus`` of templates: what it says of a site and of each page."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from sites import Build, Built

# A theme that shows the variable; 404.html, which is no page, has none.
TEMPLATE = """\
<html><head></head><body>{% if apparatus %}{% autoescape true %}
<p id="verdicts">
{%- for one in apparatus.verdicts -%}
{{ one.name }} {{ one.sign }} {{ one.word }} {{ one.count }} {{ one.url | url }};
{%- endfor %}</p>
<p id="topics">
{%- for one in apparatus.topics %}{{ one.name }}: {{ one.pages | join(" ", "path") }};
{%- endfor %}</p>
<p id="explainers">
{%- for one in apparatus.explainers %}{{ one.title }}, {{ one.summary }}, {{ one.url | url }};
{%- endfor %}</p>
<p id="minutes">{{ apparatus.page.minutes }}</p>
<p id="sources">{{ apparatus.page.sources }}:
{%- for kind, count in apparatus.page.kinds %} {{ count }} {{ kind or "other" }}{% endfor %}</p>
<p id="paragraphs">
{%- for number, url in apparatus.page.paragraphs %}{{ number }} {{ url | url }};{% endfor %}</p>
<p id="related">{{ apparatus.page.related | join(" ", "path") }}</p>
{% endautoescape %}{{ page.content }}{% endif %}</body></html>
"""
CONFIG = "theme: {name: material, custom_dir: theme}\n"
BIB = "".join(
    f"@online{{{key}, title = {{T}}, url = {{https://{key}.example/}}, keywords = {{{kind}}}}}\n"
    for key, kind in {"a": "news", "b": "primary", "c": "news", "d": "", "e": "primary"}.items()
)


def page(title: str, topics: str, paragraphs: str, text: str = "Text.", more: str = "") -> str:
    return (
        f"---\ntitle: '{title}'\nsummary: S & s.\nreviewed: 2026-11-24\ntopics: [{topics}]\n"
        f"paragraphs: [{paragraphs}]\n{more}---\n\n# A heading\n\n{text}\n"
    )


def claim(verdict: str, paragraph: int) -> str:
    return f"---\nclaim: C.\nparagraph: {paragraph}\nverdict: {verdict}\n---\nNo [@a].\n"


FILES = {
    "theme/main.html": TEMPLATE,
    "docs/index.md": "# Home\n\nWords.\n",
    "docs/in/one.md": page("Is it <so>?", "draft, talks", "1, 3", "[@a] [@b; @c] [@d] [@a]."),
    "docs/in/two.md": page("Two", "talks", "2", f"[@b] {'word ' * 438}"),
    "docs/in/three.md": page("Three", "Europe, talks", "2, 3", f"[@b] {'word ' * 439}"),
    "docs/in/four.md": page("Four", "Europe", "4"),
    "docs/in/five.md": page("Five", "draft", "5", more="related: [in/four.md, index.md]\n"),
    "docs/in/six.md": page("Six", "draft, talks", "1, 2", more="related: []\n"),
    "docs/in/odd.md": "---\ntopics: none\nparagraphs: 3\nrelated: 4\n---\n\n# Odd\n",
    "sources/a.bib": BIB,
    "sources/claims/1.md": claim("wrong", 1),
    "sources/claims/2.md": claim("supported", 3),
    "sources/claims/3.md": claim("wrong", 4),
}


def shown(built: Built, path: str) -> dict[str, str]:
    found = LexborHTMLParser(built.read(path)).css("body > p[id]")
    return {node.attributes["id"] or "": node.text().strip() for node in found}


def test_a_template_is_told_of_the_site_and_of_its_page(build: Build) -> None:
    built = build(FILES, config=CONFIG)
    home = shown(built, "index.html")
    assert home["verdicts"] == (
        "supported ● supported 1 claims/#verdict-supported;wrong ✕ wrong 2 claims/#verdict-wrong;"
    )
    assert home["topics"] == (
        "draft: in/five.md in/one.md in/six.md;Europe: in/four.md in/three.md;"
        "talks: in/one.md in/six.md in/three.md in/two.md;"
    )
    assert home["explainers"].startswith(
        "Five, S & s., in/five/;Four, S & s., in/four/;Is it <so>?"
    )
    assert "Odd" not in home["explainers"]
    assert "Is it &lt;so&gt;?" in built.read("index.html")
    assert home["paragraphs"] == home["related"] == ""
    assert home["sources"] == "0:"


def test_what_a_page_treats_and_cites(build: Build) -> None:
    built = build(FILES, config=CONFIG)
    one = shown(built, "in/one/index.html")
    assert one["sources"] == "4: 1 primary 2 news 1 other"
    assert one["paragraphs"] == "1 ../../claims/#paragraph-1;3 ../../claims/#paragraph-3;"
    claims = LexborHTMLParser(built.read("claims/index.html"))
    assert claims.css_first("h2#paragraph-3") is not None
    assert claims.css_first("details > ul#verdict-wrong") is not None
    # No claim is about paragraph 2, so there is nothing to lead to.
    assert shown(built, "in/two/index.html")["paragraphs"].startswith("2")


def test_minutes_are_rounded_up(build: Build) -> None:
    """The heading has two words: 440 are read in two minutes, one more needs a third."""
    built = build(FILES, config=CONFIG)
    assert shown(built, "in/two/index.html")["minutes"] == "2"
    assert shown(built, "in/three/index.html")["minutes"] == "3"


def test_related_are_those_named_else_the_nearest(build: Build) -> None:
    built = build(FILES, config=CONFIG)
    assert shown(built, "in/five/index.html")["related"] == "in/four.md index.md"
    assert shown(built, "in/six/index.html")["related"] == ""
    # Six shares a topic and a paragraph, and nobody else that paragraph.
    assert (
        shown(built, "in/one/index.html")["related"] == "in/six.md in/three.md in/five.md in/two.md"
    )
    assert shown(built, "in/four/index.html")["related"] == "in/three.md"


def test_a_related_page_that_does_not_exist_is_named(build: Build) -> None:
    files = FILES | {"docs/in/five.md": page("Five", "draft", "5", more="related: [in/fuor.md]\n")}
    built = build(files, config=CONFIG)
    assert [line for line in built.log if "P007" in line] == [
        "mkdocs_apparatus: docs/in/five.md:1:1: P007 no page 'in/fuor.md'; "
        "did you mean 'in/four.md'?"
    ]
