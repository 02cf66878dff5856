"""One-step temporal-difference learning on tables: TD(0), SARSA, expected SARSA, Q-learning and double Q-learning.

Each goes through the transitions once, in order, and after every one adds alpha·(target − entry) to the entry that it
visited, with target = r + gamma·(value of what comes next). That value is 0 after termination; an episode that was
truncated (a time limit) merely was not watched further, so there it still counts. The tables given are not written to.
Sutton & Barto 2018, chapter 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Transition(NamedTuple):
    """In state s action a earned r and led to s2, where a2 was taken next (None: unknown, or the episode is over).

    truncated is part of what was seen; no update here depends on it. s2 means nothing after termination.
    """

    s: int
    a: int
    r: float
    s2: int
    a2: int | None = None
    terminated: bool = False
    truncated: bool = False


class Learned(NamedTuple):
    """The final table, and the TD error of each transition [N] at the time of its update."""

    table: Tensor
    td_errors: Tensor


def td0(transitions: Sequence[Transition], alpha: float, gamma: float, v0: Tensor) -> Learned:
    """TD(0) prediction from v0 [S] (Sutton & Barto 2018, eq. 6.2); actions play no part."""
    v, errors = v0.clone(), torch.zeros(len(transitions), dtype=v0.dtype)
    for t, step in enumerate(transitions):
        bootstrap = 0.0 if step.terminated else gamma * v[step.s2]
        errors[t] = step.r + bootstrap - v[step.s]
        v[step.s] += alpha * errors[t]
    return Learned(v, errors)


def sarsa(transitions: Sequence[Transition], alpha: float, gamma: float, q0: Tensor) -> Learned:
    """On-policy control from q0 [S][A]: the next value is that of the next action (eq. 6.7).

    ValueError for a transition that neither terminates nor says its next action.
    """

    def next_value(q: Tensor, step: Transition) -> Tensor:
        if step.a2 is None:
            raise ValueError("SARSA needs the next action a2 of every transition that does not terminate.")
        return q[step.s2, step.a2]

    return _control(transitions, alpha, gamma, q0, next_value)


def q_learning(transitions: Sequence[Transition], alpha: float, gamma: float, q0: Tensor) -> Learned:
    """Off-policy control from q0 [S][A]: the next value is the largest (Watkins 1989; eq. 6.8)."""
    return _control(transitions, alpha, gamma, q0, lambda q, step: q[step.s2].max())


def expected_sarsa(
    transitions: Sequence[Transition], alpha: float, gamma: float, q0: Tensor, epsilon: float
) -> Learned:
    """Control from q0 [S][A]: the next value is the mean under the ε-greedy policy of the table (eq. 6.9)."""
    return _control(transitions, alpha, gamma, q0, lambda q, step: epsilon_greedy(q[step.s2], epsilon) @ q[step.s2])


def epsilon_greedy(q: Tensor, epsilon: float) -> Tensor:
    """Probabilities [..., A]: ε shared by all actions, the rest by those of equally large value; ε in [0, 1]."""
    greedy = (q == q.amax(-1, keepdim=True)).to(q.dtype)
    return epsilon / q.shape[-1] + (1 - epsilon) * greedy / greedy.sum(-1, keepdim=True)


def _control(
    transitions: Sequence[Transition],
    alpha: float,
    gamma: float,
    q0: Tensor,
    next_value: Callable[[Tensor, Transition], Tensor],
) -> Learned:
    q, errors = q0.clone(), torch.zeros(len(transitions), dtype=q0.dtype)
    for t, step in enumerate(transitions):
        bootstrap = 0.0 if step.terminated else gamma * next_value(q, step)
        errors[t] = step.r + bootstrap - q[step.s, step.a]
        q[step.s, step.a] += alpha * errors[t]
    return Learned(q, errors)


class DoubleLearned(NamedTuple):
    """Both final tables [S][A], and the TD error of each transition [N] in the table that it updated."""

    first: Tensor
    second: Tensor
    td_errors: Tensor


def double_q_learning(
    transitions: Sequence[Transition], alpha: float, gamma: float, q0: Tensor, q0_second: Tensor, coins: Sequence[int]
) -> DoubleLearned:
    """Two tables [S][A]; coin 1 updates the first, coin 0 the second, one coin a transition.

    The updated table picks the next action (the first of equally large values) and the other one values it, which
    takes away the upward bias of a maximum over noisy values. van Hasselt 2010; Sutton & Barto 2018, eq. 6.10.
    """
    first, second = q0.clone(), q0_second.clone()
    errors = torch.zeros(len(transitions), dtype=q0.dtype)
    for t, (step, coin) in enumerate(zip(transitions, coins, strict=True)):
        updated, other = (first, second) if coin else (second, first)
        bootstrap = 0.0 if step.terminated else gamma * other[step.s2, updated[step.s2].argmax()]
        errors[t] = step.r + bootstrap - updated[step.s, step.a]
        updated[step.s, step.a] += alpha * errors[t]
    return DoubleLearned(first, second, errors)
