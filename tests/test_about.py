"""The pages under "About" say what is so: open questions, verdicts, measures, changes.

The page of open questions is made from the explainers. Renew it with

    REWRITE=1 .venv/bin/pytest tests/test_about.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from mkdocs_apparatus.syntax import CitationGroup, TermLink, scan
from sites import ROOT
from test_floors import EXPLAINERS, FLOORS, body, library, sections

ABOUT = ROOT / "docs" / "about"
UNKNOWN = ABOUT / "unknown.md"
INTRODUCTION = """\
---
title: What we do not know
---

# What we do not know

Each explainer ends with its own open questions. Here are all of them, in the words of the \
explainers. A link leads to the section, where each question has its sources.
"""
GROUP = re.compile(r"      - ([^:]+):")
PAGE = re.compile(r"          - ([^:]+): (explainers/[\w-]+\.md)")


def navigation() -> Iterator[tuple[str, str, str]]:
    """Yield group, title and path of each explainer, in the order of the navigation."""
    group = ""
    for line in (ROOT / "mkdocs.yml").read_text("utf-8").splitlines():
        if match := GROUP.fullmatch(line):
            group = match[1]
        elif match := PAGE.fullmatch(line):
            yield group, match[1], match[2]


def open_questions(path: Path) -> list[str]:
    """Return the questions of an explainer without citations and links."""
    found = []
    for line in sections(body(path))["What we do not know"].strip().splitlines():
        assert line.startswith("- "), f"{path.name}: one line a question: {line}"
        text = line
        for one in reversed(scan(line)):
            if isinstance(one.token, CitationGroup):
                text = text[: one.start].rstrip() + text[one.end :]
            elif isinstance(one.token, TermLink):
                text = text[: one.start] + one.token.shown + text[one.end :]
        found.append(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text))
    return found


def unknown_page() -> str:
    parts, group = [INTRODUCTION], ""
    for named, title, path in navigation():
        if named != group:
            group = named
            parts.append(f"## {group}\n")
        questions = "\n".join(open_questions(ROOT / "docs" / path))
        parts.append(f"**[{title}](../{path}#what-we-do-not-know)**\n\n{questions}\n")
    return "\n".join(parts)


def test_the_navigation_has_each_explainer() -> None:
    listed = [ROOT / "docs" / path for _, _, path in navigation()]
    assert sorted(listed) == EXPLAINERS


def test_all_open_questions_are_collected() -> None:
    page = unknown_page()
    if os.environ.get("REWRITE"):
        UNKNOWN.write_text(page, "utf-8")
    assert UNKNOWN.read_text("utf-8") == page, "renew it: see the head of test_about.py"
    for path in EXPLAINERS:
        assert f"../explainers/{path.name}#what-we-do-not-know" in page
        assert all(question in page for question in open_questions(path))


def test_the_collected_page_leads_to_each_section(site_folder: Path) -> None:
    page = LexborHTMLParser((site_folder / "about/unknown/index.html").read_text("utf-8"))
    links = [str(node.attributes["href"]) for node in page.css(".md-content strong a")]
    assert len(links) == len(EXPLAINERS)
    for link in links:
        target = (site_folder / "about/unknown" / link.partition("#")[0] / "index.html").resolve()
        ids = LexborHTMLParser(target.read_text("utf-8")).css("#what-we-do-not-know")
        assert len(ids) == 1, link


def rows(name: str) -> list[list[str]]:
    lines = (ABOUT / name).read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "| [" in line]


def test_borderline_cases_have_the_verdict_of_their_claim() -> None:
    found = rows("verdicts.md")
    assert len(found) >= 14
    for statement, verdict, _ in found:
        [slug] = re.findall(r"claims\.md#claim-([\w-]+)\)", statement)
        assert library().claims[slug].verdict == verdict, slug


def test_changed_verdicts_are_told_as_they_stand() -> None:
    found = rows("corrections.md")
    assert len(found) >= 11
    for statement, before, verdict in found:
        [slug] = re.findall(r"claims\.md#claim-([\w-]+)\)", statement)
        assert library().claims[slug].verdict == verdict, slug
        assert before != verdict, slug


def test_the_measures_told_are_those_that_are_checked() -> None:
    page = (ABOUT / "method.md").read_text("utf-8")
    explainer, claim, text, site = (FLOORS[name] for name in ("explainer", "claim", "text", "site"))
    primary = {0.333: "a third"}[explainer["primary_share"]]
    share = {0.25: "a quarter"}[explainer["largest_source_share"]]
    whole = explainer["citations_per_100_words"]
    part = explainer["citations_per_100_words_of_a_section"]
    told = [
        f"{explainer['sources']}, {primary} of them primary, "
        f"{explainer['primary_sources']} of them no copies",
        f"{whole:g} for 100 words, and {part:g} for 100 words in each section",
        f"{share} at most",
        f"{site['largest_host_share']:.0%} at most".replace("%", " %"),
        f"{explainer['answer_words']} words at most",
        f"{text['mean_sentence']} words on average, {text['longest_sentence']} at most",
        f"{claim['words'][0]} to {claim['words'][1]} words",
        f"{explainer['open_questions']} on each explainer",
    ]
    assert [one for one in told if f"{one} |" not in page] == []
    assert explainer["languages"] == ["english", "russian", "ukrainian"]
    assert (claim["primary_sources"], claim["or_publishers"]) == (1, 3)


def test_each_page_about_the_site_is_one_click_from_its_entry() -> None:
    entry = (ABOUT / "index.md").read_text("utf-8")
    for path in ABOUT.glob("*.md"):
        assert path.name == "index.md" or f"]({path.name})" in entry, path.name
