"""Fisher-vector products against explicit outer products of scores; conjugate gradient against elimination."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.kl import categorical_kl
from solvers.natural_gradient import backtracking_line_search, conjugate_gradient, fisher_vector_product
from solvers.trpo import natural_direction, trpo_step

close = pytest.approx
quick = settings(max_examples=25, deadline=None)


def softmax(row: list[float]) -> list[float]:
    weights = [math.exp(x) for x in row]
    return [w / sum(weights) for w in weights]


def fisher(theta: list[list[float]], states: list[int]) -> list[list[float]]:
    width = len(theta[0])
    size = len(theta) * width
    total = [[0.0] * size for _ in range(size)]
    for s in states:
        policy = softmax(theta[s])
        for a, p in enumerate(policy):
            score = [0.0] * size
            for k in range(width):
                score[s * width + k] = (k == a) - policy[k]
            for i in range(size):
                for j in range(size):
                    total[i][j] += p * score[i] * score[j] / len(states)
    return total


@st.composite
def batches(draw: Any) -> tuple[list[list[float]], list[int], list[list[float]]]:
    states, actions = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    row = st.lists(st.floats(-2, 2), min_size=actions, max_size=actions)
    table = st.lists(row, min_size=states, max_size=states)
    return draw(table), draw(st.lists(st.integers(0, states - 1), min_size=1, max_size=5)), draw(table)


@quick
@given(batches(), st.sampled_from([0.0, 0.1]))
def test_fisher_vector_product(batch: tuple[Any, Any, Any], damping: float) -> None:
    theta, states, vector = batch
    got = solve("fisher-vector-product", {"theta": theta, "states": states, "vector": vector, "damping": damping})
    want = fisher(theta, states)
    v = [x for row in vector for x in row]
    for row, wanted in zip(got["fisher"], want, strict=True):
        assert row == close(wanted, abs=1e-12)
    product = [sum(f * x for f, x in zip(row, v, strict=True)) + damping * v[i] for i, row in enumerate(want)]
    assert [x for row in got["product"] for x in row] == close(product, abs=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
def test_of_a_network_whose_logits_are_not_its_parameters(reverse: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    inputs, theta, vector = (torch.randn(n, generator=generator, dtype=torch.float64) for n in (10, 18, 18))

    def logits(parameters: torch.Tensor) -> torch.Tensor:
        return torch.tanh(inputs.reshape(5, 2) @ parameters[:6].reshape(2, 3)) @ parameters[6:].reshape(3, 4)

    def divergence(parameters: torch.Tensor) -> torch.Tensor:
        pair = (logits(parameters), logits(theta)) if reverse else (logits(theta), logits(parameters))
        return categorical_kl(*pair).mean()

    explicit = torch.zeros(18, 18, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda x: logits(x).log_softmax(-1), theta)
    for per_state, probabilities in zip(jacobian, logits(theta).softmax(-1), strict=True):
        for score, probability in zip(per_state, probabilities, strict=True):
            explicit += probability * torch.outer(score, score) / 5
    got = fisher_vector_product(divergence, theta, vector, 0.3)
    assert got.tolist() == close((explicit @ vector + 0.3 * vector).tolist(), abs=1e-10)
    assert not got.requires_grad


def test_conjugate_gradient_by_hand() -> None:
    # H = [[4, 1], [1, 3]], b = (1, 2): the first step is 5/20 along b, the second arrives
    inputs = {"matrix": [[4, 1], [1, 3]], "vector": [1, 2]}
    assert solve("conjugate-gradient", {**inputs, "iterations": 0}) == {"x": [0, 0], "residual": 5}
    assert solve("conjugate-gradient", {**inputs, "iterations": 1}) == {"x": [0.25, 0.5], "residual": close(0.3125)}
    two = solve("conjugate-gradient", {**inputs, "iterations": 2})
    assert two["x"] == close([1 / 11, 7 / 11], rel=1e-14)
    assert two["residual"] == close(0, abs=1e-28)
    assert solve("conjugate-gradient", {**inputs, "iterations": 99})["x"] == close([1 / 11, 7 / 11], rel=1e-14)


@quick
@given(st.integers(1, 4), st.data())
def test_conjugate_gradient_solves_in_as_many_steps_as_there_are_dimensions(size: int, data: st.DataObject) -> None:
    numbers = st.lists(st.floats(-1, 1), min_size=size, max_size=size)
    root = mpmath.matrix(data.draw(st.lists(numbers, min_size=size, max_size=size)))
    system = root * root.T + mpmath.eye(size)
    vector = data.draw(numbers)
    matrix = [[float(system[i, j]) for j in range(size)] for i in range(size)]
    got = solve("conjugate-gradient", {"matrix": matrix, "vector": vector, "iterations": size})
    assert got["x"] == close([float(x) for x in mpmath.lu_solve(system, mpmath.matrix(vector))], abs=1e-8)
    assert got["residual"] == close(0, abs=1e-12)


def test_it_stops_at_its_tolerance_and_as_early_as_eigenvalues_are_distinct() -> None:
    diagonal = torch.tensor([2.0, 2.0, 5.0, 5.0], dtype=torch.float64)
    calls = []

    def product(v: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return diagonal * v

    vector = torch.tensor([1.0, -2.0, 3.0, 0.5], dtype=torch.float64)
    solution = conjugate_gradient(product, vector)
    assert len(calls) == 2
    assert solution.x.tolist() == close((vector / diagonal).tolist(), rel=1e-12)
    assert conjugate_gradient(product, torch.zeros_like(vector)).x.tolist() == [0, 0, 0, 0]


@quick
@given(batches(), st.sampled_from([0.01, 0.1, 1.0]))
def test_the_direction_of_trpo(batch: tuple[Any, Any, Any], damping: float) -> None:
    theta, states, vector = (torch.tensor(x) for x in batch)
    theta, gradient = theta.double(), vector.double() - vector.double().mean(-1, keepdim=True)

    def product(v: torch.Tensor) -> torch.Tensor:
        return fisher_vector_product(
            lambda moved: categorical_kl(theta[states], moved[states]).mean(), theta, v, damping
        )

    solution = conjugate_gradient(product, gradient, 50, 1e-24)
    want = natural_direction(gradient, theta, states, damping)
    assert solution.x.flatten().tolist() == close(want.flatten().tolist(), rel=1e-6, abs=1e-8)


def test_a_trpo_step_put_together_from_its_pieces() -> None:
    theta = torch.tensor([[0.3, -0.5, 0.1], [1.0, 0.2, -0.4]], dtype=torch.float64)
    states, actions = torch.tensor([0, 1, 1, 0]), torch.tensor([2, 0, 1, 1])
    advantages = torch.tensor([1.0, -0.5, 2.0, 0.3], dtype=torch.float64)
    delta = 0.5

    def surrogate(moved: torch.Tensor) -> torch.Tensor:
        ratio = moved.softmax(-1)[states, actions] / theta.softmax(-1)[states, actions]
        return (ratio * advantages).mean()

    def divergence(moved: torch.Tensor) -> torch.Tensor:
        return categorical_kl(theta[states], moved[states]).mean()

    gradient = torch.autograd.functional.jacobian(surrogate, theta)
    x = conjugate_gradient(lambda v: fisher_vector_product(divergence, theta, v, 0.1), gradient, 50, 1e-24).x
    full_step = (2 * delta / ((x * gradient).sum() + 1e-8)).sqrt() * x
    taken = backtracking_line_search(
        theta, full_step, lambda moved: surrogate(moved) - surrogate(theta), divergence, delta
    )
    assert taken is not None
    want = trpo_step(theta, states, actions, advantages, delta)
    assert taken[0].flatten().tolist() == close(want.new_theta.flatten().tolist(), abs=1e-7)
    assert float(taken[1]) == close(float(want.kl), abs=1e-7)


def test_the_line_search_takes_the_first_step_that_both_allow() -> None:
    origin, step = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    cheap = {"divergence": lambda x: x.sum(), "delta": 0.3}

    def taken(gain: Any, backtracks: int) -> float | None:
        found = backtracking_line_search(origin, step, gain, backtrack_coef=0.5, max_backtracks=backtracks, **cheap)
        return None if found is None else float(found[0])

    assert taken(lambda x: x.sum(), 10) == 0.25  # 1 and 0.5 are too far
    assert taken(lambda x: 0.2 - x.sum(), 10) == 0.125  # 0.25 is near enough, but no gain
    assert taken(lambda x: x.sum(), 2) is None
    assert taken(lambda x: x.sum() - 1, 10) is None


@pytest.mark.parametrize(
    ("matrix", "says"),
    [([[1, 2], [0, 1]], "symmetric"), ([[1, 2], [2, 1]], "positive definite"), ([[0, 0], [0, 0]], "positive definite")],
)
def test_refusals(matrix: list[list[float]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve("conjugate-gradient", {"matrix": matrix, "vector": [1, 1], "iterations": 1})
