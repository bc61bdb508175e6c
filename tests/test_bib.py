from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_apparatus.bib import iso_date, read_bib, safe_url
from mkdocs_apparatus.file import File
from mkdocs_apparatus.model import Diagnostic, Source


def read(text: str) -> tuple[list[Source], list[Diagnostic]]:
    problems: list[Diagnostic] = []
    return list(read_bib(File("a.bib", text, problems))), problems


@pytest.mark.parametrize(
    ("broken", "line", "words"),
    [
        ("@misc{bad, title = {x} year = 2020}", 2, "a comma between two fields"),
        ("@misc{bad,\n  title = {x},\n  year = 2020 url = {y}}", 4, "a comma between two fields"),
        ("@misc{bad, title = {never closed", 2, "a closing brace"),
        ("@misc{bad, title = {x}, year = soon}", 2, "'soon' is neither in braces"),
        ("@misc{bad, title = {x}, title = {y}}", 2, "bad"),
        ("@misc{, title = {x}}", 2, "@misc"),
        ("@misc{bad, title = }", 2, "bad"),
    ],
)
def test_a_broken_entry_costs_itself_alone(broken: str, line: int, words: str) -> None:
    good = "@misc{one, title = {One}, year = 2001}\n%s\n@misc{two, title = {Two}}\n"
    sources, problems = read(good % broken)
    assert [source.key for source in sources] == ["one", "two"]
    assert [(one.code, one.span.line) for one in problems] == [("S001", line)]
    assert words in problems[0].message


def test_a_bomb_of_strings_is_refused() -> None:
    lines = ['@string{a0 = "aaaaaaaa"}']
    lines += [f"@string{{a{n} = a{n - 1} # a{n - 1}}}" for n in range(1, 30)]
    sources, problems = read("\n".join([*lines, "@misc{x, title = a29}", "@misc{y, title = {Y}}"]))
    assert [source.key for source in sources] == ["y"]
    assert all(one.code == "S001" for one in problems)
    assert len(problems) < 40


def test_strings_are_filled_in() -> None:
    sources, problems = read('@string{p = "A Paper"}\n@misc{x, title = p # " of " # may}')
    assert (sources[0].title, problems) == ("A Paper of May", [])


def test_comments_and_loose_text_are_passed_over() -> None:
    sources, problems = read("Words.\n@comment{x}\n@preamble{y}\n% no\n@misc(k, title={T})\n")
    assert ([source.title for source in sources], problems) == (["T"], [])


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1&z=%20#f", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("https://", False),
        ('https://a.example/"onclick=', False),
        ("https://a.example/<b>", False),
        ("https://a.example/a b", False),
        ("https://[x", False),
        ("", False),
    ],
)
def test_safe_url(url: str, safe: bool) -> None:
    assert safe_url(url) == (url if safe else "")


@pytest.mark.parametrize(
    ("parts", "iso"),
    [
        (("2025-04-02",), "2025-04-02"),
        (("2025-04",), "2025-04"),
        (("2025~",), "2025"),
        (("2025-04-02/2025-04-04",), "2025-04-02"),
        (("", "2025", "4", "2"), "2025-04-02"),
        (("", "2025", "April"), "2025-04"),
        (("", "2025", "", "2"), "2025"),
        (("2025-02-30",), ""),
        (("soon",), ""),
        (("",), ""),
    ],
)
def test_iso_date(parts: tuple[str, ...], iso: str) -> None:
    assert iso_date(*parts) == iso


BITS = [
    "@misc{k,",
    "@string{s=",
    "}",
    "{",
    '"',
    "=",
    ",",
    "#",
    "title",
    "{x}",
    "\n",
    "\\",
    "@",
    "%",
]


@given(st.lists(st.sampled_from(BITS)).map("".join) | st.text())
@settings(max_examples=500, deadline=None)
def test_whatever_is_in_a_file_is_read_or_reported(text: str) -> None:
    read(text + '\n@misc{last, title = "L"}\n')


def test_a_file_in_another_encoding_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_bytes("@misc{a, title = {Über}}".encode("latin-1"))
    problems: list[Diagnostic] = []
    File.read(tmp_path / "a.bib", tmp_path, problems)
    assert [one.message for one in problems] == [
        "the file is not UTF-8: save it with that encoding"
    ]
