"""Formats from their bit counts, loss scaling against GradScaler, autocast against what is documented."""

from __future__ import annotations

import math

import pytest
import torch

from solvers.pytorch.precision import (
    LossScale,
    autocast_dtypes,
    next_loss_scale,
    number_format,
    rounded,
    scaled_gradient,
    small_updates,
    summed,
    training_bytes,
)


@pytest.mark.parametrize(
    ("dtype", "fraction", "exponent"),
    [(torch.float64, 52, 11), (torch.float32, 23, 8), (torch.bfloat16, 7, 8), (torch.float16, 10, 5)],
)
def test_formats_follow_from_their_bits(dtype: torch.dtype, fraction: int, exponent: int) -> None:
    """IEEE 754: a sign, an exponent with bias 2^(e−1) − 1, and a fraction."""
    got, bias = number_format(dtype), 2 ** (exponent - 1) - 1
    assert got.bytes == (1 + fraction + exponent) // 8
    assert got.eps == 2.0**-fraction
    assert got.largest == (2 - 2.0**-fraction) * 2.0**bias
    assert got.smallest_normal == 2.0 ** (1 - bias)
    assert got.smallest == 2.0 ** (1 - bias - fraction)


def test_rounding_to_the_nearest() -> None:
    x = torch.tensor([1 + 2**-9, 1 + 2**-7, 65504.0, 1e5, 1e-8], dtype=torch.float64)
    assert rounded(x, torch.bfloat16).tolist()[:2] == [1.0, 1 + 2**-7]
    half = rounded(x, torch.float16).tolist()
    assert half[0] == 1 + 2**-9
    assert half[2:] == [65504.0, math.inf, 0.0]


def test_sums_stall_in_low_precision() -> None:
    ones = torch.ones(300, dtype=torch.float64)
    assert summed(ones, torch.bfloat16) == 256  # 257 has no place between 256 and 258, and ties go to even
    assert summed(ones, torch.float32) == 300


def test_small_updates_arrive_only_in_the_master_weight() -> None:
    got = small_updates(1.0, 1e-3, 100, torch.bfloat16)
    assert got.low == 1.0
    assert got.master == pytest.approx(1.1, abs=1e-4)
    enough = small_updates(1.0, 2**-7, 4, torch.bfloat16)
    assert enough.low == enough.master == 1 + 4 * 2**-7


def test_scaling_saves_small_gradients_and_too_much_of_it_overflows() -> None:
    gradient = torch.tensor([1e-8, 3e-3], dtype=torch.float64)
    assert scaled_gradient(gradient, 1.0)[0] == 0
    assert scaled_gradient(gradient, 2.0**16).tolist() == pytest.approx(gradient.tolist(), rel=1e-3)
    assert scaled_gradient(gradient, 2.0**30)[1] == math.inf
    assert scaled_gradient(gradient, 1.0, torch.bfloat16).tolist() == pytest.approx(gradient.tolist(), rel=2**-8)


def test_the_rule_of_grad_scaler() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=3)
    state = LossScale(1024.0, 0)
    for overflow in [False, False, True, False, False, False, False, True, True, False, False, False]:
        optimizer.zero_grad()
        scaler.scale((weight * (math.inf if overflow else 1.0)).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        state = next_loss_scale(state, overflow, interval=3)
        assert state.scale == scaler.get_scale()


@pytest.mark.parametrize("device", ["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def test_autocast_multiplies_in_bfloat16_and_keeps_the_weights(device: str) -> None:
    got = autocast_dtypes(device)
    assert got["linear"] == got["matmul"] == got["relu of linear"] == torch.bfloat16
    assert got["add"] == got["weight"] == got["weight.grad"] == got["cross_entropy"] == torch.float32


def test_sixteen_bytes_a_parameter() -> None:
    assert training_bytes(10)["total"] == training_bytes(10, mixed=False)["total"] == 160
    assert training_bytes(7_500_000_000) == {  # ZeRO's example: 7.5 B parameters take 120 GB
        "weights": 15e9, "gradients": 15e9, "master_weights": 30e9, "adam": 60e9, "total": 120e9,
    }  # fmt: skip
