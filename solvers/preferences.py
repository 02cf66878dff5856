"""Losses on pairs of a preferred (chosen) and a rejected answer: reward models, DPO, IPO.

All differentiable in their log-probabilities or scores; log-probabilities are in nats.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import logsigmoid

from solvers.masks import kept, row_mean


def bradley_terry_loss(chosen: Tensor, rejected: Tensor, margin: Tensor | float | None = None) -> Tensor:
    """Mean over pairs of −log σ(chosen − rejected − margin): a reward model's negative log-likelihood.

    chosen, rejected: scores [B]. margin: [B] or one number, how clear the preference was (Llama 2, eq. 2); None is 0.
    Stable for any difference. TRL's RewardTrainer has the margin, and optionally a centring term that is not here.
    Bradley & Terry 1952; Ouyang et al. 2022 (InstructGPT), eq. 1.
    """
    difference = chosen - rejected
    return -logsigmoid(difference if margin is None else difference - margin).mean()


def pair_accuracy(chosen: Tensor, rejected: Tensor) -> Tensor:
    """Share of the pairs [B] whose chosen score is strictly greater; a tie is not a success, a margin plays no part."""
    return (chosen > rejected).to(chosen.dtype).mean()


class DPOResult(NamedTuple):
    """The scalar loss, and each answer's implicit reward beta·(log π − log π_ref), [B], without gradient."""

    loss: Tensor
    chosen_rewards: Tensor
    rejected_rewards: Tensor


def dpo_loss(
    policy_chosen: Tensor,
    policy_rejected: Tensor,
    ref_chosen: Tensor,
    ref_rejected: Tensor,
    beta: float,
    label_smoothing: float = 0.0,
) -> DPOResult:
    """Mean over pairs of −(1−ε)·log σ(d) − ε·log σ(−d), with d the difference of the two implicit rewards.

    All four: summed log-probabilities of whole answers [B], in nats. beta: strength of the pull to the reference.
    label_smoothing ε: the probability that a label is flipped. ε = 0 is DPO (Rafailov et al. 2023, eq. 7); ε > 0 is
    cDPO (Mitchell 2023), as OpenRLHF has it. TRL's `sigmoid` ignores ε, its `robust` divides by 1 − 2ε as well.
    """
    chosen_rewards = beta * (policy_chosen - ref_chosen)
    rejected_rewards = beta * (policy_rejected - ref_rejected)
    d = chosen_rewards - rejected_rewards
    loss = (-(1 - label_smoothing) * logsigmoid(d) - label_smoothing * logsigmoid(-d)).mean()
    return DPOResult(loss, chosen_rewards.detach(), rejected_rewards.detach())


def ipo_loss(
    chosen_logp: Tensor,
    rejected_logp: Tensor,
    ref_chosen_logp: Tensor,
    ref_rejected_logp: Tensor,
    chosen_mask: Tensor,
    rejected_mask: Tensor,
    tau: float,
    average: bool = False,
) -> Tensor:
    """Mean over pairs of (h − 1/(2·tau))², h the difference between the two answers' log-ratios to the reference.

    The log-probabilities and masks are [B][T], per token. An answer's log-ratio is summed over its tokens (the paper,
    Azar et al. 2023, eq. 17; OpenRLHF) or, with `average`, their mean (TRL). Nothing at masked positions enters. An
    answer without a token has log-ratio 0 when summed, and is a ValueError with `average`: 0 / 0.
    """
    chosen = _log_ratio(chosen_logp, ref_chosen_logp, chosen_mask, average)
    rejected = _log_ratio(rejected_logp, ref_rejected_logp, rejected_mask, average)
    return (chosen - rejected - 1 / (2 * tau)).square().mean()


def _log_ratio(logp: Tensor, ref_logp: Tensor, mask: Tensor, average: bool) -> Tensor:
    # Masked before the subtraction, so that not even an overflow at a masked position can leak.
    ratio = kept(logp, mask) - kept(ref_logp, mask)
    if not average:
        return ratio.sum(-1)
    if not bool(mask.any(-1).all()):
        raise ValueError("A row is masked from end to end, so its tokens have no average; leave the row out.")
    return row_mean(ratio, mask)
