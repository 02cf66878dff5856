"""GRPO's descendants against their papers' formulas in plain Python."""

from __future__ import annotations

import itertools
import math
import statistics
from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.grpo_variants import VARIANTS, grpo_variant_loss, with_entropy_bonus

close = pytest.approx
quick = settings(max_examples=40, deadline=None)
LENGTH_OF_DR_GRPO = 5


def table(draw: Any, entry: st.SearchStrategy[Any], rows: int, length: int) -> list[list[Any]]:
    return draw(st.lists(st.lists(entry, min_size=length, max_size=length), min_size=rows, max_size=rows))


@st.composite
def groups(draw: Any) -> dict[str, Any]:
    rows, length = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    logp = st.floats(-2, 0)
    mask = table(draw, st.sampled_from([0, 1, 1]), rows, length)
    mask[0][0] = 1
    return {
        "logp": table(draw, logp, rows, length),
        "old_logp": table(draw, logp, rows, length),
        "ref_logp": table(draw, logp, rows, length),
        "rewards": draw(st.lists(st.sampled_from([0.0, 1.0, 2.5]), min_size=rows, max_size=rows)),
        "mask": mask,
    }


def tokens(group: dict[str, Any], row: int) -> list[tuple[float, float, float]]:
    """(log π, log π_old, log π_ref) of the row's valid tokens."""
    columns = zip(*(group[key][row] for key in ("logp", "old_logp", "ref_logp")), strict=True)
    return [values for values, valid in zip(columns, group["mask"][row], strict=True) if valid]


def surrogate(ratio: float, advantage: float, low: float, high: float) -> float:
    return min(ratio * advantage, min(max(ratio, 1 - low), 1 + high) * advantage)


def by_the_papers(name: str, group: dict[str, Any]) -> float:
    rewards = group["rewards"]
    centred = [r - statistics.fmean(rewards) for r in rewards]
    deviation = statistics.pstdev(rewards)
    standard = [c / deviation if deviation else 0.0 for c in centred]
    rows = [tokens(group, i) for i in range(len(rewards))]
    if name == "grpo":
        means = []
        for row, a in zip(rows, standard, strict=True):
            terms = [
                surrogate(math.exp(new - old), a, 0.2, 0.2) - 0.04 * (math.exp(ref - new) - (ref - new) - 1)
                for new, old, ref in row
            ]
            means.append(sum(terms) / len(terms) if terms else 0.0)
        return -statistics.fmean(means)
    if name == "gspo":
        means = []
        for row, a in zip(rows, standard, strict=True):
            ratio = math.prod(math.exp(new - old) for new, old, _ in row) ** (1 / len(row)) if row else 0.0
            means.append(surrogate(ratio, a, 3e-4, 4e-4) if row else 0.0)
        return -statistics.fmean(means)
    advantages, high = (centred, 0.2) if name == "dr-grpo" else (standard, 0.28)
    total = sum(
        surrogate(math.exp(new - old), a, 0.2, high)
        for row, a in zip(rows, advantages, strict=True)
        for new, old, _ in row
    )
    return -total / (len(rows) * LENGTH_OF_DR_GRPO if name == "dr-grpo" else sum(map(len, rows)))


@settings(max_examples=80, deadline=None)
@given(groups(), st.sampled_from(list(VARIANTS)))
def test_variants(group: dict[str, Any], name: str) -> None:
    got = solve("grpo-variant-loss", {**group, "variant": name, "max_length": LENGTH_OF_DR_GRPO})
    assert got["loss"] == close(by_the_papers(name, group), abs=1e-9)


def test_clip_higher_keeps_the_gradient_of_a_token_that_grpo_drops() -> None:
    group = {"logp": [[math.log(1.25)], [0]], "old_logp": [[0], [0]], "ref_logp": [[math.log(1.25)], [0]]}
    rest = {"rewards": [1, 0], "max_length": 1}
    slope = {
        name: solve("grpo-variant-loss", {**group, **rest, "variant": name})["grad_logp"][0][0] for name in VARIANTS
    }
    assert slope == {"grpo": 0, "dr-grpo": 0, "gspo": 0, "dapo": close(-1.25 / 2)}


