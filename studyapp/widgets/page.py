"""The page of a worksheet: a question, a rule, and below it whatever belongs to its answer.

It paints typeset lines itself and has no children, so that going from one card to the next lays nothing out: Textual's
layout and a widget for each piece cost more than the text. What `prepare` has laid out is only copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from studyapp.sheet_parts import LEFT, LONGEST_LINE, RIGHT, Part, stack
from studyapp.typeset import LEAST_WIDTH, typeset
from studyapp.widgets.prose import STYLES, content

KEPT = 64  # parts that stay laid out

RULE = Part("rule", "")  # what stands between the first part and the second


@dataclass(slots=True, eq=False)
class Row:
    """A line of the page as it is painted, and its text as it is copied."""

    strip: Strip
    text: str
    whole: dict[bool, Strip] = field(default_factory=dict)  # with the scrollbar, by whether its thumb stands there


class Page(ScrollView, can_focus=False):
    """Shows parts, the second and further ones below a rule; scrolls where they are too long. The screen has the keys.

    The scrollbar is the page's own last column: Textual's, a widget, comes and goes with a layout and has to be drawn.
    """

    DEFAULT_CSS = """
    Page { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 0; text-wrap: nowrap; }
    """

    def __init__(self, **names: str | None) -> None:
        super().__init__(**names)  # type: ignore[arg-type]
        self._parts: tuple[Part, ...] = ()
        self._rows: list[Row] = []
        self._starts: dict[str, int] = {}  # part → its first row
        self._kept: dict[tuple[Part, int, int], list[Row]] = {}

    # what is shown

    def show(self, *parts: Part) -> None:
        """Show these parts, those without text left out. Where the page is scrolled to stays, as far as it is there."""
        parts = tuple(part for part in parts if part.text)
        if parts != self._parts:
            self._parts = parts
            self._lay_out()

    def prepare(self, *parts: Part) -> None:
        """Lay these parts out now, so that showing them later takes no time."""
        rows, _ = self._rows_of([part for part in parts if part.text])
        for row in rows:
            for is_thumb in {False, len(rows) > self.outer_size.height}:
                self._whole(row, is_thumb).render(self.app.console)  # the strip keeps it

    def text(self, name: str) -> str:
        """The Markdown of a part; empty if it is not shown."""
        return next((part.text for part in self._parts if part.name == name), "")

    @property
    def source(self) -> str:
        """The Markdown of everything that is shown."""
        return "\n\n---\n\n".join(part.text.strip() for part in self._parts) + "\n"

    # where it is scrolled to

    def to_top(self) -> None:
        self.scroll_to(y=0, animate=False)

    def to_part(self, name: str) -> None:
        """Have a part begin at the top of the page, as far as there is enough below it."""
        self.scroll_to(y=self._starts.get(name, 0), animate=False)

    def see(self, name: str) -> None:
        """Scroll on until a part stands in view down to its last row."""
        below = [start for start in self._starts.values() if start > self._starts.get(name, 0)]
        end = min(below, default=len(self._rows))
        if name in self._starts and end > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=end - self.size.height, animate=False)

    @property
    def has_more(self) -> bool:
        """Whether the text goes on below."""
        return self.scroll_offset.y < self.max_scroll_y

    def turn(self) -> None:
        """A page on, two lines of it staying in view."""
        self.scroll_relative(y=max(1, self.size.height - 2), animate=False)

    # laying out

    def _lay_out(self) -> None:
        """Put the parts into rows, and paint the lines in view from the first to the last that is not as it was."""
        before = self._in_view()
        self._rows, self._starts = self._rows_of(self._parts)
        # Not by assignment, which would lay out the whole screen.
        self.set_reactive(Widget.virtual_size, Size(0, len(self._rows)))
        if self.scroll_offset.y > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False)
        lines = enumerate(zip(before, self._in_view(), strict=True))
        changed = [y for y, (old, new) in lines if old != new]
        if changed:  # one region: Textual takes longer for many than for the lines between them
            first, last = changed[0], changed[-1]
            self.refresh(Region(0, first, self.outer_size.width, last - first + 1))

    def _rows_of(self, parts: Sequence[Part]) -> tuple[list[Row], dict[str, int]]:
        """The rows of these parts, and where each begins."""
        width = min(self.outer_size.width - LEFT - RIGHT, LONGEST_LINE)
        if width <= 0:
            return [], {}  # there is no room yet
        heights = [len(typeset(part.text, width)) for part in parts]
        starts, rule, height = stack(parts, heights, self.outer_size.height)
        rows = [self._blank] * height
        for part, start, taken in zip(parts, starts, heights, strict=True):
            rows[start : start + taken] = self._laid_out(part, width, start)
        if rule is not None:
            rows[rule : rule + 1] = self._laid_out(RULE, width, rule)
        return rows, {part.name: start for part, start in zip(parts, starts, strict=True)}

    def _laid_out(self, part: Part, width: int, first: int) -> list[Row]:
        """The rows of a part whose first one is that row of the page."""
        key = part, width, first
        rows = self._kept.get(key)
        if rows is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            rows = self._kept[key] = self._painted(part, width, first)
        return rows

    def _painted(self, part: Part, width: int, first: int) -> list[Row]:
        text = Content.styled("─" * width, "$panel") if part is RULE else content(typeset(part.text, width))
        if part.is_aside:
            text = text.stylize_before(STYLES["dim"])
        strips = Visual.to_strips(self, text, max(width, LEAST_WIDTH), None, self.visual_style, apply_selection=False)
        lines = text.plain.split("\n")
        return [
            Row(self._filled(strip.apply_offsets(0, y)), line)
            for y, (strip, line) in enumerate(zip(strips, lines, strict=True), first)
        ]

    def _filled(self, strip: Strip) -> Strip:
        """A line of text with what is beside it."""
        line = Strip.join([Strip.blank(LEFT, self.rich_style), strip])
        return line.adjust_cell_length(self.outer_size.width - 1, self.rich_style)

    @cached_property
    def _blank(self) -> Row:
        return Row(Strip.blank(self.outer_size.width - 1, self.rich_style), "")

    @cached_property
    def _bar(self) -> tuple[Strip, Strip]:
        """The scrollbar's column: where its thumb is not, and where it is."""
        colour = Style.from_color(self.styles.scrollbar_color.rich_color)
        return Strip.blank(1, self.rich_style), Strip([Segment("█", self.rich_style + colour)], 1)

    def on_resize(self) -> None:
        if self._blank.strip.cell_length != self.outer_size.width - 1:
            self._forget()
        self._lay_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._forget()
        self._lay_out()

    def _forget(self) -> None:
        """What was laid out was for another width or theme."""
        self._kept.clear()
        for name in ("_blank", "_bar"):
            self.__dict__.pop(name, None)

    # painting

    def _in_view(self) -> list[tuple[Row, bool]]:
        """A row for each line of the page that is on the screen, and whether the scrollbar's thumb stands there."""
        top, height, thumb = self.scroll_offset.y, self.outer_size.height, self._thumb()
        rows = self._rows[top : top + height]
        return [(row, y in thumb) for y, row in enumerate(rows + [self._blank] * (height - len(rows)))]

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips as they are: Textual's own way would see to borders and padding, which the page has not."""
        lines = self._in_view()
        if (selection := self.text_selection) is None:
            strips = [self._whole(row, is_thumb) for row, is_thumb in lines[crop.y : crop.bottom]]
        else:
            first = self.scroll_offset.y
            marked = [self._selected(row, selection.get_span(y)) for y, (row, _) in enumerate(lines, first)]
            strips = [self._joined(text, is_thumb) for text, (_, is_thumb) in zip(marked, lines, strict=True)]
            strips = strips[crop.y : crop.bottom]
        if crop.column_span != (0, self.outer_size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _whole(self, row: Row, is_thumb: bool) -> Strip:
        """The row up to the edge of the page, kept with it: what was painted once is only copied."""
        whole = row.whole.get(is_thumb)
        if whole is None:
            whole = row.whole[is_thumb] = self._joined(row.strip, is_thumb)
        return whole

    def _joined(self, text: Strip, is_thumb: bool) -> Strip:
        line = Strip.join([text, self._bar[is_thumb]])
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            line = line.apply_filter(line_filter, background)
        return line

    def _selected(self, row: Row, span: tuple[int, int] | None) -> Strip:
        """The row with that part of its text marked; an end of −1 is the end of the line."""
        if span is None:
            return row.strip
        first, last = span
        start = LEFT + cell_len(row.text[:first])
        end = LEFT + cell_len(row.text if last == -1 else row.text[:last])
        ground = self.screen.get_component_rich_style("screen--selection").bgcolor  # the text keeps its own colour
        marked = Strip(Segment.apply_style(row.strip.crop(start, end), post_style=Style(bgcolor=ground)))
        return Strip.join([row.strip.crop(0, start), marked, row.strip.crop(end)])

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        return selection.extract("\n".join(row.text for row in self._rows)), "\n"

    # the scrollbar

    def _thumb(self) -> range:
        """The lines on which it has its thumb; none where everything is in view."""
        height, beyond = self.outer_size.height, self.max_scroll_y
        if not beyond:
            return range(0)
        length = max(1, height * height // (height + beyond))
        top = round((height - length) * self.scroll_offset.y / beyond)
        return range(top, top + length)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.x == self.outer_size.width - 1 and self._thumb():
            event.stop()
            self.capture_mouse()
            self._thumb_to(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._thumb_to(event.y)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def _thumb_to(self, y: int) -> None:
        """Scroll so that the middle of the thumb comes to that line."""
        thumb, height = self._thumb(), self.outer_size.height
        share = (y - len(thumb) / 2) / max(1, height - len(thumb))
        self.scroll_to(y=round(share * self.max_scroll_y), animate=False)
