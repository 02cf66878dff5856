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


def reinforce_pp_advantages(rewards: Any, kl: Any, kl_coef: Any, gamma: Any, mask: Any = None) -> dict[str, Tensor]:
    dims = Dims()
    scores = dims.real("rewards", rewards, "B")
    token_kl = dims.real("kl", kl, "B T")
    returns, normalised = advantages.reinforce_pp_advantages(
        scores,
        token_kl,
        dims.mask("mask", mask, "B T", token_kl),
        number("kl_coef", kl_coef, 0),
        number("gamma", gamma, 0, 1),
    )
    return {"returns": returns, "advantages": normalised}
