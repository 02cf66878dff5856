"""The same numbers from libraries that people train with: rlax and torchrl."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from solvers.catalogue import solve

close = pytest.approx
DRAWS = [0, 1, 2]


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Any:
    generator = torch.Generator().manual_seed(request.param)

    def normal(*shape: int) -> Any:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).tolist()

    def flags(length: int, share: float = 0.25) -> list[int]:
        return (torch.rand(length, generator=generator) < share).int().tolist()

    return SimpleNamespace(normal=normal, flags=flags)


each_draw = pytest.mark.parametrize("draw", DRAWS, indirect=True)


@each_draw
@pytest.mark.parametrize("n", [1, 3, 6, 9])
def test_n_step_returns_of_rlax(rlax: Any, draw: Any, n: int) -> None:
    rewards, values = draw.normal(6), draw.normal(7)
    discounts = [0.9 * (1 - end) for end in draw.flags(6)]
    want = rlax.n_step_bootstrapped_returns(rlax.array(rewards), rlax.array(discounts), rlax.array(values[1:]), n)
    got = solve("n-step-returns", {"rewards": rewards, "values": values, "discounts": discounts, "n": n})
    assert got["returns"] == close(want.tolist(), abs=1e-12)


@each_draw
def test_gae_of_rlax(rlax: Any, draw: Any) -> None:
    rewards, values = draw.normal(6), draw.normal(7)
    ends = draw.flags(6)
    discounts = rlax.array([0.9 * (1 - end) for end in ends])
    want = rlax.truncated_generalized_advantage_estimation(rlax.array(rewards), discounts, 0.8, rlax.array(values))
    stream = {"rewards": rewards, "values": values[:-1], "next_values": values[1:], "gamma": 0.9, "lam": 0.8}
    got = solve("gae", {**stream, "terminated": ends, "truncated": [0] * 6})
    assert got["advantages"] == close(want.tolist(), abs=1e-12)


@each_draw
def test_lambda_returns_of_rlax(rlax: Any, draw: Any) -> None:
    rewards, values = draw.normal(6), draw.normal(7)
    want = rlax.lambda_returns(rlax.array(rewards), rlax.array([0.9] * 6), rlax.array(values[1:]), 0.7)
    episode = {"states": list(range(7)), "actions": [0] * 7, "rewards": rewards, "gamma": 0.9, "lam": 0.7, "alpha": 0.1}
    got = solve("td-lambda", {**episode, "v0": values, "q0": [[0]] * 7, "terminated_at_end": False})
    assert got["lambda_returns"] == close(want.tolist(), abs=1e-12)


@each_draw
def test_clipped_surrogate_of_rlax(rlax: Any, draw: Any) -> None:
    logp, old_logp, advantages = draw.normal(8), draw.normal(8), draw.normal(8)

    def loss(x: Any) -> Any:
        return rlax.clipped_surrogate_pg_loss(rlax.jax.numpy.exp(x - rlax.array(old_logp)), rlax.array(advantages), 0.2)

    want, gradient = rlax.jax.value_and_grad(loss)(rlax.array(logp))
    inputs = {"logp": [logp], "old_logp": [old_logp], "advantages": [advantages], "clip_low": 0.2, "clip_high": 0.2}
    got = solve("ppo-clip-loss", inputs)
    assert got["loss"] == close(float(want), abs=1e-12)
    assert got["grad_logp"][0] == close(gradient.tolist(), abs=1e-12)


@each_draw
def test_gae_of_torchrl_with_truncation_apart_from_termination(torchrl_values: Any, draw: Any) -> None:
    stream = {"rewards": draw.normal(9), "values": draw.normal(9), "next_values": draw.normal(9)}
    terminated, truncated = draw.flags(9), draw.flags(9)
    column = {key: torch.tensor(value, dtype=torch.float64).unsqueeze(-1) for key, value in stream.items()}
    ended = torch.tensor(terminated).bool().unsqueeze(-1)
    # Numbers that float32 holds exactly: torchrl passes gamma and lambda through it.
    gamma, lam = 0.875, 0.75
    advantages, targets = torchrl_values.generalized_advantage_estimate(
        gamma,
        lam,
        column["values"],
        column["next_values"],
        column["rewards"],
        done=ended | torch.tensor(truncated).bool().unsqueeze(-1),
        terminated=ended,
    )
    got = solve("gae", {**stream, "terminated": terminated, "truncated": truncated, "gamma": gamma, "lam": lam})
    assert got["advantages"] == close(advantages.flatten().tolist(), abs=1e-12)
    assert got["value_targets"] == close(targets.flatten().tolist(), abs=1e-12)


def off_policy_steps(draw: Any) -> dict[str, Any]:
    steps = {key: draw.normal(6) for key in ("logp_target", "logp_behaviour", "rewards")}
    return {**steps, "values": draw.normal(7), "discounts": [0.875 * (1 - end) for end in draw.flags(6)], "c_cap": 1}


@each_draw
@pytest.mark.parametrize("cap", [0.5, 1.0, 4.0])
def test_vtrace_of_rlax(rlax: Any, draw: Any, cap: float) -> None:
    steps = off_policy_steps(draw)
    ratios = rlax.jax.numpy.exp(rlax.array(steps["logp_target"]) - rlax.array(steps["logp_behaviour"]))
    values = rlax.array(steps["values"])
    discounts = rlax.array(steps["discounts"])
    given = (values[:-1], values[1:], rlax.array(steps["rewards"]), discounts, ratios)
    want = rlax.vtrace_td_error_and_advantage(*given, clip_rho_threshold=cap, clip_pg_rho_threshold=cap)
    got = solve("vtrace", {**steps, "rho_cap": cap, "lam": 1})
    assert got["targets"] == close((want.errors + values[:-1]).tolist(), abs=1e-12)
    assert got["advantages"] == close(want.pg_advantage.tolist(), abs=1e-12)
    errors = rlax.vtrace(*given, lambda_=0.7, clip_rho_threshold=cap)
    got = solve("vtrace", {**steps, "rho_cap": cap, "lam": 0.7})
    assert got["targets"] == close((errors + values[:-1]).tolist(), abs=1e-12)


@each_draw
def test_vtrace_of_torchrl(torchrl_values: Any, draw: Any) -> None:
    steps = {**off_policy_steps(draw), "rho_cap": 1.5, "c_cap": 0.75, "lam": 1}
    column = {
        key: torch.tensor(steps[key], dtype=torch.float64).unsqueeze(-1)
        for key in ("logp_target", "logp_behaviour", "rewards", "values", "discounts")
    }
    ended = column["discounts"] == 0
    advantages, targets = torchrl_values.vtrace_advantage_estimate(
        0.875,
        column["logp_target"],
        column["logp_behaviour"],
        column["values"][:-1],
        column["values"][1:],
        column["rewards"],
        done=ended,
        terminated=ended,
        rho_thresh=torch.tensor(1.5, dtype=torch.float64),
        c_thresh=torch.tensor(0.75, dtype=torch.float64),
    )
    got = solve("vtrace", steps)
    assert got["targets"] == close(targets.flatten().tolist(), abs=1e-12)
    assert got["advantages"] == close(advantages.flatten().tolist(), abs=1e-12)
