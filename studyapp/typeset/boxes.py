"""Blocks of text rows put beside, above and round one another.

A box knows its baseline row, and how far its *core* reaches above and below it: fences grow with the core, so that the
subscript of `π_θ` alone does not turn the parentheses round it into tall ones.
"""

from collections.abc import Sequence
from typing import NamedTuple

from studyapp.typeset import cells
from studyapp.typeset.colour import without
from studyapp.typeset.latex_symbols import BRACE_POINTS, FENCES

LONE_BARS = ("|", "‖")  # with nothing on the left they say `at` or `given`, and keep off what they stand behind


class Box(NamedTuple):
    """Equally wide rows; `base` is the baseline's index, `up` and `down` the core's rows above and below it."""

    rows: tuple[str, ...]
    width: int
    base: int = 0
    up: int = 0
    down: int = 0

    @property
    def above(self) -> int:
        return self.base

    @property
    def below(self) -> int:
        return len(self.rows) - 1 - self.base


def line(text: str) -> Box:
    return Box((text,), cells.width(text))


EMPTY = line("")


def block(rows: Sequence[str], base: int, align: cells.Align = "left") -> Box:
    """Make rows of any width into a box that is all core."""
    widths = [cells.width(row) for row in rows]
    wide = max(widths)
    padded = tuple(cells.fit(row, wide, align, used=used) for row, used in zip(rows, widths, strict=True))
    return Box(padded, wide, base, base, len(padded) - 1 - base)


def beside(boxes: Sequence[Box]) -> Box:
    """Put boxes next to one another on one baseline."""
    if len(boxes) == 1:
        return boxes[0]
    if not boxes:
        return EMPTY
    above = max(box.base for box in boxes)
    height = above + 1 + max(box.below for box in boxes)
    rows = tuple(
        "".join(
            box.rows[index] if 0 <= (index := row - above + box.base) < len(box.rows) else " " * box.width
            for box in boxes
        )
        for row in range(height)
    )
    return Box(
        rows, sum(box.width for box in boxes), above, max(box.up for box in boxes), max(box.down for box in boxes)
    )


def stack(boxes: Sequence[Box], base_of: int, align: cells.Align = "centre") -> Box:
    """Put boxes on top of one another; the baseline is that of the box numbered `base_of`. All of it is core."""
    wide = max(box.width for box in boxes)
    rows = tuple(cells.fit(row, wide, align, used=box.width) for box in boxes for row in box.rows)
    base = sum(len(box.rows) for box in boxes[:base_of]) + boxes[base_of].base
    return Box(rows, wide, base, base, len(rows) - 1 - base)


def fence(sign: str, up: int, down: int) -> Box:
    """Draw a fence that covers so many rows above and below the baseline."""
    if not sign:
        return EMPTY
    one, top, middle, bottom = tuple(FENCES.get(sign, sign * 4))
    if up + down == 0:
        return line(one)
    if sign in BRACE_POINTS and up + down == 1:
        up, down = 1, 1  # a brace needs a row for its point
    rows = [top] + [middle] * (up + down - 1) + [bottom]
    if sign in BRACE_POINTS:
        rows[up if 0 < up < up + down else (up + down) // 2] = BRACE_POINTS[sign]
    elif sign in "⟨⟩" and up + down > 1:
        half = (up + down + 1) // 2
        rows = [top] * half + [middle] * ((up + down + 1) % 2) + [bottom] * half
    return Box(tuple(rows), 1, up, up, down)


def fenced(opening: str, parts: Sequence[Box], closing: str, middles: Sequence[str] = (), pad: str = " ") -> Box:
    """Put growing fences round boxes and growing separators between them; tall fences keep off by `pad`."""
    up, down = max(part.up for part in parts), max(part.down for part in parts)
    lone_bar = not opening and closing in LONE_BARS
    inner = line(pad if up + down or lone_bar else "")
    between = line(" ")
    pieces = [fence(opening, up, down), inner if opening else EMPTY, parts[0]]
    for sign, part in zip(middles, parts[1:], strict=True):
        pieces += [between, fence(sign, up, down), between, part]
    return beside([*pieces, inner if closing else EMPTY, fence(closing, up, down)])


def fraction(top: Box, bottom: Box) -> Box:
    """Put a bar between two boxes, longer than any bar in them so that the outer division is seen first."""
    wide = max(top.width, bottom.width)
    if any(set(without(row)) == {"─"} and box.width == wide for box in (top, bottom) for row in box.rows):
        wide += 2
    return stack([top, line("─" * wide), bottom], 1)


def root(body: Box, degree: Box | None) -> Box:
    """Draw a root sign round a box, its degree in the hook."""
    pad = " " if len(body.rows) > 1 else ""
    sign = ["┌" + "─" * (body.width + len(pad)), *("│" + pad + row for row in body.rows)]
    hook = [*(degree.rows if degree else ()), "╲"]
    height = max(len(sign), len(hook))
    left = block([""] * (height - len(hook)) + hook, 0, "right")
    right = block([""] * (height - len(sign)) + sign, 0)
    base = height - len(body.rows) + body.base
    return Box(tuple(map(str.__add__, left.rows, right.rows)), left.width + right.width, base, base, height - 1 - base)


def scripts(base: Box, small_sub: str, sub: Box | None, small_sup: str, sup: Box | None) -> Box:
    """Attach scripts beside a base: small characters in its own rows, boxes below and above.

    The superscript of a tall base sits in its top row and the subscript in its bottom row, as on a bracket's corner.
    """
    up, down = base.up, base.down
    rows: dict[int, str] = {}  # row, counted from the baseline, to what stands right of the base
    lowest, highest = base.below, -base.base
    if small_sub:
        rows[lowest] = small_sub
    if small_sup:
        rows[highest] = rows.get(highest, "") + small_sup
    if sub is not None:
        first = lowest if lowest > 0 else 1
        rows |= {first + number: row for number, row in enumerate(sub.rows)}
        down = max(down, first + len(sub.rows) - 1) if sub.up + sub.down else down
    if sup is not None:
        last = highest - (sup.down > 0) if highest < 0 else -1  # a fraction would end beside the base's corner
        rows |= {last - number: row for number, row in enumerate(reversed(sup.rows))}
        up = max(up, len(sup.rows) - 1 - last) if sup.up + sup.down else up
    first, last = min(0, *rows), max(0, *rows)
    side = block([rows.get(number, "") for number in range(first, last + 1)], -first)
    joined = beside([base, side])
    return Box(joined.rows, joined.width, joined.base, up, down)


def limits(base: Box, sub: Box | None, sup: Box | None) -> Box:
    """Put scripts centred above and below a base. A single row on one side only does not make fences grow."""
    parts = [part for part in (sup, base, sub) if part is not None]
    joined = stack(parts, 0 if sup is None else 1)
    if len(parts) == 2 and len(joined.rows) == len(base.rows) + 1:
        return Box(joined.rows, joined.width, joined.base, base.up, base.down)
    return joined
