"""The policy gradient of small MDPs against episodes walked in plain Python, differences of J, and backpropagation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.policy_gradient import (
    WEIGHTINGS,
    enumerate_episodes,
    expected_return,
    monte_carlo_policy_gradient,
    sample_episodes,
)

close = pytest.approx
quick = settings(max_examples=25, deadline=None)
Step = tuple[int, int]


def softmax(row: list[float]) -> list[float]:
    weights = [math.exp(x) for x in row]
    return [w / sum(weights) for w in weights]


def walks(mdp: dict[str, Any], state: int | None, left: int) -> Iterator[tuple[float, list[Step]]]:
    """Every way on from here, with its probability; None is the terminal state."""
    if state is None or left == 0:
        yield 1.0, []
        return
    for action, chosen in enumerate(softmax(mdp["theta"][state])):
        for following, arrives in enumerate(mdp["P"][state][action]):
            there = None if following == len(mdp["theta"]) else following
            if arrives > 0:
                for probability, rest in walks(mdp, there, left - 1):
                    yield chosen * arrives * probability, [(state, action), *rest]


def episodes(mdp: dict[str, Any]) -> list[tuple[float, list[Step]]]:
    return [
        (first * probability, steps)
        for state, first in enumerate(mdp["start"])
        if first > 0
        for probability, steps in walks(mdp, state, mdp["horizon"])
    ]


def discounted(mdp: dict[str, Any], steps: list[Step]) -> list[float]:
    return [mdp["gamma"] ** t * mdp["R"][s][a] for t, (s, a) in enumerate(steps)]


def objective(mdp: dict[str, Any]) -> float:
    return sum(p * sum(discounted(mdp, steps)) for p, steps in episodes(mdp))


def estimate(mdp: dict[str, Any], steps: list[Step]) -> list[float]:
    width = len(mdp["theta"][0])
    gradient = [0.0] * (len(mdp["theta"]) * width)
    earned = discounted(mdp, steps)
    for t, (s, a) in enumerate(steps):
        signal = sum(earned) if mdp["weighting"] == "return" else sum(earned[t:])
        if mdp["baseline"] is not None:
            signal -= mdp["gamma"] ** t * mdp["baseline"][s]
        for k, p in enumerate(softmax(mdp["theta"][s])):
            gradient[s * width + k] += signal * ((k == a) - p)
    return gradient


def flat(rows: list[list[float]]) -> list[float]:
    return [x for row in rows for x in row]


@st.composite
def mdps(draw: Any) -> dict[str, Any]:
    states, actions = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    horizon = draw(st.integers(1, 3 if states * actions > 4 else 4))

    def table(entry: st.SearchStrategy[Any], rows: int, columns: int) -> list[list[Any]]:
        return draw(st.lists(st.lists(entry, min_size=columns, max_size=columns), min_size=rows, max_size=rows))

    def distribution(size: int) -> list[float]:
        weights = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size).filter(any))
        return [w / sum(weights) for w in weights]

    return {
        "theta": table(st.floats(-2, 2), states, actions),
        "P": [[distribution(states + 1) for _ in range(actions)] for _ in range(states)],
        "R": table(st.floats(-3, 3), states, actions),
        "start": distribution(states),
        "gamma": draw(st.sampled_from([0.0, 0.5, 1.0])),
        "horizon": horizon,
        "weighting": draw(st.sampled_from(WEIGHTINGS)),
        "baseline": draw(st.none() | st.lists(st.floats(-2, 2), min_size=states, max_size=states)),
    }


def tensors(mdp: dict[str, Any], *names: str) -> list[torch.Tensor]:
    return [torch.tensor(mdp[name], dtype=torch.float64) for name in names]


@quick
@given(mdps())
def test_mean_and_variance_over_every_episode(mdp: dict[str, Any]) -> None:
    got = solve("exact-policy-gradient", mdp)
    walked = [(p, estimate(mdp, steps)) for p, steps in episodes(mdp)]
    size = len(walked[0][1])
    mean = [math.fsum(p * g[i] for p, g in walked) for i in range(size)]
    variance = math.fsum(p * (g[i] - mean[i]) ** 2 for p, g in walked for i in range(size))
    assert got["expected_return"] == close(objective(mdp), abs=1e-9)
    assert flat(got["gradient"]) == close(mean, abs=1e-9)
    assert got["variance"] == close(variance, abs=1e-9)


@quick
@given(mdps(), st.data())
def test_the_gradient_is_that_of_the_objective(mdp: dict[str, Any], data: st.DataObject) -> None:
    got = solve("exact-policy-gradient", mdp)["gradient"]
    s = data.draw(st.integers(0, len(mdp["theta"]) - 1))
    a = data.draw(st.integers(0, len(mdp["theta"][0]) - 1))
    sides = []
    for step in (1e-5, -1e-5):
        moved = [list(row) for row in mdp["theta"]]
        moved[s][a] += step
        sides.append(objective({**mdp, "theta": moved}))
    assert got[s][a] == close((sides[0] - sides[1]) / 2e-5, abs=1e-8)
    theta, *rest = tensors(mdp, "theta", "P", "R", "start")
    theta.requires_grad_()
    (backpropagated,) = torch.autograd.grad(expected_return(theta, *rest, mdp["gamma"], mdp["horizon"]), theta)
    assert flat(got) == close(backpropagated.flatten().tolist(), abs=1e-10)


def test_a_fair_coin_by_hand() -> None:
    # heads pays 1: the estimate is (1/2, −1/2) for heads and 0 for tails, so ∇J = (1/4, −1/4) and the variance 1/8
    coin = {"theta": [[0, 0]], "P": [[[0, 1], [0, 1]]], "R": [[1, 0]], "start": [1], "gamma": 1, "horizon": 5}
    got = solve("exact-policy-gradient", {**coin, "weighting": "return"})
    assert got == {"expected_return": 0.5, "gradient": [[0.25, -0.25]], "variance": close(0.125)}
    # with V = 1/2 for a baseline both faces give the same estimate
    got = solve("exact-policy-gradient", {**coin, "weighting": "reward-to-go", "baseline": [0.5]})
    assert got == {"expected_return": 0.5, "gradient": [[0.25, -0.25]], "variance": 0}


CHAIN = {
    "theta": [[0.3, -0.2], [1.0, 0.1]],
    "P": [[[0.2, 0.5, 0.3], [0.0, 0.9, 0.1]], [[0.6, 0.0, 0.4], [0.3, 0.3, 0.4]]],
    "R": [[1.0, -0.5], [0.3, 2.0]],
    "start": [0.7, 0.3],
    "gamma": 0.9,
    "horizon": 4,
    "weighting": "reward-to-go",
    "baseline": [0.8, 1.5],
}


def test_monte_carlo_comes_to_the_exact_gradient() -> None:
    count = 20_000
    exact = solve("exact-policy-gradient", CHAIN)
    theta, P, R, start, baseline = tensors(CHAIN, "theta", "P", "R", "start", "baseline")
    sampled = monte_carlo_policy_gradient(
        theta, P, R, start, 0.9, 4, count, torch.Generator().manual_seed(3), "reward-to-go", baseline
    )
    distance = math.dist(flat(sampled.mean.tolist()), flat(exact["gradient"]))
    assert distance < 3 * math.sqrt(exact["variance"] / count)
    assert float(sampled.variance) == close(exact["variance"], rel=0.05)


def test_sampled_episodes_follow_the_probabilities_of_the_enumerated_and_the_generator() -> None:
    theta, P, start = tensors(CHAIN, "theta", "P", "start")

    def keys(episodes: Any) -> list[str]:
        return [str(row) for row in torch.cat([episodes.states, episodes.actions, episodes.alive], -1).tolist()]

    every = enumerate_episodes(theta, P, start, 2)
    assert float(every.weights.sum()) == close(1, abs=1e-14)
    probability: dict[str, float] = {}
    for key, weight in zip(keys(every), every.weights.tolist(), strict=True):
        probability[key] = probability.get(key, 0.0) + weight
    count = 20_000
    drawn = keys(sample_episodes(theta, P, start, 2, count, torch.Generator().manual_seed(5)))
    assert set(drawn) <= set(probability)
    for key, p in probability.items():
        assert drawn.count(key) / count == close(p, abs=4.5 * math.sqrt(p * (1 - p) / count))
    assert drawn == keys(sample_episodes(theta, P, start, 2, count, torch.Generator().manual_seed(5)))


def test_what_is_too_long_to_enumerate_is_refused() -> None:
    with pytest.raises(ValueError, match="horizon"):
        solve("exact-policy-gradient", {**CHAIN, "horizon": 30})
    with pytest.raises(ValueError, match="weighting"):
        solve("exact-policy-gradient", {**CHAIN, "weighting": "td"})
    with pytest.raises(ValueError, match="add up to 1"):
        solve("exact-policy-gradient", {**CHAIN, "start": [0.7, 0.2]})
