"""Derivations in a real terminal, with the real worker: from the list or in a session to the goal, killed on the way,
and what is in the log then."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from terminal import STUDYAPP, Terminal

from db.log import Log
from decks.library import load_library
from studyapp.clock import Clock

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes from /proc")
SCORE = "derive-softmax-score"
PATIENT = 120.0  # seconds; the worker imports torch and sympy first


def reviews(home: Path) -> list[tuple[str, int, str, str]]:
    """The answers to derivations that were typed; an older one has no text."""
    connection = sqlite3.connect(home / "studyapp.db")
    try:
        return connection.execute(
            "SELECT item, grade, verdict, typed FROM effective_reviews WHERE typed IS NOT NULL"
        ).fetchall()
    finally:
        connection.close()


def test_from_the_list_to_the_goal(tmp_path: Path) -> None:
    derivations = load_library().derivations
    topics = list(dict.fromkeys(derivation.topic for derivation in derivations.values()))
    by_topic = sorted(derivations.values(), key=lambda derivation: topics.index(derivation.topic))
    above = [derivation.id for derivation in by_topic].index(SCORE)
    steps = derivations[SCORE].steps
    home = {"STUDYAPP_HOME": str(tmp_path), "STUDYAPP_NO_WELCOME": "1"}
    with Terminal(STUDYAPP, home) as terminal:
        terminal.wait("v Derive")
        terminal.type("v")
        terminal.wait("enter Derive")
        for _ in range(above):
            terminal.type("j")
        terminal.wait("▸ policy-gradients")
        terminal.type("\r")
        terminal.wait("Start")
        terminal.type("pi(k) - 1[a = k]\r")
        terminal.wait("✗", PATIENT)
        terminal.wait("not equal to the line before")
        terminal.type("\x15")  # ctrl+u empties the line
        for number, step in enumerate(steps, 1):
            terminal.wait("space Nudge")
            terminal.type(f"{step.typed}\r")
            terminal.wait(f"{number} line", PATIENT)
        text = terminal.wait("Goal reached")
        assert "1 line refused" in text
        terminal.kill()  # what is shown is in the log
    rows = reviews(tmp_path)
    assert [(item, verdict, typed) for item, _, verdict, typed in rows] == [
        (SCORE, "right", "\n".join(step.typed for step in steps))
    ]
    assert rows[0][1] in (3, 4)


def test_in_a_session_killed_left_half_way_finished_and_taken_back(tmp_path: Path) -> None:
    steps = load_library().derivations[SCORE].steps
    clock = Clock()
    today, now = clock.today(), (clock.now(), clock.zone)
    with Log.open(tmp_path / "studyapp.db") as log:
        log.settings({"new_per_day": 1}, *now, today)
        log.review(SCORE, 3, today, 1000, *now, today - 3)
    home = {"STUDYAPP_HOME": str(tmp_path), "STUDYAPP_NO_WELCOME": "1"}

    with Terminal(STUDYAPP, home) as terminal:
        terminal.wait("study 2 items")
        terminal.type("\r")
        terminal.wait("must derivation, due   0 answers, 2 left")
        terminal.wait("enter Begin")
        terminal.type("\r")
        terminal.wait("Start")
        terminal.type(f"{steps[0].typed}\r")
        terminal.wait("1 line", PATIENT)
        terminal.kill()
    assert reviews(tmp_path) == []

    with Terminal(STUDYAPP, home) as terminal:
        terminal.wait("study 2 items")
        terminal.type("\r")
        terminal.wait("Begun: 1 line, 0 helps.")
        terminal.type("\r")
        terminal.wait("1 line")
        terminal.wait("space Nudge")
        terminal.type("\x1b")
        terminal.wait("enter Type")
        terminal.type("\x1b")
        terminal.wait("derivation, due   0 answers, 2 left")
        terminal.type("\r")
        for number, step in enumerate(steps[1:], 2):
            terminal.wait("space Nudge")
            terminal.type(f"{step.typed}\r")
            terminal.wait(f"{number} lines", PATIENT)
        terminal.wait("Goal reached")
        terminal.kill()
    assert [(item, verdict, typed) for item, _, verdict, typed in reviews(tmp_path)] == [
        (SCORE, "right", "\n".join(step.typed for step in steps))
    ]

    with Terminal(STUDYAPP, home) as terminal:
        terminal.wait("go on where you were: 1 item left")
        terminal.type("\r")
        terminal.wait("1 answer, 1 left")
        terminal.type("u")
        terminal.wait("derivation, due   0 answers, 2 left")
        assert reviews(tmp_path) == []
        assert "Begun" not in terminal.text()
        terminal.kill()
