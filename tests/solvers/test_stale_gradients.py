"""Delayed gradients against the recursion in plain Python, and against the known limit of their stability."""

from __future__ import annotations

import math

import pytest
import torch

from solvers.catalogue import solve
from solvers.stale_gradients import stale_gradient_ascent

close = pytest.approx


def softmax(row: list[float]) -> list[float]:
    weights = [math.exp(x) for x in row]
    return [w / sum(weights) for w in weights]


def slope(logits: list[float], rewards: list[float]) -> list[float]:
    policy = softmax(logits)
    value = sum(p * r for p, r in zip(policy, rewards, strict=True))
    return [p * (r - value) for p, r in zip(policy, rewards, strict=True)]


@pytest.mark.parametrize("delay", [0, 1, 3, 20])
def test_the_recursion(delay: int) -> None:
    rewards, rate = [1.0, 0.2, -0.5], 2.0
    path = [[0.1, -0.4, 0.6]]
    errors = []
    for step in range(8):
        applied, fresh = slope(path[max(step - delay, 0)], rewards), slope(path[step], rewards)
        errors.append(math.dist(applied, fresh))
        path.append([x + rate * g for x, g in zip(path[step], applied, strict=True)])
    inputs = {"logits": path[0], "rewards": rewards, "learning_rate": rate, "delay": delay, "steps": 8}
    got = solve("stale-gradient-ascent", inputs)
    assert got["logits"] == close(path[-1], abs=1e-12)
    assert got["errors"] == close(errors, abs=1e-12)
    values = [sum(p * r for p, r in zip(softmax(x), rewards, strict=True)) for x in path]
    assert got["objective"] == close(values, abs=1e-12)
    assert (max(got["errors"]) == 0) is (delay == 0)


@pytest.mark.parametrize("delay", [0, 1, 2, 5])
def test_the_learning_rate_up_to_which_a_delay_is_stable(delay: int) -> None:
    # x_{t+1} = x_t − a·x_{t−k} is stable for 0 < a < 2·sin(π/(4k + 2)): Levin & May 1976
    limit = 2 * math.sin(math.pi / (4 * delay + 2))

    def furthest(rate: float, steps: int) -> float:
        start = torch.ones(1, dtype=torch.float64)
        path = stale_gradient_ascent(lambda x: -(x.square().sum()) / 2, start, rate, delay, steps).objective
        return float(-path[-2 * delay - 2 :].min())

    assert furthest(0.97 * limit, 500) < 0.1 * furthest(0.97 * limit, 100)
    assert furthest(1.03 * limit, 500) > 10 * furthest(1.03 * limit, 100)
