"""Replay buffers: what is forgotten, that samples are uniform, and how many an expert gives."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from solvers.replay import ReplayBuffer, expert_count, mixed_batch


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_oldest_is_forgotten_first() -> None:
    buffer: ReplayBuffer[int] = ReplayBuffer(3, [0, 1])
    for item in range(2, 6):
        buffer.add(item)
    assert len(buffer) == 3
    assert set(buffer.sample(200, generator())) == {3, 4, 5}


def test_samples_are_uniform_independent_and_reproducible() -> None:
    buffer = ReplayBuffer(10, range(4))
    drawn = buffer.sample(8000, generator(1))
    counts = Counter(drawn)
    # Chi-square with 3 degrees of freedom; 16.27 is its 99.9 % point.
    assert sum((counts[i] - 2000) ** 2 / 2000 for i in range(4)) < 16.27
    pairs = Counter(zip(drawn[::2], drawn[1::2], strict=True))
    assert len(pairs) == 16
    assert sum((n - 250) ** 2 / 250 for n in pairs.values()) < 37.70  # 15 degrees of freedom
    assert drawn == buffer.sample(8000, generator(1))


@given(st.integers(0, 50), st.integers(0, 20))
def test_a_batch_holds_the_share_of_the_expert_in_every_batch(size: int, twentieths: int) -> None:
    expert, own = ReplayBuffer(5, ["expert"] * 5), ReplayBuffer(5, ["own"] * 5)
    batch = mixed_batch(expert, own, size, twentieths / 20, generator())
    assert len(batch) == size
    assert abs(batch.count("expert") - size * twentieths / 20) <= 0.5
    assert batch == sorted(batch)  # the expert's first


def test_halves_are_rounded_up_and_either_side_may_give_all() -> None:
    assert [expert_count(size, 0.5) for size in (1, 2, 3)] == [1, 1, 2]
    expert, nobody = ReplayBuffer(1, ["expert"]), ReplayBuffer[str](1)
    assert mixed_batch(expert, nobody, 2, 1.0, generator()) == ["expert"] * 2
    assert mixed_batch(nobody, expert, 2, 0.0, generator()) == ["expert"] * 2


def test_an_empty_buffer_and_one_without_room_are_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        ReplayBuffer[int](2).sample(1, generator())
    with pytest.raises(ValueError, match="at least one"):
        ReplayBuffer[int](0)
