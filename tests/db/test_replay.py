"""Memory from events: what is kept as one goes along, what a rebuild finds, and a slow plain reckoning agree."""

import tempfile
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.log import Log
from db.schedule import Option, Scheduler
from db.store import LogError

ITEMS = ["a", "b"]
FITTED = [0.4, 1.9, 3.3, 11.2, 6.2, 0.9, 2.4, 0.02, 1.6, 0.2, 0.9, 1.7, 0.1, 0.3, 1.4, 0.4, 2.2, 0.6, 0.1, 0.1, 0.35]
ACTIONS = st.one_of(
    st.tuples(st.just("review"), st.sampled_from(ITEMS), st.integers(1, 4), st.integers(0, 30)),
    st.tuples(st.just("amendment"), st.integers(0, 40), st.integers(1, 4), st.integers(0, 30)),
    st.tuples(st.just("undo"), st.integers(0, 40)),
    st.tuples(st.sampled_from(["suspend", "unsuspend", "reset"]), st.sampled_from(ITEMS)),
    st.tuples(st.just("flag"), st.sampled_from(ITEMS), st.sampled_from([None, "", "odd"])),
    st.tuples(st.just("parameters"), st.sampled_from([Scheduler().parameters, FITTED])),
)
# Days pass, and now and then the clock is set back.
STEPS = st.lists(st.tuples(ACTIONS, st.sampled_from([0, 0, 1, 3, 20, -2])), max_size=40)


def perform(log: Log, action: tuple[Any, ...], uids: list[str], when: tuple[datetime, str, int]) -> dict[str, Any]:
    """Append what the action says and return the event as a plain dictionary."""
    kind, *rest = action
    if kind == "review":
        event = log.review(rest[0], rest[1], when[2] + rest[2], 10, *when)
    elif kind == "amendment":
        event = log.amend(uids[rest[0]], rest[1], when[2] + rest[2], *when)
    elif kind == "undo":
        event = log.undo(uids[rest[0]], *when)
    else:
        event = getattr(log, kind)(*rest, *when)
    fields = ("id", "uid", "at", "day", "kind", "item", "target", "grade", "due_day", "data")
    return {name: getattr(event, name) for name in fields}


