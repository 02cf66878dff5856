"""Moving between devices; the meta device stands in for a second one where there is none."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from solvers.pytorch.devices import best_device, device_of, moved, to_returns_itself


class Pair(NamedTuple):
    first: torch.Tensor
    second: int


def test_everything_in_a_batch_moves_and_the_rest_stays() -> None:
    batch = {"ids": torch.zeros(2), "pair": Pair(torch.ones(1), 3), "list": [torch.ones(1), ("x", torch.ones(1))]}
    there = moved(batch, "meta")
    assert there["ids"].device.type == there["pair"].first.device.type == there["list"][1][1].device.type == "meta"
    assert (there["pair"].second, there["list"][1][0], type(there["pair"])) == (3, "x", Pair)
    assert batch["ids"].device.type == "cpu"  # type: ignore[attr-defined]


def test_modules_move_in_place_and_tensors_do_not() -> None:
    assert to_returns_itself("cpu") == {"module": True, "tensor": True, "tensor, other dtype": False}
    layer = nn.Linear(1, 1)
    layer.to("meta")
    assert device_of(layer).type == "meta"


def test_the_best_device_is_one_that_computes() -> None:
    device = best_device()
    assert float((torch.ones(2, device=device) + 1).sum()) == 4
    assert device.type == ("cuda" if torch.cuda.is_available() else device.type)
