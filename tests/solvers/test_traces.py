"""TD(λ) against the n-step definitions it averages, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve

close = pytest.approx
quick = settings(max_examples=40, deadline=None)
tenth = st.integers(-20, 20).map(lambda k: Fraction(k, 10))
unit = st.integers(0, 10).map(lambda k: Fraction(k, 10))
Table = list[Fraction]


@st.composite
def episodes(draw: Any) -> dict[str, Any]:
    states, actions, length = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    row = st.lists(tenth, min_size=actions, max_size=actions)
    return {
        "states": draw(st.lists(st.integers(0, states - 1), min_size=length + 1, max_size=length + 1)),
        "actions": draw(st.lists(st.integers(0, actions - 1), min_size=length + 1, max_size=length + 1)),
        "rewards": draw(st.lists(tenth, min_size=length, max_size=length)),
        "gamma": draw(unit),
        "lam": draw(unit),
        "alpha": draw(unit),
        "v0": draw(st.lists(tenth, min_size=states, max_size=states)),
        "q0": draw(st.lists(row, min_size=states, max_size=states)),
        "terminated_at_end": draw(st.booleans()),
    }


def as_floats(value: Any) -> Any:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, list):
        return [as_floats(v) for v in value]
    return value


def solved(episode: dict[str, Any]) -> dict[str, Any]:
    return solve("td-lambda", {key: as_floats(value) for key, value in episode.items()})


def n_step_return(e: dict[str, Any], t: int, end: int, table: Table) -> Fraction:
    """G_{t:end}, bootstrapping from `table` except where the episode terminated."""
    total = sum((e["gamma"] ** (k - t) * e["rewards"][k] for k in range(t, end)), Fraction())
    if end == len(e["rewards"]) and e["terminated_at_end"]:
        return total
    return total + e["gamma"] ** (end - t) * table[e["states"][end]]


def truncated_lambda_return(e: dict[str, Any], t: int, horizon: int, tables: list[Table]) -> Fraction:
    """Sutton & Barto's eq. 12.9: a weighted mean of n-step returns; the one to step k bootstraps from tables[k - 1]."""
    lam = e["lam"]
    total = Fraction()
    for end in range(t + 1, horizon):
        total += (1 - lam) * lam ** (end - t - 1) * n_step_return(e, t, end, tables[end - 1])
    return total + lam ** (horizon - t - 1) * n_step_return(e, t, horizon, tables[horizon - 1])


@quick
@given(episodes())
def test_lambda_returns_are_weighted_means_of_n_step_returns(e: dict[str, Any]) -> None:
    length = len(e["rewards"])
    want = [truncated_lambda_return(e, t, length, [e["v0"]] * length) for t in range(length)]
    assert solved(e)["lambda_returns"] == close(as_floats(want), abs=1e-9)


@quick
@given(episodes())
def test_offline_uses_the_first_table_throughout(e: dict[str, Any]) -> None:
    length = len(e["rewards"])
    table = list(e["v0"])
    for t in range(length):
        target = truncated_lambda_return(e, t, length, [e["v0"]] * length)
        table[e["states"][t]] += e["alpha"] * (target - e["v0"][e["states"][t]])
    assert solved(e)["v_offline"] == close(as_floats(table), abs=1e-9)


@quick
@given(episodes())
def test_true_online_is_the_online_lambda_return_algorithm(e: dict[str, Any]) -> None:
    """At every horizon the whole episode so far is done again from v0 (section 12.4); the last pass's table counts."""
    tables = [list(e["v0"])]  # tables[h]: the final one of horizon h
    for horizon in range(1, len(e["rewards"]) + 1):
        table = list(e["v0"])
        for t in range(horizon):
            target = truncated_lambda_return(e, t, horizon, tables)
            table[e["states"][t]] += e["alpha"] * (target - table[e["states"][t]])
        tables.append(table)
    assert solved(e)["v_true_online"] == close(as_floats(tables[-1]), abs=1e-9)


