"""Read the site's own prose, and find what its style does not allow.

In come Markdown files, figures and the article's summary; out come findings: path, line, what is
there, what is wanted. The words are in prose.toml, the measures in floors.toml. What somebody
else wrote is not judged: quotations, code, citations, addresses.

    python tests/prose.py [file ...]
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mkdocs_apparatus.syntax import CitationGroup, TermLink, scan

ROOT = Path(__file__).parent.parent
GONE = "\0"  # a character that is no prose; the places of all others stay
QUOTED = "\1"  # a character of somebody else's words: it counts as length only

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
NO_PROSE = re.compile(
    r"^( *)(`{3,}|~{3,}).*?^\1\2[^\n]*$"  # fenced code
    r"|<!-- made: .*?<!-- end of what is made -->"  # from the plugin's code
    r"|<!--.*?-->|</?[a-z][^>\n]*>"
    r"|^\[\^?[^]\n]+\]:.*$"
    r"|\\(?:full_)?bibliography"
    r"|\{ ?[:#.][^}\n]*\}",
    re.DOTALL | re.MULTILINE,
)
CODE = re.compile(r"(`+)[^`].*?\1")
LINK = re.compile(r"!?\[((?:[^][]|\[[^][]*\])*)\](\((?:[^()\n]|\([^()\n]*\))*\))")
QUOTATION = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|(?<![\w“])\"[^\"\n]+\"(?!\w)")
EMPHASIS = re.compile(r"\*+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)")
LIST_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+\.) +", re.MULTILINE)
WORD = re.compile(r"[\w\1$€%][\w\1’'ʼ.,:/–-]*[\w\1%]|[\w\1]")
# "U.S. forces", "No. 4", "J. Smith", "p. 3" end no sentence.
NO_END = re.compile(r"(?:\b(?:[A-Z]|No|Mr|Mrs|Ms|Dr|St|p|par|cf|vs|e\.g|i\.e|Art|approx))\.$")
END = re.compile(r"[.!?…]+[\"”’)\0\1]*(?=\s)")
NAME = re.compile(
    r"[A-Z][\w’'.-]*(?:[\0 ]+(?:of the|of|the|and|for|de|von|der|bin)?[\0 ]*[A-Z0-9][\w’'.-]*)*"
)
VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Sentence:
    """A sentence as readers see it; ``whole`` says that it is one, and no heading or cell."""

    text: str
    line: int
    whole: bool

    @property
    def words(self) -> int:
        return len(WORD.findall(self.text))

    @property
    def shown(self) -> str:
        return self.text.replace(QUOTED, "·")


@dataclass(frozen=True)
class Prose:
    """What one file holds: ``kind`` says which floors are its own."""

    path: str
    kind: str
    sentences: tuple[Sentence, ...]


@cache
def settings(name: str) -> dict:
    return tomllib.loads((ROOT / "tests" / name).read_text("utf-8"))


def blank(match: re.Match[str], sign: str = GONE) -> str:
    """Return what stands for something that is no prose: as long, with the same lines."""
    return re.sub(r"[^\n]", sign, match[0])


def link_text(match: re.Match[str]) -> str:
    inner = match[1]
    before = GONE * (match.start(1) - match.start())
    return before + inner + GONE * (match.end() - match.end(1))


def quoted(match: re.Match[str]) -> str:
    """Keep the words of a quotation as bare length."""
    return re.sub(r"[^\s\0“”\"„«».!?]|[.!?](?![”“\"»])", QUOTED, match[0])


def plain(text: str, *, front_matter: bool = True) -> str:
    """Return a text of the same length in which only prose is left."""
    if front_matter:
        text = FRONT_MATTER.sub(blank, text)
    text = NO_PROSE.sub(blank, text)
    text = CODE.sub(lambda match: blank(match, QUOTED), text)
    for found in reversed(scan(text)):
        token = found.token
        typed = text[found.start : found.end]
        if isinstance(token, CitationGroup):
            put = re.sub(r"[^\n]", GONE, typed)
        elif isinstance(token, TermLink):
            at = typed.rindex("|") + 1 if "|" in typed else 2 + token.plain
            put = GONE * at + typed[at:-2] + GONE * 2
        else:
            put = GONE + typed[1:]
        text = text[: found.start] + put + text[found.end :]
    text = LINK.sub(link_text, text)
    text = QUOTATION.sub(quoted, text)
    text = LIST_ITEM.sub(blank, text)
    return EMPHASIS.sub(blank, text)


def blocks(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield offset, text and whether it is running text: paragraphs, items, cells, headings."""
    # A list item, a heading or a table row begins a block of its own, whatever line is before it.
    start, lines = 0, []
    at = 0
    for line in [*text.splitlines(keepends=True), "\n"]:
        bare = line.strip(" \n\0>")
        new = line.lstrip().startswith((GONE, "#", "|"))
        if (not bare or new) and lines:
            yield start, "".join(lines), True
            lines = []
        if bare.startswith("|"):
            cell_at = at
            for cell in line.split("|"):
                if cell.strip(" \n\0-:"):
                    yield cell_at, cell, False
                cell_at += len(cell) + 1
        elif bare.startswith("#"):
            yield at, line, False
        elif bare:
            if not lines:
                start = at
            lines.append(line)
        at += len(line)


