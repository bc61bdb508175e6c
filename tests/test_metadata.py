from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.bib import read_sources
from mkdocs_apparatus.entries import read_entries
from mkdocs_apparatus.export import to_bibtex, to_csl, to_ris
from mkdocs_apparatus.file import File
from mkdocs_apparatus.metadata import PageFacts, as_source, cite_this, json_ld, meta_tags, work
from mkdocs_apparatus.model import Diagnostic, Name, Source, Span
from mkdocs_apparatus.style import address
from mkdocs_apparatus.words import load

PAGE = PageFacts(
    title="Rivers & lakes",
    site="A Site",
    url="https://a.example/water/rivers/",
    description="Where they rise.",
    authors=("van der Berg, Jan", "The contributors"),
    published="2025-04-02",
    modified="2026-11-24",
    language="en",
    licence="https://creativecommons.org/licenses/by/4.0/",
)
BARE = PageFacts(title="Rivers")
SOURCE = Source(
    "a",
    "online",
    "Реки",
    Span(""),
    authors=(Name("Berg", "Jan", "van der", "Jr."), Name("World Bank")),
    publisher="Press",
    date="2025-04",
    doi="10.1000/x<y",
    language="russian",
)


def cited(page: PageFacts, language: str = "en") -> str:
    return "".join(part.text for part in cite_this(page, load(language)))


def test_the_tags_that_google_scholar_and_zotero_read() -> None:
    assert meta_tags(PAGE) == (
        ("citation_title", "Rivers & lakes"),
        ("citation_author", "van der Berg, Jan"),
        ("citation_author", "The contributors"),
        ("citation_publication_date", "2025/04/02"),
        ("citation_online_date", "2026/11/24"),
        ("citation_public_url", "https://a.example/water/rivers/"),
        ("citation_language", "en"),
        ("og:site_name", "A Site"),
        ("z:itemType", "webpage"),
    )


def test_nothing_is_invented() -> None:
    assert meta_tags(BARE) == (("citation_title", "Rivers"), ("z:itemType", "webpage"))
    assert json.loads(json_ld(BARE, ())) == {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": "Rivers",
    }
    assert cited(BARE) == "“Rivers”."
    assert as_source(BARE).fields == (("title", "Rivers"),)


@pytest.mark.parametrize(
    ("published", "modified", "publication", "online"),
    [
        ("2025-04-02", "", "2025/04/02", "2025/04/02"),
        ("2025-04", "", "2025", "2025"),  # a full date or a year alone, say the guidelines
        ("", "2026-11-24", "", "2026/11/24"),
    ],
)
def test_dates_are_full_or_a_year(
    published: str, modified: str, publication: str, online: str
) -> None:
    tags = dict(meta_tags(replace(PAGE, published=published, modified=modified)))
    assert tags.get("citation_publication_date", "") == publication
    assert tags["citation_online_date"] == online


def test_json_ld_says_what_a_page_is_and_what_it_rests_on() -> None:
    assert json.loads(json_ld(PAGE, [work(SOURCE)])) == {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": "Rivers & lakes",
        "description": "Where they rise.",
        "author": [
            {"@type": "Person", "name": "Jan van der Berg"},
            {"@type": "Organization", "name": "The contributors"},
        ],
        "datePublished": "2025-04-02",
        "dateModified": "2026-11-24",
        "inLanguage": "en",
        "url": "https://a.example/water/rivers/",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "isPartOf": {"@type": "WebSite", "name": "A Site"},
        "citation": ["https://doi.org/10.1000/x%3Cy"],
    }


def test_json_ld_is_the_same_every_time() -> None:
    other = replace(SOURCE, key="b", title="Other", url="", doi="")
    written = json_ld(PAGE, [work(SOURCE), work(other)])
    assert written == json_ld(replace(PAGE), iter([work(replace(SOURCE)), work(other)]))
    assert json.loads(written)["citation"] == ["https://doi.org/10.1000/x%3Cy", "Other"]
    assert written.index('"@context"') < written.index('"author"') < written.index('"url"')


def test_a_licence_without_an_address_is_a_name() -> None:
    licence = json.loads(json_ld(replace(PAGE, licence="CC BY 4.0"), ()))["license"]
    assert licence == {"@type": "CreativeWork", "name": "CC BY 4.0"}


def test_an_address_that_is_none_is_left_out() -> None:
    page = replace(PAGE, url="javascript:alert(1)")
    assert "citation_public_url" not in dict(meta_tags(page))
    assert "url" not in json.loads(json_ld(page, ()))
    assert not [part for part in cite_this(page) if part.href]
    assert "url" not in dict(as_source(page).fields)


