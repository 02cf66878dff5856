"""Derivations in the browse screen: found, looked at, done, and changed like other items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browse_pilot import BESIDE, SMALL, browse, keys, lines, press, selected, state, text
from derivations import settled, with_derivations

from studyapp.screens.browse import BrowseScreen
from studyapp.screens.derivations import DerivationsScreen
from studyapp.screens.derive import DeriveScreen


@pytest.fixture
def studyapp(app: Any, tmp_path: Path) -> Any:
    """Two cards and the derivations apart, put-in and score, of the topics apart and scores."""
    made = app(cards=2, drills=1, topics=1)
    made.library = with_derivations(made.library, tmp_path / "more")
    return made


def shown(pilot: Any) -> list[str]:
    return [line for line in lines(pilot) if line]


async def test_they_stand_among_the_items_of_their_topics(studyapp: Any) -> None:
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot)
        assert "6 items" in text(pilot, "where")
        assert [line[15:].split()[0] for line in shown(pilot)] == ["apart", "scores", "scores", "t0", "t0", "t0"]
        await press(pilot, "slash", *"is:derivation")
        assert "3 of 6 items" in text(pilot, "where")
        assert len(shown(pilot)) == 3
        await press(pilot, *" softmax logits")  # words of its task
        assert selected(pilot) == "derive-score"
        await press(pilot, "escape", *"is:card")
        assert "2 of 6 items" in text(pilot, "where")


async def test_their_states_are_those_of_the_log(studyapp: Any, clock: Any) -> None:
    log, day = studyapp.log_file, clock.today()
    when = clock.now(), clock.zone, day
    log.review("derive-put-in", 2, day + 1, 1, *when)
    log.review("derive-apart", 3, day, 1, *when)
    log.suspend("derive-score", *when)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot)
        for state, item in {"due": "derive-apart", "scheduled": "derive-put-in", "suspended": "derive-score"}.items():
            screen.line.value = f"is:{state}"
            await pilot.pause()
            assert [row.item.id for row in screen.found.rows] == [item]
        await press(pilot, "escape", "v")
        await settled(pilot)
        assert isinstance(studyapp.screen, DerivationsScreen)
        said = {studyapp.screen.choices[row].id: studyapp.screen.draw(row, 76, False).plain for row in range(3)}
        assert "● apart" in said["derive-apart"]
        assert "tomorrow" in said["derive-put-in"]
        assert "× score" in said["derive-score"]
        assert "suspended" in said["derive-score"]
        assert "2 of 3 done" in text(pilot, "where")


async def test_the_preview_says_what_is_to_be_derived(studyapp: Any) -> None:
    async with studyapp.run_test(size=BESIDE) as pilot:
        await browse(pilot, "slash", *"derive-score", "enter")
        assert text(pilot, "question").startswith("Derive the **score**")
        assert text(pilot, "answer") == "*To reach:* `1[a = k] - pi(k)`"
        assert "a book" in text(pilot, "evidence")
        assert "scores, must, derivation" in text(pilot, "about")
        assert "First the logarithm" not in text(pilot, "question") + text(pilot, "answer")  # no hints
        await press(pilot, "c")
        assert "1[a = k] - pi(k)" in studyapp.clipboard


@pytest.mark.parametrize("key", ["enter", "s"])
async def test_a_key_opens_it_and_leaving_it_leads_back(studyapp: Any, key: str) -> None:
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot, "slash", *"derive-score", "enter")
        assert {"Derive"} == {"Derive", "Study", "Read"} & keys(pilot)
        await press(pilot, key)
        await settled(pilot)
        assert isinstance(studyapp.screen, DeriveScreen)
        assert studyapp.screen.sitting.derivation.id == "derive-score"
        await press(pilot, "escape", "g", "g", "q")  # out of the line, given up, and back
        await settled(pilot)
        assert studyapp.screen is screen
        assert (screen.line.value, selected(pilot)) == ("derive-score", "derive-score")
        assert "● due" in lines(pilot)[0]  # given up is Again
        await press(pilot, "slash", "escape", "enter")
        assert len(screen.found.rows) == 6


async def test_they_are_suspended_reset_and_flagged_like_others(studyapp: Any) -> None:
    async with studyapp.run_test(size=SMALL) as pilot:
        studyapp.log_file.review("derive-apart", 3, studyapp.clock.today(), 1, studyapp.clock.now(), "UTC", 1)
        await browse(pilot)
        assert selected(pilot) == "derive-apart"
        await press(pilot, "x")
        assert state(pilot, "derive-apart").suspended
        assert not {"Derive", "Study"} & keys(pilot)
        await press(pilot, "enter")  # it can still be read
        assert text(pilot, "question")
        await press(pilot, "escape", "x", "r", "r")
        assert (state(pilot, "derive-apart").suspended, state(pilot, "derive-apart").reviews) == (False, 0)
        await press(pilot, "u")
        assert state(pilot, "derive-apart").reviews == 1
        assert isinstance(studyapp.screen, BrowseScreen)
