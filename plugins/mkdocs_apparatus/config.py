"""A site's ``mkdocs.yml``, read without MkDocs: the options, and the Markdown extensions.

``!ENV`` and ``!relative`` are resolved as MkDocs does; ``!!python/name`` only inside the packages
of the Markdown extensions that the file lists, since anybody's pull request may name another.
"""

from __future__ import annotations

import importlib
import os
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ALWAYS = ("toc", "tables", "fenced_code")  # what MkDocs has without being asked
# The Markdown extension that stands in for the plugin where there are none.
ZENSICAL = "mkdocs_apparatus.zensical"
# Whose extensions Zensical lets one name without quotes.
_PACKAGES_OF_EXTENSIONS = ("pymdownx", "pymdownx.blocks", "zensical", "zensical.extensions")
_TRUSTED = ("markdown", "material", "pymdownx")


class ConfigError(Exception):
    """The site's file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Config:
    """What of a site's file matters here; ``notes`` say what of it was left out.

    ``extensions`` are names in order, ``settings`` their options by name; ``titles`` those that
    the navigation gives to pages; ``missing`` says why a build would read no citations, if so.
    """

    file: str
    root: Path
    docs: Path
    options: Mapping[str, Any]
    extensions: tuple[str, ...]
    settings: Mapping[str, Any]
    language: str
    notes: tuple[str, ...]
    titles: Mapping[str, str]
    missing: str

    @property
    def sources(self) -> Path:
        """The folder of sources."""
        return self.root / str(self.options.get("sources", "sources"))

    @property
    def name(self) -> str:
        """The folder of pages as messages name it."""
        inside = self.docs.is_relative_to(self.root)
        return self.docs.relative_to(self.root).as_posix() if inside else self.docs.name


def read_config(path: Path) -> Config:
    """Read a site's file. Raises ConfigError."""
    notes: list[str] = []
    raw = _load(path, notes)
    root = path.resolve().parent
    names, settings = _extensions(raw)
    theme = raw.get("theme")
    theme = theme if isinstance(theme, dict) else {}
    options = _options(raw) or settings.get(ZENSICAL, {})
    language = options.get("language") or theme.get("language") or theme.get("locale") or "en"
    return Config(
        path.name,
        root,
        root / str(raw.get("docs_dir", "docs")),
        options,
        names,
        settings,
        str(language),
        tuple(notes),
        dict(_titles(raw.get("nav"))),
        _missing(path, raw, names),
    )


