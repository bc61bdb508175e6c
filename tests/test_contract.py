"""What others build on, and what ``docs/apparatus/promises.md`` promises: all of it in one file.

``contract.toml`` holds every rule, option, field, command, flag, exit status, key, class, id, role,
attribute, address and property there is. A test fails when one of them changes; after the change
is announced, ``REWRITE=1 pytest tests/test_contract.py`` writes the file anew.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from mkdocs.config.base import BaseConfigOption
from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus import cli, overview, report
from mkdocs_apparatus.fields import ARTICLE, CLAIM, PAGE, TERM
from mkdocs_apparatus.model import Diagnostic, Span
from mkdocs_apparatus.plugin import ApparatusConfig
from mkdocs_apparatus.rules import RULES
from sites import ROOT, Build, write

GOLDEN = Path(__file__).parent / "contract.toml"
ASSETS = Path(report.__file__).parent / "assets"
Section = dict[str, str | list[str]]

HEAD = """# What others build on; tests/test_contract.py fails when it changes unannounced.
# Written by: REWRITE=1 pytest tests/test_contract.py
"""
ADVICE = """
Others build on this; docs/apparatus/promises.md says what they were promised.
- Something new: add a line to CHANGELOG.md under "Added".
- Something gone or different: let the old one work on and warn for as long as the page promises,
  and add a line to CHANGELOG.md under "Deprecated"; when its time is over, under "Changed" or
  "Removed".
Then: REWRITE=1 pytest tests/test_contract.py
"""
# Names in capitals stand for those that authors choose.
THEME = "<html><head></head><body>{{ page.content }}</body></html>"
SITE = {
    "theme/main.html": THEME,
    "docs/index.md": """---
title: Home
summary: What it says.
reviewed: 2026-11-24
topics: [TOPIC]
paragraphs: [1]
---
# Home

It was so [see @KEY, p. 3, "these words"; also @PRINTED, pp. 4-5, "those words"], as @KEY [par. 3]
says, and [-@KEY]. A [[SLUG]] and [[PERSON|a person]], [[nothing]], [@unknown].

## A heading [@KEY]

[a link with [@KEY] and [[SLUG]]](sources.md)

``` figure
FIGURE
```

\\bibliography
""",
    "docs/all.md": "# All\n\n[@OLDKEY]\n\n\\full_bibliography\n",
    "docs/off.md": "---\nreferences: off\n---\n# Off\n\n[@KEY]\n\n\\full_bibliography\n",
    "docs/unlisted.md": "---\nreferences: off\n---\n# Off\n\n[@KEY] [[EVENT]]\n",
    "docs/other.md": "---\nparagraphs: [1]\n---\n# Other\n\n[@KEY], [@PRINTED] and [@THIRD].\n",
    "sources/a.bib": """
