"""The package as others get it: built from the working tree, installed where nothing else is.

An environment has the wheel and what the wheel says that it needs, in the locked versions, and
nothing more: no Material, no test tools. What is needed always, and what each extra asks for
besides, lie in folders of their own, which a .pth file names to the environments that have them:
so what is not asked for is truly absent, and nothing is installed twice. In that alone they are
unlike ``pip install mkdocs-apparatus[EXTRA]``, which puts all in one place.

All stays in ``.cache/package/`` from run to run, under the digest of what is locked and of the
wheel: nothing there is changed once it is complete, so that tests may run side by side.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.metadata import Metadata
from packaging.utils import canonicalize_name

from sites import ROOT

CACHE = ROOT / ".cache" / "package"
LOCKS = (ROOT / "requirements-dev.lock", ROOT / "requirements.lock")
NEWER = "3.13"
_BLOCK = re.compile(r"^([A-Za-z0-9][\w.-]*)==.*\n(?:[ ].*\n)*", re.MULTILINE)
_VIA = re.compile(r"^    #(?: via|  ) +([A-Za-z0-9][\w.-]*)$", re.MULTILINE)


def run(*command: str | Path, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command without what the running tests have in their environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**kept, "NO_COLOR": "1", **more},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def done(*command: str | Path, cwd: Path = ROOT, **more: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    result = run(*command, cwd=cwd, **more)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def build(folder: Path, source: Path = ROOT) -> tuple[Path, Path]:
    """Build source and wheel, without network and with what is installed; return both files."""
    done(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=source)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


def read_metadata(wheel: Path) -> Metadata:
    """Return the metadata of a wheel. Raises an ExceptionGroup if they are not valid."""
    with zipfile.ZipFile(wheel) as file:
        (name,) = (one for one in file.namelist() if one.endswith(".dist-info/METADATA"))
        return Metadata.from_email(file.read(name), validate=True)


def pythons() -> dict[str, Path]:
    """Return the Pythons to try, by version: the running one, and a newer one if there is one."""
    found = {"{}.{}".format(*sys.version_info): Path(sys.executable)}
    for path in _newer():
        answer = run(path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        if answer.returncode == 0 and answer.stdout.strip() == NEWER:
            return found | {NEWER: path}
    return found


def _newer() -> Iterator[Path]:
    """Yield where the newer Python may be, the surest place first."""
    if named := os.environ.get("PYTHON313"):
        yield Path(named)
    if installed := shutil.which(f"python{NEWER}"):
        yield Path(installed)  # perhaps only a shim of pyenv's, which answers with an error
    if pyenv := shutil.which("pyenv"):
        root = Path(run(pyenv, "root").stdout.strip())
        yield from sorted(root.glob(f"versions/{NEWER}.*/bin/python"), reverse=True)


@dataclass(frozen=True)
class Environment:
    """A Python, the folder of what is kept for it, and the wheel to install."""

    version: str
    python: Path
    folder: Path
    wheel: Path

    def bin(self, extras: Iterable[str] = ()) -> Path:
        """Return the folder of commands of an environment with some extras, made on demand."""
        chosen = sorted(extras)
        digest = hashlib.sha256(self.wheel.read_bytes()).hexdigest()[:12]
        venv = self.folder / f"venv-{digest}-{'-'.join(chosen) or 'bare'}"
        with _alone(self.folder):
            if not (venv / "complete").exists():
                shutil.rmtree(venv, ignore_errors=True)
                done(self.python, "-m", "venv", "--without-pip", venv)
                (packages,) = venv.glob("lib/python*/site-packages")
                parts = [self.folder / "base", *(self.folder / extra for extra in chosen)]
                (packages / "needs.pth").write_text("".join(f"{one}\n" for one in parts), "utf-8")
                pip(venv / "bin" / "python", "--no-index", self.wheel)
                (venv / "complete").touch()
        return venv / "bin"

    def run(
        self, *command: str | Path, cwd: Path, extras: Iterable[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment with some extras."""
        name, *rest = command
        return run(self.bin(extras) / name, *rest, cwd=cwd)


def environment(version: str, python: Path, wheel: Path) -> Environment:
    """Return an environment with a wheel; what it needs is installed unless an earlier run did."""
    wanted = requirements(read_metadata(wheel))
    digest = hashlib.sha256(repr(sorted(wanted.items())).encode()).hexdigest()[:12]
    folder = CACHE / f"{version}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if not (folder / "complete").exists():
            for other in CACHE.glob(f"{version}-*"):
                if other != folder:
                    shutil.rmtree(other)
            for name, text in wanted.items():
                file = folder / f"{name or 'base'}.txt"
                file.write_text(text, "utf-8")
                into = folder / (name or "base")
                shutil.rmtree(into, ignore_errors=True)
                pip(python, "--require-hashes", "--target", into, "-r", file)
            (folder / "complete").touch()
        ours = hashlib.sha256(wheel.read_bytes()).hexdigest()[:12]
        for venv in folder.glob("venv-*"):
            if not venv.name.startswith(f"venv-{ours}-"):
                shutil.rmtree(venv)
    return Environment(version, python, folder, wheel)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes that run tests from making the same thing at the same time."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pip(python: Path, *arguments: str | Path) -> None:
    """Install with the pip that the tests have: an environment has none."""
    command = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    done(*command, "--no-deps", "--no-compile", "--disable-pip-version-check", *arguments)


def requirements(metadata: Metadata) -> dict[str, str]:
    """Return what to install, as requirements with hashes: for ``""`` always, else by extra."""
    locked, parents = _locked()
    asked: dict[str, set[str]] = {"": set()}
    asked |= {extra: set() for extra in metadata.provides_extra or []}
    for one in metadata.requires_dist or []:
        extras = [extra for extra in asked if extra and f'extra == "{extra}"' in str(one.marker)]
        asked[extras[0] if extras else ""].add(canonicalize_name(one.name))
    base = _closure(asked[""], parents)
    found = {"": base} | {
        extra: _closure(names, parents) - base for extra, names in asked.items() if extra
    }
    missing = set().union(*found.values()) - locked.keys()
    assert not missing, f"not in requirements-dev.lock: {missing}; see the Makefile's 'lock'"
    return {extra: "".join(locked[name] for name in sorted(found[extra])) for extra in found}


def _locked() -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return the lines of the lock files about each package, and who asks for it there."""
    locked, parents = dict[str, str](), dict[str, set[str]]()
    for path in LOCKS:
        for block in _BLOCK.finditer(path.read_text("utf-8")):
            name = canonicalize_name(block[1])
            locked[name] = re.sub(r"^    #.*\n", "", block[0], flags=re.MULTILINE)
            parents.setdefault(name, set()).update(map(canonicalize_name, _VIA.findall(block[0])))
    return locked, parents


def _closure(names: Iterable[str], parents: Mapping[str, set[str]]) -> set[str]:
    """Return names with all that they ask for, directly or not."""
    found, before = set(names), set[str]()
    while found != before:
        before = set(found)
        found |= {name for name, above in parents.items() if above & before}
    return found
