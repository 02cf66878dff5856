"""Learning from what another policy sampled: V-trace, and PPO with truncated importance weights."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from solvers.masks import kept, masked_mean
from solvers.policy_losses import clipped_surrogate
from solvers.returns import accumulate


def truncated_weights(log_ratio: Tensor, cap: float | None) -> Tensor:
    """min(exp(log_ratio), cap) without gradient, elementwise; None truncates nothing. Ionides 2008."""
    return log_ratio.detach().exp().clamp(max=math.inf if cap is None else cap)


class VTrace(NamedTuple):
    """targets v_s of the values, and advantages of the policy, each [..., T], in units of reward, without gradient."""

    targets: Tensor
    advantages: Tensor


def vtrace(
    log_ratio: Tensor,
    rewards: Tensor,
    values: Tensor,
    discounts: Tensor,
    rho_cap: float | None = 1.0,
    c_cap: float | None = 1.0,
    lam: float = 1.0,
) -> VTrace:
    """V-trace targets and advantages of a stretch of T steps. Espeholt et al. 2018 (IMPALA), eq. 1 and section 4.2.

    log_ratio = log π − log μ of the actions that μ sampled, rewards, discounts: [..., T]; values [..., T+1]. A discount
    of 0 ends an episode; else gamma. With ρ = min(π/μ, rho_cap), c = lam·min(π/μ, c_cap) and
    δ_t = ρ_t·(r_t + d_t·V_{t+1} − V_t): v_s = V_s + Σ_{t ≥ s} (Π_{s ≤ i < t} d_i·c_i)·δ_t, v_T = V_T, and the advantage
    is ρ_s·(r_s + d_s·v_{s+1} − V_s). rho_cap decides which policy's value is the fixed point (∝ min(rho_cap·μ, π)),
    c_cap only how fast it is reached; None truncates nothing. On-policy, lam = 1, they are the returns bootstrapped
    from V_T. rlax has c_cap fixed at 1; its advantage agrees for lam = 1, and else mixes v_{s+1} with V_{s+1} by lam.
    """
    current, following = values.detach()[..., :-1], values.detach()[..., 1:]
    rho, c = truncated_weights(log_ratio, rho_cap), lam * truncated_weights(log_ratio, c_cap)
    deltas = rho * (rewards + discounts * following - current)
    targets = current + accumulate(deltas, discounts * c)
    next_targets = torch.cat([targets[..., 1:], following[..., -1:]], -1)
    return VTrace(targets, rho * (rewards + discounts * next_targets - current))


def off_policy_ppo_loss(
    logp: Tensor,
    proximal_logp: Tensor,
    behaviour_logp: Tensor,
    advantages: Tensor,
    mask: Tensor,
    clip_low: float,
    clip_high: float,
    weight_cap: float | None = None,
) -> Tensor:
    """−mean over valid tokens of min(π_prox/μ, weight_cap)·min(r·A, clip(r)·A), r = π/π_prox; a scalar.

    All tensors [B][T]. μ is the policy that sampled (old, or run by an inference engine with other rounding), π_prox
    the one that the clip keeps close to; PPO takes them for the same, and then the weight is 1. The weight carries no
    gradient. None truncates nothing, which is unbiased where no ratio is clipped. Hilton et al. 2022, the
    decoupled objective, as in AReaL; the truncation as in verl's rollout correction and TRL's `token_truncate`.
    """
    policy, proximal = kept(logp, mask), kept(proximal_logp, mask)
    weights = truncated_weights(proximal - kept(behaviour_logp, mask), weight_cap)
    surrogate = clipped_surrogate(policy - proximal, kept(advantages, mask), clip_low, clip_high)
    return -masked_mean(weights * surrogate, mask)
