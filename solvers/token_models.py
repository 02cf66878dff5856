"""A language model small enough to enumerate: explicit tables of the next token given the last one.

A token that always follows itself ends the text: what comes after it is padding of probability 1, so that texts of
any length up to T are sequences of exactly T tokens.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class TokenModel(NamedTuple):
    """Probabilities of the first token [V], and of each next token given the one before, [V][V] (rows add up to 1)."""

    initial: Tensor
    following: Tensor


def all_sequences(vocabulary: int, length: int) -> Tensor:
    """Every sequence of `length` tokens, in lexicographic order, [V^T][T]."""
    return torch.cartesian_prod(*[torch.arange(vocabulary)] * length).reshape(-1, length)


def sequence_log_probs(model: TokenModel, sequences: Tensor) -> Tensor:
    """log p of each sequence [N][T], [N], in nats; −inf for what the model cannot say."""
    return model.initial.log()[sequences[:, 0]] + model.following.log()[sequences[:, :-1], sequences[:, 1:]].sum(-1)


def last_token_probs(model: TokenModel, length: int) -> Tensor:
    """The distribution [V] of the last of `length` tokens, summed over every way to get there."""
    probs = model.initial
    for _ in range(length - 1):
        probs = probs @ model.following
    return probs


def fit(sequences: Tensor, weights: Tensor, before: TokenModel) -> TokenModel:
    """The model of maximum likelihood for sequences [N][T], each counting weights [N] ≥ 0 times (not all 0).

    Supervised fine-tuning to convergence: each table row is the share of what followed. A row of which the sequences
    say nothing stays as it was `before`.
    """
    size = len(before.initial)
    first = weights.new_zeros(size).index_add(0, sequences[:, 0], weights)
    pairs = sequences[:, :-1] * size + sequences[:, 1:]
    counts = weights.new_zeros(size * size).index_add(
        0, pairs.flatten(), weights.unsqueeze(-1).expand(pairs.shape).flatten()
    )
    rows = counts.reshape(size, size)
    seen = rows.sum(-1, keepdim=True)
    return TokenModel(first / first.sum(), torch.where(seen > 0, rows / seen, before.following))
