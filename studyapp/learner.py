"""Open what a learner has: the log, and the decks handed to it as plain columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.events import CatalogueItem
from db.log import Log
from studyapp import places

if TYPE_CHECKING:
    from decks.library import Library

DERIVATION = "derivation"  # its kind in the catalogue


def open_log() -> Log:
    """The learner's log, made on first use. Raises LogError with one sentence."""
    return Log.open(places.log_file())


def is_unused(log: Log) -> bool:
    """Whether nobody has been here yet: no place to go back to, nothing set, no event about any item."""
    return log.bookmark() is None and not log.current_settings() and not log.standings()


def open_library(log: Log) -> Library:
    """All decks; the log is told of them as plain columns."""
    library = read_library()
    tell(log, library)
    return library


def read_library() -> Library:
    """All decks: the shipped ones and the learner's own. Touches no log, so any thread may do it."""
    from decks.library import load_library  # home stands before the decks are read

    return load_library(places.own_decks())


def tell(log: Log, library: Library) -> None:
    """Tell the log of the decks, as plain columns."""
    from decks.renames import FormerIds

    log.set_catalogue(catalogue_rows(library), FormerIds.read().renamed)


def catalogue_rows(library: Library) -> list[CatalogueItem]:
    """What the log must know of the items: plain columns, in study order. Derivations, which nobody is offered while
    they are new, stand last."""
    from decks.items import Card, Derivation

    rows = []
    for place, item in enumerate((*library.items.values(), *library.derivations.values())):
        if isinstance(item, Card):
            kind, text = "card", f"{item.question}\n{item.answer}"
        else:
            kind, text = (DERIVATION, item.task) if isinstance(item, Derivation) else ("drill", item.description)
        rows.append(CatalogueItem(item.id, kind, item.topic, item.importance, item.week, place, text))
    return rows
