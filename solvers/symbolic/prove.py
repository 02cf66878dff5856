"""SymPy as a second opinion: is the difference of two expressions zero by the rules of algebra?

SymPy's objects are built from our trees, never from text, and under names of our own. Its simplifications may take for
ever, so this runs in a process of its own (`prover`), which is killed at its deadline.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import sympy as sp

from solvers.symbolic.domains import REAL, Domain
from solvers.symbolic.meaning import Question
from solvers.symbolic.questions import step_question
from solvers.symbolic.setting import Setting, understood
from solvers.symbolic.tree import Tree

MOST_PARTS, LARGEST_POWER = 250, 60
MEMORY = 2 * 1024**3

Expression = Any  # SymPy's, which has no types


class NotForSympy(Exception):
    """There is no faithful form of it in SymPy, or none that it could work with in time."""


def proves_equal(question: Question) -> bool:
    """Whether SymPy shows that the two trees of `question` are equal. May take very long."""
    a, b = question.trees
    if a == b:
        return True
    if a.size + b.size > MOST_PARTS:
        return False
    try:
        build = _Build(question)
        difference = build.expression(a) - build.expression(b)
    except NotForSympy:
        return False
    return any(form == 0 for form in _forms(difference))


def _forms(difference: Expression) -> Iterator[Expression]:
    """`difference` written in ever more ways, the quick ones first."""
    yield difference
    expanded = _linear(sp.expand(difference))
    yield expanded
    yield sp.expand(sp.expand_log(expanded))
    yield sp.cancel(sp.together(expanded))
    yield sp.simplify(expanded)
    yield sp.simplify(sp.expand_log(sp.simplify(difference.rewrite(sp.exp)), force=False))
    yield sp.simplify(expanded.replace(sp.Sum, lambda *args: sp.Sum(*args).doit()))


def _linear(expression: Expression) -> Expression:
    """Sums taken apart term by term, factors before the sign, and all bound variables called the same."""

    def apart(body: Expression, *limits: Expression) -> Expression:
        if len(limits) != 1 or len(limits[0]) != 3:
            return sp.Sum(body, *limits)
        var, low, high = limits[0]
        same = sp.Symbol(f"b{_nesting(body)}", integer=True)
        total = sp.Integer(0)
        for term in sp.Add.make_args(sp.expand(body)):
            factor, rest = term.as_independent(var, as_Add=False)
            total += factor * (high - low + 1 if rest == 1 else sp.Sum(rest.subs(var, same), (same, low, high)))
        return total

    return sp.expand(expression.replace(sp.Sum, apart))


def _nesting(expression: Expression) -> int:
    return 1 + max((_nesting(s.function) for s in expression.atoms(sp.Sum)), default=0)


class _Build:
    """Our tree → SymPy."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.symbols: dict[str, Expression] = {}
        self.families: dict[tuple[str, int, int], Expression] = {}

    def expression(self, tree: Tree) -> Expression:
        build = self._builders.get(tree.op)
        if build is None:
            raise NotForSympy
        return build(self, tree)

    def _args(self, tree: Tree) -> list[Expression]:
        return [self.expression(arg) for arg in tree.args]

    def _number(self, tree: Tree) -> Expression:
        value = Fraction(tree.text)
        return sp.Rational(value.numerator, value.denominator)

    def _symbol(self, tree: Tree) -> Expression:
        if tree.text not in self.symbols:
            domain = self.question.domains.get(tree.text) if tree.op == "symbol" else None
            assumptions = _assumptions(domain) if domain else {"integer": True}
            self.symbols[tree.text] = sp.Symbol(f"s{len(self.symbols)}", **assumptions)
        return self.symbols[tree.text]

    def _label(self, tree: Tree) -> Expression:
        if not tree.args:
            return self._symbol(tree)
        return self._family(tree.text, -2, len(tree.args), REAL)(*self._args(tree))

    def _indexed(self, tree: Tree) -> Expression:
        domain = self.question.domains[tree.text]
        return self._family(tree.text, tree.bar, len(tree.args), domain)(*self._args(tree))

    def _family(self, name: str, bar: int, arguments: int, domain: Domain) -> Expression:
        key = (name, bar, arguments)
        if key not in self.families:
            self.families[key] = sp.Function(f"f{len(self.families)}", **_assumptions(domain))
        return self.families[key]

    def _pow(self, tree: Tree) -> Expression:
        base, exponent = self._args(tree)
        if exponent.is_number and abs(exponent) > LARGEST_POWER:
            raise NotForSympy
        return base**exponent

    def _big(self, tree: Tree) -> Expression:
        if tree.text not in ("sum", "prod") or len(tree.args) > 3:
            raise NotForSympy
        outer = self.symbols.pop(tree.var, None)
        low, high = (self.expression(end) for end in tree.args[1:3])
        var = self.symbols[tree.var] = sp.Symbol(f"i{tree.var}", integer=True)
        body = self.expression(tree.args[0])
        del self.symbols[tree.var]
        if outer is not None:
            self.symbols[tree.var] = outer
        return (sp.Sum if tree.text == "sum" else sp.Product)(body, (var, low, high))

    def _indicator(self, tree: Tree) -> Expression:
        relations = [_RELATIONS[r.text](*self._args(r)) for r in tree.args]
        return sp.Piecewise((1, sp.And(*relations)), (0, True))

    _builders: dict[str, Callable[[_Build, Tree], Expression]] = {  # noqa: RUF012 - never written to
        "number": _number,
        "constant": lambda self, tree: sp.pi if tree.text == "pi" else sp.E,
        "symbol": _symbol,
        "label": _label,
        "outcomes": lambda self, tree: sp.Symbol("n", integer=True, positive=True),
        "infinity": lambda self, tree: sp.oo,
        "indexed": _indexed,
        "add": lambda self, tree: sp.Add(*self._args(tree)),
        "mul": lambda self, tree: sp.Mul(*self._args(tree)),
        "neg": lambda self, tree: -self.expression(tree.args[0]),
        "div": lambda self, tree: self.expression(tree.args[0]) / self.expression(tree.args[1]),
        "pow": _pow,
        "call": lambda self, tree: _FUNCTIONS[tree.text](*self._args(tree)),
        "indicator": _indicator,
        "big": _big,
    }


