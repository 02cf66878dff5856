"""Baselines of REINFORCE and the exact variance each leaves in the gradient, on prompts with a few answers each.

The problem is a contextual bandit: a prompt s comes with probability prompts[s], the policy softmax(logits[s]) picks
one of A answers, and rewards[s][a] is paid. One gradient estimate takes one prompt and K independent answers to it:
g = 1/K·Σ_i (r_i − b)·∇log π(a_i|s). Variances are summed over all components of the logits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

from solvers.policy_gradient import Moments

BaselineKind = Literal["none", "constant", "running-mean", "greedy", "value", "optimal", "leave-one-out", "group-mean"]
BASELINES: tuple[BaselineKind, ...] = get_args(BaselineKind)


class Bandit(NamedTuple):
    """logits, rewards [S][A]; prompts [S], a distribution."""

    logits: Tensor
    rewards: Tensor
    prompts: Tensor

    @property
    def policy(self) -> Tensor:
        """π(a|s), [S][A]."""
        return self.logits.softmax(-1)

    @property
    def values(self) -> Tensor:
        """V(s) = E[r|s], [S]."""
        return (self.policy * self.rewards).sum(-1)

    @property
    def scores(self) -> Tensor:
        """∇log π(a|s) by the logits of its prompt, one-hot(a) − π, [S][A][A]."""
        policy = self.policy
        return torch.eye(policy.shape[-1], dtype=policy.dtype) - policy.unsqueeze(-2)


def greedy_baseline(bandit: Bandit) -> Tensor:
    """The reward of each prompt's likeliest answer (the first on ties), [S]. ReMax, Li et al. 2024."""
    return bandit.rewards.gather(-1, bandit.logits.argmax(-1, keepdim=True)).squeeze(-1)


def optimal_baseline(bandit: Bandit) -> Tensor:
    """E[r·‖∇log π‖²] / E[‖∇log π‖²] of each prompt, [S]: the number that leaves the least variance.

    Greensmith et al. 2004; Weaver & Tao 2001. It is V(s) only where rewards and squared scores do not go together.
    A policy that has become deterministic has score 0 and no optimum: 0 / 0 is NaN.
    """
    weights = bandit.policy * bandit.scores.square().sum(-1)
    return (weights * bandit.rewards).sum(-1) / weights.sum(-1)


def mean_reward(bandit: Bandit) -> Tensor:
    """E[r] over prompts and answers, for every prompt alike, [S]: what a running mean of rewards settles at."""
    return (bandit.prompts @ bandit.values).expand_as(bandit.prompts)


# Baselines that are one known number for a prompt, whatever is sampled.
FIXED: dict[str, Callable[[Bandit], Tensor]] = {
    "none": lambda bandit: torch.zeros_like(bandit.prompts),
    "greedy": greedy_baseline,
    "value": lambda bandit: bandit.values,
    "optimal": optimal_baseline,
}


def gradient_moments(
    bandit: Bandit, baseline: Tensor, samples: int = 1, baseline_variance: Tensor | float = 0.0
) -> Moments:
    """Mean [S][A] and variance of g with a baseline [S], or [S][A] for one that looks at the action.

    The mean is ∇J for every baseline [S]: E[b·∇log π] = b·∇Σ π = 0 (Williams 1992). A baseline [S][A] adds the bias
    −E[b(s, a)·∇log π]. baseline_variance: of a baseline [S] that is itself random, drawn independently of the answers
    and shared by them; it adds baseline_variance·E‖∇log π‖² / samples and no bias.
    """
    signal = bandit.rewards - (baseline if baseline.dim() == 2 else baseline.unsqueeze(-1))
    estimates = signal.unsqueeze(-1) * bandit.scores
    means = torch.einsum("sa,sac->sc", bandit.policy, estimates)
    squares = (estimates - means.unsqueeze(1)).square() + baseline_variance * bandit.scores.square()
    return _over_prompts(bandit, means, (bandit.policy * squares.sum(-1)).sum(-1) / samples)


