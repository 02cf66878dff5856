"""A3C in miniature: gradients computed at parameters that others have moved on from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class StaleAscent(NamedTuple):
    """theta: the parameters after the last step. objective [steps+1]: before the first step and after each.

    errors [steps]: the Euclidean distance between the gradient applied and the one that was due.
    """

    theta: Tensor
    objective: Tensor
    errors: Tensor


def stale_gradient_ascent(
    objective: Callable[[Tensor], Tensor], theta: Tensor, learning_rate: float, delay: int, steps: int
) -> StaleAscent:
    """θ_{t+1} = θ_t + learning_rate·∇J(θ_{t−delay}), with θ_0 in place of what lies before the start.

    objective: θ ↦ the scalar J, differentiable. In A3C (Mnih et al. 2016, algorithm S3) a worker copies the shared
    parameters, acts and differentiates with its copy, and adds the result to parameters that the other workers have
    updated `delay` times meanwhile. A2C waits for all workers, which is delay 0. On a quadratic of curvature c the
    ascent converges only below a learning rate of 2·sin(π/(4·delay + 2))/c: delay costs step size.
    """
    path = [theta.detach()]
    gradients: list[Tensor] = []
    values: list[Tensor] = []
    errors: list[Tensor] = []
    for step in range(steps):
        with torch.enable_grad():
            variable = path[-1].clone().requires_grad_()
            value = objective(variable)
            (fresh,) = torch.autograd.grad(value, variable)
        gradients.append(fresh)
        values.append(value.detach())
        applied = gradients[max(step - delay, 0)]
        errors.append((applied - fresh).norm())
        path.append(path[-1] + learning_rate * applied)
    values.append(objective(path[-1]).detach())
    return StaleAscent(path[-1], torch.stack(values), torch.stack(errors))
