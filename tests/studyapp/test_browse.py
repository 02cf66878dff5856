"""The browse screen by keyboard and mouse."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from standins import exercise
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from db.store import LogError
from studyapp.app import StudyApp
from studyapp.screens.browse import BrowseScreen
from studyapp.screens.flag import FlagScreen
from studyapp.screens.help import HelpScreen
from studyapp.screens.home import HomeScreen
from studyapp.solver_worker import WorkerFailed
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.prose import Prose
from studyapp.widgets.row_list import RowList
from studyapp.widgets.search_line import SearchLine

SMALL, BESIDE, HIGH = (80, 24), (140, 40), (90, 44)


@pytest.fixture
def app(make: Any, clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "home"))

    def build(**sizes: int) -> Any:
        place = make(**sizes)
        app = StudyApp(place.library, place.log, clock, place.solver)
        app.place = place  # type: ignore[attr-defined]
        return app

    return build


async def browse(pilot: Pilot[None], *keys: str) -> BrowseScreen:
    """The screen, opened from home, once it has taken these keys."""
    await pilot.press("b", *keys)
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, BrowseScreen)
    return screen


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def selected(pilot: Pilot[None]) -> str:
    row = pilot.app.screen.row  # type: ignore[attr-defined]
    return row.item.id if row is not None else ""


def text(pilot: Pilot[None], part: str) -> str:
    """What a part of the screen shows; empty if it is not to be seen."""
    widget = pilot.app.screen.query_one(f"#{part}")
    if not widget.region.area:
        return ""
    return widget.text if isinstance(widget, Prose) else str(widget.render()) if isinstance(widget, Static) else ""


def keys(pilot: Pilot[None]) -> set[str]:
    """The words that the line of keys shows."""
    line = pilot.app.screen.query_one(KeyLine)
    return {key.word for row in line.rows(line.size.width) for key in row}


def lines(pilot: Pilot[None]) -> list[str]:
    """The rows of the list that are in view, as text."""
    rows = pilot.app.screen.query_one(RowList)
    return ["".join(segment.text for segment in rows.render_line(y)).rstrip() for y in range(rows.size.height)]


def state(pilot: Pilot[None], item: str) -> Any:
    return pilot.app.log_file.state(item)  # type: ignore[attr-defined]


def notes(pilot: Pilot[None]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


async def test_moving_by_every_key(app: Any) -> None:
    studyapp = app(cards=60, drills=0, topics=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot)
        page = screen.list.page
        assert 10 < page < 24
        at = 0
        for key, place in [
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("up", 0),
            ("pagedown", page),
            ("ctrl+d", 2 * page),
            ("pageup", page),
            ("ctrl+u", 0),
            ("end", 59),
            ("j", 59),
            ("home", 0),
        ]:
            await press(pilot, key)
            at = place
            assert selected(pilot) == f"card-{at:03}", key
            assert [line for line in lines(pilot) if line.startswith("▸")] == [
                line for line in lines(pilot) if line.endswith(f"Question {at}?")
            ], key
        assert lines(pilot)[0].startswith("▸○ new")


async def test_typing_narrows_the_list_at_once(app: Any) -> None:
    studyapp = app(cards=24, drills=2)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "end", "slash")
        assert isinstance(studyapp.focused, SearchLine)
        assert keys(pilot) == {"To the list"}
        assert "26 items" in text(pilot, "where")
        await press(pilot, *"ion 1")
        having_1 = sum("1" in f"card-{n:03} t{n % 3}" for n in range(24))
        assert f"{having_1} of 26 items" in text(pilot, "where")
        assert selected(pilot) == "card-012"
        await press(pilot, *"5? t0")
        assert selected(pilot) == "card-015"
        assert [line for line in lines(pilot) if line] == [line for line in lines(pilot) if "Question 15?" in line]
        await press(pilot, "x", "r")  # letters, not commands
        assert studyapp.screen.line.value == "ion 15? t0xr"
        assert text(pilot, "hint") == "Nothing is found."
        assert not {"Suspend", "Reset", "Copy", "Read"} & keys(pilot)
        await press(pilot, "enter")
        assert studyapp.focused is None
        assert keys(pilot) == {"Search", "Home", "Help"}
        await press(
            pilot, "x", "r", "f", "u", "o", "c", "l", "g", "enter", "space", "j", "k", "home", "end", "pagedown"
        )
        assert isinstance(studyapp.screen, BrowseScreen)
        await press(pilot, "slash", *["backspace"] * 2, "down", "up", "escape")
        assert selected(pilot) == "card-015"
        await press(pilot, "escape")
        assert isinstance(studyapp.screen, HomeScreen)


async def test_a_burst_of_keys_after_the_slash_is_text(app: Any) -> None:
    studyapp = app(cards=24, drills=2)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot)
        for character in "/xr is:drill":  # as they come in one packet over ssh
            name = {"/": "slash", " ": "space", ":": "colon"}.get(character, character)
            studyapp.post_message(events.Key(name, character))
        await pilot.pause()
        assert studyapp.screen.line.value == "xr is:drill"
        assert not studyapp.log_file.standings()


async def test_an_unknown_filter_gets_a_hint_and_finds_on(app: Any) -> None:
    studyapp = app(cards=3, drills=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "slash", *"is:dr")
        assert "is:dr: one of is:new" in text(pilot, "hint")
        assert "4 items" in text(pilot, "where")
        await press(pilot, *"ill")
        assert text(pilot, "hint") == ""
        assert selected(pilot) == "drill-0"


async def test_what_is_typed_and_what_decks_hold_is_never_markup(app: Any, tmp_path: Path) -> None:
    studyapp = app(cards=1, drills=0, topics=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "slash", *"is:[red]x[/red] [/]")
        assert "is:[red]x[/red]" in text(pilot, "hint")


@pytest.mark.parametrize("size", [SMALL, BESIDE, HIGH, (60, 20), (200, 60)])
async def test_the_preview_is_beside_below_or_on_enter(app: Any, size: tuple[int, int]) -> None:
    studyapp = app(cards=4, drills=0, topics=1)
    async with studyapp.run_test(size=size) as pilot:
        screen = await browse(pilot, "j")
        rows, preview = screen.list.region, screen.preview.region
        if size in (SMALL, (60, 20)):
            assert preview.area == 0
        elif size == HIGH:
            assert preview.y >= rows.bottom
        else:
            assert preview.x >= rows.right
        assert text(pilot, "answer") == ("" if preview.area == 0 else "Answer 1.")
        await press(pilot, "enter")
        assert screen.list.region.area == 0
        assert (text(pilot, "question"), text(pilot, "answer")) == ("Question 1?", "Answer 1.")
        assert "A book" in text(pilot, "evidence")
        assert "card-001" in text(pilot, "about")
        assert "never reviewed" in text(pilot, "about")
        assert "2 of 4" in text(pilot, "where")
        await press(pilot, "j")
        assert text(pilot, "question") == "Question 2?"
        for way_out in ("enter", "escape", "q"):
            assert screen.reading
            await press(pilot, way_out)
            assert isinstance(studyapp.screen, BrowseScreen)
            assert screen.list.region == rows
            await press(pilot, "enter")
        await press(pilot, "slash")
        assert isinstance(studyapp.focused, SearchLine)
        assert screen.list.region == rows


async def test_resizing_moves_the_preview(app: Any) -> None:
    studyapp = app(cards=40, drills=0, topics=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot, "end")
        for width, height in [(140, 40), (60, 20), (90, 44), (20, 6), (200, 60), (80, 24)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert selected(pilot) == "card-039"
            assert text(pilot, "question") == ("Question 39?" if width >= 110 or height >= 36 else "")
        assert any(line.startswith("▸") for line in lines(pilot))
        assert screen.browser.last_changed is None


async def test_a_long_text_scrolls(app: Any, make: Any, clock: Any, tmp_path: Path) -> None:
    studyapp = app(cards=2, drills=0, topics=1)
    deck = tmp_path / "decks" / "t0.md"
    deck.write_text(
        deck.read_text().replace("Answer 0.", "\n\n".join(f"Paragraph {n}." for n in range(40)) + "\n\nEnd.")
    )
    from decks.library import load_library

    studyapp.library = load_library(shipped=deck.parent)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot)
        assert "More" not in keys(pilot)
        await press(pilot, "enter")
        await pilot.pause()
        assert "More" in keys(pilot)
        await press(pilot, "space")
        first = screen.preview.scroll_offset.y
        assert first > 0
        await press(pilot, "pagedown")
        assert screen.preview.scroll_offset.y > first
        await press(pilot, "pageup")
        assert screen.preview.scroll_offset.y == first
        await press(pilot, *["space"] * 10)
        assert screen.preview.scroll_offset.y == screen.preview.max_scroll_y
        assert "More" not in keys(pilot)
        await press(pilot, "j")
        await press(pilot, "k")
        assert screen.preview.scroll_offset.y == 0


async def test_suspend_and_wake(app: Any) -> None:
    studyapp = app(cards=3, drills=0, topics=1)
    async with studyapp.run_test(size=BESIDE) as pilot:
        await browse(pilot, "j")
        assert {"Suspend"} == {"Suspend", "Wake"} & keys(pilot)
        await press(pilot, "x")
        assert state(pilot, "card-001").suspended
        assert "× suspended" in lines(pilot)[1]
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
        await browse(pilot, "j", "end", "x", "enter", "space", "slash", "a", "escape")
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
