"""Displayed formulas made to fit: whole if they can be, else broken over lines, else written in one row and wrapped.

A break falls, in this order: between statements (a comma and a quad), before a relation, after a comma, before a + or
−, before a sum that is a factor, and then the same inside the outermost brackets, where the opening fence stays above
and the closing one goes to the last line, as with TeX's `\\left[ … \\right.`; at last between factors.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from studyapp.typeset.boxes import Box, line
from studyapp.typeset.latex import parse
from studyapp.typeset.layout import draw_row
from studyapp.typeset.linear import write_row
from studyapp.typeset.nodes import (
    Brace,
    Fenced,
    Fraction,
    Grid,
    Kind,
    Node,
    Row,
    Scripts,
    Space,
    Symbol,
    bare,
    classes,
    dressed,
    right_kind_of,
)
from studyapp.typeset.small_scripts import Style
from studyapp.typeset.wrapping import NO_BREAK, wrap

_STATEMENT, _RELATION, _LIST, _OPERATOR, _FACTOR = range(5)
_DEEPER: Final = 5  # what a level of brackets adds to a break's cost
_BETWEEN_FACTORS: Final = 15
_DEEPEST: Final = 3  # levels; what is nested deeper costs no more
_SLIVER: Final = 3  # a piece narrower than the line by this factor is not worth a line of its own
_STEP: Final = 2


# What a tall factor may leave at the end of a line, where nothing better fits. Brackets never leave their function.
_MAY_END_A_LINE: Final[dict[type, tuple[Kind, ...]]] = {
    Fraction: ("ord", "close", "inner", "sum"),
    Brace: ("ord", "close", "inner", "sum"),
    Fenced: ("close", "inner", "sum"),
}


class _Break(NamedTuple):
    cost: int
    left: tuple[Node, ...]
    right: tuple[Node, ...]


class _Line(NamedTuple):
    indent: int
    box: Box


def typeset_display(source: str, width: int, lowered: frozenset[str]) -> list[str]:
    """Return the rows of a displayed formula, none wider than the width; raise FormulaError if it cannot be read."""
    return rows_and_baseline(source, width, lowered)[0]


def rows_and_baseline(source: str, width: int, lowered: frozenset[str]) -> tuple[list[str], int]:
    """The same, and which row its first line's baseline is."""
    items = parse(source).items
    breaker = _Breaker(width, Style(lowered, drawn={}))
    match items:
        case (Grid(opening="", closing="") as grid,) if draw_row(items, breaker.style).width > width:
            breaker.equations(grid)
        case _:
            breaker.statement(items)
    rows: list[str] = []
    below = 0
    for indent, box in breaker.lines:
        if rows and (below or box.above):
            rows.append("")
        rows += ((" " * indent + row).rstrip() for row in box.rows)
        below = box.below
    return rows, breaker.lines[0].box.base if breaker.lines else 0


