"""How far the learner has come: the log's history joined with the decks, as plain facts for the progress screen.

`look_back` is quick; `Foresight.of` works on what `Log.recalls` takes its time to find.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count

from db.history import History, Recall
from db.log import Log
from decks.library import Library
from studyapp.browsing import one_line

LEVELS = 4  # shades of a day with answers
MONTHS = 12
BINS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.95)  # where one class of predicted chances ends and the next begins


@dataclass(frozen=True, slots=True)
class Share:
    """Of `total` items, `remembered` would be remembered today (a chance of 90 % or more) and `fading` ones less
    likely; the rest is new."""

    name: str
    total: int
    remembered: int
    fading: int

    @property
    def seen(self) -> int:
        return self.remembered + self.fading

    @property
    def new(self) -> int:
        return self.total - self.seen


@dataclass(frozen=True, slots=True)
class WeekOfPlan:
    """A week of the study plan: how many of its items have been seen, and its topics in order of study."""

    week: int
    total: int
    seen: int
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HardItem:
    item: str
    title: str
    lapses: int
    reviews: int


@dataclass(frozen=True, slots=True)
class FlaggedItem:
    item: str
    title: str
    note: str
    day: int


@dataclass(frozen=True, slots=True)
class NamedMistake:
    name: str
    drill: str
    times: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Days are date ordinals; `days` holds those with answers, `spent` the milliseconds of each week by its Monday,
    without gaps up to this week. Topics stand in the order of study."""

    today: int
    days: Mapping[int, int]
    spent: tuple[tuple[int, int], ...]
    streak: int
    longest_streak: int
    topics: tuple[Share, ...]
    plan: tuple[WeekOfPlan, ...]
    hardest: tuple[HardItem, ...]
    mistakes: tuple[NamedMistake, ...]
    flagged: tuple[FlaggedItem, ...]

    @property
    def reviews(self) -> int:
        return sum(self.days.values())

    @property
    def took_ms(self) -> int:
        return sum(took_ms for _, took_ms in self.spent)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look back on yet."""
        return not self.days and not self.flagged


def look_back(library: Library, log: Log, today: int) -> Progress:
    """Read the log; well under a tenth of a second also when it is long."""
    history = log.history(today)
    days = {row.day: row.reviews for row in history.days}
    everything = (*library.items.values(), *library.derivations.values())
    topics = list(dict.fromkeys(item.topic for item in everything))
    return Progress(
        today=today,
        days=days,
        spent=_spent(history, today),
        streak=streak(days, today),
        longest_streak=max((streak(days, day) for day in days if day + 1 not in days), default=0),
        topics=_shares(history, topics),
        plan=_plan(history, topics),
        hardest=tuple(
            HardItem(row.item, _title(library, row.item), row.lapses, row.reviews) for row in history.hardest
        ),
        mistakes=tuple(NamedMistake(row.name, row.item, row.times) for row in history.mistakes),
        flagged=tuple(FlaggedItem(row.item, _title(library, row.item), row.note, row.day) for row in history.flags),
    )


def streak(days: Mapping[int, int], today: int) -> int:
    """Consecutive days with answers up to today, or up to yesterday while nothing has been answered today."""
    last = today if today in days else today - 1
    return next(length for length in count() if last - length not in days)


def monday(day: int) -> int:
    """The Monday of that day's week; ordinal 1 was one."""
    return day - (day - 1) % 7


def shade(answers: int, thresholds: tuple[int, ...]) -> int:
    """0 for a day without answers, else 1 to LEVELS by how many thresholds it reaches."""
    return 0 if not answers else 1 + bisect_right(thresholds, answers)


def thresholds(answers: Iterable[int]) -> tuple[int, ...]:
    """Where the second and further shades begin: at quartiles of the days with answers, so that one long day does not
    make all others pale."""
    studied = sorted(number for number in answers if number)
    if not studied:
        return ()
    cuts = [studied[len(studied) * level // LEVELS] for level in range(1, LEVELS)]
    return tuple(cut for cut in dict.fromkeys(cuts) if cut > studied[0])


def _title(library: Library, item: str) -> str:
    known = library.items.get(item) or library.derivations.get(item)
    return one_line(known) if known is not None else f"{item} (no longer in the decks)"


def _spent(history: History, today: int) -> tuple[tuple[int, int], ...]:
    if not history.days:
        return ()
    weeks = dict.fromkeys(range(monday(history.days[0].day), today + 1, 7), 0)
    for row in history.days:
        weeks[monday(row.day)] = weeks.get(monday(row.day), 0) + row.took_ms
    return tuple(weeks.items())


def _shares(history: History, topics: list[str]) -> tuple[Share, ...]:
    shares = []
    for topic in topics:
        groups = [group for group in history.groups if group.topic == topic]
        remembered = sum(group.remembered for group in groups)
        seen = sum(group.seen for group in groups)
        shares.append(Share(topic, sum(group.total for group in groups), remembered, seen - remembered))
    return tuple(share for share in shares if share.total)


def _plan(history: History, topics: list[str]) -> tuple[WeekOfPlan, ...]:
    weeks = []
    for week in sorted({group.week for group in history.groups}):
        groups = {group.topic: group for group in history.groups if group.week == week}
        total = sum(group.total for group in groups.values())
        seen = sum(group.seen for group in groups.values())
        weeks.append(WeekOfPlan(week, total, seen, tuple(topic for topic in topics if topic in groups)))
    return tuple(weeks)


@dataclass(frozen=True, slots=True)
class Compared:
    """Of some reviews, the share that was remembered and the share that FSRS predicted."""

    name: str
    reviews: int
    remembered: float
    predicted: float


@dataclass(frozen=True, slots=True)
class Foresight:
    """True retention against the predicted one, over everything (None without such reviews), by month and by how
    likely FSRS thought it. Months and classes without reviews are left out."""

    whole: Compared | None
    months: tuple[Compared, ...]
    chances: tuple[Compared, ...]

    @classmethod
    def of(cls, recalls: list[Recall]) -> Foresight:
        by_month: dict[tuple[int, int], list[Recall]] = {}
        by_chance: dict[int, list[Recall]] = {}
        months: dict[int, tuple[int, int]] = {}  # of a day; far fewer than recalls
        for recall in recalls:
            if recall.day not in months:
                when = date.fromordinal(recall.day)
                months[recall.day] = when.year, when.month
            by_month.setdefault(months[recall.day], []).append(recall)
            by_chance.setdefault(bisect_right(BINS, recall.predicted), []).append(recall)
        return cls(
            whole=_compare("all", recalls) if recalls else None,
            months=tuple(
                _compare(f"{date(year, month, 1):%b} {year}", by_month[year, month])
                for year, month in sorted(by_month)[-MONTHS:]
            ),
            chances=tuple(_compare(_chance_name(place), by_chance[place]) for place in sorted(by_chance)),
        )


def _compare(name: str, recalls: list[Recall]) -> Compared:
    number = len(recalls)
    return Compared(
        name=name,
        reviews=number,
        remembered=sum(recall.remembered for recall in recalls) / number,
        predicted=sum(recall.predicted for recall in recalls) / number,
    )


def _chance_name(place: int) -> str:
    """A class of chances: `under 50%`, `70–80%`, `over 95%`."""
    if place == 0:
        return f"under {BINS[0]:.0%}"
    return f"over {BINS[-1]:.0%}" if place == len(BINS) else f"{BINS[place - 1] * 100:.0f}–{BINS[place]:.0%}"
