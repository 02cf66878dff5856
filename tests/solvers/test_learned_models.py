"""Models learned from transitions, counted in fractions; what is planned in them; Dyna-Q and the book's maze."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import torch

from solvers.catalogue import solve
from solvers.learned_models import run_dyna_q
from solvers.planning import optimal_values

F = Fraction


def columns(seed: int, steps: int = 12) -> dict[str, list[Any]]:
    rng = random.Random(seed)
    return {
        "states": [rng.randrange(3) for _ in range(steps)],
        "actions": [rng.randrange(2) for _ in range(steps)],
        "rewards": [rng.randint(-4, 4) / 2 for _ in range(steps)],
        "next_states": [rng.randrange(3) for _ in range(steps)],
        "terminated": [rng.random() < 0.3 for _ in range(steps)],
    }


def rows(data: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    return list(zip(*data.values(), strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_the_model_is_the_share_of_what_was_seen(seed: int) -> None:
    data = columns(seed)
    got = solve("learned-model-planning", {**data, "n_states": 3, "n_actions": 2, "gamma": 0.5, "untried_value": -7})
    for s in range(3):
        for a in range(2):
            seen = [row for row in rows(data) if row[:2] == (s, a)]
            outcomes = [3 if row[4] else row[3] for row in seen]
            assert got["counts"][s][a] == len(seen)
            if seen:
                assert got["P"][s][a] == [outcomes.count(k) / len(seen) for k in range(4)]
                assert got["R"][s][a] == pytest.approx(float(sum(F(row[2]) for row in seen) / len(seen)))
            else:
                assert got["P"][s][a] == [0, 0, 0, 1]
                assert got["q"][s][a] == got["R"][s][a] == -7
    # Plain value iteration in the learned tables.
    v = [0.0] * 3
    for _ in range(60):
        q = [
            [
                r + 0.5 * sum(p * x for p, x in zip(P, [*v, 0], strict=True))
                for P, r in zip(got["P"][s], got["R"][s], strict=True)
            ]
            for s in range(3)
        ]
        v = [max(row) for row in q]
    assert got["v"] == pytest.approx(v, abs=1e-9)
    assert got["optimal_actions"] == [[a for a in range(2) if row[a] > max(row) - 1e-9] for row in got["q"]]


def test_with_one_action_the_plan_is_the_certainty_equivalent_prediction() -> None:
    """Example 6.4 once more, as transitions: V(A) = V(B) = 3/4."""
    inputs = {
        "states": [0, 1] + [1] * 7,
        "actions": [0] * 9,
        "rewards": [0, 0] + [1] * 6 + [0],
        "next_states": [1] * 9,
        "terminated": [0] + [1] * 8,
    }
    got = solve("learned-model-planning", {**inputs, "n_states": 2, "n_actions": 1, "gamma": 1})
    assert got["v"] == pytest.approx([0.75, 0.75])


def test_optimism_tries_what_pessimism_avoids() -> None:
    one = {"states": [0], "actions": [0], "rewards": [0.5], "next_states": [0], "terminated": [1], "gamma": 0.9}
    sizes = {"n_states": 1, "n_actions": 2}
    assert solve("learned-model-planning", {**one, **sizes, "untried_value": 10})["optimal_actions"] == [[1]]
    assert solve("learned-model-planning", {**one, **sizes})["optimal_actions"] == [[0]]


@pytest.mark.parametrize("seed", range(8))
def test_dyna_q_in_fractions(seed: int) -> None:
    data = columns(seed)
    rng = random.Random(seed)
    tried: list[tuple[int, int]] = []
    planned = []
    for s, a, *_ in rows(data):
        tried.append((s, a))
        planned.append([rng.choice(tried) for _ in range(rng.randint(0, 4))])
    q0 = [[rng.randint(-4, 4) / 2 for _ in range(2)] for _ in range(3)]
    q = [[F(x) for x in row] for row in q0]
    last: dict[tuple[int, int], tuple[Any, ...]] = {}

    def update(s: int, a: int, r: float, s2: int, end: bool) -> F:
        error = F(r) + (0 if end else F(3, 4) * max(q[s2])) - q[s][a]
        q[s][a] += error / 2
        return error

    errors = []
    for row, pairs in zip(rows(data), planned, strict=True):
        errors.append(float(update(*row)))
        last[row[:2]] = row
        for pair in pairs:
            update(*last[pair])
    got = solve("dyna-q", {**data, "planned": planned, "alpha": 0.5, "gamma": 0.75, "q0": q0})
    for ours, exact in zip(got["q"], q, strict=True):
        assert ours == pytest.approx([float(x) for x in exact], abs=1e-12)
    assert got["td_errors"] == pytest.approx(errors, abs=1e-12)


def test_without_planning_it_is_q_learning() -> None:
    data = columns(0)
    keys = ("s", "a", "r", "s2", "terminated")
    steps = [dict(zip(keys, row, strict=True)) for row in rows(data)]
    rates = {"alpha": 0.3, "gamma": 0.9, "q0": [[0, 1]] * 3}
    got = solve("dyna-q", {**data, "planned": [[]] * 12, **rates})
    assert got == solve("q-learning", {"transitions": steps, **rates})


# Sutton & Barto 2018, figure 8.2: S start, G goal, # wall; 14 moves are the fewest.
MAZE = [
    ".......#G",
    "..#....#.",
    "S.#....#.",
    "..#......",
    ".....#...",
    ".........",
]


def maze() -> tuple[torch.Tensor, torch.Tensor, int]:
    free = [(y, x) for y, line in enumerate(MAZE) for x, char in enumerate(line) if char in ".S"]
    number = {place: s for s, place in enumerate(free)}
    P, R = torch.zeros(len(free), 4, len(free) + 1, dtype=torch.float64), torch.zeros(len(free), 4, dtype=torch.float64)
    for (y, x), s in number.items():
        for a, (down, right) in enumerate(((-1, 0), (1, 0), (0, -1), (0, 1))):
            there = (y + down, x + right)
            inside = 0 <= there[0] < 6 and 0 <= there[1] < 9
            goal = inside and MAZE[there[0]][there[1]] == "G"
            P[s, a, len(free) if goal else number.get(there, s)] = 1
            R[s, a] = float(goal)
    return P, R, number[2, 0]


def test_the_dyna_maze() -> None:
    """Example 8.1, figure 8.3: the first episode without planning teaches one move, the last before the goal; with 50
    planning steps two episodes teach what to do in half the maze."""
    P, R, start = maze()
    assert float(optimal_values(P, R, 0.95).v[start]) == pytest.approx(0.95**13)  # the 14th move is rewarded
    runs = {n: run_dyna_q(P, R, start, 4, n, torch.Generator().manual_seed(2)) for n in (0, 50)}
    one = run_dyna_q(P, R, start, 1, 0, torch.Generator().manual_seed(2))
    two = run_dyna_q(P, R, start, 2, 50, torch.Generator().manual_seed(2))
    assert int((one.q > 0).sum()) == 1
    assert int((two.q > 0).any(-1).sum()) > 20
    assert min(runs[50].episode_lengths) >= 14
    assert sum(runs[50].episode_lengths[1:]) < sum(runs[0].episode_lengths[1:]) / 3


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("learned-model-planning", {"states": [2]}, "states must hold whole numbers from 0 to 1"),
        ("learned-model-planning", {"next_states": [2]}, "next_states must hold whole numbers from 0 to 1"),
        ("learned-model-planning", {"rewards": [1, 2]}, "states has size 1"),
        ("learned-model-planning", {"n_states": 0}, "n_states must be"),
        ("dyna-q", {"planned": []}, "planned must be a list of 1"),
        ("dyna-q", {"planned": [0]}, "a list of pairs"),
        ("dyna-q", {"planned": [[[0]]]}, "must hold pairs"),
        ("dyna-q", {"planned": [[[1, 1]]]}, "not tried before"),
        ("dyna-q", {"planned": [[[2, 0]]]}, "state must be from 0 to 1"),
    ],
)
def test_senseless_input_is_refused(name: str, change: dict[str, Any], says: str) -> None:
    one = {"states": [0], "actions": [0], "rewards": [1], "next_states": [1], "terminated": [0], "gamma": 0.9}
    good = {
        "learned-model-planning": {**one, "n_states": 2, "n_actions": 1},
        "dyna-q": {**one, "planned": [[]], "alpha": 0.5, "q0": [[0, 0], [0, 0]]},
    }
    with pytest.raises(ValueError, match=says):
        solve(name, {**good[name], **change})


def test_the_next_state_after_termination_is_not_looked_at() -> None:
    one = {"states": [0], "actions": [0], "rewards": [1], "next_states": [99], "terminated": [1], "gamma": 0.9}
    assert solve("learned-model-planning", {**one, "n_states": 1, "n_actions": 1})["v"] == [1]
