"""What is due, what is new and what lies ahead. Only items of the catalogue are offered, and none that is suspended."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fsrs_rs_python import MemoryState
from sqlite_utils import Database

from db.renames import EVERY_NAME
from db.schedule import Scheduler, elapsed_days


@dataclass(frozen=True, slots=True)
class New:
    """An item never reviewed, or not since its reset."""

    item: str
    kind: str
    topic: str
    importance: str
    week: int
    position: int


@dataclass(frozen=True, slots=True)
class Due:
    """An item to be reviewed now; `retrievability` is the chance that it is still remembered."""

    item: str
    kind: str
    topic: str
    importance: str
    week: int
    position: int
    due_day: int
    reviews: int
    retrievability: float


@dataclass(frozen=True, slots=True)
class Count:
    """How many items are due and new, and how many there are in all, suspended ones included."""

    due: int
    new: int
    total: int

    def __add__(self, other: "Count") -> "Count":
        return Count(self.due + other.due, self.new + other.new, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Counts:
    topics: dict[str, Count]
    kinds: dict[str, Count]
    total: Count


class Standing(NamedTuple):
    """How an item that has events stands since the last of them; `due_day` is None while it is new."""

    due_day: int | None
    reviews: int
    lapses: int
    suspended: bool
    flagged: bool
    last_event: int


def due(
    db: Database, scheduler: Scheduler, day: int, topic: str | None, limit: int | None, kind: str | None = None
) -> list[Due]:
    """What is due on `day`, most urgent first.

    On the forgetting curve the chance of remembering falls as elapsed days over stability rises, so SQL can sort by
    that; ties (everything reviewed today has chance 1) go to the earlier due day and then to the order of study.
    """
    rows = db.execute(
        """
        SELECT i.id, i.kind, i.topic, i.importance, i.week, i.position, m.due_day, m.reviews,
               m.stability, m.difficulty, m.last_day
        FROM memory AS m JOIN items AS i ON i.id = m.item
        WHERE m.suspended = 0 AND m.due_day <= :day AND (:topic IS NULL OR i.topic = :topic)
              AND (:kind IS NULL OR i.kind = :kind)
        ORDER BY max(0, :day - m.last_day) / m.stability DESC, m.due_day, i.position, i.id
        LIMIT :limit
        """,
        {"day": day, "topic": topic, "kind": kind, "limit": -1 if limit is None else limit},
    )
    found = []
    for item, kind, name, importance, week, position, due_day, reviews, stability, difficulty, last_day in rows:
        chance = scheduler.retrievability(MemoryState(stability, difficulty), elapsed_days(last_day, day))
        found.append(Due(item, kind, name, importance, week, position, due_day, reviews, chance))
    return found


def new(db: Database, topic: str | None, limit: int | None) -> list[New]:
    """Items that are new, in the order of study."""
    rows = db.execute(
        """
        SELECT i.id, i.kind, i.topic, i.importance, i.week, i.position
        FROM items AS i LEFT JOIN memory AS m ON m.item = i.id
        WHERE (m.item IS NULL OR (m.reviews = 0 AND m.suspended = 0)) AND (:topic IS NULL OR i.topic = :topic)
        ORDER BY i.position, i.id
        LIMIT :limit
        """,
        {"topic": topic, "limit": -1 if limit is None else limit},
    )
    return [New(*row) for row in rows]


def introduced(db: Database, day: int) -> int:
    """How many items had their first review (since a reset) on that day."""
    return int(db.execute("SELECT count(*) FROM memory WHERE first_day = ?", [day]).fetchone()[0])


def answered(db: Database, day: int, kind: str) -> set[str]:
    """The items of that kind that were last reviewed on that day."""
    rows = db.execute(
        "SELECT i.id FROM memory AS m JOIN items AS i ON i.id = m.item WHERE m.last_day = ? AND i.kind = ?", [day, kind]
    )
    return {item for (item,) in rows}


def counts(db: Database, day: int) -> Counts:
    """Due, new and total for each topic, in study order, for each kind, and for all together."""
    rows = db.execute(
        """
        SELECT i.topic, i.kind,
               count(*) FILTER (WHERE m.due_day <= ? AND m.suspended = 0),
               count(*) FILTER (WHERE m.item IS NULL OR (m.reviews = 0 AND m.suspended = 0)),
               count(*)
        FROM items AS i LEFT JOIN memory AS m ON m.item = i.id
        GROUP BY i.topic, i.kind ORDER BY min(i.position)
        """,
        [day],
    )
    nothing = Count(0, 0, 0)
    topics: dict[str, Count] = {}
    kinds: dict[str, Count] = {}
    for topic, kind, *numbers in rows:
        topics[topic] = topics.get(topic, nothing) + Count(*numbers)
        kinds[kind] = kinds.get(kind, nothing) + Count(*numbers)
    return Counts(topics, kinds, sum(topics.values(), nothing))


def forecast(db: Database, day: int, days: int) -> list[int]:
    """How many items fall due on `day` and the days after it; the first number includes everything overdue."""
    rows = db.execute(
        """
        SELECT max(m.due_day, :day) AS falls_on, count(*)
        FROM memory AS m JOIN items AS i ON i.id = m.item
        WHERE m.suspended = 0 AND m.due_day < :day + :days
        GROUP BY falls_on
        """,
        {"day": day, "days": days},
    )
    by_day = dict(rows.fetchall())
    return [by_day.get(day + ahead, 0) for ahead in range(days)]


def streak(db: Database, day: int) -> int:
    """How many study days in a row have answers, up to `day`, or up to the day before while there are none yet."""
    found = "SELECT EXISTS (SELECT 1 FROM effective_events WHERE kind = 'review' AND day = ?)"
    last = day if db.execute(found, [day]).fetchone()[0] else day - 1
    first = last
    while db.execute(found, [first]).fetchone()[0]:
        first -= 1
    return last - first


def standings(db: Database, after: int = 0) -> dict[str, Standing]:
    """Every item that has events with a higher id than `after`, whether it is in the catalogue or not."""
    rows = db.execute(
        "SELECT item, due_day, reviews, lapses, suspended, flagged, last_event FROM memory WHERE last_event > ?",
        [after],
    )
    return {
        item: Standing(due_day, reviews, lapses, off == 1, flag == 1, last_event)
        for item, due_day, reviews, lapses, off, flag, last_event in rows
    }


class FlagEvent(NamedTuple):
    """When an item was flagged, and the note; None where the flag was taken away."""

    at: int
    id: int
    day: int
    note: str | None


def last_grades(db: Database, items: Sequence[str]) -> dict[str, int]:
    """The grade of each item's last review; items without one are left out. Reads the whole log: for a thread."""
    rows = db.execute(
        f"SELECT item, grade FROM effective_reviews WHERE item IN ({', '.join('?' * len(items))}) ORDER BY at, id",
        list(items),
    )
    return dict(rows)


def flag_note(db: Database, item: str) -> str | None:
    """The note of the item's flag; None if it is not flagged."""
    found = flag(db, item)
    return None if found is None else found.note


def flag(db: Database, item: str) -> FlagEvent | None:
    """The latest word on the item's flag; None if it was never flagged."""
    row = db.execute(
        f"SELECT at, id, day, data FROM effective_events WHERE logged_as {EVERY_NAME} AND kind = 'flag' "
        "ORDER BY at DESC, id DESC LIMIT 1",
        {"item": item},
    ).fetchone()
    if row is None:
        return None
    at, number, written, data = row
    return FlagEvent(at, number, written, json.loads(data)["note"])
