"""Which derivation? A list by topic with how each stands, the selected one's task below it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from decks.items import Derivation
from studyapp.begun import Begun, begun
from studyapp.browsing import UNSEEN, state_word
from studyapp.screens.breakpoints import set_breakpoints
from studyapp.screens.opening import open_derivation, sit_down
from studyapp.searching import Row
from studyapp.typeset.cells import fit
from studyapp.widgets.item_line import SIGNS
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.prose import Prose
from studyapp.widgets.row_list import RowList
from studyapp.words import NAMES, count

if TYPE_CHECKING:
    from db.log import Log
    from db.queries import Standing
    from studyapp.app import StudyApp

NARROW, WIDE = 70, 100  # cells from which last grades stand in the list; topics in full, and importances
SHORT_TOPIC = 16
STATE = 15  # cells of a state in words
GRADE = 8  # cells of the last grade's column
NONE = "There are no derivations in your decks; `studyapp decks list` says what is."


class DerivationsScreen(Screen[None]):
    """Chooses; the derivation itself is a screen over this one."""

    app: StudyApp
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "begin", "Derive", key_display="enter", id="derivations.begin"),
        Binding("j,down", "move(1)", "Next", show=False, id="derivations.down"),
        Binding("k,up", "move(-1)", "Previous", show=False, id="derivations.up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="derivations.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="derivations.page_up"),
        Binding("g,home", "move(-10000)", "First", show=False, id="derivations.first"),
        Binding("G,end", "move(10000)", "Last", show=False, id="derivations.last"),
        Binding("escape,q", "leave", "Home", key_display="esc", id="derivations.leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.derivations: list[Derivation] = []
        self.standings: dict[str, Standing] = {}
        self.grades: dict[str, int] = {}
        self.begun: dict[str, Begun] = {}
        self.list = RowList(self.draw, id="derivations")

    def compose(self) -> ComposeResult:
        set_breakpoints(self)
        yield Static(id="where")
        yield self.list
        yield Prose(id="about-derivation")
        yield KeyLine()

    def on_mount(self) -> None:
        self.derivations = by_topic(list(self.app.library.derivations.values()))
        self.list.show(len(self.derivations), 0)
        self.show_choice()
        if self.derivations:
            self.warm_up()

    def on_screen_resume(self) -> None:
        self.standings = self.app.log_file.standings()
        self.begun = begun(self.app.log_file, [derivation.id for derivation in self.derivations])
        self.find_grades()
        done, there_are = len(self.done), len(self.derivations)
        says = f"  {done} of {there_are} done" if done else f"  {count(there_are, 'derivation')}"
        where = Content.assemble(("Derivations", "bold $text-primary"), (says, "$dim"))
        self.query_one("#where", Static).update(where)
        self.list.refresh()

    @property
    def done(self) -> list[str]:
        """The ids of those that have been done."""
        ids = [derivation.id for derivation in self.derivations]
        return [name for name in ids if name in self.standings and self.standings[name].reviews]

    @work(exclusive=True, group="grades")
    async def find_grades(self) -> None:
        """The last grades, which take reading the whole log."""
        if self.done:
            self.grades = await asyncio.to_thread(last_grades, self.app.log_file, self.done)
            self.list.refresh()

    @work(thread=True, exit_on_error=False)
    def warm_up(self) -> None:
        """Import what a derivation needs, so that the first one opens at once."""
        sit_down(self.app, self.derivations[0], None)

    # showing

    def draw(self, row: int, width: int, selected: bool) -> Content:
        """A derivation in columns: its topic where that begins, its name, how it stands."""
        derivation = self.derivations[row]
        first = row == 0 or self.derivations[row - 1].topic != derivation.topic
        longest = max(len(other.topic) for other in self.derivations)
        cells = longest if width >= WIDE else min(longest, SHORT_TOPIC if width >= NARROW else SHORT_TOPIC // 2)
        grade = GRADE if width >= NARROW else 0
        longest_name = max(len(name(other)) for other in self.derivations)
        room = max(8, min(longest_name, width - cells - STATE - grade - 8))
        sign, style, state = self.state(derivation)
        parts = [
            ("▸ " if selected else "  ", "bold"),
            (fit(short(derivation.topic, cells) if first or selected else "", cells + 2), "$text-primary"),
            (f"{sign} ", style),
            (fit(short(name(derivation), room), room + 2), ""),
            (fit(state, STATE), style if sign == SIGNS["due"].sign else "$dim"),
            (fit(NAMES.get(self.grades.get(derivation.id, 0), "")[:grade], grade), "$dim"),
            (derivation.importance if width >= WIDE else "", "$dim"),
        ]
        return Content.assemble(*(text if selected or not style else (text, style) for text, style in parts))

    def state(self, derivation: Derivation) -> tuple[str, str, str]:
        """How it stands: a sign, its style, and in words."""
        mark = self.begun.get(derivation.id)
        if mark is not None:
            return "◐", "$text-warning", f"begun, {count(mark.lines, 'line')}"
        row = Row(derivation, "", self.standings.get(derivation.id, UNSEEN), self.app.clock.today())
        return *SIGNS[row.state], state_word(row)

    @on(RowList.Selected)
    def show_choice(self) -> None:
        self.query_one("#about-derivation", Prose).show(self.choice.task if self.choice is not None else NONE)
        self.refresh_bindings()

    @property
    def choice(self) -> Derivation | None:
        """The selected derivation, if there are any."""
        return self.derivations[self.list.cursor] if self.derivations else None

    # the keys

    def action_move(self, rows: int) -> None:
        self.list.move(rows)

    def action_page(self, pages: int) -> None:
        self.list.move(pages * self.list.page)

    @on(RowList.Chosen)
    def action_begin(self) -> None:
        if self.choice is not None:
            self.open(self.choice)

    @work(exclusive=True, group="open")
    async def open(self, derivation: Derivation) -> None:
        await open_derivation(self, derivation)

    def action_leave(self) -> None:
        self.app.go_home()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.choice is not None if action == "begin" else True


def last_grades(log: Log, items: list[str]) -> dict[str, int]:
    """For a thread: nothing of `log` is used but where it lies."""
    with log.for_thread() as other:
        return other.last_grades(items)


def name(derivation: Derivation) -> str:
    """A derivation's id in words."""
    return derivation.id.removeprefix("derive-").replace("-", " ")


def short(text: str, cells: int) -> str:
    return text if len(text) <= cells else text[: cells - 1] + "…"


def by_topic(derivations: list[Derivation]) -> list[Derivation]:
    """In study order, those of a topic together where the first of them stands."""
    topics = list(dict.fromkeys(derivation.topic for derivation in derivations))
    return sorted(derivations, key=lambda derivation: topics.index(derivation.topic))
