"""The line in which a drill's answer is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from studyapp.widgets.one_line import OneLine

COMMANDS = frozenset({"space", "question_mark"})  # no answer begins with these, so on an empty line they are keys


class AnswerLine(OneLine):
    """An input that leaves space and ? to the screen while it is empty, and what moves up and down always; escape gives
    the screen all its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Check", key_display="enter", id="session.check"),
        Binding("escape", "screen.leave_line", "Commands", id="session.commands"),
        Binding("up", "screen.scroll(-1)", "Scroll up", show=False, id="line.up"),
        Binding("down", "screen.scroll(1)", "Scroll down", show=False, id="line.down"),
        Binding("pageup", "screen.page(-1)", "Page up", show=False, id="line.page_up"),
        Binding("pagedown", "screen.page(1)", "Page down", show=False, id="line.page_down"),
    ]

    def is_command(self, key: str) -> bool:
        """Also whatever was typed in one burst with a key that took the focus away: it is no part of an answer."""
        return self.app.screen.focused is not self or (not self.value and key in COMMANDS)
