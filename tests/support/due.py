"""A small library with derivations that may be due, and its log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from derivations import with_derivations
from standins import AtOnce, HandClock, open_log

from studyapp.plan import Scope, plan
from studyapp.session import Session

SCORE, PUT_IN, APART = "derive-score", "derive-put-in", "derive-apart"


class Place:
    """A library of `cards` cards and three derivations, with its log."""

    def __init__(self, home: Path, make: Any, clock: HandClock, cards: int, drills: int = 0) -> None:
        self.home, self.clock = home, clock
        self.library = with_derivations(make(cards=cards, drills=drills, topics=1).library, home / "more")
        self.log, self.solver = open_log(home, self.library), AtOnce()

    def review(self, item: str, due_in: int = 0, days_ago: int = 3) -> None:
        day = self.clock.today()
        self.log.review(item, 3, day + due_in, 1000, self.clock.now(), self.clock.zone, day - days_ago)

    def session(self, **scope: Any) -> Session:
        return Session(self.library, self.log, self.solver, self.clock, Scope(**scope))  # type: ignore[arg-type]

    def queue(self, **scope: Any) -> list[str]:
        return [entry.item for entry in plan(self.library, self.log, self.clock.today(), Scope(**scope))]

    def reviews(self, item: str) -> list[tuple[Any, ...]]:
        with self.log._store.reading() as db:
            sql = "SELECT grade, verdict, typed FROM effective_reviews WHERE item = ? AND day = ? ORDER BY id"
            return db.execute(sql, [item, self.clock.today()]).fetchall()
