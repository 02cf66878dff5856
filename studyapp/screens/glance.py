"""One item to read again, question and answer, over the screen that named it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from decks.items import Card, Derivation, Drill
from studyapp.widgets.charts import MUTED
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.preview import texts
from studyapp.widgets.prose import Prose

DRILL = "A drill: its numbers are fresh each time it is asked."


class GlanceScreen(ModalScreen[None]):
    """Shows a card with its answer, or what a drill or a derivation asks; `note` is the one that was left on it."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss(None)", "Back", key_display="esc", id="glance.back"),
        Binding("j,down", "scroll(2)", "Scroll down", show=False),
        Binding("k,up", "scroll(-2)", "Scroll up", show=False),
        Binding("space,pagedown", "scroll(12)", "Page down", show=False),
        Binding("pageup", "scroll(-12)", "Page up", show=False),
    ]

    def __init__(self, item: Card | Drill | Derivation, note: str = "") -> None:
        super().__init__()
        self.item = item
        self.note = note

    def compose(self) -> ComposeResult:
        item = self.item
        with VerticalScroll(classes="dialog glance", can_focus=False):
            about = f"   {item.topic}, week {item.week}, {item.importance}"
            yield Static(Content.assemble((item.id, "bold $text-primary"), (about, MUTED)), id="about")
            if self.note:
                yield Static(Content.assemble(("⚑ ", "$text-warning"), self.note), id="note")
            question, answer, evidence = texts(item, None, DRILL)
            yield Prose(question, id="question")
            if answer:
                yield Static(id="divider")
                yield Prose(answer, id="answer")
                yield Prose(evidence, id="evidence")
        yield KeyLine()

    def action_scroll(self, rows: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)
