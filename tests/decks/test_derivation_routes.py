"""Every derivation by another route than its model solution, with near misses on the way.

The lines, with their verdicts decided by hand, are in routes_*.txt, and those of a second route in second_routes.txt.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from decks.derivation_checks import UNHURRIED, chain_of
from decks.library import load_library
from solvers.symbolic.steps import ACCEPTED, REFUSED

DERIVATIONS = load_library().derivations


def _routes(pattern: str) -> dict[str, list[tuple[str, str]]]:
    routes: dict[str, list[tuple[str, str]]] = {}
    name = ""
    files = sorted(Path(__file__).parent.glob(pattern))
    for line in (line for file in files for line in file.read_text("utf-8").splitlines()):
        if line.startswith("## "):
            name = line[3:]
            routes[name] = []
        elif line and not line.startswith("#"):
            verdict, typed = line.split(" | ")
            routes[name].append((verdict, typed))
    return routes


ROUTES = _routes("routes_*.txt")
SECOND = _routes("second_routes.txt")


def test_every_derivation_has_a_route_of_its_own_and_three_near_misses() -> None:
    assert set(ROUTES) == set(DERIVATIONS)
    for name, lines in ROUTES.items():
        verdicts = [verdict for verdict, _ in lines]
        assert verdicts.count(REFUSED) >= 3, name
        assert set(verdicts) == {ACCEPTED, REFUSED}, name
        theirs = [line for verdict, line in lines if verdict == ACCEPTED]
        assert theirs != [step.typed for step in DERIVATIONS[name].steps], name


@pytest.mark.parametrize(("name", "lines"), [*ROUTES.items(), *SECOND.items()])
def test_a_route_leads_to_the_goal_and_near_misses_are_refused(name: str, lines: list[tuple[str, str]]) -> None:
    chain = chain_of(DERIVATIONS[name])
    for wanted, typed in lines:
        assert not chain.is_done, f"the goal was reached before {typed}"
        verdict = chain.check(typed, prove=False, seconds=UNHURRIED)
        assert verdict.verdict == wanted, f"{typed}: {verdict.says}"
        if wanted == REFUSED:
            assert verdict.witness is not None, typed
        chain = chain.and_then(verdict)
    assert chain.is_done
