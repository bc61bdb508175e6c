"""A site's ``mkdocs.yml``, changed where it must be and nowhere else: comments and order stay.

In come the text and what to change; out comes the text. YAML says where things stand, the change
is made in the text. Whoever calls proves with ``settings`` that nothing else has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml


def settings(text: str) -> Any:
    """Return what a file says, tags left as they are written. Raises YAMLError."""
    loader = type("Plain", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("", _tagged)  # type: ignore[attr-defined]
    return yaml.load(text, loader)  # noqa: S506 # a SafeLoader that makes nothing of a tag


def _tagged(loader: Any, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return suffix, loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return suffix, loader.construct_sequence(node, deep=True)
    return suffix, node.value


def replace_plugins(text: str, names: Sequence[str], entry: Sequence[str]) -> str:
    """Return a file in which one entry stands for all plugins of these names.

    ``entry`` is the new one without its dash: a line of text, and lines of options with two spaces
    before them; no lines for none.
    """
    plugins = _value(_root(text), "plugins")
    if plugins is None:
        return text
    found = [item for name, item in _items(plugins) if name in names]
    pieces = [entry, *([()] * (len(found) - 1))]
    for item, lines in reversed(list(zip(found, pieces, strict=True))):
        text = _put(text, plugins, item, lines)
    return text


def add_plugin(text: str, entry: Sequence[str]) -> str:
    """Return a file with one more plugin, behind the others."""
    plugins = _value(_root(text), "plugins")
    if plugins is None or not plugins.value:
        return _add_line(text, "plugins: [search, " + _flow(entry) + "]")
    return _append(text, plugins, entry)


def add_to_nav(text: str, pages: Sequence[str]) -> str:
    """Return a file whose menu, if it has one, ends with these pages."""
    for page in pages:
        nav = _value(_root(text), "nav")
        if isinstance(nav, yaml.SequenceNode) and nav.value:
            text = _append(text, nav, (page,))
    return text


def add_setting(text: str, line: str) -> str:
    """Return a file with one more setting at its end, unless there is one of that name."""
    name = line.partition(":")[0]
    return text if _value(_root(text), name) is not None else _add_line(text, line)


def _root(text: str) -> yaml.Node | None:
    return yaml.compose(text, yaml.SafeLoader)


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _items(node: yaml.Node) -> Iterator[tuple[str, tuple[yaml.Node, yaml.Node]]]:
    """Yield the entries of a list or of a mapping: the name, where it begins, where it ends."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), (key, value)
        return
    for item in node.value if isinstance(node, yaml.SequenceNode) else []:
        if isinstance(item, yaml.MappingNode) and item.value:
            yield str(item.value[0][0].value), (item, item)
        else:
            yield str(item.value), (item, item)


def _put(
    text: str, parent: yaml.Node, item: tuple[yaml.Node, yaml.Node], entry: Sequence[str]
) -> str:
    """Return a text in which an entry is replaced, or gone."""
    first, last = item
    if parent.flow_style:  # type: ignore[attr-defined]
        start, end = first.start_mark.index, last.end_mark.index
        if entry:
            return text[:start] + _flow(entry) + text[end:]
        after = len(text[end:]) - len(text[end:].lstrip())
        if text[end + after] == ",":
            return text[:start] + text[end + after + 1 :].lstrip()
        return text[:start].rstrip().rstrip(",") + text[end:]
    lines = text.split("\n")
    at = first.start_mark.line
    lines[at : _last_line(last) + 1] = _block(lines[at], parent, entry)
    return "\n".join(lines)


def _append(text: str, parent: yaml.Node, entry: Sequence[str]) -> str:
    """Return a text in which a list or mapping has one more entry at its end."""
    *_, (_, (first, last)) = _items(parent)
    if parent.flow_style:  # type: ignore[attr-defined]
        end = last.end_mark.index
        return f"{text[:end]}, {_flow(entry)}{text[end:]}"
    lines = text.split("\n")
    at = _last_line(last) + 1
    lines[at:at] = _block(lines[first.start_mark.line], parent, entry)
    return "\n".join(lines)


def _block(line: str, parent: yaml.Node, entry: Sequence[str]) -> list[str]:
    """Return an entry as lines that begin as a neighbour's first line does."""
    before = line[: len(line) - len(line.lstrip())]
    if isinstance(parent, yaml.MappingNode):
        name = [f"{entry[0].rstrip(':')}:"] if entry else []
        return [f"{before}{one}" for one in (*name, *entry[1:])]
    signs = ("- ", *("  " for _ in entry[1:]))
    return [f"{before}{sign}{one}" for sign, one in zip(signs, entry, strict=False)]


def _flow(entry: Sequence[str]) -> str:
    """Return an entry in one line."""
    options = ", ".join(line.strip() for line in entry[1:])
    name = entry[0].rstrip(":")
    return f"{name}: {{{options}}}" if options else name


def _last_line(node: yaml.Node) -> int:
    """Return the line, from 0, on which a node ends, comments behind it left out."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        ends_before = node.end_mark.column == 0 and node.end_mark.line > node.start_mark.line
        return int(node.end_mark.line - ends_before)
    last = node.value[-1]
    return _last_line(last[1] if isinstance(last, tuple) else last)


def _add_line(text: str, line: str) -> str:
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{end}{line}\n"
