"""Keys of the learner's own: read safely, in force on every screen, and never at the cost of another key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standins import HandClock
from textual.binding import Binding, BindingsMap
from textual.pilot import Pilot

from studyapp.app import StudyApp
from studyapp.key_map import Table, all_tables, is_key, neighbours, read, usable
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.settings import SettingsScreen
from studyapp.widgets.key_line import KeyLine

# keys without a name of their own beside named ones: of Textual's Screen and Input, and of dialogs that any key closes
TEXTUALS = {"tab", "enter", "escape", "question_mark"}
KEYS = ["z", "Z", "f9", "u", "n", "space", "z,f8"]


def file(folder: Path, text: str) -> Path:
    path = folder / "keys.json"
    path.write_text(text, encoding="utf-8")
    return path


# reading


def test_no_file_is_no_entries(tmp_path: Path) -> None:
    assert read(tmp_path / "keys.json") == ({}, [])


def test_entries_are_named_as_textual_names_keys(tmp_path: Path) -> None:
    text = json.dumps({"a": "z", "b": "f5, ctrl+z", "c": "?", "d": "Z", "e": "alt+enter,comma"})
    assert read(file(tmp_path, text)) == (
        {"a": "z", "b": "f5,ctrl+z", "c": "question_mark", "d": "Z", "e": "alt+enter,comma"},
        [],
    )


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "null", '{"a": "z",}'])
def test_a_file_that_is_no_object_changes_nothing_and_says_so(tmp_path: Path, text: str) -> None:
    keys, (problem,) = read(file(tmp_path, text))
    assert keys == {}
    assert "every key is as it was" in problem.lower()


def test_a_file_that_is_not_text_or_no_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in read(path)[1][0]
    assert "cannot be read" in read(tmp_path)[1][0]


@pytest.mark.parametrize("value", ["", ",", "z,", "spce", "ctrl+", "ctlr+z", "zz", 5, None, ["z"], True])
def test_what_is_no_key_is_left_out_and_named(tmp_path: Path, value: object) -> None:
    keys, (problem,) = read(file(tmp_path, json.dumps({"session.undo": value, "session.skip": "z"})))
    assert keys == {"session.skip": "z"}
    assert problem.startswith("session.undo: ")
    assert "is no key" in problem


@given(st.text(max_size=12))
def test_any_text_is_a_key_or_not(text: str) -> None:
    assert is_key(text) in (True, False)


# which entries can be used


@pytest.fixture(scope="module")
def tables() -> list[Table]:
    return all_tables()


def test_an_unknown_name_gets_the_nearest(tables: list[Table]) -> None:
    assert usable({"sesion.undo": "z"}, tables) == (
        {},
        ["There is nothing called sesion.undo; did you mean session.undo?"],
    )


def test_a_key_that_is_taken_is_refused_with_its_owner(tables: list[Table]) -> None:
    used, (problem,) = usable({"session.undo": "n", "session.flag": "F"}, tables)
    assert used == {"session.flag": "F"}
    assert "session.skip" in problem
    used, (problem,) = usable({"home.study": "ctrl+q"}, tables)  # the app's own, on every screen
    assert used == {}
    assert "quit" in problem


def test_two_may_swap_and_a_broken_swap_is_undone_whole(tables: list[Table]) -> None:
    swap = {"session.undo": "n", "session.skip": "u"}
    assert usable(swap, tables) == (swap, [])
    used, problems = usable({"session.undo": "n", "session.skip": "x"}, tables)  # x suspends
    assert used == {}
    assert len(problems) == 2


def test_bindings_that_share_a_key_may_share_another(tables: list[Table]) -> None:
    both = {"session.answer": "a", "session.next": "a"}
    assert usable(both, tables) == (both, [])


def test_every_binding_that_shares_a_key_with_a_named_one_has_a_name(tables: list[Table]) -> None:
    """Textual's keymap would drop it when the other is moved: give it an id."""
    for table in tables:
        ours = [binding for binding in table if binding.id and binding.id.partition(".")[0] not in ("app", "command")]
        named = {binding.key for binding in ours}
        assert {binding.key for binding in table if binding.id is None and binding.key in named} <= TEXTUALS


