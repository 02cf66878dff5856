"""JSON in front of solvers.preferences: losses on preference pairs with their gradients."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import preferences
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, flag, number


def bradley_terry_loss(chosen: Any, rejected: Any, margin: Any = None) -> dict[str, Any]:
    """margin: null, one number for all pairs, or one for each."""
    dims = Dims()
    better = leaf(dims.real("chosen", chosen, "B"))
    worse = leaf(dims.real("rejected", rejected, "B"))
    loss = preferences.bradley_terry_loss(better, worse, _margin(dims, margin))
    grad_chosen, grad_rejected = gradients(loss, better, worse)
    accuracy = preferences.pair_accuracy(better, worse)
    return {"loss": loss, "grad_chosen": grad_chosen, "grad_rejected": grad_rejected, "accuracy": accuracy}


def _margin(dims: Dims, margin: Any) -> Tensor | float | None:
    if margin is None:
        return None
    if isinstance(margin, (int, float)):
        return number("margin", margin)
    return dims.real("margin", margin, "B")


def dpo_loss(
    policy_chosen: Any, policy_rejected: Any, ref_chosen: Any, ref_rejected: Any, beta: Any, label_smoothing: Any
) -> dict[str, Any]:
    dims = Dims()
    chosen = leaf(dims.real("policy_chosen", policy_chosen, "B"))
    rejected = leaf(dims.real("policy_rejected", policy_rejected, "B"))
    result = preferences.dpo_loss(
        chosen,
        rejected,
        dims.real("ref_chosen", ref_chosen, "B"),
        dims.real("ref_rejected", ref_rejected, "B"),
        number("beta", beta, 0),
        number("label_smoothing", label_smoothing, 0, 1),
    )
    grad_chosen, grad_rejected = gradients(result.loss, chosen, rejected)
    return {
        "loss": result.loss,
        "grad_policy_chosen": grad_chosen,
        "grad_policy_rejected": grad_rejected,
        "chosen_rewards": result.chosen_rewards,
        "rejected_rewards": result.rejected_rewards,
    }


def ipo_loss(
    chosen_logp: Any,
    rejected_logp: Any,
    ref_chosen_logp: Any,
    ref_rejected_logp: Any,
    tau: Any,
    average: Any,
    chosen_mask: Any = None,
    rejected_mask: Any = None,
) -> dict[str, Any]:
    dims = Dims()
    chosen = leaf(dims.real("chosen_logp", chosen_logp, "B T"))
    rejected = leaf(dims.real("rejected_logp", rejected_logp, "B T"))
    loss = preferences.ipo_loss(
        chosen,
        rejected,
        dims.real("ref_chosen_logp", ref_chosen_logp, "B T"),
        dims.real("ref_rejected_logp", ref_rejected_logp, "B T"),
        dims.mask("chosen_mask", chosen_mask, "B T", chosen),
        dims.mask("rejected_mask", rejected_mask, "B T", rejected),
        number("tau", tau, 0, open_low=True),
        flag("average", average),
    )
    grad_chosen, grad_rejected = gradients(loss, chosen, rejected)
    return {"loss": loss, "grad_chosen_logp": grad_chosen, "grad_rejected_logp": grad_rejected}
