"""The progress screen by keyboard and mouse, and what it looks like."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from derivations import with_derivations
from standins import AtOnce, HandClock, open_log
from studied import learn
from textual.pilot import Pilot
from textual.widgets import OptionList

from db.log import Log
from db.store import LogError
from decks.library import load_library
from studyapp.app import StudyApp
from studyapp.learner import tell
from studyapp.screens.glance import GlanceScreen
from studyapp.screens.help import HelpScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.progress import ProgressScreen
from studyapp.widgets.drawn import Drawn
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.prose import Prose

SIZES = [(60, 20), (80, 24), (140, 40), (200, 60)]
SECTIONS = ["days", "retention", "mastery", "plan", "mistakes", "spent"]


@pytest.fixture
def app(make: Any, clock: HandClock) -> Callable[..., Any]:
    def build(studied: bool = True, days: int = 40, **sizes: int) -> Any:
        place = make(**({"cards": 12, "drills": 3} | sizes))
        if studied:
            learn(place.library, place.log, clock, days)
        app = StudyApp(place.library, place.log, clock, place.solver)  # type: ignore[arg-type]
        app.place = place  # type: ignore[attr-defined]
        return app

    return build


async def open_progress(pilot: Pilot[None]) -> ProgressScreen:
    """The screen with everything on it."""
    await pilot.press("p")
    screen = pilot.app.screen
    assert isinstance(screen, ProgressScreen)
    await complete(pilot)
    return screen


async def complete(pilot: Pilot[None]) -> None:
    """Until the retention is drawn, where there is any."""
    screen = pilot.app.screen
    assert isinstance(screen, ProgressScreen)
    while screen.facts is None:  # a thread reads it
        await asyncio.sleep(0.01)
    await pilot.pause()
    while not screen.facts.is_empty and "computing" in text(screen, "retention", "computing"):
        await asyncio.sleep(0.01)
    await pilot.pause()


def text(screen: Any, section: str, otherwise: str = "") -> str:
    found = screen.query(f"#{section}")
    return found.first(Drawn).render().plain if found else otherwise


def keys(pilot: Pilot[None]) -> set[str]:
    return {key.word for key in pilot.app.screen.query_one(KeyLine).shown_keys()}


@pytest.mark.parametrize("size", SIZES)
async def test_every_section_is_drawn_at_every_size(app: Any, size: tuple[int, int]) -> None:
    studyapp = app()
    async with studyapp.run_test(size=size) as pilot:
        screen = await open_progress(pilot)
        for section in SECTIONS:
            lines = text(screen, section).rstrip("\n").split("\n")
            assert len(lines) > 2
            assert max(map(len, lines)) <= screen.query_one(f"#{section}").size.width
        assert "remembered" in text(screen, "retention")
        assert "t0" in text(screen, "mastery")
        assert "week 3" in text(screen, "plan")
        assert "tenfold" in text(screen, "mistakes")
        assert "drill-" in text(screen, "mistakes")
        assert "this week" in text(screen, "spent")
        left, right = screen.query("#columns > Vertical")
        assert (left.region.y == right.region.y) == (size[0] >= 120)  # side by side where there is room


async def test_the_retention_is_that_of_the_log(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        stats = studyapp.place.log.stats(studyapp.clock.today())
        assert f"● {stats.retention:.1%} remembered" in text(screen, "retention")


async def test_an_empty_log_says_what_will_stand_here(app: Any) -> None:
    studyapp = app(studied=False)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        said = str(screen.query_one("#nothing").render())
        for words in ("Nothing has been answered yet", "streak", "remembered", "hard", "time spent", "flagged"):
            assert words in said
        assert "week 1" in text(screen, "plan")
        assert keys(pilot) == {"Home", "Help"}
        await pilot.press("tab", "enter", "j", "space")
        assert pilot.app.screen is screen


async def test_only_new_things_answered_today(app: Any) -> None:
    """There is a history, but nothing in most of its sections."""
    studyapp = app(studied=False)
    place, clock = studyapp.place, studyapp.clock
    place.log.review("card-000", 3, clock.today() + 2, 4000, clock.now(), clock.zone, clock.today())
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        assert "Streak 1 day" in text(screen, "days")
        assert "when items come back" in text(screen, "retention")
        assert "None has been named" in text(screen, "mistakes")
        lists = [str(shown.get_option_at_index(0).prompt) for shown in screen.query(OptionList)]
        assert lists == ["None has been forgotten.", "Nothing is flagged."]
        assert "Lists" not in keys(pilot)
        await pilot.press("tab")
        assert pilot.app.focused is None


async def test_only_a_flag(app: Any) -> None:
    studyapp = app(studied=False)
    studyapp.place.log.flag("card-000", "odd", studyapp.clock.now(), studyapp.clock.zone, studyapp.clock.today())
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        assert "None yet" in text(screen, "spent")
        await pilot.press("tab", "enter")
        assert isinstance(pilot.app.screen, GlanceScreen)


async def test_without_decks(tmp_path: Path, clock: HandClock) -> None:
    library = load_library(shipped=tmp_path)
    log = open_log(tmp_path, library)
    log.review("gone", 1, clock.today(), 1000, clock.now(), clock.zone, clock.today())
    async with StudyApp(library, log, clock, AtOnce()).run_test(size=(80, 24)) as pilot:  # type: ignore[arg-type]
        screen = await open_progress(pilot)
        assert "1 answer on 1 day" in text(screen, "days")


async def test_a_hard_item_opens_and_closes(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        assert "Open" not in keys(pilot)
        await pilot.press("tab")
        hardest = screen.query_one("#hardest", OptionList)
        assert pilot.app.focused is hardest
        assert hardest.region.bottom <= screen.query_one("#progress").region.bottom  # scrolled into view
        assert "Open" in keys(pilot)
        await pilot.press("j", "down", "k")
        assert hardest.highlighted == 1
        item = studyapp.library.items[screen.facts.hardest[1].item]
        await pilot.press("enter")
        glance = pilot.app.screen
        assert isinstance(glance, GlanceScreen)
        assert item.id in str(glance.query_one("#about").render())
        await pilot.press("j", "space", "pageup", "k", "escape")
        assert pilot.app.screen is screen
        assert hardest.highlighted == 1
        await pilot.press("q")
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_a_flagged_card_shows_its_answer_and_its_note_as_it_was_typed(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        await pilot.press("shift+tab")  # the last list first
        assert pilot.app.focused is screen.query_one("#flagged")
        assert "is this [b]bold[/b]?" in str(screen.query_one("#flagged", OptionList).get_option_at_index(0).prompt)
        await pilot.press("enter")
        glance = pilot.app.screen
        item = studyapp.library.items[screen.facts.flagged[0].item]
        assert glance.query_one("#question", Prose).text == item.question
        assert glance.query_one("#answer", Prose).text == item.answer
        assert str(glance.query_one("#note").render()) == "⚑ is this [b]bold[/b]?"
        await pilot.press("enter")
        assert pilot.app.screen is screen


async def test_a_drill_says_that_its_numbers_are_fresh(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        drill = studyapp.library.drills["drill-0"]
        pilot.app.push_screen(GlanceScreen(drill))
        await pilot.pause()
        assert pilot.app.screen.query_one("#question", Prose).text.startswith("Halve one, variant 0.")
        assert "fresh" in pilot.app.screen.query_one("#question", Prose).text
        assert not pilot.app.screen.query("#answer, #note")


async def test_tab_goes_round_the_lists_and_back_to_the_page(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        stops = []
        for _ in range(4):
            await pilot.press("tab")
            stops.append(pilot.app.focused.id if pilot.app.focused else None)
        assert stops == ["hardest", "flagged", None, "hardest"]
        await pilot.press("shift+tab")
        assert pilot.app.focused is None
        assert screen.is_current


@pytest.mark.parametrize("way_back", ["escape", "enter", "q"])
async def test_after_an_item_of_the_second_list_its_row_has_the_focus(app: Any, way_back: str) -> None:
    studyapp = app()
    studyapp.place.log.flag("card-005", "why?", studyapp.clock.now(), studyapp.clock.zone, studyapp.clock.today())
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        flagged = screen.query_one("#flagged", OptionList)
        await pilot.press("tab", "tab", "j", "enter", way_back)
        await pilot.pause()
        assert (pilot.app.screen, pilot.app.focused, flagged.highlighted) == (screen, flagged, 1)
        assert "Open" in keys(pilot)
        await pilot.press("k", "enter")
        assert isinstance(pilot.app.screen, GlanceScreen)


async def test_what_is_drawn_later_does_not_push_the_list_out_of_view(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, read = threading.Event(), Log.recalls

    def slow(log: Log) -> list[Any]:
        held.wait(5)
        return read(log)

    monkeypatch.setattr(Log, "recalls", slow)
    studyapp = app(days=150)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("p")
        while not text(pilot.app.screen, "retention"):
            await asyncio.sleep(0.01)
        await pilot.press("tab", "tab")
        page, flagged = pilot.app.screen.query_one("#progress"), pilot.app.screen.query_one("#flagged")
        before = page.virtual_size.height
        held.set()
        await complete(pilot)
        assert page.virtual_size.height > before + 10  # the retention is a dozen rows high
        assert page.region.contains_region(flagged.region)


async def test_a_derivation_is_an_item_like_others(app: Any, tmp_path: Path) -> None:
    studyapp = app()
    studyapp.library = with_derivations(studyapp.library, tmp_path / "more")
    log, clock = studyapp.place.log, studyapp.clock
    tell(log, studyapp.library)
    for ago in range(8, 0, -1):
        clock.next_day(-ago)
        log.review("derive-score", 1, clock.today() + 1, 60_000, clock.now(), clock.zone, clock.today())
        clock.next_day(ago)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        assert "scores" in text(screen, "mastery")
        assert screen.facts is not None
        assert screen.facts.hardest[0].item == "derive-score"
        assert screen.facts.hardest[0].title.startswith("Derive the score")
        await pilot.press("tab", "enter")
        glance = pilot.app.screen
        assert isinstance(glance, GlanceScreen)
        assert "softmax" in glance.query_one("#question", Prose).text
        assert "1[a = k] - pi(k)" in glance.query_one("#answer", Prose).text


async def test_an_item_that_left_the_decks_is_named(app: Any) -> None:
    studyapp = app()
    studyapp.place.log.flag("gone", "where?", studyapp.clock.now(), studyapp.clock.zone, studyapp.clock.today())
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        await pilot.press("shift+tab", "enter")
        assert pilot.app.screen is screen
        assert [note.message for note in pilot.app._notifications] == ["gone is no longer in the decks."]


async def test_a_click_opens_an_item(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(140, 60)) as pilot:
        await open_progress(pilot)
        await pilot.click("#hardest", offset=(8, 0))
        assert isinstance(pilot.app.screen, GlanceScreen)


async def test_the_page_scrolls_by_lines_and_pages(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        page = screen.query_one("#progress")
        for key, moves in (("j", 1), ("down", 1), ("k", -1), ("space", 1), ("pageup", -1), ("end", 1), ("home", -1)):
            before = page.scroll_offset.y
            await pilot.press(key)
            await pilot.pause()
            assert (page.scroll_offset.y - before) * moves > 0
        assert page.scroll_offset.y == 0


async def test_sections_follow_a_resize(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        narrow = len(text(screen, "days").split("\n")[4])
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        assert len(text(screen, "days").split("\n")[4]) > narrow
        left, right = screen.query("#columns > Vertical")
        assert left.region.y == right.region.y
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert left.region.y < right.region.y


async def test_a_log_that_cannot_be_read_again_says_so(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(log: Log) -> list[Any]:
        raise LogError("the disk is [gone]")

    monkeypatch.setattr(Log, "recalls", refuse)
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        screen = await open_progress(pilot)
        assert "the disk is [gone]" in text(screen, "retention")


async def test_leaving_while_it_computes(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    held, read = threading.Event(), Log.recalls

    def slow(log: Log) -> list[Any]:
        held.wait(5)
        return read(log)

    monkeypatch.setattr(Log, "recalls", slow)
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("p")
        while not text(pilot.app.screen, "retention"):
            await asyncio.sleep(0.01)
        assert "computing" in text(pilot.app.screen, "retention")
        assert "Streak" in text(pilot.app.screen, "days")  # the rest does not wait
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HomeScreen)
        held.set()
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_its_keys_have_words_and_it_is_in_the_palette(app: Any) -> None:
    studyapp = app()
    async with studyapp.run_test(size=(80, 24)) as pilot:
        assert "Progress" in [command.title for command in studyapp.get_system_commands(pilot.app.screen)]
        await open_progress(pilot)
        assert keys(pilot) == {"Lists", "Page down", "Home", "Help"}
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)


# What it looks like: `pytest --snapshot-update` after a change that is meant, then look.


def opening(theme: str, *keys: str) -> Any:
    async def press(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await open_progress(pilot)
        await pilot.press(*keys)
        await pilot.pause()

    return press


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", ["progress", "progress-lists", "progress-empty", "progress-item"])
def test_looks(app: Any, snap_compare: Any, screen: str, size: tuple[int, int], theme: str) -> None:
    pressed = {"progress-lists": ["tab", "down"], "progress-item": ["tab", "enter"]}.get(screen, [])
    studyapp = app(studied=screen != "progress-empty", days=150, cards=44, drills=6, topics=4)
    assert snap_compare(studyapp, terminal_size=size, run_before=opening(theme, *pressed))
