"""The JSON doors of the PyTorch solvers against torch.optim and torch.nn.utils."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from solvers.catalogue import solve

THETA, GRADIENTS = [1.0, -2.0], [[0.5, 1.0], [-1.0, 2.0], [0.25, 0.0]]


def torch_thetas(make: Any, **options: Any) -> list[list[float]]:
    parameter = nn.Parameter(torch.tensor(THETA, dtype=torch.float64))
    optimizer, path = make([parameter], **options), []
    for gradient in GRADIENTS:
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        path.append(parameter.tolist())
    return path


def close(got: list[list[float]], want: list[list[float]]) -> bool:
    return all(row == pytest.approx(expected, abs=1e-12) for row, expected in zip(got, want, strict=True))


def test_sgd_steps() -> None:
    options = {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}
    got = solve("sgd-steps", {"theta": THETA, "gradients": GRADIENTS, **options})["thetas"]
    assert close(got, torch_thetas(torch.optim.SGD, **options))


@pytest.mark.parametrize("decoupled", [False, True])
def test_adam_steps(decoupled: bool) -> None:
    make = torch.optim.AdamW if decoupled else torch.optim.Adam
    want = torch_thetas(make, lr=0.1, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.01)
    settings = {"lr": 0.1, "beta1": 0.8, "beta2": 0.9, "eps": 1e-6, "weight_decay": 0.01, "decoupled": decoupled}
    got = solve("adam-steps", {"theta": THETA, "gradients": GRADIENTS, **settings})
    assert close(got["thetas"], want)
    with pytest.raises(ValueError, match="beta2 must be less than 1"):
        solve("adam-steps", {"theta": THETA, "gradients": GRADIENTS, **settings, "beta2": 1})


def test_learning_rate_clipping_and_counting() -> None:
    schedule = {"peak": 1.0, "warmup": 10, "total": 110, "floor": 0.2, "decay": "cosine"}
    rates = [solve("learning-rate", {"step": step, **schedule})["learning_rate"] for step in (0, 5, 10, 60, 110, 500)]
    assert rates == pytest.approx([0, 0.5, 1.0, 0.6, 0.2, 0.2])
    with pytest.raises(ValueError, match="total must be at least 10"):
        solve("learning-rate", {"step": 0, **schedule, "total": 5})
    clipped = solve("clip-gradient", {"gradient": [3.0, 4.0], "max_norm": 1})
    assert clipped["norm"] == 5
    assert clipped["gradient"] == pytest.approx([0.6, 0.8], rel=1e-6)
    small = {"vocab_size": 50257, "block_size": 1024, "n_layer": 12, "n_head": 12, "n_embd": 768}
    assert solve("gpt-parameters", small)["parameters"] == 124_439_808
