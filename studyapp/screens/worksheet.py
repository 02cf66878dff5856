"""What a session and free practice share: a question, its answer below it, the verdict, and the line to type in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from decks.exercises import Exercise
from decks.items import Drill
from decks.verdict import Verdict
from studyapp.texts import verdict_sentence
from studyapp.widgets.answer_line import AnswerLine
from studyapp.widgets.prose import Prose

if TYPE_CHECKING:
    from studyapp.app import StudyApp

# verdict → its sign and style
VERDICT_LOOKS = {
    "right": ("✓", "bold $text-success"),
    "wrong": ("✗", "bold $text-error"),
    "unreadable": ("?", "bold $text-warning"),
}


class Worksheet(Screen[None]):
    """Shows what it is told to; which item, and what an answer means, its subclasses ask elsewhere."""

    app: StudyApp
    AUTO_FOCUS = ""  # the answer line takes the focus when there is something to type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "Scroll down", show=False, id="page.down"),
        Binding("k,up", "scroll(-1)", "Scroll up", show=False, id="page.up"),
    ]

    def worksheet(self) -> ComposeResult:
        """The widgets, for the subclass's `compose`."""
        yield Static(id="where")
        with VerticalScroll(id="page", can_focus=False):
            yield Prose(id="question")
            yield Static(id="divider")
            yield Prose(id="answer")
            yield Prose(id="evidence")
        yield Static(id="verdict")
        yield AnswerLine(id="typed", placeholder="type the answer, then enter; space shows it", select_on_focus=False)

    def begin_sheet(self, typed: str) -> None:
        """A new question: at its top, with `typed` in the line."""
        self.query_one(AnswerLine).value = typed
        self.query_one("#page", VerticalScroll).scroll_home(animate=False)

    def show_sheet(self, question: str, answer: str, evidence: str, solved: bool) -> None:
        """The question, and once it is solved the rest below a line."""
        self.query_one("#question", Prose).show(question)
        self.query_one("#answer", Prose).show(answer if solved else "")
        self.query_one("#evidence", Prose).show(evidence if solved else "")
        self.query_one("#divider").display = solved

    def show_verdict(self, verdict: Verdict | None, exercise: Exercise | None, checking: bool) -> None:
        line = self.query_one("#verdict", Static)
        line.update(Content("checking…") if checking else verdict_content(verdict, exercise))
        line.display = checking or verdict is not None

    def show_line(self, wanted: bool) -> None:
        """The answer line with the focus, or every key a command."""
        line = self.query_one(AnswerLine)
        line.display = wanted
        if wanted:
            self.set_focus(line)
        else:
            self.set_focus(None)

    def show_solution(self) -> None:
        """Scroll to where the answer begins, once it has been laid out."""
        self.call_after_refresh(self.query_one("#divider").scroll_visible, animate=False, top=True)

    @property
    def can_type(self) -> bool:
        """Whether the answer line is there and waits to be entered."""
        # a query, for keys are asked about before there is a line
        return any(line.display and not line.has_focus for line in self.query(AnswerLine))

    @on(Input.Changed, "#typed")
    def line_changed(self) -> None:
        self.refresh_bindings()

    def action_leave_line(self) -> None:
        """Out of the answer line, so that letters are commands; what was typed stays."""
        self.set_focus(None)

    def action_to_line(self) -> None:
        self.set_focus(self.query_one(AnswerLine))

    def action_scroll(self, direction: int) -> None:
        self.query_one("#page", VerticalScroll).scroll_relative(y=2 * direction, animate=False)


def making(drill: Drill, failure: str) -> str:
    """What stands in the question's place while the exercise is being made, or after that failed."""
    return failure or f"{drill.description}\n\n*Making fresh numbers…*"


def verdict_content(verdict: Verdict | None, exercise: Exercise | None) -> Content:
    """The verdict in a sentence, with a sign that needs no colour to be read."""
    if verdict is None:
        return Content("")
    sign, style = VERDICT_LOOKS[verdict.verdict]
    return Content.assemble((f"{sign} ", style), (verdict_sentence(verdict, exercise), style))
