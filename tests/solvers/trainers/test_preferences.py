"""The steps on pairs against their losses written out: reward model, DPO, IPO."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from solvers.trainers.preferences import (
    DPOSettings,
    IPOSettings,
    RewardModelSettings,
    dpo_objective,
    dpo_step,
    ipo_step,
    reward_model_step,
)
from solvers.trainers.steps import Pairs


def log_sigmoid(x: float) -> float:
    return -math.log1p(math.exp(-x))


def test_reward_model(tiny: Any) -> None:
    model, metrics = tiny.critic, {}

    def differences() -> list[float]:
        return [c - r for c, r in zip(tiny.scores(model), tiny.others_scores(model), strict=True)]

    gradient = tiny.step_gradient(
        lambda optimizer: metrics.update(
            reward_model_step(model, optimizer, tiny.pairs(), RewardModelSettings(max_grad_norm=None, margin=0.5))
        ),
        model,
    )

    def pure() -> float:
        return -sum(log_sigmoid(d - 0.5) for d in differences()) / 4

    tiny.agrees_with_differences(gradient, pure, model)
    assert metrics["loss"] == pytest.approx(pure(), abs=1e-12)
    assert metrics["margin"] == pytest.approx(sum(differences()) / 4, abs=1e-12)
    assert metrics["accuracy"] == sum(d > 0 for d in differences()) / 4


def log_ratios(tiny: Any, average: bool = False) -> list[tuple[float, float]]:
    """Chosen and rejected, each log π/π_ref of the whole completion."""
    sides = []
    for reader in (tiny.log_probs, tiny.others_log_probs):
        sides.append(
            [
                (sum(policy) - sum(reference)) / (len(policy) if average else 1)
                for policy, reference in zip(reader(tiny.policy), reader(tiny.reference), strict=True)
            ]
        )
    return list(zip(*sides, strict=True))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_dpo(tiny: Any, smoothing: float) -> None:
    metrics: dict[str, float] = {}
    settings = DPOSettings(max_grad_norm=None, beta=0.3, label_smoothing=smoothing)
    gradient = tiny.step_gradient(
        lambda optimizer: metrics.update(dpo_step(tiny.policy, tiny.reference, optimizer, tiny.pairs(), settings)),
        tiny.policy,
    )

    def pure() -> float:
        d = [0.3 * (chosen - rejected) for chosen, rejected in log_ratios(tiny)]
        return -sum((1 - smoothing) * log_sigmoid(x) + smoothing * log_sigmoid(-x) for x in d) / 4

    tiny.agrees_with_differences(gradient, pure, tiny.policy)
    assert metrics["loss"] == pytest.approx(pure(), abs=1e-12)
    chosen, rejected = zip(*log_ratios(tiny), strict=True)
    assert metrics["chosen_reward"] == pytest.approx(0.3 * sum(chosen) / 4, abs=1e-12)
    assert metrics["rejected_reward"] == pytest.approx(0.3 * sum(rejected) / 4, abs=1e-12)
    assert metrics["margin"] == pytest.approx(metrics["chosen_reward"] - metrics["rejected_reward"], abs=1e-12)
    assert metrics["accuracy"] == sum(c > r for c, r in log_ratios(tiny)) / 4


@pytest.mark.parametrize("average", [False, True])
def test_ipo(tiny: Any, average: bool) -> None:
    metrics: dict[str, float] = {}
    settings = IPOSettings(max_grad_norm=None, tau=0.25, average=average)
    gradient = tiny.step_gradient(
        lambda optimizer: metrics.update(ipo_step(tiny.policy, tiny.reference, optimizer, tiny.pairs(), settings)),
        tiny.policy,
    )

    def pure() -> float:
        return sum((c - r - 2) ** 2 for c, r in log_ratios(tiny, average)) / 4

    tiny.agrees_with_differences(gradient, pure, tiny.policy)
    assert metrics["loss"] == pytest.approx(pure(), abs=1e-12)
    assert metrics["margin"] == pytest.approx(sum(c - r for c, r in log_ratios(tiny)) / 4, abs=1e-12)


def test_dpo_begins_at_log_2_and_a_step_raises_the_margin(tiny: Any) -> None:
    optimizer = torch.optim.SGD(tiny.policy.parameters(), lr=0.05)
    start = tiny.near(tiny.policy, 0, by=0.0)
    first = dpo_step(tiny.policy, start, optimizer, tiny.pairs(), DPOSettings())
    assert first["loss"] == pytest.approx(math.log(2), abs=1e-12)
    assert first["margin"] == 0
    later = dpo_objective(tiny.policy, start, tiny.pairs(), DPOSettings())
    assert float(later.metrics["margin"]) > 0
    assert float(later.loss.detach()) < first["loss"]


def test_the_reference_gets_no_gradient(tiny: Any) -> None:
    optimizer = torch.optim.SGD(tiny.policy.parameters(), lr=0.0)
    dpo_step(tiny.policy, tiny.reference, optimizer, tiny.pairs(), DPOSettings())
    ipo_step(tiny.policy, tiny.reference, optimizer, tiny.pairs(), IPOSettings())
    assert all(parameter.grad is None for parameter in tiny.reference.parameters())


def test_senseless_pairs_and_settings_are_refused(tiny: Any) -> None:
    with pytest.raises(ValueError, match="do not pair"):
        Pairs(tiny.completions(), tiny.two_completions())
    with pytest.raises(ValueError, match="beta must be more than 0"):
        DPOSettings(beta=0)
    with pytest.raises(ValueError, match="label_smoothing must be"):
        DPOSettings(label_smoothing=-0.1)
    with pytest.raises(ValueError, match="tau must be more than 0"):
        IPOSettings(tau=0)
    with pytest.raises(ValueError, match="average must be true or false"):
        IPOSettings(average="yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="margin must be one finite number"):
        RewardModelSettings(margin=float("inf"))
