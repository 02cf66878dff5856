"""A TRPO step against a dense Fisher matrix and a line search written out, to 40 digits."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve

close = pytest.approx
SETTINGS = {"delta": 0.01, "damping": 0.1, "backtrack_coef": 0.8, "max_backtracks": 10}


def softmax(row: list[Any]) -> list[Any]:
    weights = [mpmath.e**x for x in row]
    return [w / mpmath.fsum(weights) for w in weights]


def by_definition(inputs: dict[str, Any]) -> dict[str, Any]:
    theta = [[mpmath.mpf(x) for x in row] for row in inputs["theta"]]
    width, n = len(theta[0]), len(inputs["states"])
    size = len(theta) * width
    old = [softmax(row) for row in theta]
    gradient, fisher = mpmath.zeros(size, 1), mpmath.zeros(size, size)
    for s, a, advantage in zip(inputs["states"], inputs["actions"], inputs["advantages"], strict=True):
        for i in range(width):
            gradient[s * width + i] += mpmath.mpf(advantage) * ((i == a) - old[s][i]) / n
            for j in range(width):
                # E over actions of the outer product of scores
                score = [((i == k) - old[s][i]) * ((j == k) - old[s][j]) for k in range(width)]
                fisher[s * width + i, s * width + j] += mpmath.fdot(old[s], score) / n
    h = fisher + inputs["damping"] * mpmath.eye(size)
    x = mpmath.lu_solve(h, gradient)
    step = mpmath.sqrt(2 * inputs["delta"] / ((x.T * h * x)[0] + mpmath.mpf("1e-8")))
    result = {"grad": gradient, "search_direction": x, "new_theta": theta, "kl": 0, "accepted": False}
    baseline = mpmath.fsum(inputs["advantages"]) / n
    for j in range(inputs["max_backtracks"]):
        scale = step * mpmath.mpf(inputs["backtrack_coef"]) ** j
        new_theta = [[theta[s][i] + scale * x[s * width + i] for i in range(width)] for s in range(len(theta))]
        new = [softmax(row) for row in new_theta]
        kl = [mpmath.fsum(p * mpmath.log(p / q) for p, q in zip(old[s], new[s], strict=True)) for s in inputs["states"]]
        surrogate = [
            new[s][a] / old[s][a] * advantage
            for s, a, advantage in zip(inputs["states"], inputs["actions"], inputs["advantages"], strict=True)
        ]
        mean_kl = mpmath.fsum(kl) / n
        if mean_kl <= inputs["delta"] and mpmath.fsum(surrogate) / n >= baseline:
            return {**result, "new_theta": new_theta, "kl": mean_kl, "accepted": True}
    return result


@st.composite
def batches(draw: Any) -> dict[str, Any]:
    states, actions, n = draw(st.integers(1, 3)), draw(st.integers(2, 3)), draw(st.integers(1, 5))
    row = st.lists(st.floats(-2, 2), min_size=actions, max_size=actions)
    return {
        "theta": draw(st.lists(row, min_size=states, max_size=states)),
        "states": draw(st.lists(st.integers(0, states - 1), min_size=n, max_size=n)),
        "actions": draw(st.lists(st.integers(0, actions - 1), min_size=n, max_size=n)),
        "advantages": draw(st.lists(st.sampled_from([-1.5, -0.5, 0.6, 1.0]), min_size=n, max_size=n)),
        "delta": draw(st.sampled_from([0.01, 0.5, 20])),
        "damping": draw(st.sampled_from([1e-9, 0.01, 0.1, 1.0])),
        "backtrack_coef": draw(st.sampled_from([0.5, 0.8])),
        "max_backtracks": draw(st.sampled_from([1, 3, 10])),
    }


@settings(max_examples=40, deadline=None)
@given(batches())
def test_against_dense_linear_algebra(inputs: dict[str, Any]) -> None:
    got = solve("trpo-step", inputs)
    with mpmath.workdps(40):
        want = by_definition(inputs)
    if max(map(abs, want["grad"])) < 1e-12:  # cancelled: the rounding of the inputs decides the rest
        assert got["accepted"] is True
        assert got["new_theta"] == inputs["theta"]
        return
    assert [x for row in got["grad"] for x in row] == close([float(x) for x in want["grad"]], abs=1e-9)
    direction = [float(x) for x in want["search_direction"]]
    assert [x for row in got["search_direction"] for x in row] == close(direction, rel=1e-6, abs=1e-9)
    assert got["accepted"] is want["accepted"]
    assert got["kl"] == close(float(want["kl"]), rel=1e-6, abs=1e-9)
    for row, wanted in zip(got["new_theta"], want["new_theta"], strict=True):
        assert row == close([float(x) for x in wanted], rel=1e-6, abs=1e-7)


def test_a_zero_gradient_is_accepted_unchanged() -> None:
    # one action of each kind, equally good, under a uniform policy: the contributions cancel but for rounding
    theta = [[0.1, 0.1, 0.1], [1, 2, 3]]
    inputs = {"theta": theta, "states": [0, 0, 0], "actions": [0, 1, 2], "advantages": [0.7, 0.7, 0.7], **SETTINGS}
    got = solve("trpo-step", inputs)
    assert got["new_theta"] == theta
    assert got["accepted"] is True
    assert got["kl"] == 0
    assert solve("trpo-step", {**inputs, "advantages": [0, 0, 0]})["accepted"] is True


def test_a_step_that_never_fits_is_refused_and_changes_nothing() -> None:
    inputs = {"theta": [[0, 3]], "states": [0], "actions": [0], "advantages": [1], **SETTINGS}
    got = solve("trpo-step", {**inputs, "delta": 1.0, "damping": 1e-6, "max_backtracks": 1})
    assert got["accepted"] is False
    assert got["new_theta"] == [[0, 3]]
    assert got["kl"] == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"damping": 0}, "singular"),
        ({"damping": -1}, "damping"),
        ({"delta": 0}, "delta"),
        ({"states": [1]}, "states"),
        ({"actions": [2]}, "actions"),
        ({"backtrack_coef": 1.2}, "backtrack_coef"),
        ({"max_backtracks": 1.5}, "max_backtracks"),
    ],
)
def test_refusals(change: dict[str, Any], says: str) -> None:
    inputs = {"theta": [[0, 3]], "states": [0], "actions": [0], "advantages": [1], **SETTINGS}
    with pytest.raises(ValueError, match=says):
        solve("trpo-step", {**inputs, **change})
