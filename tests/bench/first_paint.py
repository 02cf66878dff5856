"""First paint of the home screen beside a one-line Textual app that also imports sqlite_utils and click."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from big_home import environment
from terminal import STUDYAPP, Terminal

from db.log import Log

ROUNDS = 12
ONE_LINE = """
import click, sqlite_utils
from textual.app import App
from textual.widgets import Static
class One(App):
    def compose(self): yield Static("READY")
One().run()
"""


def seconds(command: list[str], shows: str, home: Path) -> float:
    """From starting the program to `shows` standing on the screen of its terminal."""
    began = time.perf_counter()
    with Terminal(command, environment(home)) as terminal:
        terminal.wait(shows)
        return time.perf_counter() - began


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Log.open(home / "studyapp.db") as log:  # as on every day but the first
            log.settings({"welcomed": True}, datetime.now(UTC), "UTC", datetime.now(UTC).toordinal())
        pairs = [
            (seconds([*STUDYAPP], "enter", home), seconds([sys.executable, "-c", ONE_LINE], "READY", home))
            for _ in range(ROUNDS + 1)
        ][1:]  # the first round fills the disk's cache
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    yield f"home {ours * 1000:.0f} ms, one-line app {theirs * 1000:.0f} ms"
    yield f"ratio {ratio:.2f} (median of {ROUNDS} pairs)"
