"""Driving the browse screen: opening it, pressing keys, and reading what it shows."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from studyapp.screens.browse import BrowseScreen
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.prose import Prose
from studyapp.widgets.row_list import RowList

SMALL, BESIDE, HIGH = (80, 24), (140, 40), (90, 44)


async def browse(pilot: Pilot[None], *keys: str) -> BrowseScreen:
    """The screen, opened from home, once it has taken these keys."""
    await pilot.press("b", *keys)
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, BrowseScreen)
    return screen


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def selected(pilot: Pilot[None]) -> str:
    row = pilot.app.screen.row  # type: ignore[attr-defined]
    return row.item.id if row is not None else ""


def text(pilot: Pilot[None], part: str) -> str:
    """What a part of the screen shows; empty if it is not to be seen."""
    widget = pilot.app.screen.query_one(f"#{part}")
    if not widget.region.area:
        return ""
    return widget.text if isinstance(widget, Prose) else str(widget.render()) if isinstance(widget, Static) else ""


def keys(pilot: Pilot[None]) -> set[str]:
    """The words that the line of keys shows."""
    line = pilot.app.screen.query_one(KeyLine)
    return {key.word for row in line.rows(line.size.width) for key in row}


def lines(pilot: Pilot[None]) -> list[str]:
    """The rows of the list that are in view, as text."""
    rows = pilot.app.screen.query_one(RowList)
    return ["".join(segment.text for segment in rows.render_line(y)).rstrip() for y in range(rows.size.height)]


def state(pilot: Pilot[None], item: str) -> Any:
    return pilot.app.log_file.state(item)  # type: ignore[attr-defined]


def notes(pilot: Pilot[None]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)
