"""Terms of other plugins become ours: what pages define, and the links to it.

In come the pages of a site as texts, by their path in the folder of pages; out come the same
pages with our links, a text for each new file in ``sources/glossary/``, and notes. Knows no
settings but what it is told.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from .definitions import (
    Definition,
    find_abbreviations,
    find_definitions,
    links,
    plain,
    prose,
    summaries,
    summary,
    without,
)
from .fields import LONGEST_SUMMARY
from .matter import quoted
from .model import Span, Term
from .terms import find_owners, find_term, index_names, tidy

_GLOSSARY = "glossary.md"  # a page that is made: what is defined there stands there anyway
_TARGET = re.compile(r"\]\(([^()\s]+)")
_MARKDOWN_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(([^()\s:/#.]+):([^()\n:/#.]+)\)")
_ELSEWHERE = re.compile(r"\[\^[^\]]+\]|\]\[[^\]]*\]")


@dataclass(slots=True)
class Adopted:
    """The pages as they will be, new terms by slug, and notes on both.

    ``plain`` says that plain words are to become links to some of the terms.
    """

    pages: dict[str, str]
    terms: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    plain: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """A term on its way: where it was defined, and whether plain words become links to it."""

    term: Term
    section: str
    page: str
    text: str
    autolink: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """How a site writes: ``docs`` is the name of its folder of pages.

    ``glossary`` says that it has ezglossary, ``bare`` that terms need no section there, and
    ``markdown_links`` that [text](section:term) leads to one; ``abbreviations``, that it has some.
    """

    docs: str
    glossary: bool
    bare: bool
    markdown_links: bool
    abbreviations: bool


def adopt(
    pages: Mapping[str, str],
    appended: Mapping[str, str],
    referred: Mapping[str, list[Definition]],
    taken: Iterable[Term],
    ways: Ways,
) -> Adopted:
    """Return a site's terms and pages as ours.

    ``appended`` are texts that stand at the end of every page, ``referred`` the terms that a page
    as a whole explains, ``taken`` those that there are already.
    """
    result = Adopted(dict(pages) | dict(appended))
    maker = _Maker(result, list(taken), ways, appended)
    if ways.glossary:
        maker.define(pages, referred)
    if ways.abbreviations:
        maker.abbreviate(result.pages)
    maker.distinguish()
    if ways.glossary:
        maker.link(pages)
    maker.finish()
    return result


class _Maker:
    """One migration of terms."""

    def __init__(
        self, result: Adopted, taken: list[Term], ways: Ways, appended: Mapping[str, str]
    ) -> None:
        self.result = result
        self.taken = taken
        self.ways = ways
        self.appended = appended
        self.entries: dict[tuple[str, str], _Entry] = {}
        self.gone: dict[str, list[Definition]] = {}  # by page: what will not stand there any more
        self.names: Mapping[str, str] = {}
        self.sections: dict[str, Mapping[str, str]] = {}
        self.retitled: dict[str, str] = {}  # slug to title

    def define(self, pages: Mapping[str, str], referred: Mapping[str, list[Definition]]) -> None:
        """Take in what pages define, and what they say they explain as a whole."""
        for path, text in pages.items():
            found = self.gone[path] = find_definitions(text, bare=self.ways.bare)
            for one in found:
                self._add(one, path, autolink=False)
            if found and path != _GLOSSARY:
                self.result.changed.append(
                    f"{self._at(path, found[0].first)}: {len(found)} definition"
                    f"{'s' * (len(found) > 1)} stood here; the text is in the glossary and in "
                    "cards, and links to it stand here"
                )
        for path, found in referred.items():
            for one in found:
                self._add(one, path, autolink=False)
            self.result.left.append(
                f"{self._at(path, 1)}: the field 'terms' does nothing any more, and can go"
            )

    def _at(self, path: str, line: int) -> str:
        """Return a place as notes name it."""
        return f"{path}:{line}" if path in self.appended else f"{self.ways.docs}/{path}:{line}"

    def _add(self, one: Definition, page: str, *, autolink: bool) -> None:
        key = (one.section, tidy(one.term))
        if key in self.entries:
            before = self.entries[key]
            self.entries[key] = replace(before, text=f"{before.text}\n\n{one.text}")
            self.result.changed.append(
                f"{self._at(page, one.first)}: '{one.term}' is defined in {before.page}, too; "
                "both texts are one entry, in that order"
            )
            return
        name = re.sub(r"\W+", "-", one.term.casefold()).strip("-") or "term"
        slug = self._free(name, one.section)
        made = Term(slug, tidy(one.term) or slug, Span(page, one.first, 1, one.first, 1))
        self.entries[key] = _Entry(made, one.section, page, one.text, autolink)

    def _free(self, slug: str, section: str) -> str:
        """Return a slug that no term has, with the section's name or a number behind it."""
        used = {one.slug for one in self.taken} | {one.term.slug for one in self.entries.values()}
        tail = re.sub(r"\W+", "-", section.casefold()).strip("-_")
        way, number = slug, 1
        while way in used:
            number += 1
            way = f"{slug}-{tail}" if tail and number == 2 else f"{slug}-{number}"
        return way

    def distinguish(self) -> None:
        """Give terms that a text could not tell apart titles with their section."""
        terms = [*self.taken, *(one.term for one in self.entries.values())]
        shared = {
            term.slug for _, owners in find_owners(terms) if owners[1:] for term in owners[1:]
        }
        for key, entry in self.entries.items():
            if entry.term.slug in shared:
                mark = entry.section if entry.section not in ("", "_") else entry.term.slug
                title = f"{entry.term.title} ({mark})"
                self.entries[key] = replace(entry, term=replace(entry.term, title=title))
                self.retitled[entry.term.slug] = title
                self.result.changed.append(
                    f"{self._at(entry.page, entry.term.span.line)}: another term is called "
                    f"'{entry.term.title}' as well; this one is now '{title}'"
                )
        terms = [*self.taken, *(one.term for one in self.entries.values())]
        self.names = index_names(terms)
        for section in {one.section for one in self.entries.values()}:
            mine = [
                replace(entry.term, title=name, aliases=(entry.term.title,))
                for (of, name), entry in self.entries.items()
                if of == section
            ]
            self.sections[section] = index_names(mine)

    def abbreviate(self, pages: dict[str, str]) -> None:
        """Take abbreviations out of pages, and make terms of them that plain words link to."""
        found = {path: find_abbreviations(text) for path, text in pages.items()}
        meanings: dict[str, set[str]] = {}
        for one in (one for listed in found.values() for one in listed):
            meanings.setdefault(one.term, set()).add(plain(one.text))
        known = index_names([*self.taken, *(one.term for one in self.entries.values())])
        for path, listed in found.items():
            good = []
            for one in listed:
                if len(meanings[one.term]) > 1:
                    why = "it means other things on other pages"
                elif tidy(one.term) in known:
                    why = f"there is a term of that name, '{known[tidy(one.term)]}'"
                else:
                    good.append(one)
                    continue
                self.result.left.append(f"{self._at(path, one.first)}: *[{one.term}] stays: {why}")
            for one in good:
                if ("", tidy(one.term)) not in self.entries:
                    self._add(one, path, autolink=True)
                if path not in self.appended and len(pages) - len(self.appended) > 1:
                    self.result.changed.append(
                        f"{self._at(path, one.first)}: '{one.term}' was explained on this page "
                        "alone; now it is wherever it stands"
                    )
            self.gone[path] = [*self.gone.get(path, ()), *good]

    def link(self, pages: Mapping[str, str]) -> None:
        """Write links to terms in our way, in pages and in definitions."""
        for path in pages:
            text = self._linked(self.result.pages[path], path, self.result.left)
            up = posixpath.relpath(_GLOSSARY, posixpath.dirname(path) or ".")
            pieces, at = [], 0
            for start, end, section in summaries(text):
                name = "Glossary" if section == "_" else section
                pieces += [text[at:start], "" if path == _GLOSSARY else f"[{name}]({up})"]
                at = end
                line = text.count("\n", 0, start) + 1
                self.result.changed.append(
                    f"{self._at(path, line)}: the list of '{section}' is a part of the glossary"
                )
            self.result.pages[path] = "".join((*pieces, text[at:]))
        for key, entry in self.entries.items():
            text = self._linked(entry.text, entry.page, [])  # its page has told already
            self.entries[key] = replace(entry, text=text)

    def _linked(self, text: str, path: str, left: list[str]) -> str:
        """Return a text with our links; what is no link for us is noted in ``left``."""
        found = list(links(text))
        if self.ways.markdown_links:
            found += [
                (match.start(), match.end(), match[2], match[3], "|", match[1])
                for match in _MARKDOWN_LINK.finditer(prose(text))
            ]
        pieces, at = [], 0
        for start, end, section, term, bar, shown in sorted(found):
            slug = find_term(term, self.sections.get(section, {}))
            if slug and not set(shown) & set("[]@\n"):
                in_table = text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("|")
                way = "\\|" if bar == "\\|" or in_table else "|"
                pieces += [text[at:start], self._link(slug, term, shown, way)]
                at = end
            elif slug or section in self.sections:
                why = "its text has a sign that no link may have" if slug else "no such term"
                line = text.count("\n", 0, start) + 1
                left.append(f"{self._at(path, line)}: {text[start:end]} stays: {why}")
        return "".join((*pieces, text[at:]))

    def _link(self, slug: str, term: str, shown: str = "", bar: str = "|") -> str:
        """Return a link to a term that shows what it showed."""
        target = term if find_term(term, self.names) == slug else slug
        shown = shown or term
        if target == shown:  # a slug shows the title, which may be another one now
            target = self.retitled.get(target, target)
        return f"[[{target}]]" if target == shown else f"[[{target}{bar}{shown}]]"

    def _instead(self, path: str) -> Callable[[Definition], str]:
        """Return what makes the line that stands for a definition; there may be none."""

        def instead(one: Definition) -> str:
            if not one.section or path == _GLOSSARY:
                return ""
            slug = self.entries[one.section, tidy(one.term)].term.slug
            return f"{one.indent}- {self._link(slug, one.term)}"

        return instead

    def finish(self) -> None:
        """Write the files of the terms, and take out of pages what they define."""
        for path, found in self.gone.items():
            instead = self._instead(path)
            self.result.pages[path] = without(self.result.pages[path], found, instead)
        for entry in self.entries.values():
            term, text = entry.term, _rerooted(entry.text.strip(), entry.page)
            short = summary(text, LONGEST_SUMMARY) or term.title
            lines = [f"title: {quoted(term.title)}", f"summary: {quoted(short)}"]
            self.result.plain |= entry.autolink
            if not entry.autolink:
                lines.append("autolink: false # plain words are not linked, as before")
            body = "" if text == short else f"{text}\n"
            self.result.terms[term.slug] = "\n".join(("---", *lines, "---", body))
            if _ELSEWHERE.search(prose(text)):
                self.result.left.append(
                    f"{self._at(entry.page, term.span.line)}: the definition of '{term.title}' "
                    "has a footnote, or a link whose address stands elsewhere on its old page"
                )


def _rerooted(text: str, page: str) -> str:
    """Return a definition whose relative links are right on the page of the glossary."""
    folder = posixpath.dirname(page)

    def moved(match: re.Match[str]) -> str:
        target = str(match[1])
        if re.match(r"[a-zA-Z][\w+.-]*:|/", target):
            return str(match[0])
        path, sign, rest = target.partition("#")
        path = posixpath.normpath(posixpath.join(folder, path)) if path else page
        return f"]({'' if path == _GLOSSARY and sign else path}{sign}{rest}"

    return _TARGET.sub(moved, text)
