"""The guide's whole programs: linear regression, the MLP, the GPT, the RL patterns; and the table of its topics."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
import torch

from solvers.gpt import GPT, GPTConfig
from solvers.pytorch import linear_regression, mlp, rl_patterns
from solvers.pytorch.gpt_example import memorise
from solvers.pytorch.topics import LEFT_OUT, REPEATED, TOPICS


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# --- linear regression ---


def test_by_hand_and_by_module_are_one_run_and_end_at_the_solution() -> None:
    x, y, weight, bias = linear_regression.synthetic(200, [2.0, -3.0], 0.5, 0.1, generator())
    hand, module = (fit(x, y, 0.1, 200) for fit in (linear_regression.by_hand, linear_regression.by_module))
    assert hand.losses == pytest.approx(module.losses, rel=1e-9)
    assert torch.allclose(hand.weight, module.weight, rtol=0, atol=1e-12)
    design = np.column_stack([x.numpy(), np.ones(200)])
    want = np.linalg.solve(design.T @ design, design.T @ y.numpy())  # the normal equations
    best = linear_regression.solved(x, y)
    assert [*best.weight.tolist(), float(best.bias)] == pytest.approx(want.tolist(), abs=1e-10)
    assert torch.allclose(hand.weight, best.weight, rtol=0, atol=1e-6)
    assert hand.losses[-1] == pytest.approx(best.losses[0], abs=1e-9)
    assert best.weight.tolist() == pytest.approx(weight.tolist(), abs=0.05)
    assert float(best.bias) == pytest.approx(bias, abs=0.05)


def test_dependent_columns_have_no_one_solution() -> None:
    x = torch.ones(5, 2, dtype=torch.float64)
    with pytest.raises(ValueError, match="do not determine"):
        linear_regression.solved(x, torch.ones(5, dtype=torch.float64))


# --- the classifier ---


def test_an_mlp_separates_what_a_linear_model_cannot() -> None:
    linear, deep = (mlp.train_classifier(hidden, 40, 0.02, generator()) for hidden in ([], [32, 32]))
    assert deep.test_accuracy > 0.95 > 0.75 > linear.test_accuracy
    assert deep.losses[0] == pytest.approx(math.log(3), abs=0.2)
    assert deep.test_loss < 0.3
    again = mlp.train_classifier([], 40, 0.02, generator())
    assert again.losses == linear.losses


def test_spirals_and_accuracy() -> None:
    x, classes = mlp.spirals(50, 3, 0.0, generator())
    assert x.norm(dim=-1)[:50].tolist() == pytest.approx(torch.linspace(0.1, 1, 50).tolist(), abs=1e-6)
    assert classes.bincount().tolist() == [50, 50, 50]
    turned = x[:50] @ torch.tensor([[-0.5, math.sqrt(0.75)], [-math.sqrt(0.75), -0.5]], dtype=torch.float64)
    assert torch.allclose(turned, x[50:100])  # a third of a turn
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert float(mlp.accuracy(logits, torch.tensor([0, 1, 1]))) == pytest.approx(2 / 3)


# --- the GPT ---


def test_the_gpt_learns_a_text_by_heart() -> None:
    text = "to be or not to be, that is"
    result = memorise(text, 80, generator())
    assert result.said == text
    assert result.losses[0] == pytest.approx(math.log(len(set(text))), abs=0.3)
    assert result.losses[-1] < 0.1
    with pytest.raises(ValueError, match="two characters"):
        memorise("a", 1, generator())


# --- RL patterns ---


def test_next_token_log_probs_token_by_token() -> None:
    model = GPT(GPTConfig(5, 6, 1, 1, 4)).double().initialise(generator(), 0.5)
    ids = torch.tensor([[1, 2, 3, 4]])
    with torch.no_grad():
        got = rl_patterns.next_token_log_probs(model(ids), ids)
        for t in range(3):
            logits = model(ids[:, : t + 1])[0, -1].tolist()
            want = logits[ids[0, t + 1]] - math.log(sum(map(math.exp, logits)))
            assert float(got[0, t]) == pytest.approx(want, abs=1e-12)


def test_sampled_kl_comes_near_the_exact_one() -> None:
    p, q = torch.tensor([1.0, 0.0, -1.0]).double(), torch.tensor([0.5, 0.5, -0.5]).double()
    got = rl_patterns.sampled_kl(p, q, 200_000, generator())
    a, b = p.softmax(-1).tolist(), q.softmax(-1).tolist()
    exact = sum(x * math.log(x / y) for x, y in zip(a, b, strict=True))
    assert got.exact == pytest.approx(exact, abs=1e-12)
    assert got.k1 == pytest.approx(exact, abs=0.006)
    assert got.k3 == pytest.approx(exact, abs=0.001)
    biased = sum(x * math.log(x / y) ** 2 / 2 for x, y in zip(a, b, strict=True))
    assert got.k2 == pytest.approx(biased, abs=0.002)


def test_where_to_detach() -> None:
    logp = torch.tensor([-1.0, -2.0]).double()
    values, returns = torch.tensor([0.5, 1.0]).double(), torch.tensor([2.0, 0.0]).double()
    right = rl_patterns.advantage_gradients(logp, values, returns, detach=True)
    wrong = rl_patterns.advantage_gradients(logp, values, returns, detach=False)
    assert right.by_logp.tolist() == wrong.by_logp.tolist() == [-0.75, 0.5]  # −A/2
    assert right.by_values.tolist() == [0, 0]
    assert wrong.by_values.tolist() == [-0.5, -1]  # log π/2

    advantages = torch.tensor([1.5, -2.0]).double()
    assert rl_patterns.ratio_gradient(logp, advantages, 0.2).tolist() == [1.5, -2.0]
    assert rl_patterns.ratio_gradient(logp, advantages, 0.2, detach_old=False).tolist() == [0, 0]

    value, after = torch.tensor(1.0).double(), torch.tensor(3.0).double()  # δ = 0.5 + 0.9·3 − 1 = 2.2
    semi = rl_patterns.bootstrapped_value_gradient(value, after, 0.5, 0.9, detach=True)
    residual = rl_patterns.bootstrapped_value_gradient(value, after, 0.5, 0.9, detach=False)
    assert semi.tolist() == pytest.approx([-2.2, 0])
    assert residual.tolist() == pytest.approx([-2.2, 1.98])


# --- the guide's topics ---


def test_every_topic_names_something_that_can_be_called() -> None:
    for names in TOPICS.values():
        for name in names:
            module, _, function = name.partition(":")
            found = getattr(importlib.import_module(module if "." in module else f"solvers.pytorch.{module}"), function)
            assert callable(found)
            assert found.__doc__


def test_all_fifty_topics_are_there_once() -> None:
    assert len(TOPICS) + len(REPEATED) + len(LEFT_OUT) == 50
    assert not TOPICS.keys() & REPEATED.keys()
    assert {topic for topics in REPEATED.values() for topic in topics} <= TOPICS.keys()
