"""Pandoc's tree of a citation group or of a list's entry becomes HTML.

In come nodes of Pandoc's JSON (pandoc-types 1.23), whatever they hold; out comes HTML with few
elements, each written here by name: what a node says is text, an attribute passes only if it is
listed, a link only if it leads to a cited source or over http and https. Raw nodes are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .bib import safe_url
from .markup import Html, escaped, fill, fragment, join

_TAGS = {"Emph": "em", "Strong": "strong", "Superscript": "sup", "Subscript": "sub"}
_LOOKS = {"SmallCaps": "smallcaps", "Underline": "csl-underline", "Strikeout": "csl-strikeout"}
_CLASSES = frozenset(("csl-block", "csl-left-margin", "csl-right-inline", "csl-indent", "math"))
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_QUOTES = {"DoubleQuote": "“{text}”", "SingleQuote": "‘{text}’"}
_SPACES = frozenset(("Space", "SoftBreak", "LineBreak"))
_LITERAL = frozenset(("Code", "Math", "CodeBlock"))
_REFERENCE = "#ref-"

Node = dict[str, Any]  # {"t": kind, "c": content}: what it holds depends on its kind


def write_group(blocks: Sequence[Node], keys: Sequence[str]) -> Html:
    """Return a group's text; ``data-ap-key`` stands once for each of its keys.

    It stands on the link that the style makes of a citation. Where there is none (``[1–3]`` holds
    no 2), it stands on an element around the group.
    """
    writer = _Writer(keys)
    group = Html(writer.blocks(blocks).strip())
    is_linked = not group or "<a " in group
    for key in writer.waiting:
        if is_linked:
            group = fill('<span data-ap-key="{key}">{group}</span>', key=key, group=group)
        else:
            group = _citation(key, group)
            is_linked = True
    return group


def write_entry(blocks: Sequence[Node]) -> Html:
    """Return the text of an entry; paragraphs after its first one are ``div`` elements."""
    return Html(_Writer(()).blocks(blocks).strip())


def _citation(key: str, text: Html) -> Html:
    return fill(
        '<a data-ap-key="{key}" class="ap-cite" role="doc-biblioref" href="{href}">{text}</a>',
        key=key,
        href=fragment(f"ref-{key}"),
        text=text,
    )


class _Writer:
    """Writes nodes; ``waiting`` are the keys of the group whose link did not come yet."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.waiting = list(keys)
        self.in_link = False

    def blocks(self, nodes: Sequence[Node]) -> Html:
        written = [self.block(node) for node in nodes]
        rest = (fill("<div>{text}</div>", text=text) for text in written[1:])
        return join((*written[:1], *rest))

    def block(self, node: Node) -> Html:
        kind: str = node["t"]
        content: Any = node.get("c")
        if kind in ("Para", "Plain"):
            return self.inlines(content)
        if kind == "Div":
            attributes = _attributes(content[0])
            template = "<div{attributes}>{text}</div>"
            return fill(template, attributes=attributes, text=self.blocks(content[1]))
        return escaped(_words(node))

    def inlines(self, nodes: Sequence[Node]) -> Html:
        out: list[Html] = []
        words: list[str] = []
        for node in nodes:
            kind = node["t"]
            if kind == "Str":
                words.append(node["c"])
            elif kind in _SPACES:
                words.append(" ")
            else:
                out += [escaped("".join(words)), self.inline(kind, node.get("c"))]
                words.clear()
        return join((*out, escaped("".join(words))))

    def inline(self, kind: str, content: Any) -> Html:
        if kind in _TAGS:
            return fill(f"<{_TAGS[kind]}>{{text}}</{_TAGS[kind]}>", text=self.inlines(content))
        if kind in _LOOKS:
            template = '<span class="{look}">{text}</span>'
            return fill(template, look=_LOOKS[kind], text=self.inlines(content))
        if kind in _LITERAL:
            return escaped(content[1])
        match kind:
            case "Quoted":
                return fill(_QUOTES[content[0]["t"]], text=self.inlines(content[1]))
            case "Span":
                attributes, text = _attributes(content[0]), self.inlines(content[1])
                template = "<span{attributes}>{text}</span>" if attributes else "{text}"
                return fill(template, attributes=attributes, text=text)
            case "Link":
                return self.link(content[1], content[2][0])
            case "Cite" | "Image":
                return self.inlines(content[1])
            case "Note":
                return fill(" [{text}]", text=Html(self.blocks(content).strip()))
        return escaped(_words(content))

    def link(self, nodes: Sequence[Node], target: str) -> Html:
        """Write a link; one within another, or to where none may lead, is its text."""
        key = target.removeprefix(_REFERENCE) if target.startswith(_REFERENCE) else ""
        href = _address(target)
        if self.in_link or not (href or key in self.waiting):
            return self.inlines(nodes)
        self.in_link = True
        text = self.inlines(nodes)
        self.in_link = False
        if not text:  # the second of two citations that a style takes for the same
            return text
        if href:
            return fill('<a href="{href}" rel="noreferrer">{text}</a>', href=href, text=text)
        self.waiting.remove(key)
        return _citation(key, text)


def _address(target: str) -> str:
    """Return where a link may lead; pandoc makes ``https://javascript:x`` of what has no host."""
    try:
        return safe_url(target) if urlsplit(target).port != 0 else ""
    except ValueError:
        return ""


def _attributes(attributes: Any) -> Html:
    """Return the classes and the language that may pass, of ``[id, classes, [[name, value]]]``."""
    classes = " ".join(name for name in attributes[1] if name in _CLASSES)
    language = dict(attributes[2]).get("lang", "")
    written = fill(' class="{classes}"', classes=classes) if classes else Html()
    if _LANGUAGE.fullmatch(language):
        written += fill(' lang="{language}"', language=language)
    return written


def _words(node: Any) -> str:
    """Return the words of whatever else a tree may hold: lists, tables, headings."""
    if isinstance(node, list):
        return "".join(map(_words, node))
    if not isinstance(node, dict):
        return ""
    kind, content = node.get("t"), node.get("c")
    if kind == "Str":
        return str(content)
    if kind in _SPACES:
        return " "
    if kind in _LITERAL and isinstance(content, list):
        return str(content[1])
    return _words(content) + (" " if kind in ("Para", "Plain") else "")
