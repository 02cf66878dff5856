"""What a session and free practice share: a question, its answer below it, the verdict, and the line to type in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from decks.exercises import Exercise
from decks.items import Drill
from decks.verdict import Verdict
from studyapp.screens.breakpoints import set_breakpoints
from studyapp.solver_worker import WorkerFailed
from studyapp.texts import verdict_sentence
from studyapp.widgets.answer_line import AnswerLine
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.page import Page
from studyapp.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from studyapp.app import StudyApp

# verdict → its sign and style
VERDICT_LOOKS = {
    "right": ("✓", "bold $text-success"),
    "wrong": ("✗", "bold $text-error"),
    "unreadable": ("?", "bold $text-warning"),
}


TRAY = 4  # rows below the page where an answer is typed: a line for what is said of it and the box, then its verdict

PATIENCE = 0.15  # seconds until it is said that an answer is being checked


class Worksheet(Screen[None]):
    """Shows what it is told to; which item, and what an answer means, its subclasses ask elsewhere.

    The page keeps its place and size from one card to the next and while a drill is answered, and each change is drawn
    in one frame.
    """

    app: StudyApp
    AUTO_FOCUS = ""  # the answer line takes the focus when there is something to type
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (80, "-normal")]  # type: ignore[misc]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "Scroll down", show=False, id="page.down"),
        Binding("k,up", "scroll(-1)", "Scroll up", show=False, id="page.up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="page.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="page.page_up"),
    ]

    def __init__(self, *more: Widget) -> None:
        """`more`: what the subclass has below the verdict."""
        super().__init__()
        self.checking = False  # whether an answer is being checked
        self.where = TitleLine(id="where")
        self.page = Page(id="sheet")
        self.said = Static(id="verdict")
        self.line = AnswerLine(
            id="typed", placeholder="type the answer, then enter; space shows it", select_on_focus=False
        )
        self.tray = Vertical(self.said, self.line, *more, id="tray")

    def compose(self) -> ComposeResult:
        set_breakpoints(self)
        yield self.where
        yield self.page
        yield self.tray
        yield KeyLine(is_steady=True)

    def begin_sheet(self, typed: str, is_drill: bool) -> None:
        """A new question: at its top, with `typed` in the line."""
        self.checking = False
        if self.line.value != typed:
            self.line.value = typed
        self.page.to_top()
        self.tray.styles.min_height = TRAY if is_drill else 1

    def show_verdict(self, verdict: Verdict | None, exercise: Exercise | None) -> None:
        """The verdict below the page, or nothing there yet."""
        if verdict is not None:
            self.said.update(verdict_content(verdict, exercise))
        self.said.display = verdict is not None

    @contextmanager
    def checking_aloud(self) -> Iterator[None]:
        """While an answer is checked. That is said only where it takes long: mostly the verdict comes at once."""
        self.checking = True
        self.refresh_bindings()
        patience = self.set_timer(PATIENCE, self.say_checking)
        try:
            yield
        finally:
            patience.stop()
        self.checking = False  # not where a later check has cancelled this one

    async def graded(self, coming: Future[Verdict]) -> Verdict | None:
        """The verdict, once the worker has reached it; None where it failed, which is said."""
        with self.checking_aloud():
            try:
                return await asyncio.wrap_future(coming)
            except WorkerFailed as failure:
                self.notify(str(failure), severity="warning", timeout=8)
                return None

    def say_checking(self) -> None:
        if self.checking:
            self.said.update(Content("checking…"))
            self.said.display = True

    def show_line(self, wanted: bool) -> None:
        """The answer line with the focus, or every key a command."""
        self.line.display = wanted
        self.set_class(wanted, "-typing")
        self.set_focus(self.line if wanted else None)

    def show_solution(self) -> None:
        """Scroll to where the answer begins."""
        self.page.to_part("answer")

    @property
    def can_type(self) -> bool:
        """Whether the answer line is there and waits to be entered."""
        return self.line.display and not self.line.has_focus

    def check(self, typed: str) -> object:
        """Have an answer graded: the subclass knows by whom."""
        raise NotImplementedError

    @on(Input.Submitted, "#typed")
    def typed(self, message: Input.Submitted) -> None:
        if not message.value.strip():
            self.notify("Type an answer first, or press space on the empty line to see it.")
        elif not self.checking:
            self.check(message.value)

    @on(Input.Changed, "#typed")
    def line_changed(self) -> None:
        self.refresh_bindings()

    def action_leave_line(self) -> None:
        """Out of the answer line, so that letters are commands; what was typed stays."""
        self.set_focus(None)

    def action_to_line(self) -> None:
        self.set_focus(self.line)

    def action_scroll(self, direction: int) -> None:
        self.page.scroll_relative(y=2 * direction, animate=False)

    def action_page(self, direction: int) -> None:
        self.page.scroll_relative(y=(self.page.size.height - 1) * direction, animate=False)


def making(drill: Drill, failure: str) -> str:
    """What stands in the question's place while the exercise is being made, or after that failed."""
    return failure or f"{drill.description}\n\n*Making fresh numbers…*"


def verdict_content(verdict: Verdict, exercise: Exercise | None) -> Content:
    """The verdict in a sentence, with a sign that needs no colour to be read."""
    sign, style = VERDICT_LOOKS[verdict.verdict]
    return Content.assemble((f"{sign} ", style), (verdict_sentence(verdict, exercise), style))