@given(data=st.data())
def test_no_binding_ever_loses_its_key(tables: list[Table], data: st.DataObject) -> None:
    """What Textual makes of a map that was found usable, compared with what was asked for."""
    names = sorted({binding.id for table in tables for binding in table if binding.id})
    asked = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(KEYS), max_size=4))
    used, problems = usable(asked, tables)
    assert len(used) + len(problems) == len(asked)
    complete = used | neighbours(used, tables)
    for table in tables:
        result = BindingsMap(table)
        result.apply_keymap(complete)
        have = {(key, binding.id or binding.action) for key, binding in result}
        for binding in table:
            if binding.id is None and binding.key in TEXTUALS:
                continue
            wanted = used[binding.id].split(",") if binding.id in used else [binding.key]
            assert {(key, binding.id or binding.action) for key in wanted} <= have


# in the app


@pytest.fixture
def app(make: Any, clock: HandClock, tmp_path: Path) -> Callable[..., StudyApp]:
    def build(keys: object) -> StudyApp:
        place = make(cards=3, drills=0)
        path = file(tmp_path, json.dumps(keys))
        return StudyApp(place.library, place.log, clock, place.solver, key_file=path)  # type: ignore[arg-type]

    return build


def key_line(pilot: Pilot[None]) -> dict[str, str]:
    """word → key, as the line at the bottom shows them."""
    return {key.word: key.shown for key in pilot.app.screen.query_one(KeyLine).shown_keys()}


async def checked(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_own_keys_work_and_are_shown_and_the_old_ones_are_free(app: Any) -> None:
    studyapp = app({"home.study": "g", "session.next": "b", "home.settings": "f2"})
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await checked(pilot)
        assert key_line(pilot)["Study"] == "g"
        await pilot.press("enter")
        assert isinstance(studyapp.screen, HomeScreen)
        await pilot.press("g")
        assert isinstance(studyapp.screen, SessionScreen)
        await pilot.press("space")  # shared its key with session.next, and keeps it
        assert studyapp.screen.session.current.revealed
        await pilot.press("escape", "f2")
        assert isinstance(studyapp.screen, SettingsScreen)
        assert "3 entries of keys.json in force" in str(studyapp.screen.query_one("#own-keys").render())
        assert not studyapp._notifications


async def test_bad_entries_are_told_and_cost_nothing(app: Any) -> None:
    studyapp = app({"home.stduy": "g", "session.undo": "n", "session.skip": "nn", "session.flag": "F", "x": 1, "y": 2})
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await checked(pilot)
        (note,) = studyapp._notifications
        assert "and 2 more" in note.message
        assert "session.skip: 'nn' is no key" in note.message
        assert "keys.json" in note.title
        await pilot.press("enter", "space", "3", "u")
        assert not studyapp.screen.session.done
        assert key_line(pilot)["Not now"] == "n"
        assert key_line(pilot)["Flag"] == "F"


def test_the_readme_names_only_what_there_is(tables: list[Table]) -> None:
    import re

    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Keys of your own")[2].partition("\n## ")[0]
    named = set(re.findall(r"\b[a-z]+\.[A-Za-z_]+\b", section)) - {"keys.json"}
    known = {binding.id for table in tables for binding in table}
    assert named
    assert named <= known


def test_a_binding_is_a_binding() -> None:
    """The tables are what Textual makes of BINDINGS: one entry a key."""
    (study,) = [table for table in all_tables() if any(binding.id == "home.study" for binding in table)]
    assert {binding.key for binding in study if binding.id == "home.study"} == {"enter", "space"}
    assert all(isinstance(binding, Binding) for binding in study)
