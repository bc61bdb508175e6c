"""The import table of the package: every module may import only what stands below it."""

from __future__ import annotations

import ast
from pathlib import Path

import mkdocs_apparatus

FOLDER = Path(mkdocs_apparatus.__file__).parent
# From bottom to top; modules of one row do not import each other.
ROWS = (
    {
        "__init__",
        "answer",
        "changes",
        "charset",
        "config",
        "identity",
        "folder",
        "locator",
        "markup",
        "model",
        "near",
        "opaque",
        "ris",
        "settings",
        "store",
        "target",
        "vega",
    },
    {
        "client",
        "csp",
        "dates",
        "definitions",
        "file",
        "former",
        "latex",
        "marks",
        "passages",
        "rules",
        "svg",
        "terms",
        "words",
    },
    {"entries", "figures", "matter", "names", "syntax"},
    {"citing", "draft", "drawing", "fields", "finds", "inherit", "keys", "plate", "verdicts"},
    {"adopt", "bib", "jsonld"},
    {"describe", "library", "labels", "records", "shelf", "tree"},
    {"style"},
    {
        "addresses",
        "built",
        "cache",
        "check",
        "csl",
        "export",
        "metadata",
        "fix",
        "report",
        "shard",
        "references",
    }
    | {"init", "migrate", "places", "mentions", "papers", "complete"},
    {"record", "hover"},
    {"uses", "render", "overview", "pages", "autolink", "links"},
    {"extension", "linkreport", "lookup"},
    {"add", "site"},
    {"imports", "judge"},
    {"audit"},
    {"desk", "prepare"},
    {"rename"},
    {"remedy"},
    {"session"},
    {"wire"},
    {"lsp"},
    {"plugin", "zensical", "cli"},
)
LIBRARIES = {
    "mkdocs": {"plugin"},
    "markdown": {"audit", "extension", "plugin", "zensical"},
    "pybtex": {"entries", "latex", "names"},
    "frontmatter": {"matter"},
    "yaml": {"config", "matter", "migrate", "settings"},
    "babel": {"words"},
    "html": {"autolink", "csl", "csp", "extension", "finds", "markup", "places", "plugin", "uses"},
    "importlib": {"config", "csl", "drawing", "passages"},
    "socket": {"client"},
    "ssl": {"client"},
    "http": {"client"},
    "urllib3": {"client"},
    "selectolax": {"built", "describe", "passages"},
    "requests": set(),
    "subprocess": {"csl", "drawing"},
    "csv": {"figures"},
    "vl_convert": {"vega"},
    "pypandoc": {"csl"},
    "lsprotocol": {"lsp", "wire"},
    "pygls": {"lsp", "wire"},
    "rapidfuzz": {"complete"},
    "asyncio": {"session"},
    "xml": {"csl", "extension", "svg"},
}


def imports(path: Path) -> tuple[set[str], set[str]]:
    """Return the modules of the package, and the other top-level packages, that a file imports."""
    own, other = set(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            own |= {node.module} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            other.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Import):
            other |= {alias.name.partition(".")[0] for alias in node.names}
    return own - {"__version__"}, other


def test_every_module_has_its_row() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == set().union(*ROWS)


def test_imports_point_down() -> None:
    row = {name: number for number, names in enumerate(ROWS) for name in names}
    for path in FOLDER.glob("*.py"):
        for name in imports(path)[0]:
            assert row[name] < row[path.stem], f"{path.stem} imports {name}, which is not below"


def test_libraries_end_where_they_should() -> None:
    for path in FOLDER.glob("*.py"):
        for name in imports(path)[1] & LIBRARIES.keys():
            assert path.stem in LIBRARIES[name], f"{path.stem} imports {name}"


def test_the_core_loads_without_a_generator() -> None:
    core = [name for row in ROWS[:-1] for name in row]
    assert not [name for name in core if "mkdocs" in imports(FOLDER / f"{name}.py")[1]]


def test_no_state_at_module_level() -> None:
    """Upper-case names are constants, and none of them is a list or a set that could grow."""
    for path in FOLDER.glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign):
                assert not isinstance(node.value, ast.List | ast.Set), f"{path.stem}: {node.lineno}"
