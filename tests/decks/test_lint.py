"""What lint asks of the shipped decks beyond how they read: evidence for formulas and numbers, a card that sums up."""

from __future__ import annotations

from pathlib import Path

import pytest

from decks import lint
from decks.items import Card
from decks.library import DERIVATIONS, load_library
from decks.lint import lint_deck, states_something_computable
from decks.reading import parse_deck

HEAD = "# Planted\ntopic: planted\n\n"
CARD = HEAD + "## planted-card\n{keys}\n{question}\n\n---\n\n{answer}\n"
CHECK = 'check: grpo-advantages {"rewards": [[1, 0]]} = {"advantages": [[1, -1]]}\n'


def messages(path: Path, text: str) -> list[str]:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return [problem.message for problem in lint_deck(path).problems]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that lint takes for that of the shipped topics."""
    monkeypatch.setattr(lint, "SHIPPED", tmp_path / "topics")
    return tmp_path / "topics"


COMPUTABLE = [
    "$\\beta$ weighs it.", "It costs $$x^2$$ in all.", "A loss of 0.69.", "-1 at the end", "Half of 7B is kept.",
    "`x = 1` sets it.", "The reward is 0 or 1 (Cobbe et al. 2021).", "2048 tokens", "in 50 % of cases", "1. First 3.",
]  # fmt: skip
NOT_COMPUTABLE = [
    "Words only, of two models.", "R1, k3, GPT-4 and o1 are names.", "By Cobbe et al. 2021, and Sutton (1988).",
    "Ouyang 2022 has it.", "1. First.\n2. Second.",
]  # fmt: skip


@pytest.mark.parametrize("text", [*COMPUTABLE, *NOT_COMPUTABLE])
@pytest.mark.parametrize("place", ["question", "answer"])
def test_a_formula_or_a_number_needs_evidence_in_a_shipped_deck(shipped: Path, text: str, place: str) -> None:
    parts = {"keys": "", "question": "Why?", "answer": "So.", place: text}
    for keys, is_refused in (("", text in COMPUTABLE), (CHECK, False), ("no-check: an estimate\n", False)):
        found = messages(shipped / "planted.md", CARD.format(**{**parts, "keys": keys}))
        assert any("add a `check:`" in message for message in found) is is_refused
    assert messages(shipped.parent / "mine.md", CARD.format(**parts)) == []  # a learner's own deck may do without


def test_the_points_of_a_rubric_count_too() -> None:
    (card,) = parse_deck(CARD.format(keys="", question="Why?", answer="So.\n\n- [ ] a factor of 2"), "a.md").items
    assert isinstance(card, Card)
    assert states_something_computable(card)


DERIVATION = HEAD + (
    "## derive-planted\n{keys}symbols: x: real\nstart: x + x\ngoal: 2 x\n\nAdd.\n\n---\n\n"
    "- `2 x`\n  nudge: How many?\n  hint: Two.\n  There are two of them.\n"
)


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ("", "has no `summary:`"),
        ("summary: dpo-z-cancel\n", "did you mean `dpo-z-cancels`"),
        ("summary: grpo-advantages\n", "`grpo-advantages`, which is no card"),  # a drill asks, it tells nothing
        ("summary: dpo-z-cancels\n", ""),
    ],
)
def test_a_shipped_derivation_names_the_card_that_sums_it_up(shipped: Path, keys: str, part: str) -> None:
    text = DERIVATION.format(keys=keys)
    found = messages(shipped.parent / DERIVATIONS / "planted.md", text)
    assert [part in message for message in found] == ([True] if part else [])
    of_a_learner = messages(shipped.parent / "mine.md", text)
    assert of_a_learner == ([] if not keys else found)  # needs none, but must not name what is not there


def test_each_shipped_derivation_has_a_card_that_states_a_result() -> None:
    library = load_library()
    cards = {name: library.cards.get(derivation.summary) for name, derivation in library.derivations.items()}
    assert [name for name, card in cards.items() if card is None] == []
    assert [name for name, card in cards.items() if card and "$" not in card.answer] == []
