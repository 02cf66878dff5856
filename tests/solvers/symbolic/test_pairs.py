"""Pairs of expressions and the verdict on them, decided by hand in pairs.txt: rewrites, near misses, hidden traps."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from solvers.symbolic.equivalence import equivalent

USUAL = {
    **dict.fromkeys(("x", "y", "A", "b", "c", "d"), "real"),
    **dict.fromkeys(("R", "z", "V", "Q", "r", "f", "G"), "indexed"),
    "beta": "(0, inf)",
    "gamma": "[0, 1)",
    "lam": "[0, 1]",
    "eps": "(0, 1)",
    "rho": "(0, inf)",
    "p": "(0, 1)",
    "q": "(0, 1)",
    "K": "integer >= 2",
    "i": "integer >= 1",
    "T": "integer >= 1",
}


def _pairs() -> list[tuple[str, str, str, dict[str, str]]]:
    pairs = []
    for line in (Path(__file__).parent / "pairs.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            # a lone | within an expression, as in pi(a|s), has no spaces around it
            verdict, a, b, *more = line.split(" | ")
            declared = dict(part.split(": ") for part in more[0].split("; ")) if more else {}
            pairs.append((verdict, a, b, declared))
    return pairs


PAIRS = _pairs()


def test_there_are_enough_of_each_kind() -> None:
    verdicts = [verdict for verdict, *_ in PAIRS]
    assert len(PAIRS) >= 200
    assert min(verdicts.count("equal"), verdicts.count("different")) >= 75


@pytest.mark.parametrize(("verdict", "a", "b", "declared"), PAIRS, ids=[f"{a} | {b}" for _, a, b, _ in PAIRS])
def test_verdict(verdict: str, a: str, b: str, declared: dict[str, str]) -> None:
    symbols = {**USUAL, **declared}
    for one, other in ((a, b), (b, a)):
        result = equivalent(one, other, symbols, prove=False)
        assert result.verdict == verdict
        if verdict == "different":
            assert result.witness is not None
            assert math.isclose(
                result.witness.a - result.witness.b, result.witness.difference, rel_tol=1e-6, abs_tol=1e-6
            )
            assert result.witness.difference != 0
        else:
            assert result.witness is None