def reckon(events: list[dict[str, Any]], item: str) -> dict[str, Any] | None:
    """The memory of an item by going through the whole log again and again, in the words of the design."""
    about = sorted((e for e in events if e["item"] == item), key=lambda e: (e["at"], e["id"]))
    if not about:
        return None
    taken_back = [e["target"] for e in events if e["kind"] == "undo"]
    standing = [e for e in about if e["uid"] not in taken_back and e["kind"] != "undo"]
    resets = [n for n, e in enumerate(standing) if e["kind"] == "reset"]
    since = standing[resets[-1] + 1 :] if resets else standing
    reviews = []
    for review in since:
        if review["kind"] == "review":
            amended = [e for e in standing if e["kind"] == "amendment" and e["target"] == review["uid"]]
            judged = amended[-1] if amended else review
            reviews.append((judged["grade"], review["day"], judged["due_day"]))
    fitted = [e for e in events if e["kind"] == "parameters" and e["uid"] not in taken_back]
    fitted.sort(key=lambda e: (e["at"], e["id"]))
    scheduler = Scheduler(fitted[-1]["data"]["parameters"] if fitted else None)
    option: Option | None = None
    last_day: int | None = None
    lapses = 0
    for grade, day, _ in reviews:
        lapses += grade == 1 and last_day is not None and last_day < day
        option, last_day = scheduler.options(option, last_day, day)[grade], day
    switches = [e["kind"] for e in standing if e["kind"] in ("suspend", "unsuspend")]
    notes = [e["data"]["note"] for e in standing if e["kind"] == "flag"]
    return {
        "item": item,
        "stability": option.stability if option else None,
        "difficulty": option.difficulty if option else None,
        "first_day": reviews[0][1] if reviews else None,
        "last_day": reviews[-1][1] if reviews else None,
        "due_day": reviews[-1][2] if reviews else None,
        "reviews": len(reviews),
        "lapses": lapses,
        "suspended": switches[-1:] == ["suspend"],
        "flagged": notes[-1:] not in ([], [None]),
        "last_event": max(e["id"] for e in about),
    }


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_kept_rebuilt_and_reckoned_memory_are_the_same(steps: list[tuple[tuple[Any, ...], int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Log.open(Path(folder) / "log.db") as log:
        at = datetime(2026, 3, 2, 12, tzinfo=UTC)
        events: list[dict[str, Any]] = []
        for action, days in steps:
            at += timedelta(days=days)
            uids = [e["uid"] for e in events]
            if action[0] in ("amendment", "undo") and action[1] >= len(uids):
                continue
            try:
                events.append(perform(log, action, uids, (at, "UTC", at.toordinal())))
            except LogError:
                # Only what cannot be meant is refused: the target is an undo, was undone, or is no review.
                target = events[action[1]]
                undone = any(e["target"] == target["uid"] and e["kind"] == "undo" for e in events)
                assert undone or target["kind"] == "undo" or (action[0] == "amendment" and target["kind"] != "review")
        kept = {item: log.state(item) for item in ITEMS}
        log.rebuild()
        assert {item: log.state(item) for item in ITEMS} == kept
        for item, memory in kept.items():
            reckoned = reckon(events, item)
            if reckoned is None:
                assert memory is None
            else:
                assert memory is not None
                assert astuple(memory) == tuple(reckoned[name] for name in memory.__dataclass_fields__)


def test_memory_of_a_worked_history(log: Log, learner: Any) -> None:
    learner.review("a", 3, day=0)
    learner.review("a", 1, day=5)  # forgotten
    learner.review("a", 1, day=5)  # again in the same session: not forgotten twice
    learner.review("a", 3, day=5, due=9)
    memory = log.state("a")
    assert memory is not None
    assert (memory.reviews, memory.lapses) == (4, 1)
    assert (memory.first_day, memory.last_day) == (learner.ordinal(0), learner.ordinal(5))
    assert memory.due_day == learner.ordinal(9)


def test_a_reset_forgets_and_its_undo_remembers(log: Log, learner: Any) -> None:
    learner.review("a", 3, day=0, due=4)
    log.flag("a", "why?", *learner.when(0))
    known = log.state("a")
    reset = log.reset("a", *learner.when(1))
    new = log.state("a")
    assert new is not None
    assert known is not None
    assert (new.stability, new.due_day, new.reviews, new.flagged) == (None, None, 0, True)
    log.undo(reset.uid, *learner.when(1))
    again = log.state("a")
    assert again is not None
    assert astuple(again)[:-1] == astuple(known)[:-1]
    assert again.last_event > known.last_event


def test_new_parameters_change_memory_but_no_due_day(log: Log, learner: Any) -> None:
    learner.review("a", 3, day=0, due=4)
    before = log.state("a")
    event = log.parameters(FITTED, *learner.when(1))
    after = log.state("a")
    assert before is not None
    assert after is not None
    assert after.stability == pytest.approx(FITTED[2])  # the first stability of Good
    assert after.due_day == before.due_day
    assert log.scheduler().parameters == pytest.approx(FITTED)
    log.undo(event.uid, *learner.when(1))
    assert log.state("a") == before


def test_parameters_of_another_process_are_noticed(log: Log, learner: Any, path: Path) -> None:
    learner.review("a", 3, day=0)
    with Log.open(path) as other:
        other.parameters(FITTED, *learner.when(0))
    learner.review("b", 3, day=0)
    memory = log.state("b")
    assert memory is not None
    assert memory.stability == pytest.approx(FITTED[2])


def test_parameters_that_fsrs_refuses_are_not_logged(log: Log, learner: Any) -> None:
    with pytest.raises(ValueError, match="Parameters"):
        log.parameters([1.0, 2.0], *learner.when(0))
    assert len(log.scheduler().parameters) == 21
