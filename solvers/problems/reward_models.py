"""JSON in front of solvers.reward_models: losses with their gradients."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import reward_models
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, choice


def pointwise_rm_loss(scores: Any, targets: Any) -> dict[str, Tensor]:
    dims = Dims()
    predicted = leaf(dims.real("scores", scores, "B"))
    loss = reward_models.pointwise_loss(predicted, dims.real("targets", targets, "B"))
    (grad_scores,) = gradients(loss, predicted)
    return {"loss": loss, "grad_scores": grad_scores}


def orm_loss(logits: Any, labels: Any, scored: Any = "last", mask: Any = None) -> dict[str, Tensor]:
    dims = Dims()
    predicted = leaf(dims.real("logits", logits, "B T"))
    right = _labels(dims.real("labels", labels, "B"))
    valid = dims.mask("mask", mask, "B T", predicted)
    loss = reward_models.outcome_loss(predicted, right, valid, choice("scored", scored, reward_models.SCORED))
    (grad_logits,) = gradients(loss, predicted)
    return {"loss": loss, "grad_logits": grad_logits}


def prm_loss(logits: Any, labels: Any, mask: Any = None) -> dict[str, Tensor]:
    """mask: 1 where a step ends; labels elsewhere are not looked at."""
    dims = Dims()
    predicted = leaf(dims.real("logits", logits, "B T"))
    valid = dims.mask("mask", mask, "B T", predicted)
    right = _labels(dims.real("labels", labels, "B T").masked_fill(valid == 0, 0))
    loss = reward_models.process_loss(predicted, right, valid)
    (grad_logits,) = gradients(loss, predicted)
    return {"loss": loss, "grad_logits": grad_logits}


def prm_score(logits: Any, reduction: Any, mask: Any = None) -> dict[str, Tensor]:
    """One score a solution of its steps' probabilities; mask: 1 where a step ends."""
    dims = Dims()
    predicted = dims.real("logits", logits, "B T")
    valid = dims.mask("mask", mask, "B T", predicted)
    how = choice("reduction", reduction, reward_models.STEP_REDUCTIONS)
    return {"scores": reward_models.solution_scores(predicted, valid, how)}


def _labels(labels: Tensor) -> Tensor:
    if bool(((labels < 0) | (labels > 1)).any()):
        raise ValueError("labels must lie from 0 (wrong) to 1 (right).")
    return labels
