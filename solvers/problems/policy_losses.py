"""JSON in front of solvers.policy_losses: losses with their gradients."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import policy_losses
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, number


def ppo_clip_loss(
    logp: Any, old_logp: Any, advantages: Any, clip_low: Any, clip_high: Any, mask: Any = None
) -> dict[str, Tensor]:
    dims = Dims()
    new = leaf(dims.real("logp", logp, "B T"))
    loss = policy_losses.ppo_clip_loss(
        new,
        dims.real("old_logp", old_logp, "B T"),
        dims.real("advantages", advantages, "B T"),
        dims.mask("mask", mask, "B T", new),
        number("clip_low", clip_low, 0),
        number("clip_high", clip_high, 0),
    )
    (grad_logp,) = gradients(loss, new)
    return {"loss": loss, "grad_logp": grad_logp}
