"""Which plain words become links to terms, and that nothing else changes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.autolink import find_words, link_terms, plant
from mkdocs_apparatus.marks import split, without_marks, write_mark
from mkdocs_apparatus.model import Span, Term, TermLink
from mkdocs_apparatus.terms import index_names, plural
from sites import EXTENSIONS, Build, convert, write


def term(title: str, *aliases: str, slug: str = "", **more: object) -> Term:
    name = slug or re.sub(r"\W+", "-", title.lower())
    return Term(name, title, Span(""), aliases=aliases, **more)  # type: ignore[arg-type]


TERMS = (
    term("reset", "перезагрузка", forms=("перезагрузки",)),
    term("reset button"),
    term("WHO", "World Health Organization"),
    term("who"),
    term("New START"),
    term("R&D"),
    term("cease-fire", "truce"),
    term("policy"),
    term("C++"),
    term("draft", autolink=False),
    term("Russia–US talks", "day’s work"),
    term("OTAN"),
    term("copy", "span", "nbsp"),
)


@settings(max_examples=1_000)
@given(
    st.lists(
        st.text(max_size=6)
        | st.sampled_from(
            ["<b>", "“", "’s", "x_1", "²", "é", "e\u0301", "слово", "a\u00a0b", "_", write_mark(12)]
        )
    ).map("".join)
)
def test_words_are_those_of_the_regular_expression(text: str) -> None:
    assert find_words(text) == re.findall(r"\w+", without_marks(text, " "))


def test_text_of_very_many_signs_has_its_words_found() -> None:
    signs = "".join(map(chr, range(0x2190, 0x2400)))
    text = "one " + " ".join(f"{sign}w{at}{sign}" for at, sign in enumerate(signs))
    assert find_words(text) == re.findall(r"\w+", text)


def linked(html: str, mode: str = "all", terms: tuple[Term, ...] = TERMS) -> str:
    """Return HTML with links written as [words](slug)."""
    names = index_names(terms)
    found, marks = link_terms(html, (), plant(terms), mode, names)
    pieces = split(found, marks)
    return pieces.join(
        [f"[{one.shown}]({one.target})" for one in pieces.marks if isinstance(one, TermLink)]
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # forms
        ("<p>A reset here</p>", "<p>A [reset](reset) here</p>"),
        ("<p>Two resets</p>", "<p>Two [resets](reset)</p>"),
        (
            "<p>The reset's end, the reset’s end</p>",
            "<p>The [reset](reset)'s end, the [reset](reset)’s end</p>",
        ),
        ("<p>policies</p>", "<p>[policies](policy)</p>"),
        ("<p>resetting, preset, reset_x, resets2</p>", None),
        ("<p>эпоха перезагрузки</p>", "<p>эпоха [перезагрузки](reset)</p>"),
        ("<p>перезагрузкой</p>", None),
        # case
        ("<p>Reset it. Reset. A Reset.</p>", "<p>[Reset](reset) it. [Reset](reset). A Reset.</p>"),
        ("<p>Who asks the WHO?</p>", "<p>[Who](who) asks the [WHO](who)?</p>"),
        ("<p>the RESET</p>", None),
        ("<p>“Reset” and (Reset)</p>", "<p>“[Reset](reset)” and (Reset)</p>"),
        ("<p><em>Reset</em></p>", "<p><em>[Reset](reset)</em></p>"),
        # several words
        ("<p>a reset button</p>", "<p>a [reset button](reset-button)</p>"),
        ("<p>a reset\nbutton</p>", "<p>a [reset\nbutton](reset-button)</p>"),
        ("<p>a reset&nbsp;button</p>", "<p>a [reset\u00a0button](reset-button)</p>"),
        (
            "<p>a reset-button, reset\u2011buttons</p>",
            "<p>a [reset-button](reset-button), [reset\u2011buttons](reset-button)</p>",
        ),
        ("<p>a ceasefire, a cease fire</p>", "<p>a ceasefire, a [cease fire](cease-fire)</p>"),
        ("<p>New START</p>", "<p>[New START](new-start)</p>"),
        ("<p>new START</p>", None),
        ("<p>a <em>reset</em> button</p>", "<p>a <em>[reset](reset)</em> button</p>"),
        ("<p>Russia–US talks</p>", "<p>[Russia–US talks](russia-us-talks)</p>"),
        ("<p>a day’s work</p>", "<p>a [day’s work](russia-us-talks)</p>"),
        # signs
        ("<p>R&amp;D</p>", "<p>[R&D](r-d)</p>"),
        ("<p>C++, C</p>", "<p>[C++](c-), C</p>"),
        ("<p>&copy; copy &amp;nbsp;</p>", "<p>&copy; [copy](copy) &amp;nbsp;</p>"),
        # part of something else
        ("<p>pre-reset, reset-era, reset.org, a/reset, @reset, #reset, reset/x, O’reset</p>", None),
        ("<p>l’OTAN, L'OTAN, x’OTAN</p>", "<p>l’[OTAN](otan), L'[OTAN](otan), x’OTAN</p>"),
        # where no link may be
        ("<p><a href='/'>reset</a></p>", None),
        ("<h2 id='reset'>reset</h2>", None),
        ("<p><code>reset</code></p><pre><code>reset</code></pre>", None),
        ("<p><img alt='reset' src='reset.png' title=\"a reset\"></p>", None),
        ("<p><abbr title='reset'>reset</abbr></p>", None),
        ("<!-- reset --><p>x</p>", None),
        ("<p>x</p><!-- reset", None),
        ("<script>reset</script><style>reset</style><kbd>reset</kbd>", None),
        ('<p class="admonition-title">reset</p>', None),
        ('<p><span class="arithmatex">\\(reset\\)</span></p>', None),
        ("<p><a id='x'/>reset</p>", "<p><a id='x'/>[reset](reset)</p>"),
        (
            "<p><a href='/'><em>reset</em> reset</a> reset</p>",
            "<p><a href='/'><em>reset</em> reset</a> [reset](reset)</p>",
        ),
        ("<blockquote><p>reset</p></blockquote>", "<blockquote><p>[reset](reset)</p></blockquote>"),
        (
            "<table><tr><td>reset</td></tr></table>",
            "<table><tr><td>[reset](reset)</td></tr></table>",
        ),
        ("<p>a draft</p>", None),
        ("reset", "[reset](reset)"),
        ("", None),
    ],
)
def test_plain_words(html: str, expected: str | None) -> None:
    assert linked(html) == (html if expected is None else expected)


def test_a_word_of_two_terms_is_left_alone_and_reported_once(tmp_path: Path) -> None:
    names = {"strike": "Strike, strike", "walkout": "strike, Strike", "basis": "bases", "base": ""}
    files = {
        f"sources/glossary/{slug}.md": f"---\ntitle: {slug}\naliases: [{aliases}]\nsummary: S.\n"
        "---\nB.\n"
        for slug, aliases in names.items()
    }
    write(tmp_path, files)
    html, findings = convert(tmp_path, "a strike, strikes, walkouts, bases, [[strike]]")
    assert re.findall(r'href="#term-(\w+)">', html.partition("<section")[0]) == [
        "walkout",
        "strike",
    ]
    assert [one for one in findings if "T002" in one] == [
        "sources/glossary/basis.md:1:1: T002 'bases' could mean 'base' or 'basis': "
        "plain words are not linked, and [[bases]] means 'basis'",
        "sources/glossary/walkout.md:1:1: T002 'strike' could mean 'strike' or 'walkout': "
        "plain words are not linked, and [[strike]] means 'strike'",
    ]


def test_modes() -> None:
    html = "<h1>T</h1><p>reset reset</p><h2>reset</h2><p>reset reset</p>"
    assert linked(html, "first").count("[") == 1
    assert linked(html, "section").count("[") == 2
    assert linked(html, "all").count("[") == 4


@pytest.mark.parametrize(
    ("name", "several"),
    [("bus", "buses"), ("day", "days"), ("city", "cities"), ("church", "churches"), ("US", "")],
)
def test_plurals(name: str, several: str) -> None:
    assert plural(name) == several


FILES = {
    "sources/a.bib": "@misc{one, title = {A}, publisher = {B}}\n",
    "sources/glossary/alpha.md": "---\ntitle: alpha\naliases: [the first]\nsummary: A letter.\n"
    "---\nAn alpha before beta [@one].\n",
    "sources/glossary/beta.md": "---\ntitle: beta\nsummary: B.\n---\nBeta after alpha, beta.\n",
}


def case(folder: Path, page: str) -> str:
    write(folder, FILES)
    return convert(folder, page)[0].partition("<section")[0].strip()


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("alpha, alphas", "[alpha], alphas"),
        ("[[!alpha]], alpha", "alpha, [alpha]"),
        ("[[alpha]] and alpha", "[alpha] and alpha"),
        ("alpha and [[alpha]]", "[alpha] and [alpha]"),
        ("[[Alpha]], [[alphas]], [[alpha's]]", "[Alpha], [alphas], [alpha's]"),
        ("[[alpha|the letter]] alpha", "[the letter] alpha"),
        ("![alpha](x.png) alpha", " [alpha]"),
        ("[alpha](x.md) alpha", "alpha [alpha]"),
        ("**alpha** alpha", "[alpha] alpha"),
        ("`alpha` alpha", "alpha [alpha]"),
        ('[@one, "alpha in a passage"] alpha', "[1] [alpha]"),
        ("# alpha\n\nalpha", "alpha\n[alpha]"),
    ],
)
def test_in_markdown(tmp_path: Path, page: str, shown: str) -> None:
    html = re.sub(r'<a class="ap-term"[^>]*>(.*?)</a>', r"[\1]", case(tmp_path, page))
    assert LexborHTMLParser(html).body.text() == shown  # type: ignore[union-attr]


def test_an_entry_does_not_link_to_itself(build: Build) -> None:
    built = build(FILES | {"docs/index.md": "# A\n\nalpha\n"}, strict=True)
    page = LexborHTMLParser(built.read("glossary/index.html"))
    links = {
        node.attributes["id"]: [link.text() for link in node.css("p > .ap-term")]
        for node in page.css(".ap-entry")
    }
    assert links == {"term-alpha": ["beta"], "term-beta": ["alpha"]}


def test_a_page_may_do_without(build: Build) -> None:
    docs = {
        "docs/index.md": "---\nautolink: off\n---\n# A\n\nalpha\n",
        "docs/b.md": "---\nautolink: all\n---\n# B\n\nalpha alpha\n",
    }
    built = build(FILES | docs, strict=True)
    assert "ap-term" not in built.read("index.html")
    assert built.read("b/index.html").count('class="ap-term"') == 2


@pytest.mark.parametrize("off", ["off", '"off"', "false"])
def test_a_site_may_do_without(build: Build, off: str) -> None:
    plugins = f"plugins: [search, apparatus: {{autolink: {off}}}]\n"
    built = build(FILES | {"docs/index.md": "# A\n\nalpha\n"}, strict=True, config=plugins)
    assert not built.aborted, built.log
    assert "ap-term" not in built.read("index.html")


WORDS = st.sampled_from(
    ["reset", "Reset", "resets", "button", "WHO", "who", "New", "START", "truce", "x", "R&D", "c"]
)
WRAPS = st.sampled_from(
    [
        "{}",
        "**{}**",
        "*{}*",
        "`{}`",
        "[{}](x.md)",
        "# {}",
        "- {}",
        "> {}",
        "![{}](a.png)",
        "<b>{}</b>",
        "$ {} $",
        "[[reset|{}]]",
        "\\* {}",
        "    {}",
        "```\n{}\n```",
        "{} &amp; &nbsp;{}",
        "| {} | b |\n| --- | --- |\n| c | d |",
        "{}[^1]\n\n[^1]: {}",
        "<!-- {} -->",
    ]
)
DOCUMENTS = st.lists(
    st.tuples(WRAPS, st.lists(WORDS, min_size=1, max_size=5).map(" ".join)), max_size=8
).map(lambda blocks: "\n\n".join(wrap.replace("{}", words) for wrap, words in blocks))


@settings(max_examples=300, deadline=None)
@given(
    DOCUMENTS, st.permutations(TERMS), st.integers(0, len(TERMS)), st.sampled_from(["first", "all"])
)
def test_terms_change_links_and_nothing_else(
    document: str, terms: list[Term], count: int, mode: str
) -> None:
    html = markdown.markdown(document, extensions=list(EXTENSIONS))
    chosen = tuple(terms[:count])
    names = index_names(chosen)
    found, marks = link_terms(html, (), plant(chosen), mode, names)
    pieces = split(found, marks)
    assert all(isinstance(one, TermLink) for one in pieces.marks)
    plain = [one.shown for one in pieces.marks if isinstance(one, TermLink)]
    assert parsed(pieces.join(plain)) == parsed(html)
    before, after = LexborHTMLParser(html), LexborHTMLParser(pieces.join(["\x00"] * len(plain)))
    for name in ("code", "h1", "a", "pre", "img"):
        assert [node.html for node in before.css(name)] == [node.html for node in after.css(name)]
    again = index_names(tuple(sorted(chosen, key=lambda one: one.slug)))
    assert {key: names[key] for key in names} == again


def parsed(html: str) -> str:
    """Return HTML as a browser has it: &nbsp; and the character are the same."""
    return LexborHTMLParser(html).html or ""


def test_time_is_linear_in_text_and_hardly_grows_with_terms() -> None:
    def seconds(count: int, terms: int) -> float:
        many = tuple(term(f"word{number} thing") for number in range(terms))
        names = index_names(many)
        tree = plant(many)
        html = "<p>" + "some words and word7 thing, and <em>more</em> of it. " * count + "</p>"
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            link_terms(html, (), tree, "all", names)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(4_000, 100) < 3 * seconds(2_000, 100)
    assert seconds(2_000, 4_000) < 3 * seconds(2_000, 10)


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<!--", "reset ", '<span class="arithmatex">', "reset<", "R&amp;", "<a>", "New "],
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    names = index_names(TERMS)
    start = time.process_time()
    link_terms(piece * 50_000, (), plant(TERMS), "all", names)
    assert time.process_time() - start < 5
