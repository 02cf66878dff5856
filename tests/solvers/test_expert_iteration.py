"""Expert iteration by full enumeration in fractions; it never gets worse; sampled rounds come near the exact ones."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import pytest
import torch

from solvers.catalogue import solve
from solvers.expert_iteration import expert_iteration
from solvers.token_models import TokenModel, all_sequences

F = Fraction
F64 = torch.float64
INITIAL = [F(1, 2), F(1, 4), F(1, 4)]
FOLLOWING = [[F(1, 4), F(1, 2), F(1, 4)], [F(1, 8), F(3, 8), F(1, 2)], [F(1, 2), F(1, 2), F(0)]]


def rounds_in_fractions(accepted: list[tuple[int, ...]], rounds: int) -> list[F]:
    initial, following = list(INITIAL), [list(row) for row in FOLLOWING]
    success = []
    for _ in range(rounds + 1):
        chances = {
            tokens: initial[tokens[0]] * math.prod((following[x][y] for x, y in itertools.pairwise(tokens)), start=F(1))
            for tokens in itertools.product(range(3), repeat=len(accepted[0]))
        }
        assert sum(chances.values()) == 1
        kept = {tokens: p for tokens, p in chances.items() if tokens in accepted}
        success.append(sum(kept.values(), F(0)))
        for x in range(3):
            initial[x] = sum(p for tokens, p in kept.items() if tokens[0] == x) / success[-1]
            after = [sum(p * list(itertools.pairwise(t)).count((x, y)) for t, p in kept.items()) for y in range(3)]
            if sum(after):
                following[x] = [a / sum(after) for a in after]
    return success


@pytest.mark.parametrize(
    "accepted",
    [
        [(0, 1, 2), (1, 2, 0), (2, 1, 1)],
        [(0, 0, 0), (1, 1, 1)],
        [(0, 1)],
        [(0, 1), (1, 0), (2, 2)],
    ],
)
def test_rounds_in_fractions(accepted: list[tuple[int, ...]]) -> None:
    got = solve(
        "expert-iteration",
        {
            "initial": [float(p) for p in INITIAL],
            "following": [[float(p) for p in row] for row in FOLLOWING],
            "accepted": accepted,
            "rounds": 3,
        },
    )
    assert got["success"] == pytest.approx([float(p) for p in rounds_in_fractions(accepted, 3)], abs=1e-12)


def random_model(seed: int) -> TokenModel:
    table = torch.rand(4, 3, generator=torch.Generator().manual_seed(seed), dtype=F64) + 0.05
    table /= table.sum(-1, keepdim=True)
    return TokenModel(table[0], table[1:])


@pytest.mark.parametrize("seed", range(10))
def test_success_never_falls(seed: int) -> None:
    chosen = torch.rand(27, generator=torch.Generator().manual_seed(seed)) < 0.3
    chosen[seed] = True
    success = expert_iteration(random_model(seed), all_sequences(3, 3)[chosen], 12).success
    assert (success.diff() >= -1e-12).all()
    assert success[-1] > success[0]


def test_one_accepted_answer_is_learned_in_one_round() -> None:
    success = expert_iteration(random_model(0), torch.tensor([[0, 1, 2]]), 2).success
    assert 0 < success[0] < 0.5
    assert success[1:].tolist() == pytest.approx([1, 1])


def test_what_is_already_right_stays() -> None:
    model = random_model(1)
    done = expert_iteration(model, all_sequences(3, 3), 1)
    assert done.success.tolist() == pytest.approx([1, 1])
    assert torch.allclose(done.model.following, model.following)


def test_sampled_rounds_come_near_the_exact_ones_and_may_find_nothing() -> None:
    model, accepted = random_model(2), torch.tensor([[0, 1, 2], [2, 2, 2], [1, 0, 0]])
    exact = expert_iteration(model, accepted, 2).success
    source = torch.Generator().manual_seed(0)
    sampled = expert_iteration(model, accepted, 2, samples=200_000, generator=source).success
    assert sampled.tolist() == pytest.approx(exact.tolist(), abs=0.02)
    rare = TokenModel(torch.tensor([1 - 1e-9, 1e-9], dtype=F64), torch.eye(2, dtype=F64))
    unlucky = expert_iteration(rare, torch.tensor([[1, 1]]), 3, samples=10, generator=source)
    assert unlucky.success.tolist() == pytest.approx([1e-9] * 4)
    assert torch.equal(unlucky.model.initial, rare.initial)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"accepted": [[0, 1], [0, 1]]}, "accepted lists a sequence twice"),
        ({"accepted": [[1, 1]]}, "probability 0"),
        ({"accepted": [[0, 2]]}, "accepted must hold whole numbers from 0 to 1"),
        ({"rounds": -1}, "rounds must be"),
        ({"initial": [0.5, 0.6]}, "row of initial must add up to 1"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    good = {"initial": [0.5, 0.5], "following": [[0.5, 0.5], [1, 0]], "accepted": [[0, 1]], "rounds": 1}
    with pytest.raises(ValueError, match=says):
        solve("expert-iteration", {**good, **change})
