"""When a sub- or superscript can be Unicode's small characters on its base's own row.

Unicode has no small w, so `y_w` cannot be drawn like `yₗ`. A pair like these two should look alike: letters that have
such a subscript somewhere in a text are its *lowered* letters, and their subscripts are never small in that text.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from studyapp.typeset.boxes import Box
from studyapp.typeset.colour import mark
from studyapp.typeset.latex import parse
from studyapp.typeset.latex_symbols import SUBSCRIPTS, SUPERSCRIPTS
from studyapp.typeset.lines import FormulaError
from studyapp.typeset.nodes import Accent, Coloured, Node, Row, Scripts, Space, Symbol, walk

_WORD: Final = re.compile(r"[A-Za-z]{4,}")  # longer words are unreadable when small
_CAPITALS: Final = re.compile(r"[A-Z].*[A-Z]")


class Style(NamedTuple):
    """What a part must know of its surroundings."""

    lowered: frozenset[str] = frozenset()
    tight: bool = False
    drawn: dict[tuple[int, bool], tuple[Node, Box]] | None = None  # what was drawn before, by its id, where that helps

    @property
    def of_script(self) -> "Style":
        return self._replace(tight=True)


def letters(node: Node | None, marked: bool = False) -> str | None:
    """Return the text of a part that consists of symbols only, with the marks of its colours if they are wanted."""
    match node:
        case Symbol(text=text):
            return text
        case Row(items=items):
            texts = [letters(item, marked) for item in items]
            return None if None in texts else "".join(text for text in texts if text)
        case Space(cells=cells):
            return "" if cells <= 0 else None
        case Scripts(base=base, sub=None, sup=None, primes=count):
            inside = letters(base, marked)
            return None if inside is None else inside + "′" * count
        case Accent(body=body, combining=combining):
            inside = letters(body, marked)
            return None if inside is None else inside + combining
        case Coloured(body=body, colour=colour, filled=False):
            inside = letters(body, marked)
            return mark(inside, colour) if marked and inside else inside
        case _:
            return None


def small_sub(base: Node, sub: Node | None, style: Style) -> str:
    """Return the small form of a subscript, or "" where there is none."""
    if letters(base) in style.lowered and base:
        return ""
    return _small(sub, SUBSCRIPTS)


def small_sup(sup: Node | None) -> str:
    """Return the small form of a superscript, or "" where there is none."""
    text = letters(sup)
    return "" if text and _CAPITALS.search(text) else _small(sup, SUPERSCRIPTS)


def _small(script: Node | None, table: dict[str, str]) -> str:
    text = letters(script)
    if not text or _WORD.search(text) or text[0] in ",:′" or text[-1] in ",:":
        return ""
    if not all(char in table for char in text):
        return ""
    return "".join(table.get(char, char) for char in letters(script, marked=True) or "")


@lru_cache(maxsize=1024)
def lowered_letters(source: str) -> frozenset[str]:
    """Return the bases in a formula with a subscript of Latin letters that has no small form."""
    try:
        tree = parse(source)
    except FormulaError:
        return frozenset()
    return frozenset(
        base
        for node in walk(tree)
        if isinstance(node, Scripts) and (base := letters(node.base)) and node.placement == "side"
        if (sub := letters(node.sub)) and sub.isascii() and sub.isalpha() and not _small(node.sub, SUBSCRIPTS)
    )
