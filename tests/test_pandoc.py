"""Pandoc is the oracle: on prose both find the same groups, keys, prefixes, suffixes and modes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pypandoc
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mkdocs_apparatus.model import Mode
from mkdocs_apparatus.syntax import find_groups
from test_syntax import grammar

Group = list[tuple[str, str, str, str]]

MODES = {
    "NormalCitation": Mode.NORMAL.value,
    "AuthorInText": Mode.AUTHOR_IN_TEXT.value,
    "SuppressAuthor": Mode.SUPPRESS_AUTHOR.value,
}
# What smart typography and the plain rendering of inner markup change.
TYPED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "--", "—": "---", "…": "..."})


def plain(inlines: list[dict[str, Any]]) -> str:
    """Write Pandoc's inlines back as they are typed."""
    return "".join(map(inline, inlines))


def inline(node: dict[str, Any]) -> str:
    kind, content = node["t"], node.get("c")
    match kind:
        case "Str":
            return content.translate(TYPED)
        case "Space" | "SoftBreak" | "LineBreak":
            return " "
        case "Code":
            return f"`{content[1]}`"
        case "Emph":
            return f"*{plain(content)}*"
        case "Strong":
            return f"**{plain(content)}**"
        case "Quoted":
            mark = '"' if content[0]["t"] == "DoubleQuote" else "'"
            return f"{mark}{plain(content[1])}{mark}"
        case "Cite":
            return plain(content[1])
        case "Link":
            return f"[{plain(content[1])}]({content[2][0]})"
        case "Image":
            return f"![{plain(content[1])}]({content[2][0]})"
        case "Math":
            return f"${content[1]}$"
        case "RawInline":
            return content[1]
    raise AssertionError(kind)


