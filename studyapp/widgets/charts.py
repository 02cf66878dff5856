"""Charts in text, from facts to content of a given width. Each is read by its shapes; colour only helps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from textual.content import Content

from studyapp.progress import Compared, monday, shade, thresholds

Part = str | tuple[str, str]

MUTED, STRONG, GOOD, MIDDLING = "$dim", "bold $text-primary", "$text-success", "$text-warning"
SHADES = "·░▒▓█"
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CELL = 2  # cells a day, so that days are about square
MONTH = 3  # cells of a month's name
LONGEST_HEAT = 53  # weeks
LONGEST_BAR = 40
TICK = 5  # cells at least from one number of a scale to the next


def heading(title: str, note: str = "") -> Content:
    """A section's title with a word on what is shown."""
    return Content.assemble((title, STRONG), (f"  {note}" if note else "", MUTED))


def stacked(*lines: Content) -> Content:
    return Content("\n").join(lines)


def heat_map(days: Mapping[int, int], today: int, width: int) -> Content:
    """Answers a day: a column a week, as many as there is room for up to a year, Monday on top."""
    weeks = max(1, min(LONGEST_HEAT, (width - 4) // CELL))
    first = monday(today) - 7 * (weeks - 1)
    cuts = thresholds(days.get(day, 0) for day in range(first, today + 1))
    lines = [Content.styled("    " + _month_line(first, weeks, today), MUTED)]
    for weekday, name in enumerate(DAY_NAMES):
        cells: list[Part] = [(f"{name} ", MUTED)]
        for day in range(first + weekday, min(first + 7 * weeks, today + 1), 7):
            level = shade(days.get(day, 0), cuts)
            cells.append((SHADES[level] * CELL, GOOD) if level else (SHADES[0].ljust(CELL), MUTED))
        lines.append(Content.assemble(*cells))
    return stacked(*lines, _heat_legend(cuts))


def _month_line(first: int, weeks: int, today: int) -> str:
    """Each month's name above the week that holds its first day: no name twice, and none that is cut off."""
    line, room, last = "", CELL * weeks, _months(date.fromordinal(today))
    for week in range(weeks):
        month = date.fromordinal(first + 7 * week + 6).replace(day=1)  # the one that Sunday is in
        if first + 7 * week <= month.toordinal() <= today and last - _months(month) < 12 and room >= MONTH:
            line = line.ljust(min(CELL * week, room - MONTH)) + f"{month:%b}"
    return line


def _months(day: date) -> int:
    """Of the calendar, up to this day's."""
    return 12 * day.year + day.month


def _heat_legend(cuts: Sequence[int]) -> Content:
    ends = [f"{low}–{cut - 1}" if low < cut - 1 else f"{low}" for low, cut in pairwise([1, *cuts])]
    ends.append(f"{cuts[-1] if cuts else 1}+")
    parts: list[Part] = [(f"    {SHADES[0]} none", MUTED)]
    for sign, words in zip(SHADES[1:], ends, strict=False):
        parts += [(f"  {sign}", GOOD), (f" {words}", MUTED)]
    return Content.assemble(*parts, ("  answers a day", MUTED))


def dumbbells(kind: str, rows: Sequence[Compared], width: int) -> Content:
    """A line a row of this kind, from what was predicted to what came of it, on one scale that ends at 100 %."""
    wide = max(len(kind), *(len(row.name) for row in rows))
    low = min(7, math.floor(10 * min(min(row.remembered, row.predicted) for row in rows)))  # in tenths
    scale = max(8, min(LONGEST_BAR + 11, width - wide - 25))

    def place(share: float) -> int:
        return round((share * 10 - low) / (10 - low) * (scale - 1))

    span = 10 - low
    step = next((step for step in (1, 2, 5) if step <= span and step * (scale - 1) >= TICK * span), span)
    marks = ""
    for tenth in reversed(range(10, low - 1, -step)):
        label = f"{tenth * 10}"
        marks = marks.ljust(place(tenth / 10) - len(label) + 1) + label
    lines = [Content.styled(f"{kind:<{wide}}  {marks[: scale + 1]:<{scale + 1}}    ●      ○  Reviews", MUTED)]
    for row in rows:
        cells = [" "] * scale
        for tenth in range(low, 11):
            cells[place(tenth / 10)] = "·"
        foreseen, came = place(row.predicted), place(row.remembered)
        for between in range(min(foreseen, came), max(foreseen, came)):
            cells[between] = "─"
        cells[foreseen], cells[came] = "○", "◉" if foreseen == came else "●"
        lines.append(
            Content.assemble(
                (f"{row.name:<{wide}}  ", ""),
                *((cell, MUTED if cell in " ·" else GOOD if cell in "●◉" else MIDDLING) for cell in cells),
                f"  {row.remembered:>4.0%}",
                (f"  {row.predicted:>5.0%}  {row.reviews:>7,}", MUTED),
            )
        )
    return stacked(*lines)


class Bar(NamedTuple):
    """A row: its name, how many of `whole` each kind of cell stands for, and what is said behind it."""

    name: str
    parts: tuple[int, ...]
    whole: int
    says: str
    more: str = ""


KINDS = (("━", GOOD), ("╍", MIDDLING))  # of cells, in the order of a bar's parts
REST = "┈"  # what no part stands for


def bars(rows: Sequence[Bar], width: int, rest: str = REST) -> list[Content]:
    """Names, bars on one scale filled up with `rest`, and what is said of them."""
    wide = max((len(row.name) for row in rows), default=0)
    said = max((len(row.says) for row in rows), default=0)
    more = max((len(row.more) for row in rows), default=0)
    room = max(6, min(LONGEST_BAR, width - wide - said - (more + 2 if more else 0) - 4))
    lines = []
    for row in rows:
        filled = _cells(row.parts, row.whole, room)
        lines.append(
            Content.assemble(
                f"{row.name:<{wide}}  ",
                *((sign * number, style) for (sign, style), number in zip(KINDS, filled, strict=False)),
                (rest * (room - sum(filled)), MUTED),
                f"  {row.says:>{said}}",
                (f"  {row.more}" if row.more else "", MUTED),
            )
        )
    return lines


def _cells(parts: Sequence[int], whole: int, room: int) -> list[int]:
    """Cells for each part; what is there at all gets at least one, and only what is complete fills the bar."""
    cells = [max(1, round(part / whole * room)) if part else 0 for part in parts]
    most = room if sum(parts) == whole else room - 1
    while sum(cells) > most:
        cells[cells.index(max(cells))] -= 1
    if cells and sum(parts) == whole:
        cells[cells.index(max(cells))] += room - sum(cells)
    return cells
