"""Linear regression three ways: solved, by gradient descent written out, and by nn.Linear with an optimizer."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from solvers.pytorch.modules import blank_linear
from solvers.pytorch.training import train


class Data(NamedTuple):
    """x [N][D] and y [N] = x·weight + bias + noise."""

    x: Tensor
    y: Tensor
    weight: Tensor
    bias: float


class Fit(NamedTuple):
    """weight [D], bias, and the mean squared error before each step."""

    weight: Tensor
    bias: Tensor
    losses: list[float]


def synthetic(rows: int, weight: list[float], bias: float, noise: float, generator: torch.Generator) -> Data:
    """Standard normal inputs, and normal noise of this deviation."""
    true = torch.tensor(weight, dtype=torch.float64)
    x = torch.randn(rows, len(weight), generator=generator, dtype=torch.float64)
    y = x @ true + bias + noise * torch.randn(rows, generator=generator, dtype=torch.float64)
    return Data(x, y, true, bias)


def solved(x: Tensor, y: Tensor) -> Fit:
    """The least-squares solution; what gradient descent ends at. ValueError where it is not unique."""
    design = torch.cat([x, torch.ones_like(x[:, :1])], -1)
    if int(torch.linalg.matrix_rank(design)) < design.shape[-1]:
        raise ValueError("The inputs do not determine the weights: columns depend on each other, or rows are too few.")
    solution = torch.linalg.lstsq(design, y.unsqueeze(-1)).solution.squeeze(-1)
    return Fit(solution[:-1], solution[-1], [float((design @ solution - y).square().mean())])


def by_hand(x: Tensor, y: Tensor, lr: float, steps: int) -> Fit:
    """Gradient descent from 0 on the mean squared error: ∂/∂w = 2/N·xᵀe, ∂/∂b = 2/N·Σe, e = x·w + b − y."""
    weight, bias, losses = x.new_zeros(x.shape[-1]), x.new_zeros(()), []
    for _ in range(steps):
        error = x @ weight + bias - y
        losses.append(float(error.square().mean()))
        weight = weight - lr * 2 * x.T @ error / len(x)
        bias = bias - lr * 2 * error.mean()
    return Fit(weight, bias, losses)


def by_module(x: Tensor, y: Tensor, lr: float, steps: int) -> Fit:
    """The same with nn.Linear, nn.MSELoss and torch.optim.SGD, from 0 too."""
    model = blank_linear(x.shape[-1], 1).to(x.device)
    optimizer = torch.optim.SGD(model.parameters(), lr)
    losses = train(model, lambda: [(x, y.unsqueeze(-1))], nn.MSELoss(), optimizer, epochs=steps)
    return Fit(model.weight.detach()[0], model.bias.detach()[0], losses)