@online{KEY, title = {Заголовок}, titletranslation = {Title}, author = {Smith, Anna and Doe, Bo},
  organization = {Paper}, date = {2020-03-04}, url = {https://a.example/1}, ids = {OLDKEY},
  urldate = {2026-11-24}, langid = {russian}, keywords = {primary, copy}, note = {A note},
  archiveurl = {https://b.example/1}}
@inbook{PRINTED, title = {Part}, booktitle = {Whole}, editor = {Roe, Cy}, publisher = {Press},
  location = {Town}, edition = {2}, series = {Series}, volume = {3}, number = {4}, pages = {5-6},
  date = {1999/2001}, isbn = {0-306-40615-2}, doi = {10.1000/x}, keywords = {news}}
@article{THIRD, title = {Third}, journaltitle = {Journal}, year = {2020}, eprint = {2501.01234},
  author = {Smith, Anna and Doe, Bo}, url = {https://a.example/3}, keywords = {analysis}}
@thesis{IDLE, title = {Idle}, institution = {Press}, type = {phdthesis}, pubstate = {inpress},
  url = {https://a.example/4}, doi = {10.1000/y}, keywords = {reference}}
@book{OTHER, title = {Other}, publisher = {Press}}
""",
    "sources/glossary/SLUG.md": "---\ntitle: slug\naliases: [snail]\nsummary: A thing.\n"
    "see: [PERSON]\nexplainer: index.md\nformerly: [OLDSLUG]\n---\nSo [@KEY].\n",
    "sources/glossary/PERSON.md": "---\ntitle: person\nkind: person\nsummary: A person.\n"
    "role: chair\nas_of: 2020-01\n---\nSo [@KEY].\n",
    "sources/glossary/EVENT.md": "---\ntitle: event\nkind: event\nsummary: It was.\n"
    "date: 2020-03-04\nend: 2020-03-05\ntopics: [TOPIC]\nexplainer: index.md\n---\nSo [@KEY].\n",
    **{
        f"sources/glossary/{kind}.md": f"---\ntitle: some {kind}\nkind: {kind}\nsummary: It is.\n"
        "---\nSo [@KEY].\n"
        for kind in ("organisation", "place", "law")
    },
    **{
        f"sources/claims/{at}-CLAIM{at}.md": f"---\nclaim: So {verdict}.\nparagraph: 1\n"
        f"verdict: {verdict}\nchecked: 2026-11-24\nexplainer: index.md\n"
        f"formerly: [OLDCLAIM{at}]\n---\nSo [@KEY].\n"
        for at, verdict in enumerate(
            ("supported", "nuanced", "imprecise", "wrong", "unverifiable", "none"), 1
        )
    },
    "sources/article.md": "---\ntitle: An article\nauthor: Somebody\ndate: 2025-04-01\n"
    "source: KEY\nparagraphs: [One., Two.]\n---\n",
    "sources/data/TABLE.csv": "Year,Men,note,source\n2020,1000,about,KEY\n2021,2,,PRINTED\n",
    "sources/figures/FIGURE.json": json.dumps(
        {
            "title": "Men",
            "description": "More.",
            "usermeta": {"caption": "A caption.", "licence": "CC0"},
            "data": {"url": "../data/TABLE.csv"},
            "mark": "bar",
            "width": "container",
            "encoding": {
                "x": {"field": "Year", "type": "ordinal"},
                "y": {"field": "Men", "type": "quantitative"},
            },
        }
    ),
}
OWN_PAGES = [path.removeprefix("docs/") for path in SITE if path.startswith("docs/")]
FINDING = Diagnostic("C001", "no source 'x'", Span("docs/a.md", 1, 2, 1, 4), "y")


def rules() -> Section:
    return {code: f"{rule.name} ({rule.severity.value})" for code, rule in RULES.items()}


def options() -> Section:
    def written(option: BaseConfigOption[Any]) -> str:
        kind = getattr(option, "_type", None)
        choices = getattr(option, "choices", ())
        values = " | ".join(map(json.dumps, choices)) if choices else kind.__name__
        return f"{values} = {json.dumps(option.default)}"

    return {name: written(option) for name, option in ApparatusConfig._schema}


def front_matter() -> Section:
    tables = {"term": TERM, "claim": CLAIM, "article": ARTICLE, "page": PAGE}
    return {
        f"{kind}.{name}": " | ".join(field.choices)
        or field.kind.name.lower() + (", needed" if field.needed else "")
        for kind, table in tables.items()
        for name, field in table.items()
    }


def commands() -> Section:
    parser = cli._parser()
    return {"apparatus": list(map(_written, parser._actions))} | {
        f"apparatus {name}": list(map(_written, command._actions))
        for name, command in _subcommands(parser)
    }


def _subcommands(
    parser: argparse.ArgumentParser, before: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"{before}{name}", command
                yield from _subcommands(command, f"{before}{name} ")


def _written(action: argparse.Action) -> str:
    named = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    if isinstance(action, argparse._SubParsersAction):
        return named
    many = {"?": "?", "*": "*", "+": "+"}.get(str(action.nargs), "")
    choices = f" {{{','.join(map(str, action.choices))}}}" if action.choices else ""
    takes = " VALUE" if action.option_strings and action.nargs != 0 and not choices else ""
    default = action.default
    usual = "" if default in (None, False, "", argparse.SUPPRESS) else f" = {default}"
    return f"{named}{takes}{many}{choices}{usual}"


def machine_formats() -> Section:
    log = json.loads(report.sarif([FINDING], lambda _: ()))
    return {
        "check --format json": sorted(f"[].{key}" for key in report.record(FINDING)),
        "check --format sarif": sorted(set(_keys(log))),
        "check --format": list(report.FORMATS),
    }


def _keys(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = f"{path}.{key}".lstrip(".")
            yield name
            yield from _keys(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, f"{path}[]")


def template() -> Section:
    """Return what the variable ``apparatus`` has, and what those things have."""
    listed = {"verdicts": overview.Verdict, "topics": overview.Topic, "explainers": overview.Leaf}
    records = {"page": overview.Facts, **listed}
    assert set(records) <= {field.name for field in fields(overview.Overview)}
    return {f"apparatus.{name}": sorted(_names(record)) for name, record in records.items()}


def _names(record: type) -> set[str]:
    assert is_dataclass(record)
    properties = {name for name, value in vars(record).items() if isinstance(value, property)}
    return {field.name for field in fields(record)} | properties


def assets() -> Section:
    words = tomllib.loads((ASSETS / "words.toml").read_text("utf-8"))
    css = (ASSETS / "apparatus.css").read_text("utf-8")
    scripts = "".join(path.read_text("utf-8") for path in sorted(ASSETS.glob("*.js")))
    return {
        "languages": sorted(words),
        "words": sorted(words["en"]),
        "properties": sorted(set(re.findall(r"^\s*(--ap-[\w-]+):", css, re.MULTILINE))),
        "classes of scripts": sorted(set(re.findall(r"\bap-[a-z]+(?:-[a-z]+)*", scripts))),
    }


def package() -> Section:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return {
        "extras": sorted(project["optional-dependencies"]),
        "commands": sorted(project["scripts"]),
        "plugins": sorted(project["entry-points"]["mkdocs.plugins"]),
        "python": project["requires-python"],
        "inputs of the action": [
            f"{name} = {one['default']}" for name, one in action["inputs"].items()
        ],
        "outputs of the action": list(action["outputs"]),
    }


def html(build: Build) -> Section:
    """Return what stands in the pages of a site that uses everything, its theme being empty."""
    found: dict[str, set[str]] = {
        name: set() for name in ("elements", "ids", "roles", "attributes", "meta", "files")
    }
    for style in ("numeric", "author-date"):
        config = (
            "theme: {name: null, custom_dir: theme}\nsite_url: https://c.example/\n"
            "site_author: Somebody\nextra: {licence: CC0}\n"
            f"use_directory_urls: false\nplugins: [{{apparatus: {{style: {style}}}}}]\n"
        )
        built = build({"mkdocs.yml": "", **SITE}, config=config)
        site = built.folder / "site"
        for path in site.rglob("*.html"):
            _collect(LexborHTMLParser(path.read_text("utf-8")), found)
        files = (path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
        found["files"] |= {re.sub(r"(references)/\w+\.bib", r"\1/PAGE.bib", one) for one in files}
    found["files"] -= {"sitemap.xml", "sitemap.xml.gz", "404.html"}
    found["files"] -= {path.removesuffix("md") + "html" for path in OWN_PAGES}
    found["ids"] -= {"home", "a-heading", "all", "off", "other"}  # headings of the fixture's pages
    return {name: sorted(values) for name, values in found.items()}


def _collect(page: LexborHTMLParser, found: dict[str, set[str]]) -> None:
    for node in page.css("body *"):
        given = {name: value or "" for name, value in node.attributes.items()}
        ours = [one for one in given.get("class", "").split() if one.startswith("ap-")]
        found["elements"] |= {f"{node.tag}.{one}" for one in ours}
        if "id" in given:
            found["ids"].add(_address(given["id"]))
        if "role" in given:
            found["roles"].add(f"{'.'.join([node.tag, *ours[:1]])} {given['role']}")
        found["attributes"] |= {name for name in given if name.startswith("data-")}
    for node in page.css("meta[name]"):
        found["meta"].add(node.attributes["name"] or "")
    for node in page.css('script[type="application/ld+json"]'):
        found["meta"] |= {f"JSON-LD {one}" for one in re.findall(r'"@type": ?"(\w+)"', node.text())}


def _address(name: str) -> str:
    """Return an id with signs for its numbers."""
    return "YEAR" if re.fullmatch(r"\d{4}", name) else re.sub(r"\d+$", "N", name)


def exits(folder: Path) -> Section:
    write(folder, {"mkdocs.yml": "site_name: T\nplugins: [apparatus]\n", "docs/index.md": "[@x]\n"})
    config = str(folder / "mkdocs.yml")
    wrong = cli.main(["check", "--config", config])
    write(folder, {"docs/index.md": "Nothing.\n"})
    clean = cli.main(["check", "--config", config])
    usage = cli.main(["check", "--config", config, "--select", "nonsense"])
    with pytest.raises(SystemExit) as parsing:
        cli.main(["no-such-command"])
    return {
        "nothing wrong": str(clean),
        "something wrong": str(wrong),
        "wrong use": str(usage),
        "no such command": str(parsing.value.code),
    }


@pytest.fixture
def contract(build: Build, tmp_path: Path) -> dict[str, Section]:
    return {
        "rules": rules(),
        "options": options(),
        "front matter": front_matter(),
        "commands": commands(),
        "exit status": exits(tmp_path / "exits"),
        "formats": machine_formats(),
        "html": html(build),
        "template": template(),
        "assets": assets(),
        "package": package(),
    }


def dumped(contract: Mapping[str, Section]) -> str:
    """Return a contract as TOML; what JSON has of strings and lists of them is TOML, too."""
    parts = [HEAD]
    for name, section in contract.items():
        parts.append(f"\n[{json.dumps(name)}]\n")
        for key, value in section.items():
            lines = f"[\n    {_lines(value)},\n]" if isinstance(value, list) else _quoted(value)
            parts.append(f"{_quoted(key)} = {lines}\n")
    return "".join(parts)


def _lines(values: list[str]) -> str:
    return ",\n    ".join(map(_quoted, values))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield what went, with a minus, and what came, with a plus."""
    for name in dict.fromkeys((*old, *new)):
        was, now = set(_flat(old.get(name, {}))), set(_flat(new.get(name, {})))
        yield from (f"- {name}: {one}" for one in sorted(was - now))
        yield from (f"+ {name}: {one}" for one in sorted(now - was))


def _flat(section: Mapping[str, Any]) -> Iterator[str]:
    for key, value in section.items():
        if isinstance(value, list):
            yield from (f"{key}: {one}" for one in value)
        else:
            yield f"{key}: {value}"


def test_nothing_changes_unannounced(contract: dict[str, Section]) -> None:
    if os.environ.get("REWRITE"):
        GOLDEN.write_text(dumped(contract), "utf-8")
    golden = tomllib.loads(GOLDEN.read_text("utf-8"))
    changed = list(differences(golden, contract))
    assert not changed, "\n".join(("", *changed, ADVICE))


def test_the_fixture_uses_everything(contract: dict[str, Section]) -> None:
    """Every class that has a style, or that the code writes, is in the pages or in the scripts."""
    made = {one.partition(".")[2] for one in contract["html"]["elements"]}
    css = (ASSETS / "apparatus.css").read_text("utf-8")
    styled = set(re.findall(r"\.(ap-[a-z]+(?:-[a-z]+)*)", css))
    assert not styled - made - set(contract["assets"]["classes of scripts"])
    code = "".join(path.read_text("utf-8") for path in ASSETS.parent.glob("*.py"))
    written = set(re.findall(r'class="(ap-[a-z]+(?:-[a-z]+)*)"', code))
    assert not written - made
    roles = set(re.findall(r'\bPart\("([a-z]+)"', code))
    assert not {f"ap-{role}" for role in roles} - made


def test_a_difference_is_named() -> None:
    old = {"rules": {"C001": "a (error)", "C002": "b (error)"}, "css": {"classes": ["x", "y"]}}
    new = {"rules": {"C001": "a (info)", "C002": "b (error)"}, "css": {"classes": ["y", "z"]}}
    assert list(differences(old, new)) == [
        "- rules: C001: a (error)",
        "+ rules: C001: a (info)",
        "- css: classes: x",
        "+ css: classes: z",
    ]
    assert list(differences(new, new)) == []


def test_the_page_of_promises_names_what_is_promised() -> None:
    page = (GOLDEN.parent.parent / "docs/apparatus/promises.md").read_text("utf-8")
    for id_ in ("ref-", "source-", "term-", "event-", "claim-"):
        assert f"`#{id_}" in page, id_
    for value in template():
        assert value.partition(".")[0] in page
