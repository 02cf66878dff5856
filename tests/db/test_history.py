"""History and recalls: a log read by hand, and generated ones reckoned in plain Python and by py-fsrs."""

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.events import CatalogueItem
from db.history import Flag, Group, Hard, Mistake
from db.log import Log
from db.schedule import Scheduler


def test_an_empty_log(log: Log) -> None:
    history = log.history(739_000)
    assert (history.days, history.groups, history.hardest, history.mistakes, history.flags) == ((), (), (), (), ())
    assert log.recalls() == []


def test_days_count_reviews_that_were_not_undone(log: Log, learner: Any) -> None:
    learner.review("a", day=0, took_ms=300)
    amended = learner.review("b", day=0, took_ms=400)
    log.amend(amended.uid, 1, learner.ordinal(1), *learner.when(0))
    log.undo(learner.review("a", day=1, took_ms=5000).uid, *learner.when(1))
    log.suspend("a", *learner.when(2))
    learner.review("a", day=4, took_ms=50)
    assert log.history(learner.ordinal(9)).days == ((learner.ordinal(0), 2, 700), (learner.ordinal(4), 1, 50))


def test_a_review_that_two_machines_have_undone_is_taken_off_once(log: Log, learner: Any) -> None:
    learner.review("a", day=0, took_ms=300)
    taken = learner.review("b", day=0, took_ms=400)
    log.undo(taken.uid, *learner.when(0))
    log._store.db.execute(
        "INSERT INTO events (uid, at, zone, day, kind, item, target) VALUES ('there', 1, 'UTC', 1, 'undo', 'b', ?)",
        [taken.uid],
    )
    assert log.history(learner.ordinal(9)).days == ((learner.ordinal(0), 1, 300),)


def test_groups_say_what_is_seen_and_remembered_today(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue([item("a"), item("b", 1), item("c", 2), item("d", 3, week=2), item("e", 4, topic="ppo")])
    learner.review("a", 3)  # 2.3 days of stability
    learner.review("b", 1)  # 0.2
    log.suspend("c", *learner.when(0))  # never seen and never to be
    learner.review("d", 4)
    log.suspend("d", *learner.when(0))  # seen before
    learner.review("e", 3)
    log.reset("e", *learner.when(0))  # new again
    learner.review("not in the decks", 3)

    def groups(day: int) -> tuple[Group, ...]:
        return log.history(learner.ordinal(day)).groups

    assert groups(0) == (Group("kl", 1, 2, 2, 2), Group("kl", 2, 1, 1, 1), Group("ppo", 1, 1, 0, 0))
    assert [group.remembered for group in groups(2)] == [1, 1, 0]
    assert [group.remembered for group in groups(3)] == [0, 1, 0]


def test_remembered_means_a_chance_of_nine_in_ten(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue([item(f"item-{n}", n) for n in range(12)])
    for n in range(12):
        for day in range(0, 3 * n, 2 + n):
            learner.review(f"item-{n}", 1 + n % 4, day=day)
    memories = [memory for n in range(12) if (memory := log.state(f"item-{n}")) is not None]
    scheduler = log.scheduler()
    counted = set()
    for today in range(learner.ordinal(30), learner.ordinal(430), 7):
        chances = [scheduler.retrievability(memory, today - (memory.last_day or 0)) for memory in memories]
        remembered = log.history(today).groups[0].remembered
        assert remembered == sum(chance >= 0.9 for chance in chances)
        counted.add(remembered)
    assert len(counted) > 3  # so that the boundary was crossed


def test_the_hardest_items_are_those_of_the_statistics(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue([item(f"item-{n}", n) for n in range(13)])
    for n in range(13):
        for day in range(2 + n % 5):
            learner.review(f"item-{n}", 1, day=day)
    learner.review("not in the decks", 1, day=0)
    learner.review("not in the decks", 1, day=9)
    hardest = log.history(learner.ordinal(9)).hardest
    assert len(hardest) == 10
    assert hardest[0].lapses == 5
    stats = log.stats(learner.ordinal(9))
    assert hardest == tuple(Hard(row.item, row.lapses, row.reviews) for row in stats.hardest)


def test_mistakes_are_counted_by_drill(log: Log, learner: Any) -> None:
    for name, item, times in (("sign", "gae", 3), ("sign", "kl", 1), ("direction", "kl", 2)):
        for _ in range(times):
            learner.review(item, 1, verdict="wrong", mistake=name)
    log.undo(learner.review("kl", 1, verdict="wrong", mistake="sign").uid, *learner.when(0))
    learner.review("kl", 1, verdict="wrong")  # not recognised
    assert log.history(learner.ordinal(0)).mistakes == (
        Mistake("sign", "gae", 3),
        Mistake("direction", "kl", 2),
        Mistake("sign", "kl", 1),
    )


def test_no_more_than_ten_mistakes(log: Log, learner: Any) -> None:
    for n in range(12):
        for _ in range(n + 1):
            learner.review("a", 1, verdict="wrong", mistake=f"mistake-{n}")
    assert [row.times for row in log.history(learner.ordinal(0)).mistakes] == list(range(12, 2, -1))


def test_the_latest_note_stands_until_it_is_taken_away(log: Log, learner: Any) -> None:
    for item, note, day in (("a", "first", 0), ("b", "", 1), ("c", "odd", 2), ("a", "second", 3), ("c", None, 4)):
        log.flag(item, note, *learner.when(day))
    log.undo(log.flag("b", "never mind", *learner.when(5)).uid, *learner.when(5))
    log.reset("a", *learner.when(6))
    assert log.history(learner.ordinal(9)).flags == (
        Flag("a", "second", learner.ordinal(3)),
        Flag("b", "", learner.ordinal(1)),
    )


def test_a_second_connection_sees_what_the_first_has_written(log: Log, learner: Any) -> None:
    learner.review("a", day=0)
    with log.for_thread() as other:
        assert other.history(learner.ordinal(0)) == log.history(learner.ordinal(0))
    assert len(log.history(learner.ordinal(0)).days) == 1  # still open


def test_a_prediction_by_hand(log: Log, learner: Any) -> None:
    learner.review("a", 3, day=0)  # FSRS-6: the stability after a first Good is 2.3065 days, the decay 0.1542
    learner.review("a", 1, day=5)
    learner.review("a", 3, day=5)  # the same day: nothing to foresee
    ((day, predicted, remembered),) = log.recalls()
    assert (day, remembered) == (learner.ordinal(5), False)
    assert predicted == pytest.approx((1 + (0.9 ** (-1 / 0.1542) - 1) * 5 / 2.3065) ** -0.1542, rel=1e-5)


# what is done, to which item, with which grade, so many days after the last
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["review"] * 7 + ["reset", "undo", "amend"]),
        st.integers(0, 3),
        st.integers(1, 4),
        st.sampled_from([0, 0, 1, 2, 9]),
    ),
    max_size=50,
)
FITTED = [0.4, 1.9, 3.3, 11.2, 6.2, 0.9, 2.4, 0.02, 1.6, 0.2, 0.9, 1.7, 0.1, 0.3, 1.4, 0.4, 2.2, 0.6, 0.1, 0.1, 0.35]