def _assumptions(domain: Domain) -> dict[str, bool]:
    known = {"integer": True} if domain.integer else {"real": True}
    if domain.never_negative and domain.low is not None:
        positive = domain.low_open or domain.low.text not in ("0", "0.0")
        known["positive" if positive else "nonnegative"] = True
    return known


_FUNCTIONS: dict[str, Callable[..., Expression]] = {
    "exp": sp.exp,
    "log": sp.log,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log10": lambda x: sp.log(x) / sp.log(10),
    "sqrt": sp.sqrt,
    "sigmoid": lambda x: 1 / (1 + sp.exp(-x)),
    "logsigmoid": lambda x: -sp.log(1 + sp.exp(-x)),
    "softplus": lambda x: sp.log(1 + sp.exp(x)),
    "relu": lambda x: sp.Max(x, 0),
    "tanh": sp.tanh,
    "abs": sp.Abs,
    "sign": sp.sign,
    "min": sp.Min,
    "max": sp.Max,
    "clip": lambda x, low, high: sp.Min(sp.Max(x, low), high),
}
_RELATIONS: dict[str, Callable[..., Expression]] = {
    "=": sp.Eq,
    "!=": sp.Ne,
    "<": sp.Lt,
    "<=": sp.Le,
    ">": sp.Gt,
    ">=": sp.Ge,
}


def serve() -> None:
    """Answer requests on stdin, a line of JSON each, with `1` or `0` on stdout, until stdin ends."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # not on every platform
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print("ready", flush=True)
    with open(os.devnull, "w") as nowhere:
        for line in sys.stdin:
            request = json.loads(line)
            # should whoever asked be gone, this process must not go on computing
            faulthandler.dump_traceback_later(request["seconds"] * 2 + 1, exit=True, file=nowhere)
            print(int(_answer(request)), flush=True)
            faulthandler.cancel_dump_traceback_later()


def _answer(request: dict[str, Any]) -> bool:
    if "step" in request:
        question = step_question(request["step"])
    else:
        known = understood(Setting(tuple(request["symbols"].items())))
        question = known.question([known.read(request[side]) for side in ("a", "b")])
    try:
        return proves_equal(question)
    except Exception:  # whatever SymPy stumbles over, it has proved nothing
        return False
