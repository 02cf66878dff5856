"""No lost answer: killed processes, several at once, a full disk."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.log import Log
from db.store import LogError

# Reviews items as fast as it can, amends some, and prints each event's uid once the log has confirmed it.
WRITER = """
import sys, itertools
from datetime import UTC, datetime
from pathlib import Path
from db.log import Log, new_uid
from db.store import LogError

path, name, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
at = datetime(2026, 3, 2, 12, tzinfo=UTC)
log = Log.open(path)
try:
    for n in range(times):
        uid = new_uid()
        log.review(f"item-{n % 7}", 1 + n % 4, at.toordinal() + n % 9, n, at, "UTC", at.toordinal() + n // 50,
                   typed=name * 50, bookmark={"last": uid}, uid=uid)
        print(uid, flush=True)
        if n % 5 == 4:  # reads before it writes
            print(log.amend(uid, 2, at.toordinal() + 9, at, "UTC", at.toordinal()).uid, flush=True)
except LogError as error:
    print("LogError:", error, flush=True)
"""


def writer(path: Path, name: str = "w", times: int = 10**9, prelude: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", prelude + WRITER, str(path), name, str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def check_sound(path: Path) -> list[str]:
    """The uids in the file, after making sure that it is whole and that memory agrees with the events."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        uids = [uid for (uid,) in connection.execute("SELECT uid FROM events ORDER BY id")]
    finally:
        connection.close()
    with Log.open(path) as log:
        kept = {f"item-{n}": log.state(f"item-{n}") for n in range(7)}
        log.rebuild()
        assert {item: log.state(item) for item in kept} == kept
    return uids


@pytest.mark.parametrize("enough", [1, 30, 200])
def test_killed_while_writing_keeps_every_confirmed_answer(path: Path, enough: int) -> None:
    process = writer(path)
    assert process.stdout is not None
    confirmed = [process.stdout.readline().strip() for _ in range(enough)]
    process.send_signal(signal.SIGKILL)
    confirmed += process.stdout.read().split()  # those printed before the signal arrived
    process.stdout.close()
    process.wait()
    uids = check_sound(path)
    assert uids[: len(confirmed)] == confirmed
    assert len(uids) <= len(confirmed) + 1  # the one that was written and not yet confirmed
    with Log.open(path) as log:
        bookmark = log.bookmark()
    assert bookmark is not None
    connection = sqlite3.connect(path)
    last = connection.execute("SELECT uid FROM events WHERE kind = 'review' ORDER BY id DESC LIMIT 1").fetchone()
    connection.close()
    assert bookmark.data == {"last": last[0]}  # the place and the log were written together


@pytest.mark.soak
def test_killed_twenty_times_while_writing_one_log(path: Path) -> None:
    confirmed: list[str] = []
    for round_ in range(20):
        process = writer(path)
        assert process.stdout is not None
        confirmed.append(process.stdout.readline().strip())
        time.sleep(0.01 * round_)
        process.send_signal(signal.SIGKILL)
        confirmed += process.stdout.read().split()
        process.stdout.close()
        process.wait()
    uids = set(check_sound(path))
    assert uids.issuperset(confirmed)
    assert len(uids) <= len(confirmed) + 20


def test_several_processes_make_and_fill_one_log_together(path: Path) -> None:
    processes = [writer(path, str(n), times=60) for n in range(4)]
    printed = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert [len(uids) for uids in printed] == [72, 72, 72, 72]
    uids = check_sound(path)
    assert sorted(uids) == sorted(uid for some in printed for uid in some)
    assert len(set(uids)) == 288


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the size of files the Linux way")
def test_a_file_that_may_not_grow_keeps_what_was_confirmed(path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
    output, _ = writer(path, prelude=limit).communicate(timeout=60)
    *confirmed, last = output.splitlines()
    assert last.startswith(f"LogError: {path} ")
    assert "nothing was added" in last
    assert len(confirmed) > 20
    assert check_sound(path) == confirmed


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if not mount or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_says_so_and_the_same_log_goes_on_when_there_is_room(tiny_disk: Path, learner: Any) -> None:
    path = tiny_disk / "log.db"
    filler = tiny_disk / "filler"
    with Log.open(path) as log:
        learner.log = log
        confirmed = [learner.review("a", bookmark={"n": n}).uid for n in range(5)]
        before = log.state("a")
        fill(filler)
        with pytest.raises(LogError, match="disk is full") as error:
            review_without_end(learner, confirmed)
        assert "nothing was added" in str(error.value)
        assert log.state("a") == before
        assert events(path) == confirmed
        filler.unlink()
        confirmed.append(learner.review("c").uid)
        assert log.state("c") is not None
    assert check_sound(path) == confirmed


def test_a_disk_that_is_full_from_the_start_leaves_no_half_made_log(tiny_disk: Path) -> None:
    path = tiny_disk / "log.db"
    fill(tiny_disk / "filler")
    with pytest.raises(LogError) as error:
        Log.open(path)
    assert str(path) in str(error.value)
    (tiny_disk / "filler").unlink()
    with Log.open(path) as log:
        assert log.current_settings() == {}


def review_without_end(learner: Any, confirmed: list[str]) -> None:
    while True:
        confirmed.append(learner.review("b", typed="x" * 2000).uid)


def fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass


def events(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [uid for (uid,) in connection.execute("SELECT uid FROM events ORDER BY id")]
    finally:
        connection.close()
