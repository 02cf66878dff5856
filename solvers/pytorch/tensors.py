"""Tensors: how they are created, what shape an operation gives, dtypes, and what shares memory with what."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import zip_longest
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor

Shape = tuple[int, ...]
Reshaping = Literal["view", "transpose", "slice", "expand", "clone", "contiguous-transpose", "index"]
RESHAPINGS: tuple[Reshaping, ...] = get_args(Reshaping)


def ranges(start: float, end: float, step: float, points: int) -> dict[str, Tensor]:
    """arange leaves the end out and fixes the step; linspace includes it and fixes the number of points."""
    return {
        "arange": torch.arange(start, end, step, dtype=torch.float64),
        "linspace": torch.linspace(start, end, points, dtype=torch.float64),
    }


def created_dtypes() -> dict[str, torch.dtype]:
    """The dtype that each way of creating a tensor gives if none is named; floats take torch's default, float32."""
    return {
        "tensor([1, 2])": torch.tensor([1, 2]).dtype,
        "tensor([1.0])": torch.tensor([1.0]).dtype,
        "tensor([True])": torch.tensor([True]).dtype,
        "zeros(2)": torch.zeros(2).dtype,
        "arange(3)": torch.arange(3).dtype,
        "arange(3.0)": torch.arange(3.0).dtype,
        "from_numpy": torch.from_numpy(np.zeros(2)).dtype,
    }


def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape of elementwise operations: aligned at the right, each size equal or 1. ValueError where they clash."""
    result = []
    for sizes in zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            raise ValueError(f"Sizes {' and '.join(map(str, sorted(wide)))} do not broadcast: neither is 1.")
        result.append(wide.pop() if wide else 1)
    return tuple(reversed(result))


def matmul_shape(a: Shape, b: Shape) -> Shape:
    """The shape of a @ b: the last two dimensions multiply, those before broadcast; a vector's extra one is dropped.

    ValueError where the inner sizes differ or a factor is a scalar.
    """
    if not a or not b:
        raise ValueError("A scalar cannot be a factor of @.")
    left, right = (1, *a) if len(a) == 1 else a, (*b, 1) if len(b) == 1 else b
    if left[-1] != right[-2]:
        raise ValueError(f"The inner sizes of @ must agree; {left[-1]} and {right[-2]} do not.")
    rows = left[-2:-1] if len(a) > 1 else ()
    columns = right[-1:] if len(b) > 1 else ()
    return broadcast_shape(left[:-2], right[:-2]) + rows + columns


def contiguous_strides(shape: Shape) -> Shape:
    """How far apart in memory neighbours along each dimension lie, in elements, row by row."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def reshaped(shape: Shape, target: Shape) -> Shape:
    """`target` with its one −1 filled in so that the number of elements stays. ValueError if it cannot."""
    count, known = math.prod(shape), math.prod(size for size in target if size != -1)
    if target.count(-1) > 1:
        raise ValueError("Only one size may be −1.")
    if -1 not in target:
        if known != count:
            raise ValueError(f"{count} elements do not fill {known}.")
        return target
    if not known or count % known:
        raise ValueError(f"{count} elements do not divide by {known}.")
    return tuple(count // known if size == -1 else size for size in target)


_RESHAPERS: dict[str, Callable[[Tensor], Tensor]] = {
    "view": lambda x: x.view(-1),
    "transpose": lambda x: x.T,
    "slice": lambda x: x[:1],
    "expand": lambda x: x[:, :1].expand(-1, 3),
    "clone": lambda x: x.clone(),
    "contiguous-transpose": lambda x: x.T.contiguous(),
    "index": lambda x: x[[0]],
}


def shares_memory(how: Reshaping) -> dict[str, Any]:
    """Write 100 into the first element of what `how` made of [[1, 2], [3, 4]]: is it in the original too?

    view, transpose, slice and expand are windows onto the same memory; clone, contiguous (of a transpose) and indexing
    by a list copy. strides and is_contiguous are those of the result.
    """
    original = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    result = _RESHAPERS[how](original)
    result[(0,) * result.dim()] = 100.0
    shared = bool(original[0, 0] == 100.0)
    return {"shared": shared, "strides": result.stride(), "is_contiguous": result.is_contiguous()}


def reductions(x: Tensor, dim: int) -> dict[str, Tensor]:
    """Sum, mean, largest and its index along `dim`, which vanishes from the shape; keepdim leaves it with size 1."""
    largest = x.max(dim)
    return {
        "sum": x.sum(dim),
        "mean": x.mean(dim),
        "max": largest.values,
        "argmax": largest.indices,
        "keepdim": x.sum(dim, keepdim=True),
    }


def promoted(*dtypes: torch.dtype) -> torch.dtype:
    """The dtype of an operation on tensors of these dtypes (each with a dimension): the smallest that holds both kinds.

    float16 with bfloat16 gives float32; any float wins over any integer.
    """
    result = dtypes[0]
    for dtype in dtypes[1:]:
        result = torch.promote_types(result, dtype)
    return result


def einsum_by_loops(equation: str, *factors: Tensor) -> Tensor:
    """einsum as its definition: for every value of every letter the product of the factors, summed into the output.

    `equation` as in torch.einsum with an arrow and no dots: "ij,jk->ik". ValueError for letters that disagree in size.
    """
    inputs, _, output = equation.replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    for letters, factor in zip(inputs.split(","), factors, strict=True):
        for letter, size in zip(letters, factor.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ValueError(f"{letter} is {sizes[letter]} in one factor and {size} in another.")
    result = factors[0].new_zeros([sizes[letter] for letter in output])
    for place in torch.cartesian_prod(*(torch.arange(size) for size in sizes.values())).view(-1, len(sizes)).tolist():
        at = dict(zip(sizes, place, strict=True))
        term = factors[0].new_ones(())
        for letters, factor in zip(inputs.split(","), factors, strict=True):
            term = term * factor[tuple(at[letter] for letter in letters)]
        result[tuple(at[letter] for letter in output)] += term
    return result
