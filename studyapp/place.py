"""Where the learner was: the queue and what has been done, as the log's bookmark keeps them between sittings.

Written with every answer, so the entries are named tuples: JSON takes those as they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from db.log import Log


class Waiting(NamedTuple):
    """An entry of the queue. `seed` is empty for a card; `seen` counts the item's reviews when it was queued."""

    item: str
    seed: str
    seen: int
    not_before: int = 0  # how many items must have been answered first
    skipped: bool = False


class Done(NamedTuple):
    """One thing that was done and can be undone: an answer (grade 1 to 4) or a suspension (grade 0)."""

    uid: str
    grade: int
    took_ms: int
    entry: Waiting
    verdict: str | None = None
    was_new: bool = False
    comes_back: bool = True  # whether undoing it asks the item again


@dataclass(slots=True)
class QueueText:
    """A queue as JSON, made anew only when the queue is another: it may be hundreds of entries long."""

    queue: list[Waiting] | None = None
    text: str = ""

    def of(self, queue: list[Waiting]) -> str:
        if queue != self.queue:
            self.queue, self.text = [*queue], json.dumps(queue, allow_nan=False)
        return self.text


@dataclass(slots=True)
class Place:
    """A sitting as it can be left and taken up again."""

    queue: list[Waiting] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    typed: str = ""  # what stood in the answer line of the first entry

    def written(self, texts: QueueText | None = None) -> str:
        """As the log's bookmark keeps it."""
        rest = json.dumps({"done": self.done, "typed": self.typed}, allow_nan=False)
        return f'{{"queue": {(texts or QueueText()).of(self.queue)}, {rest[1:]}'

    @classmethod
    def of(cls, log: Log, today: int) -> Place:
        """Where the learner was left today; an older place, or one of another version, is forgotten."""
        kept = log.bookmark()
        if kept is None or kept.day != today:
            return cls()
        try:
            queue = [Waiting(*entry) for entry in kept.data["queue"]]
            done = [Done(*entry)._replace(entry=Waiting(*entry[3])) for entry in kept.data["done"]]
            return cls(queue, done, str(kept.data["typed"]))
        except (KeyError, TypeError, IndexError):
            return cls()
