"""JSON in front of solvers.linear_td: expected TD updates and Baird's counterexample."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import linear_td
from solvers.linear_td import ExpectedUpdate
from solvers.shapes import Dims, distributions, number, whole

_MOST_STEPS = 10_000


def expected_td(
    features: Any, P: Any, rewards: Any, state_weights: Any, alpha: Any, gamma: Any, w0: Any, steps: Any
) -> dict[str, Tensor]:
    """P [S][S+1]: the target policy's chain, termination last; state_weights: the distribution of the updates."""
    dims = Dims()
    x = dims.real("features", features, "S D")
    update = linear_td.expected_td_update(
        x,
        distributions("P", dims.real("P", P, "S S+1")),
        dims.real("rewards", rewards, "S"),
        distributions("state_weights", dims.real("state_weights", state_weights, "S")),
        number("alpha", alpha, 0),
        number("gamma", gamma, 0, 1),
    )
    return _run(update, dims.real("w0", w0, "D"), steps)


def baird(alpha: Any, gamma: Any, steps: Any, w0: Any = None) -> dict[str, Tensor]:
    """w0: eight weights; null for the book's, 1 1 1 1 1 1 10 1."""
    update = linear_td.baird_update(number("alpha", alpha, 0), number("gamma", gamma, 0, 1))
    dims = Dims()
    dims.sizes["D"] = len(update.offset)
    return _run(update, linear_td.baird().start if w0 is None else dims.real("w0", w0, "D"), steps)


def _run(update: ExpectedUpdate, w0: Tensor, steps: Any) -> dict[str, Tensor]:
    radius = linear_td.spectral_radius(update.matrix)
    path = linear_td.iterate(update, w0, whole("steps", steps, 0, _MOST_STEPS))
    return {"update_matrix": update.matrix, "spectral_radius": radius, "w": path[-1]}
