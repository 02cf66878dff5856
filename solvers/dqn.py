"""DQN: targets from a frozen copy, double or not, its loss, and the whole algorithm on a table."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import huber_loss, mse_loss

from solvers.replay import ReplayBuffer
from solvers.temporal_difference import Transition, epsilon_greedy
from solvers.worlds import draw, sample_step

Penalty = Literal["squared", "huber"]
PENALTIES: tuple[Penalty, ...] = get_args(Penalty)


def dqn_targets(rewards: Tensor, terminated: Tensor, next_q_target: Tensor, gamma: float) -> Tensor:
    """y = r + gamma·(1 − terminated)·max_a Q_target(s', a), [N], without gradient. Mnih et al. 2015, algorithm 1.

    rewards, terminated (0/1): [N]; next_q_target: the frozen network's values of the next states, [N][A]. A truncated
    transition is not a terminated one and bootstraps.
    """
    return (rewards + gamma * (1 - terminated) * next_q_target.amax(-1)).detach()


def double_dqn_targets(
    rewards: Tensor, terminated: Tensor, next_q_online: Tensor, next_q_target: Tensor, gamma: float
) -> Tensor:
    """y = r + gamma·(1 − terminated)·Q_target(s', argmax_a Q_online(s', a)), [N], without gradient.

    The online network chooses (the first of equal values), the frozen one values: the maximum over noise no longer
    biases upwards, and y is never above `dqn_targets`. van Hasselt et al. 2016, section "Double DQN".
    """
    chosen = next_q_online.argmax(-1, keepdim=True)
    return (rewards + gamma * (1 - terminated) * next_q_target.gather(-1, chosen).squeeze(-1)).detach()


def dqn_loss(q: Tensor, actions: Tensor, targets: Tensor, penalty: Penalty = "squared") -> Tensor:
    """Mean over N of (y − Q(s, a))², or of Huber's penalty with threshold 1 (half the square inside it).

    q: the online network's values [N][A], differentiable; actions (indices), targets: [N]. `squared` is Mnih et al.
    2013, eq. 2, and CleanRL; `huber` has the error clipped to ±1 of the Nature paper, as in Stable-Baselines3.
    """
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return mse_loss(taken, targets) if penalty == "squared" else huber_loss(taken, targets)


def train_dqn(
    P: Tensor,
    R: Tensor,
    gamma: float,
    steps: int,
    generator: torch.Generator,
    learning_rate: float = 0.5,
    epsilon: float = 0.3,
    capacity: int = 500,
    batch_size: int = 8,
    target_every: int = 20,
    double: bool = False,
) -> Tensor:
    """Q [S][A] after `steps` steps of DQN in an MDP (P, R), the network being a table (one weight a pair).

    Mnih et al. 2015, algorithm 1: act ε-greedily, keep the transition, take one gradient step on a uniform batch from
    the buffer, copy the online table to the target every `target_every` steps. Episodes begin in state 0.
    """
    buffer: ReplayBuffer[Transition] = ReplayBuffer(capacity)
    q = torch.zeros_like(R).requires_grad_()
    frozen = q.detach().clone()
    s = 0
    for t in range(1, steps + 1):
        step = sample_step(P, R, s, draw(epsilon_greedy(q.detach()[s], epsilon), generator), generator)
        buffer.add(step)
        s = 0 if step.terminated else step.s2
        loss = _batch_loss(q, frozen, buffer.sample(batch_size, generator), gamma, double)
        with torch.no_grad():
            q -= learning_rate * torch.autograd.grad(loss, q)[0]
        if t % target_every == 0:
            frozen = q.detach().clone()
    return q.detach()


def _batch_loss(q: Tensor, frozen: Tensor, batch: list[Transition], gamma: float, double: bool) -> Tensor:
    rewards = torch.tensor([step.r for step in batch], dtype=q.dtype)
    terminated = torch.tensor([step.terminated for step in batch], dtype=q.dtype)
    following = torch.tensor([0 if step.terminated else step.s2 for step in batch])
    if double:
        targets = double_dqn_targets(rewards, terminated, q[following], frozen[following], gamma)
    else:
        targets = dqn_targets(rewards, terminated, frozen[following], gamma)
    return dqn_loss(q[[step.s for step in batch]], torch.tensor([step.a for step in batch]), targets)
