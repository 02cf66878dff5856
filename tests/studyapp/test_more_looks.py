"""What practice, settings and the welcome look like, as snapshots (see test_looks.py)."""

from __future__ import annotations

from typing import Any

import pytest
from standins import HandClock
from textual.pilot import Pilot

from studyapp.app import StudyApp

SIZES = [(80, 24), (140, 40)]
THEMES = ["textual-dark", "textual-light"]
KEYS = {
    "drills": ["d", "j", "j", "j"],
    "exercise-wrong": ["d", "j", "j", "enter", "5", "enter"],
    "settings": ["s", "j", "8", "5"],
    "welcome-1": [],
    "welcome-2": ["enter"],
    "welcome-3": ["enter", "enter"],
}


def pressing(*keys: str, theme: str) -> Any:
    async def press(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        for key in keys:
            await pilot.press(key)
            await pilot.pause()

    return press


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", KEYS)
def test_looks(
    make: Any,
    clock: HandClock,
    snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
    screen: str,
    size: tuple[int, int],
    theme: str,
) -> None:
    monkeypatch.setattr("studyapp.practice.fresh_seed", lambda: "7")
    monkeypatch.setenv("STUDYAPP_HOME", "/home/ada/.local/share/studyapp")
    place = make(cards=4, drills=7, topics=3)
    app = StudyApp(place.library, place.log, clock, place.solver, welcome=screen.startswith("welcome"))  # type: ignore[arg-type]
    assert snap_compare(app, terminal_size=size, run_before=pressing(*KEYS[screen], theme=theme))
