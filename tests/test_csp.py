from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from mkdocs_apparatus.csp import policy, secure
from sites import Build


def hash_of(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def rule(name: str, html: str) -> list[str]:
    rules = dict(one.split(" ", 1) for one in policy(html).split("; "))
    return rules[name].split()


def test_a_page_without_scripts_allows_none_but_the_sites() -> None:
    html = "<head></head><p>Text</p>"
    assert policy(html) == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'self'"
    )


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("<script>a=1</script>", "a=1"),
        ("<SCRIPT>a=1</SCRIPT >", "a=1"),
        ('<script type="module">a()</script>', "a()"),
        ("<script>é\r\n&amp;</script>", "é\n&amp;"),
        ("<script>\n</script>", "\n"),
        ('<script data-src="x">a=1</script>', "a=1"),
    ],
)
def test_what_runs_is_allowed_by_its_text(script: str, text: str) -> None:
    assert rule("script-src", f"{script}{script}") == ["'self'", hash_of(text)]


@pytest.mark.parametrize(
    "script",
    [
        '<script src="a.js"></script>',
        '<script type="application/ld+json">{}</script>',
        '<script id=__config type=application/json>{"a": 1}</script>',
    ],
)
def test_what_does_not_run_in_the_page_needs_no_hash(script: str) -> None:
    assert rule("script-src", script) == ["'self'"]


def test_styles_in_the_page_are_allowed_by_their_text() -> None:
    html = """<style>p{}</style><td style="text-align: right;"><td style='font: &quot;a&quot;'>"""
    assert rule("style-src", "<p>") == ["'self'"]
    assert rule("style-src", html) == [
        "'self'",
        "'unsafe-hashes'",
        hash_of("p{}"),
        hash_of("text-align: right;"),
        hash_of('font: "a"'),
    ]


def test_the_policy_comes_before_what_it_is_about_and_behind_the_encoding() -> None:
    page = secure('<html><head lang=en>\n <meta charset="utf-8"><script>a=1</script></head>')
    assert re.search(r'<meta charset="utf-8">\n<meta http-equiv="Content-S[^>]*"><script>', page)
    assert "&#x27;sha256-" in page
    assert secure("<head><script>a=1</script></head>").startswith("<head>\n<meta http-equiv=")
    assert secure("no head") == "no head"


def test_pages_have_a_policy_where_it_is_asked_for(build: Build) -> None:
    files = {"docs/index.md": "# One\n"}
    tag = '<meta http-equiv="Content-Security-Policy"'
    assert tag not in build(files).read("index.html")
    built = build(files, config="plugins: [{apparatus: {csp: true}}]\n")
    assert all(built.read(path).count(tag) == 1 for path in ("index.html", "404.html"))
    assert tag not in built.read("sitemap.xml")
