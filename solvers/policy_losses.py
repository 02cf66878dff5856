"""Policy-gradient losses on tokens, to be minimised: REINFORCE, PPO's clipped surrogate and GRPO."""

from __future__ import annotations

import torch
from torch import Tensor

from solvers.masks import kept, masked_mean


def clipped_surrogate(log_ratio: Tensor, advantages: Tensor, clip_low: float, clip_high: float) -> Tensor:
    """min(r·A, clip(r, 1 − clip_low, 1 + clip_high)·A) with r = exp(log_ratio), elementwise: to be maximised.

    log_ratio: log π_θ − log π_old; any shape that broadcasts with advantages. On a boundary of the band, and inside it,
    the gradient is the unclipped one. Schulman et al. 2017, eq. 7; clip_high > clip_low is DAPO's clip-higher (Yu et
    al. 2025, eq. 10). The ratio is not clamped before (verl and OpenRLHF clamp log_ratio to ±20), and there is no dual
    clip (verl's default, 3).
    """
    ratio = log_ratio.exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip_low, 1 + clip_high) * advantages)


def ppo_clip_loss(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip_low: float, clip_high: float
) -> Tensor:
    """−the mean clipped surrogate over all valid tokens, a scalar. All tensors [B][T].

    The token mean is verl's and OpenRLHF's default; see `grpo_loss` for other ways to aggregate.
    """
    log_ratio = kept(logp, mask) - kept(old_logp, mask)
    return -masked_mean(clipped_surrogate(log_ratio, kept(advantages, mask), clip_low, clip_high), mask)
