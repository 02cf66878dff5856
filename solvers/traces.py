"""λ-returns and TD(λ) for a table of values. Sutton & Barto 2018, chapter 12."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from solvers.returns import accumulate

Trace = Literal["accumulating", "replacing"]


def lambda_returns(rewards: Tensor, next_values: Tensor, gamma: float, lam: float) -> Tensor:
    """G_t = r_t + gamma·((1 − lam)·V_{t+1} + lam·G_{t+1}), the last one r + gamma·V; [..., T]. Eq. 12.3, recursively.

    rewards [..., T]; next_values [..., T]: the value of the state after each step, 0 for a terminal one. lam 0 is the
    one-step return, lam 1 the Monte Carlo return, with what bootstrap there is at the end.
    """
    terms = rewards + gamma * (1 - lam) * next_values
    last = rewards[..., -1:] + gamma * next_values[..., -1:]
    terms = torch.cat([terms[..., :-1], last], -1)
    return accumulate(terms, torch.full_like(terms, gamma * lam))


def following_values(values: Tensor, visits: Tensor, terminated_at_end: bool) -> Tensor:
    """The table's value of each step's next state, [T]; that of the last is 0 if the episode terminated there."""
    following = values[visits[1:]]
    if terminated_at_end:
        following = torch.cat([following[:-1], torch.zeros_like(following[-1:])])
    return following


def offline_lambda(
    visits: Tensor,
    rewards: Tensor,
    values: Tensor,
    gamma: float,
    lam: float,
    alpha: float,
    terminated_at_end: bool,
) -> Tensor:
    """The table after one episode of the offline λ-return algorithm, with the *old* table in every target and error.

    V(s) ← V(s) + alpha·Σ_{t: S_t = s} (G_t − V(S_t)); section 12.1. Arguments as for `td_lambda`.
    """
    targets = lambda_returns(rewards, following_values(values, visits, terminated_at_end), gamma, lam)
    visited = visits[:-1]
    return values.index_add(0, visited, alpha * (targets - values[visited]))


def td_lambda(
    visits: Tensor,
    rewards: Tensor,
    values: Tensor,
    gamma: float,
    lam: float,
    alpha: float,
    terminated_at_end: bool,
    trace: Trace = "accumulating",
) -> Tensor:
    """The table after one episode of online TD(λ), [S]; section 12.2.

    visits: indices into the table, [T+1]; rewards [T]; values [S]. The value of the last visit is 0 if the episode
    terminated there, else it bootstraps. At each step all traces decay by gamma·lam, then that of the visited entry
    grows by 1 (`accumulating`, eq. 12.5) or becomes 1 (`replacing`, eq. 12.12); every entry then moves by
    alpha·δ·trace. With entries for pairs of state and action this is SARSA(λ), section 12.7.
    """
    table = values.clone()
    eligibility = torch.zeros_like(table)
    steps = visits.tolist()
    for t, (here, there) in enumerate(pairwise(steps)):
        ends = terminated_at_end and t == len(rewards) - 1
        delta = rewards[t] - table[here] + (0.0 if ends else gamma * table[there])
        eligibility = gamma * lam * eligibility
        eligibility[here] = 1.0 if trace == "replacing" else eligibility[here] + 1.0
        table = table + alpha * delta * eligibility
    return table


def true_online_td_lambda(
    visits: Tensor,
    rewards: Tensor,
    values: Tensor,
    gamma: float,
    lam: float,
    alpha: float,
    terminated_at_end: bool,
) -> Tensor:
    """The table after one episode of true online TD(λ), [S]; van Seijen et al. 2016. Arguments as for `td_lambda`.

    With dutch traces (eq. 12.11) it equals, step by step, the online λ-return algorithm, which would redo the episode
    from its start at every step.
    """
    table = values.clone()
    eligibility = torch.zeros_like(table)
    steps = visits.tolist()
    old = table[steps[0]]  # what the previous step took this state's value for
    for t, (here, there) in enumerate(pairwise(steps)):
        ends = terminated_at_end and t == len(rewards) - 1
        value = table[here]
        next_value = torch.zeros_like(value) if ends else table[there]
        delta = rewards[t] + gamma * next_value - value
        eligibility = gamma * lam * eligibility
        eligibility[here] = eligibility[here] + 1.0 - alpha * eligibility[here]
        table = table + alpha * (delta + value - old) * eligibility
        table[here] = table[here] - alpha * (value - old)
        old = next_value
    return table
