"""JSON in front of solvers.planning: exact values in a tabular MDP."""

from __future__ import annotations

from typing import Any

from solvers import planning
from solvers.problems.tabular import mdp
from solvers.shapes import Dims, distributions, number


def policy_evaluation(P: Any, R: Any, gamma: Any, policy: Any) -> dict[str, Any]:
    dims = Dims()
    return planning.policy_evaluation(
        *mdp(dims, P, R),
        number("gamma", gamma, 0, 1),
        distributions("policy", dims.real("policy", policy, "S A")),
    )._asdict()


def value_iteration(P: Any, R: Any, gamma: Any) -> dict[str, Any]:
    v, q = planning.optimal_values(*mdp(Dims(), P, R), number("gamma", gamma, 0, 1))
    optimal_actions = [row.nonzero().flatten().tolist() for row in planning.optimal_mask(q)]
    return {"v": v, "q": q, "optimal_actions": optimal_actions}
