"""All decks together: the shipped ones and the learner's own, in study order, with whatever could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from decks.items import IMPORTANCES, Card, Deck, Derivation, Drill, Item, Problem
from decks.reading import read_deck

SHIPPED = Path(__file__).parent / "topics"
DERIVATIONS = "derivations"  # the folder beside it, in which the shipped derivations lie


Kind = TypeVar("Kind", bound=Item)


@dataclass(frozen=True, slots=True)
class Library:
    """Every readable item by id, in study order: by week, must-know first, the topics of a week in turn.

    `items` are the cards and drills; derivations stand apart.
    """

    decks: tuple[Deck, ...]
    items: Mapping[str, Card | Drill]
    problems: tuple[Problem, ...]
    derivations: Mapping[str, Derivation] = field(default_factory=dict)

    def find(self, item: str) -> Card | Drill | Derivation | None:
        """The item of that id, of whatever kind."""
        return self.items.get(item) or self.derivations.get(item)

    @property
    def drills(self) -> dict[str, Drill]:
        return {item.id: item for item in self.items.values() if isinstance(item, Drill)}

    @property
    def cards(self) -> dict[str, Card]:
        return {item.id: item for item in self.items.values() if isinstance(item, Card)}

    @property
    def topics(self) -> list[str]:
        return list(dict.fromkeys(item.topic for item in (*self.items.values(), *self.derivations.values())))


def load_library(own: Path | None = None, shipped: Path = SHIPPED) -> Library:
    """Read the shipped decks and those in the folder `own`; an id belongs to the first deck that has it."""
    folders = (shipped, shipped.parent / DERIVATIONS)
    decks = [read_deck(path, shipped=True) for folder in folders for path in sorted(folder.glob("*.md"))]
    if own is not None and own.is_dir():
        decks += [read_deck(path) for path in sorted(own.glob("*.md"))]
    found: dict[str, Card | Drill | Derivation] = {}
    clashes: list[Problem] = []
    for number, deck in enumerate(decks):
        kept = set()
        for item in (*deck.items, *deck.derivations):
            if item.id in found:
                other = found[item.id]
                message = f"the id `{item.id}` is taken by {other.path}:{other.line}; choose another"
                clashes.append(Problem(item.path, item.line, message))
            else:
                found[item.id] = item
                kept.add(item.id)
        decks[number] = replace(
            deck,
            items=tuple(item for item in deck.items if item.id in kept),
            derivations=tuple(item for item in deck.derivations if item.id in kept),
        )
    cards_and_drills = _study_order([item for item in found.values() if not isinstance(item, Derivation)])
    derivations = _study_order([item for item in found.values() if isinstance(item, Derivation)])
    problems = [problem for deck in decks for problem in deck.problems] + clashes
    return Library(
        tuple(decks),
        {item.id: item for item in cards_and_drills},
        tuple(problems),
        {item.id: item for item in derivations},
    )


def _study_order(items: list[Kind]) -> list[Kind]:
    """By week, must-know first; within these the topics take turns, each in its deck's own order."""
    seen: Counter[tuple[int, str, str]] = Counter()
    keyed = []
    for place, item in enumerate(items):
        group = (item.week, item.importance, item.topic)
        seen[group] += 1
        key = (item.week, IMPORTANCES.index(item.importance), seen[group], item.order, place)
        keyed.append((key, item))
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]
