"""A list of what can be begun, by topic, the selected one described below it: what drills and derivations share."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studyapp.screens.breakpoints import set_breakpoints
from studyapp.typeset.cells import fit
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.prose import Prose
from studyapp.widgets.row_list import RowList

if TYPE_CHECKING:
    from studyapp.app import StudyApp

NARROW, WIDE = 70, 100  # cells from which there is room for more columns, and for topics in full


class OfTopic(Protocol):
    """What can be listed by topic."""

    @property
    def topic(self) -> str: ...


Choice = TypeVar("Choice", bound=OfTopic)


def list_keys(screen: str, begin: str) -> list[BindingType]:
    """A list's keys, with the ids that the screen's name gives them; `begin`: what enter does, in a word."""
    return [
        Binding("enter,space", "begin", begin, key_display="enter", id=f"{screen}.begin"),
        Binding("j,down", "move(1)", "Next", show=False, id=f"{screen}.down"),
        Binding("k,up", "move(-1)", "Previous", show=False, id=f"{screen}.up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id=f"{screen}.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id=f"{screen}.page_up"),
        Binding("g,home", "move(-10000)", "First", show=False, id=f"{screen}.first"),
        Binding("G,end", "move(10000)", "Last", show=False, id=f"{screen}.last"),
        Binding("escape,q", "leave", "Home", key_display="esc", id=f"{screen}.leave"),
    ]


class ChoosingScreen(Screen[None], Generic[Choice]):
    """Chooses; what is begun is a screen over this one. Subclasses say what there is and how a row is drawn."""

    app: StudyApp
    AUTO_FOCUS = ""
    NOTHING: ClassVar[str]  # what is said where there is nothing to choose from

    def __init__(self, rows: str, about: str) -> None:
        """`rows` and `about`: the ids of the list and of the description."""
        super().__init__()
        self.choices: list[Choice] = []
        self.list = RowList(self.draw, id=rows)
        self.about = Prose(id=about)

    def find(self) -> list[Choice]:
        """All there is, those of a topic together."""
        raise NotImplementedError

    def describe(self, choice: Choice) -> str:
        """What stands below the list, as Markdown."""
        raise NotImplementedError

    def columns(self, row: int, width: int, selected: bool) -> list[tuple[str, str]]:
        """A row's texts with their styles."""
        raise NotImplementedError

    def begin(self, choice: Choice) -> object:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        set_breakpoints(self)
        yield Static(id="where")
        yield self.list
        yield self.about
        yield KeyLine()

    def on_mount(self) -> None:
        self.choices = self.find()
        self.list.show(len(self.choices), 0)
        self.show_choice()

    def draw(self, row: int, width: int, selected: bool) -> Content:
        """A row; the selected one has no colours of its own."""
        parts = [("▸ " if selected else "  ", "bold"), *self.columns(row, width, selected)]
        return Content.assemble(*(text if selected or not style else (text, style) for text, style in parts))

    def topic(self, row: int, most: int | None, selected: bool) -> tuple[str, str]:
        """The column of topics, at most so many cells wide: each stands where it begins, and where one is."""
        topic = self.choices[row].topic
        longest = max(len(other.topic) for other in self.choices)
        cells = longest if most is None else min(longest, most)
        is_first = row == 0 or self.choices[row - 1].topic != topic
        return fit(short(topic, cells) if is_first or selected else "", cells + 2), "$text-primary"

    @on(RowList.Selected)
    def show_choice(self) -> None:
        self.about.show(self.describe(self.choice) if self.choice is not None else self.NOTHING)
        self.refresh_bindings()

    @property
    def choice(self) -> Choice | None:
        """The selected one, if there are any."""
        return self.choices[self.list.cursor] if self.choices else None

    def action_move(self, rows: int) -> None:
        self.list.move(rows)

    def action_page(self, pages: int) -> None:
        self.list.move(pages * self.list.page)

    @on(RowList.Chosen)
    def action_begin(self) -> None:
        if self.choice is not None:
            self.begin(self.choice)

    def action_leave(self) -> None:
        self.app.go_home()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.choice is not None if action == "begin" else True


def short(text: str, cells: int) -> str:
    return text if len(text) <= cells else text[: cells - 1] + "…"
