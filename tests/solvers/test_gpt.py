"""The small GPT against transformers' GPT2LMHeadModel and against one written out in plain Python."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import torch

from solvers.catalogue import solve
from solvers.gpt import GPT, GPTConfig, gpt_from_weights, next_token_loss

CONFIG = GPTConfig(vocab_size=7, block_size=5, n_layer=2, n_head=2, n_embd=6)


def model(config: GPTConfig = CONFIG, seed: int = 0) -> GPT:
    """Every parameter random, so that none can be left out unnoticed."""
    generator = torch.Generator().manual_seed(seed)
    gpt = GPT(config).double().initialise(generator, std=0.5)
    with torch.no_grad():
        for parameter in gpt.parameters():
            parameter.add_(torch.empty_like(parameter).normal_(0, 0.3, generator=generator))
    return gpt


def as_json(gpt: GPT) -> dict[str, Any]:
    return {name: parameter.tolist() for name, parameter in gpt.state_dict().items()}


def inputs(**change: Any) -> dict[str, Any]:
    settings = {"n_head": 2, "activation": "gelu_new", "layer_norm_eps": 1e-5, "ids": [[1, 2, 3]]}
    return {"weights": as_json(model()), **settings, **change}


# --- against transformers ---


@pytest.mark.parametrize("activation", ["gelu", "gelu_new"])
@pytest.mark.parametrize("n_inner", [None, 10])
def test_logits_and_loss_of_transformers(transformers: Any, activation: Any, n_inner: int | None) -> None:
    theirs = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=11, n_positions=8, n_embd=12, n_layer=3, n_head=3, n_inner=n_inner, bos_token_id=None,
            eos_token_id=None, activation_function=activation, layer_norm_epsilon=1e-3,
        )
    ).double().eval()  # fmt: skip
    config = GPTConfig(11, 8, 3, 3, 12, activation, 1e-3, n_inner)
    ours = model(config)
    theirs.transformer.load_state_dict(ours.state_dict())  # every name and shape must fit
    ids = torch.randint(11, (2, 8), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        want = theirs(ids).logits
    got = solve(
        "gpt-logits",
        {
            "weights": {name: tensor.tolist() for name, tensor in theirs.state_dict().items()},  # with lm_head.weight
            "n_head": 3,
            "activation": activation,
            "layer_norm_eps": 1e-3,
            "ids": ids.tolist(),
        },
    )
    assert torch.tensor(got["logits"], dtype=torch.float64).allclose(want, rtol=0, atol=1e-10)
    loss = -want.log_softmax(-1)[:, :-1].gather(-1, ids[:, 1:, None]).mean()
    assert got["loss"] == pytest.approx(float(loss), rel=1e-12)


# --- against plain Python ---


def norm(x: list[float], weight: list[float], bias: list[float], eps: float) -> list[float]:
    mean = sum(x) / len(x)
    variance = sum((v - mean) ** 2 for v in x) / len(x)
    return [(v - mean) / math.sqrt(variance + eps) * w + b for v, w, b in zip(x, weight, bias, strict=True)]


def affine(x: list[float], weights: dict[str, Any], name: str) -> list[float]:
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return [sum(v * row[j] for v, row in zip(x, weight, strict=True)) + b for j, b in enumerate(bias)]


def gelu(x: float, activation: str) -> float:
    if activation == "gelu":
        return x * (1 + math.erf(x / math.sqrt(2))) / 2
    return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def forward(weights: dict[str, Any], config: GPTConfig, ids: list[int]) -> list[list[float]]:
    eps, width = config.layer_norm_eps, config.n_embd // config.n_head
    xs = [[a + b for a, b in zip(weights["wte.weight"][i], weights["wpe.weight"][t], strict=True)]
          for t, i in enumerate(ids)]  # fmt: skip
    for layer in range(config.n_layer):
        h = f"h.{layer}"
        qkv = [affine(norm(x, weights[f"{h}.ln_1.weight"], weights[f"{h}.ln_1.bias"], eps), weights, f"{h}.attn.c_attn")
               for x in xs]  # fmt: skip
        for t, x in enumerate(xs):
            mixed: list[float] = []
            for head in range(config.n_head):
                q, k, v = (slice(part * config.n_embd + head * width, part * config.n_embd + (head + 1) * width)
                           for part in range(3))  # fmt: skip
                scores = [sum(a * b for a, b in zip(qkv[t][q], qkv[s][k], strict=True)) / math.sqrt(width)
                          for s in range(t + 1)]  # fmt: skip
                weight = [math.exp(score) for score in scores]
                mixed += [sum(w * qkv[s][v][j] for s, w in enumerate(weight)) / sum(weight) for j in range(width)]
            xs[t] = [a + b for a, b in zip(x, affine(mixed, weights, f"{h}.attn.c_proj"), strict=True)]
        for t, x in enumerate(xs):
            inner = affine(
                norm(x, weights[f"{h}.ln_2.weight"], weights[f"{h}.ln_2.bias"], eps), weights, f"{h}.mlp.c_fc"
            )
            outer = affine([gelu(v, config.activation) for v in inner], weights, f"{h}.mlp.c_proj")
            xs[t] = [a + b for a, b in zip(x, outer, strict=True)]
    final = [norm(x, weights["ln_f.weight"], weights["ln_f.bias"], eps) for x in xs]
    return [[sum(a * b for a, b in zip(x, row, strict=True)) for row in weights["wte.weight"]] for x in final]


@pytest.mark.parametrize("activation", ["gelu", "gelu_new"])
def test_logits_written_out(activation: Any) -> None:
    config = GPTConfig(7, 5, 2, 2, 6, activation, 1e-2)
    weights = as_json(model(config, seed=3))
    ids = [random.Random(activation).choices(range(7), k=4) for _ in range(2)]
    got = solve(
        "gpt-logits",
        {"weights": weights, "n_head": 2, "activation": activation, "layer_norm_eps": 1e-2, "ids": ids},
    )
    for row, want in zip(got["logits"], [forward(weights, config, row) for row in ids], strict=True):
        for ours, theirs in zip(row, want, strict=True):
            assert ours == pytest.approx(theirs, abs=1e-11)


# --- properties ---


def test_later_tokens_change_nothing_earlier() -> None:
    gpt = model()
    a, b = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[1, 2, 6, 0]])
    assert torch.equal(gpt(a)[:, :2], gpt(b)[:, :2])
    assert not torch.allclose(gpt(a)[:, 2:], gpt(b)[:, 2:])


def test_a_single_token_predicts_but_has_no_loss() -> None:
    got = solve("gpt-logits", inputs(ids=[[1], [2]]))
    assert got["loss"] is None
    assert torch.tensor(got["logits"]).shape == (2, 1, 7)


def test_the_loss_is_differentiable_and_reaches_every_parameter() -> None:
    gpt = model()
    ids = torch.tensor([[1, 2, 3, 4, 5]])
    loss = next_token_loss(gpt(ids), ids)
    assert loss is not None
    loss.backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is not None and bool(p.grad.any()) for p in gpt.parameters())


def test_initialise_draws_from_its_generator_alone() -> None:
    before = torch.get_rng_state()
    first, second = (GPT(CONFIG).initialise(torch.Generator().manual_seed(4), std=0.1) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_initialise_narrows_the_projections_into_the_residual_stream() -> None:
    wide = GPT(GPTConfig(100, 10, 8, 4, 64)).initialise(torch.Generator().manual_seed(0), std=0.1)
    assert float(wide.h[0].mlp.c_fc.weight.detach().std()) == pytest.approx(0.1, rel=0.03)
    assert float(wide.h[0].mlp.c_proj.weight.detach().std()) == pytest.approx(0.1 / 4, rel=0.03)  # √(2·8) = 4
    assert not wide.h[0].mlp.c_fc.bias.any()
    assert bool((wide.ln_f.weight == 1).all())


# --- the door ---


def renamed(old: str, new: str) -> dict[str, Any]:
    weights = as_json(model())
    weights[new] = weights.pop(old)
    return weights


@pytest.mark.parametrize("prefix", ["", "transformer."])
@pytest.mark.parametrize("ending", ["", ".weight"])
def test_names_as_in_the_paper_and_as_in_transformers(prefix: str, ending: str) -> None:
    weights = {f"{prefix}{name}": value for name, value in as_json(model()).items()}
    for table in ("wte", "wpe"):
        weights[f"{prefix}{table}{ending}"] = weights.pop(f"{prefix}{table}.weight")
    assert solve("gpt-logits", inputs(weights=weights)) == solve("gpt-logits", inputs())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ids": [[7]]}, "ids must hold whole numbers from 0 to 6"),
        ({"ids": [[-1]]}, "ids must hold whole numbers"),
        ({"ids": [[]]}, "ids"),
        ({"ids": [[0] * 6]}, "wpe has only 5 positions"),
        ({"n_head": 4}, "n_head must divide"),
        ({"n_head": 0}, "n_head must be at least 1"),
        ({"activation": "relu"}, "activation must be one of gelu, gelu_new"),
        ({"layer_norm_eps": -1}, "layer_norm_eps must be at least 0"),
        ({"weights": [1]}, "weights must be an object"),
        ({"weights": {}}, "weights needs wte.weight"),
        ({"weights": renamed("ln_f.bias", "ln_f.bais")}, "weights lacks ln_f.bias"),
        ({"weights": renamed("h.1.attn.c_attn.bias", "h.2.attn.c_attn.bias")}, "weights lacks h.1.attn.c_attn.bias"),
        ({"weights": {**as_json(model()), "wqe": [[1]]}}, "holds wqe"),
        ({"weights": {**as_json(model()), "wte": [[1]]}}, "wte.weight twice"),
        ({"weights": {**as_json(model()), "ln_f.bias": [1]}}, "ln_f.bias has shape .1., but .6. is needed"),
        ({"weights": {**as_json(model()), "ln_f.bias": [[1] * 6]}}, "ln_f.bias"),
        ({"weights": {**as_json(model()), "lm_head.weight": [[1] * 6] * 7}}, "lm_head.weight differs"),
        ({"weights": {**as_json(model()), "ln_f.bias": [float("inf")] * 6}}, "ln_f.bias holds a number"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve("gpt-logits", inputs(**change))


def test_tensors_without_tables_or_with_an_unknown_activation_are_refused() -> None:
    weights = dict(model().state_dict())
    with pytest.raises(ValueError, match="needs wpe"):
        gpt_from_weights({name: w for name, w in weights.items() if name != "wpe.weight"}, 2)
    with pytest.raises(ValueError, match="activation"):
        gpt_from_weights(weights, 2, "relu")  # type: ignore[arg-type]
