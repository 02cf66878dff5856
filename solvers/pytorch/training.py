"""Training mechanics: the canonical loop, gradient accumulation, freezing, checkpoints."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]


def train(
    model: nn.Module,
    batches: Callable[[], Iterable[tuple[Tensor, Tensor]]],
    loss_function: Loss,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    max_grad_norm: float | None = None,
    schedule: Callable[[int], float] | None = None,
) -> list[float]:
    """The canonical loop: forward, zero_grad, backward, clip, step; the loss of every step.

    batches() gives one epoch's (inputs, targets), moved here to where the model is; schedule(step): the learning rate.
    """
    device = next(model.parameters()).device
    losses: list[float] = []
    model.train()
    for _ in range(epochs):
        for inputs, targets in batches():
            if schedule is not None:
                for group in optimizer.param_groups:
                    group["lr"] = schedule(len(losses))
            loss = loss_function(model(inputs.to(device)), targets.to(device))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if max_grad_norm is not None:
                nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm)
            optimizer.step()
            losses.append(float(loss.detach()))
    return losses


@torch.no_grad()
def evaluate(model: nn.Module, inputs: Tensor, targets: Tensor, loss_function: Loss) -> float:
    """The loss in eval mode without a graph; the model is left in the mode it was in."""
    was_training = model.training
    model.eval()
    loss = float(loss_function(model(inputs), targets))
    model.train(was_training)
    return loss


def gradients(model: nn.Module) -> dict[str, Tensor]:
    """A copy of every gradient there is, by parameter name."""
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def accumulated_gradients(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss_function: Loss, micro_batch: int, weighted: bool = True
) -> dict[str, Tensor]:
    """Gradients collected over micro-batches of a batch, for a loss that is a mean over rows.

    `weighted`: each micro-batch counts by its share of the rows, and the result is the whole batch's gradient. Not
    weighted: each loss is divided by the number of micro-batches, which is right only if all are equally large (the
    mistake that token means of unequal lengths made in transformers until 2024).
    """
    model.zero_grad()
    parts = list(zip(torch.split(inputs, micro_batch), torch.split(targets, micro_batch), strict=True))
    for some_inputs, some_targets in parts:
        share = len(some_inputs) / len(inputs) if weighted else 1 / len(parts)
        (share * loss_function(model(some_inputs), some_targets)).backward()  # type: ignore[no-untyped-call]
    return gradients(model)


def freeze(module: nn.Module, *prefixes: str) -> list[str]:
    """requires_grad off for parameters whose name begins with a prefix; the names of those that still learn.

    ValueError for a prefix that fits none: a misspelt name would silently train everything.
    """
    names = [name for name, _ in module.named_parameters()]
    for prefix in prefixes:
        if not any(name.startswith(prefix) for name in names):
            raise ValueError(f"No parameter's name begins with {prefix}.")
    for name, parameter in module.named_parameters():
        if name.startswith(prefixes):
            parameter.requires_grad_(False)
    return [name for name, parameter in module.named_parameters() if parameter.requires_grad]


def save_checkpoint(model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> bytes:
    """What it takes to go on as if nothing had happened: weights and buffers, the optimizer's state, the step."""
    buffer = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, buffer)
    return buffer.getvalue()


def load_checkpoint(checkpoint: bytes, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Fill model and optimizer from `save_checkpoint`, onto the model's device; the step.

    weights_only: reading a checkpoint must not run code from it.
    """
    device = next(model.parameters()).device
    state: dict[str, Any] = torch.load(io.BytesIO(checkpoint), map_location=device, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
