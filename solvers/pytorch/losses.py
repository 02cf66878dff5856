"""The loss functions of torch.nn by hand. Means over all elements or rows; cross-entropies in nats."""

from __future__ import annotations

import torch
from torch import Tensor


def mse(predictions: Tensor, targets: Tensor) -> Tensor:
    """nn.MSELoss: mean of squares, no half."""
    return (predictions - targets).square().mean()


def l1(predictions: Tensor, targets: Tensor) -> Tensor:
    """nn.L1Loss: mean of absolute errors."""
    return (predictions - targets).abs().mean()


def huber(predictions: Tensor, targets: Tensor, delta: float = 1.0) -> Tensor:
    """nn.HuberLoss: e²/2 up to delta, then delta·(|e| − delta/2). nn.SmoothL1Loss(beta) is this divided by beta."""
    error = (predictions - targets).abs()
    return torch.where(error <= delta, error.square() / 2, delta * (error - delta / 2)).mean()


def cross_entropy(logits: Tensor, targets: Tensor, weight: Tensor | None = None, ignore_index: int = -100) -> Tensor:
    """nn.CrossEntropyLoss on logits [N][C] (not probabilities) and classes [N]: mean of logsumexp(z) − z_target.

    weight [C]: of each class; the mean is then weighted, too. Rows with target ignore_index do not count.
    """
    counted = targets != ignore_index
    classes = targets.masked_fill(~counted, 0)
    nll = logits.logsumexp(-1) - logits.gather(-1, classes.unsqueeze(-1)).squeeze(-1)
    share = (torch.ones_like(nll) if weight is None else weight[classes]) * counted
    return (share * nll).sum() / share.sum()


def nll(log_probs: Tensor, targets: Tensor) -> Tensor:
    """nn.NLLLoss: what is left of cross-entropy when log_softmax has been taken already."""
    return -log_probs.gather(-1, targets.unsqueeze(-1)).mean()


def binary_cross_entropy_with_logits(logits: Tensor, targets: Tensor, pos_weight: float = 1.0) -> Tensor:
    """nn.BCEWithLogitsLoss: −pos_weight·y·log σ(z) − (1 − y)·log(1 − σ(z)), finite for any z.

    log(1 + e^−|z|) + max(−z, 0) is −log σ(z) without overflow.
    """
    tail = torch.log1p((-logits.abs()).exp())
    minus_log_sigmoid = tail + (-logits).clamp(min=0)
    minus_log_complement = tail + logits.clamp(min=0)
    return (pos_weight * targets * minus_log_sigmoid + (1 - targets) * minus_log_complement).mean()


def kl_div(log_probs: Tensor, target_log_probs: Tensor) -> Tensor:
    """nn.KLDivLoss(reduction="batchmean", log_target=True): KL(target‖input), the *first* argument's KL *from* target.

    Both [N][C]. reduction="mean" would divide by C too, and give no KL at all.
    """
    return (target_log_probs.exp() * (target_log_probs - log_probs)).sum(-1).mean()
