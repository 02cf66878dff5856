"""JSON in front of solvers.kl."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import kl
from solvers.kl_gradients import PLACEMENTS, expected_kl_gradient
from solvers.masks import kept, masked_mean
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, choice


def kl_estimate(logp: Any, ref_logp: Any, estimator: Any) -> dict[str, Tensor]:
    dims = Dims()
    policy = leaf(dims.real("logp", logp, "N"))
    values = kl.kl_estimate(policy, dims.real("ref_logp", ref_logp, "N"), choice("estimator", estimator, kl.ESTIMATORS))
    (grad_logp,) = gradients(values.sum(), policy)  # each value depends on its own logp alone
    return {"values": values, "grad_logp": grad_logp}


def kl_exact(logits_p: Any, logits_q: Any) -> dict[str, Tensor]:
    dims = Dims()
    p = leaf(dims.real("logits_p", logits_p, "V"))
    q = dims.real("logits_q", logits_q, "V")
    kl_pq = kl.categorical_kl(p, q)
    (grad_logits_p,) = gradients(kl_pq, p)
    return {"kl_pq": kl_pq, "kl_qp": kl.categorical_kl(q, p), "grad_logits_p": grad_logits_p}


def kl_gradients(logits: Any, ref_logits: Any, estimator: Any, placement: Any) -> dict[str, Tensor]:
    """Beside what the estimator gives there: the gradients of KL(π‖π_ref) and of KL(π_ref‖π)."""
    dims = Dims()
    policy = leaf(dims.real("logits", logits, "V"))
    reference = dims.real("ref_logits", ref_logits, "V")
    gradient = expected_kl_gradient(
        policy, reference, choice("estimator", estimator, kl.ESTIMATORS), choice("placement", placement, PLACEMENTS)
    )
    (grad_kl,) = gradients(kl.categorical_kl(policy, reference), policy)
    (grad_reverse_kl,) = gradients(kl.categorical_kl(reference, policy), policy)
    return {"gradient": gradient, "grad_kl": grad_kl, "grad_reverse_kl": grad_reverse_kl}


def entropy(logits: Any, mask: Any = None) -> dict[str, Tensor]:
    dims = Dims()
    scores = dims.real("logits", logits, "B T V")
    valid = dims.mask("mask", mask, "B T", scores)
    entropies = kept(kl.categorical_entropy(kept(scores, valid.unsqueeze(-1))), valid)
    return {"entropy": entropies, "mean": masked_mean(entropies, valid)}
