"""Optimizers by hand, equal to torch.optim's; learning-rate schedules; clipping.

An optimizer's step is a pure function: parameters, gradient and state in, new parameters and state out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

Decay = Literal["cosine", "linear", "constant"]
DECAYS: tuple[Decay, ...] = get_args(Decay)


class Momentum(NamedTuple):
    """theta, and the velocity (None before the first step)."""

    theta: Tensor
    velocity: Tensor | None


def sgd_step(
    theta: Tensor,
    gradient: Tensor,
    velocity: Tensor | None,
    lr: float,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> Momentum:
    """v ← momentum·v + g, θ ← θ − lr·v (Nesterov: θ − lr·(g + momentum·v)); g includes weight_decay·θ.

    torch.optim.SGD: the first velocity is g itself, and lr multiplies after the momentum, so that a change of lr acts
    at once (Sutskever et al. 2013 keep lr inside the velocity).
    """
    gradient = gradient + weight_decay * theta
    velocity = gradient if velocity is None else momentum * velocity + gradient
    return Momentum(theta - lr * (gradient + momentum * velocity if nesterov else velocity), velocity)


class Adam(NamedTuple):
    """theta, the running means of the gradient and of its square, and the number of steps taken."""

    theta: Tensor
    mean: Tensor
    square: Tensor
    steps: int


def adam_start(theta: Tensor) -> Adam:
    return Adam(theta, torch.zeros_like(theta), torch.zeros_like(theta), 0)


def adam_step(
    state: Adam,
    gradient: Tensor,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    decoupled: bool = False,
) -> Adam:
    """θ ← θ − lr·m̂/(√v̂ + eps), with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ). Kingma & Ba 2015, algorithm 1.

    weight_decay is added to the gradient (Adam), and so divided by √v̂ like the rest; `decoupled` takes
    lr·weight_decay·θ off the parameters instead (AdamW, Loshchilov & Hutter 2019, algorithm 2). The first step is
    lr·sign(g) whatever the size of g, up to eps.
    """
    theta, steps = state.theta, state.steps + 1
    if decoupled:
        theta = theta * (1 - lr * weight_decay)
    else:
        gradient = gradient + weight_decay * theta
    mean = betas[0] * state.mean + (1 - betas[0]) * gradient
    square = betas[1] * state.square + (1 - betas[1]) * gradient.square()
    unbiased_mean, unbiased_square = mean / (1 - betas[0] ** steps), square / (1 - betas[1] ** steps)
    return Adam(theta - lr * unbiased_mean / (unbiased_square.sqrt() + eps), mean, square, steps)


def descended(
    gradient: Callable[[Tensor], Tensor],
    start: Tensor,
    lr: float,
    steps: int,
    momentum: float = 0.0,
    zero_grad: bool = True,
) -> list[Tensor]:
    """Where gradient descent with momentum stands after 0, 1, … `steps` steps.

    zero_grad False is the commonest mistake: every step descends the sum of all gradients so far. (Which is what
    momentum 1 does.)
    """
    path, velocity, collected = [start], None, torch.zeros_like(start)
    for _ in range(steps):
        collected = gradient(path[-1]) + (0 if zero_grad else collected)
        theta, velocity = sgd_step(path[-1], collected, velocity, lr, momentum)
        path.append(theta)
    return path


def learning_rate(
    step: int, peak: float, warmup: int, total: int, floor: float = 0.0, decay: Decay = "cosine"
) -> float:
    """Of step 0, 1, …: linear from 0 to `peak` over `warmup` steps, then down to `floor` at step `total` and after.

    `cosine`: floor + (peak − floor)·(1 + cos(π·p))/2, with p the share of the way from warmup to total (Loshchilov &
    Hutter 2017, eq. 5); `linear`: a straight line; `constant`: peak. With floor 0 these are transformers'
    get_cosine_schedule_with_warmup and get_linear_schedule_with_warmup; step 0 does not move at all. nanoGPT starts
    at 1/(warmup + 1) instead.
    """
    if step < warmup:
        return peak * step / warmup
    if decay == "constant":
        return peak
    share = min(1.0, (step - warmup) / max(1, total - warmup))
    height = (1 + math.cos(math.pi * share)) / 2 if decay == "cosine" else 1 - share
    return floor + (peak - floor) * height


class Clipped(NamedTuple):
    """The gradients after clipping, and their common norm before."""

    gradients: list[Tensor]
    norm: Tensor


def clip_by_norm(gradients: Sequence[Tensor], max_norm: float) -> Clipped:
    """All gradients times min(1, max_norm/(norm + 1e-6)), norm that of all of them as one vector: the direction stays.

    torch.nn.utils.clip_grad_norm_, with its 1e-6. Pascanu et al. 2013, algorithm 1.
    """
    norm = torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt()
    scale = (max_norm / (norm + 1e-6)).clamp(max=1.0)
    return Clipped([gradient * scale for gradient in gradients], norm)


def clip_by_value(gradients: Sequence[Tensor], limit: float) -> list[Tensor]:
    """Each element clamped to ±limit, torch.nn.utils.clip_grad_value_: the direction changes."""
    return [gradient.clamp(-limit, limit) for gradient in gradients]
