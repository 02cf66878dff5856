"""JSON in front of solvers.soft_q and solvers.psi_po: exact optima of preference and reward against a reference."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import psi_po as psi_po_solver
from solvers import soft_q as soft_q_solver
from solvers.shapes import Dims, choice, distributions, number

_MAX_LENGTH = 12
_PAIR_TOLERANCE = 1e-9


def soft_q(ref_logits: Any, rewards: Any, beta: Any) -> dict[str, Any]:
    """ref_logits: a list for each depth t, of lists nested t + 1 deep; rewards: nested as deep as answers are long."""
    if not isinstance(ref_logits, (list, tuple)) or not 1 <= len(ref_logits) <= _MAX_LENGTH:
        raise ValueError(f"ref_logits must be a list with the logits of each depth, from 1 to {_MAX_LENGTH} of them.")
    dims = Dims()
    length = len(ref_logits)
    conditionals = [dims.real(f"ref_logits[{t}]", level, "V " * (t + 1)) for t, level in enumerate(ref_logits)]
    paid = dims.real("rewards", rewards, "V " * length)
    optimum = soft_q_solver.soft_values(conditionals, paid, number("beta", beta, 0, open_low=True))
    return {
        "v": optimum.v,
        "q": optimum.q,
        "probs": [logp.exp() for logp in optimum.logp],
        "answer_probs": soft_q_solver.answer_log_probs(optimum.logp).exp(),
    }


def psi_po(preferences: Any, behaviour: Any, ref_logits: Any, tau: Any, psi: Any) -> dict[str, Tensor]:
    dims = Dims()
    table = _preferences(dims.real("preferences", preferences, "N N"))
    mu = distributions("behaviour", dims.real("behaviour", behaviour, "N"))
    reference = dims.real("ref_logits", ref_logits, "N")
    function = psi_po_solver.FUNCTIONS[choice("psi", psi, psi_po_solver.PSIS)]
    if psi == "logit" and bool(((table == 0) | (table == 1)).any()):
        raise ValueError("preferences holds a 0 or a 1, whose logit is infinite; no tau keeps such an optimum finite.")
    optimum = psi_po_solver.psi_po_optimum(table, mu, reference, number("tau", tau, 0, open_low=True), function)
    rewards = psi_po_solver.psi_rewards(table, mu, function)
    return {"rewards": rewards, "probs": optimum.logp.exp(), "objective": optimum.value}


def _preferences(table: Tensor) -> Tensor:
    if bool(((table < 0) | (table > 1)).any()):
        raise ValueError("preferences must hold probabilities, from 0 to 1.")
    if bool(((table + table.T - 1).abs() > _PAIR_TOLERANCE).any()):
        raise ValueError("preferences must add up to 1 with their transpose: one of two answers is preferred.")
    return table
