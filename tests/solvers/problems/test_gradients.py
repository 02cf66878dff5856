"""The leaves that gradients are taken by are the solver's own."""

from __future__ import annotations

import torch

from solvers.problems.gradients import gradients, leaf


def test_a_leaf_is_a_float64_copy_with_no_tie_to_its_source() -> None:
    for dtype in (torch.float32, torch.float64):
        source = torch.ones(2, dtype=dtype, requires_grad=True) * 3
        copy = leaf(source)
        assert copy.dtype == torch.float64
        assert copy.is_leaf
        assert copy.requires_grad
        with torch.no_grad():
            copy += 1
        assert source.tolist() == [3, 3]


def test_gradients_come_in_the_order_of_the_leaves() -> None:
    x, y = leaf(torch.tensor(2.0)), leaf(torch.tensor(5.0))
    by_y, by_x = gradients(x * x * y, y, x)
    assert (float(by_x), float(by_y)) == (20, 4)
