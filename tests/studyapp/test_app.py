"""The screens by keyboard, through Textual's Pilot, and what they leave in the log."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from standins import HandClock
from textual.pilot import Pilot
from textual.widgets import Input
from textual.widgets._toast import Toast

from decks.items import Drill
from studyapp.app import StudyApp
from studyapp.destinations import DESTINATIONS
from studyapp.screens.flag import FlagScreen
from studyapp.screens.help import HelpScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.summary import SummaryScreen
from studyapp.widgets.answer_line import AnswerLine
from studyapp.widgets.grades import GradeBar
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.page import Page

SIZES = [(80, 24), (60, 20), (200, 60)]


def reviews(app: Any) -> list[tuple[str, int]]:
    connection = sqlite3.connect(app.place.home / "studyapp.db")
    try:
        return connection.execute("SELECT item, grade FROM effective_reviews ORDER BY id").fetchall()
    finally:
        connection.close()


def shown(pilot: Pilot[None], part: str) -> str:
    return pilot.app.screen.query_one(Page).text(part)


def footer(pilot: Pilot[None]) -> set[str]:
    """The words that the line of keys shows."""
    return {key.word for key in pilot.app.screen.query_one(KeyLine).shown_keys()}


@pytest.mark.parametrize("size", SIZES)
async def test_home_to_summary_by_keyboard(app: Any, size: tuple[int, int]) -> None:
    studyapp = app(cards=4, drills=0)
    async with studyapp.run_test(size=size) as pilot:
        assert isinstance(studyapp.screen, HomeScreen)
        await pilot.press("enter")
        assert isinstance(studyapp.screen, SessionScreen)
        for n in range(4):
            assert shown(pilot, "question").startswith("Question")
            assert shown(pilot, "answer") == ""
            await pilot.press("3")  # not yet: the answer has not been seen
            assert len(reviews(studyapp)) == n
            await pilot.press("space")
            assert shown(pilot, "answer").startswith("Answer")
            await pilot.press("3")
            assert len(reviews(studyapp)) == n + 1
        assert isinstance(studyapp.screen, SummaryScreen)
        assert studyapp.screen.summary.answers == 4
        await pilot.press("enter")
        assert isinstance(studyapp.screen, HomeScreen)
        assert studyapp.screen.overview.total == 0


async def test_a_drill_answered_right(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert isinstance(studyapp.focused, AnswerLine)
        await pilot.press(*"1/2", "enter")
        await pilot.pause()
        assert reviews(studyapp) == [("drill-0", 3)]
        assert shown(pilot, "answer").startswith("One divided")
        await pilot.press("space")
        assert isinstance(studyapp.screen, SummaryScreen)


async def test_a_drill_answered_wrong_is_told_why_and_comes_back(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        first = shown(pilot, "question")
        await pilot.press("5", "enter")
        await pilot.pause()
        verdict = str(studyapp.screen.query_one("#verdict").render())
        assert "tenfold" in verdict
        assert "Moved the point." in verdict
        await pilot.press("enter")
        assert isinstance(studyapp.screen, SessionScreen)
        assert shown(pilot, "question") != first
        assert studyapp.screen.query_one(AnswerLine).value == ""


async def test_unreadable_text_stays_and_costs_nothing(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", *"((", "enter")
        await pilot.pause()
        assert reviews(studyapp) == []
        line = studyapp.screen.query_one(AnswerLine)
        assert line.value == "(("
        assert studyapp.focused is line
        await pilot.press("backspace", "backspace", *".5", "enter")
        await pilot.pause()
        assert reviews(studyapp) == [("drill-0", 3)]


async def test_space_on_an_empty_line_gives_up_and_in_a_number_is_typed(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "1", "space", "u")
        assert studyapp.screen.query_one(AnswerLine).value == "1 u"
        assert reviews(studyapp) == []
        await pilot.press("backspace", "backspace", "backspace", "space")
        assert reviews(studyapp) == [("drill-0", 1)]


async def test_words_typed_into_the_line_are_no_commands(app: Any) -> None:
    studyapp = app(cards=0, drills=2, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        question = shown(pilot, "question")
        await pilot.press(*"xnuqof")
        assert studyapp.screen.query_one(AnswerLine).value == "xnuqof"
        assert shown(pilot, "question") == question
        assert "Commands" in footer(pilot)
        assert not {"Undo", "Not now", "Suspend"} & footer(pilot)
        await pilot.press("escape")
        assert {"Type", "Not now", "Suspend"} <= footer(pilot)
        await pilot.press("enter")
        assert isinstance(studyapp.focused, AnswerLine)
        await pilot.press("escape", "n")
        assert shown(pilot, "question") != question


async def test_undo_skip_suspend_flag(app: Any) -> None:
    studyapp = app(cards=5, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        first = shown(pilot, "question")
        await pilot.press("space", "4")
        assert shown(pilot, "question") != first
        await pilot.press("u")
        assert shown(pilot, "question") == first
        assert reviews(studyapp) == []
        await pilot.press("n")
        second = shown(pilot, "question")
        assert second != first
        await pilot.press("x")
        assert shown(pilot, "question") not in (first, second)
        await pilot.press("f")
        assert isinstance(studyapp.screen, FlagScreen)
        studyapp.screen.query_one(Input).value = "sign?"
        await pilot.press("enter")
        assert isinstance(studyapp.screen, SessionScreen)
        assert studyapp.log_file.stats(studyapp.clock.today()).flagged == 1
        assert studyapp.log_file.stats(studyapp.clock.today()).suspended == 1


async def test_leaving_and_coming_back_keeps_place_and_text(app: Any) -> None:
    studyapp = app(cards=0, drills=3, topics=3)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        question = shown(pilot, "question")
        await pilot.press(*"0.2", "escape")
        assert isinstance(studyapp.screen, SessionScreen)
        await pilot.press("escape")
        assert isinstance(studyapp.screen, HomeScreen)
        assert studyapp.screen.overview.resume == 3
        await pilot.press("enter")
        assert shown(pilot, "question") == question
        assert studyapp.screen.query_one(AnswerLine).value == "0.2"


async def test_quitting_in_mid_session_keeps_the_place(app: Any, make: Any, clock: HandClock) -> None:
    studyapp = app(cards=0, drills=3, topics=3)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", *"0.2", "ctrl+q")
    place = studyapp.place
    again = StudyApp(place.library, place.log, clock, place.solver)  # type: ignore[arg-type]
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert again.screen.query_one(AnswerLine).value == "0.2"


async def test_the_summary_can_take_back_the_last_answer(app: Any) -> None:
    studyapp = app(cards=1, drills=0, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space", "1", "space", "3")
        assert isinstance(studyapp.screen, SummaryScreen)
        await pilot.press("u")
        assert isinstance(studyapp.screen, SessionScreen)
        assert reviews(studyapp) == [("card-000", 1)]


async def test_home_fits_the_smallest_usual_terminal(app: Any) -> None:
    studyapp = app(cards=80, drills=0, topics=16)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space", "1", "escape")  # now there is a forecast
        assert isinstance(studyapp.screen, HomeScreen)
        await pilot.pause()
        assert studyapp.screen.query_one("#days").display
        assert studyapp.screen.query_one("#page").max_scroll_y == 0


async def test_help_and_footer_show_what_works_here(app: Any) -> None:
    studyapp = app(cards=2, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        assert footer(pilot) == {"Study", "Add card", "Quit", "Help"} | {place.word for place in DESTINATIONS.values()}
        await pilot.press("enter")
        assert {"Answer", "Not now"} <= footer(pilot)
        assert not {"Undo", "Next"} & footer(pilot)
        await pilot.press("question_mark")
        assert isinstance(studyapp.screen, HelpScreen)
        text = str(studyapp.screen.lines)
        assert "show the answer" in text
        assert "take back" not in text
        assert "Again" not in text
        await pilot.press("escape", "space", "question_mark")
        assert "Again: not known" in str(studyapp.screen.lines)
        await pilot.press("escape", "3")
        assert "Undo" in footer(pilot)


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_what_is_said_for_a_moment_covers_no_grades_and_no_answer_line(app: Any, size: tuple[int, int]) -> None:
    for sizes, part in (({"cards": 2, "drills": 0}, GradeBar), ({"cards": 0, "drills": 2}, AnswerLine)):
        studyapp = app(**sizes)
        async with studyapp.run_test(size=size, notifications=True) as pilot:
            await pilot.press("enter", *(["space"] if part is GradeBar else []))
            studyapp.notify("A sentence that is long enough to be laid out in two lines or even more.")
            await pilot.pause(0.1)
            toast = studyapp.screen.query_one(Toast)
            assert toast.region.height > 1
            for other in (part, KeyLine):
                assert not toast.region.overlaps(studyapp.screen.query_one(other).region)


async def test_what_was_said_of_a_suspension_goes_with_it(app: Any) -> None:
    studyapp = app(cards=3, drills=0)
    async with studyapp.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("enter", "x")
        await pilot.pause(0.1)
        assert studyapp.screen.query(Toast)
        await pilot.press("u")
        await pilot.pause(0.1)
        assert not studyapp.screen.query(Toast)


async def test_every_screen_is_in_the_palette(app: Any) -> None:
    studyapp = app(cards=4, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        words = [command.title for command in studyapp.get_system_commands(studyapp.screen)]
        screens = [place.word for place in DESTINATIONS.values()]
        assert sorted(words) == sorted(["Study", "Add a card", *screens, "Theme", "Help", "Quit"])
        commands = {command.title: command.callback for command in studyapp.get_system_commands(studyapp.screen)}
        await pilot.press("s")
        commands["Study"]()
        await pilot.pause()
        assert isinstance(studyapp.screen, SessionScreen)
        await pilot.press("space", "3", "space")
        commands["Study"]()  # from within: the place is kept
        await pilot.pause()
        assert isinstance(studyapp.screen, SessionScreen)
        assert studyapp.screen.session.left == 3
        commands["Help"]()
        await pilot.pause()
        assert isinstance(studyapp.screen, HelpScreen)


async def test_a_long_page_is_turned_by_pages(app: Any) -> None:
    studyapp = app(cards=1, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space")
        await pilot.resize_terminal(24, 6)
        page = studyapp.screen.query_one(Page)
        assert page.max_scroll_y > 2
        await pilot.press("pagedown")
        assert page.scroll_y == min(page.max_scroll_y, page.size.height - 1)
        await pilot.press("ctrl+u")
        assert page.scroll_y == 0


async def test_a_long_question_is_read_on_while_its_answer_is_typed(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "1")
        await pilot.resize_terminal(24, 9)
        page = studyapp.screen.query_one(Page)
        assert page.max_scroll_y > 0
        for key in ("down", "pagedown"):
            await pilot.press(key)
            assert page.scroll_y > 0
            await pilot.press("pageup", "up")
            assert page.scroll_y == 0
        assert studyapp.screen.query_one(AnswerLine).value == "1"


async def test_a_drill_being_made_says_so_and_appears(app: Any) -> None:
    from standins import exercise

    studyapp = app(cards=0, drills=1, topics=1)
    studyapp.place.solver.hold = True
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert "Making fresh numbers" in shown(pilot, "question")
        asked = studyapp.screen.session.current
        assert isinstance(asked.item, Drill)
        asked.exercise.set_result(exercise(asked.item, asked.entry.seed))
        await pilot.pause()
        assert shown(pilot, "question").startswith("Halve one.")
        assert isinstance(studyapp.focused, AnswerLine)


async def test_a_log_that_cannot_be_written_says_so_and_asks_on(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from db.store import LogError

    studyapp = app(cards=2, drills=0)

    def refuse(*_: object, **__: object) -> None:
        raise LogError("the disk is full; free some space")

    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space")
        question = shown(pilot, "question")
        with monkeypatch.context() as broken:
            broken.setattr(studyapp.place.log, "review", refuse)
            await pilot.press("3")
        assert shown(pilot, "question") == question
        assert any("disk is full" in note.message for note in studyapp._notifications)
        await pilot.press("3")
        assert len(reviews(studyapp)) == 1


async def test_grades_can_be_clicked(app: Any) -> None:
    studyapp = app(cards=1, drills=0, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space")
        await pilot.click(GradeBar, offset=(70, 0))  # the rightmost quarter
        assert reviews(studyapp) == [("card-000", 4)]


async def test_resizing_in_mid_session_changes_nothing(app: Any) -> None:
    studyapp = app(cards=2, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space")
        question = shown(pilot, "question")
        for width, height in [(60, 20), (20, 5), (200, 60), (80, 24)]:
            await pilot.resize_terminal(width, height)
            assert shown(pilot, "question") == question
        await pilot.press("2")
        assert [grade for _, grade in reviews(studyapp)] == [2]


async def test_nothing_due_offers_ten_more(app: Any) -> None:
    studyapp = app(cards=25, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        for _ in range(10):
            await pilot.press("space", "3")
        assert isinstance(studyapp.screen, SummaryScreen)
        await pilot.press("m")
        assert isinstance(studyapp.screen, SessionScreen)
        assert studyapp.screen.session.left == 10
