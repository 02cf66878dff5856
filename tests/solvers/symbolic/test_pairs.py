"""Pairs of expressions and the verdict on them, decided by hand in pairs*.txt: rewrites, near misses, hidden traps."""

from __future__ import annotations

import math
import re
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


def _pairs(name: str) -> list[tuple[str, str, str, dict[str, str]]]:
    pairs = []
    for line in (Path(__file__).parent / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            # a lone | within an expression, as in pi(a|s), has no spaces around it
            verdict, a, b, *more = line.split(" | ")
            declared = dict(part.split(": ") for part in more[0].split("; ")) if more else {}
            pairs.append((verdict, a, b, declared))
    return pairs


PAIRS = _pairs("pairs.txt")
MORE = [*_pairs("pairs_routes.txt"), *_pairs("pairs_spellings.txt")]


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


@pytest.mark.parametrize(("verdict", "a", "b", "declared"), MORE, ids=[f"{a} | {b}" for _, a, b, _ in MORE])
def test_verdict_on_more(verdict: str, a: str, b: str, declared: dict[str, str]) -> None:
    assert equivalent(a, b, {**USUAL, **declared}, prove=False).verdict == verdict


# What slips of the pen and of thought do to a right line, each as (what stands there, what is written instead).
SLIPS = [
    *(
        (r" \+ ", " - "),
        (r" - ", " + "),
        (r"-", ""),
        (r"\*", ""),
        (r"/", "*"),
        (r"\^2", ""),
        (r"\b1\b", "2"),
        (r"\b2 ?", "3 "),
    ),
    *((r"\blog\b", "exp"), (r"\bexp\b", "log"), (r"\bmin\b", "max"), (r"\bmax\b", "min"), (r"sigmoid", "tanh")),
    *(
        (r"K-1", "K"),
        (r"T-1", "T"),
        (r"\.\.K", "..K-1"),
        (r"=1\.\.", "=0.."),
        (r"l\+1", "l"),
        (r"/K", "/(K-1)"),
        (r"\^T", "^(T-1)"),
    ),
    *(
        (r"y_w", "y_l"),
        (r"y_l", "y_w"),
        (r"pi_ref", "pi"),
        (r"E_pi", "E_mu"),
        (r"R_i", "R_j"),
        (r"R_j", "R_i"),
        (r"p log", "q log"),
    ),
    *((r"\bgamma\b", "lam"), (r"\bbeta\b", ""), (r"1-eps", "1+eps"), (r"softmax", "log_softmax"), (r"\bx\b", "y")),
]


def _slips() -> list[tuple[str, str, dict[str, str]]]:
    found = []
    for verdict, a, b, declared in PAIRS:
        for pattern, instead in SLIPS if verdict == "equal" else ():
            for match in list(re.finditer(pattern, b))[:2]:
                found.append((a, b[: match.start()] + instead + b[match.end() :], declared))
    return found


def test_no_slip_is_accepted() -> None:
    decided = 0
    for a, b, declared in _slips():
        try:
            verdict = equivalent(a, b, {**USUAL, **declared}, prove=False).verdict
        except ValueError:
            continue  # the slip has made it unreadable
        assert verdict != "equal", (a, b)
        decided += verdict == "different"
    assert decided > 300
