"""Soft Q against sums over whole answers; the optimum against every perturbation of it."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.soft_q import answer_log_probs, kl_regularised_objective, soft_values

close = pytest.approx
quick = settings(max_examples=30, deadline=None)


def at(nested: Any, prefix: tuple[int, ...]) -> Any:
    for token in prefix:
        nested = nested[token]
    return nested


def softmax(row: list[float]) -> list[float]:
    weights = [math.exp(x) for x in row]
    return [w / sum(weights) for w in weights]


def chance(levels: list[Any], answer: tuple[int, ...], start: int = 0) -> float:
    """Probability of the tokens of `answer` from position `start` on."""
    return math.prod(softmax(at(levels[t], answer[:t]))[answer[t]] for t in range(start, len(answer)))


def nested(draw: Any, depth: int, vocabulary: int) -> Any:
    if depth == 0:
        return draw(st.floats(-2, 2))
    return [nested(draw, depth - 1, vocabulary) for _ in range(vocabulary)]


@st.composite
def models(draw: Any) -> dict[str, Any]:
    length, vocabulary = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    return {
        "ref_logits": [nested(draw, t + 1, vocabulary) for t in range(length)],
        "rewards": nested(draw, length, vocabulary),
        "beta": draw(st.sampled_from([0.2, 1.0, 5.0])),
    }


def answers(model: dict[str, Any]) -> list[tuple[int, ...]]:
    return list(itertools.product(range(len(model["ref_logits"][0])), repeat=len(model["ref_logits"])))


def tilted_mass(model: dict[str, Any], prefix: tuple[int, ...]) -> float:
    """Σ over the answers that begin with prefix of π_ref(rest | prefix)·exp(r/beta)."""
    return math.fsum(
        chance(model["ref_logits"], answer, len(prefix)) * math.exp(at(model["rewards"], answer) / model["beta"])
        for answer in answers(model)
        if answer[: len(prefix)] == prefix
    )


@quick
@given(models())
def test_every_prefix_against_the_sum_over_its_answers(model: dict[str, Any]) -> None:
    got = solve("soft-q", model)
    vocabulary, length, beta = len(model["ref_logits"][0]), len(model["ref_logits"]), model["beta"]
    for depth in range(length):
        for prefix in itertools.product(range(vocabulary), repeat=depth):
            assert at(got["v"][depth], prefix) == close(beta * math.log(tilted_mass(model, prefix)), abs=1e-9)
            for token in range(vocabulary):
                after = (*prefix, token)
                assert at(got["q"][depth], after) == close(beta * math.log(tilted_mass(model, after)), abs=1e-9)
                share = softmax(at(model["ref_logits"][depth], prefix))[token]
                want = share * tilted_mass(model, after) / tilted_mass(model, prefix)
                assert at(got["probs"][depth], after) == close(want, abs=1e-9)


@quick
@given(models())
def test_token_by_token_and_over_whole_answers_it_is_one_optimum(model: dict[str, Any]) -> None:
    got = solve("soft-q", model)
    z = tilted_mass(model, ())
    assert got["v"][0] == close(model["beta"] * math.log(z), abs=1e-9)
    for answer in answers(model):
        reward = at(model["rewards"], answer)
        tilted = chance(model["ref_logits"], answer) * math.exp(reward / model["beta"]) / z
        assert at(got["answer_probs"], answer) == close(tilted, abs=1e-9)
        by_tokens = math.prod(at(got["probs"][t], answer[: t + 1]) for t in range(len(answer)))
        assert by_tokens == close(tilted, abs=1e-9)
        # soft advantages Q − V = beta·log(π*/π_ref), summed over an answer, are its reward less the value of the prompt
        soft = sum(at(got["q"][t], answer[: t + 1]) - at(got["v"][t], answer[:t]) for t in range(len(answer)))
        assert soft == close(reward - got["v"][0], abs=1e-9)


def objective(model: dict[str, Any], levels: list[Any]) -> float:
    total = 0.0
    for answer in answers(model):
        p = chance(levels, answer)
        total += p * at(model["rewards"], answer)
        if p > 0:
            total -= model["beta"] * p * math.log(p / chance(model["ref_logits"], answer))
    return total


@settings(max_examples=60, deadline=None)
@given(models(), st.data(), st.sampled_from([0.01, 0.3, 3.0]))
def test_no_perturbation_of_the_optimum_gets_more(model: dict[str, Any], data: st.DataObject, size: float) -> None:
    reference = [torch.tensor(level, dtype=torch.float64) for level in model["ref_logits"]]
    optimum = soft_values(reference, torch.tensor(model["rewards"], dtype=torch.float64), model["beta"])
    best = objective(model, [level.tolist() for level in optimum.logp])
    assert best == close(float(optimum.v[0]), abs=1e-9)
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 10**6)))
    moved = [
        level + size * torch.randn(level.shape, generator=generator, dtype=torch.float64) for level in optimum.logp
    ]
    assert objective(model, [level.tolist() for level in moved]) < best
    flat = answer_log_probs(moved).flatten()
    rewards = torch.tensor(model["rewards"], dtype=torch.float64).flatten()
    whole = kl_regularised_objective(flat, answer_log_probs(reference).flatten(), rewards, model["beta"])
    assert float(whole) == close(objective(model, [level.tolist() for level in moved]), abs=1e-9)


def test_beta_from_greedy_to_the_reference() -> None:
    model = {"ref_logits": [[0.0, 1.0], [[0.5, 0.0], [0.0, 0.3]]], "rewards": [[1.0, 0.0], [0.2, 0.6]]}
    cold, hot = solve("soft-q", {**model, "beta": 1e-3}), solve("soft-q", {**model, "beta": 1e9})
    assert cold["answer_probs"][0][0] == close(1, abs=1e-12)
    assert cold["v"][0] == close(1, abs=0.01)
    for answer in itertools.product(range(2), repeat=2):
        assert at(hot["answer_probs"], answer) == close(chance(model["ref_logits"], answer), abs=1e-8)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"beta": 0}, "beta"),
        ({"ref_logits": []}, "ref_logits"),
        ({"ref_logits": [[0, 1], [[0, 1]]]}, "match"),
        ({"ref_logits": [[0, 1], [0, 1]]}, r"ref_logits\[1\]"),
        ({"rewards": [1, 0]}, "rewards"),
        ({"rewards": [[1, 0, 2], [1, 0, 2]]}, "match"),
    ],
)
def test_refusals(change: dict[str, Any], says: str) -> None:
    model = {"ref_logits": [[0, 1], [[0, 1], [1, 0]]], "rewards": [[1, 0], [0, 1]], "beta": 1}
    with pytest.raises(ValueError, match=says):
        solve("soft-q", {**model, **change})
