"""Domains in words and signs, and the names that declare them."""

from __future__ import annotations

import math

import pytest

from solvers.symbolic.constants import constant
from solvers.symbolic.domains import Domain
from solvers.symbolic.equivalence import equivalent
from solvers.symbolic.symbols import Symbols

INF = math.inf

# text: integer, low, high, low open, high open
PLAIN: dict[str, tuple[bool, float, float, bool, bool]] = {
    "(0, inf)": (False, 0, INF, True, False),
    "(0, ∞)": (False, 0, INF, True, False),
    "[0, 1)": (False, 0, 1, False, True),
    "(-oo, 0]": (False, -INF, 0, False, False),
    "[-1, 1/2]": (False, -1, 0.5, False, False),
    "real": (False, -INF, INF, False, False),
    "(-inf, inf)": (False, -INF, INF, False, False),
    "positive": (False, 0, INF, True, False),
    "negative": (False, -INF, 0, False, True),
    "nonnegative": (False, 0, INF, False, False),
    "non-negative real": (False, 0, INF, False, False),
    "probability": (False, 0, 1, False, False),
    "0 < x < 1": (False, 0, 1, True, True),
    "0 ≤ x ≤ 1": (False, 0, 1, False, False),
    "x in (0, 1)": (False, 0, 1, True, True),
    "x > 0": (False, 0, INF, True, False),
    ">= 0.5": (False, 0.5, INF, False, False),
    "integer": (True, -INF, INF, False, False),
    "integer >= 2": (True, 2, INF, False, False),
    "integer ≥ 2": (True, 2, INF, False, False),
    "an integer > 2": (True, 2, INF, True, False),
    "positive integer": (True, 0, INF, True, False),
    "integer in [2, 5]": (True, 2, 5, False, False),
    "integer from 2 to 5": (True, 2, 5, False, False),
    "integer >= 2, <= 5": (True, 2, 5, False, False),
    "2..5": (True, 2, 5, False, False),
}


def domain(text: str) -> Domain:
    return Symbols({"x": text, "K": "integer >= 2"}).domains["x"]


@pytest.mark.parametrize("text", PLAIN)
def test_intervals(text: str) -> None:
    found = domain(text)
    low = constant(found.low) if found.low is not None else -INF
    high = constant(found.high) if found.high is not None else INF
    assert (found.integer, low, high, found.low_open, found.high_open) == PLAIN[text]
    assert not found.indexed


@pytest.mark.parametrize("text", ["integer in [1, K]", "integer in 1..K", "integer between 1 and K", "1 <= x <= K"])
def test_an_end_may_be_another_symbol(text: str) -> None:
    high = domain(text).high
    assert high is not None
    assert high.text == "K"


def test_families() -> None:
    assert domain("indexed").indexed
    assert domain("indexed").anything
    assert domain("indexed (0, 1)").never_negative
    assert domain("distribution").distribution


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1",
        "x",
        "complex",
        "(1, 0)",
        "(1, 1)",
        "(0)",
        "[0, 1",
        "integer in (2, 3)",
        "integer in [2.5, 2.9]",
        "(inf, 0)",
        "(0, 1) U (2, 3)",
        "(0, 9^9^9^9)",
        "(log(-1), 2)",
        "[1, sum_{i=1..inf} 1/i]",
        "[z, 1]",
        "a",
        "= 3",
        "x" * 500,
        "é",
        "\x00",
    ],
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="of x") as caught:
        domain(text)
    assert str(caught.value).endswith((".", "?"))


def test_names() -> None:
    declared = {"β": "real", "pi_{ref}": "real", "class": "real", "R[i]": "real", "pi(y_w|x)": "(0, 1)", "y_w": "real"}
    symbols = Symbols(declared)
    assert set(symbols.domains) == {"beta", "pi_ref", "class", "R", "pi", "y_w"}
    assert symbols.is_family("R")
    assert symbols.is_family("pi")
    assert Symbols({"R_i": "indexed"}).is_family("R")
    assert Symbols({"lam": "real"}).find("lambda") == "lam"


@pytest.mark.parametrize("name", ["", "x y", "1x", "__class__", "_x", "x'", "х", "x+y", "a" * 300, "x\x00"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Symbols({name: "real"})


def test_too_many_symbols_are_refused() -> None:
    with pytest.raises(ValueError, match="symbols"):
        Symbols({f"x{i}": "real" for i in range(1000)})


def test_no_domain_depends_on_itself() -> None:
    for symbols in ({"R": "indexed [0, R(1)]"}, {"R": "indexed [0, x]", "x": "[0, R(1)]"}):
        with pytest.raises(ValueError, match="depends on itself"):
            equivalent("R(1)", "R(2)", symbols)
