"""Experience replay: a buffer that forgets its oldest, uniform samples, and batches that mix in an expert's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

import torch

Item = TypeVar("Item")


class ReplayBuffer(Generic[Item]):
    """The last `capacity` items added, sampled uniformly. Lin 1992; Mnih et al. 2015.

    Sampling breaks the correlation between neighbouring transitions, and each is learned from more than once.
    """

    def __init__(self, capacity: int, items: Iterable[Item] = ()) -> None:
        if capacity < 1:
            raise ValueError("A replay buffer needs room for at least one item.")
        self._items: deque[Item] = deque(items, maxlen=capacity)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item) -> None:
        """Keep `item`, in place of the oldest when full."""
        self._items.append(item)

    def sample(self, size: int, generator: torch.Generator) -> list[Item]:
        """`size` items, each drawn uniformly and independently (with replacement). ValueError if there is none."""
        if size and not self._items:
            raise ValueError("The replay buffer is empty; add an item before sampling.")
        if not size:
            return []
        return [self._items[i] for i in torch.randint(len(self._items), (size,), generator=generator).tolist()]


def expert_count(size: int, expert_share: float) -> int:
    """How many of a batch of `size` are the expert's: size·expert_share, rounded, halves up."""
    return int(size * expert_share + 0.5)


def mixed_batch(
    expert: ReplayBuffer[Item],
    own: ReplayBuffer[Item],
    size: int,
    expert_share: float,
    generator: torch.Generator,
) -> list[Item]:
    """A batch of `size` from a warm buffer: expert_count(size, expert_share) expert items first, the rest the agent's.

    The share is the same in every batch, as in RLPD (Ball et al. 2023, half and half); R2D3 (Gulcehre et al. 2020)
    tosses a coin of that probability for each element, DQfD (Hester et al. 2018) leaves it to priorities.
    """
    from_expert = expert_count(size, expert_share)
    return expert.sample(from_expert, generator) + own.sample(size - from_expert, generator)
