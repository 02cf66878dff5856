"""Reading probabilities at the door: rows that must be distributions, and MDPs made of them."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers.shapes import Dims

_TOLERANCE = 1e-9


def distributions(name: str, rows: Tensor) -> Tensor:
    """`rows` [..., N], if no entry is negative and each row adds up to 1 to within 1e-9; else ValueError."""
    if bool((rows < 0).any()):
        raise ValueError(f"{name} holds a negative probability.")
    miss = float((rows.sum(-1) - 1).abs().max())
    if not miss <= _TOLERANCE:
        raise ValueError(f"The probabilities in each row of {name} must add up to 1; one misses it by {miss:.3g}.")
    return rows


def mdp(dims: Dims, P: Any, R: Any) -> tuple[Tensor, Tensor]:
    """P [S][A][S+1] (last column: termination) and R [S][A]."""
    rewards = dims.real("R", R, "S A")
    return distributions("P", dims.real("P", P, "S A S+1")), rewards
