"""JSON in front of solvers.shaping and solvers.exploration: what is added to the reward."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import exploration, planning, shaping
from solvers.problems.tabular import mdp
from solvers.shapes import Dims, number


def potential_shaping(P: Any, R: Any, gamma: Any, potential: Any) -> dict[str, Any]:
    """The shaped rewards [S][A], and optimal values and actions without and with them."""
    dims = Dims()
    transitions, rewards = mdp(dims, P, R)
    discount = number("gamma", gamma, 0, 1)
    shaped = shaping.shaped_mdp_rewards(transitions, rewards, discount, dims.real("potential", potential, "S"))
    q = planning.optimal_values(transitions, rewards, discount).q
    shaped_q = planning.optimal_values(transitions, shaped, discount).q
    return {
        "shaped_rewards": shaped,
        "q": q,
        "shaped_q": shaped_q,
        "optimal_actions": _optimal_actions(q),
        "shaped_optimal_actions": _optimal_actions(shaped_q),
    }


def _optimal_actions(q: Tensor) -> list[list[int]]:
    return [row.nonzero().flatten().tolist() for row in planning.optimal_mask(q)]


def count_bonus(visits: Any, beta: Any) -> dict[str, Tensor]:
    """visits: whole numbers that name states, or pairs of state and action; each counts itself."""
    counts = exploration.running_counts(Dims().index("visits", visits, "T"))
    return {"counts": counts, "bonuses": exploration.count_bonus(counts, number("beta", beta, 0))}


def curiosity_bonus(
    features: Any, next_features: Any, weights: Any, learning_rate: Any, scale: Any
) -> dict[str, Tensor]:
    dims = Dims()
    return exploration.prediction_error_bonuses(
        dims.real("features", features, "T D"),
        dims.real("next_features", next_features, "T E"),
        dims.real("weights", weights, "E D"),
        number("learning_rate", learning_rate, 0),
        number("scale", scale, 0),
    )._asdict()
