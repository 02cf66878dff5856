"""Free practice: what is drawn and counted, without a screen and on it; and that nothing of it is written."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standins import AtOnce, HandClock, exercise, write_decks
from textual.pilot import Pilot

from decks.exercises import Exercise
from decks.items import Drill
from decks.library import Library, load_library
from decks.verdict import Verdict
from studyapp.app import StudyApp
from studyapp.practice import Choice, Practice, Tally, choices, tally_sentence
from studyapp.screens.exercise import ExerciseScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.practice import PracticeScreen
from studyapp.solver_worker import WorkerFailed
from studyapp.widgets.answer_line import AnswerLine
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.page import Page
from studyapp.widgets.prose import Prose


class Failing(AtOnce):
    """Refuses the next `refusals` requests, as a worker does that was killed."""

    refusals = 0

    def prepare(self, drill: Drill, seed: str) -> Future[Exercise]:
        return self._refused() if self.refusals else super().prepare(drill, seed)

    def grade(self, exercise: Exercise, typed: str) -> Future[Verdict]:
        return self._refused() if self.refusals else super().grade(exercise, typed)

    def _refused(self) -> Future[Any]:
        self.refusals -= 1
        future: Future[Any] = Future()
        future.set_exception(WorkerFailed("The solver stopped twice in a row; try again."))
        return future


@pytest.fixture
def library(tmp_path: Any) -> Library:
    return load_library(shipped=write_decks(tmp_path / "decks", cards=3, drills=7, topics=3))


def test_choices_are_everything_then_topic_by_topic(library: Library) -> None:
    found = choices(library)
    # write_decks deals drills 0 to 6 to the topics in turn
    assert [(choice.topic, choice.name, len(choice.drills)) for choice in found] == [
        ("all topics", "mixed", 7),
        ("t0", "mixed", 3),
        *(("t0", f"drill-{n}", 1) for n in (0, 3, 6)),
        ("t1", "mixed", 2),
        *(("t1", f"drill-{n}", 1) for n in (1, 4)),
        ("t2", "mixed", 2),
        *(("t2", f"drill-{n}", 1) for n in (2, 5)),
    ]
    assert {choice.says for choice in found if choice.name == "drill-4"} == {"Halve one, variant 4."}


def test_without_drills_there_is_nothing_to_choose(tmp_path: Any) -> None:
    assert choices(load_library(shipped=write_decks(tmp_path / "none", cards=3, drills=0))) == []


@given(size=st.integers(1, 7), seed=st.integers(0, 1000))
def test_mixed_deals_every_drill_once_a_round_and_none_twice_running(size: int, seed: int) -> None:
    drills = tuple(SimpleNamespace(id=f"d{n}") for n in range(size))
    solver: Any = SimpleNamespace(prepare=lambda drill, seed: Future())
    practice = Practice(Choice("mixed", "all", "", drills), solver, random.Random(seed))  # type: ignore[arg-type]
    asked = [practice.current.drill.id, *(practice.advance().drill.id for _ in range(4 * size - 1))]
    assert Counter(asked) == {drill.id: 4 for drill in drills}
    for began in range(0, len(asked), size):
        assert len(set(asked[began : began + size])) == size
    assert size == 1 or all(one != other for one, other in pairwise(asked))


def test_the_next_exercise_is_made_ahead_and_its_numbers_are_fresh(library: Library) -> None:
    solver = AtOnce()
    practice = Practice(choices(library)[2], solver)
    assert len(solver.prepared) == 2
    assert practice.current.seed == solver.prepared[0][1]
    practice.advance()
    assert practice.current.seed == solver.prepared[1][1]
    assert len(solver.prepared) == 3
    assert len({seed for _, seed in solver.prepared}) == 3


@given(st.lists(st.booleans(), max_size=30))
def test_the_tally_agrees_with_counting(results: list[bool]) -> None:
    tally = Tally()
    for right in results:
        tally.count(right)
    rows = "".join("r" if right else "w" for right in results).split("w")
    assert (tally.asked, tally.right) == (len(results), sum(results))
    assert tally.streak == len(rows[-1])
    assert tally.best == max(map(len, rows))


def test_the_tally_in_words() -> None:
    assert tally_sentence(Tally()) == "nothing answered yet"
    assert tally_sentence(Tally(1, 1, 1, 1)) == "1 of 1 right"
    assert tally_sentence(Tally(5, 3, 3, 3)) == "3 of 5 right, 3 in a row"
    assert tally_sentence(Tally(9, 6, 2, 4)) == "6 of 9 right, 2 in a row (best 4)"


def test_an_answer_counts_once_and_an_unreadable_one_never(library: Library) -> None:
    practice = Practice(choices(library)[0], AtOnce())
    practice.settle(practice.check("((").result())
    assert practice.tally.asked == 0
    assert not practice.current.solved
    right = practice.check("1/2").result()
    practice.settle(right)
    practice.settle(right)
    practice.give_up()
    assert practice.tally == Tally(1, 1, 1, 1)
    practice.advance()
    practice.give_up()
    practice.advance()
    assert practice.tally == Tally(2, 1, 0, 1)


def test_an_exercise_whose_making_failed_is_tried_afresh(library: Library) -> None:
    solver = Failing()
    practice = Practice(choices(library)[2], solver)
    solver.refusals = 1
    practice.advance()  # prepares the one after it, which fails
    assert practice.advance().made is not None


# on the screen


@pytest.fixture
def app(make: Any, clock: HandClock) -> Callable[..., StudyApp]:
    def build(solver: AtOnce | None = None, **sizes: int) -> StudyApp:
        place = make(**sizes)
        app = StudyApp(place.library, place.log, clock, solver or place.solver)  # type: ignore[arg-type]
        app.place = place  # type: ignore[attr-defined]
        return app

    return build


def shown(pilot: Pilot[None], part: str) -> str:
    """What a part of the page, or the text below the list, shows."""
    pages = pilot.app.screen.query(Page)
    return pages.first().text(part) if pages else pilot.app.screen.query_one(f"#{part}", Prose).text


def line(pilot: Pilot[None], part: str) -> str:
    return str(pilot.app.screen.query_one(f"#{part}").render())


def keys(pilot: Pilot[None]) -> set[str]:
    return {key.word for key in pilot.app.screen.query_one(KeyLine).shown_keys()}


def rows_written(app: Any) -> list[int]:
    """How many rows of the learner's the file holds, by table."""
    connection = sqlite3.connect(app.place.home / "studyapp.db")
    try:
        return [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("events", "bookmarks")]
    finally:
        connection.close()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_a_run_from_home_and_back_writes_nothing(app: Any, size: tuple[int, int]) -> None:
    studyapp = app(cards=2, drills=4)
    async with studyapp.run_test(size=size) as pilot:
        await pilot.press("d")
        assert isinstance(studyapp.screen, PracticeScreen)
        await pilot.press("enter")
        assert isinstance(studyapp.screen, ExerciseScreen)
        assert isinstance(studyapp.focused, AnswerLine)
        first = shown(pilot, "question")
        await pilot.press(*"0.5", "enter")
        await pilot.pause()
        assert line(pilot, "verdict").startswith("✓ Right.")
        assert shown(pilot, "answer") == "One divided by two is 0.5."
        assert "1 of 1 right" in line(pilot, "where")
        await pilot.press("space")
        assert shown(pilot, "question") != first
        assert shown(pilot, "answer") == ""
        await pilot.press("5", "enter")
        await pilot.pause()
        assert "(tenfold). Moved the point." in line(pilot, "verdict")
        assert "1 of 2 right" in line(pilot, "where")
        await pilot.press("enter")
        assert studyapp.screen.query_one(AnswerLine).value == ""
        await pilot.press("escape", "escape")
        assert isinstance(studyapp.screen, PracticeScreen)
        assert "1 of 2 right" in line(pilot, "where")
        await pilot.press("escape")
        assert isinstance(studyapp.screen, HomeScreen)
    assert rows_written(studyapp) == [0, 0]


