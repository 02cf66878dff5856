"""TRPO's pieces: the Fisher-vector product, conjugate gradient, and the backtracking line search."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


def fisher_vector_product(
    divergence: Callable[[Tensor], Tensor], theta: Tensor, vector: Tensor, damping: float = 0.0
) -> Tensor:
    """(F + damping·I)·vector without forming F, in the shape of theta, by differentiating twice.

    divergence: θ' ↦ the scalar mean KL(π_theta‖π_θ') over the sampled states, smallest at theta, where its Hessian is
    the Fisher matrix F. Its first derivative, times the vector, is differentiated once more (Pearlmutter 1994): two
    backward passes, memory linear in theta. KL(π_θ'‖π_theta) has the same Hessian there. Schulman et al. 2015,
    appendix C; Spinning Up and sb3-contrib damp by 0.1.
    """
    with torch.enable_grad():
        variable = theta.detach().clone().requires_grad_()
        (slope,) = torch.autograd.grad(divergence(variable), variable, create_graph=True)
        (product,) = torch.autograd.grad((slope * vector.detach()).sum(), variable)
    return product + damping * vector


def fisher_matrix(theta: Tensor, states: Tensor) -> Tensor:
    """F [S·A][S·A] of a tabular softmax policy: the mean over states [N] of E_a[∇log π·∇log πᵀ], theta row by row.

    theta: [S][A]. Block s is (share of s among the states)·(diag(π) − π·πᵀ). Kakade 2001.
    """
    policy = theta.softmax(-1)
    share = torch.bincount(states, minlength=len(theta)).to(theta.dtype) / len(states)
    blocks = torch.diag_embed(policy) - policy.unsqueeze(-1) * policy.unsqueeze(-2)
    rows = torch.arange(len(theta))
    fisher = theta.new_zeros(*theta.shape, *theta.shape)
    fisher[rows, :, rows] = share.reshape(-1, 1, 1) * blocks
    return fisher.reshape(theta.numel(), theta.numel())


class Solution(NamedTuple):
    """x with product(x) ≈ vector, in its shape, and the squared norm of what is left, a scalar."""

    x: Tensor
    residual: Tensor


def conjugate_gradient(
    product: Callable[[Tensor], Tensor], vector: Tensor, iterations: int = 10, tolerance: float = 1e-10
) -> Solution:
    """Solve H·x = vector from x = 0 with a symmetric positive definite H known only through product(v) = H·v.

    Stops after `iterations`, or when the squared residual is at most `tolerance`. But for rounding it is exact after as
    many iterations as H has distinct eigenvalues. Hestenes & Stiefel 1952; 10 iterations in Schulman et al. 2015 and
    Spinning Up, 15 in sb3-contrib.
    """
    x = torch.zeros_like(vector)
    residual = vector.clone()
    direction = residual
    squared = (residual * residual).sum()
    for _ in range(iterations):
        if bool(squared <= tolerance):
            break
        image = product(direction)
        step = squared / (direction * image).sum()
        x = x + step * direction
        residual = residual - step * image
        previous, squared = squared, (residual * residual).sum()
        direction = residual + squared / previous * direction
    return Solution(x, squared)


def backtracking_line_search(
    theta: Tensor,
    full_step: Tensor,
    gain: Callable[[Tensor], Tensor],
    divergence: Callable[[Tensor], Tensor],
    delta: float,
    backtrack_coef: float = 0.8,
    max_backtracks: int = 10,
) -> tuple[Tensor, Tensor] | None:
    """The first theta + backtrack_coef^j·full_step, j = 0 … max_backtracks − 1, that may be taken; None if none may.

    It may if divergence(candidate) ≤ delta and gain(candidate) ≥ 0, where gain is the surrogate less its value at
    theta. Returned with its divergence. Schulman et al. 2015, appendix C; these defaults are Spinning Up's.
    """
    for j in range(max_backtracks):
        candidate = theta + backtrack_coef**j * full_step
        kl = divergence(candidate)
        if bool(kl <= delta) and bool(gain(candidate) >= 0):
            return candidate, kl
    return None
