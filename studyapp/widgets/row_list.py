"""A list of any length with one row selected; only the rows in view are ever drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

Draw = Callable[[int, int, bool], Content]


class RowList(ScrollView, can_focus=False):
    """Rows 0 to `count` − 1, each what `draw(row, cells, selected)` gives, cut at the edge. The screen has the keys."""

    ALLOW_SELECT = False  # dragging the mouse would mark text of rows that are not there
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--selected"}
    DEFAULT_CSS = """
    RowList { overflow-x: hidden; scrollbar-size-vertical: 1; }
    RowList .row-list--selected { background: $block-cursor-background; color: $block-cursor-foreground; }
    """

    class Selected(Message):
        """Another row is selected."""

    class Chosen(Message):
        """The selected row was clicked."""

    def __init__(self, draw: Draw, **names: str | None) -> None:
        super().__init__(**names)  # type: ignore[arg-type]
        self._draw = draw
        self.count = 0
        self.cursor = 0

    def show(self, count: int, cursor: int) -> None:
        """Other rows: draw all of them anew. Sends no message, so that what stands beside them is drawn with them."""
        self.count = count
        self.virtual_size = Size(0, count)
        self.cursor = max(0, min(cursor, count - 1))
        self._into_view()
        self.refresh()

    def move(self, steps: int) -> None:
        """Select the row so many steps on, or the last one there is."""
        self.select(self.cursor + steps)

    def select(self, row: int) -> None:
        before, self.cursor = self.cursor, max(0, min(row, self.count - 1))
        if self.cursor != before:
            self.refresh_line(before)
            self.refresh_line(self.cursor)
            self._into_view()
            self.post_message(self.Selected())

    @property
    def page(self) -> int:
        """How many rows are in view."""
        return max(1, self.scrollable_content_region.height)

    def _into_view(self) -> None:
        top = self.scroll_offset.y
        if not top <= self.cursor < top + self.page:
            self.scroll_to(y=self.cursor if self.cursor < top else self.cursor - self.page + 1, animate=False)

    def on_resize(self) -> None:
        self._into_view()

    def on_click(self, event: events.Click) -> None:
        row = self.scroll_offset.y + event.y
        if row >= self.count:
            return
        if row == self.cursor:
            self.post_message(self.Chosen())
        self.select(row)

    def render_line(self, y: int) -> Strip:
        row = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        if row >= self.count:
            return Strip.blank(width, self.rich_style)
        selected = row == self.cursor
        style = self.get_visual_style("row-list--selected") if selected else self.visual_style
        line = self._draw(row, width, selected).truncate(width, ellipsis=True, pad=True)
        return Visual.to_strips(self, line, width, 1, style, apply_selection=False)[0]
