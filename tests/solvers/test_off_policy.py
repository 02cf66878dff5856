"""V-trace against the paper's equation 1, summed as it stands; PPO with truncated weights against its definition."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.off_policy import vtrace

close = pytest.approx
quick = settings(max_examples=40, deadline=None)
logp = st.floats(-3, 0)


def targets_by_definition(steps: dict[str, Any]) -> list[float]:
    length = len(steps["rewards"])
    ratios = [math.exp(a - b) for a, b in zip(steps["logp_target"], steps["logp_behaviour"], strict=True)]
    v, d = steps["values"], steps["discounts"]
    targets = []
    for s in range(length):
        total = v[s]
        for t in range(s, length):
            delta = min(ratios[t], steps["rho_cap"]) * (steps["rewards"][t] + d[t] * v[t + 1] - v[t])
            traces = [d[i] * steps["lam"] * min(ratios[i], steps["c_cap"]) for i in range(s, t)]
            total += math.prod(traces) * delta
        targets.append(total)
    return targets


@st.composite
def stretches(draw: Any) -> dict[str, Any]:
    length = draw(st.integers(1, 5))

    def row(entry: st.SearchStrategy[Any], size: int = length) -> list[Any]:
        return draw(st.lists(entry, min_size=size, max_size=size))

    return {
        "logp_target": row(logp),
        "logp_behaviour": row(logp),
        "rewards": row(st.floats(-2, 2)),
        "values": row(st.floats(-2, 2), length + 1),
        "discounts": row(st.sampled_from([0.0, 0.9, 1.0])),
        "rho_cap": draw(st.sampled_from([0.5, 1.0, 3.0, 1e6])),
        "c_cap": draw(st.sampled_from([0.5, 1.0, 1e6])),
        "lam": draw(st.sampled_from([0.0, 0.7, 1.0])),
    }


@quick
@given(stretches())
def test_vtrace(steps: dict[str, Any]) -> None:
    got = solve("vtrace", steps)
    targets = targets_by_definition(steps)
    assert got["targets"] == close(targets, rel=1e-9, abs=1e-9)
    following = [*targets[1:], steps["values"][-1]]
    for t, r in enumerate(steps["rewards"]):
        rho = min(math.exp(steps["logp_target"][t] - steps["logp_behaviour"][t]), steps["rho_cap"])
        want = rho * (r + steps["discounts"][t] * following[t] - steps["values"][t])
        assert got["advantages"][t] == close(want, rel=1e-9, abs=1e-9)


@quick
@given(stretches())
def test_on_policy_it_is_the_bootstrapped_return(steps: dict[str, Any]) -> None:
    same = {**steps, "logp_behaviour": steps["logp_target"], "rho_cap": 1.0, "c_cap": 1.0, "lam": 1.0}
    running, returns = steps["values"][-1], []
    for r, d in zip(reversed(steps["rewards"]), reversed(steps["discounts"]), strict=True):
        running = r + d * running
        returns.append(running)
    assert solve("vtrace", same)["targets"] == close(returns[::-1], abs=1e-9)


@pytest.mark.parametrize("cap", [0.5, 1.0, 1.5, 100.0])
def test_rho_cap_decides_whose_value_is_the_fixed_point(cap: float) -> None:
    # one state, three actions that end the episode: at V of the policy ∝ min(cap·μ, π) the expected correction is 0
    target, behaviour, rewards = [0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [1.0, -2.0, 4.0]
    truncated = [min(cap * b, p) for b, p in zip(behaviour, target, strict=True)]
    value = sum(w * r for w, r in zip(truncated, rewards, strict=True)) / sum(truncated)
    expected = 0.0
    for p, b, r in zip(target, behaviour, rewards, strict=True):
        step = {"logp_target": [math.log(p)], "logp_behaviour": [math.log(b)], "rewards": [r], "values": [value, 0]}
        got = solve("vtrace", {**step, "discounts": [0], "rho_cap": cap, "c_cap": 1, "lam": 1})
        expected += b * (got["targets"][0] - value)
    assert expected == close(0, abs=1e-12)
    plain = sum(p * r for p, r in zip(target, rewards, strict=True))
    assert (abs(value - plain) < 1e-12) is (cap == 100)


def test_batches_are_independent_and_targets_carry_no_gradient() -> None:
    generator = torch.Generator().manual_seed(1)
    log_ratio, rewards, discounts = (torch.randn(2, 4, generator=generator, dtype=torch.float64) for _ in range(3))
    values = torch.randn(2, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    both = vtrace(log_ratio.requires_grad_(), rewards, values, discounts, None, None)
    assert not both.targets.requires_grad
    assert not both.advantages.requires_grad
    one = vtrace(log_ratio[1], rewards[1], values[1], discounts[1], None, None)
    assert both.advantages[1].tolist() == close(one.advantages.tolist(), rel=1e-14)


def table(data: st.DataObject, entry: st.SearchStrategy[Any], rows: int, length: int) -> list[list[Any]]:
    row = st.lists(entry, min_size=length, max_size=length)
    return data.draw(st.lists(row, min_size=rows, max_size=rows))


@quick
@given(st.data(), st.integers(1, 2), st.integers(1, 3), st.sampled_from([0.5, 2.0, None]))
def test_off_policy_ppo_loss(data: st.DataObject, rows: int, length: int, cap: float | None) -> None:
    inputs = {
        "logp": table(data, logp, rows, length),
        "proximal_logp": table(data, logp, rows, length),
        "behaviour_logp": table(data, logp, rows, length),
        "advantages": table(data, st.sampled_from([-1.0, 0.5, 2.0]), rows, length),
        "mask": table(data, st.sampled_from([0, 1, 1]), rows, length),
        "clip_low": 0.2,
        "clip_high": 0.3,
        "weight_cap": cap,
    }
    inputs["mask"][0][0] = 1
    got = solve("off-policy-ppo-loss", inputs)
    count = sum(map(sum, inputs["mask"]))
    total = 0.0
    for b, t in itertools.product(range(rows), range(length)):
        new, near, far = (inputs[key][b][t] for key in ("logp", "proximal_logp", "behaviour_logp"))
        weight = math.exp(near - far) if cap is None else min(math.exp(near - far), cap)
        ratio, a = math.exp(new - near), inputs["advantages"][b][t]
        clipped = min(max(ratio, 0.8), 1.3)
        total += inputs["mask"][b][t] * weight * min(ratio * a, clipped * a)
        slope = ratio * a if ratio * a <= clipped * a else 0.0
        assert got["grad_logp"][b][t] == close(-inputs["mask"][b][t] * weight * slope / count, abs=1e-9)
    assert got["loss"] == close(-total / count, abs=1e-9)


def test_when_the_proximal_policy_sampled_it_is_ppo() -> None:
    shared = {"logp": [[-1.0, -0.4]], "advantages": [[1.0, -2.0]], "mask": [[1, 1]], "clip_low": 0.2, "clip_high": 0.2}
    old = [[-1.3, -0.9]]
    got = solve("off-policy-ppo-loss", {**shared, "proximal_logp": old, "behaviour_logp": old, "weight_cap": 1})
    assert got == solve("ppo-clip-loss", {**shared, "old_logp": old})


def test_masked_positions_cannot_leak_however_huge() -> None:
    quiet = {"logp": [[-1, 0]], "proximal_logp": [[-1.2, 0]], "behaviour_logp": [[-1.1, 0]], "advantages": [[1, 0]]}
    loud = {"logp": [[-1, 1e308]], "proximal_logp": [[-1.2, -1e308]], "behaviour_logp": [[-1.1, -1e308]]}
    rest = {"mask": [[1, 0]], "clip_low": 0.2, "clip_high": 0.2}
    want = solve("off-policy-ppo-loss", {**quiet, **rest})
    assert solve("off-policy-ppo-loss", {**loud, "advantages": [[1, -1e308]], **rest}) == want


@pytest.mark.parametrize(("key", "value"), [("rho_cap", 0), ("c_cap", -1), ("lam", 1.5), ("values", [1, 2, 3])])
def test_refusals(key: str, value: Any) -> None:
    one = {"logp_target": [-1], "logp_behaviour": [-1], "rewards": [1], "values": [0, 1], "discounts": [0.9]}
    with pytest.raises(ValueError, match=key):
        solve("vtrace", {**one, "rho_cap": 1, "c_cap": 1, "lam": 1, key: value})
