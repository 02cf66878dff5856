"""JSON in front of solvers.returns."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import returns
from solvers.shapes import Dims, number


def discounted_returns(rewards: Any, gamma: Any) -> dict[str, Tensor]:
    return {"returns": returns.discounted_returns(Dims().real("rewards", rewards, "T"), number("gamma", gamma, 0, 1))}


def gae(
    rewards: Any, values: Any, next_values: Any, terminated: Any, truncated: Any, gamma: Any, lam: Any
) -> dict[str, Tensor]:
    dims = Dims()
    r = dims.real("rewards", rewards, "T")
    advantages, value_targets = returns.gae(
        r,
        dims.real("values", values, "T"),
        dims.real("next_values", next_values, "T"),
        dims.flags("terminated", terminated, "T", r),
        dims.flags("truncated", truncated, "T", r),
        number("gamma", gamma, 0, 1),
        number("lam", lam, 0, 1),
    )
    return {"advantages": advantages, "value_targets": value_targets}
