"""JSON in front of solvers.pytorch: optimizers, schedules, clipping and parameter counts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from solvers.gpt import GPTConfig
from solvers.pytorch.modules import gpt_parameter_count
from solvers.pytorch.optimizers import DECAYS, adam_start, adam_step, clip_by_norm, learning_rate, sgd_step
from solvers.shapes import Dims, choice, flag, number, whole


def sgd_steps(
    theta: Any, gradients: Any, lr: Any, momentum: Any, nesterov: Any, weight_decay: Any
) -> dict[str, Tensor]:
    """gradients: [K][N], one row a step; thetas: [K][N], after each."""
    dims = Dims()
    current, velocity = dims.real("theta", theta, "N"), None
    rate, decay = number("lr", lr, 0), number("weight_decay", weight_decay, 0)
    inertia, ahead = number("momentum", momentum, 0), flag("nesterov", nesterov)
    thetas = []
    for gradient in dims.real("gradients", gradients, "K N"):
        current, velocity = sgd_step(current, gradient, velocity, rate, inertia, ahead, decay)
        thetas.append(current)
    return {"thetas": torch.stack(thetas)}


def adam_steps(
    theta: Any, gradients: Any, lr: Any, beta1: Any, beta2: Any, eps: Any, weight_decay: Any, decoupled: Any
) -> dict[str, Tensor]:
    """As `sgd_steps`; mean and square [N] are the running means after the last step. decoupled: AdamW."""
    dims = Dims()
    state = adam_start(dims.real("theta", theta, "N"))
    rate, decay = number("lr", lr, 0), number("weight_decay", weight_decay, 0)
    betas = (_below_one("beta1", beta1), _below_one("beta2", beta2))
    small, apart = number("eps", eps, 0), flag("decoupled", decoupled)
    thetas = []
    for gradient in dims.real("gradients", gradients, "K N"):
        state = adam_step(state, gradient, rate, betas, small, decay, apart)
        thetas.append(state.theta)
    return {"thetas": torch.stack(thetas), "mean": state.mean, "square": state.square}


def learning_rate_at(step: Any, peak: Any, warmup: Any, total: Any, floor: Any, decay: Any) -> dict[str, float]:
    start = whole("warmup", warmup, 0)
    return {
        "learning_rate": learning_rate(
            whole("step", step, 0),
            number("peak", peak, 0),
            start,
            whole("total", total, start),
            number("floor", floor, 0),
            choice("decay", decay, DECAYS),
        )
    }


def clip_gradient(gradient: Any, max_norm: Any) -> dict[str, Tensor]:
    """gradient: [N], of all parameters together."""
    clipped = clip_by_norm([Dims().real("gradient", gradient, "N")], number("max_norm", max_norm, 0, open_low=True))
    return {"gradient": clipped.gradients[0], "norm": clipped.norm}


def gpt_parameters(
    vocab_size: Any, block_size: Any, n_layer: Any, n_head: Any, n_embd: Any, n_inner: Any = None
) -> dict[str, int]:
    config = GPTConfig(
        whole("vocab_size", vocab_size, 1),
        whole("block_size", block_size, 1),
        whole("n_layer", n_layer, 1),
        whole("n_head", n_head, 1),
        whole("n_embd", n_embd, 1),
        n_inner=None if n_inner is None else whole("n_inner", n_inner, 1),
    )
    return {"parameters": gpt_parameter_count(config)}


def _below_one(name: str, value: Any) -> float:
    real = number(name, value, 0)
    if real >= 1:
        raise ValueError(f"{name} must be less than 1, not {real:g}: a running mean must take something in.")
    return real
