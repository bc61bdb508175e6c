"""A new site: small, complete, and made from the files in ``template/``.

In come a folder and answers; out come files. A value is written for the place it goes to, so that
a quotation mark or a brace in a title is never more than that. Nothing that exists is touched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .bib import safe_url
from .dates import iso_date, today
from .matter import quoted
from .words import languages, written_date

_TEMPLATE = Path(__file__).parent / "template"
# %%markdown:title%%: the value "title", as Markdown wants it.
_SLOT = re.compile(r"%%(\w+):(\w+)%%")
_INVISIBLE = frozenset({"Cc", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
# What Python-Markdown lets a backslash hide, and what the plugin adds.
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+.!|@-]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "-": "-{}",
    "`": "`{}",
    "'": "'{}",
}
_TEX_SIGNS = "$&%#_"

_LICENCES = {
    "cc-by": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "cc-by-sa": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    "cc0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "none": ("", ""),
}
_EXAMPLE_TITLE = "Oops! You Mean It Wasn't Metric?"
_EXAMPLE_URL = (
    "http://articles.chicagotribune.com/1999-10-04/news/"
    "9910040099_1_mars-climate-orbiter-metric-measure-nasa-scientists"
)
_EXAMPLE_KEY = "tribune1999metric"  # in template/sources/orbiter.bib
_EXAMPLE_PARAGRAPHS = (
    "Drivers from the United States, it says, are fooled by road signs in Canada: they take "
    "kilometres for miles.",
    "NASA's scientists, it goes on, made such a mistake on a larger scale: they took English "
    "measurements for metric ones.",
    "On the road that does little harm, it says; on the way to Mars it cost 125 million dollars.",
    "It calls the mistake one of the worst in the space programme: engineers gave figures in "
    "pound-seconds, and NASA took them for newtons.",
    "It says that the craft was off course by about 60 miles of 416 million, and that nobody knows "
    "what became of it.",
    "It finds that people neglected what is taught at school, and ends with an old rhyme about a "
    "horseshoe nail.",
)
_OWN_PARAGRAPHS = (
    "Write here, in one sentence of your own, what the first paragraph says.",
    "And here what the second one says; then the third, and so on.",
)


class InitError(Exception):
    """The site cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; ``read`` returns the answer as it counts, or raises ValueError."""

    name: str
    text: str
    default: str
    read: Callable[[str], str]


def _line(answer: str) -> str:
    """Return an answer as one line of text that can be seen."""
    seen = (" " if unicodedata.category(char) in _INVISIBLE else char for char in answer)
    return " ".join("".join(seen).split())


def _title(answer: str) -> str:
    """Return a title for the head of a page, where themes take ``<`` for HTML."""
    title = _line(answer).replace("<", "‹").replace(">", "›")
    if not title:
        raise ValueError("a site needs a title")
    return title


def _article_title(answer: str) -> str:
    title = _line(answer)
    if not title:
        raise ValueError("the article needs a title")
    return title


def _date(answer: str) -> str:
    answer = _line(answer)
    date = iso_date(answer)
    if answer and not date:
        raise ValueError(f"'{answer}' is no date such as 2025-04-02, 2025-04 or 2025")
    if date > today().isoformat():
        raise ValueError(f"{date} is later than today")
    return date


def _address(answer: str) -> str:
    answer = answer.strip().replace("{", "%7B").replace("}", "%7D")
    if answer and not safe_url(answer):
        raise ValueError(f"'{_line(answer)}' is no address such as https://example.org/article")
    return answer


def _one_of(choices: Iterable[str]) -> Callable[[str], str]:
    known = tuple(choices)

    def read(answer: str) -> str:
        if answer.strip().lower() not in known:
            raise ValueError(f"'{_line(answer)}' is none of {', '.join(known)}")
        return answer.strip().lower()

    return read


def questions() -> tuple[Question, ...]:
    """Return what is asked for, in order."""
    spoken = languages()
    return (
        Question("title", "title of the site", "One Article, Annotated", _title),
        Question(
            "article_title", "title of the article to annotate", _EXAMPLE_TITLE, _article_title
        ),
        Question("article_author", "its author, or its publisher", "Chicago Tribune", _line),
        Question("article_date", "its date", "1999-10-04", _date),
        Question("article_url", "its address", _EXAMPLE_URL, _address),
        Question("language", f"language ({', '.join(spoken)})", "en", _one_of(spoken)),
        Question("licence", f"licence ({', '.join(_LICENCES)})", "cc-by", _one_of(_LICENCES)),
    )


def answer(
    given: Mapping[str, str | None], ask: Callable[[str], str] | None = None
) -> dict[str, str]:
    """Return all answers: what is given, what is asked for with ``ask``, else what is usual.

    Of an article of one's own nothing is usual. Raises InitError for an answer that cannot be.
    """
    answers: dict[str, str] = {}
    for question in questions():
        of_article = question.name.startswith("article_") and question.name != "article_title"
        own = of_article and answers["article_title"] != _EXAMPLE_TITLE
        usual = "" if own else question.default
        written = given.get(question.name)
        if written is None and ask is not None:
            answers[question.name] = _asked(question, usual, ask)
            continue
        try:
            answers[question.name] = question.read(usual if written is None else written)
        except ValueError as error:
            raise InitError(f"--{question.name.replace('_', '-')}: {error}") from None
    return answers


def _asked(question: Question, usual: str, ask: Callable[[str], str]) -> str:
    """Ask until there is an answer that can be."""
    hint = ""
    while True:
        try:
            return question.read(ask(f"{hint}{question.text} [{usual}]: ") or usual)
        except EOFError:
            raise InitError("the answers ended too early; --yes takes what is usual") from None
        except ValueError as error:
            hint = f"  {error}\n"


def require_empty(folder: Path) -> None:
    """Raise InitError unless a folder is empty or not there yet: before questions are asked."""
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise InitError(f"{folder} is not empty: name a new folder")
        if folder.exists() and not folder.is_dir():
            raise InitError(f"{folder} is a file: name a new folder")
    except OSError as error:
        raise InitError(f"{folder} cannot be read: {error.strerror}") from None


def init(folder: Path, answers: Mapping[str, str]) -> list[str]:
    """Write a site into a folder that is empty or new; return the paths of its files in order.

    Raises InitError if the folder holds anything, or cannot be written to.
    """
    require_empty(folder)
    files = render(answers)
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
    except OSError as error:
        raise InitError(f"{folder} cannot be written: {error.strerror}") from None
    return list(files)


def render(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each file of the site by its path."""
    values = _values(answers)
    files = {}
    for path in sorted(_TEMPLATE.rglob("*")):
        name = path.relative_to(_TEMPLATE).as_posix()
        if not path.is_file() or (name == "sources/article.bib" and values["key"] != "article"):
            continue
        text = path.read_text("utf-8")
        files[name] = _SLOT.sub(lambda slot: _WRITE[slot[1]](values[slot[2]]), text)
    return files


