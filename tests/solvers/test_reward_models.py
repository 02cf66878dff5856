"""Pointwise, outcome and process losses: sums in plain Python, finite differences, torch's two-logit loss, masks."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from solvers.catalogue import solve

LOGITS = [[0.5, -1.0, 2.0, 7.0], [-0.3, 0.2, 1.5, -2.0], [30.0, -30.0, 0.0, 4.0]]
MASK = [[1, 1, 1, 0], [0, 1, 1, 1], [1, 1, 0, 0]]


def cross(logit: float, label: float) -> float:
    """−label·log σ − (1 − label)·log(1 − σ), in a form that is exact for any logit of moderate size."""
    return label * math.log1p(math.exp(-logit)) + (1 - label) * math.log1p(math.exp(logit))


def plain_orm(logits: Any, labels: Any, mask: Any, scored: str) -> float:
    terms = []
    for row, label, valid in zip(logits, labels, mask, strict=True):
        places = [t for t, m in enumerate(valid) if m]
        terms += [cross(row[t], label) for t in (places if scored == "every" else places[-1:])]
    return sum(terms) / len(terms)


def plain_prm(logits: Any, labels: Any, mask: Any) -> float:
    terms = [cross(x, y) for rows in zip(logits, labels, mask, strict=True) for x, y, m in zip(*rows, strict=True) if m]
    return sum(terms) / len(terms)


def assert_gradient(grad: list[list[float]], loss: Any) -> None:
    for b, row in enumerate(LOGITS):
        for t in range(len(row)):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [list(r) for r in LOGITS]
                moved[b][t] += step
                sides.append(loss(moved))
            assert grad[b][t] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("scored", ["last", "every"])
@pytest.mark.parametrize("labels", [[1, 0, 1], [0.25, 1, 0.5]])
def test_the_outcome_loss_and_its_gradient(labels: list[float], scored: str) -> None:
    got = solve("orm-loss", {"logits": LOGITS, "labels": labels, "mask": MASK, "scored": scored})
    assert got["loss"] == pytest.approx(plain_orm(LOGITS, labels, MASK, scored), abs=1e-12)
    assert_gradient(got["grad_logits"], lambda moved: plain_orm(moved, labels, MASK, scored))


def test_the_outcome_loss_looks_at_the_last_token_by_default() -> None:
    inputs = {"logits": LOGITS, "labels": [1, 0, 1], "mask": MASK}
    got = solve("orm-loss", inputs)
    assert got == solve("orm-loss", {**inputs, "scored": "last"})
    assert [[g != 0 for g in row] for row in got["grad_logits"]] == [
        [False, False, True, False],
        [False, False, False, True],
        [False, True, False, False],
    ]


LABELS = [[1, 0, 0.25, 1], [1, 1, 0, 1], [0, 0, 1, 1]]


def test_the_process_loss_and_its_gradient() -> None:
    got = solve("prm-loss", {"logits": LOGITS, "labels": LABELS, "mask": MASK})
    assert got["loss"] == pytest.approx(plain_prm(LOGITS, LABELS, MASK), abs=1e-12)
    assert_gradient(got["grad_logits"], lambda moved: plain_prm(moved, LABELS, MASK))


def test_two_logits_a_step_are_the_same_loss() -> None:
    """As token classification, with −100 off the step ends: torch's cross-entropy over (0, logit)."""
    logits = torch.tensor(LOGITS, dtype=torch.float64)
    labels = torch.tensor([[1, 0, 0, 1], [1, 1, 0, 1], [0, 0, 1, 1]])
    valid = torch.tensor(MASK) == 1
    two = torch.stack([torch.zeros_like(logits), logits], -1)
    want = cross_entropy(two.flatten(0, 1), labels.masked_fill(~valid, -100).flatten())
    got = solve("prm-loss", {"logits": LOGITS, "labels": labels.tolist(), "mask": MASK})
    assert got["loss"] == pytest.approx(float(want), abs=1e-12)


@pytest.mark.parametrize("name", ["orm-loss", "prm-loss", "prm-score"])
def test_masked_positions_do_not_leak(name: str) -> None:
    extra: dict[str, Any] = {
        "orm-loss": {"labels": [1, 0, 1], "scored": "every"},
        "prm-loss": {"labels": LABELS},
        "prm-score": {"reduction": "product"},
    }[name]
    want = solve(name, {"logits": LOGITS, "mask": MASK, **extra})
    hostile = [[x if m else 1e300 for x, m in zip(*rows, strict=True)] for rows in zip(LOGITS, MASK, strict=True)]
    if name == "prm-loss":
        extra["labels"] = [[y if m else -5 for y, m in zip(*r, strict=True)] for r in zip(LABELS, MASK, strict=True)]
    assert solve(name, {"logits": hostile, "mask": MASK, **extra}) == want
    for row, valid in zip(want.get("grad_logits", []), MASK, strict=False):
        assert all(g == 0 for g, m in zip(row, valid, strict=True) if not m)


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=1, max_size=6))
def test_the_pointwise_loss(pairs: list[tuple[float, float]]) -> None:
    scores, targets = (list(column) for column in zip(*pairs, strict=True))
    got = solve("pointwise-rm-loss", {"scores": scores, "targets": targets})
    size = len(pairs)
    assert got["loss"] == pytest.approx(sum((s - t) ** 2 for s, t in pairs) / size)
    assert got["grad_scores"] == pytest.approx([2 * (s - t) / size for s, t in pairs])


def test_scores_of_solutions() -> None:
    chances = [[1 / (1 + math.exp(-x)) for x, m in zip(*r, strict=True) if m] for r in zip(LOGITS, MASK, strict=True)]
    for reduction, want in {
        "product": [math.prod(row) for row in chances],
        "minimum": [min(row) for row in chances],
        "last": [row[-1] for row in chances],
    }.items():
        got = solve("prm-score", {"logits": LOGITS, "mask": MASK, "reduction": reduction})
        assert got["scores"] == pytest.approx(want, rel=1e-12)


def test_large_logits_stay_finite() -> None:
    got = solve("orm-loss", {"logits": [[800.0], [-800.0]], "labels": [0, 0]})
    assert got["loss"] == pytest.approx(400)
    assert got["grad_logits"] == [[0.5], [0]]


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("orm-loss", {"labels": [2]}, "labels must lie from 0"),
        ("orm-loss", {"labels": [1, 0]}, "labels has size 2"),
        ("orm-loss", {"scored": "first"}, "scored must be one of"),
        ("prm-loss", {"labels": [[1, -1]]}, "labels must lie from 0"),
        ("prm-loss", {"labels": [1, 1]}, "labels needs 2 dimension|labels must be numbers|nested"),
        ("prm-score", {"reduction": "mean"}, "reduction must be one of"),
    ],
)
def test_senseless_input_is_refused(name: str, change: dict[str, Any], says: str) -> None:
    good: dict[str, Any] = {
        "orm-loss": {"labels": [1]},
        "prm-loss": {"labels": [[1, 0]]},
        "prm-score": {"reduction": "last"},
    }
    with pytest.raises(ValueError, match=says):
        solve(name, {"logits": [[1, 2]], **good[name], **change})


@pytest.mark.parametrize("name", ["orm-loss", "prm-score"])
def test_a_row_without_a_token_to_score_is_refused(name: str) -> None:
    extra: dict[str, Any] = {"labels": [1, 1]} if name == "orm-loss" else {"reduction": "minimum"}
    with pytest.raises(ValueError, match="leave the row out"):
        solve(name, {"logits": [[1, 2], [3, 4]], "mask": [[1, 0], [0, 0]], **extra})
