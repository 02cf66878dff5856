"""KL and entropy against arithmetic to 50 digits, and the estimators' means and gradients by exact enumeration."""

from __future__ import annotations

import math

import mpmath
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import kl
from solvers.catalogue import solve

close = pytest.approx
quick = settings(max_examples=40, deadline=None)
logit = st.floats(-30, 30)
vocab = st.integers(1, 6)


def distribution(logits: list[float]) -> list[mpmath.mpf]:
    weights = [mpmath.e ** mpmath.mpf(x) for x in logits]
    return [w / mpmath.fsum(weights) for w in weights]


def divergence(p: list[mpmath.mpf], q: list[mpmath.mpf]) -> mpmath.mpf:
    return mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(p, q, strict=True))


@quick
@given(st.data(), vocab)
def test_kl_exact(data: st.DataObject, size: int) -> None:
    logits_p = data.draw(st.lists(logit, min_size=size, max_size=size))
    logits_q = data.draw(st.lists(logit, min_size=size, max_size=size))
    got = solve("kl-exact", {"logits_p": logits_p, "logits_q": logits_q})
    with mpmath.workdps(50):
        p, q = distribution(logits_p), distribution(logits_q)
        pq = divergence(p, q)
        # d KL(p‖q) / d logit_i = p_i · (log(p_i / q_i) − KL)
        gradient = [float(a * (mpmath.log(a / b) - pq)) for a, b in zip(p, q, strict=True)]
        assert got["kl_pq"] == close(float(pq), abs=1e-9)
        assert got["kl_qp"] == close(float(divergence(q, p)), abs=1e-9)
    assert got["grad_logits_p"] == close(gradient, abs=1e-9)
    assert got["kl_pq"] >= -1e-12


def test_kl_of_a_distribution_with_itself_is_0_and_a_shift_of_logits_changes_nothing() -> None:
    got = solve("kl-exact", {"logits_p": [1, 2, 3], "logits_q": [1001, 1002, 1003]})
    assert got["kl_pq"] == close(0, abs=1e-9)
    assert got["grad_logits_p"] == close([0, 0, 0], abs=1e-9)


@quick
@given(st.lists(st.tuples(st.floats(-25, 0), st.floats(-25, 0)), min_size=1, max_size=6))
def test_estimates_and_their_gradients(pairs: list[tuple[float, float]]) -> None:
    logp, ref_logp = [a for a, _ in pairs], [b for _, b in pairs]
    differences = [a - b for a, b in pairs]
    want = {
        "k1": (differences, [1.0 for _ in pairs]),
        "k2": ([d * d / 2 for d in differences], differences),
        "k3": ([math.exp(-d) - 1 + d for d in differences], [1 - math.exp(-d) for d in differences]),
    }
    for estimator, (values, gradient) in want.items():
        got = solve("kl-estimate", {"logp": logp, "ref_logp": ref_logp, "estimator": estimator})
        assert got["values"] == close(values, rel=1e-9, abs=1e-12)
        assert got["grad_logp"] == close(gradient, rel=1e-9, abs=1e-12)
        assert estimator == "k1" or min(got["values"]) >= 0


def test_large_log_ratios_are_not_clamped() -> None:
    got = solve("kl-estimate", {"logp": [-40, -1], "ref_logp": [-1, -40], "estimator": "k3"})
    assert got["values"] == close([math.exp(39) - 40, 38 + math.exp(-39)])


P = [0.2, -0.7, 1.1]
Q = [-0.4, 0.9, 0.3]


def exact_kl(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    return (p.softmax(-1) * (p.softmax(-1).log() - q.softmax(-1).log())).sum()


@pytest.mark.parametrize("estimator", kl.ESTIMATORS)
def test_expected_value_and_expected_gradient_by_enumeration(estimator: kl.Estimator) -> None:
    """What the docstring claims: E[k1] = E[k3] = KL; E[∇k1] = 0, E[∇k2] = ∇KL(π‖ref), E[∇k3] = ∇KL(ref‖π)."""
    p = torch.tensor(P, dtype=torch.float64, requires_grad=True)
    q = torch.tensor(Q, dtype=torch.float64)
    weights = p.softmax(-1).detach()  # samples from π, taken as given
    values = kl.kl_estimate(p.log_softmax(-1), q.log_softmax(-1), estimator)
    (gradient,) = torch.autograd.grad((weights * values).sum(), p)
    (forward,) = torch.autograd.grad(exact_kl(p, q), p)
    (backward,) = torch.autograd.grad(exact_kl(q, p), p)
    if estimator != "k2":
        assert (weights * values.detach()).sum().item() == close(exact_kl(p, q).item())
    want = {"k1": torch.zeros_like(forward), "k2": forward, "k3": backward}[estimator]
    assert gradient.tolist() == close(want.tolist(), abs=1e-12)


@quick
@given(st.data(), vocab)
def test_entropy(data: st.DataObject, size: int) -> None:
    row = st.lists(logit, min_size=size, max_size=size)
    logits = data.draw(st.lists(st.lists(row, min_size=3, max_size=3), min_size=2, max_size=2))
    mask = [[1, 0, 1], [0, 0, 1]]
    got = solve("entropy", {"logits": logits, "mask": mask})
    with mpmath.workdps(50):
        want = [[float(-mpmath.fsum(p * mpmath.log(p) for p in distribution(row))) for row in rows] for rows in logits]
    want = [[h * m for h, m in zip(a, b, strict=True)] for a, b in zip(want, mask, strict=True)]
    assert got["entropy"] == [close(row, abs=1e-9) for row in want]
    assert got["mean"] == close(sum(map(sum, want)) / 3, abs=1e-9)


def test_entropy_is_greatest_for_the_uniform_distribution_and_ignores_masked_logits() -> None:
    got = solve("entropy", {"logits": [[[5, 5, 5, 5], [1e308, -1e308, 0, 0]]], "mask": [[1, 0]]})
    assert got["entropy"] == [[close(math.log(4)), 0]]
    assert got["mean"] == close(math.log(4))
