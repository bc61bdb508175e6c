"""No value of any field becomes a script, a handler or an address that runs: field by context.

Every field of every format that an author may write holds words that would run if they reached a
page as they are. The pages are opened without a Content-Security-Policy: nothing of it may run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.fields import ARTICLE, CLAIM, PAGE, TERM
from mkdocs_apparatus.matter import Kind
from sites import Build, Built, serving

# What runs, by the context that it would break out of; {at} names the field.
CONTEXTS = {
    "text": "<img src=x onerror=hit('{at}')>",
    "double": "\"><img src=x onerror=hit('{at}')><b a=\"",
    "single": "'><img src=x onerror=hit('{at}')><b a='",
    "bare": " onmouseover=hit('{at}') autofocus onfocus=hit('{at}') tabindex=1 ",
    "script": "</script><script>hit('{at}')</script>",
    "comment": "--><script>hit('{at}')</script><!--",
    "address": "javascript:hit('{at}')",
    "entity": "&#x22;&gt;&lt;img src=x onerror=hit('{at}')&gt;",
    "tag": "</title></textarea></style><svg onload=hit('{at}')>",
}
BIB_FIELDS = tuple(
    word
    for line in (
        "abstract addendum annotation author authortype booksubtitle booktitle chapter date doi",
        "edition editor editortype eprint eprintclass eprinttype eventdate eventtitle howpublished",
        "institution isbn issn issue issuetitle journal journaltitle keywords langid language",
        "location maintitle month note number organization pages pagetotal pubstate publisher",
        "school series shorttitle subtitle title titleaddon titletranslation translator type url",
        "urldate archiveurl venue version volume volumes year",
    )
    for word in line.split()
)
BIB_TYPES = ("online", "article", "book", "incollection", "inproceedings", "thesis", "misc")


def quoted(value: str) -> str:
    """Return a value as YAML and JSON have it."""
    return json.dumps(value, ensure_ascii=False)


def matter(fields: dict[str, str]) -> str:
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"---\n{lines}---\n"


def bib(context: str, form: str) -> str:
    """Return entries, each with one hostile field, and one with all of them."""
    entries = []
    for number, field in enumerate(BIB_FIELDS):
        value = form.replace("{at}", f"bib.{field}.{context}")
        kind = BIB_TYPES[number % len(BIB_TYPES)]
        other = "" if field == "title" else "title = {T}, "
        entries.append(f"@{kind}{{k{number}, {other}{field} = {{{value}}}}}")
    every = ", ".join(
        f"{field} = {{{form.replace('{at}', f'bib.{field}.{context}')}}}" for field in BIB_FIELDS
    )
    return "\n".join((*entries, f"@online{{every, {every}}}"))


def value_of(kind: Kind, text: str) -> str:
    return f"[{quoted(text)}]" if kind in (Kind.TEXTS, Kind.NUMBERS) else quoted(text)


def hostile(table: dict[str, object], name: str, context: str, form: str) -> dict[str, str]:
    """Return every field of a kind of file with words that would run."""
    return {
        field: value_of(spec.kind, form.replace("{at}", f"{name}.{field}.{context}"))  # type: ignore[attr-defined]
        for field, spec in table.items()
        if spec.kind in (Kind.TEXT, Kind.TEXTS)  # type: ignore[attr-defined]
        and not spec.choices  # type: ignore[attr-defined]
        and field not in ("explainer", "source")
    }


def site(context: str, form: str) -> dict[str, str]:
    """Return a site whose every field is hostile."""

    def at(name: str) -> str:
        return form.replace("{at}", f"{name}.{context}")

    cites = " ".join(f"[@k{number}]" for number in range(len(BIB_FIELDS)))
    term = hostile(TERM, "term", context, form)
    event = term | {"kind": "event", "date": "2025-04-02", "topics": f"[{quoted(at('topic'))}]"}
    person = term | {"kind": "person", "as_of": "2025-04-02", "title": quoted(at("person"))}
    claim = hostile(CLAIM, "claim", context, form)
    page = hostile(PAGE, "page", context, form) | {"paragraphs": "[1]", "reviewed": "2026-11-24"}
    page.pop("title")  # is HTML for MkDocs and its themes, as the page's own text may be
    rows = at("cell").replace('"', '""')
    spec = {
        "title": at("figure.title"),
        "description": at("figure.description"),
        "usermeta": {"caption": at("figure.caption"), "licence": at("figure.licence")},
        "data": {"url": "../data/f.csv"},
        "mark": {"type": "bar", "tooltip": at("figure.tooltip")},
        "encoding": {
            "x": {"field": "A", "type": "nominal", "title": at("figure.axis")},
            "y": {"field": "N", "type": "quantitative"},
            "color": {"value": at("figure.colour")},
            "description": {"value": at("figure.aria")},
        },
    }
    body = f"{cites} [@every] [[t]]"
    if "<" not in form:  # which is HTML of the author's own, in Markdown
        body += f" [@every, {at('suffix')}; {at('prefix')} @every, p. 3] [[t|{at('shown')}]]"
    return {
        "docs/index.md": f"{matter(page)}\n# Home\n\n{body} [[e]] [[p]]\n\n``` figure\nf\n```\n",
        "docs/plain.md": "# Plain\n\nText [@k1].\n",
        "sources/a.bib": bib(context, form),
        "sources/glossary/t.md": f"{matter(term)}Text [@k1].\n",
        "sources/glossary/e.md": f"{matter(event)}Text [@k1].\n",
        "sources/glossary/p.md": f"{matter(person)}Text [@k1].\n",
        "sources/claims/01-c.md": matter(claim | {"paragraph": "1", "verdict": "wrong"})
        + "Text [@k1].\n",
        "sources/claims/02-d.md": matter(
            {"claim": quoted(at("claim2")), "paragraph": "1", "verdict": quoted(at("verdict"))}
        )
        + "Text [@k1].\n",
        "sources/article.md": f"{matter(hostile(ARTICLE, 'article', context, form))}",
        "sources/data/f.csv": f'A,N,source,note\n"{rows}",3,k1,"{rows}"\nb,4,k2,\n',
        "sources/figures/f.json": json.dumps(spec),
    }


# The theme writes these itself: titles are of no plugin's, and may be markup in MkDocs.
def allowed_scripts(page: LexborHTMLParser) -> list[str]:
    return [
        script.text()
        for script in page.css("script")
        if not script.attributes.get("src")
        and "json" not in (script.attributes.get("type") or "")
        and "__md" not in script.text()
        and script.attributes.get("id") != "__config"
    ]


def assert_sound(built: Built) -> None:
    """Read every page that was written, as a browser does."""
    for path in (built.folder / "site").rglob("*.html"):
        page = LexborHTMLParser(path.read_text("utf-8"))
        name = path.name
        assert not [one for one in allowed_scripts(page) if "hit(" in one], name
        for node in page.css("article *"):
            for attribute, value in node.attributes.items():
                assert not attribute.startswith("on"), (name, node.html)
                if attribute in ("href", "src", "action", "formaction", "xlink:href"):
                    assert re.match(r"(?:https?:|[#./\w-]|$)", value or ""), (name, value)
                    assert not (value or "").lower().startswith("javascript"), (name, value)
        assert not page.css('article img[src="x"], article svg[onload], article iframe'), name
        for data in page.css('script[type="application/ld+json"]'):
            json.loads(data.text())


HIT = "window.hits = []; window.hit = (at) => window.hits.push(at);"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open pages as they are; that images do not exist is meant."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("context", "style"),
    [*((context, "numeric") for context in CONTEXTS), ("double", "author-date")],
)
def test_nothing_runs(build: Build, page: Page, context: str, style: str) -> None:
    theme = "theme: {name: material, font: false}\n"
    plugins = f"plugins: [search, {{apparatus: {{style: {style}}}}}]\n"
    built = build(site(context, CONTEXTS[context]), config=f"{theme}{plugins}")
    assert_sound(built)
    page.add_init_script(HIT)
    with serving(built.folder / "site") as address:
        for path in ("", "plain/", "sources/", "glossary/", "timeline/", "claims/"):
            page.goto(f"{address}/{path}")
            page.evaluate(
                """for (const node of document.querySelectorAll("*")) {
                  for (const kind of ["mouseover", "focus", "toggle"]) {
                    node.dispatchEvent(new Event(kind, {bubbles: true}));
                  }
                }"""
            )
            for link in page.locator("article .ap-cite, article .ap-term").all()[:3]:
                link.click()
                page.keyboard.press("Escape")
            assert page.evaluate("window.hits") == [], path


def test_names_of_files_and_keys_are_text(build: Build, page: Page) -> None:
    bad = "a\"'><img src=x onerror=hit(1)>"
    built = build(
        {
            "docs/index.md": f"# Home\n\n[@ok] t\n\n``` figure\n{bad}\n```\n",
            "sources/a.bib": f"@misc{{{bad}, title = {{T}}}}\n@misc{{ok, title = {{O}}}}\n",
            f"sources/glossary/{bad}.md": "---\ntitle: t\nsummary: s\n---\n[@ok]\n",
            f"sources/claims/01-{bad}.md": "---\nclaim: c\nparagraph: 1\n---\n[@ok]",
            "sources/data/f.csv": "A,source\n1,ok\n",
            f"sources/figures/{bad}.json": json.dumps(
                {
                    "title": "T",
                    "description": "D",
                    "usermeta": {"caption": "C", "licence": "L"},
                    "data": {"url": "../data/f.csv"},
                    "mark": "bar",
                    "encoding": {"x": {"field": "A", "type": "quantitative"}},
                }
            ),
        },
        config="theme: {name: material, font: false}\n",
    )
    assert_sound(built)
    page.add_init_script(HIT)
    with serving(built.folder / "site") as address:
        for path in ("", "sources/", "glossary/", "claims/"):
            page.goto(f"{address}/{path}")
            assert page.evaluate("window.hits") == [], path


def test_the_traps_would_go_off(page: Page, tmp_path: Path) -> None:
    """What is tried above does run where a value reaches a page as it is."""
    traps = {
        "text": "{}",
        "double": '<a title="{}">',
        "single": "<a title='{}'>",
        "bare": "<a title={}>",
        "script": "<script>var a = '{}'</script>",
        "comment": "<!--{}-->",
        "tag": "<textarea>{}</textarea>",
    }
    page.add_init_script(HIT)
    with serving(tmp_path) as address:
        for context, template in traps.items():
            text = template.replace("{}", CONTEXTS[context].replace("{at}", context))
            (tmp_path / "index.html").write_text(f"<!doctype html><body>{text}", "utf-8")
            page.goto(address)
            page.evaluate(
                """for (const node of document.querySelectorAll("*")) {
                  node.dispatchEvent(new Event("mouseover"));
                }"""
            )
            page.wait_for_function("window.hits.length", timeout=5_000)
