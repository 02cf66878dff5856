"""The keys that work here and now, at the bottom of every screen.

Textual's Footer mounts a widget for every key each time they change, several layouts long; this is one widget that
draws, so that the next card is on the screen in the same frame as its keys.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen

from studyapp.widgets.kept import Kept


class Key(NamedTuple):
    """A key as it is shown, what it does in a word, and the key to press for a click on it."""

    shown: str
    word: str
    press: str

    @property
    def width(self) -> int:
        return len(self.shown) + len(self.word) + 3


ENOUGH = 80  # cells; from there on one row has room for the keys that matter
ALWAYS = 2  # keys at the end that are never left out: the way back and the help


class KeyLine(Kept):
    """Follows the screen's active bindings; wraps where they need more than one line.

    A steady one keeps its height, so that what stands above it keeps its place: keys that have no room are left to the
    help.
    """

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom; height: auto; width: 1fr;
        color: $footer-foreground; background: $footer-background;
    }
    """

    def __init__(self, is_steady: bool = False) -> None:
        super().__init__()
        self.is_steady = is_steady
        self._keys: list[Key] | None = None  # before there was anything to draw

    def on_mount(self) -> None:
        # at once: a message to this widget could come too late for the frame that it belongs to
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed, immediate=True)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        keys = self.shown_keys()
        if keys != self._keys:
            self._keys = keys
            self.refresh(layout=not self.is_steady and len(self.rows(self.size.width)) != self.size.height)

    def shown_keys(self) -> list[Key]:
        """The keys to show: enabled, meant to be shown, one an action."""
        found: dict[str, Key] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in found:
                shown = self.app.get_key_display(binding)
                found[binding.action] = Key(shown, binding.description, binding.key)
        return list(found.values())

    def rows(self, width: int) -> list[list[Key]]:
        """The keys in as many rows as they need, or as a steady line has."""
        if self._keys is None:
            self._keys = self.shown_keys()
        keys = list(self._keys)
        rows = _in_rows(keys, width)
        while self.is_steady and len(rows) > _steady_height(width) and len(keys) > ALWAYS:
            del keys[-ALWAYS - 1]
            rows = _in_rows(keys, width)
        return rows

    def looks(self) -> Hashable:
        return tuple(self._keys or ())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return _steady_height(width) if self.is_steady else len(self.rows(width))

    def render(self) -> RenderResult:
        parts: list[str | tuple[str, str]] = []
        for number, row in enumerate(self.rows(self.size.width)):
            parts.append("\n" if number else "")
            for key in row:
                parts += [(f" {key.shown}", "bold $footer-key-foreground"), f" {key.word} "]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        rows, column = self.rows(self.size.width), 0
        for key in rows[event.y] if event.y < len(rows) else []:
            column += key.width
            if event.x < column:
                self.app.simulate_key(key.press)
                return


def _in_rows(keys: list[Key], width: int) -> list[list[Key]]:
    rows: list[list[Key]] = [[]]
    for key in keys:
        if rows[-1] and sum(other.width for other in rows[-1]) + key.width > width:
            rows.append([])
        rows[-1].append(key)
    return rows


def _steady_height(width: int) -> int:
    return 1 if width >= ENOUGH else 2
