"""JSON in front of `equivalent`. Here and not in solvers.problems, which imports torch."""

from __future__ import annotations

import dataclasses
from typing import Any

from solvers.symbolic import equivalence
from solvers.symbolic.tree import Unreadable


def equivalent(a: Any, b: Any, symbols: Any) -> dict[str, Any]:
    """a, b: expressions as typed in a derivation; symbols: {name: domain}."""
    for name, text in (("a", a), ("b", b)):
        if not isinstance(text, str):
            raise ValueError(f"{name} must be an expression as text, such as (x + 1)^2.")
    if not isinstance(symbols, dict):
        raise ValueError('symbols must be an object of names and domains, such as {"x": "real", "K": "integer >= 2"}.')
    try:
        result = equivalence.equivalent(a, b, symbols)
    except Unreadable as problem:
        raise ValueError(str(problem)) from None
    witness = dataclasses.asdict(result.witness) if result.witness is not None else None
    return {"verdict": result.verdict, "witness": witness, "proved": result.proved}
