"""JSON in front of solvers.importance."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import importance
from solvers.shapes import Dims, number


def importance_sampling(logp_target: Any, logp_behaviour: Any, rewards: Any, gamma: Any) -> dict[str, Tensor]:
    dims = Dims()
    return importance.importance_sampling(
        dims.real("logp_target", logp_target, "N T"),
        dims.real("logp_behaviour", logp_behaviour, "N T"),
        dims.real("rewards", rewards, "N T"),
        number("gamma", gamma, 0, 1),
    )._asdict()
