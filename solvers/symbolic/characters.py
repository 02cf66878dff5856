"""What keyboards, word processors and LaTeX habits produce, as the plain characters that the grammar knows.

Everything not in these tables is refused by the character's own name, so that no look-alike passes for a letter.
"""

from __future__ import annotations

import re
import unicodedata

from solvers.symbolic.tree import Unreadable

_SIGNS = {
    **dict.fromkeys("−–—‐‑‒―﹣", "-"),
    **dict.fromkeys("×·⋅∙•✕∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("∼～˜", "~"),
    **dict.fromkeys("∣∥", "|"),
    "∑": "sum",
    "∏": "prod",
    "√": "√",
    "∞": "inf",
    "‖": "||",
    ":": "..",
    "∇": "grad",
    "∂": "\\partial ",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∈": " in ",
    "…": "...",
    "𝔼": "E",
    "𝟙": " 1",
    "𝟏": " 1",
}
_GREEK = {
    **{letter: unicodedata.name(letter).split()[-1].lower() for letter in "αβγδεζηθικμνξοπρστυφχψω"},
    **{letter: unicodedata.name(letter).split()[-1].capitalize() for letter in "ΓΔΘΞΠΣΦΨΩ"},
    "λ": "lambda",
    "Λ": "Lambda",
    "ς": "sigma",
}
_PLAIN = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.,+-*/^()[]{}|~<>=!\\ ")
_FONTS = "mathbb|mathcal|mathrm|mathbf|mathds|mathsf|boldsymbol|bm"
# LaTeX that only changes the looks; what stands in the braces, if any, is kept
_LOOKS = re.compile(
    rf"\\(?:{_FONTS}|text|operatorname)\s*\{{\s*(\\?[A-Za-z]+|1)\s*\}}|\\(?:{_FONTS})\s+([A-Z1])(?![A-Za-z0-9])"
    r"|\\(?:displaystyle|limits|quad|qquad)(?![A-Za-z])|\\[,;:! ]|\A\s*\$+|\$+\s*\Z"
)
_SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])|\\(?=[{}])")  # of a bracket, which may be a call's
# \frac12, \tfrac{1}{2}, \sqrt2: the command, then what it stands for where its arguments have no braces
_FRACTION = re.compile(r"\\[dtc]?frac(?![A-Za-z])(?:\s*(\d)(?:\s*([\dA-Za-z]))?|\s+([A-Za-z])\s+([\dA-Za-z]))?")
_ROOT = re.compile(r"\\sqrt\s*(\d)")
_COMMANDS = {"cdot": "*", "times": "*", "mid": "|", "sim": "~", "leq": "<=", "le": "<=", "geq": ">=", "ge": ">="}
_COMMANDS |= {"neq": "!=", "ne": "!=", "dots": "...", "ldots": "...", "cdots": "...", "infty": "inf"}
_COMMANDS |= {"lvert": "|", "rvert": "|", "vert": "|", "to": " to "}
_COMMAND = re.compile(rf"\\({'|'.join(_COMMANDS)})(?![A-Za-z])")


def plain(text: str) -> tuple[str, list[int]]:
    """`text` in plain characters, and for each of them the index in `text` that it comes from (one more at the end)."""
    chars: list[str] = []
    places: list[int] = []
    skipped: dict[int, str] = {}
    for looks in _LOOKS.finditer(text):
        kept = set(range(*looks.span(1 if looks[1] else 2)))
        skipped |= {place: "" if kept else " " for place in range(*looks.span()) if place not in kept}
        if text[looks.start() - 1 : looks.start()].isalnum():  # names must not run into one another
            skipped[looks.start()] = " "
    for size in _SIZES.finditer(text):
        skipped |= dict.fromkeys(range(*size.span()), "")
    at = 0
    while at < len(text):
        length = 1
        if at in skipped:
            new = skipped[at]
        elif command := _COMMAND.match(text, at):
            new, length = _COMMANDS[command[1]], len(command[0])
        elif text.startswith("\\|", at):  # of a norm or a divergence
            new, length = "||", 2
        elif bare := _FRACTION.match(text, at) or _ROOT.match(text, at):
            args = [arg for arg in bare.groups() if arg]
            new = ("\\frac" if bare.re is _FRACTION else "\\sqrt") + "".join(f"{{{arg}}}" for arg in args)
            length = len(bare[0])
        elif shift := _shift(text[at]):
            while at + length < len(text) and _shift(text[at + length]) == shift:
                length += 1
            new = shift + "{" + "".join(_character(char, at) for char in text[at : at + length]) + "}"
        else:
            new = _character(text[at], at)
            if new[0] == "(" and new[1:2].isdigit() and chars and chars[-1].isdigit():
                raise Unreadable(f"Character {at + 1} makes a mixed number; write it as a decimal, such as 1.5.", at)
            if new.isalpha() and not text[at].isascii():  # a letter's name must not run into its neighbours
                after = text[at + 1 : at + 2]
                new = (" " if chars and chars[-1].isalnum() else "") + new + (" " if after.isalpha() else "")
        chars.extend(new)
        places.extend([at] * len(new))
        at += length
    return "".join(chars), [*places, len(text)]


def _shift(char: str) -> str:
    """`^` for a raised character, such as ², ᵗ or ⁻, `_` for a lowered one, nothing for any other."""
    how = "" if char.isascii() else unicodedata.decomposition(char).partition(" ")[0]
    return {"<super>": "^", "<sub>": "_"}.get(how, "")


def _character(char: str, place: int) -> str:
    for known in (char, unicodedata.normalize("NFKC", char)):  # 𝛽, 𝑥 and full-width forms too
        if known in _PLAIN:
            return known
        if known in _SIGNS or known in _GREEK:
            return _SIGNS.get(known) or _GREEK[known]
    if char in "\t\n\r" or unicodedata.category(char) == "Zs":
        return " "
    if unicodedata.decomposition(char).startswith("<fraction>"):
        return f"({unicodedata.normalize('NFKC', char).replace('⁄', '/')})"
    printed = f"`{char}` " if char.isascii() and char.isprintable() else ""
    name = unicodedata.name(char, "a character without a name")
    hint = " " + _HINTS[char] if char in _HINTS else " Write letters, digits and signs such as + - * / ^ ( )."
    raise Unreadable(f"Character {place + 1}, {printed}({name}, U+{ord(char):04X}), is not understood.{hint}", place)


_HINTS = {
    "'": "Write s2 or s_next in place of s'.",
    "′": "Write s2 or s_next in place of s′.",
    "%": "Write a percentage as a fraction, such as 0.05.",
}
