"""JSON in front of solvers.imitation and solvers.expert_iteration: learning from what was done well."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import expert_iteration as iteration
from solvers import imitation
from solvers.shapes import Dims, distributions, number, whole
from solvers.token_models import TokenModel

_MOST_CELLS = 1_000_000  # of a table of states and actions
_LONGEST_HORIZON = 1_000_000
_MOST_STEPS = 10_000
_MOST_ROUNDS = 1_000


def behavioural_cloning(
    states: Any, actions: Any, n_states: Any, n_actions: Any, smoothing: Any = 0
) -> dict[str, Tensor]:
    dims = Dims()
    size = whole("n_states", n_states, 1, _MOST_CELLS)
    choices = whole("n_actions", n_actions, 1, _MOST_CELLS // size)
    seen = dims.index("states", states, "N", size)
    done = dims.index("actions", actions, "N", choices)
    pseudo_counts = number("smoothing", smoothing, 0)
    return {"policy": imitation.behavioural_cloning(seen, done, (size, choices), pseudo_counts)}


def behavioural_cloning_error(epsilon: Any, horizon: Any) -> dict[str, Tensor]:
    """Expected costs of erring with probability epsilon a step, where a fall is final and where it is not."""
    return imitation.tightrope_costs(
        number("epsilon", epsilon, 0, 1), whole("horizon", horizon, 1, _LONGEST_HORIZON)
    )._asdict()


def imitation_gap(P: Any, costs: Any, expert: Any, learner: Any, start: Any, horizon: Any) -> dict[str, Tensor]:
    """costs in [0, 1]; `expert`: the action it takes in each state; `learner`: a policy [S][A]."""
    dims = Dims()
    price = dims.real("costs", costs, "S A")
    if bool(((price < 0) | (price > 1)).any()):
        raise ValueError("costs must lie from 0 to 1, or the bound T²·ε does not hold.")
    taken = dims.index("expert", expert, "S", dims.sizes["A"])
    of_expert = price.new_zeros(price.shape).scatter(-1, taken.unsqueeze(-1), 1.0)
    return imitation.imitation_gap(
        distributions("P", dims.real("P", P, "S A S+1")),
        price,
        of_expert,
        distributions("learner", dims.real("learner", learner, "S A")),
        distributions("start", dims.real("start", start, "S")),
        whole("horizon", horizon, 1, _MOST_STEPS),
    )._asdict()


def expert_iteration(initial: Any, following: Any, accepted: Any, rounds: Any) -> dict[str, Tensor]:
    """accepted: the token sequences [N][T] that the verifier accepts; infinitely many samples in each round."""
    dims = Dims()
    model = token_model(dims, initial, following)
    right = dims.index("accepted", accepted, "N T", dims.sizes["V"])
    if len({tuple(row) for row in right.tolist()}) < len(right):
        raise ValueError("accepted lists a sequence twice; list each once.")
    done = iteration.expert_iteration(model, right, whole("rounds", rounds, 0, _MOST_ROUNDS))
    return {"success": done.success, "initial": done.model.initial, "following": done.model.following}


def token_model(dims: Dims, initial: Any, following: Any) -> TokenModel:
    """initial [V], following [V][V]: rows that are distributions."""
    first = distributions("initial", dims.real("initial", initial, "V"))
    return TokenModel(first, distributions("following", dims.real("following", following, "V V")))
