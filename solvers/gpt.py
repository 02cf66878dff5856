"""A small GPT-2: the whole model in plain PyTorch, with GPT-2's own parameter names and layout.

Radford et al. 2019; pre-norm blocks, learned positions, output head tied to the token embedding, no dropout. Weights
pass to and from transformers unchanged: `GPT2Model.load_state_dict(gpt.state_dict())` (in GPT2LMHeadModel: its
`transformer`; GPT2ForSequenceClassification has the names of `ScalarGPT`). GPT-2 and transformers use the tanh
approximation of GELU, nanoGPT the exact one and Linear layers, so its matrices are the transposes of these.

Rows of different lengths are padded, with a mask that holds 1 at real tokens; sampling is in solvers.generation.
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


class KVCache:
    """Keys and values of the tokens that the model has read, so that a longer text costs only its new tokens.

    Room for `length` tokens in each of `batch` rows, padding included. It is written in place: for sampling, without
    gradients. `GPT.forward` writes and advances it.
    """

    def __init__(self, config: GPTConfig, batch: int, length: int, like: Tensor) -> None:
        shape = (config.n_layer, batch, config.n_head, length, config.n_embd // config.n_head)
        self.keys = like.new_zeros(shape)
        self.values = like.new_zeros(shape)
        self.mask = torch.ones(batch, length, dtype=torch.bool, device=like.device)  # 1 for real tokens
        self.read = 0  # tokens so far

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of this layer [B][head][tokens so far + new ones][width of a head]."""
        end = self.read + keys.shape[-2]
        self.keys[layer, :, :, self.read : end] = keys
        self.values[layer, :, :, self.read : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]


class CausalSelfAttention(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.c_attn = Conv1D(config.n_embd, 3 * config.n_embd)
        self.c_proj = Conv1D(config.n_embd, config.n_embd)

    def forward(self, x: Tensor, visible: Tensor | None, cache: KVCache | None, layer: int) -> Tensor:
        batch, length, width = x.shape
        heads = (batch, length, self.n_head, width // self.n_head)
        q, k, v = (part.view(heads).transpose(1, 2) for part in self.c_attn(x).split(width, dim=-1))
        if cache is not None:
            k, v = cache.extend(layer, k, v)
        # [B][head][T][width of a head]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=visible, is_causal=visible is None)
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

    def forward(self, x: Tensor, visible: Tensor | None, cache: KVCache | None, layer: int) -> Tensor:
        x = x + self.attn(self.ln_1(x), visible, cache, layer)
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

    def forward(self, ids: Tensor, mask: Tensor | None = None, cache: KVCache | None = None) -> Tensor:
        """Logits [B][T][V] of the token after each of ids [B][T]; see `hidden` for mask and cache."""
        return self.unembed(self.hidden(ids, mask, cache))

    def hidden(self, ids: Tensor, mask: Tensor | None = None, cache: KVCache | None = None) -> Tensor:
        """What the head reads, [B][T][n_embd].

        mask [B][T]: 1 at real tokens, 0 at padding, which no real token attends to and which takes no position, on
        whichever side it stands; what comes out at padding means nothing. None: all are real. With a cache, ids are
        the tokens that follow those it holds. ValueError if the tokens, padding included, exceed block_size.
        """
        before = cache.read if cache is not None else 0
        end = before + ids.shape[-1]
        if end > self.config.block_size:
            raise ValueError(f"ids are {end} long, but wpe has only {self.config.block_size} positions.")
        if mask is None and cache is None:
            visible, positions = None, torch.arange(end, device=ids.device)
        else:
            real = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask == 1
            if cache is not None:
                cache.mask[:, before:end] = real
                real = cache.mask[:, :end]
            visible = _visible(real, before)
            positions = (real.cumsum(-1) - 1).clamp(min=0)[:, before:]
        x = self.wte(ids) + self.wpe(positions)
        for layer, block in enumerate(self.h):
            x = block(x, visible, cache, layer)
        if cache is not None:
            cache.read = end
        normalised: Tensor = self.ln_f(x)
        return normalised

    def unembed(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] from what `hidden` gave, by the head that is tied to wte."""
        return hidden @ self.wte.weight.T


def _visible(real: Tensor, before: int) -> Tensor:
    """What each query may attend to, [B][1][T][S]: real tokens up to itself, and itself even if it is padding.

    The last clause spares padding a softmax over nothing, whose NaN would reach every parameter's gradient.
    """
    key = torch.arange(real.shape[-1], device=real.device)
    query = key[before:, None]
    return ((key <= query) & real[:, None, None, :]) | (key == query)


class ScalarGPT(nn.Module):
    """ids [B][T] to one number a token [B][T]: a critic's values, or a reward model's scores (read at the last token).

    A GPT with a linear head of its own, in the names of transformers' GPT2ForSequenceClassification with one label.
    The head is 0 until `initialise` or `load_state_dict`.
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.transformer = GPT(config)
        self.score: nn.Linear = nn.utils.skip_init(nn.Linear, config.n_embd, 1, bias=False)  # type: ignore[no-untyped-call]
        nn.init.zeros_(self.score.weight)

    def initialise(self, generator: torch.Generator, std: float = 0.02) -> Self:
        """As GPT.initialise, and the head alike."""
        self.transformer.initialise(generator, std)
        nn.init.normal_(self.score.weight, 0.0, std, generator=generator)
        return self

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """The mask as in `GPT.hidden`."""
        scalars: Tensor = self.score(self.transformer.hidden(ids, mask)).squeeze(-1)
        return scalars


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
