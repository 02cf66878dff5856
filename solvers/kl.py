"""KL divergence between policies, estimated from samples and exact, and entropy; all in nats."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

Estimator = Literal["k1", "k2", "k3"]
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)


def kl_estimate(logp: Tensor, ref_logp: Tensor, estimator: Estimator = "k3") -> Tensor:
    """Estimates of KL(π‖π_ref), one for each sample drawn from π; any shape. Schulman 2020 (blog).

    With d = logp − ref_logp: k1 = d; k2 = d²/2; k3 = e^−d − 1 + d. k1 and k3 are unbiased, k2 is not; k2 and k3 are
    never negative. As a *loss* they differ again: the expected gradient of k1 is 0, of k2 that of KL(π‖π_ref), of k3
    that of KL(π_ref‖π). k3 in the loss is GRPO's; k1 in the reward is PPO's, RLOO's and REINFORCE++'s. Nothing is
    clamped here (verl's k3 clamps d to ±20 and k3 to ±10, OpenRLHF everything to ±10).
    """
    d = logp - ref_logp
    if estimator == "k1":
        return d
    if estimator == "k2":
        return d.square() / 2
    return torch.expm1(-d) + d


def categorical_kl(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """KL(p‖q) = Σ p·(log p − log q) of two categorical distributions given by logits [..., V]; result [...]."""
    log_p = log_softmax(logits_p, -1)
    return (log_p.exp() * (log_p - log_softmax(logits_q, -1))).sum(-1)


def categorical_entropy(logits: Tensor) -> Tensor:
    """−Σ p·log p of categorical distributions given by logits [..., V]; result [...], from 0 to log V."""
    log_p = log_softmax(logits, -1)
    return -(log_p.exp() * log_p).sum(-1)
