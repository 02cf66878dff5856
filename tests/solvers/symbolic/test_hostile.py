"""Whatever is typed is answered within a second, with a verdict or with one sentence, and nothing is ever run."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.symbolic.equivalence import equivalent
from solvers.symbolic.prover import PROVER
from solvers.symbolic.tree import Unreadable

SYMBOLS = {
    "x": "real",
    "y": "(0, inf)",
    "K": "integer >= 2",
    "R": "indexed",
    "z": "indexed",
    "gamma": "[0, 1)",
    "eps": "(0, 1)",
}
LINES = [line for line in (Path(__file__).parent / "hostile.txt").read_text("utf-8").splitlines() if line[:2] != "# "]
LONG = [
    *(opening * n + "x" + closing * n for n in (50, 199, 1000) for opening, closing in ("()", "[]", "{}")),
    *(
        function * n + "x" + ")" * n
        for n in (30, 60, 1000)
        for function in ("exp(", "sqrt(", "max(x,", "log(1+", "R(", "E_pi[")
    ),
    *(part * n + "x" for n in (199, 50_000) for part in ("x+", "x*", "x^", "x/", "-", "x ", "sum_i ", "2^", "1/(")),
    *("sum_{a=1..2000} " * n + "x" for n in (1, 2, 3, 20)),
    *("sum_{a=1..K} " * n + "x" for n in (6, 20)),
    *("Var_pi[" * n + "R(a)" + "]" * n for n in (3, 8, 12)),
    "\\frac{x}{y}" * 30,
    "logsumexp(z)" * 30,
    "R_{" * 100 + "1" + "}" * 100,
    "1" * 400,
    "x" * 100_000,
    "x" + "\u0301" * 300,
]
TEXTS = [json.loads(f'"{line}"') for line in LINES] + LONG
# Names that would do harm if text reached eval, SymPy's parser or a shell.
NAMES = [
    "__import__",
    "os.system",
    "lambda",
    "exec",
    "x; import os",
    "__class__.__mro__",
    "S",
    "I",
    "E",
    "N",
    "Q",
    "$(ls)",
]


def answer(a: Any, b: Any, symbols: Any) -> tuple[str, float]:
    """The verdict, or the sentence, and the seconds it took."""
    start = time.perf_counter()
    try:
        said = solve("equivalent", {"a": a, "b": b, "symbols": symbols})["verdict"]
        assert said in ("equal", "different", "undecided")
    except ValueError as problem:
        said = str(problem)
        assert "\n" not in said
        assert len(said) < 400
        assert said.endswith((".", "?"))
    return said, time.perf_counter() - start


@pytest.fixture(scope="module", autouse=True)
def _started() -> None:
    """The parser is made, and the process that proves has imported SymPy, before any clock runs."""
    answer("x", "y", SYMBOLS)
    assert PROVER.proves("x + y + x", "2x + y", {"x": "real", "y": "real"}, 30)


def test_there_are_enough() -> None:
    assert len(set(TEXTS)) >= 300


@pytest.mark.parametrize("text", TEXTS, ids=[repr(text[:40]) for text in TEXTS])
def test_every_text_is_answered_within_a_second(text: str) -> None:
    for a, b in ((text, "x"), (text, text)):
        said, seconds = answer(a, b, SYMBOLS)
        assert seconds < 1, said


def test_numbers_without_a_value_are_never_called_different() -> None:
    for text in (
        "9^(9^(9 x/x))",
        "exp(exp(exp(exp(x^2+9))))",
        "1/(x-x)",
        "log(-1-x^2)",
        "sum_{i=1..inf} i",
        "0^(-x^2)",
    ):
        assert answer(text, "x + 1", SYMBOLS)[0] == "undecided"


@pytest.mark.parametrize("name", NAMES)
def test_names_are_only_names(name: str) -> None:
    for symbols in ({name: "real"}, {"x": name}, {name: name}):
        assert answer(name, "x", symbols)[1] < 1
        assert answer(f"{name}(x)", f"{name} + 0", symbols)[1] < 1


def test_nothing_is_run(tmp_path: Path) -> None:
    target = tmp_path / "made"
    code = f"__import__('os').mkdir({str(target)!r})"
    for text in (code, code.replace("'", '"'), f"x.{code}", f"({code})", f"eval({code!r})", f"lambda: {code}"):
        answer(text, "x", {"x": "real"})
        answer("x", "x + 0", {text: "real"})
        answer("x", "x + 0", {"x": text})
    assert not os.path.exists(target)


def test_what_is_no_text_is_refused() -> None:
    for value in (None, 1, 1.5, [], {}, ["x"], b"x", True):
        assert "text" in answer(value, "x", {"x": "real"})[0]
        assert "text" in answer("x", "x", {"x": value})[0]
    for value in (None, 1, "x", ["x"]):
        assert "object" in answer("x", "x", value)[0]


ALPHABET = [
    *list("xyKRz0123456789.+-*/^()[]{}|_,=<>~ \\'\"!√∑π²βа"),
    *(
        "sum_{i=1..K} ",
        "sum(",
        "prod_",
        "max_",
        "E_pi[",
        "exp(",
        "log ",
        "softmax(z)_",
        "clip(",
        "1[",
        "\\frac{",
        "pi(",
        "gamma",
    ),
    *("R_i", "R_{", "z[", "^(9^9)", "inf", "..", "eps", "K-1"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(ALPHABET), max_size=40), st.lists(st.sampled_from(ALPHABET), max_size=12))
def test_any_mixture_is_answered(a: list[str], b: list[str]) -> None:
    for one, other in (("".join(a), "".join(b)), ("".join(a), "x")):
        start = time.perf_counter()
        with contextlib.suppress(Unreadable):
            equivalent(one, other, SYMBOLS, prove=False)
        assert time.perf_counter() - start < 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=20))
def test_any_text_is_answered(a: str, name: str, domain: str) -> None:
    answer(a, "x", {"x": "real", name: domain})
    answer("x", "x", {name: domain})
