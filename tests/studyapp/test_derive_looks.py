"""What the list of derivations and a derivation look like, as snapshots (see test_looks.py)."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from derivations import LINES, WRONG, open_derivation, shown, with_derivations, write
from standins import AtOnce, HandClock
from textual.pilot import Pilot

from solvers.symbolic.chain import Chain
from solvers.symbolic.steps import StepVerdict
from studyapp.app import StudyApp
from studyapp.learner import tell


class Settled(AtOnce):
    """Its verdicts say what they said when the snapshots were taken, whatever points are tried by then."""

    def check_line(self, chain: Chain, typed: str) -> Future[StepVerdict]:
        verdict = super().check_line(chain, typed).result()
        refused = "This is not equal to the line before: -0.25 against 0.75 here, at K = 3, a = 2, theta[1] = 0.5, …."
        says = refused if verdict.verdict == "refused" else verdict.says
        badge = "proved" if verdict.reaches_goal else "checked at 40 points"
        future: Future[StepVerdict] = Future()
        future.set_result(replace(verdict, says=says, badge=badge))
        return future


SIZES = [(80, 24), (140, 40)]
THEMES = ["textual-dark", "textual-light"]


async def choosing(pilot: Pilot[None]) -> None:
    await pilot.press("v", "j")
    await pilot.app.workers.wait_for_complete()


async def typing(pilot: Pilot[None]) -> None:
    """A line accepted, a hint taken, the next line half typed."""
    await open_derivation(pilot)
    await pilot.press("space", "space")
    await write(pilot, LINES[0], "enter")
    await write(pilot, "1[a = k] - exp(theta_k)/sum_{b=1..")


async def refused(pilot: Pilot[None]) -> None:
    await open_derivation(pilot)
    await write(pilot, WRONG, "enter")


async def mistaken(pilot: Pilot[None]) -> None:
    await open_derivation(pilot)
    await write(pilot, "1[a = k] - lgo(K) + 1")


async def rules(pilot: Pilot[None]) -> None:
    await open_derivation(pilot)
    await pilot.press("ctrl+r", "down")


async def done(pilot: Pilot[None]) -> None:
    await open_derivation(pilot)
    for line in LINES:
        await write(pilot, line, "enter")


async def given_up(pilot: Pilot[None]) -> None:
    await open_derivation(pilot)
    await pilot.press("escape", "g", "g")


async def asked(pilot: Pilot[None]) -> None:
    """In a session, begun and left."""
    app = pilot.app
    assert isinstance(app, StudyApp)
    tell(app.log_file, app.library)
    today = app.clock.today()
    app.log_file.review("derive-score", 3, today, 1000, app.clock.now(), app.clock.zone, today - 3)
    await pilot.press("enter", "enter")
    await shown(pilot)
    await write(pilot, LINES[0], "enter", "escape", "escape")


LOOKS = (choosing, typing, refused, mistaken, rules, done, given_up, asked)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_looks(
    make: Any, clock: HandClock, tmp_path: Path, snap_compare: Any, look: Any, size: tuple[int, int], theme: str
) -> None:
    place = make(cards=1, drills=0)
    app = StudyApp(with_derivations(place.library, tmp_path / "more"), place.log, clock, Settled())  # type: ignore[arg-type]

    async def press(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await look(pilot)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=press)
