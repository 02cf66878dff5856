"""The first run: who is welcomed and who is not, three pages, the first card; escape skips, and it comes once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from derivations import with_derivations
from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS
from standins import HandClock
from textual.pilot import Pilot
from textual.widgets import Static

from db.log import Log
from db.schedule import Scheduler
from studyapp.app import StudyApp
from studyapp.learner import is_unused
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.summary import SummaryScreen
from studyapp.screens.welcome import PAGES, WelcomeScreen, intervals
from studyapp.settings import Settings
from studyapp.widgets.key_line import KeyLine
from studyapp.words import interval


@pytest.fixture
def app(make: Any, clock: HandClock) -> Callable[..., StudyApp]:
    place: Any = None

    def build(**sizes: int) -> StudyApp:
        nonlocal place
        place = place or make(**sizes)
        return StudyApp(place.library, place.log, clock, place.solver, welcome=True)

    return build


def page(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#welcome", Static).render())


def keys(pilot: Pilot[None]) -> set[str]:
    return {key.word for key in pilot.app.screen.query_one(KeyLine).shown_keys()}


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_three_pages_then_the_first_card(app: Any, size: tuple[int, int], monkeypatch: Any) -> None:
    monkeypatch.setenv("STUDYAPP_HOME", "/data/ada[0]/$study")
    studyapp = app(cards=4, drills=2)
    async with studyapp.run_test(size=size) as pilot:
        assert isinstance(studyapp.screen, WelcomeScreen)
        assert len(PAGES) == 3
        assert "4 cards and 2 drills" in page(pilot)
        assert keys(pilot) == {"Next", "Skip", "Help"}
        await pilot.press("enter")
        assert "10 new ones" in page(pilot)
        assert keys(pilot) == {"Next", "Back", "Skip", "Help"}
        await pilot.press("left", "space", "l")
        assert "/data/ada[0]/$study" in page(pilot)
        assert "First card" in keys(pilot)
        assert studyapp.screen.query_one("#page").max_scroll_y == 0  # all of it fits
        await pilot.press("enter")
        assert isinstance(studyapp.screen, SessionScreen)
        assert studyapp.screen.session.left == 6
        await pilot.press("escape", "escape")
        assert isinstance(studyapp.screen, HomeScreen)


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_it_can_be_skipped_and_comes_once(app: Any, key: str) -> None:
    studyapp = app(cards=4, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        assert isinstance(studyapp.screen, HomeScreen)
        assert Settings.of(studyapp.log_file).welcomed
    again = app()
    async with again.run_test(size=(80, 24)):
        assert isinstance(again.screen, HomeScreen)


async def test_the_key_that_starts_does_nothing_but_turn_before_the_last_page(app: Any) -> None:
    studyapp = app(cards=4, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("left", "h")  # there is nothing before the first
        assert "Welcome" in page(pilot)
        await pilot.press("question_mark", "escape")
        assert isinstance(studyapp.screen, WelcomeScreen)


async def test_without_any_item_it_ends_in_the_summary(app: Any) -> None:
    studyapp = app(cards=0, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter", "enter")
        assert isinstance(studyapp.screen, SummaryScreen)
        await pilot.press("enter")
        assert isinstance(studyapp.screen, HomeScreen)


async def test_a_session_that_was_asked_for_is_not_held_up(make: Any, clock: HandClock) -> None:
    place = make(cards=4, drills=0)
    studyapp = StudyApp(place.library, place.log, clock, place.solver)  # type: ignore[arg-type]
    async with studyapp.run_test(size=(80, 24)):
        assert isinstance(studyapp.screen, HomeScreen)


WHEN = (HandClock().now(), "UTC", HandClock().today())
LEAVINGS: dict[str, Callable[[Log], object]] = {
    "a setting": lambda log: log.settings({"new_per_day": 5}, *WHEN),
    "a suspension": lambda log: log.suspend("card-000", *WHEN),
    "a flag": lambda log: log.flag("card-000", "why?", *WHEN),
    "an answer": lambda log: log.review("card-000", 3, WHEN[2] + 1, 1000, *WHEN),
    "an undone answer": lambda log: log.undo(log.review("card-000", 3, WHEN[2] + 1, 1000, *WHEN).uid, *WHEN),
    "a place": lambda log: log.save_bookmark({}, WHEN[0], WHEN[2]),
}


@pytest.mark.parametrize("leave", LEAVINGS.values(), ids=LEAVINGS)
def test_whoever_has_left_anything_behind_has_been_here(make: Any, leave: Callable[[Log], object]) -> None:
    log = make().log
    assert is_unused(log)
    leave(log)
    assert not is_unused(log)


def test_the_intervals_shown_are_those_of_fsrs() -> None:
    fsrs, memory, days = FSRS(DEFAULT_PARAMETERS), None, 0
    expected = []
    for _ in range(5):
        state = fsrs.next_states(memory, 0.9, days).good
        memory, days = state.memory, max(1, round(state.interval))
        expected.append(interval(days))
    shown = intervals(Scheduler(), today=739_000)
    assert [part.strip() for part in shown.replace("━", "|").split("|") if part.strip()] == expected


async def test_derivations_are_counted_where_there_are_any(make: Any, clock: HandClock, tmp_path: Path) -> None:
    place = make(cards=4, drills=2)
    library = with_derivations(place.library, tmp_path / "more")
    studyapp = StudyApp(library, place.log, clock, place.solver, welcome=True)  # type: ignore[arg-type]
    async with studyapp.run_test(size=(80, 24)) as pilot:
        assert f"2 drills and {len(library.derivations)} derivations" in page(pilot)
