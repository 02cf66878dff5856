"""What holds for every trainer's step: it lowers its own loss, padding does not matter, clipping and refusals."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from solvers.generation import SamplingSettings, generate
from solvers.grpo_variants import VARIANTS, Variant
from solvers.trainers import actor_critic, critic_free, preferences, supervised
from solvers.trainers.steps import Objective, Rollout, StepSettings, ValuedRollout, gradient_step, rollout


class Trainer(NamedTuple):
    """objective(tiny, batch) and step(tiny, optimizer, batch), which models learn, and the batch for a padding."""

    objective: Callable[..., Objective]
    step: Callable[..., dict[str, float]]
    models: Callable[[Any], list[nn.Module]]
    batch: Callable[..., Any]


def trainer(module: Any, name: str, settings: StepSettings, arguments: str, batch: str) -> Trainer:
    """`arguments`: the models that the objective takes, of which the reference does not learn."""
    names = arguments.split()
    objective, step = getattr(module, f"{name}_objective"), getattr(module, f"{name}_step")
    return Trainer(
        lambda tiny, data: objective(*(getattr(tiny, n) for n in names), data, settings),
        lambda tiny, optimizer, data: step(*(getattr(tiny, n) for n in names), optimizer, data, settings),
        lambda tiny: [getattr(tiny, n) for n in names if n != "reference"],
        lambda tiny, **padding: getattr(tiny, batch)(**padding),
    )


def grpo(**variant: Any) -> Trainer:
    settings = critic_free.GRPOSettings(group_size=2, variant=Variant(**variant), max_length=4)
    return trainer(critic_free, "grpo", settings, "policy", "rollout")


TRAINERS = {
    "sft": trainer(supervised, "sft", supervised.SFTSettings(label_smoothing=0.1), "policy", "completions"),
    "reward-model": trainer(preferences, "reward_model", preferences.RewardModelSettings(), "critic", "pairs"),
    "dpo": trainer(preferences, "dpo", preferences.DPOSettings(), "policy reference", "pairs"),
    "ipo": trainer(preferences, "ipo", preferences.IPOSettings(), "policy reference", "pairs"),
    "reinforce": trainer(critic_free, "reinforce", critic_free.ReinforceSettings(), "policy", "rollout"),
    "rloo": trainer(critic_free, "rloo", critic_free.RLOOSettings(group_size=2), "policy", "rollout"),
    "reinforce++": trainer(critic_free, "reinforce_pp", critic_free.ReinforcePPSettings(), "policy", "rollout"),
    "cispo": trainer(critic_free, "cispo", critic_free.CISPOSettings(group_size=2), "policy", "rollout"),
    "a2c": trainer(actor_critic, "a2c", actor_critic.A2CSettings(n_step=2), "policy critic", "rollout"),
    "ppo": trainer(actor_critic, "ppo", actor_critic.PPOSettings(), "policy critic", "valued_rollout"),
    **{name: grpo(**dataclasses.asdict(variant)) for name, variant in VARIANTS.items() if name != "gspo"},
    "gspo": grpo(ratio="sequence", clip_low=0.5, clip_high=0.5, beta=0.0),
}


@pytest.mark.parametrize("name", sorted(set(TRAINERS) - {"cispo"}))  # whose loss is no objective, only its gradient
def test_a_small_step_lowers_the_loss_by_what_the_gradient_promises(tiny: Any, name: str) -> None:
    which, lr = TRAINERS[name], 1e-5
    batch = which.batch(tiny)
    parameters = [p for model in which.models(tiny) for p in model.parameters()]
    metrics = which.step(tiny, torch.optim.SGD(parameters, lr=lr), batch)
    after = float(which.objective(tiny, batch).loss.detach())
    promised = lr * metrics["grad_norm"] * min(metrics["grad_norm"], 1.0)  # clipped to 1
    assert promised > 0
    assert after < metrics["loss"]
    if name != "a2c":  # whose advantages move with the critic, though no gradient says so
        assert metrics["loss"] - after == pytest.approx(promised, rel=0.02)


@pytest.mark.parametrize("name", TRAINERS)
def test_neither_what_stands_at_padding_nor_how_much_changes_the_step(tiny: Any, name: str) -> None:
    which = TRAINERS[name]
    gradients = [
        tiny.step_gradient(lambda optimizer, how=how: which.step(tiny, optimizer, which.batch(tiny, **how)),
                           *which.models(tiny))
        for how in ({}, {"filler": 3}, {"filler": 2, "extra": 2})
    ]  # fmt: skip
    assert max(float(part.abs().max()) for part in gradients[0]) > 1e-4
    for other in gradients[1:]:
        for a, b in zip(gradients[0], other, strict=True):
            assert torch.allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", TRAINERS)
def test_prompts_are_read_but_not_learned_from(tiny: Any, name: str) -> None:
    """Answers that hold no token of the prompt: were prompts predicted, their logits would get a gradient.

    A position's logits are what the tied head makes of its hidden state, so look at the hidden states that get one.
    """
    which = TRAINERS[name]
    batch = which.batch(tiny)
    touched: list[tuple[torch.Tensor, torch.Tensor]] = []
    for model in which.models(tiny):
        gpt = getattr(model, "transformer", model)
        gpt.ln_f.register_forward_hook(
            lambda _module, _inputs, output: (
                touched.append((output, output.register_hook(lambda g: g)))
                if output.requires_grad and output.retain_grad() is None
                else None
            )
        )
    which.objective(tiny, batch).loss.backward()  # type: ignore[no-untyped-call]
    assert touched
    for hidden, _ in touched:
        assert hidden.grad is not None
        assert not hidden.grad[:, :2].any()  # prompts are 3 wide, and the last of them predicts the first token
        assert bool(hidden.grad.any())


def test_clipping_scales_the_whole_gradient_and_reports_its_norm_before(tiny: Any) -> None:
    def gradient(limit: float | None) -> tuple[list[torch.Tensor], dict[str, float]]:
        metrics: dict[str, float] = {}
        settings = supervised.SFTSettings(max_grad_norm=limit)
        step = supervised.sft_step
        parts = tiny.step_gradient(
            lambda optimizer: metrics.update(step(tiny.policy, optimizer, tiny.completions(), settings)), tiny.policy
        )
        return parts, metrics

    free, metrics = gradient(None)
    norm = math.sqrt(sum(float(part.square().sum()) for part in free))
    assert metrics["grad_norm"] == pytest.approx(norm, rel=1e-9)
    clipped, metrics = gradient(norm / 10)
    assert metrics["grad_norm"] == pytest.approx(norm, rel=1e-9)
    for a, b in zip(clipped, free, strict=True):
        assert torch.allclose(a, b / 10, rtol=1e-4, atol=1e-12)  # torch divides by norm + 1e-6


def test_a_loss_that_is_not_finite_leaves_the_weights_alone(tiny: Any) -> None:
    batch = tiny.rollout()
    batch.rewards[0] = math.inf
    before = [p.detach().clone() for p in tiny.policy.parameters()]
    optimizer = torch.optim.SGD(tiny.policy.parameters(), lr=1.0)
    with pytest.raises(ArithmeticError, match="not finite"):
        critic_free.reinforce_step(tiny.policy, optimizer, batch, critic_free.ReinforceSettings())
    assert all(torch.equal(a, b) for a, b in zip(before, tiny.policy.parameters(), strict=True))


def test_gradients_of_the_step_before_are_forgotten(tiny: Any) -> None:
    optimizer = torch.optim.SGD(tiny.policy.parameters(), lr=0.0)
    settings, batch = supervised.SFTSettings(), tiny.completions()
    norms = [supervised.sft_step(tiny.policy, optimizer, batch, settings)["grad_norm"] for _ in range(3)]
    assert norms == [norms[0]] * 3


def test_a_rollout_of_what_was_sampled_starts_at_ratio_1(tiny: Any) -> None:
    prompts = torch.tensor([[1, 2], [3, 4]]).repeat_interleave(4, 0)
    samples = generate(tiny.old, prompts, SamplingSettings(6, stop_token=0), torch.Generator().manual_seed(0))
    batch = rollout(tiny.old, tiny.reference, samples.completions, torch.zeros(8, dtype=torch.float64))
    assert torch.allclose(batch.old_logp, samples.logp, rtol=0, atol=1e-12)
    assert not batch.old_logp.requires_grad
    assert bool((batch.ratio(samples.logp) - 1).abs().max() < 1e-12)


@pytest.mark.parametrize("device", ["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def test_a_policy_learns_to_say_one_token(tiny: Any, device: str) -> None:
    """The pieces as a loop puts them together: sample, reward, step. Reward: the share of 2s in the answer."""
    policy, reference = tiny.old.to(device), tiny.reference.to(device)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)
    generator = torch.Generator(device).manual_seed(0)
    prompts = torch.tensor([[1, 2], [4, 0]]).repeat_interleave(8, 0)
    settings = critic_free.GRPOSettings(group_size=8, variant=VARIANTS["dapo"])
    rewards = []
    for _ in range(40):
        completions = generate(policy, prompts, SamplingSettings(4), generator).completions
        reward = (completions.tokens == 2).double().mean(-1)
        batch = rollout(policy, reference, completions, reward)
        rewards.append(critic_free.grpo_step(policy, optimizer, batch, settings)["reward"])
    assert sum(rewards[-5:]) / 5 > 0.9 > 0.5 > sum(rewards[:5]) / 5


def test_senseless_rollouts_are_refused(tiny: Any) -> None:
    whole = tiny.valued_rollout()
    with pytest.raises(ValueError, match="one number for each of 4 completions"):
        Rollout(whole.completions, whole.rewards[:3], whole.old_logp, whole.ref_logp)
    with pytest.raises(ValueError, match="ref_logp must have the shape"):
        Rollout(whole.completions, whole.rewards, whole.old_logp, whole.ref_logp[:, :2])
    with pytest.raises(ValueError, match="old_values must have the shape"):
        ValuedRollout(whole.completions, whole.rewards, whole.old_logp, whole.ref_logp, whole.old_values[:1])
    with pytest.raises(ValueError, match="old_logp must have the shape"):
        ValuedRollout(whole.completions, whole.rewards, whole.old_logp[:1], whole.ref_logp, whole.old_values)


def test_an_objective_of_ones_own_is_stepped_like_the_others() -> None:
    x = nn.Parameter(torch.tensor([3.0, 4.0], dtype=torch.float64))
    metrics = gradient_step(
        torch.optim.SGD([x], lr=0.1), Objective(x.square().sum() / 2, {"first": x[0]}), StepSettings(max_grad_norm=None)
    )
    assert metrics == {"loss": 12.5, "grad_norm": 5.0, "first": 3.0}
    assert x.tolist() == pytest.approx([2.7, 3.6])
