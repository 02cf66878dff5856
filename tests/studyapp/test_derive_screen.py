"""Derivations on the screen: the list, lines with their verdicts, helps, the end, and what stands in the log after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from derivations import LINES, WRONG, draft, keys, open_derivation, page, said, settled, shown, with_derivations, write
from standins import AtOnce, HandClock
from textual.pilot import Pilot
from textual.widgets import Static

from db.store import LogError
from studyapp.app import StudyApp
from studyapp.screens.derivations import DerivationsScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.rules import RulesScreen
from studyapp.widgets.prose import Prose
from studyapp.widgets.row_list import RowList


@pytest.fixture
def build(make: Any, clock: HandClock, tmp_path: Path) -> Callable[..., StudyApp]:
    def app(solver: AtOnce | None = None, derivations: bool = True) -> StudyApp:
        place = make(cards=1, drills=0)
        library = with_derivations(place.library, tmp_path / "more") if derivations else place.library
        return StudyApp(library, place.log, clock, solver or place.solver)  # type: ignore[arg-type]

    return app


def rows(pilot: Pilot[None]) -> list[str]:
    """The list as it is drawn at 80 columns."""
    screen = pilot.app.screen
    assert isinstance(screen, DerivationsScreen)
    return [screen.draw(row, 76, False).plain.rstrip() for row in range(len(screen.choices))]


def reviews(app: StudyApp) -> list[tuple[Any, ...]]:
    with app.log_file._store.reading() as db:
        return db.execute("SELECT item, grade, verdict, took_ms, typed FROM effective_reviews ORDER BY id").fetchall()


# the list


async def test_the_list_is_by_topic_and_says_how_each_stands(build: Any, clock: HandClock) -> None:
    app = build()
    log, day = app.log_file, clock.today()
    when = clock.now(), clock.zone, day
    log.review("derive-put-in", 2, day + 1, 1, *when)
    log.review("derive-apart", 3, day, 1, *when)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await settled(pilot)
        assert [row.split() for row in rows(pilot)] == [
            ["scores", "○", "score", "new"],
            ["◔", "put", "in", "tomorrow", "Hard"],
            ["apart", "●", "apart", "due", "Good"],
        ]
        assert "2 of 3 done" in str(app.screen.query_one("#where", Static).render())
        await pilot.press("j", "j", "k")
        assert app.screen.query_one("#about-derivation", Prose).text == "Put the reward in."
        await pilot.press("G")
        assert app.screen.query_one("#derivations", RowList).cursor == 2
        await pilot.press("escape")
        assert isinstance(app.screen, HomeScreen)


async def test_without_derivations_there_is_nothing_to_begin(build: Any) -> None:
    app = build(derivations=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v", "enter")
        assert isinstance(app.screen, DerivationsScreen)
        assert "no derivations" in app.screen.query_one("#about-derivation", Prose).text
        assert "Derive" not in keys(pilot)


# from start to goal


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_from_start_to_goal_and_back(build: Any, clock: HandClock, size: tuple[int, int]) -> None:
    app = build()
    async with app.run_test(size=size) as pilot:
        screen = await open_derivation(pilot)
        assert app.focused is screen.line
        assert "Derive the score" in page(pilot)
        assert "Goal    1[a = k] − π(k)" in page(pilot)
        await write(pilot, LINES[0], "enter")
        assert screen.line.value == ""
        assert "✓" in page(pilot)
        clock.pass_time(200)
        await write(pilot, LINES[1], "enter")
        assert "✓     = 1[a = k] − π(k)" in page(pilot)
        assert said(pilot) == "✓ Goal reached after 3 minutes: 2 lines, 0 helps."
        assert screen.keeper.grade == 3
        assert reviews(app) == [("derive-score", 3, "right", 200_000, "\n".join(LINES))]
        await pilot.press("4")
        assert app.log_file.last_grades(["derive-score"]) == {"derive-score": 4}
        assert screen.keeper.grade == 4
        await pilot.press("s")
        assert "The model solution" in page(pilot)
        assert "Only the term with b = k moves." in page(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert rows(pilot)[0].split()[-1] == "Easy"
        assert app.log_file.standings()["derive-score"].reviews == 1


async def test_a_refused_line_stays_with_its_witness_until_it_is_changed(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_derivation(pilot)
        await write(pilot, WRONG, "enter")
        assert screen.line.value == WRONG
        assert draft(pilot).startswith("✗     = 1[a = k] + π(k)")
        assert "not equal to the line before" in draft(pilot)
        assert "theta[1] =" in draft(pilot)
        assert screen.sitting.refusals == 1
        assert "✓" not in page(pilot)
        await pilot.press("backspace")
        await settled(pilot)
        assert "✗" not in draft(pilot)
        assert "not equal" not in draft(pilot)


async def test_a_line_is_laid_out_as_it_is_understood(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_derivation(pilot)
        await write(pilot, "exp(theta_k)/K")
        assert [row.strip() for row in draft(pilot).split("\n")] == ["exp(θₖ)", "= ───────", "K"]
        await write(pilot, "exp(theta_k)/")
        assert "□" in draft(pilot)
        assert "expected" not in draft(pilot)  # who is still typing is not told off
        await write(pilot, "1 - lgo(K) + 2")
        _, typed, caret, sentence = draft(pilot).split("\n")[:4]
        assert typed.index("lgo") == caret.index("^")
        assert "`lgo` is not a symbol or function" in sentence
        await write(pilot, "K))")
        assert draft(pilot).split("\n")[1].strip() == "^"
        await write(pilot, "")
        assert draft(pilot) == ""


async def test_what_cannot_be_read_is_said_at_enter_and_counts_for_nothing(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_derivation(pilot)
        await write(pilot, "1[a = k] -", "enter")
        assert draft(pilot).startswith("?     = 1[a = k] − □")
        assert "stops where something is still expected" in draft(pilot)
        assert screen.sitting.refusals == 0
        assert screen.line.value == "1[a = k] -"


async def test_an_earlier_line_is_fetched_to_work_on(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_derivation(pilot)
        await write(pilot, LINES[0], "enter")
        await write(pilot, "K", "up")
        assert screen.line.value == LINES[0]
        await pilot.press("up", "up")
        assert screen.line.value == "grad_k log pi(a)"
        await pilot.press("down", "down", "down")
        assert screen.line.value == "K"


# helps


async def test_helps_come_in_three_strengths(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_derivation(pilot)
        await pilot.press("space")
        assert "Nudge   First the logarithm." in page(pilot)
        await pilot.press("space", "space")
        assert "Hint    log(x/y) = log x − log y." in page(pilot)
        await pilot.press("space")
        assert screen.line.value == ""
        assert screen.sitting.lines == ()  # no step is shown by a key that is easily pressed once too often
        await pilot.press("escape", "h")
        await settled(pilot)
        assert "Nudge" not in page(pilot)
        assert "The logarithm of a quotient is a difference." in page(pilot)
        assert [help.strength for help in screen.sitting.helps] == ["nudge", "hint", "show"]
        assert len(screen.sitting.lines) == 1
        await pilot.press("s")
        await settled(pilot)
        assert len(screen.sitting.lines) == 2
        assert "1 line, " not in str(screen.where.render())


async def test_a_shown_step_that_does_not_follow_is_shown_all_the_same(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v", "j", "enter")
        screen = await shown(pilot)
        await write(pilot, "2 beta b + b  # rule: substitute r", "enter")
        assert "✓     = 2 β b + b" in page(pilot)
        await write(pilot, "2 beta + 1  # rule: differentiate by b", "enter")
        assert "✓     ⇒ 2 β + 1" in page(pilot)
        await write(pilot, "", "escape", "s")
        assert "which need not follow from yours" in " ".join(page(pilot).split())
        assert len(screen.sitting.lines) == 2


async def test_undo(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_derivation(pilot)
        await pilot.press("escape")
        assert "Undo line" not in keys(pilot)
        await pilot.press("enter")
        await write(pilot, LINES[0], "enter", "escape")
        assert "Undo line" in keys(pilot)
        await pilot.press("u")
        assert screen.sitting.lines == ()
        assert "✓" not in page(pilot)


async def test_rules_are_chosen_from_a_list(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v", "j", "enter")
        screen = await shown(pilot)
        await write(pilot, "2 beta b + b", "enter")
        assert screen.sitting.refusals == 1
        assert "But it follows by a rule" in " ".join(draft(pilot).split())
        await pilot.press("ctrl+r")
        assert isinstance(app.screen, RulesScreen)
        assert [offer.rule for offer in app.screen.offers][:2] == ["substitute", "substitute r = beta b"]
        await pilot.press("escape")
        assert screen.line.value == "2 beta b + b"
        await pilot.press("ctrl+r", "enter")
        assert screen.line.value == "2 beta b + b  # rule: substitute"
        assert app.focused is screen.line
        await pilot.press("enter")
        await settled(pilot)
        assert "substitute; " in page(pilot)


# the end


async def test_giving_up_needs_two_presses_and_shows_the_solution(build: Any) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_derivation(pilot)
        await pilot.press("escape", "g")
        assert "Press g again" in said(pilot)
        await pilot.press("h")
        assert "Press g again" not in said(pilot)
        await pilot.press("g", "g")
        assert said(pilot).startswith("· Given up")
        assert "The model solution" in page(pilot)
        assert app.log_file.last_grades(["derive-score"]) == {"derive-score": 1}
        assert [row[2] for row in reviews(app)] == ["wrong"]
        assert not screen.line.display
        assert keys(pilot) == {"Back", "Help"}


async def test_leaving_keeps_the_lines_and_the_text_for_this_run(build: Any, clock: HandClock) -> None:
    app = build()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_derivation(pilot)
        await write(pilot, LINES[0], "enter")
        await write(pilot, "1[a =", "escape", "escape")
        assert "begun, 1 line" in rows(pilot)[0]
        clock.pass_time(3600)
        await pilot.press("escape", "v", "enter")
        screen = await shown(pilot)
        assert screen.line.value == "1[a ="
        assert len(screen.sitting.lines) == 1
        assert screen.sitting.took_seconds < 60
        await write(pilot, LINES[1], "enter")
        assert "Goal reached" in said(pilot)
        await pilot.press("escape", "enter")
        assert (await shown(pilot)).sitting.lines == ()


async def test_a_review_that_cannot_be_written_is_tried_again_by_a_grade(
    build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build()

    def full(*_: Any, **__: Any) -> Any:
        raise LogError("The disk is full.")

    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_derivation(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(type(app.log_file), "review", full)
            await write(pilot, LINES[1], "enter")
        assert any("disk is full" in note.message for note in app._notifications)
        assert "not saved" in said(pilot)
        assert app.log_file.standings() == {}
        await pilot.press("2")
        assert "not saved" not in said(pilot)
        assert app.log_file.last_grades(["derive-score"]) == {"derive-score": 2}
        assert screen.keeper.grade == 2
