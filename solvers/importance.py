"""Off-policy evaluation by importance sampling."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class ImportanceEstimates(NamedTuple):
    """sequence_weights [N]; the rest scalars, in units of return, and ess in samples (from 1 to N)."""

    sequence_weights: Tensor
    ordinary: Tensor
    weighted: Tensor
    per_decision: Tensor
    ess: Tensor


def importance_sampling(
    logp_target: Tensor, logp_behaviour: Tensor, rewards: Tensor, gamma: float
) -> ImportanceEstimates:
    """The target policy's expected return Σ_t gamma^t·r_t from N trajectories that the behaviour policy sampled.

    logp_target, logp_behaviour: log-probabilities of the actions taken, in nats, [N][T]; rewards [N][T]. With
    W = Π_t π/b: ordinary = mean(W·G), unbiased, unbounded variance; weighted = Σ W·G / Σ W, biased, consistent;
    per_decision = mean(Σ_t gamma^t·W_{0…t}·r_t), unbiased, as no reward waits for later actions; ess = (ΣW)²/ΣW².
    Sutton & Barto 2018, eq. 5.5, 5.6 and section 5.9; Precup et al. 2000; ess: Kong 1992. Weights are not clipped.
    """
    cumulative = (logp_target - logp_behaviour).cumsum(-1)
    discounts = gamma ** torch.arange(rewards.shape[-1], dtype=rewards.dtype, device=rewards.device)
    returns = (discounts * rewards).sum(-1)
    weights = cumulative[:, -1].exp()
    shares = cumulative[:, -1].softmax(0)  # W/ΣW, also where every W underflows
    return ImportanceEstimates(
        sequence_weights=weights,
        ordinary=(weights * returns).mean(),
        weighted=(shares * returns).sum(),
        per_decision=(cumulative.exp() * discounts * rewards).sum(-1).mean(),
        ess=1 / shares.square().sum(),
    )
