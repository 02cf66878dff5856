"""What a learner may set: typed, with defaults, read from the log. A value that makes no sense counts as not set."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Self

from db.days import ROLLOVER_HOUR
from db.log import Log
from db.schedule import GOOD, RETENTION
from studyapp.clock import Clock
from studyapp.words import count


class Range(NamedTuple):
    """The values of a number, from `low` to `high`. It is typed and moved in whole units, `units` of them to one."""

    low: float
    high: float
    units: int = 1

    def holds(self, value: object) -> bool:
        """Whether `value`, which may be anything, is a number of this range."""
        kind = int if self.units == 1 else float
        return type(value) is kind and self.low <= value <= self.high

    def moved(self, value: float, units: int) -> float:
        """`value` so many units on, no further than the ends."""
        low, high = round(self.low * self.units), round(self.high * self.units)
        return self._value(min(max(round(value * self.units) + units, low), high))

    def read(self, typed: str) -> float | None:
        """The value of the units that were typed; None if they are no whole number or out of range."""
        if not (typed.isascii() and typed.isdecimal()) or len(typed) > 4:
            return None
        value = self._value(int(typed))
        return value if self.holds(value) else None

    def _value(self, units: int) -> float:
        return units if self.units == 1 else units / self.units


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Written to the log one by one, as events of the kind `settings`."""

    new_per_day: int = 10
    """New items a day brings at most, over all sittings of that day."""

    retention: float = RETENTION
    """The share of items to be remembered when they come back: what FSRS aims its intervals at."""

    rollover_hour: int = ROLLOVER_HOUR
    """The hour of the learner's clock at which a study day begins."""

    theme: str | None = None
    """A Textual theme by name; None leaves it to Textual, which honours TEXTUAL_THEME."""

    welcomed: bool = False
    """Whether the welcome has been seen or skipped."""

    @classmethod
    def of(cls, log: Log) -> Self:
        """What the log says, with the default for whatever is missing there or makes no sense."""
        kept = log.current_settings()
        return cls(**{field.name: kept[field.name] for field in fields(cls) if _makes_sense(field.name, kept)})


RANGES = {
    "new_per_day": Range(0, 200),
    "retention": Range(0.70, 0.97, units=100),
    "rollover_hour": Range(0, 23),
}


def _makes_sense(name: str, kept: dict[str, Any]) -> bool:
    value = kept.get(name)
    if name in RANGES:
        return RANGES[name].holds(value)
    return isinstance(value, bool if name == "welcomed" else str)


def clock_of(log: Log) -> Clock:
    """Real time, with days that begin when the learner's do."""
    return Clock(Settings.of(log).rollover_hour)


# For the screen: what each setting is called, reads as and does.

WORDS = {
    "new_per_day": "New items a day",
    "retention": "Retention aimed at",
    "rollover_hour": "A day begins at",
    "theme": "Theme",
}


def shown(name: str, value: float) -> str:
    """A number as people read it: `10`, `90 %`, `4:00`."""
    if name == "retention":
        return f"{value * 100:.0f} %"
    return f"{value}:00" if name == "rollover_hour" else str(value)


def explained(name: str, settings: Settings, log: Log, today: int) -> str:
    """One line on what a setting does, with what its present value leads to."""
    if name == "new_per_day":
        return "0 to 200. What is due comes on top of them."
    if name == "retention":
        days = log.scheduler(settings.retention).options(None, None, today)[GOOD].days
        return f"70 to 97 %. Higher is more work: a first Good now returns after {count(days, 'day')}."
    if name == "rollover_hour":
        return "0 to 23. Until then it is still yesterday."
    return "Shown as you go; the one you stop at is kept."
