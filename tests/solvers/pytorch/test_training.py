"""The loop, accumulation, freezing and checkpoints against the same done step by step."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from solvers.pytorch.modules import sequential
from solvers.pytorch.training import (
    accumulated_gradients,
    evaluate,
    freeze,
    gradients,
    load_checkpoint,
    save_checkpoint,
    train,
)


def model(seed: int = 0) -> nn.Sequential:
    return sequential([3, 8, 1], torch.Generator().manual_seed(seed))


def data(rows: int = 10) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(rows, 3, generator=generator, dtype=torch.float64)
    return x, x.prod(-1, keepdim=True)


def test_the_loop_is_forward_backward_step() -> None:
    x, y = data()
    ours, theirs = model(), model()
    schedule = [0.1, 0.05, 0.2, 0.1]
    losses = train(
        ours, lambda: [(x[:5], y[:5]), (x[5:], y[5:])], nn.MSELoss(), torch.optim.SGD(ours.parameters(), 9.0),
        epochs=2, max_grad_norm=0.5, schedule=schedule.__getitem__,
    )  # fmt: skip
    for step, lr in enumerate(schedule):
        part = slice(5 * (step % 2), 5 * (step % 2) + 5)
        loss = (theirs(x[part]) - y[part]).square().mean()
        assert losses[step] == pytest.approx(float(loss.detach()), rel=1e-12)
        grads = torch.autograd.grad(loss, list(theirs.parameters()))
        norm = float(torch.cat([g.flatten() for g in grads]).norm())
        with torch.no_grad():
            for parameter, grad in zip(theirs.parameters(), grads, strict=True):
                parameter -= lr * min(1.0, 0.5 / (norm + 1e-6)) * grad
    assert all(
        torch.allclose(a, b, rtol=0, atol=1e-12) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True)
    )


@pytest.mark.parametrize("micro", [1, 3, 4, 5, 10])
def test_weighted_accumulation_is_the_big_batch(micro: int) -> None:
    x, y = data()
    small, big = model(), model()
    got = accumulated_gradients(small, x, y, nn.MSELoss(), micro)
    nn.MSELoss()(big(x), y).backward()
    want = gradients(big)
    assert got.keys() == want.keys()
    assert all(torch.allclose(got[name], want[name], rtol=0, atol=1e-12) for name in want)
    unweighted = accumulated_gradients(small, x, y, nn.MSELoss(), micro, weighted=False)
    same = all(torch.allclose(unweighted[name], want[name], rtol=0, atol=1e-9) for name in want)
    assert same == (10 % micro == 0)


def test_what_is_frozen_rests() -> None:
    x, y = data()
    net = model()
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    assert freeze(net, "0.") == ["2.weight", "2.bias"]
    train(net, lambda: [(x, y)], nn.MSELoss(), torch.optim.AdamW(net.parameters(), 0.1, weight_decay=0.5), epochs=3)
    moved = {name for name, p in net.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {"2.weight", "2.bias"}  # not even weight decay moves the others
    with pytest.raises(ValueError, match=r"begins with head"):
        freeze(net, "head")


def test_evaluation_uses_eval_mode_and_leaves_the_mode_alone() -> None:
    net = nn.Sequential(nn.Dropout(0.9), nn.Flatten(0))
    x = torch.ones(50, 1, dtype=torch.float64)
    for mode in (True, False):
        net.train(mode)
        assert evaluate(net, x, torch.ones(50, dtype=torch.float64), nn.MSELoss()) == 0
        assert net.training == mode


@pytest.mark.parametrize("make", [torch.optim.Adam, lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)])
def test_a_run_that_was_saved_and_loaded_goes_on_as_if_nothing_had_happened(make: Any) -> None:
    x, y = data()
    straight = model()
    optimizer = make(straight.parameters())
    train(straight, lambda: [(x, y)], nn.MSELoss(), optimizer, epochs=3)
    saved = save_checkpoint(straight, optimizer, 3)
    losses = train(straight, lambda: [(x, y)], nn.MSELoss(), optimizer, epochs=4)

    resumed = model(seed=9)
    fresh = make(resumed.parameters())
    assert load_checkpoint(saved, resumed, fresh) == 3
    assert train(resumed, lambda: [(x, y)], nn.MSELoss(), fresh, epochs=4) == losses

    forgetful = model(seed=9)  # weights without the optimizer's state go elsewhere
    load_checkpoint(saved, forgetful, make(forgetful.parameters()))
    assert train(forgetful, lambda: [(x, y)], nn.MSELoss(), make(forgetful.parameters()), epochs=4) != losses


def test_a_checkpoint_of_another_shape_is_refused() -> None:
    net = model()
    other = sequential([3, 7, 1], torch.Generator().manual_seed(0))
    saved = save_checkpoint(net, torch.optim.Adam(net.parameters()), 0)
    with pytest.raises(RuntimeError, match="size mismatch"):
        load_checkpoint(saved, other, torch.optim.Adam(other.parameters()))
