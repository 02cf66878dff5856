"""Devices: choosing one, asking where things are, and moving them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def best_device() -> torch.device:
    """The accelerator if there is one (CUDA, Apple's MPS, …), else the CPU."""
    accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return accelerator if accelerator is not None else torch.device("cpu")


def device_of(module: nn.Module) -> torch.device:
    """Where a module is: where its first parameter is. A module spread over several devices has no one answer."""
    return next(module.parameters()).device


def moved(batch: Any, device: torch.device | str) -> Any:
    """Every tensor in nested dicts, lists and tuples on `device`; anything else as it is.

    Tensor.to gives a copy, or the tensor itself if it is there already; Module.to moves the module in place.
    """
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: moved(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):  # a NamedTuple takes its fields one by one
        return type(batch)(*(moved(value, device) for value in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)(moved(value, device) for value in batch)
    return batch


def to_returns_itself(device: torch.device | str = "cpu") -> dict[str, bool]:
    """Does `.to(device)` return the very object? A module always does, a tensor only if nothing had to change."""
    module, tensor = nn.ReLU(), torch.zeros(1)
    return {
        "module": module.to(device) is module,
        "tensor": tensor.to("cpu") is tensor,
        "tensor, other dtype": tensor.to(torch.float64) is tensor,
    }
