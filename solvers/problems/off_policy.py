"""JSON in front of solvers.off_policy."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import off_policy
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, number


def vtrace(
    logp_target: Any,
    logp_behaviour: Any,
    rewards: Any,
    values: Any,
    discounts: Any,
    rho_cap: Any,
    c_cap: Any,
    lam: Any,
) -> dict[str, Tensor]:
    dims = Dims()
    return off_policy.vtrace(
        dims.real("logp_target", logp_target, "T") - dims.real("logp_behaviour", logp_behaviour, "T"),
        dims.real("rewards", rewards, "T"),
        dims.real("values", values, "T+1"),
        dims.real("discounts", discounts, "T"),
        number("rho_cap", rho_cap, 0, open_low=True),
        number("c_cap", c_cap, 0, open_low=True),
        number("lam", lam, 0, 1),
    )._asdict()


def off_policy_ppo_loss(
    logp: Any,
    proximal_logp: Any,
    behaviour_logp: Any,
    advantages: Any,
    clip_low: Any,
    clip_high: Any,
    weight_cap: Any = None,
    mask: Any = None,
) -> dict[str, Tensor]:
    dims = Dims()
    new = leaf(dims.real("logp", logp, "B T"))
    loss = off_policy.off_policy_ppo_loss(
        new,
        dims.real("proximal_logp", proximal_logp, "B T"),
        dims.real("behaviour_logp", behaviour_logp, "B T"),
        dims.real("advantages", advantages, "B T"),
        dims.mask("mask", mask, "B T", new),
        number("clip_low", clip_low, 0),
        number("clip_high", clip_high, 0),
        None if weight_cap is None else number("weight_cap", weight_cap, 0, open_low=True),
    )
    (grad_logp,) = gradients(loss, new)
    return {"loss": loss, "grad_logp": grad_logp}
