"""A2C and PPO against their losses written out token by token, and against each other."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import pytest
import torch

from solvers.trainers.actor_critic import A2CSettings, PPOSettings, a2c_step, ppo_step


def token_rewards(tiny: Any, kl_coef: float, estimator: str = "k1") -> list[list[float]]:
    kind = {"k1": lambda d: d, "k2": lambda d: d * d / 2, "k3": lambda d: math.exp(-d) - 1 + d}[estimator]
    rows = []
    for reward, old, ref in zip(tiny.rewards, tiny.log_probs(tiny.old), tiny.log_probs(tiny.reference), strict=True):
        row = [-kl_coef * kind(a - b) for a, b in zip(old, ref, strict=True)]
        row[-1] += reward
        rows.append(row)
    return rows


def flat(rows: list[list[float]]) -> list[float]:
    return [x for row in rows for x in row]


def gae(rewards: list[float], values: list[float], gamma: float, lam: float) -> list[float]:
    """Schulman et al. 2016, eq. 16, as the sum it is."""
    after = [*values[1:], 0.0]
    deltas = [r + gamma * w - v for r, v, w in zip(rewards, values, after, strict=True)]
    return [sum((gamma * lam) ** (k - t) * deltas[k] for k in range(t, len(deltas))) for t in range(len(deltas))]


def n_step(rewards: list[float], values: list[float], gamma: float, n: int) -> list[float]:
    out = []
    for t in range(len(rewards)):
        end = min(t + n, len(rewards))
        bootstrap = gamma ** (end - t) * values[end] if end < len(rewards) else 0.0
        out.append(sum(gamma ** (k - t) * rewards[k] for k in range(t, end)) + bootstrap)
    return out


@pytest.mark.parametrize("n", [1, 2, None])
def test_a2c(tiny: Any, n: int | None) -> None:
    settings = A2CSettings(
        max_grad_norm=None, kl_coef=0.2, gamma=0.9, n_step=n, value_coef=0.7, entropy_coef=0.3, kl_estimator="k2"
    )
    metrics: dict[str, float] = {}
    both = tiny.step_gradient(
        lambda optimizer: metrics.update(a2c_step(tiny.policy, tiny.critic, optimizer, tiny.rollout(), settings)),
        tiny.policy,
        tiny.critic,
    )
    cut = len(list(tiny.policy.parameters()))
    start = tiny.values(tiny.critic)
    targets = flat([n_step(r, v, 0.9, n or 9) for r, v in zip(token_rewards(tiny, 0.2, "k2"), start, strict=True)])
    advantages = [g - v for g, v in zip(targets, flat(start), strict=True)]

    def policy_loss() -> float:
        return -statistics.fmean(a * p for a, p in zip(advantages, flat(tiny.log_probs(tiny.policy)), strict=True))

    def critic_loss() -> float:
        return statistics.fmean((v - g) ** 2 for v, g in zip(flat(tiny.values(tiny.critic)), targets, strict=True))

    def actor() -> float:
        return policy_loss() - 0.3 * tiny.entropy(tiny.policy)

    # Targets and advantages carry no gradient, so actor and critic are differentiated apart.
    tiny.agrees_with_differences(both[:cut], actor, tiny.policy)
    tiny.agrees_with_differences(both[cut:], lambda: 0.7 * critic_loss(), tiny.critic)
    assert metrics["policy_loss"] == pytest.approx(policy_loss(), abs=1e-12)
    assert metrics["value_loss"] == pytest.approx(critic_loss(), abs=1e-12)
    assert metrics["loss"] == pytest.approx(actor() + 0.7 * critic_loss(), abs=1e-12)
    unexplained = statistics.pvariance(advantages) / statistics.pvariance(targets)
    assert metrics["explained_variance"] == pytest.approx(1 - unexplained, abs=1e-12)


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("value_clip", [None, 0.1])
def test_ppo(tiny: Any, whiten: bool, value_clip: float | None) -> None:
    settings = PPOSettings(
        max_grad_norm=None, kl_coef=0.2, kl_estimator="k3", gamma=0.9, lam=0.8, clip_low=0.1, clip_high=0.15,
        value_clip=value_clip, value_coef=0.7, entropy_coef=0.3, whiten=whiten,
    )  # fmt: skip
    metrics: dict[str, float] = {}
    gradient = tiny.step_gradient(
        lambda optimizer: metrics.update(
            ppo_step(tiny.policy, tiny.critic, optimizer, tiny.valued_rollout(), settings)
        ),
        tiny.policy,
        tiny.critic,
    )
    old_values, old = flat(tiny.values(tiny.old_critic)), flat(tiny.log_probs(tiny.old))
    rows = zip(token_rewards(tiny, 0.2, "k3"), tiny.values(tiny.old_critic), strict=True)
    advantages = flat([gae(r, v, 0.9, 0.8) for r, v in rows])
    returns = [a + v for a, v in zip(advantages, old_values, strict=True)]
    if whiten:
        mean, deviation = statistics.fmean(advantages), statistics.pstdev(advantages)
        advantages = [(a - mean) / deviation for a in advantages]

    def ratios() -> list[float]:
        return [math.exp(p - o) for p, o in zip(flat(tiny.log_probs(tiny.policy)), old, strict=True)]

    def policy_loss() -> float:
        return -statistics.fmean(
            min(r * a, min(max(r, 0.9), 1.15) * a) for r, a in zip(ratios(), advantages, strict=True)
        )

    def critic_loss() -> float:
        errors = []
        for v, o, g in zip(flat(tiny.values(tiny.critic)), old_values, returns, strict=True):
            clipped = v if value_clip is None else min(max(v, o - value_clip), o + value_clip)
            errors.append(max((v - g) ** 2, (clipped - g) ** 2))
        return statistics.fmean(errors) / 2

    def pure() -> float:
        return policy_loss() + 0.7 * critic_loss() - 0.3 * tiny.entropy(tiny.policy)

    tiny.agrees_with_differences(gradient, pure, tiny.policy, tiny.critic)
    assert metrics["policy_loss"] == pytest.approx(policy_loss(), abs=1e-12)
    assert metrics["value_loss"] == pytest.approx(critic_loss(), abs=1e-12)
    assert metrics["loss"] == pytest.approx(pure(), abs=1e-12)
    outside = [r < 0.9 or r > 1.15 for r in ratios()]
    assert metrics["clip_fraction"] == pytest.approx(statistics.fmean(outside))
    assert 0 < metrics["clip_fraction"] < 1


def test_the_first_step_of_ppo_is_that_of_a2c_with_the_same_advantages(tiny: Any) -> None:
    """λ = 1 gives A2C's Monte Carlo advantages; A2C's critic has no half, so its coefficient is halved."""
    shared = {"max_grad_norm": None, "kl_coef": 0.2, "gamma": 0.9, "entropy_coef": 0.1}
    ppo = tiny.step_gradient(
        lambda optimizer: ppo_step(
            tiny.old, tiny.old_critic, optimizer, tiny.valued_rollout(),
            PPOSettings(**shared, lam=1.0, whiten=False, value_coef=0.6),
        ),
        tiny.old,
        tiny.old_critic,
    )  # fmt: skip
    a2c = tiny.step_gradient(
        lambda optimizer: a2c_step(
            tiny.old, tiny.old_critic, optimizer, tiny.rollout(), A2CSettings(**shared, value_coef=0.3)
        ),
        tiny.old,
        tiny.old_critic,
    )
    assert max(float(a.abs().max()) for a in a2c) > 1e-3
    for a, b in zip(ppo, a2c, strict=True):
        assert torch.allclose(a, b, rtol=0, atol=1e-12)


def test_equal_returns_leave_nothing_to_explain(tiny: Any) -> None:
    batch = tiny.rollout()
    batch.rewards.zero_()
    optimizer = torch.optim.SGD([*tiny.policy.parameters(), *tiny.critic.parameters()], lr=0.0)
    metrics = a2c_step(tiny.policy, tiny.critic, optimizer, batch, A2CSettings(kl_coef=0.0))
    assert metrics["explained_variance"] == 0


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: A2CSettings(n_step=0), "n_step must be at least 1"),
        (lambda: A2CSettings(kl_coef=-1), "kl_coef must be at least 0"),
        (lambda: A2CSettings(kl_estimator="k4"), "kl_estimator must be one of"),  # type: ignore[arg-type]
        (lambda: PPOSettings(gamma=1.1), "gamma must be"),
        (lambda: PPOSettings(lam=-0.1), "lam must be"),
        (lambda: PPOSettings(clip_high=-0.1), "clip_high must be at least 0"),
        (lambda: PPOSettings(value_clip=0), "value_clip must be more than 0"),
        (lambda: PPOSettings(whiten=2), "whiten must be true or false"),
    ],
)
def test_senseless_settings_are_refused(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()
