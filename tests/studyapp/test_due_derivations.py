"""Derivations that are due as items of the session: when they come, what is written, what is counted, in both modes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from derivations import LINES, with_derivations
from due import APART, PUT_IN, SCORE, Place
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standins import AtOnce, HandClock, open_log, write_decks

from decks.items import Derivation
from decks.library import load_library
from studyapp.overview import look
from studyapp.plain import PlainReview
from studyapp.plan import Scope
from studyapp.session import Session
from studyapp.summary import Summary


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


def test_minutes_are_up_after_the_derivation_in_which_they_passed(at: Any, clock: HandClock) -> None:
    place = at(cards=3)
    place.review(SCORE)
    session = place.session(minutes=10)
    assert session.current.item.id == SCORE
    clock.pass_time(720)
    session.derived(3, 720_000, "", "right")
    assert session.advance() is None
    assert session.out_of_time
    assert session.left == 3


MOVES = ["1", "3", "undo", "skip", "suspend", "leave", "amend", "elsewhere"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(MOVES), max_size=25))
def test_whatever_is_pressed_log_and_session_stay_in_step(tmp_path_factory: Any, moves: list[str]) -> None:
    """No item waits twice, and every answer that the session counts stands in the log with its grade."""
    home, clock = tmp_path_factory.mktemp("walk"), HandClock()
    cards = load_library(shipped=write_decks(home / "decks", cards=3, drills=0, topics=1))
    library = with_derivations(cards, home / "more")
    log = open_log(home, library)
    when = clock.now(), clock.zone, clock.today() - 3
    for item in (SCORE, PUT_IN, APART, "card-000"):
        log.review(item, 3, clock.today(), 1000, *when)
    session = Session(library, log, AtOnce(), clock)
    for move in moves:
        asked = session.current
        if move == "undo":
            session.undo()
        elif move == "leave":
            session = Session(library, log, AtOnce(), clock)
        elif move == "elsewhere":
            log.review(APART, 3, clock.today(), 1000, clock.now(), clock.zone, clock.today())
        elif asked is None:
            continue
        elif move in ("skip", "suspend"):
            getattr(session, move)()
        else:
            grade = 1 if move == "1" else 3
            if isinstance(asked.item, Derivation):
                session.derived(grade, 1000, "a line", "right")
            else:
                session.reveal()
                session.grade(grade)
            if move == "amend":
                session.grade(2)
            session.advance()
        waiting = [entry.item for entry in session.queue]
        if session.current is not None and session.current.answer is None:
            waiting.append(session.current.item.id)
        assert len(waiting) == len(set(waiting))
        with log._store.reading() as db:
            written = dict(db.execute("SELECT uid, grade FROM effective_reviews"))
        assert {done.uid: done.grade for done in session.done if done.grade}.items() <= written.items()
    log.close()


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
    assert text.count("Derive the score") == 2  # when it is asked, not when it is begun
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
