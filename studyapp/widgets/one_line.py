"""An input of one line in which keys count in the order in which they were typed, and that takes a paste of several."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class OneLine(Input):
    """Textual types a letter at once and acts on other keys only when they have come up to the app: of a burst, as it
    comes over a slow line, a correction would be made after what was typed behind it."""

    def is_command(self, key: str) -> bool:
        """Whether a key that has a character is no text here."""
        return False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return not self.is_command(key) and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable and not self.is_command(event.key):
            return  # Textual calls Input's own handler next, which types the key
        event.prevent_default()
        active = self.app.screen.active_bindings.get(event.key)
        if active is not None and active.enabled:
            event.stop()
            await self.app.run_action(active.binding.action, active.node)

    def _on_paste(self, event: events.Paste) -> None:
        """Join pasted lines with spaces: a column of numbers is an answer too. Textual drops all but the first."""
        event.prevent_default()  # Textual would call Input's own handler next
        event.stop()
        self.replace(" ".join(event.text.split()), *self.selection)
