"""DQN's targets against rlax, its loss against finite differences, and the whole of it on a chain it must solve."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from solvers import dqn
from solvers.catalogue import solve
from solvers.planning import optimal_values

number = st.floats(-10, 10, allow_nan=False)
row = st.lists(number, min_size=3, max_size=3)


@given(st.lists(st.tuples(number, st.booleans(), row, row), min_size=1, max_size=4), st.sampled_from([0, 0.5, 1]))
def test_targets_in_plain_python(batch: list[tuple[float, bool, list[float], list[float]]], gamma: float) -> None:
    rewards, terminated, frozen, online = (list(column) for column in zip(*batch, strict=True))
    got = solve(
        "dqn-target",
        {
            "rewards": rewards,
            "terminated": terminated,
            "next_q_target": frozen,
            "next_q_online": online,
            "gamma": gamma,
        },
    )
    for i, (r, end, values, chooser) in enumerate(batch):
        assert got["targets"][i] == pytest.approx(r if end else r + gamma * max(values), abs=1e-12)
        chosen = values[chooser.index(max(chooser))]
        assert got["double_targets"][i] == pytest.approx(r if end else r + gamma * chosen, abs=1e-12)
        assert got["double_targets"][i] <= got["targets"][i]


def test_the_errors_of_rlax(rlax: Any) -> None:
    q, frozen, online = map(rlax.array, ([1.0, -2.0], [0.5, 3.0], [4.0, 3.5]))
    got = solve(
        "dqn-target",
        {
            "rewards": [0.25],
            "terminated": [0],
            "next_q_target": [frozen.tolist()],
            "next_q_online": [online.tolist()],
            "gamma": 0.875,
        },
    )
    for action in range(2):
        error = float(rlax.q_learning(q, action, 0.25, 0.875, frozen))
        assert got["targets"][0] - q[action] == pytest.approx(error, abs=1e-12)
        error = float(rlax.double_q_learning(q, action, 0.25, 0.875, frozen, online))
        assert got["double_targets"][0] - q[action] == pytest.approx(error, abs=1e-12)


def plain_loss(q: list[list[float]], actions: list[int], targets: list[float], penalty: str) -> float:
    total = 0.0
    for values, action, y in zip(q, actions, targets, strict=True):
        e = abs(y - values[action])
        total += e * e if penalty == "squared" else (e * e / 2 if e <= 1 else e - 0.5)
    return total / len(q)


@pytest.mark.parametrize("penalty", ["squared", "huber"])
def test_the_loss_and_its_gradient_by_finite_differences(penalty: str) -> None:
    q, actions, targets = [[0.3, -1.2], [2.0, 0.1], [1.0, 1.0]], [1, 0, 0], [0.5, 1.6, 1.25]
    got = solve("dqn-loss", {"q": q, "actions": actions, "targets": targets, "penalty": penalty})
    assert got["loss"] == pytest.approx(plain_loss(q, actions, targets, penalty), abs=1e-12)
    for i in range(3):
        for a in range(2):
            shifted = []
            for step in (1e-5, -1e-5):
                moved = [list(values) for values in q]
                moved[i][a] += step
                shifted.append(plain_loss(moved, actions, targets, penalty))
            assert got["grad_q"][i][a] == pytest.approx((shifted[0] - shifted[1]) / 2e-5, abs=1e-8)


def test_hubers_gradient_is_the_clipped_error() -> None:
    got = solve("dqn-loss", {"q": [[50.0]], "actions": [0], "targets": [0], "penalty": "huber"})
    assert got["grad_q"] == [[1.0]]


def test_no_gradient_flows_through_the_targets() -> None:
    frozen = torch.ones(1, 2, dtype=torch.float64, requires_grad=True)
    zero = torch.zeros(1, dtype=torch.float64)
    assert not dqn.dqn_targets(zero, zero, frozen, 1.0).requires_grad
    assert not dqn.double_dqn_targets(zero, zero, frozen, frozen, 1.0).requires_grad


def chain() -> tuple[torch.Tensor, torch.Tensor]:
    """Four states; right (1) leads on and in the last earns 1 and ends, left (0) ends at once for 0.2."""
    P, R = torch.zeros(4, 2, 5, dtype=torch.float64), torch.zeros(4, 2, dtype=torch.float64)
    for s in range(4):
        P[s, 0, 4] = P[s, 1, s + 1] = 1
    R[:, 0], R[3, 1] = 0.2, 1
    return P, R


@pytest.mark.parametrize("double", [False, True])
def test_a_chain_is_solved(double: bool) -> None:
    P, R = chain()
    source = torch.Generator().manual_seed(3)
    q = dqn.train_dqn(P, R, 0.9, 1500, source, epsilon=0.5, double=double)
    want = optimal_values(P, R, 0.9).q
    assert want[0, 1] == pytest.approx(0.9**3)
    assert torch.allclose(q, want, atol=0.02)


def test_the_target_is_copied_only_now_and_then() -> None:
    """Values travel back one state a copy: with one copy in the whole run the first state cannot know of the end."""
    P, R = chain()
    run: dict[str, Any] = {"gamma": 0.9, "steps": 800, "epsilon": 0.5}
    q = dqn.train_dqn(P, R, generator=torch.Generator().manual_seed(0), target_every=400, **run)
    assert q[3, 1] == pytest.approx(1, abs=1e-3)
    assert q[2, 1] == pytest.approx(0.9, abs=1e-2)
    assert q[1, 1] == pytest.approx(0.9 * 0.2, abs=1e-2)  # of left in state 2, which the first copy already knew
    assert math.isclose(float(q[0, 0]), 0.2, abs_tol=1e-3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"terminated": [2]}, "terminated must hold only 0 and 1"),
        ({"next_q_online": [[1]]}, "next_q_online has size 1"),
        ({"gamma": 2}, "gamma must be"),
        ({"rewards": [1, 2]}, "terminated has size 1"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    good = {"rewards": [1], "terminated": [0], "next_q_target": [[1, 2]], "next_q_online": [[1, 2]], "gamma": 1}
    with pytest.raises(ValueError, match=says):
        solve("dqn-target", {**good, **change})
