"""TRPO for a tabular softmax policy, small enough for its Fisher matrix to be inverted exactly."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from solvers.kl import categorical_kl
from solvers.natural_gradient import backtracking_line_search
from solvers.policy_losses import token_log_probs


class TRPOStep(NamedTuple):
    """grad, search_direction and new_theta [S][A]; kl: KL(old‖new) of what was returned, in nats."""

    grad: Tensor
    search_direction: Tensor
    new_theta: Tensor
    kl: Tensor
    accepted: bool


def natural_direction(grad: Tensor, theta: Tensor, states: Tensor, damping: float) -> Tensor:
    """H⁻¹·grad with H = F + damping·I, [S][A], for a grad whose every row sums to 0, as a softmax's does.

    F, the Fisher matrix averaged over the sampled states [N], has for each state s, of share w in the sample, one block
    w·(diag(π) − π·πᵀ): a diagonal minus rank one. So Sherman and Morrison's formula inverts it exactly, where TRPO on
    networks needs `conjugate_gradient` on `fisher_vector_product`; in it the row sums of 0 cancel every small
    difference.
    """
    policy = theta.softmax(-1)
    share = torch.bincount(states, minlength=len(theta)).to(theta.dtype).unsqueeze(-1) / len(states)
    diagonal = share * policy + damping
    shift = (grad / diagonal).sum(-1, keepdim=True) / (policy / diagonal).sum(-1, keepdim=True)
    return (grad - policy * shift) / diagonal


def trpo_step(
    theta: Tensor,
    states: Tensor,
    actions: Tensor,
    advantages: Tensor,
    delta: float,
    damping: float = 0.1,
    backtrack_coef: float = 0.8,
    max_backtracks: int = 10,
) -> TRPOStep:
    """One natural-gradient step within KL(old‖new) ≤ delta, with backtracking. Schulman et al. 2015, appendix C.

    theta: logits [S][A]; states, actions (indices), advantages: [N]. The surrogate is mean(π_new/π_old·A), grad its
    gradient at theta; the direction x = (F + damping·I)⁻¹·grad; the full step √(2·delta/(xᵀHx + 1e-8))·x, tried at
    backtrack_coef^j for j = 0 … max_backtracks − 1. Accepted at the first j with KL(old‖new), averaged over the sampled
    states, ≤ delta and the surrogate not worse; else theta stays, with kl 0. A zero gradient is accepted unchanged.
    Spinning Up has this form and these defaults; sb3-contrib measures KL(new‖old) and compares strictly. Damping must
    be more than 0 (ValueError): adding a constant to a state's logits changes nothing, so F alone is singular.
    """
    if damping <= 0:
        raise ValueError("damping must be more than 0: the Fisher matrix alone is singular.")
    old = theta.detach()
    old_logp = token_log_probs(old[states], actions)

    def gain(candidate: Tensor) -> Tensor:
        """The surrogate less its value at theta, without the loss of digits in a difference of the two."""
        return (torch.expm1(token_log_probs(candidate[states], actions) - old_logp) * advantages).mean()

    def mean_kl(candidate: Tensor) -> Tensor:
        return categorical_kl(old[states], candidate[states]).mean()

    with torch.enable_grad():
        variable = old.clone().requires_grad_()
        (grad,) = torch.autograd.grad(gain(variable), variable)
    direction = natural_direction(grad, old, states, damping)
    # Where contributions cancel, rounding leaves a trace of them: that is a zero gradient too.
    if bool(grad.abs().max() <= 1e-14 * advantages.abs().max()):
        return TRPOStep(grad, direction, old, grad.new_zeros(()), True)
    full_step = math.sqrt(2 * delta / (float((direction * grad).sum()) + 1e-8)) * direction  # xᵀHx = xᵀ·grad
    taken = backtracking_line_search(old, full_step, gain, mean_kl, delta, backtrack_coef, max_backtracks)
    if taken is None:
        return TRPOStep(grad, direction, old, grad.new_zeros(()), False)
    new_theta, kl = taken
    return TRPOStep(grad, direction, new_theta, kl, True)
