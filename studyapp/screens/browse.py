"""Browse: every item, found by text, topic or state, and what can be done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from db.store import LogError
from decks.items import Derivation, Drill
from studyapp.copying import first_formula, item_text
from studyapp.editor import open_in_editor
from studyapp.examples import Example
from studyapp.plan import Scope, fresh_seed
from studyapp.screens.finding import FindingScreen
from studyapp.screens.flag import FlagScreen
from studyapp.screens.opening import open_derivation
from studyapp.widgets.row_list import RowList
from studyapp.words import count


class BrowseScreen(FindingScreen):
    """Changes are written at once, and u takes them back; what is studied from here leads back here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", id="browse.search"),
        Binding("enter,s", "derive", "Derive", key_display="enter", id="browse.derive"),
        Binding("enter", "read", "Read", key_display="enter", id="browse.read"),
        Binding("s", "study", "Study", id="browse.study"),
        Binding("x", "suspend", "Suspend", id="browse.suspend"),
        Binding("x", "wake", "Wake", id="browse.wake"),
        Binding("r", "reset", "Reset", id="browse.reset"),
        Binding("f", "flag", "Flag", id="browse.flag"),
        Binding("f", "unflag", "Unflag", id="browse.unflag"),
        Binding("o", "open", "Open", id="browse.open"),
        Binding("c", "copy", "Copy", id="browse.copy"),
        Binding("l", "copy_formula", "LaTeX", id="browse.copy_formula"),
        Binding("g", "example", "Example", id="browse.example"),
        Binding("u", "take_back", "Undo", id="browse.undo"),
        Binding("space", "more", "More", id="browse.more"),
        Binding("j,down", "move(1)", "Next", show=False, id="browse.next"),
        Binding("k,up", "move(-1)", "Previous", show=False, id="browse.previous"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="browse.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="browse.page_up"),
        Binding("home", "select(0)", "First", show=False, id="browse.first"),
        Binding("end", "select(-1)", "Last", show=False, id="browse.last"),
        Binding("enter", "back", "List", show=False, id="browse.close"),
        Binding("escape,q", "back", "List", key_display="esc", id="browse.back"),
        Binding("escape,q", "leave", "Home", key_display="esc", id="browse.leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.to_reset = ""  # the item that a second r resets
        self.studying = ""  # the item that was gone to from here

    @on(RowList.Selected)
    def another_item(self) -> None:
        self.to_reset = ""
        super().another_item()

    @on(RowList.Chosen)
    def chosen(self) -> None:
        if self.can_derive:
            self.action_derive()
        else:
            self.action_read()

    def action_leave(self) -> None:
        self.app.go_home()

    # to the item itself, and back

    @property
    def can_derive(self) -> bool:
        return self.row is not None and isinstance(self.row.item, Derivation) and self.row.state != "suspended"

    def action_study(self) -> None:
        """Ask the item now, whether it is due or not."""
        if self.row is not None:
            self.studying = self.row.item.id
            self.app.sitting.begin(Scope(items=(self.studying,)))

    @work(exclusive=True, group="open")
    async def action_derive(self) -> None:
        if self.row is not None and isinstance(self.row.item, Derivation):
            self.studying = self.row.item.id
            await open_derivation(self, self.row.item)

    def on_screen_resume(self) -> None:
        """Back from an item: what is known of it, and perhaps its text, has changed."""
        if self.studying:
            self.browser = self.browser.reload(self.app.library)
            self.search_again(self.studying)
            self.studying = ""

    # changing what is known of the selected item

    def change(self, make: Callable[[], object], item: str, says: str) -> None:
        """Write to the log and say what that did; if it cannot be written say so, and nothing has changed."""
        try:
            make()
        except LogError as error:
            self.notify(str(error), title="Not saved", severity="error", timeout=15, markup=False)
            return
        self.search_again(item)
        self.said = says
        self.show_item()

    def action_suspend(self) -> None:
        if self.row is not None:
            item = self.row.item.id
            self.change(partial(self.browser.suspend, item), item, f"{item} will not be asked; x wakes it.")

    def action_wake(self) -> None:
        if self.row is not None:
            item = self.row.item.id
            self.change(partial(self.browser.wake, item), item, f"{item} will be asked again.")

    def action_reset(self) -> None:
        """Asks once more: what is known of an item is worth a second key."""
        if self.row is None:
            return
        item, reviews = self.row.item.id, count(self.row.standing.reviews, "review")
        if self.to_reset == item:
            self.change(partial(self.browser.reset, item), item, f"{item} is new; u takes that back.")
        else:
            self.to_reset = item
            self.said = f"Press r again to make {item} new: its {reviews} will not count."
            self.show_item()

    def action_flag(self) -> None:
        if self.row is None:
            return
        item = self.row.item.id

        def flagged(note: str | None) -> None:
            if note is not None:
                self.change(partial(self.browser.flag, item, note), item, f"{item} is flagged.")

        self.app.push_screen(FlagScreen(), flagged)

    def action_unflag(self) -> None:
        if self.row is not None:
            item = self.row.item.id
            self.change(partial(self.browser.flag, item, None), item, f"{item} is no longer flagged.")

    def action_take_back(self) -> None:
        item = self.browser.last_changed
        if item is not None:
            self.change(self.browser.undo, item, f"{item} is as it was.")

    # its text

    def action_open(self) -> None:
        if self.row is None:
            return
        item = self.row.item
        with self.app.suspend():  # never to be left by an exception: Textual would not take the screen back
            failure = open_in_editor(item)
        if failure:
            self.notify(failure, severity="warning", timeout=8, markup=False)
            return
        problems = self.app.reload_library()
        self.browser = self.browser.reload(self.app.library)
        if problems:
            self.notify(problems, title="The deck has a problem", severity="warning", timeout=15, markup=False)
        self.search_again(item.id)

    def action_copy(self) -> None:
        if self.row is not None:
            self.app.copy(item_text(self.row.item, self.exercise), "The text")

    def action_copy_formula(self) -> None:
        if self.row is None:
            return
        formula = first_formula(item_text(self.row.item, self.exercise))
        if formula is None:
            self.notify("There is no formula in it.")
        else:
            self.app.copy(formula, "The first formula's LaTeX")

    def action_example(self) -> None:
        if self.row is None or not isinstance(self.row.item, Drill):
            return
        drill = self.row.item
        future = self.app.sitting.solver.prepare(drill, fresh_seed())
        self.example = Example(drill.id, future)
        self.await_example(self.example)
        if not self.preview.display:
            self.read(True)
        else:
            self.show_item()

    @work(exclusive=True, group="example")
    async def await_example(self, example: Example) -> None:
        assert example.future is not None
        await asyncio.wait([asyncio.wrap_future(example.future)])
        if self.is_mounted and self.example is example:
            self.show_item()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work here and now."""
        row = self.row
        if action == "back":
            return self.reading
        if action == "leave":
            return not self.reading
        if action == "take_back":
            return self.browser.last_changed is not None
        if action == "search":
            return self.focused is not self.line
        if action == "clear_search":
            return bool(self.line.value)
        if row is None:
            return action not in OF_AN_ITEM
        item, is_asked = row.item, row.state != "suspended"
        allowed = {
            "read": not self.reading and not self.can_derive,
            "derive": self.can_derive,
            "suspend": is_asked,
            "wake": not is_asked,
            "reset": row.standing.reviews > 0,
            "flag": not row.standing.flagged,
            "unflag": row.standing.flagged,
            "study": is_asked and not self.can_derive,
            "open": not self.app.is_web,  # an editor needs the terminal
            "copy_formula": "$" in item_text(item, self.exercise),
            "example": isinstance(item, Drill) and not self.example.is_being_made(item),
            "more": self.preview.has_more,
        }
        return allowed.get(action, True)


OF_AN_ITEM = {
    *("read", "derive", "study", "suspend", "wake", "reset", "flag", "unflag"),
    *("open", "copy", "copy_formula", "example", "more"),
}
