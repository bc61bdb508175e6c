"""Throws what nobody would write at whatever reads an author's files, and watches the clock.

    make fuzz                                          # a minute of each target
    python tests/fuzz.py grammar --inputs 10000000     # so many inputs

Inputs are made from a seed, so that each can be made again: ``--seed 7 --first 123 --inputs 1``.
An input that raises, hangs or breaks what holds for every answer is printed, and the run fails;
what was found so far stands in ``tests/found/TARGET`` as it was, see ``test_found.py``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from mkdocs_apparatus.bib import read_sources, safe_url
from mkdocs_apparatus.csp import secure
from mkdocs_apparatus.describe import describe
from mkdocs_apparatus.entries import read_entries
from mkdocs_apparatus.export import to_bibtex, to_csl, to_ris
from mkdocs_apparatus.fields import ARTICLE, CLAIM, PAGE, TERM
from mkdocs_apparatus.figures import find_placements, read_figure, read_table
from mkdocs_apparatus.file import File
from mkdocs_apparatus.finds import as_fields, chosen
from mkdocs_apparatus.locator import read_suffix
from mkdocs_apparatus.matter import check_page, read_post
from mkdocs_apparatus.model import CitationGroup, Source, TermLink
from mkdocs_apparatus.passages import UnreadableError, read_text
from mkdocs_apparatus.records import from_csl
from mkdocs_apparatus.ris import as_csl, read_ris
from mkdocs_apparatus.shelf import Draft, ShelfError, put
from mkdocs_apparatus.style import reference
from mkdocs_apparatus.svg import SvgError, write_svg
from mkdocs_apparatus.syntax import Scanner, scan
from mkdocs_apparatus.words import load

_LONGEST = 5.0  # seconds that an input may take
_WORDS = load()

# Signs that mean something to Unicode, and lists of pieces that mean something to a reader of ours.
ODD = ("\u2028", "\u00a0", "\u200b", "\ufeff", "\x00", "\x91\x86\x92", "é", "ｇ", "😀", "İ", "\r")
PIECES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def soup(words: list[str], most: int = 30) -> Callable[[random.Random], str]:
    """Return what makes a text of such pieces."""
    pieces = (*words, *ODD[:3])

    def make(chance: random.Random) -> str:
        count = chance.choice((1, 3, 8, most))
        text = "".join(chance.choices(pieces, k=count))
        if chance.random() < 0.05:
            text = text * chance.randint(2, 50)
        if chance.random() < 0.1:
            at = chance.randint(0, len(text))
            text = text[:at] + chance.choice(ODD) + text[at:]
        return text

    return make


def grammar(text: str) -> None:
    """Tokens lie in the text, in order and apart, and are what was typed.

    The short way through plain texts finds what the long one does.
    """
    at = 0
    every = scan(text)
    if every or "@" in text or "[[" in text:
        assert list(Scanner(text).tokens()) == every
    for found in every:
        assert at <= found.start < found.end <= len(text)
        token = found.token
        if isinstance(token, CitationGroup | TermLink):
            assert token.typed == text[found.start : found.end]
        if isinstance(token, CitationGroup):
            assert token.citations
            for citation in token.citations:
                assert text[citation.at] == "@"
                read_suffix(citation.suffix)
        at = found.end
    list(find_placements(text))


def sources_of(text: str) -> list[Source]:
    problems: list[object] = []
    file = File("a.bib", text, problems)  # type: ignore[arg-type]
    return list(read_sources(list(read_entries(file))))


def bib(text: str) -> None:
    """Every source has a key and a place in the file, and can be written out."""
    lines = text.count("\n") + 1
    for source in sources_of(text):
        assert source.key
        assert 1 <= source.span.line <= lines
        assert not source.url or source.url.startswith(("http://", "https://"))
        reference(source, _WORDS)


def export(text: str) -> None:
    """Write in each format; BibTeX is read back with as many entries, plain keys unchanged."""
    found = sources_of(f"@misc{{k, title = {{{text}}}}}\n{text}")
    sources = {source.key: source for source in found}
    to_csl(sources.values()).encode()
    to_ris(sources.values()).encode()
    again = {source.key for source in sources_of(to_bibtex(sources.values()))}
    plain = {key for key in sources if re.fullmatch(r"[\w:.-]+", key, re.ASCII)}
    assert plain <= again, (sorted(plain), sorted(again))
    assert len(again) <= len(sources)


def matter(text: str) -> None:
    """Front matter is read as a term, a claim, the article and a page."""
    whole = f"---\n{text}\n---\nBody.\n"
    for table, code in ((TERM, "T004"), (CLAIM, "Q001"), (ARTICLE, "Q005")):
        post = read_post(File("t.md", whole, []), table, code)
        assert isinstance(post.body, str)
        assert post.body_line >= 1
    check_page(File("p.md", f"---\n{text}\n---\n", []), PAGE, "P001")


def passages(text: str) -> None:
    """Read a page's words, and look for some."""
    with suppress(UnreadableError):
        page = read_text(f"<!doctype html><meta charset=utf-8>{text}".encode(), "text/html")
        page.holds("quoted words")
        page.nearest("quoted words here")
        page.nearest(text[:60])


