"""What has one safe answer is mended in the author's files, and nothing else.

A key or a term that is nearly one that exists, and nearly no other; entries of a .bib file that
are out of order; spaces at the ends of lines of front matter. Only files in ``docs/`` and
``sources/`` are touched, and a second run finds nothing to do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from .folder import list_files, read_bytes
from .model import Diagnostic

_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?=\n|\Z)", re.DOTALL)
_ENDS = re.compile(r"[ \t]+$", re.MULTILINE)
_ENTRY = re.compile(r"^@(\w+)\s*\{\s*([^\s,{}]+)\s*,", re.MULTILINE)
_NAMED = re.compile(r"@([^\s@{}]+)|\[\[([^\[\]|\\]+)[^\[\]]*\]\]")  # @key, [[term]], [[term|shown]]
_ALIKE = 0.7


def fix(
    findings: Iterable[Diagnostic],
    known: Mapping[str, Mapping[str, str]],
    root: Path,
    folders: Collection[Path],
) -> list[str]:
    """Mend files in place; return what was done, a line each.

    ``known`` are the right texts for a code, each with what it means: keys for C001, names of
    terms with their slugs for T001. Paths of findings are relative to ``root``; only files within
    ``folders`` are written.
    """
    done: list[str] = []
    by_file: dict[Path, list[Diagnostic]] = {}
    for one in findings:
        if one.code in known and one.suggestion:
            by_file.setdefault((root / one.span.path).resolve(), []).append(one)
    base = root.resolve()
    inside = [real for folder in folders if (real := folder.resolve()).is_relative_to(base)]
    files = {
        one.path.resolve()
        for folder in inside
        for ending in (".md", ".bib")
        for one in list_files(folder, f"*{ending}", folder, deep=True)
        if not one.fault
    }
    for path in sorted(files):
        name = path.relative_to(base).as_posix()
        done += _mend(path, name, by_file.get(path, []), known)
    return list(dict.fromkeys(done))


def _is_sole(written: str, suggestion: str, known: Mapping[str, str]) -> bool:
    """Say whether nothing else is nearly as near to what is written as the suggestion."""
    folded, meant = written.casefold(), known.get(suggestion)
    others = {name.casefold() for name, meaning in known.items() if meaning != meant}
    near = difflib.get_close_matches(folded, others, n=1, cutoff=_ALIKE)
    return not near or _likeness(folded, suggestion) - _likeness(folded, near[0]) > 0.1


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other.casefold()).ratio()


def _mend(
    path: Path, name: str, findings: Iterable[Diagnostic], known: Mapping[str, Mapping[str, str]]
) -> list[str]:
    try:
        before = read_bytes(path)
        text = before.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    done: list[str] = []
    lines = text.split("\n")
    for one in sorted(findings, key=lambda found: found.span, reverse=True):
        line = lines[one.span.line - 1] if one.span.line <= len(lines) else ""
        start, end = one.span.column - 1, one.span.end_column - 1
        found = _NAMED.fullmatch(line[start:end])
        written, wanted = (found[1] or found[2] if found else ""), one.suggestion
        if found and _is_sole(written, wanted, known[one.code]):
            mended = line[start:end].replace(written, wanted, 1)
            lines[one.span.line - 1] = f"{line[:start]}{mended}{line[end:]}"
            done.insert(0, f"{name}:{one.span.line}: '{written}' is now '{wanted}'")
    text = "\n".join(lines)
    if path.suffix == ".md":
        matter = _MATTER.match(text)
        trimmed = _ENDS.sub("", matter[0]) if matter else ""
        if matter and trimmed != matter[0]:
            text = trimmed + text[matter.end() :]
            done.append(f"{name}: spaces at the ends of lines of front matter are gone")
    elif (ordered := _sorted(text)) != text:
        text = ordered
        done.append(f"{name}: entries are in the order of their keys")
    if text.encode() != before:
        path.write_bytes(text.encode())
    return done


def _sorted(text: str) -> str:
    """Return a .bib file with its entries in the order of their keys.

    One that holds anything else between them, such as a comment or a @string, stays as it is.
    """
    found = list(_ENTRY.finditer(text))
    keys = [match[2] for match in found]
    starts = [match.start() for match in found]
    if keys == sorted(keys) or len(set(keys)) < len(keys) or text[: starts[0]].strip():
        return text
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    if any(not _is_whole(piece) for piece in pieces):
        return text
    ordered = sorted(zip(keys, pieces, strict=True))
    return text[: starts[0]] + "\n\n".join(piece.strip() for _, piece in ordered) + "\n"


def _is_whole(piece: str) -> bool:
    """Say whether a piece is one entry and nothing more: its braces close at its end alone."""
    depth = 0
    bare = piece.strip()
    for at, char in enumerate(bare):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth == 0 and char == "}":
            return at == len(bare) - 1
    return False
