"""What an item's events add up to.

One pure function, used for a single item after each event and for every item when memory is rebuilt, so that the two
cannot drift apart.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from db.events import Kind, Memory
from db.schedule import AGAIN, Scheduler


class Step(NamedTuple):
    """The columns of an event that memory depends on, named as in the table `events`."""

    id: int
    uid: str
    kind: Kind
    item: str
    target: str | None
    grade: int | None
    day: int
    due_day: int | None
    data: str | None


COLUMNS = ", ".join(Step._fields)
ORDER = "at, id"  # by the clock, because a joined log holds two machines' events; by writing where the clock ties


@dataclass(slots=True)
class _Tally:
    history: list[tuple[int, int]] = field(default_factory=list)  # (grade, day) since the last reset
    due_day: int | None = None
    lapses: int = 0
    suspended: bool = False
    flagged: bool = False


def replay(items: Iterable[Sequence[Step]], scheduler: Scheduler) -> list[Memory]:
    """The memory of each item from all of its events, in order; each sequence is one item's and not empty.

    The due day is the one that was recorded; stability and difficulty are what FSRS makes of the grades and days.
    """
    tallied = [(steps, _tally(steps)) for steps in items]
    pairs = iter(scheduler.memories(tally.history for _, tally in tallied if tally.history))
    memories = []
    for steps, tally in tallied:
        stability, difficulty = next(pairs) if tally.history else (None, None)
        memories.append(
            Memory(
                item=steps[0].item,
                stability=stability,
                difficulty=difficulty,
                first_day=tally.history[0][1] if tally.history else None,
                last_day=tally.history[-1][1] if tally.history else None,
                due_day=tally.due_day,
                reviews=len(tally.history),
                lapses=tally.lapses,
                suspended=tally.suspended,
                flagged=tally.flagged,
                last_event=max(step.id for step in steps),
            )
        )
    return memories


def _tally(steps: Sequence[Step]) -> _Tally:
    undone = {step.target for step in steps if step.kind == "undo"}
    amendments = {step.target: step for step in steps if step.kind == "amendment" and step.uid not in undone}
    tally = _Tally()
    for step in steps:
        if step.uid in undone:
            continue
        match step.kind:
            case "review":
                _count_review(tally, step.day, amendments.get(step.uid, step))
            case "suspend" | "unsuspend":
                tally.suspended = step.kind == "suspend"
            case "flag":
                tally.flagged = json.loads(step.data or "{}").get("note") is not None
            case "reset":
                tally = _Tally(suspended=tally.suspended, flagged=tally.flagged)
    return tally


def _count_review(tally: _Tally, day: int, judged: Step) -> None:
    """Count a review of `day` with the grade and due day of `judged`, the review itself or its amendment."""
    assert judged.grade is not None  # the table's checks
    if judged.grade == AGAIN and tally.history and tally.history[-1][1] < day:
        tally.lapses += 1
    tally.history.append((judged.grade, day))
    tally.due_day = judged.due_day
