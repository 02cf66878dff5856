"""The solver worker: one background process that imports torch and sympy, makes exercises and grades typed answers.

Nothing here imports them in the process that draws. Every task has a deadline; a worker that hangs is killed and
replaced, one that dies is replaced and its task tried once more. The pool is pebble's.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from multiprocessing import connection, resource_tracker
from typing import Any

from decks.exercises import Exercise
from decks.grading import Verdict
from decks.items import Drill

PREPARE_SECONDS = 20.0
GRADE_SECONDS = 5.0


class WorkerFailed(Exception):
    """The worker could not answer; the sentence says what to do. Nothing was recorded."""


class SolverWorker:
    """Hand tasks to the background process; each gives a Future at once."""

    def __init__(self) -> None:
        self._pool: Any = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the process, if it is not running: call after the first paint, and not on the thread that draws."""
        with self._lock:
            if self._pool is None:
                from pebble import ProcessPool

                _start_tracker()
                self._pool = ProcessPool(
                    max_workers=1, initializer=_settle_in, context=multiprocessing.get_context("spawn")
                )
                # pebble starts its process with the first task
                self._pool.schedule(_ready)

    def stop(self) -> None:
        """Kill the process; pending tasks are cancelled."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            pool.join()

    def prepare(self, drill: Drill, seed: str) -> Future[Exercise]:
        """The exercise `drill` at `seed`, made in the worker."""
        return self._submit(_prepare, (drill, seed), PREPARE_SECONDS)

    def grade(self, exercise: Exercise, typed: str) -> Future[Verdict]:
        """The verdict on what was typed, reached in the worker."""
        return self._submit(_grade, (exercise, typed), GRADE_SECONDS)

    def _submit(self, task: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> Future[Any]:
        outer: Future[Any] = Future()
        self._attempt(outer, task, arguments, seconds, tries_left=2)
        return outer

    def _attempt(
        self, outer: Future[Any], task: Callable[..., Any], arguments: tuple[Any, ...], seconds: float, tries_left: int
    ) -> None:
        self.start()

        def done(inner: Future[Any]) -> None:
            from pebble import ProcessExpired

            if outer.cancelled():
                return
            try:
                result = inner.result()
            except TimeoutError:
                message = f"The check took longer than {seconds:g} seconds and was stopped; try a simpler form."
                outer.set_exception(WorkerFailed(message))
            except ProcessExpired:
                if tries_left > 1:
                    self._attempt(outer, task, arguments, seconds, tries_left - 1)
                else:
                    outer.set_exception(WorkerFailed("The solver stopped twice in a row; press enter to try again."))
            except CancelledError:
                outer.cancel()
            except Exception as error:
                outer.set_exception(WorkerFailed(f"The solver could not do this ({error}); skip this item with s."))
            else:
                outer.set_result(result)

        try:
            inner = self._pool.schedule(task, args=arguments, timeout=seconds)
        except (RuntimeError, AttributeError):  # stopped meanwhile: the app is closing
            outer.cancel()
            return
        inner.add_done_callback(done)


def _start_tracker() -> None:
    """multiprocessing starts a helper that inherits stderr; while Textual has stderr, that is no real file."""
    with contextlib.redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()


def _settle_in() -> None:
    """In the new process: keep quiet, outlive no parent, import what is heavy."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # a library's warning must not scribble over the screen
        os.dup2(silence, stream)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent.sentinel,), daemon=True).start()
    import sympy  # noqa: F401
    import torch

    torch.set_num_threads(1)  # tiny tensors; the other core belongs to the screen
    with contextlib.suppress(OSError):
        os.nice(5)


def _die_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(0)


def _ready() -> None:
    """The first task: when it is done, the imports are."""


def _prepare(drill: Drill, seed: str) -> Exercise:
    from decks.exercises import generate

    return generate(drill, seed)


def _grade(exercise: Exercise, typed: str) -> Verdict:
    from decks.grading import grade

    return grade(exercise, typed)
