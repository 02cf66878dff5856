"""KL in the reward against KL in the loss: the gradient that each estimator really gives, in exact expectation.

One categorical policy softmax(logits) [V] against softmax(ref_logits) [V]; every sum over a sample is replaced by the
sum over the vocabulary. Gradients are by the logits, in nats.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from solvers.kl import Estimator, kl_estimate

Placement = Literal["reward", "loss", "weighted-loss"]
PLACEMENTS: tuple[Placement, ...] = get_args(Placement)


def expected_kl_gradient(logits: Tensor, ref_logits: Tensor, estimator: Estimator, placement: Placement) -> Tensor:
    """What training on samples of π descends on average, [V], where it means ∇KL(π‖π_ref).

    With k the estimator and s = ∇log π of the sample:
    - `reward`, E[k·s]: k is a number taken off the reward. k1: ∇KL(π‖π_ref). k3: ∇KL(π‖π_ref) − ∇KL(π_ref‖π).
    - `loss`, E[∇k]: k is differentiated, the sampling is not. k1: 0. k2: ∇KL(π‖π_ref). k3: ∇KL(π_ref‖π).
    - `weighted-loss`, E[∇(w·k)] = E[k·s + ∇k], w = π/π_old with gradient, at π = π_old (TRL's
      `use_bias_correction_kl`): the gradient of E[k], so ∇KL(π‖π_ref) for k1 and k3.
    PPO, RLOO and REINFORCE++ have k1 in the reward; GRPO (Shao et al. 2024, eq. 4) has k3 in the loss.
    """
    with torch.enable_grad():
        variable = logits.detach().clone().requires_grad_()
        logp = log_softmax(variable, -1)
        estimates = kl_estimate(logp, log_softmax(ref_logits, -1), estimator)
        surrogate = {
            "reward": logp.exp() * estimates.detach(),
            "loss": logp.exp().detach() * estimates,
            "weighted-loss": logp.exp() * estimates,
        }[placement]
        (gradient,) = torch.autograd.grad(surrogate.sum(), variable)
    return gradient


def regularised_policy_gradient(
    logits: Tensor, ref_logits: Tensor, rewards: Tensor, beta: float, estimator: Estimator, placement: Placement
) -> Tensor:
    """The expected ascent direction E[r·∇log π] − beta·`expected_kl_gradient`, [V]; rewards [V].

    The gradient of E[r] − beta·KL(π‖π_ref) for k1 in the reward, k2 in the loss, and k1 or k3 in a weighted loss.
    """
    policy = logits.softmax(-1)
    gain = policy * (rewards - (policy * rewards).sum())
    return gain - beta * expected_kl_gradient(logits, ref_logits, estimator, placement)
