"""Shapes, strides, dtypes and shared memory against what torch itself does."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from solvers.pytorch.tensors import (
    broadcast_shape,
    contiguous_strides,
    created_dtypes,
    einsum_by_loops,
    matmul_shape,
    promoted,
    ranges,
    reductions,
    reshaped,
    shares_memory,
)

shapes = st.lists(st.integers(1, 3), max_size=4).map(tuple)


@given(shapes, shapes, shapes)
def test_broadcasting_is_torchs(a: tuple[int, ...], b: tuple[int, ...], c: tuple[int, ...]) -> None:
    try:
        want = tuple(torch.broadcast_shapes(a, b, c))
    except RuntimeError:
        with pytest.raises(ValueError, match="do not broadcast"):
            broadcast_shape(a, b, c)
    else:
        assert broadcast_shape(a, b, c) == want


@given(shapes, shapes)
def test_the_shape_of_a_product_is_torchs(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    try:
        want = tuple((torch.zeros(a) @ torch.zeros(b)).shape)
    except RuntimeError:
        with pytest.raises(ValueError, match=r"scalar|inner sizes|broadcast"):
            matmul_shape(a, b)
    else:
        assert matmul_shape(a, b) == want


@given(shapes)
def test_strides_are_torchs(shape: tuple[int, ...]) -> None:
    assert contiguous_strides(shape) == torch.zeros(shape).stride()


@given(shapes, st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6]), min_size=1, max_size=3).map(tuple))
def test_reshape_fills_in_what_torch_does(shape: tuple[int, ...], target: tuple[int, ...]) -> None:
    try:
        want = tuple(torch.zeros(shape).reshape(target).shape)
    except RuntimeError:
        with pytest.raises(ValueError, match=r"elements|Only one"):
            reshaped(shape, target)
    else:
        assert reshaped(shape, target) == want


def test_windows_share_and_copies_do_not() -> None:
    shared = {how: shares_memory(how) for how in ("view", "transpose", "slice", "expand")}
    assert all(result["shared"] for result in shared.values())
    copies = {how: shares_memory(how) for how in ("clone", "contiguous-transpose", "index")}
    assert not any(result["shared"] for result in copies.values())
    assert (shared["transpose"]["strides"], shared["transpose"]["is_contiguous"]) == ((1, 2), False)
    assert shared["expand"]["strides"] == (2, 0)
    assert copies["contiguous-transpose"]["is_contiguous"]


def test_dtypes_are_as_documented() -> None:
    """docs.pytorch.org, tensor attributes: int64 for Python integers, the default float32 for floats, NumPy's own."""
    assert list(created_dtypes().values()) == [
        torch.int64, torch.float32, torch.bool, torch.float32, torch.int64, torch.float32, torch.float64,
    ]  # fmt: skip
    for first, second in itertools.product(
        [torch.float16, torch.bfloat16, torch.float32, torch.int64, torch.bool], repeat=2
    ):
        assert promoted(first, second) == (torch.ones(1, dtype=first) + torch.ones(1, dtype=second)).dtype
    assert promoted(torch.float16, torch.bfloat16) == torch.float32


def test_ranges_and_reductions() -> None:
    both = ranges(0, 1, 0.25, 5)
    assert both["arange"].tolist() == [0, 0.25, 0.5, 0.75]
    assert both["linspace"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    got = reductions(torch.tensor([[1.0, 5.0], [4.0, 2.0]]), 0)
    assert {name: value.tolist() for name, value in got.items()} == {
        "sum": [5, 7], "mean": [2.5, 3.5], "max": [4, 5], "argmax": [1, 0], "keepdim": [[5, 7]],
    }  # fmt: skip


@pytest.mark.parametrize("equation", ["ij,jk->ik", "ij->", "ij->ji", "ij,ij->i", "ij,jk,kl->il", "ii->i"])
def test_einsum(equation: str) -> None:
    generator = torch.Generator().manual_seed(0)
    factors = [torch.randn(3, 3, generator=generator, dtype=torch.float64) for _ in equation.split("->")[0].split(",")]
    assert torch.allclose(einsum_by_loops(equation, *factors), torch.einsum(equation, *factors), rtol=0, atol=1e-12)


def test_einsum_refuses_letters_that_disagree() -> None:
    with pytest.raises(ValueError, match="j is 2 in one factor and 3"):
        einsum_by_loops("ij,jk->ik", torch.zeros(2, 2), torch.zeros(3, 2))
