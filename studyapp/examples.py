"""A drill's example, asked for where nothing is graded: fresh numbers, made in the worker while one goes on."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

from decks.exercises import Exercise
from decks.items import Item


@dataclass(frozen=True, slots=True)
class Example:
    """The exercise that was asked for last, made or being made, and its drill's id."""

    drill: str = ""
    future: Future[Exercise] | None = None

    def exercise(self, item: Item) -> Exercise | None:
        """The exercise, once it is there, if it is of this item."""
        future = self._of(item)
        return future.result() if future is not None and future.done() and not _failure(future) else None

    def is_being_made(self, item: Item) -> bool:
        future = self._of(item)
        return future is not None and not future.done()

    def says(self, item: Item) -> str:
        """What stands where this drill's example will be."""
        future = self._of(item)
        if future is None:
            return "Press g for an example with fresh numbers."
        return _failure(future) if future.done() else "Making fresh numbers…"

    def _of(self, item: Item) -> Future[Exercise] | None:
        return self.future if item.id == self.drill else None


def _failure(future: Future[Exercise]) -> str:
    """Why there is no exercise; empty if there is one."""
    if future.cancelled():
        return "This was stopped; press g for another."
    return str(future.exception() or "")
