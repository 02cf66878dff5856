"""Potential-based reward shaping: hints that cannot change what is optimal."""

from __future__ import annotations

from torch import Tensor


def shaping_rewards(potentials: Tensor, gamma: float) -> Tensor:
    """F_t = gamma·Φ(s_{t+1}) − Φ(s_t), [..., T], to be added to each reward; potentials [..., T+1].

    The potential of a terminal state must be 0, or the sum no longer telescopes to −Φ(s_0) (Grześ 2017); that of the
    state where an episode was truncated stays as it is.
    """
    return gamma * potentials[..., 1:] - potentials[..., :-1]


def shaped_mdp_rewards(P: Tensor, R: Tensor, gamma: float, potential: Tensor) -> Tensor:
    """R [S][A] with the expected shaping added: R(s, a) + gamma·Σ_s' P(s'|s, a)·Φ(s') − Φ(s); potential Φ: [S].

    Termination (the last column of P [S][A][S+1]) has potential 0. Under any policy Q_shaped = Q − Φ, so the order of
    the actions, and with it every optimal policy, stays. Ng, Harada & Russell 1999, theorem 1; for any other form of F
    some MDP has its optimal policy changed. With gamma = 1 it holds where policies terminate.
    """
    return R + gamma * (P[..., :-1] @ potential) - potential.unsqueeze(-1)
