"""JSON in front of solvers.traces."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from solvers import traces
from solvers.shapes import Dims, flag, number


def td_lambda(
    states: Any,
    actions: Any,
    rewards: Any,
    gamma: Any,
    lam: Any,
    alpha: Any,
    v0: Any,
    q0: Any,
    terminated_at_end: Any,
) -> dict[str, Tensor]:
    """One episode through every kind of trace; states and actions index the tables v0 [S] and q0 [S][A]."""
    dims = Dims()
    v = dims.real("v0", v0, "S")
    q = dims.real("q0", q0, "S A")
    r = dims.real("rewards", rewards, "T")
    ends = flag("terminated_at_end", terminated_at_end)
    looked_at = torch.ones(dims.sizes["T"] + 1)
    looked_at[-1] = not ends  # the terminal state is worth 0, whether the tables have a row for it or not
    visits = dims.index("states", states, "T+1", dims.sizes["S"], looked_at)
    chosen = dims.index("actions", actions, "T+1", dims.sizes["A"], looked_at)
    pairs = visits * dims.sizes["A"] + chosen
    discount = number("gamma", gamma, 0, 1)
    trace_decay = number("lam", lam, 0, 1)
    settings = (discount, trace_decay, number("alpha", alpha, 0), ends)
    return {
        "lambda_returns": traces.lambda_returns(r, traces.following_values(v, visits, ends), discount, trace_decay),
        "v_offline": traces.offline_lambda(visits, r, v, *settings),
        "v_accumulating": traces.td_lambda(visits, r, v, *settings, "accumulating"),
        "v_replacing": traces.td_lambda(visits, r, v, *settings, "replacing"),
        "v_true_online": traces.true_online_td_lambda(visits, r, v, *settings),
        "q_sarsa_lambda": traces.td_lambda(pairs, r, q.flatten(), *settings, "accumulating").reshape(q.shape),
    }
