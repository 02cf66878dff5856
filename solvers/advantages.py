"""Critic-free advantages: GRPO, RLOO and REINFORCE++. None of them is differentiated in training."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from solvers.masks import kept
from solvers.returns import discounted_returns, shaped_token_rewards

Deviation = Literal["population", "sample", "none"]
DEVIATIONS: tuple[Deviation, ...] = get_args(Deviation)


def grpo_advantages(rewards: Tensor, std: Deviation = "population", eps: float = 0.0) -> Tensor:
    """(r − mean) / (std + eps) within each group of G completions to one prompt; rewards and result [..., G].

    Equal rewards (max = min) give exactly 0. std: `population` divides squares by G, `sample` by G − 1 (ValueError for
    a group of one), `none` only subtracts the mean (Dr. GRPO, Liu et al. 2025). Shao et al. 2024 (DeepSeekMath),
    section 4.1.2, leaves the kind open. TRL, verl and OpenRLHF all take `sample`, with eps 1e-4, 1e-6 and 1e-9; TRL can
    also take the deviation over the batch.
    """
    size = rewards.shape[-1]
    if std == "sample" and size < 2:
        raise ValueError("A group of one has no sample standard deviation; give two rewards or more in a group.")
    centred, spread = _centred(rewards)
    if std == "none":
        return centred
    # Measured in units of the spread, so that squares can neither overflow nor vanish.
    equal = spread == 0
    unit = centred / spread.masked_fill(equal, 1.0)
    deviation = (unit.square().sum(-1, keepdim=True) / (size - (std == "sample"))).sqrt()
    return unit / (deviation + eps / spread).masked_fill(equal, 1.0)


def rloo_advantages(rewards: Tensor) -> Tensor:
    """r_i − the mean of the other K − 1 rewards, which is K/(K − 1)·(r_i − mean); rewards and result [..., K].

    ValueError for a group of one. Kool et al. 2019; Ahmadian et al. 2024. TRL, verl and OpenRLHF agree.
    """
    size = rewards.shape[-1]
    if size < 2:
        raise ValueError("Leave-one-out needs two samples or more in a group; a group of one leaves nothing.")
    return _centred(rewards)[0] * (size / (size - 1))


def reinforce_pp_advantages(
    rewards: Tensor, kl: Tensor, mask: Tensor, kl_coef: float, gamma: float = 1.0
) -> tuple[Tensor, Tensor]:
    """REINFORCE++: returns and advantages of every token, each [B][T].

    rewards: [B], one a completion; kl: per-token estimate of KL(π‖π_ref) in nats, [B][T]; mask [B][T]. Token rewards
    are −kl_coef·kl plus the completion's reward on its last valid token; returns are discounted rewards to go;
    advantages are the returns standardised over all valid tokens of the batch (population, no eps; all equal give 0).
    Hu 2025, section 3. OpenRLHF has the population variance, verl the sample variance, each with 1e-8 beside it.
    """
    returns = discounted_returns(shaped_token_rewards(rewards, kl, mask, kl_coef), gamma, mask)
    advantages = torch.zeros_like(returns)
    advantages[mask == 1] = grpo_advantages(returns[mask == 1])
    return returns, kept(advantages, mask)


def _centred(rewards: Tensor) -> tuple[Tensor, Tensor]:
    """Rewards minus their mean, and max − min with its dimension kept: 0 only where all are equal.

    The first reward is taken off before the mean, so that a large common offset costs no digits.
    """
    shifted = rewards - rewards[..., :1]
    spread = shifted.amax(-1, keepdim=True) - shifted.amin(-1, keepdim=True)
    return shifted - shifted.mean(-1, keepdim=True), spread
