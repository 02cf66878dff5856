"""A picture made of text, drawn anew whenever its width changes."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

Draw = Callable[[int], Content]


class Drawn(Widget):
    """Shows what `draw(cells)` gives for the width that there is. `show` replaces the picture."""

    DEFAULT_CSS = "Drawn { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, draw: Draw, **names: str | None) -> None:
        super().__init__(**names)  # type: ignore[arg-type]
        self._draw = draw

    def show(self, draw: Draw) -> None:
        self._draw = draw
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._draw(max(width, 1)).plain.count("\n") + 1

    def render(self) -> Content:
        return self._draw(max(self.size.width, 1))
