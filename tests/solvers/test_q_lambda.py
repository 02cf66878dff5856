"""Watkins's Q(λ): each earlier visit's share computed apart, Q-learning as λ = 0, and rlax's forward view."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from solvers.catalogue import solve

F = Fraction


def example(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    length = rng.randint(1, 9)
    return {
        "states": [rng.randrange(3) for _ in range(length + 1)],
        "actions": [rng.randrange(2) for _ in range(length + 1)],
        "rewards": [rng.randint(-4, 4) / 2 for _ in range(length)],
        "gamma": rng.choice([0.5, 1]),
        "lam": rng.choice([0.5, 1]),
        "alpha": rng.choice([0.5, 0.125]),
        "q0": [[rng.randint(-1, 1) for _ in range(2)] for _ in range(3)],  # small whole values, so with ties
        "terminated_at_end": rng.random() < 0.5,
    }


def replay(drawn: dict[str, Any], replacing: bool) -> tuple[list[F], list[F]]:
    """Every past visit k keeps its own decay, (gamma·lam)^(t−k) or 0 once an action between them explored."""
    q = [[F(x) for x in row] for row in drawn["q0"]]
    pairs = list(zip(drawn["states"], drawn["actions"], strict=True))
    decay: list[F] = []
    errors = []
    for t, reward in enumerate(drawn["rewards"]):
        s, a = pairs[t]
        s2, a2 = pairs[t + 1]
        over = drawn["terminated_at_end"] and t == len(drawn["rewards"]) - 1
        best = F(0) if over else max(q[s2])
        greedy = not over and q[s2][a2] == best
        errors.append(F(reward) + F(drawn["gamma"]) * best - q[s][a])
        if replacing:
            decay = [F(0) if pairs[k] == pairs[t] else d for k, d in enumerate(decay)]
        decay.append(F(1))
        for k, d in enumerate(decay):
            q[pairs[k][0]][pairs[k][1]] += F(drawn["alpha"]) * errors[-1] * d
        decay = [d * F(drawn["gamma"]) * F(drawn["lam"]) * greedy for d in decay]
    return [x for row in q for x in row], errors


def flat(table: list[list[float]]) -> list[float]:
    return [x for row in table for x in row]


@pytest.mark.parametrize("trace", ["accumulating", "replacing"])
@pytest.mark.parametrize("seed", range(20))
def test_in_fractions(seed: int, trace: str) -> None:
    drawn = example(seed)
    q, errors = replay(drawn, trace == "replacing")
    got = solve("watkins-q-lambda", {**drawn, "trace": trace})
    assert flat(got["q"]) == pytest.approx([float(x) for x in q], abs=1e-12)
    assert got["td_errors"] == pytest.approx([float(e) for e in errors], abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_without_traces_it_is_q_learning(seed: int) -> None:
    drawn = {**example(seed), "lam": 0}
    last = len(drawn["rewards"]) - 1
    steps = [
        {
            "s": drawn["states"][t],
            "a": drawn["actions"][t],
            "r": r,
            "s2": drawn["states"][t + 1],
            "terminated": drawn["terminated_at_end"] and t == last,
        }
        for t, r in enumerate(drawn["rewards"])
    ]
    want = solve("q-learning", {"transitions": steps, **{key: drawn[key] for key in ("alpha", "gamma", "q0")}})
    got = solve("watkins-q-lambda", {**drawn, "trace": "accumulating"})
    assert flat(got["q"]) == pytest.approx(flat(want["q"]), abs=1e-12)


def test_an_exploratory_action_cuts_the_trace_and_a_tie_does_not() -> None:
    """Three steps 0 → 1 → 2 → end, the reward at the end; what state 1's action was decides what state 0 learns."""
    inputs = {"states": [0, 1, 2, 0], "rewards": [0, 0, 8], "gamma": 1, "lam": 0.5, "alpha": 0.5, "trace": "replacing"}

    def first(action: int, in_state_1: list[float]) -> float:
        q0 = [[0, 0], in_state_1, [0, 0]]
        run = {**inputs, "actions": [0, action, 0, 0], "q0": q0, "terminated_at_end": True}
        return float(solve("watkins-q-lambda", run)["q"][0][0])

    assert first(0, [0, 0]) == 0.5 * 8 * 0.25
    assert first(1, [0, 0]) == 0.5 * 8 * 0.25
    assert first(1, [0, -1]) == 0  # exploring: cut
    # Greedy in state 1: the first error is gamma·1 = 1, the second (0 − 1), the third 8, with traces 1, 1/2, 1/4.
    assert first(1, [0, 1]) == pytest.approx(0.5 * (1 - 1 * 0.5 + 8 * 0.25))


def test_the_forward_view_of_rlax(rlax: Any) -> None:
    """With a vanishing step size the sum of the updates is that of the λ-returns that bootstrap from the maximum, with
    λ = 0 where the next action explores: rlax.lambda_returns with a vector of λ."""
    for seed in range(6):
        # A table without ties: an update of 1e-6 would break them and make a greedy action an exploratory one.
        q0 = [[0.3 * x + 0.1 * y for y in (seed % 2, 1 - seed % 2)] for x in (1, -2, 0)]
        drawn = {**example(seed), "q0": q0, "terminated_at_end": False, "alpha": 1e-6, "lam": 0.5}
        s, a = drawn["states"], drawn["actions"]
        best = [float(max(q0[state])) for state in s[1:]]
        lams = [0.5 * (q0[x][y] == max(q0[x])) for x, y in zip(s[1:], a[1:], strict=True)]
        rewards, discounts = drawn["rewards"], [float(drawn["gamma"])] * len(best)
        returns = rlax.lambda_returns(*map(rlax.array, (rewards, discounts, best, lams)))
        want = [[0.0, 0.0] for _ in q0]
        for t, value in enumerate(returns.tolist()):
            want[s[t]][a[t]] += value - q0[s[t]][a[t]]
        got = solve("watkins-q-lambda", {**drawn, "trace": "accumulating"})["q"]
        moved = [(x - y) / 1e-6 for new, old in zip(got, q0, strict=True) for x, y in zip(new, old, strict=True)]
        assert moved == pytest.approx(flat(want), abs=1e-3)
