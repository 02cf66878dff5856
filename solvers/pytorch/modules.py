"""nn.Module: what it registers, containers, train and eval, and the built-in layers by hand."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from solvers.gpt import GPTConfig


class Standardiser(nn.Module):
    """(x − running mean) / running deviation, times a learned gain: one parameter, two buffers, one plain tensor.

    Parameters are trained and saved. Buffers are saved and moved between devices but not trained. A plain tensor
    attribute is neither saved nor moved. In train mode the running statistics follow the data; in eval mode they rest.
    """

    def __init__(self, features: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.gain = nn.Parameter(torch.ones(features, dtype=torch.float64))
        self.register_buffer("mean", torch.zeros(features, dtype=torch.float64))
        self.register_buffer("variance", torch.ones(features, dtype=torch.float64))
        self.mean: Tensor
        self.variance: Tensor
        self.plain = torch.zeros(features, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            with torch.no_grad():
                self.mean.lerp_(x.mean(0), self.momentum)
                self.variance.lerp_(x.var(0), self.momentum)
        return (x - self.mean) / (self.variance + self.eps).sqrt() * self.gain


class Registered(NamedTuple):
    """The names that a module knows; state_dict holds parameters and persistent buffers."""

    parameters: list[str]
    buffers: list[str]
    state_dict: list[str]


def registered(module: nn.Module) -> Registered:
    """What assigning an nn.Parameter, or calling register_buffer, made known to the module; by name, in order."""
    return Registered(
        [name for name, _ in module.named_parameters()],
        [name for name, _ in module.named_buffers()],
        list(module.state_dict()),
    )


def parameter_count(module: nn.Module, trainable_only: bool = False) -> int:
    """Numbers in all parameters, each tensor counted once even where it is shared."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable_only)


def mlp_parameter_count(sizes: list[int]) -> int:
    """Weights and biases of linear layers between these widths."""
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(sizes))


def gpt_parameter_count(config: GPTConfig) -> int:
    """Of `solvers.gpt.GPT`: embeddings, layers of attention, MLP and two norms, the last norm; the head is tied."""
    width, inner = config.n_embd, config.n_inner or 4 * config.n_embd
    attention = mlp_parameter_count([width, 3 * width]) + mlp_parameter_count([width, width])
    block = attention + mlp_parameter_count([width, inner, width]) + 2 * (2 * width)
    return (config.vocab_size + config.block_size) * width + config.n_layer * block + 2 * width


def blank_linear(n_in: int, n_out: int) -> nn.Linear:
    """An nn.Linear of zeros in float64; the constructor alone would draw weights from torch's global random state."""
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, n_in, n_out, dtype=torch.float64)  # type: ignore[no-untyped-call]
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


class Stack(nn.Module):
    """Linear layers kept in an nn.ModuleList, or in a Python list, which hides them from the module."""

    def __init__(self, sizes: list[int], module_list: bool) -> None:
        super().__init__()
        layers = [blank_linear(n_in, n_out) for n_in, n_out in pairwise(sizes)]
        self.layers = nn.ModuleList(layers) if module_list else layers

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


def hidden_parameters(sizes: list[int]) -> dict[str, int]:
    """How many parameters an optimizer would be given by `Stack.parameters()` of either kind: all, or none at all."""
    return {
        "ModuleList": parameter_count(Stack(sizes, module_list=True)),
        "list": parameter_count(Stack(sizes, module_list=False)),
    }


def sequential(sizes: list[int], generator: torch.Generator) -> nn.Sequential:
    """Linear layers between these widths with a ReLU between each two: what Sequential calls one after the other.

    Weights are uniform in ±1/√n_in (nn.Linear's own), from `generator`.
    """
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layer = blank_linear(n_in, n_out)
        for parameter in layer.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(n_in), 1 / math.sqrt(n_in), generator=generator)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


# --- built-in layers by hand ---


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """nn.Linear: x·weightᵀ + bias, weight [out][in] (GPT-2's Conv1D has the transpose)."""
    return x @ weight.T + bias


def embedding(ids: Tensor, weight: Tensor) -> Tensor:
    """nn.Embedding: row lookup; the same as one-hot(ids) @ weight without the zeros."""
    return weight[ids]


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """nn.LayerNorm over the last dimension, biased variance. Ba et al. 2016."""
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + eps).sqrt() * weight + bias


def rms_norm(x: Tensor, weight: Tensor, eps: float = 1e-6) -> Tensor:
    """nn.RMSNorm over the last dimension: no mean, no bias. Zhang & Sennrich 2019."""
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * weight


class BatchNorm(NamedTuple):
    """The output [N][C], and the running statistics [C] after it."""

    output: Tensor
    running_mean: Tensor
    running_var: Tensor


def batch_norm(
    x: Tensor, running_mean: Tensor, running_var: Tensor, training: bool, momentum: float = 0.1, eps: float = 1e-5
) -> BatchNorm:
    """nn.BatchNorm1d without gain and bias; x [N][C]. Ioffe & Szegedy 2015.

    Training normalises by the batch (biased variance) and moves the running statistics towards it (unbiased variance);
    evaluation normalises by the running statistics and leaves them. ValueError for a batch of one in training.
    """
    if not training:
        return BatchNorm((x - running_mean) / (running_var + eps).sqrt(), running_mean, running_var)
    if len(x) < 2:
        raise ValueError("A batch of one has no variance to normalise by; give two rows or more.")
    mean = x.mean(0)
    output = (x - mean) / (x.var(0, correction=0) + eps).sqrt()
    return BatchNorm(
        output,
        (1 - momentum) * running_mean + momentum * mean,
        (1 - momentum) * running_var + momentum * x.var(0),
    )


def dropout(x: Tensor, p: float, training: bool, generator: torch.Generator) -> Tensor:
    """Inverted dropout, nn.Dropout's: each element 0 with probability p, the others divided by 1 − p. 0 ≤ p < 1.

    So the expectation is x, and evaluation has nothing to scale. Srivastava et al. 2014 scale at evaluation instead.
    """
    if not 0 <= p < 1:
        raise ValueError("p must be at least 0 and less than 1.")
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator, dtype=x.dtype) >= p
    return x * keep / (1 - p)


def attention(q: Tensor, k: Tensor, v: Tensor, causal: bool = True) -> Tensor:
    """softmax(q·kᵀ/√d)·v, [..., T][d]; causal hides later positions. Vaswani et al. 2017, eq. 1."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
        scores = scores.masked_fill(later, -math.inf)
    return scores.softmax(-1) @ v
