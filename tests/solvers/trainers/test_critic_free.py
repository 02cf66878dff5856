"""REINFORCE, RLOO, REINFORCE++, GRPO, its variants and CISPO: each step against its loss written out token by token."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import pytest
import torch

from solvers.grpo_variants import VARIANTS, Variant
from solvers.trainers.critic_free import (
    CISPOSettings,
    GRPOSettings,
    ReinforcePPSettings,
    ReinforceSettings,
    RLOOSettings,
    cispo_step,
    grpo_step,
    reinforce_pp_step,
    reinforce_step,
    rloo_step,
)

Step = Callable[..., dict[str, float]]


def run(tiny: Any, step: Step, settings: Any, policy: Any = None) -> tuple[list[torch.Tensor], dict[str, float]]:
    metrics: dict[str, float] = {}
    policy = policy or tiny.policy
    batch = tiny.rollout()
    gradient = tiny.step_gradient(lambda optimizer: metrics.update(step(policy, optimizer, batch, settings)), policy)
    return gradient, metrics


def old_and_ref(tiny: Any) -> tuple[list[list[float]], list[list[float]]]:
    return tiny.log_probs(tiny.old), tiny.log_probs(tiny.reference)


def penalised(tiny: Any, kl_coef: float) -> list[float]:
    old, ref = old_and_ref(tiny)
    return [r - kl_coef * (sum(o) - sum(f)) for r, o, f in zip(tiny.rewards, old, ref, strict=True)]


def surrogate(ratio: float, advantage: float, low: float, high: float) -> float:
    return min(ratio * advantage, max(1 - low, min(1 + high, ratio)) * advantage)


def check(tiny: Any, gradient: Any, metrics: dict[str, float], pure: Callable[[], float]) -> None:
    tiny.agrees_with_differences(gradient, pure, tiny.policy)
    assert metrics["loss"] == pytest.approx(pure(), abs=1e-12)


@pytest.mark.parametrize(("baseline", "kl_coef"), [(0.0, 0.0), (0.7, 0.0), (-1.0, 0.2)])
def test_reinforce(tiny: Any, baseline: float, kl_coef: float) -> None:
    gradient, metrics = run(
        tiny, reinforce_step, ReinforceSettings(max_grad_norm=None, baseline=baseline, kl_coef=kl_coef)
    )
    rewards = penalised(tiny, kl_coef)

    def pure() -> float:
        return -sum((r - baseline) * sum(row) for r, row in zip(rewards, tiny.log_probs(tiny.policy), strict=True)) / 4

    check(tiny, gradient, metrics, pure)


@pytest.mark.parametrize("kl_coef", [0.0, 0.2])
@pytest.mark.parametrize("size", [2, 4])
def test_rloo(tiny: Any, kl_coef: float, size: int) -> None:
    gradient, metrics = run(tiny, rloo_step, RLOOSettings(max_grad_norm=None, group_size=size, kl_coef=kl_coef))
    rewards = penalised(tiny, kl_coef)
    advantages = []
    for i, reward in enumerate(rewards):
        others = [rewards[j] for j in range(4) if j != i and j // size == i // size]
        advantages.append(reward - sum(others) / len(others))

    def pure() -> float:
        return -sum(a * sum(row) for a, row in zip(advantages, tiny.log_probs(tiny.policy), strict=True)) / 4

    check(tiny, gradient, metrics, pure)


def test_reinforce_pp(tiny: Any) -> None:
    settings = ReinforcePPSettings(max_grad_norm=None, kl_coef=0.3, gamma=0.9, clip_low=0.1, clip_high=0.15)
    gradient, metrics = run(tiny, reinforce_pp_step, settings)
    old, ref = old_and_ref(tiny)
    returns = []
    for reward, o, f in zip(tiny.rewards, old, ref, strict=True):
        tokens = [-0.3 * (a - b) for a, b in zip(o, f, strict=True)]
        tokens[-1] += reward
        returns.append([sum(0.9 ** (k - t) * tokens[k] for k in range(t, len(tokens))) for t in range(len(tokens))])
    every = [g for row in returns for g in row]
    mean, deviation = statistics.fmean(every), statistics.pstdev(every)
    advantages = [(g - mean) / deviation for g in every]
    flat_old = [o for row in old for o in row]

    def ratios() -> list[float]:
        now = [p for row in tiny.log_probs(tiny.policy) for p in row]
        return [math.exp(p - o) for p, o in zip(now, flat_old, strict=True)]

    def pure() -> float:
        terms = [surrogate(r, a, 0.1, 0.15) for r, a in zip(ratios(), advantages, strict=True)]
        return -sum(terms) / len(terms)

    check(tiny, gradient, metrics, pure)
    outside = [r < 0.9 or r > 1.15 for r in ratios()]
    assert metrics["clip_fraction"] == pytest.approx(sum(outside) / len(outside))
    assert 0 < metrics["clip_fraction"] < 1  # both sides of the clip were tried


def grpo_loss_written_out(tiny: Any, variant: Variant, size: int, max_length: int) -> float:
    old, ref = old_and_ref(tiny)
    now = tiny.log_probs(tiny.policy)
    rows = []
    for i in range(4):
        group = tiny.rewards[i // size * size : i // size * size + size]
        deviation = {"population": statistics.pstdev, "sample": statistics.stdev, "none": lambda _: 1.0}[variant.std]
        advantage = (tiny.rewards[i] - statistics.fmean(group)) / deviation(group)
        log_ratios = [p - o for p, o in zip(now[i], old[i], strict=True)]
        if variant.ratio == "sequence":
            log_ratios = [statistics.fmean(log_ratios)] * len(log_ratios)
        kl = [math.exp(f - p) - 1 - (f - p) for p, f in zip(now[i], ref[i], strict=True)]
        rows.append(
            [
                variant.beta * k - surrogate(math.exp(d), advantage, variant.clip_low, variant.clip_high)
                for d, k in zip(log_ratios, kl, strict=True)
            ]
        )
    if variant.aggregation == "sequence-mean":
        return statistics.fmean(statistics.fmean(row) for row in rows)
    tokens = [term for row in rows for term in row]
    return sum(tokens) / (len(tokens) if variant.aggregation == "token-mean" else 4 * max_length)


@pytest.mark.parametrize(
    "variant",
    [*VARIANTS.values(), Variant(std="sample", clip_low=0.05, clip_high=0.3, ratio="sequence", aggregation="constant")],
)
@pytest.mark.parametrize("size", [2, 4])
def test_grpo_and_its_variants(tiny: Any, variant: Variant, size: int) -> None:
    settings = GRPOSettings(max_grad_norm=None, group_size=size, variant=variant, max_length=6)
    gradient, metrics = run(tiny, grpo_step, settings)

    def pure() -> float:
        return grpo_loss_written_out(tiny, variant, size, 6)

    # GSPO's narrow band can clip every sequence; then the gradient is 0, and rightly so.
    if any(bool(part.any()) for part in gradient):
        tiny.agrees_with_differences(gradient, pure, tiny.policy)
    else:
        assert metrics["clip_fraction"] == 1
    assert metrics["loss"] == pytest.approx(pure(), abs=1e-12)


@pytest.mark.parametrize("clip_low", [None, 0.1])
def test_cispo_weighs_log_probs_with_clipped_ratios_that_carry_no_gradient(tiny: Any, clip_low: float | None) -> None:
    settings = CISPOSettings(max_grad_norm=None, group_size=2, clip_low=clip_low, clip_high=0.1)
    gradient, metrics = run(tiny, cispo_step, settings)
    old, _ = old_and_ref(tiny)
    start = tiny.log_probs(tiny.policy)
    ratios = [[math.exp(p - o) for p, o in zip(*rows, strict=True)] for rows in zip(start, old, strict=True)]
    weights = [[min(max(r, 0 if clip_low is None else 1 - clip_low), 1.1) for r in row] for row in ratios]
    assert weights != ratios

    def pure() -> float:
        terms = []
        for i, row in enumerate(tiny.log_probs(tiny.policy)):
            pair = tiny.rewards[i // 2 * 2 : i // 2 * 2 + 2]
            advantage = (tiny.rewards[i] - statistics.fmean(pair)) / statistics.pstdev(pair)
            terms += [-w * advantage * p for w, p in zip(weights[i], row, strict=True)]
        return sum(terms) / len(terms)

    check(tiny, gradient, metrics, pure)


# --- what the algorithms have to do with one another, at ratio 1 ---


def close(a: list[torch.Tensor], b: list[torch.Tensor], factor: float = 1.0) -> bool:
    return all(torch.allclose(x, factor * y, rtol=0, atol=1e-12) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("size", [2, 4])
def test_grpo_without_deviation_is_rloo_times_k_minus_1_over_k(tiny: Any, size: int) -> None:
    """With the sum over tokens that a sequence's log-probability has: aggregation constant with length 1."""
    sums = Variant(std="none", beta=0.0, aggregation="constant")
    settings = GRPOSettings(max_grad_norm=None, group_size=size, variant=sums, max_length=1)
    grpo, _ = run(tiny, grpo_step, settings, tiny.old)
    rloo, _ = run(tiny, rloo_step, RLOOSettings(max_grad_norm=None, group_size=size), tiny.old)
    assert close(grpo, rloo, (size - 1) / size)


