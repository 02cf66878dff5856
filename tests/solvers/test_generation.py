"""Sampling against exact enumeration, and all readings of completions against one unpadded row at a time, uncached."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import pytest
import torch
from torch import Tensor

from solvers.generation import (
    Completions,
    SamplingSettings,
    completion_log_probs,
    completion_logits,
    completion_scores,
    completion_values,
    generate,
    pad,
)
from solvers.gpt import GPT, GPTConfig, KVCache, ScalarGPT

CONFIG = GPTConfig(vocab_size=5, block_size=9, n_layer=2, n_head=2, n_embd=8)
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def gpt(seed: int = 0, std: float = 0.6, config: GPTConfig = CONFIG) -> GPT:
    return GPT(config).double().initialise(torch.Generator().manual_seed(seed), std)


def scalar_gpt(seed: int = 0) -> ScalarGPT:
    return ScalarGPT(CONFIG).double().initialise(torch.Generator().manual_seed(seed), 0.6)


def random_ids(rows: int, length: int, seed: int = 0) -> Tensor:
    return torch.randint(CONFIG.vocab_size, (rows, length), generator=torch.Generator().manual_seed(seed))


# --- cache and masks of the model ---


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("chunks", [[9], [1] * 9, [4, 1, 3, 1], [2, 7]])
def test_cached_logits_are_the_uncached_ones(chunks: list[int], device: str) -> None:
    model, ids = gpt().to(device), random_ids(3, 9).to(device)
    cache = KVCache(CONFIG, 3, 9, like=model.wte.weight)
    with torch.no_grad():
        parts = [model(chunk, cache=cache) for chunk in ids.split(chunks, -1)]
        assert (torch.cat(parts, 1) - model(ids)).abs().max() < 1e-12


@pytest.mark.parametrize("cached", [False, True])
def test_a_padded_row_gives_what_it_gives_alone(cached: bool) -> None:
    model, rows = gpt(), [[1, 2, 3, 4, 0, 2], [3], [4, 4, 1]]
    ids, mask = pad(rows, left=True, like=model)
    cache = KVCache(CONFIG, 3, 6, like=model.wte.weight) if cached else None
    with torch.no_grad():
        logits = model(ids, mask, cache)
        for got, row in zip(logits, rows, strict=True):
            assert (got[-len(row) :] - model(torch.tensor([row]))[0]).abs().max() < 1e-12
        right, right_mask = pad(rows, left=False, like=model)
        for got, row in zip(model(right, right_mask), rows, strict=True):
            assert (got[: len(row)] - model(torch.tensor([row]))[0]).abs().max() < 1e-12


def test_padding_in_front_of_later_cached_tokens_stays_hidden() -> None:
    model, rows = gpt(), [[1, 2, 3], [4]]
    ids, mask = pad(rows, left=True, like=model)
    cache = KVCache(CONFIG, 2, 5, like=model.wte.weight)
    with torch.no_grad():
        model(ids, mask, cache)
        model(torch.tensor([[2], [2]]), cache=cache)
        last = model(torch.tensor([[0], [0]]), cache=cache)[:, -1]
        for got, row in zip(last, rows, strict=True):
            assert (got - model(torch.tensor([[*row, 2, 0]]))[0, -1]).abs().max() < 1e-12


def test_what_stands_at_padding_changes_no_gradient() -> None:
    model = gpt()
    ids, mask = pad([[1, 2, 3], [4]], left=True, like=model)
    gradients = []
    for filler in (0, 3):
        logits = model(ids.masked_fill(mask == 0, filler), mask)
        loss = (logits * mask.unsqueeze(-1)).square().sum()
        gradients.append(torch.autograd.grad(loss, list(model.parameters())))
    for a, b in zip(*gradients, strict=True):
        assert bool(a.isfinite().all())
        assert torch.equal(a, b)


def test_a_text_longer_than_the_context_is_refused_also_when_cached() -> None:
    model = gpt()
    cache = KVCache(CONFIG, 1, 12, like=model.wte.weight)
    with torch.no_grad():
        model(random_ids(1, 9), cache=cache)
        with pytest.raises(ValueError, match="only 9 positions"):
            model(random_ids(1, 1), cache=cache)


# --- the scalar head ---


def test_scores_of_transformers(transformers: Any) -> None:
    theirs = transformers.GPT2ForSequenceClassification(
        transformers.GPT2Config(
            vocab_size=5, n_positions=9, n_embd=8, n_layer=2, n_head=2, num_labels=1, pad_token_id=0,
            bos_token_id=None, eos_token_id=None,
        )
    ).double().eval()  # fmt: skip
    ours = scalar_gpt()
    theirs.load_state_dict(ours.state_dict())
    rows = [[1, 2, 3, 4], [3, 1], [4, 4, 2]]  # no 0 at the end: transformers looks for the last token that is not it
    tokens, mask = pad(rows, left=False, like=ours)
    with torch.no_grad():
        want = theirs(tokens, attention_mask=mask.long()).logits.squeeze(-1)
        ids = torch.cat([tokens[:, :1], tokens[:, 1:]], -1)
        got = completion_scores(ours, Completions(ids[:, :1], mask[:, :1], ids[:, 1:], mask[:, 1:]))
    assert (got - want).abs().max() < 1e-10


def test_a_fresh_scalar_head_draws_nothing_and_says_nothing() -> None:
    before = torch.get_rng_state()
    fresh = ScalarGPT(CONFIG)
    assert torch.equal(before, torch.get_rng_state())
    assert not fresh(random_ids(2, 3)).any()


# --- completions, read ---

PROMPTS = [[1, 2, 3], [4], [0, 2]]
ANSWERS = [[3, 1], [2, 2, 4, 1], [0]]


def completions(model: GPT | ScalarGPT) -> Completions:
    return Completions(*pad(PROMPTS, left=True, like=model), *pad(ANSWERS, left=False, like=model))


def test_log_probs_logits_values_and_scores_row_by_row() -> None:
    policy, critic = gpt(), scalar_gpt(1)
    batch = completions(policy)
    with torch.no_grad():
        logp, logits = completion_log_probs(policy, batch), completion_logits(policy, batch)
        values, scores = completion_values(critic, batch), completion_scores(critic, batch)
        for b, (prompt, answer) in enumerate(zip(PROMPTS, ANSWERS, strict=True)):
            text = torch.tensor([prompt + answer])
            rows, scalars = policy(text)[0], critic(text)[0]
            for t, token in enumerate(answer):
                at = len(prompt) + t - 1
                assert (logits[b, t] - rows[at]).abs().max() < 1e-12
                want = float(rows[at, token]) - math.log(sum(math.exp(z) for z in rows[at].tolist()))
                assert float(logp[b, t]) == pytest.approx(want, abs=1e-12)
                assert float(values[b, t]) == pytest.approx(float(scalars[at]), abs=1e-12)
            assert float(scores[b]) == pytest.approx(float(scalars[-1]), abs=1e-12)
            assert not logp[b, len(answer) :].any()
            assert not values[b, len(answer) :].any()


def test_a_masked_token_between_valid_ones_is_read_but_not_scored() -> None:
    model = gpt()
    prompts = torch.tensor([[1, 2]])
    tokens = torch.tensor([[3, 4, 0]])
    mask = torch.tensor([[1.0, 0.0, 1.0]], dtype=torch.float64)
    with torch.no_grad():
        logp = completion_log_probs(model, Completions(prompts, torch.ones(1, 2), tokens, mask))
        want = model(torch.tensor([[1, 2, 3, 4]])).log_softmax(-1)[0]
    assert logp[0].tolist() == pytest.approx([float(want[1, 3]), 0.0, float(want[3, 0])], abs=1e-12)


# --- sampling ---


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "settings",
    [{}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.7, "temperature": 1.5}, {"min_p": 0.3}, {"stop_token": 1}],
)
def test_frequencies_are_those_of_enumeration(settings: dict[str, Any], device: str) -> None:
    """Every completion of 3 tokens over 3, its probability by uncached forward passes, against 20,000 samples."""
    config = GPTConfig(vocab_size=3, block_size=5, n_layer=1, n_head=1, n_embd=4)
    model = gpt(2, 1.0, config).to(device)
    sampling = SamplingSettings(max_new_tokens=3, **settings)
    exact: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(3), repeat=3):
        probability, kept = 1.0, ()
        for token in path:
            with torch.no_grad():
                logits = model(torch.tensor([[0, 2, *kept]], device=device))[0, -1].tolist()
            probability *= plain_distribution(logits, settings)[token]
            kept = (*kept, token)
            if token == settings.get("stop_token"):
                break
        exact[kept] = probability
    assert sum(exact.values()) == pytest.approx(1, abs=1e-9)
    count = 20_000
    batch, logp = generate(
        model, torch.tensor([[0, 2]]).repeat(count, 1), sampling, torch.Generator(device).manual_seed(5)
    )
    lengths = batch.mask.sum(-1).long().tolist()
    drawn = [tuple(row[:n]) for row, n in zip(batch.tokens.tolist(), lengths, strict=True)]
    for path, seen in Counter(drawn).items():
        assert exact[path] > 0, path
        deviation = math.sqrt(exact[path] * (1 - exact[path]) / count)
        assert abs(seen / count - exact[path]) <= 4.5 * deviation, path
    assert {path for path, p in exact.items() if p > 0.002} <= set(drawn)
    for path, total in {path: float(row) for path, row in zip(drawn, logp.sum(-1), strict=True)}.items():
        assert total == pytest.approx(math.log(exact[path]), abs=1e-9)


def plain_distribution(logits: list[float], settings: dict[str, Any]) -> list[float]:
    """Temperature, top-k, top-p and min-p on distinct logits, from their definitions."""
    weights = [math.exp(z / settings.get("temperature", 1.0)) for z in logits]
    order = sorted(range(len(weights)), key=lambda i: -weights[i])
    kept = order[: settings.get("top_k", len(weights))]
    total, nucleus, mass = sum(weights[i] for i in kept), [], 0.0
    for i in kept:
        if mass < settings.get("top_p", 2.0):
            nucleus.append(i)
        mass += weights[i] / total
    nucleus = [i for i in nucleus if weights[i] >= settings.get("min_p", 0.0) * weights[order[0]]]
    return [weights[i] / sum(weights[j] for j in nucleus) if i in nucleus else 0.0 for i in range(len(weights))]


def test_what_was_sampled_has_the_log_probs_that_the_model_gives_it() -> None:
    model = gpt(std=1.0)
    prompts, mask = pad([[1, 2, 3], [4], [0, 2]] * 5, left=True, like=model)
    batch, logp = generate(
        model, prompts, SamplingSettings(6, stop_token=2), torch.Generator().manual_seed(0), prompt_mask=mask
    )
    with torch.no_grad():
        assert (logp - completion_log_probs(model, batch)).abs().max() < 1e-12
    for tokens, valid in zip(batch.tokens.tolist(), batch.mask.tolist(), strict=True):
        length = int(sum(valid))
        assert valid == [1.0] * length + [0.0] * (len(valid) - length)
        assert 2 not in tokens[: length - 1]
        assert length == 6 or tokens[length - 1] == 2
        assert not any(tokens[length:])


def test_greedy_is_the_argmax_of_every_step_for_prompts_of_any_length() -> None:
    model = gpt(std=1.0)
    prompts, mask = pad(PROMPTS, left=True, like=model)
    batch, logp = generate(model, prompts, SamplingSettings(5, temperature=0), torch.Generator(), mask)
    assert not logp.any()
    for prompt, tokens in zip(PROMPTS, batch.tokens.tolist(), strict=True):
        text = list(prompt)
        for token in tokens:
            with torch.no_grad():
                logits = model(torch.tensor([text]))[0, -1].tolist()
            assert token == max(range(5), key=logits.__getitem__)
            text.append(token)


def test_the_same_seed_gives_the_same_and_global_randomness_is_left_alone() -> None:
    model, prompts, settings = gpt(), random_ids(8, 2), SamplingSettings(6)
    before = torch.get_rng_state()
    first, second, third = (
        generate(model, prompts, settings, torch.Generator().manual_seed(seed)).completions.tokens for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)
    assert torch.equal(before, torch.get_rng_state())


def test_sampling_stops_when_every_row_has_stopped() -> None:
    model = gpt()
    with torch.no_grad():  # token 3 becomes certain
        for parameter in model.parameters():
            parameter.zero_()
        model.ln_f.bias.fill_(1.0)
        model.wte.weight[3] = 100.0
    batch, logp = generate(model, random_ids(4, 2), SamplingSettings(7, stop_token=3), torch.Generator().manual_seed(0))
    assert batch.tokens.tolist() == [[3]] * 4
    assert not logp.any()


# --- senseless input ---


@pytest.mark.parametrize(
    ("prompts", "mask", "settings", "says"),
    [
        ([[1, 2]], None, {"max_new_tokens": 9}, "must read 10 tokens"),
        ([[1, 2]], [[1, 0]], {"max_new_tokens": 2}, "on the left only"),
        ([[1, 2, 1]], [[1, 0, 1]], {"max_new_tokens": 2}, "on the left only"),
        ([[1, 2]], [[0, 0]], {"max_new_tokens": 2}, "at least one token each"),
        ([[1, 2]], [[1]], {"max_new_tokens": 2}, "shape"),
        ([[]], None, {"max_new_tokens": 2}, "P of at least 1"),
    ],
)
def test_senseless_prompts_are_refused(prompts: Any, mask: Any, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        generate(
            gpt(),
            torch.tensor(prompts, dtype=torch.int64),
            SamplingSettings(**settings),
            torch.Generator(),
            None if mask is None else torch.tensor(mask, dtype=torch.bool),
        )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens must be at least 1"),
        ({"temperature": -1.0}, "temperature must be at least 0"),
        ({"top_k": 0}, "top_k must be at least 1"),
        ({"top_p": 1.5}, "top_p must be"),
        ({"min_p": float("nan")}, "min_p must be one finite number"),
        ({"stop_token": -1}, "stop_token must be at least 0"),
    ],
)
def test_senseless_settings_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SamplingSettings(**{"max_new_tokens": 3, **change})


def test_senseless_completions_are_refused() -> None:
    one, ones = torch.tensor([[1]]), torch.ones(1, 1)
    with pytest.raises(ValueError, match="tokens must be 0 or more"):
        Completions(one, ones, torch.tensor([[-100]]), ones)
    with pytest.raises(ValueError, match="cannot belong to 1 prompts"):
        Completions(one, ones, one.repeat(2, 1), ones.repeat(2, 1))
    with pytest.raises(ValueError, match="tokens and mask"):
        Completions(one, ones, one, torch.ones(1, 2))
    with pytest.raises(ValueError, match="masks everything"):
        Completions(one, ones, one, torch.zeros(1, 1))
    with pytest.raises(ValueError, match="only 0 and 1"):
        Completions(one, ones, one, torch.full((1, 1), 0.5))
    with pytest.raises(ValueError, match="in floating point"):
        Completions(one, ones, one, one)
    half_empty = Completions(one.repeat(2, 1), ones.repeat(2, 1), one.repeat(2, 1), torch.tensor([[1.0], [0.0]]))
    with pytest.raises(ValueError, match="no score"), torch.no_grad():
        completion_scores(scalar_gpt(), half_empty)
    with pytest.raises(ValueError, match="no token"):
        pad([[], []], left=True, like=gpt())
