"""The four grades, each with the interval it would give."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from db.schedule import Option
from studyapp.words import NAMES, interval


class GradeButton(Static):
    """One grade; a click is as good as its key."""

    def __init__(self, grade: int) -> None:
        super().__init__(classes=f"grade grade-{grade}")
        self.grade = grade

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(GradeBar.Chosen(self.grade))


class GradeBar(Horizontal):
    """Again, Hard, Good, Easy in a row."""

    class Chosen(Message):
        """A grade was clicked."""

        def __init__(self, grade: int) -> None:
            super().__init__()
            self.grade = grade

    def compose(self) -> ComposeResult:
        for grade in NAMES:
            yield GradeButton(grade)

    def show(self, options: Mapping[int, Option], chosen: int | None) -> None:
        """The intervals of `options`; `chosen` is the grade already in the log, if any."""
        for button in self.query(GradeButton):
            name = NAMES[button.grade]
            button.update(f"[b]{button.grade}[/b] {name} [dim]{interval(options[button.grade].days)}[/dim]")
            button.set_class(button.grade == chosen, "chosen")
