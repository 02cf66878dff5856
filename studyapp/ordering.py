"""In which order a session asks: due by urgency, new ones in between, drills spread, siblings of a topic apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """What ordering needs to know of an item."""

    item: str
    topic: str
    is_drill: bool


def arrange(due: Sequence[Candidate], new: Sequence[Candidate]) -> list[Candidate]:
    """One sequence from `due` (most urgent first) and `new` (study order first).

    New items are spread evenly among the due ones and drills evenly among the cards, each kept in its own order; then
    neighbours of one topic are pulled apart wherever that is possible.
    """
    together = spread(due, new)
    cards = [candidate for candidate in together if not candidate.is_drill]
    drills = [candidate for candidate in together if candidate.is_drill]
    return keep_topics_apart(spread(cards, drills))


def spread(many: Sequence[Candidate], few: Sequence[Candidate]) -> list[Candidate]:
    """Both sequences merged, each evenly over the whole and in its own order; a tie goes to `many`."""
    placed = [((i + 0.5) / len(many), 0, candidate) for i, candidate in enumerate(many)]
    placed += [((i + 0.5) / len(few), 1, candidate) for i, candidate in enumerate(few)]
    return [candidate for _, _, candidate in sorted(placed, key=lambda entry: entry[:2])]


def keep_topics_apart(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same candidates with no two neighbours of one topic, as far as the counts allow, moved as little as can be.

    A topic that makes up more than half of what is left has to come now: were it put off, its last ones would meet.
    """
    waiting = list(candidates)
    counts = Counter(candidate.topic for candidate in waiting)
    out: list[Candidate] = []
    while waiting:
        last = out[-1].topic if out else None
        largest, count = counts.most_common(1)[0]
        if largest != last and 2 * count > len(waiting):
            place = next(i for i, candidate in enumerate(waiting) if candidate.topic == largest)
        else:
            place = next((i for i, candidate in enumerate(waiting) if candidate.topic != last), 0)
        chosen = waiting.pop(place)
        counts[chosen.topic] -= 1
        out.append(chosen)
    return out
