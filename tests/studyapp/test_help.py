"""The help: what each key does on the screen where it is asked for, and nothing of Textual's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from derivations import with_derivations
from standins import HandClock
from textual.app import App
from textual.pilot import Pilot

from studyapp.app import StudyApp
from studyapp.screens.help import HelpScreen, KeyList


@pytest.fixture
def app(make: Any, clock: HandClock) -> Any:
    def build(**more: Any) -> StudyApp:
        place = make(cards=3, drills=3)
        return StudyApp(place.library, place.log, clock, place.solver, **more)  # type: ignore[arg-type]

    return build


async def said(pilot: Pilot[None], *keys: str) -> str:
    """The help after some keys; it is closed again."""
    await pilot.press(*keys, "question_mark")
    app: App[Any] = pilot.app
    assert isinstance(app.screen, HelpScreen)
    text = "\n".join(f"{keys}  {does}" for keys, does in app.screen.lines)
    await pilot.press("escape")
    return text


async def test_the_same_word_means_another_thing_on_another_screen(app: Any) -> None:
    async with app(welcome=True).run_test(size=(80, 24)) as pilot:
        welcome = await said(pilot)
        assert "past the welcome" in welcome
        assert "put this item" not in welcome
        browse = await said(pilot, "escape", "b")
        assert "study this item now" in browse
        assert "go on where you were" not in browse
        assert "a page back" in browse


async def test_in_the_answer_line_it_is_about_answering(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter")
        text = await said(pilot)
        for key, does in (("enter", "check what is typed"), ("esc", "leave the line"), ("space", "show the")):
            assert f"{key}  {does}" in text
        assert "cursor" not in text
        assert "pageup  a page back" in text
        assert "pagedown  a page further" in text


@pytest.fixture
def deriving(make: Any, clock: HandClock, tmp_path: Path) -> StudyApp:
    """With derivations to choose from."""
    place = make(cards=1, drills=0)
    return StudyApp(with_derivations(place.library, tmp_path / "more"), place.log, clock, place.solver)  # type: ignore[arg-type]


async def test_a_nudge_is_not_the_help(deriving: StudyApp) -> None:
    async with deriving.run_test(size=(80, 24)) as pilot:
        text = await said(pilot, "v", "enter")
        assert "space  a nudge" in text
        assert text.count("this help") == 1


async def test_the_keys_have_the_names_that_the_line_of_keys_gives_them(app: Any) -> None:
    async with app().run_test(size=(80, 24)) as pilot:
        text = await said(pilot, "s")
        assert "←, h" in text
        assert "→, l" in text


async def test_a_derivation_has_words_of_its_own(deriving: StudyApp) -> None:
    async with deriving.run_test(size=(80, 24)) as pilot:
        text = await said(pilot, "v", "enter", "escape")
        assert "g  pressed twice" in text
        assert "solution; that counts as Again" in text
        assert "take the last line back" not in text  # there is none yet
        assert "item's text" not in text


async def test_what_keys_do_is_said_in_one_way(app: Any) -> None:
    async with app().run_test(size=(80, 24)) as pilot:
        says = [line.partition("  ")[2] for line in (await said(pilot)).splitlines()]
        assert "write down a card of your own" in says
        assert all(words[0].islower() for words in says)


def test_words_without_room_go_on_below_themselves() -> None:
    rows = KeyList([("j, ↓", "scroll down"), ("g", "pressed twice: the whole solution")]).rows(24)
    assert [row.plain.rstrip() for row in rows] == [
        "j, ↓  scroll down",
        "   g  pressed twice: the",
        "      whole solution",
    ]
