"""Run the evidence of a card: each check calls a solver and compares with what the card says it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from decks.items import Check
from solvers.catalogue import solve


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running one check gave; `message` says in one sentence what differs, if anything."""

    check: Check
    holds: bool
    message: str


def run_check(check: Check) -> Outcome:
    """Call the solver on the inputs; every expected value must agree. Never raises for what a deck can contain."""
    try:
        result = solve(check.solver, check.inputs)
    except ValueError as error:
        return Outcome(check, False, str(error))
    for path, want in check.expected.items():
        try:
            have = _follow(result, path)
        except LookupError:
            return Outcome(check, False, f"{check.solver} gives no `{path}`; it gives {', '.join(result)}.")
        if not _agree(have, want, check.rounded):
            return Outcome(check, False, f"{check.solver} gives {path} = {have}, the card says {want}.")
    return Outcome(check, True, "")


def _follow(result: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(result, list) and step.isdigit():
            result = result[int(step)]
        elif isinstance(result, dict):
            result = result[step]
        else:
            raise LookupError(path)
    return result


def _agree(have: Any, want: Any, rounded: bool) -> bool:
    if isinstance(want, list):
        return (
            isinstance(have, list)
            and len(have) == len(want)
            and all(_agree(h, w, rounded) for h, w in zip(have, want, strict=True))
        )
    if isinstance(want, bool) or want is None or isinstance(want, str):
        return bool(have == want)
    if isinstance(want, (int, float)) and isinstance(have, (int, float)):
        tolerance = max(5e-3 * abs(want), 5e-4) if rounded else 1e-6 * max(1.0, abs(want))
        return abs(have - want) <= tolerance
    return False
