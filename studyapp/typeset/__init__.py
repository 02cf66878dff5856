"""Cards as they look in a terminal: Markdown with LaTeX in, styled lines out. Knows nothing of Textual.

Importing this is cheap. The engine and markdown-it (35 ms, measured) are imported by the first text, not by the first
screen.
"""

from functools import lru_cache

from studyapp.typeset.lines import FormulaError, Line, Span

__all__ = ["FormulaError", "Line", "Span", "displayed", "faults", "formula", "formulas", "plain", "typeset"]

LEAST_WIDTH = 20


def typeset(text: str, width: int) -> list[Line]:
    """Lay out a card's text in lines of at most `width` cells (20 at least); any text has a layout.

    A line is a tuple of (text, style); a style is "", "bold", "italic", "code", "math", "heading", "dim", "rule",
    "red", "green", "orange", "blue", "filled" (on a ground of its colour) or several of them joined by spaces.
    """
    return list(_lines(text, max(width, LEAST_WIDTH)))


def plain(text: str, width: int) -> str:
    """Return the same layout without styles, for a plain line mode."""
    return "\n".join("".join(part for part, _ in line) for line in typeset(text, width))


def faults(text: str) -> list[str]:
    """What in a card's text cannot be laid out, a sentence each."""
    from studyapp.typeset.markdown import faults as found

    return found(text)


def formulas(text: str) -> list[str]:
    """The LaTeX of each formula in a card's text."""
    from studyapp.typeset.markdown import formulas as found

    return found(text)


def formula(source: str) -> list[str]:
    """Lay out one formula in two dimensions, as wide as it is; raise FormulaError saying what is not supported."""
    from studyapp.typeset.cells import clean
    from studyapp.typeset.colour import without
    from studyapp.typeset.latex import parse
    from studyapp.typeset.layout import draw
    from studyapp.typeset.small_scripts import Style, lowered_letters

    source = clean(source)
    box = draw(parse(source), Style(lowered_letters(source)))
    return [without(row).rstrip() for row in box.rows]


def displayed(source: str, width: int) -> tuple[list[str], int]:
    """A formula broken to fit, and the row on which its first line stands; FormulaError says what is not supported."""
    from studyapp.typeset.cells import clean
    from studyapp.typeset.display import rows_and_baseline
    from studyapp.typeset.small_scripts import lowered_letters

    source = clean(source)
    return rows_and_baseline(source, max(width, LEAST_WIDTH), lowered_letters(source))


@lru_cache(maxsize=512)
def _lines(text: str, width: int) -> tuple[Line, ...]:
    from studyapp.typeset.markdown import render

    return tuple(render(text, width))
