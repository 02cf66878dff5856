"""Baselines: mean and variance of the gradient against every prompt, answer and past reward, one by one."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.baselines import BASELINES, Bandit, baseline_moments, gradient_moments
from solvers.catalogue import solve

close = pytest.approx
quick = settings(max_examples=25, deadline=None)
UNBIASED = [kind for kind in BASELINES if kind != "group-mean"]


def softmax(row: list[float]) -> list[float]:
    weights = [math.exp(x) for x in row]
    return [w / sum(weights) for w in weights]


def squared_score(policy: list[float], answer: int) -> float:
    return sum(((k == answer) - p) ** 2 for k, p in enumerate(policy))


def outcomes(problem: dict[str, Any]) -> list[tuple[float, list[float]]]:
    """(probability, gradient estimate) of everything that can be drawn."""
    rewards, prompts = problem["rewards"], problem["prompts"]
    policies = [softmax(row) for row in problem["logits"]]
    width, samples, kind = len(rewards[0]), problem["samples"], problem["baseline"]
    past: list[tuple[float, float]] = [(1.0, 0.0)]
    if kind == "running-mean":
        one = [(prompts[s] * p, rewards[s][a]) for s, row in enumerate(policies) for a, p in enumerate(row)]
        draws = itertools.product(one, repeat=problem["history"])
        past = [(math.prod(p for p, _ in draw), sum(r for _, r in draw) / len(draw)) for draw in draws]
    found = []
    for s, policy in enumerate(policies):
        for answers in itertools.product(range(width), repeat=samples):
            chance = prompts[s] * math.prod(policy[a] for a in answers)
            paid = [rewards[s][a] for a in answers]
            for probability, mean_of_past in past:
                gradient = [0.0] * (len(policies) * width)
                for i, answer in enumerate(answers):
                    baseline = {
                        "none": lambda i: 0.0,
                        "constant": lambda i: problem["constant"],
                        "running-mean": lambda i, mean=mean_of_past: mean,
                        "greedy": lambda i, s=s: rewards[s][problem["logits"][s].index(max(problem["logits"][s]))],
                        "value": lambda i, s=s, policy=policy: sum(
                            p * r for p, r in zip(policy, rewards[s], strict=True)
                        ),
                        "optimal": lambda i, s=s, policy=policy: (
                            sum(p * rewards[s][a] * squared_score(policy, a) for a, p in enumerate(policy))
                            / sum(p * squared_score(policy, a) for a, p in enumerate(policy))
                        ),
                        "leave-one-out": lambda i, paid=paid: (sum(paid) - paid[i]) / (samples - 1),
                        "group-mean": lambda i, paid=paid: sum(paid) / samples,
                    }[kind](i)
                    for k, p in enumerate(policy):
                        gradient[s * width + k] += (paid[i] - baseline) * ((k == answer) - p) / samples
                found.append((chance * probability, gradient))
    return found


@st.composite
def problems(draw: Any, kinds: list[Any]) -> dict[str, Any]:
    states, answers, samples = draw(st.integers(1, 2)), draw(st.integers(2, 3)), draw(st.integers(2, 3))
    row = st.lists(st.floats(-2, 2), min_size=answers, max_size=answers)
    pay = st.lists(st.sampled_from([-1.0, 0.0, 0.5, 3.0]), min_size=answers, max_size=answers)
    return {
        "logits": draw(st.lists(row, min_size=states, max_size=states)),
        "rewards": draw(st.lists(pay, min_size=states, max_size=states)),
        "prompts": [1.0] if states == 1 else draw(st.sampled_from([[0.5, 0.5], [0.2, 0.8], [1.0, 0.0]])),
        "baseline": draw(st.sampled_from(kinds)),
        "samples": samples,
        "constant": draw(st.sampled_from([0.0, 0.7])),
        "history": draw(st.integers(1, 2)),
    }


def assert_as_drawn(problem: dict[str, Any]) -> None:
    got = solve("baseline-variance", problem)
    found = outcomes(problem)
    size = len(found[0][1])
    mean = [math.fsum(p * g[i] for p, g in found) for i in range(size)]
    variance = math.fsum(p * (g[i] - mean[i]) ** 2 for p, g in found for i in range(size))
    assert [x for row in got["gradient"] for x in row] == close(mean, abs=1e-9)
    assert got["variance"] == close(variance, abs=1e-9)
    assert got["variance"] >= 0


@settings(max_examples=60, deadline=None)
@given(problems(list(BASELINES)))
def test_mean_and_variance_over_everything_that_can_be_drawn(problem: dict[str, Any]) -> None:
    assert_as_drawn(problem)


@pytest.mark.parametrize("kind", BASELINES)
def test_three_answers_to_prompts_that_are_unlike(kind: str) -> None:
    problem = {"logits": [[0.5, -1.0, 0.2], [1.5, 0.0, -0.4]], "rewards": [[1.0, 3.0, -0.5], [0.0, 2.0, 0.7]]}
    drawn = {"prompts": [0.3, 0.7], "baseline": kind, "samples": 3, "constant": 0.4, "history": 2}
    assert_as_drawn({**problem, **drawn})


@quick
@given(problems(UNBIASED))
def test_no_baseline_that_ignores_the_answer_moves_the_gradient(problem: dict[str, Any]) -> None:
    got = solve("baseline-variance", problem)["gradient"]
    for s, (row, paid, share) in enumerate(zip(problem["logits"], problem["rewards"], problem["prompts"], strict=True)):
        policy = softmax(row)
        value = sum(p * r for p, r in zip(policy, paid, strict=True))
        # ∂/∂logit of Σ π·r
        assert got[s] == close([share * p * (r - value) for p, r in zip(policy, paid, strict=True)], abs=1e-12)


@quick
@given(problems(["group-mean"]))
def test_the_group_mean_with_the_answer_itself_in_it_shrinks_the_gradient(problem: dict[str, Any]) -> None:
    biased = solve("baseline-variance", problem)["gradient"]
    true = solve("baseline-variance", {**problem, "baseline": "none"})["gradient"]
    share = (problem["samples"] - 1) / problem["samples"]
    for row, wanted in zip(biased, true, strict=True):
        assert row == close([share * x for x in wanted], abs=1e-12)


@quick
@given(problems(["none", "constant", "greedy", "value", "running-mean"]), st.integers(1, 5))
def test_the_optimal_baseline_leaves_the_least_variance(problem: dict[str, Any], samples: int) -> None:
    problem = {**problem, "samples": samples}
    least = solve("baseline-variance", {**problem, "baseline": "optimal"})["variance"]
    assert least <= solve("baseline-variance", problem)["variance"] + 1e-12


def test_a_baseline_that_knows_the_answer_can_take_the_gradient_away() -> None:
    logits, rewards, prompts = ([[0.3, -1.0]], [[1.0, 4.0]], [1.0])
    bandit = Bandit(*(torch.tensor(x, dtype=torch.float64) for x in (logits, rewards, prompts)))
    moments = gradient_moments(bandit, bandit.rewards)
    assert moments.mean.tolist() == [[0, 0]]
    assert float(moments.variance) == 0
    assert baseline_moments(bandit, "none").mean.abs().max() > 0.1


def test_a_fair_coin_by_hand() -> None:
    # heads pays 3, tails 1; score (1/2, −1/2) up to sign: V = 2 is optimal and leaves nothing
    coin = {"logits": [[0, 0]], "rewards": [[3, 1]], "prompts": [1], "samples": 1}
    variance = {
        kind: solve("baseline-variance", {**coin, "baseline": kind})["variance"]
        for kind in ("none", "greedy", "value", "optimal")
    }
    assert variance == {"none": close(2), "greedy": close(0.5), "value": 0, "optimal": 0}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"baseline": "constant"}, "constant"),
        ({"baseline": "running-mean"}, "history"),
        ({"baseline": "leave-one-out"}, "group of one"),
        ({"baseline": "group-mean"}, "group of one"),
        ({"baseline": "median"}, "baseline"),
        ({"baseline": "optimal", "logits": [[0, 2000]]}, "finite"),
        ({"prompts": [0.5]}, "add up to 1"),
    ],
)
def test_refusals(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve(
            "baseline-variance",
            {"logits": [[0, 1]], "rewards": [[1, 0]], "prompts": [1], "samples": 1, "baseline": "none", **change},
        )
