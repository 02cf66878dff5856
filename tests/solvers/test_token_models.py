"""Next-token tables: probabilities as plain products, and the refit as the most likely model."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from solvers.token_models import TokenModel, all_sequences, fit, last_token_probs, sequence_log_probs

# Token 2 ends the text: it always follows itself.
MODEL = TokenModel(
    torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64),
    torch.tensor([[0.1, 0.6, 0.3], [0.4, 0.0, 0.6], [0.0, 0.0, 1.0]], dtype=torch.float64),
)


@pytest.mark.parametrize("length", [1, 2, 4])
def test_probabilities_are_products_and_add_up_to_1(length: int) -> None:
    sequences = all_sequences(3, length)
    assert sequences.tolist() == [list(s) for s in itertools.product(range(3), repeat=length)]
    got = sequence_log_probs(MODEL, sequences).exp()
    last = [0.0] * 3
    for tokens, p in zip(sequences.tolist(), got.tolist(), strict=True):
        steps = [float(MODEL.following[x, y]) for x, y in itertools.pairwise(tokens)]
        want = float(MODEL.initial[tokens[0]]) * math.prod(steps)
        assert p == pytest.approx(want, abs=1e-15)
        last[tokens[-1]] += want
    assert got.sum() == pytest.approx(1)
    assert last_token_probs(MODEL, length).tolist() == pytest.approx(last)


def test_a_fit_to_the_models_own_probabilities_gives_it_back() -> None:
    sequences = all_sequences(3, 4)
    blank = TokenModel(torch.full((3,), 1 / 3, dtype=torch.float64), torch.full((3, 3), 1 / 3, dtype=torch.float64))
    got = fit(sequences, sequence_log_probs(MODEL, sequences).exp(), blank)
    assert torch.allclose(got.initial, MODEL.initial)
    assert torch.allclose(got.following, MODEL.following)


def test_a_fit_counts_what_follows_what() -> None:
    got = fit(torch.tensor([[0, 1, 0, 1], [1, 0, 0, 1]]), torch.tensor([3.0, 1.0], dtype=torch.float64), MODEL)
    assert got.initial.tolist() == [0.75, 0.25, 0]
    # After 0: 1 six times and once, 0 once. After 1: 0 three times and once. After 2: nothing, so it stays.
    assert got.following.tolist() == [[1 / 8, 7 / 8, 0], [1, 0, 0], [0, 0, 1]]


def test_no_other_model_is_likelier() -> None:
    sequences = torch.tensor([[0, 1, 2], [0, 0, 2], [1, 0, 1]])
    weights = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)
    fitted = fit(sequences, weights, MODEL)
    best = float((weights * sequence_log_probs(fitted, sequences)).sum())
    source = torch.Generator().manual_seed(0)
    for _ in range(50):
        noise = 0.3 * torch.rand(4, 3, generator=source, dtype=torch.float64)
        other = TokenModel(fitted.initial + noise[0], fitted.following + noise[1:])
        other = TokenModel(other.initial / other.initial.sum(), other.following / other.following.sum(-1, keepdim=True))
        assert float((weights * sequence_log_probs(other, sequences)).sum()) < best
