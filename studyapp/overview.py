"""What stands before the learner today, in plain numbers: the home screen, `stats` and the summary read it."""

from __future__ import annotations

from dataclasses import dataclass

from db.log import Log
from db.queries import Count
from studyapp.learner import DERIVATION
from studyapp.place import Place
from studyapp.plan import due_derivations, new_left

SECONDS_AN_ITEM = 25  # before there is a history to tell
SECONDS_A_DERIVATION = 8 * 60
FORECAST_DAYS = 60


@dataclass(frozen=True, slots=True)
class TopicRow:
    """How a topic stands."""

    topic: str
    due: int
    new: int
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Today at a glance."""

    today: int
    due: int  # what is asked today, derivations among it
    new: int  # the day's share of new items that is left
    new_waiting: int  # cards and drills never seen, whatever the share
    resume: int  # items left of a session that was left today
    topics: tuple[TopicRow, ...]
    forecast: tuple[tuple[int, int], ...]  # (day, items due)
    streak: int  # study days in a row with answers, today's included if there are any
    derivations: int  # how many of those due are derivations
    put_off: int  # derivations that are due beyond the two of a day: they come another day

    @property
    def total(self) -> int:
        return self.due + self.new

    @property
    def minutes(self) -> int:
        seconds = (self.total - self.derivations) * SECONDS_AN_ITEM + self.derivations * SECONDS_A_DERIVATION
        return max(1, round(seconds / 60))


def look(log: Log, today: int) -> Overview:
    """Read the log; a few milliseconds also when it is long."""
    counts = log.counts(today)
    waiting = counts.total.new - counts.kinds.get(DERIVATION, Count(0, 0, 0)).new
    asked, put_off = due_derivations(log, today)
    ahead = log.forecast(today, FORECAST_DAYS)
    ahead[0] -= put_off
    ahead[1] += put_off
    return Overview(
        today=today,
        due=counts.total.due - put_off,
        new=min(waiting, new_left(log, today)),
        new_waiting=waiting,
        resume=len(Place.of(log, today).queue),
        topics=tuple(TopicRow(topic, row.due, row.new, row.total) for topic, row in counts.topics.items()),
        forecast=tuple(enumerate(ahead, start=today)),
        streak=log.streak(today),
        derivations=len(asked),
        put_off=put_off,
    )
