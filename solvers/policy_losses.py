"""Policy-gradient losses on tokens, to be minimised: REINFORCE, PPO's clipped surrogate and GRPO."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from solvers.kl import kl_estimate
from solvers.masks import kept, masked_mean, row_mean

RatioLevel = Literal["token", "sequence"]
RATIO_LEVELS: tuple[RatioLevel, ...] = get_args(RatioLevel)
Aggregation = Literal["sequence-mean", "token-mean", "constant"]
AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)


def clipped_surrogate(
    log_ratio: Tensor, advantages: Tensor, clip_low: float, clip_high: float, ratio_cap: float | None = None
) -> Tensor:
    """min(r·A, clip(r, 1 − clip_low, 1 + clip_high)·A) with r = exp(log_ratio), elementwise: to be maximised.

    log_ratio: log π_θ − log π_old; any shape that broadcasts with advantages. On a boundary of the band, and inside it,
    the gradient is the unclipped one. Schulman et al. 2017, eq. 7; clip_high > clip_low is DAPO's clip-higher (Yu et
    al. 2025, eq. 10). The ratio is not clamped before (verl and OpenRLHF clamp log_ratio to ±20).
    ratio_cap: r in the unclipped branch is at most this, which bounds the loss where A < 0, and changes nothing else if
    it is at least 1 + clip_high. It is PPO's dual clip, max(min(…), c·A) for A < 0 (Ye et al. 2020; verl's default,
    3), and two-sided clipping (INTELLECT-2, 2025; TRL's `delta`): the same under two names.
    """
    ratio = log_ratio.exp()
    unclipped = ratio if ratio_cap is None else ratio.clamp(max=ratio_cap)
    return torch.minimum(unclipped * advantages, ratio.clamp(1 - clip_low, 1 + clip_high) * advantages)


def ppo_clip_loss(
    logp: Tensor,
    old_logp: Tensor,
    advantages: Tensor,
    mask: Tensor,
    clip_low: float,
    clip_high: float,
    ratio_cap: float | None = None,
) -> Tensor:
    """−the mean clipped surrogate over all valid tokens, a scalar. All tensors [B][T]. ratio_cap: the dual clip.

    The token mean is verl's and OpenRLHF's default; see `grpo_loss` for other ways to aggregate.
    """
    log_ratio = kept(logp, mask) - kept(old_logp, mask)
    return -masked_mean(clipped_surrogate(log_ratio, kept(advantages, mask), clip_low, clip_high, ratio_cap), mask)


def token_log_probs(logits: Tensor, tokens: Tensor) -> Tensor:
    """log π(token) of the token at each position: logits [..., V] and tokens [...] of the same positions (no shift)."""
    return log_softmax(logits, -1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)


def reinforce_loss(logp: Tensor, rewards: Tensor, mask: Tensor, baseline: Tensor | float = 0.0) -> Tensor:
    """−mean over the batch of (R − baseline)·Σ_t log π(token_t): the loss whose gradient is −∇J's REINFORCE estimate.

    logp, mask: [B][T]; rewards: [B], one a completion; baseline: one number, or [B]. The sum over tokens is that of a
    sequence's log-probability, so long completions weigh more; a fully masked row counts 0 and stays in the mean.
    Williams 1992; Sutton & Barto 2018, section 13.4. CleanRL and Spinning Up take the mean over time steps instead.
    """
    return -((rewards - baseline) * kept(logp, mask).sum(-1)).mean()


def aggregate(per_token: Tensor, mask: Tensor, aggregation: Aggregation, max_length: int | None = None) -> Tensor:
    """One number from per-token terms [B][T]; masked positions never count.

    `sequence-mean`: mean over the rows of each row's token mean (GRPO, Shao et al. 2024, eq. 3; TRL `grpo`); a fully
    masked row counts 0 and stays in the mean (verl and OpenRLHF leave it out). `token-mean`: mean over all valid tokens
    (DAPO, Yu et al. 2025, eq. 12; the default of TRL, verl and OpenRLHF). `constant`: sum / (B·max_length), so that a
    token weighs the same in every row (Dr. GRPO, Liu et al. 2025; TRL `dr_grpo`); without max_length a ValueError.
    """
    if aggregation == "sequence-mean":
        return row_mean(per_token, mask).mean()
    if aggregation == "token-mean":
        return masked_mean(per_token, mask)
    if max_length is None:
        raise ValueError("max_length is needed with aggregation constant: the length that every row is divided by.")
    return kept(per_token, mask).sum() / (per_token.shape[0] * max_length)


def grpo_loss(
    logp: Tensor,
    old_logp: Tensor,
    ref_logp: Tensor,
    advantages: Tensor,
    mask: Tensor,
    clip_low: float,
    clip_high: float,
    beta: float,
    ratio: RatioLevel = "token",
    aggregation: Aggregation = "sequence-mean",
    max_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """GRPO's loss, and the KL term in it before beta (aggregated alike); two scalars.

    logp, old_logp, ref_logp, mask: [B][T]; advantages: [B], one a completion. Each token's term is
    −min(r·A, clip(r)·A) + beta·k3(π_θ against π_ref), then `aggregate`d. Shao et al. 2024 (DeepSeekMath), eq. 3 and 4.
    ratio: `token`: r is each token's own; `sequence`: r = exp(mean over the row's valid tokens of the log-ratio), one
    for all tokens of the row, with gradient through every one (GSPO, Zheng et al. 2025, eq. 7). k3 is not multiplied by
    the ratio, as in verl; TRL does so by default (`use_bias_correction_kl`).
    """
    policy = kept(logp, mask)
    log_ratio = policy - kept(old_logp, mask)
    if ratio == "sequence":
        log_ratio = row_mean(log_ratio, mask).unsqueeze(-1).expand_as(log_ratio)
    surrogate = clipped_surrogate(log_ratio, advantages.unsqueeze(-1), clip_low, clip_high)
    kl = kl_estimate(policy, kept(ref_logp, mask), "k3")
    loss = aggregate(beta * kl - surrogate, mask, aggregation, max_length)
    return loss, aggregate(kl, mask, aggregation, max_length)
