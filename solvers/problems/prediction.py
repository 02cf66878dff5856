"""JSON in front of solvers.monte_carlo, solvers.n_step and solvers.q_lambda: episodes through tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from solvers import monte_carlo, n_step, planning, q_lambda
from solvers.monte_carlo import Episode, Estimates
from solvers.problems.tabular import mdp
from solvers.shapes import Dims, choice, distributions, flag, number, whole
from solvers.traces import Trace

_MOST_STATES = 2_000
_MOST_SWEEPS = 10_000
_TRACES: tuple[Trace, ...] = ("accumulating", "replacing")


def mc_prediction(episodes: Any, states: Any, gamma: Any, visits: Any) -> dict[str, Any]:
    """episodes: [{"states": [T], "rewards": [T]}]; `states`: how many there are. A state never visited has v null."""
    size = whole("states", states, 1, _MOST_STATES)
    seen = _episodes(episodes, size)
    kind = choice("visits", visits, monte_carlo.VISITS)
    return _estimates(monte_carlo.mc_prediction(seen, number("gamma", gamma, 0, 1), size, kind))


def batch_td(episodes: Any, states: Any, gamma: Any) -> dict[str, Any]:
    size = whole("states", states, 1, _MOST_STATES)
    return _estimates(monte_carlo.batch_td(_episodes(episodes, size), number("gamma", gamma, 0, 1), size))


def n_step_td(
    states: Any, rewards: Any, gamma: Any, n: Any, alpha: Any, v0: Any, terminated_at_end: Any
) -> dict[str, Tensor]:
    dims = Dims()
    v = dims.real("v0", v0, "S")
    r = dims.real("rewards", rewards, "T")
    ends = flag("terminated_at_end", terminated_at_end)
    visits = dims.index("states", states, "T+1", dims.sizes["S"], _looked_at(dims, ends))
    discount, step_size = number("gamma", gamma, 0, 1), number("alpha", alpha, 0)
    return {"v": n_step.n_step_td(visits, r, v, discount, whole("n", n, 1), step_size, ends)}


def n_step_sarsa(
    states: Any, actions: Any, rewards: Any, gamma: Any, n: Any, alpha: Any, q0: Any, terminated_at_end: Any
) -> dict[str, Tensor]:
    visits, chosen, r, q, ends = _episode(states, actions, rewards, q0, terminated_at_end)
    discount, step_size = number("gamma", gamma, 0, 1), number("alpha", alpha, 0)
    return {"q": n_step.n_step_sarsa(visits, chosen, r, q, discount, whole("n", n, 1), step_size, ends)}


def watkins_q_lambda(
    states: Any,
    actions: Any,
    rewards: Any,
    gamma: Any,
    lam: Any,
    alpha: Any,
    q0: Any,
    trace: Any,
    terminated_at_end: Any,
) -> dict[str, Tensor]:
    visits, chosen, r, q, ends = _episode(states, actions, rewards, q0, terminated_at_end)
    discount, decay = number("gamma", gamma, 0, 1), number("lam", lam, 0, 1)
    step_size, kind = number("alpha", alpha, 0), choice("trace", trace, _TRACES)
    table, td_errors = q_lambda.watkins_q_lambda(visits, chosen, r, q, discount, decay, step_size, ends, kind)
    return {"q": table, "td_errors": td_errors}


def n_step_target(P: Any, R: Any, gamma: Any, policy: Any, v: Any, n: Any) -> dict[str, Tensor]:
    """Mean and variance of the n-step target from each state, and its bias against the policy's true value."""
    dims = Dims()
    transitions, rewards = mdp(dims, P, R)
    chosen = distributions("policy", dims.real("policy", policy, "S A"))
    discount = number("gamma", gamma, 0, 1)
    table, steps = dims.real("v", v, "S"), whole("n", n, 1, _MOST_SWEEPS)
    true = planning.policy_evaluation(transitions, rewards, discount, chosen).v
    mean, variance = n_step.n_step_target_moments(transitions, rewards, discount, chosen, table, steps)
    return {"mean": mean, "bias": mean - true, "variance": variance}


def _episodes(given: Any, states: int) -> list[Episode]:
    if not isinstance(given, (list, tuple)) or not given:
        raise ValueError("episodes must be a list of at least one object {states, rewards}.")
    return [_one_episode(f"episodes[{i}]", episode, states) for i, episode in enumerate(given)]


def _one_episode(name: str, given: Any, states: int) -> Episode:
    if not isinstance(given, Mapping) or set(given) != {"states", "rewards"}:
        raise ValueError(f"{name} must be an object {{states, rewards}}, a reward after each state.")
    dims = Dims()
    visited = dims.index(f"{name}.states", given["states"], "T", states)
    return Episode(visited, dims.real(f"{name}.rewards", given["rewards"], "T"))


def _estimates(estimates: Estimates) -> dict[str, Any]:
    known = zip(estimates.v.tolist(), estimates.counts.tolist(), strict=True)
    return {"v": [value if count else None for value, count in known], "counts": estimates.counts}


def _episode(
    states: Any, actions: Any, rewards: Any, q0: Any, terminated_at_end: Any
) -> tuple[Tensor, Tensor, Tensor, Tensor, bool]:
    dims = Dims()
    q = dims.real("q0", q0, "S A")
    r = dims.real("rewards", rewards, "T")
    ends = flag("terminated_at_end", terminated_at_end)
    looked_at = _looked_at(dims, ends)
    visits = dims.index("states", states, "T+1", dims.sizes["S"], looked_at)
    return visits, dims.index("actions", actions, "T+1", dims.sizes["A"], looked_at), r, q, ends


def _looked_at(dims: Dims, terminated_at_end: bool) -> Tensor:
    """[T+1]: the terminal state is worth 0, whether the table has a row for it or not."""
    looked_at = torch.ones(dims.sizes["T"] + 1)
    looked_at[-1] = not terminated_at_end
    return looked_at
