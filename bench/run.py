"""Measures what citations and terms add to a build, and writes the tables of README.md.

In come a size and a number of rounds. A round builds each variant of the same site once, so that
whatever else the machine does touches all of them. Raw figures go to results.json, which has one
entry a size; the tables are written from it, so a run renews its own sizes and keeps the others.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.content import SIZES

ROOT = Path(__file__).parent.parent
CACHE = ".cache/plugin/apparatus"
BEGIN = "<!-- tables: written by run.py -->"
END = "<!-- end of tables -->"

_COMMAND = (sys.executable, "-m", "mkdocs", "build", "--quiet")
# Bytecode is kept, as that of an installed package is.
_SETTINGS = {"NO_MKDOCS_2_WARNING": "1", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}
_MEMORY = Path("/dev/shm")  # noqa: S108 # a folder of our own is made in it
_PACKAGES = ("mkdocs-apparatus", "mkdocs", "mkdocs-material", "markdown")
_MAXRSS_UNIT = 2**20 if sys.platform == "darwin" else 2**10  # of MiB: getrusage(2)


@dataclass(frozen=True, slots=True)
class Variant:
    """What is built: a flavour of the site, and what it is called in the tables."""

    flavour: str
    label: str


VARIANTS = {
    "plain": Variant("plain", "plain"),
    "warm": Variant("apparatus", "apparatus"),
    "cold": Variant("apparatus", "apparatus, first build"),
    "peers": Variant("peers", "mkdocs-bibtex and mkdocs-ezglossary-plugin"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One build, process start and end included: seconds, and the most memory in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Result:
    """All builds of a size by variant, and what they were made with."""

    made: str
    runs: Mapping[str, Sequence[Run]]

    def best(self, variant: str) -> Run:
        """Return the smallest figures of a variant, each for itself."""
        runs = self.runs[variant]
        return Run(*(min(getattr(run, name) for run in runs) for name in Run.__slots__))


def ratio(value: float, base: float) -> str:
    """Write how many times a base a value is.

    >>> ratio(3.0, 2.0)
    '1.50'
    """
    return f"{value / base:.2f}"


def spread(values: Sequence[float]) -> str:
    """Write the best value, and the median with the range of all.

    >>> spread([2.0, 1.0, 4.0])
    '1.00 | 2.00 [1.00-4.00]'
    """
    return f"{min(values):.2f} | {median(values):.2f} [{min(values):.2f}-{max(values):.2f}]"


def table(size: str, result: Result) -> str:
    """Return a size's heading, table and conditions as Markdown."""
    site, plain = SIZES[size], result.best("plain")
    lines = [
        f"### {size}: {site.pages:,} pages, {site.sources:,} sources, {site.terms:,} terms\n",
        "| build | runs | CPU s: best | median [range] | times plain | ms a page more "
        "| wall s: best | median [range] | times plain | peak MiB |",
        "| --- " + "| ---: " * 9 + "|",
    ]
    for name, runs in result.runs.items():
        best = result.best(name)
        cells = (
            VARIANTS[name].label,
            str(len(runs)),
            spread([run.cpu for run in runs]),
            ratio(best.cpu, plain.cpu),
            f"{(best.cpu - plain.cpu) / site.pages * 1000:.1f}",
            spread([run.wall for run in runs]),
            ratio(best.wall, plain.wall),
            f"{max(run.peak for run in runs):.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join((*lines, "", result.made, ""))


def growth(results: Mapping[str, Result]) -> str:
    """Return what a page costs at each size, as Markdown; nothing of fewer than two sizes."""
    sizes = [size for size in SIZES if size in results]
    if not sizes[1:]:
        return ""
    lines = [
        "### What a page costs, in milliseconds of CPU\n",
        f"| build | {' | '.join(f'{size}: {SIZES[size].pages:,} pages' for size in sizes)} |",
        "| --- " + "| ---: " * len(sizes) + "|",
    ]
    for name, variant in VARIANTS.items():
        cells = [
            f"{results[size].best(name).cpu / SIZES[size].pages * 1000:.2f}"
            if name in results[size].runs
            else ""
            for size in sizes
        ]
        if any(cells):
            lines.append(f"| {variant.label} | {' | '.join(cells)} |")
    return "\n".join((*lines, ""))


def tables(results: Mapping[str, Result]) -> str:
    """Return all tables, the smallest site first."""
    found = [table(size, results[size]) for size in SIZES if size in results]
    return "\n".join(filter(None, (*found, growth(results))))


def renew(text: str, between: str) -> str:
    """Put tables between the two marker lines of a text. Raises ValueError if one is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the lines '{BEGIN}' and '{END}' are missing")
    return f"{before}{BEGIN}\n\n{between}\n{END}{after}"


def read_results(path: Path) -> dict[str, Result]:
    """Return the results of earlier runs by size; none if there were none."""
    if not path.exists():
        return {}
    return {
        size: Result(
            one["made"], {name: [Run(*run) for run in runs] for name, runs in one["runs"].items()}
        )
        for size, one in json.loads(path.read_text("utf-8")).items()
    }


def write_results(path: Path, results: Mapping[str, Result]) -> None:
    """Write results as JSON, the smallest site first, a line a variant."""
    sizes = []
    for size in (size for size in SIZES if size in results):
        result = results[size]
        runs = ",\n".join(
            f'      "{name}": {json.dumps([[run.wall, run.cpu, run.peak] for run in runs])}'
            for name, runs in result.runs.items()
        )
        made = json.dumps(result.made)
        sizes.append(f'  "{size}": {{\n    "made": {made},\n    "runs": {{\n{runs}\n    }}\n  }}')
    path.write_text("{\n" + ",\n".join(sizes) + "\n}\n", "utf-8", newline="\n")


def build(folder: Path, cold: bool = False) -> Run:
    """Build a site in a process of its own; ``cold`` takes the plugin's cache away before."""
    shutil.rmtree(folder / "site", ignore_errors=True)
    if cold:
        shutil.rmtree(folder / CACHE, ignore_errors=True)
    log = folder / "build.log"
    with log.open("wb") as output:
        start = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 # this interpreter, in a folder of ours
            _COMMAND, cwd=folder, env=os.environ | _SETTINGS, stdout=output, stderr=output
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the build of {folder.name} failed:\n{log.read_text('utf-8')[-2000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(round(wall, 3), round(cpu, 3), round(usage.ru_maxrss / _MAXRSS_UNIT, 1))


def order(rounds: int, peer_rounds: int) -> Iterator[str]:
    """Yield the variants in the order of their builds: plain, warm, cold, plain, warm, ..."""
    for number in range(rounds):
        yield from (name for name in VARIANTS if name != "peers" or number < peer_rounds)


def measure(size: str, rounds: int, peer_rounds: int) -> Result:
    """Write the sites, build them in turns, and return what it took."""
    names = list(dict.fromkeys(order(1, peer_rounds)))
    flavours = list(dict.fromkeys(VARIANTS[name].flavour for name in names))
    runs: dict[str, list[Run]] = {name: [] for name in names}
    load = os.getloadavg()[0]
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=memory) as folder:
        # In another process: a child's peak memory begins with that of its parent.
        command = (sys.executable, "-m", "bench.site", folder, "--size", size, "--flavours")
        subprocess.run((*command, *flavours), cwd=ROOT, check=True)  # noqa: S603 # our own
        for flavour in flavours:  # not counted: fills the caches of system and plugin
            build(Path(folder, flavour))
        for name in order(rounds, peer_rounds):
            run = build(Path(folder, VARIANTS[name].flavour), cold=name == "cold")
            print(f"{size} {name}: {run.cpu:.2f} s CPU, {run.wall:.2f} s", file=sys.stderr)
            runs[name].append(run)
    return Result(_made(load), runs)


def _made(load: float) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{datetime.now(UTC).date()}, {os.cpu_count()} cores ({platform.machine()}), "
        f"load average {load:.1f} before; Python {platform.python_version()}, {packages}."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the sizes asked for; print the tables and write them down."""
    parser = argparse.ArgumentParser(description="Measure what citations and terms add to builds.")
    parser.add_argument("--size", nargs="+", choices=SIZES, default=["M"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer-rounds", type=int, default=2, help="0 leaves the peers out")
    parser.add_argument("--readme", type=Path, default=Path(__file__).with_name("README.md"))
    options = parser.parse_args(arguments)
    path = options.readme.with_name("results.json")
    results = read_results(path)
    for size in options.size:
        results[size] = measure(size, options.rounds, options.peer_rounds)
        write_results(path, results)
    written = tables(results)
    print(written)
    text = options.readme.read_text("utf-8")
    options.readme.write_text(renew(text, written), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
