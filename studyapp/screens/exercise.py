"""Drill practice, second half: exercise after exercise, each with its verdict and solution. Nothing is written."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from studyapp.practice import Attempt, Practice, tally_sentence
from studyapp.screens.worksheet import Worksheet, making
from studyapp.sheet_parts import Part, answered_parts
from studyapp.solver_worker import WorkerFailed


class ExerciseScreen(Worksheet):
    """One run of practice, until the learner goes back to the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "show_answer", "Answer", id="exercise.answer"),
        Binding("space,enter", "advance", "Next one", key_display="space", id="exercise.next"),
        Binding("enter", "to_line", "Type", key_display="enter", id="exercise.type"),
        Binding("n", "pass_on", "Another", id="exercise.another"),
        Binding("r", "retry", "Try again", id="exercise.retry"),
        Binding("escape,q", "back", "Drills", key_display="esc", id="exercise.back"),
    ]

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice
        self.making_failed = ""

    def on_mount(self) -> None:
        self.show_exercise()

    def show_exercise(self) -> None:
        """Draw the present exercise from scratch."""
        attempt = self.practice.current
        self.making_failed = ""
        self.begin_sheet(attempt.typed, is_drill=True)
        if attempt.made is None:
            self.await_exercise(attempt)
        self.refresh_exercise()

    def refresh_exercise(self) -> None:
        """Show what the present exercise's state calls for."""
        attempt = self.practice.current
        drill, made, solved = attempt.drill, attempt.made, attempt.solved
        self.where.show(where_content(self.practice))
        if made is not None and solved:
            self.page.show(*answered_parts(drill, made))
        else:
            self.page.show(Part("question", made.prompt if made else making(drill, self.making_failed)))
        self.show_verdict(attempt.verdict, made)
        self.show_line(made is not None and not solved)
        self.refresh_bindings()

    @work(exclusive=True, group="exercise")
    async def await_exercise(self, attempt: Attempt) -> None:
        failed = ""
        try:
            await asyncio.wrap_future(attempt.exercise)
        except WorkerFailed as failure:
            failed = str(failure)
        if self.practice.current is attempt and self.is_mounted:
            self.making_failed = failed
            self.refresh_exercise()

    @work(exclusive=True, group="check")
    async def check(self, typed: str) -> None:
        """Have the answer graded in the worker; the text stays in its line until there is a verdict."""
        attempt = self.practice.current
        if attempt.solved:
            return
        verdict = await self.graded(self.practice.check(typed))
        if self.practice.current is not attempt or not self.is_mounted:
            return  # passed on meanwhile
        if verdict is not None:
            self.practice.settle(verdict)
        self.refresh_exercise()
        if verdict is not None and verdict.verdict != "unreadable":
            self.show_solution()

    def action_show_answer(self) -> None:
        self.practice.give_up()
        self.refresh_exercise()
        self.show_solution()

    def action_advance(self) -> None:
        self.practice.advance()
        self.show_exercise()

    def action_pass_on(self) -> None:
        """Other numbers without an answer, which counts for nothing."""
        self.action_advance()

    def action_retry(self) -> None:
        self.practice.retry()
        self.show_exercise()

    def action_back(self) -> None:
        self.app.pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        attempt = self.practice.current
        waiting = attempt.made is not None and not attempt.solved and not self.checking
        allowed = {
            "show_answer": waiting,
            "advance": attempt.solved,
            "to_line": self.can_type,
            "pass_on": not attempt.solved,
            "retry": bool(self.making_failed),
        }
        return allowed.get(action, True)


def where_content(practice: Practice) -> Content:
    """The line at the top: which drill this is, what was chosen, how it goes."""
    drill, chosen = practice.current.drill, practice.choice
    mixed = f", mixed from {chosen.topic}" if len(chosen.drills) > 1 else ""
    return Content.assemble(
        (drill.topic, "bold $text-primary"),
        (f"  practice{mixed}", "$dim"),
        f"   {tally_sentence(practice.tally)}",
    )
