"""What can be said of a deck without computing: how it reads, taken ids, solvers and links that do not exist."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from pathlib import Path

from decks.derivation_checks import problems_of
from decks.items import Card, Deck, Derivation, Problem
from decks.library import DERIVATIONS, SHIPPED, load_library
from decks.reading import read_deck
from solvers.catalogue import SOLVERS

FORMULA = re.compile(r"\$[^$]+\$")
NUMBER = re.compile(r"(?<![\w.])(?<![A-Za-z]-)\d")
NO_NUMBER = re.compile(
    r"^\s*\d+\.\s"  # a list's own
    r"|(?:\(|\bal\.,? ?|\b[A-Z]\w+,? \(?)(?:19[5-9]|20[0-3])\d\b",  # a paper's year
    re.MULTILINE,
)


def lint_deck(path: Path) -> Deck:
    """The deck at `path`, with every problem found in it."""
    is_shipped = path.resolve().parent in (SHIPPED.resolve(), (SHIPPED.parent / DERIVATIONS).resolve())
    deck = read_deck(path, shipped=is_shipped)
    library = load_library()
    shipped = {**library.items, **library.derivations}
    own = (*deck.items, *deck.derivations)
    own_ids = {item.id for item in own}
    problems = list(deck.problems)
    for item in own:
        if not is_shipped and item.id in shipped:
            other = shipped[item.id]
            message = f"the id `{item.id}` is taken by {other.path}:{other.line}; choose another"
            problems.append(Problem(deck.path, item.line, message))
        for linked in item.see:
            if linked not in own_ids and linked not in shipped:
                near = difflib.get_close_matches(linked, [*own_ids, *shipped], 1)
                hint = f"did you mean `{near[0]}`?" if near else "name an item that exists"
                problems.append(Problem(deck.path, item.line, f"`see` names `{linked}`, which no deck has; {hint}"))
        if isinstance(item, Card):
            problems += _unknown_solvers(deck.path, item)
            if is_shipped and states_something_computable(item) and not item.checks and not item.no_check:
                message = f"`{item.id}` states a formula or a number; add a `check:` of it, or a `no-check: why not`"
                problems.append(Problem(deck.path, item.line, message))
        elif isinstance(item, Derivation):
            problems += problems_of(item)
    return replace(deck, problems=tuple(sorted(problems, key=lambda problem: problem.line)))


def _unknown_solvers(path: str, card: Card) -> list[Problem]:
    found = []
    for check in card.checks:
        if check.solver not in SOLVERS:
            near = difflib.get_close_matches(check.solver, SOLVERS, 1)
            hint = f"did you mean `{near[0]}`?" if near else "`studyapp solve --list` names them all"
            found.append(Problem(path, check.line, f"there is no solver `{check.solver}`; {hint}"))
    return found


def states_something_computable(card: Card) -> bool:
    """Whether question, answer or rubric holds a formula or a number, for which there must be evidence.

    A formula is whatever stands between dollar signs, be it one symbol. A number begins with a digit, in code too;
    what is part of a name (R1, k3, GPT-4), the year of a paper and the numbers of a list are none, nor are words (two).
    """
    text = "\n".join((card.question, card.answer, *card.rubric))
    return bool(FORMULA.search(text) or NUMBER.search(NO_NUMBER.sub(" ", text)))
