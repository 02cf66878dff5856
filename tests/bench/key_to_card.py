"""From the key that grades to the next question on the screen, with 10,000 items in the log, on a pty."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from big_home import environment, fill
from terminal import STUDYAPP, Terminal

CARDS = 60
ECHO = """
import click, sqlite_utils
from textual.app import App
from textual.widgets import Static
class Echo(App):
    n = 0
    def compose(self): yield Static("READY 0")
    def on_key(self, event):
        self.n += 1
        self.query_one(Static).update(f"READY {self.n}")
Echo().run()
"""


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, items=10_000, reviews=12_000)
        ours = sorted(_review(home))
    theirs = sorted(_echo())
    for name, times in (("next card", ours), ("one-line app", theirs)):
        p95 = times[int(len(times) * 0.95)]
        yield f"{name}: median {statistics.median(times) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms ({len(times)} keys)"
    yield f"ratio of medians {statistics.median(ours) / statistics.median(theirs):.1f}"


def _review(home: Path) -> Iterator[float]:
    with Terminal(STUDYAPP, environment(home)) as terminal:
        terminal.wait("enter")
        time.sleep(8)  # let the worker's imports end; they compete for the cores
        terminal.type("\r")
        terminal.wait("space Answer")
        for n in range(1, CARDS + 1):
            terminal.type(" ")
            terminal.wait("1 Again")
            yield terminal.seconds_until("3", f"   {n} answer")  # drawn with the next question
            terminal.settle(0.1)


def _echo() -> Iterator[float]:
    with Terminal([sys.executable, "-c", ECHO]) as terminal:
        terminal.wait("READY 0")
        for n in range(1, CARDS + 1):
            terminal.settle(0.1)
            yield terminal.seconds_until("j", f"READY {n}")