def leave_one_out_moments(bandit: Bandit, samples: int) -> Moments:
    """Mean [S][A] and variance of g when each answer's baseline is the mean reward of the other K − 1 (RLOO).

    Unbiased: the others do not depend on the answer. But the K terms depend on each other. g is the U-statistic of the
    kernel h(a, a') = (r − r')·(∇log π(a) − ∇log π(a'))/2, so that its variance is
    2·(2·(K−2)·Var E[h|a] + Var h) / (K·(K−1)). Kool et al. 2019; Hoeffding 1948, eq. 5.13. ValueError for K = 1.
    """
    if samples < 2:
        raise ValueError("Leave-one-out needs two samples or more in a group; a group of one leaves nothing.")
    policy = bandit.policy
    gaps = bandit.rewards.unsqueeze(-1) - bandit.rewards.unsqueeze(-2)  # r − r', [S][a][a']
    # E over a' of h(a, a') = gap·(one-hot(a) − one-hot(a'))/2, [S][a][component]
    averages = (gaps * policy.unsqueeze(-2)).sum(-1)
    given_one = (torch.diag_embed(averages) - gaps * policy.unsqueeze(-2)) / 2
    means = torch.einsum("sa,sac->sc", policy, given_one)
    first = (policy * (given_one - means.unsqueeze(1)).square().sum(-1)).sum(-1)
    # ‖one-hot(a) − one-hot(a')‖² is 2. Rounding alone could make the variance negative.
    second = torch.einsum("sa,sb,sab->s", policy, policy, gaps.square() / 2) - means.square().sum(-1)
    variances = 2 * (2 * (samples - 2) * first + second.clamp(min=0.0)) / (samples * (samples - 1))
    return _over_prompts(bandit, means, variances)


def baseline_moments(
    bandit: Bandit, kind: BaselineKind, samples: int = 1, constant: float | None = None, history: int | None = None
) -> Moments:
    """Mean [S][A] and variance of g = 1/K·Σ_i (r_i − b)·∇log π(a_i|s), K = samples, with a baseline of this kind.

    `none`: 0. `constant`: `constant`. `running-mean`: the mean of the last `history` rewards, one a prompt, drawn from
    this policy before (an exponential mean of rate α is like (2 − α)/α of them). `greedy`: ReMax. `value`: V(s), a
    perfect critic; a wrong one is any other number for the prompt, and no more biased. `optimal`: the least variance of
    any number for the prompt. `leave-one-out`: RLOO. `group-mean`: the mean of all K rewards, the answer's own
    included, which is leave-one-out times (K − 1)/K: the one baseline here that is biased, as in GRPO (Dr. GRPO's
    advantage). ValueError for a missing `constant` or `history`, or a group of one for the last two.
    """
    if kind in FIXED:
        return gradient_moments(bandit, FIXED[kind](bandit), samples)
    if kind == "constant":
        if constant is None:
            raise ValueError("The baseline constant needs its number: give constant.")
        return gradient_moments(bandit, torch.full_like(bandit.prompts, constant), samples)
    if kind == "running-mean":
        if history is None:
            raise ValueError("The baseline running-mean needs the number of past rewards in it: give history.")
        average = mean_reward(bandit)
        deviations = (bandit.rewards - average.unsqueeze(-1)).square()
        spread = bandit.prompts @ (bandit.policy * deviations).sum(-1)
        return gradient_moments(bandit, average, samples, spread / history)
    moments = leave_one_out_moments(bandit, samples)
    share = (samples - 1) / samples if kind == "group-mean" else 1.0
    return Moments(share * moments.mean, share**2 * moments.variance)


def _over_prompts(bandit: Bandit, means: Tensor, variances: Tensor) -> Moments:
    """Moments of an estimate from a random prompt, of those given the prompt: means [S][A] and variances [S]."""
    between = bandit.prompts * (1 - bandit.prompts) * means.square().sum(-1)
    return Moments(bandit.prompts.unsqueeze(-1) * means, bandit.prompts @ variances + between.sum())
