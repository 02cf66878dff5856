"""`equivalent`: the whole decision, from two texts to the verdict, its witness and the badge of a proof."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from solvers.symbolic.decide import EQUAL, Witness, decide
from solvers.symbolic.definitions import by_depth
from solvers.symbolic.dependence import declared
from solvers.symbolic.prover import PROVER, SECONDS
from solvers.symbolic.setting import Setting, understood
from solvers.symbolic.tree import Tree, Unreadable

ALTOGETHER = 0.9  # seconds, after which no proof is looked for any longer


@dataclass(frozen=True, slots=True)
class Equivalence:
    """`verdict`: equal, different (with a `witness`) or undecided; `points` compared; whether SymPy `proved` it."""

    verdict: str
    witness: Witness | None
    points: int
    proved: bool


def equivalent(a: str, b: str, symbols: Mapping[str, str], prove: bool = True) -> Equivalence:
    """Whether `a` and `b`, as typed in a derivation, are equal wherever `symbols` (name → domain) may lie.

    Raises Unreadable (a ValueError) with one sentence for what cannot be read; never runs what was typed and takes
    well under a second, whatever that is. `prove=False` leaves SymPy out.
    """
    trees: list[Tree] = []
    try:
        symbols = declared((a, b), symbols)
        known = understood(Setting(tuple(symbols.items())))
        trees.extend(known.read(text) for text in (a, b))
        question = known.question(trees)
        began = time.monotonic()
        decision = decide(question, f"{a}|{b}")
    except Unreadable as problem:
        if problem.which is None and not trees:
            raise  # of the symbols
        which = len(trees) if problem.which is None else problem.which
        raise Unreadable(f"In {'ab'[min(which, 1)]}: {problem}", problem.place, which) from None
    proved = decision.verdict == EQUAL and by_depth(question.trees[0]) == by_depth(question.trees[1])
    left = min(SECONDS, ALTOGETHER - (time.monotonic() - began))
    if prove and decision.verdict == EQUAL and not proved and left > 0:
        proved = PROVER.proves(a, b, symbols, left)
    return Equivalence(decision.verdict, decision.witness, decision.points, proved)
