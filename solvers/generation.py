"""Sampling from the small GPT with cached keys and values, and reading what models say about given completions.

A batch of B prompts is [B][P], padded on the left; its completions are [B][N], padded on the right. The shift by one
(the logits at position t score token t + 1) happens here and nowhere else: everything that comes out is aligned with
the tokens of the completions. Log-probabilities are in nats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from solvers.gpt import GPT, KVCache, ScalarGPT
from solvers.masks import kept, last_valid
from solvers.policy_losses import token_log_probs
from solvers.sampling import sampling_distribution
from solvers.shapes import number, whole


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How to sample. The filters are those of `sampling_distribution`; None leaves one out."""

    max_new_tokens: int
    temperature: float = 1.0  # 0: the likeliest token, always
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    stop_token: int | None = None  # ends a completion, and is its last token

    def __post_init__(self) -> None:
        whole("max_new_tokens", self.max_new_tokens, 1)
        number("temperature", self.temperature, 0)
        if self.top_k is not None:
            whole("top_k", self.top_k, 1)
        for name, share in (("top_p", self.top_p), ("min_p", self.min_p)):
            if share is not None:
                number(name, share, 0, 1)
        if self.stop_token is not None:
            whole("stop_token", self.stop_token, 0)


@dataclass(frozen=True, slots=True)
class Completions:
    """Prompts with one completion each, and which of their tokens are real (1) or padding (0).

    prompts, prompt_mask: [B][P], padded on the left, so that every prompt ends where its completion begins.
    tokens, mask: [B][N]; padding stands on the right. A 0 between 1s marks a token that is read but not learned from
    (tool output); the prompt is never learned from. ValueError where this does not hold, and for a mask that is not in
    floating point (losses calculate with it) or masks everything.
    """

    prompts: Tensor
    prompt_mask: Tensor
    tokens: Tensor
    mask: Tensor

    def __post_init__(self) -> None:
        _check_prompts(self.prompts, self.prompt_mask)
        if self.tokens.dim() != 2 or self.tokens.shape != self.mask.shape or not self.tokens.numel():
            raise ValueError("tokens and mask must both have the shape [B][N] with N of at least 1.")
        if len(self.tokens) != len(self.prompts):
            raise ValueError(f"{len(self.tokens)} completions cannot belong to {len(self.prompts)} prompts.")
        if not self.mask.is_floating_point() or not bool(((self.mask == 0) | (self.mask == 1)).all()):
            raise ValueError("mask must hold only 0 and 1, in floating point.")
        if not bool(self.mask.any()):
            raise ValueError("mask masks everything; at least one token must be 1.")
        if bool((self.tokens < 0).any()):
            raise ValueError("tokens must be 0 or more, also where they are padding: the mask says which count.")

    @property
    def prompt_length(self) -> int:
        return self.prompts.shape[-1]

    def text(self) -> tuple[Tensor, Tensor]:
        """Prompts and completions in one, [B][P+N], and the mask of its real tokens.

        Tokens of the completion that are not learned from still count as real: to the right of the last valid token
        nobody sees them, and between valid ones they must be read.
        """
        return torch.cat([self.prompts, self.tokens], -1), torch.cat(
            [self.prompt_mask == 1, torch.ones_like(self.tokens, dtype=torch.bool)], -1
        )


class Samples(NamedTuple):
    """What `generate` drew; `logp` [B][N] is of the distribution it drew from, and 0 at padding."""

    completions: Completions
    logp: Tensor


