"""How many terminal cells text takes, and text made safe to print.

Rich's tables do the measuring, so that Textual and this package never disagree about a width. Rich counts joiners and
variation selectors by what stands before them; `clean` removes them, so that widths simply add up.
"""

import re
import unicodedata
from typing import Literal

from rich.cells import cell_len, get_character_cell_size

Align = Literal["left", "centre", "right"]

REPLACEMENT = "\ufffd"
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_VARIATION_SELECTORS = {chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}


def width(text: str) -> int:
    """Return the number of cells of one line of clean text."""
    return len(text) if text.isascii() else cell_len(text)


def clean(text: str) -> str:
    """Return text that can do a terminal no harm: newlines stay, other controls and invisible formatting go.

    Tabs become spaces. A lone surrogate or a private character becomes the replacement sign, since no terminal agrees
    on what either would show.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    if text.isascii():
        return _CONTROLS.sub("", text)
    return "".join(char if char < "\x7f" and char >= " " else _clean_character(char) for char in text)


def _clean_character(char: str) -> str:
    if char == "\n":
        return char
    match unicodedata.category(char):
        case "Cc" | "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return REPLACEMENT
        case "Zl" | "Zp":
            return " "
        case _:
            return "" if char in _VARIATION_SELECTORS else char


def fit(text: str, cells: int, align: Align = "left", *, used: int | None = None) -> str:
    """Pad text with spaces to a number of cells; `used` saves measuring text whose width is known."""
    gap = cells - (width(text) if used is None else used)
    if gap <= 0:
        return text
    left = {"left": 0, "centre": gap // 2, "right": gap}[align]
    return " " * left + text + " " * (gap - left)


def head(text: str, cells: int) -> int:
    """Return how many characters of text fit into so many cells: at least one, so that a caller always advances."""
    if text.isascii():
        return max(1, min(len(text), cells))
    taken = 0
    for index, char in enumerate(text):
        taken += get_character_cell_size(char)
        if taken > cells:
            return max(1, index)
    return len(text)


def chop(text: str, cells: int) -> list[str]:
    """Cut one line into pieces of at most so many cells, wherever that falls."""
    pieces = []
    while width(text) > cells:
        cut = head(text, cells)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]
