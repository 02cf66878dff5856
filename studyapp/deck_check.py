"""Everything that can be said of a deck: what the decks' own lint finds, and what only laying a card out shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from decks.items import Card, Deck, Derivation, Drill, Problem
from decks.lint import lint_deck
from studyapp.sheet_parts import ROWS, rows
from studyapp.typeset import faults


def check_deck(path: Path) -> Deck:
    """The deck at `path` with every problem found in it, in the order of its lines."""
    deck = lint_deck(path)
    found = [
        Problem(deck.path, item.line, message)
        for item in (*deck.items, *deck.derivations)
        for message in (*_unreadable(item), *(_too_long(item) if isinstance(item, Card) else ()))
    ]
    return replace(deck, problems=tuple(sorted((*deck.problems, *found), key=lambda problem: problem.line)))


def texts(item: Card | Drill | Derivation) -> list[str]:
    """Every text of an item that is laid out."""
    if isinstance(item, Derivation):
        return [item.task, *(text for step in item.steps for text in (step.nudge, step.hint, step.reason))]
    return [item.question, item.answer, *item.rubric] if isinstance(item, Card) else [item.description]


def _unreadable(item: Card | Drill | Derivation) -> Iterator[str]:
    for text in texts(item):
        for fault in dict.fromkeys(faults(text)):
            yield f"in `{item.id}`, {fault}"


def _too_long(card: Card) -> Iterator[str]:
    if (taken := rows(card)) > ROWS:
        yield f"`{card.id}` takes {taken} rows and a small screen has {ROWS}; make two cards of it"
