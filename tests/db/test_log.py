"""Appending and reading back: events, undo, settings, bookmarks, hostile text."""

import json
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from db.log import Log, new_uid
from db.store import LogError


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_review_is_in_the_file_as_it_was_given(log: Log, learner: Any, path: Path) -> None:
    event = learner.review(
        "grpo-advantages",
        grade=1,
        day=2,
        due=2,
        took_ms=4321,
        typed="0.9, −0.9",
        verdict="wrong",
        mistake="sample-std",
        seed="42-3",
    )
    columns = "uid, zone, day, kind, item, grade, took_ms, typed, verdict, mistake, seed, due_day, target, data"
    assert rows(path, f"SELECT {columns} FROM events") == [
        (
            event.uid,
            "UTC",
            learner.ordinal(2),
            "review",
            "grpo-advantages",
            1,
            4321,
            "0.9, −0.9",
            "wrong",
            "sample-std",
            "42-3",
            learner.ordinal(2),
            None,
            None,
        )
    ]
    # 4 March 2026, 12:00:01 UTC.
    assert rows(path, "SELECT datetime(at / 1000, 'unixepoch'), at % 1000 FROM events") == [("2026-03-04 12:00:01", 0)]
    assert (event.item, event.typed, event.at) == ("grpo-advantages", "0.9, −0.9", 1772625601000)


def test_a_moment_without_a_zone_is_refused(log: Log) -> None:
    with pytest.raises(ValueError, match="zone"):
        log.suspend("a", datetime(2026, 1, 1), "UTC", 739_000)


@pytest.mark.parametrize("wrong", [{"grade": 5}, {"grade": 0}, {"took_ms": -1}, {"verdict": "perhaps"}, {"item": ""}])
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    log: Log, learner: Any, path: Path, wrong: dict[str, Any]
) -> None:
    with pytest.raises(LogError, match="refused"):
        learner.review(**{"item": "a"} | wrong, bookmark={"here": 1})
    assert rows(path, "SELECT count(*) FROM events") == [(0,)]
    assert log.state("a") is None
    assert log.bookmark() is None


