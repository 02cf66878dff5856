"""Search and voting at inference: beam search, majority vote and self-consistency, exactly, on enumerable models."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from solvers.token_models import TokenModel, last_token_probs

_MOST_COUNTS = 3_000_000  # in the table of every way for the votes to fall


class Beams(NamedTuple):
    """The surviving sequences [W][T], best first, and the log-probability of each [W], in nats."""

    sequences: Tensor
    log_probs: Tensor


def beam_search(
    model: TokenModel, length: int, width: int, verifier: Callable[[Tensor], Tensor] | None = None
) -> Beams:
    """Extend every kept prefix by every token, keep the `width` best, `length` times over.

    Best is the largest log-probability; with a verifier (prefixes [N][t] → scores [N], such as a process reward
    model's) the largest score, which is search against a PRM (Snell et al. 2024). Of equal ones (log-probabilities: to
    12 decimals, as the same steps in another order differ by rounding) the lexicographically first. Impossible tokens
    are never kept, so fewer than `width` may remain. width 1 is greedy decoding; V^(T−1) is exhaustive. No length
    penalty: sequences have one length, padding after the end included (GNMT, Wu et al. 2016, and transformers divide by
    a power of the length). Lowerre 1976.
    """
    vocabulary = len(model.initial)
    log_probs = torch.zeros(1, dtype=model.initial.dtype)
    sequences = torch.zeros(1, 0, dtype=torch.int64)
    for t in range(length):
        step = model.following[sequences[:, -1]] if t else model.initial.unsqueeze(0)
        extended = (log_probs.unsqueeze(-1) + step.log()).flatten()
        tokens = torch.arange(vocabulary).repeat(len(sequences)).unsqueeze(-1)
        candidates = torch.cat([sequences.repeat_interleave(vocabulary, 0), tokens], -1)
        possible = extended > -math.inf
        extended, candidates = extended[possible], candidates[possible]
        rank = extended.round(decimals=12) if verifier is None else verifier(candidates)
        best = rank.sort(descending=True, stable=True).indices[:width]
        if t < length - 1:
            best = best.sort().values  # prefixes in lexicographic order give candidates in it, and so the ties
        log_probs, sequences = extended[best], candidates[best]
    return Beams(sequences, log_probs)


def tallies(options: int, votes: int) -> Tensor:
    """Every way in which `votes` votes can fall on `options` options, [M][K]; M = C(n + K − 1, K − 1).

    ValueError where M is too many to enumerate.
    """
    ways = math.comb(votes + options - 1, options - 1)
    if ways * options > _MOST_COUNTS:
        raise ValueError(f"{votes} votes can fall on {options} options in too many ways to count them all; take fewer.")
    places = votes + options - 1
    bars = torch.tensor(list(itertools.combinations(range(places), options - 1)), dtype=torch.int64)
    edges = torch.cat([torch.full((ways, 1), -1), bars.reshape(ways, options - 1), torch.full((ways, 1), places)], -1)
    inside: Tensor = edges[:, 1:] - edges[:, :-1] - 1
    return inside


def majority_vote(probs: Tensor, n: int) -> Tensor:
    """The distribution [K] of the answer that most of n samples give, each drawn from `probs` [K]; by enumeration.

    Equally frequent answers share the win. At the index of the right answer it is the accuracy of maj@n; with two
    answers it grows with odd n if the right one is the likelier, and falls if not (Condorcet 1785). As n grows it goes
    to the *mode* of `probs`, right or wrong. Wang et al. 2023 (self-consistency); Lewkowycz et al. 2022 (maj@k).
    """
    counts = tallies(len(probs), n)
    log_ways = math.lgamma(n + 1) - torch.lgamma(counts.to(probs.dtype) + 1).sum(-1)
    chance: Tensor = (log_ways + torch.special.xlogy(counts, probs).sum(-1)).exp()
    winners = (counts == counts.amax(-1, keepdim=True)).to(probs.dtype)
    return (chance.unsqueeze(-1) * winners / winners.sum(-1, keepdim=True)).sum(0)


class SelfConsistency(NamedTuple):
    """answer_probs [V]: one sampled chain's answer. voted [V]: that of n. likeliest_chain [T]: the one best chain."""

    answer_probs: Tensor
    voted: Tensor
    likeliest_chain: Tensor


def self_consistency(model: TokenModel, length: int, n: int) -> SelfConsistency:
    """Sample n chains of `length` tokens, the last token being the answer, and take the answer that most agree on.

    The vote sums over the reasoning (it tends to argmax Σ_chain p(chain, answer)), where decoding looks for one chain
    (argmax p(chain, answer)); the two can differ. Wang et al. 2023, section 2. The likeliest chain is found by dynamic
    programming (Viterbi 1967); of equals the one whose last tokens are lower.
    """
    score = model.initial.log()
    came_from = []
    for _ in range(length - 1):
        score, origin = (score.unsqueeze(-1) + model.following.log()).max(0)
        came_from.append(origin)
    chain = [int(score.argmax())]
    for origin in reversed(came_from):
        chain.append(int(origin[chain[-1]]))
    answers = last_token_probs(model, length)
    return SelfConsistency(answers, majority_vote(answers, n), torch.tensor(chain[::-1]))
