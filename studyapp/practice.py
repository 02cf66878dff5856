"""Free practice: one exercise after another, none of it scheduled and nothing written. Knows nothing of any screen."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from decks.exercises import Exercise
from decks.items import Drill
from decks.library import Library
from decks.verdict import Verdict
from studyapp.plan import fresh_seed
from studyapp.session import Solver
from studyapp.words import count


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be practised: one drill, or several mixed."""

    name: str
    topic: str
    says: str
    drills: tuple[Drill, ...]


def choices(library: Library, early: Collection[str] = ()) -> list[Choice]:
    """Everything mixed first; then topic by topic in study order: its drills mixed, if they are several, and each.

    Mixtures leave out the drills in `early`, levels that the learner is not ready for; each can be chosen all the same.
    """
    by_topic: dict[str, list[Drill]] = {}
    for drill in library.drills.values():
        by_topic.setdefault(drill.topic, []).append(drill)
    everything = _ready(library.drills.values(), early)
    later = _later(len(library.drills) - len(everything))
    found = [Choice("mixed", "all topics", f"{count(len(everything), 'drill')}, shuffled{later}.", everything)]
    for topic, drills in by_topic.items():
        ready = _ready(drills, early)
        if len(ready) > 1:
            later = _later(len(drills) - len(ready))
            found.append(Choice("mixed", topic, f"The {len(ready)} drills of {topic}, shuffled{later}.", ready))
        found += [Choice(drill.id, topic, drill.description, (drill,)) for drill in drills]
    return found if everything else []


def _later(levels: int) -> str:
    """How many harder drills a mixture has yet to offer."""
    return f"; {levels} harder {'one joins' if levels == 1 else 'ones join'} as you get on" if levels else ""


def _ready(drills: Iterable[Drill], early: Collection[str]) -> tuple[Drill, ...]:
    return tuple(drill for drill in drills if drill.id not in early)


@dataclass(slots=True)
class Attempt:
    """An exercise before the learner. `solved`: its solution is shown, after a verdict or because it was given up."""

    drill: Drill
    seed: str
    exercise: Future[Exercise]
    typed: str = ""
    verdict: Verdict | None = None
    solved: bool = False

    @property
    def made(self) -> Exercise | None:
        """The exercise, if it has been made."""
        done = self.exercise.done() and not self.has_failed
        return self.exercise.result() if done else None

    @property
    def has_failed(self) -> bool:
        return self.exercise.done() and (self.exercise.cancelled() or self.exercise.exception() is not None)


@dataclass(slots=True)
class Tally:
    """How it went so far."""

    asked: int = 0
    right: int = 0
    streak: int = 0  # right ones in a row, up to now
    best: int = 0

    def count(self, right: bool) -> None:
        self.asked += 1
        self.right += right
        self.streak = self.streak + 1 if right else 0
        self.best = max(self.best, self.streak)


@dataclass
class Practice:
    """An endless run of one choice. The next exercise is made while the present one is worked on."""

    choice: Choice
    solver: Solver
    dice: random.Random = field(default_factory=random.Random)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self._waiting: list[Drill] = []
        self.current = self._attempt()
        self._ahead = self._attempt()

    def advance(self) -> Attempt:
        """On to the next exercise; one that was not answered counts for nothing."""
        self.current = self._ahead
        if self.current.has_failed:
            self.retry()
        self._ahead = self._attempt(after=self.current.drill)
        return self.current

    def check(self, typed: str) -> Future[Verdict]:
        """Have what was typed graded; hand the verdict to `settle`."""
        self.current.typed = typed
        return self.solver.grade(self.current.exercise.result(), typed)

    def settle(self, verdict: Verdict) -> None:
        """Count a verdict, once; an unreadable answer counts for nothing and may be retyped."""
        if self.current.solved:
            return
        self.current.verdict = verdict
        if verdict.verdict != "unreadable":
            self._solve(right=verdict.verdict == "right")

    def give_up(self) -> None:
        """Show the solution without an answer: not right."""
        made = self.current.made
        if made is not None and not self.current.solved:
            self.current.verdict = Verdict("wrong", None, "Shown.", made.answer, None)
            self._solve(right=False)

    def retry(self) -> None:
        """Have the present exercise made once more after its making failed."""
        self.current.exercise = self.solver.prepare(self.current.drill, self.current.seed)

    def _solve(self, right: bool) -> None:
        self.current.solved = True
        self.tally.count(right)

    def _attempt(self, after: Drill | None = None) -> Attempt:
        drill, seed = self._draw(after), fresh_seed()
        return Attempt(drill, seed, self.solver.prepare(drill, seed))

    def _draw(self, after: Drill | None) -> Drill:
        """Every drill comes once, in random order, before one comes again; never the same twice running."""
        if not self._waiting:
            self._waiting = self.dice.sample(self.choice.drills, len(self.choice.drills))
            if self._waiting[-1] is after and len(self._waiting) > 1:
                self._waiting.insert(0, self._waiting.pop())
        return self._waiting.pop()


def tally_sentence(tally: Tally) -> str:
    """`3 of 4 right, 2 in a row`."""
    if not tally.asked:
        return "nothing answered yet"
    row = f", {tally.streak} in a row" if tally.streak > 1 else ""
    best = f" (best {tally.best})" if tally.best > max(tally.streak, 1) else ""
    return f"{tally.right} of {tally.asked} right{row}{best}"