HOSTILE = [
    "'; DROP TABLE events; --",
    '"quotes" and \\backslashes\\',
    "before\0after",
    "🧮👩‍🔬 עברית \u202e ﷽",
    "x" * 1_000_000,
    "%s %(x)s {} {0} ? :name",
    "",
    "\n\r\t\x1b[31m",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_is_kept_as_it_is(log: Log, learner: Any, path: Path, text: str) -> None:
    item = text or "empty"
    learner.review(item, typed=text, verdict="wrong", mistake=text, seed=text, bookmark={text: text})
    log.flag(item, text, *learner.when(0))
    log.settings({text: text}, *learner.when(0))
    assert rows(path, "SELECT item, typed, mistake, seed FROM events WHERE kind = 'review'") == [
        (item, text, text, text)
    ]
    memory = log.state(item)
    assert memory is not None
    assert (memory.item, memory.reviews, memory.flagged) == (item, 1, True)
    bookmark = log.bookmark()
    assert bookmark is not None
    assert bookmark.data == {text: text}
    assert log.current_settings() == {text: text}
    assert [json.loads(data) for (data,) in rows(path, "SELECT data FROM events WHERE kind = 'flag'")] == [
        {"note": text}
    ]


def test_half_a_character_from_a_broken_terminal_is_kept_as_an_escape(log: Log, learner: Any, path: Path) -> None:
    event = learner.review("a", typed="caf\udce9")
    assert event.typed == "caf\\udce9"
    assert rows(path, "SELECT typed FROM events") == [("caf\\udce9",)]


def test_an_amendment_replaces_grade_and_due_day_and_can_be_taken_back(log: Log, learner: Any, path: Path) -> None:
    review = learner.review("a", 3, day=0, due=5)
    first = log.amend(review.uid, 4, learner.ordinal(9), *learner.when(0))
    second = log.amend(review.uid, 1, learner.ordinal(0), *learner.when(0))
    effective = "SELECT uid, grade, due_day, took_ms FROM effective_reviews"
    seen = []
    for uid in (None, second.uid, first.uid, review.uid):
        if uid:
            log.undo(uid, *learner.when(0))
        memory = log.state("a")
        assert memory is not None
        seen.append((memory.due_day, rows(path, effective)))
    day = learner.ordinal
    assert seen == [
        (day(0), [(review.uid, 1, day(0), 1000)]),
        (day(9), [(review.uid, 4, day(9), 1000)]),
        (day(5), [(review.uid, 3, day(5), 1000)]),
        (None, []),
    ]


def test_undoing_an_amended_review_takes_its_amendment_along(log: Log, learner: Any, path: Path) -> None:
    kept = learner.review("a", 3, day=0, due=5)
    review = learner.review("a", 3, day=1, due=8)
    log.amend(review.uid, 4, learner.ordinal(20), *learner.when(1))
    log.undo(review.uid, *learner.when(1))
    assert rows(path, "SELECT uid, grade FROM effective_reviews") == [(kept.uid, 3)]
    memory = log.state("a")
    assert memory is not None
    assert (memory.reviews, memory.due_day) == (1, learner.ordinal(5))


def test_what_cannot_be_taken_back_or_amended_is_refused(log: Log, learner: Any) -> None:
    review = learner.review("a")
    suspended = log.suspend("a", *learner.when(0))
    undo = log.undo(review.uid, *learner.when(0))
    due = learner.ordinal(3)
    with pytest.raises(LogError, match="already taken back"):
        log.undo(review.uid, *learner.when(0))
    with pytest.raises(LogError, match="already taken back"):
        log.amend(review.uid, 3, due, *learner.when(0))
    with pytest.raises(LogError, match="stays so"):
        log.undo(undo.uid, *learner.when(0))
    with pytest.raises(LogError, match="only an answer"):
        log.amend(suspended.uid, 3, due, *learner.when(0))
    with pytest.raises(LogError, match="no event"):
        log.undo("nobody", *learner.when(0))


def test_suspending_and_flagging_are_switches(log: Log, learner: Any) -> None:
    def switches() -> tuple[bool, bool]:
        memory = log.state("a")
        assert memory is not None
        return memory.suspended, memory.flagged

    log.suspend("a", *learner.when(0))
    assert switches() == (True, False)
    log.flag("a", "", *learner.when(0))
    assert switches() == (True, True)
    log.unsuspend("a", *learner.when(0))
    assert switches() == (False, True)
    event = log.flag("a", None, *learner.when(0))
    assert switches() == (False, False)
    log.undo(event.uid, *learner.when(0))
    assert switches() == (False, True)


def test_a_later_setting_wins_until_it_is_taken_back(log: Log, learner: Any) -> None:
    assert log.current_settings() == {}
    log.settings({"new_per_day": 10, "exam": "2026-12-01"}, *learner.when(0))
    later = log.settings({"new_per_day": 20, "keys": {"undo": "z"}}, *learner.when(0))
    assert log.current_settings() == {"new_per_day": 20, "exam": "2026-12-01", "keys": {"undo": "z"}}
    log.settings({"exam": None}, *learner.when(0))
    assert log.current_settings() == {"new_per_day": 20, "keys": {"undo": "z"}}
    log.undo(later.uid, *learner.when(0))
    assert log.current_settings() == {"new_per_day": 10}


def test_another_windows_answer_shows_in_last_event(log: Log, learner: Any, path: Path) -> None:
    first = learner.review("a")
    with Log.open(path) as other:
        second = other.review("a", 3, learner.ordinal(4), 10, *learner.when(0))
    memory = log.state("a")
    assert memory is not None
    assert (memory.last_event, memory.reviews) == (second.id, 2)
    assert second.id > first.id


def test_a_bookmark_is_kept_replaced_and_cleared(log: Log, learner: Any, path: Path) -> None:
    at, _, day = learner.when(0)
    log.save_bookmark({"queue": ["a", "b"]}, at, day)
    log.save_bookmark({"chapter": 3}, at, day, name="guide")
    uid = new_uid()
    review = learner.review("a", bookmark={"queue": ["b"], "undo": [uid]}, uid=uid)
    assert review.uid == uid
    with Log.open(path) as later:
        bookmark = later.bookmark()
        assert bookmark is not None
        assert (bookmark.day, bookmark.data) == (day, {"queue": ["b"], "undo": [uid]})
        assert bookmark.saved_at == review.at
        later.clear_bookmark()
        assert later.bookmark() is None
        guide = later.bookmark("guide")
        assert guide is not None
        assert guide.data == {"chapter": 3}
    log.amend(uid, 4, learner.ordinal(4), *learner.when(0), bookmark={"n": 1})
    bookmark = log.bookmark()
    assert bookmark is not None
    assert bookmark.data == {"n": 1}
    log.undo(uid, *learner.when(0), bookmark={"n": 2})
    bookmark = log.bookmark()
    assert bookmark is not None
    assert bookmark.data == {"n": 2}


def test_a_refused_event_leaves_the_bookmark_where_it_was(log: Log, learner: Any) -> None:
    learner.review("a", bookmark={"n": 1})
    with pytest.raises(LogError):
        log.undo("nobody", *learner.when(0), bookmark={"n": 2})
    bookmark = log.bookmark()
    assert bookmark is not None
    assert bookmark.data == {"n": 1}


def test_one_uid_names_one_event(log: Log, learner: Any) -> None:
    uid = new_uid()
    learner.review("a", uid=uid)
    with pytest.raises(LogError, match="refused"):
        learner.review("b", uid=uid)


def test_a_failing_computation_leaves_neither_event_nor_memory(
    log: Log, learner: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.review("a")
    before = log.state("a")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("db.log.replay", interrupted)
    with pytest.raises(KeyboardInterrupt):
        learner.review("a")
    monkeypatch.undo()
    assert rows(path, "SELECT count(*) FROM events") == [(1,)]
    assert log.state("a") == before
    learner.review("a")


def test_importing_the_log_imports_nothing_heavy() -> None:
    heavy = ["torch", "sympy", "textual", "sqlite_utils.cli", "fsrs", "asyncio"]
    script = f"import sys, db.log, db.days; print([name for name in {heavy} if name in sys.modules])"
    # Not click, numpy and pandas: sqlite-utils itself imports the one always, the others where they are installed.
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
