"""The package as others get it: built from the working tree, installed where nothing else is.

An environment holds what the wheel says that it needs, in the locked versions, and nothing more:
no Material, no test tools. What an extra asks for besides lies in a folder of its own, which a
.pth file adds for as long as a command runs: so a package that is not asked for is truly absent,
and none is installed twice. In that alone it is unlike ``pip install mkdocs-apparatus[EXTRA]``,
which puts all in one place.

Environments stay in ``.cache/package/``, under the digest of the lock files, from run to run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
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
    """A Python with the package: its folder, and the folder of what each extra asks for."""

    version: str
    folder: Path
    extras: Mapping[str, Path]

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(
        self, *command: str | Path, cwd: Path, extras: Iterable[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment's, with what some extras ask for."""
        (packages,) = self.folder.glob("lib/python*/site-packages")
        added = "".join(f"{self.extras[extra]}\n" for extra in extras)
        (packages / "extras.pth").write_text(added, "utf-8")
        name, *rest = command
        return run(self.folder / "bin" / name, *rest, cwd=cwd)


def environment(version: str, python: Path, wheel: Path) -> Environment:
    """Return an environment with a wheel, made if there is none from an earlier run."""
    metadata = read_metadata(wheel)
    wanted = requirements(metadata)
    digest = hashlib.sha256(repr(sorted(wanted.items())).encode()).hexdigest()[:12]
    folder = CACHE / f"{version}-{digest}"
    environment = Environment(
        version, folder, {extra: folder / "extras" / extra for extra in wanted if extra}
    )
    if not (folder / "complete").exists():
        for old in CACHE.glob(f"{version}-*"):
            shutil.rmtree(old)
        done(python, "-m", "venv", "--without-pip", folder)
        for extra, text in wanted.items():
            file = folder / f"{extra or 'base'}.txt"
            file.write_text(text, "utf-8")
            into = ("--target", environment.extras[extra]) if extra else ()
            _pip(environment, "--require-hashes", *into, "-r", file)
        (folder / "complete").touch()
    _pip(environment, "--no-index", "--force-reinstall", wheel)
    return environment


def _pip(environment: Environment, *arguments: str | Path) -> None:
    """Install with the pip that the tests have: the environment has none."""
    pip = (sys.executable, "-m", "pip", "--python", environment.python, "install", "--quiet")
    done(*pip, "--no-deps", "--no-compile", "--disable-pip-version-check", *arguments)


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
