"""JSON in front of solvers.grpo_variants, and of the dual clip."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import grpo_variants, policy_losses
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, choice, number, whole

_MAX_TOKENS = 10_000_000


def grpo_variant_loss(
    variant: Any, logp: Any, old_logp: Any, ref_logp: Any, rewards: Any, max_length: Any = None, mask: Any = None
) -> dict[str, Tensor]:
    """rewards: of one group, [B]."""
    dims = Dims()
    new = leaf(dims.real("logp", logp, "B T"))
    loss = grpo_variants.grpo_variant_loss(
        grpo_variants.VARIANTS[choice("variant", variant, list(grpo_variants.VARIANTS))],
        new,
        dims.real("old_logp", old_logp, "B T"),
        dims.real("ref_logp", ref_logp, "B T"),
        dims.real("rewards", rewards, "B").unsqueeze(0),
        dims.mask("mask", mask, "B T", new),
        None if max_length is None else whole("max_length", max_length, 1),
    )
    (grad_logp,) = gradients(loss, new)
    return {"loss": loss, "grad_logp": grad_logp}


def dapo_filter(rewards: Any) -> dict[str, Tensor]:
    keep = grpo_variants.dynamic_sampling_filter(Dims().real("rewards", rewards, "N G"))
    return {"keep": keep, "share": keep.double().mean()}


def overlong_penalty(lengths: Any, max_length: Any, cache: Any) -> dict[str, Tensor]:
    longest = whole("max_length", max_length, 1, _MAX_TOKENS)
    tokens = Dims().index("lengths", lengths, "N").double()
    return {"penalties": grpo_variants.overlong_penalty(tokens, longest, whole("cache", cache, 0, longest))}


def gspo_ratio(logp: Any, old_logp: Any, mask: Any = None) -> dict[str, Tensor]:
    dims = Dims()
    new = dims.real("logp", logp, "B T")
    old = dims.real("old_logp", old_logp, "B T")
    return {"ratios": grpo_variants.gspo_ratio(new, old, dims.mask("mask", mask, "B T", new))}


def cispo_loss(
    logp: Any,
    old_logp: Any,
    advantages: Any,
    clip_high: Any,
    aggregation: Any,
    clip_low: Any = None,
    max_length: Any = None,
    mask: Any = None,
) -> dict[str, Tensor]:
    dims = Dims()
    new = leaf(dims.real("logp", logp, "B T"))
    loss = grpo_variants.cispo_loss(
        new,
        dims.real("old_logp", old_logp, "B T"),
        dims.real("advantages", advantages, "B"),
        dims.mask("mask", mask, "B T", new),
        None if clip_low is None else number("clip_low", clip_low, 0),
        number("clip_high", clip_high, 0),
        choice("aggregation", aggregation, policy_losses.AGGREGATIONS),
        None if max_length is None else whole("max_length", max_length, 1),
    )
    (grad_logp,) = gradients(loss, new)
    return {"loss": loss, "grad_logp": grad_logp}


def dual_clip_loss(
    logp: Any, old_logp: Any, advantages: Any, clip_low: Any, clip_high: Any, ratio_cap: Any, mask: Any = None
) -> dict[str, Tensor]:
    dims = Dims()
    new = leaf(dims.real("logp", logp, "B T"))
    high = number("clip_high", clip_high, 0)
    loss = policy_losses.ppo_clip_loss(
        new,
        dims.real("old_logp", old_logp, "B T"),
        dims.real("advantages", advantages, "B T"),
        dims.mask("mask", mask, "B T", new),
        number("clip_low", clip_low, 0),
        high,
        number("ratio_cap", ratio_cap, 1 + high),
    )
    (grad_logp,) = gradients(loss, new)
    return {"loss": loss, "grad_logp": grad_logp}
