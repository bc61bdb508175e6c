"""Sites as fixtures: a small one from the files at hand, and this project's own."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from sites import ROOT, Build, Built, write


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write files and build them with MkDocs and Material."""

    def run(files: Mapping[str, str], *, strict: bool = False, config: str = "") -> Built:
        write(tmp_path, files)
        plugins = "" if "plugins:" in config else "plugins: [search, apparatus]\n"
        theme = "" if "theme:" in config else "theme: material\n"
        settings = f"site_name: Twin\n{theme}{plugins}{config}"
        write(tmp_path, {"mkdocs.yml": settings})
        records: list[str] = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
        logger = logging.getLogger("mkdocs")
        logger.addHandler(handler)
        try:
            loaded = load_config(str(tmp_path / "mkdocs.yml"), strict=strict)
            loaded.plugins.on_startup(command="build", dirty=False)
            mkdocs_build(loaded)
            aborted = False
        except Abort:
            aborted = True
        finally:
            logger.removeHandler(handler)
        return Built(tmp_path, records, aborted)

    return run


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build this project's own site strictly, from the working tree."""
    target = tmp_path_factory.mktemp("site")
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    loaded = load_config(str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(target))
    loaded.plugins.on_startup(command="build", dirty=False)
    mkdocs_build(loaded)
    yield target
    shutil.rmtree(target)
