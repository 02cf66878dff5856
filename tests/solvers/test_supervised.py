"""Supervised cross-entropy against its definition in 40 digits and against torch's own."""

from __future__ import annotations

import math
import random
from typing import Any

import mpmath
import pytest
import torch
from torch.nn.functional import cross_entropy

from solvers.catalogue import solve


def close(want: Any) -> Any:
    return pytest.approx(want, rel=1e-10, abs=1e-12)


def example(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    B, T, V = rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 5)
    mask = [[rng.randint(0, 1) for _ in range(T)] for _ in range(B)]
    mask[0][0] = 1
    return {
        "logits": [[[rng.uniform(-9, 9) for _ in range(V)] for _ in range(T)] for _ in range(B)],
        "tokens": [[rng.randrange(V) for _ in range(T)] for _ in range(B)],
        "mask": mask,
        "label_smoothing": rng.choice([0, 0.1, 0.3, 1]),
    }


def definition(inputs: dict[str, Any]) -> tuple[float, float]:
    """Loss and perplexity, token by token."""
    epsilon = mpmath.mpf(inputs["label_smoothing"])
    losses, nlls = [], []
    for logits, tokens, mask in zip(inputs["logits"], inputs["tokens"], inputs["mask"], strict=True):
        for row, token, valid in zip(logits, tokens, mask, strict=True):
            if valid:
                total = mpmath.fsum(mpmath.exp(mpmath.mpf(x)) for x in row)
                minus_logp = [mpmath.log(total) - mpmath.mpf(x) for x in row]
                nlls.append(minus_logp[token])
                losses.append((1 - epsilon) * minus_logp[token] + epsilon * mpmath.fsum(minus_logp) / len(row))
    return float(mpmath.fsum(losses) / len(losses)), float(mpmath.exp(mpmath.fsum(nlls) / len(nlls)))


@pytest.mark.parametrize("seed", range(12))
def test_the_definition_and_torch(seed: int) -> None:
    inputs = example(seed)
    got = solve("sft-loss", inputs)
    with mpmath.workdps(40):
        loss, perplexity = definition(inputs)
    assert got["loss"] == close(loss)
    assert got["perplexity"] == close(perplexity)

    logits = torch.tensor(inputs["logits"], dtype=torch.float64, requires_grad=True)
    labels = torch.tensor(inputs["tokens"]).masked_fill(torch.tensor(inputs["mask"]) == 0, -100)
    theirs = cross_entropy(logits.flatten(0, 1), labels.flatten(), label_smoothing=inputs["label_smoothing"])
    theirs.backward()
    assert got["loss"] == close(float(theirs.detach()))
    assert torch.tensor(got["grad_logits"], dtype=torch.float64).allclose(logits.grad, rtol=0, atol=1e-14)


def test_masked_positions_may_hold_anything_and_get_no_gradient() -> None:
    inputs = {"tokens": [[1, -100]], "mask": [[1, 0]], "label_smoothing": 0.2}
    got = solve("sft-loss", {**inputs, "logits": [[[0, 0], [1e308, -1e308]]]})
    assert got == solve("sft-loss", {**inputs, "logits": [[[0, 0], [0, 0]]]})
    assert got["loss"] == close(math.log(2))
    assert got["perplexity"] == close(2)
    assert got["grad_logits"][0][1] == [0, 0]


def test_perplexity_is_of_the_unsmoothed_loss_over_all_tokens_of_the_batch() -> None:
    logits = [[[math.log(3), 0], [0, 0]], [[0, math.log(7)], [0, 0]]]
    inputs = {"logits": logits, "tokens": [[0, 1], [0, 0]], "label_smoothing": 0.4, "mask": [[1, 1], [1, 0]]}
    assert solve("sft-loss", inputs)["perplexity"] == close((4 / 3 * 2 * 8) ** (1 / 3))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tokens": [[2]]}, "tokens must hold whole numbers from 0 to 1"),
        ({"tokens": [[-100]]}, "tokens must hold whole numbers from 0 to 1"),
        ({"tokens": [[0.5]]}, "tokens must hold whole numbers"),
        ({"tokens": [[0, 0]]}, "tokens has size 2"),
        ({"mask": [[0]]}, "mask masks everything"),
        ({"mask": [[2]]}, "mask must hold only 0 and 1"),
        ({"label_smoothing": -0.1}, "label_smoothing must be"),
        ({"label_smoothing": 1.1}, "label_smoothing must be"),
        ({"logits": [[[1e308, -1e308]]], "tokens": [[1]]}, "not a finite number"),
        ({"logits": [[1, 2]]}, "logits"),
        ({"logits": [[[]]]}, "logits"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve("sft-loss", {"logits": [[[1, 2]]], "tokens": [[0]], "label_smoothing": 0, **change})
