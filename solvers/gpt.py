"""A small GPT-2: the whole model in plain PyTorch, with GPT-2's own parameter names and layout.

Radford et al. 2019; pre-norm blocks, learned positions, output head tied to the token embedding, no dropout. Weights
pass to and from transformers unchanged: `GPT2Model.load_state_dict(gpt.state_dict())` (in GPT2LMHeadModel: its
`transformer`). GPT-2 and transformers use the tanh approximation of GELU, nanoGPT the exact one and Linear layers, so
its matrices are the transposes of these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Activation = Literal["gelu", "gelu_new"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)


@dataclass(frozen=True, slots=True)
class GPTConfig:
    """The sizes of a GPT, under GPT-2's names; block_size is its longest context in tokens."""

    vocab_size: int
    block_size: int
    n_layer: int
    n_head: int
    n_embd: int
    activation: Activation = "gelu_new"  # gelu: exact, with erf; gelu_new: the tanh approximation
    layer_norm_eps: float = 1e-5
    n_inner: int | None = None  # width of the MLP; None: 4·n_embd

    def __post_init__(self) -> None:
        if self.n_embd % self.n_head:
            raise ValueError(f"n_head must divide the width {self.n_embd} of the model; {self.n_head} does not.")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}.")


class Conv1D(nn.Module):
    """x @ weight + bias with weight [in][out]: GPT-2's layout, the transpose of nn.Linear's."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class CausalSelfAttention(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.c_attn = Conv1D(config.n_embd, 3 * config.n_embd)
        self.c_proj = Conv1D(config.n_embd, config.n_embd)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        heads = (batch, length, self.n_head, width // self.n_head)
        q, k, v = (part.view(heads).transpose(1, 2) for part in self.c_attn(x).split(width, dim=-1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # [B][head][T][width of a head]
        projected: Tensor = self.c_proj(y.transpose(1, 2).reshape(x.shape))
        return projected


class MLP(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        inner = config.n_inner or 4 * config.n_embd
        self.c_fc = Conv1D(config.n_embd, inner)
        self.c_proj = Conv1D(inner, config.n_embd)
        self.approximate = "tanh" if config.activation == "gelu_new" else "none"

    def forward(self, x: Tensor) -> Tensor:
        projected: Tensor = self.c_proj(F.gelu(self.c_fc(x), approximate=self.approximate))
        return projected


class Block(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_eps)
        self.attn = CausalSelfAttention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_eps)
        self.mlp = MLP(config)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        added: Tensor = self.mlp(self.ln_2(x))
        return x + added


def _embedding(rows: int, width: int) -> nn.Embedding:
    # Given its weight, for otherwise it would draw one from torch's global random state.
    return nn.Embedding(rows, width, _weight=torch.zeros(rows, width))


class GPT(nn.Module):
    """ids [B][T] to logits [B][T][V]. Fresh from the constructor its matrices are 0: `initialise` or load weights."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.wte = _embedding(config.vocab_size, config.n_embd)
        self.wpe = _embedding(config.block_size, config.n_embd)
        self.h = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_eps)

    def initialise(self, generator: torch.Generator, std: float = 0.02) -> Self:
        """Normal matrices of deviation `std`, the projections into the residual stream √(2·n_layer) times narrower.

        0.02 is GPT-2's, made for a width of 768 or more; a small model (width 64) that starts from it learns slowly.
        """
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if parameter.dim() == 2:
                    narrower = math.sqrt(2 * self.config.n_layer) if name.endswith("c_proj.weight") else 1.0
                    parameter.normal_(0.0, std / narrower, generator=generator)
        return self

    def forward(self, ids: Tensor) -> Tensor:
        length = ids.shape[-1]
        if length > self.config.block_size:
            raise ValueError(f"ids are {length} long, but wpe has only {self.config.block_size} positions.")
        x = self.wte(ids) + self.wpe(torch.arange(length, device=ids.device))
        for block in self.h:
            x = block(x)
        logits: Tensor = self.ln_f(x) @ self.wte.weight.T
        return logits


def next_token_loss(logits: Tensor, ids: Tensor) -> Tensor | None:
    """Mean cross-entropy, in nats, of ids[:, 1:] under logits[:, :-1]; None for T = 1, where nothing is predicted."""
    if ids.shape[-1] == 1:
        return None
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


def gpt_from_weights(
    weights: Mapping[str, Tensor], n_head: int, activation: Activation = "gelu_new", layer_norm_eps: float = 1e-5
) -> GPT:
    """A GPT that holds `weights` (GPT-2's names, as in `GPT.state_dict`); every other size is read off their shapes.

    ValueError for a name that is missing or unknown and for a shape that does not fit.
    """
    for name in ("wte.weight", "wpe.weight"):
        if name not in weights or weights[name].dim() != 2:
            raise ValueError(f"weights needs {name} as a matrix.")
    (vocab_size, n_embd), block_size = weights["wte.weight"].shape, len(weights["wpe.weight"])
    inner = weights.get("h.0.mlp.c_fc.weight")
    config = GPTConfig(
        vocab_size,
        block_size,
        n_layer=max(1, len({name.split(".")[1] for name in weights if name.startswith("h.")})),
        n_head=n_head,
        n_embd=n_embd,
        activation=activation,
        layer_norm_eps=layer_norm_eps,
        n_inner=inner.shape[-1] if inner is not None and inner.dim() else None,
    )
    with torch.device("meta"):
        model = GPT(config)
    _check_weights(weights, {name: tuple(parameter.shape) for name, parameter in model.named_parameters()})
    model.load_state_dict(dict(weights), assign=True)
    return model


def _check_weights(weights: Mapping[str, Tensor], expected: Mapping[str, tuple[int, ...]]) -> None:
    for name, shape in expected.items():
        if name not in weights:
            raise ValueError(f"weights lacks {name}, of shape {list(shape)}.")
        if tuple(weights[name].shape) != shape:
            raise ValueError(f"{name} has shape {list(weights[name].shape)}, but {list(shape)} is needed.")
    unknown = sorted(set(weights) - set(expected))
    if unknown:
        raise ValueError(f"weights holds {unknown[0]}, which is no name of GPT-2's here.")
