"""Charts in text, read back: what a shape stands for is what was to be shown, at every width."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from studyapp.progress import Compared, shade, thresholds
from studyapp.widgets.charts import Bar, bars, dumbbells, heat_map

DAY = date(2026, 3, 4).toordinal()  # a Wednesday
WIDTHS = st.integers(52, 200)


@given(
    answers=st.dictionaries(st.integers(DAY - 400, DAY + 300), st.integers(1, 50), max_size=200),
    width=WIDTHS,
    today=st.integers(DAY - 40, DAY + 400),
)
def test_the_heat_map_can_be_read_back(answers: dict[int, int], width: int, today: int) -> None:
    months, *rows, _ = heat_map(answers, today, width).plain.split("\n")
    assert len(rows) == 7
    weeks = len(rows[0][4:].ljust(2)) // 2
    monday = today - date.fromordinal(today).weekday() - 7 * (weeks - 1)
    shown = {monday + weekday + 7 * week for weekday in range(7) for week in range(weeks)}
    cuts = thresholds([answers.get(day, 0) for day in shown if day <= today])
    for weekday, row in enumerate(rows):
        assert row[:4] == f"{date.fromordinal(monday + weekday):%a} "
        for week in range(weeks):
            day, cell = monday + weekday + 7 * week, row[4 + 2 * week : 6 + 2 * week]
            if day > today:
                assert cell == ""
            else:
                assert cell == ("· ", "░░", "▒▒", "▓▓", "██")[shade(answers.get(day, 0), cuts)]
    firsts = [day for day in shown if day <= today and date.fromordinal(day).day == 1]
    firsts = sorted(firsts)[-12:]  # a year has the same name twice
    assert months.split() == [f"{date.fromordinal(day):%b}" for day in firsts]
    for day in firsts:  # it stands above the week of its first day, or as near as it goes in whole
        week = (day - monday) // 7
        assert months.index(f"{date.fromordinal(day):%b}") == 4 + min(2 * week, 2 * weeks - 3)


@pytest.mark.parametrize(("width", "least"), [(56, 26), (75, 26), (135, 53)])
def test_half_a_year_at_80_columns_and_a_year_at_140(width: int, least: int) -> None:
    monday_row = heat_map({DAY: 1}, DAY, width).plain.split("\n")[1]
    assert least <= len(monday_row[4:]) // 2 <= 53


@pytest.mark.parametrize(
    ("answers", "legend"),
    [
        (range(1, 9), "· none  ░ 1–2  ▒ 3–4  ▓ 5–6  █ 7+  answers a day"),
        ([1, 2, 3, 4], "· none  ░ 1  ▒ 2  ▓ 3  █ 4+  answers a day"),
        ([5], "· none  ░ 1+  answers a day"),
    ],
)
def test_the_legend_names_every_shade(answers: Iterable[int], legend: str) -> None:
    days = {DAY - n: number for n, number in enumerate(answers)}
    assert heat_map(days, DAY, 80).plain.split("\n")[-1].strip() == legend


@given(
    rows=st.lists(
        st.builds(
            Compared,
            st.sampled_from(["Mar 2026", "under 50%"]),
            st.integers(1, 99_999),
            st.floats(0, 1),
            st.floats(0, 1),
        ),
        min_size=1,
        max_size=12,
    ),
    width=WIDTHS,
)
def test_dumbbells_stand_where_their_numbers_say(rows: list[Compared], width: int) -> None:
    head, *lines = dumbbells("month", rows, width).plain.split("\n")
    assert len(lines) == len(rows)
    ticks = {int(word) / 100: head.index(word) + len(word) - 1 for word in head.split() if word.isdigit()}
    low, high = min(ticks), max(ticks)
    assert high == 1
    for row, line in zip(rows, lines, strict=True):
        assert cell_len(line) <= width
        assert line.startswith(row.name)
        assert line.split()[-1] == f"{row.reviews:,}"
        predicted = line.find("○") if "○" in line else line.index("◉")
        remembered = line.find("●") if "●" in line else line.index("◉")
        per_cell = (high - low) / (ticks[high] - ticks[low])
        for share, place in ((row.predicted, predicted), (row.remembered, remembered)):
            assert low + (place - ticks[low]) * per_cell == pytest.approx(share, abs=1.5 * per_cell)


@given(
    parts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8),
    width=WIDTHS,
)
def test_bars_are_as_long_as_their_share(parts: list[tuple[int, int, int]], width: int) -> None:
    rows = [
        Bar(f"topic {n}", (known, fading), known + fading + new, f"{known} of {known + fading + new}")
        for n, (known, fading, new) in enumerate(parts)
        if known + fading + new
    ]
    for row, line in zip(rows, bars(rows, width), strict=True):
        text = line.plain
        assert cell_len(text) <= width
        cells = [text.count(sign) for sign in "━╍┈"]
        room = sum(cells)
        wanted = [*row.parts, row.whole - sum(row.parts)]
        for number, part in zip(cells, wanted, strict=True):
            assert (number > 0) == (part > 0)
            assert number == pytest.approx(part / row.whole * room, abs=2)
        assert text.endswith(row.says)


def test_no_bars_without_rows() -> None:
    assert bars([], 80) == []
