"""What every solver that returns a gradient does around its loss."""

from __future__ import annotations

import torch
from torch import Tensor


def leaf(tensor: Tensor) -> Tensor:
    """A float64 copy to differentiate by, cut from wherever the tensor came from."""
    return tensor.detach().to(torch.float64, copy=True).requires_grad_()


def gradients(loss: Tensor, *leaves: Tensor) -> tuple[Tensor, ...]:
    """The derivative of a scalar loss by each leaf."""
    return torch.autograd.grad(loss, leaves)