def test_groups_are_told_apart() -> None:
    generator = torch.Generator().manual_seed(2)
    logp, old = (torch.randn(4, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    rewards = torch.tensor([[1.0, 0.0], [10.0, 12.0]], dtype=torch.float64)
    mask = torch.ones(4, 3, dtype=torch.float64)
    both = grpo_variant_loss(VARIANTS["dapo"], logp, old, old, rewards, mask)
    halves = [
        grpo_variant_loss(VARIANTS["dapo"], logp[i : i + 2], old[i : i + 2], old[i : i + 2], pair, mask[:2])
        for i, pair in ((0, rewards[:1]), (2, rewards[1:]))
    ]
    assert float(both) == close(float(sum(halves)) / 2, rel=1e-12)


@quick
@given(groups())
def test_gspo_ratio_is_the_geometric_mean(group: dict[str, Any]) -> None:
    got = solve("gspo-ratio", {key: group[key] for key in ("logp", "old_logp", "mask")})["ratios"]
    for i, ratio in enumerate(got):
        row = [math.exp(new - old) for new, old, _ in tokens(group, i)]
        assert ratio == close(statistics.geometric_mean(row) if row else 1.0, rel=1e-12)


@quick
@given(groups(), st.sampled_from([None, 0.2]), st.sampled_from([0.3, 4.0]))
def test_cispo(group: dict[str, Any], low: float | None, high: float) -> None:
    advantages = [r - 0.8 for r in group["rewards"]]
    inputs = {key: group[key] for key in ("logp", "old_logp", "mask")}
    rest = {"advantages": advantages, "clip_low": low, "clip_high": high, "aggregation": "token-mean"}
    got = solve("cispo-loss", {**inputs, **rest})
    count = sum(map(sum, group["mask"]))
    total = 0.0
    for i, t in itertools.product(range(len(advantages)), range(len(group["logp"][0]))):
        weight = min(math.exp(group["logp"][i][t] - group["old_logp"][i][t]), 1 + high)
        weight = weight if low is None else max(weight, 1 - low)
        slope = -group["mask"][i][t] * weight * advantages[i] / count
        assert got["grad_logp"][i][t] == close(slope, abs=1e-12)
        assert (got["grad_logp"][i][t] != 0) is bool(group["mask"][i][t])  # no token is dropped
        total += slope * group["logp"][i][t]
    assert got["loss"] == close(total, abs=1e-12)


def test_cispo_on_policy_is_reinforce() -> None:
    inputs = {"logp": [[-1.0, -0.2], [-0.5, -3.0]], "old_logp": [[-1.0, -0.2], [-0.5, -3.0]], "advantages": [1.0, -2.0]}
    got = solve("cispo-loss", {**inputs, "clip_low": 0.2, "clip_high": 0.2, "aggregation": "sequence-mean"})
    assert got["grad_logp"] == [close([-0.25, -0.25]), close([0.5, 0.5])]


def test_dapo_filter() -> None:
    rewards = [[1, 1, 1], [0, 0, 0], [0, 1, 0], [0.1 + 0.2, 0.3, 0.3]]
    assert solve("dapo-filter", {"rewards": rewards}) == {"keep": [False, False, True, True], "share": 0.5}


@quick
@given(st.integers(1, 30), st.data())
def test_overlong_penalty(longest: int, data: st.DataObject) -> None:
    """The three cases of Yu et al. 2025, eq. 13, in fractions."""
    cache = data.draw(st.integers(0, longest))
    lengths = data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=6))

    def eq_13(length: int) -> Fraction:
        if length <= longest - cache:
            return Fraction(0)
        return Fraction(longest - cache - length, cache) if length <= longest else Fraction(-1)

    got = solve("overlong-penalty", {"lengths": lengths, "max_length": longest, "cache": cache})
    assert got["penalties"] == close([float(eq_13(length)) for length in lengths], abs=1e-15)


def test_overlong_penalty_by_hand() -> None:
    got = solve("overlong-penalty", {"lengths": [0, 80, 81, 90, 100, 101], "max_length": 100, "cache": 20})
    assert got["penalties"] == [0, 0, close(-0.05), close(-0.5), -1, -1]
    got = solve("overlong-penalty", {"lengths": [100, 101], "max_length": 100, "cache": 0})
    assert got["penalties"] == [0, -1]
    with pytest.raises(ValueError, match="cache"):
        solve("overlong-penalty", {"lengths": [1], "max_length": 10, "cache": 11})


def test_the_entropy_bonus_rewards_the_uniform_policy_and_skips_padding() -> None:
    logits = torch.tensor([[[0.0, 0.0], [3.0, -3.0], [9.0, 9.0]]], dtype=torch.float64)
    mask = torch.tensor([[1.0, 1.0, 0.0]], dtype=torch.float64)
    p = 1 / (1 + math.exp(-6))
    mean = (math.log(2) - p * math.log(p) - (1 - p) * math.log(1 - p)) / 2
    got = with_entropy_bonus(torch.tensor(5.0, dtype=torch.float64), logits, mask, 0.1)
    assert float(got) == close(5 - 0.1 * mean, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("grpo-variant-loss", {"variant": "dr-grpo"}, "max_length"),
        ("grpo-variant-loss", {"variant": "drgrpo"}, "variant"),
        ("grpo-variant-loss", {"variant": "dapo", "rewards": [1]}, "rewards"),
        ("cispo-loss", {"aggregation": "constant"}, "max_length"),
        ("cispo-loss", {"clip_high": -1}, "clip_high"),
        ("cispo-loss", {"mask": [[0], [0]]}, "masks everything"),
    ],
)
def test_refusals(name: str, change: dict[str, Any], says: str) -> None:
    rows = {"logp": [[-1], [-2]], "old_logp": [[-1], [-2]]}
    rest: dict[str, Any] = {"advantages": [1, 2], "clip_high": 2, "aggregation": "token-mean"}
    if name == "grpo-variant-loss":
        rest = {"ref_logp": [[-1], [-2]], "rewards": [1, 0]}
    with pytest.raises(ValueError, match=says):
        solve(name, {**rows, **rest, **change})
