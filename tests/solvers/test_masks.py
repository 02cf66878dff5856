"""Masked reductions: what is masked plays no part, whatever it holds."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from solvers.masks import kept, last_valid, masked_mean, row_mean


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=4), min_size=1, max_size=4))
def test_last_valid_is_the_last_1_of_each_row(mask: list[list[float]]) -> None:
    want = [[float(m == 1 and 1 not in row[t + 1 :]) for t, m in enumerate(row)] for row in mask]
    assert last_valid(torch.tensor(mask)).tolist() == want


def test_not_even_infinity_or_nan_at_a_masked_position_reaches_values_or_gradients() -> None:
    values = torch.tensor([[1.0, math.inf, 3.0], [math.nan, 5.0, -math.inf]], dtype=torch.float64, requires_grad=True)
    mask = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    mean = masked_mean(values, mask)
    mean.backward()
    assert mean.item() == pytest.approx(3)
    assert values.grad is not None
    assert values.grad.tolist() == [[pytest.approx(1 / 3), 0, pytest.approx(1 / 3)], [0, pytest.approx(1 / 3), 0]]
    assert row_mean(values, mask).tolist() == [2, 5]
    assert kept(values, mask).tolist() == [[1, 0, 3], [0, 5, 0]]


def test_a_row_without_a_valid_position_has_mean_0() -> None:
    assert row_mean(torch.tensor([[7.0, 7.0]]), torch.zeros(1, 2)).tolist() == [0]
