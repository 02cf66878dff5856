"""JSON in front of solvers.returns."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import returns
from solvers.kl import ESTIMATORS, kl_estimate
from solvers.masks import kept
from solvers.shapes import Dims, choice, number, whole

_MAX_LENGTH = 200_000


def discounted_returns(rewards: Any, gamma: Any) -> dict[str, Tensor]:
    return {"returns": returns.discounted_returns(Dims().real("rewards", rewards, "T"), number("gamma", gamma, 0, 1))}


def gae(
    rewards: Any, values: Any, next_values: Any, terminated: Any, truncated: Any, gamma: Any, lam: Any
) -> dict[str, Tensor]:
    dims = Dims()
    r = dims.real("rewards", rewards, "T")
    advantages, value_targets = returns.gae(
        r,
        dims.real("values", values, "T"),
        dims.real("next_values", next_values, "T"),
        dims.flags("terminated", terminated, "T", r),
        dims.flags("truncated", truncated, "T", r),
        number("gamma", gamma, 0, 1),
        number("lam", lam, 0, 1),
    )
    return {"advantages": advantages, "value_targets": value_targets}


def n_step_returns(rewards: Any, values: Any, discounts: Any, n: Any) -> dict[str, Tensor]:
    dims = Dims()
    r = dims.real("rewards", rewards, "T")
    v = dims.real("values", values, "T+1")
    d = dims.real("discounts", discounts, "T")
    if bool(((d < 0) | (d > 1)).any()):
        raise ValueError("discounts must lie from 0 to 1.")
    return {"returns": returns.n_step_returns(r, v, d, whole("n", n, 1))}


def kl_shaped_gae(
    scores: Any,
    logp: Any,
    ref_logp: Any,
    values: Any,
    kl_coef: Any,
    kl_estimator: Any,
    gamma: Any,
    lam: Any,
    mask: Any = None,
) -> dict[str, Tensor]:
    dims = Dims()
    score = dims.real("scores", scores, "B")
    policy = dims.real("logp", logp, "B T")
    reference = dims.real("ref_logp", ref_logp, "B T")
    critic = dims.real("values", values, "B T")
    valid = dims.mask("mask", mask, "B T", policy)
    kl = kl_estimate(kept(policy, valid), kept(reference, valid), choice("kl_estimator", kl_estimator, ESTIMATORS))
    token_rewards = returns.shaped_token_rewards(score, kl, valid, number("kl_coef", kl_coef, 0))
    advantages, targets = returns.token_gae(
        token_rewards, critic, valid, number("gamma", gamma, 0, 1), number("lam", lam, 0, 1)
    )
    return {"token_rewards": token_rewards, "advantages": advantages, "returns": targets}


def prm_returns(length: Any, step_ends: Any, step_rewards: Any, gamma: Any) -> dict[str, Tensor]:
    dims = Dims()
    tokens = whole("length", length, 1, _MAX_LENGTH)
    ends = dims.index("step_ends", step_ends, "K", tokens)
    token_rewards = returns.placed_step_rewards(tokens, ends, dims.real("step_rewards", step_rewards, "K"))
    to_go = returns.discounted_returns(token_rewards, number("gamma", gamma, 0, 1))
    return {"token_rewards": token_rewards, "returns": to_go}
