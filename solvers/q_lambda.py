"""Watkins's Q(λ): Q-learning with eligibility traces that end where the behaviour stops being greedy."""

from __future__ import annotations

import torch
from torch import Tensor

from solvers.temporal_difference import Learned
from solvers.traces import Trace


def watkins_q_lambda(
    states: Tensor,
    actions: Tensor,
    rewards: Tensor,
    q0: Tensor,
    gamma: float,
    lam: float,
    alpha: float,
    terminated_at_end: bool,
    trace: Trace = "accumulating",
) -> Learned:
    """The table [S][A] after one episode from q0 [S][A], and the TD error [T] of each step.

    states, actions: [T+1], indices; the last pair is not looked at if the episode terminated. At each step
    δ = r + gamma·max_a Q(s', a) − Q(s, a), the trace of (s, a) grows by 1 (or becomes 1: `replacing`), and every entry
    moves by alpha·δ·trace. Then all traces decay by gamma·lam if the next action was greedy *before* that update (a tie
    counts as greedy) and are cut to 0 if it explored: what the target policy would not have done teaches nothing about
    it. lam = 0 is Q-learning. Watkins 1989; Sutton & Barto 1998, figure 7.14, and 2018, section 12.10. Without the cut
    it is naive Q(λ); Peng & Williams 1996 mix instead of cutting (rlax.q_lambda).
    """
    q, eligibility = q0.clone(), torch.zeros_like(q0)
    errors = torch.zeros(len(rewards), dtype=q0.dtype)
    for t in range(len(rewards)):
        here = (states[t], actions[t])
        if terminated_at_end and t == len(rewards) - 1:
            best, greedy = torch.zeros_like(rewards[t]), False
        else:
            best = q[states[t + 1]].max()
            greedy = bool(q[states[t + 1], actions[t + 1]] == best)
        errors[t] = rewards[t] + gamma * best - q[here]
        eligibility[here] = 1.0 if trace == "replacing" else eligibility[here] + 1.0
        q = q + alpha * errors[t] * eligibility
        eligibility = gamma * lam * eligibility if greedy else torch.zeros_like(eligibility)
    return Learned(q, errors)
