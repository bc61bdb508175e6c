"""A site's ``mkdocs.yml``, read without MkDocs: the options, and the Markdown extensions.

``!ENV`` and ``!relative`` are resolved as MkDocs does; ``!!python/name`` only inside the packages
of the Markdown extensions that the file lists, since anybody's pull request may name another.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ALWAYS = ("toc", "tables", "fenced_code")  # what MkDocs has without being asked
_TRUSTED = ("markdown", "material", "pymdownx")


class ConfigError(Exception):
    """The site's file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Config:
    """What of a site's file matters here; ``notes`` say what of it was left out.

    ``extensions`` are names in order, ``settings`` their options by name.
    """

    root: Path
    docs: Path
    options: Mapping[str, Any]
    extensions: tuple[str, ...]
    settings: Mapping[str, Any]
    language: str
    notes: tuple[str, ...]

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
    options = _options(raw)
    language = options.get("language") or theme.get("language") or theme.get("locale") or "en"
    return Config(
        root,
        root / str(raw.get("docs_dir", "docs")),
        options,
        names,
        settings,
        str(language),
        tuple(notes),
    )


def _load(path: Path, notes: list[str]) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path} cannot be read: {reason}") from None
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


def _pairs(listed: Any) -> list[tuple[Any, Any]]:
    """Return names with their options, of a list that has names, and names with options."""
    pairs: list[tuple[Any, Any]] = []
    for one in listed if isinstance(listed, list) else []:
        pairs += one.items() if isinstance(one, dict) else [(one, None)]
    return pairs
