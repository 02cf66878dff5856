"""Exercises a second in one process, beside reasoning-gym's arithmetic and equations.

Text, answer, mistakes and solution included; after start-up, that is once the libraries are imported and each drill
has made its first exercise. reasoning-gym is measured before our drills and after them, in an environment of its own
(see gym_throughput.py), with the same clock: what else the machine does meets both.
"""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from timing import rate

from decks.exercises import generate, item_seed
from decks.items import Drill
from decks.library import load_library

SECONDS = 0.2  # for each drill
PEERS = ("chain_sum", "simple_equations")
HERE = Path(__file__).parent
GYM = HERE.parents[1] / ".venv-bench" / "bin" / "python"


def run() -> Iterator[str]:
    before = _peers()
    ours = {name: rate(_exercises(drill), SECONDS) for name, drill in load_library().drills.items()}
    after = _peers()
    for name, each in sorted(ours.items(), key=lambda drill: drill[1]):
        yield f"{name}: {each:,.0f} items/s"
    median = statistics.median(ours.values())
    yield f"median of {len(ours)} drills: {median:,.0f} items/s"
    for name in PEERS:
        if name in before and name in after:
            theirs = (before[name] + after[name]) / 2
            yield f"reasoning-gym's {name}: {theirs:,.0f} items/s, ratio {median / theirs:.2f}"
        else:
            yield f"reasoning-gym's {name}: skipped, no reasoning-gym in .venv-bench (`make bench` makes it)"


def _exercises(drill: Drill) -> Callable[[int], Any]:
    """The line that `studyapp drill --answers --format jsonl` prints for item i."""
    return lambda i: json.dumps(generate(drill, item_seed("bench", i)).as_json(answers=True), ensure_ascii=False)


def _peers() -> dict[str, float]:
    """Items a second of each peer; nothing where reasoning-gym is not installed or does not run."""
    if not GYM.exists():
        return {}
    command = [GYM, HERE / "gym_throughput.py", str(SECONDS), *PEERS]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    rates: dict[str, float] = json.loads(found.stdout) if found.returncode == 0 else {}
    return rates
