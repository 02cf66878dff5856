"""The line in which one types what to look for."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from studyapp.widgets.one_line import OneLine


class SearchLine(OneLine):
    """Enter leaves it, with what was typed, so that letters are commands again; escape clears it first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.leave_search", "To the list", key_display="enter", id="browse.to_list"),
        Binding("escape", "screen.clear_search", "Clear", key_display="esc", id="browse.clear"),
        Binding("escape", "screen.leave_search", "To the list", show=False),
    ]

    def is_command(self, key: str) -> bool:
        """What is looked for does not begin with the key that leads here: pressed once more, it types nothing."""
        return key == "slash" and not self.value
