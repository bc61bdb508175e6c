"""A site that cites with mkdocs-bibtex, or explains with ezglossary or abbreviations, becomes ours.

In comes ``mkdocs.yml``; out comes a plan of what each file will hold. ``citing`` and ``adopt``
know the other plugins' ways; here are the site's file and pages, and what they need of both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .adopt import Ways, adopt
from .changes import MigrateError, Plan
from .citing import convert, inside
from .config import Config, read_config
from .definitions import Definition, find_abbreviations, find_referred
from .file import File
from .library import load
from .matter import split_page
from .settings import add_plugin, add_setting, add_to_nav, replace_plugins, settings

_BIBTEX, _GLOSSARY, _OURS = "bibtex", "ezglossary", "apparatus"
_ABBR = frozenset({"abbr", "extra", "markdown.extensions.abbr", "markdown.extensions.extra"}) | {
    "pymdownx.extra"
}
_SNIPPETS = "pymdownx.snippets"
_MADE = ("sources.md", "glossary.md", "timeline.md", "claims.md")
_MAY_CHANGE = ("plugins", "nav", "watch", "not_in_nav")
_NAMED = re.compile(r"mkdocs[-_](?:bibtex|ezglossary)[\w-]*")
_REQUIREMENTS = (
    "requirements*.txt",
    "pyproject.toml",
    "environment.y*ml",
    "Pipfile",
    ".github/workflows/*.y*ml",
    ".gitlab-ci.yml",
)


@dataclass(slots=True)
class _Site:
    """A site's file and pages on their way; ``options`` are those that our plugin will have.

    ``pages`` are those made by our plugin that have something on them.
    """

    config: Config
    name: str
    text: str
    said: Mapping[str, Any]
    texts: dict[str, str]
    plan: Plan
    options: dict[str, str] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)

    @property
    def plugins(self) -> dict[str, Mapping[str, Any]]:
        """The plugins that the file lists, each with its options."""
        return _plugins(self.said)


def plan(config_file: Path) -> Plan:
    """Return what a migration will do. Raises MigrateError, ConfigError."""
    config = read_config(config_file)
    made = Plan(config.root, config_file.name)
    text = _text(config_file.read_bytes(), config_file.name)
    pages = _pages(config, made)
    site = _Site(config, config_file.name, text, settings(text), dict(pages), made)
    old = site.plugins.keys() & {_BIBTEX, _GLOSSARY}
    if "INHERIT" in site.said:
        made.left.append(f"{site.name}: what it inherits from {site.said['INHERIT']} is not read")
    if _BIBTEX in old:
        site.options |= convert(site.plugins[_BIBTEX], config, site.texts, made)
        site.pages.append("sources.md")
    _adopt(site)
    for path, page in site.texts.items():
        if page != pages[path]:
            made.put(f"{config.name}/{path}", _bytes(page, config.docs / path))
    if old or site.pages:
        made.put(site.name, _bytes(_settings(site), config_file))
        made.left += _requirements(config.root)
    return made


def _plugins(said: Any) -> dict[str, Mapping[str, Any]]:
    """Return the plugins that a site lists, each with its options."""
    listed = said.get("plugins") if isinstance(said, dict) else None
    found: dict[str, Mapping[str, Any]] = {}
    for one in [listed] if isinstance(listed, dict) else listed or []:
        for name, options in one.items() if isinstance(one, dict) else [(one, None)]:
            found[str(name)] = options if isinstance(options, dict) else {}
    return found


def _pages(config: Config, made: Plan) -> dict[str, str]:
    """Return the pages by path; lines end as on Unix."""
    found = {}
    for path in sorted(config.docs.rglob("*.md")):
        name = path.relative_to(config.docs).as_posix()
        try:
            found[name] = _text(path.read_bytes(), name)
        except MigrateError as error:
            made.left.append(f"{config.name}/{name}:1: {error}")
    return found


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise MigrateError(f"{name} is not UTF-8: save it with that encoding") from None


def _bytes(text: str, like: Path) -> bytes:
    """Return a text with line ends as a file has them."""
    crlf = like.is_file() and b"\r\n" in like.read_bytes()
    return (text.replace("\n", "\r\n") if crlf else text).encode()


def _adopt(site: _Site) -> None:
    """Plan terms, and the links to them, in all pages."""
    config, plan, glossary = site.config, site.plan, site.plugins.get(_GLOSSARY)
    appended = dict(_appended(config)) if _ABBR & set(config.extensions) else {}
    ways = Ways(
        docs=config.name,
        glossary=glossary is not None,
        bare=bool((glossary or {}).get("use_default")),
        markdown_links=bool((glossary or {}).get("markdown_links")),
        abbreviations=bool(_ABBR & set(config.extensions))
        and any(map(find_abbreviations, (*site.texts.values(), *appended.values()))),
    )
    if not ways.glossary and not ways.abbreviations:
        return
    referred = _referred(site.texts) if ways.glossary else {}
    taken = load(config.sources, config.root)[0].terms.values()
    done = adopt(site.texts, appended, referred, taken, ways)
    for slug, text in done.terms.items():
        plan.create(f"{inside(config.sources, config.root)}/glossary/{slug}.md", text.encode())
    site.texts |= {path: done.pages[path] for path in site.texts}
    for path, text in appended.items():
        if done.pages[path] != text:
            plan.put(path, _bytes(done.pages[path], config.root / path))
            if not done.pages[path].strip():
                plan.left.append(f"{path}:1: it is empty; it and its 'auto_append' can go")
    plan.changed += done.changed
    plan.left += done.left
    if done.terms:
        site.pages.append("glossary.md")
    if done.plain:
        site.options["autolink"] = "all"
        plan.changed.append(
            f"{site.name}: terms are linked wherever they stand in plain words, as abbreviations "
            "were, but not in headings; 'autolink: first' links the first of a page"
        )
    if glossary is not None:
        plan.changed.append(
            "links to terms lead to the foot of the page, and from there to the glossary; they "
            "have a card, whatever 'tooltip' said"
        )
    if (glossary or {}).get("templates"):
        plan.left.append(f"templates: {(glossary or {})['templates']} is used no more")


def _appended(config: Config) -> Iterator[tuple[str, str]]:
    """Yield the files that snippets put at the end of every page, with their texts."""
    options = config.settings.get(_SNIPPETS)
    listed = options.get("auto_append") if isinstance(options, dict) else None
    base = (options or {}).get("base_path", ".") if isinstance(options, dict) else "."
    folders = base if isinstance(base, list) else [base]
    for name in [listed] if isinstance(listed, str) else listed or []:
        for folder in folders:
            path = config.root / str(folder) / str(name)
            if path.is_file() and path.resolve().is_relative_to(config.root):
                yield inside(path, config.root), _text(path.read_bytes(), str(name))
                break


def _referred(texts: Mapping[str, str]) -> dict[str, list[Definition]]:
    """Return the terms that pages say they explain."""
    found = {}
    for path, text in texts.items():
        meta, body, _ = split_page(File(path, text, []))
        if listed := find_referred(path, meta, body):
            found[path] = listed
    return found


def _settings(site: _Site) -> str:
    """Return the site's file with our plugin. Raises MigrateError if it cannot be done safely."""
    options, said, left = site.options, site.said, site.plan.left
    entry = [f"{_OURS}:" if options else _OURS]
    entry += [f"  {option}: {value}" for option, value in options.items()]
    there = site.plugins.get(_OURS)
    if there is not None:
        left += [
            f"{site.name}: {_OURS} is listed already; give it '{option}: {value}'"
            for option, value in options.items()
            if str(there.get(option)) != value.strip('"')
        ]
        entry = []
    sources = inside(site.config.sources, site.config.root)
    try:
        after = _edited(site, entry, sources)
        now = settings(after)
    except (yaml.YAMLError, ValueError, IndexError, AttributeError):
        after, now = "", None
    if not _is_same(said, now):
        wanted = "\n".join(f"    {one}" for one in (f"- {_OURS}", *entry[1:]))
        raise MigrateError(
            f"{site.name} is written in a way that cannot be changed safely; list its plugins as "
            f"lines that begin with a dash, and try again. It would get\n{wanted}"
        )
    if isinstance(said.get("watch"), list) and sources not in said["watch"]:
        left.append(f"{site.name}: add '{sources}' to 'watch', and the preview follows it")
    return after


