r"""LaTeX becomes plain text: ``{\"u}`` is ü, braces go, what cannot be read stays as typed.

pybtex knows the symbols (from latexcodec's table); accents are Unicode's own combining marks.
Never raises, and never loses an author's word: of an unknown command its argument is left.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from functools import lru_cache
from itertools import accumulate

from pybtex.exceptions import PybtexError
from pybtex.richtext import Text

_MAX_DEPTH = 100
_MARKUP = re.compile(r"[\\{}$~]|--|``|''")
# Control and bidi-override characters, and the private planes that marks are made of.
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000f0000-\U0010ffff]")
# A dollar is maths by Pandoc's rule: no space inside it, no digit behind it ("$5 and $6").
_TOKEN = re.compile(
    r"\\[A-Za-z]+\*?\s*|\$\$?(?=[^\s$])(?:\\.|[^$\\])*?(?<=\S)\$\$?(?!\d)|\\\(.{1,500}?\\\)|\\."
    r"|[{}~]|---?|``|''|[^\\{}$~`'-]+|.",
    re.DOTALL,
)
# "A$AP Rocky and Ke$ha": words, so no formula.
_PROSE = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_FORMULA = re.compile(r"\\[A-Za-z]+\s*|\\.|.", re.DOTALL)

_PLAIN = {"~": "\u00a0", "--": "–", "---": "—", "``": "“", "''": "”"}
_ACCENTS = dict(
    zip(
        "`'^~=u.\"rHvdckbt",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b"
        "\u030c\u0323\u0327\u0328\u0331\u0361",
        strict=True,
    )
)
_DOTLESS = {"ı": "i", "ȷ": "j"}
_SPACE = re.compile(r"[\s\\;:>]|quad|qquad|space|newline|par|enspace|linebreak")
_THIN = {",": "\u202f", "thinspace": "\u202f", "nobreakspace": "\u00a0"}
_NOTHING = re.compile(
    r"[!/@-]|bf|it|em|sc|sl|tt|rm|sf|(bf|md)series|(it|sc|sl|up)shape|(tt|rm|sf)family|normalfont"
    r"|tiny|small|[lL]arge|normalsize|footnotesize|scriptsize|protect|relax|nobreak|allowbreak"
    r"|xspace|ignorespaces|unskip|left|right|displaystyle"
)
_SKIPPED = frozenset({"noopsort", "hspace", "vspace", "phantom", "label", "selectlanguage"})
_VERBATIM = frozenset({"url", "nolinkurl", "path"})
_SECOND = frozenset({"href", "texorpdfstring", "textcolor", "foreignlanguage", "hyperlink"})
_QUOTED = frozenset({"enquote", "mkbibquote", "textquote"})
_FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "nicefrac", "sfrac"})
_FUNCTION = re.compile("arg|cos|deg|det|dim|exp|gcd|inf|lim|ln|log|max|min|mod|sin|sup|tan")
_UPRIGHT = re.compile("math(rm|it|sf|bf)|text(rm|it)?|operatorname|ensuremath|mbox")
# What latexcodec's table has not.
_SYMBOLS: dict[str, str] = dict(
    re.findall(
        r"(\w+)=(\S+)",
        "BibTeX=BibTeX LaTeX=LaTeX LaTeXe=LaTeX2e LuaTeX=LuaTeX TeX=TeX XeTeX=XeTeX "
        "dots=… textellipsis=… euro=€ texteuro=€ flqq=« frqq=» grqq=“ "
        "guilsinglleft=‹ guilsinglright=› quotedblbase=„ quotesinglbase=‚ "
        "textquotedblleft=“ textquotedblright=” textquoteleft=‘ textquoteright=’ "
        "j=ȷ ng=ŋ NG=Ŋ No=№ textnumero=№ "
        "slash=/ textasciicircum=^ textasciitilde=~ textbackslash=\\ textbar=| "
        "textbraceleft={ textbraceright=} "
        "textgreater=> textless=< textmu=µ textperthousand=‰ textunderscore=_",
    )
)
_MATHS: dict[str, str] = dict(
    re.findall(r"(\w+)=(\S+)", "circ=∘ ge=≥ hbar=ħ le=≤ ne=≠ prime=′ to=→ varepsilon=ε")
)
_RAISED = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyz∘", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ°"
)
_LOWERED = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")

_LATEX = str.maketrans(
    {char: f"\\{char}" for char in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_BRACES = {ord("{"): r"\textbraceleft{}", ord("}"): r"\textbraceright{}"}
# What TeX would make one sign of.
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')")


def decode(value: str) -> str:
    r"""Return a value without LaTeX; most values have none of it, and cost no more than a look.

    >>> decode(r"M{\"u}ller: R\&D, \textit{in} $O(n^2)$, \alpha_1"), decode("from $5 to $6")
    ('Müller: R&D, in O(n²), α₁', 'from $5 to $6')
    """
    if _MARKUP.search(value):
        value = re.sub(" {2,}", " ", _read(deque(_TOKEN.findall(value)), 0))
    return (value if value.isprintable() else _HIDDEN.sub("", value)).strip()


def escape(text: str) -> str:
    r"""Return text as LaTeX; BibTeX counts ``\{`` too, so unpaired braces go by their names."""
    depths = [0, *accumulate({"{": 1, "}": -1}.get(char, 0) for char in text)]
    paired = min(depths) == depths[-1] == 0
    return text.translate(_LATEX if paired else _LATEX | _BRACES)


def encode(text: str) -> str:
    r"""Return what ``decode`` reads as a text: as it is if that does, else with what TeX needs.

    >>> encode("Q & A"), encode("{x} -- 50%")
    ('Q & A', '\\{x\\} -{}- 50\\%')
    """
    plain = not set(text) & set("{}\\~") and decode(text) == text
    return text if plain else _LIGATURE.sub("{}", escape(text))


def _read(bits: deque[str], depth: int) -> str:
    """Return what stands up to the brace that ends a group, or up to the end."""
    out = []
    while bits:
        bit = bits.popleft()
        if bit == "}" and depth:
            break
        out.append(_piece(bit, bits, depth))
    return "".join(out)


def _piece(bit: str, bits: deque[str], depth: int) -> str:
    if bit == "{":
        return _read(bits, depth + 1) if depth < _MAX_DEPTH else ""
    if bit == "}":
        return ""
    if len(bit) > 2 and bit.startswith(("$", "\\(")):
        return _maths(bit)
    if len(bit) > 1 and bit.startswith("\\"):
        return _command(bit, bits, depth)
    return _PLAIN.get(bit, bit)


def _command(bit: str, bits: deque[str], depth: int) -> str:
    name = bit[1:].rstrip().rstrip("*") or bit[1]
    grouped = bool(bits) and bits[0] == "{"
    if depth >= _MAX_DEPTH:
        return bit
    if name in _ACCENTS:
        return _accented(name, _argument(bits, depth))
    if (literal := _literal(name)) is not None:
        return literal
    if name in _VERBATIM:
        return _verbatim(bits) if grouped else bit
    if name in _SKIPPED or name in _SECOND:
        first = "" if name in _SKIPPED else _argument(bits, depth)
        more = bool(bits) and bits[0] == "{"
        second = _argument(bits, depth) if more else ""
        return "" if name in _SKIPPED else second or first
    if name in _QUOTED:
        return f"“{_argument(bits, depth)}”"
    if name in _FRACTIONS:
        return f"{_argument(bits, depth)}/{_argument(bits, depth)}"
    if name == "sqrt":
        return _root(_argument(bits, depth))
    if name in ("textsuperscript", "textsubscript"):
        inside = _argument(bits, depth)
        return _script("^" if name == "textsuperscript" else "_", inside) or inside
    space = bit[len(bit.rstrip()) :]
    if symbol := _symbol(f"\\{name}"):
        # A logo keeps the space behind it, which TeX would eat: "\LaTeX is" is meant as two words.
        return symbol + (space if len(symbol) > 1 else "")
    if symbol := _symbol(f"$\\{name}$"):
        return symbol + (_scripts(bits, depth) or space)
    return (_argument(bits, depth) or bit) if grouped else bit


def _literal(name: str) -> str | None:
    """Return what a command without argument prints, if it is one of the plainest."""
    if name in _THIN:
        return _THIN[name]
    if _NOTHING.fullmatch(name):
        return ""
    if _SPACE.fullmatch(name):
        return " "
    return name if name in "&%$#_{}" else None


def _root(inside: str) -> str:
    return f"√{inside}" if len(inside) == 1 else f"√({inside})"


def _argument(bits: deque[str], depth: int) -> str:
    """Take the next group, command or character."""
    while bits and bits[0].isspace():
        bits.popleft()
    if not bits or bits[0] == "}":
        return ""
    bit = bits.popleft()
    if len(bit) > 1 and not bit.startswith(("\\", "$")) and bit not in _PLAIN:
        first, rest = bit.lstrip()[0], bit.lstrip()[1:]
        if rest:
            bits.appendleft(rest)
        return first
    return _piece(bit, bits, depth + 1)


def _accented(accent: str, base: str) -> str:
    if not base.strip():
        return accent if accent in "~^" else ""
    first = _DOTLESS.get(base[0], base[0])
    return unicodedata.normalize("NFC", first + _ACCENTS[accent]) + base[1:]


def _verbatim(bits: deque[str]) -> str:
    """Take the next group as it was typed: an address has no LaTeX in it."""
    if not bits or bits[0] != "{":
        return ""
    out, depth = [], 0
    while bits:
        bit = bits.popleft()
        depth += {"{": 1, "}": -1}.get(bit, 0)
        out.append(bit)
        if depth == 0:
            break
    return "".join(out)[1:].removesuffix("}")


@lru_cache(maxsize=1024)
def _symbol(written: str) -> str:
    """Return the character that a command stands for, or an empty string."""
    if written[1:] in _SYMBOLS:
        return _SYMBOLS[written[1:]]
    try:
        found = str(Text.from_latex(written))
    except (PybtexError, ValueError):
        return ""
    return "" if set(found) & {"\\", "$"} else found.strip()


def _scripts(bits: deque[str], depth: int) -> str:
    """Take what is raised or lowered behind a symbol outside maths, as the 1 in α_1."""
    if not bits or bits[0][0] not in "_^" or bits[0] in ("_ ", "^ "):
        return ""
    sign, rest = bits[0][0], bits[0][1:]
    if not rest and (len(bits) < 2 or bits[1] != "{"):
        return ""
    bits.popleft()
    if rest:
        bits.appendleft(rest)
    inside = _argument(bits, depth)
    return _script(sign, inside) or f"{sign}{inside}"


def _script(sign: str, text: str) -> str:
    """Return text raised or lowered, or nothing where Unicode cannot."""
    table = _RAISED if sign == "^" else _LOWERED
    written = text.translate(table)
    return written if text and all(ord(char) in table for char in text) else ""


def _maths(bit: str) -> str:
    """Return a formula in Unicode; one that cannot be read whole stays as it was typed."""
    inside = bit[2:-2] if bit.startswith("\\(") else bit.strip("$")
    if _PROSE.search(inside) and not set(inside) & set("\\^_"):
        return bit
    read = _formula(deque(_FORMULA.findall(inside)), 0)
    return bit if read is None else read


def _formula(bits: deque[str], depth: int) -> str | None:
    out = ""
    while bits:
        bit = bits.popleft()
        if bit == "}":
            return out if depth else None
        piece = _factor(bit, bits, depth)
        if piece is None:
            return None
        out += piece
    return None if depth else out


def _factor(bit: str, bits: deque[str], depth: int) -> str | None:
    """Return one part of a formula, with the arguments that it takes."""
    name = bit[1:].strip()
    if depth >= _MAX_DEPTH:
        return None
    if bit == "{":
        return _formula(bits, depth + 1)
    if bit in "^_":
        inside = _next_factor(bits, depth)
        return (_script(bit, inside) or None) if inside else None
    if len(bit) == 1:
        return bit
    if (literal := _literal(name or bit[1])) is not None:
        return literal
    if _UPRIGHT.fullmatch(name):
        return ""
    if _FUNCTION.fullmatch(name):
        return f"{name} " if bits and bits[0].isalnum() else name
    if name in _FRACTIONS:
        above, below = _next_factor(bits, depth), _next_factor(bits, depth)
        return f"{above}/{below}" if above and below else None
    if name == "sqrt":
        inside = _next_factor(bits, depth)
        return _root(inside) if inside else None
    symbol = _MATHS.get(name) or _symbol(f"$\\{name}$") or _symbol(f"\\{name}")
    return symbol + bit[len(bit.rstrip()) :] if symbol else None


def _next_factor(bits: deque[str], depth: int) -> str | None:
    while bits and bits[0] == " ":
        bits.popleft()
    return _factor(bits.popleft(), bits, depth + 1) if bits else None
