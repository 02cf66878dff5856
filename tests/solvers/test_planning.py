"""Tabular values against exact fractions, plain sweeps, and an enumeration of every policy."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import pytest
import torch

from solvers import planning
from solvers.catalogue import solve

Rows = list[list[Any]]


def close(want: Any) -> Any:
    return pytest.approx(want, rel=1e-9, abs=1e-9)


def random_mdp(seed: int, terminating: bool) -> tuple[list[Rows], Rows]:
    """P in exact sixteenths, so that float64 holds it exactly, and R in eighths."""
    rng = random.Random(seed)
    S, A = rng.randint(1, 4), rng.randint(1, 3)

    def row() -> list[Fraction]:
        parts = [0] * (S + 1)
        for _ in range(16):
            parts[rng.randrange(S)] += 1
        if terminating or rng.random() < 0.3:
            taken = max(range(S), key=lambda s: parts[s])
            parts[taken] -= 1
            parts[S] += 1
        return [Fraction(p, 16) for p in parts]

    rewards = [[Fraction(rng.randint(-40, 40), 8) for _ in range(A)] for _ in range(S)]
    return [[row() for _ in range(A)] for _ in range(S)], rewards


def as_floats(nested: Any) -> Any:
    return [as_floats(x) for x in nested] if isinstance(nested, list) else float(nested)


def exact_values(P: list[Rows], R: Rows, gamma: Fraction, policy: Rows) -> list[Fraction]:
    """Gauss and Jordan, in fractions."""
    S, A = len(R), len(R[0])
    rows = []
    for s in range(S):
        chain = [sum(policy[s][a] * P[s][a][t] for a in range(A)) for t in range(S)]
        rows.append([(s == t) - gamma * chain[t] for t in range(S)] + [sum(policy[s][a] * R[s][a] for a in range(A))])
    for i in range(S):
        pivot = next(r for r in range(i, S) if rows[r][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for r in range(S):
            if r != i:
                rows[r] = [x - rows[r][i] * y for x, y in zip(rows[r], rows[i], strict=True)]
    return [row[-1] for row in rows]


def exact_q(P: list[Rows], R: Rows, gamma: Fraction, v: list[Fraction]) -> Rows:
    return [
        [r + gamma * sum(p * x for p, x in zip(row, v, strict=False)) for row, r in zip(rows, rs, strict=True)]
        for rows, rs in zip(P, R, strict=True)
    ]


GAMMAS = [Fraction(0), Fraction(1, 2), Fraction(15, 16), Fraction(1023, 1024), Fraction(1)]


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("seed", range(6))
def test_policy_evaluation_in_fractions(seed: int, gamma: Fraction) -> None:
    P, R = random_mdp(seed, terminating=gamma == 1)
    rng = random.Random(seed)
    policy = []
    for _ in R:
        cut = [rng.randint(0, 4) for _ in R[0]]
        policy.append([Fraction(c, 4) for c in cut[:-1]])
        policy[-1].append(1 - sum(policy[-1]))
        if policy[-1][-1] < 0:
            policy[-1] = [Fraction(1)] + [Fraction(0)] * (len(cut) - 1)
    got = solve(
        "policy-evaluation",
        {"P": as_floats(P), "R": as_floats(R), "gamma": float(gamma), "policy": as_floats(policy)},
    )
    v = exact_values(P, R, gamma, policy)
    assert got["v"] == close(as_floats(v))
    for ours, exact in zip(got["q"], exact_q(P, R, gamma, v), strict=True):
        assert ours == close(as_floats(exact))


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("seed", range(8))
def test_optimal_values_over_every_policy_in_fractions(seed: int, gamma: Fraction) -> None:
    P, R = random_mdp(seed, terminating=gamma == 1)
    S, A = len(R), len(R[0])
    best = [max(column) for column in zip(*(
        exact_values(P, R, gamma, [[Fraction(a == chosen) for a in range(A)] for chosen in policy])
        for policy in itertools.product(range(A), repeat=S)
    ), strict=True)]  # fmt: skip
    q = exact_q(P, R, gamma, best)
    got = solve("value-iteration", {"P": as_floats(P), "R": as_floats(R), "gamma": float(gamma)})
    assert got["v"] == close(as_floats(best))
    for ours, exact in zip(got["q"], q, strict=True):
        assert ours == close(as_floats(exact))
    assert got["optimal_actions"] == [[a for a in range(A) if row[a] == max(row)] for row in q]


def value_iteration(P: list[Rows], R: Rows, gamma: float, sweeps: int = 2000) -> list[float]:
    v = [0.0] * len(R)
    for _ in range(sweeps):
        v = [
            max(r + gamma * sum(p * x for p, x in zip(row, v, strict=False)) for row, r in zip(rows, rs, strict=True))
            for rows, rs in zip(P, R, strict=True)
        ]
    return v


LOOP = [[[1, 0], [0, 1]]]  # one state: action 0 stays in it, action 1 ends


@pytest.mark.parametrize(
    ("P", "R"),
    [
        (LOOP, [[0, -1]]),  # staying for ever costs nothing, ending does
        (LOOP, [[0, 1]]),
        (LOOP, [[-1, -5]]),
        ([[[1, 0], [1, 0]]], [[0, 0]]),  # nothing ever ends
        ([[[0, 1, 0], [1, 0, 0]], [[0, 1, 0], [0, 1, 0]]], [[-1, -1], [0, 0]]),  # a goal as an absorbing state
        ([[[0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 0, 1]]], [[0, 1], [0, 2]]),  # to and fro at no cost
        ([[[0.9, 0, 0.1], [0.5, 0.5, 0]], [[0.3, 0.7, 0], [0, 0.75, 0.25]]], [[-1, -2], [-0.5, -3]]),
    ],
)
def test_without_discount_the_answer_is_that_of_sweeps_from_0(P: list[Rows], R: Rows) -> None:
    got = solve("value-iteration", {"P": P, "R": R, "gamma": 1})
    assert got["v"] == close(value_iteration(P, R, 1.0))


@pytest.mark.parametrize(
    ("P", "R"),
    [
        (LOOP, [[0.1, -1]]),  # a loop that earns
        ([[[1, 0]]], [[-1]]),  # a loop that costs, without a way out
        ([[[0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 0, 1]]], [[1, -10], [-1, -10]]),  # swings between 0 and 1
    ],
)
def test_without_discount_a_loop_without_limit_is_refused(
    P: list[Rows], R: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "_MAX_SWEEPS", 2000)
    with pytest.raises(ValueError, match="does not converge"):
        solve("value-iteration", {"P": P, "R": R, "gamma": 1})


def test_a_discount_near_1_costs_no_accuracy() -> None:
    gamma = 0.999999
    got = solve("value-iteration", {"P": [[[1, 0], [0, 1]]], "R": [[1, 999_999.9]], "gamma": gamma})
    assert got["v"] == pytest.approx([1 / (1 - gamma)], rel=1e-9)
    assert got["optimal_actions"] == [[0]]
    # Staying for −1.1 or leaving, once in 1e5 tries, for −1 each: sweeps would take millions.
    slow = solve("value-iteration", {"P": [[[1, 0], [0.99999, 0.00001]]], "R": [[-1.1, -1]], "gamma": 1})
    assert slow["v"] == pytest.approx([-1e5], rel=1e-9)
    assert slow["optimal_actions"] == [[1]]
    slow = solve("value-iteration", {"P": [[[0.99999, 0.00001]]], "R": [[-1]], "gamma": 1})
    assert slow["v"] == pytest.approx([-1e5], rel=1e-9)


def test_a_grid_with_many_ties() -> None:
    """Four moves on a 6 × 6 grid, −1 each, walls return; the corner ends: −v is the distance, ties are all shortest."""
    side = 6
    P: list[Rows] = []
    want_actions = []
    for row, column in itertools.product(range(side), repeat=2):
        P.append([])
        distances = []
        for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            r, c = row + down, column + right
            r, c = (r, c) if 0 <= r < side and 0 <= c < side else (row, column)
            target = side * side if (row, column) == (side - 1, side - 1) else r * side + c
            P[-1].append([int(t == target) for t in range(side * side + 1)])
            distances.append(0 if target == side * side else 2 * side - 2 - r - c)
        want_actions.append([a for a, d in enumerate(distances) if d == min(distances)])
    distance = [2 * side - 2 - r - c for r, c in itertools.product(range(side), repeat=2)]
    for gamma in (1, 0.99):
        got = solve("value-iteration", {"P": P, "R": [[-1] * 4] * side**2, "gamma": gamma})
        steps = [d + 1 for d in distance]
        assert got["v"] == close([-n if gamma == 1 else -(1 - gamma**n) / (1 - gamma) for n in steps])
        assert got["optimal_actions"] == want_actions


@pytest.mark.parametrize(("seed", "states", "gamma"), [(21, 3, 0.999), (30, 4, 0.999), (99, 5, 0.99)])
def test_ties_that_rounding_breaks_now_one_way_and_now_the_other_do_not_go_on_for_ever(
    seed: int, states: int, gamma: float
) -> None:
    """Every state earns the same, wherever its actions lead; on these three policy iteration would never settle."""
    P = torch.rand(states, 1, states + 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    P = (P / P.sum(-1, keepdim=True)).repeat(1, 2, 1)
    P[..., -1] = 0
    P /= P.sum(-1, keepdim=True)
    P[:, 1] = P[:, 0].roll(1, 0)
    got = solve("value-iteration", {"P": P, "R": [[0.1, 0.1]] * states, "gamma": gamma})
    assert got["v"] == pytest.approx([0.1 / (1 - gamma)] * states, rel=1e-12)
    assert got["optimal_actions"] == [[0, 1]] * states


def test_ties_are_within_1e_9() -> None:
    P = [[[0, 1]] * 3]
    got = solve("value-iteration", {"P": P, "R": [[1, 1 - 5e-10, 1 - 5e-9]], "gamma": 0.5})
    assert got["optimal_actions"] == [[0, 1]]


def test_random_large_mdp_satisfies_the_optimality_equation() -> None:
    generator = torch.Generator().manual_seed(0)
    P = torch.rand(60, 5, 61, generator=generator, dtype=torch.float64) ** 8
    P /= P.sum(-1, keepdim=True)
    R = torch.randn(60, 5, generator=generator, dtype=torch.float64)
    for gamma in (0.9, 0.9999, 1.0):
        v, q = planning.optimal_values(P, R, gamma)
        assert torch.allclose(v, (R + gamma * P[..., :-1] @ v).amax(-1), rtol=1e-11, atol=0)
        assert torch.equal(v, q.amax(-1))


ONE = {"P": [[[1, 0]]], "R": [[1]], "gamma": 0.5}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"gamma": 1}, "singular"),
        ({"gamma": 1, "P": [[[1 - 1e-10, 0]]]}, "singular"),
        ({"gamma": 1, "P": [[[1, 1e-300]]]}, "singular to float64"),
        ({"gamma": 1.01}, "gamma must be"),
        ({"gamma": -0.1}, "gamma must be"),
        ({"P": [[[0.5, 0.4]]]}, "row of P must add up to 1"),
        ({"P": [[[1 + 2e-9, 0]]]}, "row of P must add up to 1"),
        ({"P": [[[1.5, -0.5]]]}, "P holds a negative"),
        ({"P": [[[1]]]}, "P"),
        ({"P": [[[1, 0], [1, 0]]]}, "P has size 2"),
        ({"policy": [[0.9]]}, "row of policy must add up to 1"),
        ({"policy": [[1, 0]]}, "policy has size 2"),
        ({"R": [[1, 2]]}, "P has size 1"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve("policy-evaluation", {**ONE, "policy": [[1]], **change})
    if "policy" not in change and change.get("gamma") != 1:
        with pytest.raises(ValueError, match=says):
            solve("value-iteration", {**ONE, **change})


def test_probabilities_may_miss_1_by_a_billionth() -> None:
    got = solve("policy-evaluation", {**ONE, "P": [[[1 - 5e-10, 0]]], "policy": [[1 + 5e-10]]})
    assert got["v"] == pytest.approx([2.0], rel=1e-8)
