"""Supervised fine-tuning: the cross-entropy of given tokens."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import log_softmax

from solvers.masks import masked_mean


class SFTResult(NamedTuple):
    """loss: what is minimised, smoothed or not. nll: the mean −log p of the tokens themselves, in nats."""

    loss: Tensor
    nll: Tensor

    @property
    def perplexity(self) -> Tensor:
        """exp(nll): of the unsmoothed loss, so that it can be compared between settings."""
        return self.nll.exp()


def sft_loss(logits: Tensor, tokens: Tensor, mask: Tensor, label_smoothing: float = 0.0) -> SFTResult:
    """Token mean of (1−ε)·nll + ε·(mean over the whole vocabulary of −log p).

    logits: [B][T][V]; logits[b][t] scores tokens[b][t], so a caller with a language model shifts by one first.
    tokens: [B][T], indices below V also where masked. mask: [B][T], with at least one 1; the mean is over all valid
    tokens of the batch together (long answers weigh more). Differentiable in the logits.
    Szegedy et al. 2016, section 7, for the smoothing; torch's `cross_entropy(label_smoothing=ε)` and transformers'
    LabelSmoother give the same number.
    """
    logp = log_softmax(logits, -1)
    nll = masked_mean(-logp.gather(-1, tokens.unsqueeze(-1)).squeeze(-1), mask)
    if label_smoothing == 0:
        return SFTResult(nll, nll.detach())
    uniform = masked_mean(-logp.mean(-1), mask)
    return SFTResult((1 - label_smoothing) * nll + label_smoothing * uniform, nll.detach())
