"""Browse and progress with 10,000 items and 100,000 answers in the log, on a pty: opening, searching, moving.

Opening is timed to the frame and to the data in it, beside a Textual app that opens a screen of text, in turns.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from big_home import environment, fill
from terminal import STUDYAPP, Terminal

from db.log import Log
from decks.library import load_library
from studyapp.browsing import Browser
from studyapp.clock import Clock

ITEMS, REVIEWS, TIMES = 10_000, 100_000, 20
OPENED = {  # screen → its key, what is written with its frame, and what with its data
    "browse": ("b", "Search", " items"),
    "progress": ("p", "Progress", "Streak"),
}
PEER = """
import click, sqlite_utils
from textual.app import App
from textual.screen import Screen
from textual.widgets import Footer, Static

class Other(Screen):
    BINDINGS = [("escape", "app.pop_screen", "Home")]
    def compose(self):
        yield Static("Opened")
        for n in range(20):
            yield Static(f"line {n}")
        yield Footer()

class Peer(App):
    BINDINGS = [("b", "open", "Quit")]
    def compose(self):
        yield Static("enter")
        yield Footer()
    def action_open(self):
        self.push_screen(Other())

Peer().run()
"""
QUERIES = ["question", "question number 9", "is:due must a", "topic:bulk-1 hat", "nothing has this"]


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, ITEMS, REVIEWS)
        yield from _without_screen(home)
        yield from _openings(home)
        yield from _on_a_pty(home)


def _without_screen(home: Path) -> Iterator[str]:
    library = load_library(home / "decks")
    with Log.open(home / "studyapp.db") as log:
        opened = [_seconds(lambda: Browser(library, log, Clock())) for _ in range(TIMES)]
        browser = Browser(library, log, Clock())
        searched = {query: _seconds(lambda query=query: browser.search(query)) for query in QUERIES}
    first, *again = opened  # which only asks for what has changed since
    slowest = max(searched.values()) * 1000
    yield f"rows joined: first {first * 1000:.0f} ms, again {_ms(again)}; slowest search {slowest:.1f} ms"


def _openings(home: Path) -> Iterator[str]:
    times: dict[str, list[float]] = {}
    with Terminal(STUDYAPP, environment(home)) as ours, Terminal([sys.executable, "-c", PEER]) as peer:
        for terminal in ours, peer:
            terminal.wait("enter")
        time.sleep(8)  # let the worker's imports end; they compete for the cores
        for _ in range(TIMES):
            for name, (key, frame, data) in OPENED.items():
                times.setdefault(f"{name}, data", []).append(_opened(ours, key, data))
                times.setdefault(f"{name}, frame", []).append(_opened(ours, key, frame))
            times.setdefault("peer", []).append(_opened(peer, "b", "Opened"))
    for name, taken in times.items():
        ratio = statistics.median(taken) / statistics.median(times["peer"])
        first = f"first {taken[0] * 1000:.0f} ms, " if name != "peer" else ""
        yield f"{name}: {first}{_ms(taken)}, {ratio:.2f} times the peer's"


def _opened(terminal: Terminal, key: str, shows: str) -> float:
    """Open a screen, and leave it again."""
    terminal.settle(0.2)
    took = terminal.seconds_until(key, shows)
    terminal.settle(0.2)
    terminal.type("\x1b")
    terminal.wait("Quit")
    return took


def _on_a_pty(home: Path) -> Iterator[str]:
    typing, moving = [], []
    with Terminal(STUDYAPP, environment(home)) as terminal:
        terminal.wait("enter")
        time.sleep(8)
        terminal.type("b/")
        terminal.wait("To the list")
        for digits in "9753", "8642", "1029":  # each digit leaves fewer items
            for digit in digits:
                terminal.settle(0.1)
                amount = _first_line(terminal.text())
                typing.append(_until(terminal, digit, lambda text, amount=amount: _first_line(text) != amount))
            terminal.type("\x15")
        terminal.type("\x1b")
        terminal.wait("/ Search")
        for _ in range(12):  # fewer than there are rows in view
            terminal.settle(0.1)
            row = _marked(terminal.text())
            moving.append(_until(terminal, "j", lambda text, row=row: _marked(text) == row + 1))
    yield f"key to screen, 80x24: a letter {_ms(typing)}, a row down {_ms(moving)}"


def _until(terminal: Terminal, key: str, shows: str | Callable[[str], bool]) -> float:
    began = time.perf_counter()
    terminal.type(key)
    terminal.wait(shows)
    return time.perf_counter() - began


def _first_line(text: str) -> str:
    """It says how many items there are."""
    return text.partition("\n")[0]


def _marked(text: str) -> int:
    """The line of the selected row."""
    return next((number for number, line in enumerate(text.split("\n")) if line.startswith("▸")), -9)


def _seconds(call: object) -> float:
    began = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - began


def _ms(times: list[float]) -> str:
    p95 = sorted(times)[int(len(times) * 0.95)]
    return f"median {statistics.median(times) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"
