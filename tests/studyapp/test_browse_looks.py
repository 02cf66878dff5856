"""What the browse screen looks like, as snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from standins import AtOnce, HandClock, open_log, write_decks
from textual.pilot import Pilot

from decks.library import load_library
from studyapp.app import StudyApp

SIZES = [(80, 24), (140, 40)]
THEMES = ["textual-dark", "textual-light"]
CARD = """
## importance-ratio
importance: should
source: A book, page 7

What is the importance ratio $r_t(\\theta)$?

---

$$r_t(\\theta) = \\frac{\\pi_\\theta(a_t \\mid s_t)}{\\pi_{\\theta_{\\text{old}}}(a_t \\mid s_t)}$$

It is **one** where the policy has not changed.
"""


@pytest.fixture
def app(tmp_path: Path) -> StudyApp:
    """Items in every state, the first one with a formula, on a fixed day."""
    folder = write_decks(tmp_path / "decks", cards=40, drills=3)
    deck = folder / "t0.md"
    deck.write_text(deck.read_text(encoding="utf-8") + CARD, encoding="utf-8")
    library = load_library(shipped=folder)
    clock, log = HandClock(), open_log(tmp_path, library)
    when = (clock.now(), clock.zone, clock.today())
    for n, due_in in enumerate([0, 2, 40, 400, -3, 1, 9]):
        log.review(f"card-{n * 3:03}", 3, clock.today() + due_in, 4000, *when)
    log.review("importance-ratio", 1, clock.today() + 12, 4000, *when)
    log.suspend("card-006", *when)
    log.flag("card-009", "Is the sign right?", *when)
    log.flag("importance-ratio", "Say which policy.", *when)
    return StudyApp(library, log, clock, AtOnce())  # type: ignore[arg-type]


KEYS = {
    "list": ["b", "j", "j"],
    "searched": ["b", "slash", *"ratio is:flag"],
    "reading": ["b", "slash", *"ratio", "enter", "enter"],
    "reset": ["b", "j", "r"],
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", list(KEYS))
def test_looks(app: StudyApp, snap_compare: Any, screen: str, size: tuple[int, int], theme: str) -> None:
    async def press(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        for key in KEYS[screen]:
            await pilot.press(key)
        await pilot.pause()
        if pilot.app.focused is not None:
            pilot.app.focused.cursor_blink = False  # type: ignore[attr-defined]
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=press)
