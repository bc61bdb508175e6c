from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mkdocs_apparatus.fields import SCHEMAS, TERM
from mkdocs_apparatus.file import File
from mkdocs_apparatus.matter import Field, Kind, Post, check_page, read_post, split_page

FIELDS = {
    "title": Field(Kind.TEXT, "", needed=True),
    "kind": Field(Kind.TEXT, "", choices=("article", "book")),
    "note": Field(Kind.TEXT, "", longest=10),
    "names": Field(Kind.TEXTS, ""),
    "pages": Field(Kind.NUMBERS, ""),
    "part": Field(Kind.NUMBER, ""),
    "day": Field(Kind.DAY, ""),
    "date": Field(Kind.DATE, ""),
    "open": Field(Kind.SWITCH, ""),
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
        ("---\n\ttitle: A\n---\n", 2, "there is a tab; YAML wants spaces"),
        ("---\ntitle:\tA\n  b\n\tc\n---\n", 4, "there is a tab; YAML wants spaces"),
        ("---\n- a\n---\n", 2, "lines of the form"),
        ("---\ntitle: A\ntitle: B\n---\n", 3, "'title' stands twice, first in line 2"),
        ("---\ntitle: A\ncolour: b\n---\n", 3, "'colour' is no field here; known are title"),
        ("---\ntitle: A\nnoet: b\n---\n", 3, "'noet' is no field here; did you mean 'note'?"),
        ("---\nnote: b\n---\n", 1, "the field 'title' is missing"),
        ("---\ntitle:\n---\n", 2, "it is empty"),
        ('---\ntitle: ""\n---\n', 2, "it is empty"),
        ("---\ntitle: no\n---\n", 2, "put it in quotes, since YAML takes no for a yes or no"),
        ("---\ntitle: 1.10\n---\n", 2, "put it in quotes, since YAML takes 1.10 for 1.1"),
        ("---\ntitle: 010\n---\n", 2, "put it in quotes, since YAML takes 010 for 8"),
        ("---\ntitle: A\nnames: [no, b]\n---\n", 3, "each a text: put it in quotes"),
        ("---\ntitle: A\nnames: [[b]]\n---\n", 3, "each a text"),
        ("---\ntitle: [a]\n---\n", 2, "must be a text"),
        ("---\ntitle: A\nkind: z\n---\n", 3, "must be one of article, book, not 'z'"),
        ("---\ntitle: A\nkind: boook\n---\n", 3, "did you mean 'book'?"),
        ("---\ntitle: A\nnote: longer than ten\n---\n", 3, "at most 10 characters long, and it"),
        ("---\ntitle: A\nnames: b\n---\n", 3, "must be a list"),
        ("---\ntitle: A\npages: [1, b]\n---\n", 3, "a list of whole numbers"),
        ("---\ntitle: A\npart: true\n---\n", 3, "a whole number from 1, not 'True'"),
        ("---\ntitle: A\nday: soon\n---\n", 3, "must be a date such as 2026-11-24"),
        ("---\ntitle: A\nday: 2026-02-30\n---\n", 3, "a date such as 2026-11-24, not '2026-02-30'"),
        ("---\ntitle: A\ndate: spring 2026\n---\n", 3, "2009-03-06, 2009-03 or 2009"),
        ("---\ntitle: A\ndate: 2009-03/2009-04\n---\n", 3, "2009-03-06, 2009-03 or 2009"),
        ("---\ntitle: A\nopen: maybe\n---\n", 3, "must be true or false, not 'maybe'"),
        ("---\ntitle: &a A\nnote: *a\n---\n", 1, "must not use YAML aliases"),
        ("---\ntitle: !!python/name:os.system\n---\n", 2, "cannot be read"),
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


def test_what_stands_there_is_kept_as_written() -> None:
    post, _ = read("---\ntitle: no\nnote: 1.10 and so on\nkind: z\nnames: [x]\n---\n")
    assert (post.text("title"), post.text("note")) == ("no", "1.10 and so on")
    assert post.text("kind") == ""  # a choice that is none would be followed


def test_a_byte_order_mark_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf---\ntitle: A\n---\nBody")
    file = File.read(path, tmp_path, [])
    post = read_post(file, FIELDS, "T004")
    assert post.text("title") == "A"
    assert [(one.span.line, one.message) for one in file.problems] == [
        (1, "the file begins with a byte order mark: save it as UTF-8 without")
    ]


@pytest.mark.parametrize(
    ("matter", "messages"),
    [
        ("", []),
        ("---\nhide: [toc]\nicon: x\n---\n", []),
        ("---\nnotes: x\n---\n", ["'notes' is no field here; did you mean 'note'?"]),
        ("---\nnote: a\nnote: b\n---\n", ["'note' stands twice, first in line 2"]),
        ("---\nnote: a\n", ["front matter is not closed: a second line '---' is missing"]),
    ],
)
def test_a_page_may_have_fields_of_others(matter: str, messages: list[str]) -> None:
    file = File("docs/a.md", matter, [])
    check_page(file, FIELDS, "P001")
    assert [one.message for one in file.problems] == messages


def test_schemas_are_valid_and_say_what_the_table_says() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    term = Draft202012Validator(SCHEMAS["term"])
    assert not list(term.iter_errors({"title": "A", "summary": "B.", "date": "2009-03"}))
    for bad in (
        {"title": "A"},
        {"title": "A", "summary": "B.", "colour": "red"},
        {"title": "A", "summary": "B.", "kind": "thing"},
        {"title": "A", "summary": "B" * 241},
        {"title": "A", "summary": "B.", "aliases": "C"},
    ):
        assert list(term.iter_errors(bad)), bad
    assert list(SCHEMAS["term"]["properties"]) == list(TERM)  # type: ignore[call-overload]
    page = Draft202012Validator(SCHEMAS["page"])
    assert not list(page.iter_errors({"hide": ["toc"]}))
