"""The end of a session: what was done, what was hard, when to come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studyapp.summary import Summary
from studyapp.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from studyapp.app import StudyApp


class SummaryScreen(Screen[None]):
    """Shows a summary; enter goes home, or back to where the session was begun."""

    app: StudyApp
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape,q,space", "leave", "Home", key_display="enter", id="summary.leave"),
        Binding("enter,escape,q,space", "back", "Back", key_display="enter", id="summary.leave"),
        Binding("m", "more", "Ten more new", id="summary.more"),
        Binding("u", "undo", "Undo last", id="summary.undo"),
    ]

    def __init__(self, summary: Summary) -> None:
        super().__init__()
        self.summary = summary

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False):
            text = "\n\n".join(self.summary.lines())
            yield Static(Content.assemble((self.summary.heading(), "bold $text-success"), "\n\n", text), id="summary")
        yield KeyLine()

    def action_leave(self) -> None:
        self.app.go_home()

    action_back = action_leave

    def action_more(self) -> None:
        self.app.sitting.more()

    def action_undo(self) -> None:
        self.app.sitting.undo_last()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("leave", "back"):
            return self.app.is_over_home(self) == (action == "leave")
        if action == "more":
            return self.summary.new_waiting > 0
        session = self.app.sitting.session
        return action != "undo" or (session is not None and bool(session.done))
