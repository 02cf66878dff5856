"""Sampling filters against transformers and by hand; best-of-n and pass@k by enumerating every sample."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import sampling
from solvers.catalogue import solve

quick = settings(max_examples=40, deadline=None)


def close(want: Any) -> Any:
    return pytest.approx(want, rel=1e-10, abs=1e-13)


# --- sampling-distribution ---


def probs(logits: list[float], temperature: float = 1, **filters: Any) -> list[float]:
    result: list[float] = solve("sampling-distribution", {"logits": logits, "temperature": temperature, **filters})[
        "probs"
    ]
    return result


def logs(*weights: float) -> list[float]:
    return [math.log(w) for w in weights]


@pytest.mark.parametrize("seed", range(30))
def test_the_filters_of_transformers(transformers: Any, seed: int) -> None:
    rng = random.Random(seed)
    logits = [rng.choice([rng.uniform(-4, 4), rng.randint(-1, 1)]) for _ in range(rng.randint(1, 9))]  # with ties
    temperature = rng.choice([0.1, 0.7, 1.0, 2.5])
    top_k = rng.choice([None, rng.randint(1, 12)])
    top_p = rng.choice([None, 0.0, 1.0, rng.random(), rng.random()])
    min_p = rng.choice([None, 0.0, 1.0, rng.random(), rng.random() / 10])
    chain = [transformers.TemperatureLogitsWarper(temperature)]
    chain += [] if top_k is None else [transformers.TopKLogitsWarper(top_k)]
    chain += [] if top_p is None else [transformers.TopPLogitsWarper(top_p)]
    chain += [] if min_p is None else [transformers.MinPLogitsWarper(min_p)]
    scores = torch.tensor([logits], dtype=torch.float64)
    for warper in chain:
        scores = warper(torch.tensor([[0]]), scores)
    assert probs(logits, temperature, top_k=top_k, top_p=top_p, min_p=min_p) == close(scores.softmax(-1)[0].tolist())


def test_temperature_alone() -> None:
    assert probs(logs(1, 2, 5), 0.5) == close([1 / 30, 4 / 30, 25 / 30])
    assert probs(logs(1, 2, 5), 0.5, top_k=None, top_p=None, min_p=None) == close([1 / 30, 4 / 30, 25 / 30])


def test_no_temperature_is_too_small_and_no_logit_too_large() -> None:
    assert probs([1, 3, 3], 1e-300) == close([0, 0.5, 0.5])
    assert probs([-1e308, 1e308], 0.01) == close([0, 1])


def test_top_k_keeps_what_ties_with_the_kth() -> None:
    assert probs(logs(2, 4, 2, 1), top_k=2) == close([0.25, 0.5, 0.25, 0])
    assert probs(logs(2, 4, 2, 1), top_k=9) == close([2 / 9, 4 / 9, 2 / 9, 1 / 9])


def test_top_p_drops_while_the_cumulative_mass_is_at_most_the_rest() -> None:
    assert probs([0, 0, 0, 0], top_p=0.5) == close(
        [0, 0, 0.5, 0.5]
    )  # ¼, ½ ≤ 1 − 0.5; equal tokens: the lower index goes
    assert probs([0, 0, 0, 0], top_p=0.51) == close([0, 1 / 3, 1 / 3, 1 / 3])
    assert probs(logs(5, 3, 2), top_p=0.6) == close([5 / 8, 3 / 8, 0])
    assert probs(logs(5, 3, 2), top_p=0) == close([1, 0, 0])
    assert probs([0, 0], top_p=0) == close([0, 1])


def test_each_filter_sees_what_the_last_one_left_renormalised() -> None:
    # After top-k: 4/7, 2/7, 1/7. Then the last has 1/7 ≤ 1 − 0.8; of all four its 1/8 + 1/8 would be 2/8 > 0.2.
    assert probs(logs(4, 2, 1.001, 1), top_k=3, top_p=0.8) == close([2 / 3, 1 / 3, 0, 0])
    # min-p is relative to the largest that remains.
    assert probs(logs(5, 3, 2), min_p=0.5) == close([5 / 8, 3 / 8, 0])
    assert probs(logs(5, 3, 2), top_p=0.7, min_p=0.61) == close([1, 0, 0])


@quick
@given(
    st.lists(st.floats(-30, 30).map(lambda x: round(x, 9)), min_size=1, max_size=12),  # closer ones tie
    st.floats(0.05, 10),
    st.none() | st.integers(1, 15),
    st.none() | st.floats(0, 1),
    st.none() | st.floats(0, 1),
)
def test_always_a_distribution_with_the_order_of_the_logits(
    logits: list[float], temperature: float, top_k: int | None, top_p: float | None, min_p: float | None
) -> None:
    got = probs(logits, temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    assert sum(got) == close(1)
    assert min(got) >= 0
    assert got[max(range(len(logits)), key=lambda i: (logits[i], i))] == max(got)
    for i, j in itertools.combinations(range(len(logits)), 2):
        assert (got[i] - got[j]) * (logits[i] - logits[j]) >= 0


# --- best-of-n ---


def enumerated(logits: list[float], rewards: list[float], n: int) -> tuple[list[Any], Any, Any]:
    """Every one of the Vⁿ possible draws, its probability, and the first of its best."""
    weights = [mpmath.exp(mpmath.mpf(x)) for x in logits]
    base = [w / mpmath.fsum(weights) for w in weights]
    picked = [mpmath.mpf(0)] * len(base)
    for draw in itertools.product(range(len(base)), repeat=n):
        first = max(draw, key=lambda token: rewards[token])  # max returns the first of equals
        picked[first] += mpmath.fprod(base[token] for token in draw)
    kl = mpmath.fsum(p * mpmath.log(p / b) for p, b in zip(picked, base, strict=True))
    return picked, mpmath.fsum(p * r for p, r in zip(picked, rewards, strict=True)), kl


@quick
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_best_of_n_by_enumeration(size: int, n: int, data: st.DataObject) -> None:
    logits = data.draw(st.lists(st.floats(-15, 15), min_size=size, max_size=size))
    rewards = data.draw(st.lists(st.sampled_from([-1.5, 0.0, 0.0, 1.0, 2.0]), min_size=size, max_size=size))
    got = solve("best-of-n", {"logits": logits, "rewards": rewards, "n": n})
    with mpmath.workdps(50):
        picked, reward, kl = enumerated(logits, rewards, n)
    assert got["distribution"] == close([float(p) for p in picked])
    assert got["expected_reward"] == close(float(reward))
    assert got["kl"] == close(float(kl))


@quick
@given(st.lists(st.tuples(st.floats(-8, 8), st.integers(-3, 3)), min_size=1, max_size=30), st.integers(1, 10_000))
def test_kl_of_best_of_n_stays_below_its_bound(tokens: list[tuple[float, int]], n: int) -> None:
    got = solve("best-of-n", {"logits": [x for x, _ in tokens], "rewards": [r for _, r in tokens], "n": n})
    assert -1e-12 <= got["kl"] <= math.log(n) - (n - 1) / n + 1e-12
    assert sum(got["distribution"]) == close(1)


def test_many_equally_likely_samples_come_near_the_bound_on_kl() -> None:
    size, n = 20_000, 8
    got = solve("best-of-n", {"logits": [0] * size, "rewards": list(range(size)), "n": n})
    assert got["kl"] == pytest.approx(math.log(n) - (n - 1) / n, abs=1e-3)


def test_best_of_very_many_and_of_the_very_unlikely() -> None:
    # The better token has probability 1e-9 and n = 1e9: it is among the samples with probability 1 − (1 − 1e-9)^1e9.
    got = solve("best-of-n", {"logits": [0, math.log(1e-9)], "rewards": [0, 1], "n": 10**9})
    with mpmath.workdps(40):
        p = mpmath.mpf(math.exp(math.log(1e-9)))
        want = float(1 - (1 - p / (1 + p)) ** (10**9))
    assert got["expected_reward"] == pytest.approx(want, rel=1e-9)
    assert solve("best-of-n", {"logits": [0, -2000], "rewards": [0, 1], "n": 3})["distribution"] == [1, 0]
    assert solve("best-of-n", {"logits": [0, -2000], "rewards": [1, 0], "n": 3})["kl"] == 0


def test_all_rewards_equal_leave_the_base() -> None:
    got = solve("best-of-n", {"logits": logs(1, 3), "rewards": [2, 2], "n": 7})
    assert got["distribution"] == close([0.25, 0.75])
    assert got["kl"] == close(0)


# --- pass-at-k ---


def pass_at_k(n: int, correct: int, k: int) -> float:
    result: float = solve("pass-at-k", {"n": n, "correct": correct, "k": k})["pass_at_k"]
    return result


def test_pass_at_k_by_enumerating_every_subset() -> None:
    for n in range(1, 7):
        for correct, k in itertools.product(range(n + 1), range(1, n + 1)):
            subsets = list(itertools.combinations(range(n), k))
            share = Fraction(sum(min(s) < correct for s in subsets), len(subsets))
            assert pass_at_k(n, correct, k) == close(float(share)), (n, correct, k)


@quick
@given(st.integers(1, 2000), st.data())
def test_pass_at_k_in_exact_arithmetic(n: int, data: st.DataObject) -> None:
    correct, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    want = 1 - Fraction(math.comb(n - correct, k), math.comb(n, k))
    assert pass_at_k(n, correct, k) == pytest.approx(float(want), rel=1e-10)


def test_pass_at_k_of_very_many_samples() -> None:
    assert pass_at_k(10_000_000, 1, 3) == pytest.approx(3e-7, rel=1e-12)
    assert pass_at_k(10_000_000, 2, 2_500_000) == pytest.approx(1 - 0.75**2, rel=1e-6)
    assert pass_at_k(10_000_000, 5_000_000, 5_000_000) == 1
    assert math.copysign(1, pass_at_k(5, 0, 2)) == 1  # 0, not −0


@pytest.mark.parametrize(("n", "correct", "k"), [(3, 4, 1), (3, 1, 4), (3, 1, 0), (3, -1, 1)])
def test_pass_at_k_itself_refuses_what_cannot_be(n: int, correct: int, k: int) -> None:
    with pytest.raises(ValueError, match="pass@k needs"):
        sampling.pass_at_k(n, correct, k)


LOGITS = {"logits": [1, 2], "temperature": 1}
BEST = {"logits": [1, 2], "rewards": [0, 1], "n": 2}


@pytest.mark.parametrize(
    ("solver", "inputs", "says"),
    [
        ("sampling-distribution", {**LOGITS, "temperature": 0}, "temperature must be more than 0"),
        ("sampling-distribution", {**LOGITS, "top_k": 0}, "top_k must be at least 1"),
        ("sampling-distribution", {**LOGITS, "top_k": 1.5}, "top_k must be a whole number"),
        ("sampling-distribution", {**LOGITS, "top_p": 1.1}, "top_p must be"),
        ("sampling-distribution", {**LOGITS, "min_p": -0.1}, "min_p must be"),
        ("sampling-distribution", {**LOGITS, "logits": []}, "logits is empty"),
        ("sampling-distribution", {**LOGITS, "logits": [[1, 2]]}, "logits"),
        ("best-of-n", {**BEST, "n": 0}, "n must be at least 1"),
        ("best-of-n", {**BEST, "rewards": [0]}, "rewards has size 1"),
        ("pass-at-k", {"n": 3, "correct": 4, "k": 1}, "correct must be from 0 to 3"),
        ("pass-at-k", {"n": 3, "correct": 1, "k": 4}, "k must be from 1 to 3"),
        ("pass-at-k", {"n": 3, "correct": 1, "k": 0}, "k must be from 1 to 3"),
        ("pass-at-k", {"n": 0, "correct": 0, "k": 1}, "n must be from 1"),
        ("pass-at-k", {"n": 3, "correct": -1, "k": 1}, "correct must be"),
    ],
)
def test_senseless_input_is_refused(solver: str, inputs: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve(solver, inputs)
