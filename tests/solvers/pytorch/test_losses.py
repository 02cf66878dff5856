"""Losses by hand against torch.nn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from solvers.pytorch import losses


def draws(*shape: int, seed: int = 0) -> Tensor:
    return 2 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


A, B = draws(6, 4), draws(6, 4, seed=1)
CLASSES = torch.tensor([0, 3, 1, 1, 2, 0])
SOME = torch.tensor([0, -100, 1, 1, -100, 0])
FLAGS = (B > 0).double()
WEIGHT = torch.tensor([1.0, 2.0, 0.5, 3.0], dtype=torch.float64)
P, Q = A.log_softmax(-1), B.log_softmax(-1)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda: losses.mse(A, B), lambda: F.mse_loss(A, B)),
        (lambda: losses.l1(A, B), lambda: F.l1_loss(A, B)),
        (lambda: losses.huber(A, B, 1.5), lambda: F.huber_loss(A, B, delta=1.5)),
        (lambda: losses.huber(A, B, 1.5) / 1.5, lambda: F.smooth_l1_loss(A, B, beta=1.5)),
        (lambda: losses.cross_entropy(A, CLASSES), lambda: F.cross_entropy(A, CLASSES)),
        (lambda: losses.cross_entropy(A, CLASSES, WEIGHT), lambda: F.cross_entropy(A, CLASSES, WEIGHT)),
        (lambda: losses.cross_entropy(A, SOME, WEIGHT), lambda: F.cross_entropy(A, SOME, WEIGHT)),
        (lambda: losses.cross_entropy(A, CLASSES, None, 1), lambda: F.cross_entropy(A, CLASSES, ignore_index=1)),
        (lambda: losses.nll(P, CLASSES), lambda: F.nll_loss(P, CLASSES)),
        (
            lambda: losses.binary_cross_entropy_with_logits(A, FLAGS, 3.0),
            lambda: F.binary_cross_entropy_with_logits(A, FLAGS, pos_weight=torch.tensor(3.0)),
        ),
        (lambda: losses.kl_div(P, Q), lambda: F.kl_div(P, Q, reduction="batchmean", log_target=True)),
    ],
)
def test_torchs_own(ours: Callable[[], Tensor], theirs: Callable[[], Tensor]) -> None:
    assert float(ours()) == pytest.approx(float(theirs()), rel=1e-12)


def test_large_logits_stay_finite() -> None:
    z, y = torch.tensor([1000.0, -1000.0]).double(), torch.tensor([0.0, 1.0]).double()
    assert float(losses.binary_cross_entropy_with_logits(z, y)) == 1000
    assert float(losses.cross_entropy(torch.tensor([[1000.0, 0.0]]).double(), torch.tensor([1]))) == 1000


def test_kl_div_is_zero_only_for_equal_distributions_and_has_a_direction() -> None:
    assert float(losses.kl_div(P, P)) == 0
    assert float(losses.kl_div(P, Q)) > 0
    by_definition = sum(float((q.exp() * (q - p)).sum()) for p, q in zip(P, Q, strict=True))
    assert float(losses.kl_div(P, Q)) == pytest.approx(by_definition / 6)
    assert float(losses.kl_div(P, Q)) != pytest.approx(float(losses.kl_div(Q, P)))
