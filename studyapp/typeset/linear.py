"""A formula's tree as one readable row: `a/b`, `√(x)`, `x^(…)`, brackets only where they are needed."""

import re
from collections.abc import Sequence
from typing import Final

from studyapp.typeset import cells
from studyapp.typeset.boxes import LONE_BARS
from studyapp.typeset.colour import mark, without
from studyapp.typeset.latex_symbols import SUPERSCRIPTS
from studyapp.typeset.layout import combine, primes, strike
from studyapp.typeset.nodes import (
    Accent,
    Arrow,
    Binomial,
    Boxed,
    Brace,
    Coloured,
    Fenced,
    Fraction,
    Grid,
    Kind,
    Node,
    Phantom,
    Root,
    Row,
    Scripts,
    Space,
    Strike,
    Symbol,
    bare,
    classes,
    gaps,
    is_atom,
    uncoloured,
)
from studyapp.typeset.small_scripts import Style, small_sub, small_sup

_MARKED = r"[\w\u0300-\u036f\u20d7]"
_WORD: Final = re.compile(rf"{_MARKED}+")
_SCRIPT: Final = re.compile(rf"[<>]?{_MARKED}+[′*]*|.")
_ENDS_IN_SCRIPT: Final = re.compile(rf"[_^][<>]?{_MARKED}+[′*]*$")
_BESIDE: Final[frozenset[Kind]] = frozenset({"ord", "op", "sum", "inner"})
_HIGH: Final = frozenset(SUPERSCRIPTS.values()) - frozenset("*†°′")
_OVERLINE: Final = "\u0305"


def write(node: Node, style: Style) -> str:
    """Return one row for a part."""
    match node:
        case Symbol(text=text):
            return text
        case Row(items=items):
            return write_row(items, style)
        case Scripts():
            return _scripts(node, style)
        case Fraction(top=top, bottom=bottom):
            above, below = write(top, style), write(bottom, style)
            above = above if _is_product(top) or _is_atomic(top) else f"({above})"
            below = below if _is_atomic(bottom) else f"({below})"
            return f"{above}/{below}"
        case Fenced(opening=opening, parts=parts, closing=closing, middles=middles):
            texts = [write(part, style) for part in parts]
            behind = " " * (not opening and closing in LONE_BARS)
            return opening + texts[0] + "".join(map(" {} {}".format, middles, texts[1:])) + behind + closing
        case Grid():
            return _grid(node, style)
        case Binomial(top=top, bottom=bottom):
            return f"C({write(top, style)}, {write(bottom, style)})"
        case Root(body=body, degree=degree):
            return _root(body, degree, style)
        case Accent(body=body, name=name, combining=combining):
            return _accent(write(body, style), name, combining)
        case Strike(body=body, combining=combining):
            return strike(write(body, style), combining)
        case Coloured(body=body, colour=colour, filled=filled):
            return mark(write(body, style), colour, filled)
        case Brace(body=body):
            return write(body, style)
        case Arrow(sign=sign, over=over, under=under):
            labels = [write(label, style.of_script) for label in (over, under) if label]
            return sign[0] + ",".join(label for label in labels if label) + sign[2]
        case Boxed(body=body):
            return f"[{write(body, style)}]"
        case Space() | Phantom():
            return ""


def write_row(items: Sequence[Node], style: Style) -> str:
    """Put parts side by side; a fraction with a neighbour that it would swallow gets brackets."""
    kinds = classes(items)
    solid = [index for index, item in enumerate(items) if not isinstance(item, Space)]
    gap_before = gaps(items, style.tight)
    result = ""
    for position, index in enumerate(solid):
        item = items[index]
        text = write(item, style)
        gap = gap_before[index]
        before = kinds[solid[position - 1]][1] if position else "open"
        after = kinds[solid[position + 1]][0] if position + 1 < len(solid) else "close"
        if _is_fraction(item) and before == "sign":
            gap = 0
        if _is_fraction(item) and (before in _BESIDE or before == "close" or after in _BESIDE or after == "open"):
            text = f"({text})"
            gap = 0 if before == "op" else gap
        # A letter's own underscore, as in step\_num, makes no script.
        after_script = position and not isinstance(bare(items[solid[position - 1]]), Symbol)
        if not gap and after_script and _ENDS_IN_SCRIPT.search(without(result)) and _WORD.match(without(text)):
            gap = 1
        result += " " * gap + text
    return result


def _is_fraction(node: Node) -> bool:
    match node:
        case Fraction():
            return True
        case Row(items=(only,)) | Coloured(body=Row(items=(only,))):
            return _is_fraction(only)
        case _:
            return False


def _is_product(row: Row) -> bool:
    """Whether it can stand before a slash as it is."""
    row = uncoloured(row)
    depth = 0
    for item, (left, _right) in zip(row.items, classes(row.items), strict=True):
        if depth == 0 and (left in ("bin", "rel", "op", "sum", "punct") or _is_fraction(item)):
            return False
        depth += {"open": 1, "close": -1}.get(left, 0) if isinstance(item, Symbol) else 0
        if isinstance(item, Grid) and not item.closing:
            return False
    return True


