"""Planning in a model learned from experience: the maximum-likelihood MDP, and Dyna-Q."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from solvers.temporal_difference import Learned, Transition, epsilon_greedy
from solvers.worlds import draw, sample_step


class LearnedModel(NamedTuple):
    """P [S][A][S+1] (last column: termination), R [S][A], and how often each pair was tried, counts [S][A]."""

    P: Tensor
    R: Tensor
    counts: Tensor


def maximum_likelihood_model(
    transitions: Sequence[Transition], states: int, actions: int, untried_value: float = 0.0
) -> LearnedModel:
    """The share of each outcome and the mean reward of each pair of state and action.

    A pair never tried terminates with reward untried_value, so that this is what planning takes it to be worth: 0 is
    indifferent, r_max/(1 − gamma) makes planning explore it (R-max, Brafman & Tennenholtz 2002), a low value makes it
    shy away (pessimism, as offline RL has it). A truncated transition counts like any other.
    Sutton & Barto 2018, section 8.2; its plan is the certainty-equivalent policy.
    """
    outcomes = torch.zeros(states, actions, states + 1, dtype=torch.float64)
    earned = torch.zeros(states, actions, dtype=torch.float64)
    for step in transitions:
        outcomes[step.s, step.a, states if step.terminated else step.s2] += 1
        earned[step.s, step.a] += step.r
    counts = outcomes.sum(-1)
    untried = counts == 0
    outcomes[..., -1] += untried
    tries = counts + untried
    return LearnedModel(
        outcomes / tries.unsqueeze(-1), torch.where(untried, untried_value, earned / tries), counts.to(torch.int64)
    )


def dyna_q(
    transitions: Sequence[Transition],
    planned: Sequence[Sequence[tuple[int, int]]],
    alpha: float,
    gamma: float,
    q0: Tensor,
) -> Learned:
    """Tabular Dyna-Q: after each real transition its Q-learning update, then one for each planned pair, from memory.

    planned[t]: the pairs (s, a) replayed after transition t, in order; the model is deterministic and answers with the
    last outcome seen. ValueError for a pair not yet tried. The TD errors [N] are those of the real updates.
    Sutton 1990; Sutton & Barto 2018, section 8.2 (the box "Tabular Dyna-Q", steps d to f).
    """
    q, errors = q0.clone(), torch.zeros(len(transitions), dtype=q0.dtype)
    memory: dict[tuple[int, int], Transition] = {}
    for t, (step, pairs) in enumerate(zip(transitions, planned, strict=True)):
        errors[t] = _update(q, step, alpha, gamma)
        memory[step.s, step.a] = step
        for pair in pairs:
            if pair not in memory:
                raise ValueError(f"Planning after transition {t} asks for the pair {pair}, which was not tried before.")
            _update(q, memory[pair], alpha, gamma)
    return Learned(q, errors)


class DynaRun(NamedTuple):
    """The final table [S][A], and the number of real steps that each episode took."""

    q: Tensor
    episode_lengths: list[int]


def run_dyna_q(
    P: Tensor,
    R: Tensor,
    start: int,
    episodes: int,
    planning_steps: int,
    generator: torch.Generator,
    alpha: float = 0.1,
    gamma: float = 0.95,
    epsilon: float = 0.1,
) -> DynaRun:
    """Dyna-Q acting ε-greedily in a terminating MDP (P, R) from Q = 0; planned pairs are drawn from those tried before.

    The defaults are those of the Dyna maze, Sutton & Barto 2018, example 8.1. planning_steps 0 is Q-learning.
    """
    q = torch.zeros_like(R)
    memory: dict[tuple[int, int], Transition] = {}
    lengths = []
    for _ in range(episodes):
        s, steps, over = start, 0, False
        while not over:
            step = sample_step(P, R, s, draw(epsilon_greedy(q[s], epsilon), generator), generator)
            _update(q, step, alpha, gamma)
            memory[step.s, step.a] = step
            tried = list(memory.values())
            for i in torch.randint(len(tried), (planning_steps,), generator=generator).tolist():
                _update(q, tried[i], alpha, gamma)
            s, steps, over = step.s2, steps + 1, step.terminated
        lengths.append(steps)
    return DynaRun(q, lengths)


def _update(q: Tensor, step: Transition, alpha: float, gamma: float) -> float:
    """Q-learning's update of q in place; returns the TD error."""
    best = 0.0 if step.terminated else gamma * float(q[step.s2].max())
    error = step.r + best - float(q[step.s, step.a])
    q[step.s, step.a] += alpha * error
    return error
