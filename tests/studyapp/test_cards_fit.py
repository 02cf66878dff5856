"""No shipped card is longer than a small screen: each is drawn by the session's own screen, with answer and rubric."""

from __future__ import annotations

from pathlib import Path

from standins import AtOnce, HandClock, open_log

from decks.library import load_library
from studyapp.app import StudyApp
from studyapp.plan import Scope
from studyapp.screens.session import SessionScreen
from studyapp.sheet_parts import ROWS
from studyapp.widgets.page import Page


async def test_every_card_is_seen_whole_at_80x24(tmp_path: Path, clock: HandClock) -> None:
    library = load_library()
    cards = tuple(library.cards)
    app = StudyApp(library, open_log(tmp_path, library), clock, AtOnce(), scope=Scope(items=cards))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, SessionScreen)
        page = screen.query_one(Page)
        scrolling = []
        for _ in cards:
            asked = screen.session.current
            assert asked is not None
            screen.action_show_answer()
            if page.has_more:
                scrolling.append(asked.item.id)
            screen.action_skip()
        assert page.outer_size.height == ROWS
    assert scrolling == []
