"""Settings: read safely, in force at once in plan, scheduler, clock and theme, and changed by keys on their screen."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS
from hypothesis import given
from hypothesis import strategies as st
from standins import HandClock
from textual import constants
from textual.pilot import Pilot
from textual.widgets import Static

from db.store import LogError
from studyapp.app import StudyApp
from studyapp.overview import look
from studyapp.plan import Scope, new_left, plan
from studyapp.screens.home import HomeScreen
from studyapp.screens.settings import SettingsScreen
from studyapp.session import Session
from studyapp.settings import RANGES, Settings, clock_of
from studyapp.widgets.key_line import KeyLine

DEFAULTS = {"new_per_day": 10, "retention": 0.9, "rollover_hour": 4, "theme": None, "welcomed": False}
GOOD = 3


def put(log: Any, clock: HandClock, **values: Any) -> None:
    log.settings(values, clock.now(), clock.zone, clock.today())


# reading


def test_nothing_set_is_the_defaults(make: Any) -> None:
    assert asdict(Settings.of(make().log)) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("new_per_day", [0, 25, 200], [-1, 201, 2.0, "10", True, [5], {}]),
        ("retention", [0.7, 0.85, 0.97], [0.69, 0.98, 1, 0, "0.9", True]),
        ("rollover_hour", [0, 3, 23], [-1, 24, 4.0, "4", False]),
        ("theme", ["nord"], [3, True, ["nord"]]),
        ("welcomed", [True], [1, "yes"]),
    ],
)
def test_bad_values_count_as_not_set(make: Any, clock: HandClock, name: str, good: list[Any], bad: list[Any]) -> None:
    log = make().log
    for value in good:
        put(log, clock, **{name: value})
        assert asdict(Settings.of(log)) == DEFAULTS | {name: value}
    for value in bad:
        put(log, clock, **{name: value, "not_ours": 1})
        assert asdict(Settings.of(log)) == DEFAULTS


@given(st.sampled_from(sorted(RANGES)), st.integers(-30, 30), st.lists(st.integers(-9, 9), max_size=20))
def test_moving_stays_in_range_and_steps_are_exact(name: str, start: int, steps: list[int]) -> None:
    numbers = RANGES[name]
    low, high = {"new_per_day": (0, 200), "retention": (70, 97), "rollover_hour": (0, 23)}[name]
    unit = 100 if name == "retention" else 1
    place = min(max(start, low), high)
    value: float = place / unit if unit > 1 else place
    for step in steps:
        value, place = numbers.moved(value, step), min(max(place + step, low), high)
        assert value == (place / unit if unit > 1 else place)
        assert numbers.holds(value)
        assert numbers.read(str(place)) == value


@pytest.mark.parametrize("typed", ["", "-1", "69", "98", "0.9", "9e1", "²", "١", "90 ", "99999"])
def test_what_is_no_share_is_not_read(typed: str) -> None:
    assert RANGES["retention"].read(typed) is None


# what they do


def test_new_items_a_day_fill_the_plan(make: Any, clock: HandClock) -> None:
    place = make(cards=30, drills=0)
    for wanted in (10, 3, 0, 17):
        if wanted != 10:
            put(place.log, clock, new_per_day=wanted)
        assert new_left(place.log, clock.today()) == wanted
        assert len(plan(place.library, place.log, clock.today(), Scope())) == wanted
        assert look(place.log, clock.today()).new == wanted
    assert len(plan(place.library, place.log, clock.today(), Scope(more_new=5))) == 22


@pytest.mark.parametrize("retention", [0.7, 0.8, 0.9, 0.97])
def test_retention_is_what_fsrs_is_asked_for(make: Any, clock: HandClock, retention: float) -> None:
    place = make(cards=3, drills=0)
    put(place.log, clock, retention=retention)
    session = Session(place.library, place.log, place.solver, clock)  # type: ignore[arg-type]
    assert session.current is not None
    expected = FSRS(DEFAULT_PARAMETERS).next_states(None, retention, 0).good.interval
    assert session.current.options[GOOD].days == max(1, round(expected))
    session.reveal()
    session.grade(GOOD)
    state = place.log.state(session.current.item.id)
    assert state.due_day - clock.today() == max(1, round(expected))


def test_the_clock_turns_the_day_at_the_hour_that_was_set(make: Any, clock: HandClock) -> None:
    log = make().log
    assert clock_of(log).rollover_hour == 4
    put(log, clock, rollover_hour=0)
    assert clock_of(log).rollover_hour == 0


def test_stats_count_days_as_the_learner_does(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make(cards=3, drills=0)
    at = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
    day = at.toordinal()
    place.log.settings({"rollover_hour": 7}, at, "UTC", day)
    place.log.review("card-000", 3, day, 1000, at, "UTC", day - 1)  # at half past five it is still yesterday
    place.log.close()
    monkeypatch.setenv("STUDYAPP_HOME", str(place.home))
    monkeypatch.setattr("studyapp.clock.Clock.now", lambda self: at)
    monkeypatch.setattr("studyapp.clock.local_zone", lambda: "UTC")
    monkeypatch.setenv("TZ", "UTC")
    from studyapp.commands.stats import command

    result = CliRunner().invoke(command, [])
    assert "1 answer in all, 1 today" in result.output


# the screen


def says(pilot: Pilot[None], part: str) -> str:
    return str(pilot.app.screen.query_one(f"#{part}", Static).render())


def keys(pilot: Pilot[None]) -> set[str]:
    return {key.word for key in pilot.app.screen.query_one(KeyLine).shown_keys()}


def written(app: Any) -> list[tuple[str, str]]:
    connection = sqlite3.connect(app.place.home / "studyapp.db")
    try:
        return connection.execute("SELECT kind, data FROM events ORDER BY id").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_each_change_is_written_and_in_force_at_once(app: Any, size: tuple[int, int]) -> None:
    studyapp = app(cards=30, drills=0)
    async with studyapp.run_test(size=size) as pilot:
        assert "10[/] new" in str(studyapp.screen.query_one("#today").content)
        await pilot.press("s")
        assert isinstance(studyapp.screen, SettingsScreen)
        await pilot.press("right", "right", "left")
        assert "11" in says(pilot, "set-new_per_day")
        await pilot.press("j", "h")
        assert "89 %" in says(pilot, "set-retention")
        await pilot.press("down", "l")
        assert studyapp.clock.rollover_hour == 5
        assert [kind for kind, _ in written(studyapp)] == ["settings"] * 5
        assert asdict(Settings.of(studyapp.log_file)) == DEFAULTS | {
            "new_per_day": 11,
            "retention": 0.89,
            "rollover_hour": 5,
        }
        await pilot.press("escape")
        assert isinstance(studyapp.screen, HomeScreen)
        assert studyapp.screen.overview.new == 11
        await pilot.press("enter")
        assert studyapp.screen.session.left == 11
        assert studyapp.screen.session.scheduler.retention == 0.89


async def test_numbers_can_be_typed_and_nonsense_changes_nothing(app: Any) -> None:
    studyapp = app(cards=2, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("s", *"25")
        assert {"Set", "Leave it"} <= keys(pilot)
        assert "Home" not in keys(pilot)
        assert studyapp.settings.new_per_day == 10  # not yet
        await pilot.press("enter")
        assert studyapp.settings.new_per_day == 25
        assert "Set" not in keys(pilot)
        await pilot.press(*"999", "enter")
        assert any("999 is not among 0 to 200" in note.message for note in studyapp._notifications)
        await pilot.press("4", "escape")  # forgotten
        await pilot.press("7", "1", "backspace", "j")  # forgotten with its row
        assert isinstance(studyapp.screen, SettingsScreen)
        assert len(written(studyapp)) == 1
        await pilot.press(*"85", "enter")
        assert studyapp.settings.retention == 0.85


async def test_the_default_comes_back_by_one_key(app: Any) -> None:
    studyapp = app(cards=2, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("s")
        assert "Default" not in keys(pilot)
        await pilot.press("right")
        assert "Default" in keys(pilot)
        await pilot.press("r")
        assert studyapp.settings.new_per_day == 10
        assert "Default" not in keys(pilot)
        await pilot.press("r")
        assert len(written(studyapp)) == 2


async def test_the_ends_of_a_range_write_nothing(app: Any, clock: HandClock) -> None:
    studyapp = app(cards=2, drills=0)
    put(studyapp.log_file, clock, new_per_day=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "left", "left")
        assert len(written(studyapp)) == 1


async def test_themes_are_shown_as_one_goes_and_kept(app: Any, clock: HandClock) -> None:
    studyapp = app(cards=2, drills=0)
    themes = list(studyapp.available_themes)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "j", "j", "j")
        for theme in [*themes[1:], themes[0], themes[1]]:
            await pilot.press("right")
            assert studyapp.theme == theme
            assert theme in says(pilot, "set-theme")
        await pilot.press("left", "left")
        assert studyapp.theme == themes[-1]
    again = StudyApp(studyapp.place.library, studyapp.log_file, clock, studyapp.place.solver)  # type: ignore[arg-type]
    async with again.run_test(size=(80, 24)) as pilot:
        assert again.theme == again.current_theme.name == themes[-1]
        await pilot.press("s", "j", "j", "j", "r")
        assert again.theme == constants.DEFAULT_THEME


async def test_textual_theme_is_honoured_until_one_is_chosen(
    app: Any, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_THEME", "no-such-theme,nord")
    studyapp = app(cards=2, drills=0)
    assert studyapp.theme == "nord"
    put(studyapp.log_file, clock, theme="no-such-theme")
    assert app(cards=2, drills=0).theme == "nord"
    put(studyapp.log_file, clock, theme="dracula")
    assert app(cards=2, drills=0).theme == "dracula"


async def test_a_theme_from_the_command_palette_stays(app: Any) -> None:
    studyapp = app(cards=2, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        studyapp.theme = "nord"  # what Textual's palette does
        await pilot.pause()
        assert Settings.of(studyapp.log_file).theme == "nord"


async def test_rows_and_arrows_can_be_clicked(app: Any) -> None:
    studyapp = app(cards=2, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("s")
        await pilot.click("#set-rollover_hour", offset=(4, 0))
        await pilot.press("right")
        assert studyapp.settings.rollover_hour == 5
        line = says(pilot, "set-retention")
        await pilot.click("#set-retention", offset=(line.index("›"), 0))
        assert studyapp.settings.retention == 0.91
        await pilot.click("#set-retention", offset=(line.index("‹"), 0))
        await pilot.click("#set-retention", offset=(line.index("‹"), 0))
        assert studyapp.settings.retention == 0.89


async def test_a_log_that_cannot_be_written_says_so_and_changes_nothing(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studyapp = app(cards=2, drills=0)

    def refuse(*_: object) -> None:
        raise LogError("the disk is full; free some space")

    monkeypatch.setattr(studyapp.log_file, "settings", refuse)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "right", "j", "j", "j", "right")
        assert any("disk is full" in note.message for note in studyapp._notifications)
        assert asdict(studyapp.settings) == DEFAULTS
        assert studyapp.theme == constants.DEFAULT_THEME
        await pilot.press("escape")
        assert isinstance(studyapp.screen, HomeScreen)