HOSTILE = st.lists(
    st.sampled_from(
        ["</script>", "</SCRIPT ", "<!--", "-->", "<script", "]]>", "&lt;", "\u2028", "\u2029", '"']
    )
    | st.sampled_from(
        ["\\", "\\u003c", "'", "\x00", "\n", "Ж", "{", "}", "%", "&", "#", ", ", " and "]
    )
    | st.text(max_size=4)
).map("".join)
DATES = st.sampled_from(["", "2025", "2025-04", "2025-04-02"])
PAGES = st.builds(
    PageFacts,
    title=HOSTILE,
    site=HOSTILE,
    url=HOSTILE | HOSTILE.map("https://a.example/{}".format),
    description=HOSTILE,
    authors=st.lists(HOSTILE.map("x{}".format), max_size=3).map(tuple),
    published=DATES,
    modified=DATES,
    language=st.sampled_from(["", "en", "ru"]) | HOSTILE,
    licence=HOSTILE,
)
SOURCES = st.builds(
    Source,
    key=HOSTILE,
    type=st.just("misc"),
    title=HOSTILE,
    span=st.just(Span("")),
    authors=st.lists(st.builds(Name, HOSTILE, HOSTILE), max_size=2).map(tuple),
    publisher=HOSTILE,
    date=DATES,
    doi=HOSTILE,
    url=HOSTILE,
    language=HOSTILE,
)


@given(PAGES, st.lists(SOURCES, max_size=2))
@settings(max_examples=300, deadline=None)
def test_whatever_facts_hold_json_ld_stays_in_its_script(
    page: PageFacts, sources: list[Source]
) -> None:
    written = json_ld(page, map(work, sources))
    assert not set(written) & set("<>&\u2028\u2029\n")
    read = json.loads(written)
    assert read.get("headline", "") == page.title
    assert read.get("description", "") == page.description
    works = read.get("citation", [])
    assert works == [address(one) or one.title or one.key for one in sources]
    html = f'<script type="application/ld+json">{written}</script><p>after</p>'
    tree = LexborHTMLParser(html)
    scripts = tree.css("script")
    assert len(scripts) == 1
    assert [node.text() for node in tree.css("p")] == ["after"]
    if "\x00" not in written:  # JSON has it as \u0000
        assert json.loads(scripts[0].text(deep=True)) == read


def test_how_to_cite_a_page() -> None:
    assert cited(PAGE) == (
        "Jan van der Berg and The contributors. “Rivers & lakes”. A Site, 24 November 2026, "
        "https://a.example/water/rivers/."
    )
    assert "Berg und The contributors. " in cited(PAGE, "de")
    three = replace(PAGE, authors=("A, B", "C, D", "E Co."))
    assert cited(three).startswith("B A, D C and E Co. “")
    links = {part.role: part.href for part in cite_this(PAGE) if part.href}
    assert links == {"address": "https://a.example/water/rivers/"}


def test_a_page_is_exported_like_a_source() -> None:
    assert to_bibtex([as_source(PAGE)]) == (
        "@online{a-site-water-rivers,\n"
        "  author       = {van der Berg, Jan and {The contributors}},\n"
        "  title        = {Rivers \\& lakes},\n"
        "  organization = {A Site},\n"
        "  date         = {2026-11-24},\n"
        "  url          = {https://a.example/water/rivers/},\n"
        "  langid       = {english}\n"
        "}\n"
    )
    assert "TI  - Rivers & lakes\r\nPB  - A Site\r\n" in to_ris([as_source(PAGE)])
    assert json.loads(to_csl([as_source(PAGE)]))[0]["author"][1] == {"literal": "The contributors"}


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://a.example/", "a-site"),
        ("https://a.example/repo/water/rivers.html", "a-site-repo-water-rivers"),
        ("https://a.example/ru/реки/index.html", "a-site-ru-реки"),
        ("https://[", "a-site-rivers-lakes"),
        ("", "a-site-rivers-lakes"),
    ],
)
def test_a_page_has_its_key_from_site_and_path(url: str, key: str) -> None:
    assert as_source(replace(PAGE, url=url)).key == key


@given(PAGES)
@settings(max_examples=300, deadline=None)
def test_whatever_facts_hold_the_entry_of_a_page_reads_back(page: PageFacts) -> None:
    source = as_source(page)
    problems: list[Diagnostic] = []
    file = File("a.bib", to_bibtex([source]), problems)
    (read,) = read_sources(read_entries(file))
    assert read.key == source.key
    assert read.date == source.date
    assert not [one for one in problems if one.code == "S001"]
    assert len(read.authors) == len(page.names)


def test_a_title_full_of_latex_reads_back() -> None:
    title = r"100 % of {A} & B_c #1 $5 ~ ^ \end"
    text = to_bibtex([as_source(replace(PAGE, title=title, language=""))])
    run = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", "biblatex", "-t", "csljson"],
        input=text.encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    (item,) = json.loads(run.stdout)
    assert (item["title"].casefold(), run.stderr) == (title.casefold(), b"")
