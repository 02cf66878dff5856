"""Two expressions at one point: the same, different, or no telling."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from solvers.symbolic.balls import Ball, Unsure, ball_context, plain_context
from solvers.symbolic.evaluate import Beyond, Budget, Evaluation, NoValue, Real, Tied, Undefined
from solvers.symbolic.points import Place

DIGITS, MANY_DIGITS = 40, 450
TIE, CLEARLY = 1e-12, 1e-9  # relative: what is the same on a boundary between two doubles, and what differs there
LARGEST = 1e300  # sides beyond this cannot be shown as floats
_WITH_BALLS = {DIGITS: (60, 120, 480), MANY_DIGITS: (900,)}
_NOTHING = 1e-45  # balls no wider than this that still meet hold the same value, as far as one point can tell


class OneSided(NoValue):
    """Only one of the two sides is a real number there."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What both sides come to, and whether they truly differ."""

    a: Real
    b: Real
    differ: bool


def compare(place: Place, digits: int, budget: Budget, easily: bool = False) -> Sides:
    """Both sides at `place`, at DIGITS or MANY_DIGITS. Raises NoValue where they cannot be compared.

    Where rounding could be why they differ, they are computed again with more digits and a bound on what rounding did;
    `easily`: not where they are the same next to the terms that cancel in them.
    """
    for derivative in place.question.kinks:
        Evaluation(place, plain_context(DIGITS), budget).value(derivative)
    try:
        a, b, largest = _both(place, plain_context(digits), budget)
    except Tied:
        return _with_balls(place, _WITH_BALLS[digits][:1], budget)
    if _near(a, b, digits) or (easily and abs(a - b) <= largest * _tolerance(digits)):
        return Sides(a, b, False)
    return _with_balls(place, _WITH_BALLS[digits], budget)


def _with_balls(place: Place, all_digits: tuple[int, ...], budget: Budget) -> Sides:
    for digits in all_digits:
        one, other, _ = _both(place, ball_context(digits), budget)
        difference: Ball = one - other
        if abs(difference.mid) > difference.rad:
            return Sides(one.mid, other.mid, True)
        if _near(one.mid, other.mid, digits) or difference.rad <= max(1, abs(one.mid), abs(other.mid)) * _NOTHING:
            return Sides(one.mid, other.mid, False)
    raise Beyond


def compare_between(place: Place, across: Place, budget: Budget) -> Sides:
    """Both sides on a boundary that lies between two places next to each other, seen from both. Raises NoValue.

    They differ there only if they do so from both: what jumps a little beside the boundary is seen from one.
    """
    found = [_both(at, plain_context(DIGITS), budget, TIE) for at in (place, across)]
    differ = all(abs(a - b) > CLEARLY * max(abs(a), abs(b), largest) for a, b, largest in found)
    return Sides(found[0][0], found[0][1], differ)


def _both(place: Place, context: Any, budget: Budget, tie: float = 0) -> tuple[Any, Any, Any]:
    sides: list[Any] = []
    largest: Any = 0
    beyond: Beyond | None = None
    for tree in place.question.trees:
        try:
            evaluation = Evaluation(place, context, budget, tie)
            sides.append(evaluation.value(tree))
            largest = max(largest, evaluation.largest)
        except Undefined:
            continue
        except Beyond as problem:
            beyond = problem if beyond is None or isinstance(beyond, Tied) else beyond
    if beyond is not None:
        raise beyond
    try:
        if any(abs(side) > LARGEST for side in sides):
            raise Beyond
    except Unsure:  # a ball that wide says nothing
        raise Beyond from None
    if not sides:
        raise Undefined
    if len(sides) == 1:
        raise OneSided
    return sides[0], sides[1], largest


def _near(a: Real, b: Real, digits: int) -> bool:
    return bool(a == b or abs(a - b) <= max(abs(a), abs(b)) * _tolerance(digits))


@cache
def _tolerance(digits: int) -> Real:
    return plain_context(digits).mpf(10) ** (8 - digits)
