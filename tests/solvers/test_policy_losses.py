"""Policy losses against their definitions in plain Python; gradients against central differences and closed forms."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solvers import policy_losses
from solvers.catalogue import solve

close = pytest.approx
quick = settings(max_examples=40, deadline=None)
logp = st.floats(-5, 0)
advantage = st.sampled_from([-2.0, -0.5, 0.0, 0.7, 1.5])


def table(data: st.DataObject, entry: st.SearchStrategy[Any], rows: int, length: int) -> list[list[Any]]:
    row = st.lists(entry, min_size=length, max_size=length)
    return data.draw(st.lists(row, min_size=rows, max_size=rows))


def draw_mask(data: st.DataObject, rows: int, length: int) -> list[list[int]]:
    mask = table(data, st.sampled_from([0, 1, 1]), rows, length)
    assume(any(map(any, mask)))
    return mask


def term(ratio: float, a: float, low: float, high: float) -> tuple[float, float]:
    """One clipped term and its derivative by the log-ratio, by cases."""
    clipped = min(max(ratio, 1 - low), 1 + high)
    if ratio * a <= clipped * a:
        return ratio * a, ratio * a
    return clipped * a, 0.0


@quick
@given(st.data(), st.integers(1, 3), st.integers(1, 4), st.sampled_from([0, 0.2]), st.sampled_from([0.2, 0.28]))
def test_ppo_clip_loss(data: st.DataObject, rows: int, length: int, low: float, high: float) -> None:
    new, old = table(data, logp, rows, length), table(data, logp, rows, length)
    a = table(data, advantage, rows, length)
    mask = draw_mask(data, rows, length)
    got = solve(
        "ppo-clip-loss",
        {"logp": new, "old_logp": old, "advantages": a, "mask": mask, "clip_low": low, "clip_high": high},
    )
    count = sum(map(sum, mask))
    total = 0.0
    for b, t in itertools.product(range(rows), range(length)):
        value, slope = term(math.exp(new[b][t] - old[b][t]), a[b][t], low, high)
        total += mask[b][t] * value
        assert got["grad_logp"][b][t] == close(-mask[b][t] * slope / count, abs=1e-9)
    assert got["loss"] == close(-total / count, abs=1e-9)


@quick
@given(st.data(), st.integers(1, 2), st.integers(1, 3), st.sampled_from([1.3, 2.0, 3.0]))
def test_dual_clip(data: st.DataObject, rows: int, length: int, cap: float) -> None:
    new, old = table(data, logp, rows, length), table(data, logp, rows, length)
    a = table(data, advantage, rows, length)
    mask = draw_mask(data, rows, length)
    inputs = {"logp": new, "old_logp": old, "advantages": a, "mask": mask, "clip_low": 0.2, "clip_high": 0.28}
    got = solve("dual-clip-loss", {**inputs, "ratio_cap": cap})
    count = sum(map(sum, mask))
    total = 0.0
    for b, t in itertools.product(range(rows), range(length)):
        value, slope = term(math.exp(new[b][t] - old[b][t]), a[b][t], 0.2, 0.28)
        if a[b][t] < 0 and value < cap * a[b][t]:
            value, slope = cap * a[b][t], 0.0  # Ye et al. 2020: max(min(…), c·A)
        total += mask[b][t] * value
        assert got["grad_logp"][b][t] == close(-mask[b][t] * slope / count, abs=1e-9)
    assert got["loss"] == close(-total / count, abs=1e-9)


def test_a_dual_clip_inside_the_band_is_refused() -> None:
    inputs = {"logp": [[-1]], "old_logp": [[-1]], "advantages": [[1]], "clip_low": 0.2, "clip_high": 0.3}
    with pytest.raises(ValueError, match="ratio_cap"):
        solve("dual-clip-loss", {**inputs, "ratio_cap": 1.2})


@pytest.mark.parametrize("a", [1.0, -1.0])
@pytest.mark.parametrize(("low", "high", "ratio"), [(0, 0, 1.0), (0.5, 1, 0.5), (0.5, 1, 2.0)])
def test_on_the_boundary_of_the_band_the_gradient_is_the_unclipped_one(
    a: float, low: float, high: float, ratio: float
) -> None:
    log_ratio = math.log(ratio)
    assert math.exp(log_ratio) == ratio  # the boundary is hit exactly
    inputs = {"logp": [[log_ratio]], "old_logp": [[0]], "advantages": [[a]], "clip_low": low, "clip_high": high}
    assert solve("ppo-clip-loss", inputs)["grad_logp"] == [[close(-ratio * a, rel=1e-15)]]


@pytest.mark.parametrize(("shift", "a"), [(20.0, -1.0), (-20.0, 1.0)])
def test_extreme_log_ratios_are_not_clamped(shift: float, a: float) -> None:
    inputs = {"logp": [[shift]], "old_logp": [[0]], "advantages": [[a]], "clip_low": 0.2, "clip_high": 0.2}
    got = solve("ppo-clip-loss", inputs)
    assert got["loss"] == close(-math.exp(shift) * a, rel=1e-12)
    assert got["grad_logp"] == [[close(-math.exp(shift) * a, rel=1e-12)]]


def test_a_ratio_that_overflows_is_an_error_and_no_number() -> None:
    inputs = {"logp": [[800]], "old_logp": [[0]], "advantages": [[-1]], "clip_low": 0.2, "clip_high": 0.2}
    with pytest.raises(ValueError, match="finite"):
        solve("ppo-clip-loss", inputs)


def test_masked_positions_cannot_leak_however_huge() -> None:
    quiet = {
        "logp": [[-1, 0, -2]],
        "old_logp": [[-1.5, 0, -1.9]],
        "advantages": [[1, 0, -1]],
        "mask": [[1, 0, 1]],
        "clip_low": 0.2,
        "clip_high": 0.2,
    }
    loud = {
        **quiet,
        "logp": [[-1, 1e308, -2]],
        "old_logp": [[-1.5, -1e308, -1.9]],
        "advantages": [[1, -1e308, -1]],
    }
    assert solve("ppo-clip-loss", loud) == solve("ppo-clip-loss", quiet)
    rest = {"beta": 0.1, "aggregation": "sequence-mean", "advantages": [2]}
    for ratio in policy_losses.RATIO_LEVELS:
        soft = {**quiet, **rest, "ref_logp": [[-1, 0, -1]], "ratio": ratio}
        hard = {**loud, **rest, "ref_logp": [[-1, -1e308, -1]], "ratio": ratio}
        assert solve("grpo-loss", hard) == solve("grpo-loss", soft)


def grpo_by_definition(inputs: dict[str, Any]) -> tuple[float, float]:
    rows, length = len(inputs["logp"]), len(inputs["logp"][0])
    loss_rows, kl_rows, counts = [], [], []
    for b in range(rows):
        places = [t for t in range(length) if inputs["mask"][b][t]]
        logs = [inputs["logp"][b][t] - inputs["old_logp"][b][t] for t in places]
        if inputs["ratio"] == "sequence" and places:
            logs = [sum(logs) / len(places)] * len(places)
        terms = [term(math.exp(x), inputs["advantages"][b], inputs["clip_low"], inputs["clip_high"])[0] for x in logs]
        d = [inputs["logp"][b][t] - inputs["ref_logp"][b][t] for t in places]
        kl = [math.exp(-x) - 1 + x for x in d]
        loss_rows.append(sum(inputs["beta"] * k - s for k, s in zip(kl, terms, strict=True)))
        kl_rows.append(sum(kl))
        counts.append(len(places))

    def aggregated(sums: list[float]) -> float:
        if inputs["aggregation"] == "sequence-mean":
            return sum(s / max(n, 1) for s, n in zip(sums, counts, strict=True)) / rows
        if inputs["aggregation"] == "token-mean":
            return sum(sums) / sum(counts)
        return sum(sums) / (rows * inputs["max_length"])

    return aggregated(loss_rows), aggregated(kl_rows)


def central_difference(inputs: dict[str, Any], b: int, t: int, h: float = 1e-6) -> float:
    sides = []
    for step in (h, -h):
        moved = [list(row) for row in inputs["logp"]]
        moved[b][t] += step
        sides.append(grpo_by_definition({**inputs, "logp": moved})[0])
    return (sides[0] - sides[1]) / (2 * h)


@settings(max_examples=60, deadline=None)
@given(
    st.data(),
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from(policy_losses.RATIO_LEVELS),
    st.sampled_from(policy_losses.AGGREGATIONS),
)
def test_grpo_loss(data: st.DataObject, rows: int, length: int, ratio: str, aggregation: str) -> None:
    # log-ratios on a coarse grid, away from the band's edges, where the derivative does not exist
    grid = st.sampled_from([-1.0, -0.7, -0.45, -0.35, 0.0, 0.05])
    inputs = {
        "logp": table(data, grid, rows, length),
        "old_logp": table(data, st.sampled_from([-0.4, 0.0]), rows, length),
        "ref_logp": table(data, st.floats(-2, 0), rows, length),
        "mask": draw_mask(data, rows, length),
        "advantages": data.draw(st.lists(advantage, min_size=rows, max_size=rows)),
        "clip_low": 0.2,
        "clip_high": 0.283,
        "beta": data.draw(st.sampled_from([0.0, 0.04, 1.0])),
        "ratio": ratio,
        "aggregation": aggregation,
        "max_length": 7 if aggregation == "constant" else None,
    }
    got = solve("grpo-loss", inputs)
    loss, kl = grpo_by_definition(inputs)
    assert got["loss"] == close(loss, abs=1e-9)
    assert got["kl"] == close(kl, abs=1e-9)
    for b, t in itertools.product(range(rows), range(length)):
        want = central_difference(inputs, b, t) if inputs["mask"][b][t] else 0.0
        assert got["grad_logp"][b][t] == close(want, abs=1e-6)


def test_the_sequence_ratio_sends_its_gradient_through_every_token() -> None:
    inputs = {
        "logp": [[-1, -2, 0]],
        "old_logp": [[-1.1, -2, 0]],
        "ref_logp": [[-1, -2, 0]],
        "mask": [[1, 1, 0]],
        "advantages": [1],
        "clip_low": 0.2,
        "clip_high": 0.2,
        "beta": 0,
        "ratio": "sequence",
        "aggregation": "sequence-mean",
    }
    slope = -math.exp(0.05) / 2
    assert solve("grpo-loss", inputs)["grad_logp"] == [close([slope, slope, 0])]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"aggregation": "constant"}, "max_length"),
        ({"aggregation": "constant", "max_length": 0}, "max_length"),
        ({"aggregation": "mean"}, "aggregation"),
        ({"ratio": "word"}, "ratio"),
        ({"mask": [[0, 0]]}, "masks everything"),
        ({"mask": [[0.5, 1]]}, "0 and 1"),
        ({"clip_low": -0.1}, "clip_low"),
        ({"advantages": [1, 2]}, "match"),
        ({"beta": -1}, "beta"),
    ],
)
def test_grpo_loss_refuses(change: dict[str, Any], says: str) -> None:
    same = [[-1, -2]]
    inputs = {"logp": same, "old_logp": same, "ref_logp": same, "mask": [[1, 1]], "advantages": [1], "clip_low": 0.2}
    inputs |= {"clip_high": 0.2, "beta": 0, "ratio": "token", "aggregation": "token-mean"}
    with pytest.raises(ValueError, match=says):
        solve("grpo-loss", {**inputs, **change})


@quick
@given(st.data(), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
def test_reinforce_loss(data: st.DataObject, rows: int, length: int, vocab: int) -> None:
    flat = table(data, st.floats(-4, 4), rows, length * vocab)
    logits = [[row[t * vocab : (t + 1) * vocab] for t in range(length)] for row in flat]
    mask = draw_mask(data, rows, length)
    tokens = table(data, st.integers(0, vocab - 1), rows, length)
    rewards = data.draw(st.lists(advantage, min_size=rows, max_size=rows))
    baseline = data.draw(advantage)
    # what lies under the mask may be anything, padding ids included
    given_tokens = [[k if m else -100 for k, m in zip(a, b, strict=True)] for a, b in zip(tokens, mask, strict=True)]
    got = solve(
        "reinforce-loss",
        {"logits": logits, "tokens": given_tokens, "mask": mask, "rewards": rewards, "baseline": baseline},
    )
    loss = 0.0
    for b, t in itertools.product(range(rows), range(length)):
        normaliser = sum(math.exp(x) for x in logits[b][t])
        weight = mask[b][t] * (rewards[b] - baseline) / rows
        loss -= weight * (logits[b][t][tokens[b][t]] - math.log(normaliser))
        for k in range(vocab):
            # ∇ log softmax = one-hot − softmax
            slope = (k == tokens[b][t]) - math.exp(logits[b][t][k]) / normaliser
            assert got["grad_logits"][b][t][k] == close(-weight * slope, abs=1e-9)
    assert got["loss"] == close(loss, abs=1e-9)


@pytest.mark.parametrize("token", [3, -1, 0.5])
def test_reinforce_loss_refuses_a_token_that_is_none(token: float) -> None:
    with pytest.raises(ValueError, match="tokens"):
        solve("reinforce-loss", {"logits": [[[0, 0, 0]]], "tokens": [[token]], "rewards": [1], "baseline": 0})


def test_a_baseline_leaves_the_expected_gradient_alone() -> None:
    logits = torch.tensor([[[0.3, -0.2, 0.9]]], dtype=torch.float64, requires_grad=True)
    probabilities = logits.detach().softmax(-1).flatten()
    rewards = [1.0, 4.0, -2.0]
    expected = []
    for baseline in (0.0, 3.7):
        total = torch.zeros_like(logits)
        for action, (p, r) in enumerate(zip(probabilities, rewards, strict=True)):
            log_probs = policy_losses.token_log_probs(logits, torch.tensor([[action]]))
            loss = policy_losses.reinforce_loss(
                log_probs, torch.tensor([r], dtype=torch.float64), torch.ones(1, 1), baseline
            )
            total += p * torch.autograd.grad(loss, logits)[0]
        expected.append(total.flatten().tolist())
    assert expected[0] == close(expected[1], abs=1e-12)
