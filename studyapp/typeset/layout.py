"""A formula's tree drawn in two dimensions."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from studyapp.typeset import boxes, cells
from studyapp.typeset.boxes import Box, beside, line
from studyapp.typeset.colour import mark, without
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
    gaps,
    is_atom,
    kind_of,
    right_kind_of,
)
from studyapp.typeset.small_scripts import Style, small_sub, small_sup

_ALIGN: Final[dict[str, cells.Align]] = {"l": "left", "c": "centre", "r": "right"}
_BETWEEN_EQUATIONS: Final = 3


def draw(node: Node, style: Style) -> Box:
    """Return the block of text of a part; the one drawn before, where the style remembers it."""
    if style.drawn is None:
        return _draw(node, style)
    key = id(node), style.tight
    if key not in style.drawn:
        style.drawn[key] = node, _draw(node, style)  # with the part itself, so that no other takes its id
    return style.drawn[key][1]


def _draw(node: Node, style: Style) -> Box:
    match node:
        case Symbol(text=text):
            return line(text)
        case Row(items=items):
            return draw_row(items, style)
        case Scripts():
            return _scripts(node, style)
        case Space():
            return boxes.EMPTY
        case Fraction(top=top, bottom=bottom):
            return boxes.fraction(draw(top, style), draw(bottom, style))
        case Fenced(opening=opening, parts=parts, closing=closing, middles=middles):
            return boxes.fenced(opening, [draw(part, style) for part in parts], closing, middles)
        case Grid():
            return _grid(node, style)
        case Binomial(top=top, bottom=bottom):
            body = boxes.stack([draw(top, style.of_script), line(""), draw(bottom, style.of_script)], 1)
            return boxes.fenced("(", [body], ")", pad="")
        case Root(body=body, degree=degree):
            return _root(body, degree, style)
        case Accent(body=body, combining=combining, sign=sign):
            return _accent(draw(body, style), combining, sign)
        case Strike(body=body, combining=combining):
            box = draw(body, style)
            return Box(tuple(strike(row, combining) for row in box.rows), box.width, box.base, box.up, box.down)
        case Coloured(body=body, colour=colour, filled=filled):
            box = draw(body, style)
            return Box(tuple(mark(row, colour, filled) for row in box.rows), box.width, box.base, box.up, box.down)
        case Brace(body=body, over=over):
            return _brace(draw(body, style), over)
        case Arrow():
            return _arrow(node, style)
        case Boxed(body=body):
            return _boxed(draw(body, style))
        case Phantom(body=body, wide=wide, tall=tall):
            box = draw(body, style)
            blank = " " * box.width if wide else ""
            return Box((blank,) * len(box.rows), len(blank), box.base, box.up, box.down) if tall else line(blank)


def draw_row(items: Sequence[Node], style: Style) -> Box:
    """Put parts side by side with the space that is due between them."""
    drawn = [draw(item, style) for item in items]
    tall = {
        index
        for index, (item, box) in enumerate(zip(items, drawn, strict=True))
        if box.up + box.down and right_kind_of(item) == "close"
    }
    spaced: list[Box] = []
    previous: Kind = "open"
    for item, box, gap in zip(items, drawn, gaps(items, style.tight, tall), strict=True):
        if isinstance(item, Space):
            continue
        script_before = gap == 1 and bool(spaced) and previous not in ("rel", "bin", "punct")
        if gap and not (script_before and _stand_apart(spaced[-1], box, kind_of(item))):
            spaced.append(line(" " * gap))
        spaced.append(box)
        previous = right_kind_of(item)
    return beside(spaced)


def _stand_apart(left: Box, right: Box, kind: Kind) -> bool:
    """Whether a space before something on one row would be wasted: a lowered script before it leaves one anyway."""
    if kind not in ("ord", "op", "sum", "open") or not without(left.rows[left.base]).endswith(" "):
        return False
    pairs = zip(left.rows[max(0, left.base - right.base) :], right.rows[max(0, right.base - left.base) :], strict=False)
    return all(without(one).endswith(" ") or without(other).startswith(" ") for one, other in pairs)


def combine(text: str, combining: str) -> str:
    """Put a combining character on a letter, as one character where Unicode has it."""
    return unicodedata.normalize("NFC", text + combining)


def primes(count: int) -> str:
    """Return so many primes, as one character where Unicode has it."""
    return {1: "′", 2: "″", 3: "‴"}.get(count, "′" * count)


def strike(text: str, combining: str) -> str:
    """Put a combining character on every letter."""
    return "".join(char if char == " " else char + combining for char in text)


def _scripts(node: Scripts, style: Style) -> Box:
    base = draw(node.base, style)
    if node.primes:
        base = beside([base, line(primes(node.primes))])
    if node.sub is None and node.sup is None:
        return base
    if node.placement == "stack" or (node.placement == "limits" and not style.tight):
        below = draw(node.sub, style.of_script) if node.sub else None
        above = draw(node.sup, style.of_script) if node.sup else None
        return boxes.limits(base, below, above)
    small_below, small_above = small_sub(node.base, node.sub, style), small_sup(node.sup)
    sub = draw(node.sub, style.of_script) if node.sub and not small_below else None
    sup = draw(node.sup, style.of_script) if node.sup and not small_above else None
    return boxes.scripts(base, small_below, sub, small_above, sup)


def _root(body: Row, degree: Row | None, style: Style) -> Box:
    box = draw(body, style)
    small = small_sup(degree)
    if is_atom(body) and len(box.rows) == 1 and (small or degree is None):
        return beside([line(small + "√"), box])
    return boxes.root(box, draw(degree, style.of_script) if degree else None)


def _accent(body: Box, combining: str, sign: str) -> Box:
    if len(body.rows) == 1 and body.width == 1:
        return line(combine(body.rows[0], combining))
    top = line(sign * body.width if sign == "─" else sign)
    joined = boxes.stack([top, body], 1)
    return Box(joined.rows, joined.width, joined.base, body.up, body.down)


def _brace(body: Box, over: bool) -> Box:
    left, point, right = tuple("╭┴╮" if over else "╰┬╯")
    inside = max(body.width, 3) - 2
    middle = (inside - 1) // 2
    brace = line(left + "─" * middle + point + "─" * (inside - 1 - middle) + right)
    joined = boxes.stack([brace, body], 1) if over else boxes.stack([body, brace], 0)
    return Box(joined.rows, joined.width, joined.base, body.up, body.down)


def _arrow(node: Arrow, style: Style) -> Box:
    over = draw(node.over, style.of_script)
    under = draw(node.under, style.of_script) if node.under else None
    start, shaft, end = tuple(node.sign)
    length = max(over.width, under.width if under else 0)
    arrow = line(start + shaft * length + end)
    return boxes.limits(arrow, under, over if node.over.items else None)


def _boxed(body: Box) -> Box:
    rule = "─" * (body.width + 2)
    rows = (f"┌{rule}┐", *(f"│ {row} │" for row in body.rows), f"└{rule}┘")
    return Box(rows, body.width + 4, body.base + 1, body.base + 1, body.below + 1)


def _grid(node: Grid, style: Style) -> Box:
    drawn = [[draw(cell, style) for cell in row] for row in node.cells]
    count = max(map(len, drawn))
    widths = [max((row[column].width for row in drawn if column < len(row)), default=0) for column in range(count)]
    between = [_between(node, column, count) for column in range(count + 1)]
    lines = []
    for row in drawn:
        above, below = max(box.above for box in row), max(box.below for box in row)
        parts = []
        for column in range(count):
            box = row[column] if column < len(row) else boxes.EMPTY
            align = _ALIGN[node.columns[column % len(node.columns)]]
            parts += [_upright(between[column], above, below), _widen(box, widths[column], align)]
        lines.append(beside([*parts, _upright(between[count], above, below)]))
    blank = "".join(gap + " " * width for gap, width in zip(between, [*widths, 0], strict=True))
    body = _pile(lines, node, blank)
    return boxes.fenced(node.opening, [body], node.closing)


def _between(node: Grid, column: int, count: int) -> str:
    """What stands before a column, and after the last one: space, or a bar that keeps off the text beside it."""
    if column in node.bars:
        return " " * (column > 0) + "│" + " " * (column < count)
    if column in (0, count):
        return ""
    return " " * (_BETWEEN_EQUATIONS * (1 - column % 2) if node.equations else node.gap)


def _rule(blank: str, crossings: str) -> str:
    """A rule across a blank row, crossing the bars in it: at the left edge, inside and at the right edge."""
    signs = blank.replace(" ", "─").replace("│", crossings[1])
    start = crossings[0] if blank[:1] == "│" else signs[:1]
    end = crossings[2] if blank[-1:] == "│" else signs[-1:]
    return start + signs[1:-1] + end if len(signs) > 1 else start


def _upright(text: str, above: int, below: int) -> Box:
    return Box((text,) * (above + 1 + below), len(text), above)


def _widen(box: Box, wide: int, align: cells.Align) -> Box:
    rows = tuple(cells.fit(row, wide, align, used=box.width) for row in box.rows)
    return Box(rows, max(wide, box.width), box.base, box.up, box.down)


def _pile(lines: Sequence[Box], node: Grid, blank: str) -> Box:
    """Put the rows of a grid under one another: air only where rows are tall; the middle is the baseline."""
    wide = len(blank)
    rows: list[str] = []
    middles: list[int] = []  # baselines of the rows, and the blank rows between them
    for number, box in enumerate(lines):
        fenced_pair = len(lines) == 2 and bool(node.opening or node.closing)
        airy = number > 0 and (fenced_pair or lines[number - 1].below + box.above > 0)
        if number in node.rules:
            rows.append(_rule(blank, "├┼┤" if number else "┌┬┐"))
        elif airy:
            rows.append(blank)
        if 2 * number == len(lines):
            middles = [len(rows) - 1]
        if 2 * number + 1 == len(lines):
            middles = [len(rows) + box.base]
        rows += (cells.fit(row, wide, used=box.width) for row in box.rows)
    if len(lines) in node.rules:
        rows.append(_rule(blank, "└┴┘"))
    base = middles[0]
    return Box(tuple(rows), wide, base, base, len(rows) - 1 - base)
