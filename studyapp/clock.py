"""The time as the session sees it: one object, so that tests can turn the hands."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from db.days import local_zone, study_day


@dataclass
class Clock:
    """Real time in the learner's zone."""

    rollover_hour: int = 4
    zone: str = field(default_factory=local_zone)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds(self) -> float:
        """A clock that only runs forward, for how long an answer took."""
        return time.monotonic()

    def today(self) -> int:
        """The study day as a date ordinal; before the rollover hour it is still yesterday."""
        return study_day(self.now(), self.zone, self.rollover_hour)
