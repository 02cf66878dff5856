"""Monte Carlo prediction of a table of values, and the answer batch TD gives to the same episodes.

Every episode here has ended: Monte Carlo has no estimate before the return is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

from solvers.returns import discounted_returns

Visits = Literal["first", "every"]
VISITS: tuple[Visits, ...] = get_args(Visits)


class Episode(NamedTuple):
    """States visited (indices) and the reward that followed each, both [T]; after the last reward it terminated."""

    states: Tensor
    rewards: Tensor


class Estimates(NamedTuple):
    """v [S] in units of return, NaN for a state never visited; counts [S]: the returns or visits behind each value."""

    v: Tensor
    counts: Tensor


def mc_prediction(episodes: Sequence[Episode], gamma: float, states: int, visits: Visits = "first") -> Estimates:
    """The mean return after the first visit of each episode to a state, or after every visit.

    First visit: unbiased, returns independent. Every visit: biased (the returns of one episode overlap), consistent,
    and of all tables the one with the least squared error on these very returns: what batch Monte Carlo converges to.
    Sutton & Barto 2018, section 5.1; Singh & Sutton 1996.
    """
    total = torch.zeros(states, dtype=torch.float64)
    counts = torch.zeros(states, dtype=torch.int64)
    for visited, rewards in episodes:
        seen: set[int] = set()
        for s, value in zip(visited.tolist(), discounted_returns(rewards, gamma), strict=True):
            if visits == "first" and s in seen:
                continue
            seen.add(s)
            total[s] += value
            counts[s] += 1
    return Estimates(total / counts, counts)


def constant_alpha_mc(episodes: Sequence[Episode], alpha: float, gamma: float, v0: Tensor) -> Tensor:
    """V(S_t) ← V(S_t) + alpha·(G_t − V(S_t)) for every visit, after each episode, from v0 [S]; [S]. Eq. 6.1."""
    v = v0.clone()
    for visited, rewards in episodes:
        for s, value in zip(visited.tolist(), discounted_returns(rewards, gamma), strict=True):
            v[s] += alpha * (value - v[s])
    return v


def batch_td(episodes: Sequence[Episode], gamma: float, states: int) -> Estimates:
    """What TD(0) converges to when these episodes are shown again and again with a small step size.

    It is the certainty-equivalence estimate: the exact values of the Markov model of maximum likelihood, v(s) = the
    mean over all visits to s of r + gamma·v(s'), solved as a linear system. Sutton & Barto 2018, section 6.3.
    """
    flows = torch.zeros(states, states, dtype=torch.float64)
    rewards_after = torch.zeros(states, dtype=torch.float64)
    counts = torch.zeros(states, dtype=torch.int64)
    for visited, rewards in episodes:
        counts.index_add_(0, visited, torch.ones_like(visited))
        rewards_after.index_add_(0, visited, rewards)
        flows.index_put_((visited[:-1], visited[1:]), torch.ones_like(rewards[1:]), accumulate=True)
    # Every visited state was followed by an end, so the system has a solution also for gamma = 1.
    known = counts.nonzero().flatten()
    system = torch.diag(counts[known].to(flows.dtype)) - gamma * flows[known][:, known]
    v = torch.full((states,), torch.nan, dtype=torch.float64)
    v[known] = torch.linalg.solve(system, rewards_after[known])
    return Estimates(v, counts)
