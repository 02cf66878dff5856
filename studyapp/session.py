"""The study session: what comes next, what an answer means, what is written when. Knows nothing of any screen.

The screen, the line mode and the tests drive this one class. Every answer is on disk before the method that takes it
returns, and where the learner was is written in the same transaction.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypedDict

from db import events
from db.events import Memory
from db.log import Log, new_uid
from db.schedule import Option, Scheduler
from decks.exercises import Exercise
from decks.items import Card, Derivation, Drill
from decks.library import Library
from decks.verdict import Finding, Verdict
from studyapp.clock import Clock
from studyapp.place import Done, Place, QueueText, Waiting
from studyapp.plan import Scope, fresh_seed, plan
from studyapp.rubric import Rubric
from studyapp.settings import Settings

if TYPE_CHECKING:
    from solvers.symbolic.chain import Chain
    from solvers.symbolic.steps import StepVerdict

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
OTHERS_BETWEEN = 5  # an item answered Again comes back after this many others
PREPARED_AHEAD = 3
LONGEST_MS = 10 * 60 * 1000  # beyond this the learner was away, not thinking


class When(TypedDict):
    """The moment of an event, as the log wants it."""

    at: datetime
    zone: str
    day: int


class Solver(Protocol):
    """Who makes exercises and judges what is typed: the worker process, or a stand-in that does it at once."""

    def prepare(self, drill: Drill, seed: str) -> Future[Exercise]: ...
    def grade(self, exercise: Exercise, typed: str) -> Future[Verdict]: ...
    def verify(self, item: Card | Drill, exercise: Exercise | None) -> Future[list[Finding]]: ...
    def check_line(self, chain: Chain, typed: str) -> Future[StepVerdict]: ...


@dataclass(slots=True)
class Asked:
    """The item before the learner."""

    item: Card | Drill | Derivation
    entry: Waiting
    options: dict[int, Option]
    day: int  # for which they are
    shown_at: float
    exercise: Future[Exercise] | None = None  # drills only
    revealed: bool = False
    typed: str = ""
    verdict: Verdict | None = None
    answer: Done | None = None  # set once the answer is in the log
    rubric: Rubric | None = None  # of cards that have one


class Session:
    """One sitting: a queue of items, the one being asked, and what has been done."""

    def __init__(
        self,
        library: Library,
        log: Log,
        solver: Solver,
        clock: Clock,
        scope: Scope | None = None,
        scheduler: Scheduler | None = None,
    ) -> None:
        self.library, self.log, self.solver, self.clock = library, log, solver, clock
        self.scope = scope or Scope()
        self.scheduler = scheduler or log.scheduler(Settings.of(log).retention)
        self.current: Asked | None = None
        self.queue: list[Waiting] = []
        self.done: list[Done] = []
        self.out_of_time = False
        self._began = clock.seconds()
        self._queue_text = QueueText()
        self._exercises: dict[tuple[str, str], Future[Exercise]] = {}
        self._take_up(Place.of(log, clock.today()) if self.scope.is_whole else Place())

    def _take_up(self, place: Place) -> None:
        """Begin where the learner left off today; else with a fresh queue."""
        left = [entry for entry in place.queue if self._is_open(entry, self.log.state(entry.item))]
        if left:
            self.queue, self.done = left, place.done
        else:
            self.queue = plan(self.library, self.log, self.clock.today(), self.scope)
        first = place.queue[0] if place.queue else None
        resumed = self.queue[:1] == [first]
        self._prepare_ahead()
        if resumed and first is not None:
            self.current = self._ask(self.queue.pop(0), self.log.state(first.item))
            self.current.typed = place.typed
        else:
            self.advance()

    @property
    def left(self) -> int:
        """How many items wait, the present one included while it is unanswered."""
        return len(self.queue) + (self.current is not None and self.current.answer is None)

    # what comes next

    @property
    def coming(self) -> tuple[Card | Drill | Derivation, Future[Exercise] | None] | None:
        """What will probably be asked next, a drill with its exercise if that is being made."""
        entry = self.queue[self._next_place()] if self.queue else None
        item = self.library.find(entry.item) if entry is not None else None
        if entry is None or item is None:
            return None
        return item, self._exercises.get((entry.item, entry.seed))

    def advance(self) -> Asked | None:
        """Go on to the next item; None when the session is over."""
        self.current = None
        minutes = self.scope.minutes
        if minutes is not None and self.clock.seconds() - self._began >= minutes * 60:
            self.out_of_time = True
            return None
        while self.queue and self.current is None:
            entry = self.queue.pop(self._next_place())
            state = self.log.state(entry.item)
            if self._is_open(entry, state):
                self.current = self._ask(entry, state)
        self._prepare_ahead()
        return self.current

    def _next_place(self) -> int:
        """The first entry whose turn has come; a drill that is still being made lets cards and other drills pass."""
        turn = (i for i, entry in enumerate(self.queue) if entry.not_before <= len(self.done))
        first = next(turn, 0)
        if self._is_ready(self.queue[first]):
            return first
        short = (i for i in turn if self.queue[i].item in self.library.items)
        return next((i for i in short if self._is_ready(self.queue[i])), first)

    def _is_ready(self, entry: Waiting) -> bool:
        future = self._exercises.get((entry.item, entry.seed))
        return not entry.seed or (future is not None and future.done())

    def _is_open(self, entry: Waiting, state: Memory | None) -> bool:
        """Still in the decks, not suspended, and not answered in another window meanwhile."""
        if self.library.find(entry.item) is None:
            return False
        return entry.seen == 0 if state is None else not state.suspended and state.reviews == entry.seen

    def _ask(self, entry: Waiting, state: Memory | None) -> Asked:
        item = self.library.find(entry.item)
        assert item is not None  # what has left the decks is not open
        exercise = self._exercise(item, entry.seed) if isinstance(item, Drill) else None
        rubric = Rubric(item.rubric) if isinstance(item, Card) and item.rubric else None
        return Asked(
            item, entry, self._options(state), self.clock.today(), self.clock.seconds(), exercise, rubric=rubric
        )

    def _options(self, state: Memory | None) -> dict[int, Option]:
        return self.scheduler.options(state, state.last_day if state is not None else None, self.clock.today())

    def _exercise(self, drill: Drill, seed: str) -> Future[Exercise]:
        """The exercise being made, or made; one that failed is tried afresh."""
        future = self._exercises.get((drill.id, seed))
        if future is None or future.cancelled() or (future.done() and future.exception() is not None):
            future = self._exercises[drill.id, seed] = self.solver.prepare(drill, seed)
        return future

    def retry_exercise(self) -> None:
        """Have the present exercise made once more after its making failed."""
        if self.current is not None and isinstance(self.current.item, Drill):
            self.current.exercise = self._exercise(self.current.item, self.current.entry.seed)

    def _prepare_ahead(self) -> None:
        for entry in islice((entry for entry in self.queue if entry.seed), PREPARED_AHEAD):
            item = self.library.items.get(entry.item)
            if isinstance(item, Drill):
                self._exercise(item, entry.seed)

    # answers

    def reveal(self) -> None:
        """Show a card's answer."""
        if self.current is not None:
            self.current.revealed = True

    def check(self, typed: str) -> Future[Verdict]:
        """Have what was typed graded; hand the verdict to `settle`. Nothing is recorded yet."""
        asked = self._unanswered()
        if asked.exercise is None:
            raise ValueError("A card is graded with 1 to 4, not typed.")
        asked.typed = typed
        return self.solver.grade(asked.exercise.result(), typed)

    def settle(self, verdict: Verdict) -> None:
        """Record a verdict: right is Good, wrong is Again. An unreadable answer records nothing and may be retyped."""
        if verdict.verdict == "unreadable":
            self._unanswered().verdict = verdict
        else:
            self._record(GOOD if verdict.verdict == "right" else AGAIN, verdict)

    def give_up(self) -> None:
        """Show a drill's solution without an answer: recorded as wrong."""
        asked = self._unanswered()
        if asked.exercise is not None:
            asked.typed = ""
            self._record(AGAIN, Verdict("wrong", None, None, asked.exercise.result().answer, None))

    def grade(self, grade: int) -> None:
        """1 to 4. For a card this is the answer; after a drill's verdict it amends the grade that was given."""
        asked = self.current
        if asked is None or grade not in asked.options:
            return
        if asked.answer is not None:
            self._amend(asked, asked.answer, grade)
        elif isinstance(asked.item, Card):
            self._record(grade, None)

    def verify(self) -> Future[list[Finding]]:
        """Have the evidence of the present item computed again."""
        asked = self.current
        if asked is None or isinstance(asked.item, Derivation):
            raise ValueError("There is nothing to verify.")
        exercise = asked.exercise.result() if asked.exercise is not None and asked.exercise.done() else None
        return self.solver.verify(asked.item, exercise)

    def tick(self) -> None:
        """Tick the point of the rubric that is at hand, or take its tick back."""
        if self.current is not None and self.current.rubric is not None:
            self.current.rubric.tick()

    def pass_point(self) -> None:
        """Go on to the next point of the rubric."""
        if self.current is not None and self.current.rubric is not None:
            self.current.rubric.step()

    def _unanswered(self) -> Asked:
        if self.current is None or self.current.answer is not None:
            raise ValueError("There is nothing to answer.")
        return self.current

    def derived(self, grade: int, took_ms: int, typed: str, verdict: events.Verdict) -> None:
        """Record the present derivation, which is over."""
        self._write(grade, took_ms, typed, verdict)

    def _record(self, grade: int, verdict: Verdict | None) -> None:
        asked = self._unanswered()
        took = min(int((self.clock.seconds() - asked.shown_at) * 1000), LONGEST_MS)
        given = verdict.verdict if verdict is not None and verdict.verdict != "unreadable" else None
        typed = asked.typed if asked.exercise is not None else None
        self._write(grade, took, typed, given, verdict.mistake if verdict else None)
        asked.verdict = verdict

    def _write(
        self, grade: int, took_ms: int, typed: str | None, verdict: events.Verdict | None, mistake: str | None = None
    ) -> None:
        """The answer to the present item, on disk with the place after it."""
        asked = self._unanswered()
        options = asked.options
        if asked.day != self.clock.today():
            options = self._options(self.log.state(asked.item.id))
        answer = Done(new_uid(), grade, took_ms, asked.entry, verdict, was_new=asked.entry.seen == 0)
        done = [*self.done, answer]
        queue = _queue_after(self.queue, answer, len(done))
        self.log.review(
            asked.item.id,
            uid=answer.uid,
            grade=grade,
            due_day=options[grade].due_day,
            took_ms=took_ms,
            **self._when(),
            typed=typed,
            verdict=verdict,
            mistake=mistake,
            seed=asked.entry.seed or None,
            bookmark=self._written(Place(queue, done)),
        )
        self.queue, self.done = queue, done
        asked.options, asked.answer, asked.revealed = options, answer, True
        self._prepare_ahead()

    def _amend(self, asked: Asked, answer: Done, grade: int) -> None:
        if grade == answer.grade:
            return
        amended = answer._replace(grade=grade)
        done = [amended if other.uid == answer.uid else other for other in self.done]
        left = [other for other in self.queue if other.item != asked.item.id]
        queue = _queue_after(left, amended, len(done))
        self.log.amend(
            answer.uid,
            grade=grade,
            due_day=asked.options[grade].due_day,
            **self._when(),
            bookmark=self._written(Place(queue, done)),
        )
        self.queue, self.done, asked.answer = queue, done, amended
        self._prepare_ahead()

    def prepare(self) -> None:
        """Make ready what the next answer writes, while the learner reads."""
        self._written(Place(self.queue))

    # what else one can do with an item

    def skip(self) -> None:
        """Put the item last; skipped a second time it leaves the session and stays due."""
        entry = self._unanswered().entry
        queue = self.queue if entry.skipped else [*self.queue, entry._replace(skipped=True)]
        self._keep_place(Place(queue, self.done))
        self.queue = queue
        self.advance()

    def suspend(self) -> None:
        """Never ask this item again, until undo or the learner wakes it."""
        asked = self.current
        if asked is None:
            return
        queue = [entry for entry in self.queue if entry.item != asked.item.id]
        event = self.log.suspend(asked.item.id, **self._when())
        self.queue = queue
        self.done = [*self.done, Done(event.uid, 0, 0, asked.entry, comes_back=asked.answer is None)]
        self._keep_place(Place(self.queue, self.done))
        self.advance()

    def flag(self, note: str) -> None:
        """Leave a note on the item: something is wrong with it, or worth coming back to."""
        if self.current is not None:
            self.log.flag(self.current.item.id, note=note, **self._when())

    def undo(self) -> str | None:
        """Take back the last answer or suspension; the item's id, or None if there is nothing to take back.

        What was answered is asked again, with the same numbers.
        """
        if not self.done:
            return None
        last, done = self.done[-1], self.done[:-1]
        entry = last.entry._replace(not_before=0)
        queue = self.queue
        if last.comes_back:
            queue = [other for other in self.queue if other.item != entry.item]
            present = self.current.entry if self.current is not None and self.current.answer is None else None
            if present is not None and present.item != entry.item:
                queue.insert(0, present)
        waiting = [entry, *queue] if last.comes_back else queue
        self.log.undo(last.uid, **self._when(), bookmark=self._written(Place(waiting, done)))
        self.queue, self.done = queue, done
        if last.comes_back:
            self.current = self._ask(entry, self.log.state(entry.item))
        return entry.item

    def leave(self, typed: str = "") -> None:
        """Remember where the learner was, down to what was being typed."""
        asked = self.current
        waiting = [asked.entry, *self.queue] if asked is not None and asked.answer is None else self.queue
        self._keep_place(Place(waiting, self.done, typed))

    def reload(self, library: Library) -> None:
        """Take over edited decks; the item on the table is shown with its new text."""
        self.library = library
        if self.current is not None:
            self.current.item = library.find(self.current.item.id) or self.current.item

    def _keep_place(self, place: Place) -> None:
        written = self._written(place)
        if written is not None:
            self.log.save_bookmark(written, self.clock.now(), self.clock.today())

    def _written(self, place: Place) -> str | None:
        return place.written(self._queue_text) if self.scope.is_whole else None

    def _when(self) -> When:
        return {"at": self.clock.now(), "zone": self.clock.zone, "day": self.clock.today()}


def _queue_after(left: list[Waiting], answer: Done, asked_so_far: int) -> list[Waiting]:
    """The queue once `answer` is given: an item answered Again comes back after five others, or last."""
    entry = answer.entry
    if answer.grade != AGAIN:
        return left
    seed = fresh_seed() if entry.seed else ""
    again = Waiting(entry.item, seed, entry.seen + 1, not_before=asked_so_far + OTHERS_BETWEEN)
    return [*left[:OTHERS_BETWEEN], again, *left[OTHERS_BETWEEN:]]
