"""Behavioural cloning on tables, and what its errors cost when they compound."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


def behavioural_cloning(states: Tensor, actions: Tensor, shape: tuple[int, int], smoothing: float = 0.0) -> Tensor:
    """The policy [S][A] of maximum likelihood: how often the demonstrations took each action in each state.

    states, actions: the demonstrated pairs, indices [N]; shape: (S, A); smoothing: added to every count, in
    demonstrations (1: Laplace's rule). A state that no demonstration visits gets the uniform policy: the data say
    nothing about it, which is where the trouble begins. Pomerleau 1991; Bain & Sammut 1995.
    """
    counts = torch.full(shape, smoothing, dtype=torch.float64)
    counts.index_put_((states, actions), torch.ones(len(states), dtype=torch.float64), accumulate=True)
    seen = counts.sum(-1, keepdim=True)
    return torch.where(seen > 0, counts / seen, 1 / shape[1])


class Imitation(NamedTuple):
    """Scalars. error ε: the share of steps on which the learner would act otherwise than the expert, on the *expert's*
    states: what supervised training measures. Total costs over the horizon T of both; bound = expert_cost + T²·ε.
    """

    error: Tensor
    expert_cost: Tensor
    learner_cost: Tensor
    bound: Tensor


def state_distributions(P: Tensor, policy: Tensor, start: Tensor, horizon: int) -> Tensor:
    """Where `policy` [S][A] is at times 0 … horizon − 1, [T][S], from the distribution start [S] under P [S][A][S+1].

    A row's missing mass has terminated. The policy may change with time: [T][S][A].
    """
    policies = policy.expand(horizon, *policy.shape[-2:])
    here = start
    distributions = []
    for t in range(horizon):
        distributions.append(here)
        here = torch.einsum("s,sa,sat->t", here, policies[t], P)[:-1]
    return torch.stack(distributions)


def imitation_gap(P: Tensor, costs: Tensor, expert: Tensor, learner: Tensor, start: Tensor, horizon: int) -> Imitation:
    """The exact cost of imitating a deterministic expert imperfectly, without discount; see `Imitation`.

    P [S][A][S+1], costs [S][A] in [0, 1], expert and learner [S][A] (or [T][S][A]), start [S]. The learner's cost never
    exceeds the bound: Ross & Bagnell 2010, theorem 2.1. It is reached where all errors fall on the first step and
    cannot be undone. With errors measured on the learner's own states (DAgger), and no single one costing more than u,
    the excess is at most u·T·ε: Ross et al. 2011, theorem 2.2.
    """
    of_expert = state_distributions(P, expert, start, horizon)
    of_learner = state_distributions(P, learner, start, horizon)
    agreement = (expert * learner).sum(-1)
    error = (of_expert * (1 - agreement)).sum() / horizon
    expert_cost = (of_expert * (expert * costs).sum(-1)).sum()
    learner_cost = (of_learner * (learner * costs).sum(-1)).sum()
    return Imitation(error, expert_cost, learner_cost, expert_cost + horizon**2 * error)


class TightropeCosts(NamedTuple):
    """Expected total costs, in steps off the expert's path, of a learner that errs with probability ε a step."""

    compounding: Tensor
    recovering: Tensor
    bound: Tensor


def tightrope(recovers: bool) -> tuple[Tensor, Tensor, Tensor]:
    """P [2][2][3], costs [2][2] and the expert [2][2] of the smallest example: state 0 on the rope, 1 beside it.

    Action 0 is the expert's and keeps on the rope; action 1 falls off and costs 1. Beside the rope every step costs 1
    for ever; with `recovers` whoever falls is back for the next step, and only the fall itself costs.
    """
    P = torch.zeros(2, 2, 3, dtype=torch.float64)
    P[0, 0, 0] = P[0, 1, 0 if recovers else 1] = 1
    P[1, :, 1] = 1
    costs = torch.tensor([[0, 1], [1, 1]], dtype=torch.float64)
    return P, costs, torch.tensor([[1, 0], [1, 0]], dtype=torch.float64)


def tightrope_costs(epsilon: float, horizon: int) -> TightropeCosts:
    """`imitation_gap` on the `tightrope` in closed form, for a learner that errs with probability epsilon on the rope.

    compounding = Σ_{t=1}^T (1 − (1 − ε)^t), which is ε·T(T + 1)/2 for small ε: quadratic in T, half of the bound
    ε·T²; recovering = ε·T. Ross & Bagnell 2010; Ross et al. 2011 (DAgger) for recovery.
    """
    steps = torch.arange(1, horizon + 1, dtype=torch.float64)
    # 1 − (1 − ε)^t without cancellation; ε = 1 gives log 0 = −∞ and so 1, which is right.
    fallen = -torch.expm1(steps * torch.log1p(torch.tensor(-epsilon, dtype=torch.float64)))
    per_step = torch.tensor(epsilon, dtype=torch.float64)
    return TightropeCosts(fallen.sum(), per_step * horizon, per_step * horizon**2)
