"""Behavioural cloning, and the price of its errors by walking every path in fractions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import imitation
from solvers.catalogue import solve

F = Fraction
pairs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=20)


@given(pairs, st.sampled_from([0, 1]))
def test_a_clone_takes_each_action_as_often_as_the_expert(
    demonstrations: list[tuple[int, int]], smoothing: int
) -> None:
    states, actions = zip(*demonstrations, strict=True)
    got = solve(
        "behavioural-cloning",
        {"states": states, "actions": actions, "n_states": 3, "n_actions": 2, "smoothing": smoothing},
    )
    for s, row in enumerate(got["policy"]):
        counts = [demonstrations.count((s, a)) + smoothing for a in range(2)]
        assert row == ([c / sum(counts) for c in counts] if sum(counts) else [0.5, 0.5])


@settings(max_examples=30)
@given(pairs, st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3))
def test_no_policy_makes_the_demonstrations_likelier(demonstrations: list[tuple[int, int]], other: list[float]) -> None:
    states, actions = (torch.tensor(column) for column in zip(*demonstrations, strict=True))
    clone = imitation.behavioural_cloning(states, actions, (3, 2))
    likelihood = math.prod(clone[states, actions].tolist())
    rival = math.prod(other[s] if a else 1 - other[s] for s, a in demonstrations)
    assert likelihood >= rival * (1 - 1e-9)


def walked_cost(P: Any, costs: Any, policies: Any, horizon: int, expert: list[int] | None = None) -> F:
    """Expected total cost by summing over every path from state 0; with `expert`, how often it would act otherwise."""
    paths: dict[int, F] = {0: F(1)}
    total = F(0)
    for t in range(horizon):
        after: dict[int, F] = {}
        for (s, chance), a in itertools.product(paths.items(), range(2)):
            p = chance * F(policies[t][s][a])
            total += p * (F(costs[s][a]) if expert is None else F(a != expert[s]))
            for s2, q in enumerate(P[s][a][:-1]):
                after[s2] = after.get(s2, F(0)) + p * F(q)
        paths = after
    return total


P = [[[0.5, 0.25, 0.25], [0, 1, 0]], [[0.25, 0.75, 0], [0.5, 0, 0.5]]]
COSTS = [[0.25, 1], [0.5, 0]]
LEARNER = [[0.75, 0.25], [0.5, 0.5]]
EXPERT = [0, 1]


@pytest.mark.parametrize("horizon", [1, 2, 5, 9])
def test_the_gap_over_every_path(horizon: int) -> None:
    got = solve(
        "imitation-gap",
        {"P": P, "costs": COSTS, "expert": EXPERT, "learner": LEARNER, "start": [1, 0], "horizon": horizon},
    )
    of_expert = [[[F(a == EXPERT[s]) for a in range(2)] for s in range(2)]] * horizon
    expert_cost = walked_cost(P, COSTS, of_expert, horizon)
    assert got["expert_cost"] == pytest.approx(float(expert_cost), abs=1e-12)
    assert got["learner_cost"] == pytest.approx(float(walked_cost(P, COSTS, [LEARNER] * horizon, horizon)), abs=1e-12)
    # On the expert's own states: the chance that the learner would have chosen something else there.
    wrong = [[F(1) - F(LEARNER[s][EXPERT[s]])] * 2 for s in range(2)]
    error = walked_cost(P, wrong, of_expert, horizon) / horizon
    assert got["error"] == pytest.approx(float(error), abs=1e-12)
    assert got["bound"] == pytest.approx(float(expert_cost + horizon**2 * error), abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_bound_of_ross_and_bagnell_holds(seed: int) -> None:
    source = torch.Generator().manual_seed(seed)
    dynamics = torch.rand(4, 3, 5, generator=source, dtype=torch.float64) ** 4
    dynamics /= dynamics.sum(-1, keepdim=True)
    costs = torch.rand(4, 3, generator=source, dtype=torch.float64).round()
    expert = torch.eye(3, dtype=torch.float64)[costs.argmin(-1)]
    noise = torch.rand(4, 3, generator=source, dtype=torch.float64)
    learner = 0.9 * expert + 0.1 * noise / noise.sum(-1, keepdim=True)
    start = torch.full((4,), 0.25, dtype=torch.float64)
    for horizon in (1, 3, 12):
        gap = imitation.imitation_gap(dynamics, costs, expert, learner, start, horizon)
        assert gap.learner_cost <= gap.bound + 1e-12


@pytest.mark.parametrize("horizon", [1, 2, 7, 12])
@pytest.mark.parametrize("epsilon", [F(0), F(1, 64), F(1, 2), F(1)])
def test_the_tightrope_over_every_moment_of_falling(epsilon: F, horizon: int) -> None:
    """Falling first at step k of T costs T − k + 1; where one recovers, every error costs 1."""
    got = solve("behavioural-cloning-error", {"epsilon": float(epsilon), "horizon": horizon})
    first_fall = [(1 - epsilon) ** (k - 1) * epsilon for k in range(1, horizon + 1)]
    want = sum(p * (horizon - k) for k, p in enumerate(first_fall))
    assert got["compounding"] == pytest.approx(float(want), rel=1e-12)
    assert got["recovering"] == pytest.approx(float(epsilon * horizon), rel=1e-12)
    assert got["bound"] == pytest.approx(float(epsilon * horizon**2), rel=1e-12)
    learner = torch.tensor([[1 - epsilon, epsilon], [1, 0]], dtype=torch.float64)
    start = torch.tensor([1.0, 0.0], dtype=torch.float64)
    for recovers, key in ((False, "compounding"), (True, "recovering")):
        dynamics, costs, expert = imitation.tightrope(recovers)
        gap = imitation.imitation_gap(dynamics, costs, expert, learner, start, horizon)
        assert gap.learner_cost == pytest.approx(got[key], rel=1e-12)
        assert gap.expert_cost == 0
        assert gap.error == pytest.approx(float(epsilon), rel=1e-12)
        assert gap.bound == pytest.approx(got["bound"], rel=1e-12)


def test_errors_compound_quadratically() -> None:
    """ε·T(T + 1)/2 while ε·T is small: twice the horizon, four times the cost; with recovery only twice."""
    epsilon = 1e-9
    short, long = (solve("behavioural-cloning-error", {"epsilon": epsilon, "horizon": t}) for t in (1000, 2000))
    assert short["compounding"] == pytest.approx(epsilon * 1000 * 1001 / 2, rel=1e-5)
    assert long["compounding"] / short["compounding"] == pytest.approx(4, rel=1e-2)
    assert long["recovering"] / short["recovering"] == pytest.approx(2)


def test_the_bound_is_reached_when_all_errors_fall_on_the_first_step() -> None:
    """A learner that errs with probability ε·T at once and never after has error ε, and costs ε·T²."""
    horizon, epsilon = 8, 1 / 64
    dynamics, costs, expert = imitation.tightrope(recovers=False)
    learner = expert.repeat(horizon, 1, 1)
    learner[0, 0] = torch.tensor([1 - epsilon * horizon, epsilon * horizon], dtype=torch.float64)
    start = torch.tensor([1.0, 0.0], dtype=torch.float64)
    gap = imitation.imitation_gap(dynamics, costs, expert, learner, start, horizon)
    assert gap.error == pytest.approx(epsilon)
    assert gap.learner_cost == pytest.approx(epsilon * horizon**2)
    assert gap.learner_cost == pytest.approx(float(gap.bound))


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("behavioural-cloning", {"actions": [2]}, "actions must hold whole numbers from 0 to 1"),
        ("behavioural-cloning", {"actions": [0, 1]}, "actions has size 2"),
        ("behavioural-cloning", {"smoothing": -1}, "smoothing must be"),
        ("behavioural-cloning-error", {"epsilon": 1.1}, "epsilon must be"),
        ("behavioural-cloning-error", {"horizon": 0}, "horizon must be"),
        ("imitation-gap", {"costs": [[0, 1.5]]}, "costs must lie from 0 to 1"),
        ("imitation-gap", {"expert": [2]}, "expert must hold whole numbers from 0 to 1"),
        ("imitation-gap", {"learner": [[0.5, 0.4]]}, "row of learner must add up to 1"),
        ("imitation-gap", {"start": [0.5]}, "row of start must add up to 1"),
    ],
)
def test_senseless_input_is_refused(name: str, change: dict[str, Any], says: str) -> None:
    good: dict[str, dict[str, Any]] = {
        "behavioural-cloning": {"states": [0], "actions": [0], "n_states": 1, "n_actions": 2},
        "behavioural-cloning-error": {"epsilon": 0.1, "horizon": 2},
        "imitation-gap": {
            "P": [[[1, 0], [0, 1]]],
            "costs": [[0, 1]],
            "expert": [0],
            "learner": [[1, 0]],
            "start": [1],
            "horizon": 2,
        },
    }
    with pytest.raises(ValueError, match=says):
        solve(name, {**good[name], **change})
