"""Stand-ins for the tests of studyapp: small decks, a clock with hands, and a solver that answers at once."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from db.days import study_day
from db.log import Log
from decks.exercises import Exercise, Mistake
from decks.grading import grade
from decks.items import Card, Drill
from decks.library import Library
from decks.verdict import Finding, Verdict
from studyapp.learner import catalogue_rows

if TYPE_CHECKING:
    from solvers.symbolic.chain import Chain
    from solvers.symbolic.steps import StepVerdict


LOOKS = Path(__file__).with_name("looks") / "topics"  # decks that stay as they are, for snapshots


@dataclass
class HandClock:
    """A clock that moves only when told to."""

    zone: str = "Europe/Berlin"
    rollover_hour: int = 4
    at: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.ticks

    def today(self) -> int:
        return study_day(self.at, self.zone, self.rollover_hour)

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds

    def next_day(self, days: int = 1) -> None:
        self.at += timedelta(days=days)


class AtOnce:
    """A solver without a process: the answer of every exercise is 0.5, and 5 is the mistake `tenfold`."""

    def __init__(self) -> None:
        self.prepared: list[tuple[str, str]] = []
        self.hold = False  # leave exercises unmade, as a worker does that is still starting

    def prepare(self, drill: Drill, seed: str) -> Future[Exercise]:
        self.prepared.append((drill.id, seed))
        future: Future[Exercise] = Future()
        if not self.hold:
            future.set_result(exercise(drill, seed))
        return future

    def grade(self, exercise: Exercise, typed: str) -> Future[Verdict]:
        future: Future[Verdict] = Future()
        future.set_result(grade(exercise, typed))
        return future

    def verify(self, item: Card | Drill, exercise: Exercise | None) -> Future[list[Finding]]:
        future: Future[list[Finding]] = Future()
        future.set_result([Finding(True)] * (len(item.checks) if isinstance(item, Card) else 1))
        return future

    def check_line(self, chain: Chain, typed: str) -> Future[StepVerdict]:
        future: Future[StepVerdict] = Future()
        future.set_result(chain.check(typed, prove=False))
        return future


def exercise(drill: Drill, seed: str) -> Exercise:
    return Exercise(
        drill=drill.id,
        version=drill.version,
        seed=seed,
        topic=drill.topic,
        importance=drill.importance,
        covers=(),
        prompt=f"Halve one. (numbers of {seed})",
        inputs={},
        solver=None,
        answer=0.5,
        asked="one half",
        mistakes=(Mistake("tenfold", 5.0, "Moved the point."),),
        solution="One divided by two is 0.5.",
    )


def write_decks(folder: Path, cards: int = 12, drills: int = 2, topics: int = 3) -> Path:
    """Decks `t0`, `t1` …, their cards and drills numbered through."""
    folder.mkdir(parents=True, exist_ok=True)
    for t in range(topics):
        text = f"# Topic {t}\ntopic: t{t}\nweek: {t + 1}\n"
        for c in range(t, cards, topics):
            text += f"\n## card-{c:03}\nimportance: must\nsource: A book\n\nQuestion {c}?\n\n---\n\nAnswer {c}.\n"
        for d in range(t, drills, topics):
            text += f"\n## drill-{d}\nkind: drill\ngenerator: halves.half\n\nHalve one, variant {d}.\n"
        if "## " in text:
            (folder / f"t{t}.md").write_text(text, encoding="utf-8")
    return folder


def open_log(home: Path, library: Library) -> Log:
    log = Log.open(home / "studyapp.db")
    log.set_catalogue(catalogue_rows(library))
    return log
