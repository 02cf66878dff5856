"""The policy gradient of a small softmax MDP: exact, by enumerating its episodes, and its Monte Carlo estimate.

The MDP is that of `solvers.planning`: P [S][A][S+1] with termination in the last column, R [S][A]; `start` [S] is the
distribution of the first state. The policy is softmax(theta[s]), theta [S][A]. An episode ends on termination or after
`horizon` steps, whichever comes first; the objective is J = E[Σ_{t < horizon} gamma^t·R(s_t, a_t)].
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from solvers.planning import action_values

_MAX_BRANCHES = 1_000_000

Weighting = Literal["return", "reward-to-go"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)


class Episodes(NamedTuple):
    """K episodes with their weights [K], which add up to 1: probabilities, or 1/K for samples.

    states, actions, alive: [K][H]; alive is 1 up to the step that terminates, else 0 (state and action are then 0).
    """

    weights: Tensor
    states: Tensor
    actions: Tensor
    alive: Tensor


class Moments(NamedTuple):
    """Of one gradient estimate: its mean, shaped like theta, and its variance, summed over all components (scalar)."""

    mean: Tensor
    variance: Tensor


def expected_return(theta: Tensor, P: Tensor, R: Tensor, start: Tensor, gamma: float, horizon: int) -> Tensor:
    """J, a scalar in units of reward, by backward induction: v_t = Σ_a π(a|s)·(R + gamma·P·v_{t+1}).

    Differentiable in theta, so that autograd is a second way to the exact gradient. Sutton & Barto 2018, eq. 4.4, with
    as many sweeps from 0 as there are steps.
    """
    policy = theta.softmax(-1)
    v = torch.zeros_like(theta[:, 0])
    for _ in range(horizon):
        v = (policy * action_values(P, R, gamma, v)).sum(-1)
    return start @ v


def enumerate_episodes(theta: Tensor, P: Tensor, start: Tensor, horizon: int) -> Episodes:
    """Every episode that can happen, with its probability start(s_0)·Π_t π(a_t|s_t)·P(s_{t+1}|s_t, a_t).

    ValueError for more than a million branches; sample instead.
    """
    branches = _branches(theta, P)
    state = start.nonzero().flatten()
    weights = start[state]
    states, actions = state.new_zeros(len(state), 0), state.new_zeros(len(state), 0)
    for step in range(horizon):
        last = step == horizon - 1  # then the state that follows no longer matters
        table = branches.sum(-1, keepdim=True) if last else branches
        if len(state) * table[0].numel() > _MAX_BRANCHES:
            raise ValueError(f"There are more than {_MAX_BRANCHES} episodes to enumerate; shorten the horizon.")
        parent, action, following = (table[state] > 0).nonzero(as_tuple=True)
        weights = weights[parent] * table[state[parent], action, following]
        states = torch.cat([states[parent], state[parent].unsqueeze(-1)], -1)
        actions = torch.cat([actions[parent], action.unsqueeze(-1)], -1)
        state = following
    return _episodes(weights, states, actions, theta)


def sample_episodes(
    theta: Tensor, P: Tensor, start: Tensor, horizon: int, count: int, generator: torch.Generator
) -> Episodes:
    """`count` episodes drawn with `generator`, each of weight 1/count."""
    branches = _branches(theta, P)
    state = torch.multinomial(start, count, replacement=True, generator=generator)
    states, actions = [], []
    for _ in range(horizon):
        action_and_next = torch.multinomial(branches[state].flatten(1), 1, generator=generator).squeeze(-1)
        states.append(state)
        actions.append(action_and_next // branches.shape[-1])
        state = action_and_next % branches.shape[-1]
    return _episodes(theta.new_full((count,), 1 / count), torch.stack(states, -1), torch.stack(actions, -1), theta)


def episode_gradients(
    episodes: Episodes,
    theta: Tensor,
    R: Tensor,
    gamma: float,
    weighting: Weighting = "reward-to-go",
    baseline: Tensor | None = None,
) -> Tensor:
    """Each episode's unbiased estimate of ∇J, [K][S][A]: Σ_t gamma^t·(signal_t − baseline[s_t])·∇log π(a_t|s_t).

    `reward-to-go`: signal_t is the return from step t on (Sutton & Barto 2018, sections 13.3 and 13.4). `return`:
    gamma^t·signal_t is the return of the whole episode from its start, at every step (Williams 1992). baseline [S] may
    be anything that does not depend on the action, such as the states' values. gamma^t belongs to the gradient of J;
    CleanRL and Spinning Up leave it out.
    """
    discounts = gamma ** torch.arange(episodes.states.shape[1], dtype=theta.dtype)
    earned = discounts * episodes.alive * R[episodes.states, episodes.actions]
    signal = earned.sum(-1, keepdim=True) if weighting == "return" else earned.flip(-1).cumsum(-1).flip(-1)
    if baseline is not None:
        signal = signal - discounts * baseline[episodes.states]
    score = one_hot(episodes.actions, theta.shape[1]) - theta.softmax(-1)[episodes.states]  # ∇ by the row of s_t
    terms = (episodes.alive * signal).unsqueeze(-1) * score
    rows = torch.arange(len(terms)).unsqueeze(-1).expand_as(episodes.states)
    return theta.new_zeros(len(terms), *theta.shape).index_put((rows, episodes.states), terms, accumulate=True)


def gradient_moments(weights: Tensor, gradients: Tensor) -> Moments:
    """Mean and total variance of estimates [K][S][A] of probability weights [K]."""
    mean = torch.einsum("k,ksa->sa", weights, gradients)
    return Moments(mean, weights @ (gradients - mean).square().sum((-1, -2)))


def exact_policy_gradient(
    theta: Tensor,
    P: Tensor,
    R: Tensor,
    start: Tensor,
    gamma: float,
    horizon: int,
    weighting: Weighting = "reward-to-go",
    baseline: Tensor | None = None,
) -> Moments:
    """∇J [S][A] as the expectation of `episode_gradients` over every episode, and the variance one episode leaves.

    Weighting and baseline change the variance alone. Policy gradient theorem: Sutton et al. 2000.
    """
    theta = theta.detach()
    episodes = enumerate_episodes(theta, P, start, horizon)
    return gradient_moments(episodes.weights, episode_gradients(episodes, theta, R, gamma, weighting, baseline))


def monte_carlo_policy_gradient(
    theta: Tensor,
    P: Tensor,
    R: Tensor,
    start: Tensor,
    gamma: float,
    horizon: int,
    count: int,
    generator: torch.Generator,
    weighting: Weighting = "reward-to-go",
    baseline: Tensor | None = None,
) -> Moments:
    """The mean of `count` sampled `episode_gradients`, and their (population) variance.

    The estimate's own standard error is about √(variance / count).
    """
    theta = theta.detach()
    episodes = sample_episodes(theta, P, start, horizon, count, generator)
    return gradient_moments(episodes.weights, episode_gradients(episodes, theta, R, gamma, weighting, baseline))


def _branches(theta: Tensor, P: Tensor) -> Tensor:
    """π(a|s)·P(s'|s, a), [S+1][A][S+1]; the terminal state S has a single branch, back to itself."""
    states, actions = theta.shape
    branches = theta.new_zeros(states + 1, actions, states + 1)
    branches[:-1] = theta.softmax(-1).unsqueeze(-1) * P
    branches[-1, 0, -1] = 1.0
    return branches


def _episodes(weights: Tensor, states: Tensor, actions: Tensor, theta: Tensor) -> Episodes:
    terminal = states == len(theta)
    return Episodes(weights, states.masked_fill(terminal, 0), actions, (~terminal).to(theta.dtype))
