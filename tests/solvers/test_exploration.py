"""Count-based bonuses and curiosity, against loops in plain Python and against what they are for."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.exploration import count_bonus, prediction_error_bonuses


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.sampled_from([0, 0.1, 2]))
def test_each_visit_counts_itself(visits: list[int], beta: float) -> None:
    got = solve("count-bonus", {"visits": visits, "beta": beta})
    assert got["counts"] == [visits[: t + 1].count(s) for t, s in enumerate(visits)]
    assert got["bonuses"] == pytest.approx([beta / math.sqrt(n) for n in got["counts"]])


def test_bonuses_of_a_table_of_counts() -> None:
    assert count_bonus(torch.tensor([[1, 4], [100, 25]]), 0.5).tolist() == [[0.5, 0.25], [0.05, 0.1]]


def test_a_forward_model_in_plain_python() -> None:
    features, following = [[1, 0.5], [-2, 1], [0, 3]], [[1, 2, 3], [0, -1, 1], [0.5, 0.5, 0.5]]
    weights = [[0.1, 0.2], [0.3, -0.4], [0.0, 1.0]]
    got = solve(
        "curiosity-bonus",
        {"features": features, "next_features": following, "weights": weights, "learning_rate": 0.1, "scale": 0.5},
    )
    for t, (x, y) in enumerate(zip(features, following, strict=True)):
        errors = [
            target - sum(w * f for w, f in zip(row, x, strict=True)) for row, target in zip(weights, y, strict=True)
        ]
        assert got["bonuses"][t] == pytest.approx(0.25 * sum(e * e for e in errors))
        weights = [
            [w + 0.1 * e * f for w, f in zip(row, x, strict=True)] for row, e in zip(weights, errors, strict=True)
        ]
    for ours, row in zip(got["weights"], weights, strict=True):
        assert ours == pytest.approx(row)


def test_the_model_steps_down_the_gradient_of_its_error() -> None:
    source = torch.Generator().manual_seed(0)
    x, y = torch.randn(1, 3, generator=source), torch.randn(1, 2, generator=source)
    weights = torch.randn(2, 3, generator=source).requires_grad_()
    ((y[0] - weights @ x[0]).square().sum() / 2).backward()
    assert weights.grad is not None
    got = prediction_error_bonuses(x, y, weights.detach(), 0.2, 1.0).weights
    assert torch.allclose(got, weights.detach() - 0.2 * weights.grad)


def test_what_is_learned_bores_and_noise_never_does() -> None:
    """A table of one-hot pairs: a predictable outcome's bonus dies geometrically, a coin's stays near its variance."""
    steps, rate = 2000, 0.05
    coin = torch.randint(2, (steps,), generator=torch.Generator().manual_seed(0)).double()
    always = prediction_error_bonuses(
        torch.ones(steps, 1, dtype=torch.float64),
        torch.ones(steps, 1, dtype=torch.float64),
        torch.zeros(1, 1).double(),
        rate,
        1,
    )
    assert always.bonuses[:50].tolist() == pytest.approx([0.5 * (1 - rate) ** (2 * t) for t in range(50)])
    noisy = prediction_error_bonuses(
        torch.ones(steps, 1, dtype=torch.float64), coin.unsqueeze(-1), torch.zeros(1, 1).double(), rate, 1
    )
    # Of a running mean with rate η the squared error is var·(1 + η/(2 − η)); half of it is the bonus.
    assert noisy.bonuses[500:].mean() == pytest.approx(0.5 * 0.25 * (1 + rate / (2 - rate)), rel=0.05)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("count-bonus", {"visits": [0.5]}, "visits must hold whole numbers"),
        ("count-bonus", {"visits": [-1]}, "visits must hold whole numbers"),
        ("count-bonus", {"beta": -1}, "beta must be"),
        ("curiosity-bonus", {"weights": [[1, 2]]}, "weights has size 2"),
        ("curiosity-bonus", {"next_features": [[1], [2]]}, "next_features has size 2"),
        ("curiosity-bonus", {"learning_rate": -1}, "learning_rate must be"),
    ],
)
def test_senseless_input_is_refused(name: str, change: dict[str, Any], says: str) -> None:
    good: dict[str, Any] = {"visits": [0], "beta": 1}
    if name == "curiosity-bonus":
        good = {"features": [[1]], "next_features": [[1]], "weights": [[1]], "learning_rate": 1, "scale": 1}
    with pytest.raises(ValueError, match=says):
        solve(name, {**good, **change})
