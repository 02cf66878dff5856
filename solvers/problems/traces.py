"""JSON in front of solvers.traces."""

from __future__ import annotations

from typing import Any

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
    visits = dims.index("states", states, "T+1", dims.sizes["S"])
    pairs = visits * dims.sizes["A"] + dims.index("actions", actions, "T+1", dims.sizes["A"])
    ends = flag("terminated_at_end", terminated_at_end)
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
