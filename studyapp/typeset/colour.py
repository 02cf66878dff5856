"""Colour in formulas: invisible marks in the rows while they are put together, styled pieces at the end.

A mark is a character without width that `cells.clean` keeps out of every source, so all marks are ours, and boxes can
be padded, joined and cut without knowing of them.
"""

from typing import Final

from studyapp.typeset.lines import Span

# The name of a colour in LaTeX → the word that the styles of a text know.
NAMES: Final = {
    **dict.fromkeys(("red", "magenta", "purple", "pink", "Red", "BrickRed"), "red"),
    **dict.fromkeys(("green", "teal", "lime", "Green", "ForestGreen"), "green"),
    **dict.fromkeys(("orange", "yellow", "brown", "olive", "Orange"), "orange"),
    **dict.fromkeys(("blue", "cyan", "violet", "Blue", "NavyBlue"), "blue"),
    **dict.fromkeys(("gray", "grey", "lightgray", "darkgray", "Gray"), "dim"),
    "accent": "code",
}
_TEXT: Final = tuple(dict.fromkeys(NAMES.values()))
_STYLES: Final = (*_TEXT, *(f"{word} filled" for word in (*_TEXT, "math")))
_FIRST: Final = 0xE0020  # of Unicode's tags, which have no width
_END: Final = chr(_FIRST + len(_STYLES))
_NOTHING: Final = dict.fromkeys(range(_FIRST, ord(_END) + 1))
_MARKS: Final = {chr(_FIRST + number): style for number, style in enumerate(_STYLES)} | {_END: ""}


def mark(text: str, colour: str, filled: bool = False) -> str:
    """The text between marks of its colour, or of its ground's; as it is where the colour is none that a theme has.

    A ground that no theme has is a ground all the same, or what was marked by it would not be.
    """
    if colour not in NAMES and not filled:
        return text
    style = f"{NAMES.get(colour, 'math')} filled" if filled else NAMES[colour]
    return f"{chr(_FIRST + _STYLES.index(style))}{text}{_END}"


def spans(text: str, style: str) -> list[Span]:
    """The pieces of a row with marks, in `style`, its "math" made the innermost colour where there is one."""
    found: list[Span] = []
    piece, colours = "", [""]
    for char in f"{text}{_END}":
        if char not in _MARKS:
            piece += char
            continue
        if piece:
            found.append((piece, style.replace("math", colours[-1]) if colours[-1] else style))
            piece = ""
        if char != _END:
            colours.append(_MARKS[char])
        elif len(colours) > 1:
            colours.pop()
    return found


def without(text: str) -> str:
    """The text with its marks taken out."""
    return text.translate(_NOTHING)
