"""Acting in a known tabular MDP, one sampled step at a time, and the random walk that prediction is compared on.

An MDP is P [S][A][S+1] (last column: termination) and R [S][A], as in `solvers.planning`; here an action's reward is
R itself, without noise. Random numbers come only from the generator given.
"""

from __future__ import annotations

import torch
from torch import Tensor

from solvers.temporal_difference import Transition


def draw(probs: Tensor, generator: torch.Generator) -> int:
    """One index from a distribution [N]."""
    return int(torch.multinomial(probs, 1, generator=generator))


def sample_step(P: Tensor, R: Tensor, s: int, a: int, generator: torch.Generator) -> Transition:
    """What action a in state s leads to; on termination s2 is S."""
    s2 = draw(P[s, a], generator)
    return Transition(s, a, float(R[s, a]), s2, terminated=s2 == len(P))


def sample_episode(
    P: Tensor, R: Tensor, policy: Tensor, start: int, generator: torch.Generator, limit: int
) -> list[Transition]:
    """One episode of `policy` [S][A] from state `start`; truncated after `limit` steps if it has not terminated."""
    steps: list[Transition] = []
    s = start
    while len(steps) < limit:
        step = sample_step(P, R, s, draw(policy[s], generator), generator)
        steps.append(step)
        if step.terminated:
            return steps
        s = step.s2
    steps[-1] = steps[-1]._replace(truncated=True)
    return steps


def random_walk(states: int = 5, left_reward: float = 0.0, right_reward: float = 1.0) -> tuple[Tensor, Tensor]:
    """P [S][2][S+1] and R [S][2]: action 0 steps left, 1 right; stepping off either end terminates with its reward.

    Sutton & Barto 2018, example 6.2 (5 states, rewards 0 and 1) and 7.1 (19 states, −1 and 1), both for the policy
    that goes either way with probability ½. State i of S is then worth left + (i + 1)/(S + 1)·(right − left).
    """
    P = torch.zeros(states, 2, states + 1, dtype=torch.float64)
    R = torch.zeros(states, 2, dtype=torch.float64)
    for s in range(states):
        P[s, 0, s - 1 if s else states] = 1
        P[s, 1, s + 1] = 1
    R[0, 0], R[-1, 1] = left_reward, right_reward
    return P, R
