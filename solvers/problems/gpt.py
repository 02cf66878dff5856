"""JSON in front of solvers.gpt: one forward pass on given weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from solvers.gpt import ACTIVATIONS, gpt_from_weights, next_token_loss
from solvers.shapes import Dims, choice, number, whole


def gpt_logits(weights: Any, n_head: Any, activation: Any, layer_norm_eps: Any, ids: Any) -> dict[str, Any]:
    """weights: GPT-2's names; `wte` or `wte.weight`, with or without transformers' leading `transformer.`."""
    tensors = _named_tensors(weights)
    model = gpt_from_weights(
        tensors,
        whole("n_head", n_head, 1),
        choice("activation", activation, ACTIVATIONS),
        number("layer_norm_eps", layer_norm_eps, 0),
    )
    tokens = Dims().index("ids", ids, "B T", below=model.config.vocab_size)
    with torch.no_grad():
        logits = model(tokens)
        return {"logits": logits, "loss": next_token_loss(logits, tokens)}


def _named_tensors(weights: Any) -> dict[str, Tensor]:
    if not isinstance(weights, Mapping):
        raise ValueError("weights must be an object of GPT-2's parameter names and their numbers.")
    tensors: dict[str, Tensor] = {}
    for given, value in weights.items():
        name = given.removeprefix("transformer.")
        name = f"{name}.weight" if name in ("wte", "wpe") else name
        if name in tensors:
            raise ValueError(f"weights holds {name} twice, under two spellings.")
        flat = name.endswith(".bias") or "ln_" in name
        tensors[name] = Dims().real(given, value, "C" if flat else "C D").to(torch.float64)
    head = tensors.pop("lm_head.weight", None)
    if head is not None and not torch.equal(head, tensors.get("wte.weight", head)):
        raise ValueError("lm_head.weight differs from wte; the head is tied to it, so leave it out.")
    return tensors
