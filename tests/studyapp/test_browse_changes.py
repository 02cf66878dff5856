"""The browse screen changes things: suspend, reset, flag, copy, examples, the editor, the mouse."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from browse_pilot import BESIDE, SMALL, browse, keys, lines, notes, press, selected, state, text
from standins import exercise
from textual.widgets import Input

from db.store import LogError
from studyapp.app import StudyApp
from studyapp.screens.browse import BrowseScreen
from studyapp.screens.flag import FlagScreen
from studyapp.screens.help import HelpScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.summary import SummaryScreen
from studyapp.solver_worker import WorkerFailed
from studyapp.widgets.search_line import SearchLine


async def test_suspend_and_wake(app: Any) -> None:
    studyapp = app(cards=3, drills=0, topics=1)
    async with studyapp.run_test(size=BESIDE) as pilot:
        await browse(pilot, "j")
        assert {"Suspend"} == {"Suspend", "Wake"} & keys(pilot)
        await press(pilot, "x")
        assert state(pilot, "card-001").suspended
        assert "▸× " in lines(pilot)[1]
        assert text(pilot, "hint") == "card-001 will not be asked; x wakes it."
        assert "suspended" in text(pilot, "about")
        assert {"Wake"} == {"Suspend", "Wake"} & keys(pilot)
        await press(pilot, "x")
        assert not state(pilot, "card-001").suspended
        await press(pilot, "u")
        assert state(pilot, "card-001").suspended
        await press(pilot, "u")
        assert not state(pilot, "card-001").suspended
        assert "Undo" not in keys(pilot)


async def test_what_no_longer_fits_the_search_leaves_the_list_and_undo_brings_it_back(app: Any) -> None:
    studyapp = app(cards=3, drills=0, topics=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "slash", *"is:new", "enter", "j", "x")
        assert selected(pilot) == "card-002"
        assert "2 of 3 items" in text(pilot, "where")
        await press(pilot, "x", "x")
        assert selected(pilot) == ""
        await press(pilot, "u", "u")
        assert "2 of 3 items" in text(pilot, "where")
        await press(pilot, "u")
        assert selected(pilot) == "card-001"


async def test_reset_asks_once_more(app: Any, clock: Any) -> None:
    studyapp = app(cards=3, drills=0, topics=1)
    for n in range(2):
        studyapp.log_file.review(f"card-00{n}", 3, clock.today() + 5, 1000, clock.now(), clock.zone, clock.today())
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "r")
        assert "Press r again to make card-000 new: its 1 review will not count." in text(pilot, "hint")
        assert state(pilot, "card-000").reviews == 1
        await press(pilot, "j", "k", "r")  # moving away forgets the question
        assert state(pilot, "card-000").reviews == 1
        await press(pilot, "r")
        assert state(pilot, "card-000").reviews == 0
        assert text(pilot, "hint") == "card-000 is new; u takes that back."
        assert "Reset" not in keys(pilot)  # there is nothing to forget
        await press(pilot, "r", "r", "u")
        assert state(pilot, "card-000").reviews == 1
        await press(pilot, "j", "r", "r", "j", "u")
        assert state(pilot, "card-001").reviews == 1
        assert selected(pilot) == "card-001"


async def test_flag_with_a_note_and_unflag(app: Any) -> None:
    studyapp = app(cards=2, drills=0, topics=1)
    async with studyapp.run_test(size=BESIDE) as pilot:
        await browse(pilot)
        await press(pilot, "f")
        assert isinstance(studyapp.screen, FlagScreen)
        await press(pilot, "escape")
        assert state(pilot, "card-000") is None
        await press(pilot, "f")
        studyapp.screen.query_one(Input).value = "sign? [b]"
        await press(pilot, "enter")
        assert studyapp.log_file.flag_note("card-000") == "sign? [b]"
        assert "⚑ sign? [b]" in text(pilot, "about")
        assert "⚑" in lines(pilot)[0]
        assert {"Unflag"} == {"Flag", "Unflag"} & keys(pilot)
        await press(pilot, "f")
        assert studyapp.log_file.flag_note("card-000") is None
        assert "⚑" not in lines(pilot)[0]
        await press(pilot, "u")
        assert "⚑ sign? [b]" in text(pilot, "about")


async def test_a_log_that_cannot_be_written_says_so(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    studyapp = app(cards=2, drills=0, topics=1)

    def refuse(*_: object, **__: object) -> None:
        raise LogError("the disk is full; [free] some space")

    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot)
        monkeypatch.setattr(studyapp.log_file, "suspend", refuse)
        await press(pilot, "x")
        assert "the disk is full; [free] some space" in notes(pilot)
        assert "new" in lines(pilot)[0]
        assert "Undo" not in keys(pilot)


async def test_copying_the_text_and_the_formula(app: Any, tmp_path: Path) -> None:
    studyapp = app(cards=2, drills=1, topics=1)
    deck = tmp_path / "decks" / "t0.md"
    deck.write_text(deck.read_text().replace("Answer 1.", "It is $\\pi_\\theta$."))
    from decks.library import load_library

    studyapp.library = load_library(shipped=deck.parent)
    kept = tmp_path / "home" / "copied.txt"
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "c")
        assert studyapp.clipboard == kept.read_text() == "Question 0?\n\n---\n\nAnswer 0.\n"
        assert str(kept) in notes(pilot)
        assert "LaTeX" not in keys(pilot)
        await press(pilot, "j")
        assert "LaTeX" in keys(pilot)
        await press(pilot, "l")
        assert studyapp.clipboard == kept.read_text() == "\\pi_\\theta"
        await press(pilot, "j", "c")
        assert studyapp.clipboard == "Halve one, variant 0.\n"


async def test_a_folder_that_cannot_be_written_is_said(app: Any, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    studyapp = app(cards=1, drills=0, topics=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "c")
        assert studyapp.clipboard.startswith("Question 0?")
        assert "could not be written" in notes(pilot)


async def test_an_example_of_a_drill(app: Any) -> None:
    studyapp = app(cards=1, drills=2, topics=1)
    async with studyapp.run_test(size=BESIDE) as pilot:
        await browse(pilot)
        assert "Example" not in keys(pilot)
        await press(pilot, "j")
        assert text(pilot, "question") == "Halve one, variant 0.\n\n*Press g for an example with fresh numbers.*"
        await press(pilot, "g")
        first = text(pilot, "question")
        assert first.startswith("Halve one. (numbers of")
        assert text(pilot, "answer") == "One divided by two is 0.5."
        assert "drill-0@" in text(pilot, "evidence")
        await press(pilot, "c")
        assert studyapp.clipboard.startswith(first)
        await press(pilot, "g")
        assert text(pilot, "question") != first
        assert [drill for drill, _ in studyapp.place.solver.prepared] == ["drill-0", "drill-0"]
        await press(pilot, "j")
        assert text(pilot, "question").startswith("Halve one, variant 1.")


async def test_an_example_takes_its_time_and_the_screen_stays_alive(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import Future

    studyapp = app(cards=1, drills=2, topics=1)
    waiting: list[Any] = []

    def prepare(drill: Any, seed: str) -> Any:
        waiting.append((drill, seed, Future()))
        waiting[-1][2].set_running_or_notify_cancel()
        return waiting[-1][2]

    studyapp.place.solver.prepare = prepare
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "j", "g")
        assert "Making fresh numbers…" in text(pilot, "question")  # the preview opens for it
        assert "Example" not in keys(pilot)
        await press(pilot, "g", "j")  # on to the other drill meanwhile
        assert len(waiting) == 1
        assert "variant 1" in text(pilot, "question")
        await press(pilot, "g")
        drill, seed, future = waiting[0]
        future.set_result(exercise(drill, seed))
        await pilot.pause()
        assert "Making fresh numbers…" in text(pilot, "question")
        drill, seed, future = waiting[1]
        future.set_exception(WorkerFailed("The solver stopped."))
        await pilot.pause()
        assert "The solver stopped." in text(pilot, "question")
        await press(pilot, "g", "escape", "escape")
        assert isinstance(studyapp.screen, HomeScreen)
        waiting[2][2].set_result(exercise(*waiting[2][:2]))
        await pilot.pause()


async def test_the_editor_opens_the_item_and_its_new_text_shows(
    app: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from decks.library import load_library

    deck = tmp_path / "decks" / "t0.md"
    editor = tmp_path / "vi"
    editor.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/seen\nsed -i "s/Answer 1/Reply 1/" {deck}\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    monkeypatch.setattr(StudyApp, "suspend", lambda self: contextlib.nullcontext())
    monkeypatch.setattr("studyapp.editor.is_shipped", lambda item: False)  # as a deck of one's own

    def reload(self: StudyApp) -> str:
        self.library = load_library(shipped=deck.parent)
        return "a problem [here]"

    monkeypatch.setattr(StudyApp, "reload_library", reload)
    studyapp = app(cards=3, drills=0, topics=1)
    async with studyapp.run_test(size=BESIDE) as pilot:
        await browse(pilot, "j", "x", "o")
        line = studyapp.library.items["card-001"].line
        assert (tmp_path / "seen").read_text().split()[0] == f"+{line}"
        assert text(pilot, "answer") == "Reply 1."
        assert selected(pilot) == "card-001"
        assert "a problem [here]" in notes(pilot)
        await press(pilot, "u")
        assert not state(pilot, "card-001").suspended
        monkeypatch.setenv("VISUAL", "no-such-editor")
        await press(pilot, "o")
        assert "no editor" in notes(pilot)


async def test_the_mouse_selects_and_opens(app: Any) -> None:
    studyapp = app(cards=8, drills=0, topics=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot)
        await pilot.click("#rows", offset=(10, 3))
        await pilot.pause()
        assert selected(pilot) == "card-003"
        assert not screen.reading
        await pilot.click("#rows", offset=(10, 12))  # below the last row
        assert selected(pilot) == "card-003"
        await pilot.click("#rows", offset=(10, 3))
        await pilot.pause()
        assert text(pilot, "question") == "Question 3?"
        await press(pilot, "escape")
        await pilot.click("#search")
        assert isinstance(studyapp.focused, SearchLine)


async def test_help_names_the_keys_and_any_key_leaves_it(app: Any) -> None:
    studyapp = app(cards=1, drills=0, topics=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot)
        await press(pilot, "question_mark")
        assert isinstance(studyapp.screen, HelpScreen)
        await press(pilot, "escape")
        assert isinstance(studyapp.screen, BrowseScreen)


async def test_an_empty_library_is_no_error(app: Any) -> None:
    studyapp = app(cards=0, drills=0)
    async with studyapp.run_test(size=BESIDE) as pilot:
        await browse(pilot, "j", "end", "x", "enter", "space", "slash", "a", "escape", "escape")
        assert "0 items" in text(pilot, "where")
        await press(pilot, "q")
        assert isinstance(studyapp.screen, HomeScreen)


async def test_an_open_session_keeps_its_place_when_the_palette_leads_here(app: Any) -> None:
    studyapp = app(cards=3, drills=0)
    async with studyapp.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", "space", "3")
        studyapp.action_visit("browse")
        await pilot.pause()
        assert isinstance(studyapp.screen, BrowseScreen)
        assert studyapp.look().resume == 2


async def test_an_item_can_be_studied_at_once_and_the_learner_s_place_stays(app: Any) -> None:
    studyapp = app(cards=3, drills=0)
    async with studyapp.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", "space", "3", "escape")  # two are left
        await browse(pilot, "j")
        await press(pilot, "s")
        assert isinstance(studyapp.screen, SessionScreen)
        assert studyapp.screen.session.left == 1
        assert "Back" in keys(pilot)
        assert "Home" not in keys(pilot)
        await press(pilot, "space", "3")
        assert isinstance(studyapp.screen, SummaryScreen)
        assert studyapp.look().resume == 2
        assert "Back" in keys(pilot)
        assert "Home" not in keys(pilot)
        await press(pilot, "enter", "escape", "enter")
        assert "Home" in keys(pilot)
        assert "Back" not in keys(pilot)


@pytest.mark.parametrize("way_back", [["space", "3", "enter"], ["space", "3", "u", "space", "3", "q"], ["escape"]])
async def test_after_studying_an_item_one_is_back_at_it(app: Any, way_back: list[str]) -> None:
    studyapp = app(cards=12, drills=0)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot, "slash", *"is:new", "enter", "j", "j", "x")
        await press(pilot, "s")
        assert isinstance(studyapp.screen, SessionScreen)
        asked = studyapp.screen.session.current.item.id
        await press(pilot, *way_back)
        assert studyapp.screen is screen
        assert screen.line.value == "is:new"
        assert screen.list.cursor == 2
        answered = way_back != ["escape"]
        assert ("10 of 12" if answered else "11 of 12") in text(pilot, "where")
        assert (selected(pilot) == asked) != answered  # it is no longer new
        await press(pilot, "u")  # what was done before can still be undone
        assert ("11 of 12" if answered else "12 items") in text(pilot, "where").replace("12 of 12", "12 items")
        await press(pilot, "escape")
        assert isinstance(studyapp.screen, HomeScreen)


async def test_the_palette_leads_all_the_way_out_of_a_session_begun_here(app: Any) -> None:
    studyapp = app(cards=3, drills=0)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot)
        await press(pilot, "s")
        studyapp.action_visit("progress")
        await press(pilot, "escape")
        assert isinstance(studyapp.screen, HomeScreen)
