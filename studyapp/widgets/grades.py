"""The four grades, each with the interval it would give: a row that has its place also while it is empty."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import pairwise

from textual import events
from textual.content import Content
from textual.message import Message

from db.schedule import Option
from studyapp.widgets.kept import Kept
from studyapp.words import NAMES, interval

# grade → the colour of its button
COLOURS = {1: "$text-error", 2: "$text-warning", 3: "$text-success", 4: "$text-primary"}
NARROW = 64  # cells; below it the buttons stand closer, so that their words have room


class GradeBar(Kept):
    """Again, Hard, Good, Easy in a row; a click is as good as a key."""

    DEFAULT_CSS = "GradeBar { height: 1; width: 1fr; text-wrap: nowrap; }"

    class Chosen(Message):
        """A grade was clicked."""

        def __init__(self, grade: int) -> None:
            super().__init__()
            self.grade = grade

    def __init__(self, **names: str | None) -> None:
        super().__init__(**names)
        self._days: dict[int, int] = {}
        self._chosen: int | None = None
        self._under_mouse: int | None = None

    def show(self, options: Mapping[int, Option], chosen: int | None = None) -> None:
        """The intervals of `options`, or nothing without any; `chosen` is the grade already in the log."""
        shown = {grade: option.days for grade, option in options.items()}, chosen
        if shown != (self._days, self._chosen):
            self._days, self._chosen = shown
            self.refresh()

    @property
    def is_shown(self) -> bool:
        return bool(self._days)

    def _buttons(self) -> Iterator[tuple[int, int, int]]:
        """Each grade with the columns where its button begins and ends."""
        before, after = (0, 1) if self.size.width < NARROW else (1, 1)
        shares = [round(self.size.width * number / len(NAMES)) for number in range(len(NAMES) + 1)]
        for grade, (start, end) in zip(NAMES, pairwise(shares), strict=True):
            yield grade, min(start + before, end), max(start + before, end - after)

    def looks(self) -> Hashable:
        return tuple(self._days.values()), self._chosen, self._under_mouse

    def render(self) -> Content:
        parts, x = [], 0
        for grade, start, end in self._buttons() if self._days else ():
            days = "" if grade == self._chosen else "$dim"  # dim is chosen for the panel, not for the chosen button
            label = Content.assemble((str(grade), "bold"), f" {NAMES[grade]} ", (interval(self._days[grade]), days))
            label = label.truncate(end - start)
            spare = end - start - label.cell_length
            button = label.pad(spare // 2, spare - spare // 2)  # Content.center makes it too wide
            parts += [Content(" " * (start - x)), button.stylize_before(self._looks(grade))]
            x = end
        return Content("").join(parts)

    def _looks(self, grade: int) -> str:
        if grade == self._chosen:
            return "$text on $primary"
        return f"{COLOURS[grade]} on {'$primary-muted' if grade == self._under_mouse else '$panel'}"

    def _at(self, x: int) -> int | None:
        """The grade whose button is at that column."""
        return next((grade for grade, start, end in self._buttons() if start <= x < end), None)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        grade = self._at(event.x)
        if self.is_shown and grade is not None:
            self.post_message(self.Chosen(grade))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(self._at(event.x))

    def on_leave(self) -> None:
        self._hover(None)

    def _hover(self, grade: int | None) -> None:
        if grade != self._under_mouse:
            self._under_mouse = grade
            self.refresh()
