"""Tasks for the worker that go wrong, importable in the worker's process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def hang() -> None:
    """Never ends and holds the interpreter's lock in C for long stretches, as a huge power does."""
    while True:
        pow(7, 10**6)


def die_once(trace: str) -> int:
    """Killed the first time, its process id the second."""
    path = Path(trace)
    if not path.exists():
        path.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error() -> None:
    raise ValueError("seven")


def pid() -> int:
    return os.getpid()
