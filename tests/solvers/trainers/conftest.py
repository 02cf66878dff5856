"""Tiny models and batches, and what a step did against finite differences of a loss written out in plain Python."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from solvers.generation import Completions, pad
from solvers.gpt import GPT, GPTConfig, ScalarGPT
from solvers.trainers.steps import Pairs, Rollout, ValuedRollout, rollout, valued_rollout

# Prompts and answers of different lengths, so that both sides are padded; two prompts with two answers each.
PROMPTS = [[1, 2, 3], [1, 2, 3], [4], [4]]
ANSWERS = [[3, 1], [2, 2, 4, 1], [0], [1, 3, 4]]
OTHERS = [[4, 4, 0], [1], [2, 2], [0, 3, 0, 2]]
REWARDS = [1.0, -0.5, 0.25, 2.0]


class Tiny:
    """Everything a trainer's test needs, and the same numbers row by row, unpadded, in lists."""

    config = GPTConfig(vocab_size=5, block_size=12, n_layer=1, n_head=2, n_embd=4)
    answers, rewards = ANSWERS, REWARDS

    def __init__(self) -> None:
        self.old, self.reference = self.gpt(1), self.gpt(2)
        self.policy = self.near(self.old, 3)
        self.critic = self.scalar(5)
        self.old_critic = self.near(self.critic, 6)

    def gpt(self, seed: int) -> GPT:
        return GPT(self.config).double().initialise(torch.Generator().manual_seed(seed), 0.6)

    def scalar(self, seed: int) -> ScalarGPT:
        return ScalarGPT(self.config).double().initialise(torch.Generator().manual_seed(seed), 0.6)

    def near(self, model: Any, seed: int, by: float = 0.15) -> Any:
        """A copy, moved so far that some ratios leave the clip range and some do not."""
        copy = type(model)(self.config).double()
        copy.load_state_dict(model.state_dict())
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in copy.parameters():
                parameter.add_(torch.empty_like(parameter).normal_(0, by, generator=generator))
        return copy

    def completions(self, answers: list[list[int]] = ANSWERS, filler: int = 0, extra: int = 0) -> Completions:
        """`filler` stands at padding, of which there is `extra` more on both sides than needed."""
        prompts, prompt_mask = pad([[0] * extra + prompt for prompt in PROMPTS], left=True, like=self.old)
        for row, prompt in enumerate(PROMPTS):
            prompt_mask[row, : prompts.shape[1] - len(prompt)] = 0
        tokens, mask = pad([answer + [0] * extra for answer in answers], left=False, like=self.old)
        for row, answer in enumerate(answers):
            mask[row, len(answer) :] = 0
        return Completions(
            prompts.masked_fill(prompt_mask == 0, filler), prompt_mask, tokens.masked_fill(mask == 0, filler), mask
        )

    def two_completions(self) -> Completions:
        whole = self.completions()
        return Completions(whole.prompts[:2], whole.prompt_mask[:2], whole.tokens[:2], whole.mask[:2])

    def pairs(self, **how: int) -> Pairs:
        return Pairs(self.completions(**how), self.completions(OTHERS, **how))

    def rollout(self, **how: int) -> Rollout:
        return rollout(self.old, self.reference, self.completions(**how), torch.tensor(REWARDS, dtype=torch.float64))

    def valued_rollout(self, **how: int) -> ValuedRollout:
        rewards = torch.tensor(REWARDS, dtype=torch.float64)
        return valued_rollout(self.old, self.reference, self.old_critic, self.completions(**how), rewards)

    # --- the same in lists, one unpadded row after the other ---

    def distributions(self, model: GPT, answers: list[list[int]] = ANSWERS) -> list[list[list[float]]]:
        """log π of every token of the vocabulary, before each token of each answer."""
        rows = []
        for prompt, answer in zip(PROMPTS, answers, strict=True):
            with torch.no_grad():
                logits = model(torch.tensor([prompt + answer]))[0, len(prompt) - 1 : -1].tolist()
            rows.append([[z - math.log(sum(map(math.exp, position))) for z in position] for position in logits])
        return rows

    def log_probs(self, model: GPT, answers: list[list[int]] = ANSWERS) -> list[list[float]]:
        return [
            [position[token] for position, token in zip(row, answer, strict=True)]
            for row, answer in zip(self.distributions(model, answers), answers, strict=True)
        ]

    def others_log_probs(self, model: GPT) -> list[list[float]]:
        return self.log_probs(model, OTHERS)

    def entropy(self, model: GPT) -> float:
        """Mean over all tokens of all answers."""
        each = [-sum(math.exp(z) * z for z in position) for row in self.distributions(model) for position in row]
        return sum(each) / len(each)

    def values(self, critic: ScalarGPT) -> list[list[float]]:
        with torch.no_grad():
            return [
                critic(torch.tensor([prompt + answer]))[0, len(prompt) - 1 : -1].tolist()
                for prompt, answer in zip(PROMPTS, ANSWERS, strict=True)
            ]

    def scores(self, model: ScalarGPT, answers: list[list[int]] = ANSWERS) -> list[float]:
        with torch.no_grad():
            return [
                float(model(torch.tensor([prompt + answer]))[0, -1])
                for prompt, answer in zip(PROMPTS, answers, strict=True)
            ]

    def others_scores(self, model: ScalarGPT) -> list[float]:
        return self.scores(model, OTHERS)

    # --- gradients ---

    def step_gradient(self, step: Callable[[torch.optim.Optimizer], Any], *models: nn.Module) -> list[Tensor]:
        """What a step of plain gradient descent with rate 1 took off the parameters; they are put back after."""
        parameters = parameters_of(models)
        before = [parameter.detach().clone() for parameter in parameters]
        step(torch.optim.SGD(parameters, lr=1.0))
        gradient = [old - parameter.detach() for old, parameter in zip(before, parameters, strict=True)]
        with torch.no_grad():
            for old, parameter in zip(before, parameters, strict=True):
                parameter.copy_(old)
        return gradient

    def agrees_with_differences(
        self, gradient: list[Tensor], pure: Callable[[], float], *models: nn.Module, seed: int = 0
    ) -> None:
        """Central differences of `pure` by 12 single parameters and along 3 directions through all of them."""
        parameters, draws = parameters_of(models), random.Random(seed)
        assert sum(float(part.abs().sum()) for part in gradient) > 1e-3
        sizes = [parameter.numel() for parameter in parameters]
        generator = torch.Generator().manual_seed(seed)
        directions = [[torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in parameters] for _ in range(3)]
        for _ in range(12):
            chosen = draws.choices(range(len(sizes)), sizes)[0]
            single = [torch.zeros_like(parameter) for parameter in parameters]
            single[chosen].view(-1)[draws.randrange(sizes[chosen])] = 1
            directions.append(single)
        for direction in directions:
            want = slope(pure, parameters, direction)
            got = sum(float((a * b).sum()) for a, b in zip(gradient, direction, strict=True))
            assert got == pytest.approx(want, rel=1e-6, abs=2e-8)


def parameters_of(models: Iterable[nn.Module]) -> list[nn.Parameter]:
    return [parameter for model in models for parameter in model.parameters()]


def slope(
    pure: Callable[[], float], parameters: Sequence[Tensor], direction: Sequence[Tensor], h: float = 1e-6
) -> float:
    sides = []
    for sign in (1, -2):  # from the middle to one side, from there to the other
        with torch.no_grad():
            for parameter, part in zip(parameters, direction, strict=True):
                parameter.add_(part, alpha=sign * h)
        sides.append(pure())
    with torch.no_grad():
        for parameter, part in zip(parameters, direction, strict=True):
            parameter.add_(part, alpha=h)
    return (sides[0] - sides[1]) / (2 * h)


@pytest.fixture
def tiny() -> Tiny:
    return Tiny()
