"""A derivation being done: lines, undo, helps, grades, the line mode, and what stands in the log afterwards."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from standins import HandClock

from db.log import Log
from db.store import LogError
from decks.items import Derivation
from decks.library import load_library
from studyapp.begun import begun, kept
from studyapp.derivation_keeper import Keeper
from studyapp.deriving import AtOnce, DerivationSitting, typed_line
from studyapp.plain_derivation import PlainDerivation
from studyapp.solver_worker import SolverWorker, WorkerFailed

SCORE = load_library().derivations["derive-softmax-score"]
DPO = load_library().derivations["derive-dpo-loss"]
LINES = [step.typed for step in SCORE.steps]


def sit(clock: Any, derivation: Derivation = SCORE) -> DerivationSitting:
    return DerivationSitting(derivation, AtOnce(), clock)


def type_in(sitting: DerivationSitting, *lines: str) -> list[bool]:
    return [sitting.settle(sitting.check(line).result()) for line in lines]


def test_from_start_to_goal(clock: HandClock) -> None:
    sitting = sit(clock)
    assert type_in(sitting, LINES[0], "1[a = k] + pi(k)", LINES[1]) == [True, False, True]
    assert sitting.refusals == 1
    assert not sitting.is_over
    clock.pass_time(20)
    assert type_in(sitting, LINES[2]) == [True]
    assert sitting.is_over
    clock.pass_time(500)
    assert sitting.took_seconds == 20
    assert type_in(sitting, LINES[2]) == [False]


def test_undo(clock: HandClock) -> None:
    sitting = sit(clock)
    assert not sitting.undo()
    type_in(sitting, *LINES[:2])
    assert sitting.undo()
    assert [line.line for line in sitting.lines] == [SCORE.steps[0].line]
    type_in(sitting, *LINES[1:])
    assert not sitting.undo()


def test_helps_are_of_the_step_that_comes_next(clock: HandClock) -> None:
    sitting = sit(clock)
    assert sitting.help("nudge").text == SCORE.steps[0].nudge
    assert sitting.stronger == "hint"
    type_in(sitting, LINES[1])  # skips a step of the model solution
    assert sitting.next_step == 2
    assert sitting.help("hint").text == SCORE.steps[2].hint
    sitting.help("hint")
    assert [(help.strength, help.step) for help in sitting.helps] == [("nudge", 0), ("hint", 2)]
    step, future = sitting.show_next()
    assert step.line == SCORE.goal
    assert sitting.settle(future.result())
    assert sitting.is_over


def test_shown_after_a_rule_of_ones_own(clock: HandClock) -> None:
    """Who substituted in a form of their own is shown the line without the rule that is used already."""
    sitting = sit(clock, DPO)
    given = "beta log(pi({0})/pi_ref({0})) + beta log Z"
    assert type_in(sitting, f"-log sigmoid({given.format('y_w')} - ({given.format('y_l')}))  # rule: substitute") == [
        True
    ]
    _, future = sitting.show_next()
    assert future.result().verdict == "accepted"


GRADES: list[tuple[str, int]] = [
    ("fast", 4),
    ("slow", 3),
    ("a slip", 3),
    ("a nudge", 3),
    ("a hint", 3),
    ("two hints", 2),
    ("many slips", 2),
    ("one shown", 2),
    ("two shown", 1),
    ("given up", 1),
]


@pytest.mark.parametrize(("how", "grade"), GRADES)
def test_grades(how: str, grade: int, clock: HandClock) -> None:
    sitting = sit(clock)
    clock.pass_time(1000 if how == "slow" else 30)
    if how in ("a nudge", "a hint", "two hints"):
        sitting.help("nudge" if how == "a nudge" else "hint")
    type_in(sitting, *["pi(k)"] * {"a slip": 1, "many slips": 5}.get(how, 0))
    shown = {"one shown": 1, "two shown": 2}.get(how, 0)
    for _ in range(shown):
        sitting.settle(sitting.show_next()[1].result())
    if how == "two hints":
        type_in(sitting, LINES[0])
        sitting.help("hint")
    if how == "given up":
        sitting.give_up()
    else:
        type_in(sitting, *LINES[len(sitting.lines) :])
    assert sitting.is_over
    assert sitting.grade == grade


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with Log.open(tmp_path / "log.db") as log:
        yield log


def again(clock: HandClock, log: Log, derivation: Derivation = SCORE) -> DerivationSitting:
    """The derivation taken up in another run."""
    return DerivationSitting.taken_up(derivation, AtOnce(), clock, kept(log, derivation.id))


def test_what_is_left_is_taken_up_and_time_away_does_not_count(clock: HandClock, log: Log) -> None:
    sitting = sit(clock)
    clock.pass_time(20)
    sitting.help("hint")
    type_in(sitting, LINES[0], "pi(k)")
    sitting.typed = "1[a ="
    Keeper(sitting, log).keep_place()
    assert begun(log, [SCORE.id, DPO.id]) == {SCORE.id: (1, 1)}
    clock.pass_time(500)
    found = again(clock, log)
    assert (found.lines, found.helps, found.refusals, found.typed) == (sitting.lines, sitting.helps, 1, "1[a =")
    clock.pass_time(10)
    assert found.took_seconds == 30
    type_in(found, *LINES[1:])
    assert found.is_over
    assert found.grade == 3


def test_equal_lines_follow_after_a_rule_that_was_kept(clock: HandClock, log: Log) -> None:
    """A rule's line keeps what it was differentiated or put in from."""
    sitting = sit(clock, DPO)
    type_in(sitting, DPO.steps[0].typed)
    Keeper(sitting, log).keep_place()
    found = again(clock, log, DPO)
    assert type_in(found, *(step.typed for step in DPO.steps[1:])) == [True] * (len(DPO.steps) - 1)
    assert found.is_over


