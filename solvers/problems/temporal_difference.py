"""JSON in front of solvers.temporal_difference: transitions as objects, tables as lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from solvers import temporal_difference as td
from solvers.shapes import Dims, flag, number, whole


def td0(transitions: Any, alpha: Any, gamma: Any, v0: Any) -> dict[str, Any]:
    v = Dims().real("v0", v0, "S")
    table, td_errors = td.td0(_transitions(transitions, len(v)), *_rates(alpha, gamma), v)
    return {"v": table, "td_errors": td_errors}


def sarsa(transitions: Any, alpha: Any, gamma: Any, q0: Any) -> dict[str, Any]:
    q = Dims().real("q0", q0, "S A")
    states, actions = q.shape
    steps = _transitions(transitions, states, actions, next_action=True)
    return _learned(td.sarsa(steps, *_rates(alpha, gamma), q))


def q_learning(transitions: Any, alpha: Any, gamma: Any, q0: Any) -> dict[str, Any]:
    q = Dims().real("q0", q0, "S A")
    return _learned(td.q_learning(_transitions(transitions, *q.shape), *_rates(alpha, gamma), q))


def expected_sarsa(transitions: Any, alpha: Any, gamma: Any, q0: Any, epsilon: Any) -> dict[str, Any]:
    q = Dims().real("q0", q0, "S A")
    steps = _transitions(transitions, *q.shape)
    return _learned(td.expected_sarsa(steps, *_rates(alpha, gamma), q, number("epsilon", epsilon, 0, 1)))


def double_q_learning(transitions: Any, alpha: Any, gamma: Any, q0: Any, q0_second: Any, coins: Any) -> dict[str, Any]:
    dims = Dims()
    first, second = dims.real("q0", q0, "S A"), dims.real("q0_second", q0_second, "S A")
    steps = _transitions(transitions, *first.shape)
    flips = Dims().flags("coins", coins, "N", first).tolist()
    if len(flips) != len(steps):
        raise ValueError(f"coins must hold one 0 or 1 for each of the {len(steps)} transitions, not {len(flips)}.")
    q, q_second, td_errors = td.double_q_learning(steps, *_rates(alpha, gamma), first, second, flips)
    return {"q": q, "q_second": q_second, "td_errors": td_errors}


def _learned(learned: td.Learned) -> dict[str, Tensor]:
    return {"q": learned.table, "td_errors": learned.td_errors}


def _rates(alpha: Any, gamma: Any) -> tuple[float, float]:
    return number("alpha", alpha, 0, 1), number("gamma", gamma, 0, 1)


def _transitions(given: Any, states: int, actions: int | None = None, next_action: bool = False) -> list[td.Transition]:
    """Checked transitions; without `actions` a is not looked at, and a2 only with `next_action`.

    After termination nothing follows: a2 is not looked at, and s2 may be left out, null, or S, as the terminal state.
    """
    if not isinstance(given, (list, tuple)) or not given:
        raise ValueError("transitions must be a list of at least one object {s, a, r, s2, a2, terminated, truncated}.")
    return [_transition(f"transitions[{t}]", step, states, actions, next_action) for t, step in enumerate(given)]


def _transition(name: str, given: Any, states: int, actions: int | None, next_action: bool) -> td.Transition:
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} must be an object {{s, a, r, s2, a2, terminated, truncated}}.")
    unknown = sorted(set(given) - set(td.Transition._fields))
    if unknown:
        raise ValueError(f"{name} has a key {unknown[0]}; its keys are {', '.join(td.Transition._fields)}.")
    terminated = flag(f"{name}.terminated", given.get("terminated"))

    def index(key: str, size: int) -> int:
        if given.get(key) is None:
            raise ValueError(f"{name} needs {key}.")
        return whole(f"{name}.{key}", given[key], 0, size - 1)

    return td.Transition(
        s=index("s", states),
        a=0 if actions is None else index("a", actions),
        r=number(f"{name}.r", given.get("r")),
        s2=(0 if given.get("s2") is None else index("s2", states + 1)) if terminated else index("s2", states),
        a2=index("a2", actions) if next_action and actions is not None and not terminated else None,
        terminated=terminated,
        truncated=flag(f"{name}.truncated", given.get("truncated", False)),
    )
