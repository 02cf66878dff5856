"""Opening: a fresh file, a foreign, newer, damaged or locked one, and one that may not be written."""

import os
import random
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from db import store
from db.log import Log
from db.store import LogError


def one_sentence(error: pytest.ExceptionInfo[LogError], path: Path) -> str:
    said = str(error.value)
    assert str(path) in said
    assert "\n" not in said
    assert len(said) < len(str(path)) + 300
    return said


@pytest.fixture
def filled(path: Path, learner: Any, item: Any) -> Path:
    """A log with some history, closed, so that everything is in the one file."""
    log = learner.log
    log.set_catalogue([item(f"item-{n}", position=n) for n in range(40)])
    for n in range(200):
        event = learner.review(f"item-{n % 40}", 1 + n % 4, day=n // 40, typed="0.25", bookmark={"n": n})
        if n % 20 == 0:
            log.undo(event.uid, *learner.when(n // 40))
    log.settings({"new_per_day": 5}, *learner.when(5))
    log.close()
    return path


def test_first_use_makes_folder_and_file(tmp_path: Path) -> None:
    path = tmp_path / "some" / "folder" / "log.db"
    with Log.open(path):
        pass
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (store.VERSION,)
    assert connection.execute("PRAGMA application_id").fetchone() == (store.APPLICATION_ID,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert sorted(p.name for p in path.parent.iterdir()) == ["log.db"]


def test_a_commit_waits_for_the_disk_and_a_lock_is_waited_for(log: Log) -> None:
    pragmas = ("synchronous", "foreign_keys", "busy_timeout")
    assert [log._store.db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == [2, 1, 5000]


def test_opening_again_finds_what_was_written(filled: Path) -> None:
    with Log.open(filled) as log:
        assert log.stats(1).reviews == 190
        assert log.current_settings() == {"new_per_day": 5}


def test_a_newer_log_is_left_alone(path: Path) -> None:
    Log.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {store.VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LogError) as error:
        Log.open(path)
    assert "newer" in one_sentence(error, path)
    assert path.read_bytes() == before


def test_a_file_with_older_views_and_indexes_is_given_the_present_ones(filled: Path) -> None:
    with Log.open(filled) as log:
        days = log.history(9).days
        assert sum(day.reviews for day in days) == 190
    connection = sqlite3.connect(filled)
    present = schema(connection)
    connection.executescript(
        """
        DROP VIEW study_days; DROP INDEX reviews_by_day; DROP INDEX mistakes_by_name; DROP INDEX items_by_week;
        CREATE INDEX reviews_of_day ON events (day) WHERE kind = 'review';
        UPDATE meta SET value = 'of an older program' WHERE name = 'views';
        """
    )
    connection.close()
    with Log.open(filled) as log:
        assert log.history(9).days == days
    connection = sqlite3.connect(filled)
    assert schema(connection) == present
    connection.close()


def test_opening_what_is_up_to_date_writes_nothing(filled: Path) -> None:
    before = filled.read_bytes()
    Log.open(filled).close()
    assert filled.read_bytes() == before


def schema(connection: sqlite3.Connection) -> set[tuple[str, str | None]]:
    return set(connection.execute("SELECT name, sql FROM sqlite_schema"))


def test_another_programs_database_is_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cards (id INTEGER PRIMARY KEY)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LogError) as error:
        Log.open(path)
    assert "another program" in one_sentence(error, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"Dear diary, today I learnt about KL.\n" * 40,
        lambda content: b"\x00" * len(content),
        lambda content: content[:100],
        lambda content: content[: len(content) // 2],
        lambda content: content[:4096] + b"\xff" * (len(content) - 4096),
    ],
    ids=["text", "zeros", "header only", "half", "all but the first page"],
)
def test_a_damaged_file_is_named_in_one_sentence(filled: Path, damage: Callable[[bytes], bytes]) -> None:
    content = damage(filled.read_bytes())
    filled.write_bytes(content)
    with pytest.raises(LogError) as error:
        everything(filled)
    said = one_sentence(error, filled)
    assert "damaged" in said
    assert "restore a backup or move it aside" in said


@pytest.mark.parametrize("seed", range(40))
def test_any_overwritten_bytes_give_a_sentence_or_no_error_at_all(filled: Path, seed: int) -> None:
    draw = random.Random(seed)
    content = bytearray(filled.read_bytes())
    start = draw.randrange(len(content))
    length = draw.choice([1, 16, 256, 4096])
    content[start : start + length] = draw.randbytes(min(length, len(content) - start))
    filled.write_bytes(content)
    try:
        everything(filled)
    except LogError as error:
        said = str(error)
    else:
        said = str(filled)  # SQLite cannot notice every changed byte inside a row
    assert str(filled) in said
    assert "\n" not in said


def everything(path: Path) -> None:
    """Use the whole log, so that damage in any page is met."""
    with Log.open(path) as log:
        day = 739_700
        log.stats(day)
        log.counts(day)
        log.due(day)
        log.new()
        log.forecast(day)
        log.current_settings()
        log.bookmark()
        log.rebuild()
        log.due(day)


def test_a_folder_in_its_place_or_a_file_where_the_folder_belongs(tmp_path: Path) -> None:
    (tmp_path / "log.db").mkdir()
    with pytest.raises(LogError) as error:
        Log.open(tmp_path / "log.db")
    one_sentence(error, tmp_path / "log.db")
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError) as error:
        Log.open(tmp_path / "file" / "log.db")
    one_sentence(error, tmp_path / "file")


def test_an_old_sqlite_is_refused_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(LogError, match=r"3\.37"):
        Log.open(path)
    assert not path.exists()


def test_a_locked_log_says_so_and_works_later(
    path: Path, learner: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.review("a")
    log._store.db.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogError) as error:
        learner.review("a")
    assert "another program" in one_sentence(error, path)
    memory = log.state("a")  # reading goes on meanwhile
    assert memory is not None
    assert memory.reviews == 1
    other.execute("ROLLBACK")
    other.close()
    learner.review("a")
    memory = log.state("a")
    assert memory is not None
    assert memory.reviews == 2


def test_a_file_that_another_process_is_just_making_is_waited_for(path: Path) -> None:
    maker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    maker.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, maker.execute, ["ROLLBACK"])
    timer.start()
    with Log.open(path) as log:
        assert log.current_settings() == {}
    timer.join()
    maker.close()


def test_a_file_that_stays_locked_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    maker = sqlite3.connect(path, isolation_level=None)
    maker.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogError) as error:
        Log.open(path)
    assert "another program" in one_sentence(error, path)
    maker.close()


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Permissions mean nothing to root."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if was == 0:
            os.seteuid(was)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions as POSIX knows them")
@pytest.mark.parametrize("folder_mode", [0o777, 0o555])
def test_a_read_only_log_is_not_written_and_says_so(filled: Path, learner: Any, folder_mode: int) -> None:
    folder = Path(tempfile.mkdtemp())  # pytest's own is closed to other users
    try:
        path = folder / "log.db"
        shutil.copy(filled, path)
        path.chmod(0o444)
        before = path.read_bytes()
        folder.chmod(folder_mode)
        with as_an_ordinary_user(), pytest.raises(LogError) as error:
            read_and_review(path, learner)
        assert "permissions" in one_sentence(error, path) or "may be written" in one_sentence(error, path)
        assert path.read_bytes() == before
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


def read_and_review(path: Path, learner: Any) -> None:
    with Log.open(path) as log:
        assert log.stats(1).reviews == 190
        log.review("item-1", 3, learner.ordinal(9), 10, *learner.when(6))
