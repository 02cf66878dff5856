"""Exercises a second in one process, beside reasoning-gym's arithmetic and equations.

Text, answer, mistakes and solution included; after start-up, that is once the libraries are imported and each drill
has made its first exercise.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from timing import peer

from decks.exercises import generate, item_seed
from decks.items import Drill
from decks.library import load_library

SECONDS = 0.2  # for each drill
PEERS = ("chain_sum", "simple_equations")


def run() -> Iterator[str]:
    ours = {name: _rate(_exercises(drill)) for name, drill in load_library().drills.items()}
    for name, rate in sorted(ours.items(), key=lambda drill: drill[1]):
        yield f"{name}: {rate:,.0f} items/s"
    median = statistics.median(ours.values())
    yield f"median of {len(ours)} drills: {median:,.0f} items/s"
    gym = peer("reasoning_gym")
    for name in PEERS:
        if gym is None:
            yield f"reasoning-gym's {name}: not installed"
        else:
            theirs = _rate(_puzzles(gym, name))
            yield f"reasoning-gym's {name}: {theirs:,.0f} items/s, ratio {median / theirs:.2f}"


def _exercises(drill: Drill) -> Callable[[int], Any]:
    """The line that `studyapp drill --answers --format jsonl` prints for item i."""
    return lambda i: json.dumps(generate(drill, item_seed("bench", i)).as_json(answers=True), ensure_ascii=False)


def _puzzles(gym: Any, name: str) -> Callable[[int], Any]:
    puzzles = gym.create_dataset(name, size=1_000_000, seed=1)
    return lambda i: json.dumps(puzzles[i], default=str)


def _rate(item: Callable[[int], Any]) -> float:
    item(0)
    began = time.perf_counter()
    for i in count(1):
        item(i)
        taken = time.perf_counter() - began
        if taken > SECONDS:
            return i / taken
    raise AssertionError  # count() has no end
