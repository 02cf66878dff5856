"""The door of every solver: turn what came in into float64 tensors of agreeing shapes, or say what is wrong.

A function names its arguments' dimensions once, with letters shared between arguments:

    with one `Dims()` per call, `dims.real("rewards", rewards, "N G")` and `dims.real("values", values, "N")`
    must agree on N. `"T+1"` is one more than T. Everything raises ValueError with one sentence, before any arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

_MAX_ELEMENTS = 10_000_000


class Dims:
    """The sizes seen so far in one call, by letter."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}

    def real(self, name: str, value: Any, dims: str) -> Tensor:
        """`value` as a finite float64 tensor of shape `dims`; keeps the graph of a tensor that requires gradients."""
        tensor = value if isinstance(value, Tensor) else _from_lists(name, value, len(dims.split()))
        if not tensor.is_floating_point():
            tensor = tensor.to(torch.float64)
        self._agree(name, tensor, dims)
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"{name} holds a number that is not finite; give finite numbers only.")
        return tensor

    def index(self, name: str, value: Any, dims: str, below: int | None = None) -> Tensor:
        """`value` as an int64 tensor of shape `dims` with 0 ≤ entries < `below`."""
        tensor = self.real(name, value, dims)
        whole = tensor.to(torch.int64)
        if not bool((whole == tensor).all()):
            raise ValueError(f"{name} must hold whole numbers.")
        if bool((whole < 0).any()) or (below is not None and bool((whole >= below).any())):
            limit = "0 or more" if below is None else f"from 0 to {below - 1}"
            raise ValueError(f"{name} must hold whole numbers {limit}.")
        return whole

    def mask(self, name: str, value: Any, dims: str, like: Tensor) -> Tensor:
        """A 0/1 mask of shape `dims` in the dtype of `like` (None: all ones); all zeros is refused."""
        if value is None:
            return torch.ones_like(like.detach())
        tensor = self.real(name, value, dims).to(like.dtype)
        if not bool(((tensor == 0) | (tensor == 1)).all()):
            raise ValueError(f"{name} must hold only 0 and 1.")
        if not bool(tensor.any()):
            raise ValueError(f"{name} masks everything; at least one entry must be 1.")
        return tensor

    def _agree(self, name: str, tensor: Tensor, dims: str) -> None:
        letters = dims.split()
        if tensor.dim() != len(letters):
            raise ValueError(f"{name} needs {len(letters)} dimension(s) [{']['.join(letters)}], it has {tensor.dim()}.")
        for letter, size in zip(letters, tensor.shape, strict=True):
            base, _, extra = letter.partition("+")
            want_less = int(extra or 0)
            if size - want_less < 1:
                raise ValueError(f"{name} is too short: dimension {letter} has size {size}.")
            known = self.sizes.setdefault(base, size - want_less)
            if known + want_less != size:
                raise ValueError(f"{name} has size {size} along {letter}, but {known + want_less} is needed to match the rest.")


def number(name: str, value: Any, low: float = -math.inf, high: float = math.inf, open_low: bool = False) -> float:
    """`value` as a finite float in [low, high] (or (low, high] with `open_low`)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{name} must be one finite number.")
    if value < low or value > high or (open_low and value == low):
        bounds = f"{'more than' if open_low else 'at least'} {low:g}" if math.isfinite(low) else ""
        upper = f"at most {high:g}" if math.isfinite(high) else ""
        raise ValueError(f"{name} must be {' and '.join(filter(None, (bounds, upper)))}, not {value:g}.")
    return float(value)


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """`value` as an int in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError(f"{name} must be a whole number.")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name} must be {'at least ' + str(low) if high is None else f'from {low} to {high}'}, not {int(value)}.")
    return int(value)


def choice(name: str, value: Any, among: Sequence[str]) -> str:
    """`value` if it is one of `among`."""
    if value not in among:
        raise ValueError(f"{name} must be one of {', '.join(among)}.")
    return str(value)


def flag(name: str, value: Any) -> bool:
    """`value` as a bool (true/false, 1/0)."""
    if value not in (0, 1):
        raise ValueError(f"{name} must be true or false.")
    return bool(value)


def _from_lists(name: str, value: Any, depth: int) -> Tensor:
    if isinstance(value, (str, bytes, dict)) or value is None:
        raise ValueError(f"{name} must be numbers in nested lists.")
    count = _check_lists(name, value, depth)
    if count > _MAX_ELEMENTS:
        raise ValueError(f"{name} has {count} numbers; at most {_MAX_ELEMENTS} are allowed.")
    return torch.tensor(value, dtype=torch.float64)


def _check_lists(name: str, value: Any, depth: int) -> int:
    if depth == 0:
        if isinstance(value, (bool, int, float)):
            if isinstance(value, int) and abs(value) > 2**1023:
                raise ValueError(f"{name} holds a number too large for float64.")
            return 1
        raise ValueError(f"{name} must hold numbers, and all its lists must be nested equally deep.")
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} must be a list nested {depth} level(s) deeper.")
    if not value:
        raise ValueError(f"{name} is empty; give at least one number.")
    sizes = {len(v) for v in value if isinstance(v, (list, tuple))}
    if len(sizes) > 1:
        raise ValueError(f"{name} is ragged: its rows differ in length ({', '.join(map(str, sorted(sizes)))}).")
    return sum(_check_lists(name, v, depth - 1) for v in value)
