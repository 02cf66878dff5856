"""The process in which SymPy looks for proofs: started when first needed, killed when it takes too long.

SymPy's import and its hangs stay out of this process. The verdict never waits for a proof to decide anything.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SECONDS, STARTING_SECONDS = 0.6, 20.0

_COMMAND = "from solvers.symbolic.prove import serve; serve()"


class Prover:
    """One helper process; `proves` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._ready = False
        self._again = False  # whether one was killed before

    def start(self) -> None:
        """Start the process, which then imports SymPy, if it is not running; returns at once."""
        with self._lock:
            self._start()

    def proves(self, a: str, b: str, symbols: Mapping[str, str], seconds: float = SECONDS) -> bool:
        """Whether SymPy proves within `seconds` that `a` and `b`, which can be read, are equal.

        The first to ask waits for SymPy's import; nobody waits for it again after a proof that took too long.
        """
        starting = seconds if self._again else STARTING_SECONDS
        return self._ask({"a": a, "b": b, "symbols": dict(symbols)}, seconds, starting)

    def proves_step(self, step: Mapping[str, Any], seconds: float = SECONDS) -> bool:
        """The same of a step of a derivation, as `questions.step_question` takes it; a process still starting is not
        waited for longer than that."""
        return self._ask({"step": dict(step)}, seconds, seconds)

    def _ask(self, question: dict[str, Any], seconds: float, starting_seconds: float) -> bool:
        with self._lock:
            try:
                self._start()
                if not self._ready:
                    try:
                        self._ready = self._answers.get(timeout=starting_seconds) == "ready"
                    except queue.Empty:
                        if starting_seconds >= STARTING_SECONDS:
                            raise
                        return False
                assert self._process is not None
                assert self._process.stdin is not None
                request = {**question, "seconds": seconds}
                self._process.stdin.write(json.dumps(request) + "\n")
                self._process.stdin.flush()
                return self._answers.get(timeout=seconds) == "1"
            except (OSError, queue.Empty):
                self._stop()
                self._again = True
                with contextlib.suppress(OSError):
                    self._start()  # imports SymPy while others think
                return False

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path},
        )
        threading.Thread(target=_hand_on, args=(self._process, self._answers), daemon=True).start()

    def _stop(self) -> None:
        process, self._process, self._ready = self._process, None, False
        self._answers = queue.Queue()
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:  # what was still to be written has no reader any more
                        continue


def _hand_on(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    """Put every line that the process prints into `answers`; an empty one when it ends."""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            answers.put(line.strip())
    except ValueError:  # closed by `_stop` meanwhile
        return
    answers.put("")


PROVER = Prover()
atexit.register(PROVER.stop)