def figures(text: str) -> None:
    """Rows and specs, whatever they are."""
    head, _, rest = text.partition("\n")
    table = read_table(File("t.csv", f"Year,Men,source\n{rest}", []), {"k1": 1})
    assert len(table.rows) == len(table.keys) == len(table.lines)
    read_table(File("t.csv", text, []), {"k1": 1})
    read_figure(File("f.json", head, []), "f", {"t.csv": table})
    read_figure(File("f.json", text, []), "f", {"t.csv": table})


def svg(text: str) -> None:
    """Nothing that runs is left of a drawing."""
    with suppress(SvgError):
        html, _ = write_svg(text, "n", text[:20], "k")
        inside = html.partition(">")[2].lower()
        assert "<script" not in inside
        assert "<a" not in inside.replace("<animate", "")
        assert " on" not in inside or '"' in inside.partition(" on")[0]


def describing(text: str) -> None:
    """Make an entry of what a page says of itself: it reads back."""
    day = date(2026, 11, 24)
    with suppress(UnreadableError):
        finds = describe(text.encode(), "text/html", "https://a.example/x", day)
        taken = chosen(finds)
        for find in finds:
            assert find.value.isprintable(), find
            assert find.origin.isprintable(), find
        assert safe_url(taken["url"].value)
        put("", [Draft("online", "k", as_fields(taken.values()))], "a.bib")


def records(text: str) -> None:
    """Read an item of CSL, and lines of RIS: each is an entry that reads back."""
    items = [item for _, tags in read_ris(text) for item in [as_csl(tags)[0]]]
    with suppress(ValueError, RecursionError):
        item = json.loads(text)
        items += [item] if isinstance(item, dict) else []
    for item in items:
        finds, lost = from_csl(item, "")
        assert all(name.isprintable() for name in lost)
        put("", [Draft("misc", "k", as_fields(chosen(finds).values()))], "a.bib")


def shelf(text: str) -> None:
    """Put an entry into any file, or refuse to; nothing of the file is gone."""
    with suppress(ShelfError):
        new = put(text, [Draft("online", "k5", {"title": "T"})], "a.bib")
        assert len(new) >= len(text)


def policy(text: str) -> None:
    """Give a page its policy; it keeps all that it had."""
    page = f"<html><head><meta charset=utf-8></head><body>{text}</body></html>"
    safe = secure(page)
    assert "Content-Security-Policy" in safe
    assert len(safe) > len(page)


TARGETS: dict[str, tuple[Callable[[random.Random], str], Callable[[str], None]]] = {
    "grammar": (soup(PIECES["markup"]), grammar),
    "bib": (soup(PIECES["bib"], 60), bib),
    "export": (soup([*PIECES["bib"], *PIECES["markup"]], 40), export),
    "matter": (soup(PIECES["yaml"], 40), matter),
    "passages": (soup(PIECES["html"], 60), passages),
    "figures": (soup([*PIECES["csv"], *PIECES["json"]], 60), figures),
    "svg": (soup(PIECES["svg"], 40), svg),
    "describe": (soup(PIECES["head"], 30), describing),
    "records": (soup([*PIECES["csl"], *PIECES["ris"]], 40), records),
    "shelf": (soup(PIECES["bib"], 60), shelf),
    "policy": (soup([*PIECES["html"], *PIECES["svg"]], 40), policy),
}


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in whatever takes longer."""

    def ring(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def run(name: str, *, seed: int, first: int, inputs: int, seconds: float) -> list[str]:
    """Try a target, and return what was found."""
    make, use = TARGETS[name]
    found: list[str] = []
    started = time.monotonic()
    slowest = 0.0
    done = 0
    for number in range(first, first + inputs):
        text = make(random.Random(f"{name} {seed} {number}"))  # noqa: S311 # no secret
        before = time.monotonic()
        if before - started > seconds or len(found) >= 20:
            break
        try:
            with alarm(_LONGEST):
                use(text)
        except BaseException as error:  # whatever comes is a finding
            if isinstance(error, KeyboardInterrupt):
                raise
            found.append(f"{name} --seed {seed} --first {number}: {error!r}\n{text!r}")
        slowest = max(slowest, time.monotonic() - before)
        done += 1
    took = time.monotonic() - started
    print(
        f"{name}: {done:,} inputs in {took:.0f} s, the slowest {slowest:.3f} s, "
        f"{len(found)} findings",
        flush=True,
    )
    return found


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("target", nargs="*", choices=[*TARGETS, []], help="all, if none is named")
    parser.add_argument("--inputs", type=int, default=10**12)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="print the targets")
    options = parser.parse_args()
    if options.list:
        print("\n".join(TARGETS))
        return 0
    found: list[str] = []
    for name in options.target or TARGETS:
        found += run(
            name,
            seed=options.seed,
            first=options.first,
            inputs=options.inputs,
            seconds=options.seconds,
        )
    print("\n".join(found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
