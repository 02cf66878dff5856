"""Losses of an actor with a critic: the critic's clipped error, PPO's whole objective, and A2C. Minimised."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from solvers.kl import categorical_entropy
from solvers.masks import kept, masked_mean
from solvers.policy_losses import clipped_surrogate, token_log_probs
from solvers.returns import n_step_returns


def squared_value_error(values: Tensor, old_values: Tensor, returns: Tensor, clip_range: float | None) -> Tensor:
    """max((v − R)², (clip(v, v_old ± clip_range) − R)²) elementwise; (v − R)² when clip_range is None.

    Like the policy's clip it is pessimistic: moving further than clip_range from v_old is never rewarded. From OpenAI's
    PPO code, not the paper (Huang et al. 2022, "37 implementation details", detail 9).
    """
    error = (values - returns).square()
    if clip_range is None:
        return error
    clipped = old_values + (values - old_values).clamp(-clip_range, clip_range)
    return torch.maximum(error, (clipped - returns).square())


def value_loss(
    values: Tensor, old_values: Tensor, returns: Tensor, mask: Tensor, clip_range: float | None = None
) -> Tensor:
    """Half of the mean squared_value_error over all valid tokens, a scalar. All tensors [B][T].

    verl and OpenRLHF clip at 0.5, TRL's PPO and CleanRL at 0.2 (CleanRL's vf_coef 0.5 comes on top of the half);
    Stable-Baselines3 has neither the half nor a maximum, and clips only on request.
    """
    error = squared_value_error(kept(values, mask), kept(old_values, mask), kept(returns, mask), clip_range)
    return masked_mean(error, mask) / 2


class PPOObjective(NamedTuple):
    """Scalars: loss = policy_loss + value_loss − entropy_coef·entropy, where value_loss includes its coefficient."""

    policy_loss: Tensor
    value_loss: Tensor
    entropy: Tensor
    loss: Tensor


def ppo_objective(
    logits: Tensor,
    actions: Tensor,
    old_logp: Tensor,
    advantages: Tensor,
    values: Tensor,
    old_values: Tensor,
    returns: Tensor,
    clip_range: float,
    value_coef: float,
    entropy_coef: float,
    value_clip: float | None = None,
) -> PPOObjective:
    """PPO's three terms over a minibatch of N transitions. Schulman et al. 2017, eq. 9, with the sign turned to a loss.

    logits: [N][A]; actions (indices), old_logp, advantages, values, old_values, returns: [N]; means over N. Advantages
    are taken as given: normalise them before (CleanRL and Stable-Baselines3 do so per minibatch) or not at all. The
    value error has no half of its own. Entropy in nats.
    """
    log_ratio = token_log_probs(logits, actions) - old_logp
    policy_loss = -clipped_surrogate(log_ratio, advantages, clip_range, clip_range).mean()
    critic_loss = value_coef * squared_value_error(values, old_values, returns, value_clip).mean()
    entropy = categorical_entropy(logits).mean()
    return PPOObjective(policy_loss, critic_loss, entropy, policy_loss + critic_loss - entropy_coef * entropy)


class A2CLoss(NamedTuple):
    """returns and advantages [T] without gradient; the rest scalars. value_loss is before its coefficient."""

    returns: Tensor
    advantages: Tensor
    policy_loss: Tensor
    value_loss: Tensor
    entropy: Tensor
    loss: Tensor


def a2c_loss(
    logits: Tensor,
    actions: Tensor,
    rewards: Tensor,
    terminated: Tensor,
    values: Tensor,
    gamma: float,
    n_step: int,
    value_coef: float,
    entropy_coef: float,
) -> A2CLoss:
    """−mean(A·log π) + value_coef·mean((R − V)²) − entropy_coef·mean(H) over one rollout of T steps.

    logits: [T][A]; actions, rewards, terminated (0/1): [T]; values: [T+1]. R are n-step returns with discount
    gamma·(1 − terminated), bootstrapped from values; A = R − V, not normalised. Neither carries a gradient: only V and
    the log-probabilities do. Mnih et al. 2016, section 4. Stable-Baselines3 alike (its n_step spans the rollout).
    """
    targets = n_step_returns(rewards, values.detach(), gamma * (1 - terminated), n_step)
    predictions = values[:-1]
    advantages = targets - predictions.detach()
    policy_loss = -(advantages * token_log_probs(logits, actions)).mean()
    critic_loss = (targets - predictions).square().mean()
    entropy = categorical_entropy(logits).mean()
    loss = policy_loss + value_coef * critic_loss - entropy_coef * entropy
    return A2CLoss(targets, advantages, policy_loss, critic_loss, entropy, loss)
