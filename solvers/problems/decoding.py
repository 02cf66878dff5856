"""JSON in front of solvers.decoding: search and votes on tables of next-token probabilities."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import decoding
from solvers.problems.imitation import token_model
from solvers.shapes import Dims, distributions, whole

_LONGEST = 200  # tokens
_WIDEST = 200  # beams
_MOST_VOTES = 10_000


def beam_search(initial: Any, following: Any, length: Any, width: Any) -> dict[str, Tensor]:
    model = token_model(Dims(), initial, following)
    return decoding.beam_search(
        model, whole("length", length, 1, _LONGEST), whole("width", width, 1, _WIDEST)
    )._asdict()


def majority_vote(probs: Any, n: Any) -> dict[str, Tensor]:
    """probs: how likely each answer is; the accuracy of the vote is the entry of the right answer."""
    answers = distributions("probs", Dims().real("probs", probs, "K"))
    return {"distribution": decoding.majority_vote(answers, whole("n", n, 1, _MOST_VOTES))}


def self_consistency(initial: Any, following: Any, length: Any, n: Any) -> dict[str, Tensor]:
    """Chains of `length` tokens of which the last is the answer."""
    model = token_model(Dims(), initial, following)
    return decoding.self_consistency(
        model, whole("length", length, 1, _LONGEST), whole("n", n, 1, _MOST_VOTES)
    )._asdict()
