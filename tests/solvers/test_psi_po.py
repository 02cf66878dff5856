"""ΨPO against its objective in plain Python, and IPO's and DPO's own losses, whose minimum it must be."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from solvers.catalogue import solve
from solvers.preferences import dpo_loss, ipo_loss
from solvers.soft_q import kl_regularised_optimum

close = pytest.approx
quick = settings(max_examples=30, deadline=None)
FUNCTIONS = {"identity": lambda p: p, "logit": lambda p: math.log(p / (1 - p))}


def softmax(row: list[float]) -> list[float]:
    weights = [math.exp(x) for x in row]
    return [w / sum(weights) for w in weights]


def bradley_terry(rewards: list[float]) -> list[list[float]]:
    return [[1 / (1 + math.exp(s - r)) for s in rewards] for r in rewards]


@st.composite
def problems(draw: Any, psi: Any) -> dict[str, Any]:
    size = draw(st.integers(2, 4))
    upper = {(i, j): draw(st.floats(0.05, 0.95)) for i, j in itertools.combinations(range(size), 2)}
    behaviour = draw(st.lists(st.integers(1, 4), min_size=size, max_size=size))
    return {
        "preferences": [
            [0.5 if i == j else upper[i, j] if i < j else 1 - upper[j, i] for j in range(size)] for i in range(size)
        ],
        "behaviour": [w / sum(behaviour) for w in behaviour],
        "ref_logits": draw(st.lists(st.floats(-2, 2), min_size=size, max_size=size)),
        "tau": draw(st.sampled_from([0.1, 0.5, 2.0])),
        "psi": draw(psi),
    }


either = st.sampled_from(["identity", "logit"])


def objective(problem: dict[str, Any], policy: list[float]) -> float:
    psi, mu = FUNCTIONS[problem["psi"]], problem["behaviour"]
    gain = sum(
        p * m * psi(problem["preferences"][y][other]) for y, p in enumerate(policy) for other, m in enumerate(mu)
    )
    reference = softmax(problem["ref_logits"])
    return gain - problem["tau"] * sum(p * math.log(p / q) for p, q in zip(policy, reference, strict=True))


@quick
@given(problems(either), st.data())
def test_the_optimum_of_the_objective(problem: dict[str, Any], data: st.DataObject) -> None:
    got = solve("psi-po", problem)
    size = len(problem["behaviour"])
    psi = FUNCTIONS[problem["psi"]]
    for y, row in enumerate(problem["preferences"]):
        want = sum(m * psi(p) for m, p in zip(problem["behaviour"], row, strict=True))
        assert got["rewards"][y] == close(want, abs=1e-12)
    probs = got["probs"]
    assert got["objective"] == close(objective(problem, probs), abs=1e-9)
    shift = data.draw(st.lists(st.sampled_from([-1.0, -0.1, 0.2]), min_size=size, max_size=size))
    moved = softmax([math.log(p) + d for p, d in zip(probs, shift, strict=True)])
    assert objective(problem, moved) <= got["objective"] + 1e-12


def slope_of_expected_loss(problem: dict[str, Any], kind: str) -> list[float]:
    """The gradient, at ΨPO's optimum, of the loss over every pair from μ and either label, by the log-probabilities."""
    logp = torch.tensor(solve("psi-po", problem)["probs"], dtype=torch.float64).log().requires_grad_()
    reference = torch.tensor(problem["ref_logits"], dtype=torch.float64).log_softmax(-1)
    one = torch.ones(1, 1)

    def loss(chosen: int, rejected: int) -> Tensor:
        four = (logp[chosen], logp[rejected], reference[chosen], reference[rejected])
        if kind == "dpo":
            return dpo_loss(*(x.reshape(1) for x in four), beta=problem["tau"]).loss
        return ipo_loss(*(x.reshape(1, 1) for x in four), one, one, problem["tau"])

    mu = problem["behaviour"]
    pairs = itertools.product(range(len(mu)), repeat=2)
    total = sum(mu[i] * mu[j] * problem["preferences"][i][j] * loss(i, j) for i, j in pairs)
    assert isinstance(total, Tensor)
    (gradient,) = torch.autograd.grad(total, logp)
    return gradient.tolist()


@quick
@given(problems(st.just("identity")))
def test_identity_is_the_minimum_of_ipo_whatever_the_preferences(problem: dict[str, Any]) -> None:
    assert slope_of_expected_loss(problem, "ipo") == close([0] * len(problem["behaviour"]), abs=1e-9)


@quick
@given(problems(st.just("logit")), st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_logit_with_bradley_terry_is_rlhf_and_the_minimum_of_dpo(problem: dict[str, Any], paid: list[float]) -> None:
    rewards = paid[: len(problem["behaviour"])]
    problem = {**problem, "preferences": bradley_terry(rewards)}
    got = solve("psi-po", problem)
    rlhf = kl_regularised_optimum(
        *(torch.tensor(x, dtype=torch.float64) for x in (problem["ref_logits"], rewards)), problem["tau"]
    )
    assert got["probs"] == close(rlhf.logp.exp().tolist(), abs=1e-9)
    mean = sum(m * r for m, r in zip(problem["behaviour"], rewards, strict=True))
    assert got["rewards"] == close([r - mean for r in rewards], abs=1e-9)
    assert slope_of_expected_loss(problem, "dpo") == close([0] * len(rewards), abs=1e-9)


def test_preferences_that_no_reward_explains_part_dpo_from_the_logit() -> None:
    # rock, paper, scissors with unequal margins
    cycle = [[0.5, 0.9, 0.3], [0.1, 0.5, 0.6], [0.7, 0.4, 0.5]]
    problem = {"preferences": cycle, "behaviour": [0.5, 0.25, 0.25], "ref_logits": [0, 0, 0], "tau": 1, "psi": "logit"}
    assert max(map(abs, slope_of_expected_loss(problem, "dpo"))) > 0.01


@pytest.mark.parametrize("tau", [0.5, 5.0])
def test_near_certain_preferences_run_away_under_the_logit_and_not_under_the_identity(tau: float) -> None:
    certain = 1 - 1e-12
    problem = {"preferences": [[0.5, certain], [1 - certain, 0.5]], "behaviour": [0.5, 0.5], "ref_logits": [0, 0]}
    gap = {}
    for psi in FUNCTIONS:
        good, bad = solve("psi-po", {**problem, "tau": tau, "psi": psi})["probs"]
        gap[psi] = math.log(good / bad)
    assert gap["identity"] == close(0.5 / tau, rel=1e-9)  # (p(good ≻ μ) − p(bad ≻ μ))/tau = (3/4 − 1/4)/tau
    assert gap["logit"] == close(math.log(certain / (1 - certain)) / tau, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"preferences": [[0.5, 1], [0, 0.5]]}, "infinite"),
        ({"preferences": [[0.5, 0.7], [0.2, 0.5]]}, "transpose"),
        ({"preferences": [[0.4, 0.7], [0.3, 0.5]]}, "transpose"),
        ({"preferences": [[0.5, 1.2], [-0.2, 0.5]]}, "0 to 1"),
        ({"tau": 0}, "tau"),
        ({"psi": "square"}, "psi"),
        ({"behaviour": [0.5, 0.4]}, "add up to 1"),
    ],
)
def test_refusals(change: dict[str, Any], says: str) -> None:
    problem = {"preferences": [[0.5, 0.7], [0.3, 0.5]], "behaviour": [0.5, 0.5], "ref_logits": [0, 0], "tau": 1}
    with pytest.raises(ValueError, match=says):
        solve("psi-po", {**problem, "psi": "logit", **change})