def td_by_definition(e: dict[str, Any], visits: list[int], table: Table, replacing: bool) -> Table:
    """The trace of an entry as the explicit sum (or the latest) of its visits, decayed."""
    table = list(table)
    decay = e["gamma"] * e["lam"]
    for t, r in enumerate(e["rewards"]):
        ends = t == len(e["rewards"]) - 1 and e["terminated_at_end"]
        delta = r + (0 if ends else e["gamma"] * table[visits[t + 1]]) - table[visits[t]]
        for s in range(len(table)):
            marks = [decay ** (t - k) for k in range(t + 1) if visits[k] == s]
            trace = (marks[-1] if replacing else sum(marks)) if marks else Fraction()
            table[s] += e["alpha"] * delta * trace
    return table


@quick
@given(episodes())
def test_accumulating_and_replacing_traces(e: dict[str, Any]) -> None:
    got = solved(e)
    accumulating = td_by_definition(e, e["states"], e["v0"], replacing=False)
    assert got["v_accumulating"] == close(as_floats(accumulating), abs=1e-9)
    assert got["v_replacing"] == close(as_floats(td_by_definition(e, e["states"], e["v0"], replacing=True)), abs=1e-9)


@quick
@given(episodes())
def test_sarsa_lambda_is_td_lambda_on_pairs_of_state_and_action(e: dict[str, Any]) -> None:
    width = len(e["q0"][0])
    pairs = [s * width + a for s, a in zip(e["states"], e["actions"], strict=True)]
    flat = td_by_definition(e, pairs, [x for row in e["q0"] for x in row], replacing=False)
    want = [flat[i : i + width] for i in range(0, len(flat), width)]
    assert solved(e)["q_sarsa_lambda"] == [close(row, abs=1e-9) for row in as_floats(want)]


@quick
@given(episodes())
def test_with_lambda_0_every_online_kind_is_td_0(e: dict[str, Any]) -> None:
    got = solved({**e, "lam": Fraction()})
    table = list(e["v0"])
    for t, r in enumerate(e["rewards"]):
        here, there = e["states"][t], e["states"][t + 1]
        ends = t == len(e["rewards"]) - 1 and e["terminated_at_end"]
        table[here] += e["alpha"] * (r + (0 if ends else e["gamma"] * table[there]) - table[here])
    for kind in ("v_accumulating", "v_replacing", "v_true_online"):
        assert got[kind] == close(as_floats(table), abs=1e-9)


@quick
@given(episodes())
def test_with_lambda_1_and_termination_the_targets_are_monte_carlo_returns(e: dict[str, Any]) -> None:
    got = solved({**e, "lam": Fraction(1), "terminated_at_end": True})
    to_go = solve("discounted-returns", {"rewards": as_floats(e["rewards"]), "gamma": float(e["gamma"])})
    assert got["lambda_returns"] == close(to_go["returns"], abs=1e-9)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"states": [2, 0]}, "states"),
        ({"states": [0, 2], "terminated_at_end": False}, "states"),
        ({"actions": [0, 1], "terminated_at_end": False}, "actions"),
        ({"states": [0, 1, 1]}, "states"),
        ({"v0": [0]}, "q0"),
        ({"terminated_at_end": 2}, "terminated_at_end"),
        ({"terminated_at_end": None}, "terminated_at_end"),
        ({"lam": 1.1}, "lam"),
        ({"alpha": -1}, "alpha"),
    ],
)
def test_refusals(change: dict[str, Any], says: str) -> None:
    inputs = {"states": [0, 1], "actions": [0, 0], "rewards": [1], "gamma": 1, "lam": 1, "alpha": 0.1}
    inputs |= {"v0": [0, 0], "q0": [[0], [0]], "terminated_at_end": True}
    with pytest.raises(ValueError, match=says):
        solve("td-lambda", {**inputs, **change})


def test_the_terminal_state_needs_no_row_in_the_tables() -> None:
    inputs = {"actions": [0, 0, 0], "rewards": [1, 2], "gamma": 0.9, "lam": 0.8, "alpha": 0.5, "v0": [0.5, 1]}
    inputs |= {"q0": [[0.5], [1]], "terminated_at_end": True}
    inside = solve("td-lambda", {**inputs, "states": [0, 1, 0]})
    assert solve("td-lambda", {**inputs, "states": [0, 1, 2]}) == inside
    assert solve("td-lambda", {**inputs, "states": [0, 1, -1], "actions": [0, 0, 7]}) == inside
