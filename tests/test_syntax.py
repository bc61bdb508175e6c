from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_apparatus import syntax
from mkdocs_apparatus.model import Literal, Mode, TermLink
from mkdocs_apparatus.syntax import find_groups, scan

N, A, S = Mode.NORMAL, Mode.AUTHOR_IN_TEXT, Mode.SUPPRESS_AUTHOR


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("[@a]", [[("a", "", "", N)]]),
        ("[see @a, p. 3]", [[("a", "see", ", p. 3", N)]]),
        ("[@a; see @b]", [[("a", "", "", N), ("b", "see", "", N)]]),
        ("[-@a]", [[("a", "", "", S)]]),
        ("@a says", [[("a", "", "", A)]]),
        ("@a [p. 3]", [[("a", "", "p. 3", A)]]),
        ("@a [p. 3; @b]", [[("a", "", "p. 3", A), ("b", "", "", N)]]),
        ("@a [@b]", [[("a", "", "", A), ("b", "", "", N)]]),
        ("@a [x](y)", [[("a", "", "", A)]]),
        ("@a.", [[("a", "", "", A)]]),
        ("@a:b.c/d_e-f, x", [[("a:b.c/d_e-f", "", "", A)]]),
        ("@{https://x.org/a?b}", [[("https://x.org/a?b", "", "", A)]]),
        ("[@a][@b]", [[("a", "", "", N)], [("b", "", "", N)]]),
        ("[@a](x)", [[("a", "", "", A)]]),
        ("[@a; no key]", [[("a", "", "", A)]]),
        ("(@a)", [[("a", "", "", A)]]),
        ("[`@x` @a]", [[("a", "`@x`", "", N)]]),
        ("[@a, `]`; @b]", [[("a", "", ", `]`", N), ("b", "", "", N)]]),
        ("a@b c@d.org", []),
        ("http://x/@a", []),
        ("<a@b.c> <http://x/@a>", []),
        ("`@a` ``x ` @a``", []),
        ("$@a$ and $$ @a $$", []),
        ("<!-- @a -->", []),
        ("<code>@a</code>", []),
        ("\\@a", []),
        ("[[@a]]", [[("a", "", "", N)]]),
        ("", []),
        ("[@]", []),
        ("@", []),
        ("[@a", [[("a", "", "", A)]]),
        ("@a]", [[("a", "", "", A)]]),
    ],
)
def test_groups(text: str, groups: list[list[tuple[str, str, str, Mode]]]) -> None:
    found = [[(c.key, c.prefix, c.suffix, c.mode) for c in g.citations] for g in find_groups(text)]
    assert found == groups


GRAMMAR = Path(__file__).with_name("grammar.txt")


def grammar() -> dict[str, tuple[bool, list[str]]]:
    """Return the texts of the grammar's examples: whether Pandoc agrees, and what they hold.

    A line is a text, ⏎ and ⇥ for a line break and a tab; ≠ begins one that Pandoc reads otherwise.
    """
    examples: dict[str, tuple[bool, list[str]]] = {}
    text = ""
    for line in GRAMMAR.read_text("utf-8").splitlines():
        if line.startswith("    "):
            examples[text][1].append(line.strip())
        else:
            text = line.removeprefix("≠ ").replace("⏎", "\n").replace("⇥", "\t")
            examples[text] = (not line.startswith("≠ "), [])
    return examples


def written(text: str) -> list[str]:
    """Return the tokens of a text as the examples have them, those in an image behind a "!"."""
    return [f"{'!' * found.in_image}{_written(found.token)}" for found in scan(text)]


def _written(token: syntax.Token) -> str:
    if isinstance(token, Literal):
        return f"literal {token.typed}"
    if isinstance(token, TermLink):
        return f"{'plain' if token.plain else 'term'} {token.target} | {token.shown}"
    signs = {N: "@", A: "as text @", S: "-@"}
    cited = (f"({one.prefix}) {signs[one.mode]}{one.key} ({one.suffix})" for one in token.citations)
    return f"{token.typed!r}: {'; '.join(cited)}"


