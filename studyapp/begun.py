"""How far a derivation has come, as a bookmark of the log keeps it until it is over. Needs no grammar to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from db.log import Log
from studyapp.clock import Clock


class Begun(NamedTuple):
    """What stands of a derivation that is not over."""

    lines: int
    helps: int


def kept(log: Log, item: str) -> dict[str, Any] | None:
    """What was written of it, unless it has been answered since."""
    found = log.bookmark(_name(item))
    return found.data["sitting"] if found is not None and found.data["seen"] == _seen(log, item) else None


def keep(log: Log, item: str, sitting: dict[str, Any] | None, clock: Clock) -> None:
    """Write it in place of what was there; None forgets it. Raises LogError."""
    if sitting is not None:
        log.save_bookmark({"seen": _seen(log, item), "sitting": sitting}, clock.now(), clock.today(), _name(item))
    elif log.bookmark(_name(item)) is not None:
        log.clear_bookmark(_name(item))


def begun(log: Log, items: Iterable[str]) -> dict[str, Begun]:
    """Those of which a line stands or for which a help was taken."""
    found = {item: sitting for item in items if (sitting := kept(log, item)) is not None}
    marks = {item: Begun(len(sitting["lines"]), len(sitting["helps"])) for item, sitting in found.items()}
    return {item: mark for item, mark in marks.items() if mark.lines or mark.helps}


def _seen(log: Log, item: str) -> int:
    state = log.state(item)
    return state.reviews if state is not None else 0


def _name(item: str) -> str:
    return f"derivation {item}"
