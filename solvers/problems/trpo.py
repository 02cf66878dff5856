"""JSON in front of solvers.trpo."""

from __future__ import annotations

from typing import Any

from solvers import trpo
from solvers.shapes import Dims, number, whole

_MAX_BACKTRACKS = 10_000


def trpo_step(
    theta: Any,
    states: Any,
    actions: Any,
    advantages: Any,
    delta: Any,
    damping: Any,
    backtrack_coef: Any,
    max_backtracks: Any,
) -> dict[str, Any]:
    dims = Dims()
    logits = dims.real("theta", theta, "S A")
    step = trpo.trpo_step(
        logits,
        dims.index("states", states, "N", dims.sizes["S"]),
        dims.index("actions", actions, "N", dims.sizes["A"]),
        dims.real("advantages", advantages, "N"),
        number("delta", delta, 0, open_low=True),
        number("damping", damping, 0),
        number("backtrack_coef", backtrack_coef, 0, 1, open_low=True),
        whole("max_backtracks", max_backtracks, 0, _MAX_BACKTRACKS),
    )
    return step._asdict()
