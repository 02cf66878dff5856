"""What the log tells about the time behind: days, weeks and topics, what was hard, and whether FSRS foresaw it.

`history` is a few scans, quick enough to draw a screen with. `recalls` replays FSRS's memory before every review, which
takes a good part of a second where there are many: not on a thread that draws.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from fsrs_rs_python import FSRS, FSRSItem, FSRSReview
from sqlite_utils import Database

from db.queries import flag
from db.schedule import HARD, Scheduler, elapsed_days

LONGEST_LIST = 10  # of mistakes and of hard items


class StudyDay(NamedTuple):
    """A day with at least one review."""

    day: int
    reviews: int
    took_ms: int


class Group(NamedTuple):
    """The items of one topic and week; those suspended before they were ever seen are left out, as nothing asks them.

    `remembered` items are those whose chance of being remembered is at least 90 % on the day asked about.
    """

    topic: str
    week: int
    total: int
    seen: int
    remembered: int


class Hard(NamedTuple):
    """An item that was forgotten, `lapses` times since its last reset."""

    item: str
    lapses: int
    reviews: int


class Mistake(NamedTuple):
    """A named mistake in the answers to one drill."""

    name: str
    item: str
    times: int


class Flag(NamedTuple):
    """An item with the note that stands on it, which may be empty, and the day it was written."""

    item: str
    note: str
    day: int


@dataclass(frozen=True, slots=True)
class History:
    """Days in order; the hardest item, the most frequent mistake and the newest flag first."""

    days: tuple[StudyDay, ...]
    groups: tuple[Group, ...]
    hardest: tuple[Hard, ...]
    mistakes: tuple[Mistake, ...]
    flags: tuple[Flag, ...]


class Recall(NamedTuple):
    """A review of an item last seen on an earlier day: the chance that FSRS gave it, and what came of it."""

    day: int
    predicted: float
    remembered: bool


_DAYS = "SELECT day, reviews, took_ms FROM study_days ORDER BY day"

# Stability is the number of days after which the chance is 90 %.
_GROUPS = """
SELECT i.topic, i.week, count(*),
       count(*) FILTER (WHERE m.reviews > 0),
       count(*) FILTER (WHERE max(0, :day - m.last_day) <= m.stability)
FROM items AS i LEFT JOIN memory AS m ON m.item = i.id
WHERE m.item IS NULL OR m.reviews > 0 OR m.suspended = 0
GROUP BY i.topic, i.week ORDER BY i.topic, i.week
"""

_HARDEST = """
SELECT m.item, m.lapses, m.reviews FROM memory AS m JOIN items AS i ON i.id = m.item
WHERE m.lapses > 0
ORDER BY m.lapses DESC, m.difficulty DESC, m.item LIMIT :longest
"""

_MISTAKES = """
SELECT mistake, item, count(*) AS times FROM effective_events
WHERE kind = 'review' AND mistake IS NOT NULL
GROUP BY mistake, item ORDER BY times DESC, mistake, item LIMIT :longest
"""

# A reset stands in the sequence with no day.
_SEQUENCE = """
SELECT item, grade, day, at, id FROM effective_reviews
UNION ALL
SELECT item, NULL, NULL, at, id FROM effective_events WHERE kind = 'reset'
ORDER BY item, at, id
"""


def history(db: Database, day: int) -> History:
    """Everything but recalls, as the log stands on the study day `day`."""
    return History(
        days=tuple(StudyDay(*row) for row in db.execute(_DAYS)),
        groups=tuple(Group(*row) for row in db.execute(_GROUPS, {"day": day})),
        hardest=tuple(Hard(*row) for row in db.execute(_HARDEST, {"longest": LONGEST_LIST})),
        mistakes=tuple(Mistake(*row) for row in db.execute(_MISTAKES, {"longest": LONGEST_LIST})),
        flags=tuple(_flags(db)),
    )


def recalls(db: Database, scheduler: Scheduler) -> list[Recall]:
    """What FSRS predicted for each review of an item last seen on an earlier day (its resets apart), in no order.

    The prediction is made with the scheduler's parameters from the reviews before that one, as if they had been in
    force all along.
    """
    runs = list(_runs(db))
    items = [FSRSItem(_with_elapsed_days(run)) for run in runs]
    found = []
    for run, states in zip(runs, FSRS(scheduler.parameters).historical_memory_state_batch(items), strict=True):
        for memory, ((_, last_day), (grade, day)) in zip(states, pairwise(run), strict=False):
            if last_day < day:
                chance = scheduler.retrievability(memory, elapsed_days(last_day, day))
                found.append(Recall(day, chance, grade >= HARD))
    return found


def _flags(db: Database) -> Iterator[Flag]:
    """The latest word on each flagged item, the newest first."""
    items = [item for (item,) in db.execute("SELECT item FROM memory WHERE flagged = 1")]
    found = [(event, item) for item in items if (event := flag(db, item)) is not None]
    for event, item in sorted(found, reverse=True):
        yield Flag(item, event.note or "", event.day)


def _runs(db: Database) -> Iterator[list[tuple[int, int]]]:
    """(grade, day) of each item's reviews, from a reset to the next."""
    for _, rows in groupby(db.execute(_SEQUENCE), itemgetter(0)):
        for is_review, run in groupby(rows, lambda row: row[1] is not None):
            if is_review:
                yield [(grade, day) for _, grade, day, *_ in run]


def _with_elapsed_days(run: list[tuple[int, int]]) -> list[FSRSReview]:
    days = [day for _, day in run]
    return [
        FSRSReview(grade, elapsed_days(last_day, day))
        for (grade, day), last_day in zip(run, [None, *days[:-1]], strict=True)
    ]
