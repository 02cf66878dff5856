"""JSON in front of solvers.hindsight: goals relabelled in hindsight."""

from __future__ import annotations

from typing import Any

from solvers import hindsight
from solvers.shapes import Dims, number


def her(achieved_goals: Any, desired_goal: Any, chosen: Any, tolerance: Any) -> dict[str, Any]:
    dims = Dims()
    achieved = dims.real("achieved_goals", achieved_goals, "T+1 D")
    return hindsight.relabel(
        achieved,
        dims.real("desired_goal", desired_goal, "D"),
        dims.index("chosen", chosen, "T", below=len(achieved) - 1),
        number("tolerance", tolerance, 0),
    )._asdict()
