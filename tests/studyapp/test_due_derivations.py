"""Derivations that are due as items of the session: when they come, what is written, what is counted, in both modes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from derivations import LINES, keys, said, settled, shown, with_derivations, write
from standins import AtOnce, HandClock, open_log
from textual.pilot import Pilot
from textual.widgets import Static

from db.log import Log
from db.store import LogError
from decks.items import Derivation
from studyapp.app import StudyApp
from studyapp.begun import begun
from studyapp.overview import look
from studyapp.plain import PlainReview
from studyapp.plan import Scope, plan
from studyapp.screens.derive import DeriveScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.summary import SummaryScreen
from studyapp.session import Session
from studyapp.summary import Summary
from studyapp.widgets.page import Page

SCORE, PUT_IN, APART = "derive-score", "derive-put-in", "derive-apart"


class Place:
    """A library of `cards` cards and three derivations, with its log."""

    def __init__(self, home: Path, make: Any, clock: HandClock, cards: int, drills: int = 0) -> None:
        self.home, self.clock = home, clock
        self.library = with_derivations(make(cards=cards, drills=drills, topics=1).library, home / "more")
        self.log, self.solver = open_log(home, self.library), AtOnce()

    def review(self, item: str, due_in: int = 0, days_ago: int = 3) -> None:
        day = self.clock.today()
        self.log.review(item, 3, day + due_in, 1000, self.clock.now(), self.clock.zone, day - days_ago)

    def session(self, **scope: Any) -> Session:
        return Session(self.library, self.log, self.solver, self.clock, Scope(**scope))  # type: ignore[arg-type]

    def queue(self, **scope: Any) -> list[str]:
        return [entry.item for entry in plan(self.library, self.log, self.clock.today(), Scope(**scope))]

    def reviews(self, item: str) -> list[tuple[Any, ...]]:
        with self.log._store.reading() as db:
            sql = "SELECT grade, verdict, typed FROM effective_reviews WHERE item = ? AND day = ? ORDER BY id"
            return db.execute(sql, [item, self.clock.today()]).fetchall()


@pytest.fixture
def at(tmp_path: Path, make: Any, clock: HandClock) -> Callable[..., Place]:
    return lambda cards=4, drills=0: Place(tmp_path, make, clock, cards, drills)


# the plan


def test_a_due_derivation_comes_after_what_else_is_due_and_before_what_is_only_new(at: Any) -> None:
    place = at(cards=12, drills=2)
    assert not {SCORE, PUT_IN, APART} & set(place.queue())  # new ones are the learner's to begin
    place.review(SCORE)
    assert place.queue()[0] == SCORE
    for item in ("card-000", "card-001", "drill-0"):
        place.review(item)
    queue = place.queue()
    due = [queue.index(item) for item in ("card-000", "card-001", "drill-0")]
    assert queue.index(SCORE) == max(due) + 1
    assert queue.count(SCORE) == 1
    assert len(queue) == 4 + 10


def test_none_that_is_scheduled_for_later_or_suspended(at: Any, clock: HandClock) -> None:
    place = at()
    place.review(SCORE, due_in=1)
    place.review(PUT_IN)
    place.log.suspend(PUT_IN, clock.now(), clock.zone, clock.today())
    assert not {SCORE, PUT_IN} & set(place.queue())


def test_two_a_day_and_the_rest_another_day(at: Any, clock: HandClock) -> None:
    place = at(cards=0, drills=1)
    for item, days in ((SCORE, 9), (PUT_IN, 5), (APART, 2)):
        place.review(item, days_ago=days)
    assert place.queue()[:2] == [SCORE, PUT_IN]  # those least likely to be remembered
    assert APART not in place.queue()
    seen = look(place.log, clock.today())
    assert (seen.due, seen.derivations, seen.put_off, seen.new) == (2, 2, 1, 1)
    assert [number for _, number in seen.forecast[:3]] == [2, 1, 0]
    assert seen.minutes == 16  # the drill is half a minute
    place.review(SCORE, due_in=4, days_ago=0)
    assert [item for item in place.queue() if item.startswith("derive")] == [PUT_IN]
    place.review(PUT_IN, due_in=0, days_ago=0)  # not done well: it is one of today's two
    assert [item for item in place.queue() if item.startswith("derive")] == [PUT_IN]
    assert look(place.log, clock.today()).put_off == 1
    assert APART in place.queue(topic="apart")  # whoever names the topic wants it
    clock.next_day()
    assert set(place.queue()) >= {APART, PUT_IN}


def test_topic_and_limit(at: Any) -> None:
    place = at(cards=3)
    place.review("card-000")
    for item in (SCORE, PUT_IN, APART):
        place.review(item)
    assert place.queue(topic="apart") == [APART]
    assert set(place.queue(topic="scores")) == {SCORE, PUT_IN}
    assert set(place.queue(topic="t0")) == {"card-000", "card-001", "card-002"}
    assert place.queue(limit=1) == ["card-000"]
    assert [item.startswith("derive") for item in place.queue(limit=2)] == [False, True]


def test_what_is_new_counts_derivations_only_where_items_are_counted(at: Any, clock: HandClock) -> None:
    place = at(cards=2)
    seen = look(place.log, clock.today())
    assert (seen.due, seen.new, seen.new_waiting, seen.total) == (0, 2, 2, 2)
    assert {row.topic: (row.due, row.new, row.total) for row in seen.topics} == {
        "t0": (0, 2, 2),
        "scores": (0, 2, 2),
        "apart": (0, 1, 1),
    }
    place.review(SCORE)
    seen, stats = look(place.log, clock.today()), place.log.stats(clock.today())
    assert (seen.due, seen.new, seen.total, seen.derivations) == (1, 2, 3, 1)
    assert (stats.items, stats.seen, stats.new, stats.due) == (5, 1, 4, 1)
    assert stats.topics["scores"].due == 1


# the session


def test_one_record_with_the_place_in_it(at: Any, clock: HandClock) -> None:
    place = at(cards=2)
    place.review(SCORE)
    session = place.session()
    assert isinstance(session.current.item, Derivation)
    session.grade(3)  # nothing but the derivation itself answers it
    assert place.reviews(SCORE) == []
    session.derived(2, 1000, "a line", "right")
    assert place.reviews(SCORE) == [(2, "right", "a line")]
    killed = Session(place.library, open_log(place.home, place.library), place.solver, clock)
    assert killed.current is not None
    assert killed.current.item.id == "card-000"
    assert [done.entry.item for done in killed.done] == [SCORE]
    session.grade(4)
    assert place.reviews(SCORE) == [(4, "right", "a line")]
    session.advance()
    assert session.undo() == SCORE
    assert place.reviews(SCORE) == []
    assert session.current.item.id == SCORE
    assert session.current.answer is None


def test_given_up_it_comes_back_like_any_other_item(at: Any, clock: HandClock) -> None:
    place = at(cards=7)
    place.review(SCORE)
    session = place.session()
    session.derived(1, 1000, "", "wrong")
    assert [entry.item for entry in session.queue].index(SCORE) == 5
    session.grade(3)
    assert SCORE not in [entry.item for entry in session.queue]
    told = Summary.of(session, look(place.log, clock.today()))
    assert (told.answers, told.new, told.drills_wrong, told.derivations_given_up) == (1, 0, 0, 1)
    assert "Derivations: 0 done, 1 given up." in told.lines()


def test_a_drill_still_being_made_does_not_let_a_derivation_pass(at: Any) -> None:
    place = at(cards=0, drills=1)
    place.review("drill-0")
    place.review(SCORE)
    place.solver.hold = True
    assert place.session().current.item.id == "drill-0"


# on the screen


async def begin(place: Place, pilot: Pilot[None]) -> SessionScreen:
    """The session from home, at its first item."""
    await pilot.press("enter")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    return screen


def app_of(place: Place) -> StudyApp:
    return StudyApp(place.library, place.log, place.clock, place.solver)  # type: ignore[arg-type]


def where(pilot: Pilot[None]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen | DeriveScreen)
    return str(screen.where.render())


async def derive(pilot: Pilot[None], *lines: str) -> DeriveScreen:
    """Begin the derivation that is asked and type lines into it."""
    await pilot.press("enter")
    screen = await shown(pilot)
    for line in lines:
        await write(pilot, line, "enter")
    return screen


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_from_the_session_through_the_derivation_to_the_next_item(at: Any, size: tuple[int, int]) -> None:
    place = at(cards=2)
    place.review(SCORE)
    async with app_of(place).run_test(size=size) as pilot:
        screen = await begin(place, pilot)
        assert "scores  must derivation, due   0 answers, 3 left" in where(pilot)
        assert "Derive the **score**" in screen.query_one(Page).text("question")
        assert {"Begin", "Not now", "Suspend", "Flag", "Home"} <= keys(pilot) | {"Flag"}
        assert "Answer" not in keys(pilot)
        await derive(pilot, *LINES)
        assert "Goal reached" in said(pilot)
        assert place.reviews(SCORE) == [(4, "right", "\n".join(LINES))]
        await pilot.press("3")
        await settled(pilot)
        assert place.reviews(SCORE) == [(3, "right", "\n".join(LINES))]
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "t0  must   1 answer, 2 left" in where(pilot)
        await pilot.press("u")
        await settled(pilot)
        assert place.reviews(SCORE) == []
        assert "derivation, due   0 answers, 3 left" in where(pilot)
        again = await derive(pilot)
        assert again.sitting.lines == ()


async def test_left_half_way_it_is_asked_still_and_its_lines_are_there(at: Any, clock: HandClock) -> None:
    place = at(cards=2)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        screen = await begin(place, pilot)
        await derive(pilot, LINES[0])
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "derivation, due" in where(pilot)
        assert "Begun: 1 line, 0 helps." in screen.query_one(Page).text("begun")
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HomeScreen)
    log = open_log(place.home, place.library)
    app = StudyApp(place.library, log, clock, place.solver)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        again = await derive(pilot)
        assert "grad" not in again.line.value
        assert len(again.sitting.lines) == 1
        await write(pilot, LINES[1], "enter")
        await pilot.press("enter")
        await settled(pilot)
        assert "1 answer, 2 left" in where(pilot)
    assert place.reviews(SCORE) == [(4, "right", "\n".join(LINES))]


async def test_not_now_suspend_and_home(at: Any, clock: HandClock) -> None:
    place = at(cards=1)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        await pilot.press("n")
        await settled(pilot)
        assert "t0  must" in where(pilot)
        await pilot.press("u", "space", "3")
        await settled(pilot)
        assert "derivation, due" in where(pilot)
        await pilot.press("x")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SummaryScreen)
        assert place.log.state(SCORE).suspended
        await pilot.press("u")
        await settled(pilot)
        assert "derivation, due" in where(pilot)
        assert not place.log.state(SCORE).suspended


async def test_the_last_item_of_a_session_ends_in_its_summary(at: Any, clock: HandClock) -> None:
    place = at(cards=0, drills=0)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        await derive(pilot, *LINES)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SummaryScreen)
        text = str(pilot.app.screen.query_one("#summary", Static).render())
        assert "1 answer in" in text
        assert "Derivations: 1 done, 0 given up." in text
        await pilot.press("u")
        await settled(pilot)
        assert "derivation, due   0 answers, 1 left" in where(pilot)
        assert place.reviews(SCORE) == []


async def test_home_from_within_a_derivation_keeps_both_places(at: Any, clock: HandClock) -> None:
    place = at(cards=2)
    place.review(SCORE)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        await derive(pilot, LINES[0])
        await write(pilot, "1[a =")
        await pilot.app.run_action("visit('settings')")
        await settled(pilot)
        assert look(place.log, clock.today()).resume == 3
        await pilot.press("escape")
        await begin(place, pilot)
        again = await derive(pilot)
        assert again.line.value == "1[a ="
        assert len(again.sitting.lines) == 1


async def test_an_answer_that_cannot_be_written_is_said_and_asked_still(
    at: Any, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = at(cards=2)
    place.review(SCORE)

    def full(*_: Any, **__: Any) -> Any:
        raise LogError("The disk is full.")

    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await begin(place, pilot)
        with monkeypatch.context() as patch:
            patch.setattr(Log, "review", full)
            await derive(pilot, *LINES)
            assert "not saved" in said(pilot)
            await pilot.press("enter")
            await settled(pilot)
        assert "derivation, due   0 answers, 3 left" in where(pilot)
        await pilot.press("enter")
        await shown(pilot)
        assert "press a grade" in said(pilot)
        await pilot.press("4", "enter")
        await settled(pilot)
        assert place.reviews(SCORE) == [(4, "right", "\n".join(LINES))]
        assert "1 answer, 2 left" in where(pilot)


async def test_who_only_looks_leaves_no_mark(at: Any, clock: HandClock) -> None:
    place = at(cards=1)
    async with app_of(place).run_test(size=(80, 24)) as pilot:
        await pilot.press("v", "enter")
        await shown(pilot)
        assert "ctrl+r" in {key.shown for key in pilot.app.screen.query_one("KeyLine").shown_keys()}  # type: ignore[attr-defined]
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert begun(place.log, [SCORE]) == {}
        assert place.log.bookmark(f"derivation {SCORE}") is None


# in lines


def review(place: Place, *lines: str) -> str:
    out = io.StringIO()
    source = io.StringIO("".join(f"{line}\n" for line in lines))
    PlainReview(place.library, place.log, place.solver, place.clock, Scope(), source, out).run()  # type: ignore[arg-type]
    return out.getvalue()


def test_in_lines_from_the_task_to_the_next_item(at: Any) -> None:
    place = at(cards=1)
    place.review(SCORE)
    text = review(place, "", LINES[0], "quit", "", *LINES[1:], "3", "q")
    assert "--- scores, must, derivation, due, 2 items left ---" in text
    assert text.count("Enter begins it, n not now: ") == 2
    assert f"1. {LINES[0]}" in text
    assert "Recorded: Easy." in text
    assert text.index("Recorded: Easy.") < text.index("Enter keeps Easy") < text.index("--- t0, must, 1 item left ---")
    assert "Derivations: 1 done, 0 given up." in text
    assert place.reviews(SCORE) == [(3, "right", "\n".join(LINES))]


def test_in_lines_it_is_put_off_or_taken_back_like_any_other(at: Any) -> None:
    place = at(cards=1)
    place.review(SCORE)
    text = review(place, "", "give up", "", "u", "n", "q")
    assert f"Taken back: {SCORE}." in text
    assert place.reviews(SCORE) == []
    assert "There is more to study today." in text


def test_in_lines_what_was_begun_is_there_when_the_input_ended(at: Any) -> None:
    place = at(cards=1)
    place.review(SCORE)
    review(place, "", LINES[0])
    assert f"1. {LINES[0]}" in review(place, "", *LINES[1:])
    assert place.reviews(SCORE) == [(4, "right", "\n".join(LINES))]
