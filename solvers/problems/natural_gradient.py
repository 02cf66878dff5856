"""JSON in front of solvers.natural_gradient: the Fisher-vector product and conjugate gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from solvers import natural_gradient
from solvers.kl import categorical_kl
from solvers.shapes import Dims, number, whole

_MAX_PARAMETERS = 1_000
_MAX_ITERATIONS = 10_000


def fisher_vector_product(theta: Any, states: Any, vector: Any, damping: Any) -> dict[str, Tensor]:
    dims = Dims()
    logits = dims.real("theta", theta, "S A")
    if logits.numel() > _MAX_PARAMETERS:
        raise ValueError(
            f"theta is too large to show its Fisher matrix; at most {_MAX_PARAMETERS} numbers are allowed."
        )
    visited = dims.index("states", states, "N", dims.sizes["S"])
    product = natural_gradient.fisher_vector_product(
        lambda moved: categorical_kl(logits[visited], moved[visited]).mean(),
        logits,
        dims.real("vector", vector, "S A"),
        number("damping", damping, 0),
    )
    return {"product": product, "fisher": natural_gradient.fisher_matrix(logits, visited)}


def conjugate_gradient(matrix: Any, vector: Any, iterations: Any) -> dict[str, Tensor]:
    """iterations are made in full, unless nothing at all is left: no tolerance hides what one more would do."""
    dims = Dims()
    system = dims.real("matrix", matrix, "N N")
    if not torch.equal(system, system.T):
        raise ValueError("matrix must be symmetric: equal to its transpose.")
    if int(torch.linalg.cholesky_ex(system).info) != 0:
        raise ValueError("matrix must be positive definite: all its eigenvalues more than 0.")
    solution = natural_gradient.conjugate_gradient(
        lambda v: system @ v,
        dims.real("vector", vector, "N"),
        whole("iterations", iterations, 0, _MAX_ITERATIONS),
        tolerance=0.0,
    )
    return {"x": solution.x, "residual": solution.residual}
