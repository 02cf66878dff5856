"""JSON in front of solvers.actor_critic: losses with their gradients."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import actor_critic
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, number, whole


def value_loss(
    values: Any, old_values: Any, returns: Any, clip_range: Any = None, mask: Any = None
) -> dict[str, Tensor]:
    dims = Dims()
    critic = leaf(dims.real("values", values, "B T"))
    loss = actor_critic.value_loss(
        critic,
        dims.real("old_values", old_values, "B T"),
        dims.real("returns", returns, "B T"),
        dims.mask("mask", mask, "B T", critic),
        _radius("clip_range", clip_range),
    )
    (grad_values,) = gradients(loss, critic)
    return {"loss": loss, "grad_values": grad_values}


def ppo_objective(
    logits: Any,
    actions: Any,
    old_logp: Any,
    advantages: Any,
    values: Any,
    old_values: Any,
    returns: Any,
    clip_range: Any,
    value_coef: Any,
    entropy_coef: Any,
    value_clip: Any = None,
) -> dict[str, Tensor]:
    dims = Dims()
    scores = leaf(dims.real("logits", logits, "N A"))
    critic = leaf(dims.real("values", values, "N"))
    terms = actor_critic.ppo_objective(
        scores,
        dims.index("actions", actions, "N", dims.sizes["A"]),
        dims.real("old_logp", old_logp, "N"),
        dims.real("advantages", advantages, "N"),
        critic,
        dims.real("old_values", old_values, "N"),
        dims.real("returns", returns, "N"),
        number("clip_range", clip_range, 0),
        number("value_coef", value_coef, 0),
        number("entropy_coef", entropy_coef, 0),
        _radius("value_clip", value_clip),
    )
    grad_logits, grad_values = gradients(terms.loss, scores, critic)
    return {**terms._asdict(), "grad_logits": grad_logits, "grad_values": grad_values}


def a2c_loss(
    logits: Any,
    actions: Any,
    rewards: Any,
    terminated: Any,
    values: Any,
    gamma: Any,
    n_step: Any,
    value_coef: Any,
    entropy_coef: Any,
) -> dict[str, Tensor]:
    dims = Dims()
    scores = leaf(dims.real("logits", logits, "T A"))
    critic = leaf(dims.real("values", values, "T+1"))
    terms = actor_critic.a2c_loss(
        scores,
        dims.index("actions", actions, "T", dims.sizes["A"]),
        dims.real("rewards", rewards, "T"),
        dims.flags("terminated", terminated, "T", scores),
        critic,
        number("gamma", gamma, 0, 1),
        whole("n_step", n_step, 1),
        number("value_coef", value_coef, 0),
        number("entropy_coef", entropy_coef, 0),
    )
    grad_logits, grad_values = gradients(terms.loss, scores, critic)
    # The value after the last step only bootstraps, so its gradient is always 0 and the table leaves it out.
    return {**terms._asdict(), "grad_logits": grad_logits, "grad_values": grad_values[:-1]}


def _radius(name: str, value: Any) -> float | None:
    return None if value is None else number(name, value, 0)
