"""The guide's own numbers, from guide_numbers.toml: what it states, what computing gives, and why the two differ.

A claim is evidence as data. What is true comes from a solver, from an expression of plain numbers, from a short named
program of the test suite (`code`), or, where nothing can be computed, from a paper. What the guide states is a number,
a list, a relation such as `< 0` or `not 0`, and for papers a text; `guide_expression` or `guide_code` says how the
guide's own formula comes to it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from solvers.catalogue import solve
from solvers.typed import read_numbers

Verdict = Literal["holds", "wrong", "irreproducible", "misleading"]
TABLE = Path(__file__).with_name("guide_numbers.toml")
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
RELATION = re.compile(r"(<=|>=|<|>|not) (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One figure or formula of the guide. `decimals`: to how many decimals values are compared.

    `where`: text and section; `guide`: the items of the guide's inventory it belongs to; `states`: the claim in short.
    `gives` and `difference` (one sentence) are there exactly when the claim does not hold.
    """

    id: str
    where: str
    guide: list[str]
    states: str
    verdict: Verdict
    stated: Any
    gives: Any = None
    difference: str = ""
    solver: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    output: str = ""
    expression: str = ""
    code: str = ""
    paper: str = ""
    guide_expression: str = ""
    guide_code: str = ""
    decimals: int = 4


def load_claims(path: Path = TABLE) -> tuple[Claim, ...]:
    """All claims in the order of the guide. TypeError for a key that no claim has."""
    with path.open("rb") as file:
        return tuple(Claim(**entry) for entry in tomllib.load(file)["claim"])


def computed(claim: Claim) -> Any:
    """What the solver or the expression of `claim` gives; ValueError for a claim that rests on neither."""
    if claim.solver:
        return _follow(solve(claim.solver, claim.inputs), claim.output)
    if claim.expression:
        return numbers(claim.expression)
    raise ValueError(f"{claim.id} rests neither on a solver nor on an expression.")


def numbers(expression: str) -> float | list[float]:
    """The number, or the numbers between commas, that an expression comes to."""
    values = read_numbers(expression).values
    return values[0] if len(values) == 1 else values


def agrees(value: Any, stated: Any, decimals: int) -> bool:
    """Whether a computed value is what is stated: equal after rounding to `decimals`, or in the stated relation."""
    if isinstance(stated, list):
        return (
            isinstance(value, list)
            and len(value) == len(stated)
            and all(agrees(v, s, decimals) for v, s in zip(value, stated, strict=True))
        )
    if isinstance(value, list):
        return isinstance(stated, str) and all(agrees(v, stated, decimals) for v in value)
    relation = RELATION.fullmatch(stated) if isinstance(stated, str) else None
    if relation:
        return _in_relation(value, relation[1], float(relation[2]), decimals)
    if isinstance(stated, str) or isinstance(value, str):
        return bool(value == stated)
    # Both may be inf; a little more than half a unit, since 0.125 stands for itself and for 0.13 alike.
    return bool(value == stated or abs(value - stated) <= 0.5 * 10.0**-decimals + 1e-9)


def _in_relation(value: float, relation: str, bound: float, decimals: int) -> bool:
    if relation == "not":
        return not agrees(value, bound, decimals)
    below, strict = relation.startswith("<"), not relation.endswith("=")
    if value == bound:
        return not strict
    return value < bound if below else value > bound


def _follow(result: Any, path: str) -> Any:
    for step in path.split("."):
        result = result[int(step)] if isinstance(result, list) else result[step]
    return result
