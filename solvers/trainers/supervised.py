"""One step of supervised fine-tuning: the likelihood of given completions."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from solvers.generation import Completions, completion_logits
from solvers.gpt import GPT
from solvers.masks import masked_mean
from solvers.shapes import number
from solvers.supervised import sft_loss
from solvers.trainers.steps import Metrics, Objective, StepSettings, gradient_step


@dataclass(frozen=True, slots=True, kw_only=True)
class SFTSettings(StepSettings):
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        StepSettings.__post_init__(self)
        number("label_smoothing", self.label_smoothing, 0, 1)


def sft_objective(policy: GPT, batch: Completions, settings: SFTSettings) -> Objective:
    """`sft_loss` on the completions; prompts and padding are read but not learned.

    Metrics: nll (nats a token), perplexity, token_accuracy (share of tokens that were the likeliest).
    """
    logits = completion_logits(policy, batch)
    result = sft_loss(logits, batch.tokens, batch.mask, settings.label_smoothing)
    hits = (logits.detach().argmax(-1) == batch.tokens).to(logits.dtype)
    metrics = {
        "nll": result.nll,
        "perplexity": result.perplexity,
        "token_accuracy": masked_mean(hits, batch.mask),
    }
    return Objective(result.loss, metrics)


def sft_step(policy: GPT, optimizer: torch.optim.Optimizer, batch: Completions, settings: SFTSettings) -> Metrics:
    """One step of supervised fine-tuning; see `sft_objective`."""
    return gradient_step(optimizer, sft_objective(policy, batch, settings), settings)
