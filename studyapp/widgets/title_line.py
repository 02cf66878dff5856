"""A line of styled text that can be painted before it is shown: the line above a question."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

KEPT = 64  # lines that stay painted


class TitleLine(Widget):
    """Shows one line. It paints by itself, without borders and padding, for it changes with every key."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "TitleLine { height: 1; width: 1fr; text-wrap: nowrap; }"

    def __init__(self, **names: str | None) -> None:
        super().__init__(**names)  # type: ignore[arg-type]
        self._content = Content("")
        self._painted: dict[object, Strip] = {}

    def show(self, content: Content) -> None:
        if _looks(content) != _looks(self._content):
            self._content = content
            self.refresh()

    def prepare(self, content: Content) -> None:
        """Paint this line now, so that showing it later takes no time."""
        if self.outer_size:
            self._strip(content).render(self.app.console)  # the strip keeps it

    def render(self) -> RenderResult:
        return self._content

    def render_lines(self, crop: Region) -> list[Strip]:
        strip = self._strip(self._content)
        if crop.column_span != (0, self.outer_size.width):
            strip = strip.crop(*crop.column_span)
        return [strip]

    def _strip(self, content: Content) -> Strip:
        key = *_looks(content), self.outer_size.width
        if key not in self._painted:
            if len(self._painted) >= KEPT:
                self._painted.clear()
            self._painted[key] = self._paint(content)
        return self._painted[key]

    def _paint(self, content: Content) -> Strip:
        width = self.outer_size.width
        strip = Visual.to_strips(self, content, width, 1, self.visual_style, apply_selection=False)[0]
        strip = strip.adjust_cell_length(width, self.rich_style)
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, background)
        return strip

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painted.clear()


def _looks(content: Content) -> tuple[object, ...]:
    """Content compares by its words alone."""
    return content.plain, tuple(content.spans)
