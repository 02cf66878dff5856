"""A card's Markdown with its formulas, typeset to the width that there is."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from studyapp.typeset import Line, typeset

# what typesetting calls a piece of text → how the theme shows it
STYLES = {
    "bold": "bold",
    "italic": "italic",
    "code": "$text-accent",
    "math": "$text-primary",
    "heading": "bold $text-primary",
    "dim": "$dim",
    "rule": "$dim",
    "red": "$text-error",
    "green": "$text-success",
    "orange": "$text-warning",
    "blue": "$text-primary",
    "filled": "reverse",  # its colour is that of its ground
}


def content(lines: list[Line]) -> Content:
    """Typeset lines as Textual content."""
    parts: list[str | tuple[str, str]] = []
    for number, line in enumerate(lines):
        if number:
            parts.append("\n")
        for text, style in line:
            looks = " ".join(STYLES[word] for word in style.split())
            parts.append((text, looks) if looks else text)
    return Content.assemble(*parts)


class Prose(Widget):
    """Text that reflows with its width. `show` replaces it; the same text is not laid out twice."""

    DEFAULT_CSS = "Prose { height: auto; width: 1fr; }"

    def __init__(self, text: str = "", **names: str | None) -> None:
        super().__init__(**names)  # type: ignore[arg-type]
        self._text = text

    @property
    def text(self) -> str:
        return self._text

    def show(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(typeset(self._text, max(width, 1))) if self._text else 0

    def render(self) -> RenderResult:
        return content(typeset(self._text, max(self.size.width, 1))) if self._text else ""
