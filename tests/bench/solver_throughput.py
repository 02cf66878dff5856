"""Closed forms a second, for a batch of 1 and of 1,000, beside the same computation by the libraries people train with.

An item is one trajectory of 32 steps, one group of 8 rewards, one completion of 32 tokens, one pair or one row of
logits. Losses come with their gradient. All in float64; what is compared has been found equal first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from timing import peer, seconds_per_call
from torch import Tensor

from solvers.advantages import grpo_advantages
from solvers.gpt import GPT, GPTConfig
from solvers.kl import categorical_kl, kl_estimate
from solvers.off_policy import vtrace
from solvers.policy_losses import grpo_loss, ppo_clip_loss
from solvers.preferences import dpo_loss
from solvers.returns import gae
from solvers.sampling import sampling_distribution
from solvers.supervised import sft_loss

BATCHES = (1, 1000)
STEPS = 32
GAMMA, LAM = 0.875, 0.75  # exact in float32, which torchrl passes them through
Call = Callable[[], Any]


class Case(NamedTuple):
    """One computation: ours, and the same by each peer; None where that peer is not installed."""

    name: str
    ours: Call
    peers: dict[str, Call | None]


class Peers(NamedTuple):
    torchrl: Any  # torchrl.objectives.value.functional
    transformers: Any
    rlax: Any
    jax: Any

    def compiled(self, function: Callable[..., Any], *tensors: Tensor) -> Call:
        """A call of a JAX function, compiled, on tensors."""
        arrays = [self.jax.numpy.asarray(tensor.numpy()) for tensor in tensors]
        fast = self.jax.jit(function)
        return lambda: self.jax.block_until_ready(fast(*arrays))


def run() -> Iterator[str]:
    torch.manual_seed(0)
    peers = Peers(peer("torchrl.objectives.value.functional"), peer("transformers"), peer("rlax"), peer("jax"))
    if peers.jax:
        peers.jax.config.update("jax_enable_x64", True)
    for batch in BATCHES:
        for make in CASES:
            yield _line(make(batch, peers), batch)


def _line(case: Case, batch: int) -> str:
    installed = {name: call for name, call in case.peers.items() if call}
    ours = _flat(case.ours())
    for name, call in installed.items():
        assert torch.allclose(ours, _flat(call()), rtol=1e-9, atol=1e-9), f"{name} computes another {case.name}"
    taken = seconds_per_call({"ours": case.ours, **installed})
    parts = [f"{case.name} × {batch}: {batch / taken['ours']:,.0f} items/s"]
    for name in case.peers:
        if name in installed:
            parts.append(f"{name} {batch / taken[name]:,.0f}, ratio {taken[name] / taken['ours']:.2f}")
        else:
            parts.append(f"{name} not installed")
    return "; ".join(parts)


def _flat(result: Any) -> Tensor:
    parts = result if isinstance(result, tuple) else (result,)
    return torch.cat([torch.as_tensor(part.tolist(), dtype=torch.float64).flatten() for part in parts])


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def with_gradient(loss: Callable[[Tensor], Tensor], by: Tensor) -> Call:
    leaf = by.clone().requires_grad_()

    def call() -> tuple[Tensor, Tensor]:
        value = loss(leaf)
        return value.detach(), torch.autograd.grad(value, leaf)[0]

    return call


def gae_case(batch: int, peers: Peers) -> Case:
    rewards, values, ends = normal(batch, STEPS), normal(batch, STEPS + 1), torch.rand(batch, STEPS) < 0.1
    terminated, never = ends.double(), torch.zeros(batch, STEPS, dtype=torch.float64)
    column = [t.unsqueeze(-1) for t in (values[:, :-1], values[:, 1:], rewards, ends, ends)]
    torchrl = peers.torchrl and (lambda: peers.torchrl.generalized_advantage_estimate(GAMMA, LAM, *column)[0])
    rlax = peers.rlax and peers.compiled(
        peers.jax.vmap(lambda r, d, v: peers.rlax.truncated_generalized_advantage_estimation(r, d, LAM, v)),
        rewards, GAMMA * (1 - terminated), values,
    )  # fmt: skip
    ours = lambda: gae(rewards, values[:, :-1], values[:, 1:], terminated, never, GAMMA, LAM)[0]  # noqa: E731
    return Case("GAE", ours, {"torchrl": torchrl, "rlax, compiled": rlax})


def vtrace_case(batch: int, peers: Peers) -> Case:
    new, old, rewards = (normal(batch, STEPS) for _ in range(3))
    values, ends = normal(batch, STEPS + 1), torch.rand(batch, STEPS) < 0.1
    discounts = GAMMA * (1 - ends.double())
    column = [t.unsqueeze(-1) for t in (new, old, values[:, :-1], values[:, 1:], rewards, ends, ends)]
    torchrl = peers.torchrl and (lambda: peers.torchrl.vtrace_advantage_estimate(GAMMA, *column)[0])
    rlax = peers.rlax and peers.compiled(
        peers.jax.vmap(lambda v, w, r, d, rho: peers.rlax.vtrace_td_error_and_advantage(v, w, r, d, rho).pg_advantage),
        values[:, :-1], values[:, 1:], rewards, discounts, (new - old).exp(),
    )  # fmt: skip
    ours = lambda: vtrace(new - old, rewards, values, discounts).advantages  # noqa: E731
    return Case("V-trace", ours, {"torchrl": torchrl, "rlax, compiled": rlax})


def grpo_advantages_case(batch: int, peers: Peers) -> Case:
    rewards = torch.randint(2, (batch, 8)).double() + normal(batch, 1)
    rewards[:, 0] += 2  # no group all equal: there the plain form divides by 0

    def plain() -> Tensor:
        return (rewards - rewards.mean(-1, keepdim=True)) / rewards.std(-1, correction=0, keepdim=True)

    return Case("GRPO advantages", lambda: grpo_advantages(rewards), {"plain torch": plain})


def grpo_loss_case(batch: int, peers: Peers) -> Case:
    old, ref, shift, a = normal(batch, STEPS), normal(batch, STEPS), 0.3 * normal(batch, STEPS), normal(batch)
    mask = (torch.rand(batch, STEPS) < 0.8).double()
    mask[:, 0] = 1

    def ours(logp: Tensor) -> Tensor:
        return grpo_loss(logp, old, ref, a, mask, 0.2, 0.28, 0.04, "token", "token-mean")[0]

    def plain(logp: Tensor) -> Tensor:
        ratio, d = (logp - old).exp(), logp - ref
        surrogate = torch.min(ratio * a[:, None], ratio.clamp(0.8, 1.28) * a[:, None])
        return ((0.04 * ((-d).exp() - 1 + d) - surrogate) * mask).sum() / mask.sum()

    start = old + shift
    return Case("GRPO loss", with_gradient(ours, start), {"plain torch": with_gradient(plain, start)})


def ppo_loss_case(batch: int, peers: Peers) -> Case:
    old, a, mask = normal(batch, STEPS), normal(batch, STEPS), torch.ones(batch, STEPS, dtype=torch.float64)
    start = old + 0.3 * normal(batch, STEPS)

    def rlax_loss(logp: Any, old: Any, a: Any) -> Any:
        ratio = peers.jax.numpy.exp(logp - old)
        return peers.rlax.clipped_surrogate_pg_loss(ratio.ravel(), a.ravel(), 0.2)

    rlax = peers.rlax and peers.compiled(peers.jax.value_and_grad(rlax_loss), start, old, a)

    def plain(logp: Tensor) -> Tensor:
        ratio = (logp - old).exp()
        return -torch.min(ratio * a, ratio.clamp(0.8, 1.2) * a).mean()

    ours = with_gradient(lambda logp: ppo_clip_loss(logp, old, a, mask, 0.2, 0.2), start)
    return Case("PPO loss", ours, {"plain torch": with_gradient(plain, start), "rlax, compiled": rlax})


def dpo_case(batch: int, peers: Peers) -> Case:
    pair, ref = normal(2, batch), normal(2, batch)

    def plain(logp: Tensor) -> Tensor:
        return -torch.nn.functional.logsigmoid(0.1 * ((logp[0] - logp[1]) - (ref[0] - ref[1]))).mean()

    ours = with_gradient(lambda logp: dpo_loss(logp[0], logp[1], ref[0], ref[1], 0.1).loss, pair)
    return Case("DPO loss", ours, {"plain torch": with_gradient(plain, pair)})


def sft_case(batch: int, peers: Peers) -> Case:
    logits, tokens, vocabulary = normal(batch, STEPS, 64), torch.randint(64, (batch, STEPS)), 64
    mask = torch.ones(batch, STEPS, dtype=torch.float64)

    def plain(scores: Tensor) -> Tensor:
        return torch.nn.functional.cross_entropy(scores.view(-1, vocabulary), tokens.view(-1))

    ours = with_gradient(lambda scores: sft_loss(scores, tokens, mask).loss, logits)
    return Case("SFT loss", ours, {"torch's cross_entropy": with_gradient(plain, logits)})


def k3_case(batch: int, peers: Peers) -> Case:
    logp, ref = normal(batch, STEPS), normal(batch, STEPS)

    def plain() -> Tensor:
        ratio = ref - logp
        return ratio.exp() - 1 - ratio

    return Case("k3", lambda: kl_estimate(logp, ref, "k3"), {"plain torch": plain})


def exact_kl_case(batch: int, peers: Peers) -> Case:
    p, q = normal(batch, 64), normal(batch, 64)

    def distributions() -> Tensor:
        one, other = (torch.distributions.Categorical(logits=logits, validate_args=False) for logits in (p, q))
        return torch.distributions.kl_divergence(one, other)

    rlax = peers.rlax and peers.compiled(peers.rlax.categorical_kl_divergence, p, q)
    theirs = {"torch.distributions": distributions, "rlax, compiled": rlax}
    return Case("exact KL", lambda: categorical_kl(p, q), theirs)


def sampling_case(batch: int, peers: Peers) -> Case:
    logits = normal(batch, 1000)

    def warpers(t: Any) -> Call:
        chain = [
            t.TemperatureLogitsWarper(0.7),
            t.TopKLogitsWarper(50),
            t.TopPLogitsWarper(0.9),
            t.MinPLogitsWarper(0.05),
        ]

        def call() -> Tensor:
            scores = logits
            for warper in chain:
                scores = warper(None, scores)
            return scores.softmax(-1)

        return call

    theirs = peers.transformers and warpers(peers.transformers)
    ours = lambda: sampling_distribution(logits, 0.7, 50, 0.9, 0.05)  # noqa: E731
    return Case("sampling filters, 1,000 tokens", ours, {"transformers": theirs})


def gpt_case(batch: int, peers: Peers) -> Case:
    model = GPT(GPTConfig(64, STEPS, n_layer=2, n_head=2, n_embd=64)).double()
    model.initialise(torch.Generator().manual_seed(0)).requires_grad_(False)
    ids = torch.randint(64, (batch, STEPS))

    def gpt2(t: Any) -> Call:
        sizes = {"vocab_size": 64, "n_positions": STEPS, "n_embd": 64, "n_layer": 2, "n_head": 2}
        config = t.GPT2Config(**sizes, bos_token_id=None, eos_token_id=None)
        theirs = t.GPT2LMHeadModel(config).double().eval().requires_grad_(False)
        theirs.transformer.load_state_dict(model.state_dict())
        return lambda: theirs(ids, use_cache=False).logits

    theirs = peers.transformers and gpt2(peers.transformers)
    return Case("GPT forward", lambda: model(ids), {"transformers' GPT-2": theirs})


CASES = [
    gae_case, vtrace_case, grpo_advantages_case, grpo_loss_case, ppo_loss_case, dpo_case, sft_case, k3_case,
    exact_kl_case, sampling_case, gpt_case,
]  # fmt: skip
