"""What a deck holds: cards, drills and derivations, as plain values. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

Importance = Literal["must", "should", "nice"]
IMPORTANCES: tuple[Importance, ...] = get_args(Importance)


CardKind = Literal["card", "cloze", "spot"]
CARD_KINDS: tuple[CardKind, ...] = get_args(CardKind)


@dataclass(frozen=True, slots=True)
class Check:
    """One solver call and what it must give: evidence as data, so that a deck never holds code."""

    solver: str
    inputs: dict[str, Any]
    expected: dict[str, Any]
    rounded: bool  # compare to three significant digits instead of 1e-6
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What all items share. `id` is permanent: the review log knows an item by nothing else."""

    id: str
    topic: str
    week: int
    order: int
    importance: Importance
    covers: tuple[str, ...]
    source: str
    see: tuple[str, ...]
    deck: str
    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(Item):
    """A question with its answer, both Markdown with $LaTeX$, and its evidence.

    A cloze's question has parts hidden, and its answer is the same text with them filled in; a spot's question is a
    wrong claim (`claims`: its ids in guide_numbers.toml). `rubric`: what a good answer has, to be ticked.
    """

    question: str
    answer: str
    kind: CardKind = "card"
    rubric: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    no_check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill(Item):
    """A generator named in text (`module.function` under decks/drills), imported only where something computes."""

    description: str
    generator: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationStep:
    """One line of a model solution with its rule, if one is needed, and three helps, the third with the line itself."""

    line: str
    rule: str
    nudge: str
    hint: str
    reason: str
    number: int  # of the line in the file

    @property
    def typed(self) -> str:
        """The line as a learner would type it."""
        return f"{self.line}  # rule: {self.rule}" if self.rule else self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation(Item):
    """From `start` to `goal`, both expressions; `symbols` maps names to domains, `definitions` are `head = expression`.

    `givens` may be put in by the rule `substitute` only; `gradient` names the family that `grad_k` is about. `summary`
    is the card that states the result and the way there.
    """

    task: str
    symbols: dict[str, str]
    definitions: tuple[str, ...]
    givens: tuple[str, ...]
    gradient: str
    start: str
    goal: str
    steps: tuple[DerivationStep, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a deck, where, and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Deck:
    """One file: the items that could be read, and what could not."""

    title: str
    topic: str
    path: str
    items: tuple[Card | Drill, ...]
    problems: tuple[Problem, ...]
    derivations: tuple[Derivation, ...] = ()
