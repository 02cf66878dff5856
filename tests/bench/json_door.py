"""What JSON in and out costs: `solve()` beside the pure function on tensors made ready, and `studyapp solve` in lines.

The same work otherwise: where the solver gives gradients, the pure function is followed by its backward pass.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from timing import seconds_per_call

from solvers.advantages import grpo_advantages
from solvers.catalogue import solve
from solvers.policy_losses import ppo_clip_loss
from solvers.preferences import dpo_loss
from solvers.returns import gae
from solvers.sampling import pass_at_k

LINES = 1000


class Door(NamedTuple):
    solver: str
    inputs: dict[str, Any]
    pure: Callable[..., Any]  # of the same inputs, numbers in lists as tensors
    leaves: tuple[str, ...] = ()  # what the loss is differentiated by

    def prepared(self) -> Callable[[], Any]:
        ready = {
            name: torch.tensor(value, dtype=torch.float64) if isinstance(value, list) else value
            for name, value in self.inputs.items()
        }
        by = [ready[name].requires_grad_() for name in self.leaves]
        if not by:
            return lambda: self.pure(**ready)
        return lambda: torch.autograd.grad(self.pure(**ready), by)


DOORS = [
    Door("pass-at-k", {"n": 20, "correct": 3, "k": 5}, pass_at_k),
    Door("grpo-advantages", {"rewards": [[1.0, 0.0, 0.0, 1.0]]}, grpo_advantages),
    Door(
        "gae",
        {
            "rewards": [1.0, 0.0, 0.5, 2.0],
            "values": [0.5, 0.4, 0.3, 0.2],
            "next_values": [0.4, 0.3, 0.2, 0.1],
            "terminated": [0, 0, 0, 1],
            "truncated": [0, 0, 0, 0],
            "gamma": 0.9,
            "lam": 0.95,
        },
        gae,
    ),
    Door(
        "ppo-clip-loss",
        {
            "logp": [[-1.0, -2.0, -0.5], [-1.5, -0.1, -3.0]],
            "old_logp": [[-1.2, -1.5, -0.5], [-1.0, -0.2, -2.0]],
            "advantages": [[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]],
            "mask": [[1, 1, 1], [1, 1, 0]],
            "clip_low": 0.2,
            "clip_high": 0.2,
        },
        ppo_clip_loss,
        ("logp",),
    ),
    Door(
        "dpo-loss",
        {
            "policy_chosen": [-12.0, -30.5],
            "policy_rejected": [-14.0, -29.0],
            "ref_chosen": [-13.0, -31.0],
            "ref_rejected": [-13.5, -30.0],
            "beta": 0.1,
            "label_smoothing": 0.0,
        },
        lambda **pairs: dpo_loss(**pairs).loss,
        ("policy_chosen", "policy_rejected"),
    ),
]


def run() -> Iterator[str]:
    for door in DOORS:
        taken = seconds_per_call({"solve": lambda door=door: solve(door.solver, door.inputs), "pure": door.prepared()})
        cost = (taken["solve"] - taken["pure"]) * 1e6
        yield (
            f"{door.solver}: solve() {1 / taken['solve']:,.0f} calls/s; the pure function"
            f" {1 / taken['pure']:,.0f}; the door costs {cost:.0f} µs"
        )
    lines = [json.dumps({"solver": door.solver, "inputs": door.inputs}) for door in DOORS]
    lines = (lines * (LINES // len(lines) + 1))[:LINES]
    ours, bare = _studyapp_solve(lines), _bare_json(lines)
    yield f"studyapp solve, {LINES:,} lines: {ours:,.0f} lines/s; reading and writing JSON alone {bare:,.0f}"


def _studyapp_solve(lines: list[str]) -> float:
    """Lines a second of one process, from when it has answered the first of each kind: after its imports."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "studyapp", "solve"]
        environment = {**os.environ, "STUDYAPP_HOME": home}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, env=environment, **pipes) as process:

            def answer(line: str) -> None:
                print(line, file=process.stdin, flush=True)
                assert '{"result"' in process.stdout.readline(), f"studyapp solve refused {line}"

            for line in lines[: len(DOORS)]:
                answer(line)
            began = time.perf_counter()
            for line in lines:
                answer(line)
            taken = time.perf_counter() - began
            process.stdin.close()
    return len(lines) / taken


def _bare_json(lines: list[str]) -> float:
    began = time.perf_counter()
    for line in lines:
        json.dumps(json.loads(line))
    return len(lines) / (time.perf_counter() - began)