def test_who_only_looked_has_left_nothing(clock: HandClock, log: Log) -> None:
    sitting = sit(clock)
    keeper = Keeper(sitting, log)
    keeper.keep_place()
    assert kept(log, SCORE.id) is None
    type_in(sitting, "pi(k)")  # a slip counts for the grade, but nothing stands yet
    keeper.keep_place()
    assert begun(log, [SCORE.id]) == {}
    assert again(clock, log).refusals == 1
    type_in(sitting, LINES[0])
    keeper.keep_place()
    assert begun(log, [SCORE.id]) == {SCORE.id: (1, 0)}


def test_lines_of_another_version_or_of_nonsense_are_forgotten(clock: HandClock, log: Log) -> None:
    sitting = sit(clock)
    type_in(sitting, LINES[0])
    Keeper(sitting, log).keep_place()
    edited = replace(SCORE, definitions=("pi(a) = 1/K",))
    assert again(clock, log, edited).is_untouched
    written = kept(log, SCORE.id)
    assert written is not None
    for broken in ({"lines": [{"nothing": 1}]}, {"helps": [1]}, {"seconds": "long"}, {"lines": None}):
        assert DerivationSitting.taken_up(SCORE, AtOnce(), clock, written | broken).is_untouched


def test_lines_are_forgotten_once_it_is_answered_elsewhere(clock: HandClock, log: Log) -> None:
    sitting = sit(clock)
    type_in(sitting, LINES[0])
    Keeper(sitting, log).keep_place()
    log.review(SCORE.id, 3, clock.today() + 3, 1, clock.now(), clock.zone, clock.today())
    assert again(clock, log).is_untouched
    assert begun(log, [SCORE.id]) == {}


def test_what_is_recorded(clock: HandClock, log: Log) -> None:
    sitting = sit(clock)
    keeper = Keeper(sitting, log)
    keeper.keep_place()
    clock.pass_time(42)
    type_in(sitting, "1[a = k] - pi(k)")
    keeper.keep_place()
    keeper.keep()
    assert reviews(log) == [(SCORE.id, 4, "right", 42_000, "1[a = k] - pi(k)")]
    assert kept(log, SCORE.id) is None
    keeper.keep(2)  # the learner knows better
    assert keeper.grade == 2
    assert reviews(log) == [(SCORE.id, 2, "right", 42_000, "1[a = k] - pi(k)")]
    given_up = sit(clock)
    given_up.give_up()
    Keeper(given_up, log).keep()
    assert [row[1:3] for row in reviews(log)] == [(2, "right"), (1, "wrong")]


