"""What every trainer shares: the batches, the objective, and the step down its gradient.

Everything runs on the device and in the dtype of the models. Log-probabilities, KL and entropy are in nats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from solvers.generation import Completions, completion_log_probs, completion_values
from solvers.gpt import GPT, ScalarGPT
from solvers.kl import categorical_entropy, kl_estimate
from solvers.masks import kept, masked_mean
from solvers.shapes import number

Metrics = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSettings:
    """What all trainers can set."""

    max_grad_norm: float | None = 1.0  # TRL's, verl's and OpenRLHF's default; None: no clipping

    def __post_init__(self) -> None:
        if self.max_grad_norm is not None:
            number("max_grad_norm", self.max_grad_norm, 0, open_low=True)


class Objective(NamedTuple):
    """A loss to be minimised, with its graph, and what else is worth watching, without."""

    loss: Tensor
    metrics: dict[str, Tensor]


def gradient_step(optimizer: torch.optim.Optimizer, objective: Objective, settings: StepSettings) -> Metrics:
    """One step of the optimizer down the objective's gradient, clipped to max_grad_norm over all its parameters.

    The metrics are those before the step: the objective's own, `loss`, and `grad_norm` before clipping. An
    ArithmeticError, before anything has changed, if the loss is not finite.
    """
    if not bool(objective.loss.isfinite()):
        raise ArithmeticError("The loss is not finite; the weights are left as they were.")
    optimizer.zero_grad()
    objective.loss.backward()  # type: ignore[no-untyped-call]
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    grad_norm = torch.nn.utils.clip_grad_norm_(parameters, settings.max_grad_norm or math.inf)
    tensors = {"loss": objective.loss, "grad_norm": grad_norm, **objective.metrics}
    metrics = {name: float(value.detach()) for name, value in tensors.items()}
    optimizer.step()
    return metrics


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two completions for each of B prompts, the preferred one in `chosen`; row i of both belongs to one pair."""

    chosen: Completions
    rejected: Completions

    def __post_init__(self) -> None:
        if len(self.chosen.tokens) != len(self.rejected.tokens):
            raise ValueError(f"{len(self.chosen.tokens)} chosen and {len(self.rejected.tokens)} rejected do not pair.")


@dataclass(frozen=True, slots=True)
class Rollout:
    """Sampled completions with their rewards [B], and two frozen log-probabilities of every token [B][N].

    old_logp: of the policy when it sampled; ref_logp: of the reference. Groups of completions to one prompt stand one
    after the other. ValueError for shapes that disagree.
    """

    completions: Completions
    rewards: Tensor
    old_logp: Tensor
    ref_logp: Tensor

    def __post_init__(self) -> None:
        shape = self.completions.tokens.shape
        if self.rewards.shape != shape[:1]:
            raise ValueError(f"rewards needs one number for each of {shape[0]} completions: shape [{shape[0]}].")
        for name, logp in (("old_logp", self.old_logp), ("ref_logp", self.ref_logp)):
            if logp.shape != shape:
                raise ValueError(f"{name} must have the shape of the completions, {list(shape)}.")

    @property
    def mask(self) -> Tensor:
        return self.completions.mask

    def grouped_rewards(self, group_size: int) -> Tensor:
        """Rewards [B/group_size][group_size]; ValueError if the groups do not come out even."""
        if len(self.rewards) % group_size:
            raise ValueError(f"{len(self.rewards)} completions do not make groups of {group_size}.")
        return self.rewards.view(-1, group_size)

    def ratio(self, logp: Tensor) -> Tensor:
        """π/π_old of every token, [B][N], without gradient; 1 where masked."""
        return (kept(logp.detach(), self.mask) - kept(self.old_logp, self.mask)).exp()

    def sequence_rewards(self, kl_coef: float) -> Tensor:
        """Rewards less kl_coef·Σ_t k1 of the completion, [B]: KL in the reward of a whole sequence, as in TRL's RLOO.

        Their expectation is E[R] − kl_coef·KL(π_old‖π_ref) of whole completions.
        """
        kl = kl_estimate(kept(self.old_logp, self.mask), kept(self.ref_logp, self.mask), "k1")
        return self.rewards - kl_coef * kl.sum(-1)


@dataclass(frozen=True, slots=True)
class ValuedRollout(Rollout):
    """A rollout with the critic's frozen values [B][N] of the text before each token, for PPO."""

    old_values: Tensor

    def __post_init__(self) -> None:
        Rollout.__post_init__(self)
        if self.old_values.shape != self.completions.tokens.shape:
            raise ValueError(
                f"old_values must have the shape of the completions, {list(self.completions.tokens.shape)}."
            )


@torch.no_grad()
def rollout(policy: GPT, reference: GPT, completions: Completions, rewards: Tensor) -> Rollout:
    """The rollout of completions that `policy` has sampled, before it takes a step.

    old_logp is the policy's own. That is what it sampled from only at temperature 1 without filters; otherwise every
    trainer treats samples of the filtered distribution as if they were the policy's.
    """
    return Rollout(
        completions, rewards, completion_log_probs(policy, completions), completion_log_probs(reference, completions)
    )


@torch.no_grad()
def valued_rollout(
    policy: GPT, reference: GPT, critic: ScalarGPT, completions: Completions, rewards: Tensor
) -> ValuedRollout:
    """As `rollout`, with the critic's values."""
    base = rollout(policy, reference, completions, rewards)
    values = completion_values(critic, completions)
    return ValuedRollout(completions, rewards, base.old_logp, base.ref_logp, values)


def policy_metrics(logits: Tensor, logp: Tensor, batch: Rollout) -> dict[str, Tensor]:
    """reward: mean; kl: k3 of the policy against the reference; entropy; the last two are means over valid tokens.

    logits [B][N][V] and logp [B][N] of the policy as it is. kl is an estimate of KL(π‖π_ref) only for the first step on
    a rollout: later the policy has moved from where the tokens were sampled.
    """
    logits, logp, mask = logits.detach(), logp.detach(), batch.mask
    return {
        "reward": batch.rewards.mean(),
        "kl": masked_mean(kl_estimate(kept(logp, mask), kept(batch.ref_logp, mask), "k3"), mask),
        "entropy": masked_mean(categorical_entropy(logits), mask),
    }


def clip_fraction(ratio: Tensor, mask: Tensor, clip_low: float, clip_high: float) -> Tensor:
    """Share of the valid tokens whose ratio is outside [1 − clip_low, 1 + clip_high]; both [B][N]."""
    outside = (ratio < 1 - clip_low) | (ratio > 1 + clip_high)
    return masked_mean(outside.to(ratio.dtype), mask)
