"""Value loss, PPO's objective and A2C against plain Python; gradients against central differences of those."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve

close = pytest.approx
quick = settings(max_examples=40, deadline=None)
number = st.floats(-3, 3)


def log_softmax(row: list[float]) -> list[float]:
    top = max(row)
    normaliser = top + math.log(sum(math.exp(x - top) for x in row))
    return [x - normaliser for x in row]


def entropy(row: list[float]) -> float:
    return -sum(math.exp(x) * x for x in log_softmax(row))


def slopes(f: Callable[[list[float]], float], at: list[float], h: float = 1e-6) -> list[float]:
    def moved(i: int, step: float) -> list[float]:
        return [x + step * (i == j) for j, x in enumerate(at)]

    return [(f(moved(i, h)) - f(moved(i, -h))) / (2 * h) for i in range(len(at))]


def squared_error(v: float, old: float, r: float, clip: float | None) -> float:
    error = (v - r) ** 2
    return error if clip is None else max(error, (min(max(v, old - clip), old + clip) - r) ** 2)


def near_a_kink(v: float, old: float, r: float, clip: float | None) -> bool:
    """Where the derivative jumps, a difference quotient says nothing."""
    if clip is None:
        return False
    clipped = min(max(v, old - clip), old + clip)
    tie = abs(abs(v - r) - abs(clipped - r)) < 1e-4 and abs(v - clipped) > 1e-4
    return abs(abs(v - old) - clip) < 1e-4 or tie


@quick
@given(st.data(), st.integers(1, 5), st.sampled_from([None, 0.2, 1.0]))
def test_value_loss(data: st.DataObject, length: int, clip: float | None) -> None:
    row = st.lists(number, min_size=length, max_size=length)
    values, old, returns = data.draw(row), data.draw(row), data.draw(row)
    mask = data.draw(st.lists(st.sampled_from([0, 1]), min_size=length, max_size=length).filter(any))
    assume(not any(near_a_kink(v, o, r, clip) for v, o, r in zip(values, old, returns, strict=True)))

    def loss(v: list[float]) -> float:
        errors = [squared_error(a, b, c, clip) * m for a, b, c, m in zip(v, old, returns, mask, strict=True)]
        return sum(errors) / sum(mask) / 2

    got = solve(
        "value-loss",
        {"values": [values], "old_values": [old], "returns": [returns], "mask": [mask], "clip_range": clip},
    )
    assert got["loss"] == close(loss(values), abs=1e-9)
    assert got["grad_values"][0] == close(slopes(loss, values), abs=1e-6)


def test_value_loss_ignores_what_is_masked_however_huge() -> None:
    got = solve(
        "value-loss",
        {
            "values": [[1, 1e308]],
            "old_values": [[0, -1e308]],
            "returns": [[3, -1e308]],
            "mask": [[1, 0]],
            "clip_range": 0.2,
        },
    )
    # (1 − 3)² = 4 against (0.2 − 3)² = 7.84: the clipped branch, which is flat in the value
    assert got == {"loss": close(3.92), "grad_values": [[0.0, 0.0]]}


@quick
@given(st.data(), st.integers(1, 4), st.integers(2, 4), st.sampled_from([None, 0.2]))
def test_ppo_objective(data: st.DataObject, n: int, actions: int, value_clip: float | None) -> None:
    row = st.lists(number, min_size=n, max_size=n)
    logits = data.draw(st.lists(st.lists(number, min_size=actions, max_size=actions), min_size=n, max_size=n))
    chosen = data.draw(st.lists(st.integers(0, actions - 1), min_size=n, max_size=n))
    old_logp = data.draw(st.lists(st.floats(-3, -0.1), min_size=n, max_size=n))
    advantages, values, old_values, returns = (data.draw(row) for _ in range(4))
    clip, value_coef, entropy_coef = 0.2, 0.5, 0.01
    for x, a, old in zip(logits, chosen, old_logp, strict=True):
        assume(abs(abs(math.exp(log_softmax(x)[a] - old) - 1) - clip) > 1e-4)
    assume(not any(near_a_kink(*args, value_clip) for args in zip(values, old_values, returns, strict=True)))

    def terms(flat: list[float], v: list[float]) -> tuple[float, float, float, float]:
        rows = [flat[i * actions : (i + 1) * actions] for i in range(n)]
        surrogate = 0.0
        for x, a, old, adv in zip(rows, chosen, old_logp, advantages, strict=True):
            r = math.exp(log_softmax(x)[a] - old)
            surrogate += min(r * adv, min(max(r, 1 - clip), 1 + clip) * adv) / n
        error = sum(squared_error(*args, value_clip) for args in zip(v, old_values, returns, strict=True)) / n
        mean_entropy = sum(map(entropy, rows)) / n
        critic = value_coef * error
        return -surrogate, critic, mean_entropy, -surrogate + critic - entropy_coef * mean_entropy

    got = solve(
        "ppo-objective",
        {
            "logits": logits,
            "actions": chosen,
            "old_logp": old_logp,
            "advantages": advantages,
            "values": values,
            "old_values": old_values,
            "returns": returns,
            "clip_range": clip,
            "value_clip": value_clip,
            "value_coef": value_coef,
            "entropy_coef": entropy_coef,
        },
    )
    flat = [x for logit_row in logits for x in logit_row]
    assert [got[k] for k in ("policy_loss", "value_loss", "entropy", "loss")] == close(terms(flat, values), abs=1e-9)
    got_flat = [x for gradient_row in got["grad_logits"] for x in gradient_row]
    assert got_flat == close(slopes(lambda x: terms(x, values)[3], flat), abs=1e-6)
    assert got["grad_values"] == close(slopes(lambda v: terms(flat, v)[3], values), abs=1e-6)


@quick
@given(st.data(), st.integers(1, 5), st.integers(2, 3), st.integers(1, 6))
def test_a2c_loss(data: st.DataObject, length: int, actions: int, n_step: int) -> None:
    row = st.lists(number, min_size=length, max_size=length)
    logits = data.draw(st.lists(st.lists(number, min_size=actions, max_size=actions), min_size=length, max_size=length))
    chosen = data.draw(st.lists(st.integers(0, actions - 1), min_size=length, max_size=length))
    terminated = data.draw(st.lists(st.sampled_from([0, 0, 1]), min_size=length, max_size=length))
    rewards = data.draw(row)
    values = data.draw(st.lists(number, min_size=length + 1, max_size=length + 1))
    gamma, value_coef, entropy_coef = 0.9, 0.5, 0.01
    returns = []
    for t in range(length):
        total, weight, end = 0.0, 1.0, min(t + n_step, length)
        for k in range(t, end):
            total += weight * rewards[k]
            weight *= gamma * (1 - terminated[k])
        returns.append(total + weight * values[end])
    # targets and advantages are constants to the gradient
    advantages = [r - v for r, v in zip(returns, values, strict=False)]

    def terms(flat: list[float], v: list[float]) -> tuple[float, float, float, float]:
        rows = [flat[i * actions : (i + 1) * actions] for i in range(length)]
        log_probs = [log_softmax(x)[a] for x, a in zip(rows, chosen, strict=True)]
        policy = -sum(a * x for a, x in zip(advantages, log_probs, strict=True)) / length
        critic = sum((r - x) ** 2 for r, x in zip(returns, v, strict=True)) / length
        mean_entropy = sum(map(entropy, rows)) / length
        return policy, critic, mean_entropy, policy + value_coef * critic - entropy_coef * mean_entropy

    inputs: dict[str, Any] = {
        "logits": logits,
        "actions": chosen,
        "rewards": rewards,
        "terminated": terminated,
        "values": values,
        "gamma": gamma,
        "n_step": n_step,
        "value_coef": value_coef,
        "entropy_coef": entropy_coef,
    }
    got = solve("a2c-loss", inputs)
    flat = [x for logit_row in logits for x in logit_row]
    assert got["returns"] == close(returns, abs=1e-9)
    assert got["advantages"] == close(advantages, abs=1e-9)
    want = terms(flat, values[:-1])
    assert [got[k] for k in ("policy_loss", "value_loss", "entropy", "loss")] == close(want, abs=1e-9)
    got_flat = [x for gradient_row in got["grad_logits"] for x in gradient_row]
    assert got_flat == close(slopes(lambda x: terms(x, values[:-1])[3], flat), abs=1e-6)
    assert got["grad_values"] == close(slopes(lambda v: terms(flat, v)[3], values[:-1]), abs=1e-6)
