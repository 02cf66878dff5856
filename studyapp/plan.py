"""What a sitting asks: what is due by urgency, derivations last, and the day's share of new items in study order."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.events import Memory
from db.log import Log
from db.queries import Due
from decks.items import Drill
from studyapp.learner import DERIVATION
from studyapp.levels import too_early
from studyapp.ordering import Candidate, arrange
from studyapp.place import Waiting
from studyapp.settings import Settings

if TYPE_CHECKING:
    from decks.library import Library

DERIVATIONS_A_DAY = 2  # of those due: each takes as long as twenty cards
MORE_NEW = 10  # new items at a time beyond the day's share, on request


@dataclass(frozen=True, slots=True)
class Scope:
    """What the learner asked for. The defaults mean: everything that is due today."""

    topic: str | None = None
    limit: int | None = None  # items at most
    minutes: float | None = None
    more_new: int = 0  # new items beyond the day's share
    items: tuple[str, ...] = ()  # these and no others, whether they are due or not

    @property
    def is_whole(self) -> bool:
        """Whether it is a place to come back to; a part of what is due leaves the learner's place alone."""
        return self.topic is None and self.limit is None and not self.items


def new_left(log: Log, today: int, more: int = 0) -> int:
    """How many new items the day still has room for."""
    return max(0, Settings.of(log).new_per_day - log.introduced(today)) + more


def due_derivations(log: Log, today: int, topic: str | None = None) -> tuple[list[Due], int]:
    """Those that are asked today, most urgent first, and how many more are due and wait for another day.

    What was done today counts, what was done on the learner's own account too; whoever names a topic may have more.
    """
    due = log.due(today, topic, kind=DERIVATION)
    done = log.answered(today, DERIVATION) if due and topic is None else set()
    again = [row for row in due if row.item in done]
    others = [row for row in due if row.item not in done]
    asked = (others[: max(0, DERIVATIONS_A_DAY - len(done))] + again)[:DERIVATIONS_A_DAY]
    return asked, len(due) - len(asked)


def plan(library: Library, log: Log, today: int, scope: Scope) -> list[Waiting]:
    """The queue of a fresh sitting."""
    if scope.items:
        return [_waiting(library, item, log.state(item)) for item in scope.items if library.find(item) is not None]
    due = [row for row in log.due(today, topic=scope.topic) if row.item in library.items]
    long = [row for row in due_derivations(log, today, scope.topic)[0] if row.item in library.derivations]
    share = new_left(log, today, scope.more_new)
    if scope.topic is not None and not due and not long and not share:
        share = MORE_NEW  # whoever names a topic wants to study it, also after the day's share
    early = too_early(library, log) if share else set()
    offered = log.new(topic=scope.topic, limit=share + len(early)) if share else []
    new = [row for row in offered if row.item in library.items and row.item not in early][:share]
    if scope.limit is not None:
        due = due[: scope.limit]
        long = long[: scope.limit - len(due)]
        new = new[: scope.limit - len(due) - len(long)]
    reviews = {row.item: row.reviews for row in due}
    order = arrange([_candidate(library, row.item) for row in due], [_candidate(library, row.item) for row in new])
    queue = [
        Waiting(candidate.item, fresh_seed() if candidate.is_drill else "", reviews.get(candidate.item, 0))
        for candidate in order
    ]
    after = max((place for place, entry in enumerate(queue, 1) if entry.seen), default=0)
    queue[after:after] = [Waiting(row.item, "", row.reviews) for row in long]
    return queue


def _waiting(library: Library, item: str, state: Memory | None) -> Waiting:
    is_drill = isinstance(library.find(item), Drill)
    return Waiting(item, fresh_seed() if is_drill else "", state.reviews if state is not None else 0)


def fresh_seed() -> str:
    """A seed that no learner has seen: digits, so that DRILL@SEED can be typed."""
    return str(secrets.randbelow(10**9))


def _candidate(library: Library, item_id: str) -> Candidate:
    item = library.items[item_id]
    return Candidate(item.id, item.topic, isinstance(item, Drill))
