"""Importance sampling against its definition, and its means against an exactly enumerated problem."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve

close = pytest.approx


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 4), st.floats(0, 1))
def test_every_estimate(data: st.DataObject, n: int, length: int, gamma: float) -> None:
    def table(entry: st.SearchStrategy[float]) -> list[list[float]]:
        return data.draw(st.lists(st.lists(entry, min_size=length, max_size=length), min_size=n, max_size=n))

    target, behaviour, rewards = table(st.floats(-5, 0)), table(st.floats(-5, 0)), table(st.floats(-3, 3))
    got = solve(
        "importance-sampling",
        {"logp_target": target, "logp_behaviour": behaviour, "rewards": rewards, "gamma": gamma},
    )
    ratios = [
        [math.exp(a) / math.exp(b) for a, b in zip(row, other, strict=True)]
        for row, other in zip(target, behaviour, strict=True)
    ]
    weights = [math.prod(row) for row in ratios]
    returns = [sum(gamma**t * r for t, r in enumerate(row)) for row in rewards]
    weighted_sum = sum(w * g for w, g in zip(weights, returns, strict=True))
    per_decision = sum(
        gamma**t * math.prod(ratios[i][: t + 1]) * rewards[i][t] for i, t in itertools.product(range(n), range(length))
    )
    assert got["sequence_weights"] == close(weights, rel=1e-9)
    assert got["ordinary"] == close(weighted_sum / n, rel=1e-9, abs=1e-9)
    assert got["weighted"] == close(weighted_sum / sum(weights), rel=1e-9, abs=1e-9)
    assert got["per_decision"] == close(per_decision / n, rel=1e-9, abs=1e-9)
    assert got["ess"] == close(sum(weights) ** 2 / sum(w * w for w in weights), rel=1e-9)


def test_ordinary_and_per_decision_are_unbiased() -> None:
    """Two steps, two actions, every trajectory weighed by its probability under the behaviour policy."""
    target, behaviour = (0.9, 0.1), (0.4, 0.6)
    payoff = (2.0, -1.0)
    gamma = 0.5
    truth = sum(p * r for p, r in zip(target, payoff, strict=True)) * (1 + gamma)
    means = {"ordinary": 0.0, "per_decision": 0.0}
    for path in itertools.product((0, 1), repeat=2):
        inputs: dict[str, Any] = {
            "logp_target": [[math.log(target[a]) for a in path]],
            "logp_behaviour": [[math.log(behaviour[a]) for a in path]],
            "rewards": [[payoff[a] for a in path]],
            "gamma": gamma,
        }
        got = solve("importance-sampling", inputs)
        for key in means:
            means[key] += math.prod(behaviour[a] for a in path) * got[key]
    assert means == {"ordinary": close(truth), "per_decision": close(truth)}


def test_equal_policies_give_equal_weights_and_a_full_sample() -> None:
    logs = [[-1, -2], [-0.5, -3], [-1, -1]]
    got = solve(
        "importance-sampling",
        {"logp_target": logs, "logp_behaviour": logs, "rewards": [[1, 0], [0, 1], [2, 2]], "gamma": 1},
    )
    assert got["ess"] == close(3)
    assert got["ordinary"] == close(got["weighted"]) == close(2)


def test_weights_that_all_underflow_still_compare() -> None:
    inputs = {"logp_behaviour": [[0], [0]], "rewards": [[1], [3]], "gamma": 1}
    got = solve("importance-sampling", {**inputs, "logp_target": [[-1000], [-1000]]})
    assert got["sequence_weights"] == [0, 0]
    assert got["weighted"] == close(2)
    assert got["ess"] == close(2)
