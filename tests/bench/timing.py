"""How long calls take, side by side: in turns, so that what else the machine does meets them all alike."""

from __future__ import annotations

import importlib
import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

ROUNDS = 7


def seconds_per_call(calls: Mapping[str, Callable[[], Any]], round_seconds: float = 0.03) -> dict[str, float]:
    """The median over rounds of each call's time; a round lasts about `round_seconds` for each."""
    repeats = {name: max(1, int(round_seconds / _seconds(call, 1))) for name, call in calls.items()}
    rounds = [{name: _seconds(call, repeats[name]) for name, call in calls.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(taken[name] for taken in rounds) for name in calls}


def rate(item: Callable[[int], Any], seconds: float) -> float:
    """Items a second: the first is made before the clock starts, then one after another for so long."""
    item(0)
    began = time.perf_counter()
    for i in count(1):
        item(i)
        taken = time.perf_counter() - began
        if taken > seconds:
            return i / taken
    raise AssertionError  # count() has no end


def _seconds(call: Callable[[], Any], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - began) / repeats


def peer(module: str) -> Any:
    """Another project's module, or None where it is not installed; what it warns of at import is not our affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(module)
        except ImportError:
            return None
