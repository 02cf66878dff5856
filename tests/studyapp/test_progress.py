"""The facts of the progress screen, against histories read by hand and reckonings in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.history import Recall
from studyapp.progress import LEVELS, Foresight, look_back, monday, shade, streak, thresholds

DAY = date(2026, 3, 2).toordinal()


@given(studied=st.sets(st.integers(DAY - 12, DAY)))
def test_a_streak_is_counted_day_by_day(studied: set[int]) -> None:
    days = dict.fromkeys(studied, 1)
    last = DAY if DAY in studied else DAY - 1
    expected = 0
    while last - expected in studied:
        expected += 1
    assert streak(days, DAY) == expected


@given(day=st.integers(700_000, 800_000))
def test_a_week_begins_on_monday(day: int) -> None:
    first = monday(day)
    assert date.fromordinal(first).weekday() == 0
    assert 0 <= day - first < 7


@given(answers=st.lists(st.integers(0, 60), max_size=60))
def test_shades_follow_the_number_of_answers(answers: list[int]) -> None:
    cuts = thresholds(answers)
    shades = [shade(number, cuts) for number in sorted(answers)]
    assert shades == sorted(shades)
    assert all((level == 0) == (number == 0) for level, number in zip(shades, sorted(answers), strict=True))
    assert all(0 <= level <= LEVELS for level in shades)
    studied = [number for number in answers if number]
    if studied:
        assert shade(min(studied), cuts) == 1


def test_shades_are_quartiles_so_that_one_long_day_does_not_pale_the_others() -> None:
    cuts = thresholds([0, 0, 1, 2, 3, 4, 5, 6, 7, 500])
    assert [shade(number, cuts) for number in (0, 1, 2, 3, 4, 5, 6, 7, 500)] == [0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert shade(3, thresholds([3, 3, 3])) == 1
    assert thresholds([0, 0]) == ()


def test_nothing_to_look_back_on(make: Any, clock: Any) -> None:
    place = make(cards=6, drills=0, topics=3)
    facts = look_back(place.library, place.log, clock.today())
    assert facts.is_empty
    assert (facts.streak, facts.longest_streak, facts.reviews, facts.took_ms, facts.spent) == (0, 0, 0, 0, ())
    assert [(row.week, row.total, row.seen, row.topics) for row in facts.plan] == [
        (1, 2, 0, ("t0",)),
        (2, 2, 0, ("t1",)),
        (3, 2, 0, ("t2",)),
    ]
    assert [(row.name, row.total, row.seen, row.new) for row in facts.topics] == [
        ("t0", 2, 0, 2),
        ("t1", 2, 0, 2),
        ("t2", 2, 0, 2),
    ]


def test_a_history_read_by_hand(make: Any, clock: Any) -> None:
    place = make(cards=4, drills=1, topics=2)  # t0: card-000, card-002, drill-0; t1: card-001, card-003
    today = clock.today()  # Monday 2 March 2026
    log = place.log

    def when(ago: int) -> tuple[Any, str, int]:
        return clock.now() - timedelta(days=ago), clock.zone, today - ago

    log.review("card-000", 3, today - 18, 60_000, *when(20))  # Tuesday of the third week back
    log.review("card-000", 1, today - 16, 30_000, *when(18))
    log.review("card-001", 4, today + 30, 20_000, *when(18))
    wrong = {"typed": "5", "verdict": "wrong", "mistake": "tenfold", "seed": "1"}
    log.review("drill-0", 1, today - 2, 9_000, *when(3), **wrong)
    log.review("drill-0", 1, today - 1, 8_000, *when(2), **wrong)
    log.review("drill-0", 3, today + 1, 7_000, *when(1))
    log.flag("card-003", "which [b]sign[/b]?", *when(1))
    log.flag("gone", "", *when(2))

    facts = look_back(place.library, log, today)
    assert not facts.is_empty
    assert facts.days == {today - 20: 1, today - 18: 2, today - 3: 1, today - 2: 1, today - 1: 1}
    assert facts.spent == ((today - 21, 110_000), (today - 14, 0), (today - 7, 24_000), (today, 0))
    assert (facts.reviews, facts.took_ms, facts.streak, facts.longest_streak) == (6, 134_000, 3, 3)
    assert [(row.name, row.drill, row.times) for row in facts.mistakes] == [("tenfold", "drill-0", 2)]
    assert {row.item: (row.title, row.lapses, row.reviews) for row in facts.hardest} == {
        "card-000": ("Question 0?", 1, 2),
        "drill-0": ("Halve one, variant 0.", 1, 3),
    }
    assert [(row.item, row.title, row.note, today - row.day) for row in facts.flagged] == [
        ("card-003", "Question 3?", "which [b]sign[/b]?", 1),
        ("gone", "gone (no longer in the decks)", "", 2),
    ]
    assert [(row.week, row.seen, row.total) for row in facts.plan] == [(1, 2, 3), (2, 1, 2)]


def test_topics_and_plan_agree_with_every_item_looked_at(make: Any, clock: Any) -> None:
    place = make(cards=40, drills=8, topics=5)
    dice = random.Random(11)
    items = list(place.library.items.values())
    start = clock.today()
    for _ in range(30):
        for item in dice.sample(items, 3):
            when = clock.now(), clock.zone, clock.today()
            place.log.review(item.id, dice.randint(1, 4), clock.today() + dice.randint(1, 9), 1000, *when)
        clock.next_day(dice.choice([1, 1, 1, 2, 4]))
    place.log.suspend(items[0].id, *when)
    place.log.reset(items[1].id, *when)
    today = clock.today()

    seen: Counter[str] = Counter()
    remembered: Counter[str] = Counter()
    total: Counter[str] = Counter()
    scheduler = place.log.scheduler()
    for item in items:
        memory = place.log.state(item.id)
        if memory is not None and memory.suspended and not memory.reviews:
            continue
        for key in (item.topic, f"week {item.week}"):
            total[key] += 1
            if memory is not None and memory.reviews:
                seen[key] += 1
                remembered[key] += scheduler.retrievability(memory, today - memory.last_day) >= 0.9
    assert 0 < sum(remembered.values()) < sum(seen.values()) < sum(total.values())

    facts = look_back(place.library, place.log, today)
    assert [row.name for row in facts.topics] == place.library.topics
    for row in facts.topics:
        assert (row.total, row.seen, row.remembered) == (total[row.name], seen[row.name], remembered[row.name])
        assert (row.fading, row.new) == (row.seen - row.remembered, row.total - row.seen)
    for week in facts.plan:
        assert (week.total, week.seen) == (total[f"week {week.week}"], seen[f"week {week.week}"])
    assert facts.reviews == 90
    assert sum(facts.days.values()) == 90
    assert min(facts.days) >= start
    assert facts.streak == place.log.stats(today).streak


def test_retention_by_month_and_by_chance() -> None:
    january, february = date(2026, 1, 31).toordinal(), date(2026, 2, 1).toordinal()
    foresight = Foresight.of(
        [
            Recall(february, 0.92, True),
            Recall(january, 0.4, False),
            Recall(january, 0.9, True),
            Recall(february, 0.94, False),
            Recall(february, 1.0, True),
        ]
    )
    assert foresight.whole is not None
    assert (foresight.whole.reviews, foresight.whole.remembered) == (5, 0.6)
    assert foresight.whole.predicted == pytest.approx(0.832)
    assert [(row.name, row.reviews) for row in foresight.months] == [("Jan 2026", 2), ("Feb 2026", 3)]
    assert [row.remembered for row in foresight.months] == [0.5, pytest.approx(2 / 3)]
    assert [row.predicted for row in foresight.months] == [pytest.approx(0.65), pytest.approx(2.86 / 3)]
    assert [(row.name, row.reviews) for row in foresight.chances] == [("under 50%", 1), ("90–95%", 3), ("over 95%", 1)]


def test_no_more_than_a_year_of_months() -> None:
    recalls = [Recall(DAY - 30 * n, 0.9, True) for n in range(20)]
    months = Foresight.of(recalls).months
    assert len(months) == 12
    assert months[-1].name == "Mar 2026"
    assert Foresight.of([]).whole is None


@given(
    recalls=st.lists(
        st.builds(Recall, st.integers(DAY - 300, DAY), st.floats(0.01, 1), st.booleans()), min_size=1, max_size=80
    )
)
def test_parts_add_up_to_the_whole(recalls: list[Recall]) -> None:
    foresight = Foresight.of(recalls)
    assert foresight.whole is not None
    for parts in (foresight.months, foresight.chances):
        assert sum(part.reviews for part in parts) == len(recalls)
        remembered = sum(part.reviews * part.remembered for part in parts)
        assert remembered == pytest.approx(sum(recall.remembered for recall in recalls))
        predicted = sum(part.reviews * part.predicted for part in parts)
        assert predicted == pytest.approx(sum(recall.predicted for recall in recalls))
