"""What may go wrong while a site is built: the worst of it is a cold build, never a wrong page."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mkdocs_apparatus import store
from mkdocs_apparatus.site import Settings, Site
from sites import write
from test_reproducible import digest

CACHE = ".cache/plugin/apparatus"
SPEC = {
    "title": "T",
    "description": "D",
    "usermeta": {"caption": "C", "licence": "L"},
    "data": {"url": "../data/f.csv"},
    "mark": "bar",
    "encoding": {"x": {"field": "A", "type": "quantitative"}},
}
FILES = {
    "mkdocs.yml": "site_name: X\nplugins: [apparatus]\n",
    "docs/index.md": "# Home\n\n"
    + "\n\n".join(f"Words [@k{number}, p. {number}] of reset." for number in range(300))
    + "\n\n``` figure\nf\n```\n",
    "sources/a.bib": "\n".join(
        f"@online{{k{number}, title = {{Title {number} {{\\'e}}}}, url = {{https://a.example/{number}}}}}"
        for number in range(300)
    ),
    "sources/glossary/reset.md": "---\ntitle: reset\nsummary: Anew.\n---\nText [@k1].\n",
    "sources/data/f.csv": "A,source\n1,k1\n2,k2\n",
    "sources/figures/f.json": json.dumps(SPEC),
}


def start(project: Path, target: Path, **settings: str) -> subprocess.Popen[bytes]:
    """Start a build in a process group of its own."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1764000000", "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(target)],
        cwd=project,
        env=environment | settings,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def built(project: Path, target: Path) -> dict[str, str]:
    assert start(project, target).wait(timeout=120) == 0
    return digest(target)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path / "project", FILES)
    return tmp_path / "project"


def test_a_build_that_was_killed_leaves_nothing_wrong(project: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    cold = built(project, tmp_path / "cold")
    lasts = time.monotonic() - began
    for moment in range(1, 9):
        if moment % 2:
            shutil.rmtree(project / CACHE, ignore_errors=True)
        process = start(project, tmp_path / "killed")
        time.sleep(lasts * moment / 9)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
        for kept in (project / CACHE).glob("*.json"):
            json.loads(kept.read_bytes())  # whole, or not there
    assert built(project, tmp_path / "after") == cold


def test_builds_at_once_do_not_meet(project: Path, tmp_path: Path) -> None:
    targets = [tmp_path / f"site{number}" for number in range(3)]
    processes = [start(project, target) for target in targets]
    assert [process.wait(timeout=240) for process in processes] == [0, 0, 0]
    first, *others = map(digest, targets)
    assert others == [first, first]
    assert built(project, tmp_path / "warm") == first


def test_a_full_disk_costs_the_cache_alone(project: Path, tmp_path: Path) -> None:
    """No file may grow beyond 2,000 bytes: what does not fit is not kept, and nothing is half."""
    cache = tmp_path / "cache"

    def read() -> tuple[object, ...]:
        site = Site(project / "sources", project, "docs", Settings(cache=cache))
        return dict(site.library.sources), dict(site.drawings), dict(site.works), site.problems

    whole = read()
    shutil.rmtree(cache)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        assert read() == whole
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in cache.glob("*") if path.stat().st_size > 2_000] == []
    assert not list(cache.glob("*.part"))
    for kept in cache.glob("*.json"):
        json.loads(kept.read_bytes())
    assert read() == whole


@pytest.mark.parametrize("kind", ["a file", "a link to nowhere", "a folder that is gone"])
def test_a_cache_that_cannot_be_written_is_done_without(
    project: Path, tmp_path: Path, kind: str
) -> None:
    cold = built(project, tmp_path / "cold")
    shutil.rmtree(project / ".cache")
    if kind == "a file":
        (project / ".cache").write_text("no folder", "utf-8")
    elif kind == "a link to nowhere":
        (project / ".cache").symlink_to(tmp_path / "nowhere" / "at" / "all")
    assert built(project, tmp_path / "site") == cold


def test_what_another_build_removes_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking at the kept files and removing the oldest, somebody else removed it."""
    for number in range(5):
        store.keep(tmp_path / f"a-{number}.json", number)
    stat = Path.stat

    def gone(path: Path, **options: bool) -> os.stat_result:
        if path.name == "a-3.json":
            raise FileNotFoundError(path)
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", gone)
    store.keep(tmp_path / "a-9.json", 9)
    assert store.read(tmp_path / "a-9.json") == 9
