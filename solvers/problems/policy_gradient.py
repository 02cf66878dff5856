"""JSON in front of solvers.policy_gradient, solvers.baselines and solvers.stale_gradients."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import baselines, policy_gradient, stale_gradients
from solvers.shapes import Dims, choice, distributions, number, whole

_MAX_HORIZON = 100
_MAX_STEPS = 10_000
_MAX_SAMPLES = 1_000_000
_MAX_PAIRS = 1_000_000  # of answers to one prompt, over all prompts


def exact_policy_gradient(
    theta: Any,
    P: Any,
    R: Any,
    start: Any,
    gamma: Any,
    horizon: Any,
    weighting: Any,
    baseline: Any = None,
) -> dict[str, Tensor]:
    dims = Dims()
    problem = (
        dims.real("theta", theta, "S A"),
        distributions("P", dims.real("P", P, "S A S+1")),
        dims.real("R", R, "S A"),
        distributions("start", dims.real("start", start, "S")),
        number("gamma", gamma, 0, 1),
        whole("horizon", horizon, 1, _MAX_HORIZON),
    )
    gradient, variance = policy_gradient.exact_policy_gradient(
        *problem,
        choice("weighting", weighting, policy_gradient.WEIGHTINGS),
        None if baseline is None else dims.real("baseline", baseline, "S"),
    )
    return {
        "expected_return": policy_gradient.expected_return(*problem),
        "gradient": gradient,
        "variance": variance,
    }


def baseline_variance(
    logits: Any, rewards: Any, prompts: Any, baseline: Any, samples: Any, constant: Any = None, history: Any = None
) -> dict[str, Tensor]:
    dims = Dims()
    bandit = baselines.Bandit(
        dims.real("logits", logits, "S A"),
        dims.real("rewards", rewards, "S A"),
        distributions("prompts", dims.real("prompts", prompts, "S")),
    )
    if dims.sizes["S"] * dims.sizes["A"] ** 2 > _MAX_PAIRS:
        raise ValueError(f"logits has too many answers to go through all pairs of them; at most {_MAX_PAIRS} pairs.")
    gradient, variance = baselines.baseline_moments(
        bandit,
        choice("baseline", baseline, baselines.BASELINES),
        whole("samples", samples, 1, _MAX_SAMPLES),
        None if constant is None else number("constant", constant),
        None if history is None else whole("history", history, 1),
    )
    return {"gradient": gradient, "variance": variance}


def stale_gradient_ascent(logits: Any, rewards: Any, learning_rate: Any, delay: Any, steps: Any) -> dict[str, Tensor]:
    dims = Dims()
    start = dims.real("logits", logits, "A")
    paid = dims.real("rewards", rewards, "A")
    ascent = stale_gradients.stale_gradient_ascent(
        lambda theta: theta.softmax(-1) @ paid,
        start,
        number("learning_rate", learning_rate, 0),
        whole("delay", delay, 0, _MAX_STEPS),
        whole("steps", steps, 1, _MAX_STEPS),
    )
    return {"logits": ascent.theta, "objective": ascent.objective, "errors": ascent.errors}
