"""When a typed number counts as right: a rule made so that no honest rounding is refused and no named mistake accepted.

|x − a| ≤ max(0.005·|a|, 0.55·10^−d), where d is the larger of the decimals typed and the decimals that the digits asked
for have in a. `exact` answers (counts, bytes, shapes, indices) must be equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # reading needs a parser, judging does not
    from solvers.typed import Reading

Answer = float | list[float]

# Doubles such as 2 − 1.99 miss their decimal value by a few units of the last place; the rule speaks of decimals.
_NOISE = 1e-12


def members(answer: Answer) -> list[float]:
    """The answer as a flat list, also if it is one number."""
    return answer if isinstance(answer, list) else [answer]


def decimals(a: float, digits: int) -> int:
    """How many decimals `a` has when written with `digits` significant digits (0 as 0.00 with three)."""
    exponent = int(f"{abs(a):.{digits - 1}e}".partition("e")[2])
    return max(0, digits - 1 - exponent)


def tolerance(a: float, digits: int, exact: bool, typed: int = 0) -> float:
    """How far from `a` a number with `typed` decimals may lie."""
    return 0.0 if exact else max(0.005 * abs(a), 0.55 * 10.0 ** -max(typed, decimals(a, digits)))


def is_right(typed: Reading, answer: Answer, digits: int, exact: bool) -> bool:
    """Whether every member typed is right; a different number of members is not."""
    truth = members(answer)
    return len(typed.values) == len(truth) and all(
        x == a if exact else abs(x - a) <= tolerance(a, digits, exact, d) + _NOISE * max(abs(x), abs(a))
        for x, a, d in zip(typed.values, truth, typed.decimals, strict=True)
    )


def apart(one: Answer, other: Answer, digits: int, exact: bool) -> bool:
    """Whether no typed answer can count for both: some member differs by more than both tolerances together."""
    first, second = members(one), members(other)
    return len(first) != len(second) or any(
        abs(a - b) > tolerance(a, digits, exact) + tolerance(b, digits, exact)
        for a, b in zip(first, second, strict=True)
    )
