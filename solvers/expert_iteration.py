"""Expert iteration on an enumerable model: sample, keep what the verifier accepts, fine-tune on it, repeat."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from solvers.token_models import TokenModel, fit, sequence_log_probs


class Iterated(NamedTuple):
    """The model after the last round, and the chance that one sample is accepted: before, and after each round."""

    model: TokenModel
    success: Tensor


def expert_iteration(
    model: TokenModel,
    accepted: Tensor,
    rounds: int,
    samples: int | None = None,
    generator: torch.Generator | None = None,
) -> Iterated:
    """`rounds` of filtering by a verifier and refitting to convergence.

    accepted: the sequences the verifier accepts, each once, [N][T]. samples: how many are drawn in a round (needs the
    generator); a round in which none is accepted changes nothing. None is the limit of infinitely many: the accepted
    sequences in proportion to their probability; then the success never falls, for this is an EM step on the
    probability of being accepted (Dayan & Hinton 1997). ValueError where the model can never be accepted at all.
    Anthony et al. 2017; Zelikman et al. 2022 (STaR); Singh et al. 2024 (ReST-EM), who restart from the base model.
    """
    chances = sequence_log_probs(model, accepted).exp()
    success = [chances.sum()]
    if not success[0] > 0:
        raise ValueError("The model gives every accepted sequence probability 0, so no sample would ever pass.")
    for _ in range(rounds):
        weights = chances / chances.sum() if samples is None else _drawn(chances, samples, generator)
        if bool(weights.any()):
            model = fit(accepted, weights, model)
        chances = sequence_log_probs(model, accepted).exp()
        success.append(chances.sum())
    return Iterated(model, torch.stack(success))


def _drawn(chances: Tensor, samples: int, generator: torch.Generator | None) -> Tensor:
    """How often each accepted sequence is among `samples` draws, [N]; what is not accepted is drawn and dropped."""
    rejected = (1 - chances.sum()).clamp(min=0).reshape(1)
    drawn = torch.multinomial(torch.cat([chances, rejected]), samples, replacement=True, generator=generator)
    return torch.bincount(drawn, minlength=len(chances) + 1)[:-1].to(chances.dtype)
