"""Two expressions at one point: the same, different, or no telling.

They differ where their difference stays put while the precision rises; rounding shrinks, a true difference, however
small, does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from solvers.symbolic.evaluate import Beyond, Budget, Evaluation, NoValue, Real, Undefined, context
from solvers.symbolic.points import Place

DIGITS, MANY_DIGITS = 40, 450
LARGEST = 1e300  # sides beyond this cannot be shown as floats
_RISING = {DIGITS: (80, 160, 320), MANY_DIGITS: (900,)}
_STABLE, _SHRINKS = 1e-6, 1e-20


class OneSided(NoValue):
    """Only one of the two sides is a real number there."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What both sides come to, and whether they truly differ."""

    a: Real
    b: Real
    differ: bool


def compare(place: Place, digits: int, budget: Budget) -> Sides:
    """Both sides at `place`, starting with DIGITS or MANY_DIGITS. Raises NoValue where they cannot be compared."""
    a, b = _both(place, digits, budget)
    if _near(a, b, digits):
        return Sides(a, b, False)
    before, shrinks = a - b, False
    for more in _RISING[digits]:
        a, b = _both(place, more, budget)
        now = a - b
        if _near(a, b, more):
            return Sides(a, b, False)
        if abs(now - before) <= abs(now) * _STABLE:
            return Sides(a, b, True)
        shrinks, before = abs(now) <= abs(before) * _SHRINKS, now
    if shrinks:  # towards zero, with both sides
        return Sides(a, b, False)
    raise Beyond


def _both(place: Place, digits: int, budget: Budget) -> tuple[Real, Real]:
    sides: list[Real] = []
    beyond = False
    for tree in place.question.trees:
        try:
            sides.append(Evaluation(place, digits, budget).value(tree))
        except Undefined:
            continue
        except Beyond:
            beyond = True
    if beyond or any(abs(side) > LARGEST for side in sides):
        raise Beyond
    if not sides:
        raise Undefined
    if len(sides) == 1:
        raise OneSided
    return sides[0], sides[1]


def _near(a: Real, b: Real, digits: int) -> bool:
    return bool(a == b or abs(a - b) <= max(abs(a), abs(b)) * _tolerance(digits))


@cache
def _tolerance(digits: int) -> Real:
    return context(digits).mpf(10) ** (8 - digits)
