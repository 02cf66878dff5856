"""Bonuses for exploring: counts, and the error of a forward model (curiosity)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


def count_bonus(counts: Tensor, beta: float) -> Tensor:
    """beta/√n, elementwise, for counts n ≥ 1. MBIE-EB, Strehl & Littman 2008, with counts of state-action pairs.

    Bellemare et al. 2016 take pseudo-counts from a density model and 1/√(n + 0.01). In units of reward.
    """
    return beta * counts.to(torch.float64).rsqrt()


def running_counts(visits: Tensor) -> Tensor:
    """How often each visit's index has been seen so far, this visit included, [T]; visits: whole numbers [T]."""
    counts: dict[int, int] = {}
    seen = []
    for visit in visits.tolist():
        counts[visit] = counts.get(visit, 0) + 1
        seen.append(counts[visit])
    return torch.tensor(seen)


class Curiosity(NamedTuple):
    """The bonus of each step [T], and the forward model's weights [E][D] after the last."""

    bonuses: Tensor
    weights: Tensor


def prediction_error_bonuses(
    features: Tensor, next_features: Tensor, weights: Tensor, learning_rate: float, scale: float
) -> Curiosity:
    """scale/2·‖φ(s') − W·φ(s, a)‖² at each step, the model W learning from the same error right after.

    features [T][D], of state and action (one-hot ones make the model a table); next_features [T][E]; weights W [E][D].
    The model takes one gradient step on ½‖error‖² a transition. What is learned ceases to be rewarded; what cannot be
    predicted never does (the noisy TV). Stadie et al. 2015; Pathak et al. 2017, eq. 6, where φ is learned as well.
    """
    bonuses = []
    for here, there in zip(features, next_features, strict=True):
        error = there - weights @ here
        bonuses.append(scale / 2 * error.square().sum())
        weights = weights + learning_rate * torch.outer(error, here)
    return Curiosity(torch.stack(bonuses), weights)
