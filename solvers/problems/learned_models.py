"""JSON in front of solvers.learned_models; transitions come as columns."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import learned_models, planning
from solvers.shapes import Dims, number, whole
from solvers.temporal_difference import Transition

_MOST_PAIRS = 1_000_000


def learned_model_planning(
    states: Any,
    actions: Any,
    rewards: Any,
    next_states: Any,
    terminated: Any,
    n_states: Any,
    n_actions: Any,
    gamma: Any,
    untried_value: Any = 0,
) -> dict[str, Any]:
    """The maximum-likelihood model of the transitions, and its optimal values and actions."""
    size = whole("n_states", n_states, 1, 1_000)
    choices = whole("n_actions", n_actions, 1, _MOST_PAIRS // size**2 + 1)
    seen = _transitions(states, actions, rewards, next_states, terminated, size, choices)
    model = learned_models.maximum_likelihood_model(seen, size, choices, number("untried_value", untried_value))
    v, q = planning.optimal_values(model.P, model.R, number("gamma", gamma, 0, 1))
    optimal_actions = [row.nonzero().flatten().tolist() for row in planning.optimal_mask(q)]
    return {**model._asdict(), "v": v, "q": q, "optimal_actions": optimal_actions}


def dyna_q(
    states: Any,
    actions: Any,
    rewards: Any,
    next_states: Any,
    terminated: Any,
    planned: Any,
    alpha: Any,
    gamma: Any,
    q0: Any,
) -> dict[str, Tensor]:
    """planned[t]: pairs [state, action] tried so far, replayed from the model after transition t (none: [])."""
    q = Dims().real("q0", q0, "S A")
    seen = _transitions(states, actions, rewards, next_states, terminated, *q.shape)
    table, td_errors = learned_models.dyna_q(
        seen, _planned(planned, len(seen), *q.shape), number("alpha", alpha, 0, 1), number("gamma", gamma, 0, 1), q
    )
    return {"q": table, "td_errors": td_errors}


def _transitions(
    states: Any, actions: Any, rewards: Any, next_states: Any, terminated: Any, size: int, choices: int
) -> list[Transition]:
    """Columns [N]; after termination the next state is not looked at."""
    dims = Dims()
    r = dims.real("rewards", rewards, "N")
    s = dims.index("states", states, "N", size)
    a = dims.index("actions", actions, "N", choices)
    ended = dims.flags("terminated", terminated, "N", r)
    s2 = dims.index("next_states", next_states, "N", size, 1 - ended)
    columns = zip(s.tolist(), a.tolist(), r.tolist(), s2.tolist(), ended.bool().tolist(), strict=True)
    return [Transition(s, a, r, s2, terminated=end) for s, a, r, s2, end in columns]


def _planned(given: Any, steps: int, size: int, choices: int) -> list[list[tuple[int, int]]]:
    if not isinstance(given, (list, tuple)) or len(given) != steps:
        raise ValueError(f"planned must be a list of {steps}: the pairs replayed after each transition.")
    return [[_pair(f"planned[{t}]", pair, size, choices) for pair in _list(t, pairs)] for t, pairs in enumerate(given)]


def _list(t: int, pairs: Any) -> Any:
    if not isinstance(pairs, (list, tuple)):
        raise ValueError(f"planned[{t}] must be a list of pairs [state, action].")
    return pairs


def _pair(name: str, pair: Any, size: int, choices: int) -> tuple[int, int]:
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        raise ValueError(f"{name} must hold pairs [state, action].")
    return whole(f"{name}'s state", pair[0], 0, size - 1), whole(f"{name}'s action", pair[1], 0, choices - 1)