def _load(path: Path, notes: list[str]) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path} cannot be read: {reason}") from None
    if path.suffix == ".toml":
        return _toml(path, text)
    loader = type("Loader", (yaml.SafeLoader,), {})
    packages = (*_TRUSTED, *_packages(text))

    def python_name(_: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
        module, _dot, attribute = (suffix or str(node.value)).rpartition(".")
        if not module or module.partition(".")[0] not in packages:
            notes.append(f"'{suffix}' is not loaded: it is in no package of a listed extension")
            return None
        try:
            return getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            notes.append(f"'{suffix}' is not loaded: there is no such name")
            return None

    def unknown(_: yaml.SafeLoader, suffix: str, __: yaml.Node) -> None:
        notes.append(f"the tag '!{suffix}' is left out")

    loader.add_multi_constructor("tag:yaml.org,2002:python/name:", python_name)  # type: ignore[attr-defined]
    loader.add_multi_constructor("tag:yaml.org,2002:python/", unknown)  # type: ignore[attr-defined]
    loader.add_constructor("!ENV", _environment)  # type: ignore[attr-defined]
    loader.add_constructor("!relative", lambda *_: str(path.resolve().parent))  # type: ignore[attr-defined]
    loader.add_multi_constructor("!", unknown)  # type: ignore[attr-defined]
    try:
        config = yaml.load(text, loader)  # noqa: S506 # a SafeLoader with the tags above
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    if not isinstance(config, dict):
        raise ConfigError(f"{path} holds no settings")
    return config


def _toml(path: Path, text: str) -> dict[str, Any]:
    """Read a file of Zensical's; what matters stands in its table ``project``."""
    try:
        config = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    project = config.get("project", config)
    if not isinstance(project, dict):
        raise ConfigError(f"{path} holds no settings")
    listed = project.get("markdown_extensions")
    if isinstance(listed, dict):
        project = project | {"markdown_extensions": dict(_dotted(listed))}
    return project


def _dotted(tables: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield extensions by their names: TOML makes a table of each part of a dotted name."""
    for name, table in tables.items():
        whole = f"{before}{name}"
        if isinstance(table, dict) and whole in _PACKAGES_OF_EXTENSIONS:
            yield from _dotted(table, f"{whole}.")
        else:
            yield whole, table


def _missing(path: Path, raw: Mapping[str, Any], names: Collection[str]) -> str:
    """Say why a build would read no citations, nothing if it would."""
    if ZENSICAL in names:
        return ""
    listed = raw.get("plugins") or []
    plugins = list(listed) if isinstance(listed, dict) else [name for name, _ in _pairs(listed)]
    if path.suffix == ".toml":
        return (
            "Zensical runs no plugins: add the table "
            f"'[project.markdown_extensions.\"{ZENSICAL}\"]'"
        )
    if "apparatus" not in plugins:
        return (
            "neither the plugin 'apparatus' (for MkDocs and ProperDocs) nor the Markdown "
            f"extension '{ZENSICAL}' (for Zensical) is listed"
        )
    return ""


def _environment(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    """Return the first variable that is set, else the default; as a YAML scalar, as MkDocs does."""
    if isinstance(node, yaml.SequenceNode):
        *variables, default = loader.construct_sequence(node) or [None]
        if not variables:
            variables, default = [default], None
    else:
        variables, default = [loader.construct_scalar(node)], None  # type: ignore[arg-type]
    found = next((os.environ[one] for one in variables if one in os.environ), None)
    return default if found is None else yaml.safe_load(found)


def _packages(text: str) -> tuple[str, ...]:
    """Return the packages of the extensions that a file lists, whatever else it holds."""
    loader = type("Names", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("", lambda *_: None)  # type: ignore[attr-defined]
    try:
        config = yaml.load(text, loader)  # noqa: S506 # a SafeLoader that knows no tag
        names, _ = _extensions(config if isinstance(config, dict) else {})
    except (yaml.YAMLError, ValueError, RecursionError):
        return ()
    return tuple(name.partition(".")[0] for name in names if "." in name)


def _extensions(config: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the Markdown extensions that a site lists, as names and options."""
    names, settings = list(_ALWAYS), dict[str, Any]()
    listed = config.get("markdown_extensions") or []
    pairs = listed.items() if isinstance(listed, dict) else _pairs(listed)
    for name, options in pairs:
        names.append(str(name))
        settings[str(name)] = options or {}
    return tuple(dict.fromkeys(names)), settings


def _options(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of the plugin."""
    listed = config.get("plugins") or []
    pairs = listed.items() if isinstance(listed, dict) else _pairs(listed)
    found = next((options for name, options in pairs if name == "apparatus"), None)
    return found if isinstance(found, dict) else {}


def _titles(nav: Any) -> Iterator[tuple[str, str]]:
    """Yield the pages of a navigation with the titles that it gives them."""
    for one in nav if isinstance(nav, list) else []:
        for title, target in one.items() if isinstance(one, dict) else []:
            if isinstance(target, str):
                yield target, str(title)
            else:
                yield from _titles(target)


def _pairs(listed: Any) -> list[tuple[Any, Any]]:
    """Return names with their options, of a list that has names, and names with options."""
    pairs: list[tuple[Any, Any]] = []
    for one in listed if isinstance(listed, list) else []:
        pairs += one.items() if isinstance(one, dict) else [(one, None)]
    return pairs
