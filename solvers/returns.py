"""Returns and advantages by reward: rewards to go, n-step returns, GAE, and token rewards of RLHF.

Time is the last dimension, [..., T]; anything before it is a batch. Values and returns are in units of reward.
"""

from __future__ import annotations

import torch
from torch import Tensor

from solvers.masks import kept, last_valid


def accumulate(terms: Tensor, decay: Tensor) -> Tensor:
    """y_t = terms_t + decay_t · y_{t+1} from the back, y_T = 0; both [..., T]. What all returns have in common."""
    running = torch.zeros_like(terms[..., 0])
    backwards = []
    for term, factor in zip(reversed(terms.unbind(-1)), reversed(decay.unbind(-1)), strict=True):
        running = term + factor * running
        backwards.append(running)
    return torch.stack(backwards[::-1], -1)


def discounted_returns(rewards: Tensor, gamma: float, mask: Tensor | None = None) -> Tensor:
    """Reward to go G_t = r_t + gamma·G_{t+1}, [..., T]. Sutton & Barto 2018, eq. 3.9.

    mask [..., T]: a masked position is no time step: it earns nothing, costs no discount, and its output is 0. For
    masked positions between valid ones (tool output) verl instead resets the sum and OpenRLHF discounts once more;
    padding at either end comes out the same.
    """
    if mask is None:
        return accumulate(rewards, torch.full_like(rewards, gamma))
    return kept(accumulate(kept(rewards, mask), gamma * mask + (1 - mask)), mask)


def n_step_returns(rewards: Tensor, values: Tensor, discounts: Tensor, n: int) -> Tensor:
    """G_t = r_t + d_t·(r_{t+1} + d_{t+1}·(… + d_{t+n-1}·values_{t+n})), [..., T]. Sutton & Barto 2018, eq. 7.1.

    rewards, discounts: [..., T]; values: [..., T+1]; a discount of 0 ends an episode. A window that runs past the end
    is shorter and bootstraps from the last value, as in rlax.n_step_bootstrapped_returns.
    """
    length = rewards.shape[-1]
    n = min(n, length)
    start = torch.arange(length, device=rewards.device)
    returns = values[..., (start + n).clamp(max=length)]
    for ahead in reversed(range(n)):
        step = (start + ahead).clamp(max=length - 1)
        longer = rewards[..., step] + discounts[..., step] * returns
        returns = torch.where(start + ahead < length, longer, returns)
    return returns


def gae(
    rewards: Tensor,
    values: Tensor,
    next_values: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    gamma: float,
    lam: float,
) -> tuple[Tensor, Tensor]:
    """Generalised advantages and value targets (advantages + values), each [..., T]. Schulman et al. 2016, eq. 16.

    All tensors [..., T], flags 0/1 floats. δ_t = r_t + gamma·V'_t·(1 − terminated_t) − V_t, where V'_t = next_values_t
    is the value of the state that followed, *before* any reset: so a truncated episode bootstraps and a terminated one
    does not. Both end the sum of gamma·lam-weighted δ. This is torchrl and Stable-Baselines3; CleanRL takes truncation
    for termination, Spinning Up bootstraps alike but regresses values on the discounted return.
    """
    deltas = rewards + gamma * (1 - terminated) * next_values - values
    advantages = accumulate(deltas, gamma * lam * (1 - terminated) * (1 - truncated))
    return advantages, advantages + values


def token_gae(token_rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """GAE over the valid tokens of each completion: advantages and returns (advantages + values), each [..., T].

    All [..., T]. The value after the last valid token is 0: a completion is an episode that terminates, also one that
    was cut for length (verl, OpenRLHF and TRL alike). Masked tokens between valid ones are skipped as if they were not
    there, as in verl; OpenRLHF lets them decay by gamma·lam. Outputs are 0 at masked positions, before any whitening.
    """
    values = kept(values, mask)
    skipping = 1 - mask
    value_from_here = accumulate(values, skipping)  # of this token, or of the next valid one
    next_values = torch.cat([value_from_here[..., 1:], torch.zeros_like(values[..., :1])], -1)
    deltas = kept(kept(token_rewards, mask) + gamma * next_values - values, mask)
    advantages = kept(accumulate(deltas, gamma * lam * mask + skipping), mask)
    return advantages, advantages + values


def shaped_token_rewards(scores: Tensor, kl: Tensor, mask: Tensor, kl_coef: float) -> Tensor:
    """RLHF's reward of each token: −kl_coef·kl, plus the completion's score on its last valid token; [B][T].

    scores: [B]; kl: a per-token estimate of KL(π‖π_ref), [B][T]; mask [B][T]. The last valid token is the last 1 of its
    row's mask wherever the padding is; a row without any has no rewards, and its score is lost. Ziegler et al. 2019,
    eq. 2; verl, OpenRLHF and TRL's PPO.
    """
    return -kl_coef * kept(kl, mask) + last_valid(mask) * scores.unsqueeze(-1)


def placed_step_rewards(length: int, step_ends: Tensor, step_rewards: Tensor) -> Tensor:
    """A process reward model's step rewards [K] on the tokens that end the steps (0-based, [K]); 0 elsewhere, [length].

    Two steps cannot end on one token: ValueError. Lightman et al. 2023; Shao et al. 2024 (DeepSeekMath), section 4.1.3.
    """
    if len(set(step_ends.tolist())) < len(step_ends):
        raise ValueError("step_ends names a token twice; every step must end on a token of its own.")
    return torch.zeros(length, dtype=step_rewards.dtype, device=step_rewards.device).index_copy(
        0, step_ends, step_rewards
    )
