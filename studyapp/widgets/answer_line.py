"""The line in which a drill's answer is typed."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

# no number begins with these, so while the line is empty they stay commands
COMMANDS = frozenset({"space", "n", "u", "x", "f", "o", "q", "question_mark", "j", "k"})


class AnswerLine(Input):
    """An input that leaves the session's keys alone while it is empty."""

    def _is_command(self, key: str) -> bool:
        return not self.value and key in COMMANDS

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return not self._is_command(key) and super().check_consume_key(key, character)

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]
        if self._is_command(event.key):
            event.prevent_default()  # Textual would call Input's own handler next, which types the key