def test_a_review_that_could_not_be_written_is_there_to_be_written_later(
    clock: HandClock, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting = sit(clock)
    type_in(sitting, LINES[0])
    sitting.give_up()
    keeper = Keeper(sitting, log)

    def full(*_: object, **__: object) -> None:
        raise LogError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(log, "review", full)
        with pytest.raises(LogError):
            keeper.keep()
    keeper.keep_place()
    found = again(clock, log)
    assert found.is_over
    Keeper(found, log).keep()
    assert [row[:3] for row in reviews(log)] == [(SCORE.id, 1, "wrong")]


def reviews(log: Log) -> list[tuple[Any, ...]]:
    with log._store.reading() as db:
        return db.execute("SELECT item, grade, verdict, took_ms, typed FROM effective_reviews ORDER BY id").fetchall()


def test_a_line_that_was_an_equation_is_written_as_one(clock: HandClock) -> None:
    assert [typed_line(AtOnce().check_line(sit(clock).chain, line).result()) for line in LINES[:1]] == LINES[:1]


def plain(clock: Any, log: Log, *lines: str, derivation: Derivation = SCORE) -> tuple[DerivationSitting, str]:
    out = io.StringIO()
    source = io.StringIO("".join(f"{line}\n" for line in lines))
    sitting = again(clock, log, derivation)
    PlainDerivation(Keeper(sitting, log), source, out).run()
    return sitting, out.getvalue()


def test_line_mode_from_start_to_goal(clock: HandClock, log: Log) -> None:
    sitting, out = plain(clock, log, "?", "nudge", LINES[0], "lgo(x)", "1[a = k]", "undo", "lines", *LINES[1:])
    assert sitting.chain.is_done
    for part in (
        SCORE.goal,
        "rule: …",
        SCORE.steps[0].nudge,
        "did you mean log",
        "refused: ",
        "Taken back.",
        "Done: 2 lines",
        "Recorded: Good.",
    ):
        assert part in out
    assert SCORE.steps[2].reason.split()[-1] in out
    assert [row[:3] for row in reviews(log)] == [(SCORE.id, 3, "right")]


def test_line_mode_helps_and_giving_up(clock: HandClock, log: Log) -> None:
    sitting, out = plain(clock, log, "hint", "show", "give up", "never read")
    assert sitting.gave_up
    assert len(sitting.lines) == 1
    assert "The model solution:" in out
    assert "never read" not in out
    assert [row[:3] for row in reviews(log)] == [(SCORE.id, 1, "wrong")]


def test_line_mode_ends_with_its_input_and_goes_on_where_it_was(clock: HandClock, log: Log) -> None:
    for lines in ((LINES[0], "quit"), ("nudge",)):
        sitting, out = plain(clock, log, *lines)
        assert not sitting.is_over
        assert "The model solution" not in out
    assert reviews(log) == []
    sitting, out = plain(clock, log, *LINES[1:])
    assert f"1. {LINES[0]}  (" in out
    assert "Done: 3 lines, 1 help" in out


class Failing(AtOnce):
    def check_line(self, chain: Any, typed: str) -> Any:
        raise WorkerFailed("The solver stopped twice in a row; try again.")


def test_line_mode_says_that_a_line_could_not_be_checked(clock: HandClock, log: Log) -> None:
    out = io.StringIO()
    sitting = DerivationSitting(SCORE, Failing(), clock)
    PlainDerivation(Keeper(sitting, log), io.StringIO(f"{LINES[0]}\n"), out).run()
    assert "stopped twice in a row" in out.getvalue()
    assert not sitting.lines


def test_the_worker_checks_lines() -> None:
    worker = SolverWorker()
    try:
        sitting = DerivationSitting(SCORE, worker, HandClock())
        verdicts = [sitting.check(line).result(120) for line in ("1[a = k] - pi(a)", LINES[0], "lgo(x)")]
        assert [verdict.verdict for verdict in verdicts] == ["refused", "accepted", "unreadable"]
        assert sitting.settle(verdicts[1])
        assert sitting.check(SCORE.goal).result(10).reaches_goal
    finally:
        worker.stop()
