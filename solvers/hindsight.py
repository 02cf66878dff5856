"""Hindsight experience replay: a failed episode, told again as if what it reached had been its goal."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Relabelled(NamedTuple):
    """The rewards [T] for the goal that was asked for, and each transition's new goal [T][D] with its reward [T]."""

    original_rewards: Tensor
    goals: Tensor
    rewards: Tensor


def goal_reward(achieved: Tensor, goal: Tensor, tolerance: float) -> Tensor:
    """0 where the Euclidean distance over the last dimension is at most `tolerance`, else −1 (Gymnasium's Fetch)."""
    distance = torch.linalg.vector_norm(achieved - goal, dim=-1)
    return torch.where(distance <= tolerance, 0.0, -1.0).to(achieved.dtype)


def relabel(achieved_goals: Tensor, desired_goal: Tensor, chosen: Tensor, tolerance: float) -> Relabelled:
    """Give transition t the goal that transition chosen[t] achieved, achieved_goals[chosen[t] + 1].

    achieved_goals: [T+1][D], before the first transition and after each. desired_goal: [D]. chosen: [T], transitions
    0 … T−1; the strategy `future` draws them from t on, t included (stable-baselines3), `final` always takes T−1,
    `episode` any. A transition's reward compares its goal with what is achieved after it; whether the episode ends
    there stays as it was. Andrychowicz et al. 2017, algorithm 1.
    """
    reached = achieved_goals[1:]
    goals = reached[chosen]
    return Relabelled(goal_reward(reached, desired_goal, tolerance), goals, goal_reward(reached, goals, tolerance))
