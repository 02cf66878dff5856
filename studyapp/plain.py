"""The same session in lines, on stdin and stdout: for screen readers, dumb terminals and pipes.

It asks what the screen asks and writes the same log; nothing is drawn over, every prompt is a line of words.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import TextIO, TypeVar

from db.log import Log
from db.store import LogError
from decks.items import Card, Derivation, Drill
from decks.library import Library
from studyapp.begun import kept
from studyapp.clock import Clock
from studyapp.overview import look
from studyapp.plain_lines import show, tell
from studyapp.plan import Scope
from studyapp.session import Asked, Session, Solver
from studyapp.solver_worker import WorkerFailed
from studyapp.summary import Summary
from studyapp.texts import evidence, front, points, sides, verdict_sentence
from studyapp.words import NAMES, count, interval

T = TypeVar("T")

HELP = """\
Enter shows the answer; 1 Again, 2 Hard, 3 Good, 4 Easy grade it.
To a drill type the answer. Enter begins a derivation.
n not now, u undo, x suspend, f NOTE flag, q quit (your place is kept),
? this help."""


class Quit(Exception):
    """The learner leaves, or the input has ended."""


class PlainReview:
    """One sitting in lines."""

    def __init__(
        self,
        library: Library,
        log: Log,
        solver: Solver,
        clock: Clock,
        scope: Scope,
        source: TextIO | None = None,
        out: TextIO | None = None,
    ) -> None:
        self.session = Session(library, log, solver, clock, scope)
        self.log, self.clock = log, clock
        self.source, self.out = source or sys.stdin, out or sys.stdout

    def run(self) -> None:
        """Ask until nothing is left, the time is up or the learner quits; then sum up."""
        try:
            if self.session.current is not None:
                self.say(f"{count(self.session.left, 'item')}. ? for help, q to quit.")
            while self.session.current is not None:
                self.ask(self.session.current)
        except Quit:
            pass
        self.session.leave()
        self.say("")
        summary = Summary.of(self.session, look(self.log, self.clock.today()))
        for line in summary.lines():
            self.say(line)
        if summary.new_waiting and not summary.left:
            self.say("The new items of today are done; `studyapp review --plain --topic T` takes more of a topic.")

    def ask(self, asked: Asked) -> None:
        """One item, from its question to its grade."""
        item = asked.item
        kind = ", derivation, due" if isinstance(item, Derivation) else ""
        self.say(f"\n--- {item.topic}, {item.importance}{kind}, {count(self.session.left, 'item')} left ---\n")
        if isinstance(item, Card):
            self.show(front(item))
            self.say("")
            if self.command("Enter for the answer: ", lambda line: line in ("", "1", "2", "3", "4")) is None:
                return
            self.session.reveal()
            self.say("")
            question, answer = sides(item)
            shown = [answer or question, points(item), evidence(item, None)]
            self.show("\n\n".join(filter(None, shown)))
            self.say("")
            self.take_grade(asked)
        elif isinstance(item, Derivation):
            self.ask_derivation(asked, item)
        else:
            self.ask_drill(asked, item)

    def ask_derivation(self, asked: Asked, derivation: Derivation) -> None:
        """Its task, then line by line; left half-way it is asked again, and its lines are there still."""
        from studyapp.derivation_keeper import SessionKeeper  # the grammar, where there is a derivation at all
        from studyapp.deriving import DerivationSitting
        from studyapp.plain_derivation import PlainDerivation

        self.show(front(derivation))
        self.say("")
        if self.command("Enter begins it, n not now: ", lambda line: line == "") is None:
            return
        left = kept(self.log, derivation.id)
        sitting = DerivationSitting.taken_up(derivation, self.session.solver, self.clock, left)
        PlainDerivation(SessionKeeper(sitting, self.session), self.source, self.out).derive()
        if asked.answer is not None:
            self.say("")
            self.take_grade(asked)

    def ask_drill(self, asked: Asked, drill: Drill) -> None:
        if asked.exercise is None:
            return
        exercise = self.wait(asked.exercise)
        if exercise is None:
            self.session.skip()
            return
        asked.shown_at = self.clock.seconds()
        self.show(exercise.prompt)
        self.say("")
        while self.session.current is asked and asked.answer is None:
            line = self.command("Answer (Enter alone shows it): ", lambda line: True)
            if line is None:
                return
            if line == "":
                self.kept(self.session.give_up)
            elif (verdict := self.wait(self.session.check(line))) is not None and self.kept(
                lambda verdict=verdict: self.session.settle(verdict)  # type: ignore[misc]
            ):
                self.say(verdict_sentence(verdict, exercise))
        self.say("")
        self.show(f"{exercise.solution}\n\n{evidence(drill, exercise)}")
        self.say("")
        self.take_grade(asked)

    def take_grade(self, asked: Asked) -> None:
        """A grade for a card; a drill has one already, and Enter leaves it."""
        choices = ", ".join(f"{grade} {name} {interval(asked.options[grade].days)}" for grade, name in NAMES.items())
        given = f"; Enter keeps {NAMES[asked.answer.grade]}" if asked.answer is not None else ""
        line = self.command(
            f"{choices}{given}: ", lambda line: line in ("1", "2", "3", "4") or (line == "" and bool(given))
        )
        if line is None:
            return
        if line == "" or self.kept(lambda: self.session.grade(int(line))):
            self.session.advance()

    def command(self, prompt: str, accepts: Callable[[str], bool]) -> str | None:
        """The learner's line if `accepts` takes it; commands are done here, None if one has changed the item."""
        while True:
            line = self.read(prompt)
            present = self.session.current
            if line == "q":
                raise Quit
            if line == "?":
                self.say(HELP)
            elif line == "u":
                item = self.session.undo()
                self.say(f"Taken back: {item}." if item else "There is nothing to take back.")
            elif line == "n" and present is not None and present.answer is None:
                self.session.skip()
            elif line == "x":
                self.session.suspend()
                self.say("It will not be asked again; u takes that back.")
            elif line == "f" or line.startswith("f "):
                self.session.flag(line[2:].strip() or "flagged")
                self.say("Flagged.")
            elif accepts(line):
                return line
            else:
                self.say("That is no answer here; ? lists what you can do.")
            if self.session.current is not present:
                return None

    def wait(self, future: Future[T]) -> T | None:
        """The result, or None after saying why there is none."""
        try:
            return future.result()
        except WorkerFailed as failure:
            self.say(str(failure))
            return None

    def kept(self, change: Callable[[], object]) -> bool:
        """Make a change that writes to the log; if it cannot be written say so, and nothing has changed."""
        try:
            change()
        except LogError as error:
            self.say(f"Not saved: {error}")
            return False
        return True

    def read(self, prompt: str) -> str:
        self.out.write(prompt)
        self.out.flush()
        line = self.source.readline()
        if not line:
            raise Quit
        if not self.source.isatty():
            self.say("")  # the terminal shows the typed newline, a pipe does not
        return line.strip()

    def show(self, text: str) -> None:
        show(self.out, text)

    def say(self, text: str) -> None:
        tell(self.out, text)
