"""A derivation being done: lines, helps, time, and the grade they come to. Knows nothing of any screen or log.

The screen, the line mode and the tests drive this one class; a Keeper writes what it comes to into the log.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future
from dataclasses import astuple, dataclass, field, fields
from typing import Any, Literal, Protocol

from decks.derivation_checks import chain_of
from decks.items import Derivation, DerivationStep
from solvers.symbolic.chain import Chain
from solvers.symbolic.steps import ACCEPTED, REFUSED, StepVerdict
from studyapp.clock import Clock
from studyapp.session import AGAIN, EASY, GOOD, HARD

Strength = Literal["nudge", "hint", "show"]
STRENGTHS: tuple[Strength, ...] = ("nudge", "hint", "show")
SECONDS_A_STEP = 60  # a step done faster than this, without help, was easy
REFUSALS_FOR_HARD = 5


class LineChecker(Protocol):
    """Who checks lines: the worker process, or a stand-in that does it at once."""

    def check_line(self, chain: Chain, typed: str) -> Future[StepVerdict]: ...


class AtOnce:
    """Checks lines in this process: for the line mode, where nothing is drawn meanwhile. Bounded by the engine."""

    def check_line(self, chain: Chain, typed: str) -> Future[StepVerdict]:
        future: Future[StepVerdict] = Future()
        future.set_result(chain.check(typed))
        return future


@dataclass(frozen=True, slots=True)
class Help:
    """A help that was taken: how strong, on which step of the model solution, and its text."""

    strength: Strength
    step: int
    text: str


@dataclass(slots=True)
class DerivationSitting:
    """One derivation from its start. `lines` are the accepted ones, `last` the verdict on what was typed last."""

    derivation: Derivation
    checker: LineChecker
    clock: Clock
    chain: Chain = field(init=False)
    last: StepVerdict | None = None
    helps: list[Help] = field(default_factory=list)
    refusals: int = 0
    gave_up: bool = False
    typed: str = ""  # what stands in the line, as far as it was told
    _began: float = field(init=False)
    _took: float | None = None

    def __post_init__(self) -> None:
        self.chain = chain_of(self.derivation)
        self._began = self.clock.seconds()

    @property
    def lines(self) -> tuple[StepVerdict, ...]:
        return self.chain.lines

    @property
    def is_over(self) -> bool:
        """Whether the goal is reached or was given up."""
        return self.gave_up or self.chain.is_done

    def check(self, typed: str) -> Future[StepVerdict]:
        """Have a line checked; hand the verdict to `settle`. Nothing changes yet."""
        return self.checker.check_line(self.chain, typed)

    def settle(self, verdict: StepVerdict) -> bool:
        """Take a verdict in: whether the line was accepted and stands now."""
        if self.is_over:
            return False
        self.last = verdict
        self.refusals += verdict.verdict == REFUSED
        self.chain = self.chain.and_then(verdict)
        if self.chain.is_done:
            self._stop_the_clock()
        return verdict.verdict == ACCEPTED

    def undo(self) -> bool:
        """Take the last line back; whether there was one. What is over stays over."""
        if self.is_over or not self.lines:
            return False
        self.chain = self.chain.without_last()
        self.last = None
        return True

    @property
    def next_step(self) -> int:
        """The number of the step of the model solution that would bring the present line on."""
        met = max((line.milestone for line in self.lines), default=-1)
        behind = (number for number in range(met + 1, len(self.derivation.steps)) if self._rules(number) >= self._used)
        return next(behind, len(self.derivation.steps) - 1)

    def _rules(self, number: int) -> int:
        """How many rules the model solution has used by the end of a step."""
        return sum(bool(step.rule) for step in self.derivation.steps[: number + 1])

    @property
    def _used(self) -> int:
        """How many rules the learner has used."""
        return sum(line.kind not in ("", "equal", "define") for line in self.lines)

    def help(self, strength: Strength) -> Help:
        """A help for the next step; taken once, it counts once."""
        number = self.next_step
        step = self.derivation.steps[number]
        texts = {"nudge": step.nudge, "hint": step.hint, "show": step.reason}
        given = Help(strength, number, texts[strength])
        if not self.is_over and all((taken.strength, taken.step) != (strength, number) for taken in self.helps):
            self.helps.append(given)
        return given

    @property
    def stronger(self) -> Strength:
        """The next stronger help than those taken for the present step."""
        taken = {help.strength for help in self.helps if help.step == self.next_step}
        return next((strength for strength in STRENGTHS if strength not in taken), "show")

    def show_next(self) -> tuple[DerivationStep, Future[StepVerdict]]:
        """The next step of the model solution, checked as if it had been typed; hand the verdict to `settle`."""
        number = self.help("show").step
        step = self.derivation.steps[number]
        is_used = step.rule and self._rules(number) == self._used  # by the learner, on another way
        return step, self.check(step.line if is_used else step.typed)

    def give_up(self) -> None:
        """End without the goal; the whole solution may be shown now."""
        if not self.is_over:
            self.gave_up = True
            self._stop_the_clock()

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been done yet that would be missed."""
        return not (self.lines or self.helps or self.refusals or self.typed.strip() or self.is_over)

    def written(self) -> dict[str, Any]:
        """All of it, as a bookmark keeps it."""
        return {
            "of": fingerprint(self.derivation),
            "lines": [{name: getattr(line, name) for name in _KEPT} for line in self.lines],
            "helps": [astuple(help) for help in self.helps],
            "refusals": self.refusals,
            "gave_up": self.gave_up,
            "typed": self.typed,
            "seconds": self.took_seconds,
        }

    @classmethod
    def taken_up(
        cls, derivation: Derivation, checker: LineChecker, clock: Clock, kept: dict[str, Any] | None
    ) -> DerivationSitting:
        """As it was left; from the start where nothing was kept, or not of this version of the derivation."""
        sitting = cls(derivation, checker, clock)
        if kept is None or kept.get("of") != fingerprint(derivation):
            return sitting
        try:
            for line in kept["lines"]:
                sitting.chain = sitting.chain.and_then(StepVerdict(**line))
            sitting.helps = [Help(*help) for help in kept["helps"]]
            sitting.refusals, sitting.gave_up = int(kept["refusals"]), bool(kept["gave_up"])
            sitting.typed, seconds = str(kept["typed"]), float(kept["seconds"])
        except (KeyError, TypeError, ValueError):
            return cls(derivation, checker, clock)
        sitting._began -= seconds
        if sitting.is_over:
            sitting._took = seconds
        return sitting

    @property
    def took_seconds(self) -> float:
        """From the beginning until now, or until it was over."""
        return self._took if self._took is not None else self.clock.seconds() - self._began

    @property
    def grade(self) -> int:
        """Given up, or shown for the greater part: Again. A line shown, hints on half of the steps or many slips: Hard.

        Without any help, without a slip and fast: Easy. Else Good.
        """
        steps = len(self.derivation.steps)
        shown, hints, nudges = (len({h.step for h in self.helps if h.strength == s}) for s in ("show", "hint", "nudge"))
        if not self.chain.is_done or 2 * shown > steps:
            return AGAIN
        if shown or 2 * hints >= steps or self.refusals >= REFUSALS_FOR_HARD:
            return HARD
        fast = self.took_seconds <= SECONDS_A_STEP * steps
        return EASY if fast and not (hints or nudges or self.refusals) else GOOD

    def _stop_the_clock(self) -> None:
        self._took = self.clock.seconds() - self._began


def typed_line(line: StepVerdict) -> str:
    """An accepted line as it may be typed again."""
    equation = f"{line.head} = {line.line}" if line.head else line.line
    return f"{equation}  # rule: {line.rule}" if line.rule else equation


_KEPT = [field.name for field in fields(StepVerdict) if field.name != "witness"]  # accepted lines have none


def fingerprint(derivation: Derivation) -> str:
    """Of all that the lines depend on: another one, and they may no longer follow."""
    steps = [step.typed for step in derivation.steps]
    setting = derivation.symbols, derivation.definitions, derivation.givens, derivation.gradient
    return hashlib.sha256(repr((setting, derivation.start, derivation.goal, steps)).encode()).hexdigest()