def test_at_ratio_1_token_grpo_and_cispo_step_alike_and_nothing_is_clipped(tiny: Any) -> None:
    settings = GRPOSettings(max_grad_norm=None, group_size=2, variant=Variant(beta=0.0, aggregation="token-mean"))
    grpo, metrics = run(tiny, grpo_step, settings, tiny.old)
    cispo, _ = run(tiny, cispo_step, CISPOSettings(max_grad_norm=None, group_size=2), tiny.old)
    assert close(grpo, cispo)
    assert metrics["clip_fraction"] == 0
    assert metrics["loss"] == pytest.approx(
        -sum(a * n for a, n in zip([1, -1, -1, 1], map(len, tiny.answers), strict=True)) / 10
    )


def test_metrics_of_the_policy(tiny: Any) -> None:
    _, metrics = run(tiny, reinforce_step, ReinforceSettings(max_grad_norm=None))
    assert metrics["reward"] == pytest.approx(sum(tiny.rewards) / 4)
    assert metrics["entropy"] == pytest.approx(tiny.entropy(tiny.policy), abs=1e-12)
    gaps = [
        f - p
        for rows in zip(tiny.log_probs(tiny.policy), tiny.log_probs(tiny.reference), strict=True)
        for p, f in zip(*rows, strict=True)
    ]
    assert metrics["kl"] == pytest.approx(sum(math.exp(d) - 1 - d for d in gaps) / len(gaps), abs=1e-12)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ReinforceSettings(baseline=float("nan")), "baseline must be one finite number"),
        (lambda: ReinforceSettings(kl_coef=-1), "kl_coef must be at least 0"),
        (lambda: RLOOSettings(group_size=1), "group_size must be at least 2"),
        (lambda: RLOOSettings(group_size=2, kl_coef=-1), "kl_coef must be at least 0"),
        (lambda: ReinforcePPSettings(gamma=2), "gamma must be"),
        (lambda: ReinforcePPSettings(clip_low=-1), "clip_low must be at least 0"),
        (lambda: GRPOSettings(group_size=0), "group_size must be at least 1"),
        (lambda: GRPOSettings(group_size=2, max_length=0), "max_length must be at least 1"),
        (lambda: GRPOSettings(group_size=2, variant=Variant(beta=-1)), "beta must be at least 0"),
        (lambda: GRPOSettings(group_size=2, variant=Variant(ratio="word")), "ratio must be one of"),  # type: ignore[arg-type]
        (lambda: CISPOSettings(group_size=2, clip_low=-1), "clip_low must be at least 0"),
    ],
)
def test_senseless_settings_are_refused(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def test_groups_that_do_not_come_out_even_and_a_missing_length_are_refused(tiny: Any) -> None:
    with pytest.raises(ValueError, match="4 completions do not make groups of 3"):
        run(tiny, rloo_step, RLOOSettings(group_size=3))
    with pytest.raises(ValueError, match="max_length is needed"):
        run(tiny, grpo_step, GRPOSettings(group_size=2, variant=VARIANTS["dr-grpo"]))
