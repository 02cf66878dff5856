"""The log: what a learner did, appended one event at a time, and everything read from it.

Each method that appends writes the event, the memory it leads to and (where given) the bookmark in one transaction,
and returns when that is on disk. What an event means is in replay.py; what a column holds, in schema.sql.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlite_utils import Database

from db import catalogue, queries, renames
from db.events import Bookmark, CatalogueItem, Event, Kind, Memory, Verdict
from db.replay import COLUMNS, ORDER, Step, replay
from db.schedule import RETENTION, Scheduler
from db.store import LogError, Store

if TYPE_CHECKING:
    from db.history import History, Recall
    from db.statistics import Statistics

BOOKMARK = "session"  # the bookmark that travels with an event
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Log:
    """An open log. One process may hold several, and several processes one each, on the same file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._fitted: tuple[int, Scheduler] | None = None  # the file's version and the scheduler that it asks for

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the log at `path`, making the file and its folder on first use. Raises LogError."""
        return cls(Store(path))

    def for_thread(self) -> Self:
        """The same file opened once more, because a connection belongs to the thread that opened it."""
        return type(self)(Store(self._store.path))

    def close(self) -> None:
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Appending. `at` is an aware datetime, `zone` the learner's IANA zone, `day` the study day (db.days).

    def review(
        self,
        item: str,
        grade: int,
        due_day: int,
        took_ms: int,
        at: datetime,
        zone: str,
        day: int,
        *,
        typed: str | None = None,
        verdict: Verdict | None = None,
        mistake: str | None = None,
        seed: str | None = None,
        bookmark: dict[str, Any] | str | None = None,
        uid: str | None = None,
    ) -> Event:
        """An answer: its grade (1 to 4) and the due day chosen for it. A bookmark that should name the event needs its
        uid beforehand: pass one from new_uid()."""
        return self._append(
            "review",
            at,
            zone,
            day,
            bookmark=bookmark,
            uid=uid,
            item=item,
            grade=grade,
            due_day=due_day,
            took_ms=took_ms,
            typed=typed,
            verdict=verdict,
            mistake=mistake,
            seed=seed,
        )

    def amend(
        self,
        review_uid: str,
        grade: int,
        due_day: int,
        at: datetime,
        zone: str,
        day: int,
        *,
        bookmark: dict[str, Any] | str | None = None,
    ) -> Event:
        """Another grade and due day for a review. Raises LogError if that review is not there or was undone."""
        return self._append(
            "amendment", at, zone, day, bookmark=bookmark, target=review_uid, grade=grade, due_day=due_day
        )

    def undo(
        self, uid: str, at: datetime, zone: str, day: int, *, bookmark: dict[str, Any] | str | None = None
    ) -> Event:
        """Take an event back; a review goes together with its amendments.

        Raises LogError if it is not there, was undone already or is itself an undo.
        """
        return self._append("undo", at, zone, day, bookmark=bookmark, target=uid)

    def suspend(self, item: str, at: datetime, zone: str, day: int) -> Event:
        """Leave the item out until it is unsuspended."""
        return self._append("suspend", at, zone, day, item=item)

    def unsuspend(self, item: str, at: datetime, zone: str, day: int) -> Event:
        return self._append("unsuspend", at, zone, day, item=item)

    def flag(self, item: str, note: str | None, at: datetime, zone: str, day: int) -> Event:
        """Mark the item with a note, which may be empty; None takes the flag away."""
        return self._append("flag", at, zone, day, item=item, data={"note": note})

    def reset(self, item: str, at: datetime, zone: str, day: int) -> Event:
        """Make the item new again: its memory forgets every review before this."""
        return self._append("reset", at, zone, day, item=item)

    def settings(self, data: dict[str, Any], at: datetime, zone: str, day: int) -> Event:
        """Set these settings and leave the others; None removes one."""
        return self._append("settings", at, zone, day, data=data)

    def parameters(self, parameters: Sequence[float], at: datetime, zone: str, day: int) -> Event:
        """Use these FSRS parameters from now on, also for what is known already; due days stay as they were chosen.

        Raises ValueError if FSRS refuses them.
        """
        Scheduler(parameters)
        return self._append("parameters", at, zone, day, data={"parameters": list(parameters)})

    # Reading.

    def scheduler(self, retention: float = RETENTION) -> Scheduler:
        """A scheduler with the parameters in force."""
        with self._store.reading() as db:
            return Scheduler(self._scheduler(db).parameters, retention)

    def state(self, item: str) -> Memory | None:
        """The item's memory; None if it has no events."""
        with self._store.reading() as db:
            row = db.execute(f"SELECT {', '.join(_MEMORY)} FROM memory WHERE item = ?", [item]).fetchone()
        if row is None:
            return None
        columns = dict(zip(_MEMORY, row, strict=True))
        return Memory(**columns | {name: bool(columns[name]) for name in ("suspended", "flagged")})

    @property
    def path(self) -> Path:
        return self._store.path

    def standings(self, after: int = 0) -> dict[str, queries.Standing]:
        """How every item that has events stands, in one go; only those with events that came after the one named."""
        with self._store.reading() as db:
            return queries.standings(db, after)

    def last_grades(self, items: Sequence[str]) -> dict[str, int]:
        """The grade of each item's last review; for a thread, it reads the whole log."""
        with self._store.reading() as db:
            return queries.last_grades(db, items)

    def flag_note(self, item: str) -> str | None:
        """The note of the item's flag; None if it is not flagged."""
        with self._store.reading() as db:
            return queries.flag_note(db, item)

    def due(
        self, day: int, topic: str | None = None, limit: int | None = None, kind: str | None = None
    ) -> list[queries.Due]:
        """What is due on `day`, the least likely to be remembered first."""
        with self._store.reading() as db:
            return queries.due(db, self._scheduler(db), day, topic, limit, kind)

    def new(self, topic: str | None = None, limit: int | None = None) -> list[queries.New]:
        """What was never reviewed, or not since its reset, in the order of study."""
        with self._store.reading() as db:
            return queries.new(db, topic, limit)

    def introduced(self, day: int) -> int:
        """How many items had their first review (since a reset) on that day."""
        with self._store.reading() as db:
            return queries.introduced(db, day)

    def answered(self, day: int, kind: str) -> set[str]:
        """The items of that kind that were last reviewed on that day."""
        with self._store.reading() as db:
            return queries.answered(db, day, kind)

    def counts(self, day: int) -> queries.Counts:
        """How much is due and new, by topic, by kind and in all."""
        with self._store.reading() as db:
            return queries.counts(db, day)

    def forecast(self, day: int, days: int = 7) -> list[int]:
        """How much falls due on `day` (with what is overdue) and on each of the following days."""
        with self._store.reading() as db:
            return queries.forecast(db, day, days)

    def streak(self, day: int) -> int:
        """How many study days in a row have answers, today's included if there are any."""
        with self._store.reading() as db:
            return queries.streak(db, day)

    def stats(self, day: int) -> "Statistics":
        from db.statistics import statistics  # not on the way to the first screen

        with self._store.reading() as db:
            return statistics(db, day)

    def history(self, day: int) -> "History":
        """What was done until now and what has become of it, seen from `day`."""
        from db.history import history

        with self._store.reading() as db:
            return history(db, day)

    def recalls(self) -> "list[Recall]":
        """What FSRS predicted for each review after a day or more, and what came of it. Slow where the log is long."""
        from db.history import recalls

        with self._store.reading() as db:
            return recalls(db, self._scheduler(db))

    def current_settings(self) -> dict[str, Any]:
        """Every setting with the value it was last given."""
        current: dict[str, Any] = {}
        with self._store.reading() as db:
            for (data,) in db.execute(f"{_ABOUT_NO_ITEM} ORDER BY {ORDER}", ["settings"]):
                current |= json.loads(data)
        return {name: value for name, value in current.items() if value is not None}

    # Derived or disposable.

    def set_catalogue(self, rows: Sequence[CatalogueItem], renamed: Mapping[str, str] | None = None) -> None:
        """Make `rows` the catalogue, and `renamed` (old id → present id) what items were called before. Costs one look
        where it is that already."""
        names = renamed or {}
        digest = catalogue.digest(rows, names)
        with self._store.reading() as db:
            if catalogue.is_current(db, digest):
                return
        with self._store.writing() as db:
            catalogue.replace(db, rows, digest)
            if renames.replace(db, names):
                self._rebuild(db)

    def has_catalogue(self) -> bool:
        """Whether it has been told of any items."""
        with self._store.reading() as db:
            return bool(db.execute("SELECT EXISTS (SELECT 1 FROM items)").fetchone()[0])

    def save_bookmark(self, data: dict[str, Any] | str, at: datetime, day: int, name: str = BOOKMARK) -> None:
        """Keep `data`, an object or its JSON, under `name` until another takes its place."""
        place = [name, day, _as_json(data), _milliseconds(at)]
        with self._store.writing() as db:
            _save_bookmark(db, place)

    def bookmark(self, name: str = BOOKMARK) -> Bookmark | None:
        with self._store.reading() as db:
            row = db.execute("SELECT day, data, saved_at FROM bookmarks WHERE name = ?", [name]).fetchone()
        return None if row is None else Bookmark(day=row[0], data=json.loads(row[1]), saved_at=row[2])

    def clear_bookmark(self, name: str = BOOKMARK) -> None:
        with self._store.writing() as db:
            db.execute("DELETE FROM bookmarks WHERE name = ?", [name])

    def rebuild(self) -> None:
        """Compute the memory of every item anew from the events."""
        with self._store.writing() as db:
            self._rebuild(db)

    # Inside a transaction.

    def _append(
        self,
        kind: Kind,
        at: datetime,
        zone: str,
        day: int,
        *,
        bookmark: dict[str, Any] | str | None = None,
        uid: str | None = None,
        data: dict[str, Any] | None = None,
        **columns: Any,
    ) -> Event:
        row: dict[str, Any] = {
            "uid": uid or new_uid(),
            "at": _milliseconds(at),
            "zone": zone,
            "day": day,
            "kind": kind,
            "data": None if data is None else _as_json(data),
            **{name: _storable(value) for name, value in columns.items()},
        }
        place = None if bookmark is None else [BOOKMARK, day, _as_json(bookmark), row["at"]]
        with self._store.writing() as db:
            affected = kind
            if target := row.get("target"):
                row["item"], affected = self._target(db, kind, target)
            names = ", ".join(row)
            places = ", ".join(f":{name}" for name in row)
            row["id"] = db.execute(f"INSERT INTO events ({names}) VALUES ({places})", row).lastrowid
            if affected == "parameters":
                self._fitted = None
                self._rebuild(db)
                self._fitted = None  # what it found now is in force only once this is written
            elif row.get("item"):
                item = renames.today(db, row["item"])
                found = db.execute(f"{_STEPS} WHERE item {renames.EVERY_NAME} ORDER BY {ORDER}", {"item": item})
                steps = [Step(*step)._replace(item=item) for step in found]
                _store_memories(db, replay([steps], self._scheduler(db)))
            if place is not None:
                _save_bookmark(db, place)
        return Event(**row | {"data": data})

    def _target(self, db: Database, kind: Kind, uid: str) -> tuple[str | None, Kind]:
        """The item and kind of the event that an amendment or undo is about."""
        row = db.execute("SELECT item, kind FROM events WHERE uid = ?", [uid]).fetchone()
        if row is None:
            raise LogError(f"{self._store.path} has no event {uid} to take back or amend")
        item, target_kind = row
        if target_kind == "undo":
            raise LogError("what was taken back stays so; answer the item again instead")
        if kind == "amendment" and target_kind != "review":
            raise LogError(f"only an answer can be amended, and the event {uid} is another kind: {target_kind}")
        if db.execute("SELECT 1 FROM events WHERE target = ? AND kind = 'undo'", [uid]).fetchone():
            raise LogError("that was already taken back, perhaps in another window")
        return item, target_kind

    def _scheduler(self, db: Database) -> Scheduler:
        """With the parameters in force, which another process may just have changed: then the version is another."""
        version = db.execute("PRAGMA data_version").fetchone()[0]
        if self._fitted is None or self._fitted[0] != version:
            row = db.execute(f"{_ABOUT_NO_ITEM} ORDER BY at DESC, id DESC LIMIT 1", ["parameters"]).fetchone()
            self._fitted = version, Scheduler(None if row is None else json.loads(row[0])["parameters"])
        return self._fitted[1]

    def _rebuild(self, db: Database) -> None:
        rows = db.execute(
            f"SELECT coalesce(r.new, e.item) AS name, {COLUMNS} "
            f"FROM events AS e LEFT JOIN renames AS r ON r.old = e.item WHERE e.item IS NOT NULL ORDER BY name, {ORDER}"
        )
        steps = (Step(*columns)._replace(item=name) for name, *columns in rows)
        items = [list(one) for _, one in groupby(steps, attrgetter("item"))]
        db.execute("DELETE FROM memory")
        _store_memories(db, replay(items, self._scheduler(db)))


def new_uid() -> str:
    """A name for an event that no other event has, on any machine."""
    return uuid.uuid4().hex


_STEPS = f"SELECT {COLUMNS} FROM events"
_ABOUT_NO_ITEM = "SELECT data FROM effective_events WHERE logged_as IS NULL AND kind = ?"
_MEMORY = tuple(Memory.__dataclass_fields__)


def _store_memories(db: Database, memories: Sequence[Memory]) -> None:
    db.conn.executemany(
        f"INSERT OR REPLACE INTO memory ({', '.join(_MEMORY)}) VALUES ({', '.join('?' * len(_MEMORY))})",
        map(attrgetter(*_MEMORY), memories),
    )


def _save_bookmark(db: Database, place: Sequence[object]) -> None:
    db.execute("INSERT OR REPLACE INTO bookmarks (name, day, data, saved_at) VALUES (?, ?, ?, ?)", place)


def _as_json(data: dict[str, Any] | str) -> str:
    return data if isinstance(data, str) else json.dumps(data, allow_nan=False)


def _milliseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone: use datetime.now(UTC)")
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _storable(value: Any) -> Any:
    """Text that UTF-8 cannot hold (half a surrogate pair from a broken terminal) is kept as an escape."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