@pytest.mark.parametrize("parameters", [None, FITTED])
@settings(max_examples=40, deadline=None)
@given(actions=ACTIONS)
def test_history_agrees_with_plain_python_and_recalls_with_py_fsrs(
    parameters: list[float] | None, actions: list[tuple[str, int, int, int]]
) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder, Log.open(Path(folder) / "log.db") as log:
        log.set_catalogue([CatalogueItem(f"item-{n}", "card", "kl", "must", 1, n, "") for n in range(3)])
        if parameters is not None:
            log.parameters(parameters, at, "UTC", at.toordinal())
        standing: list[dict[str, Any]] = []  # reviews and resets, in order, without those undone
        for kind, n, grade, days in actions:
            at += timedelta(days=days, seconds=1)
            when = (at, "UTC", at.toordinal())
            reviews = [row for row in standing if row["grade"]]
            if kind == "review":
                uid = log.review(f"item-{n}", grade, at.toordinal() + grade, 100 * grade, *when).uid
                standing.append({"uid": uid, "item": n, "grade": grade, "at": at, "ms": 100 * grade})
            elif kind == "reset":
                standing.append({"uid": log.reset(f"item-{n}", *when).uid, "item": n, "grade": None})
            elif kind == "undo" and standing:
                log.undo(standing.pop(n % len(standing))["uid"], *when)
            elif kind == "amend" and reviews:
                row = reviews[n % len(reviews)]
                log.amend(row["uid"], grade, at.toordinal() + 1, *when)
                row["grade"] = grade

        answers, spent = Counter[int](), Counter[int]()
        for row in standing:
            if row["grade"]:
                answers[row["at"].toordinal()] += 1
                spent[row["at"].toordinal()] += row["ms"]
        assert log.history(at.toordinal()).days == tuple((day, answers[day], spent[day]) for day in sorted(answers))

        theirs = fsrs.Scheduler(
            learning_steps=(),
            relearning_steps=(),
            enable_fuzzing=False,
            parameters=Scheduler(parameters).parameters,
        )
        cards: dict[int, fsrs.Card] = {}
        expected = []
        for row in standing:
            if row["grade"] is None:
                cards.pop(row["item"], None)
                continue
            noon = datetime.combine(row["at"].date(), datetime.min.time(), UTC) + timedelta(hours=12)
            card = cards.get(row["item"], fsrs.Card())
            if card.last_review is not None and card.last_review < noon:
                expected.append((noon.toordinal(), row["grade"] > 1, theirs.get_card_retrievability(card, noon)))
            cards[row["item"]], _ = theirs.review_card(card, fsrs.Rating(row["grade"]), noon)
        found = sorted((recall.day, recall.remembered, recall.predicted) for recall in log.recalls())
        expected.sort()
        assert [row[:2] for row in found] == [row[:2] for row in expected]
        # the binding computes in single precision
        assert [row[2] for row in found] == pytest.approx([row[2] for row in expected], rel=1e-3)