async def test_the_list_by_keys_and_mouse(app: Any) -> None:
    studyapp = app(cards=0, drills=4, topics=2)  # all mixed, t0 mixed, drill-0, drill-2, t1 mixed, drill-1, drill-3
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "j", "j", "down", "k")
        assert shown(pilot, "about-drill") == "Halve one, variant 0."
        await pilot.press("G")
        assert shown(pilot, "about-drill") == "Halve one, variant 3."
        await pilot.press("home", "k")
        assert shown(pilot, "about-drill") == "4 drills, shuffled."
        await pilot.click("#drills", offset=(10, 3))
        assert shown(pilot, "about-drill") == "Halve one, variant 2."
        await pilot.click("#drills", offset=(10, 3))
        assert isinstance(studyapp.screen, ExerciseScreen)
        assert studyapp.screen.practice.current.drill.id == "drill-2"


async def test_no_drills_is_said_and_nothing_can_be_begun(app: Any) -> None:
    studyapp = app(cards=2, drills=0)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter", "j")
        assert isinstance(studyapp.screen, PracticeScreen)
        assert "no drills" in shown(pilot, "about-drill")
        assert "Practise" not in keys(pilot)


async def test_unreadable_text_stays_and_giving_up_shows_the_solution(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter", *"((", "enter")
        await pilot.pause()
        assert studyapp.screen.query_one(AnswerLine).value == "(("
        assert line(pilot, "verdict").startswith("? ")
        assert "nothing answered yet" in line(pilot, "where")
        await pilot.press("backspace", "backspace", "space")
        assert shown(pilot, "answer") == "One divided by two is 0.5."
        assert "0 of 1 right" in line(pilot, "where")


async def test_only_keys_that_work_are_shown(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter")
        assert {"Commands", "Answer"} <= keys(pilot)
        assert not {"Next one", "Try again", "Type"} & keys(pilot)
        await pilot.press("escape")
        assert {"Type", "Another", "Drills"} <= keys(pilot)
        await pilot.press("space")
        assert keys(pilot) == {"Next one", "Drills", "Help"}
        assert line(pilot, "verdict") == "✗ Shown. The answer is 0.5."  # nothing is recorded here, so no grade is named


async def test_another_exercise_without_an_answer_counts_for_nothing(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter")
        first = shown(pilot, "question")
        await pilot.press("escape", "n")
        assert shown(pilot, "question") != first
        assert "nothing answered yet" in line(pilot, "where")


async def test_an_exercise_being_made_says_so_and_others_can_pass(app: Any) -> None:
    studyapp = app(cards=0, drills=1, topics=1)
    solver = studyapp.place.solver
    solver.hold = True
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter")
        assert "Making fresh numbers" in shown(pilot, "question")
        attempt = studyapp.screen.practice.current
        attempt.exercise.set_result(exercise(attempt.drill, attempt.seed))
        await pilot.pause()
        assert shown(pilot, "question").startswith("Halve one.")
        assert isinstance(studyapp.focused, AnswerLine)


async def test_a_failing_solver_is_a_sentence_and_the_text_stays(app: Any) -> None:
    solver = Failing()
    studyapp = app(solver, cards=0, drills=1, topics=1)
    solver.refusals = 2  # the first exercise and the one made ahead
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter")
        await pilot.pause()
        assert "stopped twice" in shown(pilot, "question")
        assert {"Try again", "Another"} <= keys(pilot)
        await pilot.press("r")
        assert shown(pilot, "question").startswith("Halve one.")
        solver.refusals = 1
        await pilot.press(*"0.5", "enter")
        await pilot.pause()
        assert any("stopped twice" in note.message for note in studyapp._notifications)
        assert studyapp.screen.query_one(AnswerLine).value == "0.5"
        assert "nothing answered yet" in line(pilot, "where")
        await pilot.press("enter")
        await pilot.pause()
        assert "1 of 1 right" in line(pilot, "where")


async def test_a_verdict_that_comes_after_passing_on_is_dropped(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studyapp.screens.worksheet.PATIENCE", 0.02)
    studyapp = app(cards=0, drills=1, topics=1)
    slow: Future[Verdict] = Future()
    studyapp.place.solver.grade = lambda *_: slow
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "enter", *"0.5", "enter")
        while line(pilot, "verdict") != "checking…":
            await pilot.pause(0.01)
        assert not {"Answer", "Next one"} & keys(pilot)
        await pilot.press("escape", "n")
        slow.set_result(Verdict("right", None, None, 0.5, "0.5"))
        await pilot.pause()
        assert shown(pilot, "answer") == ""
        assert "nothing answered yet" in line(pilot, "where")
