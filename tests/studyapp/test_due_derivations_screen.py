"""A due derivation on the session's screen: begun, left, finished, put off, taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from derivations import LINES, keys, said, settled, shown, write
from due import APART, PUT_IN, SCORE, Place
from standins import HandClock, open_log
from textual.pilot import Pilot
from textual.widgets import Static

from db.log import Log
from db.store import LogError
from studyapp.app import StudyApp
from studyapp.begun import begun
from studyapp.overview import look
from studyapp.screens.derive import DeriveScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.summary import SummaryScreen
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.page import Page


@pytest.fixture
def at(tmp_path: Path, make: Any, clock: HandClock) -> Callable[..., Place]:
    return lambda cards=4, drills=0: Place(tmp_path, make, clock, cards, drills)


async def begin(place: Place, pilot: Pilot[None]) -> SessionScreen:
    """The session from home, at its first item."""
    await pilot.press("enter")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    return screen


def app_of(place: Place) -> StudyApp:
    return StudyApp(place.library, place.log, place.clock, place.solver)  # type: ignore[arg-type]


def where(pilot: Pilot[None]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen | DeriveScreen)
    return str(screen.where.render())


async def derive(pilot: Pilot[None], *lines: str) -> DeriveScreen:
    """Begin the derivation that is asked and type lines into it."""
    await pilot.press("enter")
    screen = await shown(pilot)
    for line in lines:
        await write(pilot, line, "enter")
    return screen


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_from_the_session_through_the_derivation_to_the_next_item(at: Any, size: tuple[int, int]) -> None:
    place = at(cards=2)
    place.review(SCORE)
    async with app_of(place).run_test(size=size) as pilot:
        screen = await begin(place, pilot)
        assert "scores  must derivation, due   0 answers, 3 left" in where(pilot)
        assert "Derive the **score**" in screen.query_one(Page).text("question")
        assert {"Begin", "Not now", "Suspend", "Flag", "Home"} <= keys(pilot)
        assert "Answer" not in keys(pilot)
        await derive(pilot, *LINES)
        assert "Goal reached" in said(pilot)
        assert place.reviews(SCORE) == [(4, "right", "\n".join(LINES))]
        await pilot.press("3")
        await settled(pilot)
        assert place.reviews(SCORE) == [(3, "right", "\n".join(LINES))]
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "t0  must   1 answer, 2 left" in where(pilot)
        await pilot.press("u")
        await settled(pilot)
        assert place.reviews(SCORE) == []
        assert "derivation, due   0 answers, 3 left" in where(pilot)
        again = await derive(pilot)
        assert again.sitting.lines == ()


async def test_home_counts_what_is_asked_and_names_what_is_put_off(at: Any, clock: HandClock) -> None:
    place = at(cards=0, drills=0)
    for item in (SCORE, PUT_IN):
        place.review(item)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        text = str(pilot.app.screen.query_one("#today", Static).render())
        assert text.split("\n")[0].split() == ["2", "due", "0", "new"]
        assert "study 2 items, about 16 minutes" in text
    place.review(APART)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        text = str(pilot.app.screen.query_one("#today", Static).render())
        assert text.split("\n")[0].split() == ["2", "due", "0", "new", "v", "1", "more", "derivation", "due"]


async def test_left_half_way_it_is_asked_still_and_its_lines_are_there(at: Any, clock: HandClock) -> None:
    place = at(cards=2)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        screen = await begin(place, pilot)
        await derive(pilot, LINES[0])
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "derivation, due" in where(pilot)
        assert "Begun: 1 line, 0 helps." in screen.query_one(Page).text("begun")
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HomeScreen)
    log = open_log(place.home, place.library)
    app = StudyApp(place.library, log, clock, place.solver)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        again = await derive(pilot)
        assert "grad" not in again.line.value
        assert len(again.sitting.lines) == 1
        await write(pilot, LINES[1], "enter")
        await pilot.press("enter")
        await settled(pilot)
        assert "1 answer, 2 left" in where(pilot)
    assert place.reviews(SCORE) == [(4, "right", "\n".join(LINES))]


async def test_not_now_flag_and_suspend(at: Any, clock: HandClock) -> None:
    place = at(cards=1)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        await pilot.press("n")
        await settled(pilot)
        assert "t0  must" in where(pilot)
        await pilot.press("u", "space", "3")
        await settled(pilot)
        assert "derivation, due" in where(pilot)
        await pilot.press("f", "h", "m", "enter")
        assert place.log.flag_note(SCORE) == "hm"
        await pilot.press("x")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SummaryScreen)
        assert place.log.state(SCORE).suspended
        await pilot.press("u")
        await settled(pilot)
        assert "derivation, due" in where(pilot)
        assert not place.log.state(SCORE).suspended


async def test_the_last_item_of_a_session_ends_in_its_summary(at: Any, clock: HandClock) -> None:
    place = at(cards=0, drills=0)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        await derive(pilot, *LINES)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SummaryScreen)
        text = str(pilot.app.screen.query_one("#summary", Static).render())
        assert "1 answer in" in text
        assert "Derivations: 1 done, 0 given up." in text
        await pilot.press("u")
        await settled(pilot)
        assert "derivation, due   0 answers, 1 left" in where(pilot)
        assert place.reviews(SCORE) == []


async def test_home_from_within_a_derivation_keeps_both_places(at: Any, clock: HandClock) -> None:
    place = at(cards=2)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        await derive(pilot, LINES[0])
        await write(pilot, "1[a =")
        await pilot.app.run_action("visit('settings')")
        await settled(pilot)
        assert look(place.log, clock.today()).resume == 3
        await pilot.press("escape")
        await begin(place, pilot)
        again = await derive(pilot)
        assert again.line.value == "1[a ="
        assert len(again.sitting.lines) == 1


async def test_an_answer_that_cannot_be_written_is_said_and_asked_still(
    at: Any, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = at(cards=2)
    place.review(SCORE)

    def full(*_: Any, **__: Any) -> Any:
        raise LogError("The disk is full.")

    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        with monkeypatch.context() as patch:
            patch.setattr(Log, "review", full)
            await derive(pilot, *LINES)
            assert "not saved" in said(pilot)
            await pilot.press("enter")
            await settled(pilot)
        assert "derivation, due   0 answers, 3 left" in where(pilot)
        await pilot.press("enter")
        await shown(pilot)
        assert "press a grade" in said(pilot)
        await pilot.press("4", "enter")
        await settled(pilot)
        assert place.reviews(SCORE) == [(4, "right", "\n".join(LINES))]
        assert "1 answer, 2 left" in where(pilot)


async def test_who_only_looks_leaves_no_mark(at: Any, clock: HandClock) -> None:
    place = at(cards=1)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await pilot.press("v", "enter")
        await shown(pilot)
        line = pilot.app.screen.query_one(KeyLine)
        assert ("ctrl+r", "Rules") in {(key.shown, key.word) for key in line.shown_keys()}
        await pilot.press("escape")
        assert ("enter", "Type") in {(key.shown, key.word) for key in line.shown_keys()}
        await pilot.press("escape")
        await settled(pilot)
        assert begun(place.log, [SCORE]) == {}
        assert place.log.bookmark(f"derivation {SCORE}") is None
