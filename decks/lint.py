"""What can be said of a deck without computing: how it reads, taken ids, solvers and links that do not exist."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
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
    cards = {*library.cards, *(item.id for item in deck.items if isinstance(item, Card))}
    problems = list(deck.problems)
    for item in own:
        if not is_shipped and item.id in shipped:
            other = shipped[item.id]
            message = f"the id `{item.id}` is taken by {other.path}:{other.line}; choose another"
            problems.append(Problem(deck.path, item.line, message))
        for linked in item.see:
            if linked not in own_ids and linked not in shipped:
                hint = _near(linked, [*own_ids, *shipped], "name an item that exists")
                problems.append(Problem(deck.path, item.line, f"`see` names `{linked}`, which no deck has; {hint}"))
        if isinstance(item, Card):
            problems += _unknown_solvers(deck.path, item)
            problems += _without_evidence(deck.path, item) if is_shipped else []
        elif isinstance(item, Derivation):
            problems += problems_of(item)
            problems += _summary(deck.path, item, cards) if item.summary or is_shipped else []
    return replace(deck, problems=tuple(sorted(problems, key=lambda problem: problem.line)))


def _unknown_solvers(path: str, card: Card) -> list[Problem]:
    found = []
    for check in card.checks:
        if check.solver not in SOLVERS:
            hint = _near(check.solver, SOLVERS, "`studyapp solve --list` names them all")
            found.append(Problem(path, check.line, f"there is no solver `{check.solver}`; {hint}"))
    return found


def _without_evidence(path: str, card: Card) -> list[Problem]:
    if card.checks or card.no_check or not states_something_computable(card):
        return []
    message = f"`{card.id}` states a formula or a number; add a `check:` of it, or a `no-check: why not`"
    return [Problem(path, card.line, message)]


def _summary(path: str, derivation: Derivation, cards: Collection[str]) -> list[Problem]:
    """A derivation is remembered by a flash card that tells its result and the way there."""
    if derivation.summary in cards:
        return []
    if not derivation.summary:
        message = f"`{derivation.id}` has no `summary:`; name the card that tells its result and the way there"
    else:
        hint = _near(derivation.summary, cards, "name a card that exists")
        message = f"`summary` names `{derivation.summary}`, which is no card; {hint}"
    return [Problem(path, derivation.line, message)]


def _near(name: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean `{near[0]}`?" if near else otherwise


def states_something_computable(card: Card) -> bool:
    """Whether question, answer or rubric holds a formula or a number, for which there must be evidence.

    A formula is whatever stands between dollar signs, be it one symbol. A number begins with a digit, in code too;
    what is part of a name (R1, k3, GPT-4), the year of a paper and the numbers of a list are none, nor are words (two).
    """
    text = "\n".join((card.question, card.answer, *card.rubric))
    return bool(FORMULA.search(text) or NUMBER.search(NO_NUMBER.sub(" ", text)))
