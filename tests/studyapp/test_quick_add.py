"""A card written down in the app: saved, refused with its text kept, or left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from standins import HandClock
from textual.pilot import Pilot
from textual.widgets import TextArea

from studyapp.app import StudyApp
from studyapp.learner import open_library
from studyapp.screens.home import HomeScreen
from studyapp.screens.quick_add import QuickAddScreen


@pytest.fixture
def app(make: Any, clock: HandClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StudyApp:
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "learner"))
    place = make(cards=3, drills=0)
    return StudyApp(open_library(place.log), place.log, clock, place.solver)


async def write(pilot: Pilot[None], question: str, answer: str) -> None:
    await pilot.press("a", *question, "tab", *answer)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (140, 40)])
async def test_a_card_is_written_and_is_in_the_decks_at_once(app: StudyApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        before = app.look().new_waiting
        await write(pilot, "why", "so")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        card = app.library.cards["my-why"]
        assert (card.question, card.answer) == ("why", "so")
        assert app.look().new_waiting == before + 1


async def test_an_empty_answer_is_refused_and_the_question_stays(app: StudyApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "w", "ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, QuickAddScreen)
        assert app.screen.query_one("#new-question", TextArea).text == "w"


async def test_escape_leaves_without_a_trace(app: StudyApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "q", "a")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
    assert not (tmp_path / "learner" / "decks").exists()


async def test_what_was_typed_is_there_again_until_it_is_saved(app: StudyApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "why", "so")
        await pilot.press("escape", "a", "s", "tab", "!")
        sides = [side.text for side in app.screen.query(TextArea)]
        assert sides == ["whys", "so!"]
        await pilot.press("ctrl+s", "a")
        await pilot.pause()
        assert [side.text for side in app.screen.query(TextArea)] == ["", ""]
