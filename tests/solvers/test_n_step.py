"""n-step methods: the book's pseudocode in fractions, both ends of n, and moments by walking every path."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import pytest
import torch

from solvers.catalogue import solve
from solvers.monte_carlo import Episode, constant_alpha_mc

F = Fraction


def pseudocode(table: dict[Any, F], visits: list[Any], rewards: list[F], gamma: F, n: int, alpha: F) -> None:
    """The box of section 7.1 word for word, with the terminal state absent from the table."""
    T = len(rewards)
    t = 0
    while True:
        tau = t - n + 1
        if tau >= 0:
            G = sum((gamma ** (i - tau - 1) * rewards[i - 1] for i in range(tau + 1, min(tau + n, T) + 1)), F(0))
            end = min(tau + n, T)
            if visits[end] in table:
                G += gamma ** (end - tau) * table[visits[end]]
            table[visits[tau]] += alpha * (G - table[visits[tau]])
        if tau == T - 1:
            return
        t += 1


def walk(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    length = rng.randint(1, 8)
    return {
        "states": [rng.randrange(3) for _ in range(length + 1)],
        "actions": [rng.randrange(2) for _ in range(length + 1)],
        "rewards": [rng.randint(-8, 8) / 4 for _ in range(length)],
        "gamma": rng.choice([0, 0.5, 1]),
        "alpha": rng.choice([0.25, 1]),
        "terminated_at_end": rng.random() < 0.5,
    }


@pytest.mark.parametrize("n", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("seed", range(8))
def test_the_books_pseudocode_in_fractions(seed: int, n: int) -> None:
    drawn = walk(seed)
    rng = random.Random(seed)
    q0 = [[rng.randint(-4, 4) / 2 for _ in range(2)] for _ in range(3)]
    states: list[Any] = list(drawn["states"])
    pairs: list[Any] = list(zip(drawn["states"], drawn["actions"], strict=True))
    if drawn["terminated_at_end"]:
        states[-1] = pairs[-1] = "terminal"
    rewards = [F(r) for r in drawn["rewards"]]
    v = {s: F(row[0]) for s, row in enumerate(q0)}
    q = {(s, a): F(x) for s, row in enumerate(q0) for a, x in enumerate(row)}
    pseudocode(v, states, rewards, F(drawn["gamma"]), n, F(drawn["alpha"]))
    pseudocode(q, pairs, rewards, F(drawn["gamma"]), n, F(drawn["alpha"]))
    got = solve("n-step-sarsa", {**drawn, "q0": q0, "n": n})
    assert [x for row in got["q"] for x in row] == pytest.approx([float(x) for x in q.values()], abs=1e-12)
    del drawn["actions"]
    got = solve("n-step-td", {**drawn, "v0": [row[0] for row in q0], "n": n})
    assert got["v"] == pytest.approx([float(x) for x in v.values()], abs=1e-12)


def test_one_step_is_td0_and_all_steps_are_monte_carlo() -> None:
    drawn = {**walk(5), "terminated_at_end": True}
    del drawn["actions"]
    v0 = [0.5, -1.0, 2.0]
    steps = [
        {"s": s, "r": r, "s2": s2, "terminated": t == len(drawn["rewards"]) - 1}
        for t, (s, r, s2) in enumerate(zip(drawn["states"], drawn["rewards"], drawn["states"][1:], strict=False))
    ]
    one = solve("td0", {"transitions": steps, "alpha": drawn["alpha"], "gamma": drawn["gamma"], "v0": v0})
    assert solve("n-step-td", {**drawn, "v0": v0, "n": 1})["v"] == pytest.approx(one["v"], abs=1e-12)
    episode = Episode(torch.tensor(drawn["states"][:-1]), torch.tensor(drawn["rewards"], dtype=torch.float64))
    all_steps = constant_alpha_mc([episode], drawn["alpha"], drawn["gamma"], torch.tensor(v0, dtype=torch.float64))
    got = solve("n-step-td", {**drawn, "v0": v0, "n": 10**9})
    assert got["v"] == pytest.approx(all_steps.tolist(), abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_n_states_learn_from_a_reward_at_the_end(n: int) -> None:
    """Example 7.1's point: a walk straight to the goal teaches the last n states and no other."""
    inputs = {"states": [0, 1, 2, 3, 4], "rewards": [0, 0, 0, 1], "gamma": 1, "alpha": 0.5, "terminated_at_end": True}
    got = solve("n-step-td", {**inputs, "v0": [0, 0, 0, 0], "n": n})
    assert got["v"] == [0.5 if s >= 4 - n else 0 for s in range(4)]


