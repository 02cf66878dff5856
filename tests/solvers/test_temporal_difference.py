"""Temporal-difference learning against updates in exact fractions, and against rlax's TD errors."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import torch

from solvers.catalogue import solve
from solvers.temporal_difference import Transition, epsilon_greedy, sarsa

STATES, ACTIONS = 3, 3
CONTROL = ["sarsa", "q-learning", "expected-sarsa", "double-q-learning"]


def close(want: Any) -> Any:
    return pytest.approx(want, rel=1e-10, abs=1e-12)


def example(seed: int) -> dict[str, Any]:
    """Small whole tables (so with ties) and rates that float64 holds exactly."""
    rng = random.Random(seed)
    transitions = []
    for _ in range(rng.randint(1, 12)):
        terminated = rng.random() < 0.25
        transitions.append(
            {
                "s": rng.randrange(STATES),
                "a": rng.randrange(ACTIONS),
                "r": rng.randint(-8, 8) / 4,
                "s2": rng.randrange(STATES),
                "a2": None if terminated else rng.randrange(ACTIONS),
                "terminated": terminated,
                "truncated": rng.random() < 0.25,
            }
        )

    def table() -> list[list[int]]:
        return [[rng.randint(-1, 1) for _ in range(ACTIONS)] for _ in range(STATES)]

    return {
        "transitions": transitions,
        "alpha": rng.choice([0.5, 0.125, 1]),
        "gamma": rng.choice([0, 0.75, 1]),
        "q0": table(),
        "q0_second": table(),
        "coins": [rng.randint(0, 1) for _ in transitions],
        "epsilon": rng.choice([0, 0.25, 1]),
    }


INPUTS = {
    "sarsa": [],
    "q-learning": [],
    "expected-sarsa": ["epsilon"],
    "double-q-learning": ["q0_second", "coins"],
}


def inputs(solver: str, drawn: dict[str, Any]) -> dict[str, Any]:
    return {name: drawn[name] for name in ["transitions", "alpha", "gamma", "q0", *INPUTS[solver]]}


def fractions(table: list[list[Any]]) -> list[list[Fraction]]:
    return [[Fraction(x) for x in row] for row in table]


def flat(table: list[list[Any]]) -> list[float]:
    return [float(x) for row in table for x in row]


def next_value(solver: str, step: dict[str, Any], q: Any, other: Any, epsilon: Fraction) -> Fraction:
    row = q[step["s2"]]
    if solver == "sarsa":
        return row[step["a2"]]
    if solver == "q-learning":
        return max(row)
    if solver == "expected-sarsa":
        share = (1 - epsilon) / row.count(max(row))
        return sum((epsilon / len(row) + share * (x == max(row))) * x for x in row)
    return other[step["s2"]][row.index(max(row))]


def replay(solver: str, drawn: dict[str, Any]) -> tuple[Any, Any, list[Fraction]]:
    tables = [fractions(drawn["q0_second"]), fractions(drawn["q0"])]  # by coin
    errors = []
    for step, coin in zip(drawn["transitions"], drawn["coins"], strict=True):
        coin = coin if solver == "double-q-learning" else 1
        q, other = tables[coin], tables[1 - coin]
        target = Fraction(step["r"])
        if not step["terminated"]:
            target += Fraction(drawn["gamma"]) * next_value(solver, step, q, other, Fraction(drawn["epsilon"]))
        errors.append(target - q[step["s"]][step["a"]])
        q[step["s"]][step["a"]] += Fraction(drawn["alpha"]) * errors[-1]
    return tables[1], tables[0], errors


@pytest.mark.parametrize("solver", CONTROL)
@pytest.mark.parametrize("seed", range(15))
def test_control_in_fractions(solver: str, seed: int) -> None:
    drawn = example(seed)
    got = solve(solver, inputs(solver, drawn))
    q, second, errors = replay(solver, drawn)
    assert flat(got["q"]) == close(flat(q))
    assert got["td_errors"] == close([float(e) for e in errors])
    if solver == "double-q-learning":
        assert flat(got["q_second"]) == close(flat(second))
    else:
        assert set(got) == {"q", "td_errors"}


@pytest.mark.parametrize("seed", range(10))
def test_td0_in_fractions(seed: int) -> None:
    drawn = example(seed)
    start = [row[0] for row in drawn["q0"]]
    v = [Fraction(x) for x in start]
    errors = []
    for step in drawn["transitions"]:
        following = 0 if step["terminated"] else v[step["s2"]]
        errors.append(Fraction(step["r"]) + Fraction(drawn["gamma"]) * following - v[step["s"]])
        v[step["s"]] += Fraction(drawn["alpha"]) * errors[-1]
    got = solve("td0", {name: drawn[name] for name in ("transitions", "alpha", "gamma")} | {"v0": start})
    assert got["v"] == close([float(x) for x in v])
    assert got["td_errors"] == close([float(e) for e in errors])


@pytest.mark.filterwarnings("ignore:Rlax epsilon_greedy")  # theirs names a successor
def test_td_errors_of_rlax(rlax: Any) -> None:
    for seed in range(4):
        drawn = example(seed)
        for t, step in enumerate(drawn["transitions"]):
            q, other = rlax.array(drawn["q0"], float), rlax.array(drawn["q0_second"], float)
            discount = 0.0 if step["terminated"] else float(drawn["gamma"])
            before, after = q[step["s"]], q[step["s2"]]
            probs = rlax.epsilon_greedy(drawn["epsilon"]).probs(after)
            theirs = {
                "sarsa": rlax.sarsa(before, step["a"], step["r"], discount, after, step["a2"] or 0),
                "q-learning": rlax.q_learning(before, step["a"], step["r"], discount, after),
                "expected-sarsa": rlax.expected_sarsa(before, step["a"], step["r"], discount, after, probs),
                "double-q-learning": rlax.double_q_learning(
                    before, step["a"], step["r"], discount, other[step["s2"]], after
                ),
            }
            one = {**drawn, "transitions": [drawn["transitions"][t]], "coins": [1]}
            for solver, error in theirs.items():
                got = solve(solver, inputs(solver, one))["td_errors"]
                assert got == pytest.approx([float(error)], abs=1e-12), solver


def step(**change: Any) -> dict[str, Any]:
    return {"s": 0, "a": 0, "r": 1, "s2": 1, "a2": 1, "terminated": False, "truncated": False, **change}


def run(solver: str, *steps: Any, **change: Any) -> dict[str, Any]:
    tables: dict[str, Any] = {"v0": [0, 10]} if solver == "td0" else {"q0": [[0, 0], [10, 20]]}
    extra = {"epsilon": 0.5} if solver == "expected-sarsa" else {}
    if solver == "double-q-learning":
        extra = {"q0_second": [[0, 0], [30, 40]], "coins": [1] * len(steps)}
    return solve(solver, {"transitions": list(steps), "alpha": 0.5, "gamma": 0.5, **tables, **extra, **change})


@pytest.mark.parametrize(
    ("solver", "bootstrapped"),
    [("td0", 6), ("sarsa", 11), ("q-learning", 11), ("expected-sarsa", 1 + 0.5 * 17.5), ("double-q-learning", 21)],
)
def test_truncation_bootstraps_and_termination_does_not(solver: str, bootstrapped: float) -> None:
    assert run(solver, step(truncated=True))["td_errors"] == close([bootstrapped])
    assert run(solver, step())["td_errors"] == close([bootstrapped])
    assert run(solver, step(terminated=True))["td_errors"] == close([1])
    assert run(solver, step(terminated=True, truncated=True))["td_errors"] == close([1])


@pytest.mark.parametrize("solver", ["td0", *CONTROL])
def test_after_termination_nothing_is_asked_of_what_follows(solver: str) -> None:
    want = run(solver, step(terminated=True))
    assert run(solver, step(terminated=True, s2=None, a2=None)) == want
    assert run(solver, step(terminated=True, s2=2)) == want  # S: the terminal state
    bare = step(terminated=True)
    for key in ("s2", "a2", "truncated"):
        del bare[key]
    assert run(solver, bare) == want


def test_what_an_algorithm_does_not_use_may_be_missing() -> None:
    assert run("td0", {"s": 0, "r": 1, "s2": 1, "terminated": False}) == run("td0", step())
    assert run("q-learning", step(a2=None)) == run("q-learning", step())


def test_coins_choose_the_table() -> None:
    got = run("double-q-learning", step(), step(), coins=[0, 1])
    # Coin 0: the second table picks action 1, the first values it at 20: 1 + 10. Coin 1 the other way round: 1 + 20.
    assert got["td_errors"] == close([11, 21])
    assert got["q"][0][0] == close(10.5)
    assert got["q_second"][0][0] == close(5.5)


def test_the_first_of_equal_actions_is_valued() -> None:
    got = run("double-q-learning", step(), q0=[[0, 0], [5, 5]])
    assert got["td_errors"] == close([1 + 0.5 * 30])


def test_ties_share_the_greedy_probability() -> None:
    got = epsilon_greedy(torch.tensor([[1.0, 3.0, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0]], dtype=torch.float64), 0.2)
    assert got.flatten().tolist() == close([0.05, 0.45, 0.45, 0.05, 0.25, 0.25, 0.25, 0.25])


def test_the_tables_given_are_not_written_to() -> None:
    q = torch.zeros(2, 2, dtype=torch.float64)
    sarsa([Transition(0, 0, 1.0, 1, 1)], 0.5, 1.0, q)
    assert not q.any()


@pytest.mark.parametrize(
    ("solver", "steps", "change", "says"),
    [
        ("td0", [], {}, "at least one object"),
        ("td0", [[0, 0, 1]], {}, "must be an object"),
        ("td0", [step(s=2)], {}, r"transitions\[0\].s must be from 0 to 1"),
        ("td0", [step(s2=2)], {}, r"transitions\[0\].s2 must be from 0 to 1"),
        ("td0", [step(), step(s2=None)], {}, r"transitions\[1\] needs s2"),
        ("td0", [step(terminated=True, s2=3)], {}, "s2 must be from 0 to 2"),
        ("td0", [step(r=None)], {}, "r must be one finite number"),
        ("td0", [step(r=float("inf"))], {}, "r must be one finite number"),
        ("td0", [step(terminated=None)], {}, "terminated must be true or false"),
        ("td0", [step(truncated=2)], {}, "truncated must be true or false"),
        ("td0", [step(done=True)], {}, "has a key done"),
        ("td0", [step()], {"alpha": -0.1}, "alpha must be"),
        ("td0", [step()], {"gamma": 1.1}, "gamma must be"),
        ("td0", [step()], {"v0": [[1, 2]]}, "v0"),
        ("sarsa", [step(a=2)], {}, "a must be from 0 to 1"),
        ("sarsa", [step(a=0.5)], {}, "a must be a whole number"),
        ("sarsa", [step(a=None)], {}, "needs a"),
        ("sarsa", [step(a2=None)], {}, "needs a2"),
        ("sarsa", [step(a2=None, truncated=True)], {}, "needs a2"),
        ("sarsa", [step(a2=2)], {}, "a2 must be from 0 to 1"),
        ("q-learning", [step()], {"q0": [[1, 2], [3]]}, "q0 is ragged"),
        ("expected-sarsa", [step()], {"epsilon": 1.5}, "epsilon must be"),
        ("double-q-learning", [step()], {"coins": [1, 0]}, "coins must hold one"),
        ("double-q-learning", [step()], {"coins": [2]}, "coins must hold only 0 and 1"),
        ("double-q-learning", [step()], {"q0_second": [[1, 2]]}, "q0_second has size 1"),
    ],
)
def test_senseless_input_is_refused(solver: str, steps: list[Any], change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        run(solver, *steps, **change)


def test_sarsa_itself_needs_the_next_action() -> None:
    with pytest.raises(ValueError, match="next action a2"):
        sarsa([Transition(0, 0, 1.0, 1)], 0.5, 1.0, torch.zeros(2, 2))