def pandoc(markdown: str) -> list[dict[str, Any]]:
    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--to=json"]
    result = subprocess.run(
        command, input=markdown, capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(result.stdout)["blocks"]


def cites(node: Any) -> Iterator[Group]:
    """Yield the groups of a part of Pandoc's tree; a citation within another's text is text."""
    if isinstance(node, dict) and node.get("t") == "Cite":
        yield [
            (
                one["citationId"],
                tidy(plain(one["citationPrefix"])),
                tidy(plain(one["citationSuffix"])),
                MODES[one["citationMode"]["t"]],
            )
            for one in node["c"][0]
        ]
    elif isinstance(node, dict):
        yield from cites(list(node.values()))
    elif isinstance(node, list):
        for child in node:
            yield from cites(child)


def tidy(text: str) -> str:
    """Take away what Pandoc's tree does not keep: spaces, escapes, the minus of an inner key."""
    text = re.sub(r"\\(?=[^\w])|`", "", text).replace("%20", " ")
    text = re.sub(r"[{}]|-(?=@)", "", text)
    return " ".join(text.split())


def ours(text: str) -> list[Group]:
    return [
        [(one.key, tidy(one.prefix), tidy(one.suffix), one.mode.value) for one in group.citations]
        for group in find_groups(text)
    ]


def theirs(texts: list[str]) -> dict[int, list[Group]]:
    """Return Pandoc's groups of each text; all are read at once, each closed off by a marker."""
    blocks = pandoc("\n\n".join(f"{text}\n\nEND{number}" for number, text in enumerate(texts)))
    groups: dict[int, list[Group]] = {}
    found: list[Group] = []
    for block in blocks:
        marker = re.fullmatch(r"END(\d+)", plain(block["c"])) if block["t"] == "Para" else None
        if marker:
            groups[int(marker[1])] = found
            found = []
        else:
            found += cites(block)
    return groups


# The manual's section "Citation syntax", and the document that Pandoc's own tests format.
PUBLISHED = [
    "Blah blah [@doe99; @smith2000; @smith2004].",
    "In @Foo_bar.baz., the key stops before the period.",
    "In @{Foo_bar.baz.}, it does not.",
    "In @Foo_bar--baz, repeated punctuation ends it.",
    "[@{https://example.com/bib?name=foobar&date=2000}, p.  33].",
    "Blah blah [see @doe99, pp. 33-35 and *passim*; @smith04, chap. 1].",
    "[@smith{ii, A, D-Z}, with a suffix]",
    "[@smith, {pp. iv, vi-xi, (xv)-(xvii)} with suffix here]",
    "[@smith{}, 99 years later]",
    "Smith says blah [-@smith04].",
    "@smith04 says blah.",
    "@smith04 [p. 33] says blah.",
    "[@nonexistent]",
    "@nonexistent",
    "@item1 says blah.",
    "@item1 [p. 30] says blah.",
    "@item1 [p. 30, with suffix] says blah.",
    "@item1 [-@item2 p. 30; see also @пункт3] says blah.",
    "A citation group [see @item1 chap. 3; also @пункт3 p. 34-35].",
    "Another one [see @item1 p. 34-35].",
    "Citation with a suffix and locator [@item1 pp. 33, 35-37, and nowhere else].",
    "Citation with suffix only [@item1 and nowhere else].",
    "With some markup [*see* @item1 p. **32**].",
    "@пункт3 [p. 12] and a citation without locators [@пункт3].",
    "Some citations [see @item1 chap. 3; @пункт3; @item2].",
    "Like a citation without author: [-@item1], and now Doe with a locator [-@item2 p. 44].",
]


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_examples(text: str) -> None:
    (found,) = theirs([text]).values()
    assert ours(text) == found


def test_examples_of_the_grammar() -> None:
    """Those that are ours on purpose are marked as such, and are none of Pandoc's."""
    for text, (same, _) in grammar().items():
        try:
            found = next(iter(theirs([text]).values()), None)
        except AssertionError:  # markup of Pandoc's own
            found = None
        assert (ours(text) == found) is same, text


PIECES = (
    # citations and their neighbourhood
    *("@a", "@b:c", "-@d", "@{e f}", "@{g/h}", "@z_1.2", "@é", "@1", "[", "]", "[", "]", ";", "; "),
    *(", p. 3", ", pp. 33-35", " chap. 1", "see ", " and ", "{p. 3}", ", "),
    # what is no prose
    *("`;]`", "``@a ` x``", " $x$", " $@a$", "<b>", "</b>", "<!-- @a -->", "[x](y)", "[x](y @a)"),
    # typography
    *("*em*", "**st**", '"w; x"', "'s", "(", ")", ".", "...", "!", "--", "-", "\\", "\\@a", "\\]"),
    *(" ", " ", "\n", "x", "word", "日本", "@", "&", "5 ", " $5 ", ":"),
)
PARAGRAPHS = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=10)
    .map(lambda pieces: "W " + "".join(pieces))
    # hard line breaks and indented lines are no prose, [[x]] is our own
    .filter(lambda text: not re.search(r"\n\s|\s\s\n|\\\n|\[\[[^]@]*\]\]", text))
    # code spans are Python-Markdown's, which tells runs of backticks by their length
    .filter(lambda text: "```" not in text)
    # reference links, TeX, and emphasis that touches emphasis: no two readers agree on these
    .filter(lambda text: not re.search(r"\]\[x|\\[\w*\[ ]|\*\*\*|\*em\*\*|@\*", text))
    # a link in a link's text: Pandoc takes the inner one's target for text
    .filter(lambda text: not re.search(r"\[[^\]]*\[x\]\(y @a\).*\]\(", text, re.DOTALL))
    # an e-mail address, as design has it; brackets that Pandoc lets end behind their end
    .filter(lambda text: not re.search(r"\w[.+_-]@[\w-]+\.\w|\]-?@", text))
)


@given(st.lists(PARAGRAPHS, min_size=250, max_size=250))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # the message names the paragraph: there is nothing to shrink
)
def test_generated_paragraphs(texts: list[str]) -> None:
    """At least 5,000 of them, whatever stands beside whatever."""
    found = theirs(texts)
    assert len(found) > 0.95 * len(texts)
    wrong = [
        (texts[number], groups, ours(texts[number]))
        for number, groups in found.items()
        if ours(texts[number]) != groups
    ]
    assert wrong[:3] == []


@pytest.mark.parametrize(
    ("text", "their", "our"),
    [
        ("See https://x.com/@user.", ["user"], []),
        ("See [page](https://x.com/@user).", [], []),
        ("See [a [page](x @user) b](y).", ["user"], []),
        ("Mail a.b-@c.org.", ["c.org"], []),
        ("Raw <code>@a</code>.", ["a"], []),
        ("A term [[alpha]], not a citation.", [], []),
        ("At @a [[[x]]] a link.", ["a"], ["a"]),
        ("W [x]-@a]", ["a"], ["a"]),
    ],
)
def test_differences_are_on_purpose(text: str, their: list[str], our: list[str]) -> None:
    def keys(groups: list[Group]) -> list[str]:
        return [one[0] for group in groups for one in group]

    (found,) = theirs([text]).values()
    assert keys(found) == their
    assert keys(ours(text)) == our
