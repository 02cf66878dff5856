"""n-step methods on tables, from TD(0) (n = 1) to Monte Carlo (n the whole episode). Sutton & Barto 2018, chapter 7.

`visits` [T+1] are indices into a table; `rewards` [T]. The value of the last visit is 0 if the episode terminated
there, else windows that reach past the end are shorter and bootstrap from it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


def n_step_td(
    visits: Tensor, rewards: Tensor, values: Tensor, gamma: float, n: int, alpha: float, terminated_at_end: bool
) -> Tensor:
    """The table [S] after one episode of online n-step TD prediction, from `values` [S]; eq. 7.1 and 7.2.

    The update of time t is made when the reward of time t + n is known, in order, each with the table as it then is.
    """
    table = values.clone()
    steps, length = visits.tolist(), len(rewards)
    discounts = gamma ** torch.arange(min(n, length) + 1, dtype=rewards.dtype)
    for t, here in enumerate(steps[:-1]):
        end = min(t + n, length)
        target = (discounts[: end - t] * rewards[t:end]).sum()
        if end < length or not terminated_at_end:
            target = target + discounts[end - t] * table[steps[end]]
        table[here] += alpha * (target - table[here])
    return table


def n_step_sarsa(
    states: Tensor,
    actions: Tensor,
    rewards: Tensor,
    q0: Tensor,
    gamma: float,
    n: int,
    alpha: float,
    terminated_at_end: bool,
) -> Tensor:
    """The table [S][A] after one episode of online n-step SARSA from q0 [S][A]; states, actions [T+1]; eq. 7.4, 7.5.

    It is n-step TD on pairs of state and action; n = 1 is SARSA.
    """
    pairs = states * q0.shape[1] + actions
    return n_step_td(pairs, rewards, q0.flatten(), gamma, n, alpha, terminated_at_end).reshape(q0.shape)


class Moments(NamedTuple):
    """Mean and variance of a learning target from each state, [S], in units of return and of its square."""

    mean: Tensor
    variance: Tensor


def n_step_target_moments(P: Tensor, R: Tensor, gamma: float, policy: Tensor, v: Tensor, n: int) -> Moments:
    """Exact moments of the target r + … + gamma^n·v(S_{t+n}) under `policy` [S][A] in an MDP (P, R), given v [S].

    What TD and Monte Carlo trade: as n grows the mean goes from the one-step look-ahead to the true value (the worst
    bias shrinks by gamma^n, the error reduction property, eq. 7.3) and the variance to that of the return. The variance
    obeys Sobel's (1982) recursion: that of what one step decides, plus gamma² times the expected variance of the rest.
    P [S][A][S+1], R [S][A]; nothing follows termination.
    """
    weights = policy.unsqueeze(-1) * P
    nothing = torch.zeros(1, dtype=v.dtype)
    mean, variance = v, torch.zeros_like(v)
    for _ in range(n):
        targets = R.unsqueeze(-1) + gamma * torch.cat([mean, nothing])
        mean = (weights * targets).sum((1, 2))
        of_the_rest = gamma**2 * torch.cat([variance, nothing])
        variance = (weights * ((targets - mean[:, None, None]).square() + of_the_rest)).sum((1, 2))
    return Moments(mean, variance)
