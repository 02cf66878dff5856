"""One step of the policy-gradient methods without a critic: REINFORCE, RLOO, REINFORCE++, GRPO and its variants, CISPO.

The metrics of all are those of `policy_metrics`; where ratios are clipped, clip_fraction too.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from solvers.advantages import DEVIATIONS, grpo_advantages, reinforce_pp_advantages, rloo_advantages
from solvers.generation import completion_logits
from solvers.gpt import GPT
from solvers.grpo_variants import VARIANTS, Variant, cispo_loss, grpo_variant_loss, gspo_ratio
from solvers.kl import kl_estimate
from solvers.policy_losses import AGGREGATIONS, RATIO_LEVELS, ppo_clip_loss, reinforce_loss, token_log_probs
from solvers.shapes import choice, number, whole
from solvers.trainers.steps import (
    Metrics,
    Objective,
    Rollout,
    StepSettings,
    clip_fraction,
    gradient_step,
    policy_metrics,
)


def _policy(policy: GPT, batch: Rollout) -> tuple[Tensor, Tensor]:
    """The policy's logits [B][N][V] and log-probabilities [B][N] of the rollout's tokens, with gradient."""
    logits = completion_logits(policy, batch.completions)
    return logits, token_log_probs(logits, batch.completions.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinforceSettings(StepSettings):
    baseline: float = 0.0  # taken off every reward
    kl_coef: float = 0.0  # KL to the reference in the reward, over the whole completion

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        number("baseline", self.baseline)
        number("kl_coef", self.kl_coef, 0)


def reinforce_objective(policy: GPT, batch: Rollout, settings: ReinforceSettings) -> Objective:
    """`reinforce_loss` of the rewards. Williams 1992. One step a rollout: there is no ratio to correct for a second."""
    logits, logp = _policy(policy, batch)
    loss = reinforce_loss(logp, batch.sequence_rewards(settings.kl_coef), batch.mask, settings.baseline)
    return Objective(loss, policy_metrics(logits, logp, batch))


def reinforce_step(
    policy: GPT, optimizer: torch.optim.Optimizer, batch: Rollout, settings: ReinforceSettings
) -> Metrics:
    """One step of REINFORCE; see `reinforce_objective`."""
    return gradient_step(optimizer, reinforce_objective(policy, batch, settings), settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class RLOOSettings(StepSettings):
    group_size: int  # completions of each prompt
    kl_coef: float = 0.0  # as in ReinforceSettings; TRL's default is 0.05

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        whole("group_size", self.group_size, 2)
        number("kl_coef", self.kl_coef, 0)


def rloo_objective(policy: GPT, batch: Rollout, settings: RLOOSettings) -> Objective:
    """`reinforce_loss` of the leave-one-out advantages. Ahmadian et al. 2024, section 2.3.

    One step a rollout, as in the paper; TRL takes more, with the clipped ratio of whole sequences.
    """
    logits, logp = _policy(policy, batch)
    rewards = batch.sequence_rewards(settings.kl_coef).view_as(batch.grouped_rewards(settings.group_size))
    loss = reinforce_loss(logp, rloo_advantages(rewards).flatten(), batch.mask)
    return Objective(loss, policy_metrics(logits, logp, batch))


def rloo_step(policy: GPT, optimizer: torch.optim.Optimizer, batch: Rollout, settings: RLOOSettings) -> Metrics:
    """One step of RLOO; see `rloo_objective`."""
    return gradient_step(optimizer, rloo_objective(policy, batch, settings), settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinforcePPSettings(StepSettings):
    kl_coef: float = 0.01  # of k1 in every token's reward; OpenRLHF's default
    gamma: float = 1.0
    clip_low: float = 0.2
    clip_high: float = 0.2

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        number("kl_coef", self.kl_coef, 0)
        number("gamma", self.gamma, 0, 1)
        number("clip_low", self.clip_low, 0)
        number("clip_high", self.clip_high, 0)


def reinforce_pp_objective(policy: GPT, batch: Rollout, settings: ReinforcePPSettings) -> Objective:
    """`ppo_clip_loss` of REINFORCE++'s advantages, normalised over the batch's tokens. Hu 2025, section 3."""
    logits, logp = _policy(policy, batch)
    kl = kl_estimate(batch.old_logp, batch.ref_logp, "k1")
    _, advantages = reinforce_pp_advantages(batch.rewards, kl, batch.mask, settings.kl_coef, settings.gamma)
    loss = ppo_clip_loss(logp, batch.old_logp, advantages, batch.mask, settings.clip_low, settings.clip_high)
    metrics = policy_metrics(logits, logp, batch)
    metrics["clip_fraction"] = clip_fraction(batch.ratio(logp), batch.mask, settings.clip_low, settings.clip_high)
    return Objective(loss, metrics)


def reinforce_pp_step(
    policy: GPT, optimizer: torch.optim.Optimizer, batch: Rollout, settings: ReinforcePPSettings
) -> Metrics:
    """One step of REINFORCE++; see `reinforce_pp_objective`."""
    return gradient_step(optimizer, reinforce_pp_objective(policy, batch, settings), settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class GRPOSettings(StepSettings):
    group_size: int  # completions of each prompt
    variant: Variant = VARIANTS["grpo"]
    max_length: int | None = None  # what aggregation `constant` divides by

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        whole("group_size", self.group_size, 1)
        for name in ("clip_low", "clip_high", "beta"):
            number(name, getattr(self.variant, name), 0)
        choice("std", self.variant.std, DEVIATIONS)
        choice("ratio", self.variant.ratio, RATIO_LEVELS)
        choice("aggregation", self.variant.aggregation, AGGREGATIONS)
        if self.max_length is not None:
            whole("max_length", self.max_length, 1)


def grpo_objective(policy: GPT, batch: Rollout, settings: GRPOSettings) -> Objective:
    """`grpo_variant_loss` of the rewards in their groups. Shao et al. 2024 (DeepSeekMath), eq. 3."""
    logits, logp = _policy(policy, batch)
    rewards, variant = batch.grouped_rewards(settings.group_size), settings.variant
    loss = grpo_variant_loss(variant, logp, batch.old_logp, batch.ref_logp, rewards, batch.mask, settings.max_length)
    metrics = policy_metrics(logits, logp, batch)
    ratio = batch.ratio(logp)
    if variant.ratio == "sequence":
        ratio = gspo_ratio(logp.detach(), batch.old_logp, batch.mask).unsqueeze(-1).expand_as(ratio)
    metrics["clip_fraction"] = clip_fraction(ratio, batch.mask, variant.clip_low, variant.clip_high)
    return Objective(loss, metrics)


def grpo_step(policy: GPT, optimizer: torch.optim.Optimizer, batch: Rollout, settings: GRPOSettings) -> Metrics:
    """One step of GRPO or a variant of it; see `grpo_objective`."""
    return gradient_step(optimizer, grpo_objective(policy, batch, settings), settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class CISPOSettings(StepSettings):
    group_size: int  # completions of each prompt
    clip_low: float | None = None  # None: no lower bound, as in the paper
    clip_high: float = 0.28

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        whole("group_size", self.group_size, 1)
        if self.clip_low is not None:
            number("clip_low", self.clip_low, 0)
        number("clip_high", self.clip_high, 0)


def cispo_objective(policy: GPT, batch: Rollout, settings: CISPOSettings) -> Objective:
    """`cispo_loss` of GRPO's advantages. Chen et al. 2025 (MiniMax-M1), eq. 4. Its value is no objective, as there."""
    logits, logp = _policy(policy, batch)
    advantages = grpo_advantages(batch.grouped_rewards(settings.group_size)).flatten()
    loss = cispo_loss(logp, batch.old_logp, advantages, batch.mask, settings.clip_low, settings.clip_high)
    metrics = policy_metrics(logits, logp, batch)
    low = 1.0 if settings.clip_low is None else settings.clip_low
    metrics["clip_fraction"] = clip_fraction(batch.ratio(logp), batch.mask, low, settings.clip_high)
    return Objective(loss, metrics)


def cispo_step(policy: GPT, optimizer: torch.optim.Optimizer, batch: Rollout, settings: CISPOSettings) -> Metrics:
    """One step of CISPO; see `cispo_objective`."""
    return gradient_step(optimizer, cispo_objective(policy, batch, settings), settings)
