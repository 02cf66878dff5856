"""Modules and layers by hand against torch.nn."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from solvers.gpt import GPT, GPTConfig
from solvers.pytorch.modules import (
    Stack,
    Standardiser,
    attention,
    batch_norm,
    dropout,
    embedding,
    gpt_parameter_count,
    hidden_parameters,
    layer_norm,
    linear,
    mlp_parameter_count,
    parameter_count,
    registered,
    rms_norm,
    sequential,
)


def draws(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=0, atol=1e-12)


def test_parameters_are_trained_buffers_saved_plain_tensors_neither() -> None:
    module = Standardiser(3)
    assert registered(module) == (["gain"], ["mean", "variance"], ["gain", "mean", "variance"])
    module.to(torch.float32)
    assert (module.gain.dtype, module.mean.dtype, module.plain.dtype) == (torch.float32, torch.float32, torch.float64)


def test_running_statistics_are_batch_norms_and_rest_in_eval_mode() -> None:
    ours, theirs = Standardiser(3), nn.BatchNorm1d(3, dtype=torch.float64)
    for seed in range(4):
        ours(draws(5, 3, seed=seed))
        theirs(draws(5, 3, seed=seed))
    assert close(ours.mean, theirs.running_mean)  # type: ignore[arg-type]
    assert close(ours.variance, theirs.running_var)  # type: ignore[arg-type]
    ours.eval()
    theirs.eval()
    before = ours.mean.clone()
    assert close(ours(draws(5, 3)), theirs(draws(5, 3)))
    assert torch.equal(ours.mean, before)


def test_a_python_list_hides_its_layers() -> None:
    assert hidden_parameters([3, 5, 2]) == {"ModuleList": 3 * 5 + 5 + 5 * 2 + 2, "list": 0}
    assert mlp_parameter_count([3, 5, 2]) == parameter_count(Stack([3, 5, 2], True)) == 32


def test_parameter_counts() -> None:
    for config in (GPTConfig(7, 5, 2, 2, 6), GPTConfig(11, 8, 3, 3, 12, n_inner=10)):
        assert gpt_parameter_count(config) == parameter_count(GPT(config))
    # GPT-2 small is 124,439,808 with transformers, the tied head counted once.
    assert gpt_parameter_count(GPTConfig(50257, 1024, 12, 12, 768)) == 124_439_808
    frozen = sequential([3, 5, 2], torch.Generator().manual_seed(0))
    frozen[0].requires_grad_(False)
    assert parameter_count(frozen, trainable_only=True) == 12


def test_sequential_calls_one_after_the_other() -> None:
    model = sequential([3, 5, 2], torch.Generator().manual_seed(0))
    assert [type(layer) for layer in model] == [nn.Linear, nn.ReLU, nn.Linear]
    x = draws(4, 3)
    hidden = linear(x, model[0].weight, model[0].bias).clamp(min=0)
    assert close(model(x), linear(hidden, model[2].weight, model[2].bias))
    assert float(model[0].weight.detach().abs().max()) <= 3**-0.5
    assert close(Stack([3, 4, 2], True)(x), torch.zeros(4, 2, dtype=torch.float64))


def test_layers_by_hand() -> None:
    x, weight, bias = draws(4, 6), draws(6, seed=1), draws(6, seed=2)
    assert close(layer_norm(x, weight, bias), F.layer_norm(x, (6,), weight, bias))
    assert close(rms_norm(x, weight), F.rms_norm(x, (6,), weight, 1e-6))
    assert close(linear(x, draws(3, 6), bias[:3]), F.linear(x, draws(3, 6), bias[:3]))
    ids = torch.tensor([[1, 0], [3, 3]])
    assert close(embedding(ids, x), F.one_hot(ids, 4).double() @ x)
    q, k, v = (draws(2, 3, 5, 4, seed=seed) for seed in range(3))
    for causal in (False, True):
        assert close(attention(q, k, v, causal), F.scaled_dot_product_attention(q, k, v, is_causal=causal))


@pytest.mark.parametrize("training", [False, True])
def test_batch_norm(training: bool) -> None:
    x, mean, variance = draws(5, 3), draws(3, seed=1), draws(3, seed=2).square()
    got = batch_norm(x, mean, variance, training)
    assert close(got.output, F.batch_norm(x, mean, variance, training=training))  # moves mean and variance in place
    assert close(got.running_mean, mean)
    assert close(got.running_var, variance)
    with pytest.raises(ValueError, match="batch of one"):
        batch_norm(x[:1], mean, variance, training=True)


def test_dropout_keeps_the_expectation_and_does_nothing_in_eval_mode() -> None:
    x, generator = torch.full((100_000,), 3.0, dtype=torch.float64), torch.Generator().manual_seed(0)
    dropped = dropout(x, 0.2, True, generator)
    assert set(dropped.tolist()) == {0.0, 3.0 / 0.8}
    assert float((dropped == 0).double().mean()) == pytest.approx(0.2, abs=0.006)  # 4.7 deviations
    assert float(dropped.mean()) == pytest.approx(3.0, abs=0.03)
    assert torch.equal(dropout(x, 0.2, False, generator), x)
    with pytest.raises(ValueError, match="less than 1"):
        dropout(x, 1.0, True, generator)
