"""Group advantages against exact fractions and the standard library's statistics."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve

close = pytest.approx
quick = settings(max_examples=60, deadline=None)
grade = st.integers(-20, 20).map(lambda tenths: tenths / 10)
groups = st.integers(2, 6).flatmap(
    lambda size: st.lists(st.lists(grade, min_size=size, max_size=size), min_size=1, max_size=3)
)


def standardised(group: list[float], std: str, eps: float) -> list[float]:
    exact = [Fraction(r) for r in group]
    mean = sum(exact) / len(exact)
    if max(group) == min(group):
        return [0.0] * len(group)
    if std == "none":
        return [float(r - mean) for r in exact]
    deviation = (statistics.pstdev if std == "population" else statistics.stdev)(exact)
    return [float(r - mean) / (float(deviation) + eps) for r in exact]


@quick
@given(groups, st.sampled_from(["population", "sample", "none"]), st.sampled_from([0, 1e-4, 0.5]))
def test_grpo(rewards: list[list[float]], std: str, eps: float) -> None:
    got = solve("grpo-advantages", {"rewards": rewards, "std": std, "eps": eps})["advantages"]
    for row, group in zip(got, rewards, strict=True):
        assert row == close(standardised(group, std, eps), abs=1e-9)
        assert sum(row) == close(0, abs=1e-9)


@pytest.mark.parametrize("std", ["population", "sample", "none"])
@pytest.mark.parametrize("same", [0.1, 0.3, 1e300, -7.7, 1e-320])
@pytest.mark.parametrize("size", [3, 6, 7])
def test_equal_rewards_give_exactly_0(std: str, same: float, size: int) -> None:
    for eps in (0, 1e-9):
        got = solve("grpo-advantages", {"rewards": [[same] * size], "std": std, "eps": eps})
        assert got["advantages"] == [[0.0] * size]


@pytest.mark.parametrize("offset", [1e8, -1e12])
@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_a_large_common_offset_costs_no_digits(offset: float, scale: float) -> None:
    group = [offset + scale * k for k in (0, 1, 3, 8)]
    got = solve("grpo-advantages", {"rewards": [group], "std": "sample"})["advantages"][0]
    assert got == close(standardised(group, "sample", 0), rel=1e-12)


@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1e160, 1e300])
def test_extreme_scales_neither_vanish_nor_overflow(unit: float) -> None:
    got = solve("grpo-advantages", {"rewards": [[unit, 0, 0, unit]]})["advantages"]
    assert got == [close([1, -1, -1, 1])]


def test_population_is_the_default_and_eps_0() -> None:
    assert solve("grpo-advantages", {"rewards": [[1, 0, 0, 1]]})["advantages"] == [close([1, -1, -1, 1])]


def test_a_group_of_one() -> None:
    assert solve("grpo-advantages", {"rewards": [[5], [6]]})["advantages"] == [[0], [0]]
    assert solve("grpo-advantages", {"rewards": [[5]], "std": "none"})["advantages"] == [[0]]
    with pytest.raises(ValueError, match="group of one"):
        solve("grpo-advantages", {"rewards": [[5]], "std": "sample"})
    with pytest.raises(ValueError, match="group of one"):
        solve("rloo-advantages", {"rewards": [[5], [6]]})


@quick
@given(groups)
def test_rloo(rewards: list[list[float]]) -> None:
    got = solve("rloo-advantages", {"rewards": rewards})["advantages"]
    for row, group in zip(got, rewards, strict=True):
        others = [[r for j, r in enumerate(group) if j != i] for i in range(len(group))]
        assert row == close([r - statistics.fmean(rest) for r, rest in zip(group, others, strict=True)], abs=1e-9)
        k = len(group)
        mean = statistics.fmean(group)
        assert row == close([k / (k - 1) * (r - mean) for r in group], abs=1e-9)


@quick
@given(groups, st.randoms(use_true_random=False))
def test_the_order_within_a_group_does_not_matter(rewards: list[list[float]], random: Any) -> None:
    order = list(range(len(rewards[0])))
    random.shuffle(order)
    shuffled = [[group[i] for i in order] for group in rewards]
    for name in ("grpo-advantages", "rloo-advantages"):
        straight = solve(name, {"rewards": rewards})["advantages"]
        mixed = solve(name, {"rewards": shuffled})["advantages"]
        for row, other in zip(straight, mixed, strict=True):
            assert [row[i] for i in order] == close(other, abs=1e-9)


@quick
@given(st.data(), st.integers(1, 3), st.integers(1, 5), st.floats(0, 1), st.floats(0, 1))
def test_reinforce_pp(data: st.DataObject, rows: int, length: int, kl_coef: float, gamma: float) -> None:
    row = st.lists(st.sampled_from([0, 1, 1]), min_size=length, max_size=length)
    mask = data.draw(st.lists(row, min_size=rows, max_size=rows))
    assume(any(map(any, mask)))
    scores = data.draw(st.lists(grade, min_size=rows, max_size=rows))
    kl = data.draw(st.lists(st.lists(grade, min_size=length, max_size=length), min_size=rows, max_size=rows))
    inputs = {"rewards": scores, "kl": kl, "kl_coef": kl_coef, "gamma": gamma, "mask": mask}
    got = solve("reinforce-pp-advantages", inputs)
    want: dict[tuple[int, int], float] = {}
    for b in range(rows):
        places = [t for t in range(length) if mask[b][t]]
        for i, t in enumerate(places):
            total = sum(gamma**k * -kl_coef * kl[b][later] for k, later in enumerate(places[i:]))
            want[b, t] = total + gamma ** (len(places) - 1 - i) * scores[b]
    spread = max(want.values()) - min(want.values())
    assume(spread == 0 or spread > 1e-6)
    mean, deviation = statistics.fmean(want.values()), statistics.pstdev(want.values())
    for b in range(rows):
        for t in range(length):
            assert got["returns"][b][t] == close(want.get((b, t), 0.0), abs=1e-9)
            if spread:
                normalised = (want[b, t] - mean) / deviation if (b, t) in want else 0.0
                assert got["advantages"][b][t] == close(normalised, abs=1e-6)


def test_reinforce_pp_with_equal_returns_is_0() -> None:
    inputs = {"rewards": [0.3, 0.3], "kl": [[0.1, 5], [0.2, 0.7]], "kl_coef": 0, "gamma": 1, "mask": [[1, 0], [1, 1]]}
    got = solve("reinforce-pp-advantages", inputs)
    assert got == {"returns": [[0.3, 0.0], [0.3, 0.3]], "advantages": [[0.0, 0.0], [0.0, 0.0]]}


def test_reinforce_pp_sets_the_score_on_the_last_valid_token_wherever_the_padding_is() -> None:
    zeros = [[0] * 4] * 3
    mask = [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]]
    inputs = {"rewards": [1, 2, 4], "kl": zeros, "kl_coef": 1, "gamma": 0.5, "mask": mask}
    assert solve("reinforce-pp-advantages", inputs)["returns"] == [[0.5, 1, 0, 0], [0, 0, 1, 2], [2, 0, 4, 0]]


def test_a_result_that_overflows_is_an_error() -> None:
    with pytest.raises(ValueError, match="finite"):
        solve("grpo-advantages", {"rewards": [[1e308, -1e308]], "std": "none"})
    assert math.isfinite(solve("rloo-advantages", {"rewards": [[1e307, -1e307]]})["advantages"][0][0])
