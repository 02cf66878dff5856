"""One answer on disk: the log's durable append beside a bare SQLite commit of the same bytes on the same disk."""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from big_home import fill

from db.log import Log

ANSWERS = 300


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        home = Path(folder)
        fill(home, items=1_000, reviews=10_000)
        ours = statistics.median(_log(home / "studyapp.db"))
        theirs = statistics.median(_bare(home / "bare.db"))
    yield f"append {ours * 1000:.2f} ms, bare commit {theirs * 1000:.2f} ms, ratio {ours / theirs:.2f}"


def _log(path: Path) -> Iterator[float]:
    with Log.open(path) as log:
        for n in range(ANSWERS):
            began = time.perf_counter()
            log.review(f"bulk-{n:06}", 3, 800_000, 5000, datetime.now(UTC), "UTC", 739_000)
            yield time.perf_counter() - began


def _bare(path: Path) -> Iterator[float]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (a)")
    for n in range(ANSWERS):
        began = time.perf_counter()
        connection.execute("INSERT INTO t VALUES (?)", [f"bulk-{n:06}" + "x" * 200])
        yield time.perf_counter() - began
    connection.close()
