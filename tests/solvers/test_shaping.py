"""Shaping by a potential: it telescopes, leaves the order of actions alone, and equals other starting values."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.planning import optimal_values, policy_evaluation
from solvers.shaping import shaped_mdp_rewards, shaping_rewards

numbers = st.lists(st.integers(-8, 8).map(lambda n: n / 4), min_size=2, max_size=8)


def random_mdp(seed: int, terminating: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(seed)
    P = torch.rand(3, 2, 4, generator=source, dtype=torch.float64) ** 3
    P[..., -1] += terminating
    P /= P.sum(-1, keepdim=True)
    R, potential = (
        torch.randn(3, 2, generator=source, dtype=torch.float64),
        5 * torch.randn(3, generator=source, dtype=torch.float64),
    )
    return P, R, potential


@given(numbers, st.sampled_from([0.0, 0.5, 1.0]))
def test_the_shaping_of_an_episode_telescopes(potentials: list[float], gamma: float) -> None:
    added = shaping_rewards(torch.tensor(potentials, dtype=torch.float64), gamma).tolist()
    total = sum(gamma**t * f for t, f in enumerate(added))
    assert total == pytest.approx(gamma ** (len(potentials) - 1) * potentials[-1] - potentials[0], abs=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_every_policys_action_values_fall_by_the_potential(seed: int, gamma: float) -> None:
    P, R, potential = random_mdp(seed, terminating=0.3)
    got = solve(
        "potential-shaping", {"P": P.tolist(), "R": R.tolist(), "gamma": gamma, "potential": potential.tolist()}
    )
    shaped = torch.tensor(got["shaped_rewards"], dtype=torch.float64)
    for s, a in itertools.product(range(3), range(2)):
        following = sum(float(P[s, a, t]) * float(potential[t]) for t in range(3))
        assert got["shaped_rewards"][s][a] == pytest.approx(float(R[s, a] - potential[s]) + gamma * following)
    for actions in itertools.product(range(2), repeat=3):
        policy = torch.eye(2, dtype=torch.float64)[list(actions)]
        plain, other = policy_evaluation(P, R, gamma, policy), policy_evaluation(P, shaped, gamma, policy)
        assert torch.allclose(other.q, plain.q - potential.unsqueeze(-1), atol=1e-9)
    assert got["shaped_optimal_actions"] == got["optimal_actions"]
    for row, plain_row, p in zip(got["shaped_q"], got["q"], potential.tolist(), strict=True):
        assert row == pytest.approx([q - p for q in plain_row], abs=1e-9)


def test_an_ordinary_bonus_does_change_what_is_optimal() -> None:
    """A bonus for every step towards the goal, with nothing taken back: circling pays better than arriving (Randløv &
    Alstrøm 1998's bicycle). As a potential the same hint is harmless."""
    # State 0: 0 waits at home, 1 goes on to state 1. State 1: 0 goes back, 1 arrives for 1 and ends.
    P = torch.tensor([[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]]], dtype=torch.float64)
    R = torch.tensor([[0, 0], [0, 1]], dtype=torch.float64)
    bonus = torch.tensor([[0, 0.5], [0, 0.5]], dtype=torch.float64)
    assert optimal_values(P, R, 0.9).q.argmax(-1).tolist() == [1, 1]
    assert optimal_values(P, R + bonus, 0.9).q.argmax(-1).tolist() == [1, 0]
    hint = shaped_mdp_rewards(P, R, 0.9, torch.tensor([0, 0.5], dtype=torch.float64))
    assert optimal_values(P, hint, 0.9).q.argmax(-1).tolist() == [1, 1]


def test_shaping_is_the_same_as_starting_from_the_potential() -> None:
    """Wiewiora 2003: Q-learning with shaped rewards from 0 and without them from Φ keep Q apart by Φ for ever."""
    potential = [1.0, -2.0, 0.5]
    source = torch.Generator().manual_seed(0)
    plain, shaped = [], []
    for _ in range(60):
        s, a, s2 = torch.randint(3, (3,), generator=source).tolist()
        r, end = float(torch.randn(1, generator=source)), s2 == 2
        ends = torch.tensor([potential[s], 0.0 if end else potential[s2]], dtype=torch.float64)
        plain.append({"s": s, "a": a, "r": r, "s2": s2, "terminated": end})
        shaped.append({**plain[-1], "r": r + float(shaping_rewards(ends, 0.8))})
    rates = {"alpha": 0.3, "gamma": 0.8}
    from_potential = solve("q-learning", {"transitions": plain, **rates, "q0": [[p] * 3 for p in potential]})
    with_shaping = solve("q-learning", {"transitions": shaped, **rates, "q0": [[0] * 3] * 3})
    for p, other, one in zip(potential, with_shaping["q"], from_potential["q"], strict=True):
        assert other == pytest.approx([q - p for q in one], abs=1e-9)
    assert with_shaping["td_errors"] == pytest.approx(from_potential["td_errors"], abs=1e-9)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"potential": [1, 2]}, "potential has size 2"),
        ({"P": [[[0.5, 0.4]]]}, "row of P must add up to 1"),
        ({"P": [[[1.5, -0.5]]]}, "P holds a negative"),
        ({"gamma": -1}, "gamma must be"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve("potential-shaping", {"P": [[[0.5, 0.5]]], "R": [[1]], "gamma": 1, "potential": [1], **change})
