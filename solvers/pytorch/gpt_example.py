"""The small GPT from nothing to something: it learns a text by heart and says it again."""

from __future__ import annotations

from typing import NamedTuple

import torch

from solvers.generation import SamplingSettings, generate
from solvers.gpt import GPT, GPTConfig, next_token_loss
from solvers.pytorch.optimizers import learning_rate


class Memorised(NamedTuple):
    """The model, the loss of every step in nats a token, and what it says when the first token is given."""

    model: GPT
    losses: list[float]
    said: str


def memorise(text: str, steps: int, generator: torch.Generator, lr: float = 1e-2) -> Memorised:
    """Train on one text of characters, its letters the vocabulary; AdamW, warm-up and cosine, clipping at 1.

    ValueError for a text of fewer than two characters, which holds nothing to predict.
    """
    if len(text) < 2:
        raise ValueError("The text needs two characters or more: the first to give, the second to predict.")
    letters = sorted(set(text))
    ids = torch.tensor([[letters.index(letter) for letter in text]])
    model = GPT(GPTConfig(len(letters), len(text), n_layer=2, n_head=2, n_embd=16)).double().initialise(generator, 0.1)
    optimizer = torch.optim.AdamW(model.parameters(), lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, lr, warmup=steps // 10, total=steps)
        loss = next_token_loss(model(ids), ids)
        assert loss is not None
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
    greedy = SamplingSettings(len(text) - 1, temperature=0)
    completion = generate(model, ids[:, :1], greedy, generator).completions.tokens[0]
    return Memorised(model, losses, text[0] + "".join(letters[i] for i in completion.tolist()))
