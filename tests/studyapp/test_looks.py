"""What the main screens look like, as snapshots: `pytest --snapshot-update` after a change that is meant, then look.

The decks are a few of the shipped ones as they once were (support/looks), so that a new card changes no snapshot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from standins import LOOKS, AtOnce, HandClock, open_log
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from decks.library import load_library
from studyapp.app import StudyApp
from studyapp.place import Place, Waiting

SIZES = [(80, 24), (140, 40)]
THEMES = ["textual-dark", "textual-light"]


@pytest.fixture
def app(tmp_path: Path) -> StudyApp:
    """A fixed day, the learner about to be asked about PPO and then to halve one."""
    library = load_library(shipped=LOOKS)
    assert not library.problems
    clock, log = HandClock(), open_log(tmp_path, library)
    items = ["ppo-clipping", "mdp-components", "td-mc-vs-td"]
    place = Place([Waiting(item, "", 0) for item in items] + [Waiting("dpo-loss", "7", 0)])
    log.save_bookmark(place.written(), clock.now(), clock.today())
    return StudyApp(library, log, clock, AtOnce())  # type: ignore[arg-type]


def pressing(*keys: str, theme: str) -> Any:
    async def press(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        for field in [*pilot.app.screen.query(TextArea), *pilot.app.screen.query(Input)]:
            field.cursor_blink = False

    return press


KEYS = {
    "home": [],
    "card": ["enter", "space"],
    "drill-wrong": ["enter", *["space", "3"] * 3, "5", "enter"],
    "evidence": ["enter", "space", "e"],
    "summary": ["enter", *["space", "3"] * 3, *"0.5", "enter", "space"],
    "help": ["enter", "question_mark"],
    "flag": ["enter", "f", *"Is it $r_t$?"],
    "quick-add": ["a", *"What bounds $r_t$?", "tab", *"Nothing: **clip** bounds", "enter", *"what is *gained*."],
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", KEYS)
def test_looks(app: StudyApp, snap_compare: Any, screen: str, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing(*KEYS[screen], theme=theme))
