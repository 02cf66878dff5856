"""What RL code does with PyTorch: log-probabilities of tokens, KL exact and sampled, and where to detach."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from solvers.kl import categorical_kl, kl_estimate
from solvers.policy_losses import clipped_surrogate, token_log_probs


def next_token_log_probs(logits: Tensor, ids: Tensor) -> Tensor:
    """log π(ids[t+1] | ids up to t), [B][T−1]: logits [B][T][V] of ids [B][T], shifted by one."""
    return token_log_probs(logits[:, :-1], ids[:, 1:])


class SampledKL(NamedTuple):
    """KL(p‖q) exactly, and the means of k1, k2 and k3 over samples of p; in nats."""

    exact: float
    k1: float
    k2: float
    k3: float


def sampled_kl(logits_p: Tensor, logits_q: Tensor, samples: int, generator: torch.Generator) -> SampledKL:
    """The full distribution against Monte Carlo: logits [V], `samples` tokens drawn from p."""
    tokens = torch.multinomial(logits_p.softmax(-1), samples, replacement=True, generator=generator)
    logp, logq = (log_softmax(logits, -1)[tokens] for logits in (logits_p, logits_q))
    exact = float(categorical_kl(logits_p, logits_q))
    return SampledKL(exact, *(float(kl_estimate(logp, logq, name).mean()) for name in ("k1", "k2", "k3")))


class ActorCriticGradients(NamedTuple):
    """Of the policy loss −mean(A·log π), by the log-probabilities [N] and by the critic's values [N]."""

    by_logp: Tensor
    by_values: Tensor


def advantage_gradients(logp: Tensor, values: Tensor, returns: Tensor, detach: bool) -> ActorCriticGradients:
    """A = returns − values, detached or not. Undetached, the policy loss moves the critic: by log π/N, whatever R is.

    That pull has nothing to do with how well V predicts: it makes the critic lower the loss of the actor.
    """
    logp, values = logp.detach().clone().requires_grad_(), values.detach().clone().requires_grad_()
    advantages = returns - (values.detach() if detach else values)
    loss = -(advantages * logp).mean()
    by_logp, by_values = torch.autograd.grad(loss, (logp, values), materialize_grads=True)
    return ActorCriticGradients(by_logp, by_values)


def ratio_gradient(logp: Tensor, advantages: Tensor, clip_range: float, detach_old: bool = True) -> Tensor:
    """∇ of Σ min(r·A, clip(r)·A) by logp [N] at r = π/π_old = 1: A itself, the policy gradient.

    With old log-probabilities that are not detached (or stored) r is constantly 1, and the gradient 0: nothing learns.
    """
    logp = logp.detach().clone().requires_grad_()
    old_logp = logp.detach() if detach_old else logp
    (gradient,) = torch.autograd.grad(
        clipped_surrogate(logp - old_logp, advantages, clip_range, clip_range).sum(), logp
    )
    return gradient


def bootstrapped_value_gradient(value: Tensor, next_value: Tensor, reward: float, gamma: float, detach: bool) -> Tensor:
    """∇ of ½·δ² by V and V', [2], with δ = r + gamma·V' − V: the semi-gradient (−δ, 0) if V' is detached.

    Else the residual gradient (−δ, gamma·δ), which drags the target along. Sutton & Barto 2018, sections 9.3 and 11.5;
    Baird 1995.
    """
    both = torch.stack([value, next_value]).detach().requires_grad_()
    target = reward + gamma * (both[1].detach() if detach else both[1])
    (gradient,) = torch.autograd.grad((target - both[0]).square() / 2, both)
    return gradient
