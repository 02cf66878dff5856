"""All decks together: the shipped ones and the learner's own, in study order, with whatever could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from decks.items import IMPORTANCES, Card, Deck, Drill, Problem
from decks.reading import read_deck

SHIPPED = Path(__file__).parent / "topics"


@dataclass(frozen=True, slots=True)
class Library:
    """Every readable item by id, in study order: by week, must-know first, the topics of a week in turn."""

    decks: tuple[Deck, ...]
    items: Mapping[str, Card | Drill]
    problems: tuple[Problem, ...]

    @property
    def drills(self) -> dict[str, Drill]:
        return {item.id: item for item in self.items.values() if isinstance(item, Drill)}

    @property
    def cards(self) -> dict[str, Card]:
        return {item.id: item for item in self.items.values() if isinstance(item, Card)}

    @property
    def topics(self) -> list[str]:
        return list(dict.fromkeys(item.topic for item in self.items.values()))


def load_library(own: Path | None = None, shipped: Path = SHIPPED) -> Library:
    """Read the shipped decks and those in the folder `own`; an id belongs to the first deck that has it."""
    decks = [read_deck(path, shipped=True) for path in sorted(shipped.glob("*.md"))]
    if own is not None and own.is_dir():
        decks += [read_deck(path) for path in sorted(own.glob("*.md"))]
    found: dict[str, Card | Drill] = {}
    clashes: list[Problem] = []
    for number, deck in enumerate(decks):
        kept = []
        for item in deck.items:
            if item.id in found:
                other = found[item.id]
                message = f"the id `{item.id}` is taken by {other.path}:{other.line}; choose another"
                clashes.append(Problem(item.path, item.line, message))
            else:
                found[item.id] = item
                kept.append(item)
        decks[number] = replace(deck, items=tuple(kept))
    ordered = _study_order(list(found.values()))
    problems = [problem for deck in decks for problem in deck.problems] + clashes
    return Library(tuple(decks), {item.id: item for item in ordered}, tuple(problems))


def _study_order(items: list[Card | Drill]) -> list[Card | Drill]:
    """By week, must-know first; within these the topics take turns, each in its deck's own order."""
    seen: Counter[tuple[int, str, str]] = Counter()
    keyed = []
    for place, item in enumerate(items):
        group = (item.week, item.importance, item.topic)
        seen[group] += 1
        key = (item.week, IMPORTANCES.index(item.importance), seen[group], item.order, place)
        keyed.append((key, item))
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]
