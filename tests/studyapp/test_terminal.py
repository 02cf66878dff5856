"""The real app in a real terminal: a pty, read by a terminal emulator, from the first screen to kill -9."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest
from terminal import STUDYAPP, Terminal

from db.log import Log
from decks.library import load_library
from studyapp.clock import Clock
from studyapp.place import Place, Waiting

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes from /proc")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"STUDYAPP_HOME": str(tmp_path / "home")}


def reviews(home: dict[str, str]) -> list[tuple[str, int, str | None]]:
    connection = sqlite3.connect(Path(home["STUDYAPP_HOME"]) / "studyapp.db")
    try:
        return connection.execute("SELECT item, grade, verdict FROM effective_reviews ORDER BY id").fetchall()
    finally:
        connection.close()


def stats(home: dict[str, str]) -> dict[str, object]:
    run = subprocess.run(
        [*STUDYAPP, "stats", "--format", "json"], env={**os.environ, **home}, capture_output=True, check=True
    )
    found: dict[str, object] = json.loads(run.stdout)
    return found


ASKED, DONE = "space Answer", "Ten more new"


def asks(text: str, answers: int) -> bool:
    """Whether the screen asks, after that many answers; the footer is drawn a frame later than the rest."""
    return f"   {answers} answer" in text and (ASKED in text or "space Give up" in text) and "Making" not in text


def test_twenty_items_then_quit_then_nothing_is_asked_twice(home: dict[str, str]) -> None:
    """Cards and drills as they come; a drill is given up, and its Again made Good."""
    with Terminal(STUDYAPP, home) as terminal:
        terminal.wait("Welcome to studyapp")
        terminal.type("\x1b")
        terminal.wait("10 new")
        terminal.type("\r")
        for n in range(1, 21):
            terminal.wait(partial(asks, answers=(n - 1) % 10))
            terminal.type(" ")
            terminal.wait(
                "e Evidence"
            )  # a key that is there once the answer is; the grades of the item before stay longer
            terminal.type("3")
            if n == 10:
                terminal.wait(DONE)
                terminal.type("m")
        terminal.wait(DONE)
        terminal.type("\x11")  # ctrl+q
        assert terminal.ended() == 0
    first = reviews(home)
    items = [item for item, _, _ in first]
    assert len(items) == len(set(items)) == 20
    assert stats(home)["reviews"] == 20
    with Terminal(STUDYAPP, home) as terminal:
        text = terminal.wait("0 due")
        assert "0 new" in text
        terminal.type("q")
        assert terminal.ended() == 0
    assert reviews(home) == first


def test_the_first_run_ends_in_the_first_card_and_welcomes_once(home: dict[str, str]) -> None:
    with Terminal(STUDYAPP, home, columns=60, rows=20) as terminal:
        for page in ("Welcome to studyapp", "How a session goes", home["STUDYAPP_HOME"][:50]):
            terminal.wait(page)
            terminal.type("\r")
        terminal.wait(partial(asks, answers=0))
        terminal.kill()
    with Terminal(STUDYAPP, home) as terminal:
        assert "Welcome" not in terminal.wait("10 new")


def test_a_run_that_asks_for_a_session_or_for_no_welcome_gets_none(home: dict[str, str]) -> None:
    with Terminal([*STUDYAPP, "review", "--topic", "mdp"], home) as terminal:
        assert "Welcome" not in terminal.wait(ASKED)
    with Terminal(STUDYAPP, home | {"STUDYAPP_NO_WELCOME": "1"}) as terminal:
        assert "Welcome" not in terminal.wait("10 new")


def test_kill_9_right_after_a_verdict_loses_nothing(home: dict[str, str]) -> None:
    with Terminal([*STUDYAPP, "review", "--topic", "mdp"], home) as terminal:
        terminal.wait("space Answer")
        for n in range(1, 6):
            terminal.type(" ")
            terminal.wait("1 Again")
            terminal.type("3")
            terminal.wait(f"{n} answer")
        terminal.kill()
    assert len(reviews(home)) == 5
    with Terminal([*STUDYAPP, "review", "--topic", "mdp"], home) as terminal:
        terminal.wait("space Answer")
        terminal.type(" ")
        terminal.wait("1 Again")
        terminal.type("3")
        terminal.wait("1 answer")
    items = [item for item, _, _ in reviews(home)]
    assert len(items) == len(set(items)) == 6


def begin_with(home: dict[str, str], drill: str, seed: str) -> None:
    """Leave the learner before this exercise, as quitting there would."""
    clock = Clock()
    with Log.open(Path(home["STUDYAPP_HOME"]) / "studyapp.db") as log:
        log.save_bookmark(Place([Waiting(drill, seed, 0)]).written(), clock.now(), clock.today())


def open_exercise(terminal: Terminal) -> None:
    terminal.wait("go on where you were")
    terminal.type("\r")
    terminal.wait("type the answer")


def test_a_typed_answer_survives_kill_9_of_the_app(home: dict[str, str]) -> None:
    begin_with(home, "dpo-loss", "7")
    with Terminal(STUDYAPP, home) as terminal:
        open_exercise(terminal)
        terminal.type("-12345\r")
        terminal.wait("Not right")
        terminal.kill()
    (review,) = reviews(home)
    assert review == ("dpo-loss", 1, "wrong")


def workers_of(pid: int) -> list[int]:
    """The worker processes that the app has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            command = (process / "cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if parent == pid and b"spawn_main" in command:
            found.append(int(process.name))
    return found


def test_kill_9_of_the_worker_goes_unnoticed(home: dict[str, str]) -> None:
    begin_with(home, "dpo-loss", "7")
    with Terminal(STUDYAPP, home) as terminal:
        open_exercise(terminal)
        (worker,) = workers_of(terminal.process.pid)
        os.kill(worker, signal.SIGKILL)
        terminal.type("-12345\r")
        terminal.wait("Not right", seconds=60)
        assert workers_of(terminal.process.pid) != [worker]
    assert reviews(home) == [("dpo-loss", 1, "wrong")]


def test_no_process_outlives_the_app(home: dict[str, str]) -> None:
    with Terminal(STUDYAPP, home) as terminal:
        terminal.wait("Welcome to studyapp")
        deadline = time.monotonic() + 20
        while not (workers := workers_of(terminal.process.pid)):
            assert time.monotonic() < deadline
            terminal.read(0.1)
        time.sleep(1)  # let it come as far as watching its parent
        terminal.kill()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline, "the worker outlived the app"
        time.sleep(0.1)


def test_two_windows_share_one_log(home: dict[str, str]) -> None:
    command = [*STUDYAPP, "review", "--topic", "mdp"]
    with Terminal(command, home) as one, Terminal(command, home) as other:
        for terminal in (one, other):
            terminal.wait("space Answer")
        for terminal in (one, other):
            for n in range(1, 4):
                terminal.type(" ")
                terminal.wait("1 Again")
                terminal.type("3")
                terminal.wait(f"{n} answer")
    rows = reviews(home)
    assert len(rows) == 6
    # only what stood open in the second window while the first answered it was answered twice
    assert len({item for item, _, _ in rows}) == 5


@pytest.mark.parametrize(("columns", "rows"), [(60, 20), (80, 24), (140, 40)])
def test_every_shipped_card_fits_its_terminal(home: dict[str, str], columns: int, rows: int) -> None:
    with Terminal([*STUDYAPP, "review", "--topic", "ppo"], home, columns=columns, rows=rows) as terminal:
        terminal.wait("space Answer")
        terminal.type(" ")
        text = terminal.wait("1 Again")
        assert "$" not in text
        assert re.search(r"\\[a-z]+", text) is None


def test_plain_review_asks_the_same_items(home: dict[str, str]) -> None:
    lines = "\n3\n" * 40
    run = subprocess.run(
        [*STUDYAPP, "review", "--plain", "--topic", "mdp", "--limit", "8"],
        input=lines,
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "8 answers" in run.stdout
    items = [item for item, _, _ in reviews(home)]
    assert len(items) == len(set(items)) == 8
    assert all(load_library().items[item].topic == "mdp" for item in items)
    assert stats(home)["reviews"] == 8


HOSTILE = [
    "__import__('os').system('x')",
    "9**9**9**9",
    "(",
    "\u0410\u0412",
    "1e999999999",
    "nan",
    "0/0",
    "[1, 2",
    "x" * 300,
]


def said(screen: str) -> str:
    """What stands above the answer line of an answer that was not understood; each hostile one has its own sentence."""
    assert "Not right" not in screen
    return screen.partition("╭")[0].partition("? ")[2]


def test_hostile_answers_get_one_sentence_and_no_verdict(home: dict[str, str]) -> None:
    begin_with(home, "dpo-loss", "7")
    with Terminal(STUDYAPP, home) as terminal:
        open_exercise(terminal)
        before = ""
        for text in HOSTILE:
            terminal.type(text + "\r")
            before = said(terminal.wait(lambda screen, old=before: said(screen) not in ("", old)))  # type: ignore[misc]
            terminal.type("\x05\x15")  # to the end of the line, then empty it
            terminal.wait("type the answer")
        assert reviews(home) == []
        terminal.type("-12345\r")
        terminal.wait("Not right")
    assert len(reviews(home)) == 1
