"""Statistics: a history counted by hand, and generated ones counted in plain Python."""

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.events import CatalogueItem
from db.log import Log
from db.statistics import HardItem


def test_a_history_counted_by_hand(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue(
        [item("a"), item("b", 1), item("c", 2, topic="grpo"), item("d", 3, topic="grpo"), item("e", 4, topic="grpo")]
    )
    learner.review("a", 3, day=0, due=2, took_ms=2000)
    wrong = {"verdict": "wrong", "mistake": "sample-std"}
    learner.review("c", 1, day=0, due=0, took_ms=3000, **wrong)
    learner.review("c", 3, day=0, due=1, took_ms=1000)
    learner.review("c", 1, day=1, due=1, **wrong)  # forgotten
    learner.review("c", 3, day=1, due=2)  # the same day: not asked whether it was remembered
    amended = learner.review("a", 1, day=2, due=2)
    log.amend(amended.uid, 2, learner.ordinal(5), *learner.when(2))  # remembered after all
    mistaken = learner.review("b", 4, day=2, due=9, verdict="wrong", mistake="direction")
    log.undo(mistaken.uid, *learner.when(2))
    learner.review("no longer in the decks", 4, day=2, due=30, took_ms=500)
    log.suspend("d", *learner.when(2))
    log.flag("e", "odd", *learner.when(2))

    stats = log.stats(learner.ordinal(2))
    assert stats.reviews == 7
    assert stats.reviews_today == 2
    assert stats.grades == {"again": 2, "hard": 1, "good": 3, "easy": 1}
    assert stats.seconds == 9.5  # 2 + 3 + 1 + 1 + 1 + 1 + 0.5
    assert stats.seconds_today == 1.5
    assert stats.retention == 0.5  # a on day 2 remembered, c on day 1 forgotten
    assert stats.streak == 3
    assert (stats.items, stats.seen, stats.new, stats.suspended, stats.flagged) == (5, 2, 2, 1, 1)
    assert stats.due == 1  # c
    assert stats.mistakes == {"sample-std": 2}
    assert stats.hardest == [HardItem("c", "grpo", lapses=1, reviews=4)]
    assert list(stats.topics) == ["grpo", "kl"]
    kl, grpo = stats.topics["kl"], stats.topics["grpo"]
    assert (kl.total, kl.seen, kl.new, kl.due, kl.reviews, kl.retention) == (2, 1, 1, 0, 2, 1.0)
    assert (grpo.total, grpo.seen, grpo.new, grpo.suspended, grpo.reviews, grpo.retention) == (3, 1, 1, 1, 4, 0.0)
    assert json.loads(json.dumps(asdict(stats)))["topics"]["kl"]["retention"] == 1.0


def test_an_empty_log(log: Log) -> None:
    stats = log.stats(739_000)
    assert (stats.reviews, stats.retention, stats.streak, stats.items, stats.mistakes) == (0, None, 0, 0, {})
    assert stats.grades == {"again": 0, "hard": 0, "good": 0, "easy": 0}


@pytest.mark.parametrize(
    ("studied", "streak"),
    [
        ([], 0),
        ([10], 1),
        ([9], 1),
        ([8], 0),
        ([8, 9, 10], 3),
        ([7, 8, 9], 3),
        ([7, 9, 10], 2),
        ([6, 7, 8], 0),
        ([9, 10, 11], 2),  # a day ahead, from another zone, changes nothing
    ],
)
def test_the_streak_lasts_until_a_whole_day_is_missed(log: Log, learner: Any, studied: list[int], streak: int) -> None:
    for day in studied:
        learner.review("a", day=day)
        learner.review("b", day=day)
    assert log.stats(learner.ordinal(10)).streak == streak


def test_a_day_whose_only_review_was_undone_ends_the_streak(log: Log, learner: Any) -> None:
    learner.review("a", day=8)
    undone = learner.review("a", day=9)
    learner.review("a", day=10)
    log.undo(undone.uid, *learner.when(10))
    assert log.stats(learner.ordinal(10)).streak == 1


def test_after_a_reset_the_first_review_asks_nothing(log: Log, learner: Any) -> None:
    learner.review("a", 3, day=0)
    log.reset("a", *learner.when(3))
    learner.review("a", 1, day=3)
    assert log.stats(learner.ordinal(3)).retention is None
    learner.review("a", 3, day=5)
    assert log.stats(learner.ordinal(5)).retention == 1.0


def test_the_most_frequent_mistakes_come_first_and_no_more_than_ten(log: Log, learner: Any) -> None:
    for n in range(12):
        for _ in range(n + 1):
            learner.review("a", 1, verdict="wrong", mistake=f"mistake-{n}")
    mistakes = log.stats(learner.ordinal(0)).mistakes
    assert list(mistakes.items()) == [(f"mistake-{n}", n + 1) for n in range(11, 1, -1)]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["review"] * 6 + ["reset", "undo", "amend"]),
        st.integers(0, 3),
        st.integers(1, 4),
        st.sampled_from([0, 0, 1, 2]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(actions=ACTIONS)
def test_statistics_agree_with_plain_python(actions: list[tuple[str, int, int, int]]) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder, Log.open(Path(folder) / "log.db") as log:
        log.set_catalogue([CatalogueItem(f"item-{n}", "card", f"topic-{n % 2}", "must", 1, n, "") for n in range(3)])
        history: list[dict[str, Any]] = []  # reviews and resets, in order, without those undone
        for kind, n, grade, days in actions:
            at += timedelta(days=days, minutes=1)
            when = (at, "UTC", at.toordinal())
            reviews = [row for row in history if row["grade"]]
            if kind == "review":
                uid = log.review(f"item-{n}", grade, at.toordinal() + grade, 100 * grade, *when).uid
                history.append({"uid": uid, "item": n, "grade": grade, "day": at.toordinal(), "ms": 100 * grade})
            elif kind == "reset":
                history.append({"uid": log.reset(f"item-{n}", *when).uid, "item": n, "grade": None})
            elif kind == "undo" and history:
                log.undo(history.pop(n % len(history))["uid"], *when)
            elif kind == "amend" and reviews:
                row = reviews[n % len(reviews)]
                log.amend(row["uid"], grade, at.toordinal() + 1, *when)
                row["grade"] = grade
        stats = log.stats(at.toordinal())
        reviews = [row for row in history if row["grade"]]
        asked: dict[int, list[bool]] = {0: [], 1: [], -1: []}  # by topic; item 3 is in no deck
        last: dict[int, int] = {}
        for row in history:
            if row["grade"] is None:
                last.pop(row["item"], None)
                continue
            if last.get(row["item"], row["day"]) < row["day"]:
                asked[row["item"] % 2 if row["item"] < 3 else -1].append(row["grade"] > 1)
            last[row["item"]] = row["day"]
        every = [remembered for some in asked.values() for remembered in some]
        assert stats.reviews == len(reviews)
        assert list(stats.grades.values()) == [sum(r["grade"] == g for r in reviews) for g in (1, 2, 3, 4)]
        assert stats.reviews_today == sum(r["day"] == at.toordinal() for r in reviews)
        assert stats.seconds == pytest.approx(sum(r["ms"] for r in reviews) / 1000)
        assert stats.retention == (sum(every) / len(every) if every else None)
        for topic in (0, 1):
            share = sum(asked[topic]) / len(asked[topic]) if asked[topic] else None
            assert stats.topics[f"topic-{topic}"].retention == share
