"""JSON in front of solvers.policy_losses: losses with their gradients."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import policy_losses
from solvers.masks import kept
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, choice, number, whole


def reinforce_loss(logits: Any, tokens: Any, rewards: Any, baseline: Any, mask: Any = None) -> dict[str, Tensor]:
    dims = Dims()
    scores = leaf(dims.real("logits", logits, "B T V"))
    valid = dims.mask("mask", mask, "B T", scores)
    logp = policy_losses.token_log_probs(
        kept(scores, valid.unsqueeze(-1)), dims.index("tokens", tokens, "B T", dims.sizes["V"], valid)
    )
    loss = policy_losses.reinforce_loss(logp, dims.real("rewards", rewards, "B"), valid, number("baseline", baseline))
    (grad_logits,) = gradients(loss, scores)
    return {"loss": loss, "grad_logits": grad_logits}


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


def grpo_loss(
    logp: Any,
    old_logp: Any,
    ref_logp: Any,
    advantages: Any,
    clip_low: Any,
    clip_high: Any,
    beta: Any,
    ratio: Any,
    aggregation: Any,
    max_length: Any = None,
    mask: Any = None,
) -> dict[str, Tensor]:
    dims = Dims()
    new = leaf(dims.real("logp", logp, "B T"))
    loss, kl = policy_losses.grpo_loss(
        new,
        dims.real("old_logp", old_logp, "B T"),
        dims.real("ref_logp", ref_logp, "B T"),
        dims.real("advantages", advantages, "B"),
        dims.mask("mask", mask, "B T", new),
        number("clip_low", clip_low, 0),
        number("clip_high", clip_high, 0),
        number("beta", beta, 0),
        choice("ratio", ratio, policy_losses.RATIO_LEVELS),
        choice("aggregation", aggregation, policy_losses.AGGREGATIONS),
        None if max_length is None else whole("max_length", max_length, 1),
    )
    (grad_logp,) = gradients(loss, new)
    return {"loss": loss, "grad_logp": grad_logp, "kl": kl}