@pytest.mark.parametrize("text", grammar())
def test_examples_are_read_as_they_should_be(text: str) -> None:
    assert written(text) == grammar()[text][1]
    signs = [citation.at for group in find_groups(text) for citation in group.citations]
    assert signs == sorted(set(signs))
    assert all(text[at] == "@" for at in signs)


@pytest.mark.parametrize(
    ("text", "target", "shown", "plain"),
    [
        ("[[a]]", "a", "a", False),
        ("[[a b|c d]]", "a b", "c d", False),
        ("[[a\\|c]]", "a", "c", False),
        ("[[!a]]", "a", "a", True),
        ("[[a\nb]]", "a b", "a b", False),
    ],
)
def test_terms(text: str, target: str, shown: str, plain: bool) -> None:
    (found,) = scan(text)
    assert isinstance(found.token, TermLink)
    assert (found.token.target, found.token.shown, found.token.plain) == (target, shown, plain)


@pytest.mark.parametrize("text", ["[[ ]]", "[[]]", "[[a\n\nb]]", "`[[a]]`", "[[a", "\\[[a]]"])
def test_no_terms(text: str) -> None:
    assert not scan(text)


BITS = [
    "@a",
    "-@b",
    "[",
    "]",
    ";",
    "[[",
    "]]",
    "`",
    "``",
    "\\",
    "$",
    "<",
    ">",
    "(",
    ")",
    "{",
    "}",
    "<!--",
    "-->",
    "<code>",
    "</code>",
    "|",
    "!",
    "x",
    "é",
    "://",
    '"',
    "'",
    ".",
    "[@a",
    "{:",
    "@{",
]
PIECES = st.lists(st.sampled_from([*BITS, " ", "\n"])).map("".join)


@given(PIECES | st.text())
@settings(max_examples=1000, deadline=None)
def test_tokens_stand_in_order_and_as_typed(text: str) -> None:
    """Whatever is typed: no crash, no overlap, and each token is a piece of the text."""
    end = 0
    for found in scan(text):
        assert end <= found.start < found.end <= len(text)
        end = found.end
        if hasattr(found.token, "start"):
            assert text[found.start : found.end] == found.token.typed
    for group in find_groups(text):
        assert all(text[citation.at] == "@" for citation in group.citations)


@pytest.mark.parametrize(
    "unit", [*BITS, "``` ` ", "<a ", '<a "', "](", "[](", "[[a", "[x] ", "@a ["]
)
def test_time_grows_with_the_text(unit: str) -> None:
    """Ten times the text may take some thirty times the time, never a hundred."""

    def seconds(times: int) -> float:
        text = unit * times + " @end"
        best = 1e9
        for _ in range(3):
            start = time.perf_counter()
            scan(text)
            best = min(best, time.perf_counter() - start)
        return best

    small, large = seconds(1_000), seconds(10_000)
    assert large < 40 * small + 0.05


PIECES = st.sampled_from(
    [
        "@a",
        "-@a",
        "[",
        "]",
        "; ",
        ";",
        ", p. 3",
        ", ",
        " ",
        "a",
        ".",
        "*",
        "_",
        "(",
        "{",
        "}",
        '"',
        "'",
        "--",
        "@b:c.d",
        "@b-c",
        "-",
        "see ",
        "\\",
        "`",
        "@",
        "[@a]",
        "[@a; -@b, 33-35]",
        "[[t]]",
        "[[t|some words]]",
        "[[!t]]",
        "![",
        "(x)",
        "\n",
        "@a.",
        " @a [p. 3]",
        "[@a][@b]",
    ]
)


@settings(max_examples=2_000, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_short_way_through_plain_groups_finds_the_same(text: str) -> None:
    short = scan(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(syntax, "may_be_opaque", lambda _: True)
        assert scan(text) == short
        patch.setattr(syntax, "_PLAIN", re.compile(r"(?!)"))
        assert scan(text) == short
