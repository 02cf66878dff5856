"""The SFT step against the likelihood written out."""

from __future__ import annotations

import math
from typing import Any

import pytest

from solvers.trainers.supervised import SFTSettings, sft_objective, sft_step


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_gradient_and_metrics(tiny: Any, smoothing: float) -> None:
    settings = SFTSettings(max_grad_norm=None, label_smoothing=smoothing)

    def pure() -> float:
        each = [
            -(1 - smoothing) * position[token] - smoothing * sum(position) / len(position)
            for row, answer in zip(tiny.distributions(tiny.policy), tiny.answers, strict=True)
            for position, token in zip(row, answer, strict=True)
        ]
        return sum(each) / len(each)

    metrics: dict[str, float] = {}
    gradient = tiny.step_gradient(
        lambda optimizer: metrics.update(sft_step(tiny.policy, optimizer, tiny.completions(), settings)), tiny.policy
    )
    tiny.agrees_with_differences(gradient, pure, tiny.policy)
    assert metrics["loss"] == pytest.approx(pure(), abs=1e-12)
    logps = [logp for row in tiny.log_probs(tiny.policy) for logp in row]
    assert metrics["nll"] == pytest.approx(-sum(logps) / len(logps), abs=1e-12)
    assert metrics["perplexity"] == pytest.approx(math.exp(metrics["nll"]), rel=1e-12)
    hits = [
        position[token] == max(position)
        for row, answer in zip(tiny.distributions(tiny.policy), tiny.answers, strict=True)
        for position, token in zip(row, answer, strict=True)
    ]
    assert metrics["token_accuracy"] == pytest.approx(sum(hits) / len(hits))
    assert metrics["grad_norm"] == pytest.approx(math.sqrt(sum(float(g.square().sum()) for g in gradient)), rel=1e-9)


def test_senseless_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="label_smoothing must be"):
        SFTSettings(label_smoothing=1.5)
    with pytest.raises(ValueError, match="max_grad_norm must be more than 0"):
        SFTSettings(max_grad_norm=0)


def test_the_objective_changes_nothing(tiny: Any) -> None:
    before = [parameter.detach().clone() for parameter in tiny.policy.parameters()]
    sft_objective(tiny.policy, tiny.completions(), SFTSettings())
    assert all((a == b).all() for a, b in zip(before, tiny.policy.parameters(), strict=True))
    assert all(parameter.grad is None for parameter in tiny.policy.parameters())