@torch.no_grad()
def generate(
    model: GPT,
    prompts: Tensor,
    settings: SamplingSettings,
    generator: torch.Generator,
    prompt_mask: Tensor | None = None,
) -> Samples:
    """One completion for each row of prompts [B][P], sampled token by token; repeat a row to have more of it.

    prompt_mask [B][P]: 1 at tokens, 0 at padding, which stands on the left; None: no padding. It ends early when every
    row has drawn the stop token; after it a row holds token 0 with mask 0. `logp` is under the filtered, tempered
    distribution, and so the model's own only with temperature 1 and no filter (greedy tokens have logp 0).
    Everything runs where the model is; the draws come from `generator` on whatever device that is.
    """
    device, dtype = model.wte.weight.device, model.wte.weight.dtype
    prompts = prompts.to(device)
    real = torch.ones_like(prompts) if prompt_mask is None else prompt_mask.to(device)
    _check_prompts(prompts, real)
    rows, width = prompts.shape
    needed = width + settings.max_new_tokens - 1  # the last token drawn is not read again
    if needed > model.config.block_size:
        raise ValueError(
            f"The model must read {needed} tokens for this, and has only {model.config.block_size} positions."
        )
    cache = KVCache(model.config, rows, needed, like=model.wte.weight)
    logits = model.unembed(model.hidden(prompts, real, cache)[:, -1])
    unfinished = torch.ones(rows, dtype=torch.bool, device=device)
    drawn: list[tuple[Tensor, Tensor, Tensor]] = []
    while True:
        probs = _distribution(logits, settings)
        token = torch.multinomial(probs.to(generator.device), 1, generator=generator).to(device)
        logp = probs.gather(-1, token).log()
        drawn.append((token.squeeze(-1) * unfinished, kept(logp.squeeze(-1), unfinished), unfinished.to(dtype)))
        if settings.stop_token is not None:
            unfinished = unfinished & (token.squeeze(-1) != settings.stop_token)
        if len(drawn) == settings.max_new_tokens or not bool(unfinished.any()):
            break
        logits = model(token, cache=cache)[:, -1]
    tokens, logps, mask = (torch.stack(column, -1) for column in zip(*drawn, strict=True))
    return Samples(Completions(prompts, real.to(dtype), tokens, mask), logps)


def _distribution(logits: Tensor, settings: SamplingSettings) -> Tensor:
    if settings.temperature == 0:
        return one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    return sampling_distribution(logits, settings.temperature, settings.top_k, settings.top_p, settings.min_p)


def completion_logits(model: GPT, completions: Completions) -> Tensor:
    """Logits [B][N][V]; [b][t] scores tokens[b][t]. Differentiable in the model; at padding they mean nothing."""
    ids, real = completions.text()
    hidden = model.hidden(ids[:, :-1], real[:, :-1])
    return model.unembed(hidden[:, completions.prompt_length - 1 :])


def completion_log_probs(model: GPT, completions: Completions) -> Tensor:
    """log π(token) of every token of the completions, [B][N]; 0 where masked. Differentiable in the model."""
    logits = completion_logits(model, completions)
    return kept(token_log_probs(logits, completions.tokens), completions.mask)


def completion_values(critic: ScalarGPT, completions: Completions) -> Tensor:
    """V of the text before each token of the completions (the state it is drawn in), [B][N]; 0 where masked."""
    ids, real = completions.text()
    values: Tensor = critic(ids[:, :-1], real[:, :-1])
    return kept(values[:, completions.prompt_length - 1 :], completions.mask)


def completion_scores(reward_model: ScalarGPT, completions: Completions) -> Tensor:
    """The reward model's score of each completion, [B]: what it gives at the last valid token."""
    if not bool((completions.mask == 1).any(-1).all()):
        raise ValueError("A completion without a valid token has no score; leave it out.")
    ids, real = completions.text()
    scores: Tensor = reward_model(ids, real)
    return kept(scores[:, completions.prompt_length :], last_valid(completions.mask)).sum(-1)


def pad(rows: Sequence[Sequence[int]], left: bool, like: nn.Module) -> tuple[Tensor, Tensor]:
    """Token lists of different lengths as ids [B][longest], padded with 0, and their mask, on the device of `like`."""
    longest = max(map(len, rows), default=0)
    if not longest:
        raise ValueError("There is no token at all; give at least one row with one.")
    weight = next(like.parameters())
    ids = torch.zeros(len(rows), longest, dtype=torch.int64, device=weight.device)
    mask = weight.new_zeros(len(rows), longest)
    for i, row in enumerate(rows):
        where = slice(longest - len(row), longest) if left else slice(len(row))
        ids[i, where] = torch.tensor(row, dtype=torch.int64)
        mask[i, where] = 1
    return ids, mask


def _check_prompts(prompts: Tensor, mask: Tensor) -> None:
    if prompts.dim() != 2 or prompts.shape != mask.shape or not prompts.numel():
        raise ValueError("prompts and prompt_mask must both have the shape [B][P] with P of at least 1.")
    if not bool((mask[:, -1] == 1).all()) or bool((mask.to(torch.int8).diff(dim=-1) < 0).any()):
        raise ValueError("prompts must be padded on the left only, with at least one token each.")
