"""JSON in front of solvers.supervised: token cross-entropy with its gradient."""

from __future__ import annotations

from typing import Any

from solvers import supervised
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, number


def sft_loss(logits: Any, tokens: Any, label_smoothing: Any, mask: Any = None) -> dict[str, Any]:
    dims = Dims()
    scores = leaf(dims.real("logits", logits, "B T V"))
    valid = dims.mask("mask", mask, "B T", scores)
    targets = dims.index("tokens", tokens, "B T", below=dims.sizes["V"], mask=valid)
    result = supervised.sft_loss(scores, targets, valid, number("label_smoothing", label_smoothing, 0, 1))
    (grad_logits,) = gradients(result.loss, scores)
    return {"loss": result.loss, "grad_logits": grad_logits, "perplexity": result.perplexity}