def sentences(text: str, first_line: int = 1) -> Iterator[Sentence]:
    """Split a plain text, in which only prose is left, into its sentences."""
    for offset, block, running in blocks(text):
        begin = 0
        ends = [match for match in END.finditer(block) if ends_here(block, match)]
        for end in [*(match.end() for match in ends), len(block)]:
            piece = block[begin:end]
            lead = len(piece) - len(piece.lstrip(" \n\0#|>"))
            shown = " ".join(piece.replace(GONE, "").strip(" \n#|>").split())
            if WORD.search(shown):
                line = first_line + text.count("\n", 0, offset + begin + lead)
                yield Sentence(
                    shown,
                    line,
                    running and shown.endswith((".", "!", "?", ":", "…", QUOTED, "”", ")")),
                )
            begin = end


def ends_here(block: str, match: re.Match[str]) -> bool:
    before = block[: match.start() + 1].replace(GONE, "")
    after = block[match.end() :].replace(GONE, "").lstrip()
    if NO_END.search(before[-12:]) and match[0].startswith("."):
        return False
    return not after or not after[0].islower()


def kind_of(path: str) -> str:
    if path.startswith("docs/explainers/"):
        return "explainer"
    if path.startswith("sources/claims/"):
        return "claim"
    return "term" if path.startswith("sources/glossary/") else "page"


def head_fields(text: str) -> Iterator[Sentence]:
    """Yield what the head of a file says to readers: its summary."""
    match = FRONT_MATTER.match(text)
    for number, line in enumerate((match[0] if match else "").splitlines(), 1):
        if line.startswith("summary: "):
            value = line.removeprefix("summary: ").strip().strip('"')
            yield from sentences(plain(value, front_matter=False), number)


def read_markdown(path: str, text: str) -> Prose:
    return Prose(path, kind_of(path), (*head_fields(text), *sentences(plain(text))))


def read_figure(path: str, text: str) -> Prose:
    spec = json.loads(text)
    told = [spec["title"], spec["description"], spec["usermeta"]["caption"]]
    found = []
    for value in told:
        line = text[: text.index(json.dumps(value, ensure_ascii=False))].count("\n") + 1
        found += sentences(plain(value, front_matter=False), line)
    return Prose(path, "page", tuple(found))


def read_article(path: str, text: str) -> Prose:
    """Read the paragraphs, which are strings in a list at the head of the file."""
    found: list[Sentence] = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.fullmatch(r'  - "(.*)"', line):
            found += sentences(plain(match[1], front_matter=False), number)
    return Prose(path, "page", tuple(found))


def read(path: Path) -> Prose:
    name = path.relative_to(ROOT).as_posix()
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        return read_figure(name, text)
    return read_article(name, text) if path.name == "article.md" else read_markdown(name, text)


def files() -> list[Path]:
    """Return what is read: all that visitors see of our own words.

    The page of rules is left out: it is printed from the plugin's table, examples and all.
    """
    return [
        *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "rules.md"),
        ROOT / "sources" / "article.md",
        *sorted((ROOT / "sources" / "claims").glob("*.md")),
        *sorted((ROOT / "sources" / "glossary").glob("*.md")),
        *sorted((ROOT / "sources" / "figures").glob("*.json")),
    ]


def syllables(word: str) -> int:
    """Estimate the syllables of an English word; a number counts as one."""
    bare = re.sub(r"[^a-z]", "", word.lower())
    if not bare:
        return 1
    count = len(VOWELS.findall(bare))
    if bare.endswith("e") and not bare.endswith(("le", "ee", "ye", "oe")) and count > 1:
        count -= 1
    if re.search(r"[^aeiouydt]ed$", bare) and count > 1:
        count -= 1
    if re.search(r"(?:i[aou]|[aeiou]ing|[^cgst]ious)", bare) and not re.search(
        r"[cst]io|gio", bare
    ):
        count += 1
    return max(count, 1)


def without_names(sentence: Sentence) -> str:
    """Return a sentence with each name as one short word: readers take it at one glance."""
    text, out, at = sentence.text, [], 0
    for match in NAME.finditer(text):
        first = match.start() == 0
        # A capital at the head of a sentence is a name only if another one follows.
        if first and " " not in match[0] and not match[0].isupper():
            continue
        out += [text[at : match.start()], "Name"]
        at = match.end()
    return "".join([*out, text[at:]])


