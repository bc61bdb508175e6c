"""The package on its own: what is in it, and whether it works where nothing else is installed.

What is real: wheel and source are built by hatchling from the working tree, without network; the
wheel is installed by pip into environments that hold what it asks for and nothing else; commands
and builds run there as processes of their own, on this Python and on a newer one if the machine
has one. What is not: the packages of an extra lie in a folder of their own (see ``environments``).
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import markdown
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from trove_classifiers import classifiers

from environments import Environment, build, done, environment, pythons, read_metadata
from mkdocs_apparatus import __version__
from sites import ROOT, write

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = tuple(PROJECT["optional-dependencies"])
PACKAGE = ROOT / "plugins" / "mkdocs_apparatus"
EDGES = {"plugin", "cli", "vega"}  # vega is run as a file, in a process of its own
SITE = {
    "mkdocs.yml": "site_name: Twin\ntheme: mkdocs\nplugins: [search, apparatus]\n",
    "docs/index.md": "# Home\n\nIt was [[reset]] so [@one, p. 3].\n",
    "sources/a.bib": "@online{one, title = {One}, date = {2020}, url = {https://a.example/}}\n",
    "sources/glossary/reset.md": "---\ntitle: reset\nsummary: A word.\n---\nSo [@one].\n",
    "sources/claims/1-yes.md": "---\nclaim: Yes.\nparagraph: 1\nverdict: supported\n---\n[@one]\n",
}
CSL = """<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>t</title><id>t</id><updated>2020-01-01T00:00:00Z</updated></info>
<citation><layout prefix="{" suffix="}"><text variable="title"/></layout></citation>
<bibliography><layout><text variable="title"/></layout></bibliography></style>
"""
FIGURE = {
    "docs/index.md": SITE["docs/index.md"] + "\n``` figure\nmen\n```\n",
    "sources/data/men.csv": "Year,Men,source\n2020,1,one\n2021,2,one\n",
    "sources/figures/men.json": '{"title": "T", "description": "D", "usermeta": {"caption": "C",'
    ' "licence": "CC0"}, "data": {"url": "../data/men.csv"}, "mark": "bar", "encoding":'
    ' {"x": {"field": "Year", "type": "ordinal"}, "y": {"field": "Men", "type": "quantitative"}}}',
}
PDF = "from mkdocs_apparatus.passages import _pdf; _pdf(b'%PDF-1.7')"
# What needs an extra: files of a site, and a command that fails where the extra is missing. An
# extra that has no line here is the one of a command by its own name.
NEEDS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "csl": (
        {
            "mkdocs.yml": SITE["mkdocs.yml"].replace("apparatus]", "apparatus: {style: t.csl}]"),
            "t.csl": CSL,
        },
        ("python", "-m", "mkdocs", "build", "--strict"),
    ),
    "figures": (FIGURE, ("python", "-m", "mkdocs", "build", "--strict")),
    "pdf": ({}, ("python", "-c", PDF)),
}
WITHOUT_EXTRA = {
    extra: NEEDS.get(extra, ({}, ("apparatus", extra, *(["10.1000/x"] if extra == "add" else []))))
    for extra in EXTRAS
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module", params=pythons().items(), ids=lambda pair: pair[0])
def installed(request: pytest.FixtureRequest, built: tuple[Path, Path]) -> Environment:
    return environment(*request.param, built[1])


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def test_the_wheel_holds_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    listed = done("git", "ls-files", "--cached", "--others", "--exclude-standard", PACKAGE)
    ours = {line.removeprefix("plugins/") for line in listed.splitlines()}
    ours = {name for name in ours if (ROOT / "plugins" / name).exists()}
    found = {name for name in names(built[1]) if ".dist-info/" not in name}
    assert found == ours
    assert {"mkdocs_apparatus/py.typed", "mkdocs_apparatus/assets/words.toml"} <= found
    assert not [name for name in found if "test" in name or "__pycache__" in name]
    (licence,) = (name for name in names(built[1]) if "licenses/" in name)
    assert licence.endswith("LICENSE")


def test_the_source_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    sdist, wheel = built
    with tarfile.open(sdist) as file:
        file.extractall(tmp_path, filter="data")
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    _, again = build(tmp_path / "dist", folder)
    assert again.read_bytes() == wheel.read_bytes()


def test_the_metadata_are_complete(built: tuple[Path, Path]) -> None:
    metadata = read_metadata(built[1])
    assert (metadata.name, str(metadata.version)) == ("mkdocs-apparatus", __version__)
    assert metadata.summary == PROJECT["description"]
    assert metadata.summary
    assert len(metadata.summary) < 512
    assert (metadata.license_expression, metadata.license_files) == ("MIT", ["LICENSE"])
    assert str(metadata.requires_python) == PROJECT["requires-python"]
    assert tuple(metadata.provides_extra or ()) == EXTRAS
    assert set(metadata.classifiers or ()) <= classifiers
    assert metadata.keywords
    with zipfile.ZipFile(built[1]) as wheel:
        (entries,) = (one for one in wheel.namelist() if one.endswith("entry_points.txt"))
        text = wheel.read(entries).decode()
    assert "apparatus = mkdocs_apparatus.cli:main" in text
    assert "[mkdocs.plugins]\napparatus = mkdocs_apparatus.plugin:ApparatusPlugin" in text


def test_the_readme_renders(built: tuple[Path, Path]) -> None:
    metadata = read_metadata(built[1])
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text("utf-8")
    html = markdown.markdown(metadata.description, extensions=["tables", "fenced_code"])
    assert "<h1>" in html
    assert html.count("<table>") == len(re.findall(r"^\| -+ ", metadata.description, re.MULTILINE))
    assert "```" not in html


def test_source_and_wheel_say_the_same(built: tuple[Path, Path]) -> None:
    sdist, wheel = built
    with zipfile.ZipFile(wheel) as file:
        (name,) = (one for one in file.namelist() if one.endswith("METADATA"))
        ours = message_from_bytes(file.read(name))
    with tarfile.open(sdist) as tar:
        (member,) = (one for one in tar.getmembers() if one.name.endswith("/PKG-INFO"))
        theirs = message_from_bytes((tar.extractfile(member) or io.BytesIO()).read())
    assert ours.items() == theirs.items()


def test_no_theme_is_asked_for() -> None:
    asked = {canonicalize_name(Requirement(one).name) for one in PROJECT["dependencies"]}
    assert not [name for name in asked if "material" in name]


def test_it_starts_where_only_its_needs_are(installed: Environment, tmp_path: Path) -> None:
    probe = "import mkdocs_apparatus as m, sys; print(m.__file__, sys.version_info[:2])"
    printed = installed.run("python", "-c", probe, cwd=tmp_path).stdout
    assert str(installed.folder) in printed
    assert str(tuple(map(int, installed.version.split(".")))) in printed
    assert installed.run("apparatus", "--version", cwd=tmp_path).stdout == f"{__version__}\n"
    helped = installed.run("apparatus", "--help", cwd=tmp_path)
    assert helped.returncode == 0
    assert "COMMAND" in helped.stdout
    assert not helped.stderr
    absent = ("material", "pymdownx", "pytest", "pypandoc", "vl_convert", "pypdf")
    find = f"import importlib.util as u; print([one for one in {absent} if u.find_spec(one)])"
    assert installed.run("python", "-c", find, cwd=tmp_path).stdout == "[]\n"


def test_what_it_asks_for_fits_together(installed: Environment) -> None:
    pip = (sys.executable, "-m", "pip", "--python", installed.bin(EXTRAS) / "python")
    assert "No broken requirements" in done(*pip, "check")


@pytest.mark.parametrize("extras", [(), *((extra,) for extra in EXTRAS), EXTRAS], ids="+".join)
def test_a_site_is_built(installed: Environment, tmp_path: Path, extras: tuple[str, ...]) -> None:
    write(tmp_path, SITE)
    built = installed.run(
        "python", "-m", "mkdocs", "build", "--strict", cwd=tmp_path, extras=extras
    )
    assert built.returncode == 0, built.stderr
    html = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert 'href="#ref-one"' in html
    assert 'href="#term-reset"' in html
    checked = installed.run("apparatus", "check", cwd=tmp_path, extras=extras)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_needs_an_extra_says_so(installed: Environment, tmp_path: Path, extra: str) -> None:
    files, command = WITHOUT_EXTRA[extra]
    write(tmp_path, {**SITE, **files})
    result = installed.run(*command, cwd=tmp_path)
    said = result.stdout + result.stderr
    assert result.returncode != 0, said
    assert re.search(rf"pip install \S*mkdocs-apparatus\[{extra}\]", said), said
    assert extra in NEEDS or "Traceback" not in said


@pytest.mark.parametrize("extra", EXTRAS)
def test_with_its_extra_it_works(installed: Environment, tmp_path: Path, extra: str) -> None:
    modules = {path.parent.name for path in (installed.folder / extra).glob("*/__init__.py")}
    assert modules
    loaded = "; ".join(f"import {name}" for name in sorted(modules) if not name.startswith("_"))
    imported = installed.run("python", "-c", loaded, cwd=tmp_path, extras=(extra,))
    assert imported.returncode == 0, imported.stderr
    if extra in NEEDS:
        files, command = NEEDS[extra]
        write(tmp_path, {**SITE, **files})
        result = installed.run(*command, cwd=tmp_path, extras=(extra,))
        assert f"mkdocs-apparatus[{extra}]" not in result.stderr
        assert result.returncode == (extra == "pdf"), result.stderr  # the PDF is none


def core() -> list[str]:
    return sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem not in EDGES)


def test_the_core_needs_no_generator() -> None:
    """Zensical users have neither; nor does what an editor or a hook starts."""
    blocked = "import sys; sys.modules.update(dict.fromkeys(['mkdocs', 'material', 'properdocs']))"
    loads = "; ".join(f"import mkdocs_apparatus.{name}" for name in core() if name != "__init__")
    done(sys.executable, "-c", f"{blocked}; {loads}; import mkdocs_apparatus.cli")


def test_the_block_blocks() -> None:
    blocked = "import sys; sys.modules.update(dict.fromkeys(['mkdocs']))"
    result = subprocess.run(
        [sys.executable, "-c", f"{blocked}; import mkdocs_apparatus.plugin"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "'mkdocs' is not a package" in result.stderr


@pytest.mark.parametrize("module", ["mkdocs_apparatus", "mkdocs_apparatus.library"])
def test_it_is_imported_fast(module: str) -> None:
    """Under a tenth of a second of work beyond pybtex; the best of five, since machines differ."""
    probe = (
        "import time, pybtex.database.input.bibtex\n"
        f"start = time.process_time()\nimport {module}\nprint(time.process_time() - start)"
    )
    assert min(float(done(sys.executable, "-c", probe)) for _ in range(5)) < 0.1


def links(text: str) -> Iterator[str]:
    yield from re.findall(r"\]\((?!https?:|#)([^)#]+)", text)


def test_what_the_readme_links_to_is_there() -> None:
    for link in links((ROOT / "README.md").read_text("utf-8")):
        assert (ROOT / link).exists(), link
