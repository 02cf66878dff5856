"""A card of one's own, written down from wherever one is: a question, an answer, and into the quick cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, TextArea

from studyapp.own_decks import DeckError, quick_add
from studyapp.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from studyapp.app import StudyApp

LONGEST = 20_000  # characters of a side


class QuickAddScreen(ModalScreen[str | None]):
    """Ends with the id of the card, or None if it was left: what was typed is there again the next time."""

    app: StudyApp
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", key_display="ctrl+s", id="quick-add.save", priority=True),
        Binding("tab", "app.focus_next", "Other side", id="quick-add.next"),
        Binding("escape", "leave", "Back", key_display="esc", id="quick-add.back", priority=True),
    ]

    def compose(self) -> ComposeResult:
        question, answer = self.app.card_draft
        with Vertical(classes="dialog quick-add") as dialog:
            dialog.border_title = "A card of your own"
            yield Label(Content.assemble(("Question", "bold"), ("   Markdown, with $LaTeX$ for formulas", "$dim")))
            yield TextArea(question, id="new-question", tab_behavior="focus", highlight_cursor_line=False)
            yield Label(Content.assemble(("Answer", "bold"), ("   something to say in half a minute", "$dim")))
            yield TextArea(answer, id="new-answer", tab_behavior="focus", highlight_cursor_line=False)
        yield KeyLine()

    def on_mount(self) -> None:
        for side in self.query(TextArea):
            side.move_cursor(side.document.end)

    @property
    def typed(self) -> tuple[str, str]:
        return self.query_one("#new-question", TextArea).text, self.query_one("#new-answer", TextArea).text

    def action_leave(self) -> None:
        self.app.card_draft = self.typed
        self.dismiss(None)

    def action_save(self) -> None:
        question, answer = self.typed
        if max(len(question), len(answer)) > LONGEST:
            self.notify(f"A side holds at most {LONGEST:,} characters; shorten it.", severity="warning")
            return
        try:
            name = quick_add(question, answer, self.app.library)
        except DeckError as error:
            self.notify(str(error), severity="warning", timeout=8, markup=False)
            return
        self.app.card_draft = "", ""
        self.app.reload_library()
        self.dismiss(name)
