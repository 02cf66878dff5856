"""The deadly triad: Baird's star diverges, by hand-made matrices and by samples; without any one leg it does not."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath
import pytest
import torch

from solvers.catalogue import solve
from solvers.linear_td import baird, baird_update, expected_td_update, iterate, semi_gradient_td, spectral_radius
from solvers.planning import policy_evaluation
from solvers.temporal_difference import Transition
from solvers.worlds import draw, random_walk, sample_step

F64 = torch.float64
BOOK = {"alpha": 0.01, "gamma": 0.99}


def by_hand(alpha: Any, gamma: Any) -> Any:
    """By symmetry the six upper weights u are equal; with z = w_7, y = w_8 a sweep is a 3 × 3 matrix.

    Errors: of each upper state γ(z + 2y) − (2u + y), of the seventh (γ − 1)(z + 2y); each state weighs 1/7.
    """
    upper, seventh = [-2, gamma, 2 * gamma - 1], [0, gamma - 1, 2 * (gamma - 1)]
    rate = alpha / 7
    change = [
        [2 * rate * x for x in upper],
        [rate * x for x in seventh],
        [rate * (6 * x + 2 * y) for x, y in zip(upper, seventh, strict=True)],
    ]
    return mpmath.eye(3) + mpmath.matrix(change)


@pytest.mark.parametrize("steps", [1, 100, 1000])
def test_bairds_sweeps_by_hand(steps: int) -> None:
    with mpmath.workdps(40):
        u, z, y = by_hand(mpmath.mpf("0.01"), mpmath.mpf("0.99")) ** steps * mpmath.matrix([1, 10, 1])
        want = [float(u)] * 6 + [float(z), float(y)]
    assert solve("baird", {**BOOK, "steps": steps})["w"] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize(("alpha", "gamma"), [(0.01, 0.99), (0.1, 0.99), (0.01, 0.95), (0.01, 1.0)])
def test_bairds_spectral_radius_by_hand(alpha: float, gamma: float) -> None:
    """The other five eigenvalues are 1 − 4·alpha/7: differences between upper weights just decay."""
    with mpmath.workdps(40):
        eigenvalues, _ = mpmath.eig(by_hand(mpmath.mpf(alpha), mpmath.mpf(gamma)))
        want = max(*(float(abs(x)) for x in eigenvalues), 1 - 4 * alpha / 7)
    got = solve("baird", {"alpha": alpha, "gamma": gamma, "steps": 0})
    assert got["spectral_radius"] == pytest.approx(want, abs=1e-7)
    assert got["spectral_radius"] > 1.0005
    assert got["w"] == [1, 1, 1, 1, 1, 1, 10, 1]


def test_the_star_is_the_books() -> None:
    """Figure 11.1: behaviour 6/7 dashed, 1/7 solid; every state stays equally frequent; all true values are 0."""
    star = baird()
    assert star.behaviour.sum(-1).tolist() == pytest.approx([1] * 7)
    chain = torch.einsum("sa,sat->st", star.behaviour, star.P)[:, :-1]
    assert (star.state_weights @ chain).tolist() == pytest.approx(star.state_weights.tolist())
    values = star.features @ star.start
    assert values.tolist() == [3] * 6 + [12]
    assert policy_evaluation(star.P, star.R, 0.99, star.target).v.tolist() == pytest.approx([0] * 7)


def test_the_expected_update_is_the_mean_of_the_sampled_ones() -> None:
    star = baird()
    mean = torch.zeros(8, dtype=F64)
    for s, a, s2 in itertools.product(range(7), range(2), range(7)):
        chance = float(star.state_weights[s] * star.behaviour[s, a] * star.P[s, a, s2])
        ratio = float(star.target[s, a] / star.behaviour[s, a])
        mean += chance * semi_gradient_td(star.features, [Transition(s, a, 0.0, s2)], [ratio], 0.01, 0.99, star.start)
    assert torch.allclose(mean, iterate(baird_update(), star.start, 1)[1], atol=1e-12)


def test_samples_diverge_too() -> None:
    """Figure 11.2, left: a thousand steps of semi-gradient TD in the behaviour's stream."""
    star, source = baird(), torch.Generator().manual_seed(0)
    transitions, ratios, s = [], [], 0
    for _ in range(3000):
        a = draw(star.behaviour[s], source)
        transitions.append(sample_step(star.P, star.R, s, a, source))
        ratios.append(float(star.target[s, a] / star.behaviour[s, a]))
        s = transitions[-1].s2
    early = semi_gradient_td(star.features, transitions[:1000], ratios[:1000], 0.01, 0.99, star.start)
    late = semi_gradient_td(star.features, transitions, ratios, 0.01, 0.99, star.start)
    assert star.start.norm() < early.norm() < late.norm()


