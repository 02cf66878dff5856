"""FSRS on study days: what each button would do to an item's memory, and how likely the item is still remembered.

The formulas are FSRS's own (the maintainers' Rust binding); what is decided here is how intervals become days.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS, FSRSItem, FSRSReview, MemoryState, check_and_fill_parameters

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
GRADES = {AGAIN: "again", HARD: "hard", GOOD: "good", EASY: "easy"}
RETENTION = 0.9
LONGEST_INTERVAL = 36_500


class Remembered(Protocol):
    """Anything that carries FSRS's memory of an item; stability is None while the item is new."""

    @property
    def stability(self) -> float | None: ...
    @property
    def difficulty(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Option:
    """What one grade would lead to; `days` is the interval to `due_day`, 0 for Again."""

    grade: int
    due_day: int
    days: int
    stability: float
    difficulty: float


class Scheduler:
    """FSRS-6 with these parameters (17 or 19 of an older FSRS are filled up), aiming at this share remembered."""

    def __init__(self, parameters: Sequence[float] | None = None, retention: float = RETENTION) -> None:
        """Raises ValueError if FSRS cannot work with the parameters or the retention."""
        if not 0 < retention < 1:
            raise ValueError(f"the share to be remembered lies between 0 and 1, not at {retention}")
        self.parameters = check_and_fill_parameters(DEFAULT_PARAMETERS if parameters is None else parameters)
        self.retention = retention
        self._fsrs = FSRS(self.parameters)
        self._decay = self.parameters[20]
        if self._decay <= 0:
            raise ValueError("the last FSRS parameter, the decay of the forgetting curve, is above 0")
        self._factor = 0.9 ** (-1 / self._decay) - 1

    def options(self, memory: Remembered | None, last_day: int | None, today: int) -> dict[int, Option]:
        """The four grades for an item last reviewed on `last_day` (None: never).

        Again comes back today. The others come back on a later day each, Easy after Good and Good not before Hard,
        as far as the longest interval leaves room.
        """
        states = self._fsrs.next_states(_state(memory), self.retention, elapsed_days(last_day, today))
        hard = _whole_days(states.hard.interval)
        good = max(hard, _whole_days(states.good.interval))
        easy = min(max(good + 1, _whole_days(states.easy.interval)), LONGEST_INTERVAL)
        return {
            grade: Option(grade, today + days, days, state.memory.stability, state.memory.difficulty)
            for grade, days, state in (
                (AGAIN, 0, states.again),
                (HARD, hard, states.hard),
                (GOOD, good, states.good),
                (EASY, easy, states.easy),
            )
        }

    def retrievability(self, memory: Remembered, elapsed: int) -> float:
        """The chance of remembering after `elapsed` days: (1 + factor·t/S)^(−decay), FSRS-6's forgetting curve."""
        if memory.stability is None:
            return 0.0
        return math.pow(1 + self._factor * max(0, elapsed) / memory.stability, -self._decay)

    def memories(self, histories: Iterable[Sequence[tuple[int, int]]]) -> list[tuple[float, float]]:
        """Stability and difficulty after each history, a sequence of at least one (grade, day)."""
        states = self._fsrs.memory_state_batch([_fsrs_item(history) for history in histories])
        return [(state.stability, state.difficulty) for state in states]


def elapsed_days(last_day: int | None, today: int) -> int:
    """Days since the last review; 0 if the clock or the zone has since moved back."""
    return 0 if last_day is None else max(0, today - last_day)


def _state(memory: Remembered | None) -> MemoryState | None:
    if memory is None or memory.stability is None or memory.difficulty is None:
        return None
    return MemoryState(memory.stability, memory.difficulty)


def _fsrs_item(history: Sequence[tuple[int, int]]) -> FSRSItem:
    reviews = []
    last_day = None
    for grade, day in history:
        reviews.append(FSRSReview(grade, elapsed_days(last_day, day)))
        last_day = day
    return FSRSItem(reviews)


def _whole_days(interval: float) -> int:
    return min(max(1, math.floor(interval + 0.5)), LONGEST_INTERVAL)
