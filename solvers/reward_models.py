"""Losses of reward models that score one answer at a time: pointwise, outcome (ORM) and process (PRM).

Differentiable in their scores. The pairwise one, Bradley–Terry, is in `solvers.preferences`.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from solvers.masks import kept, last_valid, masked_mean

Scored = Literal["last", "every"]
SCORED: tuple[Scored, ...] = get_args(Scored)
StepReduction = Literal["product", "minimum", "last"]
STEP_REDUCTIONS: tuple[StepReduction, ...] = get_args(StepReduction)


def pointwise_loss(scores: Tensor, targets: Tensor) -> Tensor:
    """Mean of (score − target)² over answers [B]: regression on absolute ratings, in squared units of the rating.

    HelpSteer2 (Wang et al. 2024) trains so; no half.
    """
    return (scores - targets).square().mean()


def outcome_loss(logits: Tensor, labels: Tensor, mask: Tensor, scored: Scored = "last") -> Tensor:
    """An outcome reward model's binary cross-entropy: is the whole answer right? A scalar, in nats.

    logits, mask: [B][T]; labels: [B], 1 for a right answer, 0 for a wrong one (between: a soft label). `last`: the last
    valid token alone is scored, mean over answers. `every`: every valid token predicts the answer's label, mean over
    tokens: Cobbe et al. 2021 found this token-level verifier the better one (section 4.3). ValueError with `last` for a
    row without a valid token.
    """
    targets = labels.unsqueeze(-1).expand_as(logits)
    if scored == "every":
        return masked_mean(_cross_entropy(logits, targets, mask), mask)
    final = last_valid(mask)
    if not bool(final.any(-1).all()):
        raise ValueError("A row is masked from end to end, so it has no last token to score; leave the row out.")
    return masked_mean(_cross_entropy(logits, targets, final), final)


def process_loss(logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """A process reward model's binary cross-entropy over all step ends of the batch together; a scalar, in nats.

    logits, labels, mask: [B][T]; mask is 1 exactly where a step ends. labels: 1 for a right step, 0 for a wrong one, or
    between them (Math-Shepherd's soft estimate: the share of completions from there that end right; Wang et al. 2024,
    eq. 2 to 4). Long solutions weigh more than short ones. Lightman et al. 2023 ("Let's Verify Step by Step"), section
    2.6. A trainer with two logits a step (TRL's former PRMTrainer) has the same loss of their difference.
    """
    return masked_mean(_cross_entropy(logits, labels, mask), mask)


def solution_scores(logits: Tensor, mask: Tensor, reduction: StepReduction = "product") -> Tensor:
    """One score a solution, [B], from its steps' σ(logit) at step ends; logits, mask [B][T].

    `product`: the probability that every step is right, if independent (Lightman et al. 2023, section 2.6); `minimum`:
    the weakest step (Math-Shepherd); `last`: the final step (Snell et al. 2024). ValueError for a row without a step.
    """
    if not bool(mask.any(-1).all()):
        raise ValueError("A row has no step end, so its solution has no score; leave the row out.")
    if reduction == "product":
        return kept(logsigmoid(logits), mask).sum(-1).exp()
    if reduction == "minimum":
        return logits.masked_fill(mask == 0, torch.inf).amin(-1).sigmoid()
    return kept(logits, last_valid(mask)).sum(-1).sigmoid()


def _cross_entropy(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(kept(logits, mask), kept(targets, mask), reduction="none")
