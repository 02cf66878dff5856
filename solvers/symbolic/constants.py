"""What an expression of plain numbers comes to, wherever its question's symbols may lie."""

from __future__ import annotations

from solvers.symbolic.balls import plain_context
from solvers.symbolic.evaluate import (
    MAX_STEPS_AT_A_POINT,
    Beyond,
    Budget,
    Context,
    Evaluation,
    Key,
    OutOfBudget,
    Real,
    Undefined,
)
from solvers.symbolic.tree import Tree, Unreadable


class Nowhere:
    """The point of an expression without symbols."""

    def value(self, name: str, context: Context) -> Real:
        raise Beyond

    def member(self, family: str, key: tuple[Key, ...], bar: int, context: Context) -> Real:
        raise Beyond

    def label(self, name: str) -> int | str:
        raise Beyond

    def outcomes(self) -> int:
        raise Beyond

    def counts(self, name: str) -> bool:
        raise Beyond


def constant(tree: Tree) -> float | None:
    """The value of an expression of plain numbers, None if it has symbols; Unreadable if it has no value."""
    if any(part.op in ("symbol", "indexed", "label", "outcomes", "infinity") for part in tree.walk()):
        return None
    try:
        return float(Evaluation(Nowhere(), plain_context(40), Budget(MAX_STEPS_AT_A_POINT)).value(tree))
    except (Beyond, OutOfBudget, OverflowError):
        problem = "is too large to compute"
    except Undefined:
        problem = "is not a real number"
    where = f" at character {tree.start + 1}" if tree.start >= 0 else ""
    raise Unreadable(f"The number{where} {problem}; check its powers, divisions and logarithms.", tree.start)
