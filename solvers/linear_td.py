"""TD with linear function approximation in expectation, and Baird's counterexample: the deadly triad.

Semi-gradient TD(0) moves the weights by alpha·(b − A·w) in expectation, with A = Xᵀ·D·(I − gamma·P)·X and b = Xᵀ·D·r:
X [S][D] the features, D the distribution over states in which updates are made, P [S][S] the target policy's chain.
It converges for small alpha if the eigenvalues of A have positive real parts. On-policy D guarantees that (Tsitsiklis &
Van Roy 1997). Function approximation, bootstrapping and off-policy updates together do not, and leaving out any one
of the three restores it: tables (X = I), Monte Carlo targets (gamma·P out of A), or D that of the target policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from solvers.temporal_difference import Transition


class ExpectedUpdate(NamedTuple):
    """w ← matrix·w + offset is one expected step: matrix = I − alpha·A [D][D], offset = alpha·b [D]."""

    matrix: Tensor
    offset: Tensor


def expected_td_update(
    features: Tensor, chain: Tensor, rewards: Tensor, state_weights: Tensor, alpha: float, gamma: float
) -> ExpectedUpdate:
    """The expected semi-gradient TD(0) step. Sutton & Barto 2018, eq. 9.10 and 9.11.

    features [S][D]; chain [S][S+1], the target policy's transitions with termination last; rewards [S], its expected
    reward in each state; state_weights [S], how often a state is updated.
    """
    weighted = features.T * state_weights
    A = weighted @ (features - gamma * chain[:, :-1] @ features)
    return ExpectedUpdate(torch.eye(len(A), dtype=A.dtype) - alpha * A, alpha * (weighted @ rewards))


def iterate(update: ExpectedUpdate, weights: Tensor, steps: int) -> Tensor:
    """The weights after each of `steps` expected updates, [steps+1][D], the first row being those given."""
    path = [weights]
    for _ in range(steps):
        path.append(update.matrix @ path[-1] + update.offset)
    return torch.stack(path)


def spectral_radius(matrix: Tensor) -> Tensor:
    """The largest absolute eigenvalue: above 1 the iteration diverges from almost every start."""
    eigenvalues: Tensor = torch.linalg.eigvals(matrix)
    return eigenvalues.abs().max()


def semi_gradient_td(
    features: Tensor,
    transitions: Sequence[Transition],
    ratios: Sequence[float],
    alpha: float,
    gamma: float,
    weights: Tensor,
) -> Tensor:
    """The weights [D] after off-policy TD(0) on sampled transitions: w ← w + alpha·ρ·δ·x(s). Sutton & Barto eq. 11.2.

    ratios ρ = π(a|s)/b(a|s), one a transition; δ = r + gamma·x(s')·w − x(s)·w, without the next value on termination.
    """
    for step, ratio in zip(transitions, ratios, strict=True):
        x = features[step.s]
        bootstrap = 0.0 if step.terminated else gamma * (features[step.s2] @ weights)
        weights = weights + alpha * ratio * (step.r + bootstrap - x @ weights) * x
    return weights


class Counterexample(NamedTuple):
    """An MDP P [S][A][S+1], R [S][A]; two policies [S][A]; features [S][D]; the behaviour's state distribution [S];
    and the weights to start from [D].
    """

    P: Tensor
    R: Tensor
    behaviour: Tensor
    target: Tensor
    features: Tensor
    state_weights: Tensor
    start: Tensor


def baird() -> Counterexample:
    """Baird's star, as in Sutton & Barto 2018, example 11.1 and figure 11.1; Baird 1995.

    Seven states, no termination, all rewards 0, so that w = 0 is right and the features can express it. Action 0
    (dashed) leads to one of the upper six states, 1 (solid) to the seventh. The behaviour takes solid one time in
    seven, which makes every state equally frequent; the target always does. The upper six are worth 2·w_i + w_8, the
    seventh w_7 + 2·w_8. The book has gamma 0.99 and alpha 0.01; there the weights diverge, sampled or in expectation.
    """
    P = torch.zeros(7, 2, 8, dtype=torch.float64)
    P[:, 0, :6] = 1 / 6
    P[:, 1, 6] = 1
    features = torch.zeros(7, 8, dtype=torch.float64)
    features[:6, :6] = 2 * torch.eye(6, dtype=torch.float64)
    features[:6, 7] = 1
    features[6, 6], features[6, 7] = 1, 2
    return Counterexample(
        P=P,
        R=torch.zeros(7, 2, dtype=torch.float64),
        behaviour=torch.tensor([[6 / 7, 1 / 7]], dtype=torch.float64).repeat(7, 1),
        target=torch.tensor([[0.0, 1.0]], dtype=torch.float64).repeat(7, 1),
        features=features,
        state_weights=torch.full((7,), 1 / 7, dtype=torch.float64),
        start=torch.tensor([1, 1, 1, 1, 1, 1, 10, 1], dtype=torch.float64),
    )


def baird_update(alpha: float = 0.01, gamma: float = 0.99) -> ExpectedUpdate:
    """Baird's expected update, the one of figure 11.2, right; with the book's gamma its spectral radius is above 1."""
    star = baird()
    chain = torch.einsum("sa,sat->st", star.target, star.P)
    return expected_td_update(star.features, chain, star.R[:, 1], star.state_weights, alpha, gamma)
