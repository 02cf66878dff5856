"""What k1, k2 and k3 really give, against differences of the two divergences themselves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.kl import ESTIMATORS
from solvers.kl_gradients import PLACEMENTS, regularised_policy_gradient

close = pytest.approx
quick = settings(max_examples=30, deadline=None)


def softmax(row: list[float]) -> list[float]:
    weights = [math.exp(x) for x in row]
    return [w / sum(weights) for w in weights]


def kl(p: list[float], q: list[float]) -> float:
    return math.fsum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def differences(function: Callable[[list[float]], float], at: list[float]) -> list[float]:
    h = 1e-5

    def moved(k: int, step: float) -> list[float]:
        return [x + step * (i == k) for i, x in enumerate(at)]

    return [(function(moved(k, h)) - function(moved(k, -h))) / (2 * h) for k in range(len(at))]


@st.composite
def pairs(draw: Any) -> dict[str, list[float]]:
    row = st.lists(st.floats(-2, 2), min_size=3, max_size=3)
    return {"logits": draw(row), "ref_logits": draw(row)}


def by_sampling(pair: dict[str, list[float]], estimator: str, placement: str) -> list[float]:
    """The expectation over tokens, each estimator and its derivative by log π written out."""
    policy, reference = softmax(pair["logits"]), softmax(pair["ref_logits"])
    gradient = [0.0] * len(policy)
    for a, (p, q) in enumerate(zip(policy, reference, strict=True)):
        d = math.log(p / q)
        value = {"k1": d, "k2": d * d / 2, "k3": q / p - 1 + d}[estimator]
        slope = {"k1": 1.0, "k2": d, "k3": 1 - q / p}[estimator]
        weight = {"reward": value, "loss": slope, "weighted-loss": value + slope}[placement]
        for k, share in enumerate(policy):
            gradient[k] += p * weight * ((k == a) - share)
    return gradient


@quick
@given(pairs(), st.sampled_from(ESTIMATORS), st.sampled_from(PLACEMENTS))
def test_the_expectation_token_by_token(pair: dict[str, list[float]], estimator: str, placement: str) -> None:
    got = solve("kl-gradients", {**pair, "estimator": estimator, "placement": placement})
    assert got["gradient"] == close(by_sampling(pair, estimator, placement), abs=1e-10)
    reference = softmax(pair["ref_logits"])
    assert got["grad_kl"] == close(differences(lambda x: kl(softmax(x), reference), pair["logits"]), abs=1e-8)
    assert got["grad_reverse_kl"] == close(differences(lambda x: kl(reference, softmax(x)), pair["logits"]), abs=1e-8)


# (estimator, placement): how much of ∇KL(π‖π_ref) and of ∇KL(π_ref‖π) it is
CLAIMS = {
    ("k1", "reward"): (1, 0),
    ("k3", "reward"): (1, -1),
    ("k1", "loss"): (0, 0),
    ("k2", "loss"): (1, 0),
    ("k3", "loss"): (0, 1),
    ("k1", "weighted-loss"): (1, 0),
    ("k3", "weighted-loss"): (1, 0),
}


@pytest.mark.parametrize(("estimator", "placement"), CLAIMS)
def test_which_divergence_it_descends(estimator: str, placement: str) -> None:
    logits, ref_logits = [0.3, -1.2, 0.8, 0.1], [-0.5, 0.4, 0.2, 0.9]
    reference = softmax(ref_logits)
    forward = differences(lambda x: kl(softmax(x), reference), logits)
    reverse = differences(lambda x: kl(reference, softmax(x)), logits)
    share, reverse_share = CLAIMS[estimator, placement]
    want = [share * f + reverse_share * r for f, r in zip(forward, reverse, strict=True)]
    inputs = {"logits": logits, "ref_logits": ref_logits, "estimator": estimator, "placement": placement}
    assert solve("kl-gradients", inputs)["gradient"] == close(want, abs=1e-8)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_which_of_them_optimise_reward_less_kl(estimator: Any, placement: Any) -> None:
    logits, ref_logits, rewards, beta = [0.3, -1.2, 0.8], [-0.5, 0.4, 0.2], [1.0, 0.0, -2.0], 0.7
    reference = softmax(ref_logits)

    def objective(x: list[float]) -> float:
        policy = softmax(x)
        return sum(p * r for p, r in zip(policy, rewards, strict=True)) - beta * kl(policy, reference)

    got = regularised_policy_gradient(
        *(torch.tensor(x, dtype=torch.float64) for x in (logits, ref_logits, rewards)), beta, estimator, placement
    )
    agrees = got.tolist() == close(differences(objective, logits), abs=1e-8)
    assert agrees is (CLAIMS.get((estimator, placement)) == (1, 0))


@pytest.mark.parametrize(("key", "value"), [("estimator", "k4"), ("placement", "both"), ("ref_logits", [1])])
def test_refusals(key: str, value: Any) -> None:
    inputs = {"logits": [0, 1], "ref_logits": [1, 0], "estimator": "k1", "placement": "loss"}
    with pytest.raises(ValueError, match=key):
        solve("kl-gradients", {**inputs, key: value})
