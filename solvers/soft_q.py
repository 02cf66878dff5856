"""The KL-regularised optimum, exactly: over a handful of answers, and token by token on a tiny vocabulary.

max over π of E_π[r] − beta·KL(π‖π_ref) has the solution π* = π_ref·exp(r/beta)/Z and the value beta·log Z. Answers of T
tokens from a vocabulary of V are a tree: conditional logits are one tensor for each depth t, [V]^(t+1), the first t
dimensions the prefix; rewards are [V]^T, one a whole answer. Rewards and values in units of reward, logs in nats.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from solvers.kl import categorical_kl


class Optimum(NamedTuple):
    """log π* [..., V] and beta·log Z [...], the soft value: the largest E[r] − beta·KL that any policy reaches."""

    logp: Tensor
    value: Tensor


def kl_regularised_optimum(ref_logits: Tensor, rewards: Tensor, beta: float) -> Optimum:
    """π* ∝ softmax(ref_logits)·exp(rewards/beta) over the last dimension; both [..., V], beta > 0.

    Also called Gibbs, Boltzmann or exponentially tilted. Ziegler et al. 2019; Rafailov et al. 2023 (DPO), eq. 4.
    """
    scores = log_softmax(ref_logits, -1) + rewards / beta
    return Optimum(log_softmax(scores, -1), beta * scores.logsumexp(-1))


def kl_regularised_objective(logits: Tensor, ref_logits: Tensor, rewards: Tensor, beta: float) -> Tensor:
    """E_π[r] − beta·KL(π‖π_ref) with π = softmax(logits), [...]; all [..., V]. What the optimum maximises."""
    return (logits.softmax(-1) * rewards).sum(-1) - beta * categorical_kl(logits, ref_logits)


class SoftValues(NamedTuple):
    """Of every prefix of t tokens: v[t] [V]^t, its soft value; q[t] and logp[t] [V]^(t+1), by its next token.

    v[0] is a scalar, beta·log Z of whole answers.
    """

    v: list[Tensor]
    q: list[Tensor]
    logp: list[Tensor]


def soft_values(ref_logits: Sequence[Tensor], rewards: Tensor, beta: float) -> SoftValues:
    """Soft Q at every token: Q(prefix, a) = V(prefix + a), V(prefix) = beta·log Σ_a π_ref(a|prefix)·exp(Q/beta).

    The recursion of log Z, from the last token, after which V is the reward, to the first. The optimal next token is
    π*(a|prefix) = π_ref(a|prefix)·exp((Q − V)/beta): so beta·log(π*/π_ref) is the soft advantage, and summed over an
    answer it is r − v[0]. Rafailov et al. 2024 ("From r to Q*"), section 3; Levine 2018, section 2. Undiscounted.
    """
    q, v, logp = [], [], []
    value = rewards
    for logits in reversed(ref_logits):
        q.append(value)
        optimum = kl_regularised_optimum(logits, value, beta)
        value = optimum.value
        logp.append(optimum.logp)
        v.append(value)
    return SoftValues(v[::-1], q[::-1], logp[::-1])


def answer_log_probs(logits: Sequence[Tensor]) -> Tensor:
    """log π of every whole answer, [V]^T, from the conditional logits of each depth: the chain rule."""
    total = torch.zeros_like(logits[0][0])
    for conditional in logits:
        total = total.unsqueeze(-1) + log_softmax(conditional, -1)
    return total
