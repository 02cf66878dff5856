"""One step on pairs of a preferred and a rejected completion: a Bradley–Terry reward model, DPO, IPO."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from solvers.generation import completion_log_probs, completion_scores
from solvers.gpt import GPT, ScalarGPT
from solvers.preferences import bradley_terry_loss, dpo_loss, ipo_loss, pair_accuracy
from solvers.shapes import flag, number
from solvers.trainers.steps import Metrics, Objective, Pairs, StepSettings, gradient_step


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardModelSettings(StepSettings):
    margin: float = 0.0  # by how much chosen should score above rejected

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        number("margin", self.margin)


def reward_model_objective(reward_model: ScalarGPT, pairs: Pairs, settings: RewardModelSettings) -> Objective:
    """`bradley_terry_loss` of the scores at each completion's last token. Metrics: accuracy, margin (mean difference).

    Ouyang et al. 2022 (InstructGPT), eq. 1.
    """
    chosen, rejected = (completion_scores(reward_model, side) for side in (pairs.chosen, pairs.rejected))
    loss = bradley_terry_loss(chosen, rejected, settings.margin)
    return Objective(loss, _pair_metrics(chosen.detach(), rejected.detach()))


def reward_model_step(
    reward_model: ScalarGPT, optimizer: torch.optim.Optimizer, pairs: Pairs, settings: RewardModelSettings
) -> Metrics:
    """One step of a reward model; see `reward_model_objective`."""
    return gradient_step(optimizer, reward_model_objective(reward_model, pairs, settings), settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class DPOSettings(StepSettings):
    beta: float = 0.1  # pull to the reference
    label_smoothing: float = 0.0  # the probability that a label is flipped (cDPO)

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        number("beta", self.beta, 0, open_low=True)
        number("label_smoothing", self.label_smoothing, 0, 1)


def dpo_objective(policy: GPT, reference: GPT, pairs: Pairs, settings: DPOSettings) -> Objective:
    """`dpo_loss` of whole completions' log-probabilities. Rafailov et al. 2023, eq. 7.

    Metrics, of the implicit rewards beta·log(π/π_ref): accuracy, margin, and the mean of either side.
    """
    policy_chosen, policy_rejected, ref_chosen, ref_rejected = (
        logp.sum(-1) for logp in _pair_log_probs(policy, reference, pairs)
    )
    result = dpo_loss(policy_chosen, policy_rejected, ref_chosen, ref_rejected, settings.beta, settings.label_smoothing)
    metrics = _pair_metrics(result.chosen_rewards, result.rejected_rewards)
    metrics["chosen_reward"] = result.chosen_rewards.mean()
    metrics["rejected_reward"] = result.rejected_rewards.mean()
    return Objective(result.loss, metrics)


def dpo_step(
    policy: GPT, reference: GPT, optimizer: torch.optim.Optimizer, pairs: Pairs, settings: DPOSettings
) -> Metrics:
    """One step of DPO; see `dpo_objective`. The optimizer holds the policy's parameters only."""
    return gradient_step(optimizer, dpo_objective(policy, reference, pairs, settings), settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class IPOSettings(StepSettings):
    tau: float = 0.1  # the margin aimed at is 1/(2·tau), in nats
    average: bool = False  # log-ratios averaged over tokens (TRL) instead of summed (the paper)

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        number("tau", self.tau, 0, open_low=True)
        flag("average", self.average)


def ipo_objective(policy: GPT, reference: GPT, pairs: Pairs, settings: IPOSettings) -> Objective:
    """`ipo_loss` of the completions' log-ratios. Azar et al. 2023, eq. 17.

    Metrics, of log(π/π_ref) summed over tokens whatever `average` says: accuracy and margin.
    """
    logps = _pair_log_probs(policy, reference, pairs)
    loss = ipo_loss(*logps, pairs.chosen.mask, pairs.rejected.mask, settings.tau, settings.average)
    policy_chosen, policy_rejected, ref_chosen, ref_rejected = (logp.detach().sum(-1) for logp in logps)
    return Objective(loss, _pair_metrics(policy_chosen - ref_chosen, policy_rejected - ref_rejected))


def ipo_step(
    policy: GPT, reference: GPT, optimizer: torch.optim.Optimizer, pairs: Pairs, settings: IPOSettings
) -> Metrics:
    """One step of IPO; see `ipo_objective`. The optimizer holds the policy's parameters only."""
    return gradient_step(optimizer, ipo_objective(policy, reference, pairs, settings), settings)


def _pair_log_probs(policy: GPT, reference: GPT, pairs: Pairs) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of every token [B][N]: policy on chosen and rejected, then the reference, without gradient, on both."""
    with torch.no_grad():
        ref_chosen, ref_rejected = (completion_log_probs(reference, side) for side in (pairs.chosen, pairs.rejected))
    return (
        completion_log_probs(policy, pairs.chosen),
        completion_log_probs(policy, pairs.rejected),
        ref_chosen,
        ref_rejected,
    )


def _pair_metrics(chosen: Tensor, rejected: Tensor) -> dict[str, Tensor]:
    return {"accuracy": pair_accuracy(chosen, rejected), "margin": (chosen - rejected).mean()}
