from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_apparatus.locator import Suffix, read_suffix


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        ("", Suffix()),
        (", p. 3", Suffix("p. 3")),
        (", pp. 33-35 and *passim*", Suffix("pp. 33–35", rest="and *passim*")),
        (", chap. 1", Suffix("chap. 1")),
        ("chap. 3", Suffix("chap. 3")),
        (" pp. 33, 35-37, and nowhere else", Suffix("pp. 33, 35–37", rest="and nowhere else")),
        (" and nowhere else", Suffix(rest="and nowhere else")),
        ("{ii, A, D-Z}, with a suffix", Suffix("ii, A, D–Z", True, rest="with a suffix")),
        (", {pp. iv, vi-xi, (xv)-(xvii)} with suffix here",
         Suffix("pp. iv, vi–xi, (xv)–(xvii)", rest="with suffix here")),
        ("{}, 99 years later", Suffix(rest="99 years later")),
        (", 33", Suffix("33", True)),
        (", 33--35", Suffix("33–35", True)),
        (", 1:02:33", Suffix("1:02:33", False)),
        (", § 4", Suffix("§ 4")),
        (", §§ 4-5", Suffix("§§ 4–5")),
        (", par. 2", Suffix("par. 2")),
        (", sec. 12a", Suffix("sec. 12a")),
        (", s.v. 3", Suffix("s.v. 3")),
        (", Page 3", Suffix("Page 3")),
        (", vol. II", Suffix("vol. II")),
        (", press release", Suffix(rest="press release")),
        (", mild words", Suffix(rest="mild words")),
        (", i think", Suffix(rest="i think")),
        (', "a few words"', Suffix(passage="a few words")),
        (', p. 3, “a\nfew  words”', Suffix("p. 3", passage="a few words")),
        (', "a; b", my translation', Suffix(passage="a; b", rest="my translation")),
        (', translated, "a b"; more', Suffix(passage="a b", rest="translated, more")),
        (', ""', Suffix(rest='""')),
        (', 5 years on, "w"', Suffix("5", True, "w", "years on")),
    ],
)  # fmt: skip
def test_read_suffix(suffix: str, expected: Suffix) -> None:
    assert read_suffix(suffix) == expected


@given(st.text())
def test_no_word_is_lost(suffix: str) -> None:
    read = read_suffix(suffix)
    shown = f"{read.locator} {read.passage} {read.rest}"
    for word in suffix.replace("-", " ").replace("–", " ").split():
        bare = word.strip(' ,;"“”{}')
        assert bare in shown or not bare.isalnum()


@pytest.mark.parametrize(
    "unit", ["1,", "(1", "1-", "i", "i,", '"', "{", "p. ", "1.", "1:", "s. v "]
)
def test_time_grows_with_the_text(unit: str) -> None:
    start = time.perf_counter()
    read_suffix(f", p. {unit * 20_000}")
    read_suffix(unit * 20_000)
    assert time.perf_counter() - start < 2
