"""JSON in front of solvers.supervised: token cross-entropy with its gradient."""

from __future__ import annotations

from typing import Any

import torch

from solvers import supervised
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, number


def sft_loss(logits: Any, tokens: Any, label_smoothing: Any, mask: Any = None) -> dict[str, Any]:
    dims = Dims()
    scores = leaf(dims.real("logits", logits, "B T V"))
    targets = dims.real("tokens", tokens, "B T")
    valid = dims.mask("mask", mask, "B T", targets)
    # Padding is often labelled −100; what stands at a masked position is not a token and need not be one.
    targets = dims.index("tokens", torch.where(valid == 1, targets, 0.0), "B T", below=dims.sizes["V"])
    result = supervised.sft_loss(scores, targets, valid, number("label_smoothing", label_smoothing, 0, 1))
    (grad_logits,) = gradients(result.loss, scores)
    return {"loss": result.loss, "grad_logits": grad_logits, "perplexity": result.perplexity}
