"""JSON in front of solvers.sampling: what a sampler draws, and what is picked of many draws."""

from __future__ import annotations

from typing import Any

from solvers import sampling
from solvers.shapes import Dims, number, whole

_MOST_SAMPLES = 10_000_000  # the product behind pass@k has up to half as many factors


def sampling_distribution(
    logits: Any, temperature: Any, top_k: Any = None, top_p: Any = None, min_p: Any = None
) -> dict[str, Any]:
    probs = sampling.sampling_distribution(
        Dims().real("logits", logits, "V"),
        number("temperature", temperature, 0, open_low=True),
        None if top_k is None else whole("top_k", top_k, 1),
        None if top_p is None else number("top_p", top_p, 0, 1),
        None if min_p is None else number("min_p", min_p, 0, 1),
    )
    return {"probs": probs}


def best_of_n(logits: Any, rewards: Any, n: Any) -> dict[str, Any]:
    dims = Dims()
    best = sampling.best_of_n(dims.real("logits", logits, "V"), dims.real("rewards", rewards, "V"), whole("n", n, 1))
    return best._asdict()


def pass_at_k(n: Any, correct: Any, k: Any) -> dict[str, Any]:
    samples = whole("n", n, 1, _MOST_SAMPLES)
    return {"pass_at_k": sampling.pass_at_k(samples, whole("correct", correct, 0, samples), whole("k", k, 1, samples))}
