from __future__ import annotations

import pytest

from mkdocs_apparatus.file import File
from mkdocs_apparatus.matter import (
    DATE,
    LIST,
    NEEDED_TEXT,
    TEXT,
    Field,
    Post,
    read_post,
    split_page,
)

FIELDS = {
    "title": NEEDED_TEXT,
    "kind": Field(str, "a text", choices=("x", "y")),
    "note": TEXT,
    "names": LIST,
    "day": DATE,
}


def read(text: str) -> tuple[Post, list[tuple[int, str]]]:
    file = File("a.md", text, [])
    post = read_post(file, FIELDS, "T004")
    return post, [(one.span.line, one.message) for one in file.problems]


def test_a_good_file_has_no_problems() -> None:
    post, problems = read("---\ntitle: A\nnames: [b, c]\nday: 2026-11-24\n---\n\nBody\n")
    assert problems == []
    assert (post.text("title"), post.texts("names")) == ("A", ("b", "c"))
    assert (post.body, post.body_line) == ("Body", 7)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Body\n", 1, "must begin with a line '---'"),
        ("---\ntitle: A\n", 1, "second line '---' is missing"),
        ("---\ntitle: a: b\n---\n", 2, "a value that holds a colon needs quotes"),
        ("---\n\ttitle: A\n---\n", 2, "cannot be read"),
        ("---\n- a\n---\n", 2, "lines of the form"),
        ("---\ntitle: A\ntitle: B\n---\n", 3, "'title' stands twice, first in line 2"),
        ("---\ntitle: A\ncolour: b\n---\n", 3, "'colour' is no field here"),
        ("---\nnote: b\n---\n", 1, "the field 'title' is missing"),
        ("---\ntitle:\n---\n", 2, "it is empty"),
        ("---\ntitle: no\n---\n", 2, "YAML reads it as true or false"),
        ("---\ntitle: [a]\n---\n", 2, "must be a text"),
        ("---\ntitle: A\nkind: z\n---\n", 3, "must be one of x, y, not 'z'"),
        ("---\ntitle: A\nnames: b\n---\n", 3, "must be a list"),
        ("---\ntitle: A\nday: soon\n---\n", 3, "must be a date such as 2026-11-24"),
        ("---\ntitle: &a A\nnote: *a\n---\n", 1, "must not use YAML aliases"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, line: int, words: str) -> None:
    _, problems = read(text)
    assert [number for number, _ in problems] == [line]
    assert words in problems[0][1]


def test_a_fault_costs_its_field_alone() -> None:
    post, _ = read("---\ntitle: A\nnames: b\nnote: c\n---\nBody")
    assert (post.text("title"), post.text("note"), post.texts("names")) == ("A", "c", ())
    assert post.body == "Body"


def test_an_unreadable_block_keeps_the_body() -> None:
    post, _ = read("---\ntitle: a: b\n---\nBody")
    assert post.body == "Body"


@pytest.mark.parametrize(
    ("text", "body", "line"),
    [
        ("---\na: 1\n---\nBody", "Body", 4),
        ("Body", "Body", 1),
        ("---\na: b: c\n---\nBody", "---\na: b: c\n---\nBody", 1),
        ("---\nno end", "---\nno end", 1),
    ],
)
def test_split_page(text: str, body: str, line: int) -> None:
    _, found, first_line = split_page(File("a.md", text, []))
    first_line += len(found) - len(found.lstrip("\n"))
    assert (found.lstrip("\n"), first_line) == (body, line)
