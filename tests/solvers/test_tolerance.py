"""The rule of what counts as right, against the same rule in exact fractions, and at its boundary."""

from decimal import Context
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solvers.tolerance import apart, decimals, is_right
from solvers.typed import read_numbers


def right(typed: str, answer: float | list[float], digits: int = 3, exact: bool = False) -> bool:
    return is_right(read_numbers(typed), answer, digits, exact)


@pytest.mark.parametrize(
    ("a", "digits", "expected"),
    [
        (0.866, 3, 3),
        (1.1547, 3, 2),
        (0.0123, 3, 4),
        (12.3, 3, 1),
        (999.6, 3, 0),
        (12345.0, 3, 0),
        (-0.5, 3, 3),
        (0.0, 3, 2),
        (0.0, 1, 0),
        (1000.0, 4, 0),
        (0.001, 1, 3),
        (2.5, 1, 0),
    ],
)
def test_decimals_of_the_digits_asked_for(a: float, digits: int, expected: int) -> None:
    assert decimals(a, digits) == expected


@pytest.mark.parametrize(
    ("typed", "answer", "expected"),
    [
        ("0.866", 0.8660254, True),
        ("0.87", 0.8660254, True),  # 0.46 % off
        ("0.86", 0.8660254, False),
        ("1.99", 2.0, True),  # 0.5 % exactly; in doubles 2 - 1.99 is a little more than 0.01
        ("2.01", 2.0, True),
        ("1.989", 2.0, False),
        ("2.011", 2.0, False),
        ("0.995", 1.0, True),
        ("1.005", 1.0, True),
        ("100.5", 100.0, True),
        ("100.51", 100.0, False),
        ("0", 0.0, True),
        ("0.00", 0.0, True),
        ("0.0055", 0.0, False),  # four decimals typed: within 0.000055
        ("11/2000", 0.0, True),  # no decimals typed: within 0.0055
        ("0.01", 0.0, False),
        ("-1", 1.0, False),
        ("1.2e-3", 0.0012, True),
        ("1.21e-3", 0.0012, False),
        ("0.12", 0.1234, False),  # three digits were asked for
        ("75%", 0.75, True),
        ("75", 0.75, False),
        ("3/4", 0.75, True),
    ],
)
def test_one_number(typed: str, answer: float, expected: bool) -> None:
    assert right(typed, answer) is expected


def test_a_list_is_right_if_all_its_members_are() -> None:
    assert right("1 -1 -1 1", [1.0, -1.0, -1.0, 1.0])
    assert not right("1 -1 -1 0.9", [1.0, -1.0, -1.0, 1.0])
    assert not right("1 -1 -1", [1.0, -1.0, -1.0, 1.0])


def test_exact_means_equal() -> None:
    assert right("12", 12, exact=True)
    assert right("24/2", 12.0, exact=True)
    assert not right("12.0001", 12, exact=True)
    assert not right("9007199254740993", 9007199254740992, exact=True)


@given(st.integers(1, 10**6), st.sampled_from([1, -1]), st.sampled_from([1, -1]))
def test_half_a_percent_off_is_still_right(cents: int, side: int, sign: int) -> None:
    """The boundary itself counts, whatever binary rounding does to it."""
    edge = Fraction(cents, 100) * (1 + side * Fraction(5, 1000))
    assert right(f"{sign * float(edge):.5f}", sign * cents / 100)
    beyond = Fraction(cents, 100) * (1 + side * Fraction(51, 10000)) + side * Fraction(1, 10**5)
    assert not right(f"{sign * float(beyond):.6f}", sign * cents / 100)


@given(
    st.decimals(min_value=-500, max_value=500, places=4),
    st.decimals(min_value=-5, max_value=5, places=4),
    st.integers(0, 5),
)
def test_agrees_with_the_rule_in_exact_fractions(a: object, off: object, places: int) -> None:
    answer = float(str(a))
    typed = f"{answer + float(str(off)) * max(0.01, abs(answer)) / 100:.{places}f}"
    places = max(places, _decimals_of_three_digits(answer))
    bound = max(Fraction(5, 1000) * abs(Fraction(answer)), Fraction(55, 100) / 10**places)
    distance = abs(Fraction(typed) - Fraction(answer))
    assume(abs(distance - bound) > Fraction(1, 10**9))
    assert right(typed, answer) is (distance <= bound)


def _decimals_of_three_digits(a: float) -> int:
    rounded = Context(prec=3).create_decimal(repr(a))
    return max(0, 2 - rounded.adjusted()) if rounded else 2


@given(*[st.floats(-100, 100, width=32)] * 3)
def test_no_number_is_right_for_two_answers_that_are_apart(x: float, a: float, b: float) -> None:
    if apart(a, b, 3, False):
        typed = f"{x:.4f}"
        assert not (right(typed, a) and right(typed, b))
        assert not right(f"{b:.3g}", a)


def test_lists_are_apart_if_one_member_is() -> None:
    assert apart([1.0, 2.0], [1.0, 2.1], 3, False)
    assert not apart([1.0, 2.0], [1.001, 2.001], 3, False)
    assert apart(12, 13, 3, True)
    assert not apart(12, 12.0, 3, True)
