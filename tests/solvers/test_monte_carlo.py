"""Monte Carlo against batch TD: the book's examples, replays in fractions, and what repeated sweeps converge to."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import torch

from solvers.catalogue import solve
from solvers.monte_carlo import Episode, batch_td, constant_alpha_mc, mc_prediction
from solvers.temporal_difference import td0
from solvers.worlds import random_walk, sample_episode

PREDICTOR = [
    {"states": [0, 1], "rewards": [0, 0]},
    *[{"states": [1], "rewards": [1]}] * 6,
    {"states": [1], "rewards": [0]},
]


def example(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    episodes = []
    for _ in range(rng.randint(1, 6)):
        length = rng.randint(1, 7)
        episodes.append(
            {
                "states": [rng.randrange(4) for _ in range(length)],
                "rewards": [rng.randint(-8, 8) / 4 for _ in range(length)],
            }
        )
    return episodes


def test_you_are_the_predictor() -> None:
    """Sutton & Barto 2018, example 6.4: both say V(B) = 3/4; V(A) is 3/4 for batch TD and 0 for Monte Carlo."""
    inputs = {"episodes": PREDICTOR, "states": 2, "gamma": 1}
    assert solve("batch-td", inputs) == {"v": [pytest.approx(0.75), pytest.approx(0.75)], "counts": [1, 8]}
    for visits in ("first", "every"):
        assert solve("mc-prediction", {**inputs, "visits": visits}) == {"v": [0, 0.75], "counts": [1, 8]}


def test_one_state_that_loops() -> None:
    """Exercise 5.5: ten steps of reward 1 in one state; first visit estimates 10, every visit 5.5."""
    inputs = {"episodes": [{"states": [0] * 10, "rewards": [1] * 10}], "states": 1, "gamma": 1}
    assert solve("mc-prediction", {**inputs, "visits": "first"}) == {"v": [10], "counts": [1]}
    assert solve("mc-prediction", {**inputs, "visits": "every"}) == {"v": [5.5], "counts": [10]}


@pytest.mark.parametrize("gamma", [0, Fraction(3, 4), 1])
@pytest.mark.parametrize("visits", ["first", "every"])
@pytest.mark.parametrize("seed", range(8))
def test_mean_returns_in_fractions(seed: int, visits: str, gamma: Fraction) -> None:
    episodes = example(seed)
    heard: dict[int, list[Fraction]] = {s: [] for s in range(5)}
    for episode in episodes:
        states, rewards = episode["states"], [Fraction(r) for r in episode["rewards"]]
        for t, s in enumerate(states):
            if visits == "every" or s not in states[:t]:
                heard[s].append(sum((r * gamma**k for k, r in enumerate(rewards[t:])), Fraction(0)))
    got = solve("mc-prediction", {"episodes": episodes, "states": 5, "gamma": float(gamma), "visits": visits})
    assert got["counts"] == [len(returns) for returns in heard.values()]
    for value, returns in zip(got["v"], heard.values(), strict=True):
        assert value == (pytest.approx(float(sum(returns) / len(returns)), abs=1e-12) if returns else None)


@pytest.mark.parametrize("gamma", [0, 0.75, 1])
@pytest.mark.parametrize("seed", range(6))
def test_batch_td_is_where_repeated_sweeps_of_td_end(seed: int, gamma: float) -> None:
    episodes = example(seed)
    visits = []
    for episode in episodes:
        states = episode["states"]
        visits += zip(states, episode["rewards"], [*states[1:], None], strict=True)
    v = [0.0] * 4
    for _ in range(4000):
        change = [0.0] * 4
        for s, r, following in visits:
            change[s] += r + (gamma * v[following] if following is not None else 0) - v[s]
        v = [x + 0.03 * c for x, c in zip(v, change, strict=True)]
    got = solve("batch-td", {"episodes": episodes, "states": 4, "gamma": gamma})
    seen = {s for s, _, _ in visits}
    for s in range(4):
        assert got["v"][s] == (pytest.approx(v[s], abs=1e-6) if s in seen else None)


def test_every_visit_has_the_least_squared_error_on_the_returns_it_saw() -> None:
    episodes = [Episode(torch.tensor(e["states"]), torch.tensor(e["rewards"])) for e in example(3)]
    v = mc_prediction(episodes, 0.5, 4, "every").v.nan_to_num()

    def error(table: torch.Tensor) -> float:
        total = 0.0
        for states, rewards in episodes:
            for t, s in enumerate(states.tolist()):
                total += (sum(float(r) * 0.5**k for k, r in enumerate(rewards[t:])) - float(table[s])) ** 2
        return total

    for s in range(4):
        for step in (-0.01, 0.01):
            other = v.clone()
            other[s] += step
            assert error(other) > error(v) - 1e-12
    assert error(v) < error(torch.zeros(4))


def test_the_first_episode_of_the_random_walk() -> None:
    """Exercise 6.3: from V = 0.5, alpha 0.1, an episode that ends left moves only V(A) under TD, by −0.05; under
    constant-alpha Monte Carlo it moves every state it visited."""
    walk = Episode(torch.tensor([2, 1, 0]), torch.zeros(3, dtype=torch.float64))
    half = torch.full((5,), 0.5, dtype=torch.float64)
    assert constant_alpha_mc([walk], 0.1, 1.0, half).tolist() == pytest.approx([0.45, 0.45, 0.45, 0.5, 0.5])
    steps = [{"s": s, "r": 0, "s2": s - 1 if s else None, "terminated": s == 0} for s in (2, 1, 0)]
    got = solve("td0", {"transitions": steps, "alpha": 0.1, "gamma": 1, "v0": half.tolist()})
    assert got["v"] == pytest.approx([0.45, 0.5, 0.5, 0.5, 0.5])
    assert half.eq(0.5).all()


def test_constant_alpha_updates_a_revisited_state_in_order() -> None:
    episode = Episode(torch.tensor([0, 0]), torch.tensor([1.0, 2.0], dtype=torch.float64))
    # Returns 3 and 2, alpha 1/2: 0 → 1.5 → 1.75.
    assert constant_alpha_mc([episode], 0.5, 1.0, torch.zeros(1, dtype=torch.float64)).tolist() == [1.75]


def test_td_is_nearer_to_the_truth_than_monte_carlo_on_the_random_walk() -> None:
    """Figure 6.2: under batch training TD has consistently the smaller error; and so it has with equal step sizes."""
    P, R = random_walk()
    policy = torch.full((5, 2), 0.5, dtype=torch.float64)
    truth = torch.arange(1, 6, dtype=torch.float64) / 6
    source = torch.Generator().manual_seed(1)
    start = torch.full((5,), 0.5, dtype=torch.float64)
    errors: dict[str, list[float]] = {"batch td": [], "batch mc": [], "td": [], "mc": []}
    for _ in range(12):
        runs = [sample_episode(P, R, policy, 2, source, 10_000) for _ in range(40)]
        episodes = [
            Episode(torch.tensor([x.s for x in run]), torch.tensor([x.r for x in run], dtype=torch.float64))
            for run in runs
        ]
        tables = {
            "batch td": batch_td(episodes, 1.0, 5).v,
            "batch mc": mc_prediction(episodes, 1.0, 5, "every").v,
            "td": td0([step for run in runs for step in run], 0.1, 1.0, start).table,
            "mc": constant_alpha_mc(episodes, 0.1, 1.0, start),
        }
        for name, table in tables.items():
            errors[name].append(float((table - truth).square().mean().sqrt()))
    mean = {name: sum(values) / len(values) for name, values in errors.items()}
    assert mean["batch td"] < mean["batch mc"]
    assert mean["td"] < mean["mc"]
    assert mean["batch td"] < 0.12


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"episodes": []}, "at least one object"),
        ({"episodes": [{"states": [0]}]}, "an object {states, rewards}"),
        ({"episodes": [{"states": [2], "rewards": [1]}]}, "whole numbers from 0 to 1"),
        ({"episodes": [{"states": [0, 1], "rewards": [1]}]}, "rewards has size 1"),
        ({"states": 0}, "states must be"),
        ({"gamma": 1.5}, "gamma must be"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    inputs = {"episodes": PREDICTOR, "states": 2, "gamma": 1, **change}
    with pytest.raises(ValueError, match=says):
        solve("batch-td", inputs)
    with pytest.raises(ValueError, match=says):
        solve("mc-prediction", {**inputs, "visits": "first"})
    with pytest.raises(ValueError, match="visits must be one of"):
        solve("mc-prediction", {"episodes": PREDICTOR, "states": 2, "gamma": 1, "visits": "last"})
