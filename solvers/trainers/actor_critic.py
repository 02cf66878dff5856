"""One step of the policy-gradient methods with a critic: A2C and PPO.

Actor and critic are two models; the optimizer holds the parameters of both. A token's reward is RLHF's: the
completion's reward on its last token, less kl_coef times a KL estimate on every one. Metrics: those of
`policy_metrics`, policy_loss, value_loss (before its coefficient), explained_variance (of the returns by the values).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from solvers.actor_critic import a2c_loss, value_loss
from solvers.advantages import grpo_advantages
from solvers.generation import completion_logits, completion_values
from solvers.gpt import GPT, ScalarGPT
from solvers.grpo_variants import with_entropy_bonus
from solvers.kl import ESTIMATORS, Estimator, kl_estimate
from solvers.masks import last_valid
from solvers.policy_losses import ppo_clip_loss, token_log_probs
from solvers.returns import shaped_token_rewards, token_gae
from solvers.shapes import choice, flag, number, whole
from solvers.trainers.steps import (
    Metrics,
    Objective,
    Rollout,
    StepSettings,
    ValuedRollout,
    clip_fraction,
    gradient_step,
    policy_metrics,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorCriticSettings(StepSettings):
    """What A2C and PPO share."""

    kl_coef: float = 0.05  # TRL's default
    kl_estimator: Estimator = "k1"
    gamma: float = 1.0
    value_coef: float = 0.1  # TRL's; Stable-Baselines3 has 0.5
    entropy_coef: float = 0.0

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        for name in ("kl_coef", "value_coef", "entropy_coef"):
            number(name, getattr(self, name), 0)
        number("gamma", self.gamma, 0, 1)
        choice("kl_estimator", self.kl_estimator, ESTIMATORS)

    def token_rewards(self, batch: Rollout) -> Tensor:
        kl = kl_estimate(batch.old_logp, batch.ref_logp, self.kl_estimator)
        return shaped_token_rewards(batch.rewards, kl, batch.mask, self.kl_coef)


@dataclass(frozen=True, slots=True, kw_only=True)
class A2CSettings(ActorCriticSettings):
    n_step: int | None = None  # tokens of reward before bootstrapping; None: all that are left

    def __post_init__(self) -> None:
        ActorCriticSettings.__post_init__(self)
        if self.n_step is not None:
            whole("n_step", self.n_step, 1)


def a2c_objective(policy: GPT, critic: ScalarGPT, batch: Rollout, settings: A2CSettings) -> Objective:
    """`a2c_loss` on the valid tokens of all completions, one episode after the other. Mnih et al. 2016, section 4.

    Advantages and targets come from the critic as it is now: one step a rollout.
    """
    valid = batch.mask == 1
    logits, values = completion_logits(policy, batch.completions), completion_values(critic, batch.completions)
    flat = values[valid]
    longest = batch.mask.shape[-1]  # no window is longer, for each ends with its completion
    result = a2c_loss(
        logits[valid],
        batch.completions.tokens[valid],
        settings.token_rewards(batch)[valid],
        last_valid(batch.mask)[valid],
        torch.cat([flat, torch.zeros_like(flat[:1])]),
        settings.gamma,
        min(settings.n_step or longest, longest),
        settings.value_coef,
        settings.entropy_coef,
    )
    metrics = policy_metrics(logits, token_log_probs(logits, batch.completions.tokens), batch)
    metrics |= {"policy_loss": result.policy_loss, "value_loss": result.value_loss}
    metrics["explained_variance"] = _explained_variance(flat, result.returns)
    return Objective(result.loss, metrics)


def a2c_step(
    policy: GPT, critic: ScalarGPT, optimizer: torch.optim.Optimizer, batch: Rollout, settings: A2CSettings
) -> Metrics:
    """One step of A2C; see `a2c_objective`."""
    return gradient_step(optimizer, a2c_objective(policy, critic, batch, settings), settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PPOSettings(ActorCriticSettings):
    lam: float = 0.95
    clip_low: float = 0.2
    clip_high: float = 0.2
    value_clip: float | None = 0.2
    whiten: bool = True  # standardise advantages over all valid tokens of the batch (population deviation, no eps)

    def __post_init__(self) -> None:
        ActorCriticSettings.__post_init__(self)
        number("lam", self.lam, 0, 1)
        number("clip_low", self.clip_low, 0)
        number("clip_high", self.clip_high, 0)
        if self.value_clip is not None:
            number("value_clip", self.value_clip, 0, open_low=True)
        flag("whiten", self.whiten)


def ppo_objective(policy: GPT, critic: ScalarGPT, batch: ValuedRollout, settings: PPOSettings) -> Objective:
    """`ppo_clip_loss` + value_coef·`value_loss` − entropy_coef·entropy, all token means. Schulman et al. 2017, eq. 9.

    Advantages and returns are `token_gae`'s of the KL-shaped rewards and the *old* values, so every step on a rollout
    has the same ones; returns are taken before whitening. Ouyang et al. 2022 and TRL's PPO trainer.
    """
    logits, values = completion_logits(policy, batch.completions), completion_values(critic, batch.completions)
    logp = token_log_probs(logits, batch.completions.tokens)
    advantages, returns = token_gae(
        settings.token_rewards(batch), batch.old_values, batch.mask, settings.gamma, settings.lam
    )
    valid = batch.mask == 1
    if settings.whiten:
        advantages = advantages.masked_scatter(valid, grpo_advantages(advantages[valid]))
    policy_loss = ppo_clip_loss(logp, batch.old_logp, advantages, batch.mask, settings.clip_low, settings.clip_high)
    critic_loss = value_loss(values, batch.old_values, returns, batch.mask, settings.value_clip)
    loss = with_entropy_bonus(
        policy_loss + settings.value_coef * critic_loss, logits, batch.mask, settings.entropy_coef
    )
    metrics = policy_metrics(logits, logp, batch)
    metrics |= {"policy_loss": policy_loss, "value_loss": critic_loss}
    metrics["clip_fraction"] = clip_fraction(batch.ratio(logp), batch.mask, settings.clip_low, settings.clip_high)
    metrics["explained_variance"] = _explained_variance(values[valid], returns[valid])
    return Objective(loss, metrics)


def ppo_step(
    policy: GPT, critic: ScalarGPT, optimizer: torch.optim.Optimizer, batch: ValuedRollout, settings: PPOSettings
) -> Metrics:
    """One step of PPO; see `ppo_objective`. Take several on one rollout."""
    return gradient_step(optimizer, ppo_objective(policy, critic, batch, settings), settings)


def _explained_variance(values: Tensor, returns: Tensor) -> Tensor:
    """1 − Var(returns − values)/Var(returns); 0 for equal returns, of which nothing is left to explain."""
    spread = returns.var(correction=0)
    if spread == 0:
        return torch.zeros_like(spread)
    return 1 - (returns - values.detach()).var(correction=0) / spread
