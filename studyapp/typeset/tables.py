"""Tables drawn with thin rules: columns as wide as their content, narrowed and wrapped where a line is too short."""

from collections.abc import Sequence

from studyapp.typeset.cells import Align, width
from studyapp.typeset.lines import Line, Span
from studyapp.typeset.wrapping import join, wrap

Cell = list[Span]

_LEAST = 6  # cells: a narrower column is unreadable
_FAR = 1_000_000


def table(head: Sequence[Cell], body: Sequence[Sequence[Cell]], aligns: Sequence[Align], cells: int) -> list[Line]:
    """Return the lines of a table; one with more columns than fit becomes a list of `head: cell` lines."""
    rows = [[*row, *[[]] * (len(head) - len(row))][: len(head)] for row in body]
    natural = [max(1, *(_natural(row[column]) for row in (head, *rows))) for column in range(len(head))]
    available = cells - 3 * len(head) + 1  # a space on both sides of each cell, a rule between cells
    widths = _share(natural, available)
    if min(widths) < min(_LEAST, *natural):
        return _records(head, rows, cells)
    lines = _row(head, widths, aligns)
    lines.append(_rule(widths))
    wrapped = [_row(row, widths, aligns) for row in rows]
    apart = any(len(each) > 1 for each in wrapped)
    for number, each in enumerate(wrapped):
        if number and apart:
            lines.append(_rule(widths))
        lines += each
    return lines


def _natural(cell: Cell) -> int:
    return max((sum(width(text) for text, _ in line) for line in wrap(cell, _FAR)), default=0)


def _share(natural: Sequence[int], available: int) -> list[int]:
    """Give narrow columns what they want and divide what is left evenly among the others."""
    widths = [0] * len(natural)
    left, waiting = available, sorted(range(len(natural)), key=natural.__getitem__)
    for done, column in enumerate(waiting):
        widths[column] = min(natural[column], left // (len(waiting) - done))
        left -= widths[column]
    return widths


def _row(row: Sequence[Cell], widths: Sequence[int], aligns: Sequence[Align]) -> list[Line]:
    columns = [wrap(cell, wide) for cell, wide in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(1, *map(len, columns))):
        spans: list[Span] = []
        for column, (wide, align) in enumerate(zip(widths, aligns, strict=True)):
            content = columns[column][number] if number < len(columns[column]) else ()
            gap = wide - sum(width(text) for text, _ in content)
            left = {"left": 0, "centre": gap // 2, "right": gap}[align]
            spans += [("│", "rule")] if column else []
            spans += [(" " * (left + 1), ""), *content, (" " * (gap - left + 1), "")]
        lines.append(join(spans))
    return lines


def _rule(widths: Sequence[int]) -> Line:
    return (("┼".join("─" * (wide + 2) for wide in widths), "rule"),)


def _records(head: Sequence[Cell], rows: Sequence[Sequence[Cell]], cells: int) -> list[Line]:
    lines: list[Line] = []
    for row in rows:
        if lines:
            lines.append((("─" * cells, "rule"),))
        for name, cell in zip(head, row, strict=True):
            lines += wrap([*name, (": ", ""), *cell], cells)
    return lines
