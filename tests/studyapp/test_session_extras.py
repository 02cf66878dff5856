"""What a card shows beside its answer: a rubric to tick, evidence computed on the spot, gaps filled in, copies."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from standins import AtOnce, HandClock, open_log

from decks.items import Card, Drill
from decks.library import load_library
from decks.verdict import Finding
from studyapp.app import StudyApp
from studyapp.screens.session import SessionScreen
from studyapp.solver_worker import WorkerFailed
from studyapp.widgets.grades import GradeBar
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.page import Page

CHECK = 'check: pass-at-k {"n": 2, "correct": 1, "k": 1} = {"pass_at_k": 0.5}\n'
CARDS = {
    "plain": f"source: A book\nsee: other\n{CHECK}\nWhy $x^2$?\n\n---\n\nBecause.\n",
    "rubric": "\nDerive it.\n\n---\n\nLike this.\n\n- [ ] first\n- [ ] second\n- [ ] third\n",
    "long": "\nExplain.\n\n---\n\n" + "A line.\n\n" * 12 + "- [ ] first\n- [ ] second\n- [ ] third\n",
    "cloze": "kind: cloze\n\nThe {{mean}} of them.\n\n---\n\nA catch.\n",
    "spot": "kind: spot\n\nClipping never bites.\n\n---\n\nIt does.\n",
}


class Verifying(AtOnce):
    """Finds what it is told to."""

    findings: list[Finding] | WorkerFailed

    def verify(self, item: Card | Drill, exercise: Any) -> Future[list[Finding]]:
        future: Future[list[Finding]] = Future()
        if isinstance(self.findings, WorkerFailed):
            future.set_exception(self.findings)
        else:
            future.set_result(self.findings)
        return future


@pytest.fixture
def solver() -> Verifying:
    found = Verifying()
    found.findings = [Finding(True)]
    return found


@pytest.fixture
def app(tmp_path: Path, clock: HandClock, solver: Verifying, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "home"))

    def build(card: str) -> StudyApp:
        decks = tmp_path / "decks"
        decks.mkdir()
        (decks / "d.md").write_text(f"# D\ntopic: d\n\n## the-card\n{CARDS[card]}\n## other\n\nQ?\n\n---\n\nA.\n")
        library = load_library(shipped=decks)
        assert not library.problems
        return StudyApp(library, open_log(tmp_path, library), clock, solver)

    return build


def keys(studyapp: StudyApp) -> set[str]:
    return {key.word for key in studyapp.screen.query_one(KeyLine).shown_keys()}


def page(studyapp: StudyApp, part: str) -> str:
    return studyapp.screen.query_one(Page).text(part)


def grade_of(studyapp: StudyApp, item: str) -> list[int]:
    with studyapp.log_file._store.reading() as db:
        return [grade for (grade,) in db.execute("SELECT grade FROM effective_reviews WHERE item = ?", [item])]


async def test_points_are_ticked_and_space_takes_the_grade_they_suggest(app: Any) -> None:
    studyapp = app("rubric")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert page(studyapp, "rubric") == ""
        assert "Had it" not in keys(studyapp)
        await pilot.press("space")
        assert page(studyapp, "rubric").count("☐") == 3
        assert {"Had it", "Missed it"} <= keys(studyapp)
        assert "Take the grade" not in keys(studyapp)
        await pilot.press("t", "tab", "t")
        assert page(studyapp, "rubric").count("☑") == 2
        assert studyapp.screen.query_one(GradeBar)._chosen == 2
        await pilot.press("space")
        assert grade_of(studyapp, "the-card") == [2]


async def test_the_learner_s_own_grade_counts_whatever_is_suggested(app: Any) -> None:
    studyapp = app("rubric")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space", "t", "4")
        assert grade_of(studyapp, "the-card") == [4]


async def test_evidence_is_shown_and_computed_and_put_away(app: Any) -> None:
    studyapp = app("plain")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "e")
        assert page(studyapp, "evidence") == ""  # it would give the answer away
        await pilot.press("space", "e")
        await pilot.pause()
        shown = page(studyapp, "evidence")
        assert "pass-at-k(n=2, correct=1, k=1) → pass_at_k = 0.5` **✓ just computed again**" in shown
        assert "See also:* other" in shown
        await pilot.press("e")
        assert page(studyapp, "evidence") == ""
        assert page(studyapp, "source") == "Source: A book"


async def test_evidence_that_does_not_hold_says_so(app: Any, solver: Verifying) -> None:
    solver.findings = [Finding(False, "pass-at-k gives 0.4, the card says 0.5.")]
    studyapp = app("plain")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space", "e")
        await pilot.pause()
        assert "✗ pass-at-k gives 0.4" in page(studyapp, "evidence")


async def test_a_worker_that_fails_is_a_sentence_below_the_evidence(app: Any, solver: Verifying) -> None:
    solver.findings = WorkerFailed("The solver stopped twice in a row; try again.")
    studyapp = app("plain")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space", "e")
        await pilot.pause()
        assert page(studyapp, "evidence").endswith("try again.")


async def test_a_cloze_is_shown_once_with_its_gaps_filled_in(app: Any) -> None:
    studyapp = app("cloze")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert page(studyapp, "question") == "The [?] of them."
        await pilot.press("space")
        assert page(studyapp, "question") == "The **mean** of them.\n\nA catch."
        assert page(studyapp, "answer") == ""


async def test_a_claim_is_asked_for_its_error(app: Any) -> None:
    studyapp = app("spot")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert "Spot the error" in page(studyapp, "question")
        assert "> Clipping never bites." in page(studyapp, "question")


async def test_what_is_shown_can_be_copied_and_its_latex(app: Any, tmp_path: Path) -> None:
    studyapp = app("plain")
    copied = tmp_path / "home" / "copied.txt"
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "c")
        assert studyapp.clipboard == copied.read_text() == "Why $x^2$?\n"  # not the answer yet
        await pilot.press("l")
        assert studyapp.clipboard == copied.read_text() == "x^2"
        await pilot.press("space", "c")
        assert "Because." in studyapp.clipboard
        assert isinstance(studyapp.screen, SessionScreen)


async def test_space_goes_on_where_the_answer_is_longer_than_the_screen(app: Any) -> None:
    studyapp = app("long")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space")
        await pilot.pause()
        assert "More" in keys(studyapp)
        await pilot.press("space")
        await pilot.pause()
        assert "More" not in keys(studyapp)
        assert studyapp.screen.query_one(Page).scroll_offset.y > 0


async def test_the_point_at_hand_is_in_view_once_points_are_ticked(app: Any) -> None:
    studyapp = app("long")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "space", "t")
        await pilot.pause()
        sheet = studyapp.screen.query_one(Page)
        shown = "\n".join(strip.text for strip in sheet.render_lines(sheet.size.region))
        assert "third" in shown
        assert "Take the grade" in keys(studyapp)


async def test_a_browser_has_no_editor_to_offer(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    studyapp = app("plain")
    async with studyapp.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert "Open" in keys(studyapp)
        monkeypatch.setattr(StudyApp, "is_web", True)
        await pilot.press("space")
        assert "Open" not in keys(studyapp)
