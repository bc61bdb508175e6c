"""Golden cases: files in, HTML and findings out, one behaviour a file, named as a claim.

``REWRITE=1 pytest tests/test_cases.py`` writes what comes out into the cases; the difference is
then read line by line before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from sites import convert, write

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))


class _Block(str):
    """A text that is written as a literal block."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text("utf-8"))
    write(tmp_path, {f"sources/{name}": text for name, text in case["sources"].items()})
    html, findings = convert(tmp_path, case["page"], **case.get("options", {}))
    if os.environ.get("REWRITE"):
        case["sources"] = {name: _Block(text) for name, text in case["sources"].items()}
        case |= {"page": _Block(case["page"]), "html": _Block(html + "\n"), "findings": findings}
        text = yaml.dump(case, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        path.write_text(text, "utf-8")
    assert html.rstrip("\n") == case["html"].rstrip("\n")
    assert findings == case["findings"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 30