def grade(found: Iterable[Sentence]) -> float:
    """Return the Flesch-Kincaid grade."""
    texts = [without_names(sentence) for sentence in found]
    words = [word for text in texts for word in WORD.findall(text)]
    if not texts or not words:
        return 0.0
    beats = sum(1 if QUOTED in word else syllables(word) for word in words)
    return 0.39 * len(words) / len(texts) + 11.8 * beats / len(words) - 15.59


@cache
def patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """Return rule, pattern and what is wanted instead, of the whole list of words."""
    found = []
    for rule, entries in settings("prose.toml")["words"].items():
        for typed, wanted in entries.items():
            # A name is found as it is written; so is a spelling, since names of bodies keep theirs.
            exact = rule in ("name", "spelling")
            edges = rf"(?<![\w’'-])(?:{typed})(?![\w-])"
            found.append((rule, re.compile(edges, 0 if exact else re.IGNORECASE), wanted))
    return found


def check_words(prose: Prose) -> Iterator[Finding]:
    for sentence in prose.sentences:
        for rule, pattern, wanted in patterns():
            for match in pattern.finditer(sentence.text):
                advice = f"write {wanted}" if wanted else "leave it out"
                yield Finding(prose.path, sentence.line, rule, f"“{match[0]}”: {advice}")
        if '"' in sentence.text:
            yield Finding(
                prose.path, sentence.line, "quotes", "a straight quotation mark: write “ and ”"
            )
        if "’" in sentence.text:
            yield Finding(prose.path, sentence.line, "quotes", "a curly apostrophe: write '")


def check_lengths(prose: Prose) -> Iterator[Finding]:
    floor = settings("floors.toml")["text"]["longest_sentence"]
    for one in prose.sentences:
        if one.words > floor:
            message = f"a sentence of {one.words} words: at most {floor}: “{one.shown[:60]}…”"
            yield Finding(prose.path, one.line, "longest", message)


def check_measures(path: str, kind: str, found: list[Sentence]) -> Iterator[Finding]:
    """Check what is true of a page as a whole."""
    floor = settings("floors.toml")["text"]
    whole = [one for one in found if one.whole]
    if not whole:
        return
    lengths = [one.words for one in whole]
    mean = sum(lengths) / len(lengths)
    if mean > floor["mean_sentence"]:
        wanted = f"at most {floor['mean_sentence']}"
        yield Finding(path, 1, "mean", f"{mean:.1f} words a sentence: {wanted}")
    long = [one for one in whole if one.words > floor["long_sentence"]]
    if len(long) / len(whole) > floor["long_share"]:
        lines = ", ".join(str(one.line) for one in long[:12])
        message = (
            f"{len(long)} of {len(whole)} sentences are over {floor['long_sentence']} words: "
            f"at most {floor['long_share']:.0%}; they stand in lines {lines}"
        )
        yield Finding(path, 1, "long", message)
    level = grade(whole)
    if level > floor["grade"][kind]:
        yield Finding(path, 1, "grade", f"grade {level:.1f}: at most {floor['grade'][kind]}")


def check(pages: Iterable[Prose]) -> list[Finding]:
    """Return all findings on some files, in order."""
    found: list[Finding] = []
    together: dict[str, list[Sentence]] = {}
    for prose in pages:
        found += [*check_words(prose), *check_lengths(prose)]
        if prose.kind in ("claim", "term"):
            together.setdefault(prose.kind, []).extend(prose.sentences)
        elif prose.path.endswith(".md") and prose.path.startswith("docs/"):
            found += check_measures(prose.path, prose.kind, list(prose.sentences))
    for kind, all_of_them in together.items():
        folder = "sources/claims" if kind == "claim" else "sources/glossary"
        found += check_measures(folder, kind, all_of_them)
    return sorted(found)


def without_exempt(
    found: list[Finding], pages: list[Prose], listed: list[dict[str, str]]
) -> list[Finding]:
    """Take away what is exempt; an exemption without a reason or a use is a finding itself."""
    left = list(found)
    for one in listed:
        path, part = one["path"], one["sentence"]
        read_here = [prose for prose in pages if prose.path == path]
        if not read_here:
            continue
        lines = {
            sentence.line
            for prose in read_here
            for sentence in prose.sentences
            if part in sentence.shown
        }
        kept = [
            finding
            for finding in left
            if (finding.path, finding.rule) != (path, one["rule"]) or finding.line not in lines
        ]
        if len(kept) == len(left):
            kept.append(Finding(path, 1, "exempt", f"“{part}” needs none: take it off the list"))
        if len(one.get("reason", "").split()) < 3:
            kept.append(Finding(path, 1, "exempt", f"“{part}” has no reason: say why"))
        left = kept
    return sorted(left)


def lint(paths: Iterable[Path]) -> list[Finding]:
    pages = [read(path) for path in paths]
    return without_exempt(check(pages), pages, settings("prose.toml")["exempt"])


if __name__ == "__main__":
    result = lint([Path(name).resolve() for name in sys.argv[1:]] or files())
    print(*result, sep="\n")
    sys.exit(1 if result else 0)