class _Breaker:
    """Collects the lines of one formula."""

    def __init__(self, width: int, style: Style) -> None:
        self.width = width
        self.style = style
        self.relation_at = _STEP  # the column of the first relation, under which the others go
        self.lines: list[_Line] = []

    def equations(self, grid: Grid) -> None:
        """Break equations one by one, their relations still aligned."""
        for row in grid.cells:
            joined = tuple(item for cell in row for item in cell.items if item != Symbol(""))
            rest: tuple[Node, ...] | None = joined
            if self.lines and joined and classes(joined)[0][0] == "rel":
                rest = self.fill(joined, self.relation_at)
            if rest is not None:
                self.statement(rest)

    def statement(self, items: tuple[Node, ...]) -> None:
        """Break a formula that begins at its left side, statement by statement."""
        rest: tuple[Node, ...] | None = items
        while rest is not None:
            self.relation_at = _STEP
            relation = next((index for index, (kind, _) in enumerate(classes(rest)) if kind == "rel" and index), None)
            if relation is not None:
                column = draw_row(rest[:relation], self.style).width + 1
                self.relation_at = column if column * 3 <= self.width else _STEP
            rest = self.fill(rest, 0)

    def fill(self, items: tuple[Node, ...], indent: int) -> tuple[Node, ...] | None:
        """Break off as much as fits a line until the rest does, or until a new statement begins: return that."""
        whole, at, indent_of_whole = items, len(self.lines), indent
        while True:
            near, far = items[: 2 * self.width], items[2 * self.width :]  # all that a line could hold
            box = draw_row(near, self.style)
            if not far and indent + box.width <= self.width:
                self.lines.append(_Line(indent, box))
                return None
            found = self.best_break(near, self.width - indent)
            if indent > _STEP and (found is None or found.cost >= 2 * _DEEPER):
                indent = _STEP  # more room before a break inside inner brackets
            elif found is None:
                self.lines[at:] = []
                self.write(whole, min(indent_of_whole, _STEP))
                return None
            else:
                self.lines.append(_Line(indent, draw_row(found.left, self.style)))
                items = (*found.right, *far)
                if found.cost == _STATEMENT:
                    return items
                deeper = _STEP * (1 + min(found.cost // _DEEPER, _DEEPEST))
                indent = self.relation_at + (0 if found.cost == _RELATION else deeper)

    def best_break(self, items: tuple[Node, ...], room: int) -> _Break | None:
        """Return the cheapest break whose left side fits, of equally cheap ones the last."""
        best: tuple[int, _Break] | None = None
        for option in _breaks(items):
            if best is not None and option.cost > best[0]:
                continue  # drawing it would take longer than all the rest
            width = draw_row(option.left, self.style).width
            if width > room:
                break
            sliver = option.cost != _STATEMENT and width * _SLIVER < room
            cost = option.cost + (_DEEPEST * _DEEPER if sliver else 0)
            if best is None or cost <= best[0]:
                best = (cost, option)
        return best and best[1]

    def write(self, items: tuple[Node, ...], indent: int) -> None:
        """Fall back to the one-row form, wrapped."""
        text = write_row(items, self.style).replace(" ", NO_BREAK)
        for number, spans in enumerate(wrap([(text, "")], self.width - indent - _STEP)):
            self.lines.append(_Line(indent + _STEP * (number > 0), line("".join(part for part, _ in spans))))


def _breaks(items: tuple[Node, ...], brackets: str = "") -> Iterator[_Break]:
    """Yield the places where a row may be broken, given the brackets that are open before it."""
    for index, (item, (kind, _)) in enumerate(zip(items, classes(items), strict=True)):
        cost = _DEEPER * min(len(brackets), _DEEPEST)
        before, after = items[:index], items[index:]
        item = bare(item)
        if kind in ("rel", "bin") and index and isinstance(item, Symbol):
            if item.text not in "|‖" or not brackets.endswith("("):  # p(a | b) is one thing, E[x | y] may be long
                yield _Break(cost + (_RELATION if kind == "rel" else _OPERATOR), before, _opened(after))
        elif kind == "sum" and index and not brackets and right_kind_of(items[index - 1]) in ("ord", "close"):
            yield _Break(_FACTOR, before, after)
        elif kind == "punct" and index + 1 < len(items):
            rest = after[1:]
            apart = 0
            while rest and isinstance(rest[0], Space):
                apart += rest[0].cells
                rest = rest[1:]
            if rest:
                yield _Break(cost + _LIST if brackets or apart <= 1 else _STATEMENT, (*before, item), rest)
        elif kind == "open" and isinstance(item, Symbol):
            brackets += item.text
        elif kind == "close":
            brackets = brackets[:-1]
        if index and right_kind_of(items[index - 1]) in _MAY_END_A_LINE.get(type(item), ()):
            yield _Break(_BETWEEN_FACTORS, before, after)
        fences = item.base if isinstance(item, Scripts) else item
        if isinstance(fences, Fenced) and not fences.middles:
            for inner in _breaks(fences.parts[0].items, brackets + (fences.opening or "[")):
                opened: Node = Fenced(fences.opening, (Row(inner.left),), "")
                closed: Node = Fenced("", (Row(inner.right),), fences.closing)
                closed = item._replace(base=closed) if isinstance(item, Scripts) else closed
                yield _Break(inner.cost, (*before, dressed(opened, after[0])), (dressed(closed, after[0]), *after[1:]))


def _opened(items: tuple[Node, ...]) -> tuple[Node, ...]:
    """Keep the space after an operator that comes to begin a line, where it would look like a sign."""
    first = bare(items[0])
    assert isinstance(first, Symbol)
    return (dressed(Symbol(first.text, "rel"), items[0]), *items[1:])
