"""Gradients against formulas, finite differences and torch.autograd.functional."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from solvers.pytorch.autograd import (
    accumulated_gradient,
    backward_gradient,
    detached_product_gradients,
    finite_difference,
    graph,
    hessian_vector,
    intermediate_gradients,
    jacobian_by_rows,
    leaf,
    manual_mlp_gradients,
    second_backward,
    tracking,
    vector_jacobian,
)

X = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)


def test_gradients_add_up_unless_set_back() -> None:
    assert backward_gradient(lambda x: (x**3).sum(), X).tolist() == [3, 12, 27]
    assert accumulated_gradient(lambda x: (x**3).sum(), X, 4).tolist() == [12, 48, 108]
    assert accumulated_gradient(lambda x: (x**3).sum(), X, 4, zero_grad=True).tolist() == [3, 12, 27]
    assert not X.requires_grad


def test_jacobians_and_hessians() -> None:
    def f(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[0] * x[1], x[2].sin(), x.sum()])

    v = torch.tensor([1.0, 2.0, -1.0], dtype=torch.float64)
    want = torch.autograd.functional.jacobian(f, X)
    assert torch.equal(jacobian_by_rows(f, X), want)
    assert torch.allclose(vector_jacobian(f, X, v), v @ want)
    # Σ x_i³·x_0: its Hessian by hand
    a, b, c = X.tolist()
    hessian = torch.tensor([[12 * a**2, 3 * b**2, 3 * c**2], [3 * b**2, 6 * a * b, 0], [3 * c**2, 0, 6 * a * c]])
    assert torch.allclose(hessian_vector(lambda x: (x**3).sum() * x[0], X, v), hessian.double() @ v)


def test_finite_differences_come_near_the_gradient() -> None:
    assert torch.allclose(finite_difference(lambda x: x.exp().sum(), X), X.exp(), rtol=1e-8)


def test_the_graph_names_what_was_done() -> None:
    x = leaf(X)
    assert graph((2 * x).exp().sum()) == ["SumBackward", "ExpBackward", "MulBackward", "AccumulateGrad"]
    assert graph(X.sum()) == []
    shared = x * x  # one leaf, visited once
    assert graph(shared.sum()) == ["SumBackward", "MulBackward", "AccumulateGrad"]


def test_what_tracks_and_what_keeps_its_gradient() -> None:
    assert tracking(X) == {
        "plain": False, "requires_grad": True, "detach": False, "no_grad": False, "detached_shares_memory": True,
    }  # fmt: skip
    grads = intermediate_gradients(X)  # Σx⁴
    assert grads["y"] is None
    assert grads["x"] is not None
    assert grads["y retained"] is not None
    assert grads["x"].tolist() == (4 * X**3).tolist()
    assert grads["y retained"].tolist() == (2 * X**2).tolist()


def test_detaching_one_factor_halves_the_gradient() -> None:
    got = detached_product_gradients(X)
    assert got["x * x"].tolist() == (2 * X).tolist()
    assert got["x * x.detach()"].tolist() == X.tolist()


def test_a_graph_can_be_walked_again_only_if_it_was_kept() -> None:
    assert second_backward(True) == {"grad": torch.tensor(24.0, dtype=torch.float64), "error": None}
    freed = second_backward(False)
    assert float(freed["grad"]) == 12
    assert "second time" in freed["error"]


def test_the_chain_rule_by_hand() -> None:
    generator = torch.Generator().manual_seed(0)
    x, w1, b1, w2, b2 = (
        torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in ((6, 3), (3, 5), (5,), (5, 4), (4,))
    )
    targets = torch.tensor([0, 1, 2, 3, 0, 1])
    parameters = [leaf(p) for p in (w1, b1, w2, b2)]
    loss = F.cross_entropy((x @ parameters[0] + parameters[1]).relu() @ parameters[2] + parameters[3], targets)
    want = [loss.detach(), *torch.autograd.grad(loss, parameters)]
    for got, expected in zip(manual_mlp_gradients(x, targets, w1, b1, w2, b2), want, strict=True):
        assert torch.allclose(got, expected, rtol=0, atol=1e-12)
    with pytest.raises(RuntimeError):
        manual_mlp_gradients(x, targets, w2, b1, w1, b2)
