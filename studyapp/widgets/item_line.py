"""An item in one line of a list: how it stands, what it is about, its first words."""

from __future__ import annotations

from typing import NamedTuple

from textual.content import Content

from studyapp.browsing import one_line, state_word
from studyapp.searching import Row
from studyapp.typeset.cells import fit


class Look(NamedTuple):
    """A state's sign, readable without colour, and its style."""

    sign: str
    style: str


SIGNS = {
    "new": Look("○", "$text-success"),
    "due": Look("●", "$text-warning"),
    "scheduled": Look("◔", "$text-primary"),
    "suspended": Look("×", "$dim"),
}
MARKS = {"must": "!", "should": " ", "nice": "·"}  # an importance where there is no room for its word
STATE = 11  # cells of the longest state word


class Columns(NamedTuple):
    """What a list from `width` cells on has room for."""

    width: int
    state: bool
    topic: int
    importance: bool


LAYOUTS = (
    Columns(84, True, 20, True),
    Columns(70, True, 16, False),
    Columns(54, False, 20, False),
    Columns(0, False, 10, False),
)


def item_line(row: Row, width: int, selected: bool, longest_topic: int) -> Content:
    """The line in columns; whoever shows it cuts the words at its end. A selected one has no colours of its own."""
    item, look = row.item, SIGNS[row.state]
    layout = next(columns for columns in LAYOUTS if width >= columns.width)
    topic = min(layout.topic, longest_topic)
    named = item.topic if len(item.topic) <= topic else item.topic[: topic - 1] + "…"
    state = f"{look.sign} " + (fit(state_word(row), STATE + 1) if layout.state else "")
    importance = fit(item.importance, 7) if layout.importance else MARKS[item.importance] + " "
    parts = [
        ("▸" if selected else " ", "bold"),
        (state, look.style),
        ("⚑ " if row.standing.flagged else "  ", "$text-warning"),
        (fit(named, topic + 1), "$text-primary"),
        (importance, "$dim"),
        (one_line(item), ""),
    ]
    return Content.assemble(*(text if selected or not style else (text, style) for text, style in parts))
