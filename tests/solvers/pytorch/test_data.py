"""Batches, steps and padding against DataLoader and by counting."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from solvers.pytorch.data import batch_indices, collated, loader, optimizer_steps, windows


@given(st.integers(1, 20), st.integers(1, 8), st.booleans())
def test_batches_in_order_are_dataloaders(rows: int, size: int, drop_last: bool) -> None:
    theirs = DataLoader(range(rows), size, drop_last=drop_last)  # type: ignore[arg-type]
    assert batch_indices(rows, size, drop_last=drop_last) == [batch.tolist() for batch in theirs]


def test_shuffled_batches_hold_every_row_once_and_repeat_with_the_seed() -> None:
    first, again, other = (batch_indices(10, 4, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert sorted(row for batch in first for row in batch) == list(range(10))
    assert [len(batch) for batch in first] == [4, 4, 2]
    both = loader(torch.arange(10), torch.arange(10) * 2, batch_size=4, generator=torch.Generator().manual_seed(1))
    epochs = [torch.cat([x for x, _ in both]).tolist() for _ in range(2)]
    assert epochs[0] != epochs[1]
    assert sorted(epochs[0]) == list(range(10))
    assert all(torch.equal(2 * x, y) for x, y in both)


@given(st.integers(1, 30), st.integers(1, 8), st.integers(1, 3), st.integers(1, 4), st.booleans())
def test_optimizer_steps_by_counting(rows: int, size: int, epochs: int, accumulation: int, drop_last: bool) -> None:
    steps = 0
    for _ in range(epochs):
        waiting = 0
        for _ in batch_indices(rows, size, drop_last=drop_last):
            waiting += 1
            if waiting == accumulation:
                steps, waiting = steps + 1, 0
        steps += waiting > 0
    assert optimizer_steps(rows, size, epochs, accumulation, drop_last) == steps


def test_padding_on_either_side() -> None:
    right, left = collated([[1, 2, 3], [4]], 9), collated([[1, 2, 3], [4]], 9, left=True)
    assert (right.ids.tolist(), right.mask.tolist()) == ([[1, 2, 3], [4, 9, 9]], [[1, 1, 1], [1, 0, 0]])
    assert (left.ids.tolist(), left.mask.tolist()) == ([[1, 2, 3], [9, 9, 4]], [[1, 1, 1], [0, 0, 1]])


@pytest.mark.parametrize(("length", "count"), [(2, 3), (3, 2), (6, 1), (7, 0)])
def test_windows_predict_the_next_token(length: int, count: int) -> None:
    pairs = list(windows(torch.arange(7), length))
    assert len(pairs) == count
    assert all(torch.equal(targets, inputs + 1) for inputs, targets in pairs)
