"""JSON in front of solvers.kl."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import kl
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, choice


def kl_estimate(logp: Any, ref_logp: Any, estimator: Any) -> dict[str, Tensor]:
    dims = Dims()
    policy = leaf(dims.real("logp", logp, "N"))
    values = kl.kl_estimate(policy, dims.real("ref_logp", ref_logp, "N"), choice("estimator", estimator, kl.ESTIMATORS))
    (grad_logp,) = gradients(values.sum(), policy)  # each value depends on its own logp alone
    return {"values": values, "grad_logp": grad_logp}
