"""Reading a tabular MDP at the door."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers.shapes import Dims, distributions


def mdp(dims: Dims, P: Any, R: Any) -> tuple[Tensor, Tensor]:
    """P [S][A][S+1] (last column: termination) and R [S][A]; settles the letters S and A."""
    rewards = dims.real("R", R, "S A")
    return distributions("P", dims.real("P", P, "S A S+1")), rewards
