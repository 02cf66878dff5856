"""Home before the decks: what it shows comes from the log, and whatever needs the decks has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from standins import AtOnce, HandClock
from textual.widgets import Static

from db.log import Log
from studyapp import app as app_module
from studyapp import places
from studyapp.app import StudyApp
from studyapp.learner import open_library, open_log
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen

CARD = "# Mine\ntopic: mine\nweek: 1\n\n## my-{0}\nimportance: must\n\nQ?\n\n---\n\nA.\n"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    """A learner's, whose decks were read before."""
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path))
    log = open_log()
    open_library(log)
    return log


def shown(app: StudyApp, part: str) -> str:
    return str(app.screen.query_one(f"#{part}", Static).render())


async def test_a_deck_written_meanwhile_is_there_once_the_decks_are_read(log: Log) -> None:
    app = StudyApp(None, log, HandClock(), AtOnce())  # type: ignore[arg-type]
    before = app.look().new_waiting
    places.own_decks().mkdir()
    (places.own_decks() / "mine.md").write_text(CARD.format("first"))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        assert app.look().new_waiting == before + 1
        assert "my-first" in app.library.cards


async def test_a_broken_deck_is_told_of_once_it_was_read(log: Log) -> None:
    places.own_decks().mkdir()
    (places.own_decks() / "mine.md").write_text("no deck")
    app = StudyApp(None, log, HandClock(), AtOnce())  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "a deck begins with its title" in shown(app, "notices")


async def test_a_key_pressed_before_the_decks_are_read_waits_for_them(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module.StudyApp, "_warm_up", lambda self: None)  # as if it took for ever
    app = StudyApp(None, log, HandClock(), AtOnce())  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        assert "10 new" in shown(app, "today")
        await pilot.press("enter")
        assert isinstance(app.screen, SessionScreen)
