"""Entries put into files: in their place, in the file's form, and not a byte else is touched."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_apparatus import store
from mkdocs_apparatus.keys import make_key
from mkdocs_apparatus.shelf import Draft, Form, ShelfError, own_entries, put, read_text, write

NEW = Draft("online", "m2025new", {"title": "New", "url": "https://a.example/"})
ENTRY = "@online{m2025new,\n  title = {New},\n  url   = {https://a.example/}\n}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"{ENTRY}\n"),
        ("% only a comment\n", f"% only a comment\n\n{ENTRY}\n"),
        ("% no line end", f"% no line end\n\n{ENTRY}\n"),
        ("@misc{a, title = {A}}", f"@misc{{a, title = {{A}}}}\n\n{ENTRY}\n"),
        ("@misc{a, title = {A}}\n", f"@misc{{a, title = {{A}}}}\n\n{ENTRY}\n"),
        ("@misc{a, title = {broken\n", f"@misc{{a, title = {{broken\n\n{ENTRY}\n"),
        (
            "@misc{a, title = {A}}\n\n% of z\n@misc{z, title = {Z}}\n",
            f"@misc{{a, title = {{A}}}}\n\n{ENTRY}\n\n% of z\n@misc{{z, title = {{Z}}}}\n",
        ),
        (
            "% the file\n\n% of z\n@misc{z, title = {Z}}\n",
            f"% the file\n\n{ENTRY}\n\n% of z\n@misc{{z, title = {{Z}}}}\n",
        ),
        (
            "@string{s = {S}}\n@misc{z, title = s}\n",
            f"@string{{s = {{S}}}}\n{ENTRY}\n\n@misc{{z, title = s}}\n",
        ),
        (
            "@misc{z, title = {Z}}\n@misc{a, title = {A}}\n\n@comment{end}\n",
            f"@misc{{z, title = {{Z}}}}\n@misc{{a, title = {{A}}}}\n\n{ENTRY}\n\n@comment{{end}}\n",
        ),
        (
            "\ufeff@misc{z, title = {Z}}\r\n",
            "\ufeff" + ENTRY.replace("\n", "\r\n") + "\r\n\r\n@misc{z, title = {Z}}\r\n",
        ),
    ],
)
def test_an_entry_has_its_place(before: str, after: str) -> None:
    assert put(before, [NEW], "a.bib") == after


def test_an_entry_has_the_form_of_its_file() -> None:
    before = "@online{a,\n\ttitle     = {A},\n\tpublisher = {P},\n}\n"
    assert put(before, [NEW], "a.bib").removeprefix(before) == (
        "\n@online{m2025new,\n\ttitle     = {New},\n\turl       = {https://a.example/},\n}\n"
    )
    assert Form.of("") == Form()


def test_an_entry_takes_its_own_place_again() -> None:
    before = (
        "@misc{a, title = {A}} % kept\n@misc{m2025new,title={Old}, }% kept too\n"
        "@misc{z, title = {Z}}"
    )
    after = put(before, [NEW, Draft("misc", "n", {"title": "N"})], "a.bib")
    assert after == (
        f"@misc{{a, title = {{A}}}} % kept\n{ENTRY}\n\n@misc{{n,\n  title = {{N}}\n}}"
        "% kept too\n@misc{z, title = {Z}}"
    )


@pytest.mark.parametrize(
    ("before", "draft"),
    [
        ("", Draft("misc", "a", {"title": "}"})),
        ("", Draft("misc", "a b", {"title": "T"})),
        ("", Draft("string", "a", {"title": "T"})),
        ("", Draft("misc", "a", {"title": "x" * 200_000})),
    ],
)
def test_what_would_not_come_back_is_not_written(before: str, draft: Draft) -> None:
    with pytest.raises(ShelfError, match="would not come back"):
        put(before, [draft], "a.bib")


PIECES = st.sampled_from(
    (
        *("@misc{a, title = {A}}", "@misc{z,\n  title = {Z},\n}", "@string{s = {x}}", "% c"),
        *("@misc{q, title = s}", "@misc(p, title = {P})", "@comment{c}", "\n", "\n\n", " "),
        *("words", "\ufeff"),
    )
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_all_else_stays_byte_for_byte(text: str) -> None:
    try:
        after = put(text, [NEW], "a.bib")
    except ShelfError:
        return
    entry = Form.of(text.removeprefix("\ufeff")).write(NEW)
    assert after.count(entry) == 1
    start, _, end = after.partition(entry)
    for first in (start, start.removesuffix("\n"), start.removesuffix("\n\n")):
        for last in (end, end.removeprefix("\n"), end.removeprefix("\n\n")):
            if first + last == text:
                return
    raise AssertionError(after)


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bib"
    path.write_bytes(b"old\r\n")
    path.chmod(0o640)
    write(path, "new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ShelfError, match=r"a\.bib cannot be written: No space left"):
        write(path, "newer")
    with pytest.raises(ValueError, match="surrogates"):
        store.replace(path, "\ud800")
    assert [one.name for one in tmp_path.iterdir()] == ["a.bib"]
    assert path.read_bytes() == b"new\r\n"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_bytes(b"\xff")
    with pytest.raises(ShelfError, match="is not UTF-8"):
        read_text(tmp_path / "a.bib")
    (tmp_path / "b.bib").mkdir()
    with pytest.raises(ShelfError, match="cannot be read"):
        read_text(tmp_path / "b.bib")
    assert read_text(tmp_path / "gone.bib") == ""


def test_own_fields_are_those_of_the_entry_alone() -> None:
    text = "@misc{a, title = {A}, crossref = {b}}\n@misc{b, title = {B}, note = {N}}"
    assert own_entries(text)["a"].fields == {"title": "A", "crossref": "b"}


@pytest.mark.parametrize(
    ("kind", "fields", "key"),
    [
        (
            "online",
            {"organization": "The Example", "title": "On the way", "date": "2025-04"},
            "example2025way",
        ),
        ("online", {"organization": "Приклад", "title": "Їжак"}, "priklad2026izhak"),
        (
            "online",
            {"title": "山水", "url": "https://www.a-b.example.org/one-two.html"},
            "example2026one",
        ),
        ("online", {"title": "山水", "url": "https://山.example/"}, "source2026"),
        ("online", {"title": "31 CFR § 501.807: Procedures"}, "source2026cfr"),
        ("online", {"author": "Doe, Jane", "title": "Trump’s gambles"}, "doe2026trump"),
        (
            "article",
            {"author": "van der Berg, Jan", "title": "A \\& B", "publisher": "P"},
            "berg2026",
        ),
        ("book", {"editor": "{Example Group}", "title": "Łódź"}, "examplegroup2026lodz"),
    ],
)
def test_keys(kind: str, fields: dict[str, str], key: str) -> None:
    assert make_key(kind, fields, "2026-11-24", ()) == key


def test_a_taken_key_gets_another_word_and_then_a_letter() -> None:
    fields = {"organization": "Ex", "title": "One two", "date": "2025"}
    taken: set[str] = set()
    for expected in ("ex2025one", "ex2025two", "ex2025oneb", "ex2025onec"):
        assert make_key("online", fields, "2026", taken) == expected
        taken.add(expected)
