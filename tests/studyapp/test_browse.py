"""The browse screen by keyboard: moving, searching, the preview."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browse_pilot import BESIDE, HIGH, SMALL, browse, keys, lines, press, selected, text
from textual import events

from db.store import LogError
from studyapp.screens.browse import BrowseScreen
from studyapp.screens.home import HomeScreen
from studyapp.widgets.search_line import SearchLine


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


async def test_a_log_that_cannot_be_opened_once_more_does_not_keep_the_list_away(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studyapp = app(cards=3, drills=0)

    def refuse() -> None:
        raise LogError("too many files are open")

    monkeypatch.setattr(studyapp.log_file, "for_thread", refuse)
    async with studyapp.run_test(size=SMALL) as pilot:
        await studyapp.workers.wait_for_complete()  # what is read ahead while home stands
        await browse(pilot)
        assert "3 items" in text(pilot, "where")


async def test_typing_narrows_the_list_at_once(app: Any) -> None:
    studyapp = app(cards=24, drills=2)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "end", "slash")
        assert isinstance(studyapp.focused, SearchLine)
        assert keys(pilot) == {"To the list"}
        assert "26 items" in text(pilot, "where")
        await press(pilot, "x")
        assert keys(pilot) == {"To the list", "Clear"}
        await press(pilot, "backspace")
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
        await press(pilot, "slash", "end", *["backspace"] * 2, "down", "up", "enter")
        assert selected(pilot) == "card-015"
        await press(pilot, "escape")
        assert isinstance(studyapp.screen, HomeScreen)


async def test_another_search_replaces_the_last_one(app: Any) -> None:
    studyapp = app(cards=24, drills=2)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot, "slash", *"card-007", "enter")
        assert selected(pilot) == "card-007"
        await press(pilot, "slash")
        assert "1 of 26 items" in text(pilot, "where")  # as long as nothing is typed
        await press(pilot, *"card-008")
        assert studyapp.screen.line.value == "card-008"
        assert selected(pilot) == "card-008"


async def test_escape_clears_the_search_and_then_leaves_it(app: Any) -> None:
    studyapp = app(cards=24, drills=2)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot, "slash", *"card-007")
        await press(pilot, "escape")
        assert (screen.line.value, studyapp.focused) == ("", screen.line)
        assert "26 items" in text(pilot, "where")
        await press(pilot, "slash")  # the key that leads here, though one is here already
        assert (screen.line.value, studyapp.focused) == ("", screen.line)
        await press(pilot, "1", "slash")
        assert screen.line.value == "1/"
        await press(pilot, "escape")
        await press(pilot, "escape")
        assert studyapp.focused is None
        assert studyapp.screen is screen


async def test_a_burst_of_keys_after_the_slash_is_text(app: Any) -> None:
    studyapp = app(cards=24, drills=2)
    async with studyapp.run_test(size=SMALL) as pilot:
        await browse(pilot)
        studyapp.screen.line.value = "an old search"
        for character in "/xr is:drill":  # as they come in one packet over ssh
            name = {"/": "slash", " ": "space", ":": "colon"}.get(character, character)
            studyapp.post_message(events.Key(name, character))
        await pilot.pause()
        assert studyapp.screen.line.value == "xr is:drill"
        assert not studyapp.log_file.standings()


async def test_an_unknown_filter_gets_a_hint_and_finds_on(app: Any) -> None:
    studyapp = app(cards=3, drills=1)
    async with studyapp.run_test(size=SMALL) as pilot:
        screen = await browse(pilot, "slash", *"is:dr")
        assert text(pilot, "hint") == "is:dr … drill"
        assert "4 items" in text(pilot, "where")
        await press(pilot, *"ill")
        assert text(pilot, "hint") == ""
        assert selected(pilot) == "drill-0"
        top = screen.list.region.y
        await press(pilot, *" is: who:me")
        assert text(pilot, "hint").startswith("is: … new, due")
        assert text(pilot, "hint").endswith("…")
        assert screen.list.region.y == top  # one row, however much there would be to say


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
