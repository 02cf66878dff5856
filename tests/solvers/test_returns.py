"""Returns and GAE against their definitions, written out as sums in plain Python."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import returns
from solvers.catalogue import solve

reward = st.floats(-10, 10, allow_subnormal=False)
unit = st.floats(0, 1, allow_subnormal=False)
close = pytest.approx
quick = settings(max_examples=40, deadline=None)


@st.composite
def streams(draw: Any) -> dict[str, Any]:
    length = draw(st.integers(1, 7))

    def numbers() -> list[float]:
        return draw(st.lists(reward, min_size=length, max_size=length))

    def flags() -> list[int]:
        return draw(st.lists(st.sampled_from([0, 0, 1]), min_size=length, max_size=length))

    return {
        "rewards": numbers(),
        "values": numbers(),
        "next_values": numbers(),
        "terminated": flags(),
        "truncated": flags(),
        "gamma": draw(unit),
        "lam": draw(unit),
    }


@quick
@given(st.lists(reward, min_size=1, max_size=8), unit)
def test_reward_to_go_is_the_discounted_sum(rewards: list[float], gamma: float) -> None:
    want = [sum(gamma**k * r for k, r in enumerate(rewards[t:])) for t in range(len(rewards))]
    assert solve("discounted-returns", {"rewards": rewards, "gamma": gamma})["returns"] == close(want)


def test_sutton_and_barto_exercise_3_8() -> None:
    # Exercise 3.8: gamma = 0.5 and rewards -1, 2, 6, 3, 2 give G_0 = 2.
    got = solve("discounted-returns", {"rewards": [-1, 2, 6, 3, 2], "gamma": 0.5})["returns"]
    assert got == close([2, 6, 8, 4, 2])


def n_step_by_definition(r: list[float], v: list[float], d: list[float], n: int) -> list[float]:
    want = []
    for t in range(len(r)):
        end = min(t + n, len(r))
        total = sum(math.prod(d[t:k]) * r[k] for k in range(t, end))
        want.append(total + math.prod(d[t:end]) * v[end])
    return want


@quick
@given(st.data(), st.integers(1, 6), st.integers(1, 9))
def test_n_step_returns(data: st.DataObject, length: int, n: int) -> None:
    r = data.draw(st.lists(reward, min_size=length, max_size=length))
    v = data.draw(st.lists(reward, min_size=length + 1, max_size=length + 1))
    d = data.draw(st.lists(st.sampled_from([0.0, 0.5, 0.9, 1.0]), min_size=length, max_size=length))
    got = solve("n-step-returns", {"rewards": r, "values": v, "discounts": d, "n": n})["returns"]
    assert got == close(n_step_by_definition(r, v, d, n))


def test_n_step_with_a_window_longer_than_any_machine_integer_is_the_whole_return() -> None:
    inputs = {"rewards": [1, 2], "values": [9, 9, 4], "discounts": [0.5, 0.5]}
    assert solve("n-step-returns", {**inputs, "n": 10**30})["returns"] == close([1 + 0.5 * (2 + 0.5 * 4), 4])


def gae_by_definition(s: dict[str, Any]) -> list[float]:
    deltas = [
        r + s["gamma"] * (0 if end else after) - v
        for r, v, after, end in zip(s["rewards"], s["values"], s["next_values"], s["terminated"], strict=True)
    ]
    want = []
    for t in range(len(deltas)):
        total = 0.0
        for k in range(t, len(deltas)):
            total += (s["gamma"] * s["lam"]) ** (k - t) * deltas[k]
            if s["terminated"][k] or s["truncated"][k]:
                break
        want.append(total)
    return want


@quick
@given(streams())
def test_gae(stream: dict[str, Any]) -> None:
    got = solve("gae", stream)
    want = gae_by_definition(stream)
    assert got["advantages"] == close(want, abs=1e-9)
    assert got["value_targets"] == close([a + v for a, v in zip(want, stream["values"], strict=True)], abs=1e-9)


@quick
@given(streams())
def test_gae_with_lambda_0_is_the_td_error(stream: dict[str, Any]) -> None:
    s = {**stream, "lam": 0}
    want = [
        r + s["gamma"] * (1 - end) * after - v
        for r, v, after, end in zip(s["rewards"], s["values"], s["next_values"], s["terminated"], strict=True)
    ]
    assert solve("gae", s)["advantages"] == close(want, abs=1e-9)


@quick
@given(streams())
def test_gae_with_lambda_1_telescopes_to_the_return_minus_the_value(stream: dict[str, Any]) -> None:
    length = len(stream["rewards"])
    s = {**stream, "lam": 1, "terminated": [0] * length, "truncated": [0] * length}
    s["next_values"] = [*s["values"][1:], s["next_values"][-1]]
    rewards = [*s["rewards"], s["next_values"][-1]]  # the bootstrap is as good as one more reward
    to_go = solve("discounted-returns", {"rewards": rewards, "gamma": s["gamma"]})["returns"][:-1]
    assert solve("gae", s)["value_targets"] == close(to_go, abs=1e-9)


def test_truncation_bootstraps_and_termination_does_not() -> None:
    stream = {"rewards": [1], "values": [2], "next_values": [10], "gamma": 0.5, "lam": 0.9}
    assert solve("gae", {**stream, "terminated": [0], "truncated": [1]})["advantages"] == close([1 + 5 - 2])
    assert solve("gae", {**stream, "terminated": [1], "truncated": [0]})["advantages"] == close([1 - 2])
    assert solve("gae", {**stream, "terminated": [True], "truncated": [True]})["advantages"] == close([1 - 2])


@st.composite
def completions(draw: Any) -> dict[str, Any]:
    rows, length = draw(st.integers(1, 3)), draw(st.integers(1, 5))

    def table(entry: st.SearchStrategy[Any]) -> list[list[Any]]:
        row = st.lists(entry, min_size=length, max_size=length)
        return draw(st.lists(row, min_size=rows, max_size=rows))

    mask = table(st.sampled_from([0, 1, 1]))
    mask[0][draw(st.integers(0, length - 1))] = 1
    return {
        "scores": draw(st.lists(reward, min_size=rows, max_size=rows)),
        "logp": table(st.floats(-4, 0)),
        "ref_logp": table(st.floats(-4, 0)),
        "values": table(reward),
        "mask": mask,
        "kl_coef": draw(st.floats(0, 1)),
        "kl_estimator": draw(st.sampled_from(["k1", "k2", "k3"])),
        "gamma": draw(unit),
        "lam": draw(unit),
    }


KL = {"k1": lambda d: d, "k2": lambda d: d * d / 2, "k3": lambda d: math.exp(-d) - 1 + d}


@quick
@given(completions())
def test_kl_shaped_gae_is_gae_on_the_valid_tokens_alone(batch: dict[str, Any]) -> None:
    got = solve("kl-shaped-gae", batch)
    for b, mask in enumerate(batch["mask"]):
        places = [t for t, m in enumerate(mask) if m]
        kl = [KL[batch["kl_estimator"]](batch["logp"][b][t] - batch["ref_logp"][b][t]) for t in places]
        rewards = [-batch["kl_coef"] * k for k in kl]
        if rewards:
            rewards[-1] += batch["scores"][b]
        values = [batch["values"][b][t] for t in places]
        episode = {
            "rewards": rewards,
            "values": values,
            "next_values": [*values[1:], 0.0][: len(places)],
            "terminated": [0] * len(places),
            "truncated": [0] * len(places),
            "gamma": batch["gamma"],
            "lam": batch["lam"],
        }
        advantages = gae_by_definition(episode)
        want = {
            "token_rewards": rewards,
            "advantages": advantages,
            "returns": [a + v for a, v in zip(advantages, values, strict=True)],
        }
        for key, members in want.items():
            row = [0.0] * len(mask)
            for place, member in zip(places, members, strict=True):
                row[place] = member
            assert got[key][b] == close(row, abs=1e-8)


def test_masked_positions_of_kl_shaped_gae_cannot_leak_however_huge() -> None:
    quiet = {
        "scores": [1],
        "logp": [[0, -1, -1, 0]],
        "ref_logp": [[0, -2, -1.5, 0]],
        "values": [[0, 0.3, 0.2, 0]],
        "mask": [[0, 1, 1, 0]],
        "kl_coef": 0.1,
        "kl_estimator": "k3",
        "gamma": 0.9,
        "lam": 0.9,
    }
    loud = {
        **quiet,
        "logp": [[-1e308, -1, -1, 1e308]],
        "ref_logp": [[1e308, -2, -1.5, -1e308]],
        "values": [[1e308, 0.3, 0.2, 1e308]],
    }
    assert solve("kl-shaped-gae", loud) == solve("kl-shaped-gae", quiet)


def test_prm_returns_place_rewards_on_step_ends() -> None:
    got = solve("prm-returns", {"length": 5, "step_ends": [1, 3], "step_rewards": [0.5, 1], "gamma": 0.9})
    assert got["token_rewards"] == close([0, 0.5, 0, 1, 0])
    assert got["returns"] == close([0.9 * 0.5 + 0.9**3, 0.5 + 0.9**2, 0.9, 1, 0])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"step_ends": [1, 1]}, "twice"),
        ({"step_ends": [1, 5]}, "from 0 to 4"),
        ({"step_ends": [-1, 3]}, "from 0 to 4"),
        ({"step_ends": [0.5, 3]}, "whole"),
        ({"step_ends": [1]}, "match"),
        ({"length": 0}, "length"),
        ({"length": 10**12}, "length"),
        ({"gamma": 1.5}, "gamma"),
    ],
)
def test_prm_returns_refuses(change: dict[str, Any], says: str) -> None:
    inputs = {"length": 5, "step_ends": [1, 3], "step_rewards": [0.5, 1], "gamma": 0.9}
    with pytest.raises(ValueError, match=says):
        solve("prm-returns", {**inputs, **change})


@pytest.mark.parametrize("discounts", [[1.1, 1], [-0.1, 1]])
def test_discounts_outside_0_and_1_are_refused(discounts: list[float]) -> None:
    with pytest.raises(ValueError, match="discounts"):
        solve("n-step-returns", {"rewards": [1, 1], "values": [0, 0, 0], "discounts": discounts, "n": 1})


def test_the_pure_functions_work_on_batches_and_carry_gradients() -> None:
    rewards = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    to_go = returns.discounted_returns(rewards, 0.5)
    assert to_go.tolist() == [[2.0, 2.0], [5.0, 4.0]]
    to_go[:, 0].sum().backward()
    assert rewards.grad is not None
    assert rewards.grad.tolist() == [[1.0, 0.5], [1.0, 0.5]]
    values = torch.tensor([[9.0, 9.0, 2.0], [9.0, 9.0, 4.0]], dtype=torch.float64)
    batched = returns.n_step_returns(rewards.detach(), values, torch.full_like(rewards, 0.5), 2)
    assert batched.tolist() == [[2.5, 3.0], [6.0, 6.0]]
