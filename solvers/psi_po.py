"""ΨPO: preference optimisation with any function Ψ of the preference probability, exact on a handful of answers.

Azar et al. 2023, section 4: maximise E_{y~π, y'~μ}[Ψ(p(y ≻ y'))] − tau·KL(π‖π_ref). Ψ acts on the *preference*, not
on a difference of log-ratios as a loss does. preferences [N][N] holds p(row ≻ column); behaviour μ [N]; ref_logits [N].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import torch
from torch import Tensor

from solvers.soft_q import Optimum, kl_regularised_optimum

Psi = Literal["identity", "logit"]
PSIS: tuple[Psi, ...] = get_args(Psi)

FUNCTIONS: Mapping[Psi, Callable[[Tensor], Tensor]] = {"identity": lambda p: p, "logit": torch.logit}


def psi_rewards(preferences: Tensor, behaviour: Tensor, psi: Callable[[Tensor], Tensor]) -> Tensor:
    """E_{y'~μ}[Ψ(p(y ≻ y'))] of every answer y, [N]: what ΨPO takes for a reward.

    Identity: the total preference p(y ≻ μ), at most 1. Logit, log(p/(1 − p)), with Bradley and Terry's preferences:
    r(y) − E_μ[r], the reward but for a constant (proposition 1).
    """
    return psi(preferences) @ behaviour


def psi_po_optimum(
    preferences: Tensor, behaviour: Tensor, ref_logits: Tensor, tau: float, psi: Callable[[Tensor], Tensor]
) -> Optimum:
    """The policy that maximises ΨPO's objective, π_ref·exp(psi_rewards/tau)/Z, and the objective's maximum.

    Identity: IPO. It is where `ipo_loss` on pairs from μ, labelled by these preferences, has its minimum (section 5),
    and its log-ratios to the reference differ by (p(y ≻ μ) − p(y' ≻ μ))/tau, at most 1/tau. Logit: with Bradley and
    Terry's preferences the optimum of RLHF and of `dpo_loss`, both with beta = tau (proposition 1); with others DPO's
    minimum is another. A preference of 0 or 1 has an infinite logit: then no tau holds the policy near the reference,
    the overfitting of section 4.2.
    """
    return kl_regularised_optimum(ref_logits, psi_rewards(preferences, behaviour, psi), tau)
