"""Sampling: filters on the next token's distribution, the best of n samples, and pass@k.

Distributions are over a vocabulary of V tokens; log-probabilities and KL are in nats.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import log_softmax


def sampling_distribution(
    logits: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
) -> Tensor:
    """The probabilities [..., V] that sampling uses: temperature, then top-k, top-p and min-p; None leaves one out.

    Each filter sees the distribution that the one before it left, renormalised. The order, and the ties, are those of
    transformers' `generate`; vLLM's V1 engine applies min-p before the other two. temperature > 0, top_k ≥ 1 (more
    than V keeps all), top_p and min_p in [0, 1].
    Holtzman et al. 2020 (nucleus sampling, top-p); Nguyen et al. 2024 (min-p).
    """
    # The largest logit is moved to 0 first, so that no temperature, however small, makes the quotient overflow to inf.
    scores = (logits - logits.amax(-1, keepdim=True)) / temperature
    if top_k is not None:
        scores = top_k_filter(scores, top_k)
    if top_p is not None:
        scores = top_p_filter(scores, top_p)
    if min_p is not None:
        scores = min_p_filter(scores, min_p)
    return scores.softmax(-1)


def top_k_filter(scores: Tensor, top_k: int) -> Tensor:
    """−inf for all scores [..., V] below the k-th largest; ties with it stay, so more than k may remain."""
    kth = scores.topk(min(top_k, scores.shape[-1]), -1).values[..., -1:]
    return scores.masked_fill(scores < kth, -math.inf)


def top_p_filter(scores: Tensor, top_p: float) -> Tensor:
    """−inf for the least likely tokens [..., V] whose mass, added up from the bottom, is at most 1 − p.

    What remains is the smallest set of likely tokens with mass of at least p. The largest always stays. Of equal
    tokens those with lower index go first (a stable ascending sort).
    """
    ascending, order = scores.sort(dim=-1, stable=True)
    dropped = ascending.softmax(-1).cumsum(-1) <= 1 - top_p
    dropped[..., -1] = False
    return scores.masked_fill(torch.empty_like(dropped).scatter_(-1, order, dropped), -math.inf)


def min_p_filter(scores: Tensor, min_p: float) -> Tensor:
    """−inf for all tokens [..., V] less likely than min_p times the likeliest."""
    probs = scores.softmax(-1)
    return scores.masked_fill(probs < min_p * probs.amax(-1, keepdim=True), -math.inf)


class BestOfN(NamedTuple):
    """distribution [V] of the sample that is picked, its expected reward, and KL(picked ‖ base) in nats."""

    distribution: Tensor
    expected_reward: Tensor
    kl: Tensor


def best_of_n(logits: Tensor, rewards: Tensor, n: int) -> BestOfN:
    """Draw n ≥ 1 samples from softmax(logits), pick the one with the largest reward: what is picked, exactly.

    logits, rewards: [V]. With F(r) the base probability of a reward of at most r, the best reward is r with
    probability F(r)ⁿ − F(r−)ⁿ. Among samples with equal reward the first drawn is picked, which is a draw in
    proportion to the base. For distinct rewards and small probabilities the KL comes near the well-known bound
    log n − (n−1)/n (Beirami et al. 2024), which it never exceeds.
    """
    levels, level = torch.unique(rewards, return_inverse=True)
    log_p = log_softmax(logits, -1)
    log_mass = _logsumexp_by(level, log_p, len(levels))  # base probability of each distinct reward
    log_up_to = log_mass.logcumsumexp(-1)  # log F
    log_up_to = log_up_to - log_up_to[-1]
    # log(Fⁿ − F₋ⁿ) = n·log F + log(1 − (F₋/F)ⁿ), where F₋/F = 1 − mass/F; nothing cancels. Rounding alone can take
    # mass/F above 1, by one unit in the last place.
    below = torch.log1p(-(log_mass - log_mass.logcumsumexp(-1)).exp().clamp(max=1.0))
    log_best = n * log_up_to + torch.log(-torch.expm1(n * below))
    log_ratio = log_best[level] - log_mass[level]  # of picked to base, for each token
    distribution = (log_p + log_ratio).exp()
    kl = torch.where(distribution > 0, distribution * log_ratio, 0.0).sum()
    return BestOfN(distribution, (distribution * rewards).sum(), kl)


def _logsumexp_by(group: Tensor, values: Tensor, groups: int) -> Tensor:
    """logsumexp of `values` within each of `groups` groups."""
    largest = values.new_full((groups,), -math.inf).scatter_reduce(0, group, values, "amax")
    return values.new_zeros(groups).index_add(0, group, (values - largest[group]).exp()).log() + largest


def pass_at_k(n: int, correct: int, k: int) -> float:
    """1 − C(n−c, k)/C(n, k): the chance that k of n samples, c of them correct, hold a correct one.

    0 ≤ c ≤ n and 1 ≤ k ≤ n, else ValueError. Unbiased for the true pass@k, which 1 − (1 − c/n)ᵏ is not.
    Chen et al. 2021 (Codex), eq. 1; as a product, since the binomials themselves overflow.
    """
    if not (0 <= correct <= n and 1 <= k <= n):
        raise ValueError(f"pass@k needs 0 ≤ correct ≤ n and 1 ≤ k ≤ n, not n = {n}, correct = {correct}, k = {k}.")
    few, many = sorted((correct, k))  # C(n−c, k)/C(n, k) is the same with c and k exchanged: take the shorter product
    if n - few < many:
        return 1.0
    factors = torch.arange(n - few + 1, n + 1, dtype=torch.float64)
    return 0.0 - math.expm1(float(torch.log1p(-many / factors).sum()))
