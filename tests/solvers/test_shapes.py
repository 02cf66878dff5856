"""The door: what is turned away, and what comes in as what."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from solvers.shapes import Dims, choice, flag, number, whole


@pytest.mark.parametrize(
    ("value", "dims", "says"),
    [
        ([[1, 2], [3]], "B T", "ragged"),
        ([[[1], [2]], [[3, 4], [5, 6]]], "B T V", "ragged"),
        ([], "T", "empty"),
        ([[], []], "B T", "empty"),
        ([[1], []], "B T", "ragged"),
        ([1, [2]], "T", "nested"),
        ([[1], 2], "B T", "nested"),
        ([1, 2], "B T", "nested 2 deep"),
        ([[1, 2]], "T", "nested"),
        (3, "T", "nested 1 deep"),
        ("12", "T", "lists"),
        ({"a": 1}, "T", "lists"),
        (None, "T", "lists"),
        (["1"], "T", "numbers"),
        ([None], "T", "numbers"),
        ([True], "T", "numbers"),
        ([10**400], "T", "float64"),
        ([math.nan], "T", "finite"),
        ([-math.inf], "T", "finite"),
    ],
)
def test_lists_that_are_no_tensor(value: Any, dims: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"^rewards .*{says}"):
        Dims().real("rewards", value, dims)


def test_sizes_must_agree_across_arguments() -> None:
    dims = Dims()
    assert dims.real("rewards", [[1, 2, 3]], "N T").dtype == torch.float64
    with pytest.raises(ValueError, match="values has size 2 along N, but 1 is needed"):
        dims.real("values", [1, 2], "N")
    with pytest.raises(ValueError, match=r"values has size 3 along T\+1, but 4 is needed"):
        dims.real("values", [1, 2, 3], "T+1")
    with pytest.raises(ValueError, match="too short"):
        Dims().real("values", [1], "T+1")


def test_integers_beyond_64_bits_come_in_as_floats() -> None:
    assert Dims().real("rewards", [10**30], "T").tolist() == [1e30]


def test_masks() -> None:
    dims = Dims()
    like = dims.real("logits", [[[1.0, 2.0], [3.0, 4.0]]], "B T V")
    assert dims.mask("mask", None, "B T", like).tolist() == [[1, 1]]
    assert dims.mask("mask", [[True, False]], "B T", like).tolist() == [[1, 0]]
    for wrong in ([[0, 0]], [[0.5, 1]], [[1]], [1, 1], [[2, 1]]):
        with pytest.raises(ValueError, match=r"^mask "):
            dims.mask("mask", wrong, "B T", like)


def test_indices_are_not_looked_at_where_the_mask_is_0() -> None:
    mask = torch.tensor([1.0, 0.0])
    assert Dims().index("tokens", [2, -100], "T", 3, mask).tolist() == [2, 0]
    for wrong in ([3, 0], [-1, 0], [0.5, 0], [1e300, 0]):
        with pytest.raises(ValueError, match=r"^tokens "):
            Dims().index("tokens", wrong, "T", 3, mask)


@pytest.mark.parametrize("value", [math.nan, math.inf, "1", None, True, [1], 10**400, {}])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^gamma must be one finite number"):
        number("gamma", value)
    with pytest.raises(ValueError, match=r"^n must be a whole number"):
        whole("n", value, 1)


def test_bounds() -> None:
    assert number("gamma", 1, 0, 1) == 1.0
    assert whole("n", 2.0, 1, 2) == 2
    for low, high, value in ((0, 1, 1.01), (0, 1, -0.01)):
        with pytest.raises(ValueError, match="gamma must be at least 0 and at most 1"):
            number("gamma", value, low, high)
    with pytest.raises(ValueError, match="more than 0"):
        number("tau", 0, 0, open_low=True)
    for value in (0, 3):
        with pytest.raises(ValueError, match="from 1 to 2"):
            whole("n", value, 1, 2)
    with pytest.raises(ValueError, match="whole"):
        whole("n", 1.5, 1)


def test_choices_and_flags() -> None:
    assert choice("std", "none", ("sample", "none")) == "none"
    for wrong in ("None", 1, None, ["none"]):
        with pytest.raises(ValueError, match="std must be one of sample, none"):
            choice("std", wrong, ("sample", "none"))
    assert [flag("average", v) for v in (True, False, 1, 0)] == [True, False, True, False]
    for other in (2, "true", None, [], math.nan):
        with pytest.raises(ValueError, match="average must be true or false"):
            flag("average", other)
