"""An MLP classifier on synthetic data: points of interleaved spirals, one a class, which no linear model separates."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from solvers.pytorch.data import loader
from solvers.pytorch.modules import sequential
from solvers.pytorch.training import evaluate, train


class Points(NamedTuple):
    """x [N][2] and the class of each [N]."""

    x: Tensor
    classes: Tensor


def spirals(points: int, classes: int, noise: float, generator: torch.Generator) -> Points:
    """`points` on each of `classes` arms of 3/4 of a turn, with noise in the angle."""
    radius = torch.linspace(0.1, 1, points, dtype=torch.float64).repeat(classes)
    which = torch.arange(classes).repeat_interleave(points)
    jitter = noise * torch.randn(len(radius), generator=generator, dtype=torch.float64)
    angle = 2 * math.pi * (which.double() / classes + 0.75 * radius) + jitter
    return Points(torch.stack([radius * angle.cos(), radius * angle.sin()], -1), which)


def accuracy(logits: Tensor, classes: Tensor) -> Tensor:
    """Share of rows [N][C] whose largest logit is that of their class [N]."""
    return (logits.argmax(-1) == classes).to(logits.dtype).mean()


class Classified(NamedTuple):
    """The losses of every step; loss and accuracy on points that were not trained on."""

    model: nn.Module
    losses: list[float]
    test_loss: float
    test_accuracy: float


def train_classifier(hidden: list[int], epochs: int, lr: float, generator: torch.Generator) -> Classified:
    """An MLP with these hidden widths (none: a linear model), AdamW, batches of 32, on three spirals of 100 points."""
    train_points, test_points = (spirals(100, 3, 0.1, generator) for _ in range(2))
    model = sequential([2, *hidden, 3], generator)
    batches = loader(*train_points, batch_size=32, generator=generator)
    optimizer = torch.optim.AdamW(model.parameters(), lr)
    losses = train(model, lambda: ((x, classes) for x, classes in batches), nn.CrossEntropyLoss(), optimizer, epochs)
    with torch.no_grad():
        right = float(accuracy(model(test_points.x), test_points.classes))
    return Classified(model, losses, evaluate(model, *test_points, nn.CrossEntropyLoss()), right)
