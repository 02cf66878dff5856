"""A derivation in lines, on stdin and stdout: for screen readers, dumb terminals and pipes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from db.store import LogError
from decks.items import DerivationStep
from solvers.symbolic.steps import ACCEPTED, UNREADABLE, StepVerdict
from studyapp.derivation_keeper import Keeper
from studyapp.deriving import STRENGTHS, Strength, typed_line
from studyapp.plain_lines import show, tell
from studyapp.solver_worker import WorkerFailed
from studyapp.words import NAMES, count, minutes

HELP = """\
Type the next line, and # rule: … behind it where a step applies a rule:
differentiate by theta_k, expectation under pi, substitute x = …,
maximise over pi subject to sum pi = 1.
nudge, hint, show: helps, each stronger than the one before.
undo takes the last line back. lines shows them all.
give up shows the whole solution. quit leaves; your lines are kept, and nothing
is recorded then. ? this help."""


class PlainDerivation:
    """One derivation, from its task, or from where it was left, to the goal or to giving up."""

    def __init__(self, keeper: Keeper, source: TextIO | None = None, out: TextIO | None = None) -> None:
        self.keeper, self.sitting = keeper, keeper.sitting
        self.source, self.out = source or sys.stdin, out or sys.stdout

    def run(self) -> None:
        """The task, then its lines."""
        self.show(self.sitting.derivation.task)
        self.say("")
        self.derive()

    def derive(self) -> None:
        """Ask for lines until it is over or the learner quits. What is over is in the log before that is said."""
        derivation = self.sitting.derivation
        self.say(f"Start: {derivation.start}")
        self.say(f"Goal:  {derivation.goal}")
        for name, domain in derivation.symbols.items():
            self.say(f"  {name}: {domain}")
        for text in derivation.definitions:
            self.say(f"  defined: {text}")
        for text in derivation.givens:
            self.say(f"  given, for the rule substitute: {text}")
        self.say_lines()
        self.say("? for help, quit to leave.")
        while not self.sitting.is_over:
            line = self.read(f"{len(self.sitting.lines) + 1}> ")
            if line is None or line == "quit":
                break
            try:
                self.answer(line)
            except WorkerFailed as failure:
                self.say(str(failure))
            self.kept(self.keeper.keep_place)
        if self.sitting.is_over:
            self.kept(self.keeper.keep)
        self.sum_up()

    def kept(self, change: Callable[[], None]) -> None:
        """Make a change that writes to the log; if that fails say so."""
        try:
            change()
        except LogError as error:
            self.say(f"Not saved: {error}")

    def answer(self, line: str) -> None:
        """One typed line: a word of ours, or the next step."""
        if line == "?" or line == "help":
            self.say(HELP)
        elif line == "undo":
            self.say("Taken back." if self.sitting.undo() else "There is no line to take back.")
        elif line == "lines":
            self.say(f"   {self.sitting.derivation.start}")
            self.say_lines()
        elif line == "give up":
            self.sitting.give_up()
        elif line == "show":
            self.show_step()
        elif line in STRENGTHS:
            self.show_help(line)
        elif line:
            self.tell(self.sitting.check(line).result())

    def say_lines(self) -> None:
        for number, verdict in enumerate(self.sitting.lines, 1):
            self.say(f"{number}. {typed_line(verdict)}  ({verdict.badge})")

    def show_help(self, strength: Strength) -> None:
        self.show(self.sitting.help(strength).text)

    def show_step(self) -> None:
        step, future = self.sitting.show_next()
        verdict = future.result()
        self.say(step.typed)
        self.show(step.reason)
        if verdict.verdict == ACCEPTED:
            self.sitting.settle(verdict)
        else:
            self.say(
                "That is the next line of the model solution; it does not follow from yours, which went another way."
            )

    def tell(self, verdict: StepVerdict) -> None:
        """Take a verdict in and say it."""
        self.sitting.settle(verdict)
        if verdict.verdict == UNREADABLE and verdict.place is not None:
            self.say(" " * (verdict.place + len(f"{len(self.sitting.lines) + 1}> ")) + "^")
        badge = f" ({verdict.badge})" if verdict.badge else ""
        self.say(f"{verdict.verdict}{badge}: {verdict.says}")

    def sum_up(self) -> None:
        """How it went; the whole solution, if it was over."""
        sitting = self.sitting
        self.say("")
        if sitting.chain.is_done:
            took = minutes(int(sitting.took_seconds * 1000))
            self.say(f"Done: {count(len(sitting.lines), 'line')}, {count(len(sitting.helps), 'help')}, {took}.")
        if sitting.is_over:
            self.say("The model solution:")
            for step in sitting.derivation.steps:
                self.solution_step(step)
        if self.keeper.grade:
            self.say(f"Recorded: {NAMES[self.keeper.grade]}.")

    def solution_step(self, step: DerivationStep) -> None:
        self.say(f"= {step.typed}")
        self.show(step.reason)

    def read(self, prompt: str) -> str | None:
        """A typed line, stripped at its end only; None when the input has ended."""
        self.out.write(prompt)
        self.out.flush()
        line = self.source.readline()
        if not self.source.isatty():
            self.say("")  # the terminal shows the typed newline, a pipe does not
        return line.rstrip() if line else None

    def show(self, text: str) -> None:
        show(self.out, text)

    def say(self, text: str) -> None:
        tell(self.out, text)
