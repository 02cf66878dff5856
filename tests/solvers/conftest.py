"""The libraries that people train with, as independent references. What they warn of at import is no fault of ours."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest


def quietly(module: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(module)


@pytest.fixture
def rlax() -> Iterator[Any]:
    """rlax in float64, with `jax` and `array` beside its functions."""
    jax = quietly("jax")
    with jax.enable_x64(True):
        yield SimpleNamespace(jax=jax, array=jax.numpy.asarray, **vars(quietly("rlax")))


@pytest.fixture(scope="session")
def torchrl_values() -> Any:
    return quietly("torchrl.objectives.value.functional")


@pytest.fixture(scope="session")
def transformers() -> Any:
    return quietly("transformers")
