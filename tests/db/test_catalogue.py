"""The catalogue: replaced when it changed, left alone when not, and never a reason to forget."""

import sqlite3
from pathlib import Path
from typing import Any

from db.log import Log


def stored(path: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(
            "SELECT id, kind, topic, importance, week, position, text FROM items ORDER BY id"
        ).fetchall()
    finally:
        connection.close()


def test_the_rows_are_stored_as_they_are(log: Log, item: Any, path: Path) -> None:
    rows = [item("a", 2), item("b", 1, topic="grpo", kind="drill", importance="nice", week=7, text="β \0 'x'")]
    log.set_catalogue(rows)
    assert stored(path) == [
        ("a", "card", "kl", "must", 1, 2, "text of a"),
        ("b", "drill", "grpo", "nice", 7, 1, "β \0 'x'"),
    ]


def test_another_catalogue_takes_its_place(log: Log, item: Any, path: Path) -> None:
    log.set_catalogue([item("a", 0), item("b", 1)])
    log.set_catalogue([item("b", 1, text="rewritten"), item("c", 2)])
    assert [(row[0], row[-1]) for row in stored(path)] == [("b", "rewritten"), ("c", "text of c")]
    log.set_catalogue([])
    assert stored(path) == []


def test_the_same_catalogue_writes_nothing(log: Log, item: Any) -> None:
    rows = [item(f"item-{n}", n) for n in range(100)]
    log.set_catalogue(rows)
    statements: list[str] = []
    log._store.db.conn.set_trace_callback(statements.append)
    log.set_catalogue(list(rows))
    assert not any("items" in statement or "IMMEDIATE" in statement for statement in statements)
    log.set_catalogue([*rows[:-1], item("item-99", 99, week=2)])
    assert any("DELETE FROM items" in statement for statement in statements)


def test_an_item_that_leaves_the_decks_is_remembered_when_it_returns(log: Log, learner: Any, item: Any) -> None:
    log.set_catalogue([item("a"), item("b")])
    learner.review("a", day=0, due=2)
    known = log.state("a")
    log.set_catalogue([item("b")])
    day = learner.ordinal(5)
    assert log.due(day) == []
    assert log.state("a") == known
    log.rebuild()
    assert log.state("a") == known
    log.set_catalogue([item("a"), item("b")])
    assert [due.item for due in log.due(day)] == ["a"]
