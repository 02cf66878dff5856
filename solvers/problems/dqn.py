"""JSON in front of solvers.dqn."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from solvers import dqn
from solvers.problems.gradients import gradients, leaf
from solvers.shapes import Dims, choice, number


def dqn_target(rewards: Any, terminated: Any, next_q_target: Any, next_q_online: Any, gamma: Any) -> dict[str, Tensor]:
    """The targets of DQN and of double DQN for the same transitions."""
    dims = Dims()
    r = dims.real("rewards", rewards, "N")
    ended = dims.flags("terminated", terminated, "N", r)
    frozen = dims.real("next_q_target", next_q_target, "N A")
    online = dims.real("next_q_online", next_q_online, "N A")
    discount = number("gamma", gamma, 0, 1)
    return {
        "targets": dqn.dqn_targets(r, ended, frozen, discount),
        "double_targets": dqn.double_dqn_targets(r, ended, online, frozen, discount),
    }


def dqn_loss(q: Any, actions: Any, targets: Any, penalty: Any) -> dict[str, Tensor]:
    dims = Dims()
    values = leaf(dims.real("q", q, "N A"))
    chosen = dims.index("actions", actions, "N", dims.sizes["A"])
    goals = dims.real("targets", targets, "N")
    loss = dqn.dqn_loss(values, chosen, goals, choice("penalty", penalty, dqn.PENALTIES))
    (grad_q,) = gradients(loss, values)
    return {"loss": loss, "grad_q": grad_q}
