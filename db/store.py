"""The file: opening it, transactions on it, and one sentence for each way in which it can fail."""

import hashlib
import sqlite3
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database

APPLICATION_ID = 0x53545544  # both as in schema.sql
VERSION = 2
BUSY_SECONDS = 5.0

# By SQLite's primary result code. {path} is the log, {detail} what SQLite says.
SENTENCES = {
    sqlite3.SQLITE_NOTADB: "{path} is not a review log or is damaged: {detail}; restore a backup or move it aside",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged: {detail}; restore a backup or move it aside",
    sqlite3.SQLITE_FULL: "the disk is full, so nothing was added to {path}; free some space and try again",
    sqlite3.SQLITE_IOERR: "{path} could not be read or written ({detail}), so nothing was added to it; check the disk",
    sqlite3.SQLITE_READONLY: "{path} may not be written, so nothing was added to it; check the permissions of the file "
    "and its folder",
    sqlite3.SQLITE_PERM: "{path} may not be opened; check the permissions of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened; check that it is a file and that its folder may be written",
    sqlite3.SQLITE_BUSY: "{path} is being written by another program; try again when that has finished",
    sqlite3.SQLITE_CONSTRAINT: "{path} refused what does not belong into a review log: {detail}",
}
OTHERWISE = "{path} could not be used: {detail}; try again, and if that does not help restore a backup"


VIEWS = "views"  # in the table meta: the digest of the views.sql that the file was given

# What turns a file of a version into one of the next; the views are made anew each time.
UPGRADES = {
    1: """
    CREATE TABLE renames (
        old TEXT PRIMARY KEY CHECK (old <> ''),
        new TEXT NOT NULL CHECK (new <> old)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX renames_to ON renames (new);
    PRAGMA user_version = 2;
    """
}


class LogError(Exception):
    """The log could not do what was asked; the text is one sentence that says why and what to do."""


class Store:
    """An open log file. Everything that touches it runs inside `reading` or `writing`."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it and its folder on first use. Raises LogError."""
        self.path = path
        if sqlite3.sqlite_version_info < (3, 37):
            raise LogError(f"Python's SQLite is {sqlite3.sqlite_version}, and a review log needs 3.37 or later")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LogError(f"the folder {path.parent} cannot be made: {error.strerror}") from error
        with self._in_words():
            # No implicit transactions: each one begins where the code says so.
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self.db = Database(connection, execute_plugins=False)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """One consistent view of the file for as many queries as the block makes."""
        with self._in_words(), self.db.atomic():
            yield self.db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """All of the block or nothing, on disk when the block ends.

        The write lock is taken at the start: a transaction that reads first and finds, when it wants to write, that
        another process has written meanwhile could only fail.
        """
        with self._in_words():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.commit()
            except BaseException:
                self.db.rollback()
                raise

    def _prepare(self) -> None:
        with self._in_words():
            version = self._version()
            self._switch_to_wal()
            self.db.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns
            self.db.execute("PRAGMA foreign_keys = ON")
        views = _sql("views.sql")
        digest = hashlib.sha256(views.encode()).hexdigest()
        with self._in_words():
            if version == VERSION and self._has_views(digest):
                return
        with self.writing() as db:
            version = self._version()  # another process may have been faster
            if version < VERSION:
                db.executescript(_sql("schema.sql") if version == 0 else UPGRADES[version])
            if version < VERSION or not self._has_views(digest):
                db.executescript(views)
                db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", [VIEWS, digest])

    def _has_views(self, digest: str) -> bool:
        """Whether the file's views are the present ones."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", [VIEWS]).fetchone()
        return row is not None and row[0] == digest

    def _switch_to_wal(self) -> None:
        """Let readers and a writer work side by side. SQLite does not wait by itself for another process that is just
        making the file."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self.db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _version(self) -> int:
        """The file's schema version, 0 if it is empty; raises LogError for a file that this program cannot use."""
        version, application = (
            self.db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id")
        )
        if application != APPLICATION_ID:
            if version or application or self.db.execute("SELECT 1 FROM sqlite_schema").fetchone():
                raise LogError(f"{self.path} is another program's database; move it aside")
            return 0
        if version > VERSION:
            raise LogError(
                f"{self.path} was written by a newer studyapp (log version {version}, this one knows {VERSION}); "
                "update studyapp"
            )
        return int(version)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a mistake in this code, not in the file
        except sqlite3.DatabaseError as error:
            # Errors that Python's own part of SQLite finds, such as text that is not UTF-8, carry no code.
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            raise self._error(code, error) from error
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            # Values that the schema forbids: bytes inside a row have changed and SQLite has no checksum to notice it.
            raise self._error(sqlite3.SQLITE_CORRUPT, error) from error

    def _error(self, code: int, error: Exception) -> LogError:
        detail = textwrap.shorten(str(error), 120)  # SQLite's messages may quote the damaged text
        return LogError(SENTENCES.get(code, OTHERWISE).format(path=self.path, detail=detail))


def _sql(name: str) -> str:
    return files("db").joinpath(name).read_text("utf-8")
