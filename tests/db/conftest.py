"""A log in a temporary folder, and short ways to write into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.events import CatalogueItem, Event
from db.log import Log

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Learner:
    """Writes events at noon UTC of study days counted from 0, one second after the other."""

    log: Log
    seconds: int = 0

    def when(self, day: int) -> tuple[datetime, str, int]:
        self.seconds += 1
        at = START + timedelta(days=day, seconds=self.seconds)
        return at, "UTC", self.ordinal(day)

    def ordinal(self, day: int) -> int:
        return date(2026, 3, 2).toordinal() + day

    def review(self, item: str, grade: int = 3, day: int = 0, due: int | None = None, **more: Any) -> Event:
        due_day = self.ordinal(day + 3 if due is None else due)
        took_ms = more.pop("took_ms", 1000)
        return self.log.review(item, grade, due_day, took_ms, *self.when(day), **more)


def catalogue_item(id: str, position: int = 0, topic: str = "kl", **more: Any) -> CatalogueItem:
    columns = {"kind": "card", "importance": "must", "week": 1, "text": f"text of {id}"} | more
    return CatalogueItem(id=id, topic=topic, position=position, **columns)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def log(path: Path) -> Iterator[Log]:
    with Log.open(path) as log:
        yield log


@pytest.fixture
def learner(log: Log) -> Learner:
    return Learner(log)


@pytest.fixture
def item() -> Any:
    """Makes a row of the catalogue."""
    return catalogue_item
