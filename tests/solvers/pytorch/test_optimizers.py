"""Optimizers against torch.optim over many steps, schedules against transformers, clipping against torch.nn.utils."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from solvers.pytorch.optimizers import (
    DECAYS,
    adam_start,
    adam_step,
    clip_by_norm,
    clip_by_value,
    descended,
    learning_rate,
    sgd_step,
)

START = [1.0, -2.0, 0.5]


def problem(theta: Tensor) -> Tensor:
    """A curved loss with a gradient that is not the same twice."""
    return (theta**4).sum() / 4 + (theta[0] * theta[1] - theta[2]).square()


def gradient(theta: Tensor) -> Tensor:
    variable = theta.detach().clone().requires_grad_()
    (result,) = torch.autograd.grad(problem(variable), variable)
    return result


def torch_path(make: Callable[..., torch.optim.Optimizer], steps: int = 12, **options: Any) -> Iterator[Tensor]:
    parameter = nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = make([parameter], **options)
    for _ in range(steps):
        optimizer.zero_grad()
        problem(parameter).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        yield parameter.detach().clone()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"weight_decay": 0.1},
        {"momentum": 0.5, "nesterov": True, "weight_decay": 0.1},
    ],
)
def test_sgd(options: dict[str, Any]) -> None:
    theta, velocity = torch.tensor(START, dtype=torch.float64), None
    for want in torch_path(torch.optim.SGD, lr=0.02, **options):
        theta, velocity = sgd_step(theta, gradient(theta), velocity, 0.02, **options)
        assert torch.allclose(theta, want, rtol=0, atol=1e-12)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("decoupled", [False, True])
def test_adam_and_adamw(weight_decay: float, decoupled: bool) -> None:
    options = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": weight_decay}
    state = adam_start(torch.tensor(START, dtype=torch.float64))
    for want in torch_path(torch.optim.AdamW if decoupled else torch.optim.Adam, **options):
        state = adam_step(state, gradient(state.theta), **options, decoupled=decoupled)
        assert torch.allclose(state.theta, want, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e5])
def test_adams_first_step_is_lr_whatever_the_gradient(size: float) -> None:
    state = adam_step(adam_start(torch.zeros(2, dtype=torch.float64)), torch.tensor([size, -size]).double(), lr=0.1)
    assert state.theta.tolist() == pytest.approx([-0.1, 0.1], rel=1e-4)


def test_gradient_descent_on_a_parabola() -> None:
    """θ ← θ − lr·θ: θ_k = (1 − lr)^k·θ_0; without zero_grad the steps are momentum 1's."""
    start = torch.tensor([3.0], dtype=torch.float64)
    path = descended(lambda theta: theta, start, 0.1, 5)
    assert [float(theta) for theta in path] == pytest.approx([3 * 0.9**k for k in range(6)])
    forgotten = descended(lambda theta: theta, start, 0.1, 5, zero_grad=False)
    assert [float(t) for t in forgotten] == pytest.approx(
        [float(t) for t in descended(lambda theta: theta, start, 0.1, 5, momentum=1.0)]
    )
    parameter = nn.Parameter(start.clone())
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    for want in forgotten[1:]:
        (parameter.square().sum() / 2).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        assert float(parameter.detach()) == pytest.approx(float(want), abs=1e-12)


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("warmup", [0, 10])
def test_schedules_of_transformers(transformers: Any, decay: str, warmup: int) -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.3)
    make = getattr(transformers, f"get_{decay}_schedule_with_warmup")
    schedule = make(optimizer, warmup) if decay == "constant" else make(optimizer, warmup, 50)
    for step in range(60):
        if decay != "cosine" or step <= 50:  # theirs rises again after the end
            ours = learning_rate(step, 0.3, warmup, 50, decay=decay)  # type: ignore[arg-type]
            assert ours == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        optimizer.step()
        schedule.step()


def test_the_floor_is_reached_and_kept() -> None:
    assert learning_rate(100, 1.0, 10, 100, floor=0.1) == pytest.approx(0.1)
    assert learning_rate(1000, 1.0, 10, 100, floor=0.1) == pytest.approx(0.1)
    assert learning_rate(55, 1.0, 10, 100, floor=0.1) == pytest.approx(0.55)  # halfway
    assert learning_rate(10, 1.0, 10, 10, floor=0.1) == 1.0  # nothing left to decay over


@pytest.mark.parametrize("limit", [0.1, 1.0, 100.0])
def test_clipping(limit: float) -> None:
    generator = torch.Generator().manual_seed(0)
    gradients = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((3, 2), (4,))]
    parameters = [nn.Parameter(torch.zeros_like(part)) for part in gradients]
    for by_norm in (True, False):
        for parameter, part in zip(parameters, gradients, strict=True):
            parameter.grad = part.clone()
        if by_norm:
            norm = nn.utils.clip_grad_norm_(parameters, limit)
            got = clip_by_norm(gradients, limit)
            assert float(got.norm) == pytest.approx(float(norm), rel=1e-12)
            ours = got.gradients
            assert math.sqrt(sum(float(part.square().sum()) for part in ours)) <= limit
        else:
            nn.utils.clip_grad_value_(parameters, limit)
            ours = clip_by_value(gradients, limit)
        for part, parameter in zip(ours, parameters, strict=True):
            assert parameter.grad is not None
            assert torch.allclose(part, parameter.grad, rtol=1e-12)
