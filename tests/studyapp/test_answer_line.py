"""Keys typed in one burst into a drill's answer line: they count in the order in which they were typed."""

from __future__ import annotations

from typing import Any

import pytest
from standins import HandClock
from textual import events
from textual.pilot import Pilot

from studyapp.app import StudyApp
from studyapp.screens.help import HelpScreen
from studyapp.screens.session import SessionScreen


@pytest.fixture
def place(make: Any) -> Any:
    return make(cards=0, drills=2, topics=1)


async def open_drill(place: Any, pilot: Pilot[None]) -> SessionScreen:
    await pilot.press("enter")
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    assert pilot.app.focused is screen.line
    return screen


async def burst(pilot: Pilot[None], *keys: tuple[str, str | None]) -> None:
    """All at once, as a fast typist's keys or a paste without brackets come."""
    for key, character in keys:
        pilot.app.post_message(events.Key(key, character))
    for _ in range(4):
        await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def reviews(place: Any) -> list[tuple[Any, ...]]:
    with place.log._store.reading() as db:
        return db.execute("SELECT grade, verdict, typed FROM effective_reviews ORDER BY id").fetchall()


SPACE, THREE, FIVE, ENTER = ("space", " "), ("3", "3"), ("5", "5"), ("enter", "\r")


async def test_space_gives_up_before_the_digit_behind_it_is_looked_at(place: Any, clock: HandClock) -> None:
    app = StudyApp(place.library, place.log, clock, place.solver)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_drill(place, pilot)
        first = screen.session.current
        await burst(pilot, SPACE, THREE)
        assert reviews(place) == [(3, "wrong", "")]  # shown, and then graded by the 3
        assert screen.session.current is not first
        assert screen.line.value == ""


async def test_two_spaces_give_up_and_go_on(place: Any, clock: HandClock) -> None:
    app = StudyApp(place.library, place.log, clock, place.solver)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_drill(place, pilot)
        first = screen.session.current
        await burst(pilot, SPACE, SPACE)
        assert reviews(place) == [(1, "wrong", "")]
        assert screen.session.current is not first


async def test_a_digit_before_the_space_is_the_beginning_of_an_answer(place: Any, clock: HandClock) -> None:
    app = StudyApp(place.library, place.log, clock, place.solver)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_drill(place, pilot)
        await burst(pilot, THREE, SPACE, FIVE)
        assert reviews(place) == []
        assert screen.line.value == "3 5"


async def test_an_answer_and_enter_in_one_burst(place: Any, clock: HandClock) -> None:
    app = StudyApp(place.library, place.log, clock, place.solver)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_drill(place, pilot)
        await burst(pilot, FIVE, ENTER)
        assert reviews(place) == [(1, "wrong", "5")]


async def test_what_follows_a_question_mark_is_not_typed_behind_the_help(place: Any, clock: HandClock) -> None:
    app = StudyApp(place.library, place.log, clock, place.solver)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_drill(place, pilot)
        await burst(pilot, ("question_mark", "?"), FIVE)
        assert isinstance(app.screen, HelpScreen)
        assert screen.line.value == ""
        await pilot.press("escape", "5")
        assert screen.line.value == "5"


async def test_a_correction_counts_where_it_was_made(place: Any, clock: HandClock) -> None:
    app = StudyApp(place.library, place.log, clock, place.solver)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_drill(place, pilot)
        await burst(pilot, THREE, FIVE, ("backspace", "\x7f"), THREE, ("home", None), FIVE)
        assert screen.line.value == "533"
        await burst(pilot, ("end", None), ("ctrl+u", "\x15"), THREE)
        assert screen.line.value == "3"
