"""What is due and new: worked out by hand, and against plain Python over generated logs."""

import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.events import CatalogueItem
from db.log import Log
from db.queries import Count


def test_due_items_come_with_the_most_forgotten_first(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue([item(name, n) for n, name in enumerate(["easy", "hard", "later", "new", "again"])])
    learner.review("easy", 4, day=0, due=5)  # stability 8.3 days
    learner.review("hard", 2, day=0, due=5)  # 1.3 days
    learner.review("later", 3, day=0, due=6)
    learner.review("again", 1, day=5, due=5)
    due = log.due(learner.ordinal(5))
    assert [d.item for d in due] == ["hard", "easy", "again"]
    # FSRS-6's curve after 5 days, with the published default parameters.
    factor = 0.9 ** (-1 / 0.1542) - 1
    expected = [(1 + factor * 5 / stability) ** -0.1542 for stability in (1.2931, 8.2956)] + [1.0]
    assert [d.retrievability for d in due] == pytest.approx(expected, rel=1e-5)
    assert due[0].due_day == learner.ordinal(5)
    assert [d.item for d in log.due(learner.ordinal(5), limit=1)] == ["hard"]
    assert {d.item for d in log.due(learner.ordinal(6))} == {"hard", "easy", "again", "later"}


def test_new_items_come_in_the_order_of_study(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue([item("c", 3), item("a", 2, topic="grpo"), item("b", 1), item("d", 4, topic="grpo")])
    assert [n.item for n in log.new()] == ["b", "a", "c", "d"]
    assert [n.item for n in log.new(limit=2)] == ["b", "a"]
    assert [n.item for n in log.new(topic="grpo")] == ["a", "d"]
    learner.review("b", day=0)
    log.suspend("c", *learner.when(0))
    assert [n.item for n in log.new()] == ["a", "d"]
    log.reset("b", *learner.when(1))
    log.unsuspend("c", *learner.when(1))
    assert [n.item for n in log.new()] == ["b", "a", "c", "d"]


def test_introduced_counts_first_reviews_of_the_day(log: Log, learner: Any) -> None:
    first = learner.review("a", day=0)
    learner.review("b", day=0)
    learner.review("b", day=0)
    learner.review("b", day=1)
    learner.review("c", day=1)
    days = [learner.ordinal(n) for n in range(3)]
    assert [log.introduced(day) for day in days] == [2, 1, 0]
    log.undo(first.uid, *learner.when(1))
    assert [log.introduced(day) for day in days] == [1, 1, 0]
    log.reset("b", *learner.when(2))
    learner.review("b", day=2)
    assert [log.introduced(day) for day in days] == [0, 1, 1]


def test_counts_and_forecast(log: Log, learner: Any, item: Any) -> None:
    topics = {"a": "kl", "b": "kl", "c": "kl", "d": "grpo", "e": "grpo"}
    log.set_catalogue([item(name, n, topic=topic) for n, (name, topic) in enumerate(topics.items())])
    learner.review("a", day=0, due=1)
    learner.review("b", day=0, due=3)
    learner.review("d", day=0, due=2)
    learner.review("not in the decks", day=0, due=1)
    log.suspend("e", *learner.when(0))
    counts = log.counts(learner.ordinal(2))
    assert counts.topics == {"grpo": Count(due=1, new=0, total=2), "kl": Count(due=1, new=1, total=3)}
    assert counts.total == Count(due=2, new=1, total=5)
    assert log.forecast(learner.ordinal(2), days=4) == [2, 1, 0, 0]
    assert log.forecast(learner.ordinal(0)) == [0, 1, 1, 1, 0, 0, 0]
    log.suspend("a", *learner.when(2))
    assert log.counts(learner.ordinal(2)).topics["kl"] == Count(due=0, new=1, total=3)
    assert log.forecast(learner.ordinal(2), days=4) == [1, 1, 0, 0]
    assert [d.item for d in log.due(learner.ordinal(2))] == ["d"]


def test_due_counted_and_answered_of_one_kind(log: Log, learner: Any, item: Any) -> None:
    kinds = {"a": "card", "b": "long", "c": "long", "d": "long", "e": "long"}
    log.set_catalogue([item(name, n, kind=kind) for n, (name, kind) in enumerate(kinds.items())])
    learner.review("a", day=0, due=2)
    learner.review("b", day=0, due=2)
    learner.review("c", day=2, due=2)
    learner.review("d", day=2, due=9)
    today = learner.ordinal(2)
    assert {row.item for row in log.due(today, kind="long")} == {"b", "c"}
    assert log.answered(today, "long") == {"c", "d"}
    assert log.counts(today).kinds == {"card": Count(1, 0, 1), "long": Count(2, 1, 4)}
    assert log.counts(today).total == Count(3, 1, 5)


def test_an_empty_log_has_nothing_to_offer(log: Log) -> None:
    day = 739_000
    assert (log.due(day), log.new(), log.introduced(day), log.forecast(day, 3)) == ([], [], 0, [0, 0, 0])
    assert log.counts(day).total == Count(0, 0, 0)


REVIEWS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(1, 4), st.integers(0, 8), st.integers(1, 12), st.sampled_from("rrrrrsu")),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(actions=REVIEWS, today=st.integers(0, 15))
def test_queries_agree_with_plain_python(actions: list[tuple[int, int, int, int, str]], today: int) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    day = at.toordinal()
    with tempfile.TemporaryDirectory() as folder, Log.open(Path(folder) / "log.db") as log:
        # Items 0 to 9 are in the decks, 10 and 11 are not.
        catalogue = [CatalogueItem(f"item-{n}", "card", f"topic-{n % 3}", "must", 1, 9 - n, "") for n in range(10)]
        log.set_catalogue(catalogue)
        due_days: dict[str, int] = {}
        suspended: set[str] = set()
        for n, grade, when, interval, kind in sorted(actions, key=lambda action: action[2]):
            item = f"item-{n}"
            if kind == "r":
                log.review(item, grade, day + when + interval, 1, at, "UTC", day + when)
                due_days[item] = day + when + interval
            elif kind == "s":
                log.suspend(item, at, "UTC", day + when)
                suspended.add(item)
            else:
                log.unsuspend(item, at, "UTC", day + when)
                suspended.discard(item)
        topics = {row.id: row.topic for row in catalogue}
        now = day + today
        due = {i for i, due_day in due_days.items() if i in topics and i not in suspended and due_day <= now}
        new = [row.id for row in reversed(catalogue) if row.id not in due_days and row.id not in suspended]
        listed = log.due(now)
        assert {d.item for d in listed} == due
        assert [d.retrievability for d in listed] == sorted(d.retrievability for d in listed)
        assert [n.item for n in log.new()] == new
        for topic in set(topics.values()):
            assert [d.item for d in log.due(now, topic)] == [d.item for d in listed if d.topic == topic]
            expected = Count(
                due=sum(topics[i] == topic for i in due),
                new=sum(topics[i] == topic for i in new),
                total=sum(t == topic for t in topics.values()),
            )
            assert log.counts(now).topics[topic] == expected
        waiting = [due_days[i] for i in due_days if i in topics and i not in suspended]
        assert log.forecast(now, 5) == [len(due)] + [waiting.count(now + ahead) for ahead in range(1, 5)]


def test_what_runs_at_every_key_press_reads_the_log_by_index(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue([item("a"), item("b", 1)])
    statements: list[str] = []
    log._store.db.conn.set_trace_callback(statements.append)
    review = learner.review("a", bookmark={"n": 1})
    log.amend(review.uid, 4, learner.ordinal(9), *learner.when(0))
    log.undo(review.uid, *learner.when(0))
    log.state("a")
    log.due(learner.ordinal(9))
    log.introduced(learner.ordinal(0))
    log.current_settings()
    log._store.db.conn.set_trace_callback(None)
    plans = [
        detail
        for statement in set(statements)
        if statement.startswith(("SELECT", "INSERT"))
        for _, _, _, detail in log._store.db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    ]
    assert any(detail.startswith("SEARCH") for detail in plans)
    assert [detail for detail in plans if detail.startswith("SCAN") and detail != "SCAN CONSTANT ROW"] == []


@pytest.mark.soak
def test_a_large_log_answers_at_once(log: Log, item: Any) -> None:
    log.set_catalogue([item(f"item-{n}", n, topic=f"topic-{n % 20}") for n in range(10_000)])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    day = at.toordinal()
    review = "INSERT INTO events (uid, at, zone, day, kind, item, grade, took_ms, due_day) VALUES (?,?,?,?,?,?,?,?,?)"
    with log._store.writing() as db:
        db.conn.executemany(
            review,
            (
                (uuid.uuid4().hex, n, "UTC", day + n // 270, "review", f"item-{n * 7919 % 9_000}", 1 + n % 4, 1000,
                 day + n // 270 + 1 + n * 31 % 90)
                for n in range(100_000)
            ),
        )  # fmt: skip
    today = day + 371

    def seconds(call: Any) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        return min(times)

    assert seconds(log.rebuild) < 5
    # Ten times what was measured: this guards against a lost index, not against a slow machine.
    for call in (
        lambda: log.due(today, limit=50),
        lambda: log.new(limit=10),
        lambda: log.counts(today),
        lambda: log.introduced(day),
        lambda: log.forecast(today),
        lambda: log.review("item-1", 3, today + 3, 10, at, "UTC", today),
    ):
        assert seconds(call) < 0.06


@settings(max_examples=40, deadline=None)
@given(events=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("rrsuwfFnz")), max_size=25))
def test_standings_and_flag_notes_agree_with_plain_python(events: list[tuple[str, str]]) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    day = at.toordinal()
    with tempfile.TemporaryDirectory() as folder, Log.open(Path(folder) / "log.db") as log:
        # what each event leaves behind; an undo goes back to what was before the item's last event
        past: dict[str, list[tuple[Any, ...]]] = {}
        uids: dict[str, list[str]] = {}
        for n, (item, kind) in enumerate(events):
            when = (at + timedelta(seconds=n), "UTC", day + n)
            due_day, reviews, lapses, suspended, note = past.setdefault(item, [(None, 0, 0, False, None)])[-1]
            made = uids.setdefault(item, [])
            if kind == "r":
                event = log.review(item, 1, day + n + 2, 1, *when)
                after = (day + n + 2, reviews + 1, lapses + (reviews > 0), suspended, note)
            elif kind in "su":
                event = (log.suspend if kind == "s" else log.unsuspend)(item, *when)
                after = (due_day, reviews, lapses, kind == "s", note)
            elif kind in "fFn":
                note = {"f": "wrong sign", "F": "", "n": None}[kind]
                event = log.flag(item, note, *when)
                after = (due_day, reviews, lapses, suspended, note)
            elif kind == "w":
                event = log.reset(item, *when)
                after = (None, 0, 0, suspended, note)
            else:
                if made:
                    log.undo(made.pop(), *when)
                    past[item].pop()
                continue
            past[item].append(after)
            made.append(event.uid)
        for item, states in past.items():
            *memory, note = states[-1]
            assert log.flag_note(item) == note
            assert log.standings().get(item, (None, 0, 0, False, False))[:5] == (*memory, note is not None)
        assert log.flag_note("never seen") is None


def test_standings_after_an_event_are_those_that_it_and_earlier_ones_do_not_say(log: Log, learner: Any) -> None:
    learner.review("a")
    second = learner.review("b")
    assert log.standings(after=second.id) == {}
    learner.review("c")
    log.flag("a", "why?", *learner.when(1))
    assert log.standings(after=second.id) == {item: log.standings()[item] for item in ("a", "c")}
    log.undo(second.uid, *learner.when(1))
    assert log.standings(after=second.id)["b"].reviews == 0
    assert log.standings().keys() == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("days", "today", "streak"),
    [([], 5, 0), ([5], 5, 1), ([4], 5, 1), ([3], 5, 0), ([2, 3, 4], 5, 3), ([1, 3, 4, 5], 5, 3), ([5, 6], 5, 1)],
)
def test_a_streak_counts_days_in_a_row(log: Log, learner: Any, days: list[int], today: int, streak: int) -> None:
    for day in days:
        learner.review(f"item-{day}", day=day)
    assert log.streak(learner.ordinal(today)) == streak


def test_a_day_whose_answers_were_all_taken_back_is_none_of_a_streak(log: Log, learner: Any) -> None:
    learner.review("a", day=4)
    taken = learner.review("b", day=5)
    assert log.streak(learner.ordinal(5)) == 2
    log.undo(taken.uid, *learner.when(5))
    assert log.streak(learner.ordinal(5)) == 1


def test_last_grades_follow_amendments_undos_and_the_order_of_time(log: Log, learner: Any) -> None:
    learner.review("a", 3, day=1)
    learner.review("a", 1, day=2)
    first = learner.review("b", 4, day=1)
    log.amend(first.uid, 2, learner.ordinal(9), *learner.when(1))
    log.undo(learner.review("b", 1, day=2).uid, *learner.when(2))
    learner.review("c", 4, day=1)
    assert log.last_grades(["a", "b", "never seen"]) == {"a": 1, "b": 2}
    assert log.last_grades([]) == {}
