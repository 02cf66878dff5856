"""The session on a screen: question, think, answer, grade. Asks and shows; the session decides."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from db.store import LogError
from decks.exercises import Exercise
from decks.items import Card, Drill
from decks.verdict import Verdict
from studyapp.editor import open_in_editor
from studyapp.screens.flag import FlagScreen
from studyapp.screens.worksheet import Worksheet, making
from studyapp.session import Asked, Session
from studyapp.solver_worker import WorkerFailed
from studyapp.texts import evidence
from studyapp.widgets.answer_line import AnswerLine
from studyapp.widgets.grades import GradeBar
from studyapp.widgets.key_line import KeyLine
from studyapp.words import NAMES, count


class SessionScreen(Worksheet):
    """One sitting. Its parts are hidden or shown by what the session says of the present item."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "show_answer", "Answer", id="session.answer"),
        Binding("space", "give_up", "Give up", id="session.give-up"),
        Binding("space,enter", "next", "Next", key_display="space", id="session.next"),
        Binding("enter", "to_line", "Type", id="session.type"),
        *(
            Binding(str(grade), f"grade({grade})", name, show=False, id=f"session.{name}")
            for grade, name in NAMES.items()
        ),
        Binding("u", "undo", "Undo", id="session.undo"),
        Binding("n", "skip", "Not now", id="session.skip"),
        Binding("x", "suspend", "Suspend", id="session.suspend"),
        Binding("f", "flag", "Flag", id="session.flag"),
        Binding("o", "open", "Edit", id="session.open"),
        Binding("r", "retry", "Try again", id="session.retry"),
        Binding("escape", "leave", "Home", key_display="esc", id="session.leave"),
        Binding("q", "leave", "Home", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.checking = False
        self.making_failed = ""

    def compose(self) -> ComposeResult:
        yield from self.worksheet()
        yield GradeBar(id="grades")
        yield KeyLine()

    def on_mount(self) -> None:
        self.show_item()

    # showing

    def show_item(self) -> None:
        """Draw the present item from scratch, or end the session."""
        asked = self.session.current
        if asked is None:
            self.app.sitting.end()
            return
        self.checking = False
        self.making_failed = ""
        self.begin_sheet(asked.typed)
        if asked.exercise is not None and not asked.exercise.done():
            self.await_exercise(asked)
        self.refresh_item()

    def refresh_item(self) -> None:
        """Show what the present item's state calls for."""
        asked = self.session.current
        if asked is None:
            return
        item, exercise = asked.item, self.exercise
        answered = asked.answer is not None
        shown = asked.revealed
        self.query_one("#where", Static).update(where_content(self.session, item))
        question = (
            item.question
            if isinstance(item, Card)
            else exercise.prompt
            if exercise
            else making(item, self.making_failed)
        )
        answer = item.answer if isinstance(item, Card) else exercise.solution if exercise else ""
        self.show_sheet(question, answer, evidence(item, exercise) if shown else "", shown)
        self.show_verdict(asked.verdict, exercise, self.checking)
        bar = self.query_one(GradeBar)
        bar.display = answered or (shown and isinstance(item, Card))
        if bar.display:
            bar.show(asked.options, asked.answer.grade if asked.answer is not None else None)
        self.show_line(isinstance(item, Drill) and exercise is not None and not answered)
        self.refresh_bindings()

    @property
    def exercise(self) -> Exercise | None:
        """The present drill's exercise, if it has been made."""
        asked = self.session.current
        future = asked.exercise if asked is not None else None
        return future.result() if future is not None and future.done() and not _failure(future) else None

    @work(exclusive=True, group="exercise")
    async def await_exercise(self, asked: Asked) -> None:
        assert asked.exercise is not None
        try:
            await asyncio.wrap_future(asked.exercise)
        except WorkerFailed as failure:
            if self.session.current is asked:
                self.making_failed = str(failure)
        if self.session.current is asked and self.is_mounted:
            asked.shown_at = self.session.clock.seconds()
            self.refresh_item()

    # answering

    def action_show_answer(self) -> None:
        self.session.reveal()
        self.refresh_item()

    def action_give_up(self) -> None:
        """Show a drill's solution; that counts as Again. Not while something is typed: it could be a slip."""
        if self.kept(self.session.give_up):
            self.refresh_item()

    def action_next(self) -> None:
        self.session.advance()
        self.show_item()

    def action_grade(self, grade: int) -> None:
        asked = self.session.current
        if asked is None or not (asked.revealed or asked.answer):
            return
        if self.kept(partial(self.session.grade, grade)):
            self.session.advance()
            self.show_item()

    @on(GradeBar.Chosen)
    def grade_clicked(self, message: GradeBar.Chosen) -> None:
        self.action_grade(message.grade)

    @on(Input.Submitted, "#typed")
    def typed(self, message: Input.Submitted) -> None:
        if not message.value.strip():
            self.notify("Type an answer first, or press space on the empty line to see it.")
        elif not self.checking:
            self.check(message.value)

    @work(exclusive=True, group="check")
    async def check(self, typed: str) -> None:
        """Have the answer graded in the worker; the text stays in its line until there is a verdict."""
        asked = self.session.current
        if asked is None or asked.answer is not None:
            return
        self.checking = True
        self.refresh_item()
        verdict: Verdict | None = None
        try:
            verdict = await asyncio.wrap_future(self.session.check(typed))
        except WorkerFailed as failure:
            self.notify(str(failure), severity="warning", timeout=8)
        self.checking = False
        if self.session.current is asked and self.is_mounted:
            kept = verdict is not None and self.kept(partial(self.session.settle, verdict))
            self.refresh_item()
            if kept and asked.revealed:
                self.show_solution()

    def kept(self, change: Any) -> bool:
        """Make a change that writes to the log; if it cannot be written say so, and nothing has changed."""
        try:
            change()
        except LogError as error:
            self.notify(str(error), title="Not saved", severity="error", timeout=15)
            return False
        return True

    # the other keys

    def action_undo(self) -> None:
        if self.kept(self.session.undo):
            self.show_item()

    def action_skip(self) -> None:
        if self.kept(self.session.skip):
            self.show_item()

    def action_suspend(self) -> None:
        item = self.session.current.item.id if self.session.current else ""
        if self.kept(self.session.suspend):
            self.notify(f"{item} will not be asked again; u takes that back.")
            self.show_item()

    def action_flag(self) -> None:
        def flagged(note: str | None) -> None:
            if note is not None and self.kept(partial(self.session.flag, note)):
                self.notify("Flagged.")

        self.app.push_screen(FlagScreen(), flagged)

    def action_open(self) -> None:
        asked = self.session.current
        if asked is None:
            return
        with self.app.suspend():  # never to be left by an exception: Textual would not take the screen back
            failure = open_in_editor(asked.item)
        if failure:
            self.notify(failure, severity="warning", timeout=8, markup=False)
            return
        problems = self.app.reload_library()
        self.session.reload(self.app.library)
        if problems:
            self.notify(problems, title="The deck has a problem", severity="warning", timeout=15)
        self.refresh_item()

    def action_retry(self) -> None:
        self.session.retry_exercise()
        self.show_item()

    def action_leave(self) -> None:
        self.keep_place()
        self.app.go_home()

    def keep_place(self) -> None:
        """Remember where the learner is, with what stands in the answer line."""
        self.kept(partial(self.session.leave, self.query_one(AnswerLine).value))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work here and now; the footer and the help show no others."""
        asked = self.session.current
        if asked is None:
            return action == "leave"
        answered = asked.answer is not None
        allowed = {
            "show_answer": isinstance(asked.item, Card) and not asked.revealed,
            "give_up": self.exercise is not None
            and not (answered or self.checking)
            and not self.query_one(AnswerLine).value,
            "next": answered,
            "to_line": self.can_type,
            "grade": asked.revealed or answered,
            "undo": bool(self.session.done) and not self.checking,
            "skip": not answered and not self.checking,
            "suspend": not self.checking,
            "retry": bool(self.making_failed),
        }
        return allowed.get(action, True)


def where_content(session: Session, item: Card | Drill) -> Content:
    """The line at the top: what this is, and how far the learner has come."""
    answers = sum(1 for done in session.done if done.grade)
    drill = " drill" if isinstance(item, Drill) else ""
    return Content.assemble(
        (item.topic, "bold $text-primary"),
        (f"  {item.importance}{drill}", "$foreground 60%"),
        (f"   {count(answers, 'answer')}, {session.left} left", "$foreground 60%"),
    )


def _failure(future: Future[Exercise]) -> bool:
    return future.cancelled() or future.exception() is not None
