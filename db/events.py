"""The records that go in and out of the log: events, the memory they add up to, and the catalogue's rows."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal["review", "amendment", "undo", "suspend", "unsuspend", "flag", "reset", "settings", "parameters"]
Verdict = Literal["right", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the log, its columns explained in schema.sql; `at` is in UTC milliseconds."""

    id: int
    uid: str
    at: int
    zone: str
    day: int
    kind: Kind
    item: str | None = None
    target: str | None = None
    grade: int | None = None
    took_ms: int | None = None
    typed: str | None = None
    verdict: Verdict | None = None
    mistake: str | None = None
    seed: str | None = None
    due_day: int | None = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What an item's events add up to: a row of the table `memory`. An item that is new has no stability."""

    item: str
    stability: float | None
    difficulty: float | None
    first_day: int | None
    last_day: int | None
    due_day: int | None
    reviews: int
    lapses: int
    suspended: bool
    flagged: bool
    last_event: int


class CatalogueItem(NamedTuple):
    """An item of the decks as plain columns; `position` is its place in the order of study."""

    id: str
    kind: str
    topic: str
    importance: str
    week: int
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where the learner was on that study day."""

    day: int
    data: dict[str, Any]
    saved_at: int