P = [[[0.5, 0.25, 0.25], [0, 1, 0]], [[0.25, 0.25, 0.5], [0.5, 0, 0.5]]]
R = [[1, -2], [0.5, 3]]
POLICY = [[0.25, 0.75], [0.5, 0.5]]
MDP = {"P": P, "R": R, "policy": POLICY}


def targets(s: int, n: int, gamma: F, v: list[F]) -> list[tuple[F, F]]:
    """Probability and n-step target of every path from s."""
    if n == 0:
        return [(F(1), v[s])]
    paths = []
    for a, s2 in itertools.product(range(2), range(3)):
        chance = F(POLICY[s][a]) * F(P[s][a][s2])
        for p, rest in [(F(1), F(0))] if s2 == 2 else targets(s2, n - 1, gamma, v):
            paths.append((chance * p, F(R[s][a]) + gamma * rest))
    return paths


@pytest.mark.parametrize("gamma", [F(0), F(1, 2), F(1)])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_moments_of_the_target_over_every_path(n: int, gamma: F) -> None:
    v = [F(3), F(-1, 2)]
    got = solve("n-step-target", {**MDP, "gamma": float(gamma), "v": [float(x) for x in v], "n": n})
    true = solve("policy-evaluation", {**MDP, "gamma": float(gamma)})["v"]
    for s in range(2):
        paths = targets(s, n, gamma, v)
        assert sum(p for p, _ in paths) == 1
        mean = sum(p * g for p, g in paths)
        assert got["mean"][s] == pytest.approx(float(mean), abs=1e-12)
        assert got["bias"][s] == pytest.approx(float(mean) - true[s], abs=1e-12)
        assert got["variance"][s] == pytest.approx(float(sum(p * (g - mean) ** 2 for p, g in paths)), abs=1e-12)


def test_longer_targets_trade_bias_for_variance() -> None:
    """The error reduction property (eq. 7.3): max |bias of n steps| ≤ gamma^n·max |v − v_π|; the variance grows."""
    gamma, v = 0.9, [10.0, -5.0]
    runs = [solve("n-step-target", {**MDP, "gamma": gamma, "v": v, "n": n}) for n in (1, 2, 3, 200)]
    true = solve("policy-evaluation", {**MDP, "gamma": gamma})["v"]
    worst = max(abs(x - y) for x, y in zip(v, true, strict=True))
    for n, run in zip((1, 2, 3), runs, strict=False):
        assert max(map(abs, run["bias"])) <= gamma**n * worst + 1e-12
    assert runs[3]["mean"] == pytest.approx(true, abs=1e-9)
    at_the_truth = [solve("n-step-target", {**MDP, "gamma": gamma, "v": true, "n": n})["variance"] for n in (1, 2, 9)]
    for shorter, longer in itertools.pairwise(at_the_truth):
        assert all(x < y for x, y in zip(shorter, longer, strict=True))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n": 0}, "n must be"),
        ({"states": [0, 1]}, "states has size 2"),
        ({"states": [0, 1, 2]}, "states must hold whole numbers from 0 to 1"),
        ({"alpha": -1}, "alpha must be"),
        ({"terminated_at_end": 2}, "terminated_at_end must be true or false"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    inputs = {"states": [0, 1, 0], "rewards": [1, 1], "gamma": 1, "n": 2, "alpha": 1, "terminated_at_end": False}
    with pytest.raises(ValueError, match=says):
        solve("n-step-td", {**inputs, "v0": [0, 0], **change})
    with pytest.raises(ValueError, match=says):
        solve("n-step-sarsa", {**inputs, "actions": [0, 0, 0], "q0": [[0], [0]], **change})