def star_inputs(**change: Any) -> dict[str, Any]:
    star = baird()
    inputs = {
        "features": star.features,
        "P": torch.einsum("sa,sat->st", star.target, star.P),
        "rewards": torch.zeros(7, dtype=F64),
        "state_weights": star.state_weights,
        "w0": star.start,
        "steps": 0,
        **BOOK,
        **change,
    }
    return {key: value.tolist() if isinstance(value, torch.Tensor) else value for key, value in inputs.items()}


def test_any_two_of_the_triad_are_safe() -> None:
    """Radius 1 is safe here: eight weights for seven states leave one direction that no value sees."""
    all_three = solve("expected-td", star_inputs())
    assert all_three["spectral_radius"] == pytest.approx(solve("baird", {**BOOK, "steps": 0})["spectral_radius"])
    assert all_three["spectral_radius"] > 1.001
    on_policy = torch.zeros(7, dtype=F64)
    on_policy[6] = 1  # where the target policy stays
    assert solve("expected-td", star_inputs(state_weights=on_policy))["spectral_radius"] <= 1 + 1e-9
    tabular = star_inputs(features=torch.eye(7, dtype=F64), w0=torch.ones(7))
    assert solve("expected-td", tabular)["spectral_radius"] < 1
    no_bootstrapping = star_inputs(gamma=0)  # Monte Carlo targets do not depend on w
    assert solve("expected-td", no_bootstrapping)["spectral_radius"] <= 1 + 1e-9


@pytest.mark.parametrize("gamma", [0.0, 0.4, 0.5, 0.6, 0.99])
def test_w_and_2w(gamma: float) -> None:
    """Section 11.2: a state worth w leads to one worth 2w; updated alone, w grows by 1 + alpha·(2·gamma − 1)."""
    inputs = {"features": [[1], [2]], "P": [[0, 1, 0], [0, 0, 1]], "rewards": [0, 0], "state_weights": [1, 0]}
    got = solve("expected-td", {**inputs, "alpha": 0.1, "gamma": gamma, "w0": [10], "steps": 3})
    factor = 1 + 0.1 * (2 * gamma - 1)
    assert got["update_matrix"] == [[pytest.approx(factor)]]
    assert got["spectral_radius"] == pytest.approx(factor)
    assert got["w"] == pytest.approx([10 * factor**3])


def test_on_policy_tables_converge_to_the_true_values() -> None:
    P, R = random_walk()
    policy = torch.full((5, 2), 0.5, dtype=F64)
    update = expected_td_update(
        torch.eye(5, dtype=F64),
        torch.einsum("sa,sat->st", policy, P),
        (policy * R).sum(-1),
        torch.full((5,), 0.2, dtype=F64),
        1.0,
        1.0,
    )
    assert spectral_radius(update.matrix) < 1
    path = iterate(update, torch.zeros(5, dtype=F64), 2000)
    assert path.shape == (2001, 5)
    assert path[-1].tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6])


def test_a_terminal_transition_has_no_next_value() -> None:
    features, w = torch.eye(2, dtype=F64), torch.tensor([1.0, 5.0], dtype=F64)
    got = semi_gradient_td(features, [Transition(0, 0, 2.0, 1, terminated=True)], [0.5], 0.1, 1.0, w)
    assert got.tolist() == pytest.approx([1 + 0.1 * 0.5 * (2 - 1), 5])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"P": [[0.5, 0.4, 0]] * 2}, "row of P must add up to 1"),
        ({"state_weights": [1, 1]}, "row of state_weights must add up to 1"),
        ({"w0": [1, 2]}, "w0 has size 2"),
        ({"steps": -1}, "steps must be"),
        ({"alpha": -1}, "alpha must be"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    good = {"features": [[1], [2]], "P": [[0, 1, 0], [0, 0, 1]], "rewards": [0, 0], "state_weights": [1, 0]}
    with pytest.raises(ValueError, match=says):
        solve("expected-td", {**good, "alpha": 0.1, "gamma": 1, "w0": [1], "steps": 1, **change})
    with pytest.raises(ValueError, match="w0 has size 1"):
        solve("baird", {**BOOK, "steps": 1, "w0": [1]})
