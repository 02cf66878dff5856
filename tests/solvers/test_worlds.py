"""Sampling from tabular MDPs, and the random walk's textbook values."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from solvers.planning import policy_evaluation
from solvers.worlds import random_walk, sample_episode, sample_step


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def half(states: int) -> torch.Tensor:
    return torch.full((states, 2), 0.5, dtype=torch.float64)


def test_the_random_walk_has_the_books_values() -> None:
    """Sutton & Barto 2018, example 6.2: 1/6 … 5/6; example 7.1: −0.9 … 0.9 for 19 states."""
    v = policy_evaluation(*random_walk(), 1.0, half(5)).v
    assert v.tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6], abs=1e-12)
    v = policy_evaluation(*random_walk(19, -1, 1), 1.0, half(19)).v
    assert v.tolist() == pytest.approx([(i - 9) / 10 for i in range(19)], abs=1e-12)


def test_a_step_is_drawn_from_P_and_earns_R() -> None:
    P = torch.tensor([[[0.5, 0.2, 0.3]], [[0.0, 0.0, 1.0]]], dtype=torch.float64)
    R = torch.tensor([[2.5], [-1.0]], dtype=torch.float64)
    source = generator()
    steps = [sample_step(P, R, 0, 0, source) for _ in range(4000)]
    shares = [sum(step.s2 == s2 for step in steps) / 4000 for s2 in range(3)]
    assert shares == pytest.approx([0.5, 0.2, 0.3], abs=0.03)
    assert all(step.terminated == (step.s2 == 2) and step.r == 2.5 for step in steps)


def test_an_episode_is_connected_and_ends_by_termination_or_the_limit() -> None:
    P, R = random_walk()
    ended = sample_episode(P, R, half(5), 2, generator(), 10_000)
    assert ended[0].s == 2
    assert all(before.s2 == after.s for before, after in pairwise(ended))
    assert [step.terminated for step in ended] == [False] * (len(ended) - 1) + [True]
    assert not any(step.truncated for step in ended)
    cut = sample_episode(P, R, half(5), 2, generator(), 2)
    assert [(step.terminated, step.truncated) for step in cut] == [(False, False), (False, True)]
    assert cut == [ended[0], ended[1]._replace(truncated=True)]  # the same generator, the same steps
