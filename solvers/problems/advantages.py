"""JSON in front of solvers.advantages."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import advantages
from solvers.advantages import DEVIATIONS
from solvers.shapes import Dims, choice, number


def grpo_advantages(rewards: Any, std: Any = "population", eps: Any = 0) -> dict[str, Tensor]:
    groups = Dims().real("rewards", rewards, "N G")
    return {"advantages": advantages.grpo_advantages(groups, choice("std", std, DEVIATIONS), number("eps", eps, 0))}


def rloo_advantages(rewards: Any) -> dict[str, Tensor]:
    return {"advantages": advantages.rloo_advantages(Dims().real("rewards", rewards, "N K"))}
