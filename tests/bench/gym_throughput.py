"""reasoning-gym's exercises a second, as JSON: run by drill_throughput.py with the Python that has reasoning-gym.

It is an environment of its own, `.venv-bench`, made by `make bench`: reasoning-gym pulls two dozen packages (345 MB,
matplotlib among them) of which studyapp has no use.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

from timing import rate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import reasoning_gym


def puzzles(name: str) -> Callable[[int], Any]:
    made = reasoning_gym.create_dataset(name, size=1_000_000, seed=1)
    return lambda i: json.dumps(made[i], default=str)


if __name__ == "__main__":
    seconds, *names = sys.argv[1:]
    print(json.dumps({name: rate(puzzles(name), float(seconds)) for name in names}))