def _values(answers: Mapping[str, str]) -> dict[str, str]:
    """Return what goes into the slots; what goes into ``raw`` ones is written for its place."""
    title, author, date, url = (
        answers[f"article_{name}"] for name in ("title", "author", "date", "url")
    )
    example = title == _EXAMPLE_TITLE
    key = _EXAMPLE_KEY if url == _EXAMPLE_URL else "article" if url else ""
    paragraphs = _EXAMPLE_PARAGRAPHS if example else _OWN_PARAGRAPHS
    fields = {"title": title, "author": author, "date": date, "source": key}
    name, terms = _LICENCES[answers["licence"]]
    prefix = "" if example else "An example, not from the article: "
    return {
        **answers,
        "key": key,
        "today": today().isoformat(),
        "article": f"This site annotates {_described(title, author, date, key)}.",
        "article_plain": f"An annotation of {_described(title, author, date, '')}.",
        "article_fields": "".join(
            f"{field}: {quoted(value)}\n" for field, value in fields.items() if value
        ),
        "bib_fields": _bib_fields(author, date),
        "paragraphs": "".join(f"  - {quoted(one)}\n" for one in paragraphs),
        "paragraph_units": "4" if example else "1",
        "paragraph_miles": "5" if example else "2",
        "claim_units": f"{prefix}The engineers gave their figures in pound-seconds.",
        "claim_miles": f"{prefix}The orbiter was off course by about 60 miles.",
        "copyright": f"Text: {name}" if name else "All rights reserved",
        "licence_url": terms,
        "licence": f"The text of this site, everything in docs/ and sources/, is licensed under "
        f"{name}:\n{terms}"
        if name
        else "All rights reserved. Nobody may copy the text of this site without permission.",
    }


def _described(title: str, author: str, date: str, key: str) -> str:
    """Return an article as a part of a sentence, in Markdown."""
    known = [_markdown(one) for one in (author, written_date(date) if date else "") if one]
    told = f" ({', '.join(known)})" if known else ""
    return f"“{_markdown(title)}”{told}{f' [@{key}]' if key else ''}"


def _bib_fields(author: str, date: str) -> str:
    """Return the fields of an entry that may be unknown; the braces keep a name in one piece."""
    fields = f"  author = {{{{{_bibtex(author)}}}}},\n" if author else ""
    return f"{fields}  date   = {{{date}}},\n" if date else fields


def _markdown(value: str) -> str:
    r"""Return a value for running text in Markdown.

    >>> _markdown("*R&D* <b> at {{ x }}")
    '\\*R&amp;D\\* &lt;b&gt; at \\{\\{ x \\}\\}'
    """
    value = _MARKDOWN.sub(lambda sign: "\\" + sign[0], value)
    return "".join(_HTML.get(char, char) for char in value)


def _bibtex(value: str) -> str:
    r"""Return a value for the inside of braces in BibTeX.

    >>> _bibtex("50 % of {R&D}")
    '50 \\% of \\textbraceleft{}R\\&D\\textbraceright{}'
    """
    return "".join(f"\\{char}" if char in _TEX_SIGNS else _TEX.get(char, char) for char in value)


_WRITE: Mapping[str, Callable[[str], str]] = {
    "yaml": quoted,
    "markdown": _markdown,
    "bibtex": _bibtex,
    "raw": str,
}
