"""The schedule against py-fsrs, FSRS's Python implementation by other hands, and mpmath."""

import math
from datetime import UTC, datetime, timedelta

import fsrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from db.schedule import AGAIN, EASY, GOOD, HARD, LONGEST_INTERVAL, Option, Scheduler

TODAY = 739_000
# Parameters that a fit might return, far from the default ones.
FITTED = [0.4, 1.9, 3.3, 11.2, 6.2, 0.9, 2.4, 0.02, 1.6, 0.2, 0.9, 1.7, 0.1, 0.3, 1.4, 0.4, 2.2, 0.6, 0.1, 0.1, 0.35]
HISTORIES = st.lists(
    st.tuples(st.integers(1, 4), st.one_of(st.integers(0, 3), st.integers(0, 700))), min_size=1, max_size=25
)


def reference(parameters: list[float] | None, retention: float = 0.9) -> fsrs.Scheduler:
    more = {} if parameters is None else {"parameters": parameters}
    return fsrs.Scheduler(
        desired_retention=retention, learning_steps=(), relearning_steps=(), enable_fuzzing=False, **more
    )


def by_py_fsrs(scheduler: fsrs.Scheduler, history: list[tuple[int, int]]) -> fsrs.Card:
    """Review a card at noon of each day; history is (grade, days since the last review)."""
    card, at = fsrs.Card(), datetime(2020, 1, 1, 12, tzinfo=UTC)
    for grade, days in history:
        at += timedelta(days=days)
        card, _ = scheduler.review_card(card, fsrs.Rating(grade), at)
    return card


@pytest.mark.parametrize("parameters", [None, FITTED])
@given(history=HISTORIES)
def test_memory_is_py_fsrs_memory(parameters: list[float] | None, history: list[tuple[int, int]]) -> None:
    card = by_py_fsrs(reference(parameters), history)
    scheduler = Scheduler(parameters)
    option, last_day, day = None, None, TODAY
    days = []
    for grade, elapsed in history:
        day += elapsed
        days.append((grade, day))
        option, last_day = scheduler.options(option, last_day, day)[grade], day
    assert option is not None
    assert option.stability == pytest.approx(card.stability, rel=2e-4)  # the binding computes in single precision
    assert option.difficulty == pytest.approx(card.difficulty, rel=2e-4)
    assert scheduler.memories([days]) == [(option.stability, option.difficulty)]


@pytest.mark.parametrize("retention", [0.8, 0.9, 0.95])
@given(history=HISTORIES, grade=st.integers(2, 4))
def test_intervals_are_py_fsrs_intervals(retention: float, history: list[tuple[int, int]], grade: int) -> None:
    scheduler = Scheduler(retention=retention)
    theirs = reference(None, retention)
    option, last_day, day = None, None, TODAY
    for given_grade, elapsed in history:
        day += elapsed
        option, last_day = scheduler.options(option, last_day, day)[given_grade], day
    options = scheduler.options(option, last_day, day + 5)
    card = by_py_fsrs(theirs, [*history, (grade, 5)])
    assert card.due is not None
    assert card.last_review is not None
    assert card.stability is not None
    days = (card.due - card.last_review).days
    exact = card.stability * ((retention ** (-1 / 0.1542) - 1) / (0.9 ** (-1 / 0.1542) - 1))
    if grade == EASY:
        days = max(days, options[GOOD].days + 1)  # where they would tie
    if abs(exact % 1 - 0.5) > exact / 1000:  # far enough from a tie of rounding for single precision
        assert options[grade].days == pytest.approx(min(days, LONGEST_INTERVAL), rel=1e-3, abs=0)


def test_the_first_answer_has_the_published_intervals() -> None:
    # The first four parameters of FSRS-6 are the stabilities after a first answer: 0.212, 1.2931, 2.3065, 8.2956 days.
    options = Scheduler().options(None, None, TODAY)
    assert [(option.grade, option.days, option.due_day - TODAY) for option in options.values()] == [
        (AGAIN, 0, 0),
        (HARD, 1, 1),
        (GOOD, 2, 2),
        (EASY, 8, 8),
    ]


@given(history=HISTORIES, retention=st.floats(0.01, 0.999))
def test_intervals_never_shrink_with_a_better_grade(history: list[tuple[int, int]], retention: float) -> None:
    scheduler = Scheduler(retention=retention)
    option: Option | None = None
    last_day, day = None, TODAY
    for grade, elapsed in history:
        day += elapsed
        options = scheduler.options(option, last_day, day)
        assert all(o.due_day == day + o.days for o in options.values())
        assert options[AGAIN].days == 0
        assert 1 <= options[HARD].days <= options[GOOD].days <= options[EASY].days <= LONGEST_INTERVAL
        assert options[GOOD].days < options[EASY].days or options[GOOD].days == LONGEST_INTERVAL
        option, last_day = options[grade], day


def test_a_clock_set_back_counts_as_the_same_day() -> None:
    scheduler = Scheduler()
    memory = scheduler.options(None, None, TODAY)[GOOD]
    earlier = scheduler.options(memory, TODAY, TODAY - 40)
    same = scheduler.options(memory, TODAY, TODAY)
    assert {g: o.stability for g, o in earlier.items()} == {g: o.stability for g, o in same.items()}
    assert earlier[GOOD].due_day == TODAY - 40 + same[GOOD].days
    assert scheduler.retrievability(memory, -40) == 1


@pytest.mark.parametrize("parameters", [None, FITTED])
@given(stability=st.floats(0.001, 36_500), elapsed=st.integers(0, 40_000))
def test_the_forgetting_curve(parameters: list[float] | None, stability: float, elapsed: int) -> None:
    memory = Option(GOOD, 0, 0, stability, 5.0)
    mp.dps = 40
    decay = mpf("0.1542" if parameters is None else str(parameters[20]))
    factor = mpf("0.9") ** (-1 / decay) - 1
    expected = (1 + factor * elapsed / mpf(stability)) ** -decay
    assert Scheduler(parameters).retrievability(memory, elapsed) == pytest.approx(float(expected), rel=1e-5)


def test_after_as_many_days_as_its_stability_an_item_is_remembered_with_chance_nine_tenths() -> None:
    assert Scheduler().retrievability(Option(GOOD, 0, 0, 12.0, 5.0), 12) == pytest.approx(0.9)


def test_parameters_of_older_fsrs_are_filled_up() -> None:
    # FSRS-5 had 19 parameters and the fixed decay 0.5; its curve is (1 + 19/81·t/S)^(−1/2).
    scheduler = Scheduler(FITTED[:19])
    memory = Option(GOOD, 0, 0, 10.0, 5.0)
    assert scheduler.retrievability(memory, 30) == pytest.approx(math.pow(1 + 19 / 81 * 3, -0.5))


@pytest.mark.parametrize("parameters", [[1.0], [math.nan] * 21, [math.inf] * 21, [0.0] * 21, [*FITTED, 1.0]])
def test_parameters_that_fsrs_cannot_use_are_refused(parameters: list[float]) -> None:
    with pytest.raises(ValueError, match=r"[pP]arameter"):
        Scheduler(parameters)


@pytest.mark.parametrize("retention", [0, 1, -1, 2, math.nan])
def test_a_retention_that_cannot_be_reached_is_refused(retention: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Scheduler(retention=retention)