def _edited(site: _Site, entry: list[str], sources: str) -> str:
    """Return the site's file with our plugin, a menu that has our pages, and more to watch."""
    after = replace_plugins(site.text, (_BIBTEX, _GLOSSARY), entry)
    if _OURS not in _plugins(settings(after)):
        after = add_plugin(after, entry)
    if menu := _leaves(site.said.get("nav")):
        after = add_to_nav(after, [one for one in site.pages if one not in menu])
        hidden = [one for one in _MADE if one not in {*site.pages, *menu}]
        after = add_setting(after, "\n".join(("not_in_nav: |", *(f"  /{one}" for one in hidden))))
    return add_setting(after, f"watch: [{sources}]")


def _leaves(nav: Any) -> list[str]:
    """Return the pages of a menu."""
    if isinstance(nav, str):
        return [nav]
    inner = nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ()
    return [page for one in inner for page in _leaves(one)]


def _is_same(before: Any, after: Any) -> bool:
    """Say whether a file says what it said, but for what a migration changes."""
    if not isinstance(after, dict) or not isinstance(before, dict):
        return False
    rest = [
        {key: value for key, value in one.items() if key not in _MAY_CHANGE}
        for one in (before, after)
    ]
    old, new = _plugins(before), _plugins(after)
    kept = {name: value for name, value in old.items() if name not in (_BIBTEX, _GLOSSARY)}
    menu = before.get("nav")
    return (
        rest[0] == rest[1]
        and not {_BIBTEX, _GLOSSARY} & new.keys()
        and {name: value for name, value in new.items() if name in kept} == kept
        and new.keys() - kept.keys() <= {_OURS, "search"}
        and (menu is None or _leaves(after["nav"])[: len(_leaves(menu))] == _leaves(menu))
        and all(after[key] == before[key] for key in ("watch", "not_in_nav") if key in before)
    )


def _requirements(root: Path) -> Iterator[str]:
    """Yield where the old plugins are installed from."""
    for pattern in _REQUIREMENTS:
        for path in sorted(root.glob(pattern)):
            for at, line in enumerate(path.read_text("utf-8", "replace").split("\n"), 1):
                if found := _NAMED.search(line):
                    yield f"{inside(path, root)}:{at}: {found[0]} becomes mkdocs-apparatus"
