"""How much falls due on the coming days: a column a day, in as many days as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual.content import Content

MUTED, HIGH, TODAY = "$dim", "$text-primary", "$text-warning"
EIGHTHS = " ▁▂▃▄▅▆▇█"
COLUMN = 5  # cells a day: a number of up to four digits and a gap


def forecast(days: Sequence[tuple[int, int]], width: int, height: int) -> Content:
    """Columns of (day, items due), `height` rows high and with two rows of words below; the first day is today."""
    shown = days[: max(1, width // COLUMN)]
    most = max((number for _, number in shown), default=0)
    if not most:
        return Content("")
    rows: list[Content] = []
    for row in range(height, 0, -1):
        cells: list[tuple[str, str]] = []
        for place, (_, number) in enumerate(shown):
            eighths = max(1, round(number / most * height * 8)) if number else 0
            filled = EIGHTHS[min(8, max(0, eighths - 8 * (row - 1)))]
            cells.append((f" {filled * (COLUMN - 2)} ", HIGH if place else TODAY))
        rows.append(Content.assemble(*cells))
    numbers = "".join(f"{_short(number) if number else '·':^{COLUMN}}" for _, number in shown)
    names = "".join(f"{_name(day) if place else 'now':^{COLUMN}}" for place, (day, _) in enumerate(shown))
    return Content("\n").join([*rows, Content(numbers), Content.styled(names, MUTED)])


def _short(number: int) -> str:
    return str(number) if number < 10_000 else f"{number // 1000}k"


def _name(day: int) -> str:
    when = date.fromordinal(day)
    return f"{when:%a}" if when.day != 1 else f"1 {when:%b}"  # as wide as a column: the days beside it are narrower
