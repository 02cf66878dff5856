"""The door of every solver: turn what came in into float64 tensors of agreeing shapes, or say what is wrong.

A function names its arguments' dimensions once, with letters shared between arguments:

    with one `Dims()` per call, `dims.real("rewards", rewards, "N G")` and `dims.real("values", values, "N")`
    must agree on N. `"T+1"` is one more than T. Everything raises ValueError with one sentence, before any arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import torch
from torch import Tensor

_MAX_ELEMENTS = 10_000_000
_PROBABILITY_TOLERANCE = 1e-9

Choice = TypeVar("Choice", bound=str)


class Dims:
    """The sizes seen so far in one call, by letter."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}

    def real(self, name: str, value: Any, dims: str) -> Tensor:
        """`value` as a finite float64 tensor of shape `dims`; keeps the graph of a tensor that requires gradients."""
        return self._read(name, value, dims, booleans=False)

    def index(self, name: str, value: Any, dims: str, below: int | None = None, mask: Tensor | None = None) -> Tensor:
        """`value` as an int64 tensor of shape `dims` with 0 ≤ entries < `below`.

        Where `mask` is 0 the entry is not looked at (padding is often −100) and becomes 0.
        """
        tensor = self.real(name, value, dims)
        if mask is not None:
            tensor = tensor.masked_fill(mask == 0, 0)
        whole = tensor.to(torch.int64)
        if not bool((whole == tensor).all()):
            raise ValueError(f"{name} must hold whole numbers.")
        if bool((whole < 0).any()) or (below is not None and bool((whole >= below).any())):
            limit = "of 0 or more" if below is None else f"from 0 to {below - 1}"
            raise ValueError(f"{name} must hold whole numbers {limit}.")
        return whole

    def flags(self, name: str, value: Any, dims: str, like: Tensor) -> Tensor:
        """0/1 (or false/true) flags of shape `dims` in the dtype of `like`."""
        tensor = self._read(name, value, dims, booleans=True).to(like.dtype)
        if not torch.equal(tensor.square(), tensor):  # only 0 and 1 are their own squares
            raise ValueError(f"{name} must hold only 0 and 1.")
        return tensor

    def mask(self, name: str, value: Any, dims: str, like: Tensor) -> Tensor:
        """A 0/1 mask of shape `dims`, whose sizes are known, in the dtype of `like` (None: all ones); not all zeros."""
        if value is None:
            return torch.ones([self.sizes[letter] for letter in dims.split()], dtype=like.dtype, device=like.device)
        tensor = self.flags(name, value, dims, like)
        if not bool(tensor.any()):
            raise ValueError(f"{name} masks everything; at least one entry must be 1.")
        return tensor

    def _read(self, name: str, value: Any, dims: str, booleans: bool) -> Tensor:
        if isinstance(value, Tensor):
            tensor = value if value.is_floating_point() else value.to(torch.float64)
            finite = bool(torch.isfinite(tensor).all())
        else:
            numbers, shape = _from_lists(name, value, len(_sizes(dims)), booleans)
            tensor = torch.tensor(numbers, dtype=torch.float64).reshape(shape)
            finite = all(map(math.isfinite, numbers))  # most lists are short: quicker than asking the tensor
        self._agree(name, tensor, dims)
        if not finite:
            raise ValueError(f"{name} holds a number that is not finite; give finite numbers only.")
        return tensor

    def _agree(self, name: str, tensor: Tensor, dims: str) -> None:
        wanted = _sizes(dims)
        if tensor.dim() != len(wanted):
            letters = "][".join(dims.split())
            raise ValueError(f"{name} needs {len(wanted)} dimension(s) [{letters}], it has {tensor.dim()}.")
        for (letter, base, more), size in zip(wanted, tensor.shape, strict=True):
            if size - more < 1:
                raise ValueError(f"{name} is too short: dimension {letter} has size {size}.")
            needed = self.sizes.setdefault(base, size - more) + more
            if needed != size:
                raise ValueError(f"{name} has size {size} along {letter}, but {needed} is needed to match the rest.")


