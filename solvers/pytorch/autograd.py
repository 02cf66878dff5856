"""Autograd: the graph, backward, accumulation, stopping gradients, and the same gradients by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]


def leaf(x: Tensor) -> Tensor:
    """A copy that gradients are collected in: requires_grad, made by nobody."""
    return x.detach().clone().requires_grad_()


def backward_gradient(f: Function, x: Tensor) -> Tensor:
    """What `f(x).backward()` leaves in x.grad; f gives a scalar."""
    return accumulated_gradient(f, x, 1)


def accumulated_gradient(f: Function, x: Tensor, times: int, zero_grad: bool = False) -> Tensor:
    """x.grad after `times` forward and backward passes: it adds up, unless zero_grad sets it back before each."""
    variable = leaf(x)
    for _ in range(times):
        if zero_grad:
            variable.grad = None
        f(variable).backward()  # type: ignore[no-untyped-call]
    assert variable.grad is not None
    return variable.grad


def vector_jacobian(f: Function, x: Tensor, v: Tensor) -> Tensor:
    """vᵀJ, the only thing that backward computes: for a scalar f, v = 1 and this is the gradient."""
    variable = leaf(x)
    (product,) = torch.autograd.grad(f(variable), variable, grad_outputs=v)
    return product


def jacobian_by_rows(f: Function, x: Tensor) -> Tensor:
    """J[i][j] = ∂f_i/∂x_j of vectors, one backward pass for each output."""
    variable = leaf(x)
    output = f(variable)
    rows = [torch.autograd.grad(component, variable, retain_graph=True)[0] for component in output]
    return torch.stack(rows)


def hessian_vector(f: Function, x: Tensor, v: Tensor) -> Tensor:
    """Hv without the Hessian: the gradient of ∇f·v, by differentiating through a first backward (create_graph).

    Pearlmutter 1994; TRPO's Fisher-vector product is one of a KL.
    """
    variable = leaf(x)
    (gradient,) = torch.autograd.grad(f(variable), variable, create_graph=True)
    (product,) = torch.autograd.grad((gradient * v).sum(), variable)
    return product


def finite_difference(f: Function, x: Tensor, h: float = 1e-6) -> Tensor:
    """(f(x + h·e_i) − f(x − h·e_i)) / 2h for every element: wrong by about h², and by rounding of about 1e-16/h."""
    result = torch.zeros_like(x)
    with torch.no_grad():
        for i in range(x.numel()):
            offset = torch.zeros_like(x)
            offset.view(-1)[i] = h
            result.view(-1)[i] = (f(x + offset) - f(x - offset)) / (2 * h)
    return result


def graph(output: Tensor) -> list[str]:
    """The names of the operations that backward would visit from `output`, nearest first, each once.

    "AccumulateGrad" is a leaf. Nothing for a tensor that carries no graph.
    """
    names: list[str] = []
    waiting, seen = [output.grad_fn], set()
    while waiting:
        node = waiting.pop(0)
        if node is None or node in seen:
            continue
        seen.add(node)
        names.append(node.name().rpartition("::")[2].rstrip("0123456789"))
        waiting.extend(parent for parent, _ in node.next_functions)
    return names


def tracking(x: Tensor) -> dict[str, bool]:
    """Does 2x carry a graph? When x is a plain tensor, a leaf, detached, under no_grad, or cut out as a number."""
    variable = leaf(x)
    with torch.no_grad():
        untracked = 2 * variable
    return {
        "plain": (2 * x.detach()).requires_grad,
        "requires_grad": (2 * variable).requires_grad,
        "detach": (2 * variable.detach()).requires_grad,
        "no_grad": untracked.requires_grad,
        "detached_shares_memory": variable.detach().data_ptr() == variable.data_ptr(),
    }


def detached_product_gradients(x: Tensor) -> dict[str, Tensor]:
    """∇Σx² in two ways of writing x·x: both factors tracked give 2x, one detached only x."""
    return {
        "x * x": backward_gradient(lambda v: (v * v).sum(), x),
        "x * x.detach()": backward_gradient(lambda v: (v * v.detach()).sum(), x),
    }


def intermediate_gradients(x: Tensor) -> dict[str, Tensor | None]:
    """.grad after y = x², Σy·y backward: kept at the leaf x, at y only with retain_grad (2y), else None."""
    grads: dict[str, Tensor | None] = {}
    for retain in (False, True):
        variable = leaf(x)
        y = variable.square()
        if retain:
            y.retain_grad()
        y.square().sum().backward()  # type: ignore[no-untyped-call]
        grads["x"] = variable.grad
        grads["y retained" if retain else "y"] = y.grad if retain else None
    return grads


class MLPGradients(NamedTuple):
    """loss, and its derivatives by the four parameters."""

    loss: Tensor
    w1: Tensor
    b1: Tensor
    w2: Tensor
    b2: Tensor


def manual_mlp_gradients(x: Tensor, targets: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> MLPGradients:
    """The chain rule by hand for loss = cross-entropy(relu(x·w1 + b1)·w2 + b2, targets), mean over rows.

    x [N][in], targets [N] classes, w1 [in][hidden], b1 [hidden], w2 [hidden][classes], b2 [classes]. The derivative by
    the logits is (softmax − one-hot)/N; each matrix multiplication sends its gradient back through its transpose.
    """
    before = x @ w1 + b1
    hidden = before.clamp(min=0)
    logits = hidden @ w2 + b2
    logp = logits - logits.logsumexp(-1, keepdim=True)
    rows = torch.arange(len(x), device=x.device)
    by_logits = logp.exp()
    by_logits[rows, targets] -= 1
    by_logits = by_logits / len(x)
    by_before = by_logits @ w2.T * (before > 0)
    loss = -logp[rows, targets].mean()
    return MLPGradients(loss, x.T @ by_before, by_before.sum(0), hidden.T @ by_logits, by_logits.sum(0))


def second_backward(retain_graph: bool) -> dict[str, Any]:
    """y = x³ at 2 walked backward twice: 24 in all if the graph was retained, else an error, for it was freed."""
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    y = x**3
    y.backward(retain_graph=retain_graph)  # type: ignore[no-untyped-call]
    try:
        y.backward()  # type: ignore[no-untyped-call]
    except RuntimeError as problem:
        return {"grad": x.grad, "error": str(problem).partition(".")[0]}
    return {"grad": x.grad, "error": None}
