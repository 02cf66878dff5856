"""Rows joined from decks and log, and the changes made to them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from standins import HandClock

from db.log import Log
from db.store import LogError
from decks.library import load_library
from studyapp.browsing import UNSEEN, Browser, history, one_line, state_word


@pytest.fixture
def browse(make: Any, clock: HandClock) -> Any:
    def build(**sizes: int) -> Browser:
        place = make(**sizes)
        return Browser(place.library, place.log, clock)  # type: ignore[arg-type]

    return build


def answer(browser: Browser, item: str, due_in: int, grade: int = 3) -> None:
    clock = browser.clock
    browser.log.review(item, grade, clock.today() + due_in, 5000, clock.now(), clock.zone, clock.today())


def found(browser: Browser, typed: str) -> list[str]:
    return [row.item.id for row in browser.search(typed).rows]


def test_states_are_those_of_the_log(browse: Any) -> None:
    browser = browse(cards=6, drills=1)
    answer(browser, "card-000", 0)
    answer(browser, "card-001", 3)
    answer(browser, "card-002", -2)
    answer(browser, "drill-0", 40)
    again = Browser(browser_library(browser), browser.log, browser.clock)
    again.suspend("card-002")
    again.suspend("card-003")
    again.flag("card-004", "sign?")
    log, today = browser.log, browser.today
    for looked in (again, Browser(browser_library(browser), log, browser.clock)):
        assert set(found(looked, "is:due")) == {"card-000"} == {due.item for due in log.due(today)}
        assert set(found(looked, "is:new")) == {"card-004", "card-005"} == {new.item for new in log.new()}
        assert set(found(looked, "is:scheduled")) == {"card-001", "drill-0"}
        assert set(found(looked, "is:suspended")) == {"card-002", "card-003"}
        assert found(looked, "is:flagged") == ["card-004"]
        assert found(looked, "is:drill") == ["drill-0"]
        assert len(found(looked, "")) == 7


def browser_library(browser: Browser) -> Any:
    """The library that the browser was made from."""
    from types import SimpleNamespace

    return SimpleNamespace(items={row.item.id: row.item for row in browser.rows}, derivations={})


def test_what_is_kept_from_the_last_time_is_brought_up_to_date(make: Any, clock: HandClock) -> None:
    place = make(cards=12, drills=2)
    dice = random.Random(5)
    taken: list[str] = []
    for step in range(60):
        with place.log.for_thread() as log:  # as another window would
            name, when = f"card-{dice.randrange(14):03}", (clock.now(), clock.zone, clock.today())
            kind = dice.choice(["review", "review", "review", "suspend", "unsuspend", "flag", "reset", "undo"])
            if kind == "review":
                due = clock.today() + dice.randint(0, 4)
                taken.append(log.review(name, dice.randint(1, 4), due, 1, *when).uid)
            elif kind == "flag":
                log.flag(name, dice.choice(["why?", None]), *when)
            elif kind == "undo" and taken:
                log.undo(taken.pop(dice.randrange(len(taken))), *when)
            elif kind != "undo":
                getattr(log, kind)(name, *when)
        clock.next_day(step % 7 == 0)
        browser = Browser(place.library, place.log, clock)  # type: ignore[arg-type]
        standings = place.log.standings()
        assert len(browser.rows) == 14
        for row in browser.rows:
            assert row.standing == standings.get(row.item.id, UNSEEN)
            assert row.today == clock.today()
    assert len(standings) > 10
    other = make(cards=12, drills=2)  # the same decks, read again, and another log
    other.library, other.log = place.library, Log.open(other.home / "other.db")
    assert not any(row.standing.reviews for row in Browser(other.library, other.log, clock).rows)  # type: ignore[arg-type]


def test_topics_stand_together_each_in_its_order_of_study(browse: Any) -> None:
    browser = browse(cards=7, drills=2)
    assert [row.item.topic for row in browser.rows] == ["t0"] * 4 + ["t1"] * 3 + ["t2"] * 2
    assert found(browser, "topic:t1") == ["card-001", "card-004", "drill-1"]  # must before should


def test_question_answer_and_id_are_searched(browse: Any) -> None:
    browser = browse(cards=12, drills=2)
    assert found(browser, "question 11") == ["card-011"]
    assert found(browser, "11 ANSWER") == ["card-011"]
    assert found(browser, "card-007") == ["card-007"]
    assert found(browser, "variant halve") == ["drill-0", "drill-1"]
    assert found(browser, "t2 drill") == []


def test_each_change_is_in_the_log_and_can_be_taken_back(browse: Any) -> None:
    browser = browse(cards=2, drills=0)
    answer(browser, "card-000", 3)
    before = Browser(browser_library(browser), browser.log, browser.clock).row("card-000")
    changes = {
        "suspended": lambda: browser.suspend("card-000"),
        "scheduled": lambda: browser.wake("card-000"),
        "new": lambda: browser.reset("card-000"),
    }
    for state, change in changes.items():
        change()
        assert browser.row("card-000").state == state
    browser.flag("card-000", "why?")
    assert browser.row("card-000").standing.flagged
    assert browser.log.flag_note("card-000") == "why?"
    browser.flag("card-000", None)
    assert not browser.row("card-000").standing.flagged
    for flagged, state in [(True, "new"), (False, "new"), (False, "scheduled"), (False, "suspended")]:
        browser.undo()
        row = browser.row("card-000")
        assert (row.standing.flagged, row.state) == (flagged, state)
        assert browser.last_changed == "card-000"
    browser.undo()
    assert browser.row("card-000").standing[:5] == before.standing[:5]
    assert browser.last_changed is None


def test_a_change_that_cannot_be_written_changes_nothing(browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browse(cards=1, drills=0, topics=1)

    def refuse(*_: object, **__: object) -> None:
        raise LogError("the disk is full")

    monkeypatch.setattr(browser.log, "suspend", refuse)
    with pytest.raises(LogError):
        browser.suspend("card-000")
    assert browser.row("card-000").state == "new"
    assert browser.last_changed is None


def test_after_an_edit_what_is_still_there_can_be_taken_back(make: Any, clock: HandClock) -> None:
    place = make(cards=3, drills=0)
    browser = Browser(place.library, place.log, clock)  # type: ignore[arg-type]
    browser.suspend("card-000")
    browser.suspend("card-001")
    smaller = browser_library(browser)
    del smaller.items["card-001"]
    browser = browser.reload(smaller)
    assert browser.last_changed == "card-000"
    browser.undo()
    assert browser.row("card-000").state == "new"
    assert place.log.state("card-001").suspended


def test_words_for_days_and_history(browse: Any) -> None:
    browser = browse(cards=8, drills=0, topics=1)
    browser.clock.next_day(-9)
    answer(browser, "card-000", 8)
    browser.clock.next_day(9)
    for item, due_in in {"card-000": 0, "card-001": 1, "card-002": 3, "card-003": 30, "card-004": 400}.items():
        answer(browser, item, due_in, grade=1)
    browser.log.suspend("card-004", browser.clock.now(), "UTC", browser.clock.today())
    browser = Browser(browser_library(browser), browser.log, browser.clock)
    assert browser.today == 739677  # Monday, 2 March 2026
    words = {row.item.id: state_word(row) for row in browser.rows}
    assert words["card-000"] == "due"
    assert words["card-001"] == "tomorrow"
    assert words["card-002"] == "Thursday"
    assert words["card-003"] == "1 Apr"
    assert words["card-004"] == "suspended"
    assert words["card-005"] == "new"
    said = {row.item.id: history(row) for row in browser.rows}
    assert said["card-000"] == "2 reviews, 1 lapse, next due today"
    assert said["card-003"] == "1 review, 0 lapses, next due 1 April"
    assert said["card-004"] == "1 review, 0 lapses"
    assert said["card-005"] == "never reviewed"
    browser.wake("card-004")
    assert state_word(browser.row("card-004")) == "6 Apr 2027"
    assert max(len(word) for word in words.values()) <= 11


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("$$\\frac{a}{b}$$\n\nWhat?", "a/b What?"),
        ("Why is\n$$\nx^2 = y\n$$\nso **large**?", "Why is x² = y so large?"),
        ("A claim about\nits text.\n\n- first", "A claim about its text."),
    ],
)
def test_an_item_in_one_line(question: str, line: str, tmp_path: Any) -> None:
    text = f"# Deck\ntopic: t\nweek: 1\n\n## a-card\nimportance: must\nsource: B\n\n{question}\n\n---\n\nYes.\n"
    (tmp_path / "t.md").write_text(text, encoding="utf-8")
    assert one_line(load_library(shipped=tmp_path).items["a-card"]) == line


def test_every_shipped_item_has_its_line() -> None:
    lines = [one_line(item) for item in load_library().items.values()]
    assert all(len(line) > 10 and "\n" not in line and "$" not in line for line in lines)
