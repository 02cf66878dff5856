"""Levels of a drill: the next one is offered once the one below it has held, and stays once it was met."""

from __future__ import annotations

from pathlib import Path

import pytest
from standins import HandClock, open_log

from db.log import Log
from decks.library import Library, load_library
from studyapp.levels import level_below, too_early
from studyapp.plan import Scope, plan
from studyapp.practice import choices

DRILL = "## {}\nkind: drill\ngenerator: kl.kl_estimate\n\nEstimate it.\n\n"
NAMES = ("gae", "gae-2", "gae-3", "iso-9", "kl-2", "kl-3")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "d.md").write_text("# D\ntopic: d\n\n" + "".join(map(DRILL.format, NAMES)))
    return load_library(shipped=tmp_path)


@pytest.fixture
def log(tmp_path: Path, library: Library) -> Log:
    return open_log(tmp_path, library)


def answer(log: Log, clock: HandClock, item: str, grade: int) -> None:
    options = log.scheduler().options(log.state(item), clock.today(), clock.today())
    log.review(item, grade, options[grade].due_day, 1000, clock.now(), clock.zone, clock.today())


def offered(library: Library, log: Log, clock: HandClock) -> list[str]:
    return sorted(entry.item for entry in plan(library, log, clock.today(), Scope()) if not entry.seen)


def test_a_level_is_one_only_where_an_easier_one_exists() -> None:
    assert level_below("gae-2", NAMES) == "gae"
    assert level_below("gae-3", NAMES) == "gae-2"
    assert [level_below(name, NAMES) for name in ("gae", "iso-9", "kl-2", "kl-3")] == [None] * 4


def test_the_next_level_waits_for_a_good_answer_to_the_one_below(library: Library, log: Log, clock: HandClock) -> None:
    assert too_early(library, log) == {"gae-2", "gae-3"}
    assert offered(library, log, clock) == ["gae", "iso-9", "kl-2", "kl-3"]
    answer(log, clock, "gae", grade=1)
    assert "gae-2" in too_early(library, log)
    clock.next_day()
    answer(log, clock, "gae", grade=3)
    answer(log, clock, "gae", grade=3)
    clock.next_day(3)
    answer(log, clock, "gae", grade=3)
    assert too_early(library, log) == {"gae-3"}
    assert offered(library, log, clock) == ["gae-2", "iso-9", "kl-2", "kl-3"]


def test_a_level_that_was_met_is_not_taken_away(library: Library, log: Log, clock: HandClock) -> None:
    answer(log, clock, "gae-2", grade=1)
    assert "gae-2" not in too_early(library, log)


def test_levels_too_early_do_not_use_up_the_day_s_share(library: Library, log: Log, clock: HandClock) -> None:
    log.settings({"new_per_day": 3}, clock.now(), clock.zone, clock.today())
    assert len(offered(library, log, clock)) == 3


def test_mixtures_leave_out_what_is_too_early(library: Library, log: Log) -> None:
    found = choices(library, too_early(library, log))
    assert [drill.id for drill in found[0].drills] == ["gae", "iso-9", "kl-2", "kl-3"]
    assert {choice.name for choice in found} >= {"gae-2", "gae-3"}


def test_a_mixture_says_how_many_come_later(library: Library) -> None:
    def says(*early: str) -> list[str]:
        return [choice.says for choice in choices(library, early) if choice.name == "mixed"]

    assert says() == ["6 drills, shuffled.", "The 6 drills of d, shuffled."]
    assert says("gae-2", "gae-3") == [
        "4 drills, shuffled; 2 harder ones join as you get on.",
        "The 4 drills of d, shuffled; 2 harder ones join as you get on.",
    ]
    assert says("gae-3")[0] == "5 drills, shuffled; 1 harder one joins as you get on."
