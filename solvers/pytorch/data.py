"""Data loading: which rows come in which batch, epochs and steps, and padding rows to one length."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset


def batch_indices(
    rows: int, batch_size: int, generator: torch.Generator | None = None, drop_last: bool = False
) -> list[list[int]]:
    """The rows of each batch of one epoch, in order, or shuffled by `generator`; the last batch may be smaller."""
    order = torch.randperm(rows, generator=generator).tolist() if generator is not None else list(range(rows))
    batches = [order[start : start + batch_size] for start in range(0, rows, batch_size)]
    return batches[:-1] if drop_last and batches and len(batches[-1]) < batch_size else batches


def optimizer_steps(rows: int, batch_size: int, epochs: int, accumulation: int = 1, drop_last: bool = False) -> int:
    """Steps of the optimizer in a run: batches an epoch, `accumulation` of them a step, an incomplete step counted."""
    batches = rows // batch_size if drop_last else math.ceil(rows / batch_size)
    return epochs * math.ceil(batches / accumulation)


def loader(
    *columns: Tensor, batch_size: int, generator: torch.Generator, drop_last: bool = False
) -> DataLoader[tuple[Tensor, ...]]:
    """A shuffling DataLoader over rows of equally long tensors, its order from `generator` alone."""
    return DataLoader(TensorDataset(*columns), batch_size, shuffle=True, generator=generator, drop_last=drop_last)


class Padded(NamedTuple):
    """ids [B][longest] and mask [B][longest], 1 at tokens."""

    ids: Tensor
    mask: Tensor


def collated(rows: Sequence[Sequence[int]], pad_token: int, left: bool = False) -> Padded:
    """Token lists as one tensor. Training pads on the right; generation on the left, so that all go on at one place."""
    longest = max(map(len, rows))
    gaps = [[pad_token] * (longest - len(row)) for row in rows]
    ids = [[*gap, *row] if left else [*row, *gap] for row, gap in zip(rows, gaps, strict=True)]
    masks = [[0] * len(gap) + [1] * len(row) for row, gap in zip(rows, gaps, strict=True)]
    return Padded(torch.tensor(ids), torch.tensor(masks if left else [mask[::-1] for mask in masks]))


def windows(tokens: Tensor, length: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets of a language model from one long text: targets are the inputs one token on."""
    for start in range(0, len(tokens) - length, length):
        yield tokens[start : start + length], tokens[start + 1 : start + length + 1]
