"""The linter of prose: this site passes it, and it finds what is planted, where it was planted."""

from __future__ import annotations

import json

import pytest

import prose
from prose import Finding, Prose, check, grade, patterns, read_figure, read_markdown, sentences

PAGE = "docs/explainers/a.md"
HEAD = "---\ntitle: A\nsummary: In short.\n---\n\n# A\n\n"


def findings(body: str, path: str = PAGE) -> list[tuple[int, str, str]]:
    """Return what the linter says of a page with this body, which begins in line 1."""
    return [(one.line, one.rule, one.message) for one in check([read_markdown(path, body)])]


def rules(body: str) -> list[tuple[int, str]]:
    return [(line, rule) for line, rule, _ in findings(body)]


def test_this_site_passes() -> None:
    found = prose.lint(prose.files())
    assert found == [], "\n" + "\n".join(map(str, found))


def test_all_of_the_site_is_read() -> None:
    read = [prose.read(path) for path in prose.files()]
    assert len(read) >= 19 + 88 + 110 + 5
    assert sum(len(one.sentences) for one in read) > 3_000
    assert [one.path for one in read if not one.sentences] == []
    words = sum(sentence.words for one in read for sentence in one.sentences)
    assert words > 40_000


@pytest.mark.parametrize(
    ("sentence", "rule", "message"),
    [
        ("The regime fell.", "loaded", "“regime”: write government, authorities, administration"),
        ("Moscow wants a seat.", "loaded", "“Moscow wants”: write who said it"),
        ("It is clearly so.", "filler", "“clearly”: leave it out"),
        ("It is important to note that it rained.", "filler", "leave it out"),
        ("He went in order to talk.", "wordy", "“in order to”: write to"),
        ("Due to the fact that it rained, he left.", "wordy", "write because"),
        ("He is now a senator.", "undated", "“now”: write the date"),
        ("The envoys met in Kiev.", "name", "“Kiev”: write Kyiv"),
        ("Sergey Lavrov spoke.", "name", "“Sergey”: write Sergei"),
        ("They organized a round.", "spelling", "“organized”: write -ise"),
        ("The labor law changed.", "spelling", "“labor”: write -our"),
        ("It rose by 20 percent.", "spelling", "“percent”: write %"),
        ('He said "no" to it.', "quotes", "a straight quotation mark: write “ and ”"),
        ("It is Russia’s law.", "quotes", "a curly apostrophe: write '"),
        ("It ran on " + "and on " * 40 + ".", "longest", "a sentence of 83 words: at most 35"),
    ],
)
def test_a_planted_fault_is_found_at_its_line(sentence: str, rule: str, message: str) -> None:
    body = f"{HEAD}It rained.\n\n- One.\n- {sentence}\n\nIt rained.\n"
    found = [one for one in findings(body) if one[1] == rule]
    assert found, findings(body)
    assert found[0][0] == 11
    assert message in found[0][2]
    assert "It rained" not in found[0][2]


@pytest.mark.parametrize(
    "text",
    [
        "He spoke of “the regime in Kiev, which now clearly lost”.",
        "He called it „a regime“ and «режим now».",
        'It is on record [@a2025regime, "the regime now clearly"].',
        "It is on record [see @now, p. 3; @kiev2025clearly].",
        "It is [a law](../kiev-now.md#regime) of 2023.",
        "It is a [[regime|state]] of things.",
        "It is `now` in the file.",
        "```\nregime now\n```\n\nIt rained.",
        "``` figure\nregime-now\n```\n\nIt rained.",
        '<div class="now" markdown="1">It rained.</div>',
        "<!-- the regime now -->It rained.",
        "It stands there. { .now #regime }",
        "The World Trade Organization and the Department of Defense met.",
        "The size of the prize seized was prized.",
        "He knows that he exercised, advised and surprised them.",
        "The 50-state pre-now tower towards the north.",
    ],
)
def test_words_of_others_and_what_is_no_prose_are_not_judged(text: str) -> None:
    assert findings(f"{HEAD}{text}\n") == []


def test_what_is_in_front_of_readers_is_judged() -> None:
    assert rules("---\ntitle: now\nsummary: Now it rains.\ntopics: [now]\n---\n\nIt rained.\n") == [
        (3, "undated")
    ]
    assert rules("# A regime\n\n| It is now | so |\n| --- | --- |\n| a | in Kiev |\n") == [
        (1, "loaded"),
        (3, "undated"),
        (5, "name"),
    ]
    assert rules("It is a [[state|regime]] and [now](x.md) a *regime*.\n") == [
        (1, "loaded"),
        (1, "loaded"),
        (1, "undated"),
    ]


