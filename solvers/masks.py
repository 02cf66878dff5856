"""Masked reductions. A mask holds 1 where a position counts and 0 where it does not (padding, prompt, tool output)."""

from __future__ import annotations

from torch import Tensor


def kept(values: Tensor, mask: Tensor) -> Tensor:
    """`values` with 0 at masked positions, chosen rather than multiplied: 0 · inf would leak as NaN, also backwards."""
    return values.masked_fill(mask == 0, 0.0)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean over all valid positions together, a scalar."""
    return kept(values, mask).sum() / mask.sum()


def row_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Each row's mean over its valid positions, [B]; 0 for a row that has none."""
    return kept(values, mask).sum(-1) / mask.sum(-1).clamp(min=1)


def last_valid(mask: Tensor) -> Tensor:
    """1 at each row's last valid position, else 0, [B][T]; wherever the padding is. A row without one has no 1."""
    after = mask.flip(-1).cumsum(-1).flip(-1)  # valid positions from here on, this one included
    return mask * (after == 1)
