"""JSON in front of solvers.planning: exact values in a tabular MDP."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import planning
from solvers.shapes import Dims, number

_PROBABILITY_TOLERANCE = 1e-9


def policy_evaluation(P: Any, R: Any, gamma: Any, policy: Any) -> dict[str, Any]:
    dims = Dims()
    rewards = dims.real("R", R, "S A")
    return planning.policy_evaluation(
        _distributions("P", dims.real("P", P, "S A S+1")),
        rewards,
        number("gamma", gamma, 0, 1),
        _distributions("policy", dims.real("policy", policy, "S A")),
    )._asdict()


def value_iteration(P: Any, R: Any, gamma: Any) -> dict[str, Any]:
    dims = Dims()
    rewards = dims.real("R", R, "S A")
    transitions = _distributions("P", dims.real("P", P, "S A S+1"))
    v, q = planning.optimal_values(transitions, rewards, number("gamma", gamma, 0, 1))
    optimal_actions = [row.nonzero().flatten().tolist() for row in planning.optimal_mask(q)]
    return {"v": v, "q": q, "optimal_actions": optimal_actions}


def _distributions(name: str, rows: Tensor) -> Tensor:
    if bool((rows < 0).any()):
        raise ValueError(f"{name} holds a negative probability.")
    miss = float((rows.sum(-1) - 1).abs().max())
    if miss > _PROBABILITY_TOLERANCE:
        raise ValueError(f"The probabilities in each row of {name} must add up to 1; one misses it by {miss:.3g}.")
    return rows
