"""Finding items: a search line, the list of what it finds, and the selected item typeset beside it.

What can be done with an item, and all keys, are in browse.py.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Key, Resize
from textual.screen import Screen
from textual.widgets import Input, Static

from decks.exercises import Exercise
from studyapp.browsing import Browser, Found
from studyapp.examples import Example
from studyapp.screens.breakpoints import set_breakpoints
from studyapp.searching import Row
from studyapp.widgets.item_line import item_line
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.preview import Preview
from studyapp.widgets.row_list import RowList
from studyapp.widgets.search_line import SearchLine
from studyapp.words import count

if TYPE_CHECKING:
    from studyapp.app import StudyApp


class FindingScreen(Screen[None]):
    """The list and, where there is room, the preview, which can have the whole screen."""

    app: StudyApp
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (110, "-beside")]  # type: ignore[misc]
    VERTICAL_BREAKPOINTS: ClassVar = [(0, "-low"), (36, "-high")]  # type: ignore[misc]

    def __init__(self) -> None:
        super().__init__()
        self.line = SearchLine(
            id="search", placeholder="words, is:due, topic:ppo, must", compact=True, select_on_focus=False
        )
        self.list = RowList(self.draw, id="rows")
        self.preview = Preview(id="preview")
        self.found = Found([], ())
        self.said = ""  # what a key did or asks, until another item is selected
        self.example = Example()

    @cached_property
    def browser(self) -> Browser:
        return Browser(self.app.library, self.app.log_file, self.app.clock)

    def compose(self) -> ComposeResult:
        set_breakpoints(self)
        yield Static(id="where")
        yield self.line
        yield Static(id="hint")
        with Container(id="browse"):
            yield self.list
            yield self.preview
        yield KeyLine()

    def on_mount(self) -> None:
        self.search_again()  # before the first frame: two frames would take longer than reading ten thousand items

    # showing

    @property
    def row(self) -> Row | None:
        """The selected row, if the search found any."""
        return self.found.rows[self.list.cursor] if self.found.rows else None

    @property
    def reading(self) -> bool:
        """Whether the preview has the whole screen."""
        return self.has_class("-reading")

    @property
    def exercise(self) -> Exercise | None:
        """The selected drill's example, if one was asked for and is there."""
        return self.example.exercise(self.row.item) if self.row is not None else None

    def draw(self, place: int, width: int, selected: bool) -> Content:
        return item_line(self.found.rows[place], width, selected, self.browser.longest_topic)

    def search_again(self, item: str = "") -> None:
        """Find what the search line asks for, and select `item` if it is among that; else stay near the place."""
        self.found = self.browser.search(self.line.value)
        places = (place for place, row in enumerate(self.found.rows) if row.item.id == item)
        self.list.show(len(self.found.rows), next(places, self.list.cursor) if item else self.list.cursor)
        self.another_item()

    @on(RowList.Selected)
    def another_item(self) -> None:
        self.said = ""
        self.preview.scroll_home(animate=False)
        self.show_item()

    def show_item(self) -> None:
        """The lines above the list, and the preview where it is in view."""
        row = self.row
        found, there_are = len(self.found.rows), count(len(self.browser.rows), "item")
        amount = there_are if found == len(self.browser.rows) else f"{found:,} of {there_are}"
        place = f"{self.list.cursor + 1:,} of {found:,}" if self.reading else amount
        title = Content.assemble(("Browse", "bold $text-primary"), (f"  {place}", "$dim"))
        self.query_one("#where", Static).update(title, layout=False)
        self.show_hint()
        self.preview.visible = row is not None
        if row is not None and self.preview.display:
            note = self.app.log_file.flag_note(row.item.id) if row.standing.flagged else None
            self.preview.show(row, note, self.exercise, self.example.says(row.item))
            self.call_after_refresh(self.refresh_bindings)  # whether there is more below is known when it is laid out
        self.refresh_bindings()

    def show_hint(self) -> None:
        """What was done or is asked, or that nothing was found; else, in one row, how the search could go on."""
        said = self.said or ("" if self.row is not None else "Nothing is found.")
        parts = [*([(said, "$text-warning")] if said else []), *((hint, "$dim") for hint in self.found.hints)]
        words = Content("   ").join(Content.styled(*part) for part in parts)
        hint = self.query_one("#hint", Static)
        if self.found.hints:
            words = words.truncate(max(1, self.app.size.width - 2), ellipsis=True)
        hint.update(words, layout=bool(words) or hint.size.height > 1)

    @on(Resize)
    def room_changed(self) -> None:
        self.call_after_refresh(self.show_item)

    # moving

    def action_move(self, steps: int) -> None:
        self.list.move(steps)

    def action_page(self, direction: int) -> None:
        """A page of the list; of the text where that has the whole screen."""
        if self.reading:
            self.turn_page(direction)
        else:
            self.list.move(direction * self.list.page)

    def action_more(self) -> None:
        self.turn_page(1)

    def turn_page(self, direction: int) -> None:
        self.preview.turn(direction)
        self.call_after_refresh(self.refresh_bindings)

    def action_select(self, place: int) -> None:
        self.list.select(place % max(1, self.list.count))

    def action_read(self) -> None:
        self.read(True)

    def action_back(self) -> None:
        self.read(False)

    def read(self, reading: bool) -> None:
        """Give the preview the whole screen, or the list its place again."""
        self.set_class(reading, "-reading")
        self.call_after_refresh(self.show_item)  # by then it is known whether the preview is in view

    # searching

    def action_search(self) -> None:
        """Into the search line, what stands there selected, so that typing replaces it."""
        self.read(False)
        self.set_focus(self.line)  # line.focus() would wait, and the next key be a command
        self.line.action_select_all()

    def on_key(self, event: Key) -> None:
        """Search at once, before Textual comes to its bindings: what arrives in one burst with the slash is text."""
        if self.focused is not self.line:
            active = self.active_bindings.get(event.key)
            if active is not None and active.binding.action == "search":
                event.stop()
                self.action_search()
        elif self.line.is_command(event.key):
            event.stop()
        elif event.is_printable and event.character is not None:  # sent here before the search line had the focus
            event.stop()
            self.line.replace(event.character, *self.line.selection)

    def action_clear_search(self) -> None:
        self.line.value = ""

    def action_leave_search(self) -> None:
        self.set_focus(None)

    @on(Input.Changed, "#search")
    def typed(self) -> None:
        self.list.cursor = 0
        self.search_again()
