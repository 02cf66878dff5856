"""Preference losses against their definitions, and numeric derivatives of those, in arithmetic to 40 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import preferences
from solvers.catalogue import solve

quick = settings(max_examples=30, deadline=None)
score = st.floats(-60, 60)
Row = list[float]


def close(want: Any) -> Any:
    return pytest.approx(want, rel=1e-9, abs=1e-12)


def log_sigmoid(x: Any) -> Any:
    return -mpmath.log(1 + mpmath.exp(-x))


def derivative(f: Callable[[Row], Any], x: Row) -> Row:
    """The gradient of f by central differences, exact to more digits than float64 has."""
    h = mpmath.mpf(10) ** -20
    result = []
    for i in range(len(x)):
        up, down = [mpmath.mpf(v) for v in x], [mpmath.mpf(v) for v in x]
        up[i], down[i] = up[i] + h, down[i] - h
        result.append(float((f(up) - f(down)) / (2 * h)))
    return result


def rows(*columns: st.SearchStrategy[float]) -> st.SearchStrategy[list[Row]]:
    """As many lists as columns, equally long."""
    found = st.lists(st.tuples(*columns), min_size=1, max_size=5)
    return found.map(lambda lines: [list(column) for column in zip(*lines, strict=True)])


@quick
@given(rows(score, score, score), st.sampled_from(["each", "one", "none"]))
def test_bradley_terry_is_its_definition(columns: list[Row], kind: str) -> None:
    chosen, rejected, margins = columns
    margin = {"each": margins, "one": margins[0], "none": None}[kind]
    margins = {"each": margins, "one": [margins[0]] * len(chosen), "none": [0.0] * len(chosen)}[kind]
    got = solve("bradley-terry-loss", {"chosen": chosen, "rejected": rejected, "margin": margin})

    def loss(c: Row, r: Row) -> Any:
        return -mpmath.fsum(log_sigmoid(a - b - m) for a, b, m in zip(c, r, margins, strict=True)) / len(c)

    with mpmath.workdps(60):
        exact = [mpmath.mpf(x) for x in chosen], [mpmath.mpf(x) for x in rejected]
        assert got["loss"] == close(float(loss(*exact)))
        assert got["grad_chosen"] == close(derivative(lambda c: loss(c, exact[1]), chosen))
        assert got["grad_rejected"] == close(derivative(lambda r: loss(exact[0], r), rejected))
    assert got["accuracy"] == close(sum(c > r for c, r in zip(chosen, rejected, strict=True)) / len(chosen))


def test_bradley_terry_at_differences_of_700() -> None:
    got = solve("bradley-terry-loss", {"chosen": [700, -700], "rejected": [0, 0]})
    assert got["loss"] == close(350.0)
    assert got["grad_chosen"][0] == pytest.approx(float(-mpmath.exp(-700) / 2), rel=1e-12)
    assert got["grad_chosen"][1] == close(-0.5)


def test_a_tie_is_not_a_success_and_the_margin_does_not_count() -> None:
    got = solve("bradley-terry-loss", {"chosen": [1, 2, 0, 5], "rejected": [1, 1, 1, 0], "margin": [-9, 9, 9, 9]})
    assert got["accuracy"] == 0.5


@quick
@given(rows(*[st.floats(-40, 0)] * 4), st.floats(0, 3), st.floats(0, 1))
def test_dpo_is_its_definition(columns: list[Row], beta: float, smoothing: float) -> None:
    names = ["policy_chosen", "policy_rejected", "ref_chosen", "ref_rejected"]
    given_ = dict(zip(names, columns, strict=True))
    got = solve("dpo-loss", {**given_, "beta": beta, "label_smoothing": smoothing})

    def loss(pc: Row, pr: Row, rc: Row, rr: Row) -> Any:
        ds = [mpmath.mpf(beta) * ((a - c) - (b - d)) for a, b, c, d in zip(pc, pr, rc, rr, strict=True)]
        return -mpmath.fsum((1 - smoothing) * log_sigmoid(d) + smoothing * log_sigmoid(-d) for d in ds) / len(ds)

    with mpmath.workdps(60):
        pc, pr, rc, rr = ([mpmath.mpf(x) for x in column] for column in columns)
        assert got["loss"] == close(float(loss(pc, pr, rc, rr)))
        assert got["grad_policy_chosen"] == close(derivative(lambda x: loss(x, pr, rc, rr), columns[0]))
        assert got["grad_policy_rejected"] == close(derivative(lambda x: loss(pc, x, rc, rr), columns[1]))
    assert got["chosen_rewards"] == close([beta * (a - c) for a, c in zip(columns[0], columns[2], strict=True)])
    assert got["rejected_rewards"] == close([beta * (b - d) for b, d in zip(columns[1], columns[3], strict=True)])


def test_dpo_far_out_and_its_rewards_carry_no_gradient() -> None:
    policy = torch.tensor([-1.0, -1401.0], dtype=torch.float64, requires_grad=True)
    other = torch.tensor([-701.0, -1.0], dtype=torch.float64)
    zero = torch.zeros(2, dtype=torch.float64)
    loss, chosen, rejected = preferences.dpo_loss(policy, other, zero, zero, beta=1.0)
    assert float(loss.detach()) == close(700.0)
    assert not chosen.requires_grad
    assert not rejected.requires_grad


def ipo(pairs: dict[str, list[Row]], masks: list[list[list[int]]], tau: float, average: bool) -> Any:
    """Azar et al. 2023, eq. 17, one token at a time."""
    total = mpmath.mpf(0)
    for b in range(len(masks[0])):
        h = mpmath.mpf(0)
        for side, sign, mask in (("chosen", 1, masks[0][b]), ("rejected", -1, masks[1][b])):
            tokens = [t for t, m in enumerate(mask) if m]
            ratio = mpmath.fsum(pairs[f"{side}_logp"][b][t] - pairs[f"ref_{side}_logp"][b][t] for t in tokens)
            h += sign * (ratio / len(tokens) if average else ratio)
        total += (h - 1 / (2 * mpmath.mpf(tau))) ** 2
    return total / len(masks[0])


SIDES = ["chosen_logp", "rejected_logp", "ref_chosen_logp", "ref_rejected_logp"]


@st.composite
def ipo_inputs(draw: st.DrawFn) -> tuple[dict[str, list[Row]], list[list[list[int]]]]:
    length, size = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    table = st.lists(st.lists(st.floats(-20, 0), min_size=length, max_size=length), min_size=size, max_size=size)
    some = st.lists(st.integers(0, 1), min_size=length, max_size=length).filter(any)
    masks = st.lists(some, min_size=size, max_size=size)
    return {name: draw(table) for name in SIDES}, [draw(masks), draw(masks)]


@quick
@given(ipo_inputs(), st.floats(0.05, 5), st.booleans())
def test_ipo_is_its_definition(drawn: tuple[Any, Any], tau: float, average: bool) -> None:
    pairs, masks = drawn
    inputs = {**pairs, "chosen_mask": masks[0], "rejected_mask": masks[1], "tau": tau, "average": average}
    got = solve("ipo-loss", inputs)
    with mpmath.workdps(60):
        exact = {name: [[mpmath.mpf(x) for x in row] for row in table] for name, table in pairs.items()}
        assert got["loss"] == close(float(ipo(exact, masks, tau, average)))
        for name in ("chosen_logp", "rejected_logp"):
            for b, row in enumerate(pairs[name]):

                def loss(x: Row, name: str = name, b: int = b) -> Any:
                    changed = {**exact, name: [x if i == b else r for i, r in enumerate(exact[name])]}
                    return ipo(changed, masks, tau, average)

                assert got[f"grad_{name}"][b] == pytest.approx(derivative(loss, row), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("average", [False, True])
def test_ipo_sees_nothing_of_masked_positions(average: bool) -> None:
    def run(hidden: float) -> dict[str, Any]:
        tables = {"chosen_logp": [[-1, hidden]], "ref_chosen_logp": [[-2, -hidden]]}
        tables |= {"rejected_logp": [[hidden, -3]], "ref_rejected_logp": [[-hidden, -1]]}
        return solve(
            "ipo-loss", {**tables, "chosen_mask": [[1, 0]], "rejected_mask": [[0, 1]], "tau": 0.5, "average": average}
        )

    got = run(1e308)
    assert got == run(0.0)
    assert got["loss"] == close(4.0)  # h = (−1 + 2) − (−3 + 1) = 3, and 1/(2τ) = 1
    assert got["grad_chosen_logp"] == [[4.0, 0.0]]
    assert got["grad_rejected_logp"] == [[0.0, -4.0]]


def test_ipo_without_masks_counts_every_token_and_averages_if_asked() -> None:
    tables = {"chosen_logp": [[-1, -1]], "rejected_logp": [[-3, -1]], "ref_chosen_logp": [[-2, -2]]}
    inputs = {**tables, "ref_rejected_logp": [[-1, -1]], "tau": 1}
    assert solve("ipo-loss", {**inputs, "average": False})["loss"] == close(12.25)  # h = 2 + 2
    assert solve("ipo-loss", {**inputs, "average": True})["loss"] == close(2.25)  # h = 1 + 1


def test_an_answer_without_tokens_has_no_average() -> None:
    tables = {name: [[-1.0, -2.0], [-1.0, -2.0]] for name in SIDES}
    inputs = {**tables, "chosen_mask": [[1, 1], [0, 0]], "tau": 1}
    assert solve("ipo-loss", {**inputs, "average": False})["loss"] == close((0.25 + 0.25) / 2)
    with pytest.raises(ValueError, match="no average"):
        solve("ipo-loss", {**inputs, "average": True})


PAIR = {"policy_chosen": [-1], "policy_rejected": [-2], "ref_chosen": [-1], "ref_rejected": [-1]}
TOKENS = {name: [[-1.0]] for name in SIDES}


@pytest.mark.parametrize(
    ("solver", "inputs", "says"),
    [
        ("bradley-terry-loss", {"chosen": [1, 2], "rejected": [1]}, "rejected has size 1"),
        ("bradley-terry-loss", {"chosen": [], "rejected": []}, "chosen is empty"),
        ("bradley-terry-loss", {"chosen": [1], "rejected": [float("nan")]}, "rejected holds a number that is not fin"),
        ("bradley-terry-loss", {"chosen": [1], "rejected": [1], "margin": [1, 2]}, "margin has size 2"),
        ("bradley-terry-loss", {"chosen": [1], "rejected": [1], "margin": "wide"}, "margin must be"),
        ("bradley-terry-loss", {"chosen": [-1e308], "rejected": [1e308]}, "result loss is not a finite number"),
        ("dpo-loss", {**PAIR, "beta": -0.1, "label_smoothing": 0}, "beta must be at least 0"),
        ("dpo-loss", {**PAIR, "beta": 0.1, "label_smoothing": 1.5}, "label_smoothing must be"),
        ("dpo-loss", {**PAIR, "beta": 0.1}, "needs label_smoothing"),
        ("ipo-loss", {**TOKENS, "tau": 0, "average": False}, "tau must be more than 0"),
        ("ipo-loss", {**TOKENS, "tau": 1, "average": "yes"}, "average must be true or false"),
        ("ipo-loss", {**TOKENS, "tau": 1, "average": False, "chosen_mask": [[0]]}, "chosen_mask masks everything"),
        ("ipo-loss", {**TOKENS, "tau": 1, "average": False, "rejected_mask": [[1, 1]]}, "rejected_mask has size 2"),
    ],
)
def test_senseless_input_is_refused(solver: str, inputs: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve(solver, inputs)
