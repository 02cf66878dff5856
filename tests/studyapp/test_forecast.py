"""The forecast's columns: heights by the numbers, as many days as fit, and all of it readable without colour."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.widgets.forecast import COLUMN, EIGHTHS, forecast

FIRST = date(2026, 3, 2).toordinal()  # a Monday


def drawn(numbers: list[int], width: int = 80, height: int = 4) -> list[str]:
    return forecast([(FIRST + n, number) for n, number in enumerate(numbers)], width, height).plain.splitlines()


def test_a_column_a_day_with_its_number_and_name() -> None:
    *columns, numbers, names = drawn([8, 0, 4, 2])
    assert numbers.split() == ["8", "·", "4", "2"]
    assert names.split() == ["now", "Tue", "Wed", "Thu"]
    assert [line[1::COLUMN].ljust(4) for line in columns] == ["█   ", "█   ", "█ █ ", "█ ██"]


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=60), st.integers(5, 200), st.integers(1, 8))
def test_no_row_is_wider_and_heights_keep_the_order(numbers: list[int], width: int, height: int) -> None:
    lines = drawn(numbers, width, height)
    if not any(numbers[: max(1, width // COLUMN)]):
        assert lines == []
        return
    *columns, _, _ = lines
    assert len(columns) == height
    assert max(map(len, lines)) <= max(width, COLUMN)
    shown = numbers[: max(1, width // COLUMN)]
    heights = [sum(EIGHTHS.index(line[n * COLUMN + 1]) for line in columns) for n in range(len(shown))]
    assert max(heights) == height * 8
    for one, its in zip(shown, heights, strict=True):
        assert (one == 0) == (its == 0)
        assert its == pytest.approx(one / max(shown) * height * 8, abs=1)


def test_a_month_s_first_day_is_named_by_its_month() -> None:
    names = forecast([(date(2026, 3, 31).toordinal() + n, 1) for n in range(3)], 80, 1).plain.splitlines()[-1]
    assert names == " now 1 Apr Thu "
