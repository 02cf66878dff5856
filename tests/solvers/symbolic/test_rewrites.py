"""Random rewrites of random expressions are equal; random mutations are what exact fractions say they are."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solvers.symbolic.equivalence import equivalent

SYMBOLS = {"x": "real", "y": "(0, inf)", "p": "(0, 1)", "K": "integer >= 2", "R": "indexed"}
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

# An expression of our own, apart from the code under test: a name, a number, or an operation with its arguments.
Made = Any
LEAVES = st.sampled_from(["x", "y", "p", "K", 1, 2, 3, "R_1", "R_2"])


def _grow(inner: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    return st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/"]), inner, inner),
        st.tuples(st.just("^"), inner, st.sampled_from([2, 3])),
        st.tuples(st.just("sum"), inner),  # of inner * i over i = 1 .. K
    )


RATIONAL = st.recursive(LEAVES, _grow, max_leaves=7)


def text(made: Made) -> str:
    if not isinstance(made, tuple):
        return str(made)
    op, *args = made
    if op == "sum":
        return f"sum_{{i=1..K}} (i ({text(args[0])}))"
    if op in ("exp", "log", "neg"):
        return f"{'-' if op == 'neg' else op}({text(args[0])})"
    return f"({text(args[0])}) {op} ({text(args[1])})"


def exact(made: Made, point: dict[str, Fraction]) -> Fraction:
    """Its value in exact fractions; ZeroDivisionError where it has none."""
    if isinstance(made, int):
        return Fraction(made)
    if isinstance(made, str):
        return point[made]
    op, *args = made
    values = [exact(arg, point) for arg in args]
    if op == "sum":
        return values[0] * sum(range(1, int(point["K"]) + 1))
    if op == "neg":
        return -values[0]
    one, other = values
    if op == "^":
        return Fraction(one ** int(other))
    return {"+": one + other, "-": one - other, "*": one * other}[op] if op != "/" else one / other


def points(draw: Any, count: int) -> list[dict[str, Fraction]]:
    fraction = st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=97)
    found = []
    for _ in range(count):
        values = {name: draw(fraction) for name in ("p", "y", "x", "R_1", "R_2")}
        found.append(
            {**values, "x": values["x"] * 7 - 3, "R_1": values["R_1"] * 5 - 2, "K": Fraction(draw(st.integers(2, 7)))}
        )
    return found


def anywhere(made: Made, change: Any, draw: Any) -> Made:
    """`made` with `change` applied to one of its nodes, whichever is drawn."""
    if not isinstance(made, tuple) or draw(st.integers(0, 2)) == 0:
        return change(made, draw)
    place = draw(st.integers(1, len(made) - 1))
    if made[0] == "^" and place == 2:
        return change(made, draw)
    return (*made[:place], anywhere(made[place], change, draw), *made[place + 1 :])


def rewritten(made: Made, draw: Any) -> Made:
    """The same by a rule of algebra."""
    rules: list[Made] = [
        ("+", made, 0),
        ("*", 1, made),
        ("neg", ("neg", made)),
        ("-", ("+", made, "x"), "x"),
        ("/", ("*", made, "y"), "y"),
        ("+", ("*", "p", made), ("*", ("-", 1, "p"), made)),
        ("log", ("exp", made)),
        ("*", made, ("exp", ("-", "x", "x"))),
        ("/", made, ("*", ("exp", "p"), ("exp", ("neg", "p")))),
    ]
    if isinstance(made, tuple):
        op, *args = made
        if op in ("+", "*"):
            rules += [(op, args[1], args[0])] * 2
        if op == "-":
            rules += [("+", args[0], ("neg", args[1])), ("neg", ("-", args[1], args[0]))]
        if op == "/":
            rules += [("*", args[0], ("^", args[1], -1)), ("/", ("*", args[0], "y"), ("*", "y", args[1]))]
        if op == "^":
            rules += [("*", args[0], ("^", args[0], args[1] - 1)), ("/", ("^", args[0], args[1] + 1), args[0])]
        if op == "*" and isinstance(args[1], tuple) and args[1][0] in "+-":
            inner = args[1]
            rules += [(inner[0], ("*", args[0], inner[1]), ("*", args[0], inner[2]))] * 3
        if op == "sum":
            rules += [("/", ("*", args[0], ("*", "K", ("+", "K", 1))), 2)] * 2
            if isinstance(args[0], tuple) and args[0][0] in "+-":
                rules += [(args[0][0], ("sum", args[0][1]), ("sum", args[0][2]))] * 2
    return draw(st.sampled_from(rules))


def mutated(made: Made, draw: Any) -> Made:
    """Something else, or by chance the same."""
    if isinstance(made, int):
        return made + draw(st.sampled_from([1, -1]))
    if isinstance(made, str):
        return draw(st.sampled_from([name for name in ("x", "y", "p", "K", "R_1", "R_2") if name != made]))
    op, *args = made
    choices: list[Made] = [args[0], ("neg", made)]
    if op in "+-*/":
        choices += [(other, *args) for other in "+-*/" if other != op] + [(op, args[1], args[0]), args[1]]
    if op == "^":
        choices += [("^", args[0], args[1] + 1)]
    return draw(st.sampled_from(choices))


@QUICK
@given(st.data())
def test_rewrites_are_equal(data: st.DataObject) -> None:
    made = data.draw(RATIONAL)
    other = made
    for _ in range(data.draw(st.integers(1, 4))):
        other = anywhere(other, rewritten, data.draw)
    assume(len(text(made)) < 400 and len(text(other)) < 400)
    try:
        for point in points(data.draw, 3):
            exact(made, point)
    except ZeroDivisionError:
        assume(False)
    assert equivalent(text(made), text(other), SYMBOLS, prove=False).verdict == "equal"


@QUICK
@given(st.data())
def test_mutations_are_what_fractions_say(data: st.DataObject) -> None:
    made = data.draw(RATIONAL)
    other = anywhere(made, mutated, data.draw)
    same = seen = 0
    for point in points(data.draw, 12):
        try:
            same += exact(made, point) == exact(other, point)
            seen += 1
        except ZeroDivisionError:
            continue
    assume(seen >= 8)
    result = equivalent(text(made), text(other), SYMBOLS, prove=False)
    # by Schwartz and Zippel, polynomials of so low a degree that agree at all these points are the same
    assert result.verdict == ("equal" if same == seen else "different")
    if result.witness is not None:
        values = result.witness.symbols
        names = {"x", "y", "p", "K", "R_1", "R_2"}
        point = {name: Fraction(values.get(name.replace("R_1", "R[1]").replace("R_2", "R[2]"), 1)) for name in names}
        a, b = exact(made, point), exact(other, point)
        assert a != b
        assert math.isclose(a, result.witness.a, rel_tol=1e-12, abs_tol=1e-300)
        assert math.isclose(b, result.witness.b, rel_tol=1e-12, abs_tol=1e-300)
