"""Which files of an author's are read: plain, not too large, not too many, none from elsewhere.

Whatever lies in a folder may come from a stranger: a link to a file of the builder's own, a pipe
on which a reader waits for ever, a gigabyte of nothing. What is not read comes with the reason.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

MOST_FILES = 20_000  # in one folder of sources
MOST_BYTES = 200_000_000  # in all files of one folder of sources
# Bytes: 80,000 entries with their abstracts; 300,000 words; 40 columns of 5,000 rows.
_LARGEST = {".bib": 50_000_000, ".md": 2_000_000}
_LARGE = 5_000_000  # of any other file


@dataclass(frozen=True, slots=True)
class Listed:
    """A file; ``fault`` says why it is not read, if so."""

    path: Path
    fault: str = ""


def bounds(folder: Path, root: Path) -> Path:
    """Return the folder that the files of a folder must lie in, once links are followed.

    That is the project: the nearest folder from ``root`` upwards that is a repository, else
    ``root``. A folder that the site's settings put elsewhere is its own bounds.
    """
    base = Path(os.path.abspath(root))
    project = next((one for one in (base, *base.parents) if (one / ".git").exists()), base)
    asked = Path(os.path.abspath(base / folder))
    return Path(os.path.realpath(project if asked.is_relative_to(project) else asked))


def list_files(folder: Path, pattern: str, within: Path, *, deep: bool = False) -> Iterator[Listed]:
    """Yield the files of a folder whose name fits a pattern, in order; ``within`` as in ``bounds``.

    ``deep`` yields those of the folders in it too; links to folders are not followed. Else their
    number and their size are limited.
    """
    size = 0
    found = sorted(_walk(folder, pattern, within, deep=deep), key=lambda one: one[0])
    for number, (path, entry, known) in enumerate(found):
        if not deep and number == MOST_FILES:
            yield Listed(path, f"more than {MOST_FILES:,} files; none is read from here on")
            return
        fault = known if entry is None else _fault(entry, path, within)
        if entry is not None and not (fault or deep):
            size += entry.stat().st_size
        if size > MOST_BYTES:
            message = f"more than {MOST_BYTES:,} bytes in all; none is read from here on"
            yield Listed(path, message)
            return
        yield Listed(path, fault)


def _walk(
    folder: Path, pattern: str, within: Path, *, deep: bool
) -> Iterator[tuple[Path, os.DirEntry[str] | None, str]]:
    """Yield what may be a file, or what is wrong with a folder."""
    if os.path.lexists(folder) and (fault := _leads_out(folder, within)):
        yield folder, None, fault
        return
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            yield here, None, f"the folder cannot be read: {error.strerror}"
            continue
        for entry in entries:
            path = Path(entry.path)
            if _is_folder(entry):
                if not entry.is_symlink():
                    waiting += [path] if deep else []
                elif deep and (fault := _leads_out(path, within)):
                    yield path, None, fault
            elif fnmatchcase(entry.name, pattern):
                yield path, entry, ""


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _fault(entry: os.DirEntry[str], path: Path, within: Path) -> str:
    """Say why a file is not read, or nothing."""
    if not entry.name.isprintable():
        return "its name has signs that cannot be shown; rename it"
    if entry.is_symlink() and (fault := _leads_out(path, within)):
        return fault
    try:
        return _unreadable(entry.stat(), path.suffix)
    except OSError as error:
        return f"it is a link that leads nowhere ({error.strerror})"


def fault_of(path: Path, within: Path) -> str:
    """Say why a file that is there is not read, or nothing; ``within`` as in ``bounds``."""
    try:
        return _leads_out(path, within) or _unreadable(path.stat(), path.suffix)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"it cannot be read: {error.strerror}"


def _leads_out(path: Path, within: Path) -> str:
    """Say where a link leads that is not followed: out of the project, or to what is hidden."""
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(within):
        return "it is a link that leads out of the project, and is not followed"
    hidden = any(part.startswith(".") for part in real.relative_to(within).parts)
    if hidden and path.is_symlink():
        return "it is a link to what is hidden, and is not followed"
    return ""


def _unreadable(found: os.stat_result, suffix: str, most: int = 0) -> str:
    most = most or _LARGEST.get(suffix, _LARGE)
    if not stat.S_ISREG(found.st_mode):
        return "it is no plain file"
    if found.st_size > most:
        return f"it has {found.st_size:,} bytes; at most {most:,} are read"
    return ""


def read_bytes(path: Path, most: int = 0) -> bytes:
    """Read a file, or raise OSError: never waits for a pipe, never reads more than ``most`` bytes.

    Without ``most``, that is what a file of its kind may have.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if fault := _unreadable(found, path.suffix, most):
            number = errno.EFBIG if stat.S_ISREG(found.st_mode) else errno.EINVAL
            raise OSError(number, fault, str(path))
        return file.read(found.st_size)
