"""What an expression comes to at one point, to as many digits as asked for, within a budget of steps.

Real arithmetic only: outside its domain (a logarithm of a negative number, a division by zero) an expression is
`Undefined` there. Where numbers grow beyond all use it is `Beyond` reach, which says nothing about the expression.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from solvers.symbolic.balls import Unsure, plain_context
from solvers.symbolic.tree import Tree

Real = Any  # mpmath's number or a ball
Context = Any  # a PlainContext or a BallContext
Key = int | str | tuple[Any, ...]

LARGEST_EXPONENT = 1e5  # of e
LARGEST_INDEX = 10**12
MAX_TERMS = 2000
MAX_STEPS_AT_A_POINT = 40_000


class NoValue(Exception):
    """There is no value at this point."""


class Undefined(NoValue):
    """The expression is not a real number there."""


class Beyond(NoValue):
    """Too large, too many terms, too close to a jump or too costly to tell."""


class Tied(Beyond):
    """Two values are so close that rounding decides which is greater."""


class OutOfBudget(Exception):
    """All the steps that a question may cost are used up."""


class Point(Protocol):
    """Where to evaluate."""

    def value(self, name: str, context: Context) -> Real: ...
    def member(self, family: str, key: tuple[Key, ...], bar: int, context: Context) -> Real: ...
    def label(self, name: str) -> int | str: ...
    def outcomes(self) -> int: ...
    def counts(self, name: str) -> bool: ...


class Budget:
    """Steps left to a question, a step being about two microseconds at 40 digits, and when its time is up."""

    def __init__(self, steps: int, until: float = math.inf) -> None:
        self.left = steps
        self.until = until  # by time.monotonic


class Evaluation:
    """One point in one context, that is in plain numbers or in balls, of so many digits."""

    def __init__(self, point: Point, context: Context, budget: Budget, tie: float = 0) -> None:
        digits: int = context.digits
        self.point = point
        self.context = context
        self.near = plain_context(20).mpf(10) ** (-(digits * 3) // 4)
        self.tie = tie  # relative: values no further apart are taken to be the same where they are compared
        self.tiny = plain_context(20).mpf(10) ** (-digits - 5)
        self.cost = (1 + digits // 80) * (1 if context.exact_signs else 3)
        self.budget = budget
        self.left = MAX_STEPS_AT_A_POINT
        self.bound: dict[str, Real] = {}
        self.largest: Real = 0  # of the terms that were added, in plain numbers
        self.known: dict[tuple[Any, ...], Real] = {}  # sums, by the values of the variables around them
        self.begun: dict[tuple[Any, ...], tuple[int, Real]] = {}  # the same without their last terms, and how far

    def value(self, tree: Tree) -> Real:
        """What `tree` comes to; raises Undefined or Beyond where it comes to nothing."""
        self.left -= self.cost
        self.budget.left -= self.cost
        if self.budget.left < 0:
            raise OutOfBudget
        if self.left < 0:
            raise Beyond
        try:
            return _OPERATIONS[tree.op](self, tree)
        except Unsure:
            raise Beyond from None

    def _number(self, tree: Tree) -> Real:
        return self.context.mpf(tree.text)

    def _constant(self, tree: Tree) -> Real:
        return self.context.pi + 0 if tree.text == "pi" else self.context.e + 0

    def _symbol(self, tree: Tree) -> Real:
        if tree.text in self.bound:
            return self.bound[tree.text]
        return self.point.value(tree.text, self.context)

    def _label(self, tree: Tree) -> Real:
        value = self.point.label(tree.text)
        if isinstance(value, str):
            raise Undefined
        return self.context.mpf(value)

    def _outcomes(self, tree: Tree) -> Real:
        return self.context.mpf(self.point.outcomes())

    def _indexed(self, tree: Tree) -> Real:
        return self.point.member(tree.text, tuple(self._key(arg) for arg in tree.args), tree.bar, self.context)

    def _key(self, tree: Tree) -> Key:
        """An argument as what tells it from others: a whole number, a name, or the digits of a real number."""
        if tree.op == "label":
            own = self.point.label(tree.text) if not tree.args else tree.text
            return (own, *(self._key(arg) for arg in tree.args)) if tree.args else own
        if tree.op == "symbol" and tree.text in self.bound:  # a whole number, as all that are bound
            self.left -= 1
            self.budget.left -= 1
            return int(self.bound[tree.text])
        value = self.value(tree)
        if abs(value) > LARGEST_INDEX:
            raise Beyond
        whole = int(self.context.nint(value))
        return whole if abs(value - whole) < 1e-15 else str(self.context.nstr(value, 15))

    def _add(self, tree: Tree) -> Real:
        total = self.value(tree.args[0])
        for arg in tree.args[1:]:
            term = self.value(arg)
            self.note(total, term)
            total = total + term
        return total

    def note(self, *terms: Real) -> None:
        """Remember how large terms are that may cancel."""
        if self.context.exact_signs:
            self.largest = max(self.largest, *map(abs, terms))

    def _neg(self, tree: Tree) -> Real:
        return -self.value(tree.args[0])

    def _mul(self, tree: Tree) -> Real:
        total = self.value(tree.args[0])
        for arg in tree.args[1:]:
            total = total * self.value(arg)
        return total

    def _div(self, tree: Tree) -> Real:
        above, below = self.value(tree.args[0]), self.value(tree.args[1])
        if below == 0:
            raise Undefined
        return above / below

    def _pow(self, tree: Tree) -> Real:
        base, exponent = self.value(tree.args[0]), self.value(tree.args[1])
        if self.context.isint(exponent) and exponent > 0:  # also where a ball cannot tell base from 0
            return self._bounded_power(base, exponent)
        if base == 0:
            if exponent > 0:
                return base
            if exponent == 0 and self._whole(tree.args[1]):
                return self.context.mpf(1)
            raise Undefined
        if base < 0 and exponent != self.context.floor(exponent):
            raise Undefined
        return self._bounded_power(base, exponent)

    def _bounded_power(self, base: Real, exponent: Real) -> Real:
        size = self.context.mag(base)  # bits before the point; minus infinity for 0
        large = math.isfinite(size) and abs(exponent) * max(1, abs(size)) > LARGEST_EXPONENT
        if large and (abs(exponent) > 1e15 or abs(exponent * self.context.log(abs(base))) > LARGEST_EXPONENT):
            raise Beyond
        return base**exponent

    def _whole(self, tree: Tree) -> bool:
        """Whether an exponent counts something, so that 0^0 is an empty product."""
        return all(
            part.op in ("add", "mul", "neg", "outcomes")
            or (part.op == "number" and part.text.isdigit())
            or (part.op == "symbol" and (part.text in self.bound or self.point.counts(part.text)))
            for part in tree.walk()
        )

    def _call(self, tree: Tree) -> Real:
        return _FUNCTIONS[tree.text](self, [self.value(arg) for arg in tree.args])

    def _choice(self, tree: Tree) -> Real:
        """What stands beside the least (greatest) value; where several are, only if it is the same beside each."""
        half = len(tree.args) // 2
        values = [self.value(arg) for arg in tree.args[:half]]
        if tree.text == "max":
            values = [-value for value in values]
        chosen = [at for at, value in enumerate(values) if not any(self._is_below(other, value) for other in values)]
        found = [self.value(tree.args[half + at]) for at in chosen]
        if len(found) == 1:
            return found[0]
        return self.context.same(found, self.near)

    def _is_below(self, one: Real, other: Real) -> bool:
        """Whether `one` is less by more than rounding can be."""
        try:
            return bool(one < other) and abs(one - other) > self.near * max(1, abs(one), abs(other))
        except Unsure:
            return False

    def _indicator(self, tree: Tree) -> Real:
        return self.context.mpf(1 if all(self._holds(relation) for relation in tree.args) else 0)

    def _holds(self, relation: Tree) -> bool:
        left, right = relation.args
        if relation.text in ("=", "!=") and "label" in (left.op, right.op):
            return (self._key(left) == self._key(right)) == (relation.text == "=")
        one, other = self.value(left), self.value(right)
        difference = self._or_tied(one - other, one, other)
        if difference != 0 and self._may_be_rounding(difference, one, other):
            raise Tied  # a jump must not hang on rounding
        return _RELATIONS[relation.text](difference)

    def _or_tied(self, difference: Real, *sides: Real) -> Real:
        if self.tie and abs(difference) <= self.tie * max([1, *map(abs, sides)]):
            return self.context.mpf(0)
        return difference

    def _may_be_rounding(self, difference: Real, *sides: Real) -> bool:
        if self.context.is_exact(difference):
            return False
        return bool(abs(difference) < self.near * max([1, *map(abs, sides)]))

    def _big(self, tree: Tree) -> Real:
        key = (id(tree), *((name, int(value)) for name, value in self.bound.items() if name in tree.names))
        if key not in self.known:
            self.known[key] = self._fold(tree)
        return self.known[key]

    def _fold(self, tree: Tree) -> Real:
        body, low, high, *conditions = tree.args
        start = self._end(low)
        stop = start + MAX_TERMS if high.op == "infinity" else self._end(high)
        if stop < start - 1 or stop - start >= MAX_TERMS + (high.op == "infinity"):
            raise Beyond  # a range that runs backwards means nothing; one that is too long costs too much
        outer = self.bound.get(tree.var)
        inner = body.names.union(*(condition.names for condition in conditions))
        so_far = (id(tree), start, *((name, int(self.bound[name])) for name in self.bound if name in inner))
        total: Real = None if tree.text in ("min", "max") else self.context.mpf(int(tree.text == "prod"))
        first = start
        if so_far in self.begun and self.begun[so_far][0] <= stop:
            reached, total = self.begun[so_far]
            first = reached + 1
        small, jumps = 0, high.op == "infinity" and any(part.op == "indicator" for part in tree.walk())
        try:
            for index in range(first, stop + 1):
                if time.monotonic() > self.budget.until:
                    raise OutOfBudget
                self.bound[tree.var] = self.context.mpf(index)
                if not all(self._holds(condition) for condition in conditions):
                    continue
                term = self.value(body)
                self.note(term)
                total = term if total is None else _FOLDS[tree.text](self.context, total, term)
                if high.op == "infinity":
                    # zeros say nothing of what comes after a jump
                    is_small = abs(term) <= self.tiny * abs(total) and not (jumps and term == 0)
                    small = small + 1 if is_small else 0
                    if small >= 30:
                        return total
        finally:
            if outer is None:
                self.bound.pop(tree.var, None)
            else:
                self.bound[tree.var] = outer
        if total is None:
            raise Undefined
        if high.op == "infinity":
            raise Beyond
        self.begun[so_far] = stop, total
        return total

    def _end(self, tree: Tree) -> int:
        value = self.value(tree)
        if value != self.context.floor(value) or abs(value) > LARGEST_INDEX:
            raise Beyond
        return int(value)

    def _exp(self, args: list[Real]) -> Real:
        if args[0] > LARGEST_EXPONENT or args[0] < -1e9:
            raise Beyond
        return self.context.exp(args[0])

    def _log(self, args: list[Real]) -> Real:
        if args[0] <= 0:
            raise Undefined
        return self.context.log(args[0])

    def _sqrt(self, args: list[Real]) -> Real:
        if args[0] < 0:
            raise Undefined
        return self.context.sqrt(args[0])

    def _sigmoid(self, args: list[Real]) -> Real:
        return 1 / (1 + self._exp([-args[0]]))

    def _softplus(self, args: list[Real]) -> Real:
        return self.context.log1p(self._exp([args[0]]))

    def _tanh(self, args: list[Real]) -> Real:
        if abs(args[0]) > LARGEST_EXPONENT:
            raise Beyond
        return self.context.tanh(args[0])

    def _sign(self, args: list[Real]) -> Real:
        value = self._or_tied(args[0])
        if value != 0 and self._may_be_rounding(value):
            raise Tied
        return self.context.sign(value)


_FUNCTIONS: dict[str, Callable[[Evaluation, list[Real]], Real]] = {
    "exp": Evaluation._exp,
    "log": Evaluation._log,
    "log2": lambda at, args: at._log(args) / at.context.log(2),
    "log10": lambda at, args: at._log(args) / at.context.log(10),
    "sqrt": Evaluation._sqrt,
    "sigmoid": Evaluation._sigmoid,
    "logsigmoid": lambda at, args: -at._softplus([-args[0]]),
    "softplus": Evaluation._softplus,
    "relu": lambda at, args: at.context.greatest([args[0], at.context.mpf(0)]),
    "tanh": Evaluation._tanh,
    "abs": lambda at, args: abs(args[0]),
    "sign": Evaluation._sign,
    "min": lambda at, args: at.context.least(args),
    "max": lambda at, args: at.context.greatest(args),
    "clip": lambda at, args: at.context.least([at.context.greatest(args[:2]), args[2]]),
}
_FOLDS: dict[str, Callable[[Context, Real, Real], Real]] = {
    "sum": lambda context, total, term: total + term,
    "prod": lambda context, total, term: total * term,
    "min": lambda context, total, term: context.least([total, term]),
    "max": lambda context, total, term: context.greatest([total, term]),
}
_RELATIONS: dict[str, Callable[[Real], bool]] = {
    "=": lambda d: bool(d == 0),
    "!=": lambda d: bool(d != 0),
    "<": lambda d: bool(d < 0),
    "<=": lambda d: bool(d <= 0),
    ">": lambda d: bool(d > 0),
    ">=": lambda d: bool(d >= 0),
}
_OPERATIONS: dict[str, Callable[[Evaluation, Tree], Real]] = {
    "number": Evaluation._number,
    "constant": Evaluation._constant,
    "symbol": Evaluation._symbol,
    "label": Evaluation._label,
    "outcomes": Evaluation._outcomes,
    "indexed": Evaluation._indexed,
    "add": Evaluation._add,
    "neg": Evaluation._neg,
    "mul": Evaluation._mul,
    "div": Evaluation._div,
    "pow": Evaluation._pow,
    "call": Evaluation._call,
    "indicator": Evaluation._indicator,
    "big": Evaluation._big,
    "choice": Evaluation._choice,
}
