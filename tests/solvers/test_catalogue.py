"""Every solver of the table: its inputs, its outputs, and nonsense met with one sentence."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import math
from pathlib import Path
from typing import Any

import pytest

from solvers.catalogue import SOLVERS, UnknownSolver, solve

# name: (every input that the table of the command line names, every output)
EXAMPLES: dict[str, tuple[dict[str, Any], str]] = {
    name: (inputs, outputs)
    for name, (inputs, outputs) in json.loads(Path(__file__).with_name("examples.json").read_text("utf-8")).items()
}
MAY_BE_NULL = {
    *((name, key) for name, (inputs, _) in EXAMPLES.items() for key in inputs if key.endswith("mask")),
    ("value-loss", "clip_range"),
    ("ppo-objective", "value_clip"),
    ("grpo-loss", "max_length"),
    ("bradley-terry-loss", "margin"),
    ("exact-policy-gradient", "baseline"),
    ("baseline-variance", "constant"),
    ("baseline-variance", "history"),
    ("off-policy-ppo-loss", "weight_cap"),
    ("grpo-variant-loss", "max_length"),
    ("cispo-loss", "clip_low"),
    ("cispo-loss", "max_length"),
    *(("sampling-distribution", key) for key in ("top_k", "top_p", "min_p")),
    ("baird", "w0"),
    ("gpt-parameters", "n_inner"),
}
MAY_BE_LEFT_OUT = MAY_BE_NULL | {
    ("grpo-advantages", "std"),
    ("grpo-advantages", "eps"),
    ("behavioural-cloning", "smoothing"),
    ("learned-model-planning", "untried_value"),
    ("orm-loss", "scored"),
}
# Parts of a transition that a solver does not look at.
NOT_READ = {"td0": ("a", "a2"), "q-learning": ("a2",), "expected-sarsa": ("a2",), "double-q-learning": ("a2",)}

# Nonsense as a whole input, whatever the input is.
NONSENSE: list[Any] = [
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    -(10**400),
    "nonsense",
    "",
    "1",
    [],
    [[]],
    [[], [1]],
    {},
    {"a": 1},
    [[1, 2], [3]],
    [[[1], [2]], [[3, 4], [5, 6]]],
    [math.nan],
    [[math.inf]],
    ["1"],
    [None],
    [[None, 1]],
    [[[[[[1]]]]]],
    [10**400],
    [{}],
]
# What is nonsense elsewhere but not there: an expression may be a plain number.
MAKES_SENSE = [("equivalent", "a", "1"), ("equivalent", "b", "1")]
# Nonsense in the place of one number inside an input.
HOSTILE: list[Any] = [math.nan, math.inf, -math.inf, 10**400, "1", "", None, [], [1], {}, {"s": 1}]
# Values that some inputs allow: refused or computed, but never anything else.
DOUBTFUL: list[Any] = [None, True, False, 0, -1, 0.5, 1, 3, 1e308, -1e308, 5e-324, 2**63, [0], [[0]], [True], [1e308]]

INPUTS = [(name, key) for name, (inputs, _) in EXAMPLES.items() for key in inputs]


def refused(name: str, inputs: Any) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at below
        solve(name, inputs)
    sentence = str(caught.value)
    assert type(caught.value) in (ValueError, UnknownSolver)
    assert_one_sentence(sentence)
    return sentence


def assert_one_sentence(sentence: str) -> None:
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    assert len(sentence) < 400


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to the first few scalars inside nested lists and objects."""
    if isinstance(value, dict):
        return [p for key, inner in value.items() for p in places(inner, (*path, key))[:1]]
    if isinstance(value, list):
        return places(value[0], (*path, 0)) + (places(value[-1], (*path, -1)) if len(value) > 1 else [])
    return [path]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], by)
    return changed


def test_there_is_an_example_of_every_solver() -> None:
    assert set(EXAMPLES) == set(SOLVERS)


@pytest.mark.parametrize("name", SOLVERS)
def test_names_of_inputs_and_outputs(name: str) -> None:
    inputs, outputs = EXAMPLES[name]
    module, _, attribute = SOLVERS[name][0].partition(":")
    parameters = inspect.signature(getattr(importlib.import_module(module), attribute)).parameters
    assert set(parameters) == set(inputs)
    optional = {p.name for p in parameters.values() if p.default is not p.empty}
    assert {(name, key) for key in optional} == {pair for pair in MAY_BE_LEFT_OUT if pair[0] == name}
    result = solve(name, inputs)
    assert set(result) == set(outputs.split())
    assert json.loads(json.dumps(result, allow_nan=False)) == result


@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_null_and_nothing(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    without = {k: v for k, v in inputs.items() if k != key}
    aggregation = {"aggregation": "token-mean"} if key == "max_length" and "aggregation" in inputs else {}
    if (name, key) in MAY_BE_NULL:
        assert solve(name, {**inputs, **aggregation, key: None}) == solve(name, {**without, **aggregation})
    else:
        refused(name, {**inputs, key: None})
    if (name, key) not in MAY_BE_LEFT_OUT:
        assert key in refused(name, without)


@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_nonsense_is_refused_with_one_sentence(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    for value in NONSENSE:
        if (name, key, value) not in MAKES_SENSE:
            refused(name, {**inputs, key: value})
    for path in places(inputs[key]):
        for value in HOSTILE:
            if path and path[-1] not in NOT_READ.get(name, ()):
                refused(name, {**inputs, key: replaced(inputs[key], path, value)})


@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_what_is_doubtful_is_computed_or_refused_but_nothing_else(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    candidates = [*DOUBTFUL, *(replaced(inputs[key], path, v) for path in places(inputs[key]) for v in DOUBTFUL)]
    for value in candidates:
        try:
            result = solve(name, {**inputs, key: value})
        except ValueError as problem:
            assert_one_sentence(str(problem))
        else:
            json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(("name", "key"), [pair for pair in INPUTS if pair[1].endswith("mask")])
def test_a_mask_of_zeros_is_refused(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    zeros = [[0] * len(row) for row in inputs[key]]
    assert "mask" in refused(name, {**inputs, key: zeros})


def test_an_unknown_solver_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownSolver, match="did you mean grpo-advantages"):
        solve("grpo-advantage", {})
    assert "--list" in refused("zzz", {})
    for name in (None, 3, [], {}):
        assert "name" in refused(name, {})  # type: ignore[arg-type]


def test_unknown_inputs_are_met_with_the_nearest_or_with_all() -> None:
    assert "did you mean gamma?" in refused("discounted-returns", {"rewards": [1], "gama": 1})
    assert "rewards, gamma" in refused("discounted-returns", {"rewards": [1], "gamma": 1, "zzz": 1})
    for inputs in ([], None, "text", 3, [1]):
        assert "object" in refused("discounted-returns", inputs)


def test_a_result_that_is_not_finite_is_an_error() -> None:
    assert "finite" in refused("discounted-returns", {"rewards": [1e308, 1e308], "gamma": 1})
    assert "finite" in refused("kl-estimate", {"logp": [-2000], "ref_logp": [0], "estimator": "k3"})


def test_negative_zero_is_printed_as_zero() -> None:
    assert math.copysign(1, solve("discounted-returns", {"rewards": [-0.0], "gamma": 1})["returns"][0]) == 1
