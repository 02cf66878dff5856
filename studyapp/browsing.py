"""Every item with how it stands, found by text and state, and what can be done with one: no screen in it.

A change is on disk when its method returns; LogError means that nothing has changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from db.log import Log
from db.queries import Standing
from decks.items import Card, Derivation, Drill
from decks.library import Library
from studyapp.clock import Clock
from studyapp.searching import Row, fold, read_query
from studyapp.typeset import plain
from studyapp.words import count, day_name

if TYPE_CHECKING:
    from pathlib import Path

    from db.events import Event
    from studyapp.session import When

UNSEEN = Standing(due_day=None, reviews=0, lapses=0, suspended=False, flagged=False, last_event=0)
LINE = 240  # cells of an item's one line: more than any list shows
_DISPLAYED = re.compile(r"\s*\$\$\s*(.+?)\s*\$\$\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search line finds, and what it could not make sense of."""

    rows: list[Row]
    hints: tuple[str, ...]


class Shelf:
    """All items of the decks, each topic in its order of study, with the text that a search looks through.

    How they stand is kept from the last time, so that only items with later events are asked for.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        everything = [*library.items.values(), *library.derivations.values()]
        self.items = [(item, searched_text(item)) for item in sorted(everything, key=lambda item: item.topic)]
        self.places = {item.id: place for place, (item, _) in enumerate(self.items)}
        self.topics = list(dict.fromkeys(item.topic for item, _ in self.items))
        self._kept = _Kept(None, 0, 0, [])

    def rows(self, log: Log, today: int) -> list[Row]:
        """Every item as it stands now."""
        kept = self._kept
        if (kept.path, kept.today) != (log.path, today):
            kept = _Kept(log.path, today, 0, [Row(item, text, UNSEEN, today) for item, text in self.items])
        changed = log.standings(after=kept.last_event)
        for name in changed.keys() & self.places.keys():
            place = self.places[name]
            kept.rows[place] = Row(*self.items[place], changed[name], today)
        last_event = max((standing.last_event for standing in changed.values()), default=kept.last_event)
        self._kept = kept._replace(last_event=last_event)
        return kept.rows


class _Kept(NamedTuple):
    """The rows as they stood after an event of that log, on that day."""

    path: Path | None
    today: int
    last_event: int
    rows: list[Row]


_shelf: Shelf | None = None  # of the decks that were read last


def shelve(library: Library) -> Shelf:
    """Their shelf, made once: ten thousand texts take longer to fold than a screen should take to open."""
    global _shelf
    if _shelf is None or _shelf.library is not library:
        _shelf = Shelf(library)
    return _shelf


class Browser:
    """All items as they stand; it remembers the changes made here, so that they can be undone."""

    def __init__(self, library: Library, log: Log, clock: Clock) -> None:
        self.log, self.clock, self.today = log, clock, clock.today()
        shelf = shelve(library)
        self.rows = shelf.rows(log, self.today)
        self.topics = shelf.topics
        self.longest_topic = max(map(len, self.topics), default=0)
        self._places = shelf.places
        self._changes: list[Event] = []

    def search(self, typed: str) -> Found:
        """The rows that the search line finds."""
        query = read_query(typed, self.topics)
        return Found(query.among(self.rows), query.hints)

    def row(self, item: str) -> Row:
        return self.rows[self._places[item]]

    # Changes, each of one item.

    def suspend(self, item: str) -> None:
        self._made(self.log.suspend(item, **self._when()))

    def wake(self, item: str) -> None:
        self._made(self.log.unsuspend(item, **self._when()))

    def reset(self, item: str) -> None:
        """Make the item new again."""
        self._made(self.log.reset(item, **self._when()))

    def flag(self, item: str, note: str | None) -> None:
        """Flag the item with a note; None takes the flag away."""
        self._made(self.log.flag(item, note, **self._when()))

    @property
    def last_changed(self) -> str | None:
        """The item whose change undo would take back."""
        return self._changes[-1].item if self._changes else None

    def undo(self) -> None:
        """Take back the last change made here."""
        last = self._changes[-1]
        assert last.item is not None
        self.log.undo(last.uid, **self._when())
        self._changes.pop()
        self._look_again(last.item)

    def reload(self, library: Library) -> Browser:
        """The same after answers or over edited decks: what was done here can still be undone, if its item is there."""
        again = Browser(library, self.log, self.clock)
        again._changes = [event for event in self._changes if event.item in again._places]
        return again

    def _made(self, event: Event) -> None:
        assert event.item is not None
        self._changes.append(event)
        self._look_again(event.item)

    def _look_again(self, item: str) -> None:
        row = self.row(item)
        memory = self.log.state(item)
        standing = UNSEEN
        if memory is not None:
            standing = Standing(
                memory.due_day, memory.reviews, memory.lapses, memory.suspended, memory.flagged, memory.last_event
            )
        self.rows[self._places[item]] = row._replace(standing=standing)

    def _when(self) -> When:
        return {"at": self.clock.now(), "zone": self.clock.zone, "day": self.clock.today()}


def searched_text(item: Card | Drill | Derivation) -> str:
    """What the words of a search are looked for in, folded."""
    return fold("\n".join([item.id, item.topic, *_texts(item)]))


def _texts(item: Card | Drill | Derivation) -> list[str]:
    """What an item says, what it asks first."""
    if isinstance(item, Card):
        return [item.question, item.answer]
    return [item.task, item.goal] if isinstance(item, Derivation) else [item.description]


def one_line(item: Card | Drill | Derivation) -> str:
    """An item's text in one line, as long as the longest list is wide."""
    lines = plain(_DISPLAYED.sub(r" $\1$ ", _texts(item)[0]), LINE).split("\n")
    return next((line.strip() for line in lines if line.strip()), "")


def state_word(row: Row) -> str:
    """A row's state in at most eleven cells: `new`, `due`, `suspended`, or the day it comes back."""
    due_day, today = row.standing.due_day, row.today
    if row.state != "scheduled" or due_day is None:
        return row.state
    when = date.fromordinal(due_day)
    if due_day < today + 7:
        return day_name(due_day, today)
    return f"{when.day} {when:%b}" + (f" {when.year}" if when.year != date.fromordinal(today).year else "")


def history(row: Row) -> str:
    """How often it was reviewed and forgotten, and when it is due next: one line."""
    due_day, reviews, lapses, *_ = row.standing
    if not reviews:
        return "never reviewed"
    past = f"{count(reviews, 'review')}, {count(lapses, 'lapse')}"
    if due_day is None or row.state == "suspended":
        return past
    return f"{past}, next due {day_name(due_day, row.today)}"
