"""Exact values of a known, finite MDP: of a policy, and of the best one.

An MDP is P [S][A][S+1], the probability of each next state with termination in the last column, and R [S][A], the
expected reward of an action. Nothing follows termination: its value is 0. Puterman 1994; Sutton & Barto 2018, ch. 4.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

_WORST_CONDITION = 1e12  # beyond it, fewer than four digits of a linear solve in float64 can be trusted
_MAX_SWEEPS = 100_000
_CONVERGED = 1e-12


class Values(NamedTuple):
    """State values v [S] and action values q [S][A]."""

    v: Tensor
    q: Tensor


def action_values(P: Tensor, R: Tensor, gamma: float, v: Tensor) -> Tensor:
    """q = R + gamma·P·v, the one-step look-ahead [S][A] from state values v [S]."""
    return R + gamma * (P[..., :-1] @ v)


def policy_evaluation(P: Tensor, R: Tensor, gamma: float, policy: Tensor) -> Values:
    """The values of `policy` [S][A] (each row a distribution over actions) from (I − gamma·P_π)·v = r_π.

    gamma in [0, 1]. ValueError if the system is singular: gamma is 1 and from some state the policy never terminates.
    Sutton & Barto 2018, eq. 4.4.
    """
    chain = torch.einsum("sa,sat->st", policy, P)
    if gamma == 1 and not bool(_reaches_termination(chain.unsqueeze(1)).all()):
        raise ValueError("The system is singular: gamma is 1 and from some state this policy never terminates.")
    system = torch.eye(len(chain), dtype=chain.dtype) - gamma * chain[:, :-1]
    if not float(torch.linalg.cond(system, 1)) < _WORST_CONDITION:
        raise ValueError("The system is singular to float64's precision; lower gamma or terminate more often.")
    v = torch.linalg.solve(system, (policy * R).sum(-1))
    return Values(v, action_values(P, R, gamma, v))


def optimal_values(P: Tensor, R: Tensor, gamma: float) -> Values:
    """What value iteration from v = 0 converges to: the v with v = max_a q, for gamma in [0, 1].

    Found by policy iteration, a linear solve each time: a sweep of value iteration gains only a factor of gamma, which
    is hopeless at 0.99999. With gamma = 1 the equation has several solutions where a policy can stay for ever at no
    loss; then, and only then, sweeps decide. ValueError where they do not converge, as with a loop that earns.
    Sutton & Barto 2018, eq. 4.10; Howard 1960; Bertsekas & Tsitsiklis 1991 for gamma = 1.
    """
    if gamma < 1:
        return _policy_iteration(P, R, gamma, torch.zeros(len(R), dtype=torch.int64))
    if bool(_reaches_termination(P).all()):
        try:
            values = _policy_iteration(P, R, gamma, _towards_termination(P))
        except ValueError:  # improved into a policy that never ends: it earns for ever, or rounding broke a tie
            return _sweeps(P, R)
        if not _can_stay(P, optimal_mask(values.q)):
            return values
    return _sweeps(P, R)


def optimal_mask(q: Tensor, tolerance: float = 1e-9) -> Tensor:
    """True where an action's value [S][A] is within tolerance·max(1, |best|) of its state's best."""
    best = q.amax(-1, keepdim=True)
    return q >= best - tolerance * best.abs().clamp(min=1.0)


def _policy_iteration(P: Tensor, R: Tensor, gamma: float, actions: Tensor) -> Values:
    """From the deterministic policy `actions` [S]; with gamma = 1 it must terminate from everywhere."""
    total = -math.inf
    while True:
        v, q = policy_evaluation(P, R, gamma, one_hot(actions, R.shape[1]).to(R.dtype))
        best, greedy = q.max(-1)
        better = best > q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
        # Every true improvement raises the sum; without it, only rounding still moves actions between ties.
        if not bool(better.any()) or float(v.sum()) <= total:
            return Values(best, q)
        total = float(v.sum())
        actions = torch.where(better, greedy, actions)


def _sweeps(P: Tensor, R: Tensor) -> Values:
    """Value iteration from 0 with gamma = 1, until no value moves by more than 1e-12 (of itself, if above 1)."""
    v = torch.zeros(len(R), dtype=R.dtype)
    for _ in range(_MAX_SWEEPS):
        q = action_values(P, R, 1.0, v)
        best = q.amax(-1)
        if bool(((best - v).abs() <= _CONVERGED * best.abs().clamp(min=1.0)).all()):
            return Values(best, q)
        v = best
    raise ValueError(f"Value iteration does not converge in {_MAX_SWEEPS} sweeps: gamma is 1 and not every loop ends.")


def _reaches_termination(P: Tensor) -> Tensor:
    """[S]: whether some choice of actions in P [S][A][S+1] terminates from this state sooner or later."""
    return _steps_to_termination(P) <= len(P)


def _steps_to_termination(P: Tensor) -> Tensor:
    """[S]: the least number of steps to termination; S + 1 where there is no way."""
    states = len(P)
    steps = torch.full((states + 1,), states + 1)
    steps[-1] = 0
    possible = P > 0
    for step in range(1, states + 1):
        arrives = (possible & (steps < step)).any(-1).any(-1)
        steps[:-1] = torch.where(arrives & (steps[:-1] > step), step, steps[:-1])
    return steps[:-1]


def _towards_termination(P: Tensor) -> Tensor:
    """Actions [S], each with a chance of coming one step nearer to termination: a policy that surely terminates."""
    steps = torch.cat([_steps_to_termination(P), torch.zeros(1, dtype=torch.int64)])
    nearest = torch.where(P > 0, steps, len(P) + 2).amin(-1)
    return nearest.argmin(-1)


def _can_stay(P: Tensor, allowed: Tensor) -> bool:
    """Whether there are states that the allowed actions [S][A] can remain among for ever."""
    staying = torch.ones(len(P), dtype=torch.bool)
    while bool(staying.any()):
        leaves = torch.cat([~staying, torch.ones(1, dtype=torch.bool)])
        still = staying & (allowed & ~((P > 0) & leaves).any(-1)).any(-1)
        if torch.equal(still, staying):
            return True
        staying = still
    return False