def number(name: str, value: Any, low: float = -math.inf, high: float = math.inf, open_low: bool = False) -> float:
    """`value` as a finite float in [low, high] (or (low, high] with `open_low`)."""
    real = _as_float(value)
    if isinstance(value, bool) or real is None or not math.isfinite(real):
        raise ValueError(f"{name} must be one finite number.")
    if real < low or real > high or (open_low and real == low):
        bounds = f"{'more than' if open_low else 'at least'} {low:g}" if math.isfinite(low) else ""
        upper = f"at most {high:g}" if math.isfinite(high) else ""
        raise ValueError(f"{name} must be {' and '.join(filter(None, (bounds, upper)))}, not {real:g}.")
    return real


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """`value` as an int in [low, high]."""
    real = _as_float(value)
    if isinstance(value, bool) or real is None or not math.isfinite(real) or value != int(value):
        raise ValueError(f"{name} must be a whole number.")
    if value < low or (high is not None and value > high):
        bounds = f"at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"{name} must be {bounds}, not {real:g}.")
    return int(value)


def choice(name: str, value: Any, among: Sequence[Choice]) -> Choice:
    """`value` if it is one of `among`."""
    for known in among:
        if isinstance(value, str) and value == known:
            return known
    raise ValueError(f"{name} must be one of {', '.join(among)}.")


def flag(name: str, value: Any) -> bool:
    """`value` as a bool (true/false, 1/0)."""
    if not isinstance(value, (bool, int, float)) or value not in (0, 1):
        raise ValueError(f"{name} must be true or false.")
    return bool(value)


def distributions(name: str, rows: Tensor) -> Tensor:
    """`rows` if each is a probability distribution along its last dimension."""
    if bool((rows < 0).any()):
        raise ValueError(f"{name} holds a negative probability.")
    miss = float((rows.sum(-1) - 1).abs().max())
    if miss > _PROBABILITY_TOLERANCE:
        raise ValueError(f"The probabilities in each row of {name} must add up to 1; one misses it by {miss:.3g}.")
    return rows


@cache
def _sizes(dims: str) -> tuple[tuple[str, str, int], ...]:
    """Each dimension of `dims` as it is written, its letter, and how many more than the letter's size it has."""
    parts = [(letter, *letter.partition("+")) for letter in dims.split()]
    return tuple((letter, base, int(extra or 0)) for letter, base, _, extra in parts)


def _as_float(value: Any) -> float | None:
    """`value` as a float if it is a number that float64 can hold (infinities too), else None."""
    if not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _from_lists(name: str, value: Any, depth: int, booleans: bool) -> tuple[list[float], list[int]]:
    """The numbers in order, and the shape of the lists that hold them."""
    numbers: list[float] = []
    shape: list[int] = []
    level = value
    for _ in range(depth):
        if not isinstance(level, (list, tuple)):
            raise ValueError(f"{name} must be numbers in lists nested {depth} deep.")
        if not level:
            raise ValueError(f"{name} is empty; give at least one number.")
        shape.append(len(level))
        level = level[0]
    _flatten(name, value, shape, booleans, numbers)
    return numbers, shape


def _flatten(name: str, value: Any, shape: list[int], booleans: bool, numbers: list[float]) -> None:
    """Append the numbers of `value` to `numbers`, in order; its lists must have the lengths in `shape`."""
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} must hold only numbers, all nested equally deep.")
    if len(value) != shape[0]:
        raise ValueError(f"{name} is ragged: it has rows of {shape[0]} and of {len(value)}.")
    if len(shape) > 1:
        for inner in value:
            _flatten(name, inner, shape[1:], booleans, numbers)
        return
    for entry in value:
        real = entry if type(entry) is float else _as_float(entry)
        if real is None or (isinstance(entry, bool) and not booleans):
            raise ValueError(f"{name} must hold only numbers that fit float64, all nested equally deep.")
        numbers.append(real)
    if len(numbers) > _MAX_ELEMENTS:
        raise ValueError(f"{name} has too many numbers; at most {_MAX_ELEMENTS} are allowed.")