def test_sentences_are_split_where_they_end() -> None:
    text = "The U.S. and J. Smith met on 3 April. On p. 4 stands No. 5. “Yes.” Why? A 3.5 % rise"
    assert [one.text.count(" ") + 1 for one in sentences(prose.plain(text))] == [9, 6, 1, 1, 4]
    joined = "One line\nand another. A second\n\n- an item\n- an item.\n"
    found = list(sentences(prose.plain(joined)))
    assert [(one.line, one.text, one.whole) for one in found] == [
        (1, "One line and another.", True),
        (2, "A second", False),
        (4, "an item", False),
        (5, "an item.", True),
    ]


def test_a_citation_is_no_word_and_a_quotation_is_as_long_as_it_is() -> None:
    [one] = sentences(prose.plain('He said “one two three” on 3 April [@a, "b c"].'))
    assert one.words == 8


def test_the_measures_of_a_page() -> None:
    short, long = (
        "It rained all day.\n\n",
        "And it rained " + "on and on " * 8 + "in the hills.\n\n",
    )
    assert rules(HEAD + short * 20 + long) == []
    assert rules(HEAD + short * 20 + long * 2) == [(1, "long")]
    assert rules(HEAD + long * 2) == [(1, "long"), (1, "mean")]
    hard = "Institutional considerations necessitated organisational modernisation.\n\n"
    assert rules(HEAD + hard) == [(1, "grade")]


def test_notes_and_terms_are_measured_together() -> None:
    long = "And it rained " + "on and on " * 8 + "in the hills."
    pages = [read_markdown(f"sources/glossary/{name}.md", "It rained. " * 12) for name in "abc"]
    assert check([*pages, read_markdown("sources/glossary/d.md", long)]) == []
    found = check([read_markdown("sources/glossary/d.md", long)])
    assert [(one.path, one.rule) for one in found] == [
        ("sources/glossary", "long"),
        ("sources/glossary", "mean"),
    ]


def test_the_grade_is_that_of_flesch_and_kincaid() -> None:
    # 0.39 * 6 words / 1 sentence + 11.8 * 6 syllables / 6 words - 15.59
    assert grade(sentences("the cat sat on the mat.")) == pytest.approx(-1.45)
    assert grade(sentences("the winter table water.")) == pytest.approx(
        0.39 * 4 + 11.8 * 7 / 4 - 15.59
    )
    # A name is one short word, whatever it is made of.
    assert grade(sentences("then Volodymyr Zelensky came.")) == grade(sentences("then he came."))


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("rain", 1), ("gave", 1), ("talked", 1), ("wanted", 2), ("table", 2), ("being", 2),
        ("nation", 2), ("president", 3), ("ceasefire", 3), ("mobilisation", 5), ("2025", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert prose.syllables(word) == count


def test_a_figure_is_read_at_its_lines() -> None:
    spec = {
        "title": "It rains",
        "description": "It rained. It rains now.",
        "usermeta": {"caption": "As of Kiev."},
        "mark": "regime",
    }
    text = json.dumps(spec, ensure_ascii=False, indent=2)
    found = check([read_figure("sources/figures/a.json", text)])
    assert [(one.line, one.rule) for one in found] == [(3, "undated"), (5, "name")]


def test_the_article_is_read_at_its_lines() -> None:
    text = '---\ntitle: Now\nparagraphs:\n  - "It rains."\n  - "It rains now."\n---\n'
    found = check([prose.read_article("sources/article.md", text)])
    assert [(one.line, one.rule) for one in found] == [(5, "undated")]


def exempt(body: str, *listed: dict[str, str]) -> list[Finding]:
    page = read_markdown(PAGE, body)
    entries = [{"path": PAGE, "rule": "undated", **one} for one in listed]
    return prose.without_exempt(check([page]), [page], entries)


def test_an_exemption_needs_a_sentence_and_a_reason() -> None:
    body = "It rains now.\n\nIt now snows.\n"
    reason = "The word of the law."
    assert [one.line for one in exempt(body, {"sentence": "rains now", "reason": reason})] == [3]
    no_reason = exempt(body, {"sentence": "rains now", "reason": ""})
    assert [one.message for one in no_reason if one.rule == "exempt"] == [
        "“rains now” has no reason: say why"
    ]
    no_use = exempt(body, {"sentence": "hails", "reason": reason})
    assert [one.message for one in no_use if one.rule == "exempt"] == [
        "“hails” needs none: take it off the list"
    ]
    other = {"path": "docs/other.md", "sentence": "hails", "reason": reason}
    assert len(exempt(body, other)) == 2


def test_what_is_wanted_is_itself_allowed() -> None:
    for rule, _, wanted in patterns():
        if rule in ("name", "wordy"):
            page = Prose("docs/a.md", "page", tuple(sentences(f"It is {wanted} here.")))
            assert check([page]) == [], wanted


def test_a_finding_reads_as_a_line() -> None:
    [found] = check([read_markdown("docs/a.md", "It rained.\n\nIt rains now.\n")])
    assert str(found) == "docs/a.md:3: undated: “now”: write the date"