def _is_atomic(row: Row) -> bool:
    """Whether it can stand after a slash as it is: one thing, or a function with its argument."""
    row = uncoloured(row)
    items = [item for item in row.items if not isinstance(item, Space)]
    if is_atom(row) or (len(items) == 1 and isinstance(items[0], Root | Fenced | Binomial)):
        return True
    match items:
        case [Row() as only]:
            return _is_atomic(only)
        case [Scripts(base=base, sup=sup)]:
            return is_atom(Row((base,))) and (sup is None or bool(small_sup(sup)))
        case [Symbol(text="|"), *inside, Symbol(text="|")]:
            return all(not isinstance(item, Symbol) or item.text != "|" for item in inside)
        case [Symbol(kind="ord" | "op") | Scripts() | Accent() | Row() as name, Fenced(parts=parts)]:
            return not _is_factor(name, parts[0].items)
        case [Symbol(kind="ord" | "op") | Scripts() | Accent() | Row() as name, Symbol(kind="open"), *inside, last]:
            if _is_factor(name, inside):
                return False
            ends = {"open": 1, "close": -1}
            depths = [0]
            for item in inside:
                depths.append(depths[-1] + (ends.get(item.kind, 0) if isinstance(item, Symbol) else 0))
            return isinstance(last, Symbol) and last.kind == "close" and depths[-1] == 0 == min(depths)
        case _:
            return False


def _begins_with_word(row: Row) -> bool:
    match uncoloured(row).items:
        case (Symbol(text=text), *_):
            return len(text) > 1
        case (Row() as first, *_):
            return _begins_with_word(first)
        case _:
            return False


def _is_factor(name: Node, inside: Sequence[Node]) -> bool:
    """Whether brackets after a letter may be a factor, as in n(n − 1): what they hold is added up."""
    return isinstance(name, Symbol) and len(name.text) == 1 and any(kind == "bin" for kind, _ in classes(inside))


def _scripts(node: Scripts, style: Style) -> str:
    base = write(node.base, style)
    if isinstance(node.base, Row | Fraction | Root | Coloured) and base and node.placement == "side":
        base = base if _WORD.fullmatch(without(base)) or _in_brackets(base) else f"({base})"
    base += primes(node.primes) if node.primes else ""
    if isinstance(node.base, Brace):
        labels = [write(label, style) for label in (node.sub, node.sup) if label]
        return f"({base}: {', '.join(labels)})"
    below, above = small_sub(node.base, node.sub, style), small_sup(node.sup)
    raw_below = "_" + _bracketed(node.sub, style) if node.sub and not below else ""
    if raw_below:
        return base + above + raw_below + ("^" + _bracketed(node.sup, style) if node.sup and not above else "")
    return base + below + (above or ("^" + _bracketed(node.sup, style) if node.sup else ""))


def _bracketed(script: Node, style: Style) -> str:
    text = write(script, style.of_script)
    bare_text = without(text)
    is_one = _SCRIPT.fullmatch(bare_text) and _HIGH.isdisjoint(bare_text)  # not 2³, which x^2³ would be torn from
    return text if is_one or _in_brackets(text) else f"({text})"


def _in_brackets(text: str) -> bool:
    """Whether one pair of brackets encloses all of it."""
    depths = [0]
    for char in without(text):
        depths.append(depths[-1] + (char in "([{") - (char in ")]}"))
    return depths[-1] == 0 and depths.count(0) == 2 and depths[1] == 1


def _root(body: Row, degree: Row | None, style: Style) -> str:
    text = write(body, style)
    sign = f"({write(degree, style)})√" if degree and not small_sup(degree) else small_sup(degree) + "√"
    return sign + (text if is_atom(body) else f"({text})")


def _accent(text: str, name: str, combining: str) -> str:
    if cells.width(text) == 1:
        return combine(text, combining)
    if name in ("bar", "overline"):
        return strike(text, _OVERLINE)
    return f"{name.removeprefix('wide')}({text})"


def _grid(node: Grid, style: Style) -> str:
    opening = node.opening or ("{" if node.closing == "}" else "")
    closing = node.closing or ("}" if node.opening == "{" else "")
    *rows, last = [_cells(row, node, style) for row in node.cells]
    return opening + "; ".join([*(row.rstrip(",") for row in rows), last]) + closing


def _cells(row: Sequence[Row], node: Grid, style: Style) -> str:
    """The cells of a row, told apart; the two sides of an equation are not, but the next equation is."""
    text = ""
    for column, cell in enumerate(row):
        between = ", "
        if node.equations:
            between = "   " if column % 2 == 0 else ""
        elif set(node.columns) == {"l"} and (_begins_with_word(cell) or text.endswith(",")):
            between = " "  # 1 if x > 0, and 1, x > 0
        text += (" | " if column in node.bars else between) * bool(column) + write(cell, style)
    return text.strip()
